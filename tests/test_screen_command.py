"""``spatialplan screen`` as a planner runs it, on sound files and on thirty hostile ones."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from small_layers import EAST, NORTH, ZONE_42, square
from typer.testing import CliRunner, Result

from spatialplan.cli import app

PLAN = """\
schema = 1
[plan]
id = "small"
title = "小县规划"
region = "小县"
year = 2025
standing = "示例规划"
notice = "仅供测试"
crs = "EPSG:4530"
[layers.county]
title = "县界"
role = "region"
path = "county.geojson"
[layers.line]
title = "生态保护红线"
role = "ecological_red_line"
path = "line.geojson"
name_field = "name"
"""
NAMES = ["json", "xlsx", "docx", "gpkg", "html"]
INSIDE, OUTSIDE = square(100, 100, 100), square(3000, 3000, 100)


def write_layer(path: Path, shapes: list[Any], crs: Any = ZONE_42, **columns: Any) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county of 20 km with a red line in its south-west corner."""
    place = tmp_path_factory.mktemp("county")
    write_layer(place / "county.geojson", [square(-1000, -1000, 20_000)], name=["小县"])
    write_layer(place / "line.geojson", [square(0, 0, 1000)], name=["南山"])
    (place / "plan.toml").write_text(PLAN, encoding="utf-8")
    return place


def run(folder: Path, sites: Path, *options: str, formats: str = "json") -> Result:
    out = str(folder / "out" / sites.name)
    command = ["screen", str(folder / "plan.toml"), str(sites), "--out", out]
    return CliRunner().invoke(app, [*command, "--formats", formats, *options])


def document(folder: Path, sites: Path) -> dict[str, Any]:
    text = (folder / "out" / sites.name / "screening.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_real_program_writes_everything_and_says_it_is_not_clear(folder: Path) -> None:
    sites = write_layer(folder / "three.gpkg", [INSIDE, OUTSIDE, None], name=["甲", "乙", "丙"])
    command = [sys.executable, "-m", "spatialplan", "screen", "plan.toml", sites.name, "--suggest"]
    outcome = subprocess.run(
        [*command, "--date", "2026-11-23", "--out", "real"],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert outcome.returncode == 1, outcome.stderr
    assert {f"screening.{name}" for name in NAMES} <= {p.name for p in (folder / "real").iterdir()}
    assert list((folder / "real" / "plots").glob("001-place*.txt"))
    for text in ("禁止", "未提供", "仅供测试", "甲"):
        assert text in outcome.stdout, text
    found = json.loads((folder / "real" / "screening.json").read_text(encoding="utf-8"))
    assert found["schema"] == 1
    assert found["date"] == "2026-11-23"
    assert [site["verdict"] for site in found["sites"]] == [
        "prohibited",
        "not_evaluated",
        "not_evaluated",
    ]
    line = found["sites"][0]["layers"][0]
    assert line["status"] == "overlap"
    assert line["overlap_share"] == pytest.approx(1)
    assert "142号" in line["basis"]
    places = found["sites"][0]["suggestion"]["places"]
    assert {place["verdict"] for place in places} == {"not_evaluated"}
    assert "不等于合规" in places[0]["reasons"][0]
    clear = found["sites"][1]["layers"][0]
    assert clear["status"] == "clear"
    assert clear["distance_m"] == pytest.approx(2000 * 2**0.5, rel=1e-3)


@pytest.mark.parametrize("name", ["json", "xlsx", "docx", "html"])
def test_the_same_input_gives_the_same_bytes(folder: Path, name: str) -> None:
    sites = write_layer(folder / "same.gpkg", [INSIDE, OUTSIDE], name=["甲", "乙"])
    once = run(folder, sites, "--date", "2026-11-23", formats=name)
    assert once.exit_code == 1, once.output
    file = folder / "out" / sites.name / f"screening.{name}"
    before = file.read_bytes()
    file.unlink()
    run(folder, sites, "--date", "2026-11-23", formats=name)
    assert file.read_bytes() == before


def test_exit_codes(folder: Path) -> None:
    assert run(folder, write_layer(folder / "a.gpkg", [INSIDE])).exit_code == 1
    assert run(folder, write_layer(folder / "b.gpkg", [OUTSIDE])).exit_code == 3
    assert run(folder, folder / "nowhere.gpkg").exit_code == 2


def test_a_site_is_clear_only_when_the_office_answers_for_what_is_missing(folder: Path) -> None:
    from small_screenings import DAY

    from spatialplan.rulebook import read_rulebook

    waived = "".join(
        f'[[screening.waived]]\nitem = "{entry.id}"\nwhy = "已另行核实"\n'
        for entry in read_rulebook(day=DAY).standing_list
    )
    plan = folder / "waived.toml"
    plan.write_text(PLAN + waived, encoding="utf-8")
    sites = write_layer(folder / "c.gpkg", [OUTSIDE])
    out = str(folder / "waived")
    outcome = CliRunner().invoke(
        app, ["screen", str(plan), str(sites), "--out", out, "--formats", "json"]
    )
    assert outcome.exit_code == 0, outcome.output
    assert "不等于合规" in outcome.output
    assert "已另行核实" in outcome.output


def test_what_the_plan_leaves_out_keeps_a_site_from_being_clear(folder: Path) -> None:
    """Layers that it does not name, or that it skips, never look as if they had been judged."""
    plan = folder / "skipping.toml"
    plan.write_text(PLAN + '[screening]\nskipped_layers = ["line"]\n', encoding="utf-8")
    sites = write_layer(folder / "e.gpkg", [INSIDE])
    out = str(folder / "skipping")
    command = ["screen", str(plan), str(sites), "--out", out, "--formats", "json"]
    assert CliRunner().invoke(app, command).exit_code == 3
    found = json.loads((folder / "skipping" / "screening.json").read_text(encoding="utf-8"))
    said = {point["rule"]: point["why"] for point in found["not_evaluated"]}
    assert "不作判断" in said["line"]
    assert {"basic_farmland", "protected_area", "land_parcel", "wetland"} <= set(said)


def test_unknown_formats_and_kinds_name_the_choices(folder: Path) -> None:
    sites = write_layer(folder / "d.gpkg", [INSIDE])
    assert "docx" in run(folder, sites, formats="pdf").output
    outcome = run(folder, sites, "--kind", "casino")
    assert outcome.exit_code == 2
    assert "mining" in outcome.output


def test_sites_are_never_written_over(folder: Path) -> None:
    place = folder / "results" / "plots"
    place.mkdir(parents=True)
    sites = place / "001-free.txt"
    sites.write_text("界址点", encoding="utf-8")
    command = ["screen", str(folder / "plan.toml"), str(sites), "--out", str(folder / "results")]
    outcome = CliRunner().invoke(app, command)
    assert outcome.exit_code == 2
    assert "--out" in outcome.output
    assert sites.read_text(encoding="utf-8") == "界址点"


# ── thirty hostile inputs ──


def points(name: str, rows: list[str], head: str = "地块编号,点号,北坐标,东坐标") -> Any:
    def write(place: Path) -> Path:
        (place / f"{name}.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
        return place / f"{name}.csv"

    return write


def corners(size: float = 100, east: float = EAST, north: float = NORTH) -> list[str]:
    steps = [(0, 0), (0, size), (size, size), (size, 0)]
    return [f"A,{i},{north + a},{east + b}" for i, (a, b) in enumerate(steps, start=1)]


def raw(name: str, content: bytes) -> Callable[[Path], Path]:
    def write(place: Path) -> Path:
        (place / name).write_bytes(content)
        return place / name

    return write


def vector(file: str, shapes: list[Any], crs: Any = ZONE_42, /, **columns: Any) -> Any:
    def write(place: Path) -> Path:
        return write_layer(place / file, shapes, crs, **columns)

    return write


def boundary(
    name: str, lines: list[str], *, zone: str = "42", datum: str = "2000国家大地坐标系"
) -> Any:
    head = ["[属性描述]", "格式版本号=1.01", f"坐标系={datum}", "几度分带=3", "计量单位=米"]
    text = "\n".join([*head, "带号=42", "[地块坐标]", "4,1.0,A,甲,面,,,,@", *lines])
    return raw(f"{name}.txt", text.encode("gb18030"))


def plot_lines(east: float = EAST, size: float = 100) -> list[str]:
    steps = [(0, 0), (0, size), (size, size), (size, 0)]
    return [f"J{i},1,{NORTH + a},{east + b}" for i, (a, b) in enumerate(steps, start=1)]


def curved(place: Path) -> Path:
    """A circle as a curve polygon, which WKT readers do not know."""
    e, n = EAST + 500, NORTH + 500
    ring = f"CIRCULARSTRING({e - 50} {n}, {e} {n + 50}, {e + 50} {n}, {e} {n - 50}, {e - 50} {n})"
    (place / "curve.csv").write_text(f'id,WKT\nA,"CURVEPOLYGON({ring})"', encoding="utf-8")
    return place / "curve.csv"


def workbook(place: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["地块编号", "地块名称", "点号", "北坐标", "东坐标"])
    for row in corners():
        number, point, north, east = row.split(",")
        book.active.append([number, "name", point, float(north), float(east)])
        name = book.active.cell(book.active.max_row, 2)
        name.value, name.data_type = '=HYPERLINK("http://x","y")', "s"
    book.save(place / "formula.xlsx")
    return place / "formula.xlsx"


def nested_zip(place: Path) -> Path:
    with zipfile.ZipFile(place / "inner.zip", "w") as archive:
        archive.writestr("../../evil.txt", "x")
    with zipfile.ZipFile(place / "nested.zip", "w") as archive:
        archive.write(place / "inner.zip", "inner.zip")
    return place / "nested.zip"


def gbk_shapefile(place: Path) -> Path:
    path = place / "gbk.shp"
    table = gpd.GeoDataFrame({"XMMC": ["稻米文化馆"]}, geometry=[INSIDE], crs=ZONE_42)
    table.to_file(path, encoding="GBK")
    path.with_suffix(".cpg").unlink()
    return path


BOW = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])
LINE = shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])
XIAN = shapely.affinity.translate(INSIDE, -25e6)
SWAPPED = shapely.transform(INSIDE, lambda xy: xy[:, ::-1])
HUGE = shapely.Point(EAST + 2000, NORTH + 2000).buffer(900, quad_segs=50_000)
SCRIPT = "</script><img src=x onerror=alert(1)>\n{{ 7*7 }}"
METRES = ("--crs", "EPSG:4530")

HOSTILE: list[tuple[Any, tuple[str, ...], int, str]] = [
    (vector("swapped.gpkg", [SWAPPED]), (), 3, "纵横坐标疑似颠倒"),
    (vector("no_zone.gpkg", [shapely.affinity.translate(INSIDE, -42_000_000)]), (), 3, "不带带号"),
    (vector("other_zone.gpkg", [shapely.affinity.translate(INSIDE, 1_000_000)]), (), 3, "带号不符"),
    (vector("no_crs.shp", [INSIDE], None, id=["A"]), (), 2, "--crs"),
    (
        vector("xian.gpkg", [XIAN], "EPSG:2342"),
        (),
        2,
        "CGCS2000",
    ),
    (vector("bow.gpkg", [BOW, INSIDE]), (), 1, "边界自相交"),
    (vector("solid.gpkg", [shapely.force_3d(INSIDE, 5.0)]), (), 1, "高程"),
    (curved, METRES, 3, "WKT 无法解读"),
    (vector("nothing.gpkg", [None]), (), 3, "没有图形"),
    (vector("empty.geojson", []), (), 2, "没有"),
    (vector("huge.gpkg", [HUGE]), (), 3, "未作判断"),
    (vector("script.gpkg", [INSIDE], name=[SCRIPT]), (), 1, "onerror"),
    (
        vector("line.gpkg", [LINE]),
        (),
        3,
        "--line-width",
    ),
    (vector("point.gpkg", [shapely.Point(EAST, NORTH)]), (), 3, "--point-radius"),
    (vector("far.gpkg", [shapely.affinity.translate(INSIDE, 0, -2e6)]), (), 3, "1 度以外"),
    (vector("abroad.gpkg", [shapely.box(2.0, 48.0, 2.1, 48.1)], 4490), (), 3, "1 度以外"),
    (vector("twice.gpkg", [INSIDE, INSIDE], id=["A", "A"]), (), 1, "出现 2 次"),
    (vector("area.gpkg", [INSIDE], 面积=[15.0]), (), 1, "与亩相符"),
    (gbk_shapefile, (), 1, "稻米文化馆"),
    (workbook, METRES, 1, "=HYPERLINK"),
    (
        points("unclear", corners(), "a,b,c,d"),
        METRES,
        2,
        "未识别出坐标列",
    ),
    (points("no_system", corners()), (), 2, "--crs"),
    (points("word", [*corners()[:3], "A,4,abc,def"]), METRES, 3, "不是坐标"),
    (points("nan", [*corners()[:3], "A,4,nan,inf"]), METRES, 3, "未作判断"),
    (raw("zero.csv", b""), METRES, 2, "空"),
    (raw("nul.csv", b"\0\0\0\1\2\xff" * 99), METRES, 2, "nul.csv"),
    (raw("not.xlsx", b"PK not a workbook"), METRES, 2, "工作簿无法读取"),
    (raw("noise.gpkg", bytes(range(256)) * 20), (), 2, "noise.gpkg"),
    (raw("binary.txt", bytes(range(256)) * 20), METRES, 2, "binary.txt"),
    (nested_zip, (), 2, "nested.zip"),
    (boundary("good", plot_lines()), (), 1, "1"),
    (boundary("zone", plot_lines(EAST + 1e6)), (), 2, "带号为 42"),
    (boundary("xian80", plot_lines(), datum="1980西安坐标系"), (), 2, "数十至数百米"),
    (boundary("short", plot_lines()[:2]), (), 3, "实有 2 个"),
    (boundary("pasted", [*plot_lines(), "[属性描述]", "带号=43"]), (), 2, "pasted.txt:14 [带号]"),
]


@pytest.mark.parametrize("case", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_hostile_input_gets_a_clear_message(
    folder: Path, tmp_path: Path, case: tuple[Any, tuple[str, ...], int, str]
) -> None:
    write, options, code, advice = case
    sites = write(tmp_path)
    outcome = run(folder, sites, *options, formats="json,xlsx,docx,gpkg,html")
    shown = outcome.output.replace("\n", "")
    assert outcome.exit_code == code, outcome.output
    assert "Traceback" not in outcome.output
    assert "内部错误" not in outcome.output
    if code == 2:
        assert advice in shown, outcome.output
        assert not (folder / "out" / sites.name).exists()
    else:
        found = json.dumps(document(folder, sites), ensure_ascii=False)
        assert advice in found, found[:3000]


def test_markup_in_names_stays_text(folder: Path, tmp_path: Path) -> None:
    sites = vector("script.gpkg", [INSIDE], name=[SCRIPT], id=["=1+1"])(tmp_path)
    assert run(folder, sites, formats="xlsx,docx,html").exit_code == 1
    place = folder / "out" / sites.name
    page = (place / "screening.html").read_text(encoding="utf-8")
    assert "<img src=x" not in page
    for sheet in openpyxl.load_workbook(place / "screening.xlsx"):
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    text = zipfile.ZipFile(place / "screening.docx").read("word/document.xml").decode("utf-8")
    assert "{{ 7*7 }}" in text
    assert "49" not in text.split("{{ 7*7 }}")[0][-20:]


def test_areas_are_numbers_everywhere(folder: Path, tmp_path: Path) -> None:
    sites = vector("some.gpkg", [INSIDE, OUTSIDE, None])(tmp_path)
    run(folder, sites)
    text = (folder / "out" / sites.name / "screening.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert np.isfinite(json.loads(text)["sites"][0]["area_ha"])
