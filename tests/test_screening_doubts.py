"""Ways in which a site could look better than it is, found by people who tried."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from small_layers import EAST, NORTH, square
from small_screenings import layer_of, make_ground, screen

from spatialplan.findings import GroundStatus, Verdict


def core_zone(*shapes: Any, zone: str = "核心保护区", **spec: Any) -> Any:
    columns = {"FQ": [zone] * len(shapes)}
    return make_ground(
        "reserve", shapes, "protected_area", columns=columns, zone_field="FQ", **spec
    )


def test_a_part_outside_its_window_does_not_free_a_site() -> None:
    frame = square(0, 0, 900) - square(300, 300, 300)
    line = make_ground("line", [frame], "ecological_red_line")
    inside, beyond = square(400, 400, 50), square(2000, 0, 1)
    whole, split = screen([inside, shapely.union(inside, beyond)], line, kind="linear")
    assert layer_of(whole, "line").status is GroundStatus.ENCLOSED
    assert layer_of(split, "line").status is GroundStatus.ENCLOSED
    assert split.verdict is whole.verdict


def test_a_window_between_two_layers_of_one_role_is_a_window() -> None:
    frame = square(0, 0, 900) - square(300, 300, 300)
    west, east = (
        (frame & square(0, 0, 450, height_m=900)),
        (frame & square(450, 0, 450, height_m=900)),
    )
    layers = {
        **make_ground("west", [west], "ecological_red_line"),
        **make_ground("east", [east], "ecological_red_line"),
    }
    (found,) = screen([square(400, 400, 50)], layers, kind="linear")
    assert {layer.status for layer in found.layers} == {GroundStatus.ENCLOSED}


@pytest.mark.parametrize("site", [square(10, 10, 0.9), square(10, 10, 500, height_m=0.09)])
def test_a_small_site_wholly_in_a_core_zone_is_no_sliver(site: Any) -> None:
    (found,) = screen([site], core_zone(square(0, 0, 900)), kind="industry")
    assert layer_of(found, "reserve").status is GroundStatus.OVERLAP
    assert found.verdict is Verdict.PROHIBITED


def test_a_zone_delivered_in_crumbs_is_ground_all_the_same() -> None:
    crumbs = [square(0.9 * i, 0.9 * j, 0.9) for i in range(10) for j in range(10)]
    (found,) = screen([square(-100, -100, 109)], core_zone(*crumbs), kind="industry")
    assert layer_of(found, "reserve").status is GroundStatus.OVERLAP
    assert found.verdict is Verdict.PROHIBITED


@pytest.mark.parametrize("zone", ["核心保护区\u200b", " 核心 保护区", "核心保护区（林）"])
def test_a_zone_is_recognised_however_it_is_typed(zone: str) -> None:
    (found,) = screen([square(0, 0, 50)], core_zone(square(0, 0, 900), zone=zone), kind="industry")
    assert found.verdict is Verdict.PROHIBITED


@pytest.mark.parametrize(
    "narrowed", [{"features": ["R1"]}, {"features": ["大河"]}, {"zones": ["国家级"]}]
)
def test_rules_reach_lines_by_id_name_and_zone(narrowed: dict[str, list[str]]) -> None:
    river = shapely.LineString([(EAST - 500, NORTH + 50), (EAST + 500, NORTH + 50)])
    layers = make_ground(
        "river",
        [river],
        "river",
        geometry="line",
        columns={"BM": ["R1"], "MC": ["大河"], "JB": ["国家级"]},
        id_field="BM",
        name_field="MC",
        zone_field="JB",
    )
    rule = {"id": "r", "layer": "river", "verdict": "prohibited", "need": "不得占用"}
    rules = [{**rule, **narrowed, "basis": [{"title": "办法"}]}]
    (found,) = screen([square(0, 0, 100)], layers, tables={"screening": {"rules": rules}})
    assert found.verdict is Verdict.PROHIBITED


def test_a_feature_far_outside_the_county_leaves_its_layer_open() -> None:
    county = make_ground("county", [square(-5000, -5000, 20_000)], "region")
    near = [square(3000, 0, 100), square(3000, 500, 100)]
    line = make_ground("line", [*near, square(240_000, 0, 500)], "ecological_red_line")
    (found,) = screen([square(0, 0, 100)], {**county, **line})
    assert layer_of(found, "line").status is GroundStatus.NOT_EVALUATED
    assert "坐标可能有误" in layer_of(found, "line").sentence.text("zh")
    assert found.verdict is Verdict.NOT_EVALUATED


def test_a_layer_of_a_wider_area_is_no_doubt() -> None:
    county = make_ground("county", [square(-5000, -5000, 20_000)], "region")
    far = [square(240_000 + 1000 * i, 0, 500) for i in range(9)]
    line = make_ground("line", [square(3000, 0, 100), *far], "ecological_red_line")
    (found,) = screen([square(0, 0, 100)], {**county, **line})
    assert layer_of(found, "line").status is GroundStatus.CLEAR
