"""The job behind ``spatialplan screen``: read sites and layers, judge, gather, suggest."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import CRS

from spatialplan.errors import Fault, SourceError
from spatialplan.files import Reading, read_layers, read_layers_near, read_sites
from spatialplan.findings import NotEvaluated, Verdict, worst_verdict
from spatialplan.layers import Layer
from spatialplan.messages import Bilingual, Message, say
from spatialplan.plan import Plan, Tolerance, Way
from spatialplan.rulebook import Rulebook, read_rulebook
from spatialplan.screening import (
    Inquiry,
    SiteFinding,
    judge_sites,
    judged_layers,
)
from spatialplan.sites import Sites
from spatialplan.siting.places import PlaceFindings, judge_places, place_sites
from spatialplan.siting.search import (
    SearchOptions,
    require_avoidable,
    require_search,
    suggest_for,
)
from spatialplan.siting.slopes import SiteSlopes, measure_site_slopes, require_elevation
from spatialplan.suggestions import Suggestion

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Screening", "SiteOptions", "screen_sites"]

Progress = Callable[[str], None]

# Parcels are read only around the sites; a step for rounding in their file's projection.
NEAR_DEGREES = 0.001

# A layer this far from the region's box, metres, lies elsewhere.
FAR_M = 1_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOptions:
    """What a file of sites leaves unsaid.

    Attributes
    ----------
    crs
        The CRS, only for a file that states none.
    transformation, accept_error_m
        How coordinates on another datum come to CGCS2000: by a transformation of the plan, by its
        name, or taken as they are with this error in metres.
    table, encoding
        Which table, and the encoding of its text.
    width_m, radius_m
        Total width of line sites, radius of point sites, where the file gives none.
    id_field, name_field, kind_field, area_field
        Fields, where their names are not the usual ones.
    """

    crs: str | None = None
    transformation: str | None = None
    accept_error_m: float | None = None
    table: str | None = None
    encoding: str | None = None
    width_m: float | None = None
    radius_m: float | None = None
    id_field: str | None = None
    name_field: str | None = None
    kind_field: str | None = None
    area_field: str | None = None


@dataclass(frozen=True, slots=True)
class Screening:
    """Everything that one screening found.

    Attributes
    ----------
    day
        The day whose rules were applied.
    kind
        The kind of project asked for; None: each site's own where its file says one, else the
        worst over all kinds.
    sites
        The sites as submitted; `findings` has one entry for each, in the same order.
    layers
        The layers that passed the gate, by their name in the plan.
    judged_layers
        Names of the layers that sites were judged on, in the plan's order.
    not_evaluated
        What holds for every site: layers that could not be used, and the standing list of what
        was not provided.
    suggestions
        By row of the site; empty when none were asked for.
    place_findings
        What free part and places of each suggestion would be judged as, by row of the site.
    slopes
        Slope of the sites; None where the plan has no elevation raster.
    """

    plan: Plan
    day: datetime.date
    kind: str | None
    rulebook: Rulebook
    sites: Sites
    layers: Mapping[str, Layer]
    judged_layers: tuple[str, ...]
    crs: CRS
    tolerance: Tolerance
    findings: tuple[SiteFinding, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    suggestions: Mapping[int, Suggestion] = field(default_factory=dict)
    place_findings: Mapping[int, PlaceFindings] = field(default_factory=dict)
    slopes: SiteSlopes | None = None

    def judged_place(self, row: int, rank: int) -> SiteFinding | None:
        """Return what a suggested place of a site would be judged as.

        Rank 1 is the nearest place, 0 the free part. None where that was not judged.
        """
        found = self.place_findings.get(row)
        if found is None or rank > len(found.places):
            return None
        return found.places[rank - 1] if rank else found.free

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all sites."""
        return worst_verdict(finding.verdict for finding in self.findings)


def screen_sites(
    sites: str | Path | gpd.GeoDataFrame | Sites,
    plan: Plan,
    *,
    kind: str | None = None,
    date: str | datetime.date | None = None,
    suggest: bool = False,
    options: SiteOptions | None = None,
    search: SearchOptions | None = None,
    progress: Progress | None = None,
) -> Screening:
    """Screen project sites against every layer of a plan.

    Parameters
    ----------
    sites
        A file (vector, CSV, xlsx or boundary-point TXT), a table with a CRS, or sites read before.
    plan
        From `spatialplan.read_plan`.
    kind
        Kind of project of all sites, by id, title or word of the rulebook; default: what the
        file says of each, else the worst over all kinds.
    date
        The day whose rules count, as a date or ``2026-03-15``; default: today.
    suggest
        Whether to look for the free part of each site that is not clear, and for free places.
    options, search
        What the file of sites leaves unsaid; how other places are looked for.
    progress
        Called with the name of each step that is done.

    Raises
    ------
    SourceError, CrsError
        If the sites cannot be read, or not one layer could be used.
    PlanError
        If the plan's own rules name what does not exist.
    """
    day = _read_day(date)
    book = read_rulebook(plan, day=day)
    asked = _find_kind(kind, book)
    looking = search or SearchOptions()
    require_search(looking, plan)
    require_elevation(looking.max_slope, plan)
    tell = progress or (lambda _: None)
    found, reading = _read_all(sites, plan, options or SiteOptions(), tell)
    inquiry = _make_inquiry(plan, reading, book, asked)
    require_avoidable(looking, inquiry.problems or {}, plan)
    findings = judge_sites(found, inquiry, progress=tell)
    suggestions = suggest_for(found, findings, inquiry, looking) if suggest else {}
    placed = place_sites(found, suggestions, inquiry)
    nearby = _read_near_places(placed, found, plan, reading)
    around = inquiry if nearby is reading else _make_inquiry(plan, nearby, book, asked)
    return Screening(
        plan=plan,
        day=day,
        kind=asked,
        rulebook=book,
        sites=found,
        layers=reading.layers,
        judged_layers=judged_layers(plan),
        crs=reading.crs,
        tolerance=inquiry.tolerance,
        findings=findings,
        not_evaluated=inquiry.common,
        suggestions=suggestions,
        place_findings=judge_places(placed, suggestions, around),
        slopes=measure_site_slopes(found, plan),
    )


def _make_inquiry(plan: Plan, reading: Reading, book: Rulebook, kind: str | None) -> Inquiry:
    problems = _problems(plan, reading)
    return Inquiry(
        plan=plan,
        layers=reading.layers,
        book=book,
        tolerance=Tolerance(),
        kind=kind,
        problems=problems,
        common=(
            *(NotEvaluated(key, why) for key, why in problems.items()),
            *_skipped_layers(plan),
            *_absent_layers(plan, book),
        ),
    )


def _read_day(date: str | datetime.date | None) -> datetime.date:
    if date is None:
        return datetime.date.today()
    if isinstance(date, datetime.date):
        return date
    try:
        return datetime.date.fromisoformat(date)
    except ValueError:
        raise SourceError(Fault("--date", say("screening.date_option", found=date))) from None


def _find_kind(kind: str | None, book: Rulebook) -> str | None:
    if kind is None:
        return None
    found = book.find_kind(kind)
    if found is None:
        known = ", ".join(f"{key} ({spec.title})" for key, spec in book.kinds.items())
        raise SourceError(Fault("--kind", say("screening.kind_option", found=kind, known=known)))
    return found


def _read_all(
    sites: str | Path | gpd.GeoDataFrame | Sites, plan: Plan, options: SiteOptions, tell: Progress
) -> tuple[Sites, Reading]:
    """Read the layers and the sites; of the many land parcels only those near the sites."""
    parcels = {spec.id for spec in plan.layers_with_role("land_parcel")}
    others = [key for key in plan.layers if key not in parcels]
    reading = read_layers(plan, keys=others or None, progress=tell)
    way = plan.find_way(options.transformation, options.accept_error_m)
    found = sites if isinstance(sites, Sites) else _read_sites(sites, reading, options, way)
    tell(say("screening.sites_read").text(plan.header.language))
    if others and parcels:
        reading = read_layers_near(
            plan, reading, _degree_bounds(found), keys=parcels, progress=tell
        )
    return found, reading


def _read_near_places(placed: Sites, sites: Sites, plan: Plan, reading: Reading) -> Reading:
    """Read the land parcels near suggested places, where those near the sites do not reach them."""
    parcels = {spec.id for spec in plan.layers_with_role("land_parcel")}
    others = {key: layer for key, layer in reading.layers.items() if key not in parcels}
    bounds, known = _degree_bounds(placed), _degree_bounds(sites)
    reached = (known[:2] <= bounds[:2]).all() and (bounds[2:] <= known[2:]).all()
    if reached or not len(placed.judged) or not parcels or not others:
        return reading
    problems = tuple(point for point in reading.problems if point.rule_id not in parcels)
    rest = replace(reading, layers=others, problems=problems)
    return read_layers_near(plan, rest, bounds, keys=parcels)


def _read_sites(
    source: str | Path | gpd.GeoDataFrame, reading: Reading, options: SiteOptions, way: Way
) -> Sites:
    regions = [layer for layer in reading.layers.values() if layer.spec.role == "region"]
    return read_sites(
        source,
        plane=next(iter(reading.layers.values())).plane,
        working_crs=reading.crs,
        region=next((layer for layer in regions if len(layer.frame)), None),
        crs=options.crs,
        way=way,
        table=options.table,
        encoding=options.encoding,
        width_m=options.width_m,
        radius_m=options.radius_m,
        id_field=options.id_field,
        name_field=options.name_field,
        kind_field=options.kind_field,
        area_field=options.area_field,
    )


def _degree_bounds(sites: Sites) -> np.ndarray:
    """Bounds of the sites in degrees, a little wider; of the plane's origin if there are none."""
    shapes = sites.geometry[sites.judged]
    if not len(shapes):
        place = [sites.plane.longitude, sites.plane.latitude]
        return np.array(place + place)
    west, south, east, north = shapely.total_bounds(shapes)
    corners = np.array([[west, south], [east, north]])
    low, high = sites.plane.unproject(corners)
    return np.concatenate([low - NEAR_DEGREES, high + NEAR_DEGREES])


def _problems(plan: Plan, reading: Reading) -> dict[str, Message]:
    """Why layers could not be used, by name; the first reason of several."""
    problems: dict[str, Message] = {}
    for point in reading.problems:
        problems.setdefault(point.rule_id, point.why)
    regions = [layer for layer in reading.layers.values() if layer.spec.role == "region"]
    for key in judged_layers(plan):
        layer = reading.layers.get(key)
        if (
            layer is not None
            and len(layer.frame)
            and regions
            and _lies_elsewhere(layer, regions[0])
        ):
            problems[key] = say("screening.layer_elsewhere", layer=layer.spec.title)
    return problems


def _lies_elsewhere(layer: Layer, region: Layer) -> bool:
    if layer.spec.role == "land_parcel" or not len(region.frame):
        return False
    near = shapely.box(*shapely.total_bounds(region.geometry)).buffer(FAR_M)
    return not shapely.intersects(near, layer.geometry).any()


def _skipped_layers(plan: Plan) -> list[NotEvaluated]:
    """Name the layers that the plan keeps sites from being judged on."""
    return [
        NotEvaluated(key, say("screening.layer_skipped", layer=plan.layers[key].title))
        for key in plan.screening.skipped_layers
    ]


def _absent_layers(plan: Plan, book: Rulebook) -> list[NotEvaluated]:
    """Name the entries of the standing list that no layer of the plan is meant for.

    A layer of the plan that could not be used is named by itself, with the reason.
    """
    named = {spec.role for spec in plan.layers.values()}
    return [
        NotEvaluated(
            entry.id, say("screening.not_provided", title=Bilingual(entry.title, entry.title_en))
        )
        for entry in book.standing_list
        if not named & set(entry.roles)
    ]
