"""Drawing a plan: layers, pattern and findings gathered into one page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import folium
import numpy as np
import shapely

from spatialplan.files import read_layers
from spatialplan.findings import NotEvaluated
from spatialplan.layers import Layer
from spatialplan.maps.base_maps import read_base_map
from spatialplan.maps.contents import Drawing, PageLayer, draw_layers, in_degrees
from spatialplan.maps.corridor_panel import make_corridor_cards
from spatialplan.maps.corridor_shapes import corridor_layers
from spatialplan.maps.cover_picture import cover_picture
from spatialplan.maps.marginalia import Subject, grid_parameters, make_marginalia, working_crs
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
from spatialplan.maps.site_drawing import DrawnSites, draw_sites, site_bounds, undrawn_ground
from spatialplan.maps.site_panel import ScreeningPanel, make_screening_panel
from spatialplan.maps.site_shapes import all_shapes
from spatialplan.maps.styles import Group, Look
from spatialplan.maps.window import MARGIN_M, Window, window_around
from spatialplan.maps.wording import Wording
from spatialplan.messages import Language, phrase, say
from spatialplan.plan import Plan
from spatialplan.review import Review
from spatialplan.siting import Screening
from spatialplan.threads import beside

__all__ = ["draw_map"]

GROUPS: tuple[Group, ...] = ("sites", "results", "pattern", "lines", "cover", "base")

# Phrases that the script itself puts on the page.
SCRIPT_PHRASES = ("scale_number", "unit_m", "unit_km", "nothing_here", "grid_place")


def draw_map(
    plan: Plan,
    *,
    review: Review | None = None,
    screening: Screening | None = None,
    layers: Mapping[str, Layer] | None = None,
    problems: tuple[NotEvaluated, ...] = (),
    language: Language | None = None,
    base_map: str | None = None,
    maker: str = "",
    date: str = "",
    approval_number: str = "",
    watermark: str | None = None,
) -> folium.Map:
    """Draw the plan's ecological pattern and control lines, and what was found over them.

    Parameters
    ----------
    plan
        From `spatialplan.read_plan`.
    review
        From `spatialplan.check_plan`; without one the page says that nothing was judged.
    screening
        From `spatialplan.screen_sites`; the page then is about its sites, and base layers are drawn
        around them. Not together with a review.
    layers
        Layers by their name in the plan; default: those of the review or screening, else read from
        the plan's files.
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
    ValueError
        If both a review and a screening are given.
    SourceError, CrsError
        If not one layer could be used, or `base_map` is not understood.
    """
    if review is not None and screening is not None:
        raise ValueError(str(say("map.one_subject")))
    wording = Wording(language or plan.header.language)
    tiles = read_base_map(base_map) if base_map else None
    found, problems = _gather(plan, review, screening, layers, problems)
    sheet = _lay_out(plan, found, review, screening, wording)
    margin = make_marginalia(
        plan,
        found,
        wording,
        subject=_subject(sheet),
        rasters=review.rasters if review else (),
        demonstration=screening is not None and screening.sites.demonstration,
        maker=maker,
        date=date,
        approval_number=approval_number,
        watermark=watermark,
        notes=_drawing_notes(sheet),
    )
    texts = {
        "margin": margin,
        "base_map": tiles,
        "gaps": explain_gaps((*problems, *sheet.problems), plan, wording),
        **_panel_texts(sheet),
    }
    contents = _contents(sheet)
    drawn = blank_map(margin.title, bounds=contents["home"], base_map=tiles)
    Page(contents, fill_panel(texts), language=wording.language, base_map=tiles).add_to(drawn)
    return drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """What a page shows and what it is about, before it is worded."""

    plan: Plan
    found: Mapping[str, Layer]
    wording: Wording
    review: Review | None
    screening: Screening | None
    window: Window | None
    drawing: Drawing
    placed: tuple[PlacedElement, ...]
    sites: DrawnSites | None
    shown: list[PageLayer]
    problems: tuple[NotEvaluated, ...]


def _lay_out(
    plan: Plan,
    found: Mapping[str, Layer],
    review: Review | None,
    screening: Screening | None,
    wording: Wording,
) -> _Sheet:
    window = window_around(all_shapes(screening), found) if screening else None

    def draw_cover() -> tuple[PageLayer | None, tuple[NotEvaluated, ...]]:
        if screening is not None:
            return None, ()
        return cover_picture(plan, review, _bounds(found), wording)

    with beside() as begin:
        cover = begin(draw_cover)
        drawing = draw_layers(plan, found, wording, window=window)
        picture, problems = cover()
    placed = place_elements(plan, found, drawing.outlines) if screening is None else ()
    shown = _shown_layers(drawing, placed, found, review, wording)
    if screening is not None:
        shown = _screening_layers(shown, window, found, wording)
    shown += [picture] if picture else []
    return _Sheet(
        plan=plan,
        found=found,
        wording=wording,
        review=review,
        screening=screening,
        window=window,
        drawing=drawing,
        placed=placed,
        sites=draw_sites(screening, wording) if screening else None,
        shown=shown,
        problems=problems,
    )


def _gather(
    plan: Plan,
    review: Review | None,
    screening: Screening | None,
    layers: Mapping[str, Layer] | None,
    problems: tuple[NotEvaluated, ...],
) -> tuple[Mapping[str, Layer], tuple[NotEvaluated, ...]]:
    judged = review or screening
    if judged is not None:
        return layers or judged.layers, judged.not_evaluated
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
        shown += corridor_layers(review, wording)
    return sorted(shown, key=lambda layer: layer.look.rank)


def _screening_layers(
    shown: list[PageLayer], window: Window | None, layers: Mapping[str, Layer], wording: Wording
) -> list[PageLayer]:
    """Let the ground recede behind the sites, and mark what the window leaves out."""
    calm = [replace(layer, look=_recede(layer.look)) for layer in shown]
    outside = undrawn_ground(window, layers, wording) if window else None
    found = [layer for layer in (*calm, outside) if layer is not None]
    return sorted(found, key=lambda layer: layer.look.rank)


def _recede(look: Look) -> Look:
    """Lighten solid fills; the washes of the pattern are put away until they are asked for."""
    faint = look.fill_opacity if look.hatch or look.rank == 0 else 0.55 * look.fill_opacity
    return replace(look, fill_opacity=faint, visible=look.visible and look.group != "pattern")


def _contents(sheet: _Sheet) -> dict[str, Any]:
    """Gather what the page's script reads."""
    whole = _bounds(sheet.found)
    contents = {
        "layers": [layer.as_json() for layer in sheet.shown],
        "marks": element_marks(sheet.placed, sheet.found, sheet.wording),
        "names": _township_names(sheet.found, sheet.drawing),
        "home": whole,
        "grid": grid_parameters(working_crs(sheet.plan, sheet.found)),
        "phrases": {key: phrase(f"map.{key}", sheet.wording.language) for key in SCRIPT_PHRASES},
    }
    if sheet.screening is None or sheet.sites is None:
        return contents
    home = site_bounds(sheet.screening) or whole
    return {**contents, "home": home, "whole": whole, "screening": sheet.sites.contents}


def _subject(sheet: _Sheet) -> Subject:
    wording = sheet.wording
    if sheet.review is not None:
        return Subject("title_review", wording("subtitle_review", year=sheet.review.year))
    if sheet.screening is not None:
        day = sheet.screening.day.isoformat()
        return Subject("title_screening", wording("subtitle_screening", day=day))
    return Subject("title_pattern", None)


def _drawing_notes(sheet: _Sheet) -> tuple[str, ...]:
    """Say what of the drawing is not as delivered."""
    wording, tolerance = sheet.wording, f"{sheet.drawing.tolerance_m:g}"
    if sheet.sites is None:
        passed = [x.spec.title for x in sheet.found.values() if x.passage is not None]
        titles = wording("list_comma").join(passed)
        undrawn = (wording.batched("undrawn", layers=titles),) if passed else ()
        return (*undrawn, wording("note_simplified", tolerance=tolerance))
    notes = [wording.screen("note_simplified", tolerance=tolerance)]
    if sheet.sites.tolerance_m:
        notes.append(wording.screen("note_thinned", tolerance=f"{sheet.sites.tolerance_m:g}"))
    if sheet.window is not None:
        notes.append(wording.screen("note_window", margin=f"{MARGIN_M / 1000:g}"))
    return tuple(notes)


def _panel_texts(sheet: _Sheet) -> dict[str, Any]:
    plan, wording, review, sites = sheet.plan, sheet.wording, sheet.review, sheet.sites
    topmost_first = [*sheet.shown, *(sites.legend if sites else ())][::-1]
    kinds: dict[str, list[PlacedElement]] = {}
    for item in sheet.placed:
        kinds.setdefault(item.element.kind, []).append(item)
    undrawn = undrawn_elements(plan, sheet.found) if sites is None else ()
    return {
        "say": wording,
        "groups": {
            group: [layer for layer in topmost_first if layer.look.group == group]
            for group in GROUPS
        },
        "kinds": kinds,
        "results": make_result_panel(review, wording) if review else None,
        "corridors": make_corridor_cards(review, wording) if review else (),
        "screening": _screening_panel(sheet),
        "demands": demanded_quotas(plan, wording),
        "pattern": plan.pattern if sites is None else None,
        "undrawn": explain_gaps(undrawn, plan, wording),
        "notice": plan.header.notice,
    }


def _screening_panel(sheet: _Sheet) -> ScreeningPanel | None:
    if sheet.screening is None or sheet.sites is None:
        return None
    return make_screening_panel(sheet.screening, sheet.wording, listed=sheet.sites.listed)


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
