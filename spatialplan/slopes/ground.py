"""Slope of pieces of ground: mean, steepest, and how much of it is steep; and steep ground itself.

Every cell weighs by the exact part of it that a shape covers, on the ellipsoid. Ground of which no
slope is known is counted apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import EDGE_LIMIT_M
from spatialplan.cells import LaidZones, cell_areas, cover_fractions, from_cells
from spatialplan.crs import Plane
from spatialplan.layers import CellWindow, Grid
from spatialplan.slopes.gradient import slope_window

__all__ = ["STEEP_DEGREES", "GroundSlope", "find_steep_ground", "measure_slopes"]

# Slopes that rules and tables ask about, degrees.
STEEP_DEGREES = (15.0, 25.0)

METRES_A_DEGREE = 111_700.0

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class GroundSlope:
    """Slope of one piece of ground.

    Attributes
    ----------
    area_m2
        Ellipsoidal area of the ground.
    known_m2
        Of it, ground whose slope is known.
    mean, steepest
        Degrees; None where no slope is known. The mean weighs by area.
    over_m2
        Ground steeper than each of `STEEP_DEGREES`.
    """

    area_m2: float
    known_m2: float
    mean: float | None
    steepest: float | None
    over_m2: tuple[float, ...]

    @property
    def unknown_m2(self) -> float:
        """Ground whose slope is not known."""
        return max(0.0, self.area_m2 - self.known_m2)

    def share_over(self, place: int) -> float | None:
        """Share of the ground with a known slope that is steeper than `STEEP_DEGREES[place]`."""
        return self.over_m2[place] / self.known_m2 if self.known_m2 else None


def measure_slopes(windows: Iterable[CellWindow], zones: LaidZones) -> tuple[GroundSlope, ...]:
    """Measure the slope of every zone.

    Parameters
    ----------
    windows
        Heights with a ring of one cell, that together hold every cell under the zones once.
    zones
        From `spatialplan.cells.lay_zones`, on the windows' grid. One row is held for every cell
        that a zone covers, so zones are sites and not counties.
    """
    known, weighted = np.zeros(zones.count), np.zeros(zones.count)
    steepest = np.full(zones.count, -1.0)
    over = np.zeros((len(STEEP_DEGREES), zones.count))
    for window in windows:
        slopes = slope_window(window, zones.grid)
        height, width = slopes.values.shape
        place = {"row": slopes.row, "column": slopes.column, "height": height, "width": width}
        parts = cover_fractions(zones, **place)
        if not len(parts):
            continue
        row, column = parts.row - slopes.row, parts.column - slopes.column
        kept = slopes.valid[row, column]
        row, column, owner = row[kept], column[kept], zones.owner[parts.shape[kept]]
        areas = cell_areas(zones.grid, zones.plane, **place)[row, column] * parts.fraction[kept]
        degrees = slopes.values[row, column]
        known += np.bincount(owner, areas, zones.count)
        weighted += np.bincount(owner, areas * degrees, zones.count)
        np.maximum.at(steepest, owner, degrees)
        for line, limit in zip(over, STEEP_DEGREES, strict=True):
            line += np.bincount(owner, areas * (degrees > limit), zones.count)
    whole = np.bincount(zones.owner, zones.area_m2, zones.count)
    return tuple(
        GroundSlope(
            area_m2=float(whole[zone]),
            known_m2=float(min(known[zone], whole[zone])),
            mean=float(weighted[zone] / known[zone]) if known[zone] else None,
            steepest=float(steepest[zone]) if known[zone] else None,
            over_m2=tuple(float(line[zone]) for line in over),
        )
        for zone in range(zones.count)
    )


def find_steep_ground(
    windows: Iterable[CellWindow], grid: Grid, plane: Plane, *, limit: float
) -> Geometries:
    """Return the cells steeper than a limit, and those whose slope is not known, as polygons.

    Parameters
    ----------
    windows
        Heights with a ring of one cell.
    limit
        Degrees; a cell of exactly this slope is not steeper.

    Returns
    -------
    steep
        Polygons in the plane of judgement that do not overlap, object[n].
    """
    boxes = [np.empty((0, 4))]
    for window in windows:
        slopes = slope_window(window, grid)
        avoided = ~slopes.valid | (slopes.values > limit)
        boxes.append(_runs(avoided) + np.array([slopes.column, slopes.row] * 2))
    west, north, east, south = np.concatenate(boxes).T
    runs = shapely.box(west, -south, east, -north)
    united = shapely.get_parts(shapely.union_all(runs))
    longest = max(grid.step_east, grid.step_south)
    step = EDGE_LIMIT_M / (longest * METRES_A_DEGREE if grid.crs.is_geographic else longest)
    return np.asarray(
        shapely.transform(
            shapely.segmentize(united, step),
            lambda cells: from_cells(cells * [1.0, -1.0], grid, plane),
        )
    )


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return runs of marked cells along rows: west, north, east, south in cells, (n, 4)."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, west = np.nonzero(edges == 1)
    east = np.nonzero(edges == -1)[1]
    return np.column_stack([west, row, east, row + 1]).astype(np.float64)
