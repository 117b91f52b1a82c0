"""The columns of a ledger: the program's, which every run may rewrite, and a person's, which none.

A ledger may have any further columns; they are a person's too.
"""

from __future__ import annotations

__all__ = ["PERSON_COLUMNS", "PROGRAM_COLUMNS"]

PROGRAM_COLUMNS = (
    "patch_id",
    "first_seen",
    "last_seen",
    "seen",
    "related",
    "place",
    "lines",
    "class_before",
    "class_after",
    "area_m2",
    "area_ha",
    "grown_m2",
    "township",
    "longitude",
    "latitude",
    "clause",
    "hint",
)

# The state comes first: a ledger must have it, the others may be deleted.
PERSON_COLUMNS = ("state", "checked_by", "checked_on", "opinion", "remark")
