"""An invented county of any extent: parcels that share borders, and lines that follow none.

Borders are drawn column by column, each column of cells from a seed of its own, so that a strip
of the county is the same whether it is made alone or within the whole, and no more than a strip
has to fit into memory. A larger county is more ground of the same density.

A line is the cells of another, finer mosaic where a smooth field is high, less some left out here
and there, dissolved: a few huge polygons with bays, islands and thousands of holes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Array = NDArray[Any]

CRS = "EPSG:4530"
CENTRAL_EASTING, SOUTH_NORTHING = 42_500_000.0, 4_900_000.0

PARCEL_SIZE_M = 173.0
PARCEL_EDGE_VERTICES = 12

# 200 km: a larger county grows to the north, so that it stays inside its three-degree zone.
MOST_COLUMNS = 1156

# Coordinates are delivered so; it also makes a border the same from both sides, to the last bit.
DECIMALS = 4

# So many cells are in memory at once.
CELLS_A_STRIP = 25_000

# Hills and plains: the fields that decide where a line runs change over distances like this one.
FIELD_LENGTH_M = 60_000.0


@dataclass(frozen=True)
class LineShape:
    """How a line is drawn: its mosaic, the share of ground under it, and the windows cut out."""

    name: str
    seed: int
    cell_m: float
    edge_vertices: int
    level: float
    hole_share: float


# About 297,000 and 397,000 vertices in a county of 250,000 parcels.
RED_LINE = LineShape("red_line", 1, 165.0, 15, 0.35, 0.05)
FARMLAND = LineShape("farmland", 2, 150.0, 10, 0.30, 0.08)
LINES = (RED_LINE, FARMLAND)


@dataclass(frozen=True)
class County:
    """So many columns and rows of parcels, drawn from a seed."""

    columns: int
    rows: int
    seed: int

    @property
    def extent_m(self) -> tuple[float, float]:
        """Width and height."""
        return self.columns * PARCEL_SIZE_M, self.rows * PARCEL_SIZE_M


def plan_county(parcels: int, seed: int) -> County:
    """Lay out about so many parcels, square while the zone is wide enough."""
    columns = min(MOST_COLUMNS, max(2, round(parcels**0.5)))
    return County(columns, max(2, round(parcels / columns)), seed)


def make_parcels(county: County) -> Iterator[Array]:
    """Make the parcels, strip by strip, as arrays of polygons."""
    seed = (county.seed, 0)
    for rings in make_strips(
        county, county.columns, county.rows, PARCEL_SIZE_M, PARCEL_EDGE_VERTICES, seed
    ):
        yield shapely.polygons(rings)


def make_line(county: County, shape: LineShape) -> Array:
    """Make the polygons of a line."""
    seed = (county.seed, shape.seed)
    columns, rows = (round(length / shape.cell_m) for length in county.extent_m)
    rng = np.random.default_rng([*seed, 1])
    field_waves = draw_waves(rng, 14, min(*county.extent_m, FIELD_LENGTH_M))
    strips = []
    for rings in make_strips(county, columns, rows, shape.cell_m, shape.edge_vertices, seed):
        high = sum_waves(rings[:, 0], field_waves) > shape.level
        chosen = high & (rng.random(len(rings)) > shape.hole_share)
        strips.append(shapely.coverage_union_all(shapely.polygons(rings[chosen])))
    parts: Array = shapely.get_parts(shapely.coverage_union_all(shapely.get_parts(strips)))
    return parts


# ── Mosaics ─────────────────────────────────────────────────────────────────


def make_strips(
    county: County, columns: int, rows: int, size: float, edge_vertices: int, seed: tuple[int, ...]
) -> Iterator[Array]:
    """Make cells with ragged, bent borders that neighbours share exactly, a few columns at a time.

    Yields closed rings, shape (cells, 4 · edge_vertices + 1, 2).
    """
    step = max(1, CELLS_A_STRIP // rows)
    origin = np.array([CENTRAL_EASTING - county.extent_m[0] / 2, SOUTH_NORTHING])
    bends = [draw_waves(np.random.default_rng([0, axis]), 6, 86_000.0) for axis in range(2)]
    for first in range(0, columns, step):
        drawn = range(first, min(first + step, columns) + 1)
        rings = close_cells([draw_column(column, rows, edge_vertices, seed) for column in drawn])
        rings = rings * size + origin
        bent = rings + np.stack([400.0 * sum_waves(rings, bend) for bend in bends], axis=-1)
        yield np.round(bent, DECIMALS)


@dataclass(frozen=True)
class Column:
    """The west side of a column of cells: its nodes, and edges to the north and to the east."""

    nodes: Array
    north: Array
    east_shifts: Array


def draw_column(column: int, rows: int, edge_vertices: int, seed: tuple[int, ...]) -> Column:
    """Draw what lies on the west side of a column, in cells."""
    rng = np.random.default_rng([*seed, 2, column])
    nodes = np.stack([np.full(rows + 1, float(column)), np.arange(rows + 1.0)], axis=-1)
    nodes += rng.uniform(-0.22, 0.22, nodes.shape)
    north = bend_edges(nodes[:-1], nodes[1:], draw_shifts(rng, rows, edge_vertices))
    return Column(nodes, north, draw_shifts(rng, rows + 1, edge_vertices))


def draw_shifts(rng: np.random.Generator, edges: int, vertices: int) -> Array:
    """Draw how far the vertices of edges stand aside, in lengths of the edge."""
    taper = np.sin(np.pi * np.arange(vertices) / vertices)
    bulge = rng.uniform(-0.08, 0.08, (edges, 1))
    shifts: Array = (rng.uniform(-0.03, 0.03, (edges, vertices)) + bulge) * taper
    return shifts


def bend_edges(start: Array, end: Array, shifts: Array) -> Array:
    """Set vertices beside the straight lines from start to end; the end itself is left out."""
    along = np.arange(shifts.shape[-1]) / shifts.shape[-1]
    step = (end - start)[:, None, :]
    across = np.stack([-step[..., 1], step[..., 0]], axis=-1)
    bent: Array = start[:, None, :] + step * along[:, None] + across * shifts[..., None]
    return bent


def close_cells(columns: list[Column]) -> Array:
    """Join the edges around the cells between columns to closed rings."""
    strips = []
    for west, east in pairwise(columns):
        edges = bend_edges(west.nodes, east.nodes, west.east_shifts)
        north_side = walk_back(edges, east.nodes)[1:]
        west_side = walk_back(west.north, west.nodes[1:])
        strips.append(np.concatenate([edges[:-1], east.north, north_side, west_side], axis=1))
    rings = np.concatenate(strips)
    return np.concatenate([rings, rings[:, :1]], axis=1)


def walk_back(edges: Array, ends: Array) -> Array:
    """Walk edges the other way: from the end, the start left out."""
    return np.concatenate([ends[:, None, :], edges[:, :0:-1, :]], axis=1)


Waves = tuple[Array, Array]


def draw_waves(rng: np.random.Generator, count: int, length_m: float) -> Waves:
    """Draw directions and phases of smooth waves."""
    return rng.normal(size=(count, 2)) * 12.0 / length_m, rng.uniform(0.0, 2 * np.pi, count)


def sum_waves(places: Array, waves: Waves) -> Array:
    """Sum up waves; the same place always has the same value."""
    values: Array = np.zeros(places.shape[:-1])
    for direction, phase in zip(*waves, strict=True):
        values += np.sin(places[..., 0] * direction[0] + places[..., 1] * direction[1] + phase)
    values /= len(waves[1]) ** 0.5
    return values
