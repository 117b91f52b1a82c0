"""What the page of an inspection draws: its layers in outline, and the places of faults."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import Severity
from spatialplan.inspection import FaultPlace, InspectedLayer, Inspection, LayerFault
from spatialplan.layers import Layer
from spatialplan.maps.contents import EXACT_DECIMALS, PageLayer, features_of
from spatialplan.maps.simplification import simplify_together
from spatialplan.maps.styles import FAULT_LOOKS, INSPECTED_LOOK, Look, look_of
from spatialplan.maps.wording import Wording

__all__ = ["DrawnLayers", "draw_inspected_layers", "fault_layers", "place_key", "shown_places"]

# Beyond this a list is no list any more; workbook and GeoPackage have all places.
PLACE_LIMIT = 200
# Vertices of one place; more of them show nothing more at the scale of a fault.
PLACE_VERTICES = 200
# Layers of more features, or vertices, than this are drawn as the cells of a grid that they fill.
MOST_FEATURES, MOST_VERTICES = 2_000, 150_000
# Cells along the longer side of such a layer.
CELLS = 160
LINE_TOLERANCE_M = 15.0

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class DrawnLayers:
    """Layers of the page, the tolerance of their outlines, and the grid of the largest (0: none).

    `tolerance_m` and `cell_m` are in metres.
    """

    layers: tuple[PageLayer, ...]
    tolerance_m: float
    cell_m: float


def draw_inspected_layers(inspection: Inspection, wording: Wording) -> DrawnLayers:
    """Draw every layer that lies in the plane, simplified so that no overlap is invented."""
    drawn = {one.key: one.layer for one in inspection.layers if one.layer and len(one.layer.frame)}
    areas = {key: layer for key, layer in drawn.items() if layer.spec.geometry == "polygon"}
    large = {key for key, layer in areas.items() if _is_large(layer)}
    cells = {key: _fill_cells(areas[key].geometry) for key in large}
    fine = {key: layer.geometry for key, layer in areas.items() if key not in large}
    simplified = simplify_together(fine)
    pages = []
    for key, layer in drawn.items():
        if key in large:
            shapes: Geometries = np.array([cells[key][0]], dtype=object)
        elif key in areas:
            shapes = np.asarray(simplified.layers[key], dtype=object)
        else:
            shapes = np.asarray(shapely.simplify(layer.geometry, LINE_TOLERANCE_M), dtype=object)
        pages.append(_page_layer(key, layer, shapes, wording, joined=key in large))
    pages.sort(key=lambda page: page.look.rank)
    largest = max((size for _, size in cells.values()), default=0.0)
    return DrawnLayers(tuple(pages), simplified.tolerance_m, largest)


def fault_layers(inspection: Inspection, wording: Wording) -> Iterator[PageLayer]:
    """Yield one layer of places for each severity that was found, the lightest first."""
    if inspection.plane is None:
        return
    for severity in Severity:
        shapes: list[shapely.Geometry] = []
        facts: list[Mapping[str, str]] = []
        for row, layer in enumerate(inspection.layers):
            for number, fault in enumerate(layer.faults):
                if fault.severity is severity:
                    for rank, place in enumerate(shown_places(fault)):
                        shapes.append(_thin(place.geometry))
                        key = place_key(row, number, rank)
                        facts.append(_place_facts(key, layer, fault, place, wording))
        features = features_of(
            np.array(shapes or [None], dtype=object)[: len(shapes)],
            facts,
            plane=inspection.plane,
            decimals=EXACT_DECIMALS,
        )
        if features:
            title = wording.inspect(f"severity_{severity.value}")
            yield PageLayer(severity.value, title, FAULT_LOOKS[severity], features, "piece")


def shown_places(fault: LayerFault) -> list[FaultPlace]:
    """Return the places of a fault that can be shown, the largest first, at most `PLACE_LIMIT`."""
    placed = [
        place
        for place in fault.places
        if place.geometry is not None and not place.geometry.is_empty
    ]
    placed.sort(key=lambda place: -(place.measured or 0.0))
    return placed[:PLACE_LIMIT]


def place_key(layer: int, fault: int, rank: int) -> str:
    """Name a place, for the list and the map alike."""
    return f"{layer}/{fault}/{rank}"


def _is_large(layer: Layer) -> bool:
    if len(layer.frame) > MOST_FEATURES:
        return True
    return int(shapely.get_num_coordinates(layer.geometry).sum()) > MOST_VERTICES


def _fill_cells(shapes: Geometries) -> tuple[shapely.Geometry, float]:
    """Return the cells of a grid in which features have their middle, as one shape; cell size."""
    edges = shapely.bounds(shapes)
    middles = (edges[:, :2] + edges[:, 2:]) / 2
    low, high = middles.min(axis=0), middles.max(axis=0)
    typical = float(np.percentile(edges[:, 2:] - edges[:, :2], 90))
    size = max(float((high - low).max()) / CELLS, typical, 1.0)
    size = math.ceil(size / 50) * 50.0
    cells = np.unique(np.floor(middles / size), axis=0) * size
    boxes = shapely.box(cells[:, 0], cells[:, 1], cells[:, 0] + size, cells[:, 1] + size)
    return shapely.coverage_union_all(boxes), size


def _page_layer(
    key: str, layer: Layer, shapes: Geometries, wording: Wording, *, joined: bool
) -> PageLayer:
    look = _calm(look_of(layer.spec, {}) or INSPECTED_LOOK)
    if joined:
        facts = [{"name": wording("joined", title=key, count=f"{len(layer.frame):,}")}]
    else:
        names = layer.text(layer.spec.name_field)
        facts = [
            {"name": str(name) or str(one), "area": _area(layer, row, wording)}
            for row, (name, one) in enumerate(zip(names, layer.ids, strict=True))
        ]
    features = features_of(shapes, facts, plane=layer.plane)
    kind = layer.spec.geometry
    return PageLayer(key, key, look, features, "line" if kind == "line" else kind)


def _area(layer: Layer, row: int, wording: Wording) -> str:
    if layer.spec.geometry != "polygon":
        return ""
    return wording.hectares(float(layer.area_m2[row]))


def _calm(look: Look) -> Look:
    """Let layers recede behind the faults; what other maps hide is shown, as it was delivered."""
    faint = look.fill_opacity if look.rank == 0 else 0.45 * look.fill_opacity
    return replace(look, fill_opacity=faint, visible=True, group="base")


def _thin(shape: shapely.Geometry) -> shapely.Geometry:
    """Return a shape with at most so many vertices that it can be drawn hundreds of times."""
    tolerance = 0.01
    thin = shape
    while shapely.get_num_coordinates(thin) > PLACE_VERTICES and tolerance < 10_000:
        thin = shapely.simplify(shape, tolerance)
        tolerance *= 4
    return shapely.envelope(thin) if thin.geom_type == "GeometryCollection" else thin


def _place_facts(
    key: str, layer: InspectedLayer, fault: LayerFault, place: FaultPlace, wording: Wording
) -> dict[str, str]:
    return {
        "key": key,
        "name": f"{layer.key}: {wording.fault(fault.rule_id)}",
        "zone": ", ".join(place.ids[:4]),
        "area": figure_of(fault, place, wording),
        "note": place.detail.text(wording.language) if place.detail else "",
    }


def figure_of(fault: LayerFault, place: FaultPlace, wording: Wording) -> str:
    """Write what was measured of one place; blank for nothing."""
    if place.measured is None or not fault.unit:
        return ""
    if fault.unit == "m2":
        return wording.hectares(place.measured)
    return f"{place.measured:,.3f} {wording('unit_m')}"
