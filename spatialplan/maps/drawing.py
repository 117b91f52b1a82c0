"""Drawing a plan: layers, pattern and findings gathered into one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import folium
import numpy as np
import shapely

from spatialplan.files import read_layers
from spatialplan.findings import NotEvaluated
from spatialplan.layers import Layer
from spatialplan.maps.base_maps import read_base_map
from spatialplan.maps.contents import Drawing, PageLayer, draw_layers, in_degrees
from spatialplan.maps.marginalia import make_marginalia
from spatialplan.maps.page import Page, blank_map, fill_panel
from spatialplan.maps.panel import demanded_quotas, explain_gaps, make_result_panel
from spatialplan.maps.pattern import (
    PlacedElement,
    corridor_bands,
    element_marks,
    place_elements,
    undrawn_elements,
)
from spatialplan.maps.results import result_layers
from spatialplan.maps.styles import Group
from spatialplan.maps.wording import Wording
from spatialplan.messages import Language, phrase
from spatialplan.plan import Plan
from spatialplan.review import Review

__all__ = ["draw_map"]

GROUPS: tuple[Group, ...] = ("results", "pattern", "lines", "base")

# Phrases that the script itself puts on the page.
SCRIPT_PHRASES = ("scale_number", "unit_m", "unit_km", "nothing_here")


def draw_map(
    plan: Plan,
    *,
    review: Review | None = None,
    screening: None = None,
    layers: Mapping[str, Layer] | None = None,
    problems: tuple[NotEvaluated, ...] = (),
    language: Language | None = None,
    base_map: str | None = None,
    maker: str = "",
    date: str = "",
    approval_number: str = "",
    watermark: str | None = None,
) -> folium.Map:
    """Draw the plan's ecological pattern and control lines, and a review's findings over them.

    Parameters
    ----------
    plan
        From `spatialplan.read_plan`.
    review
        From `spatialplan.check_plan`; without one the page says that nothing was judged.
    screening
        Reserved; only None.
    layers
        Layers by their name in the plan; default: the review's, else read from the plan's files.
    problems
        What kept other layers out, listed on the page; only together with `layers`.
    language
        ``zh`` or ``en``; default: the plan's.
    base_map
        ``tianditu:<token>`` or an XYZ address; the page then asks that host for tiles. Without one
        it asks nobody. The token stands in the page for all to read.
    maker, date, approval_number
        Texts for 制图单位, 制图日期 and 审图号; an empty slot says that it is empty.
    watermark
        Text across the map; default 演示数据 or 内部使用; ``""`` for none.

    Returns
    -------
    drawn
        A folium map; write it with `save_map`. Further folium elements may be added, as long as
        they need no script from elsewhere.

    Raises
    ------
    NotImplementedError
        If a screening is given.
    SourceError, CrsError
        If not one layer could be used, or `base_map` is not understood.
    """
    if screening is not None:
        raise NotImplementedError("draw_map draws no screening yet; pass screening=None")
    wording = Wording(language or plan.header.language)
    tiles = read_base_map(base_map) if base_map else None
    found, problems = _gather(plan, review, layers, problems)
    drawing = draw_layers(plan, found, wording)
    placed = place_elements(plan, found, drawing.outlines)
    shown = _shown_layers(drawing, placed, found, review, wording)
    margin = make_marginalia(
        plan,
        found,
        wording,
        checked_year=review.year if review else None,
        maker=maker,
        date=date,
        approval_number=approval_number,
        watermark=watermark,
        tolerance_m=drawing.tolerance_m,
    )
    bounds = _bounds(found)
    contents = {
        "layers": [layer.as_json() for layer in shown],
        "marks": element_marks(placed, found, wording),
        "names": _township_names(found, drawing),
        "home": bounds,
        "phrases": {key: phrase(f"map.{key}", wording.language) for key in SCRIPT_PHRASES},
    }
    texts = {
        "margin": margin,
        "base_map": tiles,
        "gaps": explain_gaps(problems, plan, wording),
        "undrawn": explain_gaps(undrawn_elements(plan, found), plan, wording),
        **_panel_texts(plan, review, wording, shown, placed),
    }
    drawn = blank_map(margin.title, bounds=bounds, base_map=tiles)
    Page(contents, fill_panel(texts), language=wording.language, base_map=tiles).add_to(drawn)
    return drawn


def _gather(
    plan: Plan,
    review: Review | None,
    layers: Mapping[str, Layer] | None,
    problems: tuple[NotEvaluated, ...],
) -> tuple[Mapping[str, Layer], tuple[NotEvaluated, ...]]:
    if review is not None:
        return layers or review.layers, review.not_evaluated
    if layers is not None:
        return layers, problems
    reading = read_layers(plan)
    return reading.layers, reading.problems


def _shown_layers(
    drawing: Drawing,
    placed: tuple[PlacedElement, ...],
    layers: Mapping[str, Layer],
    review: Review | None,
    wording: Wording,
) -> list[PageLayer]:
    shown = list(drawing.layers)
    band = corridor_bands(placed, layers, wording)
    if band is not None:
        shown.append(band)
    if review is not None:
        shown += result_layers(review, wording)
    return sorted(shown, key=lambda layer: layer.look.rank)


def _panel_texts(
    plan: Plan,
    review: Review | None,
    wording: Wording,
    shown: list[PageLayer],
    placed: tuple[PlacedElement, ...],
) -> dict[str, Any]:
    topmost_first = shown[::-1]
    kinds: dict[str, list[PlacedElement]] = {}
    for item in placed:
        kinds.setdefault(item.element.kind, []).append(item)
    return {
        "say": wording,
        "groups": {
            group: [layer for layer in topmost_first if layer.look.group == group]
            for group in GROUPS
        },
        "kinds": kinds,
        "results": make_result_panel(review, wording) if review else None,
        "demands": demanded_quotas(plan, wording),
        "pattern": plan.pattern,
        "notice": plan.header.notice,
    }


def _township_names(layers: Mapping[str, Layer], drawing: Drawing) -> list[dict[str, Any]]:
    """Names of administrative units and where they stand, the largest unit first."""
    names = []
    for key, layer in layers.items():
        outlines = drawing.outlines.get(key, np.array([]))
        if layer.spec.role != "administrative_area" or len(outlines) != len(layer.frame):
            continue
        shown = shapely.area(outlines) > 0
        circles = shapely.maximum_inscribed_circle(outlines[shown], tolerance=100.0)
        spots = in_degrees(shapely.points(shapely.get_coordinates(circles)[::2]), layer.plane)
        texts = layer.text(layer.spec.name_field)[shown]
        for row in np.argsort(-layer.area_m2[shown], kind="stable").tolist():
            names.append({"text": str(texts[row]), "at": [spots[row].y, spots[row].x], "key": key})
    return names


def _bounds(layers: Mapping[str, Layer]) -> list[list[float]]:
    """South-west and north-east corner in latitude, longitude: the region's, else everything's.

    Where no layer has a sound feature: a degree around the origin of the plane.
    """
    filled = [layer for layer in layers.values() if len(layer.frame)]
    region = [layer for layer in filled if layer.spec.role == "region"]
    chosen = region or filled
    if not chosen:
        plane = next(iter(layers.values())).plane
        low, high = (plane.latitude - 0.5, plane.latitude + 0.5)
        return [[low, plane.longitude - 0.5], [high, plane.longitude + 0.5]]
    corners = np.array([shapely.total_bounds(layer.geometry) for layer in chosen])
    low, high = np.nanmin(corners[:, :2], axis=0), np.nanmax(corners[:, 2:], axis=0)
    degrees = chosen[0].plane.unproject(np.array([low, high]))
    return [[round(float(lat), 5), round(float(lon), 5)] for lon, lat in degrees]
