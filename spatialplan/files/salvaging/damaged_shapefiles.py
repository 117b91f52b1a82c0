"""Records of a damaged shapefile, cut out of its .shp and .dbf without trust in its index.

A .shp tells where each record ends, so the .shx is only asked where that is lost. What is cut out
is put together again in memory, with an index of its own; nothing is written beside the input.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from spatialplan.files.dbase import FLAGS
from spatialplan.files.opening.members import Members
from spatialplan.files.salvaging.records import LostRecord, Opened, Piece, open_zipped
from spatialplan.messages import Message, say

__all__ = ["ShapefilePieces", "cut_shapefile"]

HEADER = 100
RECORD_HEADER = 8
DBF_DESCRIPTOR = 32
DELETED = b"*"
POINTS, MULTIPOINTS, PARTS = {1, 11, 21}, {8, 18, 28}, {3, 5, 13, 15, 23, 25}
NULL_SHAPE = 0
# The least bytes of a record by kind: type and one point; type, box and count; and parts.
LEAST_POINT, LEAST_MULTIPOINT, LEAST_PARTS = 20, 40, 44
POINT_BYTES = 16
# Every byte is a character: what encoding the text is in is settled afterwards.
BYTES = "ISO-8859-1"
NAME = "table"


@dataclass(frozen=True, slots=True)
class ShapefilePieces:
    """Records with their rows, those lost, and what is needed to make a whole shapefile of some."""

    pieces: tuple[Piece, ...]
    lost: tuple[LostRecord, ...]
    shp_header: bytes
    dbf_header: bytes
    projection: bytes

    @contextmanager
    def open(self, pieces: Sequence[tuple[bytes, bytes]]) -> Iterator[Opened]:
        """Open some records as a shapefile in memory."""
        content, index, at = bytearray(), bytearray(), HEADER
        for number, (outline, _) in enumerate(pieces, start=1):
            head = struct.pack(">II", number, len(outline) // 2)
            index += struct.pack(">II", at // 2, len(outline) // 2)
            content += head + outline
            at += RECORD_HEADER + len(outline)
        count, rows = struct.pack("<I", len(pieces)), b"".join(row for _, row in pieces)
        parts = {
            "shp": _with_length(self.shp_header, len(content)) + content,
            "shx": _with_length(self.shp_header, len(index)) + index,
            "dbf": self.dbf_header[:4] + count + self.dbf_header[8:] + rows,
            "prj": self.projection,
        }
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            for suffix, part in parts.items():
                archive.writestr(f"{NAME}.{suffix}", bytes(part))
        with open_zipped(held.getvalue(), f"{NAME}.shp", "ESRI Shapefile", BYTES) as opened:
            yield opened


def cut_shapefile(members: Members) -> ShapefilePieces | None:
    """Cut a shapefile into records; None where the header of its .dbf is lost."""
    content = members.read(members.part(".shp"))
    index = members.read(members.part(".shx"))[HEADER:]
    table = members.read(members.part(".dbf"))
    if len(table) < DBF_DESCRIPTOR:
        return None
    rows, start, width = struct.unpack_from("<IHH", table, 4)
    if not width or not DBF_DESCRIPTOR < start <= len(table):
        return None
    pieces: list[Piece] = []
    lost: list[LostRecord] = []
    for number, outline in _cut_outlines(content, index, rows):
        at = start + (number - 1) * width
        row = table[at : at + width]
        if isinstance(outline, Message):
            lost.append(LostRecord(number, outline))
        elif len(row) < width:
            lost.append(LostRecord(number, say("salvage.no_row")))
        elif row[0] not in FLAGS:
            lost.append(LostRecord(number, say("salvage.row_astray")))
        elif not row.startswith(DELETED):
            pieces.append((number, (outline, row)))
    last = max([number for number, _ in pieces] + [one.number for one in lost], default=0)
    room = (len(table) - start) // width
    if min(rows, room) > last:
        lost.append(LostRecord(last + 1, say("salvage.no_outline"), min(rows, room) - last))
    header = content[:HEADER].ljust(HEADER, b"\0")
    return ShapefilePieces(
        tuple(pieces),
        tuple(lost),
        header,
        table[:start],
        members.read(members.part(".prj")),
    )


def _with_length(header: bytes, length: int) -> bytes:
    return header[:24] + struct.pack(">I", (HEADER + length) // 2) + header[28:]


def _cut_outlines(content: bytes, index: bytes, rows: int) -> Iterator[tuple[int, bytes | Message]]:
    """Walk from record to record; where a header is broken, find the next by index or by search."""
    at, number = HEADER, 1
    while at + RECORD_HEADER <= len(content):
        found = _outline_at(content, at, number)
        if found is not None:
            yield number, found
            size = len(found) if isinstance(found, bytes) else _length_at(content, at)
            at, number = at + RECORD_HEADER + size, number + 1
            continue
        following = _find_next(content, index, at, number, rows)
        if following is None:
            if number <= rows:
                yield number, say("salvage.cut_short")
            return
        for skipped in range(number, following[0]):
            yield skipped, say("salvage.broken_header")
        number, at = following


def _outline_at(content: bytes, at: int, number: int) -> bytes | Message | None:
    """Return a record's content, why it is broken, or None where there is no record's header."""
    stated = struct.unpack_from(">I", content, at)[0]
    length = _length_at(content, at)
    end = at + RECORD_HEADER + length
    if stated != number or length < 4 or end > len(content):
        return None
    outline = content[at + RECORD_HEADER : end]
    return outline if _is_plausible(outline) else say("salvage.broken_outline")


def _length_at(content: bytes, at: int) -> int:
    return int(2 * struct.unpack_from(">I", content, at + 4)[0])


def _find_next(
    content: bytes, index: bytes, at: int, number: int, rows: int
) -> tuple[int, int] | None:
    """Return number and place of the next record that has a sound header."""
    for later in range(number, min(len(index) // 8, number + rows) + 1):
        if 8 * later > len(index):
            break
        place = 2 * int(struct.unpack_from(">I", index, 8 * (later - 1))[0])
        if place > at and _has_header(content, place, later):
            return later, place
    place = at
    while True:
        place = content.find(struct.pack(">I", number + 1), place + 1)
        if place < 0:
            return None
        if (place - HEADER) % 2 == 0 and _has_header(content, place, number + 1):
            return number + 1, place


def _has_header(content: bytes, at: int, number: int) -> bool:
    if at < HEADER or at + RECORD_HEADER + 4 > len(content):
        return False
    return isinstance(_outline_at(content, at, number), bytes)


def _is_plausible(outline: bytes) -> bool:
    """Tell whether the counts in a record agree with its length."""
    kind, length = struct.unpack_from("<I", outline, 0)[0], len(outline)
    if kind == NULL_SHAPE:
        return True
    if kind in POINTS:
        return length >= LEAST_POINT
    if kind in MULTIPOINTS and length >= LEAST_MULTIPOINT:
        return bool(LEAST_MULTIPOINT + POINT_BYTES * _count(outline, 36) <= length)
    if kind in PARTS and length >= LEAST_PARTS:
        parts, points = _count(outline, 36), _count(outline, 40)
        if LEAST_PARTS + 4 * parts + POINT_BYTES * points > length:
            return False
        starts = struct.unpack_from(f"<{parts}I", outline, LEAST_PARTS)
        return all(a < b for a, b in zip(starts, (*starts[1:], points), strict=True))
    return False


def _count(outline: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", outline, at)[0])
