"""Geometry as a GeoPackage packs it, for tables that are changed row by row.

A packed shape is a header (two letters, version, flags, CRS number, bounds) before plain WKB
(OGC 12-128, clause 2.1.3). A table with a spatial index calls functions that the program which
changes it has to bring along (annex F.3); here they are.
"""

from __future__ import annotations

import sqlite3
import struct

import shapely

__all__ = ["add_shape_functions", "pack_shape", "unpack_shape"]

LETTERS = b"GP"
# How many doubles of bounds follow the header, by the flags' three bits.
BOUNDS = {0: 0, 1: 4, 2: 6, 3: 6, 4: 8}
LITTLE_ENDIAN, PLAIN_BOUNDS, EMPTY = 0b1, 0b10, 0b10000
HEADER_LENGTH = 8


def pack_shape(shape: shapely.Geometry, srs_id: int) -> bytes:
    """Pack a shape; `srs_id` is the file's own number of its CRS.

    Examples
    --------
    >>> unpack_shape(pack_shape(shapely.box(0, 0, 1, 2), 4490)).bounds
    (0.0, 0.0, 1.0, 2.0)
    """
    if shape.is_empty:
        header = struct.pack("<2sBBi", LETTERS, 0, LITTLE_ENDIAN | EMPTY, srs_id)
    else:
        west, south, east, north = shape.bounds
        flags = LITTLE_ENDIAN | PLAIN_BOUNDS
        header = struct.pack("<2sBBi4d", LETTERS, 0, flags, srs_id, west, east, south, north)
    return header + bytes(shapely.to_wkb(shape, byte_order=1))


def unpack_shape(packed: bytes | None) -> shapely.Geometry | None:
    """Return a packed shape; None for nothing, or for a shape without ground.

    Raises
    ------
    ValueError, shapely.GEOSException
        If it is none.
    """
    if packed is None:
        return None
    if packed[:2] != LETTERS or len(packed) < HEADER_LENGTH:
        raise ValueError("no packed shape")
    start = HEADER_LENGTH + 8 * BOUNDS[(packed[3] >> 1) & 0b111]
    shape = shapely.force_2d(shapely.from_wkb(packed[start:]))
    return None if shape.is_empty else shape


def add_shape_functions(database: sqlite3.Connection) -> None:
    """Give a connection the functions that keep a spatial index."""

    def edge(place: int) -> object:
        def read(packed: bytes | None) -> float | None:
            shape = unpack_shape(packed)
            return None if shape is None else float(shape.bounds[place])

        return read

    names = ("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")
    for place, name in enumerate(names):
        database.create_function(name, 1, edge(place), deterministic=True)  # type: ignore[arg-type]
    database.create_function(
        "ST_IsEmpty",
        1,
        lambda packed: None if packed is None else int(unpack_shape(packed) is None),
        deterministic=True,
    )
