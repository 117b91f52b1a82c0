"""Features of a damaged FlatGeobuf, cut apart by the lengths that they start with."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from spatialplan.files.opening.counts import (
    FGB_COUNT,
    FGB_DEFAULT_NODE_SIZE,
    FGB_NODE,
    FGB_NODE_SIZE,
    FGB_START,
    count_nodes,
    find_number,
    read_number,
)
from spatialplan.files.opening.members import Members
from spatialplan.files.salvaging.records import LostRecord, Opened, Piece, open_content
from spatialplan.messages import say

__all__ = ["FlatGeobufPieces", "cut_flatgeobuf"]

# A node of the index ends with the place of its feature, counted from the first one.
NODE_OFFSET = FGB_NODE - 8


@dataclass(frozen=True, slots=True)
class FlatGeobufPieces:
    """Features with their lengths, those lost, and the header to put before some of them."""

    pieces: tuple[Piece, ...]
    lost: tuple[LostRecord, ...]
    header: bytes

    @contextmanager
    def open(self, pieces: Sequence[bytes]) -> Iterator[Opened]:
        """Open some features as a FlatGeobuf in memory; its index is left blank, and not asked."""
        header, nodes = bytearray(self.header), 0
        at = find_number(self.header, FGB_COUNT)
        if at is not None:
            struct.pack_into("<Q", header, at, len(pieces))
            size = read_number(self.header, FGB_NODE_SIZE, "<H", FGB_DEFAULT_NODE_SIZE)
            nodes = count_nodes(len(pieces), size)
        start = b"fgb\x03fgb\x01" + struct.pack("<I", len(header))
        content = start + bytes(header) + bytes(FGB_NODE * nodes) + b"".join(pieces)
        with open_content(content, ".fgb", "FlatGeobuf") as opened:
            yield opened


def cut_flatgeobuf(members: Members) -> FlatGeobufPieces | None:
    """Cut a FlatGeobuf into features; None where its header is lost."""
    content = members.read(members.name)
    try:
        size = struct.unpack_from("<I", content, FGB_START)[0]
        header = content[FGB_START + 4 : FGB_START + 4 + size]
        announced = read_number(header, FGB_COUNT, "<Q", 0)
        node_size = read_number(header, FGB_NODE_SIZE, "<H", FGB_DEFAULT_NODE_SIZE)
    except struct.error:
        return None
    if len(header) < size or announced > len(content) or node_size == 1:
        return None
    start = FGB_START + 4 + size
    nodes = count_nodes(announced, node_size)
    body = content[start + FGB_NODE * nodes :]
    index = content[start : start + FGB_NODE * nodes]
    places = _places_in(index, announced if nodes else 0, len(body))
    pieces, lost = _cut(body, places, announced)
    return FlatGeobufPieces(tuple(pieces), tuple(lost), header)


def _places_in(index: bytes, features: int, size: int) -> list[int]:
    """Return where the index says that features start, sorted; empty without an index."""
    if not features or len(index) < FGB_NODE * features:
        return []
    leaves = np.frombuffer(index, np.uint8)[-FGB_NODE * features :].reshape(features, FGB_NODE)
    places = np.ascontiguousarray(leaves[:, NODE_OFFSET:]).view("<u8").ravel()
    return sorted({int(place) for place in places if place < size})


def _cut(
    body: bytes, places: Sequence[int], announced: int
) -> tuple[list[Piece], list[LostRecord]]:
    pieces: list[Piece] = []
    lost: list[LostRecord] = []
    known, at, number = set(places), 0, 1
    while at + 4 <= len(body):
        end = at + 4 + struct.unpack_from("<I", body, at)[0]
        if end <= len(body) and (not known or end in known or end == len(body)):
            pieces.append((number, body[at:end]))
            at, number = end, number + 1
            continue
        following = next((place for place in places if place > at), None)
        if following is None:
            break
        lost.append(LostRecord(number, say("salvage.broken_header")))
        at, number = following, number + 1
    if number <= announced or at < len(body):
        lost.append(LostRecord(number, say("salvage.cut_short"), max(announced - number + 1, 0)))
    return pieces, lost
