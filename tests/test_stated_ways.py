"""Plan file, options and results: how coordinates of an old datum come in, and that all say so."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
from small_layers import ZONE_42, square
from small_sites import HEADER, read
from typer.testing import CliRunner, Result

from spatialplan import ellipsoidal_area, read_layer
from spatialplan.cli import app
from spatialplan.errors import CrsError, PlanError, SourceError
from spatialplan.plan import SevenParameter, Way, read_plan

XIAN_80, CITY_OFFSET_M = "EPSG:2366", (41_900_000, 4_900_000)

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
[transformations.x80]
kind = "seven_parameter"
convention = "position_vector"
dx_m = -80.0
dy_m = -60.0
dz_m = 0.0
rx_arcsec = 0.0
ry_arcsec = 0.0
rz_arcsec = 0.0
scale_ppm = 0.0
issued_by = "某市测绘院"
accuracy_m = 0.3
[transformations.city]
kind = "plane_four_parameter"
target = "EPSG:4530"
east_m = 41900000.0
north_m = 4900000.0
rotation_arcsec = 0.0
turns = "clockwise"
scale_ppm = 0.0
issued_by = "某市测绘院"
accuracy_m = 0.05
[layers.county]
title = "县界"
role = "region"
path = "county.geojson"
[layers.line]
title = "生态保护红线"
role = "ecological_red_line"
path = "line.gpkg"
accept_error_m = 80
[layers.farmland]
title = "永久基本农田"
role = "basic_farmland"
path = "farmland.gpkg"
transformation = "x80"
[[quotas]]
id = "red"
title = "红线面积"
kind = "area"
layer = "line"
direction = "at_least"
value = "90.00"
unit = "ha"
year = 2025
clause = "第1条"
[[line_rules]]
id = "r1"
title = "红线与农田不重叠"
kind = "disjoint"
a = "line"
b = "farmland"
clause = "第2条"
"""


def write(path: Path, shapes: list[Any], crs: Any) -> Path:
    gpd.GeoDataFrame({"id": range(len(shapes))}, geometry=shapes, crs=crs).to_file(path)
    return path


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red line accepted to 80 m, farmland by seven parameters, border in WGS 84, sites of 1980."""
    place = tmp_path_factory.mktemp("county")
    border = gpd.GeoSeries([square(-9_000, -9_000, 20_000)], crs=ZONE_42).to_crs(4326)[0]
    write(place / "county.geojson", [border], 4326)
    write(place / "line.gpkg", [square(0, 0, 1_000)], XIAN_80)
    write(place / "farmland.gpkg", [square(3_000, 0, 1_000)], XIAN_80)
    write(place / "sites.gpkg", [square(1_050, 450, 50), square(2_000, 450, 50)], XIAN_80)
    (place / "plan.toml").write_text(PLAN, encoding="utf-8")
    return place


def run(county: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spatialplan", *words]
    return subprocess.run(command, cwd=county, capture_output=True, text=True, encoding="utf-8")


def screen(county: Path, sites: Path, out: str, *options: str) -> Result:
    """The command in this process, for its JSON and its complaints."""
    words = ["screen", str(county / "plan.toml"), str(sites), *options, "--lang", "en"]
    return CliRunner().invoke(app, [*words, "--formats", "json", "--out", str(county / out)])


def texts_of(folder: Path) -> dict[str, str]:
    """All words of every result, by the ending of its file."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.suffix in {".json", ".html"}:
            text = path.read_text("utf-8")
        elif path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path)
            text = " ".join(str(c.value) for sheet in book for row in sheet for c in row)
        elif path.suffix == ".docx":
            parts = zipfile.ZipFile(path)
            text = re.sub("<[^>]+>", "", parts.read("word/document.xml").decode())
        elif path.suffix == ".gpkg":
            with sqlite3.connect(path) as database:
                rows = database.execute("SELECT description FROM gpkg_contents").fetchall()
            text = " ".join(row[0] for row in rows)
        found[path.suffix] = text
    return found


@pytest.fixture(scope="module")
def review(county: Path) -> subprocess.CompletedProcess[str]:
    return run(county, "check", "plan.toml", "--out", "review", "--lang", "zh")


@pytest.fixture(scope="module")
def screening(county: Path) -> subprocess.CompletedProcess[str]:
    options = ("--accept-error-m", "90", "--out", "screening", "--lang", "zh")
    return run(county, "screen", "plan.toml", "sites.gpkg", *options)


SAID = {
    "the error accepted": "使用者接受误差 80 米",
    "the transformation": "声明的转换“x80”（七参数；提供单位：某市测绘院；声明精度 0.3 米）",
    "WGS 84": "WGS 84 视同 2000 国家大地坐标系：两者相差小于 1 米",
}


@pytest.mark.parametrize("said", SAID.values(), ids=SAID.keys())
def test_every_result_of_a_check_says_how_coordinates_were_taken(
    county: Path, review: subprocess.CompletedProcess[str], said: str
) -> None:
    assert review.returncode in (0, 3), review.stderr
    assert said in "".join(review.stdout.split("\n"))
    found = texts_of(county / "review")
    assert found.keys() == {".json", ".xlsx", ".gpkg", ".html"}
    for ending, text in found.items():
        assert said in text, ending


@pytest.mark.parametrize("said", [*SAID.values(), "使用者接受误差 90 米"])
def test_every_result_of_a_screening_says_how_coordinates_were_taken(
    county: Path, screening: subprocess.CompletedProcess[str], said: str
) -> None:
    assert screening.returncode in (1, 3), screening.stderr
    assert said in "".join(screening.stdout.split("\n"))
    found = texts_of(county / "screening")
    assert found.keys() == {".json", ".xlsx", ".docx", ".gpkg", ".html"}
    for ending, text in found.items():
        assert said in text, ending


def test_the_error_stands_in_the_documents_for_programs(
    county: Path,
    review: subprocess.CompletedProcess[str],
    screening: subprocess.CompletedProcess[str],
) -> None:
    document = json.loads((county / "review/review.json").read_text("utf-8"))
    inputs = {entry["layer"]: entry for entry in document["inputs"]}
    assert [inputs[key]["position_error_m"] for key in ("county", "line", "farmland")] == [
        0,
        80,
        0.3,
    ]
    assert inputs["line"]["crs"] == XIAN_80
    assert not inputs["line"]["crs_assumed"]
    (quota,) = document["quotas"]
    assert quota["status"] == "met"
    sites = json.loads((county / "screening/screening.json").read_text("utf-8"))["sites"]
    line = [next(one for one in site["layers"] if one["layer"] == "line") for site in sites]
    # Sites and red line are both in Xi'an 1980, both taken as they are: off by the same.
    assert [one["status"] for one in line] == ["clear", "clear"]
    farmland = [next(one for one in site["layers"] if one["layer"] == "farmland") for site in sites]
    assert [one["status"] for one in farmland] == ["clear", "clear"]


def test_sites_come_in_by_a_transformation_of_the_plan(county: Path) -> None:
    """Moved by 100 m eastwards, the first site is 150 m from the red line that was not moved."""
    ran = screen(county, county / "sites.gpkg", "moved", "--transformation", "x80")
    assert ran.exit_code == 3, ran.output
    document = json.loads((county / "moved/screening.json").read_text("utf-8"))
    statuses = [site["layers"][0]["status"] for site in document["sites"]]
    assert statuses == ["clear", "clear"]
    distances = [site["layers"][0]["distance_m"] for site in document["sites"]]
    assert 140 < distances[0] < 160


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "no public transformation of stated accuracy"),
        (("--transformation", "x81"), "no transformation «x81».*did you mean: x80, city"),
        (("--transformation", "x80", "--accept-error-m", "80"), "are both given; keep one"),
        (("--accept-error-m", "3"), "less than Xian 1980"),
    ],
)
def test_a_site_file_without_a_way_is_refused(
    county: Path, options: tuple[str, ...], reason: str
) -> None:
    ran = screen(county, county / "sites.gpkg", "refused", *options)
    assert ran.exit_code == 2
    assert re.search(reason, ran.output), ran.output


def test_the_terminal_says_why_a_site_near_an_unsure_line_is_open(county: Path) -> None:
    near = write(county / "near.gpkg", [square(1_050, 450, 50)], ZONE_42)
    ran = screen(county, near, "near")
    assert ran.exit_code == 3
    said = " ".join(ran.output.split())
    assert "the site lies within 80 m of an outline of 生态保护红线" in said


def test_a_local_plane_comes_in_without_a_crs(county: Path) -> None:
    shifted = square(2_000 - CITY_OFFSET_M[0], 450 - CITY_OFFSET_M[1], 50)
    plots = county / "local.csv"
    plots.write_text(f'id,wkt\n1,"{shifted.wkt}"\n', encoding="utf-8")
    ran = screen(county, plots, "local", "--transformation", "city")
    document = json.loads((county / "local/screening.json").read_text("utf-8"))
    (site,) = document["sites"]
    expected = ellipsoidal_area([square(2_000, 450, 50)], 4530)[0] / 10_000
    assert site["area_ha"] == pytest.approx(expected, abs=1e-4), ran.output


def test_boundary_points_of_an_old_datum_come_in_by_a_way(tmp_path: Path) -> None:
    lines = [f"{key}={value}" for key, value in (HEADER | {"坐标系": "1980西安坐标系"}).items()]
    corners = list(square(0, 0, 100).exterior.coords)
    points = [f"J{i},1,{y:.3f},{x:.3f}" for i, (x, y) in enumerate(corners, start=1)]
    text = "\n".join(["[属性描述]", *lines, "[地块坐标]", "5,1,1,地块,面,,,,@", *points])
    path = tmp_path / "old.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((CrsError, SourceError), match="no public transformation"):
        read(path)
    sites = read(path, way=Way(accept_error_m=80))
    assert sites.area_m2[0] == pytest.approx(9997.54, abs=0.01)
    assert (sites.sources[0].crs, sites.sources[0].placement.error_m) == (XIAN_80, 80)


def test_a_layer_without_a_plan_comes_in_by_a_way(county: Path) -> None:
    stated = SevenParameter(
        kind="seven_parameter", convention="coordinate_frame", dx_m=-80, dy_m=-60, dz_m=0,
        rx_arcsec=0, ry_arcsec=0, rz_arcsec=0, scale_ppm=0, issued_by="x", accuracy_m=0.3,
    )  # fmt: skip
    assert read_layer(county / "line.gpkg", transformation=stated).source.placement.error_m == 0.3
    assert read_layer(county / "line.gpkg", accept_error_m=80).source.placement.accepted
    with pytest.raises(CrsError, match="both given; keep one"):
        read_layer(county / "line.gpkg", transformation=stated, accept_error_m=80)
    with pytest.raises(CrsError, match="Ways out"):
        read_layer(county / "line.gpkg")


FAULTS = {
    'transformation = "x80"': ('transformation = "x8"', "no transformation «x8».*mean: x80"),
    "accept_error_m = 80": ('accept_error_m = 80\ntransformation = "x80"', "both given"),
    'convention = "position_vector"\n': ("", "convention.*missing"),
    "dz_m = 0.0\n": ("", "dz_m.*missing"),
    "accuracy_m = 0.3": ("accuracy_m = 0", "accuracy_m"),
    'turns = "clockwise"': ('turns = "left"', "not one of.*clockwise"),
    'kind = "seven_parameter"': ('kind = "seven"', "not one of.*seven_parameter"),
    "rx_arcsec = 0.0": ("rx = 0.0", "unknown key «rx».*rx_arcsec"),
}


@pytest.mark.parametrize(("right", "wrong"), FAULTS.items(), ids=FAULTS.keys())
def test_the_plan_says_what_is_wrong_with_a_way(
    tmp_path: Path, right: str, wrong: tuple[str, str]
) -> None:
    text, reason = wrong
    assert PLAN.count(right) >= 1
    (tmp_path / "plan.toml").write_text(PLAN.replace(right, text, 1), encoding="utf-8")
    with pytest.raises(PlanError) as refused:
        read_plan(tmp_path / "plan.toml")
    assert re.search(reason, str(refused.value)), str(refused.value)
