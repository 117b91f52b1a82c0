"""Where cells lie in the plane of judgement, and how much ground each of them is.

Positions on a grid are counted in cells: columns eastward from its western edge, rows southward
from its northern edge, with fractions. In a grid of latitude and longitude, rows are stretched so
that equal parts of a row are equal areas: there, any part of a cell has that part of its area.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.crs import CGCS2000, Plane, crs_label, from_degrees
from spatialplan.errors import CrsError, Fault
from spatialplan.layers import Grid
from spatialplan.messages import say

__all__ = ["cell_areas", "from_cells", "grid_bounds", "interpolate", "to_cells"]

# Areal scale varies as the square of the distance over the Earth's radius. Taken as the slope of
# chords of 500 m it is off by less than 1e-9; cubics between places 4 km apart add nothing to that.
CHORD_M = 250.0
NODE_STEP_M = 4_000.0

# How finely the outline of a box is followed from one projection to another.
BOX_STEP_M = 1_000.0

# Rows beyond a grid's edges are as high as its first and last one; so many are enough for China.
ROWS_BEYOND = 1e7

Points = NDArray[np.float64]
Areas = NDArray[np.float64]
Geometries = NDArray[np.object_]


def cell_areas(
    grid: Grid,
    plane: Plane,
    *,
    row: int = 0,
    column: int = 0,
    height: int | None = None,
    width: int | None = None,
) -> Areas:
    """Ellipsoidal area of cells, m².

    In a grid of latitude and longitude that is the closed form of the official method; elsewhere
    the areal scale towards the plane of judgement in the cell's middle, which is right to 1e-8 for
    cells of up to 1 km.

    Parameters
    ----------
    grid, plane
        The cells, and any plane of judgement.
    row, column, height, width
        The cells wanted; by default all.

    Returns
    -------
    areas
        Shape (height, width); read only, rows of a geographic grid share their memory.
    """
    height = grid.rows - row if height is None else height
    width = grid.columns - column if width is None else width
    if grid.crs.is_geographic:
        edges = _row_edges(grid, plane, row=row, height=height)
        heights = edges[:-1] - edges[1:]
        areas = heights * (grid.step_east * _metres_a_degree(plane))
        return np.broadcast_to(areas[:, None], (height, width))

    def scale(columns: Points, rows: Points) -> Areas:
        east = grid.west + columns * grid.step_east
        return _areal_scale(east, grid.north - rows * grid.step_south, grid, plane)

    steps = {"step_east_m": grid.step_east, "step_south_m": grid.step_south}
    areas = interpolate(scale, row=row, column=column, height=height, width=width, **steps)
    areas *= grid.step_east * grid.step_south
    return areas


def interpolate(
    compute: Callable[[Points, Points], Areas],
    *,
    height: int,
    width: int,
    step_east_m: float,
    step_south_m: float,
    row: int = 0,
    column: int = 0,
) -> Areas:
    """Compute what projections say at the middles of cells, from places some 4 km apart.

    Parameters
    ----------
    compute
        Takes columns and rows of places, in cells, shape (k, l), and returns shape (…, k, l).
    row, column, height, width
        The cells wanted.
    step_east_m, step_south_m
        Size of a cell.

    Returns
    -------
    values
        Cubics through the places, shape (…, height, width). Positions are off by less than 1e-6 m.
    """
    rows, columns = _nodes(row, height, step_south_m), _nodes(column, width, step_east_m)
    down = _cubics(rows, row + np.arange(0.5, height))
    along = _cubics(columns, column + np.arange(0.5, width))
    return np.asarray(down @ compute(*np.meshgrid(columns, rows)) @ along.T)


def to_cells(metres: Points, grid: Grid, plane: Plane) -> Points:
    """Take points of the plane of judgement to a grid.

    Parameters
    ----------
    metres
        Easting and northing in the plane, shape (n, 2).

    Returns
    -------
    cells
        Column and row with fractions, shape (n, 2); also beyond the grid's edges.

    Raises
    ------
    CrsError
        If the grid's projection has no place for a point.
    """
    if grid.crs.is_geographic:
        longitude = plane.longitude + metres[:, 0] / _metres_a_degree(plane)
        rows, edges = _far_edges(grid, plane)
        row = np.interp(-metres[:, 1], -edges, rows)
        return np.column_stack([(longitude - grid.west) / grid.step_east, row])
    points = from_degrees(plane.unproject(metres), grid.crs)
    if not np.isfinite(points).all():
        raise _off_the_map(grid)
    return np.column_stack(
        [(points[:, 0] - grid.west) / grid.step_east, (grid.north - points[:, 1]) / grid.step_south]
    )


def from_cells(cells: Points, grid: Grid, plane: Plane) -> Points:
    """Take positions on a grid, column and row (n, 2), to the plane of judgement, metres (n, 2)."""
    if grid.crs.is_geographic:
        longitude = grid.west + cells[:, 0] * grid.step_east
        rows, edges = _far_edges(grid, plane)
        easting = (longitude - plane.longitude) * _metres_a_degree(plane)
        return np.column_stack([easting, np.interp(cells[:, 1], rows, edges)])
    east = grid.west + cells[:, 0] * grid.step_east
    return plane.project(
        np.column_stack([east, grid.north - cells[:, 1] * grid.step_south]), grid.crs
    )


def grid_bounds(shapes: Geometries, grid: Grid, plane: Plane) -> tuple[float, float, float, float]:
    """West, south, east and north of shapes, in the grid's CRS.

    Parameters
    ----------
    shapes
        Polygons in the plane of judgement, shape (n,), at least one.
    """
    outline = shapely.segmentize(shapely.box(*shapely.total_bounds(shapes)), BOX_STEP_M)
    cells = to_cells(shapely.get_coordinates(outline), grid, plane)
    (left, top), (right, bottom) = cells.min(axis=0), cells.max(axis=0)
    return (
        float(grid.west + left * grid.step_east),
        float(grid.north - bottom * grid.step_south),
        float(grid.west + right * grid.step_east),
        float(grid.north - top * grid.step_south),
    )


def _areal_scale(east: Areas, north: Areas, grid: Grid, plane: Plane) -> Areas:
    """Area in the plane of judgement over area in a projected grid, at points of any shape."""
    points = np.column_stack([east.ravel(), north.ravel()])
    ends = [
        plane.project(points + np.array([dx, dy]) * CHORD_M, grid.crs)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))
    ]
    along, up = (ends[0] - ends[1]) / (2 * CHORD_M), (ends[2] - ends[3]) / (2 * CHORD_M)
    scale = along[:, 0] * up[:, 1] - along[:, 1] * up[:, 0]
    if not np.isfinite(scale).all():
        raise _off_the_map(grid)
    return np.asarray(scale.reshape(east.shape))


def _nodes(first: int, count: int, step: float) -> Areas:
    """Positions of places some 4 km apart, in cells: over all of them, and one on either side."""
    between = max(1, int(np.ceil(count * step / NODE_STEP_M)))
    return first + np.arange(-1.0, between + 2) * (count / between)


def _cubics(nodes: Areas, positions: Areas) -> Areas:
    """Weights of nodes that draw cubics through four neighbours, shape (positions, nodes)."""
    place = (positions - nodes[0]) / (nodes[1] - nodes[0])
    left = np.clip(place.astype(np.int64), 1, len(nodes) - 3)
    t = place - left
    weights = np.zeros((len(positions), len(nodes)))
    rows = np.arange(len(positions))
    weights[rows, left - 1] = -t * (t - 1) * (t - 2) / 6
    weights[rows, left] = (t + 1) * (t - 1) * (t - 2) / 2
    weights[rows, left + 1] = -(t + 1) * t * (t - 2) / 2
    weights[rows, left + 2] = (t + 1) * t * (t - 1) / 6
    return weights


def _row_edges(grid: Grid, plane: Plane, *, row: int, height: int) -> Areas:
    """Northings in the plane of the edges of rows in a geographic grid, shape (height + 1,)."""
    latitude = grid.north - np.arange(row, row + height + 1) * grid.step_south
    degrees = np.column_stack([np.full(height + 1, plane.longitude), np.clip(latitude, -90, 90)])
    return plane.project(degrees, CGCS2000)[:, 1]


def _far_edges(grid: Grid, plane: Plane) -> tuple[Areas, Areas]:
    """Rows and the northings of their edges, with a far one on both sides of the grid."""
    edges = _row_edges(grid, plane, row=0, height=grid.rows)
    rows = np.arange(grid.rows + 1.0)
    above = edges[0] + ROWS_BEYOND * (edges[0] - edges[1])
    below = edges[-1] - ROWS_BEYOND * (edges[-2] - edges[-1])
    return (
        np.concatenate([[-ROWS_BEYOND], rows, [grid.rows + ROWS_BEYOND]]),
        np.concatenate([[above], edges, [below]]),
    )


def _metres_a_degree(plane: Plane) -> float:
    """Length of a degree of longitude in the plane of judgement; the same everywhere in it."""
    ends = np.array([[plane.longitude, 0.0], [plane.longitude + 1.0, 0.0]])
    west, east = plane.project(ends, CGCS2000)[:, 0]
    return float(east - west)


def _off_the_map(grid: Grid) -> CrsError:
    return CrsError(Fault(crs_label(grid.crs), say("raster.off_the_map")))
