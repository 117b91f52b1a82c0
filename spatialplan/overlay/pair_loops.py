"""The loops that sum up strips of single pairs; see `spatialplan.overlay.pair_areas`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines.compiling import compiled
from spatialplan.overlay.lattice_loops import Floats, Integers, turn_of
from spatialplan.overlay.strip_loops import lower_height

__all__ = ["sum_pairs"]

Flags = NDArray[np.bool_]


@compiled
def sum_pairs(
    points: Floats,
    ring_starts: Integers,
    outer: Flags,
    starts: Integers,
    other_points: Floats,
    other_ring_starts: Integers,
    other_outer: Flags,
    other_starts: Integers,
    partners: Integers,
) -> Floats:
    """Return the area that each feature shares with its partner, float64[n].

    Parameters
    ----------
    points, ring_starts, outer, starts
        The features; see `spatialplan.outlines.Outlines`.
    other_points, other_ring_starts, other_outer, other_starts
        The partners.
    partners
        Row of each feature's partner.
    """
    areas = np.empty(len(partners))
    strips = np.empty((64, 5))
    for row in range(len(partners)):
        first, last = starts[row], starts[row + 1]
        own = points[ring_starts[first] : ring_starts[last]]
        low, high = own[0].copy(), own[0].copy()
        for i in range(len(own)):
            for axis in range(2):
                low[axis], high[axis] = min(low[axis], own[i, axis]), max(high[axis], own[i, axis])
        rings = other_starts[partners[row]], other_starts[partners[row] + 1]
        most = other_ring_starts[rings[1]] - other_ring_starts[rings[0]]
        if most > len(strips):
            strips = np.empty((2 * most, 5))
        count = 0
        for ring in range(rings[0], rings[1]):
            begin, end = other_ring_starts[ring], other_ring_starts[ring + 1] - 1
            turn = turn_of(other_points, begin, end, other_outer[ring])
            for i in range(begin, end):
                count = draw_strip(
                    strips, count, other_points[i], other_points[i + 1], turn, low, high
                )
        total = 0.0
        for ring in range(first, last):
            begin, end = ring_starts[ring], ring_starts[ring + 1] - 1
            turn = turn_of(points, begin, end, outer[ring])
            for i in range(begin, end):
                total += sum_strip(strips, count, points[i], points[i + 1], turn, low)
        areas[row] = total
    return areas


@compiled
def draw_strip(
    strips: Floats, count: int, a: Floats, b: Floats, turn: float, low: Floats, high: Floats
) -> int:
    """Note the strip under an edge where it can matter in a box; return how many there are.

    A strip is west end, height there, east end, height there, and sign, seen from the box's corner;
    above the box all heights are the same.
    """
    if a[0] > b[0]:
        a, b, turn = b, a, -turn
    if a[0] == b[0] or b[0] <= low[0] or a[0] >= high[0] or max(a[1], b[1]) <= low[1]:
        return count
    west, east = a[1] - low[1], b[1] - low[1]
    if min(a[1], b[1]) >= high[1]:
        west = east = high[1] - low[1]
    strip = strips[count]
    strip[0], strip[1], strip[2], strip[3], strip[4] = (
        a[0] - low[0],
        west,
        b[0] - low[0],
        east,
        turn,
    )
    return count + 1


@compiled
def sum_strip(strips: Floats, count: int, a: Floats, b: Floats, turn: float, low: Floats) -> float:
    """Sum up what the strip under an edge shares with the strips noted."""
    if a[0] > b[0]:
        a, b, turn = b, a, -turn
    west, east, height = a[0] - low[0], b[0] - low[0], a[1] - low[1]
    if west == east:
        return 0.0
    rise, total = (b[1] - a[1]) / (east - west), 0.0
    for i in range(count):
        start, end = max(west, strips[i, 0]), min(east, strips[i, 2])
        if start >= end:
            continue
        slope = (strips[i, 3] - strips[i, 1]) / (strips[i, 2] - strips[i, 0])
        other_west = strips[i, 1] + (start - strips[i, 0]) * slope
        other_east = strips[i, 1] + (end - strips[i, 0]) * slope
        own_west, own_east = height + (start - west) * rise, height + (end - west) * rise
        below = lower_height(0.0, 0.0, other_west, other_east)
        shared = lower_height(own_west, own_east, other_west, other_east)
        total += strips[i, 4] * (end - start) * (shared - below)
    return turn * total
