"""Slivers and hairline gaps between neighbours closed; overlaps that are ground left for a person.

Overlaps and gaps that are nowhere wider than the tolerance go to the neighbour with the longest
border on them. An overlap that is wider may be either neighbour's ground: who owns it is not for a
program to say, so both stay as delivered. Whatever closing a slip would delete, or change more than
the limit allows, stays as delivered too, and its neighbours are cleaned without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.messages import Message, say
from spatialplan.overlay import inner_overlaps
from spatialplan.repair.areas import Ruler
from spatialplan.repair.wishes import CoverageTolerance, RepairLimits

__all__ = ["Closed", "close_coverage"]

# Each round leaves out what the one before refused, or takes in neighbours that it met.
ROUNDS = 8
# How often what never comes to rest is left out and the rest is cleaned anew.
TRIES = 4
# Ground of this many square metres under another feature is rounding.
NOISE_M2 = 1e-4

Geometries = NDArray[np.object_]
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Closed:
    """A layer after closing.

    Attributes
    ----------
    shapes
        Those of features that nothing was done to are the very ones given.
    refusals
        Row, why, and the change of area in m² that would have been made (NaN: not the reason).
    """

    shapes: Geometries
    refusals: list[tuple[int, Message, float]] = field(default_factory=list)


def close_coverage(
    shapes: Geometries,
    ids: NDArray[np.object_],
    *,
    frozen: Flags,
    ruler: Ruler,
    tolerance: CoverageTolerance,
    limits: RepairLimits,
) -> Closed:
    """Close slips between the polygons of one layer.

    Parameters
    ----------
    shapes
        Shape (n,).
    ids
        What messages call them.
    frozen
        Which ones must stay as they are; invalid ones and ones that are no polygons do anyway.
    ruler
        Measures the layer's features.
    """
    closer = _Closer(shapes, ids, ruler, tolerance, limits)
    fit = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    closer.members = fit & shapely.is_valid(shapes)
    closer.leave_out_wide_overlaps()
    closer.members &= ~frozen
    closer.close()
    closer.list_what_is_left()
    return Closed(closer.shapes, sorted(closer.refusals, key=lambda refusal: refusal[0]))


class _Closer:
    """The state of one closing: who takes part, and what has become of whom."""

    def __init__(
        self,
        shapes: Geometries,
        ids: NDArray[np.object_],
        ruler: Ruler,
        tolerance: CoverageTolerance,
        limits: RepairLimits,
    ) -> None:
        self.given = shapes
        self.shapes = shapes.copy()
        self.members = np.zeros(len(shapes), dtype=bool)
        self.refusals: list[tuple[int, Message, float]] = []
        self._ids = ids
        self._ruler, self._limits = ruler, limits
        self._gap = tolerance.gap_m * ruler.metre
        self._snap = tolerance.snap_m * ruler.metre
        self._gap_m = tolerance.gap_m
        self._scope = np.zeros(len(shapes), dtype=bool)
        self._looked_at = np.ones(len(shapes), dtype=bool)
        # The slowest step is not taken twice for the same members and shapes.
        self._faulty: Rows = np.array([], dtype=np.intp)
        self._checked: tuple[bytes, int] = (b"", -1)
        self._changes = 0

    def leave_out_wide_overlaps(self) -> None:
        """Refuse both features of every overlap that is somewhere wider than the tolerance."""
        # Of two that overlap at least one has an edge that does not match.
        rows = self._touching(self._faulty_members())
        self._looked_at = np.zeros(len(self.given), dtype=bool)
        self._look_at_neighbours(rows)
        pieces = inner_overlaps(shapely.force_2d(self.given[rows]), assume_valid=True)
        wide = ~shapely.is_empty(shapely.buffer(pieces.geometry, -self._gap / 2))
        a, b = rows[pieces.a_index[wide]], rows[pieces.b_index[wide]]
        areas = self._ruler.measure(pieces.geometry[wide])
        shared: dict[tuple[int, int], float] = {}
        for one, other, area in zip(a.tolist(), b.tolist(), areas.tolist(), strict=True):
            shared[one, other] = shared.get((one, other), 0.0) + area
        for (one, other), area in shared.items():
            for row, partner in ((one, other), (other, one)):
                why = say("repair.overlap_wide", other=str(self._ids[partner]), area_m2=area)
                self.refusals.append((row, why, float("nan")))
                self.members[row] = False

    def close(self) -> None:
        """Clean until nothing changes; leave out what changes to and fro for ever."""
        for _ in range(TRIES):
            moving = self._clean_in_rounds()
            if moving is None:
                return
            if len(moving):
                self.refusals += [(int(row), say("repair.unsettled"), np.nan) for row in moving]
                self.members[moving] = False
                self._restore()
        self._give_up()

    def _clean_in_rounds(self) -> Rows | None:
        """Clean until a round changes nothing and refuses nobody; return what still moves."""
        moving = np.array([], dtype=np.intp)
        for _ in range(ROUNDS):
            faulty = self._faulty_members()
            if not len(faulty):
                return None
            self._scope[self._touching(faulty)] = True
            self._look_at_neighbours(np.flatnonzero(self._scope))
            scope = np.flatnonzero(self._scope & self.members)
            changed, cleaned = self._clean(scope)
            if not len(changed):
                return None
            met = self._members_met(changed, cleaned)
            refused = list(self._refuse(changed, cleaned))
            if refused:
                self.refusals += refused
                self.members[[row for row, _, _ in refused]] = False
                self._restore()
                moving = moving[:0]
            elif len(met):
                self._scope[met] = True
            else:
                self.shapes[changed] = cleaned
                self._changes += 1
                moving = changed
        return moving

    def list_what_is_left(self) -> None:
        """List features along whose borders a slip could not be closed."""
        for row in self._faulty_members():
            self.refusals.append((int(row), say("repair.slip_left", gap_m=self._gap_m), np.nan))

    def _faulty_members(self) -> Rows:
        rows = np.flatnonzero(self.members & self._looked_at)
        if not len(rows):
            return rows
        checked = (rows.tobytes(), self._changes)
        if checked != self._checked:
            edges = shapely.coverage_invalid_edges(self.shapes[rows], gap_width=self._gap)
            self._faulty, self._checked = rows[~shapely.is_empty(edges)], checked
        return self._faulty

    def _look_at_neighbours(self, rows: Rows) -> None:
        """Check these features and their neighbours again, and others no more.

        Whether an edge matches depends on the features that touch it, and on no other.
        """
        self._looked_at[self._touching(rows)] = True

    def _touching(self, faulty: Rows) -> Rows:
        rows = np.flatnonzero(self.members)
        tree = shapely.STRtree(self.shapes[rows])
        near = tree.query(self.shapes[faulty], predicate="dwithin", distance=self._gap)[1]
        found: Rows = np.unique(np.concatenate([faulty, rows[near]]))
        return found

    def _clean(self, scope: Rows) -> tuple[Rows, Geometries]:
        """Return the rows that cleaning changes, and their new shapes."""
        # Ties go by position, so positions must not depend on the order in the file.
        scope = scope[np.argsort(shapely.to_wkb(self.shapes[scope]), kind="stable")]
        cleaned = shapely.coverage_clean(
            self.shapes[scope], gap_width=self._gap, snapping_distance=self._snap
        )
        same = shapely.equals_identical(
            shapely.normalize(shapely.force_2d(self.shapes[scope])), shapely.normalize(cleaned)
        )
        kinds = shapely.get_type_id(self.shapes[scope]) == 6
        single = kinds & (shapely.get_type_id(cleaned) == 3)
        cleaned[single] = [shapely.MultiPolygon([shape]) for shape in cleaned[single]]
        same |= shapely.equals_identical(
            shapely.normalize(shapely.force_2d(self.shapes[scope])), shapely.normalize(cleaned)
        )
        return scope[~same], cleaned[~same]

    def _refuse(self, changed: Rows, cleaned: Geometries) -> Iterator[tuple[int, Message, float]]:
        given = shapely.force_2d(self.given[changed])
        before, after = self._ruler.measure(given), self._ruler.measure(cleaned)
        lost = shapely.is_empty(cleaned) | ~np.isin(shapely.get_type_id(cleaned), (3, 6))
        # What is gained on one side and lost on another must not cancel out.
        gained = self._ruler.measure(shapely.difference(cleaned, given))
        taken = self._ruler.measure(shapely.difference(given, cleaned))
        moved = np.maximum(gained, taken)
        large = self._limits.are_exceeded(before, before + moved)
        high = shapely.has_z(self.given[changed]) | shapely.has_m(self.given[changed])
        onto = self._lands_on_outsiders(changed, cleaned)
        for place, row in enumerate(changed.tolist()):
            change = float(after[place] - before[place])
            if lost[place]:
                yield row, say("repair.would_delete"), -float(before[place])
            elif high[place]:
                yield row, say("repair.would_lose_heights"), np.nan
            elif onto[place] >= 0:
                other = str(self._ids[onto[place]])
                yield row, say("repair.would_cover", other=other), np.nan
            elif np.isnan(moved[place]):
                yield row, say("repair.unmeasurable"), np.nan
            elif large[place]:
                allowed = float(self._limits.allowed(before[place : place + 1])[0])
                found = float(moved[place])
                yield row, say("repair.too_large", change_m2=found, allowed_m2=allowed), change

    def _lands_on_outsiders(self, changed: Rows, cleaned: Geometries) -> Rows:
        """Return for each a feature that takes no part and whose ground it would take, else -1."""
        return self._covered(changed, cleaned, np.flatnonzero(~self.members))

    def _members_met(self, changed: Rows, cleaned: Geometries) -> Rows:
        """Return members out of scope whose ground the change would take."""
        found = self._covered(changed, cleaned, np.flatnonzero(self.members & ~self._scope))
        return np.unique(found[found >= 0])

    def _covered(self, changed: Rows, cleaned: Geometries, others: Rows) -> Rows:
        covered = np.full(len(changed), -1, dtype=np.intp)
        sound = np.flatnonzero(np.isin(shapely.get_type_id(cleaned), (3, 6)))
        others = others[np.isin(shapely.get_type_id(self.given[others]), (3, 6))]
        if not len(others) or not len(sound):
            return covered
        gained = shapely.difference(cleaned[sound], shapely.force_2d(self.shapes[changed[sound]]))
        mine, theirs = shapely.STRtree(self.given[others]).query(gained)
        held = shapely.make_valid(shapely.force_2d(self.given[others[theirs]]), method="structure")
        ground = shapely.intersection(gained[mine], held)
        hit = shapely.area(ground) > NOISE_M2 * self._ruler.metre**2
        covered[sound[mine[hit]]] = others[theirs[hit]]
        return covered

    def _give_up(self) -> None:
        """Leave all as given where cleaning does not come to rest."""
        rows = np.flatnonzero(~shapely.equals_identical(self.shapes, self.given))
        self.refusals += [(int(row), say("repair.unsettled"), np.nan) for row in rows]
        self._restore()
        self.members[:] = False

    def _restore(self) -> None:
        self.shapes = self.given.copy()
        self._changes += 1
