"""Heights of the example: mountains where the barrier is, rivers that run downhill, level lakes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from wuchang import places
from wuchang.calibration import Floats
from wuchang.raster_grid import CellGrid, Picture, grid_around, write_raster
from wuchang.seeds import reservoir_outline
from wuchang.terrain import Noise, Points, Terrain, read_terrain, resample

CELL_M = 60.0
NODATA = -9999.0
#: Heights are given for the county and as much around it, so that slopes reach its border.
_MARGIN_M = 600.0
#: Steps of height: eighths of a metre are exact in binary and compress well.
_STEPS_PER_M = 8
_STATION_M = 30.0
#: How far a river's level draws the ground beside it, and how far the channel reaches.
_FLOOD_M, _REACH_M, _CHANNEL_M = 1_500.0, 4_000.0, 45.0
_GULLIES = Noise("gullies", 900.0)
_GULLY_M = 9.0


class Course(NamedTuple):
    """A river as stations downstream, with the ground's height and the water's level at each."""

    points: Points
    ground: Floats
    level: Floats


def write_elevation(path: Path, county: shapely.Polygon) -> None:
    """Write heights above sea level in metres, float32."""
    terrain = read_terrain()
    grid = grid_around(county, size_m=CELL_M, margin_m=_MARGIN_M)
    courses = _courses(terrain)
    height = _with_rivers(_relief(terrain, grid), grid, courses)
    height = _with_lakes(height, grid, courses)
    height = np.round(height * _STEPS_PER_M) / _STEPS_PER_M
    near = grid.number(np.array([county.buffer(_MARGIN_M - CELL_M)])) == 0
    values = np.where(near, height, NODATA).astype(np.float32)
    tags = {"LICENCE": "MIT", "NOTICE": places.DEMONSTRATION, "UNIT": "metre above sea level"}
    write_raster(path, values, grid, Picture("elevation, demonstration", tags), nodata=NODATA)


def _relief(terrain: Terrain, grid: CellGrid) -> Floats:
    """Heights without rivers, with gullies where it is steep enough for them."""
    rows = []
    for start in range(0, grid.rows, 200):
        points = grid.centres(slice(start, start + 200))
        hilly = np.clip((terrain.upland(points) + 5) / 45, 0, 1) * (1 - terrain.valley(points))
        rows.append(terrain.elevation(points) + _GULLY_M * hilly * _GULLIES(points))
    return np.asarray(gaussian_filter(np.concatenate(rows).reshape(grid.rows, grid.columns), 1.0))


def _courses(terrain: Terrain) -> list[Course]:
    """Both rivers; neither rises downstream, and the Mangniu does not end below the Lalin."""
    lalin = _course(terrain, terrain.lalin)
    mangniu = _course(terrain, terrain.mangniu)
    mouth = int(cKDTree(lalin.points).query(mangniu.points[-1])[1])
    level = np.maximum(mangniu.level, lalin.level[mouth])
    return [lalin, mangniu._replace(level=level)]


def _course(terrain: Terrain, line: Points) -> Course:
    points = resample(line, step_m=_STATION_M)
    ground = terrain.elevation(points)
    level = ground.copy()
    for lake in _lakes():
        inside = shapely.contains_xy(lake, points)
        if inside.any():
            level[inside] = level[inside].min()
    return Course(points, ground, np.minimum.accumulate(level))


def _lakes() -> list[shapely.Polygon]:
    return [reservoir_outline(reservoir) for reservoir in places.RESERVOIRS]


def _with_rivers(height: Floats, grid: CellGrid, courses: list[Course]) -> Floats:
    """Ground bent towards the rivers' levels, channels at them, banks above them."""
    points, bent = grid.centres(), height.ravel().copy()
    stations = np.vstack([course.points for course in courses])
    level = np.concatenate([course.level for course in courses])
    shift = level - np.concatenate([course.ground for course in courses])
    distance, nearest = cKDTree(stations).query(points, distance_upper_bound=_REACH_M)
    near = np.flatnonzero(np.isfinite(distance))
    distance, nearest = distance[near], nearest[near]
    bent[near] += shift[nearest] * np.exp(-((distance / _FLOOD_M) ** 2))
    bank = level[nearest] + np.clip(distance / 250.0, 0.5, 4.0)
    bent[near] = np.where(distance <= _CHANNEL_M, level[nearest], np.maximum(bent[near], bank))
    return _with_channels(bent.reshape(height.shape), grid, courses)


def _with_channels(height: Floats, grid: CellGrid, courses: list[Course]) -> Floats:
    """Every cell that a river passes at the level it has where it leaves the cell."""
    channel = height.copy()
    for course in reversed(courses):
        rows = ((grid.north - course.points[:, 1]) // grid.size_m).astype(int)
        columns = ((course.points[:, 0] - grid.west) // grid.size_m).astype(int)
        fits = (rows >= 0) & (rows < grid.rows) & (columns >= 0) & (columns < grid.columns)
        channel[rows[fits], columns[fits]] = course.level[fits]
    return channel


def _with_lakes(height: Floats, grid: CellGrid, courses: list[Course]) -> Floats:
    """Reservoirs as level water, at the level of the river that leaves them."""
    level = height.copy()
    for lake in _lakes():
        for course in courses:
            inside = shapely.contains_xy(lake, course.points)
            if inside.any():
                level[grid.number(np.array([lake])) == 0] = course.level[inside].min()
    return level
