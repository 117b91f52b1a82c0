"""The cells of the example's rasters: where they lie, how large they are, how they are written.

Grids are in the working plane (EPSG:4530), where the parcels were drawn: cells are squares there
and need no resampling. Corners lie on whole cells counted from the plane's origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import from_origin
from scipy.ndimage import map_coordinates

from wuchang import places
from wuchang.measure import EQUAL_AREA, WORKING, transformer

Shapes = NDArray[np.object_]

#: Official areas are taken on every so many cells and are linear between to 1e-9.
_LATTICE = 128


class Picture(NamedTuple):
    """What a file says of itself: description of its band, and further tags."""

    description: str
    tags: dict[str, str]


@dataclass(frozen=True)
class CellGrid:
    """Squares of `size_m`; `west` and `north` are the outer corner, in metres."""

    west: float
    north: float
    size_m: float
    columns: int
    rows: int

    @property
    def transform(self) -> Any:
        """Affine transform of the file."""
        return from_origin(self.west, self.north, self.size_m, self.size_m)

    @cached_property
    def areas(self) -> NDArray[np.float64]:
        """Official area of every cell, m², shape (rows, columns)."""
        rows = np.arange(0, self.rows + _LATTICE, _LATTICE)
        columns = np.arange(0, self.columns + _LATTICE, _LATTICE)
        coarse = _square_areas(self, *np.meshgrid(rows, columns, indexing="ij"))
        at = np.mgrid[0 : self.rows, 0 : self.columns].reshape(2, -1) / _LATTICE
        fine = map_coordinates(coarse, at, order=1)
        return np.asarray(fine).reshape(self.rows, self.columns)

    def centres(self, rows: slice = slice(None)) -> NDArray[np.float64]:
        """Centres of the cells of some rows, easting and northing, shape (n, 2)."""
        east = self.west + (np.arange(self.columns) + 0.5) * self.size_m
        north = self.north - (np.arange(self.rows)[rows] + 0.5) * self.size_m
        grid = np.meshgrid(east, north)
        return np.column_stack([axis.ravel() for axis in grid])

    def number(self, shapes: Shapes) -> NDArray[np.int32]:
        """Return the number of the shape that holds each cell's centre, -1 where none does."""
        pairs = [(shape, number) for number, shape in enumerate(shapes)]
        return np.asarray(
            rasterize(
                pairs,
                out_shape=(self.rows, self.columns),
                transform=self.transform,
                fill=-1,
                dtype="int32",
            )
        )

    def squares(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> Shapes:
        """Cells as squares in the working plane."""
        west, north = self.west + columns * self.size_m, self.north - rows * self.size_m
        return np.asarray(shapely.box(west, north - self.size_m, west + self.size_m, north))

    def cell(self, east: float, north: float) -> tuple[int, int]:
        """Row and column of the cell that holds a point."""
        return int((self.north - north) // self.size_m), int((east - self.west) // self.size_m)


def grid_around(shape: shapely.Geometry, *, size_m: float, margin_m: float) -> CellGrid:
    """Return the grid that takes in a shape and a margin around it."""
    west, south, east, north = shape.bounds
    left, top = (west - margin_m) // size_m, -(-(north + margin_m) // size_m)
    right, bottom = -(-(east + margin_m) // size_m), (south - margin_m) // size_m
    return CellGrid(left * size_m, top * size_m, size_m, int(right - left), int(top - bottom))


def shares_inside(grid: CellGrid, shape: shapely.Geometry) -> NDArray[np.float64]:
    """Share of every cell that lies inside a shape, 0 to 1, exact along its border."""
    share = (grid.number(np.array([shape])) == 0).astype(float)
    line = shapely.segmentize(shape.boundary, grid.size_m / 4)
    points = shapely.get_coordinates(line)
    near = np.column_stack(
        [(grid.north - points[:, 1]) // grid.size_m, (points[:, 0] - grid.west) // grid.size_m]
    ).astype(int)
    around = near[:, None, :] + np.mgrid[-1:2, -1:2].reshape(2, -1).T
    cells = np.unique(around.reshape(-1, 2), axis=0)
    fits = ((cells >= 0) & (cells < (grid.rows, grid.columns))).all(axis=1)
    rows, columns = cells[fits].T
    cut = shapely.intersection(grid.squares(rows, columns), shape)
    share[rows, columns] = shapely.area(cut) / grid.size_m**2
    return share


def write_raster(
    path: Path,
    values: NDArray[Any],
    grid: CellGrid,
    picture: Picture,
    *,
    nodata: float,
    colours: dict[int, tuple[int, int, int]] | None = None,
) -> None:
    """Write a tiled, compressed GeoTIFF that says what it is; the same cells, the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    whole = np.issubdtype(values.dtype, np.integer)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=grid.rows,
        width=grid.columns,
        count=1,
        dtype=values.dtype,
        crs=f"EPSG:{WORKING}",
        transform=grid.transform,
        nodata=nodata,
        tiled=True,
        blockxsize=256,
        blockysize=256,
        compress="deflate",
        zlevel=9,
        predictor=1 if whole and values.itemsize == 1 else 2 if whole else 3,
    ) as file:
        if colours:
            file.write_colormap(1, {key: (*value, 255) for key, value in colours.items()})
        file.write(values, 1)
        file.set_band_description(1, picture.description)
        file.update_tags(
            **{"TIFFTAG_COPYRIGHT": "MIT", "TIFFTAG_IMAGEDESCRIPTION": places.DEMONSTRATION},
            **picture.tags,
        )


def _square_areas(
    grid: CellGrid, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Official areas of single cells: shoelace of their corners in the equal-area plane."""
    west, north = grid.west + columns * grid.size_m, grid.north - rows * grid.size_m
    east, south = west + grid.size_m, north - grid.size_m
    move = transformer(WORKING, EQUAL_AREA).transform
    corners = [move(e, n) for e, n in ((west, south), (east, south), (east, north), (west, north))]
    # Diagonals across each other: half their cross product is a quadrilateral's area.
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    return np.asarray(0.5 * ((cx - ax) * (dy - by) - (dx - bx) * (cy - ay)))
