"""Large polygons cut once into small pieces.

A red line is a few polygons of a hundred thousand vertices. Asking it about a parcel means walking
all of them; asking a piece of at most `PIECE_VERTICES` does not. Cuts run along lines of constant
easting or northing, so two pieces of one polygon share their cut exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely

from spatialplan.overlay.polygons import Geometries, Integers, Parts, keep_polygons

__all__ = ["PIECE_VERTICES", "cut_parts", "is_large"]

# Smaller pieces make each intersection cheaper but send more features across a cut; 250,000 parcels
# against a red line of 150,000 vertices were fastest between 200 and 600.
PIECE_VERTICES = 512

# Halving a polygon that is all spikes may not lose vertices; its box is then under 1e-9 of the
# first one, where coordinates of a county have no digits left.
DEEPEST_CUT = 60

# All pieces together must have the polygon's area to rounding; else fast clipping went wrong.
AREA_SHARE = 1e-12

Box = tuple[float, float, float, float]
Halves = tuple[shapely.Geometry, shapely.Geometry]


def is_large(polygons: Geometries) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which polygons are worth cutting, shape (n,)."""
    large: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        shapely.get_num_coordinates(polygons) > PIECE_VERTICES
    )
    return large


def cut_parts(polygons: Geometries) -> Parts:
    """Cut polygons by halving their bounding boxes until each piece is small.

    Parameters
    ----------
    polygons
        Single valid polygons, shape (n,).

    Returns
    -------
    pieces
        Valid polygons without common interior; `owner` is the position of the polygon that each
        was cut from. Small polygons come back uncut.
    """
    large = is_large(polygons)
    if not np.any(large):
        return Parts(polygons, np.arange(len(polygons)))
    pieces = cut_by(clip_halves, polygons)
    # Clipping by a rectangle is ten times faster than overlay, but now and then leaves a ring that
    # touches itself along the cut.
    torn = large[pieces.owner]
    torn[torn] = ~shapely.is_valid(pieces.geometry[torn])
    mended = keep_polygons(shapely.make_valid(pieces.geometry[torn]), pieces.owner[torn])
    pieces = join_parts([pieces.take(~torn), mended])
    wanted = shapely.area(polygons)
    lost = np.abs(wanted - np.bincount(pieces.owner, shapely.area(pieces.geometry), len(polygons)))
    failed = np.flatnonzero(lost > AREA_SHARE * wanted)
    if len(failed):
        recut = cut_by(intersect_halves, polygons[failed])
        kept = pieces.take(~np.isin(pieces.owner, failed))
        pieces = join_parts([kept, Parts(recut.geometry, failed[recut.owner])])
    return pieces


def cut_by(halve: Callable[[shapely.Polygon], Halves], polygons: Geometries) -> Parts:
    """Halve polygons until each piece is small."""
    large = is_large(polygons)
    pieces = [Parts(polygons[~large], np.flatnonzero(~large).astype(np.int64))]
    current = Parts(polygons[large], np.flatnonzero(large).astype(np.int64))
    for _ in range(DEEPEST_CUT):
        if not len(current):
            break
        shapes = np.array([halve(polygon) for polygon in current.geometry], dtype=object).ravel()
        cut = keep_polygons(shapes, np.repeat(current.owner, 2))
        large = is_large(cut.geometry)
        pieces.append(cut.take(~large))
        current = cut.take(large)
    return join_parts([*pieces, current])


def clip_halves(polygon: shapely.Polygon) -> Halves:
    """Halve a polygon by clipping it, or by overlay where clipping before has torn its ring."""
    first, second = half_boxes(polygon)
    try:
        return shapely.clip_by_rect(polygon, *first), shapely.clip_by_rect(polygon, *second)
    except shapely.errors.GEOSException:
        return intersect_halves(shapely.make_valid(polygon))


def intersect_halves(polygon: shapely.Geometry) -> Halves:
    """Halve a polygon by overlay."""
    first, second = half_boxes(polygon)
    return polygon.intersection(shapely.box(*first)), polygon.intersection(shapely.box(*second))


def half_boxes(polygon: shapely.Geometry) -> tuple[Box, Box]:
    """Halve a polygon's bounding box across its longer side."""
    west, south, east, north = shapely.bounds(polygon)
    if east - west > north - south:
        middle = (west + east) / 2
        return (west, south, middle, north), (middle, south, east, north)
    middle = (south + north) / 2
    return (west, south, east, middle), (west, middle, east, north)


def join_parts(groups: list[Parts]) -> Parts:
    """Put several lists of parts behind one another."""
    geometry: Geometries = np.concatenate([group.geometry for group in groups])
    owner: Integers = np.concatenate([group.owner for group in groups])
    return Parts(geometry, owner)
