"""A layer that passed the gate: CRS known, geometry sound, place in the plane fixed."""

from spatialplan.layers.gate import admit, feature_ids, planar_area, require_fields
from spatialplan.layers.passing import IdRegister, delivered_ids, merge_batches, release_features
from spatialplan.layers.position import (
    CHINA_DEGREES,
    COORDINATE_LIMIT,
    agree_crs,
    crs_hint,
    degree_bounds,
    degree_boxes,
    require_plausible,
    same_plane,
    stated_crs,
    zone_number,
)
from spatialplan.layers.rasters import CellWindow, Grid, RasterLayer, ReadWindows
from spatialplan.layers.settling import Settled, settle_position, settle_shapes
from spatialplan.layers.table import (
    PLACE_MARGIN,
    Delivery,
    Layer,
    Passage,
    Placement,
    Source,
)

__all__ = [
    "CHINA_DEGREES",
    "COORDINATE_LIMIT",
    "PLACE_MARGIN",
    "CellWindow",
    "Delivery",
    "Grid",
    "IdRegister",
    "Layer",
    "Passage",
    "Placement",
    "RasterLayer",
    "ReadWindows",
    "Settled",
    "Source",
    "admit",
    "agree_crs",
    "crs_hint",
    "degree_bounds",
    "degree_boxes",
    "delivered_ids",
    "feature_ids",
    "merge_batches",
    "planar_area",
    "release_features",
    "require_fields",
    "require_plausible",
    "same_plane",
    "settle_position",
    "settle_shapes",
    "stated_crs",
    "zone_number",
]
