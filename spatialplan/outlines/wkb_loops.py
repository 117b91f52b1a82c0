"""The loops that read polygons from WKB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines.compiling import compiled

__all__ = ["count_rings", "read_rings"]

Bytes = NDArray[np.uint8]
Integers = NDArray[np.int64]

LITTLE_ENDIAN = 1
POLYGON, MULTIPOLYGON = 3, 6

# Byte order, kind; then the number of rings or polygons.
HEAD, COUNT = 5, 4

# Flags of EWKB; ISO adds 1000 for Z, 2000 for M instead.
HAS_Z, HAS_M, HAS_SRID = 0x80000000, 0x40000000, 0x20000000


@compiled
def read_number(data: Bytes, at: int) -> int:
    """Read an unsigned number of four bytes."""
    low = int(data[at]) | int(data[at + 1]) << 8
    return low | int(data[at + 2]) << 16 | int(data[at + 3]) << 24


@compiled
def read_head(data: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """Return kind, bytes a vertex and where the rest starts; kind 0 for what is not read here."""
    if end - at < HEAD + COUNT or data[at] != LITTLE_ENDIAN:
        return 0, 0, at
    said = read_number(data, at + 1)
    if said & HAS_SRID:
        return 0, 0, at
    kind, dimension = said & 0x0FFFFFFF, said & 0x0FFFFFFF
    dimension = dimension // 1000
    width = 16
    if said & HAS_Z or dimension == 1 or dimension == 3:
        width += 8
    if said & HAS_M or dimension == 2 or dimension == 3:
        width += 8
    return (kind % 1000 if dimension <= 3 else 0), width, at + HEAD


@compiled
def count_rings(data: Bytes, offsets: Integers, counts: Integers) -> bool:
    """Count rings and vertices of every geometry, int64[n, 2]; False if one is not read here."""
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        if at == end:
            continue
        kind, width, at = read_head(data, at, end)
        if kind != POLYGON and kind != MULTIPOLYGON:
            return False
        polygons = 1
        if kind == MULTIPOLYGON:
            polygons, at = read_number(data, at), at + COUNT
        for _ in range(polygons):
            if kind == MULTIPOLYGON:
                part, width, at = read_head(data, at, end)
                if part != POLYGON:
                    return False
            rings, at = read_number(data, at), at + COUNT
            for _ in range(rings):
                if end - at < COUNT:
                    return False
                points, at = read_number(data, at), at + COUNT
                at += points * width
                if at > end or points == 0:
                    return False
                counts[row, 0] += 1
                counts[row, 1] += points
        if at != end:
            return False
    return True


@compiled
def read_rings(
    data: Bytes,
    offsets: Integers,
    points: NDArray[np.float64],
    point_bytes: Bytes,
    ring_sizes: Integers,
    outer: NDArray[np.bool_],
) -> None:
    """Fill in vertices, the number of each ring's, and whether it is an outline.

    Parameters
    ----------
    data, offsets
        What `count_rings` has gone through.
    points
        Float64[vertices, 2].
    point_bytes
        The same memory, uint8[vertices, 16]: numbers in WKB stand anywhere, not at multiples of 8.
    """
    ring, vertex = 0, 0
    for row in range(len(offsets) - 1):
        at, end = offsets[row], offsets[row + 1]
        if at == end:
            continue
        kind, width, at = read_head(data, at, end)
        polygons = 1
        if kind == MULTIPOLYGON:
            polygons, at = read_number(data, at), at + COUNT
        for _ in range(polygons):
            if kind == MULTIPOLYGON:
                _, width, at = read_head(data, at, end)
            rings, at = read_number(data, at), at + COUNT
            for number in range(rings):
                count, at = read_number(data, at), at + COUNT
                ring_sizes[ring], outer[ring] = count, number == 0
                for i in range(count):
                    for byte in range(16):
                        point_bytes[vertex + i, byte] = data[at + i * width + byte]
                at += count * width
                vertex += count
                ring += 1
