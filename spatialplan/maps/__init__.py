"""Findings and layers as one self-contained web map that asks the network for nothing."""

from spatialplan.maps.drawing import draw_map
from spatialplan.maps.inspection import draw_inspection
from spatialplan.maps.monitoring import draw_monitoring
from spatialplan.maps.page import render_map, save_map
from spatialplan.maps.pattern import undrawn_elements

__all__ = [
    "draw_inspection",
    "draw_map",
    "draw_monitoring",
    "render_map",
    "save_map",
    "undrawn_elements",
]
