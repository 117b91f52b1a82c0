from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from shapely.affinity import translate
from small_layers import EAST, NORTH, ZONE_42, square
from small_screenings import layer_of, make_ground, make_sites, screen

from spatialplan import ellipsoidal_area
from spatialplan.findings import GroundStatus, NotEvaluated, Severity, Verdict
from spatialplan.messages import say
from spatialplan.sites import Doubt

# Edges are straight in the survey's plane, chords of at most 70 m in the plane of judgement: where
# two features' chords differ, their common border is off by 0.1 mm at most.
CHORDS_M2 = 0.02


def red_line(*shapes: Any, **spec: Any) -> Any:
    return make_ground("red_line", shapes, "ecological_red_line", **spec)


def rivers(*lines: Any) -> Any:
    names = {"MC": ["小河"] * len(lines)}
    return make_ground("river", lines, "river", geometry="line", columns=names, name_field="MC")


# ── ground ──


def test_overlap_is_the_official_area_of_the_common_ground() -> None:
    (found,) = screen([square(0, 0, 100)], red_line(square(60, 0, 500)))
    line = layer_of(found, "red_line")
    assert line.status is GroundStatus.OVERLAP
    common = ellipsoidal_area([square(60, 0, 40, height_m=100)], ZONE_42)[0]
    assert line.overlap_m2 == pytest.approx(common, abs=CHORDS_M2)
    assert line.overlap_planar_m2 == pytest.approx(4000, rel=1e-7)
    assert line.overlap_share == pytest.approx(0.4, rel=1e-6)
    assert line.distance_m is None


def test_ground_under_two_features_counts_once() -> None:
    line = red_line(square(50, 0, 500), square(60, 0, 500))
    (found,) = screen([square(0, 0, 100)], line)
    common = ellipsoidal_area([square(50, 0, 50, height_m=100)], ZONE_42)[0]
    assert layer_of(found, "red_line").overlap_m2 == pytest.approx(common, abs=CHORDS_M2)


def test_a_strip_of_a_few_centimetres_is_a_sliver_and_not_clear() -> None:
    (found,) = screen([square(0, 0, 100)], red_line(square(99.95, 0, 500)))
    line = layer_of(found, "red_line")
    assert line.status is GroundStatus.SLIVER
    assert line.verdict is Verdict.NEEDS_DETERMINATION
    assert line.sliver_m2 == pytest.approx(5, rel=1e-2)
    assert "须核实界线" in line.sentence.text("zh")


def test_a_hairline_is_noise_and_clear() -> None:
    (found,) = screen([square(0, 0, 100)], red_line(square(99.9998, 0, 500)))
    line = layer_of(found, "red_line")
    assert line.status is GroundStatus.CLEAR
    assert line.overlap_m2 == 0
    assert 0 < line.noise_m2 < 0.05
    assert line.distance_m == 0


def test_forty_square_metres_of_basic_farmland_are_a_hit() -> None:
    farmland = make_ground("farmland", [square(99, 0, 500, height_m=40)], "basic_farmland")
    (found,) = screen([square(0, 0, 100)], farmland, kind="industry")
    assert layer_of(found, "farmland").verdict is Verdict.PROHIBITED
    assert found.verdict is Verdict.PROHIBITED


def test_a_hairline_does_not_hide_a_plot() -> None:
    plot = square(90, 0, 10).union(square(100, 0, 0.0002, height_m=100))
    site = square(0, 0, 100.0001, height_m=100)
    (found,) = screen([site], red_line(plot.buffer(0)))
    line = layer_of(found, "red_line")
    assert line.status is GroundStatus.OVERLAP
    assert line.pieces[0].area_m2 == pytest.approx(100, rel=1e-2)


def test_a_site_in_a_window_is_enclosed_and_never_plainly_clear() -> None:
    frame = square(0, 0, 900) - square(300, 300, 300)
    (found,) = screen([square(400, 400, 50)], red_line(frame), kind="linear")
    line = layer_of(found, "red_line")
    assert line.status is GroundStatus.ENCLOSED
    assert line.verdict is Verdict.RESTRICTED
    assert "天窗" in line.sentence.text("zh")
    assert line.distance_m == pytest.approx(100, rel=1e-3)


def test_zones_are_told_apart() -> None:
    areas = make_ground(
        "reserve",
        [square(0, 0, 50), square(50, 0, 50)],
        "protected_area",
        columns={"FQ": ["核心保护区", "一般控制区"]},
        zone_field="FQ",
    )
    (found,) = screen([square(10, 0, 60, height_m=10)], areas, kind="tourism")
    zones = {zone.zone: zone for zone in layer_of(found, "reserve").zones}
    assert zones["核心保护区"].overlap_m2 == pytest.approx(400, rel=1e-3)
    assert zones["一般控制区"].overlap_m2 == pytest.approx(200, rel=1e-3)
    assert zones["核心保护区"].verdict is Verdict.PROHIBITED
    assert zones["一般控制区"].verdict is Verdict.NEEDS_DETERMINATION
    assert found.verdict is Verdict.PROHIBITED


def test_net_farmland_is_less_field_ridges() -> None:
    farmland = make_ground(
        "farmland",
        [square(0, 0, 50), square(50, 0, 50)],
        "basic_farmland",
        columns={"KCXS": [0.1, 0.2]},
        deduction_field="KCXS",
    )
    (found,) = screen([square(0, 0, 100, height_m=10)], farmland)
    line = layer_of(found, "farmland")
    assert line.net_m2 == pytest.approx(line.overlap_m2 * 0.85, rel=1e-6)


def test_net_farmland_is_left_open_where_features_overlap_each_other() -> None:
    farmland = make_ground(
        "farmland",
        [square(0, 0, 50), square(0, 0, 50)],
        "basic_farmland",
        columns={"KCXS": [0.1, 0.2]},
        deduction_field="KCXS",
    )
    (found,) = screen([square(0, 0, 50, height_m=10)], farmland)
    line = layer_of(found, "farmland")
    assert line.net_m2 is None
    assert line.overlap_m2 == pytest.approx(500, rel=1e-3)


@pytest.mark.parametrize(("north", "east"), [(0, 5000), (60_000, 0), (-80_000, 60_000)])
def test_distance_is_the_geodesic_to_the_nearest_point(north: float, east: float) -> None:
    site = square(east, north, 100)
    (found,) = screen(
        [site], red_line(square(east + 1100, north, 100), square(east, north + 3100, 9))
    )
    start, end = (EAST + east + 100, NORTH + north), (EAST + east + 1100, NORTH + north)
    geod = Geod(a=6378137.0, rf=298.257222101)
    to_degrees = Transformer.from_crs(ZONE_42, "EPSG:4490", always_xy=True)
    exact = geod.inv(*to_degrees.transform(*start), *to_degrees.transform(*end))[2]
    assert layer_of(found, "red_line").distance_m == pytest.approx(exact, abs=0.01)


def test_a_river_without_width_is_crossed() -> None:
    river = shapely.LineString([(EAST - 500, NORTH + 50), (EAST + 500, NORTH + 50)])
    layers = rivers(river)
    near, far = screen([square(0, 0, 100), square(0, 200, 100)], layers, kind="linear")
    assert layer_of(near, "river").status is GroundStatus.OVERLAP
    assert layer_of(near, "river").length_m == pytest.approx(100, rel=1e-3)
    assert layer_of(near, "river").verdict is not Verdict.CLEAR
    assert layer_of(far, "river").status is GroundStatus.CLEAR
    assert layer_of(far, "river").distance_m == pytest.approx(150, rel=1e-3)


def test_the_pattern_gives_a_river_its_width() -> None:
    river = shapely.LineString([(EAST - 500, NORTH), (EAST + 500, NORTH)])
    layers = rivers(river)
    pattern = {
        "title": "格局",
        "clause": "三",
        "elements": [
            {
                "kind": "corridor",
                "group": "两廊",
                "name": "小河",
                "layer": "river",
                "feature": "小河",
                "width_m": 100,
            }
        ],
    }
    (found,) = screen([square(0, 20, 100)], layers, tables={"pattern": pattern})
    assert layer_of(found, "river").overlap_m2 == pytest.approx(3000, rel=1e-3)


def test_parts_add_up_to_the_site_township_by_township_and_class_by_class() -> None:
    towns = make_ground(
        "towns",
        [square(-500, -500, 550, height_m=2000), square(50, -500, 1000, height_m=2000)],
        "administrative_area",
        columns={"XZQMC": ["甲乡", "乙乡"]},
        name_field="XZQMC",
    )
    parcels = make_ground(
        "parcels",
        [square(0, 0, 100, height_m=30), square(0, 30, 100, height_m=60)],
        "land_parcel",
        columns={"DLBM": ["0103", "0301"], "KCXS": [0.1, 0.0], "ZLDWMC": ["一村", "二村"]},
        class_field="DLBM",
        deduction_field="KCXS",
        village_field="ZLDWMC",
    )
    layers = {**towns, **parcels, **red_line(square(0, 0, 100, height_m=45))}
    (found,) = screen([square(0, 0, 100)], layers)
    assert math.fsum(part.area_m2 for part in found.parts) == pytest.approx(found.area_m2, rel=1e-9)
    table = {(part.township, part.village, part.land_class): part for part in found.parts}
    assert set(table) == {
        (town, village, code)
        for town in ("甲乡", "乙乡")
        for village, code in (("一村", "0103"), ("二村", "0301"), ("", ""))
    }
    forest = table["甲乡", "二村", "0301"]
    assert forest.area_m2 == pytest.approx(3000, rel=1e-3)
    assert forest.uses[0].area_m2 == pytest.approx(750, rel=1e-3)
    assert table["甲乡", "一村", "0103"].ridge_m2 == pytest.approx(150, rel=1e-3)
    assert found.uncovered_m2 == pytest.approx(1000, rel=1e-3)
    assert "地类图斑" in str([point.why.text("zh") for point in found.not_evaluated])


def test_under_two_townships_a_site_has_its_parcels_in_both() -> None:
    towns = make_ground(
        "towns",
        [square(-500, -500, 2000), square(-400, -400, 2000)],
        "administrative_area",
        columns={"XZQMC": ["甲乡", "乙乡"]},
        name_field="XZQMC",
    )
    codes = {"DLBM": ["0103", "0301"]}
    strips = [square(0, 0, 100, height_m=30), square(0, 30, 100, height_m=70)]
    parcels = make_ground("parcels", strips, "land_parcel", columns=codes, class_field="DLBM")
    far = [square(900, 900, 10), square(950, 900, 10)]
    found, *_ = screen([square(0, 0, 100), *far], {**towns, **parcels})
    assert sorted((part.township, part.land_class) for part in found.parts) == [
        *(("乙乡", "0103"), ("乙乡", "0301"), ("甲乡", "0103"), ("甲乡", "0301")),
    ]
    assert found.uncovered_m2 == pytest.approx(0.0, abs=CHORDS_M2)


# ── verdicts ──


def test_a_site_touching_nothing_is_clear_of_the_listed_layers_only() -> None:
    standing = (NotEvaluated("wetland", say("screening.not_provided", title="湿地")),)
    line = red_line(square(5000, 0, 100))
    (alone,) = screen([square(0, 0, 100)], line)
    assert alone.verdict is Verdict.CLEAR
    (found,) = screen([square(0, 0, 100)], line, common=standing)
    assert found.listed_verdict is Verdict.CLEAR
    assert found.verdict is Verdict.NOT_EVALUATED


def test_without_a_kind_the_worst_over_all_kinds_counts() -> None:
    line = red_line(square(0, 0, 500))
    (worst,) = screen([square(0, 0, 100)], line)
    (linear,) = screen([square(0, 0, 100)], line, kind="linear")
    assert worst.verdict is Verdict.PROHIBITED
    assert linear.verdict is Verdict.NEEDS_DETERMINATION
    assert worst.by_kind == linear.by_kind
    assert worst.by_kind["linear"] is Verdict.NEEDS_DETERMINATION


def test_the_kind_in_the_file_counts_unless_another_is_asked_for() -> None:
    line = red_line(square(0, 0, 500))
    sites = make_sites([square(0, 0, 100)] * 2, kinds=["linear", "火箭发射"])
    own, unknown = screen(sites, line)
    assert own.kind == "linear"
    assert unknown.kind is None
    assert unknown.verdict is Verdict.PROHIBITED
    assert "--kind" in unknown.doubts[0].message.text("zh")
    asked, _ = screen(sites, line, kind="mining")
    assert asked.kind == "mining"
    assert asked.doubts[0].severity is Severity.INFO


def test_ground_that_no_rule_reaches_is_not_evaluated() -> None:
    other = make_ground("other", [square(0, 0, 500)], "other")
    (found,) = screen([square(0, 0, 100)], other)
    assert layer_of(found, "other").verdict is Verdict.NOT_EVALUATED
    assert layer_of(found, "other").overlap_m2 > 0


def test_a_rule_of_the_plan_reaches_one_feature() -> None:
    units = make_ground(
        "units",
        [square(0, 0, 100), square(100, 0, 100)],
        "control_unit",
        columns={"BM": ["ZH1", "ZH2"], "LX": ["一般管控单元"] * 2},
        id_field="BM",
        zone_field="LX",
    )
    rule = {
        "id": "zh2",
        "layer": "units",
        "features": ["ZH2"],
        "kinds": ["industry"],
        "verdict": "prohibited",
        "need": "本单元禁止新建工业项目",
        "basis": [{"title": "准入清单"}],
    }
    tables = {"screening": {"rules": [rule]}}
    first, second = screen(
        [square(10, 10, 50), square(110, 10, 50)], units, kind="industry", tables=tables
    )
    assert first.verdict is not Verdict.PROHIBITED
    assert second.verdict is Verdict.PROHIBITED
    assert layer_of(second, "units").rules[0].id == "zh2"


def test_the_day_picks_the_rules_in_force() -> None:
    rules = [
        {
            "id": f"old{verdict}",
            "layer": "other",
            "verdict": verdict,
            "need": "办理",
            "basis": [{"title": "办法"}],
            **dates,
        }
        for verdict, dates in (
            ("restricted", {"valid_to": "2025-09-30"}),
            ("prohibited", {"valid_from": "2025-10-01"}),
        )
    ]
    other, tables = (
        make_ground("other", [square(0, 0, 9)], "other"),
        {"screening": {"rules": rules}},
    )
    (before,) = screen([square(0, 0, 9)], other, day=datetime.date(2025, 9, 30), tables=tables)
    (after,) = screen([square(0, 0, 9)], other, day=datetime.date(2025, 10, 1), tables=tables)
    assert (before.verdict, after.verdict) == (Verdict.RESTRICTED, Verdict.PROHIBITED)


def test_invalid_geometry_nearby_keeps_a_site_from_being_clear() -> None:
    bow = shapely.Polygon(
        [(EAST, NORTH), (EAST + 300, NORTH + 300), (EAST + 300, NORTH), (EAST, NORTH + 300)]
    )
    line = red_line(square(5000, 0, 100), bow)
    near, far = screen([square(0, 0, 100), square(2000, 0, 100)], line)
    assert layer_of(near, "red_line").status is GroundStatus.NOT_EVALUATED
    assert near.verdict is Verdict.NOT_EVALUATED
    assert layer_of(far, "red_line").status is GroundStatus.CLEAR
    assert far.verdict is Verdict.CLEAR


def test_a_feature_without_geometry_may_lie_anywhere() -> None:
    (found,) = screen([square(0, 0, 100)], red_line(square(5000, 0, 100), None))
    assert layer_of(found, "red_line").status is GroundStatus.NOT_EVALUATED
    assert "位置不明" in layer_of(found, "red_line").sentence.text("zh")


def test_a_layer_that_could_not_be_used_is_not_evaluated_for_every_site() -> None:
    layers = {
        **red_line(square(5000, 0, 100)),
        **make_ground("other", [square(9000, 0, 9)], "other"),
    }
    why = say("screening.layer_missing", layer="other")
    common = (NotEvaluated("other", why),)
    (found,) = screen([square(0, 0, 100)], layers, problems={"other": why}, common=common)
    assert layer_of(found, "other").status is GroundStatus.NOT_EVALUATED
    assert found.verdict is Verdict.NOT_EVALUATED


def test_a_site_without_geometry_is_listed_with_its_reason() -> None:
    why = say("screening.no_site_judged")
    doubt = Doubt(0, "no_geometry", Severity.ERROR, why)
    lost, judged = screen(
        make_sites([None, square(0, 0, 100)], doubts=(doubt,)), red_line(square(0, 0, 100))
    )
    assert lost.verdict is Verdict.NOT_EVALUATED
    assert lost.not_evaluated[0].why == why
    assert judged.verdict is Verdict.PROHIBITED


# ── what must hold whatever the ground ──

corner = st.integers(0, 12)
block = st.tuples(corner, corner, st.integers(1, 6), st.integers(1, 6))
RANK = list(Verdict)[::-1]


def blocks(corners: list[tuple[int, int, int, int]]) -> list[Any]:
    return [square(10 * x, 10 * y, 10 * w, height_m=10 * h) for x, y, w, h in corners]


@settings(max_examples=25)
@given(site=block, lines=st.lists(block, min_size=1, max_size=4), extra=block)
def test_adding_a_line_never_frees_a_site(site: Any, lines: Any, extra: Any) -> None:
    for kind in (None, "linear", "industry"):
        (few,) = screen(blocks([site]), red_line(*blocks(lines)), kind=kind)
        (more,) = screen(blocks([site]), red_line(*blocks([*lines, extra])), kind=kind)
        assert RANK.index(more.verdict) >= RANK.index(few.verdict) or (
            layer_of(few, "red_line").status is GroundStatus.ENCLOSED
        )
        assert layer_of(more, "red_line").overlap_m2 >= layer_of(few, "red_line").overlap_m2 - 1e-6


@settings(max_examples=25)
@given(site=block, lines=st.lists(block, min_size=1, max_size=4))
def test_overlap_is_what_shapely_says(site: Any, lines: Any) -> None:
    (found,) = screen(blocks([site]), red_line(*blocks(lines)))
    common = shapely.union_all(blocks(lines)).intersection(blocks([site])[0])
    assert layer_of(found, "red_line").overlap_planar_m2 == pytest.approx(
        common.area, abs=CHORDS_M2
    )


@settings(max_examples=25)
@given(site=block, lines=st.lists(block, min_size=1, max_size=4))
def test_splitting_a_site_conserves_what_it_takes(site: Any, lines: Any) -> None:
    x, y, w, h = site
    halves = [(x, y, w, h), (x + w, y, w, h)]
    whole = square(10 * x, 10 * y, 20 * w, height_m=10 * h)
    (one,) = screen([whole], red_line(*blocks(lines)))
    both = screen(blocks(halves), red_line(*blocks(lines)))
    taken = math.fsum(layer_of(half, "red_line").overlap_m2 for half in both)
    assert layer_of(one, "red_line").overlap_m2 == pytest.approx(taken, abs=CHORDS_M2)


@settings(max_examples=25)
@given(sites=st.lists(block, min_size=2, max_size=5), lines=st.lists(block, min_size=1, max_size=3))
def test_sites_do_not_know_of_each_other(sites: Any, lines: Any) -> None:
    together = screen(blocks(sites), red_line(*blocks(lines)))
    backwards = screen(blocks(sites[::-1]), red_line(*blocks(lines[::-1])))[::-1]
    for one, other in zip(together, backwards, strict=True):
        assert one.verdict is other.verdict
        first, second = layer_of(one, "red_line"), layer_of(other, "red_line")
        assert first.status is second.status
        assert first.overlap_m2 == pytest.approx(second.overlap_m2, abs=CHORDS_M2)
        assert np.isclose(first.distance_m or 0, second.distance_m or 0)


def test_moving_everything_changes_nothing_but_the_last_digits() -> None:
    here = screen([square(0, 0, 100)], red_line(square(60, 0, 500)))[0]
    there = screen(
        [translate(square(0, 0, 100), 0, 1000)], red_line(translate(square(60, 0, 500), 0, 1000))
    )[0]
    assert layer_of(here, "red_line").overlap_share == pytest.approx(
        layer_of(there, "red_line").overlap_share, rel=1e-6
    )
