"""Outlines of a layer in short runs, and which shapes can be the nearest to sites in a box."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.overlay import Parts, box_gaps

__all__ = ["Box", "cut_outlines", "meets", "within_reach"]

Box = NDArray[np.float64]

# The plane of judgement stretches distances, by a tenth at the far ends of a province; what may be
# nearest is chosen in it with more than that to spare.
STRETCH = 1.5

# Edges in a run of outline: shorter ones make a larger tree, longer ones dearer distances.
RUN_EDGES = 16


def within_reach(shapes: NDArray[np.object_], box: Box) -> NDArray[np.int64]:
    """Return which shapes may be the nearest to something in a box: a few around a small one."""
    if not len(shapes):
        return np.zeros(0, dtype=np.int64)
    west, south, east, north = box
    vertices = shapely.get_coordinates(shapes)
    to_vertex = box_gaps(np.column_stack([vertices, vertices]), box).min()
    reach = STRETCH * (to_vertex + np.hypot(east - west, north - south))
    return np.flatnonzero(box_gaps(shapely.bounds(shapes), box) <= reach)


def meets(shapes: NDArray[np.object_], box: Box) -> NDArray[np.bool_]:
    """Tell which shapes' boxes meet a box."""
    return np.asarray(box_gaps(shapely.bounds(shapes), box) <= 0.0)


def cut_outlines(shapes: NDArray[np.object_]) -> Parts:
    """Outlines of polygons, and lines and points, in short runs: far ones cost nothing."""
    areal = shapely.get_dimensions(shapes) == 2
    parts, part_owner = shapely.get_parts(shapes[areal], return_index=True)
    rings, ring_owner = shapely.get_rings(parts, return_index=True)
    others, other_owner = shapely.get_parts(shapes[~areal], return_index=True)
    drawn = shapely.get_dimensions(others) == 1
    owner = np.flatnonzero(areal)[part_owner[ring_owner]]
    rest = np.flatnonzero(~areal)[other_owner]
    runs = _cut_runs(np.concatenate([rings, others[drawn]]))
    return Parts(
        np.concatenate([runs.geometry, others[~drawn]]),
        np.concatenate([np.concatenate([owner, rest[drawn]])[runs.owner], rest[~drawn]]),
    )


def _cut_runs(lines: NDArray[np.object_]) -> Parts:
    """Cut lines and rings into runs of `RUN_EDGES` edges; `owner` is the line of each run."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    if not len(points):
        return Parts(lines, np.arange(len(lines)))
    starts = np.flatnonzero(np.append(True, line[1:] != line[:-1]))
    rank = np.arange(len(points)) - np.repeat(starts, np.diff(np.append(starts, len(points))))
    last = np.append(line[1:] != line[:-1], True)
    run = np.cumsum((rank % RUN_EDGES == 0) & ~last) - 1
    # The first point of a run is the last one of the run before, unless a line begins there.
    joint = np.flatnonzero((rank % RUN_EDGES == 0) & (rank > 0) & ~last)
    order = np.sort(np.concatenate([np.arange(len(points)), joint]), kind="stable")
    twice = np.append(False, order[1:] == order[:-1])
    number = run[order]
    number[np.flatnonzero(twice) - 1] -= 1
    runs = shapely.linestrings(points[order], indices=number)
    return Parts(runs, line[np.flatnonzero(np.append(True, run[1:] != run[:-1]))])
