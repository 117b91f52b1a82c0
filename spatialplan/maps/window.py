"""The window of a screening's map: the ground around its sites, where base layers are drawn.

A site of a hectare needs no red line a hundred kilometres away, and the lines near it can be drawn
the finer. Ground outside the window is not drawn at all, and marked as not drawn: an empty map
would read as free ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.layers import Layer

__all__ = ["MARGIN_M", "Window", "keep_polygons", "window_around"]

MARGIN_M = 10_000.0

# Above this share of the ground that the layers span, a window would save nothing.
LARGEST_SHARE = 0.4

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle in the plane of judgement."""

    ground: Any

    def touched_by(self, shapes: Geometries) -> NDArray[np.intp]:
        """Return the rows of the shapes that have something in the window, in order."""
        return np.sort(shapely.STRtree(shapes).query(self.ground, predicate="intersects"))

    def clip(self, shapes: Geometries) -> Geometries:
        """Cut shapes at the window, as many as before; what lies outside becomes empty."""
        clipped = np.full(len(shapes), shapely.Polygon(), dtype=object)
        rows = self.touched_by(shapes)
        shapely.prepare(self.ground)
        inside = shapely.contains_properly(self.ground, shapes[rows])
        clipped[rows[inside]] = shapes[rows[inside]]
        cut = rows[~inside]
        clipped[cut] = shapely.intersection(shapes[cut], self.ground)
        return clipped


def window_around(shapes: Geometries, layers: Mapping[str, Layer]) -> Window | None:
    """Return the window of shapes in the plane; None where it would hold most of the layers."""
    if not len(shapes):
        return None
    ground = shapely.box(*shapely.total_bounds(shapes)).buffer(MARGIN_M, join_style="mitre")
    filled = [layer.geometry for layer in layers.values() if len(layer.frame)]
    if not filled:
        return None
    corners = np.array([shapely.total_bounds(geometry) for geometry in filled])
    span = shapely.box(*np.nanmin(corners[:, :2], axis=0), *np.nanmax(corners[:, 2:], axis=0))
    if shapely.intersection(ground, span).area > LARGEST_SHARE * span.area:
        return None
    return Window(ground)


def keep_polygons(shapes: Geometries) -> Geometries:
    """Drop points and lines from what cutting left of polygons, shape (n,) as before."""
    kept = shapes.copy()
    for row in np.flatnonzero(shapely.get_type_id(shapes) == 7):
        parts = shapely.get_parts(shapes[row])
        kept[row] = shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])
    kept[shapely.get_dimensions(kept) < 2] = shapely.Polygon()
    return kept
