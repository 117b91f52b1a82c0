"""One plan's demands, judged over layers held whole and layers that went by in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from spatialplan.conflicts import RuleResult, judge_rule, not_evaluated_rule
from spatialplan.errors import ConservationError
from spatialplan.findings import Finding, NotEvaluated
from spatialplan.layers import Layer
from spatialplan.messages import Message, say
from spatialplan.overlay import OverlapPieces, inner_overlaps
from spatialplan.pieces import settle_pieces
from spatialplan.plan import (
    AreaQuota,
    DisjointRule,
    MultipleQuota,
    Plan,
    Role,
    ShareBase,
    Tolerance,
    WithinRule,
    find_share_base,
)
from spatialplan.quality import judge_quality
from spatialplan.quotas import (
    AreaFigures,
    QuotaFinding,
    compare_area,
    compare_multiple,
    measure_area,
    not_evaluated_quota,
)

__all__ = ["EVERYTHING", "FlowResult", "Measure", "PlanJudge", "find_inner"]

Progress = Callable[[str], None]

# What an area counts: the beginnings of class codes, and whether less field ridges.
Measure = tuple[tuple[str, ...], bool]
EVERYTHING: Measure = ((), False)


@dataclass(frozen=True, slots=True)
class FlowResult:
    """What is known of a layer once all its batches were judged.

    Attributes
    ----------
    layer
        Without its features.
    quality
        Its faults.
    areas
        The figures of each measure that the plan asks for.
    rules
        Results of the rules between it and a layer held whole, by the rule's id.
    """

    layer: Layer
    quality: tuple[Finding, ...]
    areas: Mapping[Measure, AreaFigures]
    rules: Mapping[str, RuleResult]


def find_inner(layer: Layer) -> OverlapPieces:
    """Find what the features of a layer held whole share; lines and points share no ground."""
    polygons = layer.geometry if layer.spec.geometry == "polygon" else layer.geometry[:0]
    return settle_pieces(inner_overlaps(polygons, assume_valid=True), Tolerance())


class PlanJudge:
    """Runs the judgements over one plan's layers; overlaps inside a layer are found once.

    A layer without a usable feature bears no judgement, nor does one that lies elsewhere; the
    latter shows itself when its quality is judged and is then named in `misplaced`.
    """

    def __init__(self, plan: Plan, layers: Mapping[str, Layer], tell: Progress) -> None:
        self.plan, self.layers, self.tell = plan, dict(layers), tell
        self.inner: dict[str, OverlapPieces] = {}
        self.faults: dict[str, tuple[Finding, ...]] = {}
        self.elsewhere: set[str] = set()
        self.flows: dict[str, FlowResult] = {}
        self.townships = self._first_with_role("administrative_area")
        self.region = self._first_with_role("region")

    def _first_with_role(self, role: Role) -> Layer | None:
        found = [key for key, layer in self.layers.items() if layer.spec.role == role]
        return next((layer for key in found if (layer := self.usable(key))), None)

    def usable(self, key: str | None) -> Layer | None:
        """Return a layer that bears judgements; None for one that is missing or does not."""
        layer = self.layers.get(key or "")
        return layer if layer is not None and layer.count and key not in self.elsewhere else None

    def held(self, key: str | None) -> Layer | None:
        """Return a usable layer whose features are held."""
        layer = self.usable(key)
        return layer if layer is not None and layer.passage is None else None

    def held_layers(self) -> dict[str, Layer]:
        """Return the layers that bear judgements and whose features are held."""
        return {key: layer for key in self.layers if (layer := self.held(key))}

    @property
    def quality(self) -> tuple[Finding, ...]:
        """The faults of all layers, in the plan's order."""
        return tuple(fault for key in self.plan.layers for fault in self.faults.get(key, ()))

    @property
    def misplaced(self) -> list[NotEvaluated]:
        """The layers that lie elsewhere, in the plan's order."""
        return [
            NotEvaluated(key, say("layer.misplaced", layer=spec.title))
            for key, spec in self.plan.layers.items()
            if key in self.elsewhere
        ]

    def _inner(self, layer: Layer) -> OverlapPieces:
        key = layer.spec.id
        if key not in self.inner:
            self.inner[key] = find_inner(layer)
        return self.inner[key]

    def judge_quality(self) -> None:
        """Find the faults of every layer that is held."""
        for layer in self.layers.values():
            faults = judge_quality(layer, inner=self._inner(layer), region=self.region)
            self._keep_faults(layer, tuple(faults))
            self.tell(layer.spec.title)

    def take_flow(self, result: FlowResult) -> None:
        """Take what the batches of a layer left in among the layers."""
        key = result.layer.spec.id
        known = {**self.layers, key: result.layer}
        self.layers = {name: known[name] for name in self.plan.layers if name in known}
        self.flows[key] = result
        self._keep_faults(result.layer, result.quality)

    def _keep_faults(self, layer: Layer, faults: tuple[Finding, ...]) -> None:
        self.faults[layer.spec.id] = faults
        far = [fault for fault in faults if fault.rule_id == "far_outside"]
        if any(len(fault.feature_ids) == layer.count for fault in far):
            self.elsewhere.add(layer.spec.id)

    def _measure(
        self, layer: Layer, measure: Measure = EVERYTHING, *, broken_down: bool = False
    ) -> AreaFigures:
        if layer.passage is not None:
            return self.flows[layer.spec.id].areas[measure]
        classes, net = measure
        units = self.townships if broken_down else None
        inner = self._inner(layer)
        return measure_area(layer, inner=inner, townships=units, classes=classes, net=net)

    def share_base(self) -> ShareBase | None:
        """Find the denominators of shares; one that may count ground twice is none."""
        spec = self.plan.share_base
        layer = self.usable(spec.measured_layer) if spec else None
        area = self._measure(layer) if layer else None
        usable = area is not None and area.blocked is None and area.overlap_m2 is not None
        measured = area.measured_m2 / 10_000 if area and usable else None
        return find_share_base(self.plan, measured_ha=measured)

    def quotas(self, year: int, share_base: ShareBase | None) -> tuple[QuotaFinding, ...]:
        """Judge the quotas of a year."""
        base_ha = share_base.used_ha if share_base else None
        found = []
        for quota in self.plan.quotas:
            if quota.year == year:
                found.append(self._quota(quota, base_ha))
                self.tell(quota.title)
        return tuple(found)

    def _quota(self, quota: AreaQuota | MultipleQuota, base_ha: float | None) -> QuotaFinding:
        layer = self.usable(quota.layer)
        if layer is None:
            return not_evaluated_quota(quota, self._missing(quota.layer))
        if isinstance(quota, AreaQuota):
            measure = (quota.classes, quota.measure == "net")
            figures = self._measure(layer, measure, broken_down=True)
            return compare_area(quota, layer, figures, share_base_ha=base_ha)
        figures = self._measure(layer)
        if quota.base_ha is not None:
            base_m2 = float(quota.base_ha) * 10_000
            return compare_multiple(quota, layer, figures, base_m2=base_m2)
        base_layer = self.usable(quota.base_layer)
        if quota.base_layer and base_layer is None:
            return not_evaluated_quota(quota, self._missing(quota.base_layer))
        base = self._measure(base_layer) if base_layer else None
        return compare_multiple(
            quota,
            layer,
            figures,
            base_m2=base.measured_m2 if base else None,
            base_blocked=self._base_obstacle(base),
        )

    def _base_obstacle(self, base: AreaFigures | None) -> Message | None:
        if base is not None and base.overlap_m2 is None:
            return base.blocked or say("batched.base")
        return base.blocked if base else None

    def rules(self) -> tuple[RuleResult, ...]:
        """Judge the rules between the lines."""
        found = []
        for rule in self.plan.line_rules:
            a, b = self.usable(rule.a), self.usable(rule.b)
            if a and b:
                found.append(self._rule(rule, a, b))
            else:
                found.append(not_evaluated_rule(rule, self._missing(rule.b if a else rule.a)))
            self.tell(rule.title)
        return tuple(found)

    def _rule(self, rule: DisjointRule | WithinRule, a: Layer, b: Layer) -> RuleResult:
        """Judge a rule; where areas do not add up, it alone is left open, not the whole review."""
        why = why_not_in_batches(rule, a, b)
        if why is not None:
            return not_evaluated_rule(rule, why)
        if a.passage or b.passage:
            return self.flows[rule.a if a.passage else rule.b].rules[rule.id]
        try:
            return judge_rule(rule, a, b, townships=self.townships)
        except ConservationError as error:
            return not_evaluated_rule(rule, error.faults[0].message)

    def unlooked(self) -> Iterator[NotEvaluated]:
        """Name what nobody looked for, because it takes a whole layer that went by in batches."""
        for key, result in self.flows.items():
            title, role = result.layer.spec.title, result.layer.spec.role
            for gap in result.layer.gaps:
                yield NotEvaluated(key, gap)
            if result.layer.spec.geometry == "polygon":
                yield NotEvaluated(key, say("batched.inside", layer=title))
            if self.plan.rasters:
                yield NotEvaluated(key, say("batched.rasters", layer=title))
            if role == "region":
                yield NotEvaluated(key, say("batched.region", layer=title))
            if role == "administrative_area":
                yield NotEvaluated(key, say("batched.townships", layer=title))
            if self.plan.share_base and self.plan.share_base.measured_layer == key:
                yield NotEvaluated("share_base", say("batched.share_base", layer=title))
            for rule_id, rule_result in result.rules.items():
                if rule_result.looked and not rule_result.windows_known:
                    yield NotEvaluated(rule_id, say("batched.windows", layer=title))

    def _missing(self, key: str) -> Message:
        return say("layer.missing", layer=self.plan.layers[key].title)


def why_not_in_batches(rule: DisjointRule | WithinRule, a: Layer, b: Layer) -> Message | None:
    """Say why a rule cannot be judged where its layers come in batches; None where it can."""
    if a.passage and b.passage:
        return say("batched.both", a=a.spec.title, b=b.spec.title)
    if b.passage and isinstance(rule, WithinRule):
        return say("batched.within", layer=b.spec.title)
    return None
