"""The plan file: the Wuchang figures as printed, and everything that can be wrong, all at once."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from spatialplan import read_plan
from spatialplan.errors import PlanError
from spatialplan.plan import Plan, derive_interval, find_share_base, plan_schema, validate_plan


@pytest.fixture
def tables(layers_folder: Path) -> dict[str, Any]:
    return tomllib.loads((layers_folder / "plan.toml").read_text("utf-8"))


def faults(tables: dict[str, Any]) -> str:
    with pytest.raises(PlanError) as caught:
        validate_plan(tables, directory=Path())
    return caught.value.text("en")


def test_the_five_quotas_stand_as_printed(layers_folder: Path) -> None:
    plan = read_plan(layers_folder / "plan.toml")
    printed = {q.id: (str(q.value), q.unit) for q in plan.quotas if q.kind == "area"}
    assert printed == {
        "red_line_area": ("230423.56", "ha"),
        "protected_area_area": ("97065.60", "ha"),
        "cropland_area": ("500.51", "万亩"),
        "basic_farmland_area": ("385.68", "万亩"),
        "development_boundary_area": ("5102.16", "ha"),
    }
    assert [q.decimals for q in plan.quotas] == [2] * 6
    assert all(q.clause for q in plan.quotas)


def test_the_pattern_has_its_ten_elements(layers_folder: Path) -> None:
    plan = read_plan(layers_folder / "plan.toml")
    assert plan.pattern is not None
    groups = [element.group for element in plan.pattern.elements]
    assert [groups.count(g) for g in ("一屏", "两心", "两廊", "五点")] == [1, 2, 2, 5]


def test_a_figure_may_be_left_open_but_not_out(tables: dict[str, Any]) -> None:
    tables["quotas"][0]["value"] = ""
    plan = validate_plan(tables, directory=Path())
    assert plan.quotas[0].value is None
    assert derive_interval(plan) is not None
    del tables["quotas"][0]["value"]
    tables["quotas"][1]["value"] = " "
    text = faults(tables)
    assert "[quotas[1].value]: key «value» is missing" in text
    assert "[quotas[2].value]" in text


def test_share_bases(layers_folder: Path) -> None:
    plan = read_plan(layers_folder / "plan.toml")
    low, high = derive_interval(plan) or (0, 0)
    assert (round(low), int(high)) == (749_831, 749_911)
    base = find_share_base(plan, measured_ha=754_381.39)
    assert base is not None
    assert base.stated_ha == 751_200
    assert base.used_ha == pytest.approx((low + high) / 2)
    assert 230_423.56 / base.used_ha == pytest.approx(0.3073, abs=0.00005)


def test_all_faults_come_at_once_with_the_nearest_name(tables: dict[str, Any]) -> None:
    tables["quotas"][0]["directon"] = tables["quotas"][0].pop("direction")
    tables["quotas"][1]["value"] = 97065.60
    tables["layers"]["rivers"]["role"] = "rivr"
    tables["styles"]["red_line"]["fil"] = "#d7301f"
    text = faults(tables)
    assert "[quotas[1].directon]: unknown key «directon»; did you mean: direction?" in text
    assert "key «direction» is missing" in text
    assert "97065.6 must stand in quotes exactly as printed" in text
    assert "[layers.rivers.role]: «rivr» is not one of" in text
    assert "did you mean: fill?" in text


def test_names_that_lead_nowhere(tables: dict[str, Any]) -> None:
    tables["quotas"][0]["layer"] = "redline"
    tables["line_rules"][0]["b"] = "basic_farm"
    tables["quotas"][1]["id"] = tables["quotas"][0]["id"]
    tables["layers"]["county"]["path"] = "/vsicurl/http://example.com/a.gpkg"
    text = faults(tables)
    assert "there is no layer «redline»; did you mean: red_line?" in text
    assert "did you mean: basic_farmland?" in text
    assert "used twice" in text
    assert "never fetched from a network" in text


def test_fields_that_a_demand_needs(tables: dict[str, Any]) -> None:
    del tables["layers"]["parcels"]["class_field"]
    del tables["layers"]["basic_farmland"]["deduction_field"]
    text = faults(tables)
    assert "must name its class_field" in text
    assert "must name its deduction_field" in text


def test_a_demand_on_lines_has_no_area(tables: dict[str, Any]) -> None:
    tables["quotas"][0]["layer"] = "rivers"
    tables["line_rules"][0]["a"] = "rivers"
    assert faults(tables).count("holds no polygons") == 2


def test_a_file_that_is_no_plan(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"give the path of a plan\.toml"):
        read_plan(tmp_path / "absent.toml")
    broken = tmp_path / "plan.toml"
    broken.write_bytes("[plan\ntitle = 五常".encode("gbk"))
    with pytest.raises(PlanError, match="not a TOML file in UTF-8"):
        read_plan(broken)


def test_a_path_that_is_none_and_tables_without_end(tables: dict[str, Any]) -> None:
    with pytest.raises(PlanError):
        read_plan("a\0b")
    nested: list[Any] = []
    for _ in range(3_000):
        nested = [nested]
    tables["quotas"][0]["title"] = nested
    assert "[quotas[1].title]" in faults(tables)


def test_a_plan_cannot_be_changed(layers_folder: Path) -> None:
    plan = read_plan(layers_folder / "plan.toml")
    with pytest.raises(ValidationError):
        plan.quotas[0].value = Decimal(0)  # type: ignore[misc]


def test_shares_that_contradict_each_other_leave_no_derived_base(tables: dict[str, Any]) -> None:
    tables["quotas"][0]["share_percent"] = "35.00"
    base = find_share_base(validate_plan(tables, directory=Path()), measured_ha=None)
    assert base is not None
    assert base.used_ha is None


def test_the_schema_describes_the_file(tables: dict[str, Any]) -> None:
    schema = plan_schema()
    assert set(tables) <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    assert Plan.model_validate(tables).schema_version == 1
