"""Outlines of polygons, and how they are taken out of geometry objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = [
    "Outlines",
    "count_up",
    "draw_outlines",
    "drop_strangers",
    "join_outlines",
    "start_after",
    "trace_outlines",
]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outlines:
    """Polygons and multipolygons as arrays.

    Attributes
    ----------
    points
        Easting and northing of the rings' vertices, ring after ring, float64[points, 2]; rings
        are closed.
    ring_starts
        Where each ring starts in `points`, and their end, int64[rings + 1].
    outer
        Whether a ring is the outline of a polygon, not a hole, bool[rings].
    starts
        Where each feature starts among the rings, and their end, int64[n + 1]; a missing or
        empty feature has no ring. Rings before the first and after the last belong to nobody.
    """

    points: NDArray[np.float64]
    ring_starts: Integers
    outer: NDArray[np.bool_]
    starts: Integers

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, rows: slice) -> Outlines:
        """Return the features in a slice without step; no point is copied."""
        start, stop, _ = rows.indices(len(self))
        starts = self.starts[start : max(start, stop) + 1]
        return Outlines(self.points, self.ring_starts, self.outer, starts)

    def take(self, rows: Integers) -> Outlines:
        """Return the features in `rows`; their points are copied."""
        ring = count_up(self.starts[rows], self.starts[rows + 1])[1]
        point = count_up(self.ring_starts[ring], self.ring_starts[ring + 1])[1]
        return Outlines(
            self.points[point],
            start_after(np.diff(self.ring_starts)[ring]),
            self.outer[ring],
            start_after(np.diff(self.starts)[rows]),
        )

    @property
    def vertices(self) -> Integers:
        """How many vertices each feature has, int64[n]."""
        ends = self.ring_starts[self.starts]
        return ends[1:] - ends[:-1]

    @property
    def rings(self) -> tuple[NDArray[np.float64], Integers, NDArray[np.bool_], Integers]:
        """What loops take: points, ring_starts, outer, starts."""
        return self.points, self.ring_starts, self.outer, self.starts


def trace_outlines(polygons: NDArray[np.object_]) -> Outlines:
    """Take the rings out of polygons and multipolygons, object[n]; Z and M are dropped.

    Examples
    --------
    >>> outlines = trace_outlines(np.array([shapely.box(0, 0, 2, 1), None]))
    >>> len(outlines), outlines.starts.tolist(), outlines.ring_starts.tolist()
    (2, [0, 1, 1], [0, 5])
    """
    points = np.ascontiguousarray(shapely.get_coordinates(polygons))
    simple = shapely.get_type_id(polygons) != shapely.GeometryType.MULTIPOLYGON
    if simple.all() and not shapely.get_num_interior_rings(polygons).any():
        counts = shapely.get_num_coordinates(polygons)
        filled = counts > 0
        ring_starts = start_after(counts[filled])
        outer = np.ones(len(ring_starts) - 1, np.bool_)
        return Outlines(points, ring_starts, outer, start_after(filled))
    parts, owner = shapely.get_parts(polygons, return_index=True)
    filled = ~shapely.is_empty(parts)
    rings, part = shapely.get_rings(parts[filled], return_index=True)
    # The first ring of each polygon is its outline.
    outer = np.append(True, part[1:] != part[:-1])[: len(rings)]
    starts = np.searchsorted(owner[filled][part], np.arange(len(polygons) + 1))
    ring_starts = start_after(shapely.get_num_coordinates(rings))
    return Outlines(points, ring_starts, outer, starts.astype(np.int64))


def draw_outlines(outlines: Outlines) -> NDArray[np.object_]:
    """Make geometry objects of outlines, object[n]; features without a ring are empty polygons.

    Examples
    --------
    >>> ring = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
    >>> bool(draw_outlines(trace_outlines(np.array([ring])))[0].equals(ring))
    True
    """
    if outlines.starts[0] or outlines.starts[-1] < len(outlines.outer):
        outlines = drop_strangers(outlines)
    owner = np.repeat(np.arange(len(outlines)), np.diff(outlines.starts))
    ring = np.repeat(np.arange(len(outlines.outer)), np.diff(outlines.ring_starts))
    rings = shapely.linearrings(outlines.points, indices=ring)
    part = np.cumsum(outlines.outer) - 1
    first = np.flatnonzero(outlines.outer)
    parts = shapely.polygons(rings, indices=part) if len(rings) else np.zeros(0, dtype=object)
    shapes = np.full(len(outlines), shapely.Polygon(), dtype=object)
    members, counts = np.unique(owner[first], return_counts=True)
    single = np.isin(owner[first], members[counts == 1])
    shapes[owner[first][single]] = parts[single]
    if not single.all():
        several = members[counts > 1]
        rows = np.searchsorted(several, owner[first][~single])
        shapes[several] = shapely.multipolygons(parts[~single], indices=rows)
    return shapes


def drop_strangers(outlines: Outlines) -> Outlines:
    """Copy outlines without the rings that belong to nobody."""
    first, last = outlines.starts[0], outlines.starts[-1]
    ring_starts = outlines.ring_starts[first : last + 1]
    points = outlines.points[ring_starts[0] : ring_starts[-1]]
    outer = outlines.outer[first:last]
    return Outlines(points, ring_starts - ring_starts[0], outer, outlines.starts - first)


def join_outlines(outlines: Sequence[Outlines]) -> Outlines:
    """Put the features of several outlines behind one another."""
    outlines = [drop_strangers(some) for some in outlines]
    points = np.concatenate([np.zeros((0, 2)), *(some.points for some in outlines)])
    outer = np.concatenate([np.zeros(0, np.bool_), *(some.outer for some in outlines)])
    ring_sizes = [np.diff(some.ring_starts) for some in outlines]
    sizes = [np.diff(some.starts) for some in outlines]
    nothing = np.zeros(0, np.int64)
    return Outlines(
        points,
        start_after(np.concatenate([nothing, *ring_sizes])),
        outer,
        start_after(np.concatenate([nothing, *sizes])),
    )


def start_after(counts: NDArray[np.integer | np.bool_]) -> Integers:
    """Return where each group starts when groups of these sizes stand one after the other."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def count_up(first: Integers, end: Integers) -> tuple[Integers, Integers]:
    """Count from each first number up to before its end; return whose, and the number.

    Examples
    --------
    >>> which, number = count_up(np.array([7, 2]), np.array([9, 3]))
    >>> which.tolist(), number.tolist()
    ([0, 0, 1], [7, 8, 2])
    """
    counts = end - first
    which = np.repeat(np.arange(len(first)), counts)
    return which, np.arange(len(which)) - (np.cumsum(counts) - counts - first)[which]
