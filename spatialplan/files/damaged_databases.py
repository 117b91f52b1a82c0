"""Which features a damaged GeoPackage or FileGDB may still hold, by their ids."""

from __future__ import annotations

import sqlite3

from spatialplan.files.counts import GDB_INDEX_HEADER, GDB_OFFSET_SIZES, quote_name
from spatialplan.files.members import Members
from spatialplan.files.records import LostRecord
from spatialplan.files.signatures import open_geopackage
from spatialplan.messages import say

__all__ = ["list_rows", "most_records"]


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


def most_records(members: Members) -> int:
    """Return how many records any table of a FileGDB has room for in its index."""
    sizes = [size for name, size in members.sizes.items() if name.endswith(".gdbtablx")]
    return max((max(sizes, default=0) - GDB_INDEX_HEADER) // min(GDB_OFFSET_SIZES), 0)
