"""Ellipsoidal area (椭球面积), the official area of Chinese land surveys.

The official method sums trapezoids between the parallels of the CGCS2000 ellipsoid under every
edge of a polygon (国土调查办发〔2008〕32号, repeated by TD/T 1055). With the authalic latitude in
place of the latitude, that sum is the shoelace formula in the cylindrical equal-area projection. So
planar area in `spatialplan.crs.Plane` *is* ellipsoidal area, provided that edges, which are
straight in the plane of the survey, are first split there into pieces of at most 70 m.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from spatialplan.crs import (
    Plane,
    from_degrees,
    parse_crs,
    require_known_datum,
    to_degrees,
    zone_crs,
)
from spatialplan.errors import Fault, InvalidGeometryError
from spatialplan.messages import say
from spatialplan.outlines import Outlines, measure_outlines, start_after, trace_outlines
from spatialplan.threads import thread_count

__all__ = [
    "EDGE_LIMIT_M",
    "ellipsoidal_area",
    "map_chunks",
    "outlines_to_plane",
    "split_edges",
    "to_plane",
    "unproject",
]

# The official procedure splits edges over 70 m and works on coordinates rounded to 0.1 mm.
EDGE_LIMIT_M = 70.0
GRID_DECIMALS = 4

# Far wider than a province; beyond it no one plane can hold a polygon's edges.
WIDEST_DEGREES = 60

# Big enough that threads are not started for a handful of shapes, small enough to share evenly.
CHUNK_VERTICES = 200_000

POLYGON_TYPES = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)

Geometries = NDArray[np.object_]
Coordinates = NDArray[np.float64]
Answer = TypeVar("Answer")


def ellipsoidal_area(geometries: ArrayLike, crs: Any) -> NDArray[np.float64]:
    """Area of polygons on the CGCS2000 ellipsoid, by the official method.

    Parameters
    ----------
    geometries
        Shapely polygons or multipolygons, shape (n,), or one of them; coordinates are easting,
        northing or longitude, latitude. Missing ones have area 0.
    crs
        Anything pyproj reads as a CRS, on a datum from which PROJ leads to CGCS2000.

    Returns
    -------
    areas
        Square metres, float64, shape (n,); holes subtracted.

    Raises
    ------
    CrsError
        If the CRS is unreadable or its datum has no known way to CGCS2000.
    InvalidGeometryError
        If geometry is no polygon, has coordinates that are not finite or no place on Earth, or is
        wider than 60 degrees; every position is listed.

    Notes
    -----
    Coordinates in latitude and longitude have no plane in which edges are straight; the CGCS2000
    3-degree zone of each geometry's centre is taken.

    Examples
    --------
    The 1 km square with its south-west corner at easting 42600000 m, northing 4970000 m:

    >>> square = shapely.box(42600000, 4970000, 42601000, 4971000)
    >>> f"{ellipsoidal_area([square], 'EPSG:4530')[0]:.1f}"
    '999751.7'
    """
    source = require_known_datum(parse_crs(crs, where="crs"), where="crs")
    shapes: Geometries = np.atleast_1d(np.asarray(geometries, dtype=object))
    areas = np.zeros(len(shapes))
    filled = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    _require_polygons(shapes, filled)
    _require_earthly(shapes, filled, source)
    for members, split_crs in _split_planes(shapes, filled, source):
        plane = Plane.around(_degree_bounds(shapes[members], source))
        outlines = trace_outlines(shapes[members])
        projected = outlines_to_plane(outlines, source, plane=plane, split_crs=split_crs)
        areas[members] = measure_outlines(projected)[0]
    return areas


def to_plane(geometries: Geometries, crs: CRS, *, plane: Plane, split_crs: CRS) -> Geometries:
    """Split edges over 70 m in their own plane and project everything to the plane of judgement.

    Parameters
    ----------
    geometries
        Polygons or lines, shape (n,), none missing; Z and M are dropped.
    crs
        Their CRS, which has passed `spatialplan.crs.require_known_datum`.
    plane
        The plane of judgement.
    split_crs
        The projected CRS in which edges count as straight when `crs` is geographic.

    Returns
    -------
    projected
        Geometries of the same kinds and order, metres, shape (n,).
    """
    if len(geometries) == 0:
        return geometries
    return np.concatenate(
        map_chunks(lambda chunk: _chunk_to_plane(chunk, crs, plane, split_crs), geometries)
    )


def outlines_to_plane(outlines: Outlines, crs: CRS, *, plane: Plane, split_crs: CRS) -> Outlines:
    """Do as `to_plane` does with polygons given as outlines.

    Examples
    --------
    >>> zone, plane = zone_crs(127.0), Plane.around(np.array([127.0, 44.0, 128.0, 45.0]))
    >>> square = trace_outlines(np.array([shapely.box(42600000, 4970000, 42601000, 4971000)]))
    >>> projected = outlines_to_plane(square, zone, plane=plane, split_crs=zone)
    >>> f"{measure_outlines(projected)[0][0]:.1f}"
    '999751.7'
    """

    def project(starts: NDArray[np.int64]) -> tuple[Coordinates, NDArray[np.int64]]:
        points, straight = _straighten(outlines.points[starts[0] : starts[-1]], crs, split_crs)
        points, starts = split_edges(points, starts - starts[0])
        return plane.project(points, straight), np.diff(starts)

    ends, count = outlines.ring_starts, max(1, len(outlines.points) // CHUNK_VERTICES)
    cuts = np.linspace(0, len(ends) - 1, min(count, max(len(ends) - 1, 1)) + 1).astype(np.int64)
    with ThreadPoolExecutor(thread_count()) as pool:
        found = list(pool.map(lambda cut: project(ends[cut[0] : cut[1] + 1]), pairwise(cuts)))
    points = np.concatenate([points for points, _ in found])
    ring_starts = start_after(np.concatenate([sizes for _, sizes in found]))
    return Outlines(points, ring_starts, outlines.outer, outlines.starts)


def map_chunks(work: Callable[[Geometries], Answer], shapes: Geometries) -> list[Answer]:
    """Have work done on chunks of shapes in threads; the answers come in the shapes' order.

    GEOS, PROJ and numpy work without Python's lock, and a chunk fits a processor's cache.
    """
    vertices = int(shapely.get_num_coordinates(shapes).sum()) if len(shapes) else 0
    count = max(1, min(len(shapes), vertices // CHUNK_VERTICES))
    if count == 1:
        return [work(shapes)]
    with ThreadPoolExecutor(thread_count()) as pool:
        return list(pool.map(work, np.array_split(shapes, count)))


def unproject(geometries: Geometries, plane: Plane, crs: CRS) -> Geometries:
    """Take geometries from the plane of judgement to a CRS on the CGCS2000 or WGS 84 datum."""
    moved: Geometries = shapely.transform(
        geometries, lambda metres: from_degrees(plane.unproject(metres), crs)
    )
    return moved


def split_edges(
    coordinates: Coordinates, starts: NDArray[np.int64], *, limit: float = EDGE_LIMIT_M
) -> tuple[Coordinates, NDArray[np.int64]]:
    """Split every edge longer than `limit` into equal parts.

    An edge is split the same way whichever end it starts from, to the last bit: two neighbours
    walk their shared border in opposite directions and must still share it afterwards.

    Parameters
    ----------
    coordinates
        Points of all paths one after the other, shape (n, 2).
    starts
        Where each path starts, and the end, shape (paths + 1,).

    Returns
    -------
    coordinates, starts
        The same paths with the points put in.
    """
    here, there = coordinates, np.roll(coordinates, -1, axis=0)
    parts = np.ceil(np.hypot(*(there - here).T) / limit).astype(np.int64)
    parts[starts[1:][starts[1:] > starts[:-1]] - 1] = 1  # a path's last point starts no edge
    parts = np.maximum(parts, 1)
    firsts = np.concatenate([[0], np.cumsum(parts)])
    if firsts[-1] == len(coordinates):
        return coordinates, starts
    edge = np.repeat(np.arange(len(parts)), parts)
    step = np.arange(firsts[-1]) - firsts[edge]
    backward = (here[:, 0] > there[:, 0]) | (
        (here[:, 0] == there[:, 0]) & (here[:, 1] > there[:, 1])
    )
    low = np.where(backward[:, None], there, here)
    high = np.where(backward[:, None], here, there)
    along = np.where(backward[edge], parts[edge] - step, step) / parts[edge]
    points = low[edge] + (high - low)[edge] * along[:, None]
    points[firsts[:-1]] = coordinates
    return points, firsts[starts]


def _chunk_to_plane(shapes: Geometries, crs: CRS, plane: Plane, split_crs: CRS) -> Geometries:
    kind, coordinates, offsets = shapely.to_ragged_array(shapely.force_2d(shapes))
    coordinates, straight = _straighten(coordinates, crs, split_crs)
    if offsets:
        coordinates, first = split_edges(coordinates, np.asarray(offsets[0], dtype=np.int64))
        offsets = (first, *offsets[1:])
    metres = plane.project(coordinates, straight)
    return np.asarray(shapely.from_ragged_array(kind, metres, offsets), dtype=object)


def _straighten(coordinates: Coordinates, crs: CRS, split_crs: CRS) -> tuple[Coordinates, CRS]:
    """Return coordinates, and the CRS they are in, such that edges are straight."""
    if crs.is_geographic:
        return from_degrees(to_degrees(coordinates, crs), split_crs), split_crs
    return np.round(coordinates, GRID_DECIMALS), crs


def _require_polygons(shapes: Geometries, members: NDArray[np.intp]) -> None:
    polygon = np.isin(shapely.get_type_id(shapes[members]), POLYGON_TYPES)
    finite = np.isfinite(shapely.bounds(shapes[members])).all(axis=1)
    faults = [
        Fault(
            f"geometries[{member}]",
            say("quality.wrong_kind", expected="polygon") if not fits else say("quality.infinite"),
        )
        for member, fits in zip(
            members[~(polygon & finite)], polygon[~(polygon & finite)], strict=True
        )
    ]
    if faults:
        raise InvalidGeometryError(faults)


def _require_earthly(shapes: Geometries, members: NDArray[np.intp], crs: CRS) -> None:
    bounds = shapely.bounds(shapes[members])
    low, high = to_degrees(bounds[:, :2], crs), to_degrees(bounds[:, 2:], crs)
    with np.errstate(invalid="ignore"):
        earthly = (np.abs(low) <= [180, 90]).all(axis=1) & (np.abs(high) <= [180, 90]).all(axis=1)
        narrow = np.abs(high - low).max(axis=1) <= WIDEST_DEGREES
    bad = members[~(earthly & narrow)]
    if len(bad):
        message = say("quality.too_wide", limit=WIDEST_DEGREES)
        raise InvalidGeometryError(Fault(f"geometries[{member}]", message) for member in bad)


def _split_planes(
    shapes: Geometries, members: NDArray[np.intp], crs: CRS
) -> list[tuple[NDArray[np.intp], CRS]]:
    if len(members) == 0:
        return []
    if not crs.is_geographic:
        return [(members, crs)]
    bounds = shapely.bounds(shapes[members])
    zones = (((bounds[:, 0] + bounds[:, 2]) / 2 + 1.5) // 3).astype(int)
    return [(members[zones == zone], zone_crs(3.0 * zone)) for zone in np.unique(zones)]


def _degree_bounds(shapes: Geometries, crs: CRS) -> Coordinates:
    west, south, east, north = shapely.total_bounds(shapes)
    corners = np.array([[west, south], [east, north], [west, north], [east, south]])
    degrees = to_degrees(corners, crs)
    return np.concatenate([degrees.min(axis=0), degrees.max(axis=0)])
