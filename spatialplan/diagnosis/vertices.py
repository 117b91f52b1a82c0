"""Vertices of many shapes as flat arrays, and what single vertices show: spikes and repetitions.

A *spike* is a vertex at which an outline turns back on itself: the angle between its two edges is
under `SPIKE_DEGREES`. A *repeated vertex* is the same place twice in a row, which draws nothing. An
*arc* shows itself by the chords that reading made of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import map_chunks

__all__ = ["SPIKE_DEGREES", "Vertices", "find_odd_vertices", "list_vertices"]

# Corners of parcels are far blunter (none under 10° in 60,000 drawn ones); a slip is a fraction.
SPIKE_DEGREES = 3.0
# Coordinates are surveyed and exchanged to 0.0001 m, and degrees to a like distance.
SAME_METRES, SAME_DEGREES = 1e-4, 1e-9
# GDAL reads an arc as chords of 4 degrees, in which nothing else is drawn: runs of at least so many
# corners of that angle between edges of one length, to a hundredth.
ARC_DEGREES, ARC_LEAST, ARC_SLACK = 4.0, 4, 0.002
# No longitude is larger; what is, is metres.
LARGEST_DEGREE = 360.0

Numbers = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Vertices:
    """Vertices of rings and lines one after the other.

    Attributes
    ----------
    coordinates
        Easting and northing (or longitude and latitude), shape (n, 2).
    path
        Which ring or line a vertex belongs to, shape (n,), rising.
    owner
        Which shape, shape (n,).
    closed
        Whether each path is a ring.
    """

    coordinates: Numbers
    path: Rows
    owner: Rows
    closed: NDArray[np.bool_]

    @property
    def step(self) -> float:
        """Below this two vertices are one place, in the coordinates' unit."""
        largest = np.abs(self.coordinates).max(initial=0.0)
        return SAME_DEGREES if largest <= LARGEST_DEGREE else SAME_METRES


def list_vertices(shapes: NDArray[np.object_]) -> Vertices:
    """List the vertices of polygons and lines; points and shapes of other kinds have none here."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    kind = shapely.get_type_id(parts)
    rings, ring_part = shapely.get_rings(parts[kind == 3], return_index=True)
    lines = parts[kind == 1]
    owners = np.concatenate([owner[kind == 3][ring_part], owner[kind == 1]])
    coordinates, path = shapely.get_coordinates(np.concatenate([rings, lines]), return_index=True)
    closed = np.concatenate([np.full(len(rings), True), np.full(len(lines), False)])
    return Vertices(coordinates, path, owners[path], closed)


@dataclass(frozen=True, slots=True)
class FoundVertices:
    """Vertices that were found: coordinates, shape (n, 2), and which shape each belongs to."""

    coordinates: Numbers
    owner: Rows


@dataclass(frozen=True, slots=True)
class OddVertices:
    """What was found among the vertices of many shapes, each in the shapes' order."""

    spikes: FoundVertices
    repeated: FoundVertices
    arcs: FoundVertices


def find_odd_vertices(shapes: NDArray[np.object_]) -> OddVertices:
    """Find spikes, repeated vertices and the beginnings of arcs."""
    found = map_chunks(_odd_vertices, shapes)
    starts = np.cumsum([0, *(size for size, _ in found)])[:-1].tolist()
    kinds = zip(*(kinds for _, kinds in found), strict=True)
    return OddVertices(*(_join(list(chunks), starts) for chunks in kinds))


def _join(chunks: list[FoundVertices], starts: list[int]) -> FoundVertices:
    owners = [chunk.owner + start for chunk, start in zip(chunks, starts, strict=True)]
    return FoundVertices(
        np.concatenate([chunk.coordinates for chunk in chunks]), np.concatenate(owners)
    )


def _odd_vertices(shapes: NDArray[np.object_]) -> tuple[int, list[FoundVertices]]:
    vertices = list_vertices(shapes)
    repeated = find_repeated(vertices)
    corners = _corners(vertices, repeated)
    rows = (_spikes(corners, vertices), repeated, _arcs(corners))
    return len(shapes), [
        FoundVertices(vertices.coordinates[found], vertices.owner[found]) for found in rows
    ]


def find_repeated(vertices: Vertices) -> Rows:
    """Return the rows of vertices that stand where the one before them stands."""
    points, step = vertices.coordinates, vertices.step
    same = vertices.path[1:] == vertices.path[:-1]
    for axis in (0, 1):
        same &= np.abs(points[1:, axis] - points[:-1, axis]) <= step
    return np.flatnonzero(same) + 1


@dataclass(frozen=True, slots=True)
class _Corners:
    """Vertices that have an edge on both sides, without repeated ones.

    `row` is a vertex's row, `back` and `ahead` lead to its neighbours, shape (n, 2); `along` and
    `cross` are their inner and outer product.
    """

    row: Rows
    path: Rows
    back: Numbers
    ahead: Numbers
    along: Numbers
    cross: Numbers


def _corners(vertices: Vertices, repeated: Rows) -> _Corners:
    kept = np.delete(np.arange(len(vertices.path)), repeated)
    points, path = vertices.coordinates[kept], vertices.path[kept]
    before, after = _neighbours(path, vertices.closed)
    rows = np.arange(len(kept))
    inner = np.flatnonzero((before != rows) & (after != rows))
    here = points[inner]
    back, ahead = points[before[inner]] - here, points[after[inner]] - here
    along = back[:, 0] * ahead[:, 0] + back[:, 1] * ahead[:, 1]
    cross = back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]
    return _Corners(kept[inner], path[inner], back, ahead, along, cross)


def _spikes(corners: _Corners, vertices: Vertices) -> Rows:
    """Return the rows of vertices at which an outline turns back on itself."""
    limit = np.tan(np.radians(SPIKE_DEGREES)) * corners.along
    sharp = np.flatnonzero((corners.along > 0) & (np.abs(corners.cross) < limit))
    rows = corners.row[sharp]
    # The closing vertex of a ring is its first one again: it counts once.
    last = np.append(vertices.path[1:] != vertices.path[:-1], True)[rows]
    return rows[~(last & vertices.closed[vertices.path[rows]])]


def _arcs(corners: _Corners) -> Rows:
    """Return the rows at which runs of chords begin that GDAL makes of an arc, one each."""
    turned = np.abs(np.abs(corners.cross) + np.tan(np.radians(ARC_DEGREES)) * corners.along)
    steady = (corners.along < 0) & (turned < ARC_SLACK * np.abs(corners.along))
    rows: Rows = np.flatnonzero(steady)
    here, there = (np.hypot(*edge[rows].T) for edge in (corners.back, corners.ahead))
    rows = rows[np.abs(here - there) < ARC_SLACK * here]
    fresh = (np.diff(rows) != 1) | (np.diff(corners.path[rows]) != 0)
    starts = np.flatnonzero(np.append(True, fresh)[: len(rows)])
    lengths = np.diff(np.append(starts, len(rows)))
    found: Rows = corners.row[rows[starts[lengths >= ARC_LEAST]]]
    return found


def _neighbours(path: Rows, closed: NDArray[np.bool_]) -> tuple[Rows, Rows]:
    """Return the rows before and after each row of its path; ends of lines are their own."""
    rows = np.arange(len(path))
    first = np.append(True, path[1:] != path[:-1])[: len(path)]
    last = np.append(first[1:], True)[: len(path)]
    starts, ends = np.flatnonzero(first), np.flatnonzero(last)
    before, after = rows - 1, rows + 1
    ring = closed[path[starts]]
    # The last vertex of a ring repeats the first, so the one before it is the true neighbour.
    before[starts] = np.where(ring, np.maximum(ends - 1, starts), starts)
    after[ends] = np.where(ring, np.minimum(starts + 1, ends), ends)
    return before, after
