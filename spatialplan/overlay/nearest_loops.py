"""The loops behind `spatialplan.overlay.ways`: a search from box to box, then edge to edge.

Distances and the points they are measured between are computed by the very formulas of GEOS, in
its order, so that both ways of looking give the same to the last digit.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines.compiling import compiled
from spatialplan.overlay.ways import FANOUT

__all__ = ["TOUCHING", "find_nearest"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Point = tuple[float, float]
Ends = tuple[float, float, float, float]

# Nearer than this, metres, shapes may touch or lie in each other: more than arithmetic can tell.
CLOSE = 1e-6

# Stands for the row of what may touch its place.
TOUCHING = -1

# Rounding must not hide what is as near as the nearest.
SLACK = 1.0 + 1e-9


@compiled
def find_nearest(
    points: Floats,
    ring_starts: Integers,
    starts: Integers,
    place_boxes: Floats,
    line_points: Floats,
    line_starts: Integers,
    order: Integers,
    boxes: Floats,
    levels: Integers,
) -> tuple[Integers, Floats]:
    """Find the line nearest to each place, and the shortest way to it.

    Parameters
    ----------
    points, ring_starts, starts
        Rings of the places, polygons; see `spatialplan.outlines.Outlines`.
    place_boxes
        West, south, east, north of each place, float64[n, 4].
    line_points, line_starts
        Vertices of the lines, and where each begins.
    order, boxes, levels
        Lines in the order in which their boxes stand; boxes, then the boxes around `FANOUT` of
        them each, and so on; and where each level of boxes begins.

    Returns
    -------
    rows, ends
        Int64[n], `TOUCHING` where shapes lie closer than `CLOSE`; and the two ends, float64[n, 4].
    """
    rows, ends = np.empty(len(place_boxes), np.int64), np.empty((len(place_boxes), 4))
    stack, gaps = np.empty((FANOUT * len(levels), 2), np.int64), np.empty(FANOUT * len(levels))
    seen = 0
    for place in range(len(place_boxes)):
        rings = ring_starts[starts[place] : starts[place + 1] + 1]
        # What is nearest to the place before is near: nothing further has to be looked at.
        line = order[seen]
        vertices = line_points[line_starts[line] : line_starts[line + 1]]
        best, way = measure_line(points, rings, vertices, boxes[seen], np.inf)
        row = line
        depth, stack[0, 0], stack[0, 1], gaps[0] = 1, len(levels) - 2, 0, 0.0
        while depth and best > CLOSE:
            depth -= 1
            gap, level, number = gaps[depth], stack[depth, 0], stack[depth, 1]
            if gap > SLACK * best:
                continue
            if level:
                depth = push_children(
                    stack, gaps, depth, level, number, place_boxes[place], boxes, levels, best
                )
                continue
            line = order[number]
            vertices = line_points[line_starts[line] : line_starts[line + 1]]
            if gap == 0.0 and holds(points, rings, vertices[0]):
                best = 0.0
                continue
            distance, found = measure_line(points, rings, vertices, boxes[number], best)
            # Of lines equally near the first counts.
            if distance < best or (distance == best and line < row):
                best, way, row, seen = distance, found, line, number
        rows[place] = row if best > CLOSE else TOUCHING
        ends[place] = way
    return rows, ends


@compiled
def push_children(
    stack: Integers,
    gaps: Floats,
    depth: int,
    level: int,
    number: int,
    box: Floats,
    boxes: Floats,
    levels: Integers,
    best: float,
) -> int:
    """Put the boxes in a box on the stack, the nearest on top; return the stack's height."""
    bottom, first = depth, levels[level - 1]
    stop = min(first + FANOUT * (number + 1), levels[level])
    for child in range(first + FANOUT * number, stop):
        gap = box_gap(box[0], box[1], box[2], box[3], boxes[child])
        if gap > SLACK * best:
            continue
        place = depth
        while place > bottom and gaps[place - 1] < gap:
            gaps[place] = gaps[place - 1]
            stack[place] = stack[place - 1]
            place -= 1
        gaps[place], stack[place, 0], stack[place, 1] = gap, level - 1, child - first
        depth += 1
    return depth


@compiled
def box_gap(west: float, south: float, east: float, north: float, other: Floats) -> float:
    """Distance between two boxes."""
    across = max(west - other[2], other[0] - east, 0.0)
    along = max(south - other[3], other[1] - north, 0.0)
    return math.sqrt(across * across + along * along)


@compiled
def holds(points: Floats, rings: Integers, point: Floats) -> bool:
    """Tell whether a point lies inside rings taken together, holes being outside."""
    inside, east, north = False, point[0], point[1]
    for ring in range(len(rings) - 1):
        for i in range(rings[ring], rings[ring + 1] - 1):
            if (points[i, 1] > north) != (points[i + 1, 1] > north):
                rise = (north - points[i, 1]) / (points[i + 1, 1] - points[i, 1])
                if east < points[i, 0] + rise * (points[i + 1, 0] - points[i, 0]):
                    inside = not inside
    return inside


@compiled
def measure_line(
    points: Floats, rings: Integers, line: Floats, box: Floats, most: float
) -> tuple[float, Ends]:
    """Return distance and ends of the shortest way from rings to a line in a box.

    Where that is longer than `most`, the distance is infinite or longer, too.
    """
    reach, least, edge, other = SLACK * most, np.inf, -1, -1
    for ring in range(len(rings) - 1):
        for i in range(rings[ring], rings[ring + 1] - 1):
            west, east = min(points[i, 0], points[i + 1, 0]), max(points[i, 0], points[i + 1, 0])
            south, north = min(points[i, 1], points[i + 1, 1]), max(points[i, 1], points[i + 1, 1])
            if box_gap(west, south, east, north, box) > reach:
                continue
            for j in range(max(len(line) - 1, 1)):
                k = min(j + 1, len(line) - 1)
                across = max(
                    west - max(line[j, 0], line[k, 0]), min(line[j, 0], line[k, 0]) - east, 0.0
                )
                along = max(
                    south - max(line[j, 1], line[k, 1]), min(line[j, 1], line[k, 1]) - north, 0.0
                )
                if across * across + along * along > reach * reach:
                    continue
                start, end = point_at(points, i), point_at(points, i + 1)
                distance = edge_distance(start, end, point_at(line, j), point_at(line, k))
                if distance < least:
                    least, edge, other = distance, i, j
                    reach = min(reach, SLACK * least)
    if edge < 0:
        return least, (0.0, 0.0, 0.0, 0.0)
    last = min(other + 1, len(line) - 1)
    start, end = point_at(points, edge), point_at(points, edge + 1)
    return least, shortest_way(start, end, point_at(line, other), point_at(line, last))


@compiled
def point_at(points: Floats, number: int) -> Point:
    """Return a vertex as a pair of numbers, which stay in the processor."""
    return points[number, 0], points[number, 1]


@compiled
def edge_distance(a: Point, b: Point, c: Point, d: Point) -> float:
    """Distance between the edges a-b and c-d."""
    if a[0] == b[0] and a[1] == b[1]:
        return point_distance(a, c, d)
    if c[0] == d[0] and c[1] == d[1]:
        return point_distance(d, a, b)
    if boxes_meet(a, b, c, d):
        whole = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0])
        if whole != 0.0:
            r = ((a[1] - c[1]) * (d[0] - c[0]) - (a[0] - c[0]) * (d[1] - c[1])) / whole
            s = ((a[1] - c[1]) * (b[0] - a[0]) - (a[0] - c[0]) * (b[1] - a[1])) / whole
            if 0.0 <= r <= 1.0 and 0.0 <= s <= 1.0:
                return 0.0
    one = min(point_distance(a, c, d), point_distance(b, c, d))
    return min(one, point_distance(c, a, b), point_distance(d, a, b))


@compiled
def boxes_meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Tell whether the boxes of two edges meet."""
    if max(c[0], d[0]) < min(a[0], b[0]) or max(a[0], b[0]) < min(c[0], d[0]):
        return False
    return bool(max(c[1], d[1]) >= min(a[1], b[1]) and max(a[1], b[1]) >= min(c[1], d[1]))


@compiled
def point_distance(p: Point, a: Point, b: Point) -> float:
    """Distance of a point from an edge."""
    east, north = b[0] - a[0], b[1] - a[1]
    if east == 0.0 and north == 0.0:
        return ends_distance(p, a)
    square = east * east + north * north
    along = ((p[0] - a[0]) * east + (p[1] - a[1]) * north) / square
    if along <= 0.0:
        return ends_distance(p, a)
    if along >= 1.0:
        return ends_distance(p, b)
    aside = ((a[1] - p[1]) * east - (a[0] - p[0]) * north) / square
    return float(abs(aside) * math.sqrt(square))


@compiled
def ends_distance(p: Point, q: Point) -> float:
    """Distance between two points."""
    east, north = p[0] - q[0], p[1] - q[1]
    return math.sqrt(east * east + north * north)


@compiled
def shortest_way(a: Point, b: Point, c: Point, d: Point) -> Ends:
    """Return the ends of the shortest way between edges that are apart, the first on a-b."""
    east, north = nearest_point(c, a, b)
    least, way = way_length(east, north, c), (east, north, c[0], c[1])
    east, north = nearest_point(d, a, b)
    length = way_length(east, north, d)
    if length < least:
        least, way = length, (east, north, d[0], d[1])
    east, north = nearest_point(a, c, d)
    length = way_length(east, north, a)
    if length < least:
        least, way = length, (a[0], a[1], east, north)
    east, north = nearest_point(b, c, d)
    if way_length(east, north, b) < least:
        way = (b[0], b[1], east, north)
    return way


@compiled
def way_length(east: float, north: float, p: Point) -> float:
    """Distance of a point from a place."""
    return math.sqrt((east - p[0]) * (east - p[0]) + (north - p[1]) * (north - p[1]))


@compiled
def nearest_point(p: Point, a: Point, b: Point) -> tuple[float, float]:
    """Return the point of an edge that is nearest to a point."""
    east, north = b[0] - a[0], b[1] - a[1]
    square = east * east + north * north
    if square > 0.0:
        along = ((p[0] - a[0]) * east + (p[1] - a[1]) * north) / square
        if p[0] == a[0] and p[1] == a[1]:
            along = 0.0
        if p[0] == b[0] and p[1] == b[1]:
            along = 1.0
        if 0.0 < along < 1.0:
            return a[0] + along * east, a[1] + along * north
    if ends_distance(a, p) < ends_distance(b, p):
        return a[0], a[1]
    return b[0], b[1]
