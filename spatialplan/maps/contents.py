"""What the page draws, as plain values: layers of GeoJSON features with their looks and facts.

Areas in the facts come from the layers as delivered, never from the simplified outlines.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import unproject
from spatialplan.crs import CGCS2000, Plane
from spatialplan.layers import Layer
from spatialplan.maps.simplification import (
    FINE_TOLERANCES_M,
    TOLERANCES_M,
    VERTEX_LIMIT,
    WINDOW_VERTEX_LIMIT,
    Simplified,
    dissolve,
    simplify_together,
)
from spatialplan.maps.styles import Look, look_of
from spatialplan.maps.window import Window, keep_polygons
from spatialplan.maps.wording import Wording
from spatialplan.plan import Plan

__all__ = [
    "EXACT_DECIMALS",
    "Drawing",
    "PageLayer",
    "draw_layers",
    "facts_of",
    "features_of",
    "in_degrees",
]

# 1e-5 degrees is 0.8 to 1.1 m here, finer than a screen shows at the simplification's tolerance;
# 1e-6 goes with the finer tolerance in a window; 1e-8 is a millimetre, for pieces that may be a
# decimetre wide.
MAP_DECIMALS = 5
WINDOW_DECIMALS = 6
EXACT_DECIMALS = 8

# More named areas than a reader could tell apart are drawn as one; parcels always are.
NAMED_LIMIT = 2_000
JOINED_ROLES = frozenset({"basic_farmland"})
LINE_TOLERANCE_M = 15.0

Geometries = NDArray[np.object_]
Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PageLayer:
    """One switch of the legend: features with one look, or a picture.

    `image` is the address of a picture and its corners; `classes` are titles and colours in it.
    """

    key: str
    title: str
    look: Look
    features: tuple[Facts, ...]
    kind: str = "polygon"
    image: Facts | None = None
    classes: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what the page's script reads."""
        picture = {} if self.image is None else {"image": self.image}
        return {
            **picture,
            "key": self.key,
            "title": self.title,
            "kind": self.kind,
            "look": asdict(self.look),
            "features": {"type": "FeatureCollection", "features": list(self.features)},
        }


@dataclass(frozen=True, slots=True)
class Drawing:
    """The drawn layers, and their simplified outlines in the plane for what builds on them."""

    layers: tuple[PageLayer, ...]
    outlines: Mapping[str, Geometries]
    tolerance_m: float


def draw_layers(
    plan: Plan, layers: Mapping[str, Layer], wording: Wording, *, window: Window | None = None
) -> Drawing:
    """Simplify the layers that are drawn, together, and give every feature its facts.

    Parameters
    ----------
    window
        Where layers are drawn, the region apart; None: everywhere.

    A layer that was read in batches is not drawn, not even as an empty entry of the legend.
    """
    held = {key: layer for key, layer in layers.items() if layer.passage is None}
    looks = {key: look_of(layer.spec, plan.styles) for key, layer in held.items()}
    drawn = {key: layers[key] for key, look in looks.items() if look is not None}
    areas = {key: layer for key, layer in drawn.items() if layer.spec.geometry == "polygon"}
    simplified = simplify_together(
        {key: _outlines(layer, window) for key, layer in areas.items()},
        vertex_limit=WINDOW_VERTEX_LIMIT if window else VERTEX_LIMIT,
        tolerances_m=FINE_TOLERANCES_M if window else TOLERANCES_M,
    )
    outlines = {key: _outlines_on_page(layer, simplified, window) for key, layer in drawn.items()}
    decimals = WINDOW_DECIMALS if window else MAP_DECIMALS
    pages = [
        PageLayer(
            key, layer.spec.title, look, _features(layer, outlines[key], wording, decimals), kind
        )
        for key, layer in drawn.items()
        if (look := looks[key]) is not None and (kind := layer.spec.geometry) != "point"
    ]
    pages.sort(key=lambda page: page.look.rank)
    return Drawing(tuple(pages), outlines, simplified.tolerance_m)


def features_of(
    shapes: Geometries | Sequence[Any],
    facts: Iterable[Facts],
    *,
    plane: Plane,
    decimals: int = MAP_DECIMALS,
) -> tuple[Facts, ...]:
    """Return GeoJSON features in longitude and latitude (CGCS2000); empty shapes are left out."""
    degrees = in_degrees(np.asarray(shapes, dtype=object), plane, decimals=decimals)
    return tuple(
        {
            "type": "Feature",
            "properties": {name: value for name, value in told.items() if value != ""},
            "geometry": json.loads(text),
        }
        for text, told, shape in zip(shapely.to_geojson(degrees), facts, degrees, strict=True)
        if not shape.is_empty
    )


def in_degrees(shapes: Geometries, plane: Plane, *, decimals: int = MAP_DECIMALS) -> Geometries:
    """Take shapes from the plane to rounded longitude and latitude, shape (n,)."""
    degrees = unproject(shapes, plane, CRS(CGCS2000))
    return np.asarray(shapely.transform(degrees, lambda points: np.round(points, decimals)))


def facts_of(layer: Layer, row: int | None, wording: Wording) -> dict[str, Any]:
    """Name, zone and official area of one feature, or of the whole layer."""
    spec = layer.spec
    rows = slice(None) if row is None else slice(row, row + 1)
    area_m2 = math.fsum(layer.area_m2[rows])
    figures = [wording.hectares(area_m2)] if spec.geometry == "polygon" else []
    if spec.demonstration:
        figures.append(wording("demonstration"))
    area = " · ".join(figures)
    if row is None:
        name = wording("joined", title=spec.title, count=f"{len(layer.frame):,}")
        return {"name": name, "area": area}
    name = _text_at(layer, spec.name_field, row) or str(layer.ids[row])
    zone = _text_at(layer, spec.zone_field, row)
    return {"name": name, "zone": zone, "area": area}


def _text_at(layer: Layer, field: str | None, row: int) -> str:
    value = layer.frame[field].iloc[row] if field in layer.frame.columns else None
    return "" if value is None or value != value else str(value).strip()


def _is_joined(layer: Layer) -> bool:
    return layer.spec.role in JOINED_ROLES or len(layer.frame) > NAMED_LIMIT


def _outlines(layer: Layer, window: Window | None) -> Geometries:
    shapes = layer.geometry
    if window is not None and layer.spec.role != "region":
        if _is_joined(layer):
            shapes = shapes[window.touched_by(shapes)]
        shapes = keep_polygons(window.clip(shapes))
    return dissolve(shapes) if _is_joined(layer) else shapes


def _outlines_on_page(layer: Layer, simplified: Simplified, window: Window | None) -> Geometries:
    if layer.spec.geometry == "polygon":
        return simplified.layers[layer.spec.id]
    tolerance = simplified.tolerance_m if window else LINE_TOLERANCE_M
    shapes = window.clip(layer.geometry) if window else layer.geometry
    return np.asarray(shapely.simplify(shapes, tolerance), dtype=object)


def _features(
    layer: Layer, shapes: Geometries, wording: Wording, decimals: int
) -> tuple[Facts, ...]:
    if _is_joined(layer):
        whole = shapely.multipolygons(shapely.get_parts(shapes))
        facts = [facts_of(layer, None, wording)]
        return features_of([whole], facts, plane=layer.plane, decimals=decimals)
    told = (facts_of(layer, row, wording) for row in range(len(shapes)))
    return features_of(shapes, told, plane=layer.plane, decimals=decimals)
