"""Ground of every class inside every zone, summed over the windows of a raster.

The area of a class in a zone is the sum, over the cells of that class, of the part of the cell that
the zone covers times the cell's ellipsoidal area. Cells without a value and ground beyond the
raster are summed apart; with them the classes add up to the zone, or it is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.cells.fractions import KnownCovers
from spatialplan.cells.placing import cell_areas, from_cells
from spatialplan.cells.walking import CellRuns
from spatialplan.cells.zones import LAID_EDGE_M, LaidZones
from spatialplan.errors import ConservationError, Fault
from spatialplan.layers import CellWindow, Grid
from spatialplan.messages import say
from spatialplan.outlines import count_up

__all__ = ["ClassSums", "sum_classes"]

# Classes, cells without value and ground outside add up to a zone to this share of it and of the
# cells on its border, of which there is at least one: bowed edges are drawn straight.
CONSERVED_SHARE = 1e-6

# Inside a cell of a projected grid area is taken as even. It is off by at most an eighth of what it
# changes by from one cell to the next: half of a cell, whose middle is a quarter of a cell away.
UNEVEN_SHARE = 1 / 8

# Stands for cells without a value; no class is that small.
NO_VALUE = -(2**62)

# Cells of runs that are listed at a time, near the processor.
CHUNK_CELLS = 200_000

# Of latitude; of longitude it is less.
METRES_A_DEGREE = 111_700.0

# Cell values under this are counted by their position in a list; classes are small numbers.
SMALL_VALUES = 65_536

Areas = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassSums:
    """What zones hold.

    Attributes
    ----------
    values
        The cell values met inside zones, ascending, int64[k].
    area_m2
        Ellipsoidal area of each value in each zone, float64[zones, k].
    nodata_m2
        Area of cells without value in each zone, float64[zones].
    outside_m2
        Area of each zone that the raster does not reach, float64[zones].
    """

    values: Integers
    area_m2: Areas
    nodata_m2: Areas
    outside_m2: Areas

    def of(self, value: int) -> Areas:
        """Area of one cell value in each zone, m², float64[zones]; 0 where it was not met."""
        return np.asarray(self.area_m2[:, self.values == value].sum(axis=1))


def sum_classes(
    windows: Iterable[CellWindow], zones: LaidZones, *, known: KnownCovers | None = None
) -> ClassSums:
    """Sum the ground of every class inside every zone.

    Parameters
    ----------
    windows
        Windows of whole numbers that together hold every cell under the zones once; a window's
        ring is left out. They may come from a generator: none is kept.
    zones
        From `spatialplan.cells.lay_zones`, on the windows' grid.
    known
        What is known of these zones from another raster on the grid, and is kept for the next.

    Raises
    ------
    ConservationError
        If classes, cells without value and ground outside the raster do not add up to a zone;
        every zone is listed.
    """
    known = known or KnownCovers(most_kept=0)
    by_value: dict[int, Areas] = {}
    allowed_m2 = np.zeros(zones.count)
    for window in windows:
        values, sums, allowed = _sum_window(window.inner, zones, known)
        for value, areas in zip(values, sums.T, strict=True):
            by_value[value] = by_value.get(value, 0.0) + areas
        allowed_m2 += allowed
    nodata = by_value.pop(NO_VALUE, np.zeros(zones.count))
    met = sorted(value for value, areas in by_value.items() if areas.any())
    columns = [by_value[value] for value in met]
    found = ClassSums(
        values=np.array(met, dtype=np.int64),
        area_m2=np.column_stack([np.zeros((zones.count, 0)), *columns]),
        nodata_m2=nodata,
        outside_m2=_outside(zones),
    )
    _require_conserved(found, zones, allowed_m2)
    return found


def _sum_window(
    window: CellWindow, zones: LaidZones, known: KnownCovers
) -> tuple[list[int], Areas, Areas]:
    """Return the values of a window, their area in each zone, and by how much it may be off."""
    height, width = window.values.shape
    place = {"row": window.row, "column": window.column, "height": height, "width": width}
    parts, runs = known.find(zones, **place)
    if not len(parts) and not len(runs):
        return [], np.zeros((zones.count, 0)), np.zeros(zones.count)
    values, codes = _encode(window)
    areas = cell_areas(zones.grid, zones.plane, **place)
    row, column = parts.row - window.row, parts.column - window.column
    owner, cell = zones.owner[parts.shape], areas[row, column]
    size = zones.count * len(values)
    keys = owner * len(values) + codes[row, column]
    sums: Areas = np.bincount(keys, parts.fraction * cell, size).astype(np.float64)
    sums += _sum_runs(runs, window, zones, codes.ravel(), areas.ravel(), len(values))
    allowed: Areas = np.bincount(owner, cell, zones.count).astype(np.float64)
    allowed *= _unevenness(areas, zones.grid)
    return values, sums.reshape(zones.count, len(values)), allowed


def _sum_runs(
    runs: CellRuns,
    window: CellWindow,
    zones: LaidZones,
    codes: NDArray[Any],
    areas: Areas,
    values: int,
) -> Areas:
    """Sum up wholly covered cells; codes and areas row by row, sums zone by zone."""
    first = (runs.row - window.row) * window.values.shape[1] + runs.column - window.column
    length, zone = runs.end - runs.column, zones.owner[runs.shape]
    sums = np.zeros(zones.count * values)
    chunk = np.cumsum(length) // CHUNK_CELLS
    for some in np.split(np.arange(len(chunk)), np.flatnonzero(np.diff(chunk)) + 1):
        which, cells = count_up(first[some], first[some] + length[some])
        keys = (zone[some] * values)[which] + codes[cells]
        sums += np.bincount(keys, areas[cells], len(sums))
    return sums


def _unevenness(areas: Areas, grid: Grid) -> float:
    """By which share of a cell on its border a zone may be off."""
    if grid.crs.is_geographic:
        return CONSERVED_SHARE  # rows are stretched, so that parts of cells are parts of area
    edges = (areas[[0, -1]], areas[:, [0, -1]].T)
    changes = [float(np.abs(np.diff(edge)).max(initial=0.0)) for edge in edges]
    return CONSERVED_SHARE + UNEVEN_SHARE * sum(changes) / float(areas.min())


def _encode(window: CellWindow) -> tuple[list[int], NDArray[Any]]:
    """Return the values of a window, with `NO_VALUE` first, and each cell's place among them."""
    cells = window.values
    low, high = (int(cells.min()), int(cells.max())) if cells.size else (0, 0)
    if low >= 0 and high < SMALL_VALUES:
        values = np.flatnonzero(np.bincount(cells[window.valid], minlength=1))
        places = np.zeros(high + 1, dtype=np.uint16)
        places[values] = np.arange(1, len(values) + 1)
        codes = places[cells]
    else:
        values = np.unique(cells[window.valid])
        codes = np.searchsorted(values, cells) + 1
    codes[~window.valid] = 0
    return [NO_VALUE, *(int(value) for value in values)], codes


def _outside(zones: LaidZones) -> Areas:
    """Area of each zone beyond the grid's edges, m²."""
    grid = zones.grid
    beyond = np.flatnonzero(
        (zones.boxes < 0.0).any(axis=1) | (zones.boxes > [grid.columns, grid.rows] * 2).any(axis=1)
    )
    edges = shapely.box(0.0, 0.0, float(grid.columns), float(grid.rows))
    reached = shapely.segmentize(shapely.intersection(zones.draw(beyond), edges), _step(zones))
    inside = shapely.transform(reached, lambda cells: from_cells(cells, grid, zones.plane))
    outside = np.maximum(zones.area_m2[beyond] - shapely.area(inside), 0.0)
    return np.bincount(zones.owner[beyond], outside, zones.count).astype(np.float64)


def _step(zones: LaidZones) -> float:
    """Longest edge in cells that stays straight enough on the way to the plane of judgement."""
    grid = zones.grid
    longest = max(grid.step_east, grid.step_south)
    return LAID_EDGE_M / (longest * METRES_A_DEGREE if grid.crs.is_geographic else longest)


def _require_conserved(found: ClassSums, zones: LaidZones, allowed_m2: Areas) -> None:
    whole = np.bincount(zones.owner, zones.area_m2, zones.count)
    summed = found.area_m2.sum(axis=1) + found.nodata_m2 + found.outside_m2
    gap = summed - whole
    cell_m2 = float(cell_areas(zones.grid, zones.plane, height=1, width=1)[0, 0])
    faulty = np.flatnonzero(np.abs(gap) > CONSERVED_SHARE * (whole + cell_m2) + allowed_m2)
    if len(faulty):
        raise ConservationError(
            Fault(f"zones[{zone}]", say("raster.gap", gap=gap[zone], whole=whole[zone]))
            for zone in faulty
        )
