"""Small submissions whose answers can be drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
from small_layers import EAST, NORTH, PLANE, ZONE_42, make_layer, square

from spatialplan.files import read_sites
from spatialplan.sites import WHOLE_FILE, Sites

# 40 km square around the corner of the plain.
REGION = make_layer([square(-20_000, -20_000, 40_000)], role="region")

# A 100 m square at the corner of the plain has this official area, m² (not 10,000).
HECTARE_M2 = 9997.54

HEADER = {
    "格式版本号": "1.01版本",
    "数据产生单位": "五常市自然资源局",
    "坐标系": "2000国家大地坐标系",
    "几度分带": "3",
    "投影类型": "高斯克吕格",
    "计量单位": "米",
    "带号": "42",
    "精度": "0.001",
    "转换参数": ",,,,,,",
}

# Two sites as a file states them, and the options of each format to write them in.
FRAME = gpd.GeoDataFrame(
    {
        "项目编号": ["A-1", "A-2"],
        "项目名称": ["龙凤湖污水厂", "=HYPERLINK(1)<b>"],
        "项目类型": ["污水处理", ""],
        "备注": ["演示数据", "演示"],
    },
    geometry=[square(0, 0, 100), square(200, 0, 100)],
    crs=4530,
)
DRIVERS = {
    "sites.gpkg": {},
    "sites.geojson": {"driver": "GeoJSON"},
    "sites.fgb": {"driver": "FlatGeobuf", "SPATIAL_INDEX": "NO"},
    "sites.gdb": {"driver": "OpenFileGDB"},
    "sites.shp": {"encoding": "GBK"},
}


def read(source: Any, **options: Any) -> Sites:
    """Read sites into the plane of the small layers, within the small region."""
    options.setdefault("region", REGION)
    return read_sites(source, plane=PLANE, working_crs=ZONE_42, **options)


def read_shapes(shapes: Sequence[Any], *, crs: Any = 4530, **options: Any) -> Sites:
    """Read a GeoDataFrame; its table is given in `columns`, by default numbers alone."""
    columns = options.pop("columns", {"id": [f"s{i}" for i in range(len(shapes))]})
    return read(gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs), **options)


def faults(sites: Sites, row: int | None = None) -> list[str]:
    """Names of the doubts about a site; of all doubts by default."""
    return [doubt.fault for doubt in sites.doubts if row is None or doubt.row == row]


def file_faults(sites: Sites) -> list[str]:
    """Names of the doubts about the file."""
    return faults(sites, WHOLE_FILE)


def wording(sites: Sites, fault: str) -> str:
    """The first doubt of a name in both languages."""
    doubt = next(doubt for doubt in sites.doubts if doubt.fault == fault)
    return f"{doubt.message.text('zh')} | {doubt.message.text('en')}"


def corners(east_m: float, north_m: float, size_m: float) -> list[tuple[float, float]]:
    """Corners of a square, northing and easting, clockwise from the south-west."""
    east, north = EAST + east_m, NORTH + north_m
    return [
        (north, east),
        (north + size_m, east),
        (north + size_m, east + size_m),
        (north, east + size_m),
    ]


def points(places: Sequence[tuple[float, float]], *, ring: str = "1", first: int = 1) -> list[str]:
    """Lines of boundary points."""
    return [f"J{first + i},{ring},{north:.3f},{east:.3f}" for i, (north, east) in enumerate(places)]


def write_txt(
    folder: Path,
    plots: Sequence[Sequence[str]],
    *,
    encoding: str = "gbk",
    newline: str = "\r\n",
    **header: str | None,
) -> Path:
    """Write a boundary-point TXT; a header key of None is left out."""
    kept = {key: value for key, value in {**HEADER, **header}.items() if value is not None}
    lines = ["[属性描述]", *(f"{key}={value}" for key, value in kept.items()), "[地块坐标]"]
    lines += [line for plot in plots for line in plot]
    path = folder / "项目.txt"
    path.write_bytes(newline.join(lines).encode(encoding))
    return path


def hectare(
    *, count: str = "5", area: str = "1.0000", closed: bool = True, **field: str
) -> list[str]:
    """The plot of a 100 m square with its points."""
    places = corners(0, 0, 100)
    plot_id, name = field.get("id", "DK1"), field.get("name", "龙凤湖取水口")
    head = f"{count},{area},{plot_id},{name},面,L52G,供水用地,0809,@"
    lines = points(places)
    return [head, *lines, *([lines[0]] if closed else [])]


def write(folder: Path, name: str, frame: gpd.GeoDataFrame = FRAME) -> Path:
    """Write sites in the format that the name says."""
    if name == "sites.geojson":
        frame = frame.to_crs(4326)
    pyogrio.write_dataframe(frame, folder / name, **DRIVERS[name])
    return folder / name
