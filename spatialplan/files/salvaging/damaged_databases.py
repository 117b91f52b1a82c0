"""Which features a damaged GeoPackage or FileGDB may still hold, by their ids."""

from __future__ import annotations

import sqlite3
import struct

import numpy as np

from spatialplan.files.opening.counts import (
    GDB_INDEX_HEADER,
    GDB_OFFSET_SIZES,
    find_table_file,
    gdb_offsets,
    quote_name,
)
from spatialplan.files.opening.members import Members
from spatialplan.files.opening.signatures import open_geopackage
from spatialplan.files.salvaging.records import LostRecord
from spatialplan.messages import say

__all__ = ["announced_objects", "list_objects", "list_rows", "most_records"]


def list_rows(members: Members, table: str) -> tuple[list[int], list[LostRecord]]:
    """List a GeoPackage's ids from the front to the first broken page, and back from the end.

    Returns
    -------
    numbers, lost
        What lies between is lost, as far as its ids tell.
    """
    front, broken = _list_until_broken(members, table, "ASC")
    if not broken:
        return front, []
    back, _ = _list_until_broken(members, table, "DESC")
    back = sorted(set(back) - set(front))
    first = front[-1] + 1 if front else 1
    count = max(back[0] - first, 0) if back else 0
    lost = [LostRecord(first, say("salvage.broken_page"), count)] if count or not back else []
    return [*front, *back], lost


def _list_until_broken(members: Members, table: str, order: str) -> tuple[list[int], bool]:
    numbers: list[int] = []
    try:
        with open_geopackage(members) as database:
            query = f"SELECT rowid FROM {quote_name(table)} ORDER BY rowid {order}"
            for row in database.execute(query):
                numbers.append(int(row[0]))
    except (sqlite3.Error, TypeError, ValueError):
        return numbers, True
    return numbers, False


def list_objects(members: Members, table: str) -> list[int] | None:
    """List a FileGDB table's ids, those for which its index names a place; None if it is broken."""
    try:
        stem = find_table_file(members, table)
        offsets = None if stem is None else gdb_offsets(members, stem)
    except struct.error:
        return None
    return None if offsets is None else [int(row) + 1 for row in np.flatnonzero(offsets)]


def announced_objects(members: Members, table: str) -> int:
    """Return how many records a FileGDB's table says it holds; 0 where that makes no sense."""
    try:
        stem = find_table_file(members, table)
        if stem is None:
            return 0
        content = members.read(f"{stem}.gdbtable", 8)
        count = int(struct.unpack_from("<I", content, 4)[0])
        return count if count < members.sizes[f"{stem}.gdbtable"] else 0
    except (struct.error, KeyError):
        return 0


def most_records(members: Members) -> int:
    """Return how many records any table of a FileGDB has room for in its index."""
    sizes = [size for name, size in members.sizes.items() if name.endswith(".gdbtablx")]
    return max((max(sizes, default=0) - GDB_INDEX_HEADER) // min(GDB_OFFSET_SIZES), 0)
