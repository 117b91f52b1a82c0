"""The job behind ``spatialplan check``: read the layers, have every demand judged, gather findings.

A layer that is missing, damaged or in a doubtful CRS does not stop the review. What depends on it
comes out as not evaluated, with the reason; the rest is judged. So does what cannot be judged of a
layer that is read in batches.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from pyproj import CRS

from spatialplan.conflicts import RuleResult
from spatialplan.corridors import CorridorResult
from spatialplan.files import read_layers
from spatialplan.findings import (
    Finding,
    NotEvaluated,
    Severity,
    Status,
    worst_status,
)
from spatialplan.landcover import IndicatorFinding, LandCover
from spatialplan.layers import Layer, RasterLayer
from spatialplan.messages import say
from spatialplan.plan import Plan, ShareBase
from spatialplan.quotas import QuotaFinding
from spatialplan.review.flowing import Passed, judge_flows, open_flows
from spatialplan.review.judging import PlanJudge
from spatialplan.review.rasters import RasterJudge
from spatialplan.slopes import CroplandSlope
from spatialplan.threads import beside

__all__ = ["Review", "check_plan"]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that one check of a plan found.

    Attributes
    ----------
    layers
        The layers that passed the gate, by their name in the plan; those that were read in batches
        without their features (`spatialplan.layers.Layer.passage`).
    crs
        The working CRS that outputs go back to.
    quotas, rules
        One result a demand, in the plan's order, whatever its status.
    quality
        Faults of the layers as far as the check depends on them.
    not_evaluated
        Every demand and layer that could not be judged, with the reason.
    status
        The worst of all: not met, then not evaluated, then met.
    landcover
        What each land-cover raster of the plan says of its layers.
    indicators
        One result an indicator of the year. Land cover only indicates, so all of them are not
        evaluated, and a plan with indicators is never met as a whole.
    corridors
        Natural cover along the corridors of the pattern, where the plan says how to cut them.
    slope
        Cropland by slope; None without an elevation raster or without cropland.
    """

    plan: Plan
    year: int
    layers: Mapping[str, Layer]
    crs: CRS
    share_base: ShareBase | None
    quotas: tuple[QuotaFinding, ...]
    rules: tuple[RuleResult, ...]
    quality: tuple[Finding, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    status: Status
    landcover: tuple[LandCover, ...] = ()
    indicators: tuple[IndicatorFinding, ...] = ()
    corridors: tuple[CorridorResult, ...] = ()
    slope: CroplandSlope | None = None

    @property
    def rasters(self) -> tuple[RasterLayer, ...]:
        """The rasters that were read."""
        heights = (self.slope.raster,) if self.slope else ()
        return (*(cover.raster for cover in self.landcover), *heights)


def check_plan(
    plan: Plan,
    *,
    year: int | None = None,
    stream: Collection[str] = (),
    batch_size: int | None = None,
    progress: Progress | None = None,
    passed: Passed | None = None,
) -> Review:
    """Check a plan: quotas, conflicts between the lines, quality of the layers.

    Parameters
    ----------
    plan
        From `spatialplan.read_plan`.
    year
        The year whose quotas are checked; default: the plan's own.
    stream
        Layers, by their names in the plan, that are too large for memory: they are read in batches
        and let go, and what cannot be judged so is not evaluated.
    batch_size
        Features a batch; only together with `stream`.
    progress
        Called with the name of each step that is done, also from threads.
    passed
        Called with the title of a layer in batches, how many of its features were judged, and how
        many its file states.

    Raises
    ------
    SourceError, CrsError
        If not one layer could be used.
    PlanError
        If `stream` names a layer that the plan does not have.
    """
    wanted = plan.header.year if year is None else year
    tell = progress or (lambda _: None)
    flows, unopened = open_flows(plan, stream)
    held = [key for key in plan.layers if key not in stream]
    reading = read_layers(plan, keys=held, progress=tell, flows=tuple(flows.values()))
    judge = PlanJudge(plan, reading.layers, tell)
    judge.judge_quality()
    refused = judge_flows(judge, flows, reading, size=batch_size, passed=passed)
    held_layers = judge.held_layers()
    covers, heights = (RasterJudge(plan, held_layers, judge.townships, tell) for _ in range(2))
    # Rasters are judged on the layers that vectors are, and on nothing that is found there.
    with beside() as begin:
        cover, slope = begin(lambda: covers.judge_cover(wanted)), begin(heights.slope)
        share_base = judge.share_base()
        quotas = judge.quotas(wanted, share_base)
        rules = judge.rules()
        landcover, indicators, corridors = cover()
        cropland = slope()
    open_points = (
        *reading.problems,
        *unopened,
        *refused,
        *judge.misplaced,
        *judge.unlooked(),
        *_open_points(plan, wanted, share_base, quotas, rules),
        *covers.unread,
        *heights.unread,
        *covers.open_ground(landcover),
        *_open_indicators(plan, wanted, indicators),
        *(NotEvaluated(result.element.name, result.why) for result in corridors if result.why),
    )
    return Review(
        plan=plan,
        year=wanted,
        layers=judge.layers,
        crs=reading.crs,
        share_base=share_base,
        quotas=quotas,
        rules=rules,
        quality=judge.quality,
        not_evaluated=open_points,
        status=_overall(quotas, rules, judge.quality, open_points),
        landcover=landcover,
        indicators=indicators,
        corridors=corridors,
        slope=cropland,
    )


def _open_points(
    plan: Plan,
    year: int,
    share_base: ShareBase | None,
    quotas: tuple[QuotaFinding, ...],
    rules: tuple[RuleResult, ...],
) -> list[NotEvaluated]:
    if not plan.quotas and not plan.line_rules and not plan.indicators:
        return [NotEvaluated("plan", say("quota.nothing_demanded"))]
    found = [
        NotEvaluated(quota.rule_id, quota.message)
        for quota in quotas
        if quota.status is Status.NOT_EVALUATED
    ]
    if plan.quotas and not quotas:
        years = ", ".join(str(known) for known in sorted({quota.year for quota in plan.quotas}))
        found.append(NotEvaluated("quotas", say("quota.no_year", year=year, years=years)))
    found += [
        NotEvaluated(result.rule.id, result.message)
        for result in rules
        if result.status is Status.NOT_EVALUATED
    ]
    if share_base is not None and share_base.used_ha is None:
        found.append(NotEvaluated("share_base", say("quota.no_share_base", use=share_base.use)))
    return found


def _open_indicators(
    plan: Plan, year: int, indicators: tuple[IndicatorFinding, ...]
) -> Iterator[NotEvaluated]:
    if plan.indicators and not indicators:
        years = ", ".join(str(known) for known in sorted({entry.year for entry in plan.indicators}))
        yield NotEvaluated("indicators", say("indicator.no_year", year=year, years=years))
    for finding in indicators:
        yield NotEvaluated(finding.rule_id, finding.message)


def _overall(
    quotas: tuple[QuotaFinding, ...],
    rules: tuple[RuleResult, ...],
    quality: tuple[Finding, ...],
    open_points: tuple[NotEvaluated, ...],
) -> Status:
    broken = any(fault.severity is Severity.ERROR for fault in quality)
    return worst_status(
        [
            *(quota.status for quota in quotas),
            *(result.status for result in rules),
            Status.NOT_MET if broken else Status.MET,
            Status.NOT_EVALUATED if open_points else Status.MET,
        ]
    )
