"""Words that all reports of a screening share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from spatialplan.findings import Verdict
from spatialplan.messages import LANGUAGES, Language, phrase
from spatialplan.plan import Basis, ScreeningRule
from spatialplan.reports.cells import Tone
from spatialplan.reports.screenings.wording import (
    basis_text,
    item_title,
    kind_title,
    period_text,
    verdict_text,
    verdict_tone,
    verdict_word,
    zone_title,
)
from spatialplan.siting import Screening

from .screenings import make_screening


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_and_the_reports_say_the_same(language: Language) -> None:
    page, reports = (f"screen_{room}" for room in ("map", "report"))
    for one, other in (("disclaimer", "disclaimer"), ("ground_clear", "clear_ground")):
        assert phrase(f"{page}.{one}", language) == phrase(f"{reports}.{other}", language)


def test_no_verdict_is_good() -> None:
    good: Tone = "good"
    assert good not in {verdict_tone(verdict) for verdict in Verdict}
    assert len({verdict_word(verdict, "zh") for verdict in Verdict}) == len(Verdict)
    assert verdict_word(Verdict.CLEAR, "zh") == "未发现与所列图层重叠（不等于合规）"


def test_clear_is_said_without_a_gap_only_where_there_is_none(screening: Screening) -> None:
    finding = screening.findings[3]
    whole = replace(screening, not_evaluated=())
    clear = replace(finding, verdict=Verdict.CLEAR)
    assert verdict_text(clear, whole, "zh") == "未发现与所列图层重叠（不等于合规）"
    assert "3 kinds of layer not provided" in verdict_text(finding, screening, "en")


@pytest.mark.parametrize(
    ("basis", "text"),
    [
        (Basis(title="某法", article="第三条", checked=True), "《某法》第三条"),
        (
            Basis(title="某办法", number="某发〔2025〕1号"),
            "《某办法》（某发〔2025〕1号）（未与官方文本核对）",
        ),
        (Basis(title="关于《某法》的通知", checked=True), "《关于〈某法〉的通知》"),
        (Basis(title="《某法》", checked=True), "《某法》"),
    ],
)
def test_basis_in_one_line(basis: Basis, text: str) -> None:
    assert basis_text(basis, "zh") == text


@pytest.mark.parametrize(
    ("begin", "end", "text"),
    [
        (None, None, ""),
        (date(2025, 10, 1), None, "2025-10-01 起"),
        (None, date(2026, 1, 31), "至 2026-01-31"),
        (date(2025, 10, 1), date(2026, 1, 31), "2025-10-01 至 2026-01-31"),
    ],
)
def test_period_in_words(begin: date | None, end: date | None, text: str) -> None:
    rule = ScreeningRule(
        id="x",
        role="other",
        verdict=Verdict.RESTRICTED,
        need="x",
        basis=(Basis(title="x"),),
        valid_from=begin,
        valid_to=end,
    )
    assert period_text(rule, "zh") == text


def test_titles_come_from_plan_and_rulebook(screening: Screening) -> None:
    assert zone_title(screening, "parcels", "0103") == "0103 旱地"
    assert zone_title(screening, "red_line", "核心保护区") == "核心保护区"
    assert kind_title(screening, "linear", "en") == "linear works"
    assert kind_title(screening, None, "zh") == "各类项目（取最严）"
    assert item_title(screening, "wetland", "zh") == "湿地"
    assert item_title(screening, "water", "en") == "饮用水水源保护区"
