"""A county that does not exist, delivered as deliveries come: other names, fields, CRS and layers.

Everything is made of squares on a grid of 1 km in zone 35, so that every area can be worked out. No
protected areas are delivered; mining rights are, and a table that nobody knows.

    north
    4  . . . . .     R  red line, 2 × 2 km, in the north-west
    3  R R . . .     F  basic farmland, 2 × 2 km, in the south-east
    2  R R . M .     U  development boundary, 1.1 × 1 km: 0.1 km of it lie on farmland
    1  . . U F F     M  mining right, 1 × 1 km
    0  . . . F F
       0 1 2 3 4  east
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import geopandas as gpd
import pyogrio
import shapely

CRS = "EPSG:4523"  # CGCS2000, 3-degree zone 35, central meridian 105
EAST, NORTH = 35_520_000.0, 3_320_000.0
KM = 1_000.0
SIDE = 5

SYLLABLES = "青松白云清溪长岭东河石泉南平"


@dataclass(frozen=True)
class County:
    """Where the delivery lies, and what its tables call the county."""

    folder: Path
    name: str
    code: str


def square(east: float, north: float, width: float = 1.0, height: float | None = None) -> Any:
    """A rectangle, kilometres from the county's corner."""
    west, south = EAST + east * KM, NORTH + north * KM
    return shapely.box(west, south, west + width * KM, south + (height or width) * KM)


def make_county(folder: Path, *, seed: int) -> County:
    """Write the delivery; the seed decides how the county is called."""
    chance = Random(seed)
    name = "".join(chance.sample(SYLLABLES, 2)) + "县"
    code = f"51{chance.randint(10, 29)}{chance.randint(21, 89)}"
    county = County(folder, name, code)
    folder.mkdir(parents=True)
    _write_shapefiles(county)
    _write_geodatabase(county)
    return county


def _write_shapefiles(county: County) -> None:
    named = {"行政区代码": [county.code], "行政区名称": [county.name]}
    _shapefile(county, "县界", named, [square(0, 0, SIDE)])
    red = {"标识码": ["1"], "红线名称": ["北部山区"], "面积": [4.0]}  # km²
    _shapefile(county, f"{county.name}生态红线2024", red, [square(0, 2, 2)], cpg=False)
    zones = {"bsm": ["1", "2"], "规划分区名": ["集中建设区", "弹性发展区"], "mj": [100.0, 10.0]}
    boundary = [square(2, 1), square(3, 1, 0.1, 1)]
    _shapefile(county, f"czkfbj_{county.code}", zones, boundary)
    mine = {"许可证号": ["C1"], "矿山名称": ["石灰石矿"], "矿种": ["石灰岩"], "矿区面积": [100.0]}
    _shapefile(county, "采矿权", mine, [square(3, 2)])
    _shapefile(county, "资料", {"甲": ["x"]}, [square(1, 0)])


def _shapefile(
    county: County, name: str, columns: dict[str, Any], shapes: list[Any], *, cpg: bool = True
) -> None:
    path = county.folder / "矢量" / f"{name}.shp"
    path.parent.mkdir(exist_ok=True)
    pyogrio.write_dataframe(
        gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS), path, encoding="GBK"
    )
    if not cpg:
        path.with_suffix(".cpg").unlink()


def _write_geodatabase(county: County) -> None:
    path = county.folder / f"{county.code}国土.gdb"
    units = {
        "XZQDM": [f"{county.code}10{half}" for half in range(2)],
        "XZQMC": ["上河乡", "下河镇"],
        "JSMJ": [float(SIDE * 2 * 1e6), float(SIDE * 3 * 1e6)],
    }
    _table(path, "XZQ", units, [square(0, 0, SIDE, 2), square(0, 2, SIDE, 3)])
    cells = [(east, north) for east in range(SIDE) for north in range(SIDE)]
    classes = [_land_class(east, north) for east, north in cells]
    parcels = {
        "Bsm": [f"{county.code}{place:012d}" for place in range(len(cells))],
        "TBBH": [str(place) for place in range(len(cells))],
        "Dlbm": classes,
        "Tbmj": 1_500.0,  # 亩
        "Kcxs": [0.1 if code == "0103" else 0.0 for code in classes],
        "ZLDWMC": "一村",
        "QSXZ": "30",
    }
    _table(path, f"DLTB_{county.code}_2024", parcels, [square(*cell) for cell in cells])
    farmland = {
        "BSM": list("1234"),
        "YJJBNTTBMJ": 1e6,
        "KCXS": 0.1,
        "YJJBNTMJ": 0.9e6,
        "DLBM": "0103",
    }
    shapes = [square(east, north) for east in (3, 4) for north in (0, 1)]
    _table(path, "YJJBNTBHTB", farmland, shapes)


def _land_class(east: int, north: int) -> str:
    if east >= 3 and north <= 1:
        return "0103"
    return "0301" if east <= 1 and north >= 2 else ("0701" if (east, north) == (2, 1) else "0404")


def _table(path: Path, name: str, columns: dict[str, Any], shapes: list[Any]) -> None:
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)
    pyogrio.write_dataframe(frame, path, layer=name, driver="OpenFileGDB", append=False)
