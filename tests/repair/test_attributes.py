"""Values of fields, and what is asked for on the command line."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_layers import square

from spatialplan.errors import OutputError
from spatialplan.repair import Repaired, RepairLimits, parse_fixes, parse_limits, repair_table
from spatialplan.repair.attributes import plain_code

from .planted import again, parcels, refused, wishes


def table(**columns: list[Any]) -> Any:
    """A table of squares with these columns."""
    count = len(next(iter(columns.values())))
    return parcels([square(100 * row, 0, 50) for row in range(count)], columns=columns)


def edits(repaired: Repaired) -> list[tuple[int, str, str, str]]:
    return [(edit.row, edit.field, edit.before, edit.after) for edit in repaired.edits]


def test_codes_become_plain_digits_and_nothing_is_invented() -> None:
    delivered = table(
        BSM=["１", "2", "3", "4", "5"],
        DLBM=["０１０１", " 0103\u3000", "101", "01ＡＢ", None],
        DLMC=["水田１", "x", "y", "z", "w"],
        MJ=[1, 2, 3, 4, 5],
    )
    repaired = repair_table(delivered, wishes("codes"))
    assert edits(repaired) == [
        (0, "DLBM", "０１０１", "0101"),
        (1, "DLBM", " 0103\u3000", "0103"),
        (3, "DLBM", "01ＡＢ", "01AB"),
    ]
    assert repaired.frame["DLBM"].tolist()[:4] == ["0101", "0103", "101", "01AB"]
    assert list(repaired.frame.columns) == list(delivered.frame.columns)
    assert again(repaired, wishes("codes")).is_as_delivered


@given(st.text(max_size=12))
def test_a_plain_code_is_its_own_plain_code(text: str) -> None:
    plain = plain_code(text)
    assert plain_code(plain) == plain
    assert len(plain) <= len(text)


def test_a_cut_character_goes_and_a_lost_one_stops_the_encoding() -> None:
    lost = "\N{REPLACEMENT CHARACTER}"
    cut = repair_table(table(BSM=["1"], DLMC=[f"旱地{lost}"]), wishes("encoding"))
    assert edits(cut) == [(0, "DLMC", f"旱地{lost}", "旱地")]
    assert cut.text_codec == "utf-8"
    broken = repair_table(table(BSM=["1"], DLMC=[f"旱{lost}地"]), wishes("encoding"))
    assert not broken.edits
    assert refused(broken) == {"1": "unreadable_text"}
    assert broken.text_codec is None


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["0007", "0009", "0007", None], ["0007", "0009", "0010", "0011"]),
        (["a", "", "a", " a "], ["a", "N000001", "N000002", "N000003"]),
        (["N000001", "", None, "N000001"], ["N000001", "N000002", "N000003", "N000004"]),
        ([5, 5, 7, 5], [5, "8", 7, "9"]),
        (["x", "y", "z", "w"], ["x", "y", "z", "w"]),
    ],
)
def test_new_ids_are_nobodys(ids: list[Any], expected: list[Any]) -> None:
    what = wishes("ids")
    repaired = repair_table(table(BSM=ids), what)
    assert repaired.frame["BSM"].tolist() == expected
    changed = [row for row in range(4) if ids[row] != expected[row]]
    if changed:
        old = repaired.new_fields[0]
        assert old.name == "YBSM"
        assert sorted(old.values) == changed
    assert again(repaired, what).is_as_delivered


def test_ids_that_reading_rounded_are_not_compared() -> None:
    """Beside a missing value whole numbers arrive as floats: 2⁵³ and 2⁵³ + 1 are then alike."""
    large = float(2**53 + 2)
    delivered = parcels([square(0, 0, 9)] * 3, columns={"BSM": [large, large, None]})
    repaired = repair_table(delivered, wishes("ids", "remove-duplicates"))
    assert not repaired.edits
    assert not repaired.removals
    assert refused(repaired)[""] == "ids_rounded"


def test_ids_are_left_alone_where_there_is_no_field_of_them() -> None:
    assert refused(repair_table(table(NAME=["a", "a"]), wishes("ids"))) == {"": "no_id_field"}


def test_blank_ids_are_named_by_their_row() -> None:
    lost = "\N{REPLACEMENT CHARACTER}"
    repaired = repair_table(table(BSM=["1", None], DLMC=["x", f"{lost}y"]), wishes("encoding"))
    assert refused(repaired) == {"#2": "unreadable_text"}


def test_limits_can_be_stated() -> None:
    assert parse_limits("0.5%") == RepairLimits(0.005, math.inf, 1.0)
    assert parse_limits("500 m2") == RepairLimits(math.inf, 500.0, 1.0)
    assert parse_limits("0.2m²") == RepairLimits(math.inf, 0.2, 0.2)
    assert parse_limits("1％，30平方米") == RepairLimits(0.01, 30.0, 1.0)
    for text in ("", "1", "many", "-1%", "1%;x"):
        with pytest.raises(OutputError, match="such as 1%"):
            parse_limits(text)


def test_unknown_repairs_are_all_named() -> None:
    with pytest.raises(OutputError) as caught:
        parse_fixes("geometry,geometrie,all")
    assert [fault.message.values["found"] for fault in caught.value.faults] == ["geometrie", "all"]
    assert "known: geometry, coverage" in caught.value.text()
    with pytest.raises(OutputError, match="no repair is named"):
        parse_fixes(" , ")


@pytest.mark.parametrize(
    ("area", "allowed"), [(0, 1), (50, 1), (5_000, 50), (1e7, 100), (-5_000, 50)]
)
def test_small_features_and_large_ones_have_limits_of_their_own(
    area: float, allowed: float
) -> None:
    limits = RepairLimits()
    assert limits.allowed(area) == allowed
    assert not limits.are_exceeded(area, area + allowed)
    assert limits.are_exceeded(area, area - allowed - 1e-6)
    assert limits.are_exceeded(area, math.nan)
