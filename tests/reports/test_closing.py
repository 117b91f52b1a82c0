"""Rounding after which every sum is the sum of its printed parts."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatialplan.reports.closing import close_table

PARENTS = {"paddy": "crop", "dry": "crop", "crop": "farm", "wood": "farm"}
KINDS = ("paddy", "dry", "wood", "road")

amounts = st.one_of(
    st.just(0.0),
    st.integers(0, 3).map(float),
    st.floats(0, 3, allow_nan=False),
    st.floats(0, 1e7, allow_nan=False),
)
tables = st.lists(st.fixed_dictionaries(dict.fromkeys(KINDS, amounts)), min_size=1, max_size=6)


def margins(table: Sequence[Mapping[str, float]]) -> dict[Any, float]:
    """Every cell, group and total of each place, and of all places."""
    sums: dict[Any, float] = defaultdict(float)
    for place, row in enumerate(table):
        for kind, amount in row.items():
            above = kind
            chain = [kind, "total"]
            while above in PARENTS:
                above = PARENTS[above]
                chain.append(above)
            for name in chain:
                sums[place, name] += amount
                sums["all", name] += amount
    return sums


def test_thirds_close_across_and_down() -> None:
    third = {"paddy": 1 / 3, "dry": 1 / 3, "wood": 1 / 3}
    printed = close_table([third] * 3, PARENTS)
    assert [sum(row.values()) for row in printed] == [1, 1, 1]
    assert [sum(row[kind] for row in printed) for kind in third] == [1, 1, 1]


@given(tables)
def test_no_margin_is_off_by_a_unit(table: list[dict[str, float]]) -> None:
    true, printed = margins(table), margins(close_table(table, PARENTS))
    for margin, amount in true.items():
        assert abs(printed[margin] - amount) < 1 + 1e-5, margin


@given(tables)
def test_nothing_stays_nothing(table: list[dict[str, float]]) -> None:
    printed = margins(close_table(table, PARENTS))
    assert all(not printed[margin] for margin, amount in margins(table).items() if not amount)


@given(tables)
def test_the_total_is_rounded_half_up(table: list[dict[str, float]]) -> None:
    whole = sum(round(amount * 1_000_000) for row in table for amount in row.values())
    printed = sum(sum(row.values()) for row in close_table(table, PARENTS))
    assert printed == math.floor(whole / 1_000_000 + 0.5)


@pytest.mark.parametrize(("total", "printed"), [(2.4999999, 2), (2.5, 3)])
def test_the_total_is_printed_from_the_total_given(total: float, printed: int) -> None:
    table = close_table([{"paddy": 1.25, "road": 1.25}], PARENTS, total=total)
    assert sum(sum(row.values()) for row in table) == printed
