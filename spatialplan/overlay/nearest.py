"""Which of many shapes is nearest, for thousands of places at once.

An index can be asked for whatever meets a box many times faster than for what is nearest. So boxes
around the places are grown until they hold something; of what they hold, boxes tell most apart, and
the distance proper is measured to a few.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.overlay.polygons import Geometries, Integers
from spatialplan.overlay.workers import map_rows

__all__ = ["box_gaps", "nearest_rows"]

Boxes = NDArray[np.float64]


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
    shapes = tree.geometries
    shape_boxes, place_boxes = shapely.bounds(shapes), shapely.bounds(places)
    nearest = np.zeros(len(places), dtype=np.int64)
    least = np.full(len(places), np.inf)
    reach = np.full(len(places), _usual_spacing(shape_boxes))
    asked = np.arange(len(places))
    while len(asked):
        around = place_boxes[asked] + reach[asked, None] * [-1.0, -1.0, 1.0, 1.0]
        row, shape = tree.query(shapely.box(*around.T))
        place = asked[row]
        gap = box_gaps(place_boxes[place], shape_boxes[shape])
        # Whatever is nearest by its box is measured first, then what by its box may be nearer.
        first = _first_least(place, gap)
        least[place[first]] = _measure(places[place[first]], shapes[shape[first]])
        promising = gap <= least[place]
        promising[first] = True  # whose gap may be larger than its distance in the last digit
        near = np.flatnonzero(promising)
        near = near[np.lexsort((shape[near], place[near]))]
        place, shape = place[near], shape[near]
        distance = _measure(places[place], shapes[shape])
        found = _first_least(place, distance)
        nearest[place[found]], least[place[found]] = shape[found], distance[found]
        # What lies nearer than the box reaches has been seen; else look again, just far enough.
        asked = asked[least[asked] > reach[asked]]
        reach[asked] = np.minimum(least[asked], 2 * reach[asked])
    return nearest


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
