"""The loops that measure outlines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines.compiling import compiled

__all__ = ["measure"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@compiled
def measure(
    points: Floats, ring_starts: Integers, outer: NDArray[np.bool_], starts: Integers
) -> tuple[Floats, Floats]:
    """Return area and box of every feature, float64[n] and [n, 4]; NaN boxes where nothing is."""
    count = len(starts) - 1
    areas, boxes = np.zeros(count), np.full((count, 4), np.nan)
    for feature in range(count):
        west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
        for ring in range(starts[feature], starts[feature + 1]):
            first, last = ring_starts[ring], ring_starts[ring + 1] - 1
            doubled = 0.0
            for i in range(first, last):
                x, y = points[i, 0] - points[first, 0], points[i, 1] - points[first, 1]
                next_x = points[i + 1, 0] - points[first, 0]
                next_y = points[i + 1, 1] - points[first, 1]
                doubled += x * next_y - next_x * y
                west, east = min(west, points[i, 0]), max(east, points[i, 0])
                south, north = min(south, points[i, 1]), max(north, points[i, 1])
            areas[feature] += abs(doubled) / 2 if outer[ring] else -abs(doubled) / 2
        if west <= east:
            boxes[feature, 0], boxes[feature, 1] = west, south
            boxes[feature, 2], boxes[feature, 3] = east, north
    return areas, boxes
