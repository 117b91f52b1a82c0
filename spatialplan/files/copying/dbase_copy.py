"""A dBASE table copied byte for byte, but for the values that a repair changed.

The attributes of a shapefile never pass through another program's idea of them: widths, decimals,
blank and missing numbers, dates and characters cut at the end of a field stay as they were, in
whatever encoding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from spatialplan.errors import Fault, OutputError
from spatialplan.messages import say

__all__ = ["DbaseTable"]

DESCRIPTOR, HEADER = 32, 32
HEADER_END = 0x0D
DELETED = ord("*")
WIDEST_TEXT, WIDEST_NUMBER = 254, 18
NAME_BYTES = 10
LANGUAGE_BYTE = 29
Bytes = NDArray[np.uint8]


@dataclass(slots=True)
class DbaseField:
    """A field: its descriptor as it stands in the file, and its values, uint8[rows, width]."""

    descriptor: bytes
    values: Bytes

    @property
    def name(self) -> bytes:
        """The name, in the table's encoding."""
        return self.descriptor[:11].split(b"\0")[0]

    @property
    def is_text(self) -> bool:
        """Whether the field holds text."""
        return self.descriptor[11:12] == b"C"


@dataclass(slots=True)
class DbaseTable:
    """A table taken apart; rows are those that a reader sees, without records marked deleted."""

    header: bytes
    fields: list[DbaseField]
    flags: Bytes
    tail: bytes = b""
    widened: list[bytes] = field(default_factory=list)

    @classmethod
    def parse(cls, content: bytes) -> DbaseTable:
        """Take a table apart; it has been found whole before."""
        start = int.from_bytes(content[8:10], "little")
        width = int.from_bytes(content[10:12], "little")
        count = int.from_bytes(content[4:8], "little")
        records = np.frombuffer(content, np.uint8, count * width, start).reshape(count, width)
        records = records[records[:, 0] != DELETED]
        fields, position, at = [], 1, HEADER
        while at < start and content[at] != HEADER_END:
            descriptor = content[at : at + DESCRIPTOR]
            size = descriptor[16] + (descriptor[17] << 8 if descriptor[11:12] == b"C" else 0)
            fields.append(DbaseField(descriptor, records[:, position : position + size].copy()))
            position, at = position + size, at + DESCRIPTOR
        return cls(content[:HEADER], fields, records[:, :1].copy(), content[at + 1 : start])

    @property
    def rows(self) -> int:
        """How many records there are."""
        return len(self.flags)

    def keep(self, rows: NDArray[np.intp]) -> None:
        """Keep these records only, in this order."""
        self.flags = self.flags[rows]
        for one in self.fields:
            one.values = one.values[rows]

    def set_values(self, name: bytes, values: Mapping[int, bytes]) -> None:
        """Put new values into a field, which is widened where they need it.

        Raises
        ------
        OutputError
            If a value is longer than a field can be.
        """
        one = next(one for one in self.fields if one.name == name)
        self._make_room(one, max((len(value) for value in values.values()), default=0))
        width = one.values.shape[1]
        for row, value in values.items():
            padded = value.ljust(width) if one.is_text else value.rjust(width)
            one.values[row] = np.frombuffer(padded, np.uint8)

    def add_text_field(self, name: bytes, values: Mapping[int, bytes]) -> None:
        """Add a text field behind the others, blank where no value is given."""
        width = max([len(value) for value in values.values()] + [1])
        descriptor = name[:NAME_BYTES].ljust(11, b"\0") + b"C" + bytes([0, 0, 0, 0, 1]) + bytes(15)
        block = np.full((self.rows, 1), ord(" "), dtype=np.uint8)
        self.fields.append(DbaseField(descriptor, block))
        self.set_values(name[:NAME_BYTES], {row: values[row].ljust(width) for row in values})

    def recode(self, convert: Callable[[bytes], bytes], language: int) -> None:
        """Write all text and all names in another encoding; fields are widened as they need it.

        Raises
        ------
        OutputError
            If a name or a value is longer than it may be then.
        """
        for one in self.fields:
            name = convert(one.name)
            if len(name) > NAME_BYTES:
                where = convert(one.name).decode(errors="replace")
                raise OutputError(Fault(where, say("repaired.name_too_long", most=NAME_BYTES)))
            one.descriptor = name.ljust(11, b"\0") + one.descriptor[11:]
            if one.is_text:
                self._recode_field(one, convert)
        self.header = self.header[:LANGUAGE_BYTE] + bytes([language]) + self.header[30:]

    def build(self) -> bytes:
        """Put the table together again."""
        records = np.concatenate([self.flags, *(one.values for one in self.fields)], axis=1)
        start = HEADER + DESCRIPTOR * len(self.fields) + 1 + len(self.tail)
        head = bytearray(self.header)
        head[4:8] = len(records).to_bytes(4, "little")
        head[8:10] = start.to_bytes(2, "little")
        head[10:12] = records.shape[1].to_bytes(2, "little")
        descriptors = b"".join(one.descriptor for one in self.fields)
        return b"".join(
            [bytes(head), descriptors, bytes([HEADER_END]), self.tail, records.tobytes(), b"\x1a"]
        )

    def _recode_field(self, one: DbaseField, convert: Callable[[bytes], bytes]) -> None:
        rows = np.flatnonzero((one.values >= 0x80).any(axis=1))
        texts = [convert(one.values[row].tobytes().split(b"\0")[0].rstrip(b" ")) for row in rows]
        self._make_room(one, max((len(text) for text in texts), default=0))
        width = one.values.shape[1]
        for row, text in zip(rows, texts, strict=True):
            one.values[row] = np.frombuffer(text.ljust(width), np.uint8)

    def _make_room(self, one: DbaseField, width: int) -> None:
        more = width - one.values.shape[1]
        if more <= 0:
            return
        if width > (WIDEST_TEXT if one.is_text else WIDEST_NUMBER):
            where = one.name.decode(errors="replace")
            raise OutputError(Fault(where, say("repaired.value_too_long", width=width)))
        room = np.full((len(one.values), more), ord(" "), dtype=np.uint8)
        sides = (one.values, room) if one.is_text else (room, one.values)
        one.values = np.concatenate(sides, axis=1)
        one.descriptor = one.descriptor[:16] + bytes([width]) + one.descriptor[17:]
        self.widened.append(one.name)
