"""``check`` of corridors and of cropland on slopes, as a process and by its results."""

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
import shapely
from small_layers import EAST, NORTH, ZONE_42, square
from small_rasters import write_raster

from spatialplan import check_plan, read_plan
from spatialplan.errors import PlanError
from spatialplan.layers import Grid

GRID = Grid(ZONE_42, EAST - 100, NORTH + 700, 10.0, 10.0, 180, 80)
CROPLAND, FOREST = 1, 2

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
[layers.rivers]
title = "河流"
role = "river"
path = "lines.gpkg"
table = "rivers"
name_field = "MC"
geometry = "line"
[layers.parcels]
title = "地类图斑"
role = "land_parcel"
path = "lines.gpkg"
table = "parcels"
class_field = "DLBM"
slope_field = "GDPDJB"
[rasters.cover]
title = "地表覆盖"
role = "land_cover"
path = "cover.tif"
legend = "classes"
[rasters.heights]
title = "高程"
role = "elevation"
path = "heights.tif"
[[legends.classes]]
value = 1
title = "耕地"
kind = "cropland"
colour = "#f5f8dc"
[[legends.classes]]
value = 2
title = "林地"
kind = "forest"
colour = "#68b167"
[pattern]
title = "格局"
clause = "第一条"
[[pattern.elements]]
kind = "corridor"
group = "一廊"
name = "小河生态带"
layer = "rivers"
feature = "小河"
width_m = 200
width_note = "假定值"
[corridors]
raster = "cover"
step_m = 200
"""


def write_case(folder: Path, text: str = PLAN) -> Path:
    """A river from west to east through forest, cut by 100 m of cropland; a plane that tilts."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: dict[str, Any] = {
        "county": gpd.GeoDataFrame(geometry=[square(0, 0, 1_600, height_m=600)], crs=ZONE_42),
        "rivers": gpd.GeoDataFrame(
            {"MC": ["小河"]},
            geometry=[shapely.LineString([(EAST + 200, NORTH + 300), (EAST + 1_400, NORTH + 300)])],
            crs=ZONE_42,
        ),
        "parcels": gpd.GeoDataFrame(
            {"DLBM": ["0103", "0301"], "GDPDJB": ["3", ""]},
            geometry=[square(100, 20, 200), square(400, 20, 100)],
            crs=ZONE_42,
        ),
    }
    for name, table in tables.items():
        append = (folder / "lines.gpkg").exists()
        pyogrio.write_dataframe(table, folder / "lines.gpkg", layer=name, append=append)
    cells = np.full((GRID.rows, GRID.columns), FOREST, dtype=np.uint8)
    cells[:, 90:100] = CROPLAND
    write_raster(folder / "cover.tif", cells, GRID)
    # 1 in 2: 26.6 degrees.
    along = np.arange(GRID.columns) * 10.0
    heights = np.tile(200 + 0.5 * along, (GRID.rows, 1)).astype(np.float32)
    write_raster(folder / "heights.tif", heights, GRID)
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return folder / "plan.toml"


def run(plan: Path, out: Path) -> tuple[int, dict[str, Any], str]:
    arguments = ["check", plan, "--lang", "en", "--out", out]
    command = [sys.executable, "-m", "spatialplan", *map(str, arguments)]
    outcome = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert "Traceback" not in outcome.stderr, outcome.stderr
    return outcome.returncode, json.loads((out / "review.json").read_text("utf-8")), outcome.stdout


def test_a_check_tells_corridors_and_steep_cropland(tmp_path: Path) -> None:
    code, document, told = run(write_case(tmp_path / "case"), tmp_path / "out")
    assert code == 3  # nothing is demanded, which is no pass
    (corridor,) = document["corridors"]
    assert corridor["length_km"] == pytest.approx(1.2, abs=0.001)
    assert len(corridor["sections"]) == 6
    shares = [section["share_low"] for section in corridor["sections"]]
    assert shares == pytest.approx([1, 1, 1, 0.5, 1, 1], abs=0.01)
    (cut,) = corridor["continuity"]["cuts"]
    assert corridor["continuity"]["state"] == "cut"
    assert cut["from_km"] <= 0.7 <= cut["to_km"] + 0.2
    slope = document["slope"]
    assert slope["over_25_ha"] == pytest.approx(slope["cropland_ha"])
    assert slope["cropland_ha"] == pytest.approx(4.0, rel=1e-3)
    assert slope["stated_class_ha"] == pytest.approx([0, 0, slope["cropland_ha"], 0, 0])
    assert slope["agreeing_ha"] == 0
    assert {"cover", "heights"} <= {entry["layer"] for entry in document["inputs"]}
    assert "cut in 1 places" in told.replace("\n", " ")
    book = openpyxl.load_workbook(tmp_path / "out" / "review.xlsx")
    names = {"Corridors", "Corridor sections", "Cropland slope", "Slope classes compared"}
    assert names <= set(book.sheetnames)
    page = (tmp_path / "out" / "review.html").read_text("utf-8")
    assert "data:image/png;base64" in page
    assert "corridor-cut" in page


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    plan = write_case(tmp_path / "case")
    for out in ("one", "two"):
        run(plan, tmp_path / out)
    for name in ("review.json", "review.xlsx", "review.html"):
        one, two = ((tmp_path / out / name).read_bytes() for out in ("one", "two"))
        assert one == two, name


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("width_m = 200\n", ""), "no width"),
        (('feature = "小河"', 'feature = "大河"'), "no line"),
        (("step_m = 200", "step_m = 0.01"), "too many"),
        (('path = "cover.tif"', 'path = "none.tif"'), "cannot be used"),
        (('path = "heights.tif"', 'path = "none.tif"'), "none.tif"),
    ],
)
def test_what_keeps_a_corridor_or_slope_from_being_judged_is_told(
    tmp_path: Path, change: tuple[str, str], why: str
) -> None:
    plan = read_plan(write_case(tmp_path, PLAN.replace(*change)))
    review = check_plan(plan)
    assert any(why in str(point.why) for point in review.not_evaluated)


def test_cropland_off_the_elevation_is_not_evaluated(tmp_path: Path) -> None:
    plan = write_case(tmp_path)
    far = Grid(ZONE_42, EAST + 50_000, NORTH, 10.0, 10.0, 20, 20)
    write_raster(tmp_path / "heights.tif", np.zeros((20, 20), dtype=np.float32), far)
    review = check_plan(read_plan(plan))
    assert review.slope is not None
    assert review.slope.unknown_m2 == pytest.approx(review.slope.area_m2)
    assert any("no elevation" in str(point.why) for point in review.not_evaluated)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('raster = "cover"', 'raster = "covr"'), "cover"),
        (('raster = "cover"', 'raster = "heights"'), "land_cover"),
        (("step_m = 200", "step_m = 200\npinch_share = 0.1"), "0.1"),
        (("step_m = 200", 'step_m = 200\nnatural = ["water"]'), "water"),
        (("step_m = 200", "step_m = -5"), "-5"),
    ],
)
def test_a_corridor_table_that_makes_no_sense_is_refused(
    tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    with pytest.raises(PlanError) as refused:
        read_plan(write_case(tmp_path, PLAN.replace(*change)))
    assert told in str(refused.value)
    assert "corridors" in str(refused.value)


def test_a_plan_without_the_tables_says_nothing_of_them(tmp_path: Path) -> None:
    text = PLAN.partition("[corridors]")[0].replace('role = "elevation"', 'role = "land_cover"')
    text = text.replace('path = "heights.tif"', 'path = "cover.tif"\nlegend = "classes"')
    review = check_plan(read_plan(write_case(tmp_path, text)))
    assert review.corridors == ()
    assert review.slope is None
