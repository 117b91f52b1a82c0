"""A screening as the page's script reads it, and its entries in the legend."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely

from spatialplan.findings import Verdict
from spatialplan.layers import Layer
from spatialplan.maps.contents import PageLayer, features_of
from spatialplan.maps.site_facts import SiteTeller
from spatialplan.maps.site_shapes import (
    SiteShapes,
    all_shapes,
    draw_shapes,
    ranked_findings,
    shown_pieces,
)
from spatialplan.maps.styles import SITE_LOOKS, VERDICT_LOOKS, Look
from spatialplan.maps.window import Window
from spatialplan.maps.wording import Wording
from spatialplan.messages import phrase
from spatialplan.screening import SiteFinding
from spatialplan.siting import Screening

__all__ = ["LISTED_LIMIT", "DrawnSites", "draw_sites", "site_bounds", "undrawn_ground"]

# Told in full, the worst first; beyond it a list is no list any more and the page grows heavy.
LISTED_LIMIT = 2_000

# Around the sites at first sight, of their extent, and at least so much.
HOME_MARGIN_SHARE = 0.15
HOME_MARGIN_M = 150.0

UNDRAWN = Look("base", 1, "#6c757d", "#9aa0a5", 0.7, weight=1.6, dash="10 4", hatch="slant")

# Phrases that the script itself puts on the page.
SCRIPT_PHRASES = (
    *(verdict.value for verdict in Verdict),
    *("status_overlap", "status_sliver", "status_enclosed", "status_clear"),
    *("status_not_evaluated", "severity_error", "severity_warning", "severity_info"),
    *("listed_verdict", "doubts", "touched", "clear_layers", "own_gaps", "suggestions"),
    *("free_part", "would_be", "need", "authority", "basis", "checked", "unchecked", "more_rules"),
    *("jurisdiction", "note", "pieces", "show_on_map", "details"),
    *("nothing_touched", "ground_clear", "listed_clear"),
    *("whole_region", "all_sites", "no_match", "site_number", "zones", "colon"),
)


@dataclass(frozen=True, slots=True)
class DrawnSites:
    """Contents for the script, rows for the legend, and what had to be left out."""

    contents: dict[str, Any]
    legend: tuple[PageLayer, ...]
    listed: int
    tolerance_m: float


def draw_sites(screening: Screening, wording: Wording) -> DrawnSites:
    """Tell the script everything about the sites of a screening."""
    ranked = ranked_findings(screening)
    listed, rest = ranked[:LISTED_LIMIT], ranked[LISTED_LIMIT:]
    shapes = draw_shapes(screening, listed)
    teller = SiteTeller(screening, wording)
    told = [_tell(teller, finding, shapes) for finding in listed]
    contents = {
        "verdicts": {verdict.value: asdict(look) for verdict, look in VERDICT_LOOKS.items()},
        "parts": {part: asdict(look) for part, look in SITE_LOOKS.items()},
        "list": told,
        "rest": [_tell_briefly(teller, finding, shapes) for finding in rest],
        "rules": teller.rules,
        "phrases": {key: phrase(f"screen_map.{key}", wording.language) for key in SCRIPT_PHRASES},
    }
    legend = (*_part_rows(shapes, wording), *_verdict_rows(screening, wording))
    return DrawnSites(contents, legend, len(listed), shapes.tolerance_m)


def site_bounds(screening: Screening) -> list[list[float]] | None:
    """South-west and north-east corner of sites and suggestions with a margin, latitude first."""
    shapes = all_shapes(screening)
    if not len(shapes):
        return None
    corners = shapely.total_bounds(shapes).reshape(2, 2)
    margin_m = max(HOME_MARGIN_SHARE * float(np.ptp(corners, axis=0).max()), HOME_MARGIN_M)
    corners += np.array([[-margin_m], [margin_m]])
    degrees = screening.sites.plane.unproject(np.ascontiguousarray(corners))
    return [[round(float(lat), 6), round(float(lon), 6)] for lon, lat in degrees]


def undrawn_ground(
    window: Window, layers: Mapping[str, Layer], wording: Wording
) -> PageLayer | None:
    """Return the region outside the window, so that its emptiness is not read as free ground."""
    regions = [layer for layer in layers.values() if layer.spec.role == "region"]
    if not regions or not len(regions[0].frame):
        return None
    region = shapely.simplify(shapely.union_all(regions[0].geometry), 60.0)
    outside = shapely.difference(region, window.ground)
    facts = {"name": wording.screen("undrawn_ground")}
    features = features_of([outside], [facts], plane=regions[0].plane)
    return PageLayer("undrawn-ground", wording.screen("undrawn_ground"), UNDRAWN, features)


def _tell(teller: SiteTeller, finding: SiteFinding, shapes: SiteShapes) -> dict[str, Any]:
    row = finding.row
    pieces = shown_pieces(teller.screening, finding)
    drawn = zip(shapes.pieces.get(row, ()), pieces, strict=True)
    told = {
        "at": shapes.points.get(row),
        "shape": shapes.outlines.get(row),
        "pieces": [[shape, *teller.piece(layer, piece)] for shape, (layer, piece, _) in drawn],
        "free": shapes.free.get(row),
        "places": shapes.places.get(row),
    }
    filled = {key: value for key, value in told.items() if value}
    return {**teller.brief(finding), **filled, "details": teller.details(finding)}


def _tell_briefly(teller: SiteTeller, finding: SiteFinding, shapes: SiteShapes) -> dict[str, Any]:
    at = shapes.points.get(finding.row)
    return {**teller.brief(finding), **({"at": at} if at else {})}


def _verdict_rows(screening: Screening, wording: Wording) -> list[PageLayer]:
    counted = Counter(finding.verdict for finding in screening.findings)
    return [
        PageLayer(
            f"verdict:{verdict.value}",
            wording.screen(
                "legend_sites", verdict=wording.screen(verdict.value), count=f"{counted[verdict]:,}"
            ),
            VERDICT_LOOKS[verdict],
            (),
        )
        for verdict in reversed(Verdict)
        if counted[verdict]
    ]


def _part_rows(shapes: SiteShapes, wording: Wording) -> list[PageLayer]:
    found = {"place": shapes.places, "free": shapes.free, "piece": shapes.pieces}
    return [
        PageLayer(f"part:{part}", wording.screen(f"legend_{part}"), SITE_LOOKS[part], ())
        for part, drawn in found.items()
        if drawn
    ]
