"""The review on a terminal of 80 columns."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from spatialplan.messages import Language
from spatialplan.reports.reviews import print_review
from spatialplan.review import Review


def _printed(review: Review, language: Language, *, terminal: bool = False) -> str:
    stream = io.StringIO()
    console = Console(width=80, file=stream, force_terminal=terminal)
    print_review(review, console, language=language)
    return stream.getvalue()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_lines_fit_and_no_number_is_cut(review: Review, language: Language) -> None:
    text = _printed(review, language)
    assert max(cell_len(line) for line in text.splitlines()) <= 80
    assert "…" not in text
    assert "≥ 200.00" in text
    assert "-0.0040" in text


def test_the_last_line_is_the_result(review: Review) -> None:
    assert _printed(review, "zh").splitlines()[-1] == "核查结论：未达到"
    assert _printed(review, "en").splitlines()[-1] == "Result: not met"


@pytest.mark.parametrize(
    "expected", ["（在印刷精度内）", "未评价", "文本所载", "法定指标以批准的规划为准", "不构成验证"]
)
def test_what_must_be_read_is_there(review: Review, expected: str) -> None:
    assert expected in _printed(review, "zh")


def test_unjudged_rule_shows_dashes(review: Review) -> None:
    line = next(
        line for line in _printed(review, "zh").splitlines() if line.strip().startswith("水源地与")
    )
    assert line.count("—") == 5
    assert "未评价" in line


def test_text_from_a_plan_is_neither_markup_nor_escape(review: Review) -> None:
    header = review.plan.header.model_copy(update={"title": "[red]a\x1b[2J\nb[/red]"})
    spoiled = review.plan.model_copy(update={"header": header})
    changed = Review(**{**_fields(review), "plan": spoiled})
    text = _printed(changed, "zh", terminal=True)
    assert "[red]a [2J b[/red]" in text
    assert "\x1b[2J" not in text


def test_warnings_and_ground_of_several_pairs_are_said(odd_review: Review) -> None:
    text = _printed(odd_review, "zh")
    assert "水源地与边界不交叉：2 块待查看（仅提示）" in text
    assert "符合（有提示）" in text.replace("\n", "").replace(" ", "")
    assert "红线与边界不交叉：两两合计 1.0000 公顷" in text
    assert "0.5000" in text
    assert "1.0000 ha over all pairs" in _printed(odd_review, "en")


def test_what_is_no_number_is_a_dash(odd_review: Review) -> None:
    line = next(one for one in _printed(odd_review, "zh").splitlines() if "≥ 200.00" in one)
    assert line.count("—") == 2
    assert "nan" not in line


def test_empty_review_prints_its_result(empty_review: Review) -> None:
    assert "达到" in _printed(empty_review, "zh")


def _fields(review: Review) -> dict[str, object]:
    return {name: getattr(review, name) for name in Review.__dataclass_fields__}
