"""The loops that find polygons without anything narrow; see `spatialplan.overlay.hairlines`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines.compiling import compiled
from spatialplan.overlay.nearest_loops import Floats, Integers, edge_distance, point_at

__all__ = ["find_plain"]


@compiled
def find_plain(
    points: Floats,
    ring_starts: Integers,
    starts: Integers,
    width: float,
    most_lost: float,
    most_vertices: int,
) -> NDArray[np.bool_]:
    """Tell which polygons surely lose next to nothing when what is narrower than `width` goes.

    They have no two edges nearer to each other than twice that, but for neighbours, and corners so
    blunt that together they lose at most `most_lost` of outline.

    Parameters
    ----------
    points, ring_starts, starts
        Rings of the polygons; see `spatialplan.outlines.Outlines`.
    most_vertices
        Polygons of more vertices are not looked at.
    """
    plain = np.zeros(len(starts) - 1, np.bool_)
    for i in range(len(plain)):
        rings = ring_starts[starts[i] : starts[i + 1] + 1]
        if rings[-1] - rings[0] <= most_vertices and blunt(points, rings, width, most_lost):
            plain[i] = keep_apart(points, rings, 2 * width)
    return plain


@compiled
def blunt(points: Floats, rings: Integers, width: float, most_lost: float) -> bool:
    """Tell whether corners are so blunt that they lose little outline.

    The part of a corner narrower than a width begins at half of it, over the tangent of half the
    angle, from the corner, on both its edges.
    """
    lost = 0.0
    for ring in range(len(rings) - 1):
        first, last = rings[ring], rings[ring + 1] - 1
        for i in range(first, last):
            before = i - 1 if i > first else last - 1
            west, south = points[before, 0] - points[i, 0], points[before, 1] - points[i, 1]
            east, north = points[i + 1, 0] - points[i, 0], points[i + 1, 1] - points[i, 1]
            lengths = math.hypot(west, south) * math.hypot(east, north)
            cosine = west * east + south * north
            if not cosine < lengths:
                return False
            lost += width * math.sqrt(max(lengths + cosine, 0.0) / (lengths - cosine))
            if lost > most_lost:
                return False
    return True


@compiled
def keep_apart(points: Floats, rings: Integers, least: float) -> bool:
    """Tell whether edges that are no neighbours are further apart than `least`."""
    for ring in range(len(rings) - 1):
        first, last = rings[ring], rings[ring + 1] - 1
        for i in range(first, last):
            west, east = min(points[i, 0], points[i + 1, 0]), max(points[i, 0], points[i + 1, 0])
            south, north = min(points[i, 1], points[i + 1, 1]), max(points[i, 1], points[i + 1, 1])
            west, south, east, north = west - least, south - least, east + least, north + least
            # Of its own ring the edges after the next one, and all edges of later rings.
            closing = i == first
            for later in range(ring, len(rings) - 1):
                start = i + 2 if later == ring else rings[later]
                stop = rings[later + 1] - 1
                if later == ring and closing:
                    stop -= 1
                for j in range(start, stop):
                    if (
                        max(points[j, 0], points[j + 1, 0]) < west
                        or min(points[j, 0], points[j + 1, 0]) > east
                        or max(points[j, 1], points[j + 1, 1]) < south
                        or min(points[j, 1], points[j + 1, 1]) > north
                    ):
                        continue
                    one, other = point_at(points, i), point_at(points, j)
                    ends = point_at(points, i + 1), point_at(points, j + 1)
                    if edge_distance(one, ends[0], other, ends[1]) <= least:
                        return False
    return True
