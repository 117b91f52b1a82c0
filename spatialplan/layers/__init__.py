"""A layer that passed the gate: CRS known, geometry sound, place in the plane fixed."""

from spatialplan.layers.gate import admit, feature_ids, planar_area, require_fields
from spatialplan.layers.position import (
    CHINA_DEGREES,
    COORDINATE_LIMIT,
    crs_hint,
    degree_bounds,
    degree_boxes,
    require_plausible,
    same_plane,
    stated_crs,
    zone_number,
)
from spatialplan.layers.table import Delivery, Layer, Source

__all__ = [
    "CHINA_DEGREES",
    "COORDINATE_LIMIT",
    "Delivery",
    "Layer",
    "Source",
    "admit",
    "crs_hint",
    "degree_bounds",
    "degree_boxes",
    "feature_ids",
    "planar_area",
    "require_fields",
    "require_plausible",
    "same_plane",
    "stated_crs",
    "zone_number",
]
