"""Small rasters in memory, drawn as text or as a function of place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS
from small_layers import EAST, NORTH

from spatialplan.layers import CellWindow, Grid, RasterLayer, Source
from spatialplan.plan import LegendClass, RasterSpec

LEGEND = (
    LegendClass(value=1, title="cropland", kind="cropland", colour="#f5f8dc"),
    LegendClass(value=2, title="forest", kind="forest", colour="#68b167"),
    LegendClass(value=6, title="water", kind="water", colour="#338ec0"),
)
SIGNS = {".": 1, "#": 2, "~": 6, "?": 0}


def grid_of(shape: tuple[int, int], *, step_m: float = 10.0, east_m: float = 0.0) -> Grid:
    """Cells whose south-western corner is the corner of the plain, or east of it."""
    rows, columns = shape
    north = NORTH + rows * step_m
    return Grid(CRS.from_epsg(4530), EAST + east_m, north, step_m, step_m, columns, rows)


def raster_of(grid: Grid, *, role: Any = "land_cover") -> RasterLayer:
    spec = RasterSpec(id="r", title="raster", role=role, path="r.tif", legend="l")
    source = Source("r.tif", "test", "1", "", "0" * 64, grid.rows * grid.columns)
    return RasterLayer(spec, grid, source, 0, LEGEND if role == "land_cover" else ())


def cells_of(*rows: str) -> NDArray[np.uint8]:
    """Land cover drawn as text, north up: ``.`` cropland, ``#`` forest, ``~`` water, ``?`` none."""
    return np.array([[SIGNS[sign] for sign in row] for row in rows], dtype=np.uint8)


def windows_of(
    values: NDArray[Any], *, size: int = 7, ring: int = 0, valid: NDArray[np.bool_] | None = None
) -> Iterator[CellWindow]:
    """Cut cells into windows of some rows and columns, each with a ring of neighbours."""
    known = (values != 0) if valid is None else valid
    rows, columns = values.shape
    for top in range(0, rows, size):
        for left in range(0, columns, size):
            bottom, right = min(top + size, rows), min(left + size, columns)
            edges = (
                min(top, ring),
                min(left, ring),
                min(rows - bottom, ring),
                min(columns - right, ring),
            )
            part = (
                slice(top - edges[0], bottom + edges[2]),
                slice(left - edges[1], right + edges[3]),
            )
            yield CellWindow(top - edges[0], left - edges[1], values[part], known[part], edges)
