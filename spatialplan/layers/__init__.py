"""A layer that passed the gate: CRS known, geometry sound, place in the plane fixed."""

from spatialplan.layers.gate import admit, require_fields
from spatialplan.layers.position import (
    CHINA_DEGREES,
    degree_bounds,
    require_plausible,
    stated_crs,
)
from spatialplan.layers.table import Delivery, Layer, Source

__all__ = [
    "CHINA_DEGREES",
    "Delivery",
    "Layer",
    "Source",
    "admit",
    "degree_bounds",
    "require_fields",
    "require_plausible",
    "stated_crs",
]
