"""Two rasters on one grid, read window by window together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from spatialplan.files.rasters import WINDOW_CELLS, read_windows
from spatialplan.layers import CellWindow, Grid, RasterLayer

__all__ = ["read_raster_pairs"]

# Bounds are drawn in by part of a cell, so that rounding adds no row or column.
INSET_CELLS = 0.25


def read_raster_pairs(
    before: RasterLayer, after: RasterLayer, grid: Grid, *, most_cells: int = WINDOW_CELLS
) -> Iterator[tuple[CellWindow, CellWindow]]:
    """Read the cells of a common grid from two rasters, band by band from north to south.

    Parameters
    ----------
    before, after
        From `read_raster`; their cells fall together.
    grid
        The common part; rows and columns of the windows are counted in it.
    most_cells
        How many cells a window holds at most.

    Raises
    ------
    SourceError
        If a file is damaged or no longer there.
    """
    row, column = _corner(before.grid, grid)
    bounds = _bounds(grid, 0, 0, grid.rows, grid.columns)
    for window in read_windows(before, bounds=bounds, most_cells=most_cells):
        height, width = window.values.shape
        top, left = window.row - row, window.column - column
        first = CellWindow(top, left, window.values, window.valid)
        yield first, _read_at(after, grid, top, left, height, width)


def _read_at(
    raster: RasterLayer, grid: Grid, row: int, column: int, height: int, width: int
) -> CellWindow:
    """Read one window of a grid from a raster whose blocks may lie otherwise."""
    top, left = _corner(raster.grid, grid)
    values, valid = None, np.zeros((height, width), dtype=bool)
    for part in read_windows(raster, bounds=_bounds(grid, row, column, height, width)):
        if values is None:
            values = np.zeros((height, width), dtype=part.values.dtype)
        r, c = part.row - top - row, part.column - left - column
        place = (slice(r, r + part.values.shape[0]), slice(c, c + part.values.shape[1]))
        values[place], valid[place] = part.values, part.valid
    if values is None:
        values = np.zeros((height, width), dtype=np.uint8)
    return CellWindow(row, column, values, valid)


def _corner(whole: Grid, part: Grid) -> tuple[int, int]:
    """Row and column of a part's north-western cell in the whole."""
    return (
        round((whole.north - part.north) / whole.step_south),
        round((part.west - whole.west) / whole.step_east),
    )


def _bounds(
    grid: Grid, row: int, column: int, height: int, width: int
) -> tuple[float, float, float, float]:
    return (
        grid.west + (column + INSET_CELLS) * grid.step_east,
        grid.north - (row + height - INSET_CELLS) * grid.step_south,
        grid.west + (column + width - INSET_CELLS) * grid.step_east,
        grid.north - (row + INSET_CELLS) * grid.step_south,
    )
