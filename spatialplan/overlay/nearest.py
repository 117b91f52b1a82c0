"""Which of many shapes is nearest, for thousands of places at once.

An index can be asked for whatever meets a box many times faster than for what is nearest. So boxes
around the places are grown until they hold something; of what they hold, boxes tell most apart, and
the distance proper is measured to a few.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.overlay.polygons import Geometries, Integers
from spatialplan.overlay.workers import map_rows

__all__ = ["box_gaps", "nearest_rows"]

# Places that are looked up each by itself, and beyond that, how many share a first guess.
PLACES_ALONE, PLACES_TOGETHER = 256, 16

Boxes = NDArray[np.float64]

# By so much, as a factor, rounding may part what is equal.
ROUNDING = 1.0 + 1e-9


def nearest_rows(places: Geometries, shapes: Geometries | shapely.STRtree) -> Integers:
    """Return the position of the shape nearest to each place.

    Parameters
    ----------
    places
        Geometries of any kind in one plane, none empty, object[n].
    shapes
        At least one, none empty, in the same plane, object[m]; or an index of them.

    Returns
    -------
    rows
        Int64, shape (n,); of shapes equally near, the first.

    Examples
    --------
    >>> shapes = np.array([shapely.Point(0, 0), shapely.Point(9, 0)])
    >>> nearest_rows(np.array([shapely.Point(4, 1), shapely.box(5, 5, 6, 6)]), shapes).tolist()
    [0, 1]
    """
    tree = shapes if isinstance(shapes, shapely.STRtree) else shapely.STRtree(shapes)
    shape_boxes, place_boxes = shapely.bounds(tree.geometries), shapely.bounds(places)
    nearest, least = np.zeros(len(places), dtype=np.int64), np.full(len(places), np.inf)
    reach = np.full(len(places), _usual_spacing(shape_boxes))
    search = _Search(places, place_boxes, tree, shape_boxes, nearest, least, reach)
    if len(places) > PLACES_ALONE:
        leaders, follows = _gather(place_boxes)
        search.run(leaders)
        # What is nearest to a neighbour is near: how near, is how far one has to look.
        nearest[:] = nearest[leaders[follows]]
        least[:] = reach[:] = _measure(places, tree.geometries[nearest])
    search.run(np.arange(len(places)))
    return nearest


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for the nearest of each place; `nearest`, `least` and `reach` are filled in."""

    places: Geometries
    place_boxes: Boxes
    tree: shapely.STRtree
    shape_boxes: Boxes
    nearest: Integers
    least: NDArray[np.float64]
    reach: NDArray[np.float64]

    def run(self, asked: Integers) -> None:
        """Grow boxes around places until whatever may be nearer than what was found is in them."""
        while len(asked):
            self._look(asked)
            # What lies nearer than the box reaches has been seen; else look again, just far enough.
            asked = asked[self.least[asked] > self.reach[asked]]
            self.reach[asked] = np.minimum(self.least[asked], 2 * self.reach[asked])

    def _look(self, asked: Integers) -> None:
        nearest, least, shapes = self.nearest, self.least, self.tree.geometries
        around = self.place_boxes[asked] + self.reach[asked, None] * [-1.0, -1.0, 1.0, 1.0]
        row, shape = self.tree.query(shapely.box(*around.T))
        place = asked[row]
        gap = box_gaps(self.place_boxes[place], self.shape_boxes[shape])
        # Whatever is nearest by its box is measured first, then what by its box may be nearer.
        first = _first_least(place, gap)
        measured = _measure(self.places[place[first]], shapes[shape[first]])
        least[place[first]] = np.minimum(least[place[first]], measured)
        # A gap may be larger than the distance in the last digit.
        promising = gap <= ROUNDING * least[place]
        promising[first] = True
        promising |= shape == nearest[place]
        near = np.flatnonzero(promising)
        near = near[np.lexsort((shape[near], place[near]))]
        place, shape = place[near], shape[near]
        distance = _measure(self.places[place], shapes[shape])
        found = _first_least(place, distance)
        nearest[place[found]], least[place[found]] = shape[found], distance[found]


def _gather(boxes: Boxes) -> tuple[Integers, Integers]:
    """Gather places in squares of a grid: the first of each square, and each one's square."""
    low = np.min(boxes[:, :2], axis=0)
    extent = float(np.max(boxes[:, 2:] - low)) or 1.0
    side = extent / math.sqrt(len(boxes) / PLACES_TOGETHER)
    column, row = ((boxes[:, :2] - low) / side).astype(np.int64).T
    _, leaders, follows = np.unique(
        column * (row.max() + 1) + row, return_index=True, return_inverse=True
    )
    return leaders, follows


def box_gaps(one: Boxes, other: Boxes) -> NDArray[np.float64]:
    """Distance between boxes (west, south, east, north), row by row or one against many."""
    apart = np.maximum(one[..., :2] - other[..., 2:], other[..., :2] - one[..., 2:])
    gaps: NDArray[np.float64] = np.hypot(*np.moveaxis(np.maximum(apart, 0.0), -1, 0))
    return gaps


def _measure(places: Geometries, shapes: Geometries) -> NDArray[np.float64]:
    return map_rows(shapely.distance, places, shapes)


def _first_least(place: Integers, values: NDArray[np.float64]) -> Integers:
    """Return for each place, sorted, the first row with its least value."""
    starts = np.flatnonzero(np.append(True, place[1:] != place[:-1])[: len(place)])
    if not len(starts):
        return starts
    least = np.minimum.reduceat(values, starts)
    lengths = np.diff(np.append(starts, len(place)))
    rows = np.flatnonzero(values == np.repeat(least, lengths))
    return rows[np.searchsorted(rows, starts)]


def _usual_spacing(boxes: Boxes) -> float:
    """Side of the square that a shape has to itself; above zero."""
    west, south, east, north = boxes.T
    extent = float((east.max() - west.min()) * (north.max() - south.min()))
    return max(math.sqrt(extent / len(boxes)), 1.0)
