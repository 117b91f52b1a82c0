"""Text that was damaged on its way: in the wrong encoding, cut, or replaced by question marks.

Every test is one that ordinary Chinese and Latin text does not pass by chance; a value is damaged
or not, and nothing is guessed about what it was.
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["Damage", "damage_of"]

Damage = Literal["replaced", "utf8_as_gbk", "gbk_as_latin", "utf8_as_latin", "lost", "cut"]

REPLACEMENT = "�"
# What GBK makes of two replacement characters in UTF-8, known to every Chinese office.
KUN_JIN_KAO = "锟斤拷"
# Signs of U+0080 to U+00FF in a row: bytes of Chinese text read as a single-byte encoding.
LATIN_RUN = re.compile("[\x80-\xff]{4,}")
LEAST_CHINESE = 2
QUESTION_MARKS = re.compile(r"^[?？]{2,}$")


def damage_of(text: str) -> Damage | None:
    """Return how a text was damaged; None where it reads as written.

    Examples
    --------
    >>> damage_of("地类".encode().decode("gbk")), damage_of("旱地".encode("gbk").decode("latin-1"))
    ('utf8_as_gbk', 'gbk_as_latin')
    >>> damage_of("???"), damage_of("旱�"), damage_of("旱地")
    ('lost', 'replaced', None)
    """
    if text.isascii():
        return "lost" if QUESTION_MARKS.match(text) else None
    if KUN_JIN_KAO in text:
        return "utf8_as_gbk"
    if text.endswith(REPLACEMENT) and text.count(REPLACEMENT) == 1:
        return "cut" if len(text) > LEAST_CHINESE else "replaced"
    if REPLACEMENT in text:
        return "replaced"
    if _turns_chinese(text, "gb18030", "utf-8"):
        return "utf8_as_gbk"
    if LATIN_RUN.search(text):
        if _turns_chinese(text, "latin-1", "utf-8"):
            return "utf8_as_latin"
        return "gbk_as_latin" if _turns_chinese(text, "latin-1", "gbk") else None
    return None


def _turns_chinese(text: str, wrong: str, right: str) -> bool:
    """Tell whether text, put back into bytes, is Chinese through and through in another encoding.

    The bytes of three UTF-8 characters are nine, so a last one that was cut may be missing.
    """
    try:
        raw = text.encode(wrong)
    except UnicodeEncodeError:
        return False
    for cut in (0, 1, 2):
        try:
            found = raw[: len(raw) - cut].decode(right)
        except UnicodeDecodeError:
            continue
        foreign = [sign for sign in found if not sign.isascii()]
        return len(foreign) >= LEAST_CHINESE and all(map(_is_chinese, foreign))
    return False


def _is_chinese(sign: str) -> bool:
    return "一" <= sign <= "鿿" or "　" <= sign <= "〿" or "！" <= sign <= "～"
