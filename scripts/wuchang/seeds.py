"""Seeds of the tessellation: one point a parcel, denser where people live.

Each batch yields to those before it: rivers, shores, towns, roads, villages, then open land in
blocks of parallel strips as fields lie in the plain.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from wuchang import places
from wuchang.terrain import Points, Terrain, project, random_source, resample, spline


class Kind(IntEnum):
    """What a seed was set for."""

    OPEN = 0
    RIVER = 1
    BANK = 2
    WATER = 3
    SHORE = 4
    ROAD = 5
    TOWN = 6
    VILLAGE = 7


class Seeds(NamedTuple):
    """Points in the working plane with what each was set for."""

    points: Points
    kind: NDArray[np.int8]


_OPEN_SPACING_M = ((-90, 490.0), (15, 505.0), (35, 570.0), (60, 660.0), (110, 690.0))


def sow(terrain: Terrain) -> Seeds:
    """Seeds inside the county."""
    batches = [
        *_river_seeds(terrain),
        *_shore_seeds(),
        (_town_seeds(), Kind.TOWN, 110.0),
        *_road_seeds(),
        *_village_seeds(terrain),
        (_open_seeds(terrain), Kind.OPEN, 150.0),
    ]
    points, kinds = np.empty((0, 2)), np.empty(0, dtype=np.int8)
    for batch, kind, clearance in batches:
        kept = _thin(batch, points, clearance, terrain.county)
        points = np.vstack([points, kept])
        kinds = np.concatenate([kinds, np.full(len(kept), kind, dtype=np.int8)])
    kinds[_drowned(points) & (kinds != Kind.SHORE)] = Kind.WATER
    return Seeds(points, kinds)


def _thin(batch: Points, before: Points, clearance: float, county: shapely.Polygon) -> Points:
    """Points inside the county that keep their distance from those set before."""
    kept = batch[shapely.contains_xy(county, batch)]
    if len(before):
        kept = kept[cKDTree(before).query(kept)[0] >= clearance]
    pairs = cKDTree(kept).query_pairs(25.0, output_type="ndarray")
    return np.delete(kept, np.unique(pairs[:, 1]), axis=0)


def _strip(line: Points, step_m: float, half_m: float) -> tuple[Points, Points]:
    """Points along a line, and beside it on both sides at `half_m`."""
    middle = resample(line, step_m=step_m)
    ahead = np.gradient(middle, axis=0)
    ahead /= np.hypot(*ahead.T)[:, None]
    across = half_m * np.column_stack([-ahead[:, 1], ahead[:, 0]])
    return middle, np.vstack([middle + across, middle - across])


def _river_seeds(terrain: Terrain) -> list[tuple[Points, Kind, float]]:
    batches: list[tuple[Points, Kind, float]] = []
    for line, step, half in ((terrain.lalin, 300.0, 135.0), (terrain.mangniu, 280.0, 95.0)):
        middle, sides = (_on_land(points) for points in _strip(line, step, half))
        batches += [(middle, Kind.RIVER, 140.0), (sides, Kind.BANK, 70.0)]
    return batches


def _on_land(points: Points) -> Points:
    """Points outside the reservoirs, whose water takes in the river's bed."""
    return np.asarray(points[~_drowned(points, margin_m=120.0)])


def _drowned(points: Points, *, margin_m: float = 0.0) -> NDArray[np.bool_]:
    """Whether each point lies in a reservoir, or nearer to its shore than a margin."""
    outlines = [reservoir_outline(r, grown_m=margin_m) for r in places.RESERVOIRS]
    found = [shapely.contains_xy(outline, points) for outline in outlines]
    return np.asarray(np.logical_or.reduce(found, axis=0))


def reservoir_outline(reservoir: places.Reservoir, *, grown_m: float = 0.0) -> shapely.Polygon:
    """Lobed outline along the valley, optionally grown outwards."""
    turn = np.linspace(0, 2 * np.pi, 160, endpoint=False)
    lobes = 1 + 0.16 * np.cos(3 * turn + 0.7) + 0.13 * np.sin(5 * turn) + 0.07 * np.cos(9 * turn)
    ring = np.column_stack([reservoir.along_m * np.cos(turn), reservoir.across_m * np.sin(turn)])
    angle = np.radians(reservoir.bearing_deg)
    matrix = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = project(((reservoir.lon, reservoir.lat),))
    outline = shapely.Polygon((ring * lobes[:, None]) @ matrix + centre)
    return outline.buffer(grown_m) if grown_m else outline


def _shore_seeds() -> list[tuple[Points, Kind, float]]:
    batches: list[tuple[Points, Kind, float]] = []
    for reservoir in places.RESERVOIRS:
        outline = shapely.get_coordinates(reservoir_outline(reservoir).exterior)
        _, sides = _strip(outline, 210.0, 85.0)
        inside = shapely.contains_xy(reservoir_outline(reservoir), sides)
        batches.append((sides[inside], Kind.WATER, 100.0))
        batches.append((sides[~inside], Kind.SHORE, 100.0))
        west, south, east, north = reservoir_outline(reservoir).bounds
        grid = np.mgrid[west:east:480.0, south:north:480.0].reshape(2, -1).T
        core = reservoir_outline(reservoir, grown_m=-260.0)
        batches.append((grid[shapely.contains_xy(core, grid)], Kind.WATER, 200.0))
    return batches


def _road_seeds() -> list[tuple[Points, Kind, float]]:
    batches: list[tuple[Points, Kind, float]] = []
    for road in places.ROADS:
        middle, sides = _strip(spline(project(road), step_m=200.0), 420.0, 48.0)
        batches += [(middle, Kind.ROAD, 190.0), (sides, Kind.OPEN, 44.0)]
    return batches


def _town_seeds() -> Points:
    """Jittered blocks of 6 ha over each town and its fringe."""
    rng = random_source("towns")
    batches = []
    for town in places.TOWNS:
        radius = 1.45 * np.sqrt(town.area_ha * 1e4 / np.pi) + 250.0
        lattice = _lattice(radius, 270.0, 225.0, rng.uniform(0, np.pi / 2))
        lattice += rng.normal(0, 26.0, lattice.shape)
        batches.append(lattice + project(((town.lon, town.lat),)))
    return np.vstack(batches)


def _lattice(radius: float, long_m: float, short_m: float, angle: float) -> Points:
    """Rows of points within a radius, every second row shifted a little, turned by an angle."""
    rows = np.arange(-radius, radius + short_m, short_m)
    columns = np.arange(-radius, radius + long_m, long_m)
    east, north = np.meshgrid(columns, rows)
    east = east + (np.arange(len(rows)) % 2)[:, None] * 0.22 * long_m
    points = np.column_stack([east.ravel(), north.ravel()])
    points = points[np.hypot(*points.T) <= radius]
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(points @ turned)


def _village_seeds(terrain: Terrain) -> list[tuple[Points, Kind, float]]:
    """Village cores with a ring of plots around each."""
    rng = random_source("villages")
    west, south, east, north = terrain.county.bounds
    tries = rng.uniform((west, south), (east, north), (26_000, 2))
    tries = tries[shapely.contains_xy(terrain.county, tries)]
    likely = np.clip(1.25 - (terrain.upland(tries) + 5) / 38, 0, 1)
    likely = np.maximum(likely, 0.85 * terrain.valley(tries) ** 2)
    tries = tries[rng.uniform(size=len(tries)) < likely]
    cores = _spread(tries, 2900.0)
    turn = np.arange(6) * np.pi / 3
    ring = 265.0 * np.column_stack([np.cos(turn), np.sin(turn)])
    around = (cores[:, None, :] + ring + rng.normal(0, 32.0, (len(cores), 6, 2))).reshape(-1, 2)
    return [(cores, Kind.VILLAGE, 420.0), (around, Kind.OPEN, 160.0)]


def _spread(points: Points, apart_m: float) -> Points:
    """First come, first served: points at least `apart_m` from every earlier one."""
    tree = cKDTree(points)
    free = np.ones(len(points), dtype=bool)
    for i in range(len(points)):
        if free[i]:
            near = np.asarray(tree.query_ball_point(points[i], apart_m))
            free[near[near > i]] = False
    return points[free]


def _open_seeds(terrain: Terrain) -> Points:
    """Blocks about 3 km wide, each with its own direction of fields."""
    rng = random_source("blocks")
    west, south, east, north = terrain.county.buffer(500).bounds
    centres = rng.uniform((west, south), (east, north), (9000, 2))
    centres = _spread(centres, 3000.0)
    reach = cKDTree(centres)
    upland = terrain.upland(centres)
    spacing = np.interp(upland, *np.array(_OPEN_SPACING_M).T)
    batches = []
    for number, centre in enumerate(centres):
        stretch = rng.uniform(1.15, 1.5) if upland[number] < 35 else 1.0
        jitter = 0.09 if upland[number] < 30 else 0.2
        size = spacing[number] * np.array([stretch, 1 / stretch])
        block = _lattice(4200.0, size[0], size[1], rng.uniform(0, np.pi)) + centre
        block += rng.normal(0, jitter * size.min(), block.shape)
        batches.append(block[reach.query(block)[1] == number])
    return np.vstack(batches)
