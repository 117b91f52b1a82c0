"""Shapes of demonstration projects: outlines of a stated area, lines of a stated length.

Coordinates are easting and northing in the working system (m), delivered to 0.001 m. Area is the
official ellipsoidal area; length is geodesic on the CGCS2000 ellipsoid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import numpy as np
import shapely
from numpy.random import Generator
from numpy.typing import NDArray
from pyproj import Geod
from shapely import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.ops import substring

from wuchang.measure import WORKING, official_area, reproject

Drawing: TypeAlias = Polygon | MultiPolygon | MultiLineString

DECIMALS = 3
ELLIPSOID = Geod(a=6_378_137.0, rf=298.257222101)

#: Outlines of building plots, counter-clockwise about the origin; their size does not matter.
_PLOTS = (
    ((-1.3, -0.8), (1.2, -0.9), (1.35, 0.45), (0.95, 0.85), (-1.25, 0.8)),
    ((-1.2, -0.9), (1.3, -0.85), (1.25, 0.9), (0.1, 0.95), (0.05, 0.3), (-1.15, 0.35)),
    ((-1.4, -0.7), (0.2, -0.95), (1.3, -0.75), (1.45, 0.7), (-1.2, 0.75)),
    ((-1.0, -1.0), (0.9, -1.05), (1.1, 0.1), (0.95, 1.0), (-0.4, 1.1), (-1.05, 0.6)),
)
#: Pieces smaller than this are not worth a fence.
_CRUMB_M2 = 2000.0
#: Rounding moves every outline a little differently: enough scales to find one that fits.
_SCALES = np.concatenate([[0.0], np.linspace(-2e-7, 2e-7, 80)])


def plot_outline(random: Generator) -> Polygon:
    """Outline of a building plot with five or six corners, turned any way."""
    corners = np.array(_PLOTS[random.integers(len(_PLOTS))])
    corners = corners * [1.0, random.uniform(0.75, 1.1)] + random.uniform(
        -0.05, 0.05, corners.shape
    )
    turn = random.uniform(0, np.pi)
    across = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return Polygon(corners @ across)


def lobed_outline(random: Generator) -> Polygon:
    """Outline of open ground: a circle with soft lobes, a vertex every 6 degrees."""
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    radius = np.ones(len(angles))
    for waves in range(2, 7):
        radius += random.uniform(0.03, 0.28) / waves * np.cos(waves * angles + random.uniform(0, 6))
    return Polygon(np.column_stack([np.cos(angles), np.sin(angles)]) * radius[:, None])


def of_area(outline: shapely.Geometry, area_m2: float, centre: tuple[float, float]) -> Drawing:
    """Outline moved from the origin to `centre` and scaled to an official area."""
    first = float(np.sqrt(area_m2 / outline.area))

    def scaled(scale: float) -> shapely.Geometry:
        return rounded(shapely.transform(outline, lambda points: points * scale + centre))

    middle = first * float(np.sqrt(area_m2 / official_area(np.array([scaled(first)]))[0]))
    return nearest_to(area_m2, [scaled(middle * (1 + step)) for step in _SCALES])


def nearest_to(area_m2: float, shapes: list[Drawing]) -> Drawing:
    """Of several shapes, the one whose official area is nearest to the one stated."""
    off = np.abs(official_area(np.array(shapes, dtype=object)) - area_m2)
    return shapes[int(np.argmin(off))]


def within_reach(
    ground: shapely.Geometry, outline: Polygon, centre: tuple[float, float], area_m2: float
) -> Drawing:
    """Cut some ground with an outline about a point, as large as the area demands."""

    def part(scale: float) -> Drawing:
        reach = shapely.transform(outline, lambda points: points * scale + centre)
        pieces = shapely.get_parts(shapely.intersection(ground, reach))
        kept = [rounded(p) for p in pieces if p.geom_type == "Polygon" and p.area > _CRUMB_M2]
        return kept[0] if len(kept) == 1 else MultiPolygon(kept)

    near, far = 0.0, 20_000.0
    while far - near > 1e-6:
        middle = (near + far) / 2
        if official_area(np.array([part(middle)]))[0] < area_m2:
            near = middle
        else:
            far = middle
    return nearest_to(area_m2, [part(near * (1 + step)) for step in _SCALES])


def rounded(shape: shapely.Geometry) -> shapely.Geometry:
    """Coordinates as delivered."""
    return shapely.transform(shape, lambda points: np.round(points, DECIMALS))


def length_m(lines: Iterable[LineString]) -> float:
    """Geodesic length of lines together."""
    moved = reproject(np.array(list(lines), dtype=object), WORKING, 4490, None)
    return float(sum(ELLIPSOID.geometry_length(line) for line in moved))


def of_length(lines: list[LineString], stated_m: float) -> MultiLineString:
    """Keep the first of the lines that together reach a stated length, the last one cut."""
    lengths = np.cumsum([length_m([line]) for line in lines])
    last = int(np.searchsorted(lengths, stated_m))
    if last == len(lines):
        raise ValueError(f"lines of {lengths[-1]:.2f} m are too short for {stated_m:.2f} m")
    kept = [rounded(line) for line in lines[:last]]
    missing = stated_m - length_m(kept)
    end = missing / length_m([lines[last]]) * lines[last].length
    for _ in range(3):
        cut = substring(lines[last], 0, end)
        end += missing - length_m([cut])
    return MultiLineString([*kept, rounded(substring(lines[last], 0, end))])


def street_grid(
    ground: shapely.Geometry, *, spacing_m: float, bearing_deg: float, offset_m: float = 0.0
) -> list[LineString]:
    """Streets both ways over some ground, those nearest to its middle first."""
    middle = np.array(ground.centroid.coords[0])
    reach = float(np.hypot(*(np.array(ground.bounds[2:]) - ground.bounds[:2])))
    steps = np.arange(-int(reach / spacing_m), int(reach / spacing_m) + 1) * spacing_m + offset_m
    streets = [
        line
        for turn in (bearing_deg, bearing_deg + 90)
        for step in steps
        for line in _clipped(_ray(middle, np.radians(turn), float(step), reach), ground)
    ]
    origin = shapely.Point(middle)
    return sorted(streets, key=lambda line: (round(line.distance(origin), 3), line.wkt))


def _ray(middle: NDArray[np.float64], turn: float, step: float, reach: float) -> LineString:
    along = np.array([np.sin(turn), np.cos(turn)])
    start = middle + step * np.array([along[1], -along[0]])
    return LineString([start - reach * along, start + reach * along])


def _clipped(line: LineString, ground: shapely.Geometry) -> list[LineString]:
    parts = shapely.get_parts(shapely.intersection(line, ground))
    return [part for part in parts if part.geom_type == "LineString" and part.length > 60]


def side_pipes(mains: MultiLineString, *, every_m: float, reach_m: float) -> list[LineString]:
    """Short pipes across the mains, from the gully on one side of the street to the other."""
    pipes = []
    for main in shapely.get_parts(mains):
        for at in np.arange(every_m / 2, main.length, every_m):
            here, there = (main.interpolate(at + d).coords[0] for d in (0.0, 1.0))
            along = np.subtract(there, here)
            across = reach_m / 2 * np.array([along[1], -along[0]]) / np.hypot(*along)
            pipes.append(LineString([np.subtract(here, across), np.add(here, across)]))
    return pipes


def winding_course(
    start: tuple[float, float],
    end: tuple[float, float],
    random: Generator,
    *,
    swing_m: float,
    step_m: float,
) -> LineString:
    """Draw a line that swings about the straight way between two points, a vertex every step."""
    straight = np.subtract(end, start)
    length = float(np.hypot(*straight))
    way = np.linspace(0, 1, max(3, int(length / step_m) + 1))
    swing = sum(
        random.uniform(0.3, 1.0) / waves**0.8 * np.sin(waves * np.pi * way + random.uniform(0, 6))
        for waves in range(2, int(np.clip(length / 3000, 12, 40)))
    )
    swing = swing * swing_m * np.sin(np.pi * way) ** 0.5
    across = np.array([-straight[1], straight[0]]) / length
    points = np.asarray(start) + way[:, None] * straight + np.asarray(swing)[:, None] * across
    return LineString(points)


def village_pipes(village: Polygon, station: Polygon, *, gap_m: float = 6.0) -> list[LineString]:
    """Lay a sewer along a village, branches on both sides, and the way to its treatment station."""
    inner = village.buffer(-gap_m)
    room = shapely.difference(inner, station.buffer(gap_m))
    frame = np.array(shapely.minimum_rotated_rectangle(inner).exterior.coords)
    sides = np.diff(frame[:3], axis=0)
    along = sides[int(np.argmax(np.hypot(*sides.T)))]
    bearing = float(np.degrees(np.arctan2(along[0], along[1])))
    middle, reach = np.array(inner.centroid.coords[0]), float(np.hypot(*along))
    lines = _clipped(_ray(middle, np.radians(bearing), 0.0, reach), room)
    for step in (-0.25, 0.0, 0.25):
        lines += _clipped(_ray(middle, np.radians(bearing + 90), step * reach, reach), room)
    link = shapely.shortest_line(MultiLineString(lines), station)
    link = substring(link, 0, max(0.5, link.length - gap_m / 3))
    return [rounded(line) for line in [*lines, link]]


def search_rings(step_m: float, rings: int) -> Iterator[tuple[float, float]]:
    """Offsets in square rings about a place, nearest ring first."""
    yield 0.0, 0.0
    for ring in range(1, rings + 1):
        side = range(-ring, ring + 1)
        edge = [(e, n) for e in side for n in side if max(abs(e), abs(n)) == ring]
        yield from ((e * step_m, n * step_m) for e, n in edge)
