"""All shifts of a footprint judged at once, on a grid."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.overlay.polygons import Geometries, explode
from spatialplan.suggestions.ground import Barrier
from spatialplan.suggestions.raster import Grid, count_meetings, list_edges, touch_cells
from spatialplan.suggestions.task import Disc, Task

__all__ = ["judge_shifts"]

Flags = NDArray[np.bool_]


def judge_shifts(task: Task, disc: Disc) -> Flags:
    """Tell where on the grid each turn meets no forbidden cell, shape (turns, n, n).

    Rows go north and columns east; the middle is the site's own place.
    """
    step_m, reach = disc.step_m, int(disc.radius_m // disc.step_m)
    west, south, east, north = task.bounds
    rows, columns = (math.ceil(side / step_m) + 1 for side in (north - south, east - west))
    own_grid = Grid(west, south, step_m, rows, columns)
    site = task.footprint
    ground_grid = Grid(
        site.east_m + west - reach * step_m,
        site.north_m + south - reach * step_m,
        step_m,
        rows + 2 * reach,
        columns + 2 * reach,
    )
    avoided = touch_barrier(task.ground.avoided, ground_grid)
    outside = touch_barrier(task.ground.outside, ground_grid)
    free = np.empty((len(task.turns), 2 * reach + 1, 2 * reach + 1), dtype=np.bool_)
    for turn, freedom in enumerate(task.turns):
        tiles = freedom.footprint.tiles
        bare = touch_polygons(tiles, own_grid)
        if task.clearance_m > 0.0:
            wide = touch_polygons(shapely.buffer(tiles, task.clearance_m), own_grid)
            counts = count_meetings(avoided, wide) + count_meetings(outside, bare)
        else:
            counts = count_meetings(avoided | outside, bare)
        free[turn] = counts == 0
    return free


def touch_barrier(barrier: Barrier, grid: Grid) -> Flags:
    """Mark the cells that a barrier touches."""
    near = np.sort(barrier.tree.query(shapely.box(*grid.bounds)))
    return touch_cells(barrier.edges.of(near), grid)


def touch_polygons(polygons: Geometries, grid: Grid) -> Flags:
    """Mark the cells that polygons touch."""
    return touch_cells(list_edges(explode(polygons).geometry).ends, grid)
