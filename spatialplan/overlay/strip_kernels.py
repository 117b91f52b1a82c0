"""The loops behind strip sums, compiled where numba is installed.

Imported only when they are needed, for numba takes a second to load. Without numba the same loops
run interpreted, far too slow to be of use but good enough to be tested: see `COMPILED`.

Edges are rows of five numbers: easting and northing of the western end, of the eastern end, and a
sign, +1 above the polygon and -1 below it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["COMPILED", "list_edges", "locate_boxes", "sum_strips"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

Function = TypeVar("Function", bound=Callable[..., Any])

numba: Any
try:
    numba = import_module("numba")
except (ImportError, OSError):
    # Missing, or its compiler does not load here.
    numba = None

COMPILED = numba is not None


def compiled(function: Function) -> Function:
    """Compile a function at its first call; keep the outcome on disk where that is possible."""
    if numba is None:
        return function
    try:
        return cast(Function, numba.njit(nogil=True, cache=True)(function))
    except RuntimeError:
        # Neither the package's folder nor the user's takes files.
        return cast(Function, numba.njit(nogil=True)(function))


@compiled
def list_edges(points: Floats, ring_starts: Integers, outer: NDArray[np.bool_]) -> Floats:
    """List the edges of closed rings from west to east, signed.

    Parameters
    ----------
    points
        Easting and northing of the rings' vertices, ring after ring, shape (n, 2).
    ring_starts
        Where each ring starts in `points`, and their end, shape (rings + 1,).
    outer
        Whether a ring is the outline of its polygon, not a hole, shape (rings,).

    Returns
    -------
    edges
        Shape (n - rings, 5).
    """
    edges = np.empty((len(points) - len(outer), 5))
    for ring in range(len(outer)):
        first, last = ring_starts[ring], ring_starts[ring + 1] - 1
        doubled = 0.0
        for i in range(first, last):
            east, north = points[i, 0] - points[first, 0], points[i, 1] - points[first, 1]
            next_east = points[i + 1, 0] - points[first, 0]
            next_north = points[i + 1, 1] - points[first, 1]
            doubled += (next_east - east) * (next_north + north)
        turn = 1.0 if (doubled > 0.0) == outer[ring] else -1.0
        for i in range(first, last):
            eastward = points[i, 0] <= points[i + 1, 0]
            west, east = (i, i + 1) if eastward else (i + 1, i)
            edge = edges[i - ring]
            edge[0], edge[1] = points[west, 0], points[west, 1]
            edge[2], edge[3] = points[east, 0], points[east, 1]
            edge[4] = turn if eastward else -turn
    return edges


@compiled
def locate_boxes(
    edges: Floats, starts: Integers, boxes: Floats, ground: Integers
) -> NDArray[np.int8]:
    """Tell where each box lies to its piece of ground: 0 outside, 1 inside, 2 near the border.

    Parameters
    ----------
    edges, starts
        Edges of the ground, and where those of each piece start in them.
    boxes
        West, south, east, north, shape (n, 4).
    ground
        The piece that each box is compared with, shape (n,).
    """
    places = np.empty(len(boxes), dtype=np.int8)
    for row in range(len(boxes)):
        west, south, east, north = boxes[row, 0], boxes[row, 1], boxes[row, 2], boxes[row, 3]
        above = 0.0
        near = False
        for i in range(starts[ground[row]], starts[ground[row] + 1]):
            if edges[i, 2] < west or edges[i, 0] > east:
                continue
            if max(edges[i, 1], edges[i, 3]) < south:
                continue
            if min(edges[i, 1], edges[i, 3]) <= north:
                near = True
                break
            if edges[i, 0] <= west < edges[i, 2]:
                above += edges[i, 4]
        places[row] = 2 if near else int(above > 0.5)
    return places


@compiled
def sum_strips(
    edges: Floats,
    starts: Integers,
    ground_edges: Floats,
    ground_starts: Integers,
    boxes: Floats,
    feature: Integers,
    ground: Integers,
) -> Floats:
    """Area that features and pieces of ground share, pair by pair.

    Parameters
    ----------
    edges, starts, ground_edges, ground_starts
        Edges of both sides, and where those of each polygon start in them.
    boxes
        Bounds of the features.
    feature, ground
        Positions of the pairs, shape (n,).

    Returns
    -------
    areas
        Shape (n,); off by rounding, so that it may be a little below zero.
    """
    areas = np.empty(len(feature))
    close = np.empty((np.max(ground_starts[1:] - ground_starts[:-1]), 5))
    for row in range(len(feature)):
        shape, piece = feature[row], ground[row]
        west, south, east = boxes[shape, 0], boxes[shape, 1], boxes[shape, 2]
        first, last = ground_starts[piece], ground_starts[piece + 1]
        count = take_close(ground_edges, first, last, west, south, east, close)
        total = 0.0
        for i in range(starts[shape], starts[shape + 1]):
            start, end = edges[i, 0] - west, edges[i, 2] - west
            if start < end:
                top, top_east = edges[i, 1] - south, edges[i, 3] - south
                total += edges[i, 4] * sum_edge(start, top, end, top_east, close, count)
        areas[row] = total
    return areas


@compiled
def take_close(
    edges: Floats, first: int, last: int, west: float, south: float, east: float, close: Floats
) -> int:
    """Copy the edges that a box stands on or under, seen from its corner, with their slopes.

    An edge beside or below the box has no strip in it.
    """
    count = 0
    for i in range(first, last):
        if edges[i, 2] <= west or edges[i, 0] >= east or edges[i, 0] >= edges[i, 2]:
            continue
        if max(edges[i, 1], edges[i, 3]) > south:
            close[count, 0], close[count, 1] = edges[i, 0] - west, edges[i, 1] - south
            close[count, 2] = edges[i, 2] - west
            close[count, 3] = (edges[i, 3] - edges[i, 1]) / (edges[i, 2] - edges[i, 0])
            close[count, 4] = edges[i, 4]
            count += 1
    return count


@compiled
def sum_edge(
    start: float, north: float, end: float, end_north: float, close: Floats, count: int
) -> float:
    """Sum up the strips that one edge has in common with those of the ground's edges."""
    slope = (end_north - north) / (end - start)
    total = 0.0
    for i in range(count):
        west, east = max(start, close[i, 0]), min(end, close[i, 2])
        if west < east:
            top_west, top_east = north + (west - start) * slope, north + (east - start) * slope
            other_west = close[i, 1] + (west - close[i, 0]) * close[i, 3]
            other_east = close[i, 1] + (east - close[i, 0]) * close[i, 3]
            low = lower_strip(top_west, top_east, other_west, other_east)
            total += close[i, 4] * (east - west) * low
    return total


@compiled
def lower_strip(one_west: float, one_east: float, two_west: float, two_east: float) -> float:
    """Mean height of the lower of two straight tops; the first is nowhere below zero.

    Where the second is below zero, the height is zero. Tops that cross do so at the share `at` of
    the way, found by similar triangles.
    """
    over_west, over_east = two_west - one_west, two_east - one_east
    if over_west >= 0.0 and over_east >= 0.0:
        return (one_west + one_east) / 2
    if over_west <= 0.0 and over_east <= 0.0:
        return height_above_zero(two_west, two_east)
    at = over_west / (over_west - over_east)
    crossing = one_west + at * (one_east - one_west)
    if over_west > 0.0:
        return at * (one_west + crossing) / 2 + (1 - at) * height_above_zero(crossing, two_east)
    return at * height_above_zero(two_west, crossing) + (1 - at) * (crossing + one_east) / 2


@compiled
def height_above_zero(west: float, east: float) -> float:
    """Mean height of a straight top, its parts below zero counted as zero."""
    if west >= 0.0 and east >= 0.0:
        return (west + east) / 2
    if west <= 0.0 and east <= 0.0:
        return 0.0
    high = max(west, east)
    return high * high / (abs(west) + abs(east)) / 2
