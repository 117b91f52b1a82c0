"""Words that all reports of a review share."""

from __future__ import annotations

from spatialplan.plan import ShareBase
from spatialplan.reports.reviews.wording import margin_text, share_base_line, share_base_lines


def test_margin_too_small_to_show_keeps_its_side() -> None:
    assert margin_text(1.2e-7, "zh") == "+<0.0001"
    assert margin_text(-1.2e-7, "zh") == "-<0.0001"
    assert margin_text(0.0, "zh") == "+0.0000"
    assert margin_text(float("nan"), "zh") == "—"


def test_missing_base_is_said_not_guessed() -> None:
    base = ShareBase(None, (2.0, 1.0), None, "measured", "why", None)
    assert "缺失" in share_base_line(base, "zh")
    lines = share_base_lines(base, "zh")
    assert lines[0].endswith("未提供")
    assert "互不相容" in lines[1]
    assert lines[2].endswith("[采用]")
