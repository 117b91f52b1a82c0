"""Words and numbers that every report shares."""

from __future__ import annotations

import pytest

from spatialplan.findings import PieceClass, Severity, Status
from spatialplan.messages import LANGUAGES
from spatialplan.reports.cells import Amount, class_tone, severity_tone, status_tone
from spatialplan.reports.wording import (
    display_width,
    fault_title,
    finite,
    plain_text,
    word,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("龙凤山　水库", "龙凤山 水库"),
        ("a\r\nb\tc", "a b c"),
        ("\u202eevil\u200b", "evil"),
        ("plain", "plain"),
    ],
)
def test_plain_text_is_one_harmless_line(given: str, expected: str) -> None:
    assert plain_text(given) == expected


def test_finite_has_no_minus_zero_and_no_nan() -> None:
    assert str(finite(-1e-12, 6)) == "0.0"
    assert finite(float("inf"), 6) is None


def test_every_state_has_a_word_and_a_tone() -> None:
    for language in LANGUAGES:
        words = [word(kind.value, language) for kind in (*Status, *PieceClass)]
        assert len(set(words)) == len(words)
    assert {status_tone(s) for s in Status} | {severity_tone(s) for s in Severity}
    assert class_tone(PieceClass.CONFLICT) == "bad"


def test_unknown_fault_keeps_its_id() -> None:
    assert fault_title("something_new", "zh") == "something_new"


def test_number_formats() -> None:
    assert Amount(1.0, 2, "万亩").number_format == '#,##0.00" 万亩"'
    assert Amount(1.0, 2, percent=True).number_format == "#,##0.00%"
    assert Amount(1.0, 1, signed=True).number_format == "+#,##0.0;-#,##0.0;#,##0.0"


def test_width_counts_chinese_twice() -> None:
    assert display_width("面积 ha（m²）") == 4 + 3 + 2 + 2 + 2
