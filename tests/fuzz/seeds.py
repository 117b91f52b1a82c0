"""Small sound files of every format that is read, as bytes: what mutations start from."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import shapely

__all__ = ["Seed", "make_seeds", "pack"]

EAST, NORTH = 42_600_000, 4_970_000
COUNT = 6
HEADER = """[属性描述]
格式版本号=1.01
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=42
精度=0.001
转换参数=,,,,,,
[地块坐标]
"""
PLAN = Path(__file__).parents[2] / "layers" / "plan.toml"


@dataclass(frozen=True)
class Seed:
    """Files by name, the one that is opened, and how it is read.

    `packed` is the zip file that the files are put into after they were mutated.
    """

    name: str
    files: Mapping[str, bytes]
    opened: str
    reader: str
    packed: str = ""
    features: int = COUNT
    options: Mapping[str, str] = field(default_factory=dict)


def pack(files: Mapping[str, bytes]) -> bytes:
    """Zip files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def make_seeds(folder: Path) -> list[Seed]:
    """Write one file of each format and return their bytes."""
    frame = gpd.GeoDataFrame(
        {
            "BSM": [f"23018400{row}" for row in range(COUNT)],
            "MC": ["五常镇", "龙凤山", "拉林河", "", "牤牛河", "磨盘山"],
            "MJ": [8100.5, 8100.0, None, 8100.0, 1.0, 8100.0],
            "XH": list(range(COUNT)),
        },
        geometry=[_plot(row) for row in range(COUNT)],
        crs=4530,
    )
    degrees = frame.to_crs(4490)
    made = {
        "gbk.shp": lambda path: pyogrio.write_dataframe(frame, path, encoding="GBK"),
        "utf8.shp": lambda path: pyogrio.write_dataframe(frame, path, encoding="UTF-8"),
        "a.gpkg": lambda path: pyogrio.write_dataframe(frame, path, layer="STBHHX"),
        "a.gdb": lambda path: pyogrio.write_dataframe(
            frame, path, layer="STBHHX", driver="OpenFileGDB", promote_to_multi=True
        ),
        "a.geojson": lambda path: pyogrio.write_dataframe(degrees, path),
        "a.fgb": lambda path: pyogrio.write_dataframe(frame, path),
        "a.kml": lambda path: pyogrio.write_dataframe(frame.to_crs(4326), path, driver="LIBKML"),
        "a.parquet": lambda path: frame.to_parquet(path),
    }
    seeds = []
    for number, (name, write) in enumerate(made.items()):
        home = folder / str(number)
        home.mkdir(parents=True)
        write(home / name)
        files = {
            part.relative_to(home).as_posix(): part.read_bytes()
            for part in sorted(home.rglob("*"))
            if part.is_file()
        }
        seeds.append(Seed(name, files, name, "layer"))
    return [*seeds, *_salvaged(seeds), *_packed(seeds), *_site_seeds(frame), *_plan_seeds()]


def _plot(row: int) -> shapely.Geometry:
    plot = shapely.box(EAST + 100 * row, NORTH, EAST + 100 * row + 90, NORTH + 90)
    if row == 1:
        return plot.difference(shapely.box(EAST + 120, NORTH + 20, EAST + 140, NORTH + 40))
    if row == 2:
        return shapely.MultiPolygon(
            [plot, shapely.box(EAST + 200, NORTH + 200, EAST + 250, NORTH + 250)]
        )
    return plot


def _salvaged(seeds: list[Seed]) -> list[Seed]:
    return [
        Seed(f"salvage {seed.name}", seed.files, seed.opened, "salvage")
        for seed in seeds
        if not seed.name.endswith(".parquet")
    ]


def _packed(seeds: list[Seed]) -> list[Seed]:
    """Zip files whose bytes are mutated, and zip files of mutated files."""
    chosen = {seed.name: seed for seed in seeds}
    packed = []
    for name in ("gbk.shp", "a.gdb", "a.gpkg"):
        files = chosen[name].files
        packed.append(Seed(f"zip of {name}", {"a.zip": pack(files)}, "a.zip", "layer"))
        packed.append(Seed(f"zip with {name}", files, "a.zip", "layer", packed="a.zip"))
    return packed


def _site_seeds(frame: gpd.GeoDataFrame) -> list[Seed]:
    rows = [["编号", "名称", "WKT"]]
    rows += [[row.BSM, row.MC, row.geometry.wkt] for row in frame.itertuples()]
    text = "\n".join(f'{a},{b},"{c}"' for a, b, c in rows).encode()
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    held = io.BytesIO()
    book.save(held)
    with zipfile.ZipFile(io.BytesIO(held.getvalue())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    points = ["编号,点号,X,Y"]
    plots = []
    for row in frame.itertuples():
        corners = shapely.get_coordinates(row.geometry.convex_hull)
        points += [f"{row.BSM},J{i},{y},{x}" for i, (x, y) in enumerate(corners[:-1], start=1)]
        plots.append(f"{len(corners)},0.81,{row.BSM},{row.MC},面,,住宅,,@")
        plots += [f"J{i},1,{y:.3f},{x:.3f}" for i, (x, y) in enumerate(corners, start=1)]
    boundary = (HEADER + "\n".join(plots)).encode("gbk")
    crs = {"crs": "EPSG:4530"}
    return [
        Seed("sites.csv", {"s.csv": text}, "s.csv", "sites", options=crs),
        Seed(
            "points.csv", {"p.csv": "\n".join(points).encode("gbk")}, "p.csv", "sites", options=crs
        ),
        Seed("sites.xlsx", {"s.xlsx": held.getvalue()}, "s.xlsx", "sites", options=crs),
        Seed("parts of xlsx", parts, "s.xlsx", "sites", packed="s.xlsx", options=crs),
        Seed("plots.txt", {"t.txt": boundary}, "t.txt", "sites"),
        Seed("zip of plots", {"t.zip": pack({"t.txt": boundary})}, "t.zip", "sites"),
    ]


def _plan_seeds() -> list[Seed]:
    return [Seed("plan.toml", {"plan.toml": PLAN.read_bytes()}, "plan.toml", "plan")]
