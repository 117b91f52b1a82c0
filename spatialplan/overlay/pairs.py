"""Pairs of single polygons, and what is built from them.

Both sides are cut to find the pairs. What is then built, is built from whole small polygons and, of
a large one, from its pieces near by, put together again first: so no cut shows in a result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.overlay.conservation import are_equal, require_conserved
from spatialplan.overlay.cutting import cut_parts, is_large
from spatialplan.overlay.meeting import MEETING, WITHIN, find_meetings
from spatialplan.overlay.mending import Vertices, list_vertices, mend_cuts, unite
from spatialplan.overlay.pair_areas import sum_pair_areas
from spatialplan.overlay.paying import loops_pay
from spatialplan.overlay.polygons import Areas, Geometries, Integers, Parts, keep_polygons
from spatialplan.overlay.workers import map_rows
from spatialplan.overlay.zones import CutZones, meet_zones

__all__ = [
    "Pairs",
    "find_inner_pairs",
    "find_pairs",
    "intersect_pairs",
    "mark_changes",
    "unite_runs",
]

Flags = NDArray[np.bool_]

NONE = -1


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of polygons whose interiors meet, and the shapes that stand in for them.

    Attributes
    ----------
    first, second
        Positions of the polygons, sorted, each pair once.
    first_near, second_near
        As much of each polygon as the other can meet, or all of it.
    within
        Whether the first lies inside the second; false where that is not known.
    """

    first: Integers
    second: Integers
    first_near: Geometries
    second_near: Geometries
    within: Flags


def find_pairs(polygons: Geometries, ground: CutZones) -> Pairs:
    """Find the pairs of polygons and parts of ground whose interiors meet."""
    cut = cut_parts(polygons)
    meetings = meet_zones(cut.geometry, ground)
    first = Side(polygons, cut, meetings.feature, is_large(polygons))
    second = Side.of(ground, meetings.piece)
    return join_sides(first, second, meetings.relation)


def find_inner_pairs(ground: CutZones) -> Pairs:
    """Find the pairs of parts, the earlier first, whose interiors meet."""
    meetings = find_meetings(ground.pieces, ground.tree, owner=ground.part)
    forward = ground.part[meetings.feature] < ground.part[meetings.piece]
    first = Side.of(ground, np.where(forward, meetings.feature, meetings.piece))
    second = Side.of(ground, np.where(forward, meetings.piece, meetings.feature))
    return join_sides(first, second, np.minimum(meetings.relation, MEETING))


@dataclass(frozen=True, slots=True)
class Side:
    """One side of meetings: polygons, their pieces, and the piece that met in each row.

    `large` tells which of the polygons are; of ground, its vertices are known.
    """

    polygons: Geometries
    cut: Parts
    piece: Integers
    large: Flags
    ground: CutZones | None = None

    @classmethod
    def of(cls, ground: CutZones, piece: Integers) -> Side:
        """Make a side of ground."""
        cut = Parts(ground.pieces, ground.part)
        return cls(ground.parts, cut, piece, ground.large, ground)

    @property
    def polygon(self) -> Integers:
        """Position of the polygon that met in each row."""
        return self.cut.owner[self.piece]

    def list_vertices(self, polygon: Integers) -> Vertices:
        """Return the vertices of some polygons, of ground those of all large ones."""
        if self.ground is None:
            return list_vertices(self.polygons[np.unique(polygon)])
        return self.ground.vertices

    def gather(self, polygon: Integers, pair: Integers, rows: Integers, whole: Flags) -> Geometries:
        """Return each pair's polygon: whole, or as much as its pieces in `rows` amount to."""
        near = self.polygons[polygon]
        partly = self.large[polygon] & ~whole
        if not partly.any():
            return near
        chosen = partly[pair]
        runs = np.unique(np.stack([pair[chosen], self.piece[rows[chosen]]], axis=1), axis=0)
        starts = np.flatnonzero(mark_changes(runs[:, 0]))
        original = self.list_vertices(polygon[partly])
        near[partly] = unite_runs(self.cut.geometry, runs[:, 1], starts, original)
        return near


def join_sides(first: Side, second: Side, relation: NDArray[np.int8]) -> Pairs:
    """Join the rows in which different pieces of the same two polygons met."""
    order = np.lexsort((second.polygon, first.polygon))
    keys = np.stack([first.polygon, second.polygon], axis=1)[order]
    fresh = mark_changes(*keys.T)
    closest = (
        np.maximum.reduceat(relation[order], np.flatnonzero(fresh)) if len(order) else relation
    )
    met = closest >= MEETING
    one, other = keys[fresh][met].T
    pair = np.where(met, np.cumsum(met) - 1, NONE)[np.cumsum(fresh) - 1]
    rows, pair = order[pair != NONE], pair[pair != NONE]
    # Two large polygons may meet along their whole length, where joining pieces saves nothing.
    whole = first.large[one] & second.large[other]
    first_near = first.gather(one, pair, rows, whole)
    second_near = second.gather(other, pair, rows, whole)
    within = (closest[met] == WITHIN) & ~first.large[one]
    return Pairs(one, other, first_near, second_near, within)


def mark_changes(*columns: Integers) -> Flags:
    """Mark the rows that differ from the row before; the first one does."""
    changed = np.zeros(len(columns[0]), dtype=np.bool_)
    changed[:1] = True
    for column in columns:
        changed[1:] |= column[1:] != column[:-1]
    return changed


def unite_runs(
    shapes: Geometries, members: Integers, starts: Integers, original: Vertices | None = None
) -> Geometries:
    """Unite runs of shapes.

    Parameters
    ----------
    shapes
        Polygons or multipolygons.
    members
        Positions in `shapes`, run after run; sorted within a run.
    starts
        Where each run starts in `members`, shape (n,).
    original
        Vertices of the polygons that the shapes were cut from; cuts are mended.

    Returns
    -------
    united
        Shape (n,).
    """
    lengths = np.diff(np.append(starts, len(members)))
    united = shapes[members[starts]]
    for length in np.unique(lengths[lengths > 1]):
        runs = np.flatnonzero(lengths == length)
        sets = members[starts[runs, None] + np.arange(length)]
        # Along one cut, hundreds of features meet the same two pieces.
        sets, which = np.unique(sets, axis=0, return_inverse=True)
        joined = map_rows(unite_rows, shapes[sets])
        if original is not None:
            joined = mend_cuts(joined, original)
        united[runs] = joined[which.ravel()]
    return united


def unite_rows(members: Geometries) -> Geometries:
    """Unite shapes of shape (n, k) row by row."""
    united: Geometries = np.empty(len(members), dtype=object)
    for row, shapes in enumerate(members):
        united[row] = unite(shapes)
    return united


def intersect_pairs(pairs: Pairs) -> Parts:
    """Build the polygons that pairs have in common.

    Returns
    -------
    common
        Single polygons; `owner` is the position of the pair.

    Raises
    ------
    ConservationError
        If they and what the first polygons keep do not add up to the first polygons.
    """
    common = pairs.first_near.copy()
    border = ~pairs.within
    shapes, ground = pairs.first_near[border], pairs.second_near[border]
    common[border] = map_rows(shapely.intersection, shapes, ground)
    _require_conserved(shapes, ground, shapely.area(common[border]))
    return keep_polygons(common, np.arange(len(common)))


def _require_conserved(shapes: Geometries, ground: Geometries, shared: Areas) -> None:
    """Compare what shapes share with strip sums, and where these do not bear it out, with the rest.

    Either is computed without a step of the other; the rest takes as long as what is shared.
    """
    wholes = shapely.area(shapes)
    outside, unproved = np.zeros(len(shapes)), np.ones(len(shapes), dtype=np.bool_)
    if loops_pay(len(shapes)):
        sums = sum_pair_areas(shapes, ground)
        outside, unproved = wholes - sums, ~are_equal(wholes, shared, sums)
    remains = map_rows(shapely.difference, shapes[unproved], ground[unproved])
    outside[unproved] = shapely.area(remains)
    require_conserved(shapes, shared, outside)
