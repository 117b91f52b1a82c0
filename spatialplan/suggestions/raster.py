"""Polygons on a grid, and how often a footprint meets forbidden cells when it is moved about.

A cell is *touched* when its centre lies in a polygon or an outline passes through it. Outlines are
sampled twice a cell, so a corner cut by less than a quarter of a cell may be missed: what is found
on the grid is a candidate, to be verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.overlay.polygons import Geometries, Integers

__all__ = ["Edges", "Grid", "count_meetings", "list_edges", "touch_cells"]

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]

SAMPLES_PER_CELL = 2.0
# Factors that the Fourier transform is quick with.
QUICK_FACTORS = (2, 3, 5)


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells: the south-west corner, the side, and how many rows (north) and columns."""

    west_m: float
    south_m: float
    step_m: float
    rows: int
    columns: int

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        east = self.west_m + self.columns * self.step_m
        return self.west_m, self.south_m, east, self.south_m + self.rows * self.step_m


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges of polygons, ground to their left: (n, 4) from easting, northing to easting, northing.

    `first` is where the edges of each polygon start, and the end, shape (polygons + 1,).
    """

    ends: Numbers
    first: Integers

    def of(self, polygons: NDArray[Any]) -> Numbers:
        """Return the edges of the polygons at some positions."""
        counts = self.first[polygons + 1] - self.first[polygons]
        starts = np.cumsum(counts) - counts
        rows = np.arange(counts.sum()) + np.repeat(self.first[polygons] - starts, counts)
        ends: Numbers = self.ends[rows]
        return ends


def list_edges(polygons: Geometries) -> Edges:
    """Take single polygons apart into edges."""
    oriented = shapely.orient_polygons(polygons)
    rings, polygon = shapely.get_rings(oriented, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    along = np.flatnonzero(ring[1:] == ring[:-1])
    ends = np.concatenate([points[along], points[along + 1]], axis=1)
    first = np.searchsorted(polygon[ring[along]], np.arange(len(polygons) + 1))
    return Edges(ends, first.astype(np.int64))


def touch_cells(edges: Numbers, grid: Grid) -> Flags:
    """Mark the cells of a grid that polygons touch, shape (rows, columns).

    Polygons may overlap; edges outside the grid may be long.
    """
    corner = np.array([grid.west_m, grid.south_m])
    start, end = (edges[:, :2] - corner) / grid.step_m, (edges[:, 2:] - corner) / grid.step_m
    touched = fill_cells(start, end, grid.rows, grid.columns)
    column, row = sample_edges(start, end, grid.rows, grid.columns)
    touched[row, column] = True
    return touched


def fill_cells(start: Numbers, end: Numbers, rows: int, columns: int) -> Flags:
    """Mark the cells whose centres polygons wind around; edges are in cells."""
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    first = np.clip(np.ceil(low - 0.5), 0, rows).astype(np.int64)
    last = np.clip(np.ceil(high - 0.5), 0, rows).astype(np.int64)
    counts = last - first
    edge = np.repeat(np.arange(len(counts)), counts)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    run = (end - start)[edge]
    crossing = start[edge, 0] + (row + 0.5 - start[edge, 1]) * run[:, 0] / run[:, 1]
    column = np.clip(np.ceil(crossing - 0.5), 0, columns).astype(np.int64)
    # To the east of an edge that runs south there is ground.
    turns = np.bincount(row * (columns + 1) + column, -np.sign(run[:, 1]), rows * (columns + 1))
    winding = turns.astype(np.int16).reshape(rows, columns + 1)[:, :columns]
    inside: Flags = np.cumsum(winding, axis=1, dtype=np.int16) != 0
    return inside


def sample_edges(
    start: Numbers, end: Numbers, rows: int, columns: int
) -> tuple[Integers, Integers]:
    """Return columns and rows of the cells that edges pass through; edges are in cells."""
    start, end = clip_edges(start, end, rows, columns)
    counts = np.ceil(np.hypot(*(end - start).T) * SAMPLES_PER_CELL).astype(np.int64) + 1
    edge = np.repeat(np.arange(len(counts)), counts)
    share = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    share = share / np.maximum(counts - 1, 1)[edge]
    points = np.floor(start[edge] + (end - start)[edge] * share[:, None]).astype(np.int64)
    column, row = points.T
    within = (column >= 0) & (row >= 0) & (column < columns) & (row < rows)
    return column[within], row[within]


def clip_edges(start: Numbers, end: Numbers, rows: int, columns: int) -> tuple[Numbers, Numbers]:
    """Clip edges to the grid's rectangle (Liang and Barsky 1984); those outside are dropped."""
    run = end - start
    limit = np.array([columns, rows], dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        near, far = -start / run, (limit - start) / run
    beside = (run == 0) & ((start < 0) | (start > limit))
    enter = np.where(run == 0, 0.0, np.minimum(near, far)).max(axis=1, initial=0.0)
    leave = np.where(run == 0, 1.0, np.maximum(near, far)).min(axis=1, initial=1.0)
    kept = (enter <= leave) & ~beside.any(axis=1)
    start, run, enter, leave = start[kept], run[kept], enter[kept, None], leave[kept, None]
    return start + run * enter, start + run * leave


def count_meetings(forbidden: Flags, footprint: Flags) -> NDArray[np.int64]:
    """Count the cells that a footprint and forbidden ground share, for every shift.

    Returns
    -------
    counts
        At (i, j) those with the footprint i cells north and j cells east of the south-west corner;
        as many shifts as keep the footprint on the grid.

    Examples
    --------
    >>> forbidden = np.array([[False, False, True]])
    >>> count_meetings(forbidden, np.array([[True, True]])).tolist()
    [[0, 1]]
    """
    shape = quick_size(forbidden.shape[0]), quick_size(forbidden.shape[1])
    product = np.fft.rfft2(forbidden, shape) * np.conj(np.fft.rfft2(footprint, shape))
    counts = np.fft.irfft2(product, shape)
    rows, columns = (
        whole - part + 1 for whole, part in zip(forbidden.shape, footprint.shape, strict=True)
    )
    return np.rint(counts[:rows, :columns]).astype(np.int64)


def quick_size(least: int) -> int:
    """Return the smallest size from `least` on that has no factors but 2, 3 and 5."""
    size = least
    while not is_smooth(size):
        size += 1
    return size


def is_smooth(size: int) -> bool:
    """Tell whether a size has no factors but 2, 3 and 5."""
    for factor in QUICK_FACTORS:
        while size % factor == 0:
            size //= factor
    return size == 1
