"""What the panel beside the map says: demands and how they stand, pieces, faults, inputs.

Only values; the markup is ``page/panel.html``, which escapes every text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from spatialplan.conflicts import RuleResult
from spatialplan.findings import Finding, NotEvaluated, PieceClass, Severity, Status
from spatialplan.maps.landcover_panel import (
    CoverCard,
    IndicatorCard,
    make_cover_cards,
    make_indicator_cards,
)
from spatialplan.maps.results import fault_key, is_placed, piece_key, shown_pieces
from spatialplan.maps.wording import Wording
from spatialplan.plan import AreaQuota, MultipleQuota, Plan, ShareBase
from spatialplan.quotas import QuotaFinding
from spatialplan.review import Review

__all__ = [
    "Chip",
    "Gap",
    "PieceRow",
    "QuotaCard",
    "ResultPanel",
    "demanded_quotas",
    "explain_gaps",
    "make_result_panel",
]

SHOWN_IDS = 5

# Two sums of the same ground differ by less.
SAME_GROUND_M2 = 1.0


@dataclass(frozen=True, slots=True)
class Chip:
    """A status as a word and a class of the style sheet."""

    status: str
    text: str


@dataclass(frozen=True, slots=True)
class QuotaCard:
    """A quota; `rows` are labels and values that unfold."""

    title: str
    chip: Chip
    measured: str
    demand: str
    message: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PieceRow:
    """A piece in the list; `key` finds it on the map."""

    key: str
    kind: str
    label: str
    place: str
    area: str


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A line rule with its counts and its pieces; `hidden` pieces are not listed."""

    title: str
    chip: Chip
    message: str
    counts: tuple[tuple[str, str], ...]
    pieces: tuple[PieceRow, ...]
    hidden: int
    advice: str
    clause: str
    tolerance: str


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A fault of a layer; `key` is empty where it has no place."""

    key: str
    layer: str
    message: str
    ids: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be judged or drawn, and why."""

    title: str
    why: str


@dataclass(frozen=True, slots=True)
class ResultPanel:
    """Everything that a review's panel lists."""

    chip: Chip
    summary: str
    quotas: tuple[QuotaCard, ...]
    rules: tuple[RuleCard, ...]
    faults: tuple[FaultRow, ...]
    indicators: tuple[IndicatorCard, ...]
    covers: tuple[CoverCard, ...]
    bases: tuple[tuple[str, str], ...]
    bases_why: str


def make_result_panel(review: Review, wording: Wording) -> ResultPanel:
    """Word a review for the panel."""
    judged = [quota.status for quota in review.quotas]
    judged += [result.status for result in review.rules]
    counts = {status.value: judged.count(status) for status in Status}
    base = review.share_base
    return ResultPanel(
        chip=_chip(review.status, wording, "overall_"),
        summary=wording("summary", total=len(judged), **counts),
        quotas=tuple(_quota_card(quota, wording, base) for quota in review.quotas),
        rules=tuple(_rule_card(result, wording) for result in review.rules),
        faults=tuple(
            _fault_row(row, fault, review, wording) for row, fault in enumerate(review.quality)
        ),
        indicators=make_indicator_cards(review, wording),
        covers=make_cover_cards(review, wording),
        bases=_base_rows(base, wording),
        bases_why=base.why if base else "",
    )


def demanded_quotas(plan: Plan, wording: Wording) -> tuple[QuotaCard, ...]:
    """List what the plan demands on a map that judges nothing: not evaluated, every one."""
    chip = Chip(Status.NOT_EVALUATED.value, wording("not_judged_here"))
    return tuple(
        QuotaCard(
            title=quota.title,
            chip=chip,
            measured="",
            demand=_demand(quota, wording),
            message="",
            rows=((wording("clause"), quota.clause),),
        )
        for quota in plan.quotas
    )


def explain_gaps(
    problems: tuple[NotEvaluated, ...], plan: Plan, wording: Wording
) -> tuple[Gap, ...]:
    """Name what was not evaluated by its title in the plan, with the reason."""
    titles = {item.id: item.title for item in (*plan.quotas, *plan.line_rules)}
    titles |= {item.id: item.title for item in plan.indicators}
    titles |= {key: spec.title for key, spec in (plan.layers | plan.rasters).items()}
    return tuple(
        Gap(titles.get(item.rule_id, item.rule_id), item.why.text(wording.language))
        for item in problems
    )


def _chip(status: Status, wording: Wording, prefix: str = "status_") -> Chip:
    return Chip(status.value, wording(f"{prefix}{status.value}"))


def _rule_chip(result: RuleResult, wording: Wording) -> Chip:
    if result.status is Status.MET and result.severity is not Severity.INFO:
        return Chip("warned", wording("rule_warned"))
    return _chip(result.status, wording, "rule_")


def _demand(quota: AreaQuota | MultipleQuota, wording: Wording) -> str:
    sign = "≥" if quota.direction == "at_least" else "≤"
    unit = quota.unit if isinstance(quota, AreaQuota) else "multiple"
    if quota.value is None:
        return wording("open_demand")
    text = f"{sign} {wording.amount(quota.value, unit, quota.decimals)}"
    share = quota.share_percent if isinstance(quota, AreaQuota) else None
    return f"{text} · {share} %" if share else text


def _quota_card(quota: QuotaFinding, wording: Wording, base: ShareBase | None) -> QuotaCard:
    sign = "≥" if quota.direction == "at_least" else "≤"
    chip = _chip(quota.status, wording)
    if quota.status is Status.MET and quota.within_print_precision:
        chip = Chip("rounded", wording("status_rounded"))
    measured = wording("not_measured")
    if quota.measured is not None and math.isfinite(quota.measured):
        measured = wording.amount(quota.measured, quota.unit, quota.decimals)
    demand = wording("open_demand")
    if quota.printed is not None:
        demand = f"{sign} {wording.amount(quota.printed, quota.unit, quota.decimals)}"
    return QuotaCard(
        title=quota.title,
        chip=chip,
        measured=measured,
        demand=demand,
        message=quota.message.text(wording.language),
        rows=tuple(_quota_rows(quota, wording, base)),
    )


def _quota_rows(
    quota: QuotaFinding, wording: Wording, base: ShareBase | None
) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    if quota.margin is not None:
        rows.append((wording("margin"), wording.margin(quota.margin, quota.unit)))
    if quota.share is not None and base is not None and base.used_ha:
        share = wording.per_cent(quota.share)
        if quota.printed_share is not None:
            share += wording("printed_share", share=quota.printed_share)
        rows.append((wording("share", base=wording(f"base_{base.use}")), share))
    if quota.figures is not None:
        figures = quota.figures
        rows.append((wording("area_ellipsoidal"), wording.hectares(figures.measured_m2)))
        if figures.attribute_m2 is not None:
            rows.append((wording("area_attribute"), wording.hectares(figures.attribute_m2)))
        rows.append((wording("area_planar"), wording.hectares(figures.planar_m2)))
        if figures.overlap_m2:
            rows.append((wording("area_overlap"), wording.hectares(figures.overlap_m2)))
        elif figures.overlap_m2 is None:
            rows.append((wording("area_overlap"), wording.batched("overlap_unknown")))
    if quota.assigned_by:
        rows.append((wording("assigned_by"), quota.assigned_by))
    if quota.note:
        rows.append((wording("note"), quota.note))
    return [*rows, (wording("clause"), quota.clause)]


def _rule_card(result: RuleResult, wording: Wording) -> RuleCard:
    shown = shown_pieces(result.pieces)
    tolerance = result.rule.tolerance
    return RuleCard(
        title=result.rule.title,
        chip=_rule_chip(result, wording),
        message=result.message.text(wording.language),
        counts=tuple(_counts(result, wording)),
        pieces=tuple(
            PieceRow(
                key=piece_key(result.rule.id, row),
                kind=piece.piece_class.value,
                label=wording(f"class_{piece.piece_class.value}"),
                place=" ".join(text for text in (piece.township, piece.zone) if text),
                area=wording.hectares(piece.area_m2),
            )
            for row, piece in enumerate(shown)
        ),
        hidden=len(result.pieces) - len(shown),
        advice=result.rule.advice,
        clause=result.rule.clause,
        tolerance=wording(
            "tolerance", area=f"{tolerance.area_m2:g}", width=f"{tolerance.width_m:g}"
        ),
    )


def _counts(result: RuleResult, wording: Wording) -> list[tuple[str, str]]:
    counted = []
    for kind in (PieceClass.CONFLICT, PieceClass.NEEDS_PERSON, PieceClass.SLIVER):
        if result.count(kind):
            size = wording.hectares(_ground_m2(result, kind))
            text = wording("count_area", count=f"{result.count(kind):,}", area=size)
            if result.area_m2(kind) - _ground_m2(result, kind) > SAME_GROUND_M2:
                text += wording("pairs_area", area=wording.hectares(result.area_m2(kind)))
            counted.append((wording(f"class_{kind.value}"), text))
    if not result.windows_known:
        counted.append((wording("class_enclosed"), wording.batched("unknown_count")))
    elif result.enclosed:
        text = wording("count", count=f"{len(result.enclosed):,}")
        counted.append((wording("class_enclosed"), text))
    if result.noise_pieces:
        size = wording.hectares(result.noise_area_m2)
        text = wording("count_area", count=f"{result.noise_pieces:,}", area=size)
        counted.append((wording("class_noise"), text))
    return counted


def _ground_m2(result: RuleResult, kind: PieceClass) -> float:
    """Area of a class; of conflicts the ground itself, which several pairs may share."""
    return result.ground_m2 if kind is PieceClass.CONFLICT else result.area_m2(kind)


def _fault_row(row: int, fault: Finding, review: Review, wording: Wording) -> FaultRow:
    ids = ", ".join(fault.feature_ids[:SHOWN_IDS])
    if len(fault.feature_ids) > SHOWN_IDS:
        ids = wording("and_more", ids=ids, count=f"{len(fault.feature_ids):,}")
    spec = review.plan.layers.get(fault.layer)
    return FaultRow(
        key=fault_key(row) if is_placed(fault) else "",
        layer=spec.title if spec else fault.layer,
        message=fault.message.text(wording.language),
        ids=ids,
    )


def _base_rows(base: ShareBase | None, wording: Wording) -> tuple[tuple[str, str], ...]:
    if base is None:
        return ()
    rows = []
    for use, value in (
        ("stated", _ha(base.stated_ha, wording)),
        ("derived", _interval(base.derived_ha, wording)),
        ("measured", _ha(base.measured_ha, wording)),
    ):
        name = wording(f"base_{use}")
        rows.append((f"{name}{wording('base_used')}" if use == base.use else name, value))
    return tuple(rows)


def _ha(area_ha: float | None, wording: Wording) -> str:
    return wording("not_provided") if area_ha is None else wording.hectares(area_ha * 10_000)


def _interval(interval: tuple[float, float] | None, wording: Wording) -> str:
    if interval is None:
        return wording("not_provided")
    return f"{interval[0]:,.0f}–{interval[1]:,.0f} {wording('unit_ha')}"
