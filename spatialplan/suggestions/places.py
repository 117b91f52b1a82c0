"""A candidate of the grid made into a place: verified, brought nearer, measured."""

from __future__ import annotations

import numpy as np
from pyproj import CRS, Geod
from shapely.geometry.base import BaseGeometry

from spatialplan.crs import to_degrees
from spatialplan.suggestions.footprint import Footprint, Shift
from spatialplan.suggestions.freedom import Freedom, place_shape
from spatialplan.suggestions.results import FreePlace
from spatialplan.suggestions.shortening import shorten_shift
from spatialplan.suggestions.task import Task

__all__ = ["as_shift", "free_where_it_stands", "take_place"]

ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)  # CGCS2000


def take_place(
    task: Task, freedom: Freedom, candidate: Shift, known: list[Shift], step_m: float
) -> FreePlace | None:
    """Verify a candidate of the grid, shorten its shift and describe the place."""

    def try_shift(east_m: float, north_m: float) -> Shift | None:
        shift = Shift(round(east_m, 2), round(north_m, 2), freedom.rotation_deg)
        elsewhere = task.is_apart(shift, known)
        return shift if elsewhere and freedom.at(shift.east_m, shift.north_m) else None

    shift = try_shift(candidate.east_m, candidate.north_m)
    if shift is None:
        return None
    shift = shorten_shift(try_shift, shift, step_m)
    shape = place_shape(freedom.footprint, shift, task.ground)
    if shape is None:
        return None
    distance_m, bearing_deg = measure_shift(freedom.footprint, shift, task.ground.crs)
    if distance_m > task.radius_m:
        return None
    return FreePlace(
        geometry=shape,
        east_m=shift.east_m,
        north_m=shift.north_m,
        distance_m=distance_m,
        bearing_deg=bearing_deg,
        rotation_deg=shift.rotation_deg,
        area_m2=shape.area,
    )


def measure_shift(footprint: Footprint, shift: Shift, crs: CRS) -> tuple[float, float]:
    """Return geodesic length and bearing of a shift."""
    centre = np.array([footprint.east_m, footprint.north_m])
    there = centre + np.array([shift.east_m, shift.north_m])
    (lon, lat), (there_lon, there_lat) = to_degrees(np.array([centre, there]), crs)
    bearing, _, distance_m = ELLIPSOID.inv(lon, lat, there_lon, there_lat)
    return float(distance_m), float(bearing % 360.0) if shift.length_m else 0.0


def free_where_it_stands(site: BaseGeometry) -> FreePlace:
    """Describe the place of a site that need not be moved."""
    return FreePlace(site, 0.0, 0.0, 0.0, 0.0, 0.0, site.area)


def as_shift(place: FreePlace) -> Shift:
    """Return the shift that leads to a place."""
    return Shift(place.east_m, place.north_m, place.rotation_deg)
