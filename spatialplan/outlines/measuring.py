"""Areas and boxes of outlines, in the plane that they are drawn in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines.loading import has_compiler, load_loops
from spatialplan.outlines.tracing import Outlines, drop_strangers

__all__ = ["measure_outlines"]

Floats = NDArray[np.float64]


# Loading compiled loops takes half a second; without them so many vertices take a twentieth.
MANY_VERTICES = 400_000


def measure_outlines(outlines: Outlines) -> tuple[Floats, Floats]:
    """Measure features.

    Returns
    -------
    areas
        Holes subtracted, in the plane's unit squared, float64[n].
    boxes
        West, south, east, north, float64[n, 4]; NaN for a feature without a ring.

    Examples
    --------
    >>> import shapely
    >>> from spatialplan.outlines import trace_outlines
    >>> areas, boxes = measure_outlines(trace_outlines(np.array([shapely.box(0, 0, 2, 1)])))
    >>> areas.tolist(), boxes.tolist()
    ([2.0], [[0.0, 0.0, 2.0, 1.0]])
    """
    if len(outlines.points) < MANY_VERTICES or not has_compiler():
        return measure_rings(outlines)
    areas, boxes = load_loops("spatialplan.outlines.outline_loops").measure(*outlines.rings)
    return areas, boxes


def measure_rings(outlines: Outlines) -> tuple[Floats, Floats]:
    """Do so without compiled loops."""
    outlines = drop_strangers(outlines)
    points, rings = outlines.points, outlines.ring_starts
    seen = points - np.repeat(points[rings[:-1]], np.diff(rings), axis=0)
    following = np.roll(seen, -1, axis=0)
    doubled = sum_runs(seen[:, 0] * following[:, 1] - following[:, 0] * seen[:, 1], rings)
    signed = np.where(outlines.outer, 1.0, -1.0) * np.abs(doubled) / 2
    boxes = np.full((len(outlines), 4), np.nan)
    ends = rings[outlines.starts]
    filled = ends[1:] > ends[:-1]
    if filled.any():
        firsts = ends[:-1][filled]
        boxes[filled, :2] = np.minimum.reduceat(points, firsts)
        boxes[filled, 2:] = np.maximum.reduceat(points, firsts)
    return sum_runs(signed, outlines.starts), boxes


def sum_runs(values: Floats, starts: NDArray[np.int64]) -> Floats:
    """Sum up values run by run; a run of none sums up to 0.

    The value at the last vertex of a ring is no edge's, but 0: a ring starts where it is seen from.
    """
    sums = np.zeros(len(starts) - 1)
    filled = starts[1:] > starts[:-1]
    if filled.any():
        sums[filled] = np.add.reduceat(values, starts[:-1][filled])
    return sums
