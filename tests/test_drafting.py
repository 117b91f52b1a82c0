"""Drafts of deliveries that leave doubt, and text from files in a plan file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely
from small_layers import square

from spatialplan import check_plan, read_plan
from spatialplan.drafting import Draft, draft_plan
from spatialplan.errors import SourceError
from spatialplan.findings import Status
from spatialplan.plan import Plan
from spatialplan.reports.drafts import plan_text, write_plan

EVIL = 'a"]\n[plan]\nid = "x"\\ \x1b[31m\x7f # \u202e</script>'


def put(
    folder: Path, name: str, shapes: list[Any], crs: str | None = "EPSG:4530", **columns: Any
) -> Path:
    path = folder / "in" / f"{name}.gpkg"
    path.parent.mkdir(exist_ok=True)
    numbers = [str(row) for row in range(len(shapes))]
    frame = gpd.GeoDataFrame({"BSM": numbers}, geometry=shapes, crs=crs).assign(**columns)
    pyogrio.write_dataframe(frame, path)
    return path


def draft(folder: Path, *, language: Any = "zh") -> Draft:
    return draft_plan([folder / "in"], folder, year=2030, language=language)


def written(folder: Path, made: Draft) -> Plan:
    write_plan(made, folder / "plan.toml")
    return read_plan(folder / "plan.toml")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_text_from_files_cannot_break_out_of_its_entry(tmp_path: Path, language: Any) -> None:
    put(tmp_path, "XJXZQ", [square(0, 0, 100)], XZQDM="110101", XZQMC=EVIL)
    put(tmp_path, "CZKFBJ", [square(0, 0, 10)], GHFQMC=EVIL)
    put(tmp_path, EVIL.replace("/", "").replace("\n", " "), [square(0, 0, 10)])
    made = draft(tmp_path, language=language)
    plan = written(tmp_path, made)
    assert plan.header.id == "plan-110101"
    assert plan.header.region == EVIL
    assert plan.model_dump() == made.plan.model_dump()
    text = (tmp_path / "plan.toml").read_text("utf-8")
    assert "\x1b" not in text
    assert text.count("\n[plan]\n") == 1


def test_a_folder_with_quotes_and_hashes_is_found_again(tmp_path: Path) -> None:
    folder = tmp_path / "a 'b' # c {d}"
    folder.mkdir()
    put(folder, "STBHHX", [square(0, 0, 100)])
    plan = written(folder, draft(folder))
    assert check_plan(plan).status is Status.NOT_EVALUATED
    assert plan.layers["red_line"].path == "in/STBHHX.gpkg"


def test_the_same_delivery_gives_the_same_file(tmp_path: Path) -> None:
    put(tmp_path, "STBHHX", [square(0, 0, 100)])
    put(tmp_path, "CZKFBJ", [square(200, 0, 100)])
    assert plan_text(draft(tmp_path)) == plan_text(draft(tmp_path))


def test_two_tables_for_one_role_are_left_to_a_person(tmp_path: Path) -> None:
    put(tmp_path, "STBHHX", [square(0, 0, 100)])
    put(tmp_path, "STBHHX_2021", [square(0, 0, 90)])
    put(tmp_path, "CZKFBJ", [square(200, 0, 100)])
    made = draft(tmp_path)
    assert list(made.layers) == ["development_boundary"]
    assert [spec.path for _, spec in made.open_tables] == [
        "in/STBHHX.gpkg",
        "in/STBHHX_2021.gpkg",
    ]
    text = plan_text(made)
    assert "不止一张表可作为“生态保护红线”" in text
    assert not made.is_complete
    opened = text.replace("# [layers.open_1]", "[layers.open_1]", 1)
    start = opened.index("[layers.open_1]")
    lines = opened[start:].split("\n\n")[0].replace("\n# ", "\n")
    spec = tomllib.loads(lines)["layers"]["open_1"]
    assert spec == {
        "title": "STBHHX",
        "role": "ecological_red_line",
        "path": "in/STBHHX.gpkg",
        "table": "STBHHX",
        "id_field": "BSM",
    }


def test_a_copy_is_listed_once(tmp_path: Path) -> None:
    put(tmp_path, "STBHHX", [square(0, 0, 100)])
    put(tmp_path, "STBHHX_1", [square(0, 0, 100)])
    made = draft(tmp_path)
    assert made.plan.layers["red_line"].path == "in/STBHHX.gpkg"
    assert "要素相同" in plan_text(made)
    assert made.is_complete


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_layer_without_crs_is_listed_with_what_its_coordinates_look_like(tmp_path: Path) -> None:
    put(tmp_path, "STBHHX", [square(0, 0, 100)], crs=None)
    put(tmp_path, "CZKFBJ", [square(200, 0, 100)])
    made = draft(tmp_path)
    plan = written(tmp_path, made)
    assert "red_line" in plan.layers
    assert made.layers["red_line"].area_m2 is None
    assert "横坐标带有带号 42：若为 2000 国家大地坐标系，则为 EPSG:4530" in plan_text(made)
    assert "坐标系 无法使用" in plan_text(made)
    confirmed = plan_text(made).replace('# crs = "EPSG:4530"', 'crs = "EPSG:4530"')
    assert tomllib.loads(confirmed)["layers"]["red_line"]["crs"] == "EPSG:4530"
    assert not made.is_complete
    assert check_plan(plan).status is Status.NOT_EVALUATED


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_no_layer_with_a_crs_still_gives_a_file_that_can_be_mended(tmp_path: Path) -> None:
    put(tmp_path, "STBHHX", [square(0, 0, 100)], crs=None)
    made = draft(tmp_path)
    assert not made.is_complete
    assert list(written(tmp_path, made).layers) == ["red_line"]


def test_an_area_in_no_unit_is_not_used(tmp_path: Path) -> None:
    put(tmp_path, "STBHHX", [square(0, 0, 100)], MJ=7.0)
    made = draft(tmp_path)
    assert made.plan.layers["red_line"].area_field is None
    assert "字段“MJ”与图形面积按各种单位均不相符" in plan_text(made)


def test_invalid_features_are_said_not_to_count(tmp_path: Path) -> None:
    bow = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    moved = shapely.transform(bow, lambda points: points + square(0, 0, 1).exterior.coords[3])
    put(tmp_path, "STBHHX", [square(0, 0, 100), moved])
    text = plan_text(draft(tmp_path))
    assert "有 1 个要素因图形无效等原因未计入" in text
    assert "要素在入口被搁置" in text


def test_a_deduction_that_cannot_be_used_leaves_no_measured_figure(tmp_path: Path) -> None:
    columns = {"KCXS": 12.0, "YJJBNTMJ": 1.0, "DLBM": "0103"}
    put(tmp_path, "YJJBNTTB", [square(0, 0, 100)], **columns)
    text = plan_text(draft(tmp_path))
    assert 'value = ""  # 待填，按规划文本原样' in text
    assert "扣除系数 KCXS 不可用" in text


def test_several_layers_of_a_role_get_names_and_titles_of_their_own(tmp_path: Path) -> None:
    put(tmp_path, "国家公园", [square(0, 0, 100)])
    put(tmp_path, "森林公园", [square(200, 0, 100)])
    put(tmp_path, "STBHHX", [square(0, 0, 400)])
    made = draft(tmp_path)
    titles = {key: spec.title for key, spec in made.plan.layers.items()}
    assert titles == {
        "red_line": "生态保护红线",
        "protected_areas": "自然保护地 国家公园",
        "protected_areas_2": "自然保护地 森林公园",
    }
    assert [quota.id for quota in made.plan.quotas] == ["red_line_area"]
    assert [rule.id for rule in made.plan.line_rules] == [
        "protected_areas-in-red_line",
        "protected_areas_2-in-red_line",
    ]
    assert "面积不能简单相加" in plan_text(made)


def test_zones_are_named_only_where_they_are_there(tmp_path: Path) -> None:
    put(tmp_path, "STBHHX", [square(0, 0, 100)])
    put(tmp_path, "YYSSYD", [square(0, 0, 10), square(20, 0, 10)], BHQJB=["一级", "二级保护区"])
    put(tmp_path, "CZKFBJ", [square(200, 0, 50), square(300, 0, 50)], GHFQMC=["a", "特别用途区"])
    rules = {rule.id: rule for rule in draft(tmp_path).plan.line_rules}
    assert rules["water_sources-development_boundary"].zones_a == ("一级",)
    assert getattr(rules["red_line-development_boundary"], "person_zones_b", ()) == ("特别用途区",)


def test_a_source_that_cannot_be_read_does_not_keep_the_others_out(tmp_path: Path) -> None:
    put(tmp_path, "STBHHX", [square(0, 0, 100)])
    (tmp_path / "in" / "old.mdb").touch()
    made = draft(tmp_path)
    assert list(made.layers) == ["red_line"]
    assert "FileGDB" in made.faults[0].text()
    assert not made.is_complete


def test_nothing_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no plan file was written"):
        draft_plan([tmp_path / "absent"], tmp_path, year=2030)
