"""Layers of a plan that flow by in batches: every batch is judged for all demands and let go.

The judgements are those of layers held whole: each is a pair, one function over a batch and one
that puts together what the batches left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.conflicts import (
    RulePartial,
    RuleResult,
    Side,
    judge_rule_batch,
    merge_rule,
    not_evaluated_rule,
    prepare_side,
    take_side,
)
from spatialplan.crs import Plane
from spatialplan.errors import ConservationError, Fault, PlanError, SourceError, SpatialplanError
from spatialplan.files import (
    BATCH_FEATURES,
    BrokenBatch,
    LayerFlow,
    Reading,
    hear_warnings,
    list_problems,
    open_flow,
    plain_reason,
    read_layer_batches,
)
from spatialplan.findings import NotEvaluated
from spatialplan.layers import (
    Delivery,
    IdRegister,
    Layer,
    admit,
    delivered_ids,
    merge_batches,
    release_features,
)
from spatialplan.messages import Message, say
from spatialplan.overlay import IndexedFeatures, OverlapPieces, index_features, inner_overlaps
from spatialplan.plan import (
    AreaQuota,
    DisjointRule,
    LayerSpec,
    MultipleQuota,
    Plan,
    WithinRule,
)
from spatialplan.quality import (
    QualityPartial,
    judge_quality_batch,
    merge_quality,
    near_ground,
)
from spatialplan.quotas import AreaPartial, measure_batch, merge_areas
from spatialplan.review.judging import EVERYTHING, FlowResult, Measure, PlanJudge
from spatialplan.runs import run_here
from spatialplan.threads import thread_count

__all__ = ["Passed", "judge_flows", "open_flows"]

# Batches judged at once, whatever the machine has: overlay runs in threads of its own, and every
# further one would take memory, which is what streaming is to save.
MOST_AT_ONCE = 4

Passed = Callable[[str, int, int], None]

LineRule = DisjointRule | WithinRule

NO_OVERLAPS = inner_overlaps([])


@dataclass(frozen=True, slots=True)
class RuleTask:
    """A rule between the layer that flows and one that is held.

    Attributes
    ----------
    held
        The side that is held, cut once.
    batch
        Which side flows.
    """

    rule: LineRule
    held: Side
    batch: Literal["a", "b"]

    def judge(self, batch: Layer, townships: Layer | None) -> RulePartial | Message:
        """Judge a batch; where areas do not add up, say so: the rule alone is left open."""
        wanted = self.rule.zones_a if self.batch == "a" else self.rule.zones_b
        flowing = take_side(batch, wanted)
        sides = (flowing, self.held) if self.batch == "a" else (self.held, flowing)
        try:
            return judge_rule_batch(self.rule, *sides, townships=townships, batch=self.batch)
        except ConservationError as error:
            return error.faults[0].message


@dataclass(frozen=True, slots=True)
class BatchPartial:
    """What one batch leaves: all that is known of it once its features are let go."""

    layer: Layer
    ids: NDArray[np.object_]
    quality: QualityPartial
    areas: Mapping[Measure, AreaPartial]
    rules: Mapping[str, RulePartial | Message]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A batch that was not judged: it could not be read, or was refused at the gate."""

    first: int
    faults: tuple[Fault, ...]
    why: Message
    at_the_gate: bool = False


@dataclass(frozen=True, slots=True)
class BatchJudge:
    """Judges batches of one layer; what they are judged against is made ready once.

    Attributes
    ----------
    near
        The region with its surroundings; None without one.
    townships, units
        Units of administration, and the same cut; None without them.
    measures
        The areas that the plan asks for.
    tasks
        The rules that can be judged batch by batch.
    """

    plane: Plane
    crs: CRS
    near: Any
    townships: Layer | None
    units: IndexedFeatures | None
    measures: tuple[Measure, ...]
    tasks: tuple[RuleTask, ...]

    def __call__(self, item: Delivery | BrokenBatch) -> BatchPartial | Refusal:
        """Take a batch through the gate and judge it for all that the plan demands."""
        if isinstance(item, BrokenBatch):
            return Refusal(item.first, item.faults, item.why)
        try:
            batch = admit(item, plane=self.plane, working_crs=self.crs)
        except SpatialplanError as error:
            reason, last = error.faults[0].message, item.first + len(item.frame)
            why = say("batched.refused", first=item.first + 1, last=last, reason=reason)
            return Refusal(item.first, error.faults, why, at_the_gate=True)
        inner = None if batch.spec.geometry == "polygon" else NO_OVERLAPS
        return BatchPartial(
            layer=release_features(batch),
            ids=delivered_ids(batch),
            quality=judge_quality_batch(batch, inner=inner, near=self.near),
            areas={measure: self._measure(batch, inner, measure) for measure in self.measures},
            rules={task.rule.id: task.judge(batch, self.townships) for task in self.tasks},
        )

    def _measure(self, batch: Layer, inner: OverlapPieces | None, measure: Measure) -> AreaPartial:
        classes, net = measure
        return measure_batch(
            batch,
            inner=inner,
            townships=self.townships,
            ground=self.units,
            classes=classes,
            net=net,
        )


def open_flows(
    plan: Plan, stream: Collection[str]
) -> tuple[dict[str, LayerFlow], tuple[NotEvaluated, ...]]:
    """Open the layers that are to be read in batches; one that cannot be opened is a problem.

    Raises
    ------
    PlanError
        If the plan has no layer of a name.
    """
    unknown = [key for key in stream if key not in plan.layers]
    if unknown:
        raise PlanError(_unknown_layer(key, plan) for key in unknown)
    flows: dict[str, LayerFlow] = {}
    faults: dict[str, tuple[Fault, ...]] = {}
    for key in [key for key in plan.layers if key in stream]:
        try:
            flows[key] = open_flow(plan.layers[key], plan)
        except SpatialplanError as error:
            faults[key] = error.faults
    return flows, tuple(list_problems(plan, {}, faults))


def _unknown_layer(key: str, plan: Plan) -> Fault:
    near = get_close_matches(key, plan.layers, n=1, cutoff=0.6)
    known = ", ".join(plan.layers)
    if near:
        return Fault("--stream", say("batched.unknown_near", found=key, near=near[0], known=known))
    return Fault("--stream", say("batched.unknown", found=key, known=known))


def judge_flows(
    judge: PlanJudge,
    flows: Mapping[str, LayerFlow],
    reading: Reading,
    *,
    size: int | None = None,
    passed: Passed | None = None,
) -> tuple[NotEvaluated, ...]:
    """Let every flow pass, after the layers that are held were judged.

    Parameters
    ----------
    judge
        Has judged the layers that are held; takes what the flows leave.
    flows
        Of `open_flows`.
    reading
        The layers that are held, with plane and working CRS.
    size
        Features a batch.
    passed
        Called with the title of a layer, how many of its features were judged, and how many its
        file states.

    Returns
    -------
    refused
        Layers of which nothing could be judged, or no feature is sound.

    Raises
    ------
    SourceError
        If no layer at all could be used.
    """
    refused: list[NotEvaluated] = []
    for key, flow in flows.items():
        tell = partial(passed or _tell_nobody, flow.spec.title)
        batch_judge = _make_ready(judge, flow.spec, reading)
        result = _judge_flow(flow, batch_judge, size or BATCH_FEATURES, tell)
        if isinstance(result, FlowResult):
            judge.take_flow(result)
            refused += list_problems(judge.plan, {key: result.layer}, {})
        else:
            refused += list_problems(judge.plan, {}, {key: result})
        judge.tell(flow.spec.title)
    if not judge.layers:
        points = (*reading.problems, *refused)
        raise SourceError(Fault(point.rule_id, point.why) for point in points)
    return tuple(refused)


def _tell_nobody(title: str, done: int, total: int) -> None:
    pass


def _judge_flow(
    flow: LayerFlow, batch_judge: BatchJudge, size: int, tell: Callable[[int, int], None]
) -> FlowResult | tuple[Fault, ...]:
    """Judge all batches; faults where the gate refuses the first, or none could be judged."""
    register, repeated = IdRegister(), set[str]()
    partials: list[BatchPartial] = []
    refusals: list[Refusal] = []
    done, workers = 0, min(thread_count(), MOST_AT_ONCE)
    tell(done, flow.source.features)
    with hear_warnings() as heard:
        for found in run_here(read_layer_batches(flow, size=size), batch_judge, workers=workers):
            if isinstance(found, Refusal):
                refusals.append(found)
                if found.at_the_gate and not found.first:
                    return found.faults
                continue
            repeated.update(register.enter(found.ids))
            partials.append(replace(found, ids=found.ids[:0].copy()))
            done += found.layer.source.features
            tell(done, flow.source.features)
    if not partials:
        return refusals[0].faults
    texts = dict.fromkeys(text for said in heard.values() for text in said)
    layer = merge_batches(
        [one.layer for one in partials],
        repeated=repeated,
        gaps=tuple(refusal.why for refusal in refusals),
        warnings=(*flow.warnings, *(plain_reason(text, flow.table.file) for text in texts)),
    )
    return _put_together(layer, partials, batch_judge)


def _put_together(layer: Layer, partials: Sequence[BatchPartial], ready: BatchJudge) -> FlowResult:
    return FlowResult(
        layer=layer,
        quality=tuple(merge_quality(layer, [one.quality for one in partials])),
        areas={
            measure: merge_areas(
                layer, [one.areas[measure] for one in partials], classes=measure[0]
            )
            for measure in ready.measures
        },
        rules={task.rule.id: _merge_task(task, layer, partials) for task in ready.tasks},
    )


def _merge_task(task: RuleTask, layer: Layer, partials: Sequence[BatchPartial]) -> RuleResult:
    found = [one.rules[task.rule.id] for one in partials]
    failed = [one for one in found if isinstance(one, Message)]
    if failed:
        return not_evaluated_rule(task.rule, failed[0])
    judged = [one for one in found if isinstance(one, RulePartial)]
    sides = (layer, task.held.layer) if task.batch == "a" else (task.held.layer, layer)
    return merge_rule(task.rule, judged, *sides)


def _make_ready(judge: PlanJudge, spec: LayerSpec, reading: Reading) -> BatchJudge:
    units = judge.townships
    return BatchJudge(
        plane=reading.plane,
        crs=reading.crs,
        near=near_ground(judge.region),
        townships=units,
        units=index_features(units.geometry, assume_valid=True) if units else None,
        measures=_measures(judge.plan, spec.id),
        tasks=tuple(_rule_tasks(judge, spec.id)),
    )


def _measures(plan: Plan, key: str) -> tuple[Measure, ...]:
    """Return the areas of a layer that quotas count, or the base of shares or of a multiple is."""
    wanted: dict[Measure, None] = {}
    if plan.share_base and plan.share_base.measured_layer == key:
        wanted[EVERYTHING] = None
    for quota in plan.quotas:
        if isinstance(quota, AreaQuota) and quota.layer == key:
            wanted[quota.classes, quota.measure == "net"] = None
        elif isinstance(quota, MultipleQuota) and key in (quota.layer, quota.base_layer):
            wanted[EVERYTHING] = None
    return tuple(wanted)


def _rule_tasks(judge: PlanJudge, key: str) -> Iterator[RuleTask]:
    """Make ready the rules between a layer that flows and one that is held."""
    for rule in judge.plan.line_rules:
        a, b = judge.held(rule.a), judge.held(rule.b)
        if rule.a == key and b is not None:
            yield RuleTask(rule, prepare_side(rule, take_side(b, rule.zones_b)), "a")
        if rule.b == key and a is not None and isinstance(rule, DisjointRule):
            yield RuleTask(rule, prepare_side(rule, take_side(a, rule.zones_a)), "b")
