"""The shortest way from each of many places to the nearest of many lines.

Lines lie in boxes, eight boxes in a box, and so on up to one::

    ┌──────────────┐      A place goes down into the nearest box first, and turns back from every
    │ ┌───┐  ┌───┐ │      box that is further off than what it has found; of a line it comes to, it
    │ │ ╱ │  │ ╲_│ │  ▱   measures the edges that can be nearer. What was nearest to the place
    │ └───┘  └───┘ │      before is a good first guess, as places come in some order.
    └──────────────┘

Loops can be compiled where that pays; else GEOS is asked, which finds the same ways to the last
digit. It is also asked about places that may touch a line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.outlines import load_loops, start_after, trace_outlines
from spatialplan.overlay.nearest import Boxes, nearest_rows
from spatialplan.overlay.paying import loops_pay
from spatialplan.overlay.polygons import Geometries, Integers
from spatialplan.overlay.workers import map_rows

__all__ = ["FANOUT", "IndexedLines", "shortest_ways"]

LOOPS = "spatialplan.overlay.nearest_loops"

# Boxes that share a box of the next level.
FANOUT = 8

Ways = NDArray[np.float64]


@dataclass(frozen=True)
class IndexedLines:
    """Lines and points in one plane, at least one, none empty, to be asked many times."""

    shapes: Geometries

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index for GEOS, complete, so that threads may share it."""
        tree = shapely.STRtree(self.shapes)
        tree.query(shapely.Point(0.0, 0.0))
        return tree

    @cached_property
    def arrays(self) -> tuple[Ways, Integers, Integers, Boxes, Integers]:
        """What loops take: vertices, their starts, order, boxes, levels."""
        points = np.ascontiguousarray(shapely.get_coordinates(self.shapes))
        starts = start_after(shapely.get_num_coordinates(self.shapes))
        boxes = shapely.bounds(self.shapes)
        order = _order_boxes(boxes)
        levels = _gather_levels(boxes[order])
        return (
            points,
            starts,
            order,
            np.concatenate(levels),
            start_after(np.array([*map(len, levels)])),
        )

    def make_ready(self) -> IndexedLines:
        """Build what threads are going to share; return self."""
        _ = self.tree, self.arrays
        return self


def shortest_ways(places: Geometries, lines: IndexedLines) -> tuple[Integers, Ways]:
    """Find the line nearest to each place, and the shortest way there.

    Parameters
    ----------
    places
        Polygons or multipolygons in the lines' plane, none empty, object[n].

    Returns
    -------
    rows
        Int64, shape (n,); of lines equally near, the first.
    ways
        Easting and northing where the way leaves the place, and where it meets the line, float64,
        shape (n, 4).

    Examples
    --------
    >>> lines = IndexedLines(np.array([shapely.Point(9, 1), shapely.LineString([(5, 0), (5, 4)])]))
    >>> rows, ways = shortest_ways(np.array([shapely.Point(0, 2).buffer(1, quad_segs=1)]), lines)
    >>> rows.tolist(), ways.tolist()
    ([1], [[1.0, 2.0, 5.0, 2.0]])
    """
    if not loops_pay(len(places)):
        return _ask_geos(places, lines)
    found = map_rows(lambda some: _search(some, lines), places)
    rows, ways = found[:, 0].astype(np.int64), found[:, 1:]
    touching = np.flatnonzero(rows == load_loops(LOOPS).TOUCHING)
    if len(touching):
        rows[touching], ways[touching] = _ask_geos(places[touching], lines)
    return rows, ways


def _search(places: Geometries, lines: IndexedLines) -> Ways:
    """Return row and way of each place, shape (n, 5)."""
    points, ring_starts, _, starts = trace_outlines(places).rings
    rows, ways = load_loops(LOOPS).find_nearest(
        points, ring_starts, starts, shapely.bounds(places), *lines.arrays
    )
    return np.column_stack([rows, ways])


def _ask_geos(places: Geometries, lines: IndexedLines) -> tuple[Integers, Ways]:
    rows = nearest_rows(places, lines.tree)
    ways = map_rows(shapely.shortest_line, places, lines.shapes[rows])
    return rows, shapely.get_coordinates(ways).reshape(-1, 4)


def _order_boxes(boxes: Boxes) -> Integers:
    """Order boxes in strips from west to east, from south to north in each."""
    centres = boxes[:, :2] + boxes[:, 2:]
    strips = int(np.ceil(np.sqrt(len(boxes) / FANOUT)))
    strip = np.empty(len(boxes), dtype=np.int64)
    strip[np.argsort(centres[:, 0], kind="stable")] = np.arange(len(boxes)) * strips // len(boxes)
    return np.lexsort((centres[:, 1], strip))


def _gather_levels(boxes: Boxes) -> list[Boxes]:
    """Return boxes, the boxes around each `FANOUT` of them, and so on up to one."""
    levels = [boxes]
    while len(levels[-1]) > 1:
        firsts = np.arange(0, len(levels[-1]), FANOUT)
        low = np.minimum.reduceat(levels[-1][:, :2], firsts)
        high = np.maximum.reduceat(levels[-1][:, 2:], firsts)
        levels.append(np.hstack([low, high]))
    return levels
