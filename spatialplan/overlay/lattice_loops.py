"""The loops that lay zones on a lattice; see `spatialplan.overlay.lattice` for what it is.

Eastings and northings are seen from the lattice's corner. The size of a cell is a power of two, so
a cell's own corner is an exact number and dividing by the size loses nothing: which cell a point
lies in is never in doubt. A point on the line between two rows belongs to the row below it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines.compiling import compiled

__all__ = [
    "CLEAR",
    "FULL",
    "MIXED",
    "Frame",
    "column_of",
    "lay_ceilings",
    "row_of",
    "sort_crossings",
    "sort_parts",
    "survey_edges",
    "turn_of",
    "turn_rings",
    "walk_crossings",
    "walk_edges",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
States = NDArray[np.int8]

# What a cell holds: no ground of the zones, nothing but, or a border.
CLEAR, FULL, MIXED = 0, 1, 2


class Frame(NamedTuple):
    """Where a lattice lies: its south-western corner, the size of its cells, how many there are.

    `per_metre` is one over the size, which of a power of two is exact.
    """

    west: float
    south: float
    size: float
    per_metre: float
    columns: int
    rows: int


@compiled
def column_of(east: float, frame: Frame) -> int:
    """Column that an easting lies in, on a line between two the eastern one."""
    return int(np.floor(east * frame.per_metre))


@compiled
def row_of(north: float, frame: Frame) -> int:
    """Row that a northing lies in, on a line between two the southern one."""
    return int(np.ceil(north * frame.per_metre)) - 1


@compiled
def turn_of(points: Floats, first: int, last: int, outer: bool) -> float:
    """Tell how a ring is walked: 1 where edges that lead east lie above the polygon, else -1."""
    doubled = 0.0
    for i in range(first, last):
        east, north = points[i, 0] - points[first, 0], points[i, 1] - points[first, 1]
        next_east = points[i + 1, 0] - points[first, 0]
        next_north = points[i + 1, 1] - points[first, 1]
        doubled += (next_east - east) * (next_north + north)
    return 1.0 if (doubled > 0.0) == outer else -1.0


@compiled
def cross(west: float, north: float, east: float, end_north: float, line: float) -> float:
    """Easting at which an edge crosses a line of constant northing."""
    at = west + (line - north) / (end_north - north) * (east - west)
    return min(max(at, west), east)


@compiled
def survey_edges(
    points: Floats, ring_starts: Integers
) -> tuple[float, float, float, float, float, int]:
    """Return the box of rings (west, south, east, north), their length and how many edges."""
    west, south, east, north = np.inf, np.inf, -np.inf, -np.inf
    length, edges = 0.0, 0
    for ring in range(len(ring_starts) - 1):
        for i in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            west, east = min(west, points[i, 0]), max(east, points[i, 0])
            south, north = min(south, points[i, 1]), max(north, points[i, 1])
            east_by, north_by = points[i + 1, 0] - points[i, 0], points[i + 1, 1] - points[i, 1]
            length += np.sqrt(east_by * east_by + north_by * north_by)
            edges += 1
    return west, south, east, north, length, edges


@compiled
def turn_rings(points: Floats, ring_starts: Integers, outer: NDArray[np.bool_]) -> Floats:
    """Tell of every ring how it is walked, see `turn_of`, float64[rings]."""
    turns = np.empty(len(outer))
    for ring in range(len(outer)):
        turns[ring] = turn_of(points, ring_starts[ring], ring_starts[ring + 1] - 1, outer[ring])
    return turns


@compiled
def walk_crossings(
    points: Floats,
    ring_starts: Integers,
    turns: Floats,
    frame: Frame,
    lines: Integers,
    crossings: Floats,
) -> None:
    """Note where edges cross the lines between the rows.

    Walked twice: with empty `crossings`, `lines` are counted up; then they are where the next one
    of each line goes.

    Parameters
    ----------
    points, ring_starts
        See `spatialplan.outlines.Outlines`.
    turns
        From `turn_rings`.
    lines
        One number a row, for its upper side.
    crossings
        Easting, and what is added to the number of zones there, float64[k, 2].
    """
    for ring in range(len(turns)):
        for i in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            north, end_north = points[i, 1] - frame.south, points[i + 1, 1] - frame.south
            low, high = row_of(min(north, end_north), frame), row_of(max(north, end_north), frame)
            if low == high:
                continue
            east, end = points[i, 0] - frame.west, points[i + 1, 0] - frame.west
            more = turns[ring] if end_north > north else -turns[ring]
            if east > end:
                east, north, end, end_north = end, end_north, east, north
            for row in range(low, high):
                if len(crossings):
                    at = cross(east, north, end, end_north, (row + 1) * frame.size)
                    crossings[lines[row], 0], crossings[lines[row], 1] = at, more
                lines[row] += 1


@compiled
def walk_edges(
    points: Floats,
    ring_starts: Integers,
    turns: Floats,
    frame: Frame,
    cells: Integers,
    parts: Floats,
) -> None:
    """Share edges out among the cells that they run through.

    Walked twice, as for the crossings: with empty `parts`, `cells` are counted up.

    Parameters
    ----------
    cells
        One number a cell, int64[rows * columns], row after row.
    parts
        Edges within a cell, float64[m, 5]: easting and northing of the western end, easting of the
        eastern one, all seen from the cell's corner; slope; sign, 1 above the polygon, -1 below.
    """
    for ring in range(len(turns)):
        for i in range(ring_starts[ring], ring_starts[ring + 1] - 1):
            east, north = points[i, 0] - frame.west, points[i, 1] - frame.south
            end, end_north = points[i + 1, 0] - frame.west, points[i + 1, 1] - frame.south
            if east < end:
                lay_edge(east, north, end, end_north, turns[ring], frame, cells, parts)
            elif end < east:
                lay_edge(end, end_north, east, north, -turns[ring], frame, cells, parts)


@compiled
def lay_edge(
    west: float,
    north: float,
    east: float,
    end_north: float,
    sign: float,
    frame: Frame,
    cells: Integers,
    parts: Floats,
) -> None:
    """Share one edge, from west to east, out among cells."""
    low, high = row_of(min(north, end_north), frame), row_of(max(north, end_north), frame)
    slope, size = (end_north - north) / (east - west), frame.size
    rising = end_north > north
    for row in range(low, high + 1):
        # Eastings between which the edge runs in this row.
        start, end = west, east
        if row > low:
            at = cross(west, north, east, end_north, row * size)
            start, end = (at, end) if rising else (start, at)
        if row < high:
            at = cross(west, north, east, end_north, (row + 1) * size)
            start, end = (start, at) if rising else (at, end)
        for column in range(column_of(start, frame), column_of(end, frame) + 1):
            left, right = max(start, column * size), min(end, (column + 1) * size)
            if left < right:
                cell = row * frame.columns + column
                if len(parts):
                    part = parts[cells[cell]]
                    height = north + (left - west) * slope - row * size
                    part[0], part[1] = left - column * size, min(max(height, 0.0), size)
                    part[2], part[3], part[4] = right - column * size, slope, sign
                cells[cell] += 1


@compiled
def lay_ceilings(
    crossings: Floats,
    line_starts: Integers,
    frame: Frame,
    edges: Integers,
    cells: Integers,
    parts: Floats,
    states: States,
) -> bool:
    """Lay a flat edge along the upper side of cells wherever there is zone just above it.

    Walked twice as well. A cell without an edge in it that zone lies above all along is
    full and gets no ceiling.

    Parameters
    ----------
    crossings
        Sorted by easting within each line.
    line_starts
        Where those of each row's upper side start, and their end.
    edges
        How many edges each cell holds, ceilings not counted.

    Returns
    -------
    doubled
        Whether there is ground under two zones.
    """
    size = frame.size
    for row in range(frame.rows):
        above = 0.0
        for i in range(line_starts[row], line_starts[row + 1] - 1):
            above += crossings[i, 1]
            start, end = crossings[i, 0], crossings[i + 1, 0]
            if above == 0.0 or start >= end:
                continue
            if above != 1.0:
                return True
            for column in range(column_of(start, frame), column_of(end, frame) + 1):
                left, right = max(start, column * size), min(end, (column + 1) * size)
                if left >= right:
                    continue
                cell = row * frame.columns + column
                if edges[cell] == 0 and right - left == size:
                    states[cell] = FULL
                    continue
                if len(parts):
                    part = parts[cells[cell]]
                    part[0], part[1], part[2] = left - column * size, size, right - column * size
                    part[3], part[4] = 0.0, 1.0
                cells[cell] += 1
    return False


@compiled
def sort_crossings(crossings: Floats, line_starts: Integers) -> None:
    """Sort the crossings of every line from west to east, in place."""
    for line in range(len(line_starts) - 1):
        first, last = line_starts[line], line_starts[line + 1]
        order = np.argsort(crossings[first:last, 0])
        crossings[first:last] = crossings[first:last][order]


@compiled
def sort_parts(parts: Floats, starts: Integers) -> None:
    """Sort the edges of every cell from west to east, in place; there are few in a cell."""
    kept, fields = np.empty(5), range(5)
    for cell in range(len(starts) - 1):
        for i in range(starts[cell] + 1, starts[cell + 1]):
            if parts[i, 0] >= parts[i - 1, 0]:
                continue
            # Numbers are moved one by one: rows would be views, which take twice as long.
            for field in fields:
                kept[field] = parts[i, field]
            j = i
            while j > starts[cell] and parts[j - 1, 0] > kept[0]:
                for field in fields:
                    parts[j, field] = parts[j - 1, field]
                j -= 1
            for field in fields:
                parts[j, field] = kept[field]
