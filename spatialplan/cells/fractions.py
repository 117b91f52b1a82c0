"""Which part of every cell a polygon covers, exactly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from spatialplan.cells.walking import (
    CellRuns,
    CoverFractions,
    Edges,
    join_parts,
    join_runs,
    turn_edges,
    walk_edges,
)
from spatialplan.cells.zones import LaidZones
from spatialplan.outlines import count_up

__all__ = ["CoverFractions", "KnownCovers", "cover_fractions", "cover_runs"]

# Parts and runs of cells that are kept for a further raster, 32 bytes each: a county with cells of
# 30 m has two million.
MOST_KEPT = 4_000_000

# Vertices whose edges are walked at a time: what is made of them stays under some 50 MB, and near
# the processor.
CHUNK_VERTICES = 100_000

Integers = NDArray[np.int64]


def cover_fractions(
    zones: LaidZones, *, row: int, column: int, height: int, width: int
) -> CoverFractions:
    """Return which part of every cell of a rectangle the shapes of zones cover.

    Parameters
    ----------
    zones
        From `spatialplan.cells.lay_zones`.
    row, column, height, width
        The rectangle in the zones' grid. One row of the answer is needed for every shape and cell:
        for large zones take `sum_classes`.
    """
    parts, runs = cover_runs(zones, row=row, column=column, height=height, width=width)
    which, columns = count_up(runs.column, runs.end)
    whole = CoverFractions(runs.shape[which], runs.row[which], columns, np.ones(len(which)))
    found = join_parts([parts, whole])
    return found.take(np.lexsort((found.column, found.row, found.shape)))


def cover_runs(
    zones: LaidZones, *, row: int, column: int, height: int, width: int
) -> tuple[CoverFractions, CellRuns]:
    """Do as `cover_fractions`, with cells side by side that are wholly covered as runs."""
    found = [
        walk_edges(edges, height=height, width=width)
        for edges in _edges_near(zones, row, column, height, width)
    ]
    parts, runs = join_parts([parts for parts, _ in found]), join_runs([runs for _, runs in found])
    return (
        CoverFractions(parts.shape, parts.row + row, parts.column + column, parts.fraction),
        CellRuns(runs.shape, runs.row + row, runs.column + column, runs.end + column),
    )


def _edges_near(
    zones: LaidZones, row: int, column: int, height: int, width: int
) -> Iterator[Edges]:
    """Yield the edges of the shapes that reach into a rectangle, seen from its corner."""
    west, north, east, south = zones.boxes.T
    near = (west < column + width) & (east > column) & (north < row + height) & (south > row)
    shapes = np.flatnonzero(near)
    chunk = np.cumsum(zones.outlines.vertices[shapes]) // CHUNK_VERTICES
    for some in np.split(shapes, np.flatnonzero(np.diff(chunk)) + 1):
        yield _list_edges(zones, some, np.array([column, row], dtype=np.float64))


def _list_edges(zones: LaidZones, shapes: Integers, corner: NDArray[np.float64]) -> Edges:
    lines = zones.outlines.take(shapes)
    points = lines.points - corner
    starts_edge = np.ones(len(points), dtype=np.bool_)
    starts_edge[lines.ring_starts[1:] - 1] = False
    start = np.flatnonzero(starts_edge)
    shape = np.repeat(shapes, lines.vertices)
    return turn_edges(shape[start], points[start], points[start + 1])


class KnownCovers:
    """What zones cover of windows, kept for a further raster on the same grid.

    Parts and runs of `most_kept` cells are kept, the rest is computed again.
    """

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self.most_kept = most_kept
        self._found: dict[tuple[int, ...], tuple[CoverFractions, CellRuns]] = {}
        self._kept = 0

    def find(
        self, zones: LaidZones, *, row: int, column: int, height: int, width: int
    ) -> tuple[CoverFractions, CellRuns]:
        """Return what `cover_runs` does."""
        place = (row, column, height, width)
        if place in self._found:
            return self._found[place]
        parts, runs = cover_runs(zones, row=row, column=column, height=height, width=width)
        if self._kept + len(parts) + len(runs) <= self.most_kept:
            self._kept += len(parts) + len(runs)
            self._found[place] = parts, runs
        return parts, runs
