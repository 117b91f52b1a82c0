"""A delivery of a county that nobody knows: drafted, checked, drawn and screened as a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import geopandas as gpd
import pytest
from invented_county import CRS, County, make_county, square

import spatialplan
from spatialplan import read_plan
from spatialplan.drafting import draft_plan
from spatialplan.plan import Plan
from spatialplan.reports.drafts import plan_text


def run_program(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "spatialplan", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    return make_county(tmp_path_factory.mktemp("county") / "交付", seed=20)


@pytest.fixture(scope="module")
def drafted(county: County) -> tuple[subprocess.CompletedProcess[str], Path]:
    """The outcome of ``init`` and the plan file that it wrote."""
    office = county.folder.parent
    outcome = run_program("init", "规划", "--from", "交付", folder=office)
    return outcome, office / "规划" / "plan.toml"


@pytest.fixture(scope="module")
def plan(drafted: tuple[subprocess.CompletedProcess[str], Path]) -> Plan:
    return read_plan(drafted[1])


def test_init_says_what_it_recognised_and_what_not(
    drafted: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    outcome, _ = drafted
    assert outcome.returncode == 3, outcome.stderr  # one table is undecided
    assert "Traceback" not in outcome.stderr
    assert "red_line" in outcome.stdout
    assert "待定" in outcome.stdout
    assert "spatialplan check" in outcome.stdout


def test_the_layers_are_those_of_the_delivery(plan: Plan, county: County) -> None:
    assert {key: spec.role for key, spec in plan.layers.items()} == {
        "county": "region",
        "units": "administrative_area",
        "red_line": "ecological_red_line",
        "basic_farmland": "basic_farmland",
        "development_boundary": "urban_development_boundary",
        "parcels": "land_parcel",
        "mining_rights": "mining_right",
    }
    assert all(not Path(spec.path).is_absolute() for spec in plan.layers.values())
    assert plan.layers["red_line"].path == f"../交付/矢量/{county.name}生态红线2024.shp"
    assert (plan.layers["red_line"].area_field, plan.layers["red_line"].area_unit) == (
        "面积",
        "km2",
    )
    assert plan.layers["development_boundary"].area_unit == "ha"
    assert plan.layers["parcels"].area_unit == "亩"
    assert plan.layers["development_boundary"].zone_field == "规划分区名"
    assert plan.layers["parcels"].deduction_field == "Kcxs"


def test_the_head_is_what_the_delivery_tells(plan: Plan, county: County) -> None:
    assert (plan.header.region, plan.header.region_code) == (county.name, county.code)
    assert plan.header.crs == "EPSG:4523"
    assert county.name in plan.header.title
    assert plan.share_base is not None
    assert plan.share_base.measured_layer == "county"


def test_every_figure_is_open_and_what_was_measured_stands_beside_it(
    plan: Plan, drafted: tuple[subprocess.CompletedProcess[str], Path]
) -> None:
    assert {quota.id for quota in plan.quotas} == {
        "red_line_area",
        "cropland_area",
        "basic_farmland_area",
        "development_boundary_area",
        "expansion_multiple",
    }
    assert all(quota.value is None for quota in plan.quotas)
    text = drafted[1].read_text("utf-8")
    assert 'value = ""  # 待填；图层实测 400.00 公顷' in text  # 2 × 2 km of red line
    assert 'value = ""  # 待填；图层实测 0.54 万亩' in text  # 4 km² less a tenth of ridges
    assert "未拟“自然保护地面积”" in text
    assert "请补充 base_layer" in text
    assert text.count("# data_date") == len(plan.layers)


def test_rules_are_those_between_the_lines_that_are_there(plan: Plan) -> None:
    assert [rule.id for rule in plan.line_rules] == [
        "red_line-basic_farmland",
        "red_line-development_boundary",
        "basic_farmland-development_boundary",
        "red_line-in-county",
        "basic_farmland-in-county",
        "development_boundary-in-county",
    ]
    assert all("未提供" in rule.clause for rule in plan.line_rules)


def test_an_undecided_table_is_an_entry_that_a_person_can_open(
    drafted: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    text = drafted[1].read_text("utf-8")
    start = text.index("# [layers.open_1]")
    entry = text[start : text.index("\n\n", start)]
    opened = tomllib.loads("\n".join(line.removeprefix("# ") for line in entry.splitlines()))
    assert opened["layers"]["open_1"]["path"] == "../交付/矢量/资料.shp"
    assert "表名和字段均不认识" in text[:start]


def test_check_runs_on_it_at_once(
    drafted: tuple[subprocess.CompletedProcess[str], Path], tmp_path: Path
) -> None:
    outcome = run_program("check", drafted[1], "--out", tmp_path / "out", folder=tmp_path)
    assert outcome.returncode == 1, outcome.stderr  # the planted overlap
    assert "Traceback" not in outcome.stderr
    review = json.loads((tmp_path / "out" / "review.json").read_text("utf-8"))
    conflicts = {entry["rule"]: entry["pieces"] for entry in review["conflicts"]}
    assert conflicts.pop("basic_farmland-development_boundary") == 1
    assert set(conflicts.values()) == {0}
    assert {entry["status"] for entry in review["quotas"]} == {"not_evaluated"}
    assert {entry["required"] for entry in review["quotas"]} == {None}
    assert "未填写该指标的数值" in str(review["not_evaluated"])
    assert review["quality"] == []


def test_map_and_screen_work_on_it(
    drafted: tuple[subprocess.CompletedProcess[str], Path], tmp_path: Path
) -> None:
    drawn = run_program("map", drafted[1], "--out", tmp_path / "map.html", folder=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    sites = gpd.GeoDataFrame(
        {"项目编号": ["R", "M"], "项目类型": "公路"},
        geometry=[square(0.5, 2.5, 0.1), square(3.5, 2.5, 0.1)],
        crs=CRS,
    )
    sites.to_file(tmp_path / "sites.gpkg")
    options = ("--formats", "json", "--out", tmp_path / "out")
    outcome = run_program("screen", drafted[1], tmp_path / "sites.gpkg", *options, folder=tmp_path)
    assert outcome.returncode == 1, outcome.stderr
    screening = json.loads((tmp_path / "out" / "screening.json").read_text("utf-8"))
    touched = {
        site["site_id"]: {
            layer["layer"] for layer in site["layers"] if layer["status"] == "overlap"
        }
        for site in screening["sites"]
    }
    assert {"red_line"} <= touched["R"]
    assert {"mining_rights"} <= touched["M"]
    assert "red_line" not in touched["M"]


def test_a_plan_file_is_never_written_over(
    drafted: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    _, file = drafted
    before = file.read_bytes()
    again = run_program("init", file.parent, "--from", "交付", folder=file.parent.parent)
    assert again.returncode == 2
    assert "不予覆盖" in again.stderr
    assert file.read_bytes() == before


def test_nothing_usable_is_an_error_with_every_reason(county: County, tmp_path: Path) -> None:
    sources = [county.folder / "矢量" / "资料.shp", tmp_path / "absent.shp"]
    outcome = run_program("init", "x", "--from", *sources, "--lang", "en", folder=tmp_path)
    assert outcome.returncode == 2
    for reason in ("no such file", "neither its name nor", "no plan file was written"):
        assert reason in outcome.stderr
    assert not (tmp_path / "x").exists()


def test_how_a_county_is_called_changes_nothing_else(tmp_path: Path) -> None:
    texts = []
    for seed in (1, 2):
        named = make_county(tmp_path / str(seed), seed=seed)
        draft = draft_plan([named.folder], tmp_path / f"plan{seed}", year=2030)
        text = plan_text(draft).replace(named.name, "某县").replace(named.code, "000000")
        texts.append(text.replace(f"../{seed}/", "../"))
    assert texts[0] == texts[1]
    assert "某县" in texts[0]


def test_the_package_knows_no_county_by_name(layers_folder: Path) -> None:
    example = read_plan(layers_folder / "plan.toml")
    units = gpd.read_file(layers_folder / "basis.gpkg", layer="XZJXZQ")
    names = {example.header.region, example.header.region_code, *units["XZQMC"], *units["XZQDM"]}
    assert len(names) > 20
    package = Path(spatialplan.__file__).parent
    for file in package.rglob("*"):
        if file.suffix in {".py", ".toml", ".js", ".html"}:
            text = file.read_text("utf-8")
            assert not [name for name in names if name in text], file
