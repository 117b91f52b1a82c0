"""Patches grown from windows are those that a flood fill of the whole finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from spatialplan.changes.growing import PatchGrower
from spatialplan.changes.runs import find_runs

Cells = NDArray[np.int64]
Patch = frozenset[tuple[int, int]]

drawings = arrays(
    np.int64,
    st.tuples(st.integers(1, 14), st.integers(1, 14)),
    elements=st.sampled_from([0, 0, 1, 2]),
)


def flood(after: Cells) -> set[Patch]:
    """Cells that are not 0, joined over sides and corners where they are alike."""
    left = {(int(r), int(c)) for r, c in np.argwhere(after > 0)}
    patches = set()
    while left:
        found, edge = set(), [left.pop()]
        while edge:
            row, column = edge.pop()
            found.add((row, column))
            near = {(row + r, column + c) for r in (-1, 0, 1) for c in (-1, 0, 1)}
            alike = {cell for cell in near & left if after[cell] == after[row, column]}
            left -= alike
            edge += alike
        patches.add(frozenset(found))
    return patches


def grow(before: Cells, after: Cells, height: int, width: int) -> set[Patch]:
    grower, finished = PatchGrower(), []
    for top in range(0, after.shape[0], height):
        band = []
        for left in range(0, after.shape[1], width):
            part = np.s_[top : top + height, left : left + width]
            new = after[part]
            ground = np.ones(new.shape)
            band.append(find_runs(before[part], new, new > 0, ground, row=top, column=left))
        finished += grower.add(band, last_row=min(top + height, after.shape[0]) - 1)
    finished += grower.finish()
    return {
        frozenset(
            (int(row), column)
            for row, first, stop in zip(runs.row, runs.first, runs.stop, strict=True)
            for column in range(first, stop)
        )
        for runs in finished
    }


@given(drawings, st.integers(1, 15), st.integers(1, 15), st.integers(0, 5))
def test_windows_of_any_size_give_the_same_patches(
    after: Cells, height: int, width: int, seed: int
) -> None:
    before = np.random.default_rng(seed).integers(0, 3, after.shape)
    assert grow(before, after, height, width) == flood(after)


@pytest.mark.parametrize("size", [1, 2, 9])
def test_cells_that_meet_at_corners_only_are_one_patch(size: int) -> None:
    road = np.eye(9, dtype=np.int64)
    assert len(grow(road, road, size, size)) == 1


@pytest.mark.parametrize("size", [1, 2, 7])
def test_arms_that_meet_far_below_are_one_patch(size: int) -> None:
    comb = np.zeros((7, 7), dtype=np.int64)
    comb[:, ::2] = 1
    comb[6, :] = 1
    assert len(grow(comb, comb, size, size)) == 1


def test_other_classes_after_are_other_patches_and_other_classes_before_are_not() -> None:
    after = np.array([[1, 1, 2, 2]])
    before = np.array([[5, 6, 6, 6]])
    assert grow(before, after, 1, 4) == {
        frozenset({(0, 0), (0, 1)}),
        frozenset({(0, 2), (0, 3)}),
    }
