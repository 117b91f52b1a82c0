"""From runs of cells to outlines along the edges of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import to_plane
from spatialplan.changes.runs import Runs
from spatialplan.crs import Plane, zone_crs
from spatialplan.layers import Grid

__all__ = ["anchor_cell", "outline_patches"]


def outline_patches(
    patches: Sequence[Runs], grid: Grid, *, plane: Plane, working_crs: Any = None
) -> NDArray[np.object_]:
    """Return the outlines of patches in the plane of judgement, shape (n,).

    They are joined in whole cells, which is exact, and only then moved. On a grid of longitude and
    latitude a corner stands at every cell, because its edges are straight nowhere else.

    Parameters
    ----------
    patches
        Runs of one patch each.
    working_crs
        The projected CRS in which edges of a geographic grid count as straight; default: the
        CGCS2000 zone of the grid's middle.
    """
    shapes = np.array([_join_cells(runs) for runs in patches] or [None], dtype=object)
    shapes = shapes[: len(patches)]
    if grid.crs.is_geographic:
        shapes = np.asarray(shapely.segmentize(shapes, 1.0), dtype=object)
    placed = shapely.transform(shapes, lambda cells: _from_cells(cells, grid))
    middle = grid.west + grid.step_east * grid.columns / 2
    straight = working_crs if working_crs is not None else _straight_crs(grid, middle)
    return to_plane(np.asarray(placed, dtype=object), grid.crs, plane=plane, split_crs=straight)


def anchor_cell(runs: Runs, grid: Grid) -> tuple[float, float]:
    """Return the middle of a patch's first cell (the northernmost row's westernmost) in the CRS.

    The cell belongs to no other patch of the same two editions, so that it names this one.
    """
    column, row = float(runs.first[0]), float(runs.row[0])
    spot = _from_cells(np.array([[column + 0.5, row + 0.5]]), grid)[0]
    return float(spot[0]), float(spot[1])


def _straight_crs(grid: Grid, middle: float) -> Any:
    return zone_crs(middle) if grid.crs.is_geographic else grid.crs


def _join_cells(runs: Runs) -> shapely.Geometry:
    """Join whole cells; the same cells give the same outline, however they were cut into runs."""
    boxes = shapely.box(runs.first, runs.row, runs.stop, runs.row + 1)
    # A ring that begins at its extreme point begins at a corner, so that no other point is left.
    return shapely.simplify(shapely.normalize(shapely.union_all(boxes)), 0.0)


def _from_cells(cells: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Take columns and rows, counted from the north-western corner, to the grid's CRS."""
    east = grid.west + cells[:, 0] * grid.step_east
    north = grid.north - cells[:, 1] * grid.step_south
    return np.stack([east, north], axis=1)
