"""The job behind ``spatialplan screen``: read sites and layers, judge, gather, suggest."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pyproj import CRS

from spatialplan.findings import NotEvaluated, Verdict, worst_verdict
from spatialplan.layers import Layer
from spatialplan.plan import Plan, Tolerance
from spatialplan.rulebook import Rulebook, read_rulebook
from spatialplan.screening import SiteFinding, judge_sites, judged_layers
from spatialplan.sites import Sites
from spatialplan.siting.inquiring import find_kind, make_inquiry, read_day
from spatialplan.siting.places import PlaceFindings, judge_places, place_sites
from spatialplan.siting.reading import SiteOptions, read_all, read_near_places
from spatialplan.siting.search import (
    SearchOptions,
    require_avoidable,
    require_search,
    suggest_for,
)
from spatialplan.suggestions import Suggestion

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = ["Screening", "screen_sites"]

Progress = Callable[[str], None]


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
    day = read_day(date)
    book = read_rulebook(plan, day=day)
    asked = find_kind(kind, book)
    looking = search or SearchOptions()
    require_search(looking, plan)
    tell = progress or (lambda _: None)
    found, reading = read_all(sites, plan, options or SiteOptions(), tell)
    inquiry = make_inquiry(plan, reading, book, asked)
    require_avoidable(looking, inquiry.problems or {}, plan)
    findings = judge_sites(found, inquiry, progress=tell)
    suggestions = suggest_for(found, findings, inquiry, looking) if suggest else {}
    placed = place_sites(found, suggestions, inquiry)
    nearby = read_near_places(placed, found, plan, reading)
    around = inquiry if nearby is reading else make_inquiry(plan, nearby, book, asked)
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
    )
