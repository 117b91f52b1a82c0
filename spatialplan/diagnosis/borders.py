"""Which stretches of border have no counterpart, and vertices that nearly meet another border.

In a coverage every stretch between two vertices is drawn twice, once each way, by the two
neighbours. A stretch that is drawn once is *loose*: there the outer border runs, or a gap, an
overlap, or a neighbour whose vertices are elsewhere. Where the number of features that cover the
ground changes, a stretch stays loose whichever pairs are dropped. So only loose stretches need to
be looked at, which makes hundreds of thousands of parcels quick.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import map_chunks
from spatialplan.diagnosis.vertices import list_vertices
from spatialplan.findings import NOISE_WIDTH_M

__all__ = [
    "SNAP_M",
    "Borders",
    "NearStretches",
    "NearVertices",
    "find_near_stretches",
    "find_near_vertices",
    "match_borders",
]

# Surveys state borders to centimetres; further apart two borders are two, and meant to be.
SNAP_M = 0.1

# Odd constants that spread the bits of coordinates (of SplitMix64 and of a MurmurHash).
SPREAD_EAST, SPREAD_NORTH, SPREAD_SUM = (
    np.uint64(0x9E3779B97F4A7C15),
    np.uint64(0xC2B2AE3D27D4EB4F),
    np.uint64(0xFF51AFD7ED558CCD),
)
SHIFT = np.uint64(29)

Numbers = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Borders:
    """Loose stretches of border.

    Attributes
    ----------
    start, end
        Their ends, shape (n, 2).
    owner
        Which shape each belongs to, shape (n,).
    stretches
        How many stretches there are in all, loose or not.
    """

    start: Numbers
    end: Numbers
    owner: Rows
    stretches: int

    @property
    def lines(self) -> NDArray[np.object_]:
        """The stretches as lines of two points, shape (n,)."""
        lines: NDArray[np.object_] = shapely.linestrings(np.stack([self.start, self.end], axis=1))
        return lines

    def owners(self) -> Rows:
        """Which shapes have a loose stretch, each once."""
        return np.unique(self.owner)


def match_borders(shapes: NDArray[np.object_], *, all_loose: bool = False) -> Borders:
    """Match the stretches of all rings; with `all_loose` none is matched.

    Pairs are dropped where they are found: within chunks of near shapes first, then among what is
    left. Ends are compared to the last bit, by 64-bit sums over them: of twelve million stretches
    two different ones are taken for the same with a chance of one in some hundred thousand.
    """
    order = _near_first(shapes)
    found = map_chunks(_list_stretches if all_loose else _match_chunk, shapes[order])
    sizes = [size for size, _ in found]
    starts = np.cumsum([0, *sizes[:-1]])
    start, end = (
        np.concatenate([getattr(chunk, name) for _, chunk in found]) for name in ("start", "end")
    )
    owner = np.concatenate(
        [chunk.owner + first for (_, chunk), first in zip(found, starts, strict=True)]
    )
    whole = Borders(start, end, order[owner], sum(chunk.stretches for _, chunk in found))
    return whole if all_loose or len(found) == 1 else _drop_pairs(whole)


def _near_first(shapes: NDArray[np.object_]) -> Rows:
    """Return the rows of shapes ordered so that those side by side are mostly near: in strips."""
    if not len(shapes):
        return np.array([], dtype=np.intp)
    edges = shapely.bounds(shapes)
    middles = (edges[:, :2] + edges[:, 2:]) / 2
    low, high = middles.min(axis=0), middles.max(axis=0)
    strips = max(1, int(len(shapes) ** 0.25))
    strip = (middles[:, 0] - low[0]) * strips // max(float(high[0] - low[0]), 1e-9)
    return np.lexsort((middles[:, 1], strip))


def _list_stretches(shapes: NDArray[np.object_]) -> tuple[int, Borders]:
    vertices = list_vertices(shapes)
    points = vertices.coordinates
    here = np.flatnonzero(vertices.path[1:] == vertices.path[:-1])
    moved = (points[here, 0] != points[here + 1, 0]) | (points[here, 1] != points[here + 1, 1])
    here = here[moved]
    borders = Borders(points[here], points[here + 1], vertices.owner[here], len(here))
    return len(shapes), borders


def _match_chunk(shapes: NDArray[np.object_]) -> tuple[int, Borders]:
    size, borders = _list_stretches(shapes)
    return size, _drop_pairs(borders)


def _drop_pairs(borders: Borders) -> Borders:
    """Leave out stretches that have exactly one counterpart the other way."""
    if not len(borders.owner):
        return borders
    start, end = _name_places(borders.start), _name_places(borders.end)
    with np.errstate(over="ignore"):
        key = (start + end) * SPREAD_SUM ^ (start ^ end)
    order = np.argsort(key, kind="stable")
    ranked, forward = key[order], (start < end)[order]
    first = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    size = np.diff(np.append(first, len(ranked)))
    ways = np.add.reduceat(forward.astype(np.int8), first)
    loose = np.sort(order[~np.repeat((size == 2) & (ways == 1), size)])
    return Borders(
        borders.start[loose], borders.end[loose], borders.owner[loose], borders.stretches
    )


def _name_places(points: Numbers) -> NDArray[np.uint64]:
    # Adding nothing turns -0.0 into 0.0, whose bits differ.
    east, north = np.ascontiguousarray(points + 0.0).view(np.uint64).T
    with np.errstate(over="ignore"):
        mixed = east * SPREAD_EAST + (north ^ (north >> SHIFT)) * SPREAD_NORTH
        named: NDArray[np.uint64] = (mixed ^ (mixed >> SHIFT)) * SPREAD_SUM
    return named


@dataclass(frozen=True, slots=True)
class NearVertices:
    """Vertices that lie near a border that is not theirs, but not on it.

    Attributes
    ----------
    points
        Shape (n,).
    owner, other
        The shape of the vertex and the shape of the border, shape (n,).
    distance_m
        How far apart, shape (n,).
    """

    points: NDArray[np.object_]
    owner: Rows
    other: Rows
    distance_m: Numbers


def find_near_vertices(
    borders: Borders, *, snap_m: float = SNAP_M, same_m: float = NOISE_WIDTH_M
) -> NearVertices:
    """Find vertices nearer than `snap_m`, but farther than `same_m`, to another shape's border."""
    places, first = np.unique(
        np.concatenate([borders.start, borders.end]), axis=0, return_index=True
    )
    owner = np.tile(borders.owner, 2)[first]
    found = _nearest(places, borders.lines, snap_m, (owner, borders.owner))
    # The nearest border decides: a vertex that lies on one is well joined, whatever is beside it.
    kept = found.distance > same_m
    vertex, line = found.vertex[kept], found.line[kept]
    return NearVertices(
        shapely.points(places[vertex]), owner[vertex], borders.owner[line], found.distance[kept]
    )


@dataclass(frozen=True, slots=True)
class NearStretches:
    """Stretches that run along a border of another layer, near it but not on it.

    Attributes
    ----------
    lines
        Shape (n,).
    owner, other
        The shape of the stretch and the shape of the other layer, shape (n,).
    distance_m
        The largest distance of a stretch's ends and middle, shape (n,).
    """

    lines: NDArray[np.object_]
    owner: Rows
    other: Rows
    distance_m: Numbers


def find_near_stretches(
    borders: Borders,
    others: Borders,
    *,
    snap_m: float = SNAP_M,
    same_m: float = NOISE_WIDTH_M,
) -> NearStretches:
    """Find stretches near a border of another layer at both ends and midway, and off it midway.

    A single vertex can lie near a line by chance where two layers cross; a stretch that runs along
    it was meant to be the same border.
    """
    lines = others.lines
    ends = np.concatenate([borders.start, borders.end])
    places, which = np.unique(ends, axis=0, return_inverse=True)
    reached = np.full(len(places), np.inf)
    found = _nearest(places, lines, snap_m, None)
    reached[found.vertex] = found.distance
    start, end = np.split(reached[which.ravel()], 2)
    rows = np.flatnonzero(np.maximum(start, end) <= snap_m)
    middles = (borders.start[rows] + borders.end[rows]) / 2
    found = _nearest(middles, lines, snap_m, None)
    apart = found.distance > same_m
    kept, line = rows[found.vertex[apart]], found.line[apart]
    distance = np.max([start[kept], end[kept], found.distance[apart]], axis=0, initial=0.0)
    return NearStretches(borders.lines[kept], borders.owner[kept], others.owner[line], distance)


@dataclass(frozen=True, slots=True)
class _Nearest:
    """For vertices with a line in reach, each once: row, nearest line, distance."""

    vertex: Rows
    line: Rows
    distance: Numbers


def _nearest(
    places: Numbers,
    lines: NDArray[np.object_],
    reach: float,
    owners: tuple[Rows, Rows] | None,
) -> _Nearest:
    """Find the nearest line in reach of each place; with owners, only another owner's."""
    points = shapely.points(places)
    vertex, line = shapely.STRtree(lines).query(points, predicate="dwithin", distance=reach)
    if owners is not None:
        foreign = owners[0][vertex] != owners[1][line]
        vertex, line = vertex[foreign], line[foreign]
    distance = shapely.distance(points[vertex], lines[line])
    order = np.lexsort((line, distance, vertex))
    vertex, line, distance = vertex[order], line[order], distance[order]
    nearest = np.append(True, vertex[1:] != vertex[:-1])[: len(vertex)]
    return _Nearest(vertex[nearest], line[nearest], distance[nearest])
