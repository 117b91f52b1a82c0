"""What a plan adds to the rulebook, replaces and waives."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_rules import (
    BOOK,
    KINDS,
    PROHIBITED,
    RESTRICTED,
    SHA256,
    SURVEY_CODES,
    TODAY,
    UNKNOWN,
    WORST_FIRST,
    judge,
    plan_with,
    rule,
    zones_of,
)

from spatialplan.errors import PlanError
from spatialplan.findings import Verdict
from spatialplan.plan import ScreeningRule
from spatialplan.rulebook import read_rulebook


@pytest.fixture(scope="module")
def tables(layers_folder: Path) -> dict[str, Any]:
    return tomllib.loads((layers_folder / "plan.toml").read_text("utf-8"))


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
