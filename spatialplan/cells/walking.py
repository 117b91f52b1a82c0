"""Outlines walked edge by edge, so that every cell learns which part of it they enclose.

An edge puts ground to the east of it: of its own cell the part beyond the edge, and of all cells
further along the row a strip as high as the edge; plus where the shape lies east of the edge, minus
where it lies west. Over all edges the strips add up to 1 inside the shape and to 0 outside, and do
not change between two cells that edges run through::

       ┌─────┬─────┬─────┬─────┬─────┐
       │     │ ▗▟▓▓│▓▓▓▓▓│▓▓▓▓▓│▓▛   │      parts: cells with edges in them
       │     │▗▓▓▓▓│▓▓▓▓▓│▓▓▓▓▓│▓▙   │      a run: the cells between, wholly covered
       └─────┴─────┴─────┴─────┴─────┘

So only edges cost anything, however many cells lie inside. There is no topology that could fail:
holes, borders in common and rings that touch themselves are sums like others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines import count_up

__all__ = [
    "CellRuns",
    "CoverFractions",
    "Edges",
    "join_parts",
    "join_runs",
    "turn_edges",
    "walk_edges",
]

# Projections tell positions to 1e-8 m, 4e-10 of a cell of 30 m. Smaller parts are none, or a corner
# that touches a cell would count as ground in it.
LEAST_PART = 1e-9

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges of shapes, from their northern to their southern ends, float64[n].

    Positions are counted in cells, eastward and southward from a rectangle's north-western corner.
    `strip` is 1 where the shape lies east of the edge, -1 where it lies west.
    """

    shape: Integers
    east: Floats
    south: Floats
    end_east: Floats
    end_south: Floats
    strip: Floats

    def take(self, rows: NDArray[np.bool_] | Integers) -> Edges:
        """Return the edges in `rows`, a mask or positions."""
        return Edges(
            self.shape[rows],
            self.east[rows],
            self.south[rows],
            self.end_east[rows],
            self.end_south[rows],
            self.strip[rows],
        )


@dataclass(frozen=True, slots=True)
class CoverFractions:
    """Parts of cells that shapes cover.

    Attributes
    ----------
    shape
        Position of the shape, int64[n].
    row, column
        The cell in its grid, int64[n].
    fraction
        Part of the cell's area that the shape covers, over 0 to 1, float64[n].
    """

    shape: Integers
    row: Integers
    column: Integers
    fraction: Floats

    def __len__(self) -> int:
        return len(self.shape)

    def take(self, rows: NDArray[np.bool_] | Integers) -> CoverFractions:
        """Return the parts in `rows`, a mask or positions."""
        return CoverFractions(
            self.shape[rows], self.row[rows], self.column[rows], self.fraction[rows]
        )


@dataclass(frozen=True, slots=True)
class CellRuns:
    """Cells side by side that shapes cover wholly.

    Attributes
    ----------
    shape
        Position of the shape, int64[n].
    row
        The row in the grid, int64[n].
    column, end
        The first column, and the last one plus one, int64[n].
    """

    shape: Integers
    row: Integers
    column: Integers
    end: Integers

    def __len__(self) -> int:
        return len(self.shape)

    def take(self, rows: NDArray[np.bool_] | Integers) -> CellRuns:
        """Return the runs in `rows`, a mask or positions."""
        return CellRuns(self.shape[rows], self.row[rows], self.column[rows], self.end[rows])


def join_parts(some: Sequence[CoverFractions]) -> CoverFractions:
    """Put lists of parts behind one another."""
    none = np.empty(0, dtype=np.int64)
    return CoverFractions(
        shape=np.concatenate([none, *(parts.shape for parts in some)]),
        row=np.concatenate([none, *(parts.row for parts in some)]),
        column=np.concatenate([none, *(parts.column for parts in some)]),
        fraction=np.concatenate([np.empty(0), *(parts.fraction for parts in some)]),
    )


def join_runs(some: Sequence[CellRuns]) -> CellRuns:
    """Put lists of runs behind one another."""
    none = np.empty(0, dtype=np.int64)
    return CellRuns(
        shape=np.concatenate([none, *(runs.shape for runs in some)]),
        row=np.concatenate([none, *(runs.row for runs in some)]),
        column=np.concatenate([none, *(runs.column for runs in some)]),
        end=np.concatenate([none, *(runs.end for runs in some)]),
    )


def turn_edges(shape: Integers, start: Floats, end: Floats) -> Edges:
    """Turn edges southward.

    Parameters
    ----------
    shape
        Whose edge each is, int64[n].
    start, end
        Column and row of its ends, float64 (n, 2); the shape lies on its left, seen with north up.
    """
    southward = end[:, 1] > start[:, 1]
    first = np.where(southward[:, None], start, end)
    last = np.where(southward[:, None], end, start)
    strip = np.where(southward, 1.0, -1.0)
    return Edges(shape, first[:, 0], first[:, 1], last[:, 0], last[:, 1], strip)


def walk_edges(edges: Edges, *, height: int, width: int) -> tuple[CoverFractions, CellRuns]:
    """Walk edges and tell what of the cells of a rectangle they enclose.

    Parameters
    ----------
    edges
        All edges, in the shapes' order, that run through the rectangle or west of it; others may be
        among them.
    height, width
        Rows and columns of the rectangle; cells are counted from its corner.
    """
    row, pieces = _share_among_rows(edges, height, width)
    key, strip, part = _sum_up(*_share_among_columns(row, pieces, height, width))
    line, column = key // width, key % width
    first = np.diff(line, prepend=-1) != 0
    # What all strips up to a cell come to, less those of the lines before.
    passed = np.cumsum(strip)
    before = (passed - strip)[first][np.cumsum(first) - 1]
    inside, fraction = passed - before, passed - before - strip + part
    end = np.where(np.append(first[1:], True), width, np.append(column[1:], width))[: len(key)]
    shape, row = line // height, line % height
    met = CoverFractions(shape, row, column, np.minimum(fraction, 1.0)).take(fraction > LEAST_PART)
    between = CellRuns(shape, row, column + 1, end)
    whole = inside > 1.0 - LEAST_PART
    beside = _list_parts(between, inside, (inside > LEAST_PART) & ~whole)
    return join_parts([met, beside]), between.take(whole & (end > column + 1))


def _list_parts(between: CellRuns, inside: Floats, partly: NDArray[np.bool_]) -> CoverFractions:
    """List cells of which only edges due east or west cover a part, the same all along a run."""
    runs = between.take(partly)
    which, column = count_up(runs.column, runs.end)
    return CoverFractions(runs.shape[which], runs.row[which], column, inside[partly][which])


def _sum_up(key: Integers, strip: Floats, part: Floats) -> tuple[Integers, Floats, Floats]:
    """Sum up by cell: each key once, ascending."""
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if not len(key):
        return key, strip, part
    return key[first], np.add.reduceat(strip[order], first), np.add.reduceat(part[order], first)


def _share_among_rows(edges: Edges, height: int, width: int) -> tuple[Integers, Edges]:
    """Cut edges at the lines between rows; return the row of each piece, and the pieces."""
    near = (edges.end_south > np.maximum(edges.south, 0.0)) & (edges.south < height)
    near &= np.minimum(edges.east, edges.end_east) < width
    edges = edges.take(near)
    first = np.maximum(np.floor(edges.south), 0.0).astype(np.int64)
    last = np.minimum(np.ceil(edges.end_south), height).astype(np.int64)
    which, row = count_up(first, last)
    slope = (edges.end_east - edges.east) / (edges.end_south - edges.south)
    cut, slope = edges.take(which), slope[which]
    south, end_south = np.maximum(cut.south, row), np.minimum(cut.end_south, row + 1.0)
    # The same from both sides of a border, so that what one shape gains there the other lacks.
    east = cut.east + (south - cut.south) * slope
    end_east = np.where(
        end_south < cut.end_south, cut.east + (end_south - cut.south) * slope, cut.end_east
    )
    return row, Edges(cut.shape, east, south, end_east, end_south, cut.strip)


def _share_among_columns(
    row: Integers, edges: Edges, height: int, width: int
) -> tuple[Integers, Floats, Floats]:
    """Share edges within rows out among cells.

    Returns
    -------
    key
        Shape, row and column in one number, int64[n].
    strip, part
        What each adds to the cells further east, and to its own, float64[n].
    """
    west, east = np.minimum(edges.east, edges.end_east), np.maximum(edges.east, edges.end_east)
    # All that lies west of the rectangle is one column, whose ground is all east of it.
    first = np.maximum(np.floor(west), -1.0).astype(np.int64)
    last = np.maximum(np.ceil(east).astype(np.int64), first + 1)
    which, column = count_up(np.minimum(first, width), np.minimum(last, width))
    west, east = west[which], east[which]
    left = np.where(column < 0, west, np.maximum(west, column))
    right = np.minimum(east, column + 1.0)
    share = np.ones(len(which))
    np.divide(right - left, east - west, out=share, where=(left > west) | (right < east))
    strip = (edges.strip * (edges.end_south - edges.south))[which] * share
    part = np.where(column < 0, strip, strip * (column + 1.0 - (left + right) / 2))
    key = (edges.shape * height + row)[which] * width + np.maximum(column, 0)
    return key, strip, part
