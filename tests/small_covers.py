"""Two editions of land cover over a county of 20 by 20 cells, drawn as letters.

Cells are 30 m; the county's north-western corner is (0, 0) of the drawings. Everything lies in
zone 42, and every line runs along the edges of cells or through their middles, so that every area
can be counted in cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.transform import from_origin

CRS = "EPSG:4530"
WEST, NORTH, CELL = 42_600_000.0, 4_970_000.0, 30.0
SIDE = 20
NODATA = 255
# Letters of the drawings: forest, cropland, built up, bare, water, and a value in no legend.
VALUES = {"f": 2, "c": 1, "b": 7, "r": 8, "w": 6, "?": 99, ".": NODATA}
LEGEND = (
    (1, "耕地", "cropland", "#f5f8dc"),
    (2, "林地", "forest", "#68b167"),
    (6, "水体", "water", "#338ec0"),
    (7, "建设用地", "built_up", "#ffd380"),
    (8, "裸地", "bare", "#c8b4a5"),
)


def block(left: float, top: float, width: float, height: float) -> Any:
    """A rectangle, in cells from the north-western corner."""
    west, north = WEST + left * CELL, NORTH - top * CELL
    return shapely.box(west, north - height * CELL, west + width * CELL, north)


def cover(patches: Mapping[tuple[int, int, int, int], str], *, base: str = "f") -> NDArray[Any]:
    """Cells of one cover, with blocks (left, top, width, height) of others laid on them."""
    cells = np.full((SIDE, SIDE), VALUES[base], dtype=np.uint8)
    for (left, top, width, height), letter in patches.items():
        cells[top : top + height, left : left + width] = VALUES[letter]
    return cells


def write_raster(path: Path, cells: NDArray[Any], **changes: Any) -> Path:
    """Write cells on the county's grid; `changes` are those of the profile."""
    profile = {
        "driver": "GTiff",
        "height": cells.shape[0],
        "width": cells.shape[1],
        "count": 1,
        "dtype": cells.dtype,
        "crs": CRS,
        "nodata": NODATA,
        "transform": from_origin(WEST, NORTH, CELL, CELL),
        **changes,
    }
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(cells, 1)
    return path


# In cells: the county, its two towns, a red line, a reserve with a core zone, a water source.
LINES: Mapping[str, tuple[str, tuple[tuple[str, str, Any], ...]]] = {
    "county": ("region", (("小县", "", block(0, 0, SIDE, SIDE)),)),
    "towns": (
        "administrative_area",
        (("西镇", "", block(0, 0, 10, SIDE)), ("东镇", "", block(10, 0, 10, SIDE))),
    ),
    "red_line": ("ecological_red_line", (("北山红线", "", block(0, 0, 12.5, 10)),)),
    "reserve": (
        "protected_area",
        (("北山", "核心保护区", block(0, 0, 6, 6)), ("北山", "一般控制区", block(6, 0, 4, 6))),
    ),
    "source": (
        "water_source",
        (
            ("甲水库", "一级保护区", block(2, 14, 4, 4)),
            ("甲水库", "二级保护区", block(6, 14, 4, 4)),
        ),
    ),
}


def write_county(folder: Path, *, without: tuple[str, ...] = (), extra: str = "") -> Path:
    """Write layers and plan file of the county; return the plan file."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = []
    for key, (role, features) in LINES.items():
        columns = {"BSM": [f"{key}-{row}" for row in range(len(features))]}
        columns |= {"MC": [name for name, _, _ in features], "FQ": [z for _, z, _ in features]}
        shapes = [shape for _, _, shape in features]
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)
        if key not in without:
            pyogrio.write_dataframe(frame, folder / "lines.gpkg", layer=key, append=True)
        zone = 'zone_field = "FQ"\n' if key in ("reserve", "source") else ""
        tables.append(
            f'[layers.{key}]\ntitle = "{key}"\nrole = "{role}"\npath = "lines.gpkg"\n'
            f'table = "{key}"\nid_field = "BSM"\nname_field = "MC"\n{zone}'
        )
    legend = ",\n".join(
        f'{{ value = {value}, title = "{title}", kind = "{kind}", colour = "{colour}" }}'
        for value, title, kind, colour in LEGEND
    )
    text = f"""schema = 1
[plan]
id = "small"
title = "小县规划"
region = "小县"
region_code = "990001"
crs = "{CRS}"
year = 2025
standing = "示范区规划"
notice = "法定指标以批准的规划为准"
{"".join(tables)}
[legends]
small = [
{legend}
]
[monitoring]
minimum_m2 = 2700.0
{extra}
"""
    plan = folder / "plan.toml"
    plan.write_text(text, "utf-8")
    return plan
