"""A text file's bytes, and the encoding in which they make sense.

Text is UTF-8, with or without a mark at its start, UTF-16 with one, or GB18030, which contains GBK
and GB2312. Where both UTF-8 and GB18030 fit, the one in which the words stand that the format needs
is right. Where neither fits wholly, the rest is kept and the values concerned are told.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

from spatialplan.errors import Fault, SourceError
from spatialplan.files.encodings import Encoding, find_codec
from spatialplan.messages import say

__all__ = ["FileContent", "decode_text", "is_damaged"]

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A text has none; a file of another kind that was renamed usually has.
NUL = b"\0"
LOST = "\ufffd"


@dataclass(frozen=True, slots=True)
class FileContent:
    """A small file in memory: its name for people, its content, and its hash."""

    path: str
    suffix: str
    content: bytes
    sha256: str


def decode_text(
    file: FileContent, stated: str | None, words: Sequence[str]
) -> tuple[str, Encoding]:
    """Decode a text file.

    Parameters
    ----------
    stated
        The encoding that the user gives; it is never overruled.
    words
        Words of which the format needs at least one.

    Raises
    ------
    SourceError
        If it is empty or no text, or not in the encoding stated.
    """
    content, where = file.content, file.path
    if not content.strip():
        raise SourceError(Fault(where, say("source.empty_file")))
    if stated:
        return _decode_stated(content, stated, where)
    for mark, codec in MARKS:
        if content.startswith(mark):
            text = content.decode(codec, "replace").lstrip("\ufeff")
            return text, Encoding(codec.removesuffix("-sig"), "marked", not is_damaged(text))
    if NUL in content:
        raise SourceError(Fault(where, say("site.not_text")))
    found = [(codec, content.decode(codec, "replace")) for codec in ("utf-8", "gb18030")]
    found.sort(key=lambda pair: (not _has_words(pair[1], words), pair[1].count(LOST)))
    codec, text = found[0]
    return text, Encoding(codec, "detected", not is_damaged(text))


def is_damaged(text: str) -> bool:
    """Tell whether bytes of a text were lost because they are in another encoding."""
    return LOST in text


def _decode_stated(content: bytes, stated: str, where: str) -> tuple[str, Encoding]:
    codec = find_codec(stated)
    try:
        if codec is None:
            raise ValueError(stated)
        text = content.decode(codec).lstrip("\ufeff")
    except ValueError:
        raise SourceError(Fault(where, say("source.not_encoded", stated=stated))) from None
    return text, Encoding(codec, "stated")


def _has_words(text: str, words: Sequence[str]) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in words)
