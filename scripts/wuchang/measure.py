"""Official area (CGCS2000 ellipsoid) of shapely polygons, for calibration only.

Edges over 70 m are split evenly in the zone's plane; then everything is taken to the cylindrical
equal-area plane of the ellipsoid, where planar area is the official area.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

WORKING = 4530
LONGEST_EDGE_M = 70.0
EQUAL_AREA = "+proj=cea +lat_ts=44.75 +lon_0=127.4 +a=6378137 +rf=298.257222101 +units=m +no_defs"


@cache
def transformer(source: int | str, target: int | str) -> Transformer:
    """Make a transformer between two systems, easting or longitude first."""
    return Transformer.from_crs(source, target, always_xy=True)


def reproject(
    geometries: NDArray[np.object_], source: int | str, target: int | str, decimals: int | None
) -> NDArray[np.object_]:
    """Geometries with every vertex taken to another system, rounded to `decimals`."""
    if source == target:
        return geometries

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = np.column_stack(transformer(source, target).transform(*points.T))
        return moved if decimals is None else np.round(moved, decimals)

    return np.asarray(shapely.transform(geometries, move))


def to_equal_area(geometries: NDArray[np.object_], crs: int) -> NDArray[np.object_]:
    """Geometries in the plane of judgement, edges split before."""
    planar = reproject(geometries, crs, WORKING, None) if crs == 4490 else geometries
    split = np.asarray(shapely.segmentize(planar, LONGEST_EDGE_M))
    return reproject(split, WORKING if crs == 4490 else crs, EQUAL_AREA, None)


def official_area(geometries: NDArray[np.object_], crs: int = WORKING) -> NDArray[np.float64]:
    """Official area of each geometry in m², shape (n,)."""
    return np.asarray(shapely.area(to_equal_area(np.asarray(geometries), crs)))
