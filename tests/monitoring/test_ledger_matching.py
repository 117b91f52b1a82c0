"""Which row of the ledger a patch continues: squares whose common ground is plain to see."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatialplan.ledger import Entry, Seen, Sighting, State, Step, match_patches, settle_unseen

box = shapely.box


def entry(name: str, shape: Any, state: str = State.NEW, **more: Any) -> Entry:
    return Entry(1, name, state, shape, first_seen="2020", last_seen="2020", **more)


def told(steps: tuple[Step, ...]) -> list[tuple[str | None, int | None, str, str]]:
    return [
        (step.entry.patch_id if step.entry else None, step.sighting, str(step.seen), step.related)
        for step in steps
    ]


def test_a_patch_of_the_same_id_continues_its_row_wherever_it_lies() -> None:
    steps = match_patches([entry("a", box(0, 0, 1, 1))], [Sighting("a", box(5, 5, 6, 6))])
    assert told(steps) == [("a", 0, "again", "")]


@pytest.mark.parametrize(
    ("patch", "seen"),
    [
        (box(5, 0, 15, 10), "again"),  # half of either
        (box(5.1, 0, 15.1, 10), "gone"),
        (box(0, 0, 100, 100), "again"),  # it grew: all of the smaller one
        (box(2, 2, 3, 3), "again"),  # it shrank
        (box(10, 0, 20, 10), "gone"),  # it only touches
    ],
)
def test_half_of_the_smaller_ones_ground_is_enough(patch: Any, seen: str) -> None:
    steps = match_patches([entry("a", box(0, 0, 10, 10))], [Sighting("b", patch)])
    assert told(steps)[0][2] == seen
    assert len(steps) == (1 if seen == "again" else 2)


def test_rows_that_grew_together_are_merged_into_the_one_with_most_ground() -> None:
    rows = [entry("small", box(0, 0, 2, 10)), entry("large", box(3, 0, 10, 10))]
    steps = match_patches(rows, [Sighting("new", box(0, 0, 10, 10))])
    assert told(steps) == [("small", None, "merged", "large"), ("large", 0, "again", "")]


def test_a_patch_that_fell_apart_leaves_its_row_to_the_largest_part() -> None:
    parts = [Sighting("left", box(0, 0, 2, 10)), Sighting("right", box(3, 0, 10, 10))]
    steps = match_patches([entry("a", box(0, 0, 10, 10))], parts)
    assert told(steps) == [("a", 1, "again", ""), (None, 0, "split", "a")]


def test_rows_and_patches_without_a_partner_say_so() -> None:
    steps = match_patches([entry("old", box(0, 0, 1, 1))], [Sighting("new", box(5, 5, 6, 6))])
    assert told(steps) == [("old", None, "gone", ""), (None, 0, "first", "")]


def test_a_row_without_ground_is_matched_by_its_id_alone() -> None:
    rows = [entry("a", None), entry("b", None)]
    steps = match_patches(rows, [Sighting("a", box(0, 0, 1, 1))])
    assert told(steps) == [("a", 0, "again", ""), ("b", None, "gone", "")]


def test_rows_of_a_person_are_never_matched() -> None:
    own = entry("a", box(0, 0, 1, 1), own=True)
    assert told(match_patches([own], [Sighting("a", box(0, 0, 1, 1))])) == [(None, 0, "first", "")]


@pytest.mark.parametrize(("state", "grown"), [("销号", 50.0), ("排除", 50.0), ("核实", 0.0)])
def test_what_grew_beyond_a_settled_outline_is_measured(state: str, grown: float) -> None:
    rows = [entry("a", box(0, 0, 10, 10), state)]
    (step,) = match_patches(rows, [Sighting("a", box(0, 0, 10, 15))])
    assert step.grown_m2 == grown


@pytest.mark.parametrize(
    ("human", "covered", "seen"),
    [(1.0, 1.0, Seen.REMAINS), (0.4, 1.0, Seen.GONE), (0.0, 0.3, Seen.OUTSIDE)],
)
def test_ground_without_a_patch_is_asked_what_it_is_today(
    human: float, covered: float, seen: Seen
) -> None:
    step = Step(entry("a", box(0, 0, 1, 1)), None, Seen.GONE)
    assert settle_unseen(step, human_share=human, covered_share=covered).seen is seen


squares = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 4)), max_size=7
).map(lambda given: [box(x, y, x + side, y + side) for x, y, side in given])


@given(squares, squares)
def test_every_row_and_every_patch_has_one_step_and_no_row_two_patches(
    old: list[Any], new: list[Any]
) -> None:
    rows = [entry(f"e{place}", shape) for place, shape in enumerate(old)]
    steps = match_patches(rows, [Sighting(f"s{place}", shape) for place, shape in enumerate(new)])
    entries = [step.entry.patch_id for step in steps if step.entry]
    assert entries == [row.patch_id for row in rows]
    assert sorted(step.sighting for step in steps if step.sighting is not None) == list(
        range(len(new))
    )
    for step in steps:
        if step.seen is Seen.AGAIN:
            assert step.entry is not None
            assert step.sighting is not None
            one, other = step.entry.shape, new[step.sighting]
            assert one.intersection(other).area >= 0.5 * min(one.area, other.area)
