"""Changes to files such as failing disks, broken transfers and ill-meaning people make."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

__all__ = ["mutate"]

EXTREMES = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 2**64 - 1)
HEADER_BYTES = 256
ODD_TEXTS = (
    *(b"nan", b"1e999", b"-1", b"", b"\0", b'"', b"'", b"<", b"&amp;", b"]]>", b"{", b"[[[[", b"}"),
    *(b"99999999999999999999", b"\xff\xfe", "\u202e中".encode(), b"\x1b[31m", b"=1+1", b"\r\n"),
    *(b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"/vsicurl/http://127.0.0.1:9/a", b"..\\..\\", b"EMPTY"),
    *(b"MULTIPOLYGON(((", b"GEOMETRYCOLLECTION(" * 40, b"[" * 3000, b"<a>" * 3000, b"null"),
)
TOKEN = re.compile(rb"[\w.+-]+")


def mutate(files: Mapping[str, bytes], chance: random.Random) -> dict[str, bytes]:
    """Return files of which one, sometimes two, were changed one to three times, or are gone."""
    changed = dict(files)
    for _ in range(chance.choice((1, 1, 2))):
        # Long files would else be changed as seldom as short ones; headers lie in all of them.
        name = chance.choice(sorted(changed))
        if len(changed) > 2 and chance.random() < 0.03:
            del changed[name]
            continue
        for _ in range(chance.choice((1, 1, 2, 3))):
            changed[name] = chance.choice(WAYS)(changed[name], chance)
    return changed


def _flip_bytes(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 2, 4, 16))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _truncate(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _block(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + chance.choice((1, 4, 8, 64, 512)))


def _duplicate(content: bytes, chance: random.Random) -> bytes:
    start, end = _block(content, chance)
    return content[:end] + content[start:]


def _drop(content: bytes, chance: random.Random) -> bytes:
    start, end = _block(content, chance)
    return content[:start] + content[end:]


def _zero(content: bytes, chance: random.Random) -> bytes:
    start, end = _block(content, chance)
    return content[:start] + bytes(end - start) + content[end:]


def _noise(content: bytes, chance: random.Random) -> bytes:
    start, end = _block(content, chance)
    return content[:start] + chance.randbytes(end - start) + content[end:]


def _swap(content: bytes, chance: random.Random) -> bytes:
    a, b, c = sorted(chance.randrange(len(content) + 1) for _ in range(3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def _set_number(content: bytes, chance: random.Random) -> bytes:
    """Overwrite a number, mostly in the header, by one at the limits of its width."""
    width = chance.choice((1, 2, 4, 8))
    reach = min(len(content), HEADER_BYTES if chance.random() < 0.7 else len(content))
    if reach < width:
        return content
    at = chance.randrange(reach - width + 1)
    value = chance.choice((*EXTREMES, chance.randrange(2**16))) & (256**width - 1)
    octets = value.to_bytes(width, chance.choice(("little", "big")))
    return content[:at] + octets + content[at + width :]


def _odd_text(content: bytes, chance: random.Random) -> bytes:
    """Put an odd word in place of one, or between two."""
    words = list(TOKEN.finditer(content[:200_000]))
    if not words:
        return content + chance.choice(ODD_TEXTS)
    word = chance.choice(words)
    end = word.end() if chance.random() < 0.6 else word.start()
    return content[: word.start()] + chance.choice(ODD_TEXTS) + content[end:]


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip_bytes,
    _flip_bytes,
    _truncate,
    _duplicate,
    _drop,
    _zero,
    _noise,
    _swap,
    _set_number,
    _set_number,
    _odd_text,
)
