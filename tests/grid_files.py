"""A grid of shifts as a survey office gives it, small enough to be written out here (NTv2)."""

from __future__ import annotations

import struct
from pathlib import Path

# South, north, west, east in degrees: two by two cells around the corner of the plain.
BOX = (44.0, 46.0, 126.0, 128.0)


def write_ntv2(path: Path, *, north_arcsec: float, east_arcsec: float) -> None:
    """Write a grid that moves everything in `BOX` alike; NTv2 counts longitude to the west."""
    south, north, west, east = (3600.0 * edge for edge in BOX)
    step, side = 3600.0, 3
    head = [
        _count("NUM_OREC", 11),
        _count("NUM_SREC", 11),
        _count("NUM_FILE", 1),
        _text("GS_TYPE", "SECONDS"),
        _text("VERSION", "test"),
        _text("SYSTEM_F", "old"),
        _text("SYSTEM_T", "new"),
        *(_number(name, 6378137.0) for name in ("MAJOR_F", "MINOR_F", "MAJOR_T", "MINOR_T")),
        _text("SUB_NAME", "county"),
        _text("PARENT", "NONE"),
        _text("CREATED", "20000101"),
        _text("UPDATED", "20000101"),
        *map(_number, ("S_LAT", "N_LAT", "E_LONG", "W_LONG"), (south, north, -east, -west)),
        *(_number(name, step) for name in ("LAT_INC", "LONG_INC")),
        _count("GS_COUNT", side * side),
    ]
    node = struct.pack("<4f", north_arcsec, -east_arcsec, 0.0, 0.0)
    end = b"END".ljust(8) + struct.pack("<d", 0.0)
    path.write_bytes(b"".join(head) + node * side * side + end)


def _text(name: str, value: str) -> bytes:
    return name.ljust(8).encode() + value.ljust(8).encode()


def _count(name: str, value: int) -> bytes:
    return name.ljust(8).encode() + struct.pack("<i4x", value)


def _number(name: str, value: float) -> bytes:
    return name.ljust(8).encode() + struct.pack("<d", value)
