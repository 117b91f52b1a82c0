"""The dated rulebook: what a planner would find in it, and what a plan may do to it."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatialplan.errors import PlanError
from spatialplan.findings import Verdict
from spatialplan.plan import LayerSpec, Plan, Role, ScreeningRule, validate_plan
from spatialplan.rulebook import Rulebook, read_rulebook
from spatialplan.rulebook.reading import _read_book

TODAY = date(2026, 11, 23)
BOOK, SHA256 = _read_book()
KINDS = tuple(BOOK.kinds)
WORST_FIRST = list(Verdict)
PROHIBITED, ASK, RESTRICTED, UNKNOWN, CLEAR = WORST_FIRST

# Roles that place a site but do not judge it, and the one that means nothing by itself.
NOT_JUDGED = {"region", "administrative_area", "base_urban_land", "other"}

# 三调工作分类 to the last code, with the suffixed ones; 0809 and 0810A as met.
CODES_AS_LISTED = """
    0101 0102 0103 0201 0202 0203 0204 0201K 0202K 0203K 0204K
    0301 0302 0303 0304 0305 0306 0307 0301K 0302K 0307K 0401 0402 0403 0404 0403K
    05H1 0508 0601 0602 0603 0701 0702 08H1 08H2 08H2A 0809 0810 0810A 09
    1001 1002 1003 1004 1005 1006 1007 1008 1009
    1101 1102 1103 1104 1104A 1104K 1105 1106 1107 1107A 1108 1109 1110
    1201 1202 1203 1204 1205 1206 1207
"""
SURVEY_CODES = CODES_AS_LISTED.split()


def ground(role: str) -> LayerSpec:
    return LayerSpec.model_validate(
        {"id": role, "title": role, "role": role, "path": f"{role}.shp"}
    )


def judge(
    role: str,
    kind: str | None = None,
    *,
    zone: str = "",
    day: date | str = TODAY,
    book: Rulebook | None = None,
    **where: Any,
) -> Verdict:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    book = book or read_rulebook(day=day)
    return book.verdict(book.rules_for(ground(role), zone=zone, **where), kind)


def ids_met(role: str, kind: str, *, day: str, zone: str = "") -> set[str]:
    rules = read_rulebook(day=date.fromisoformat(day)).rules_for(ground(role), zone=zone)
    return {rule.id for rule in rules if rule.meant_for(kind)}


@pytest.fixture(scope="module")
def tables(layers_folder: Path) -> dict[str, Any]:
    return tomllib.loads((layers_folder / "plan.toml").read_text("utf-8"))


def plan_with(tables: dict[str, Any], **screening: Any) -> Plan:
    return validate_plan({**tables, "screening": screening}, directory=Path())


def rule(**fields: Any) -> dict[str, Any]:
    return {
        "id": "county.rule",
        "need": "按县级清单办理",
        "basis": [{"title": "县级准入清单"}],
        "verdict": "restricted",
        **fields,
    }


# ---- the file


def test_ids_are_unique() -> None:
    for names in (
        [r.id for r in BOOK.rules],
        [entry.id for entry in BOOK.standing_list],
        [entry.code for entry in BOOK.land_classes],
        [str(activity.number) for activity in BOOK.activities],
    ):
        assert [name for name, times in Counter(names).items() if times > 1] == []


def test_rules_name_kinds_that_exist() -> None:
    named = {kind for r in BOOK.rules for kind in (*r.kinds, *r.except_kinds)}
    assert named <= set(KINDS)


def test_a_word_names_one_kind_only() -> None:
    names = [
        (name.casefold(), key)
        for key, kind in BOOK.kinds.items()
        for name in {key, kind.title, kind.title_en, *kind.words}
    ]
    assert len({name for name, _ in names}) == len(set(names))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("污水处理厂", "waste"),
        ("城市矿产", "industry"),
        ("文化中心", "public_facility"),
        ("鱼苗", "agriculture"),
        ("雨水管网", "linear"),
        ("退化林修复", "restoration"),
        ("防火道路", "patrol"),
        (" Tourism Facility ", "tourism"),
        ("基础教育改革", None),
        ("", None),
    ],
)
def test_a_file_names_its_kind_by_exact_words(text: str, kind: str | None) -> None:
    assert read_rulebook(day=TODAY).find_kind(text) == kind


def test_every_rule_speaks_both_languages_and_says_from_whom() -> None:
    assert [r.id for r in BOOK.rules if not (r.need and r.need_en and r.authority)] == []
    assert [e.id for e in BOOK.standing_list if not e.title_en] == []
    assert [a.number for a in BOOK.activities if not a.title_en] == []


def test_nothing_is_checked_without_its_article() -> None:
    unnamed = [r.id for r in BOOK.rules for b in r.basis if b.checked and not b.article]
    assert unnamed == []


def test_only_unprotected_ground_can_be_clear() -> None:
    clear = {r.role for r in BOOK.rules if r.verdict is CLEAR}
    assert clear == {"land_parcel", "urban_development_boundary"}


def test_missing_provincial_rules_are_said() -> None:
    assert any("省级细则未录入" in note for note in BOOK.notes)


# ---- reach: no role, zone or kind falls through


def zones_of(role: str) -> set[str]:
    return {"", "未见过的分区"} | {z for r in BOOK.rules if r.role == role for z in r.zones}


@pytest.mark.parametrize("day", ["2025-01-01", "2025-09-30", "2026-03-14", "2026-03-15", TODAY])
@pytest.mark.parametrize("role", sorted(set(get_args(Role)) - NOT_JUDGED - {"land_parcel"}))
def test_every_kind_is_reached_on_every_ground(role: str, day: date | str) -> None:
    fallen = [
        (zone, kind)
        for zone in sorted(zones_of(role))
        for kind in KINDS
        if judge(role, kind, zone=zone, day=day) is UNKNOWN
    ]
    assert fallen == []


@pytest.mark.parametrize("role", sorted(NOT_JUDGED))
def test_roles_that_place_a_site_have_no_rule(role: str) -> None:
    assert not [r.id for r in BOOK.rules if r.role == role]


@pytest.mark.parametrize("code", SURVEY_CODES)
def test_every_land_class_has_a_group_and_a_rule_for_every_kind(code: str) -> None:
    assert read_rulebook(day=TODAY).land_class(code) is not None
    assert UNKNOWN not in {judge("land_parcel", kind, land_class=code) for kind in KINDS}


@pytest.mark.parametrize("role", ["ecological_red_line", "basic_farmland", "protected_area"])
def test_a_kind_that_only_a_plan_knows_meets_the_strictest_rule(role: str) -> None:
    for zone in zones_of(role):
        strictest = min((judge(role, k, zone=zone) for k in KINDS), key=WORST_FIRST.index)
        assert judge(role, "brick_kiln", zone=zone) is strictest


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


# ---- what a plan adds, replaces and waives


def test_a_plan_replaces_a_rule_by_its_id(tables: dict[str, Any]) -> None:
    own = rule(id="river.others", role="river", except_kinds=["waste"], verdict="prohibited")
    book = read_rulebook(plan_with(tables, rules=[own]), day=TODAY)
    assert judge("river", "tourism") is RESTRICTED
    assert judge("river", "tourism", book=book) is PROHIBITED
    assert [r.need for r in book.rules if r.id == "river.others"] == ["按县级清单办理"]
    assert book.edition == f"{BOOK.edition}；规划替换 1 条"
    assert book.sha256 == SHA256


def test_a_replacement_that_is_not_in_force_leaves_the_rule_standing(
    tables: dict[str, Any],
) -> None:
    own = rule(
        id="red_line.beyond_the_ten", role="ecological_red_line", valid_from=date(2027, 1, 1)
    )
    plan = plan_with(tables, rules=[own])
    later = read_rulebook(plan, day=date(2027, 1, 1))
    assert judge("ecological_red_line", "housing", book=later) is RESTRICTED
    now = read_rulebook(plan, day=TODAY)
    assert judge("ecological_red_line", "housing", book=now) is PROHIBITED
    assert now.edition == BOOK.edition


def test_a_unit_of_the_plan_shuts_out_an_industry(tables: dict[str, Any]) -> None:
    own = rule(
        role="control_unit", features=["ZH23018420001"], kinds=["mining"], verdict="prohibited"
    )
    book = read_rulebook(plan_with(tables, rules=[own]), day=TODAY)
    listed: dict[str, Any] = {
        "zone": "重点管控单元",
        "book": book,
        "features": ("ZH23018420001", "拉林河"),
    }
    assert judge("control_unit", "mining", **listed) is PROHIBITED
    assert judge("control_unit", "industry", **listed) is RESTRICTED
    assert judge("control_unit", "mining", **{**listed, "features": ("other",)}) is RESTRICTED


JUDGED_ROLES = sorted({r.role for r in BOOK.rules if r.role})
GROUNDS = st.sampled_from(JUDGED_ROLES).flatmap(
    lambda role: st.tuples(st.just(role), st.sampled_from(sorted(zones_of(role))))
)


@given(
    place=GROUNDS,
    kind=st.sampled_from(KINDS),
    chosen=st.sampled_from([v for v in Verdict if v is not UNKNOWN]),
    narrow=st.booleans(),
    code=st.sampled_from(SURVEY_CODES),
)
def test_a_further_rule_never_frees_a_site(
    place: tuple[str, str], kind: str, chosen: Verdict, narrow: bool, code: str
) -> None:
    role, zone = place
    book = read_rulebook(day=TODAY)
    own = rule(role=role, verdict=chosen, kinds=[kind] if narrow else [])
    further = book.model_copy(update={"rules": (*book.rules, ScreeningRule.model_validate(own))})
    without = judge(role, kind, zone=zone, land_class=code, book=book)
    with_it = judge(role, kind, zone=zone, land_class=code, book=further)
    assert WORST_FIRST.index(with_it) == min(WORST_FIRST.index(v) for v in (without, chosen))


@given(place=GROUNDS)
def test_without_a_kind_the_worst_kind_counts(place: tuple[str, str]) -> None:
    role, zone = place
    if role != "land_parcel":
        worst = min((judge(role, k, zone=zone) for k in KINDS), key=WORST_FIRST.index)
        assert judge(role, zone=zone) is worst


def test_a_waiver_takes_an_entry_off_the_standing_list(tables: dict[str, Any]) -> None:
    waived = [{"item": "heritage", "why": "已由文旅局书面答复"}]
    book = read_rulebook(plan_with(tables, waived=waived), day=TODAY)
    assert [e.id for e in BOOK.standing_list if e not in book.standing_list] == ["heritage"]


def test_the_standing_list_names_what_deliveries_lack() -> None:
    titles = " ".join(entry.title for entry in BOOK.standing_list)
    lacking = "公益林 天然林 湿地 河湖管理范围 准保护区 永久基本农田储备区 高标准农田 矿业权 压覆"
    lacking += " 地质灾害 文物 已批准用地 规划用途 黑土地 生态环境管控单元"
    assert [word for word in lacking.split() if word not in titles] == []
    assert all(entry.roles for entry in BOOK.standing_list)


def test_all_unknown_names_are_said_at_once(tables: dict[str, Any]) -> None:
    plan = plan_with(
        tables,
        rules=[
            rule(id="a", role="river", kinds=["minning"]),
            rule(id="b", layer="red_lines", except_kinds=["houses"]),
        ],
        skipped_layers=["barier"],
        waived=[{"item": "heritages", "why": "x"}],
    )
    with pytest.raises(PlanError) as caught:
        read_rulebook(plan, day=TODAY)
    text = caught.value.text("zh")
    for place, name in [
        ("[screening.rules.a]", "minning"),
        ("[screening.rules.b]", "houses"),
        ("[screening.rules.b.layer]", "red_lines"),
        ("[screening.skipped_layers]", "barier"),
        ("[screening.waived]", "heritages"),
    ]:
        assert f"{place}" in text
        assert f"“{name}”不存在" in text
    assert "linear, flood_control, water_supply" in text
    assert "the names known here are: linear" in caught.value.text("en")


def test_a_kind_of_the_plan_is_known_to_its_rules(tables: dict[str, Any]) -> None:
    kinds = {"brick_kiln": {"title": "砖瓦窑", "words": ["制砖"]}}
    own = rule(role="land_parcel", classes=["06"], kinds=["brick_kiln"])
    book = read_rulebook(plan_with(tables, kinds=kinds, rules=[own]), day=TODAY)
    assert book.find_kind("制砖") == "brick_kiln"
    assert judge("land_parcel", "brick_kiln", land_class="0601", book=book) is RESTRICTED
