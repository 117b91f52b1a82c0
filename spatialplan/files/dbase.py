"""The text in a dBASE table, field by field, as bytes.

Text is judged a field at a time because a field is cut at its width in bytes, often inside a
character; read as one block, the first half of that character would swallow the next field. Names
of fields are text too, and are cut likewise. Deleted records count: GDAL may read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fit", "Table", "measure_fit", "parse_table"]

DESCRIPTOR = 32
HEADER_END = 0x0D
DELETED = 0x2A
FLAGS = (0x20, DELETED)  # a record is there, or was deleted
FIRST_CHINESE = 0x2E80  # the radicals, first of the CJK blocks
# What Python's codecs call a character whose last bytes are missing.
CUT_REASONS = ("unexpected end of data", "incomplete multibyte sequence")


@dataclass(frozen=True, slots=True)
class Table:
    """The text of a table: one array of bytes, uint8[rows, width], a field.

    `missing` is how many bytes the table lacks of what its header announces, `astray` how many
    records do not begin as every record does: then rows are shifted, and fields mixed up. `deleted`
    is how many are marked as deleted.
    """

    columns: tuple[NDArray[np.uint8], ...]
    missing: int = 0
    astray: int = 0
    deleted: int = 0

    @property
    def is_ascii(self) -> bool:
        """Whether no byte has its high bit set, so that all encodings in question agree."""
        return not any((column >= 0x80).any() for column in self.columns)


@dataclass(frozen=True, slots=True)
class Fit:
    """How far text is in an encoding.

    `cut` values lack the end of their last character, `wrong` ones are not in the encoding at all;
    `whole` is how many characters beyond ASCII the values hold complete, `chinese` how many of
    those lie where Chinese begins, or after.
    """

    cut: int = 0
    wrong: int = 0
    whole: int = 0
    chinese: int = 0

    @property
    def is_likely(self) -> bool:
        """Whether nothing is wrong, and a cut is the exception among the characters."""
        return not self.wrong and self.cut <= self.whole


def parse_table(content: bytes) -> Table:
    """Find the text fields of a dBASE table.

    The header holds the number of records (bytes 4-7), its own length (8-9) and that of a record
    (10-11); then follow descriptors of 32 bytes: name (11), type (1), address (4), width (1).
    """
    if len(content) < DESCRIPTOR:
        return Table((), DESCRIPTOR - len(content))
    start = int.from_bytes(content[8:10], "little")
    width = int.from_bytes(content[10:12], "little")
    announced = int.from_bytes(content[4:8], "little")
    there = min(announced, max(len(content) - start, 0) // width) if width else 0
    block = np.frombuffer(content, np.uint8, there * width, min(start, len(content)))
    records = block.reshape(there, width)
    columns = [_name_bytes(content, start)]
    position = 1  # the first byte of a record says whether it is deleted
    for kind, length in _descriptors(content, start):
        if kind == b"C":
            columns.append(records[:, position : position + length])
        position += length
    return Table(
        columns=tuple(columns),
        missing=max(start + announced * width - len(content), 0),
        astray=int((~np.isin(records[:, :1], FLAGS)).sum()),
        deleted=int((records[:, :1] == DELETED).sum()),
    )


def measure_fit(table: Table, codec: str) -> Fit:
    """Measure how far a table's text is in an encoding.

    All values of a field are decoded at once; one by one only in a field where that fails.
    """
    fits = [
        _fit_at_once(column, codec) or _fit_one_by_one(column, codec) for column in table.columns
    ]
    return Fit(
        cut=sum(fit.cut for fit in fits),
        wrong=sum(fit.wrong for fit in fits),
        whole=sum(fit.whole for fit in fits),
        chinese=sum(fit.chinese for fit in fits),
    )


def _descriptors(content: bytes, start: int) -> Iterator[tuple[bytes, int]]:
    for at in range(DESCRIPTOR, start - 1, DESCRIPTOR):
        field = content[at : at + DESCRIPTOR]
        if len(field) < DESCRIPTOR or field[0] == HEADER_END:
            return
        kind = field[11:12]
        # A text field wider than 255 bytes keeps the high byte where numbers keep their decimals.
        yield kind, field[16] + (field[17] << 8 if kind == b"C" else 0)


def _name_bytes(content: bytes, start: int) -> NDArray[np.uint8]:
    names = [
        content[at : at + 11].split(b"\0")[0].ljust(11)
        for at in range(DESCRIPTOR, DESCRIPTOR * (1 + len(list(_descriptors(content, start)))), 32)
    ]
    return np.frombuffer(b"".join(names), np.uint8).reshape(len(names), 11)


def _beyond_ascii(column: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return column[(column >= 0x80).any(axis=1)] if column.size else column[:0]


def _fit_at_once(column: NDArray[np.uint8], codec: str) -> Fit | None:
    """Decode a field whole, a line break after each value so that no character runs on."""
    values = _beyond_ascii(column)
    lines = np.column_stack([values, np.full(len(values), 0x0A, dtype=np.uint8)])
    try:
        text = lines.tobytes().decode(codec, "strict")
    except UnicodeDecodeError:
        return None
    letters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    return Fit(whole=int((letters >= 0x80).sum()), chinese=int((letters >= FIRST_CHINESE).sum()))


def _fit_one_by_one(column: NDArray[np.uint8], codec: str) -> Fit:
    cut = wrong = whole = chinese = 0
    values = np.ascontiguousarray(_beyond_ascii(column))
    rows = values.view(np.dtype((np.void, values.shape[1]))).ravel()
    for row, count in zip(*np.unique(rows, return_counts=True), strict=True):
        value = row.tobytes().split(b"\0")[0].rstrip(b" ")
        try:
            text = value.decode(codec, "strict")
        except UnicodeDecodeError as error:
            if error.reason not in CUT_REASONS:
                wrong += int(count)
                continue
            cut += int(count)
            text = value[: error.start].decode(codec)
        whole += int(count) * sum(ord(char) >= 0x80 for char in text)
        chinese += int(count) * sum(ord(char) >= FIRST_CHINESE for char in text)
    return Fit(cut, wrong, whole, chinese)
