"""Which row of the ledger a patch continues.

A patch continues the row of the same id. Else it continues a row with which it shares at least half
of the smaller one's ground (`COMMON_SHARE`), most common ground first; each row is continued by one
patch at most. A row whose ground went into a patch that continues another one was *merged* into it;
a patch whose row is continued by another patch was *split* from it and enters as a new row. Rows
that a person added are kept apart and never matched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from spatialplan.ledger.entries import Entry, Seen, Sighting, Step

__all__ = ["COMMON_SHARE", "match_patches", "settle_unseen"]

# Half of the smaller: a patch that grew, or lost a part, is the same; one that only touches is not.
COMMON_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class _Pair:
    """A row and a patch that may be one; positions in their lists, common ground in m²."""

    entry: int
    sighting: int
    same_id: bool
    common_m2: float


def match_patches(entries: Sequence[Entry], sightings: Sequence[Sighting]) -> tuple[Step, ...]:
    """Say what becomes of every row and of every patch.

    Parameters
    ----------
    entries
        Rows of the ledger, in its order; rows that a person added are passed over.
    sightings
        Patches of the run.

    Returns
    -------
    steps
        One for every row that is not a person's, in the ledger's order, then one for every patch
        that enters it, in the run's. Of a row without a patch it says `Seen.GONE`: what its ground
        is today has not been asked yet.
    """
    rows = [entry for entry in entries if not entry.own]
    pairs = _list_pairs(rows, sightings)
    taken_by: dict[int, int] = {}
    continues: dict[int, int] = {}
    for pair in pairs:
        if pair.entry not in taken_by and pair.sighting not in continues:
            taken_by[pair.entry], continues[pair.sighting] = pair.sighting, pair.entry
    merged = {pair.entry: continues.get(pair.sighting, 0) for pair in reversed(pairs)}
    split = {pair.sighting: taken_by.get(pair.entry) for pair in reversed(pairs)}
    parents = {pair.sighting: pair.entry for pair in reversed(pairs)}
    steps = []
    for place, entry in enumerate(rows):
        if place in taken_by:
            patch = sightings[taken_by[place]]
            steps.append(_continue(entry, taken_by[place], patch))
        elif place in merged:
            steps.append(Step(entry, None, Seen.MERGED, rows[merged[place]].patch_id))
        else:
            steps.append(Step(entry, None, Seen.GONE))
    for place in range(len(sightings)):
        if place not in continues and split.get(place) is not None:
            steps.append(Step(None, place, Seen.SPLIT, rows[parents[place]].patch_id))
        elif place not in continues:
            steps.append(Step(None, place, Seen.FIRST))
    return tuple(steps)


def _list_pairs(rows: Sequence[Entry], sightings: Sequence[Sighting]) -> list[_Pair]:
    """Return all pairs that may be one, the surest first."""
    old = np.array([entry.shape for entry in rows] or [None], dtype=object)[: len(rows)]
    new = np.array([one.shape for one in sightings] or [None], dtype=object)[: len(sightings)]
    patch, row = shapely.STRtree(old).query(new, predicate="intersects")
    common = shapely.area(shapely.intersection(old[row], new[patch]))
    smaller = np.minimum(shapely.area(old[row]), shapely.area(new[patch]))
    ids = {entry.patch_id: place for place, entry in enumerate(rows)}
    found = {
        (int(r), int(p)): float(area)
        for r, p, area, least in zip(row, patch, common, smaller, strict=True)
        if area >= COMMON_SHARE * least and area > 0
    }
    for place, one in enumerate(sightings):
        if one.patch_id in ids:
            found.setdefault((ids[one.patch_id], place), 0.0)
    pairs = [
        _Pair(r, p, rows[r].patch_id == sightings[p].patch_id, area)
        for (r, p), area in found.items()
    ]
    pairs.sort(
        key=lambda pair: (
            not pair.same_id,
            -pair.common_m2,
            rows[pair.entry].patch_id,
            sightings[pair.sighting].patch_id,
        )
    )
    return pairs


def _continue(entry: Entry, place: int, patch: Sighting) -> Step:
    """Continue a row; of a settled one, say what has changed since it was settled."""
    if not entry.is_closed:
        return Step(entry, place, Seen.AGAIN)
    grown = 0.0
    if entry.shape is not None:
        grown = float(shapely.area(shapely.difference(patch.shape, entry.shape)))
    altered = bool(entry.cover) and entry.cover != patch.cover
    return Step(entry, place, Seen.AGAIN, grown_m2=grown, altered=altered)


def settle_unseen(step: Step, *, human_share: float, covered_share: float) -> Step:
    """Say what a row that no patch continues has become, by what its ground is today.

    Where the later edition still shows human cover on most of it, it is not gone: it only is no
    *change* between these two editions, having been there in the earlier one.

    Parameters
    ----------
    human_share
        Share (0 to 1) of the row's ground with human cover in the later edition.
    covered_share
        Share of it of which the later edition says anything.
    """
    if covered_share < COMMON_SHARE:
        return replace(step, seen=Seen.OUTSIDE)
    seen = Seen.REMAINS if human_share >= COMMON_SHARE else Seen.GONE
    return replace(step, seen=seen)
