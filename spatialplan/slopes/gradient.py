"""Slope of every cell by Horn's method, with lengths on the ellipsoid.

Horn (1981) takes the rise along a row and along a column from the eight neighbours, weighted
1, 2, 1. What a step to the next column or row is on the ground, and which way it leads, follows
from the grid's projection: in latitude and longitude steps shorten with latitude, in other
projections they stretch or turn. So rises are turned into a gradient with the metric of the grid
(lengths of both steps and the angle between them), which is right in every projection. A cell that
lacks a neighbour, at the edge or beside a cell without a value, has no slope.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.crs import to_degrees
from spatialplan.layers import CellWindow, Grid

__all__ = ["slope_window"]

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257222101
ECCENTRICITY_2 = FLATTENING * (2 - FLATTENING)

# The metric is taken at so many places along each side of a window and drawn straight between.
PLACES_A_SIDE = 17

Floats = NDArray[np.float64]


def slope_window(window: CellWindow, grid: Grid) -> CellWindow:
    """Return the slope of a window's inner cells, degrees.

    Parameters
    ----------
    window
        Heights in metres, read with a ring of one cell: `read_windows(raster, ring=1)`.
    grid
        The raster's grid.

    Returns
    -------
    slopes
        A window without a ring; float64, `valid` where all nine heights have a value.

    Raises
    ------
    ValueError
        If the window lacks neighbours that the grid has: cells would lose their slope unseen.
    """
    _require_neighbours(window, grid)
    heights = np.where(window.valid, window.values, np.nan).astype(np.float64)
    north, west, south, east = window.ring
    wanted = ((1 - north, 1 - south), (1 - west, 1 - east))
    padded = np.pad(heights, np.clip(wanted, 0, 1), constant_values=np.nan)
    inner = window.inner
    along, down = _rises(padded)
    slopes = _degrees(along, down, *_metric(inner, grid))
    valid = np.isfinite(slopes) & inner.valid
    return CellWindow(inner.row, inner.column, np.where(valid, slopes, 0.0), valid)


def _require_neighbours(window: CellWindow, grid: Grid) -> None:
    height, width = window.values.shape
    inside = (
        window.row > 0,
        window.column > 0,
        window.row + height < grid.rows,
        window.column + width < grid.columns,
    )
    if any(has and not ring for has, ring in zip(inside, window.ring, strict=True)):
        raise ValueError("slopes need windows that are read with a ring of one cell")


def _rises(heights: Floats) -> tuple[Floats, Floats]:
    """Rise to the next column and to the next row, metres a cell."""
    up, middle, low = heights[:-2], heights[1:-1], heights[2:]
    smooth = up + 2 * middle + low
    along = (smooth[:, 2:] - smooth[:, :-2]) / 8
    across = heights[:, :-2] + 2 * heights[:, 1:-1] + heights[:, 2:]
    return along, (across[2:] - across[:-2]) / 8


def _degrees(along: Floats, down: Floats, e: Floats, f: Floats, g: Floats) -> Floats:
    """Slope from rises a cell and the metric: e and g squared steps, f their inner product."""
    steepness = (g * along**2 - 2 * f * along * down + e * down**2) / (e * g - f**2)
    return np.asarray(np.degrees(np.arctan(np.sqrt(steepness))))


def _metric(window: CellWindow, grid: Grid) -> tuple[Floats, Floats, Floats]:
    """Metric of the grid at the window's cells, m²: e (columns), f (both), g (rows)."""
    height, width = window.values.shape
    rows = np.linspace(0, height, PLACES_A_SIDE if height > 1 else 2)
    columns = np.linspace(0, width, PLACES_A_SIDE if width > 1 else 2)
    column, row = np.meshgrid(window.column + columns, window.row + rows)
    coarse = _metric_at(row.ravel(), column.ravel(), grid)
    down = _straight(rows, np.arange(0.5, height))
    across = _straight(columns, np.arange(0.5, width))
    e, f, g = (down @ part.reshape(row.shape) @ across.T for part in coarse)
    return e, f, g


def _metric_at(row: Floats, column: Floats, grid: Grid) -> tuple[Floats, Floats, Floats]:
    """Metric from where half a step to either side leads, metres east and north."""
    along = _ground_step(row, column - 0.5, row, column + 0.5, grid)
    down = _ground_step(row - 0.5, column, row + 0.5, column, grid)
    return (along**2).sum(axis=1), (along * down).sum(axis=1), (down**2).sum(axis=1)


def _ground_step(
    row: Floats, column: Floats, to_row: Floats, to_column: Floats, grid: Grid
) -> Floats:
    """Metres east and north from one place on the grid to another near by, shape (n, 2)."""
    start = _to_degrees(row, column, grid)
    turn = np.radians(_to_degrees(to_row, to_column, grid) - start)
    sine = np.sin(np.radians(start[:, 1]) + turn[:, 1] / 2)
    curve = 1 - ECCENTRICITY_2 * sine**2
    parallel = SEMI_MAJOR_M / np.sqrt(curve) * np.sqrt(1 - sine**2)
    meridian = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / curve**1.5
    return np.column_stack([turn[:, 0] * parallel, turn[:, 1] * meridian])


def _to_degrees(row: Floats, column: Floats, grid: Grid) -> Floats:
    points = np.column_stack(
        [grid.west + column * grid.step_east, grid.north - row * grid.step_south]
    )
    return points if grid.crs.is_geographic else to_degrees(points, grid.crs)


def _straight(nodes: Floats, positions: Floats) -> Floats:
    """Weights of evenly spaced nodes that draw straight lines between them."""
    place = (positions - nodes[0]) / (nodes[1] - nodes[0])
    left = np.clip(place.astype(np.int64), 0, len(nodes) - 2)
    weights = np.zeros((len(positions), len(nodes)))
    rows = np.arange(len(positions))
    weights[rows, left] = 1 - (place - left)
    weights[rows, left + 1] = place - left
    return weights
