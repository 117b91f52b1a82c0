"""Whether a footprint is free at a place, asked of vectors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatialplan.area import to_plane
from spatialplan.overlay import shared_area
from spatialplan.suggestions.footprint import Footprint, Shift, move
from spatialplan.suggestions.ground import Barrier, SearchGround

__all__ = ["ROOM_M", "Freedom", "place_shape", "stands_free"]

# Kept from every border, so that a place printed to the centimetre is still free.
ROOM_M = 0.01
# Mean width of what two projections make of one border.
HAIRLINE_M = 0.001


@dataclass(frozen=True, slots=True)
class Freedom:
    """Answers for one footprint, turned one way, on some ground."""

    footprint: Footprint
    ground: SearchGround
    clearance_m: float
    rotation_deg: float

    def at(self, east_m: float, north_m: float) -> bool:
        """Tell whether the footprint keeps its distance from all borders at a shift."""
        footprint = self.footprint
        there = np.array([footprint.east_m + east_m, footprint.north_m + north_m])
        tiles = shapely.transform(footprint.tiles, lambda points: points + there)
        ground, room = self.ground, max(self.clearance_m, ROOM_M)
        near = comes_near(tiles, ground.outside, ROOM_M) or comes_near(tiles, ground.avoided, room)
        return not near


def comes_near(
    tiles: np.ndarray[tuple[int], np.dtype[np.object_]], barrier: Barrier, distance_m: float
) -> bool:
    """Tell whether any tile comes nearer to a barrier than a distance."""
    return bool(barrier.tree.query(tiles, predicate="dwithin", distance=distance_m).size)


def place_shape(footprint: Footprint, shift: Shift, ground: SearchGround) -> BaseGeometry | None:
    """Return a footprint at its place in the plane, or None if it shares ground there after all."""
    east_m, north_m = footprint.east_m + shift.east_m, footprint.north_m + shift.north_m
    moved = np.array([move(footprint.shape, east_m, north_m)], dtype=object)
    shapes = to_plane(moved, ground.crs, plane=ground.plane, split_crs=ground.crs)
    return shapes[0] if shared_area(shapes, ground.zones)[0] == 0.0 else None


def stands_free(
    site: BaseGeometry, in_crs: BaseGeometry, ground: SearchGround, clearance_m: float
) -> bool:
    """Tell whether a site is free where it stands; borders may be shared, to a hairline."""
    noise_m2 = HAIRLINE_M / 2 * site.length
    if float(shared_area([site], ground.zones)[0]) > noise_m2:
        return False
    near = ground.outside.tree.query(in_crs, predicate="intersects")
    beyond = shapely.intersection(ground.outside.pieces[near], in_crs)
    if math.fsum(shapely.area(beyond)) > noise_m2:
        return False
    kept_m = clearance_m - HAIRLINE_M
    return kept_m <= 0.0 or not comes_near(np.array([in_crs]), ground.avoided, kept_m)
