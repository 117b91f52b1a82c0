"""Slope (坡度) from an elevation raster: of sites, of cropland, and ground that is too steep."""

from spatialplan.slopes.cropland import CroplandSlope, TownshipSlope, judge_cropland
from spatialplan.slopes.gradient import slope_window
from spatialplan.slopes.ground import (
    STEEP_DEGREES,
    GroundSlope,
    find_steep_ground,
    measure_slopes,
)

__all__ = [
    "STEEP_DEGREES",
    "CroplandSlope",
    "GroundSlope",
    "TownshipSlope",
    "find_steep_ground",
    "judge_cropland",
    "measure_slopes",
    "slope_window",
]
