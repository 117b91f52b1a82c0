"""The part of a site that is free where it stands."""

from __future__ import annotations

import math

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatialplan.area import to_plane
from spatialplan.overlay import free_ground, outside_pieces, trim_hairlines
from spatialplan.suggestions.ground import SearchGround
from spatialplan.suggestions.results import FreePart

__all__ = ["find_free_part"]

HAIRLINE_M = 0.001
# What is no more than this is left out: nothing can be built on it.
SLIVER_WIDTH_M = 0.1
SLIVER_AREA_M2 = 1.0
# What is cut off around a site, metres beyond its box.
ROOM_M = 10.0
# Sides of a buffer's quarter circle.
QUARTER_SIDES = 16


def find_free_part(
    site: BaseGeometry, in_crs: BaseGeometry, ground: SearchGround, *, clearance_m: float
) -> FreePart:
    """Take from a site the avoided ground, clearance around it, and what places must not lie on.

    Parameters
    ----------
    site, in_crs
        The site in the plane of judgement, and in the working CRS.
    """
    if clearance_m > 0.0:
        avoided = widen_avoided(in_crs, ground, clearance_m)
    else:
        avoided = ground.zones.parts[np.unique(ground.zones.part[ground.zones.tree.query(site)])]
    zones = np.concatenate([avoided, beyond_bounds(in_crs, ground)])
    pieces = trim_hairlines(outside_pieces([site], zones), width=HAIRLINE_M)
    pieces = free_ground(pieces, strip_width=SLIVER_WIDTH_M, least_area=SLIVER_AREA_M2)
    wide = (pieces.mean_width > SLIVER_WIDTH_M) & (pieces.area > SLIVER_AREA_M2)
    parts = pieces.geometry[wide]
    area_m2 = math.fsum(shapely.area(parts))
    geometry = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    return FreePart(geometry, area_m2, area_m2 / site.area)


def beyond_bounds(
    in_crs: BaseGeometry, ground: SearchGround
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return what lies at a site outside the ground to stay in, in the plane."""
    near = ground.outside.tree.query(in_crs, predicate="intersects")
    room = shapely.box(*in_crs.bounds).buffer(ROOM_M)
    cut = shapely.get_parts(shapely.intersection(ground.outside.pieces[np.sort(near)], room))
    cut = cut[(shapely.get_dimensions(cut) == 2) & ~shapely.is_empty(cut)]
    return to_plane(cut, ground.crs, plane=ground.plane, split_crs=ground.crs)


def widen_avoided(
    in_crs: BaseGeometry, ground: SearchGround, clearance_m: float
) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Return the avoided ground near a site with clearance around it, in the plane."""
    avoided = ground.avoided
    near = avoided.tree.query(in_crs, predicate="dwithin", distance=clearance_m)
    # A buffer's sides lie inside the true arc; this brings them outside.
    reach = clearance_m / math.cos(math.pi / (4 * QUARTER_SIDES))
    wide = shapely.union_all(
        shapely.buffer(avoided.pieces[np.sort(near)], reach, quad_segs=QUARTER_SIDES)
    )
    if wide.is_empty:
        return np.empty(0, dtype=object)
    return to_plane(np.array([wide]), ground.crs, plane=ground.plane, split_crs=ground.crs)
