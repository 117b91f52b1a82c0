"""The page of an inspection: what is in a delivery on the map, and its faults in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import folium
import numpy as np
import shapely

from spatialplan.findings import Severity, Status
from spatialplan.inspection import InspectedLayer, Inspection, LayerFault
from spatialplan.maps.contents import PageLayer
from spatialplan.maps.inspection_shapes import (
    PLACE_LIMIT,
    DrawnLayers,
    draw_inspected_layers,
    fault_layers,
    figure_of,
    place_key,
    shown_places,
)
from spatialplan.maps.marginalia import Marginalia, describe_crs, grid_parameters
from spatialplan.maps.page import Page, blank_map, fill_panel
from spatialplan.maps.panel import Chip, PieceRow
from spatialplan.maps.wording import Wording
from spatialplan.messages import Language, phrase

__all__ = ["draw_inspection"]

SCRIPT_PHRASES = ("scale_number", "unit_m", "unit_km", "nothing_here", "grid_place")
# What a page shows where no layer has a place: the People's Republic.
NOWHERE = [[18.0, 73.0], [53.5, 135.0]]
SHOWN_IDS = 12
DOTS = {Severity.ERROR: "conflict", Severity.WARNING: "needs_person", Severity.INFO: "sliver"}
CHIPS = {Severity.ERROR: "not_met", Severity.WARNING: "warned", Severity.INFO: "info"}


@dataclass(frozen=True, slots=True)
class FaultCard:
    """A class of fault in the list, with the places that lead to the map."""

    title: str
    chip: Chip
    message: str
    cure: str
    ids: str
    places: tuple[PieceRow, ...]
    hidden: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class LayerCard:
    """A layer in the list: its faults, what was left open, and what it is."""

    title: str
    role: str
    chip: Chip
    gaps: tuple[str, ...]
    faults: tuple[FaultCard, ...]
    facts: tuple[tuple[str, str], ...]


def draw_inspection(inspection: Inspection, *, language: Language = "zh") -> folium.Map:
    """Draw the layers of a delivery and the places of their faults.

    Parameters
    ----------
    inspection
        From `spatialplan.inspect_files`.
    language
        ``zh`` or ``en``.

    Returns
    -------
    drawn
        A folium map that asks the network for nothing; write it with `save_map`.
    """
    wording = Wording(language)
    drawn = draw_inspected_layers(inspection, wording)
    pages = [*drawn.layers, *fault_layers(inspection, wording)]
    contents = _contents(inspection, pages, language)
    margin = _margin(inspection, drawn, wording)
    page = blank_map(margin.title, bounds=contents["home"], base_map=None)
    texts = {
        "say": wording,
        "margin": margin,
        "base_map": None,
        "overall": _overall(inspection, wording),
        "summary": _summary(inspection, wording),
        "layers": [_card(row, layer, wording) for row, layer in enumerate(inspection.layers)],
        "groups": {
            group: [layer for layer in reversed(pages) if layer.look.group == group]
            for group in ("results", "base")
        },
        "region": inspection.region or wording("not_provided"),
    }
    markup = fill_panel(texts, template="inspection.html")
    Page(contents, markup, language=language, base_map=None).add_to(page)
    return page


def _contents(
    inspection: Inspection, pages: Sequence[PageLayer], language: Language
) -> dict[str, Any]:
    return {
        "layers": [layer.as_json() for layer in pages],
        "marks": [],
        "names": [],
        "home": _bounds(inspection),
        "grid": grid_parameters(inspection.crs) if inspection.crs is not None else None,
        "phrases": {key: phrase(f"map.{key}", language) for key in SCRIPT_PHRASES},
    }


def _bounds(inspection: Inspection) -> list[list[float]]:
    """South-west and north-east corner in latitude, longitude of all layers in the plane."""
    filled = [one.layer for one in inspection.layers if one.layer and len(one.layer.frame)]
    if not filled or inspection.plane is None:
        return NOWHERE
    corners = np.array([shapely.total_bounds(layer.geometry) for layer in filled])
    low, high = np.nanmin(corners[:, :2], axis=0), np.nanmax(corners[:, 2:], axis=0)
    degrees = inspection.plane.unproject(np.array([low, high]))
    return [[round(float(lat), 5), round(float(lon), 5)] for lon, lat in degrees]


def _margin(inspection: Inspection, drawn: DrawnLayers, wording: Wording) -> Marginalia:
    notes = [wording.inspect("note_exact", limit=PLACE_LIMIT)]
    if drawn.tolerance_m:
        notes.insert(0, wording.inspect("note_simplified", tolerance=f"{drawn.tolerance_m:g}"))
    if drawn.cell_m:
        notes.insert(0, wording.inspect("note_cells", cell=f"{drawn.cell_m:g}"))
    undrawn = [one.key for one in inspection.layers if one.layer is None]
    if undrawn:
        notes.insert(0, wording.inspect("note_undrawn", found=", ".join(undrawn)))
    crs = describe_crs(inspection.crs, wording) if inspection.crs is not None else "—"
    return Marginalia(
        overline="spatialplan inspect",
        title=wording.inspect("title"),
        subtitle=wording.inspect("subtitle", layers=len(inspection.layers)),
        standing="",
        demonstration="",
        crs=crs,
        editions="",
        maker="",
        date="",
        approval="",
        watermark=wording("watermark_internal"),
        origins=(),
        notes=tuple(notes),
    )


def _overall(inspection: Inspection, wording: Wording) -> Chip:
    if not inspection.is_read:
        return Chip(Status.NOT_MET.value, wording.inspect("role_unread"))
    status = inspection.status.value
    return Chip(status, wording.inspect(f"overall_{status}"))


def _summary(inspection: Inspection, wording: Wording) -> str:
    counts = {
        severity.value: sum(layer.count(severity) for layer in inspection.layers)
        for severity in Severity
    }
    return wording.inspect("summary", layers=len(inspection.layers), **counts)


def _card(row: int, layer: InspectedLayer, wording: Wording) -> LayerCard:
    title = layer.role.title if layer.role else None
    return LayerCard(
        title=layer.key,
        role=title.text(wording.language) if title else "",
        chip=_layer_chip(layer, wording),
        gaps=tuple(
            point.why.text(wording.language) for point in layer.not_judged if point.open_point
        ),
        faults=tuple(
            _fault_card(row, number, fault, wording) for number, fault in enumerate(layer.faults)
        ),
        facts=tuple(_facts(layer, wording)),
    )


def _layer_chip(layer: InspectedLayer, wording: Wording) -> Chip:
    for severity in (Severity.ERROR, Severity.WARNING):
        count = layer.count(severity)
        if count:
            return Chip(CHIPS[severity], wording.inspect(f"tally_{severity.value}", count=count))
    if any(point.open_point for point in layer.not_judged):
        return Chip(Status.NOT_EVALUATED.value, wording.inspect("role_open"))
    return Chip(Status.MET.value, wording.inspect("tally_none"))


def _fault_card(row: int, number: int, fault: LayerFault, wording: Wording) -> FaultCard:
    shown = shown_places(fault)
    ids = ", ".join(fault.ids[:SHOWN_IDS])
    if len(fault.ids) > SHOWN_IDS:
        ids = wording("and_more", ids=ids, count=f"{len(fault.ids):,}")
    places = tuple(
        PieceRow(
            key=place_key(row, number, rank),
            kind=DOTS[fault.severity],
            label=", ".join(place.ids[:3]) or wording.fault(fault.rule_id),
            place=place.detail.text(wording.language) if place.detail else "",
            area=figure_of(fault, place, wording),
        )
        for rank, place in enumerate(shown)
    )
    left = len(fault.places) - len(shown)
    return FaultCard(
        title=wording.fault(fault.rule_id),
        chip=Chip(CHIPS[fault.severity], f"{fault.count:,}"),
        message=fault.message.text(wording.language),
        cure=fault.cure.text(wording.language),
        ids="" if places else ids,
        places=places,
        hidden=wording.inspect("hidden_places", count=left) if left and places else "",
        is_open=fault.severity is Severity.ERROR and len(places) <= SHOWN_IDS,
    )


def _facts(layer: InspectedLayer, wording: Wording) -> list[tuple[str, str]]:
    rows = [(wording.inspect("col_path"), f"{layer.path}/{layer.inside}".rstrip("/"))]
    if not layer.is_read:
        return rows
    kinds = layer.kinds or {}
    rows += [
        (wording.inspect("col_driver"), layer.driver),
        (wording.inspect("col_crs"), layer.stated_crs or layer.assumed_crs or "—"),
        (wording.inspect("col_encoding"), layer.encoding),
        (wording.inspect("col_features"), f"{layer.features:,}"),
        (wording.inspect("col_vertices"), f"{layer.vertices:,}"),
        (
            wording.inspect("col_kinds"),
            ", ".join(phrase(f"diagnosis.kind_{kind}", wording.language) for kind in kinds),
        ),
    ]
    if layer.area_m2 is not None:
        rows.append((wording.inspect("col_area_ha"), wording.hectares(layer.area_m2)))
    return [*rows, ("SHA-256", layer.sha256)]
