"""Printed units and rounding."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatialplan.units import close_parts, from_m2, round_printed, to_m2


def test_the_plans_farmland_in_hectares() -> None:
    assert to_m2(Decimal("385.68"), "万亩") / 10_000 == pytest.approx(257_120.00, abs=1e-6)
    assert to_m2(Decimal("500.51"), "万亩") / 10_000 == pytest.approx(333_673.3333, abs=1e-4)


@given(st.floats(0, 1e12), st.sampled_from(["ha", "万亩", "亩", "km2", "m2"]))
def test_units_go_there_and_back(area_m2: float, unit: str) -> None:
    assert to_m2(from_m2(area_m2, unit), unit) == pytest.approx(area_m2, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "printed"), [(1.005, "1.01"), (1.004999, "1.00"), (2.675, "2.68"), (0.0, "0.00")]
)
def test_halves_are_rounded_up(value: float, printed: str) -> None:
    assert round_printed(value, 2) == Decimal(printed)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
def test_printed_parts_add_up_to_the_printed_total(parts: list[float]) -> None:
    total = sum(parts)
    printed = close_parts(parts, total, 2)
    assert sum(printed) == round_printed(total, 2)
    for part, shown in zip(parts, printed, strict=True):
        assert abs(float(shown) - part) <= 0.0101
