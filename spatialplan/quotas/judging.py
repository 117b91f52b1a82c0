"""Quotas (指标): whether the area that the document demands is there, on the official method.

The ellipsoidal area of the geometry decides. Where the sum of the attribute fields leads to another
answer, nobody is right by default: the quota is not evaluated.

A figure printed with two decimals is known to half a unit of the last one, so measured figures are
rounded half up to the printed decimals before they are compared; the margin shown is unrounded.

A layer that was read in batches
--------------------------------
Nobody looked for ground that its features share, so what is known is their sum S, not the area U
of their union; U ≤ S, and how much less is unknown. Therefore:

- *at least* v, and S falls short of v: so does U, whatever is shared. Not met.
- *at least* v, and S reaches v: U may or may not. Not evaluated.
- *at most* v, and S keeps below v: so does U. Met; the margin shown is S's, the true one is larger.
- *at most* v, and S exceeds v: U may or may not. Not evaluated.
- *Net* area: which deduction factor holds on shared ground is unknown, and a layer held whole is
  then not evaluated. Batches must never come off better than the whole, so a net "at most" is never
  met. A net "at least" that S misses stays missed: with whichever factor, shared ground counts once
  and adds no more than it adds to S.
- A *multiple* U / B is bounded by S / B in the same way where B is known. A base B that was itself
  streamed may be too large, so that the multiple has no bound: not evaluated.

Rounding to the printed decimals comes first, as ever: it is monotonic, so the bounds hold after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from spatialplan.findings import Finding, Severity, Status
from spatialplan.layers import Layer
from spatialplan.messages import Message, say
from spatialplan.overlay import OverlapPieces
from spatialplan.plan import AreaQuota, MultipleQuota
from spatialplan.quotas.areas import AreaFigures, measure_area
from spatialplan.units import from_m2, round_printed, to_m2

__all__ = [
    "QuotaFinding",
    "compare_area",
    "compare_multiple",
    "judge_area_quota",
    "judge_multiple",
    "not_evaluated_quota",
]

# Where coordinates are taken as CGCS2000 as they are, area is off as well: Krasovsky's axis is
# longer by 17 ppm, which is 34 ppm of area, and the old networks' scale varies by tens of ppm.
AREA_DOUBT = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaFinding(Finding):
    """A quota and how it stands.

    Attributes
    ----------
    title, direction, year, nature, assigned_by
        As in the plan.
    printed, decimals
        The demand as printed, in `unit` (ha, 万亩 …, or ``"multiple"``); `limit` is its float. None
        where the plan leaves it open.
    figures
        The areas; None where nothing could be measured.
    margin
        How far the demand is met, in `unit`, unrounded; negative where it is missed.
    share, printed_share
        Share of the share base, 0 to 1; and the per cent that the document prints.
    within_print_precision
        The demand is met only after rounding to the printed decimals.
    note
        What the plan says of the base of a multiple.
    """

    title: str
    direction: str
    year: int
    nature: str
    assigned_by: str | None
    printed: Decimal | None
    decimals: int
    figures: AreaFigures | None = None
    base_m2: float | None = None
    margin: float | None = None
    margin_ha: float | None = None
    share: float | None = None
    printed_share: Decimal | None = None
    within_print_precision: bool = False
    note: str = ""


def judge_area_quota(
    quota: AreaQuota,
    layer: Layer,
    *,
    inner: OverlapPieces,
    share_base_ha: float | None = None,
    townships: Layer | None = None,
) -> QuotaFinding:
    """Judge one area quota.

    Parameters
    ----------
    quota, layer
        The demand, and the layer that it names.
    inner
        Overlaps among the layer's own features (`spatialplan.overlay.inner_overlaps`).
    share_base_ha
        The denominator of shares; None leaves the share out.
    townships
        Units by which the area is broken down.
    """
    figures = measure_area(
        layer, inner=inner, townships=townships, classes=quota.classes, net=quota.measure == "net"
    )
    return compare_area(quota, layer, figures, share_base_ha=share_base_ha)


def compare_area(
    quota: AreaQuota, layer: Layer, figures: AreaFigures, *, share_base_ha: float | None = None
) -> QuotaFinding:
    """Compare an area quota with what was measured, whole or in batches (`merge_areas`)."""
    value = from_m2(figures.measured_m2, quota.unit)
    status, message = _compare_area(quota, figures)
    margin = _margin(quota, value)
    status, message = _doubt_area(layer, status, message, _share(margin, value))
    return QuotaFinding(
        **_head(quota, status, message),
        measured=value,
        unit=quota.unit,
        figures=figures,
        margin=margin,
        margin_ha=None if margin is None else to_m2(margin, quota.unit) / 10_000,
        share=figures.measured_m2 / 10_000 / share_base_ha if share_base_ha else None,
        printed_share=quota.share_percent,
        within_print_precision=status is Status.MET and margin is not None and margin < 0,
    )


def judge_multiple(
    quota: MultipleQuota,
    layer: Layer,
    *,
    inner: OverlapPieces,
    base_m2: float | None,
    base_blocked: Message | None = None,
) -> QuotaFinding:
    """Judge an area as a multiple of a base; without one it is not evaluated.

    `base_blocked` says why no status may be given although the base could be measured.

    Deriving the base from the demand itself (area / multiple) would be circular, so that is never
    done here.
    """
    figures = measure_area(layer, inner=inner)
    return compare_multiple(quota, layer, figures, base_m2=base_m2, base_blocked=base_blocked)


def compare_multiple(
    quota: MultipleQuota,
    layer: Layer,
    figures: AreaFigures,
    *,
    base_m2: float | None,
    base_blocked: Message | None = None,
) -> QuotaFinding:
    """Compare a multiple with what was measured; see `judge_multiple`."""
    if not base_m2:
        message = say("quota.no_base")
        return QuotaFinding(
            **_head(quota, Status.NOT_EVALUATED, message), unit="multiple", figures=figures
        )
    value = figures.measured_m2 / base_m2
    margin = _margin(quota, value)
    blocked = figures.blocked or base_blocked
    if blocked:
        status, message = Status.NOT_EVALUATED, blocked
    else:
        status, message = _bound(quota, figures, *_outcome(quota, value))
    status, message = _doubt_area(layer, status, message, _share(margin, value))
    return QuotaFinding(
        **_head(quota, status, message),
        measured=value,
        unit="multiple",
        figures=figures,
        base_m2=base_m2,
        margin=margin,
        within_print_precision=status is Status.MET and margin is not None and margin < 0,
    )


def not_evaluated_quota(quota: AreaQuota | MultipleQuota, why: Message) -> QuotaFinding:
    """Return the finding of a quota whose layer could not be used."""
    unit = quota.unit if isinstance(quota, AreaQuota) else "multiple"
    share = quota.share_percent if isinstance(quota, AreaQuota) else None
    return QuotaFinding(**_head(quota, Status.NOT_EVALUATED, why), unit=unit, printed_share=share)


def _compare_area(quota: AreaQuota, figures: AreaFigures) -> tuple[Status, Message]:
    if figures.blocked:
        return Status.NOT_EVALUATED, figures.blocked
    value = from_m2(figures.measured_m2, quota.unit)
    status, message = _outcome(quota, value)
    if figures.attribute_m2 is not None and quota.value is not None:
        attribute = from_m2(figures.attribute_m2, quota.unit)
        if _outcome(quota, attribute)[0] is not status:
            return Status.NOT_EVALUATED, say("quota.areas_disagree")
    return _bound(quota, figures, status, message)


def _bound(
    quota: AreaQuota | MultipleQuota, figures: AreaFigures, status: Status, message: Message
) -> tuple[Status, Message]:
    """Keep of an outcome what holds however much ground is shared; see the module's text."""
    if figures.overlap_m2 is not None or quota.value is None:
        return status, message
    at_least = quota.direction == "at_least"
    if at_least and status is Status.NOT_MET:
        return status, message
    net = isinstance(quota, AreaQuota) and quota.measure == "net"
    if not at_least and status is Status.MET and not net:
        return status, message
    return Status.NOT_EVALUATED, say("batched.shared_ground")


def _margin(quota: AreaQuota | MultipleQuota, value: float) -> float | None:
    """How far a demand is met, negative where it is missed; None where it is open."""
    if quota.value is None:
        return None
    margin = value - float(quota.value)
    return -margin if quota.direction == "at_most" else margin


def _share(margin: float | None, value: float) -> float:
    return margin / value if value and margin is not None else 0.0


def _doubt_area(
    layer: Layer, status: Status, message: Message, margin_share: float
) -> tuple[Status, Message]:
    """Leave open what rests on less area than another datum may make of it; say so in any case."""
    placement = layer.source.placement
    if not placement.accepted:
        return status, message
    if status is not Status.NOT_EVALUATED and abs(margin_share) < AREA_DOUBT:
        return Status.NOT_EVALUATED, say("position.area_in_doubt", share=AREA_DOUBT * 1e6)
    return status, say("position.with_error", sentence=message, error=placement.error_m)


def _outcome(quota: AreaQuota | MultipleQuota, value: float) -> tuple[Status, Message]:
    """Compare a measured value, in the quota's unit, as printed and then exactly."""
    margin = _margin(quota, value)
    if quota.value is None or margin is None:
        return Status.NOT_EVALUATED, say("quota.open")
    printed = round_printed(value, quota.decimals)
    holds = printed >= quota.value if quota.direction == "at_least" else printed <= quota.value
    if not holds:
        return Status.NOT_MET, say("quota.not_met")
    return Status.MET, say("quota.met_rounded" if margin < 0 else "quota.met")


def _head(quota: AreaQuota | MultipleQuota, status: Status, message: Message) -> dict[str, Any]:
    severities = {
        Status.MET: Severity.INFO,
        Status.NOT_MET: Severity.ERROR,
        Status.NOT_EVALUATED: Severity.WARNING,
    }
    return {
        "rule_id": quota.id,
        "layer": quota.layer,
        "status": status,
        "severity": severities[status],
        "message": message,
        "limit": None if quota.value is None else float(quota.value),
        "clause": quota.clause,
        "title": quota.title,
        "direction": quota.direction,
        "year": quota.year,
        "nature": quota.nature,
        "assigned_by": quota.assigned_by,
        "printed": quota.value,
        "decimals": quota.decimals,
        "note": quota.base_note if isinstance(quota, MultipleQuota) else "",
    }
