"""Runs: neighbouring cells of one row that changed alike, the small change in which patches grow.

Cells that changed are few, so runs of them are kept where whole windows of cells are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Runs", "find_runs", "gather_runs", "link_runs"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Runs:
    """Runs of cells, shape (n,) each, by row and then by column.

    Attributes
    ----------
    row, first, stop
        Where a run lies in the grid: its row, its first column and the one after its last.
    before, after
        Cell values of the two editions.
    ground_m2
        Area of the run that lies on the ground asked about, float64.
    """

    row: Integers
    first: Integers
    stop: Integers
    before: Integers
    after: Integers
    ground_m2: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.row)

    def take(self, rows: NDArray[Any]) -> Runs:
        """Return some of the runs, by position or by a mask."""
        return Runs(*(getattr(self, one.name)[rows] for one in fields(self)))


def gather_runs(parts: Sequence[Runs]) -> Runs:
    """Return the runs of several windows as one, in order of row and column."""
    given = parts or [_no_runs()]
    columns = ([getattr(part, one.name) for part in given] for one in fields(Runs))
    joined = Runs(*(np.concatenate(column) for column in columns))
    return joined.take(np.lexsort((joined.first, joined.row)))


def _no_runs() -> Runs:
    nothing = np.zeros(0, dtype=np.int64)
    return Runs(nothing, nothing, nothing, nothing, nothing, np.zeros(0))


def find_runs(
    before: NDArray[Any],
    after: NDArray[Any],
    changed: NDArray[np.bool_],
    ground_m2: NDArray[np.float64],
    *,
    row: int,
    column: int,
) -> Runs:
    """Find the runs of a window.

    Parameters
    ----------
    before, after
        Cell values, shape (rows, columns).
    changed
        The cells that count, same shape.
    ground_m2
        Area of each cell on the ground asked about, same shape.
    row, column
        Of the window's north-western cell.

    Examples
    --------
    >>> cells = np.array([[1, 1, 2]])
    >>> runs = find_runs(cells, cells * 10, cells > 0, cells * 1.0, row=5, column=7)
    >>> runs.first.tolist(), runs.stop.tolist(), runs.ground_m2.tolist()
    ([7, 9], [9, 10], [2.0, 2.0])
    """
    rows, columns = np.nonzero(changed)
    old = before[rows, columns].astype(np.int64)
    new = after[rows, columns].astype(np.int64)
    starts = np.ones(len(rows), dtype=bool)
    starts[1:] = (
        (rows[1:] != rows[:-1])
        | (columns[1:] != columns[:-1] + 1)
        | (old[1:] != old[:-1])
        | (new[1:] != new[:-1])
    )
    at = np.flatnonzero(starts)
    lengths = np.diff(np.append(at, len(rows)))
    areas = ground_m2[rows, columns]
    sums = np.add.reduceat(areas, at) if len(at) else np.zeros(0)
    first = columns[at].astype(np.int64) + column
    place = rows[at].astype(np.int64) + row
    return Runs(place, first, first + lengths, old[at], new[at], sums)


def link_runs(runs: Runs) -> Integers:
    """Return pairs of runs that belong together, shape (links, 2): 8-connected, alike after.

    Parameters
    ----------
    runs
        In order of row and column.

    Examples
    --------
    Two cells that meet at a corner:

    >>> one, two = np.array([0, 1]), np.array([1, 2])
    >>> same = np.array([3, 3])
    >>> link_runs(Runs(one, one, two, same, same, np.ones(2))).tolist()
    [[0, 1]]
    """
    width = int(runs.stop.max(initial=0)) + 2
    firsts, stops = runs.row * width + runs.first, runs.row * width + runs.stop
    # Of the row below: from the first run that ends at or behind this one's beginning, up to the
    # last one that begins at or before this one's end; touching ends are corners.
    low = np.searchsorted(stops, firsts + width, side="left")
    high = np.searchsorted(firsts, stops + width, side="right")
    counts = np.maximum(high - low, 0)
    above = np.repeat(np.arange(len(runs)), counts)
    below = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - low, counts)
    beside = np.flatnonzero(firsts[1:] == stops[:-1])
    left = np.concatenate([above, beside])
    right = np.concatenate([below, beside + 1])
    alike = runs.after[left] == runs.after[right]
    return np.stack([left[alike], right[alike]], axis=1).astype(np.int64)
