"""Quality of a layer, as far as the check depends on it.

What the gate set aside, what overlaps inside the layer, what lies far outside the region, and
attributes that contradict the geometry or each other. A fault is stated once for all features that
have it, with their ids.

A batch of a layer is marked by itself (`judge_quality_batch`), and the marks of all batches become
the layer's faults (`merge_quality`); a layer held whole is one batch. What overlaps inside a layer
shows only where it is held whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import NOISE_WIDTH_M, Finding, Severity, Status
from spatialplan.layers import Layer
from spatialplan.messages import say
from spatialplan.overlay import OverlapPieces
from spatialplan.plan import Tolerance
from spatialplan.quality.marks import Marked, join_marks, mark_features, tell_fault
from spatialplan.units import M2_PER_UNIT

__all__ = [
    "QualityPartial",
    "judge_quality",
    "judge_quality_batch",
    "merge_quality",
    "near_ground",
]

# Further than this outside the region a part is misplaced, not just a rough border.
FAR_M = 1_000.0
# A stated area may be off by this share, and by half a unit of its second decimal.
STATED_AREA_SHARE = 0.01
STATED_AREA_STEP = 0.005
# Below this a net area differs from gross less ridges by rounding only.
NET_AREA_M2 = 1.0

Marks = Iterator[tuple[str, Marked]]


@dataclass(frozen=True, slots=True)
class QualityPartial:
    """What one batch of a layer leaves to be told of its quality.

    Attributes
    ----------
    overlaps
        Faults of features that overlap each other; none where the batch is not the whole layer.
    marks
        The features that have a fault, by fault.
    stated
        How many features were asked for a stated area.
    """

    overlaps: tuple[Finding, ...]
    marks: Mapping[str, Marked]
    stated: int


def judge_quality(layer: Layer, *, inner: OverlapPieces, region: Layer | None) -> list[Finding]:
    """Find the faults of one layer.

    Parameters
    ----------
    layer
        A layer that passed the gate; what the gate set aside is among the faults.
    inner
        Overlaps among its features (`spatialplan.overlay.inner_overlaps`).
    region
        The planning region; None leaves out whether parts lie far away.
    """
    near = None if region is layer else near_ground(region)
    return merge_quality(layer, [judge_quality_batch(layer, inner=inner, near=near)])


def near_ground(region: Layer | None) -> shapely.Geometry | None:
    """Return the region and what lies within `FAR_M` of it; None without a region."""
    if region is None or not len(region.frame):
        return None
    return shapely.buffer(shapely.union_all(region.geometry), FAR_M)


def judge_quality_batch(
    batch: Layer, *, inner: OverlapPieces | None, near: shapely.Geometry | None
) -> QualityPartial:
    """Mark the features of a batch that have a fault.

    Parameters
    ----------
    batch
        Some features of a layer, or all.
    inner
        Overlaps among all features of the layer; None where the batch is not the whole of it.
    near
        See `near_ground`; None leaves out whether parts lie far away.
    """
    found = (
        *_far_marks(batch, near),
        *_deduction_marks(batch),
        *_class_marks(batch),
        *_stated_area_marks(batch),
    )
    return QualityPartial(
        overlaps=() if inner is None else tuple(_inner_faults(batch, inner)),
        marks={rule_id: marked for rule_id, marked in found if len(marked)},
        stated=0 if batch.numbers(batch.spec.area_field) is None else len(batch.frame),
    )


def merge_quality(layer: Layer, partials: Sequence[QualityPartial]) -> list[Finding]:
    """Return the faults of a layer from what its batches left, in the batches' order.

    `layer` is the layer whole, or as its batches left it (`spatialplan.layers.merge_batches`).
    """
    names = dict.fromkeys(name for one in partials for name in one.marks)
    marks = {
        name: join_marks([one.marks[name] for one in partials if name in one.marks])
        for name in names
    }
    stated = sum(one.stated for one in partials)
    return [
        *layer.faults,
        *(fault for one in partials for fault in one.overlaps),
        *(tell(layer, marks[name]) for name, tell in TELLING.items() if name in marks),
        *(_tell_stated_area(layer, marks[name], stated) for name in marks if name == "stated_area"),
    ]


def _inner_faults(layer: Layer, inner: OverlapPieces) -> Iterator[Finding]:
    ground = inner.mean_width > NOISE_WIDTH_M
    tolerance = Tolerance()
    sliver = (inner.area <= tolerance.area_m2) | (inner.mean_width <= tolerance.width_m)
    smaller = np.minimum(layer.area_m2[inner.a_index], layer.area_m2[inner.b_index])
    larger = np.maximum(layer.area_m2[inner.a_index], layer.area_m2[inner.b_index])
    same = ground & (inner.area >= larger * (1 - 1e-9)) & (smaller > 0)
    kinds = {
        "duplicate": (same, Severity.ERROR),
        "overlap_inside": (ground & ~same & ~sliver, Severity.ERROR),
        "sliver_inside": (ground & ~same & sliver, Severity.WARNING),
    }
    for rule_id, (chosen, severity) in kinds.items():
        rows = np.flatnonzero(chosen)
        if len(rows):
            area = math.fsum(inner.area[rows])
            pairs = np.unique(np.concatenate([inner.a_index[rows], inner.b_index[rows]]))
            yield Finding(
                rule_id=rule_id,
                layer=layer.spec.id,
                status=Status.NOT_MET,
                severity=severity,
                message=say(f"quality.{rule_id}", count=len(rows), area_m2=area),
                feature_ids=tuple(str(name) for name in layer.ids[pairs]),
                measured=area,
                unit="m2",
                geometry=shapely.multipolygons(inner.geometry[rows]),
            )


def _far_marks(batch: Layer, near: shapely.Geometry | None) -> Marks:
    """Mark features with a part, or part of a part, far outside; a stray part is still ground."""
    if near is None or not len(batch.frame):
        return
    # Preparing changes hidden state, which batches judged at once may not share; hence a copy.
    near = shapely.force_2d(near)
    shapely.prepare(near)
    parts, owner = shapely.get_parts(batch.geometry, return_index=True)
    beyond = np.flatnonzero(~shapely.covers(near, parts))
    if batch.spec.geometry == "polygon":
        outside = shapely.difference(parts[beyond], near)
        beyond = beyond[shapely.area(outside) > Tolerance().area_m2]
    else:
        beyond = beyond[~shapely.intersects(near, parts[beyond])]
    yield "far_outside", mark_features(batch, np.unique(owner[beyond]), shapes=parts[beyond])


def _deduction_marks(batch: Layer) -> Marks:
    spec = batch.spec
    factor = batch.numbers(spec.deduction_field)
    if factor is None:
        return
    usable = (factor >= 0) & (factor < 1)
    # Only cropland has ridges; other classes are delivered with a blank or a zero.
    bad = ~usable & (_is_cropland(batch) if spec.class_field else np.True_)
    percent = (factor >= 1) & (factor <= 100)
    yield "bad_deduction", mark_features(batch, np.flatnonzero(bad), percent=percent)
    gross, net = batch.numbers(spec.area_field), batch.numbers(spec.net_area_field)
    if gross is None or net is None:
        return
    expected = gross * (1 - factor)
    off = usable & (np.abs(net - expected) > np.maximum(NET_AREA_M2, 1e-6 * np.abs(gross)))
    twice = off & (np.abs(net - expected * (1 - factor)) <= NET_AREA_M2)
    yield "net_deducted_twice", mark_features(batch, np.flatnonzero(twice))
    yield "net_mismatch", mark_features(batch, np.flatnonzero(off & ~twice))


def _class_marks(batch: Layer) -> Marks:
    spec = batch.spec
    if spec.role != "basic_farmland" or spec.class_field is None:
        return
    codes = batch.text(spec.class_field)
    yield "not_cropland", mark_features(batch, np.flatnonzero(~_is_cropland(batch)), code=codes)


def _is_cropland(layer: Layer) -> NDArray[np.bool_]:
    """Class codes 01 and what is under it, in 3 or 4 digits (三调工作分类)."""
    return np.char.startswith(layer.text(layer.spec.class_field).astype(str), "01")


def _stated_area_marks(batch: Layer) -> Marks:
    spec = batch.spec
    values = batch.numbers(spec.area_field)
    if values is None or not len(values):
        return
    missing = np.isnan(values)
    yield "area_missing", mark_features(batch, np.flatnonzero(missing))
    unit_m2 = M2_PER_UNIT[spec.area_unit]
    allowed = STATED_AREA_SHARE * batch.area_m2 + STATED_AREA_STEP * unit_m2
    off = ~missing & (np.abs(values * unit_m2 - batch.area_m2) > allowed)
    rows = np.flatnonzero(off)
    yield "stated_area", mark_features(batch, rows, value=values, measured=batch.area_m2)


def _tell_far(layer: Layer, marked: Marked) -> Finding:
    message = say("quality.far_outside", distance_km=FAR_M / 1_000)
    return tell_fault(layer, "far_outside", Severity.ERROR, marked, message)


def _tell_bad_deduction(layer: Layer, marked: Marked) -> Finding:
    field, percent = layer.spec.deduction_field, int(marked.told["percent"].sum())
    message = say("quality.bad_deduction", field=field, percent=percent)
    return tell_fault(layer, "bad_deduction", Severity.ERROR, marked, message)


def _tell_net(rule_id: str, layer: Layer, marked: Marked) -> Finding:
    spec = layer.spec
    message = say(f"quality.{rule_id}", gross=spec.area_field, net=spec.net_area_field)
    return tell_fault(layer, rule_id, Severity.ERROR, marked, message)


def _tell_not_cropland(layer: Layer, marked: Marked) -> Finding:
    found = ", ".join(sorted(set(marked.told["code"].tolist()))[:8])
    message = say("quality.not_cropland", found=found)
    return tell_fault(layer, "not_cropland", Severity.ERROR, marked, message)


def _tell_area_missing(layer: Layer, marked: Marked) -> Finding:
    message = say("quality.area_missing", field=layer.spec.area_field)
    return tell_fault(layer, "area_missing", Severity.WARNING, marked, message)


def _tell_stated_area(layer: Layer, marked: Marked, asked: int) -> Finding:
    """Tell of areas that are off, or of the unit where most of them fit another one."""
    spec = layer.spec
    values, area_m2 = marked.told["value"], marked.told["measured"]
    likely = _likely_unit(values, area_m2)
    if likely and len(marked) > asked / 2:
        message = say(
            "quality.area_unit", field=spec.area_field, stated=spec.area_unit, likely=likely
        )
        return tell_fault(layer, "area_unit", Severity.ERROR, marked, message)
    stated = values * M2_PER_UNIT[spec.area_unit]
    worst = int(np.argmax(np.abs(stated / area_m2 - 1)))
    message = say(
        "quality.stated_area",
        field=spec.area_field,
        worst=str(marked.ids[worst]),
        stated_ha=stated[worst] / 10_000,
        measured_ha=area_m2[worst] / 10_000,
    )
    return tell_fault(layer, "stated_area", Severity.WARNING, marked, message)


# In the order in which faults are listed; an area off its geometry comes last.
TELLING: Mapping[str, Callable[[Layer, Marked], Finding]] = {
    "far_outside": _tell_far,
    "bad_deduction": _tell_bad_deduction,
    "net_deducted_twice": partial(_tell_net, "net_deducted_twice"),
    "net_mismatch": partial(_tell_net, "net_mismatch"),
    "not_cropland": _tell_not_cropland,
    "area_missing": _tell_area_missing,
}


def _likely_unit(values: NDArray[np.float64], area_m2: NDArray[np.float64]) -> str | None:
    """Return the unit in which the stated areas would fit, if there is one."""
    ratio = float(np.median(area_m2 / np.where(values == 0, np.nan, values)))
    for unit, unit_m2 in M2_PER_UNIT.items():
        if abs(ratio / unit_m2 - 1) < STATED_AREA_SHARE:
            return unit
    return None
