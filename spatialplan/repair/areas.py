"""How large features are before and after: by the official method where that can be told."""

from __future__ import annotations

from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import ellipsoidal_area
from spatialplan.crs import CGCS2000, require_known_datum
from spatialplan.errors import SpatialplanError

__all__ = ["AreaMethod", "Ruler"]

LARGEST_LONGITUDE, LARGEST_LATITUDE = 180.0, 90.0
# A degree of latitude; one of longitude is shorter, so tolerances in degrees err on the small side.
METRES_PER_DEGREE = 111_320.0

Geometries = NDArray[np.object_]
Areas = NDArray[np.float64]


class AreaMethod(StrEnum):
    """How areas were measured.

    `ASSUMED`: no usable CRS is stated, coordinates are degrees, and the ellipsoid is CGCS2000's;
    another datum makes less than a hundred-thousandth of difference. `PLANAR`: no usable CRS is
    stated and coordinates are taken for metres.
    """

    ELLIPSOIDAL = "ellipsoidal"
    ASSUMED = "assumed_degrees"
    PLANAR = "planar"


class Ruler:
    """Measures features of one table in m²."""

    def __init__(self, shapes: Geometries, crs: CRS | None) -> None:
        self._crs = _usable(crs)
        self.method = AreaMethod.ELLIPSOIDAL
        if self._crs is None:
            degrees = crs.is_geographic if crs is not None else _look_like_degrees(shapes)
            self._crs = CGCS2000 if degrees else None
            self.method = AreaMethod.ASSUMED if degrees else AreaMethod.PLANAR

    @property
    def metre(self) -> float:
        """A metre in the coordinates' unit; in degrees it is that along a meridian."""
        if self._crs is None:
            return 1.0
        if self._crs.is_geographic:
            return 1 / METRES_PER_DEGREE
        return 1 / float(self._crs.axis_info[0].unit_conversion_factor or 1.0)

    def measure(self, shapes: Geometries) -> Areas:
        """Return areas in m², shape (n,); 0 for what is no polygon, NaN for what lies nowhere."""
        areas = np.zeros(len(shapes))
        rows = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6)))
        if self._crs is None:
            areas[rows] = shapely.area(shapes[rows])
        elif len(rows):
            areas[rows] = self._on_the_ellipsoid(shapes[rows])
        return areas

    def _on_the_ellipsoid(self, shapes: Geometries) -> Areas:
        try:
            return ellipsoidal_area(shapes, self._crs)
        except SpatialplanError:
            if len(shapes) == 1:
                return np.array([np.nan])
        half = len(shapes) // 2
        return np.concatenate(
            [self._on_the_ellipsoid(shapes[:half]), self._on_the_ellipsoid(shapes[half:])]
        )


def _usable(crs: CRS | None) -> CRS | None:
    if crs is None:
        return None
    try:
        return require_known_datum(crs, where="")
    except SpatialplanError:
        return None


def _look_like_degrees(shapes: Geometries) -> bool:
    bounds = shapely.total_bounds(shapes) if len(shapes) else np.full(4, np.nan)
    west, south, east, north = np.abs(bounds)
    return bool(max(west, east) <= LARGEST_LONGITUDE and max(south, north) <= LARGEST_LATITUDE)
