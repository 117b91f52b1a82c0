"""Verdicts of the rulebook as a planner would draw them, and their dates."""

from __future__ import annotations

from datetime import date

import pytest
from small_rules import (
    ASK,
    BOOK,
    CLEAR,
    KINDS,
    PROHIBITED,
    RESTRICTED,
    SURVEY_CODES,
    TODAY,
    UNKNOWN,
    ground,
    ids_met,
    judge,
)

from spatialplan.findings import Verdict
from spatialplan.rulebook import read_rulebook

# ---- ecological red line


def test_the_ten_activities_need_determination_and_never_better() -> None:
    rules = [r for r in BOOK.rules if r.activity is not None]
    assert sorted(r.activity or 0 for r in rules) == list(range(1, 11))
    assert [activity.number for activity in BOOK.activities] == list(range(1, 11))
    for claimed in rules:
        assert claimed.kinds
        for kind in claimed.kinds:
            assert judge("ecological_red_line", kind) is ASK
            assert judge("ecological_red_line", kind, zone="一般控制区") is ASK


def test_who_has_no_activity_is_prohibited_in_the_red_line() -> None:
    claimants = {k for r in BOOK.rules if r.activity for k in r.kinds}
    assert set(KINDS) - claimants == {"energy", "industry", "housing"}
    for kind in set(KINDS) - claimants:
        assert judge("ecological_red_line", kind) is PROHIBITED


def test_the_activities_end_at_the_core_zone() -> None:
    expected = {"patrol": ASK, "restoration": ASK, "archaeology": ASK}
    for kind in KINDS:
        found = judge("ecological_red_line", kind, zone="核心保护区")
        assert found is expected.get(kind, PROHIBITED), kind


# ---- verdicts as a planner would draw them


@pytest.mark.parametrize(
    ("role", "zone", "kind", "expected"),
    [
        ("basic_farmland", "", "linear", ASK),
        ("basic_farmland", "", "mining", ASK),
        ("basic_farmland", "", "agriculture", ASK),
        ("basic_farmland", "", "forestry", PROHIBITED),
        ("basic_farmland", "", "housing", PROHIBITED),
        ("basic_farmland", "", "waste", PROHIBITED),
        ("protected_area", "核心保护区", "tourism", PROHIBITED),
        ("protected_area", "核心保护区", "patrol", ASK),
        ("protected_area", "一般控制区", "tourism", ASK),
        ("protected_area", "", "linear", ASK),
        ("water_source", "一级保护区", "water_supply", ASK),
        ("water_source", "一级保护区", "linear", PROHIBITED),
        ("water_source", "一级保护区", "agriculture", PROHIBITED),
        ("water_source", "二级保护区", "waste", PROHIBITED),
        ("water_source", "二级保护区", "linear", ASK),
        ("water_source", "准保护区", "industry", ASK),
        ("water_source", "准保护区", "tourism", RESTRICTED),
        ("water_source", "", "industry", ASK),
        ("water_source_reserve", "", "mining", ASK),
        ("water_source_reserve", "", "housing", RESTRICTED),
        ("urban_development_boundary", "集中建设区", "industry", CLEAR),
        ("urban_development_boundary", "弹性发展区", "industry", RESTRICTED),
        ("urban_development_boundary", "特别用途区", "industry", ASK),
        ("urban_development_boundary", "", "industry", RESTRICTED),
        ("river", "", "tourism", RESTRICTED),
        ("river", "", "waste", ASK),
        ("river_management", "", "linear", ASK),
        ("control_unit", "优先保护单元", "industry", ASK),
        ("control_unit", "重点管控单元", "industry", RESTRICTED),
        ("control_unit", "一般管控单元", "industry", RESTRICTED),
        ("control_unit", "", "industry", ASK),
        ("wetland", "", "linear", ASK),
        ("wetland", "国家重要湿地", "linear", ASK),
        ("wetland", "国家重要湿地", "tourism", PROHIBITED),
        ("public_forest", "", "forestry", ASK),
        ("black_soil", "", "housing", ASK),
        ("black_soil", "", "agriculture", RESTRICTED),
        ("mining_right", "", "housing", RESTRICTED),
        ("mining_right", "", "mining", ASK),
        ("geological_hazard", "危险区", "housing", PROHIBITED),
        ("geological_hazard", "危险区", "restoration", ASK),
        ("geological_hazard", "易发区", "housing", RESTRICTED),
        ("geological_hazard", "", "housing", ASK),
        ("heritage", "", "linear", ASK),
        ("heritage", "建设控制地带", "linear", RESTRICTED),
        ("approved_land", "", "industry", RESTRICTED),
        ("planned_use", "", "industry", RESTRICTED),
    ],
)
def test_verdicts_inside(role: str, zone: str, kind: str, expected: Verdict) -> None:
    assert judge(role, kind, zone=zone) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("industry", ASK), ("housing", ASK), ("public_facility", RESTRICTED), ("linear", CLEAR)],
)
def test_outside_the_development_boundary(kind: str, expected: Verdict) -> None:
    assert judge("urban_development_boundary", kind, where="outside") is expected


def test_being_outside_is_never_a_refusal_and_kinds_of_the_boundary_are_never_clear() -> None:
    for kind, known in BOOK.kinds.items():
        found = judge("urban_development_boundary", kind, where="outside")
        assert found in {ASK, RESTRICTED, CLEAR}
        assert not (known.needs_boundary and found is CLEAR)
    # A kind of the plan's own stays open until the plan says what holds for it.
    assert judge("urban_development_boundary", "brick_kiln", where="outside") is UNKNOWN


@pytest.mark.parametrize(
    "role",
    [
        "ecological_red_line",
        "protected_area",
        "basic_farmland",
        "urban_development_boundary",
        "water_source",
    ],
)
def test_a_window_is_restricted_and_never_plainly_clear(role: str) -> None:
    for kind in KINDS:
        assert judge(role, kind, where="enclosed") is RESTRICTED


@pytest.mark.parametrize(
    ("code", "group", "column"),
    [
        ("0101", "agricultural", "paddy"),
        ("0102", "agricultural", "irrigated"),
        ("0103", "agricultural", "dry"),
        ("0201K", "agricultural", "garden"),
        ("0304", "agricultural", "forest"),
        ("0402", "agricultural", "grassland"),
        ("0404", "unused", "unused"),
        ("05H1", "construction", "construction"),
        ("0603", "construction", "construction"),
        ("0810A", "construction", "construction"),
        ("1003", "construction", "construction"),
        ("1006", "agricultural", "other_agricultural"),
        ("1103", "agricultural", "other_agricultural"),
        ("1104A", "agricultural", "other_agricultural"),
        ("1107", "agricultural", "other_agricultural"),
        ("1106", "unused", "unused"),
        ("1109", "construction", "construction"),
        ("1110", "unused", "unused"),
        ("1201", "construction", "construction"),
        ("1202", "agricultural", "other_agricultural"),
        ("1203", "agricultural", "ridge"),
        ("1206", "unused", "unused"),
        ("011", "agricultural", "paddy"),
    ],
)
def test_land_class_groups(code: str, group: str, column: str) -> None:
    found = read_rulebook(day=TODAY).land_class(code)
    assert found is not None
    assert (found.group, found.column) == (group, column)


@pytest.mark.parametrize("code", ["101", "103", "301", "00", "9999", "", "水田"])
def test_a_code_that_may_mean_two_things_has_no_group_and_no_rule(code: str) -> None:
    book = read_rulebook(day=TODAY)
    assert book.land_class(code) is None
    assert book.rules_for(ground("land_parcel"), land_class=code) == ()


def test_land_is_clear_only_where_it_is_construction_land_already() -> None:
    book = read_rulebook(day=TODAY)
    clear = {c for c in SURVEY_CODES if judge("land_parcel", "housing", land_class=c) is CLEAR}
    groups = {c: entry.group for c in SURVEY_CODES if (entry := book.land_class(c))}
    assert clear == {c for c in SURVEY_CODES if groups[c] == "construction"} - {"1109"}


def test_cropland_taken_is_balanced_one_way_or_the_other() -> None:
    rules = read_rulebook(day=TODAY).rules_for(ground("land_parcel"), land_class="0101")
    assert ["占补平衡" in r.need for r in rules if r.meant_for("housing")] == [True]
    assert ["进出平衡" in r.need for r in rules if r.meant_for("forestry")] == [True]


# ---- dates


def test_the_revised_reserve_regulations_begin_on_15_march_2026() -> None:
    def restoration(day: str) -> Verdict:
        return judge("protected_area", "restoration", zone="核心保护区", day=day)

    def mining(day: str) -> Verdict:
        return judge("protected_area", "mining", zone="实验区", day=day)

    assert (restoration("2026-03-14"), restoration("2026-03-15")) == (PROHIBITED, ASK)
    assert (mining("2026-03-14"), mining("2026-03-15")) == (PROHIBITED, ASK)
    for kind in KINDS:
        before = ids_met("protected_area", kind, zone="核心保护区", day="2026-03-14")
        after = ids_met("protected_area", kind, zone="核心保护区", day="2026-03-15")
        assert before
        assert after
        assert not before & after


def test_the_farmland_measures_begin_on_1_october_2025() -> None:
    before = ids_met("basic_farmland", "linear", day="2025-09-30")
    after = ids_met("basic_farmland", "linear", day="2025-10-01")
    assert before == {"basic_farmland.key_projects_until_2025"}
    assert after == {"basic_farmland.key_projects"}
    cited = {b.number for r in read_rulebook(day=TODAY).rules for b in r.basis}
    assert "自然资规〔2018〕3号" not in cited


def test_no_verdict_lapses_between_two_editions_of_a_rule() -> None:
    for end in {r.valid_to for r in BOOK.rules if r.valid_to}:
        following = date.fromordinal(end.toordinal() + 1)
        assert {r.role for r in BOOK.rules if r.valid_to == end} <= {
            r.role for r in BOOK.rules if r.valid_from == following
        }
