"""A site's footprint in the working CRS, ready to be moved and turned."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatialplan.overlay.polygons import Geometries, explode

__all__ = ["Footprint", "Shift", "move", "take_footprint"]

# Points that matter less are left out while searching; the room kept from borders is ten times it.
SIMPLIFIED_M = 0.001
# A footprint that fills less of its rectangle is searched for in tiles: a pipeline's rectangle
# meets half the county, its tiles only what lies along it.
FILLED_SHARE = 0.3
TILINGS = 5


@dataclass(frozen=True, slots=True)
class Shift:
    """A rigid move: metres to the east and north, to the centimetre, after a turn."""

    east_m: float
    north_m: float
    rotation_deg: float = 0.0

    @property
    def length_m(self) -> float:
        """Length of the shift in the working CRS."""
        return math.hypot(self.east_m, self.north_m)


@dataclass(frozen=True, slots=True)
class Footprint:
    """A footprint about its centroid.

    Attributes
    ----------
    shape
        Every point of it, the centroid at 0, 0.
    tiles
        The same simplified by a millimetre and taken apart, for searching.
    east_m, north_m
        The centroid in the working CRS.
    """

    shape: BaseGeometry
    tiles: Geometries
    east_m: float
    north_m: float

    @property
    def side_m(self) -> float:
        """Side of a square of the same area."""
        return math.sqrt(self.shape.area)

    @property
    def bounds(self) -> NDArray[np.float64]:
        """West, south, east, north about the centroid."""
        bounds: NDArray[np.float64] = shapely.bounds(self.shape)
        return bounds

    def turned(self, rotation_deg: float) -> Footprint:
        """Turn the footprint clockwise about its centroid."""
        if not rotation_deg:
            return self
        shape = turn(self.shape, rotation_deg)
        return Footprint(shape, take_tiles(shape), self.east_m, self.north_m)


def take_footprint(site: BaseGeometry) -> Footprint:
    """Take the footprint of a site in the working CRS."""
    centre = site.centroid
    shape = move(site, -centre.x, -centre.y)
    return Footprint(shape, take_tiles(shape), centre.x, centre.y)


def move(shape: BaseGeometry, east_m: float, north_m: float) -> BaseGeometry:
    """Move geometry."""
    return shapely.transform(shape, lambda points: points + np.array([east_m, north_m]))


def turn(shape: BaseGeometry, rotation_deg: float) -> BaseGeometry:
    """Turn geometry clockwise about 0, 0."""
    angle = math.radians(rotation_deg)
    cosine, sine = math.cos(angle), math.sin(angle)
    matrix = np.array([[cosine, -sine], [sine, cosine]])
    return shapely.transform(shape, lambda points: points @ matrix)


def take_tiles(shape: BaseGeometry) -> Geometries:
    """Simplify a footprint and take it apart until its parts fill their rectangles well."""
    tiles = explode(np.array([shapely.simplify(shape, SIMPLIFIED_M)], dtype=object)).geometry
    for _ in range(TILINGS):
        sparse = shapely.area(tiles) < FILLED_SHARE * shapely.area(shapely.envelope(tiles))
        if not np.any(sparse):
            break
        quarters = [clipped for tile in tiles[sparse] for clipped in clip_quarters(tile)]
        parts = explode(np.array([q for q in quarters if q.area > 0.0], dtype=object)).geometry
        tiles = np.concatenate([tiles[~sparse], parts])
    return tiles


def clip_quarters(tile: BaseGeometry) -> list[BaseGeometry]:
    """Cut a polygon along the middle lines of its rectangle."""
    west, south, east, north = tile.bounds
    middle_east, middle_north = (west + east) / 2, (south + north) / 2
    return [
        tile.intersection(shapely.box(*quarter))
        for quarter in (
            (west, south, middle_east, middle_north),
            (middle_east, south, east, middle_north),
            (west, middle_north, middle_east, north),
            (middle_east, middle_north, east, north),
        )
    ]
