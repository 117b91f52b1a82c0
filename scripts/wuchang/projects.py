"""`layers/projects/`: the plan's own projects (Table 2) as sites to screen, and what they touch.

`projects.gpkg` holds all 21 projects; those without land have no geometry and a reason. Two of them
stand again in `plots.txt` (boundary-point TXT) and one in `points.csv` (a row per boundary point).
`expected.toml` lists what each site touches, by plain shapely intersection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from wuchang import places
from wuchang.control_lines import HA
from wuchang.measure import WORKING
from wuchang.project_forms import Sheet
from wuchang.project_ground import Ground
from wuchang.project_shapes import Drawing
from wuchang.project_sites import Site
from wuchang.project_table import PROJECTS
from wuchang.terrain import random_source
from wuchang.tessellation import DECIMALS

FOLDER = "projects"
PLACED = "演示位置：文本未给出坐标，按所述地点虚拟"
ANYWHERE = "演示位置：文本未给出地点，系虚拟"
#: Sites that are delivered in the other forms as well.
_TXT_SITES = ("P03", "P14")
_CSV_SITE = "P19"
_WRITTEN = "2025-01-01"


@dataclass(frozen=True)
class Row:
    """A site of the table, or a project without one."""

    number: str
    name: str
    kind: str
    clause: str
    remark: str
    shape: Drawing | None = None
    stated_m2: float | None = None
    stated_m: float | None = None
    width_m: float | None = None

    @property
    def ground(self) -> shapely.Geometry | None:
        """What the site covers: its polygon, or the strip of the line's width, with flat ends."""
        if self.shape is None or self.width_m is None:
            return self.shape
        strip = shapely.buffer(self.shape, self.width_m / 2, quad_segs=64, cap_style="flat")
        # The official procedure works on 0.1 mm; over 100 km of strip that makes a square metre.
        return shapely.transform(strip, lambda points: np.round(points, DECIMALS))


def write_projects(folder: Path) -> None:
    """Draw the projects on the finished layers of a folder and write every file of them."""
    ground = Ground(folder)
    rows = draw_projects(ground)
    room = folder / FOLDER
    room.mkdir(exist_ok=True)
    _write_table(room / "projects.gpkg", rows)
    by_number = {row.number: row for row in rows}
    _write_plots(room / "plots.txt", [by_number[number] for number in _TXT_SITES])
    _write_points(room / "points.csv", by_number[_CSV_SITE])
    _write_expected(room / "expected.toml", rows, ground)


def draw_projects(ground: Ground) -> list[Row]:
    """Rows in the order of the table; a project of several sites has a number for each."""
    sheet = Sheet(ground)
    numbered = [
        (f"P{number:02d}-{part}" if len(project.sites) > 1 else f"P{number:02d}", site)
        for number, project in enumerate(PROJECTS, start=1)
        for part, site in enumerate(project.sites, start=1)
    ]
    # Lines come last, for they follow plots and go around them.
    for label, site in sorted(numbered, key=lambda pair: pair[1].width_m is not None):
        sheet.drawn[label] = site.form.draw(sheet, random_source(f"project {label}"))
    return [row for number in range(len(PROJECTS)) for row in _rows(number + 1, sheet)]


def _rows(number: int, sheet: Sheet) -> Iterator[Row]:
    project, label = PROJECTS[number - 1], f"P{number:02d}"
    clause = f"表2 序号{number}"
    if not project.sites:
        remark = f"演示数据；无图形：{project.reason}"
        yield Row(label, project.name, project.kind, f"{clause}：“{project.quote}”", remark)
    for part, site in enumerate(project.sites, start=1):
        own = f"{label}-{part}" if len(project.sites) > 1 else label
        name = f"{project.name}（{site.part}）" if site.part else project.name
        yield _row(own, name, clause, site, sheet.drawn[own])


def _row(label: str, name: str, clause: str, site: Site, shape: Drawing) -> Row:
    return Row(
        number=label,
        name=name,
        kind=site.kind,
        clause=f"{clause}：“{site.quote}”",
        remark=_remark(site),
        shape=shape,
        stated_m2=site.stated_m2,
        stated_m=site.stated_m,
        width_m=site.width_m,
    )


def _remark(site: Site) -> str:
    """Why the site lies here, and which of its sizes are assumed."""
    assumed = []
    if site.width_m is None and site.stated_m2 is None:
        assumed.append("面积")
    if site.width_m is not None:
        assumed += [] if site.stated_m is not None else ["长度"]
        assumed.append("宽度")
    sizes = [f"文本未给出{'、'.join(assumed)}，系演示假定"] if assumed else []
    return "；".join([PLACED if site.placed else ANYWHERE, site.whereabouts, *sizes])


def _write_table(path: Path, rows: list[Row]) -> None:
    columns = {
        "项目编号": [row.number for row in rows],
        "项目名称": [row.name for row in rows],
        "项目类型": [row.kind for row in rows],
        "面积（公顷）": [_hectares(row.stated_m2) for row in rows],
        "长度": [row.stated_m for row in rows],
        "宽度": [row.width_m for row in rows],
        "依据": [row.clause for row in rows],
        "演示": [1] * len(rows),
        "备注": [row.remark for row in rows],
    }
    table = gpd.GeoDataFrame(columns, geometry=[row.shape for row in rows], crs=WORKING)
    path.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{_WRITTEN}T00:00:00Z"})
    # Plots, networks and projects without land stand in one table, as offices keep them.
    pyogrio.write_dataframe(table, path, layer="projects", driver="GPKG", geometry_type="Unknown")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _hectares(area_m2: float | None) -> float | None:
    return None if area_m2 is None else round(area_m2 / HA, 4)


def _write_plots(path: Path, rows: list[Row]) -> None:
    """Boundary-point TXT: X is the northing, Y the easting with the zone number."""
    head = [
        "[属性描述]",
        "格式版本号=1.01版本",
        f"数据产生单位={places.DEMONSTRATION}",
        f"数据产生日期={_WRITTEN}",
        "坐标系=2000国家大地坐标系",
        "几度分带=3",
        "投影类型=高斯克吕格",
        "计量单位=米",
        "带号=42",
        "精度=0.001",
        "转换参数=,,,,,,",
        "[地块坐标]",
    ]
    lines = [line for row in rows for line in _plot_lines(row)]
    path.write_bytes("".join(f"{line}\r\n" for line in [*head, *lines]).encode("gbk"))


def _plot_lines(row: Row) -> Iterator[str]:
    corners = _corners(row)
    area = _hectares(row.stated_m2)
    yield f"{len(corners)},{area:.4f},{row.number},{row.name},面,,{row.kind},,@"
    for number, (east, north) in enumerate(corners, start=1):
        point = number if number < len(corners) else 1
        yield f"J{point},1,{north:.3f},{east:.3f}"


def _write_points(path: Path, row: Row) -> None:
    """One row a boundary point, as a spreadsheet exports it (UTF-8 with a mark, CRLF)."""
    head = "项目编号,项目名称,项目类型,面积（公顷）,圈号,点号,东坐标,北坐标,演示,备注"
    lines = [
        f"{row.number},{row.name},{row.kind},{_hectares(row.stated_m2):.4f},1,J{number},"
        f"{east:.3f},{north:.3f},1,{row.remark}"
        for number, (east, north) in enumerate(_corners(row)[:-1], start=1)
    ]
    path.write_bytes("".join(f"{line}\r\n" for line in [head, *lines]).encode("utf-8-sig"))


def _corners(row: Row) -> list[tuple[float, float]]:
    """Corners clockwise from the northernmost one, as surveys list them; the first again."""
    ring = shapely.get_exterior_ring(row.shape)
    points = shapely.get_coordinates(ring)[:-1]
    points = points[::-1] if shapely.is_ccw(ring) else points
    points = np.roll(points, -int(np.argmax(points[:, 1])), axis=0)
    return [(float(east), float(north)) for east, north in [*points, points[0]]]


_EXPECTED_HEAD = """\
# What the sites of projects.gpkg touch. 重点工程项目预期套合结果（演示）。
# By plain shapely intersection in the equal-area plane, strips of lines drawn with flat ends:
# official areas of the ground shared, by layer of plan.toml and zone. Rivers are the bands of the
# plan's pattern. windows: layers in whose holes the site lies. Sites without land have a reason.

"""


def _write_expected(path: Path, rows: list[Row], ground: Ground) -> None:
    entries = [_entry(row, ground) for row in rows]
    path.write_text(_EXPECTED_HEAD + "\n".join(entries), encoding="utf-8")


def _entry(row: Row, ground: Ground) -> str:
    lines = ["[[site]]", f'id = "{row.number}"']
    shape = row.ground
    if shape is None:
        return "\n".join([*lines, f'reason = "{row.remark}"', ""])
    lines += [
        f"townships = {_listed(ground.townships(shape))}",
        f"windows = {_listed(ground.windows(shape))}",
        "touches = [",
    ]
    lines += [
        f'  {{ layer = "{touch.layer}", zone = "{touch.zone}", area_m2 = {touch.area_m2:.2f} }},'
        for touch in ground.touches(shape)
    ]
    return "\n".join([*lines, "]", ""])


def _listed(words: list[str]) -> str:
    return json.dumps(words, ensure_ascii=False)
