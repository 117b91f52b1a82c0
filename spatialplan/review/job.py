"""The job behind ``spatialplan check``: read the layers, have every demand judged, gather findings.

A layer that is missing, damaged or in a doubtful CRS does not stop the review. What depends on it
comes out as not evaluated, with the reason; the rest is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pyproj import CRS

from spatialplan.conflicts import RuleResult, judge_rule, not_evaluated_rule
from spatialplan.corridors import CorridorResult
from spatialplan.errors import ConservationError
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
from spatialplan.messages import Message, say
from spatialplan.overlay import OverlapPieces, inner_overlaps
from spatialplan.pieces import settle_pieces
from spatialplan.plan import (
    AreaQuota,
    DisjointRule,
    MultipleQuota,
    Plan,
    ShareBase,
    Tolerance,
    WithinRule,
    find_share_base,
)
from spatialplan.quality import judge_quality
from spatialplan.quotas import (
    AreaFigures,
    QuotaFinding,
    judge_area_quota,
    judge_multiple,
    measure_area,
    not_evaluated_quota,
)
from spatialplan.review.rasters import RasterJudge
from spatialplan.slopes import CroplandSlope

__all__ = ["Review", "check_plan"]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that one check of a plan found.

    Attributes
    ----------
    layers
        The layers that passed the gate, by their name in the plan.
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


def check_plan(plan: Plan, *, year: int | None = None, progress: Progress | None = None) -> Review:
    """Check a plan: quotas, conflicts between the lines, quality of the layers.

    Parameters
    ----------
    plan
        From `spatialplan.read_plan`.
    year
        The year whose quotas are checked; default: the plan's own.
    progress
        Called with the name of each step that is done.

    Raises
    ------
    SourceError, CrsError
        If not one layer could be used.
    """
    wanted = plan.header.year if year is None else year
    tell = progress or (lambda _: None)
    reading = read_layers(plan, progress=tell)
    judge = _Judge(plan, reading.layers, tell)
    quality = judge.quality()
    share_base = judge.share_base()
    quotas = judge.quotas(wanted, share_base)
    rules = judge.rules()
    rasters = RasterJudge(plan, judge.usable(), judge.townships, tell)
    landcover = rasters.land_cover()
    indicators = rasters.indicators(wanted, landcover)
    corridors, slope = rasters.corridors(landcover), rasters.slope()
    open_points = (
        *reading.problems,
        *judge.misplaced,
        *_open_points(plan, wanted, share_base, quotas, rules),
        *rasters.unread,
        *rasters.open_ground(landcover),
        *_open_indicators(plan, wanted, indicators),
        *(NotEvaluated(result.element.name, result.why) for result in corridors if result.why),
    )
    return Review(
        plan=plan,
        year=wanted,
        layers=reading.layers,
        crs=reading.crs,
        share_base=share_base,
        quotas=quotas,
        rules=rules,
        quality=quality,
        not_evaluated=open_points,
        status=_overall(quotas, rules, quality, open_points),
        landcover=landcover,
        indicators=indicators,
        corridors=corridors,
        slope=slope,
    )


class _Judge:
    """Runs the judgements over one plan's layers; overlaps inside a layer are found once.

    A layer without a usable feature bears no judgement, nor does one that lies elsewhere; the
    latter shows itself when its quality is judged and is then named in `misplaced`.
    """

    def __init__(self, plan: Plan, layers: Mapping[str, Layer], tell: Progress) -> None:
        self.plan, self.layers, self.tell = plan, layers, tell
        self.inner: dict[str, OverlapPieces] = {}
        self.misplaced: list[NotEvaluated] = []
        self.townships = self._first_with_role("administrative_area")
        self.region = self._first_with_role("region")

    def _first_with_role(self, role: str) -> Layer | None:
        found = [key for key, layer in self.layers.items() if layer.spec.role == role]
        return next((layer for key in found if (layer := self._usable(key))), None)

    def _usable(self, key: str | None) -> Layer | None:
        layer = self.layers.get(key or "")
        elsewhere = any(point.rule_id == key for point in self.misplaced)
        return layer if layer is not None and len(layer.frame) and not elsewhere else None

    def usable(self) -> dict[str, Layer]:
        """Return the layers that bear judgements; asked once their quality is known."""
        return {key: layer for key in self.layers if (layer := self._usable(key))}

    def _inner(self, layer: Layer) -> OverlapPieces:
        key = layer.spec.id
        if key not in self.inner:
            polygons = layer.geometry if layer.spec.geometry == "polygon" else layer.geometry[:0]
            overlaps = inner_overlaps(polygons, assume_valid=True)
            self.inner[key] = settle_pieces(overlaps, Tolerance())
        return self.inner[key]

    def quality(self) -> tuple[Finding, ...]:
        found: list[Finding] = []
        for layer in self.layers.values():
            faults = judge_quality(layer, inner=self._inner(layer), region=self.region)
            found += faults
            if any(f.rule_id == "far_outside" and _concerns_all(f, layer) for f in faults):
                why = say("layer.misplaced", layer=layer.spec.title)
                self.misplaced.append(NotEvaluated(layer.spec.id, why))
            self.tell(layer.spec.title)
        return tuple(found)

    def _area(self, key: str | None) -> AreaFigures | None:
        layer = self._usable(key)
        return measure_area(layer, inner=self._inner(layer)) if layer else None

    def share_base(self) -> ShareBase | None:
        spec = self.plan.share_base
        area = self._area(spec.measured_layer) if spec else None
        usable = area is not None and area.blocked is None
        measured = area.measured_m2 / 10_000 if area and usable else None
        return find_share_base(self.plan, measured_ha=measured)

    def quotas(self, year: int, share_base: ShareBase | None) -> tuple[QuotaFinding, ...]:
        base_ha = share_base.used_ha if share_base else None
        found = []
        for quota in self.plan.quotas:
            if quota.year == year:
                found.append(self._quota(quota, base_ha))
                self.tell(quota.title)
        return tuple(found)

    def _quota(self, quota: AreaQuota | MultipleQuota, base_ha: float | None) -> QuotaFinding:
        layer = self._usable(quota.layer)
        if layer is None:
            return not_evaluated_quota(quota, self._missing(quota.layer))
        inner = self._inner(layer)
        if isinstance(quota, AreaQuota):
            return judge_area_quota(
                quota, layer, inner=inner, share_base_ha=base_ha, townships=self.townships
            )
        if quota.base_ha is not None:
            return judge_multiple(quota, layer, inner=inner, base_m2=float(quota.base_ha) * 10_000)
        if quota.base_layer and self._usable(quota.base_layer) is None:
            return not_evaluated_quota(quota, self._missing(quota.base_layer))
        base = self._area(quota.base_layer)
        return judge_multiple(
            quota,
            layer,
            inner=inner,
            base_m2=base.measured_m2 if base else None,
            base_blocked=base.blocked if base else None,
        )

    def rules(self) -> tuple[RuleResult, ...]:
        found = []
        for rule in self.plan.line_rules:
            a, b = self._usable(rule.a), self._usable(rule.b)
            if a and b:
                found.append(self._rule(rule, a, b))
            else:
                found.append(not_evaluated_rule(rule, self._missing(rule.b if a else rule.a)))
            self.tell(rule.title)
        return tuple(found)

    def _rule(self, rule: DisjointRule | WithinRule, a: Layer, b: Layer) -> RuleResult:
        """Judge a rule; where areas do not add up, it alone is left open, not the whole review."""
        try:
            return judge_rule(rule, a, b, townships=self.townships)
        except ConservationError as error:
            return not_evaluated_rule(rule, error.faults[0].message)

    def _missing(self, key: str) -> Message:
        return say("layer.missing", layer=self.plan.layers[key].title)


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


def _concerns_all(fault: Finding, layer: Layer) -> bool:
    return len(fault.feature_ids) == len(layer.frame)


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
