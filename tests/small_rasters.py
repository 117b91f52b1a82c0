"""Small rasters whose answers can be drawn by hand, as files and as values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from pyproj import CRS
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import AlbersEqualAreaConversion
from rasterio.transform import Affine, from_origin
from small_layers import PLANE

from spatialplan.crs import CGCS2000, from_degrees
from spatialplan.layers import CellWindow, Grid
from spatialplan.plan import Plan, RasterSpec, validate_plan

# What land cover and heights of China are usually delivered in.
ALBERS = ProjectedCRS(
    AlbersEqualAreaConversion(25, 47, 0, 105), name="Albers", geodetic_crs=CGCS2000
)
GRIDS: dict[str, tuple[CRS, float]] = {
    "degrees": (CGCS2000, 0.00027),
    "zone 42": (CRS.from_epsg(4530), 30.0),
    "albers": (CRS(ALBERS), 30.0),
}
CORNER_DEGREES = (127.0, 45.0)

LEGEND = [
    {"value": 1, "title": "耕地", "kind": "cropland", "colour": "#f5f8dc"},
    {"value": 2, "title": "林地", "kind": "forest", "colour": "#68b167"},
    {"value": 3, "title": "水体", "kind": "water", "colour": "#338edf"},
]


def make_grid(name: str, *, rows: int = 40, columns: int = 40, coarser: float = 1.0) -> Grid:
    """A grid whose north-western corner lies at 127 E, 45 N."""
    crs, step = GRIDS[name]
    west, north = from_degrees(np.array([CORNER_DEGREES]), crs)[0]
    size = step * coarser
    return Grid(crs, float(west), float(north), size, size, columns, rows)


def whole_window(values: Any, *, nodata: int | None = None) -> CellWindow:
    """All cells of a raster in one window."""
    cells = np.asarray(values)
    valid = np.ones(cells.shape, dtype=bool) if nodata is None else cells != nodata
    return CellWindow(0, 0, cells, valid)


def write_raster(path: Path, values: Any, grid: Grid, **profile: Any) -> Path:
    """Write a GeoTIFF; `profile` completes or replaces what rasterio is told."""
    cells = np.atleast_3d(np.asarray(values).T).T
    settings: dict[str, Any] = {
        "driver": "GTiff",
        "width": cells.shape[2],
        "height": cells.shape[1],
        "count": cells.shape[0],
        "dtype": cells.dtype,
        "crs": grid.crs.to_wkt(),
        "transform": from_origin(grid.west, grid.north, grid.step_east, grid.step_south),
        **profile,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(path, "w", **settings) as dataset:
        dataset.write(cells)
    return path


def make_plan(folder: Path, *, rasters: dict[str, Any] | None = None, **tables: Any) -> Plan:
    """A plan with a region and a land-cover raster ``cover.tif``."""
    header = {
        "id": "small",
        "title": "小县规划",
        "region": "小县",
        "year": 2025,
        "standing": "示范区规划",
        "notice": "以批准的规划为准",
    }
    region = {"title": "县界", "role": "region", "path": "region.gpkg"}
    cover = {"title": "地表覆盖", "role": "land_cover", "path": "cover.tif", "legend": "classes"}
    return validate_plan(
        {
            "schema": 1,
            "plan": header,
            "layers": {"county": region},
            "rasters": {"cover": cover} if rasters is None else rasters,
            "legends": {"classes": LEGEND},
            **tables,
        },
        directory=folder,
    )


def cover_spec(**changes: Any) -> RasterSpec:
    """The entry of a land-cover raster ``cover.tif``."""
    entry = {
        "id": "cover",
        "title": "地表覆盖",
        "role": "land_cover",
        "path": "cover.tif",
        "legend": "classes",
        **changes,
    }
    return RasterSpec(**entry)


def turned(grid: Grid) -> Affine:
    """The grid's cells, turned by 10 degrees."""
    place = from_origin(grid.west, grid.north, grid.step_east, grid.step_south)
    return place * Affine.rotation(10)


def blob(
    east_m: float, north_m: float, radius_m: float, *, points: int = 40, seed: int = 7
) -> shapely.Polygon:
    """A ragged outline in the plane of judgement, around a place near 127 E, 45 N."""
    chance = np.random.default_rng(seed)
    angles = np.sort(chance.uniform(0, 2 * np.pi, points))
    reach = radius_m * chance.uniform(0.5, 1.0, points)
    corner = PLANE.project(np.array([CORNER_DEGREES]), CGCS2000)[0]
    outline = np.column_stack([reach * np.cos(angles), reach * np.sin(angles)])
    return shapely.Polygon(outline + corner + [east_m, north_m])
