"""A raster that passed its gate: where its cells lie and what they mean; the cells stay on disk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.layers.table import Source
from spatialplan.messages import Message
from spatialplan.plan import LegendClass, RasterSpec

__all__ = ["CellWindow", "Grid", "RasterLayer", "ReadWindows"]


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

    @property
    def east(self) -> float:
        """Easting of the eastern edge."""
        return self.west + self.columns * self.step_east

    @property
    def south(self) -> float:
        """Northing of the southern edge."""
        return self.north - self.rows * self.step_south


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
    file
        Where the file lies, to read windows from.
    notes
        What a reader of any result has to know of the file, beside `source.placement`.
    """

    spec: RasterSpec
    grid: Grid
    source: Source
    nodata: float | None
    legend: tuple[LegendClass, ...] = ()
    file: Path = Path()
    notes: tuple[Message, ...] = ()


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
    ring
        How many of the rows in the north, columns in the west, rows in the south and columns in
        the east are only there as neighbours and belong to other windows.
    """

    row: int
    column: int
    values: NDArray[Any]
    valid: NDArray[np.bool_]
    ring: tuple[int, int, int, int] = (0, 0, 0, 0)

    @property
    def inner(self) -> CellWindow:
        """The window without its ring; every cell of a grid is in one window only."""
        north, west, south, east = self.ring
        height, width = self.values.shape
        rows, columns = slice(north, height - south), slice(west, width - east)
        return CellWindow(
            self.row + north,
            self.column + west,
            self.values[rows, columns],
            self.valid[rows, columns],
        )


class ReadWindows(Protocol):
    """Reads a raster's windows; see `spatialplan.files.read_windows`."""

    def __call__(
        self, *, bounds: tuple[float, float, float, float] | None = None, ring: int = 0
    ) -> Iterator[CellWindow]:
        """Yield the windows that reach into `bounds`, each with a ring of neighbours."""
        ...
