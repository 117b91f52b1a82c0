"""The named elements of the ecological pattern: where each lies and how it is marked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import NotEvaluated
from spatialplan.layers import Layer
from spatialplan.maps.contents import PageLayer, features_of, in_degrees
from spatialplan.maps.styles import Look
from spatialplan.maps.wording import Wording
from spatialplan.messages import Message, say
from spatialplan.plan import PatternElement, Plan

__all__ = [
    "PlacedElement",
    "corridor_bands",
    "element_marks",
    "place_elements",
    "undrawn_elements",
]

BAND = Look("pattern", 75, "#1f78b4", "#7cc7ea", 0.6, weight=0.5)
BAND_TOLERANCE_M = 20.0


@dataclass(frozen=True, slots=True)
class PlacedElement:
    """An element with the ground it is bound to; None where its layer or feature is missing."""

    element: PatternElement
    ground: Any
    area_m2: float


def place_elements(
    plan: Plan, layers: Mapping[str, Layer], outlines: Mapping[str, NDArray[np.object_]]
) -> tuple[PlacedElement, ...]:
    """Bind every element of the plan's pattern to the features that bear its name."""
    if plan.pattern is None:
        return ()
    return tuple(_place(element, layers, outlines) for element in plan.pattern.elements)


def undrawn_elements(plan: Plan, layers: Mapping[str, Layer]) -> tuple[NotEvaluated, ...]:
    """Return the elements of the plan's pattern that a map of these layers cannot show, and why.

    Parameters
    ----------
    plan
        From `spatialplan.read_plan`.
    layers
        Layers by their name in the plan.

    Returns
    -------
    undrawn
        In the plan's order; the name of the element stands where a demand's id stands.
    """
    elements = plan.pattern.elements if plan.pattern else ()
    return tuple(
        NotEvaluated(element.name, _why_undrawn(element, layers))
        for element in elements
        if not len(_rows(element, layers))
    )


def _why_undrawn(element: PatternElement, layers: Mapping[str, Layer]) -> Message:
    layer = layers.get(element.layer)
    if layer is not None and layer.passage is not None:
        return say("batched.undrawn", layers=layer.spec.title)
    return say("map.element_missing", feature=element.feature)


def corridor_bands(
    placed: tuple[PlacedElement, ...], layers: Mapping[str, Layer], wording: Wording
) -> PageLayer | None:
    """Bands of the assumed width along the corridors, cut at the region's border."""
    region = [x for x in layers.values() if x.spec.role == "region" and len(x.frame)]
    bands, facts = [], []
    for item in placed:
        if item.ground is None or not item.element.width_m:
            continue
        band = item.ground.buffer(item.element.width_m / 2, quad_segs=4)
        if region:
            band = band.intersection(shapely.union_all(region[0].geometry))
        bands.append(band.simplify(BAND_TOLERANCE_M))
        note = _assumed_width(item.element, wording)
        facts.append({"name": item.element.name, "note": note})
    if not bands:
        return None
    features = features_of(bands, facts, plane=_plane(layers))
    return PageLayer("corridor-bands", wording("corridor_band"), BAND, features)


def element_marks(
    placed: tuple[PlacedElement, ...], layers: Mapping[str, Layer], wording: Wording
) -> list[dict[str, Any]]:
    """Return symbol, label, place (longitude, latitude) and facts of every element found."""
    marks = []
    for item in placed:
        if item.ground is None:
            continue
        spot = in_degrees(np.array([_spot(item)], dtype=object), _plane(layers))[0]
        element = item.element
        note = _assumed_width(element, wording) if element.width_m else ""
        area = wording.hectares(item.area_m2) if item.area_m2 else ""
        marks.append(
            {
                "kind": element.kind,
                "text": element.name,
                "at": [spot.y, spot.x],
                "facts": {"group": element.group, "area": area, "note": note},
            }
        )
    return marks


def _place(
    element: PatternElement,
    layers: Mapping[str, Layer],
    outlines: Mapping[str, NDArray[np.object_]],
) -> PlacedElement:
    rows = _rows(element, layers)
    if not len(rows):
        return PlacedElement(element, None, 0.0)
    layer = layers[element.layer]
    drawn = outlines.get(element.layer, np.array([]))
    ground = shapely.union_all(drawn[rows]) if len(drawn) == len(layer.frame) else None
    if ground is None or ground.is_empty:
        # Drawn as one with its neighbours, not at all, or too small for the simplified map.
        ground = shapely.union_all(layer.geometry[rows])
    return PlacedElement(element, ground, float(layer.area_m2[rows].sum()))


def _rows(element: PatternElement, layers: Mapping[str, Layer]) -> NDArray[np.intp]:
    """Return the positions of the features that bear an element's name; none without its layer."""
    layer = layers.get(element.layer)
    if layer is None:
        return np.array([], dtype=np.intp)
    return np.flatnonzero(layer.text(layer.spec.name_field) == element.feature)


def _spot(item: PlacedElement) -> Any:
    """Where the symbol stands: half-way along a line, the widest place of an area."""
    dimension = shapely.get_dimensions(item.ground)
    if dimension == 0:
        return shapely.point_on_surface(item.ground)
    if dimension == 1:
        return shapely.line_interpolate_point(_longest_line(item.ground), 0.5, normalized=True)
    radius = shapely.maximum_inscribed_circle(item.ground, tolerance=100.0)
    return shapely.Point(shapely.get_coordinates(radius)[0])


def _longest_line(ground: Any) -> Any:
    parts = shapely.get_parts(shapely.line_merge(ground))
    return max(parts, key=shapely.length)


def _assumed_width(element: PatternElement, wording: Wording) -> str:
    note = element.width_note or wording("assumed_width")
    return wording("corridor_width", width=f"{element.width_m:,.0f}", note=note)


def _plane(layers: Mapping[str, Layer]) -> Any:
    return next(iter(layers.values())).plane
