"""Findings and layers as one self-contained web map that asks the network for nothing."""

from spatialplan.maps.drawing import draw_map
from spatialplan.maps.page import render_map, save_map

__all__ = ["draw_map", "render_map", "save_map"]
