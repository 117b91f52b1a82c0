"""A raster that passed its gate: where its cells lie and what they mean; the cells stay on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.layers.table import Source
from spatialplan.plan import LegendClass, RasterSpec

__all__ = ["CellWindow", "Grid", "RasterLayer"]


@dataclass(frozen=True, slots=True)
class Grid:
    """Where cells lie: north up, not turned.

    Attributes
    ----------
    crs
        CRS of the corner and the steps.
    west, north
        The grid's north-western corner: easting and northing in metres, or degrees.
    step_east, step_south
        Size of a cell, both positive, in the CRS's unit.
    columns, rows
        How many cells from west to east and from north to south.
    """

    crs: CRS
    west: float
    north: float
    step_east: float
    step_south: float
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class RasterLayer:
    """A raster of the plan.

    Attributes
    ----------
    source
        Path, driver, SHA-256, CRS as delivered; `features` is the number of cells.
    nodata
        Cell value that stands for no value; None where the file states none.
    legend
        Classes of a land-cover raster by cell value; empty for elevation.
    """

    spec: RasterSpec
    grid: Grid
    source: Source
    nodata: float | None
    legend: tuple[LegendClass, ...] = ()


@dataclass(frozen=True, slots=True)
class CellWindow:
    """A rectangle of cells read from a raster.

    Attributes
    ----------
    row, column
        Position of the window's north-western cell in the grid.
    values
        Cell values, shape (rows, columns).
    valid
        Whether a cell has a value, bool, same shape.
    """

    row: int
    column: int
    values: NDArray[Any]
    valid: NDArray[np.bool_]
