"""Where else: which ground is avoided, and what is looked for around every site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.errors import Fault, SourceError
from spatialplan.findings import Verdict
from spatialplan.layers import PLACE_MARGIN, Layer
from spatialplan.messages import Message, say
from spatialplan.plan import Plan
from spatialplan.screening import Inquiry, SiteFinding, avoided_ground, judged_layers
from spatialplan.sites import Sites
from spatialplan.siting.slopes import steep_ground
from spatialplan.suggestions import SearchGround, Suggestion, prepare_search, suggest_places

__all__ = [
    "SearchOptions",
    "first_with_role",
    "require_avoidable",
    "require_search",
    "suggest_for",
]

# Clearances and searches farther than this, metres, are a slip of the pen.
FARTHEST_M = 50_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """How other places are looked for.

    `avoid` names layers, by default those that rules close; ground over `max_slope` degrees steep,
    or of unknown slope, is avoided too.
    """

    avoid: tuple[str, ...] = ()
    clearance_m: float = 0.0
    radius_m: float = 5_000.0
    rotate: bool = False
    max_slope: float | None = None


def require_search(search: SearchOptions, plan: Plan) -> None:
    """Refuse distances that are none, and layers to avoid that sites are not judged on."""
    faults = [
        Fault(f"--{name}", say("suggestion.bad_distance", found=f"{value:g}", most=FARTHEST_M))
        for name, value, least in (
            ("clearance", search.clearance_m, 0.0),
            ("search-radius", search.radius_m, 1.0),
        )
        if not least <= value <= FARTHEST_M
    ]
    known = [key for key in judged_layers(plan) if plan.layers[key].role != "land_parcel"]
    faults += [
        Fault("--avoid", say("suggestion.not_avoidable", found=key, known=", ".join(known)))
        for key in search.avoid
        if key not in known
    ]
    if faults:
        raise SourceError(faults)


def require_avoidable(search: SearchOptions, problems: Mapping[str, Message], plan: Plan) -> None:
    """Refuse to look for places away from a layer that could not be used."""
    faults = [
        Fault(
            "--avoid",
            say("suggestion.unusable", layer=plan.layers[key].title, reason=problems[key]),
        )
        for key in search.avoid
        if key in problems
    ]
    if faults:
        raise SourceError(faults)


def suggest_for(
    sites: Sites, findings: tuple[SiteFinding, ...], inquiry: Inquiry, search: SearchOptions
) -> dict[int, Suggestion]:
    """Look for free ground for every site that touches something; grounds are made once a kind."""
    by_kind: dict[str | None, list[int]] = defaultdict(list)
    for finding in findings:
        touches = finding.listed_verdict not in (Verdict.CLEAR, Verdict.NOT_EVALUATED)
        if touches and sites.geometry[finding.row] is not None:
            by_kind[finding.kind].append(finding.row)
    found = {}
    for kind, rows in by_kind.items():
        ground = _search_ground(sites.geometry[rows], sites, kind, inquiry, search)
        for row in rows:
            found[row] = suggest_places(
                row,
                sites.geometry[row],
                ground,
                clearance_m=search.clearance_m,
                radius_m=search.radius_m,
                rotate=search.rotate,
            )
    return dict(sorted(found.items()))


def _search_ground(
    shapes: NDArray[np.object_],
    sites: Sites,
    kind: str | None,
    inquiry: Inquiry,
    search: SearchOptions,
) -> SearchGround:
    avoided = avoided_ground(inquiry, sites.crs, kind=kind, keys=search.avoid)
    boundary = first_with_role(inquiry, "urban_development_boundary")
    wanted = kind is not None and inquiry.book.kinds[kind].needs_boundary
    inside = boundary if wanted else None
    region = first_with_role(inquiry, "region")
    reach_m = search.radius_m + search.clearance_m
    if search.max_slope is not None:
        title = say("slopes.avoided", limit=search.max_slope).text(inquiry.plan.header.language)
        limit = search.max_slope
        steep = steep_ground(shapes, inquiry.plan, sites.plane, limit=limit, reach_m=reach_m)
        avoided = [*avoided, (title, steep)]
    return prepare_search(
        [ground for _, ground in avoided],
        titles=[title for title, _ in avoided],
        inside=_surely_inside(inside) if inside is not None else None,
        inside_title=inside.spec.title if inside is not None else "",
        region=region.geometry if region is not None else None,
        plane=sites.plane,
        working_crs=sites.crs,
        near=shapes,
        reach_m=reach_m,
    )


def _surely_inside(layer: Layer) -> NDArray[np.object_]:
    """Ground that lies in a layer wherever its true place is within its error."""
    error_m = layer.source.placement.error_m
    return shapely.buffer(layer.geometry, -PLACE_MARGIN * error_m) if error_m else layer.geometry


def first_with_role(inquiry: Inquiry, role: str) -> Layer | None:
    """Return the first layer of a role that has a feature."""
    found = [layer for layer in inquiry.layers.values() if layer.spec.role == role]
    return next((layer for layer in found if len(layer.frame)), None)
