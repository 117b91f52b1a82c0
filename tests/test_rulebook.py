"""The dated rulebook: what stands in the file, and that no ground falls through."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import get_args

import pytest
from small_rules import (
    BOOK,
    CLEAR,
    KINDS,
    NOT_JUDGED,
    SURVEY_CODES,
    TODAY,
    UNKNOWN,
    WORST_FIRST,
    judge,
    zones_of,
)

from spatialplan.plan import Role
from spatialplan.rulebook import read_rulebook

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
