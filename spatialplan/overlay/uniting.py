"""Unions that lose no ground.

GEOS has been seen to leave a whole polygon out of a union of two dozen, without a word: near the
origin rarely, far from it, where coordinates have few digits behind the point, more often. So the
union is built near the origin, and every polygon is looked for in it.
"""

from __future__ import annotations

import math

import numpy as np
import shapely

from spatialplan.errors import ConservationError, Fault
from spatialplan.messages import say
from spatialplan.overlay.conservation import GAP_AREA, GAP_SHARE, snapping_areas
from spatialplan.overlay.cutting import cut_parts
from spatialplan.overlay.polygons import Areas, Geometries, explode
from spatialplan.overlay.workers import map_rows

__all__ = ["unite_all"]

# A union of polygons that share no ground has their area, to rounding.
WHOLE_SHARE = 1e-12

# Rounded to this, polygons are united by a sturdier way that takes twice as long; a millionth of
# the noise width.
STURDY_GRID = 1e-9


def unite_all(polygons: Geometries) -> shapely.Geometry:
    """Unite valid polygons or multipolygons, shape (n,).

    Raises
    ------
    ConservationError
        If ground of a polygon is missing from the union, either way it is built.
    """
    if not len(polygons):
        return shapely.Polygon()
    corner = find_corner(polygons)
    near = shapely.transform(polygons, lambda points: points - corner) if corner.any() else polygons
    wanted = shapely.area(near)
    missing = wanted
    for grid in (None, STURDY_GRID):
        united = shapely.union_all(near, grid_size=grid)
        missing = find_missing(near, wanted, united)
        if (missing <= GAP_SHARE * wanted + GAP_AREA + snapping_areas(near)).all():
            return shapely.transform(united, lambda points: points + corner)
    gap, total = float(missing.max()), float(wanted.sum())
    raise ConservationError(Fault("overlay", say("overlay.gap", gap=gap, total=total)))


def find_missing(polygons: Geometries, wanted: Areas, united: shapely.Geometry) -> Areas:
    """Area of each polygon that is missing from a union; none where all areas add up to it."""
    total = math.fsum(wanted)
    if abs(united.area - total) <= WHOLE_SHARE * total:
        return np.zeros(len(polygons))
    return wanted - measure_cover(polygons, united)


def find_corner(polygons: Geometries) -> Areas:
    """Where polygons are to be seen from, so that no digit of theirs is lost there and back.

    Moving far polygons by a whole number only makes coordinates smaller; near ones stay.
    """
    bounds = shapely.total_bounds(polygons)
    low, high = bounds[:2], bounds[2:]
    far = (low > high - low) | (high < low - high)
    return np.where(far, np.floor(low), 0.0)


def measure_cover(polygons: Geometries, ground: shapely.Geometry) -> Areas:
    """Area of each polygon that lies in one large polygon or multipolygon."""
    pieces = cut_parts(explode(np.array([ground])).geometry).geometry
    row, piece = shapely.STRtree(pieces).query(polygons)

    def intersect(one: Geometries, two: Geometries) -> Areas:
        areas: Areas = shapely.area(shapely.intersection(one, two))
        return areas

    common = map_rows(intersect, polygons[row], pieces[piece])
    return np.bincount(row, common, len(polygons)).astype(np.float64)
