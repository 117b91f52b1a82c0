"""Quotas (指标): whether the area that the document demands is there, on the official method.

Three areas stand side by side: the sum of the attribute fields (issued quotas are mostly such
sums), the ellipsoidal area of the geometry, which decides, and the planar area for reference. Where
the first two lead to different answers, nobody is right by default: the quota is not evaluated.

A layer's area is that of its union: ground that two features share counts once. Net area (净面积)
is each feature's area less its field ridges, area × (1 − 扣除系数).

A figure printed with two decimals is known to half a unit of the last one, so measured figures are
rounded half up to the printed decimals before they are compared; the margin shown is unrounded.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialplan.findings import NOISE_WIDTH_M, Finding, Severity, Status
from spatialplan.layers import Layer
from spatialplan.messages import Message, say
from spatialplan.overlay import OverlapPieces, overlap_pieces, shared_area, union_area
from spatialplan.plan import AreaQuota, MultipleQuota
from spatialplan.units import from_m2, round_printed, to_m2

__all__ = [
    "AreaFigures",
    "QuotaFinding",
    "judge_area_quota",
    "judge_multiple",
    "measure_area",
    "not_evaluated_quota",
]

# Where coordinates are taken as CGCS2000 as they are, area is off as well: Krasovsky's axis is
# longer by 17 ppm, which is 34 ppm of area, and the old networks' scale varies by tens of ppm.
AREA_DOUBT = 1e-4

# Land class codes of the third survey: 0101, 1104A, 0201K.
FULL_CODE = r"[0-9]{4}[A-Z]?"

Areas = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """The three areas of the features that a quota counts, m², and what stands in the way.

    Attributes
    ----------
    measured_m2
        Ellipsoidal; of the union, or net.
    attribute_m2
        Sum of the attribute field; None where a value is missing or there is no field.
    planar_m2
        In the delivered projection, for reference.
    overlap_m2
        Ground that features of the layer share among themselves.
    townships
        Name and measured area of every unit, and what no unit covers under ``""``; the parts add
        up to `measured_m2`. Empty without a layer of townships.
    blocked
        Why no status may be given although figures are there; None if nothing is in the way.
    """

    measured_m2: float
    attribute_m2: float | None
    planar_m2: float
    overlap_m2: float
    townships: tuple[tuple[str, float], ...]
    blocked: Message | None


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
        status, message = _outcome(quota, value)
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


def measure_area(
    layer: Layer,
    *,
    inner: OverlapPieces,
    townships: Layer | None = None,
    classes: tuple[str, ...] = (),
    net: bool = False,
) -> AreaFigures:
    """Measure a layer, or the features whose class code begins with one of `classes`."""
    chosen = _members(layer, classes)
    kept = _kept_share(layer, net)
    doubled = _inner_between(inner, chosen)
    weighted = np.where(chosen, layer.area_m2 * kept, 0.0)
    measured = math.fsum(weighted)
    overlap = 0.0
    if len(doubled):
        union = union_area(layer.geometry[chosen], assume_valid=True)
        overlap = math.fsum(layer.area_m2[chosen]) - union
        measured = measured if net else union
    return AreaFigures(
        measured_m2=measured,
        attribute_m2=_attribute_sum(layer, chosen, net),
        planar_m2=math.fsum(np.where(chosen, layer.planar_m2 * kept, 0.0)),
        overlap_m2=overlap,
        townships=_by_township(
            layer, weighted, measured, townships, counted_once=bool(overlap) and not net
        ),
        blocked=_obstacle(layer, kept, chosen, net and bool(len(doubled)))
        or _unclear_classes(layer, classes, chosen),
    )


def _members(layer: Layer, classes: tuple[str, ...]) -> NDArray[np.bool_]:
    if not classes:
        return np.ones(len(layer.frame), dtype=bool)
    codes = layer.text(layer.spec.class_field)
    return np.array([str(code).startswith(classes) for code in codes], dtype=bool)


def _kept_share(layer: Layer, net: bool) -> Areas:
    """Share of each feature that is left after the ridges; NaN where the factor is unusable."""
    factor = layer.numbers(layer.spec.deduction_field) if net else None
    if factor is None:
        return np.ones(len(layer.frame))
    return np.where((factor >= 0) & (factor < 1), 1 - factor, np.nan)


def _inner_between(inner: OverlapPieces, chosen: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Positions of overlaps between two counted features that are more than noise."""
    if not len(inner.geometry):
        return np.array([], dtype=np.intp)
    both = chosen[inner.a_index] & chosen[inner.b_index]
    return np.flatnonzero(both & (inner.mean_width > NOISE_WIDTH_M))


def _attribute_sum(layer: Layer, chosen: NDArray[np.bool_], net: bool) -> float | None:
    spec = layer.spec
    values = layer.numbers(spec.net_area_field if net else spec.area_field)
    if values is None or not chosen.any():
        return None
    total = math.fsum(values[chosen])
    return None if math.isnan(total) else to_m2(total, spec.area_unit)


def _by_township(
    layer: Layer, weighted: Areas, total: float, townships: Layer | None, *, counted_once: bool
) -> tuple[tuple[str, float], ...]:
    """Break a total down; features that overlap count once, by the area of their union."""
    if townships is None or math.isnan(total):
        return ()
    members = np.flatnonzero(weighted)
    if counted_once:
        sums = shared_area(townships.geometry, layer.geometry[members], assume_valid=True)
    else:
        pieces = overlap_pieces(layer.geometry[members], townships.geometry, assume_valid=True)
        density = weighted[members] / layer.area_m2[members]
        sums = np.zeros(len(townships.frame))
        np.add.at(sums, pieces.b_index, pieces.area * density[pieces.a_index])
    names = townships.text(townships.spec.name_field)
    parts = [(str(name), float(part)) for name, part in zip(names, sums, strict=True)]
    return (*parts, ("", total - math.fsum(sums)))


def _obstacle(
    layer: Layer, kept: Areas, chosen: NDArray[np.bool_], net_overlap: bool
) -> Message | None:
    if layer.set_aside:
        return say("quota.set_aside", count=layer.set_aside)
    unusable = int(np.isnan(kept[chosen]).sum())
    if unusable:
        field = layer.spec.deduction_field
        return say("quota.bad_deduction", count=unusable, field=field)
    if net_overlap:
        return say("quota.net_overlap")
    return None


def _unclear_classes(
    layer: Layer, classes: tuple[str, ...], chosen: NDArray[np.bool_]
) -> Message | None:
    """Say where codes leave open whether a class is meant: 011 or 101 for 0101, or none at all."""
    if not classes:
        return None
    codes = {str(code) for code in layer.text(layer.spec.class_field)}
    if all(re.fullmatch(FULL_CODE, code) for code in classes):
        odd = sorted(code for code in codes if not re.fullmatch(FULL_CODE, code))
        if odd:
            return say(
                "quota.odd_codes", found=", ".join(code or "\N{EM DASH}" for code in odd[:8])
            )
    if not chosen.any():
        return say("quota.no_class", wanted=", ".join(classes), found=", ".join(sorted(codes)[:8]))
    return None


def _compare_area(quota: AreaQuota, figures: AreaFigures) -> tuple[Status, Message]:
    if figures.blocked:
        return Status.NOT_EVALUATED, figures.blocked
    value = from_m2(figures.measured_m2, quota.unit)
    status, message = _outcome(quota, value)
    if figures.attribute_m2 is not None and quota.value is not None:
        attribute = from_m2(figures.attribute_m2, quota.unit)
        if _outcome(quota, attribute)[0] is not status:
            return Status.NOT_EVALUATED, say("quota.areas_disagree")
    return status, message


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
