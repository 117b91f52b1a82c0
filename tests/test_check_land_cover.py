"""``check`` of a plan with rasters, as a process and by its results."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
from small_layers import EAST, NORTH, ZONE_42, square
from small_rasters import write_raster

from spatialplan import check_plan, read_plan
from spatialplan.findings import Status
from spatialplan.layers import Grid

GRID = Grid(ZONE_42, EAST - 100, NORTH + 500, 10.0, 10.0, 60, 60)
CROPLAND, FOREST, WATER, STRANGE = 1, 2, 3, 77

PLAN = """
schema = 1
[plan]
id = "small"
title = "小县规划"
region = "小县"
crs = "EPSG:4530"
year = 2025
standing = "示范区规划"
notice = "以批准的规划为准"
[layers.county]
title = "县界"
role = "region"
path = "lines.gpkg"
table = "county"
[layers.line]
title = "自然保护地 <b>"
role = "protected_area"
path = "lines.gpkg"
table = "line"
zone_field = "FQ"
[rasters.cover]
title = "地表覆盖 <i>2025"
role = "land_cover"
path = "cover.tif"
legend = "classes"
[[legends.classes]]
value = 1
title = "=耕地"
kind = "cropland"
colour = "#f5f8dc"
[[legends.classes]]
value = 2
title = "林地"
kind = "forest"
colour = "#68b167"
[[legends.classes]]
value = 3
title = "水体"
kind = "water"
colour = "#338edf"
"""

INDICATORS = """
[[indicators]]
id = "forest"
kind = "cover_share"
title = "森林覆盖率"
raster = "cover"
layer = "county"
counted = ["forest"]
direction = "at_least"
value = "{value}"
year = 2025
clause = "表1第7项"
[[indicators]]
id = "grass"
kind = "not_from_land_cover"
title = "草原综合植被盖度"
why = "盖度是草地内植被的覆盖程度"
direction = "at_least"
value = "70"
year = 2025
clause = "表1第8项"
"""

RULE = """
[[line_rules]]
id = "inside"
kind = "within"
title = "自然保护地位于县域内"
a = "line"
b = "county"
clause = "第一条"
"""


def write_case(folder: Path, tables: str = "", *, cells: Any = None) -> Path:
    """A county of 400 m a side, a line of two zones in it, forest in the west of both."""
    folder.mkdir(parents=True, exist_ok=True)
    county = gpd.GeoDataFrame(geometry=[square(0, 0, 400)], crs=ZONE_42)
    zones = [square(50, 50, 100), square(150, 50, 100)]
    line = gpd.GeoDataFrame({"FQ": ["核心保护区", "一般控制区"]}, geometry=zones, crs=ZONE_42)
    pyogrio.write_dataframe(county, folder / "lines.gpkg", layer="county")
    pyogrio.write_dataframe(line, folder / "lines.gpkg", layer="line", append=True)
    made = np.full((60, 60), CROPLAND, dtype=np.uint8)
    made[:, :30] = FOREST
    write_raster(folder / "cover.tif", made if cells is None else cells, GRID)
    (folder / "plan.toml").write_text(PLAN + RULE + tables, "utf-8")
    return folder / "plan.toml"


def check(plan: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spatialplan", "check", str(plan)]
    out = ["--out", str(plan.parent / "out"), *options]
    return subprocess.run([*command, *out], capture_output=True, text=True, encoding="utf-8")


def results(plan: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((plan.parent / "out" / "review.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Forest on half of the county, 40 % demanded, and a value that the legend does not list."""
    cells = np.full((60, 60), CROPLAND, dtype=np.uint8)
    cells[:, :30] = FOREST
    cells[40:42, 40:45] = STRANGE
    plan = write_case(
        tmp_path_factory.mktemp("checked"), INDICATORS.format(value="40"), cells=cells
    )
    outcome = check(plan)
    assert outcome.returncode == 3, outcome.stderr
    return plan, outcome.stdout


def test_the_console_tells_classes_and_indications(checked: tuple[Path, str]) -> None:
    _, text = checked
    assert "土地覆盖" in text
    assert "林地 50.0%" in text
    assert "自然保护地 <b>：核心保护区" in text
    assert "显示达到" in text
    assert "地表覆盖仅为指示" in text
    assert "核查结论：未评价" in text
    assert max(len(line) for line in text.splitlines() if "/" not in line) <= 80


def test_the_document(checked: tuple[Path, str]) -> None:
    document = results(checked[0])
    assert document["status"] == "not_evaluated"
    (cover,) = document["landcover"]
    assert [entry["kind"] for entry in cover["classes"]] == ["cropland", "forest", "water"]
    zones = {(g["layer"], g["zone"]): g for g in cover["grounds"]}
    assert list(zones) == [
        ("county", ""),
        ("line", ""),
        ("line", "核心保护区"),
        ("line", "一般控制区"),
    ]
    core = zones["line", "核心保护区"]
    assert core["classes"][1]["share"] == pytest.approx(1.0, rel=1e-6)
    county = zones["county", ""]
    parts = [entry["area_ha"] for entry in county["classes"]]
    parts += [county["unknown_ha"], county["nodata_ha"], county["outside_ha"]]
    assert sum(parts) == pytest.approx(county["area_ha"], rel=1e-6)
    assert cover["unknown_values"][0]["value"] == STRANGE
    assert cover["unknown_values"][0]["cells"] == 10
    forest, grass = document["indicators"]
    assert (forest["indication"], forest["status"]) == ("met", "not_evaluated")
    assert forest["share_low"] < forest["share"] < forest["share_high"]
    assert (grass["indication"], grass["share"]) == (None, None)
    raster = document["inputs"][-1]
    assert (raster["layer"], raster["features"], raster["driver"]) == ("cover", 3600, "GTiff")
    assert {point["rule"] for point in document["not_evaluated"]} == {"cover", "forest", "grass"}


def test_the_workbook(checked: tuple[Path, str]) -> None:
    book = openpyxl.load_workbook(checked[0].parent / "out" / "review.xlsx")
    cover, indicators = book["土地覆盖"], book["指示性指标"]
    headings = [cell.value for cell in cover[1]]
    assert headings[:6] == ["栅格", "图层", "分区", "乡镇", "面积（ha）", "=耕地（ha）"]
    assert cover["F1"].data_type == "s", "no formula comes out of a title"
    for row in cover.iter_rows(min_row=2, values_only=True):
        parts = row[5 : headings.index("栅格以外（ha）") + 1]
        assert sum(parts) == pytest.approx(round(row[4], 2), abs=1e-9), "printed parts close"
    assert [cell.value for cell in indicators["B"]][1:] == ["森林覆盖率", "草原综合植被盖度"]
    heads = [cell.value for cell in indicators[1]]
    assert indicators.cell(2, heads.index("指示") + 1).value == "显示达到"
    assert indicators.cell(2, heads.index("结论") + 1).value == "未评价"
    titles = [cell.value for cell in book["图层"]["A"]]
    assert "地表覆盖 <i>2025" in titles


def test_the_page(checked: tuple[Path, str]) -> None:
    page = (checked[0].parent / "out" / "review.html").read_text("utf-8")
    assert "指示性指标" in page
    assert "显示达到" in page
    assert "地表覆盖 &lt;i&gt;2025" in page
    assert "地表覆盖 <i>2025" not in page


@pytest.mark.parametrize("threads", ["1", "3"])
def test_the_same_again_byte_for_byte(
    threads: str, checked: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rasters are judged beside vectors, or after them where there is one thread."""
    folder = checked[0].parent / "out"
    names = ("review.json", "review.xlsx", "review.html")
    before = {name: (folder / name).read_bytes() for name in names}
    monkeypatch.setenv("SPATIALPLAN_THREADS", threads)
    assert check(checked[0]).returncode == 3
    assert before == {name: (folder / name).read_bytes() for name in names}


@pytest.mark.parametrize(("value", "indication"), [("50", "within_uncertainty"), ("90", "not_met")])
def test_no_indication_breaks_or_passes_a_plan(tmp_path: Path, value: str, indication: str) -> None:
    review = check_plan(read_plan(write_case(tmp_path, INDICATORS.format(value=value))))
    assert review.status is Status.NOT_EVALUATED
    assert review.indicators[0].indication == indication


def test_a_raster_without_indicators_leaves_nothing_open(tmp_path: Path) -> None:
    review = check_plan(read_plan(write_case(tmp_path)))
    assert review.status is Status.MET
    assert review.landcover[0].grounds


def test_a_plan_of_indicators_alone(tmp_path: Path) -> None:
    plan = write_case(tmp_path)
    plan.write_text(PLAN + INDICATORS.format(value="40"), "utf-8")
    review = check_plan(read_plan(plan))
    assert [point.rule_id for point in review.not_evaluated] == ["forest", "grass"]


def test_indicators_of_another_year_are_not_asked(tmp_path: Path) -> None:
    review = check_plan(read_plan(write_case(tmp_path, INDICATORS.format(value="40"))), year=2030)
    assert review.indicators == ()
    (point,) = review.not_evaluated
    assert point.why.text("en") == "the plan has no indicator for 2030; it has them for 2025"


def test_a_damaged_raster_leaves_the_rest_judged(tmp_path: Path) -> None:
    plan = write_case(tmp_path, INDICATORS.format(value="40"))
    file = tmp_path / "cover.tif"
    file.write_bytes(file.read_bytes()[:-1_500])
    outcome = check(plan)
    assert outcome.returncode == 3, outcome.stderr
    assert "Traceback" not in outcome.stderr
    document = results(plan)
    assert document["landcover"] == []
    assert document["conflicts"][0]["status"] == "met"
    reasons = {point["rule"]: point["why"] for point in document["not_evaluated"]}
    assert "重新拷贝" in reasons["cover"]
    assert "栅格不可用" in reasons["forest"]


def test_nothing_is_written_over_a_raster(tmp_path: Path) -> None:
    plan = write_case(tmp_path)
    moved = tmp_path / "out"
    moved.mkdir()
    text = PLAN.replace('"cover.tif"', '"out/review.html"') + RULE
    plan.write_text(text, "utf-8")
    outcome = check(plan)
    assert outcome.returncode == 2
    assert "review.html" in outcome.stderr
