"""Quality of a layer, as far as the check depends on it.

What the gate set aside, what overlaps inside the layer, what lies far outside the region, and
attributes that contradict the geometry or each other. A fault is stated once for all features that
have it, with their ids.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import NOISE_WIDTH_M, Finding, Severity, Status
from spatialplan.layers import Layer
from spatialplan.messages import Message, say
from spatialplan.overlay import OverlapPieces
from spatialplan.plan import Tolerance
from spatialplan.units import M2_PER_UNIT

__all__ = ["judge_quality"]

# Further than this outside the region a part is misplaced, not just a rough border.
FAR_M = 1_000.0
# A stated area may be off by this share, and by half a unit of its second decimal.
STATED_AREA_SHARE = 0.01
STATED_AREA_STEP = 0.005
# Below this a net area differs from gross less ridges by rounding only.
NET_AREA_M2 = 1.0

Rows = NDArray[np.intp]


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
    return [
        *layer.faults,
        *_inner_faults(layer, inner),
        *_far_faults(layer, region),
        *_deduction_faults(layer),
        *_class_faults(layer),
        *_stated_area_faults(layer),
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
            message = say(f"quality.{rule_id}", count=len(rows), area_m2=area)
            place = shapely.multipolygons(inner.geometry[rows])
            yield _finding(layer, rule_id, severity, pairs, message, place=place, measured=area)


def _far_faults(layer: Layer, region: Layer | None) -> Iterator[Finding]:
    """Find features with a part, or part of a part, far outside; a stray part is still ground."""
    if region is None or region is layer or not len(layer.frame) or not len(region.frame):
        return
    near = shapely.buffer(shapely.union_all(region.geometry), FAR_M)
    shapely.prepare(near)
    parts, owner = shapely.get_parts(layer.geometry, return_index=True)
    beyond = np.flatnonzero(~shapely.covers(near, parts))
    if layer.spec.geometry == "polygon":
        outside = shapely.difference(parts[beyond], near)
        beyond = beyond[shapely.area(outside) > Tolerance().area_m2]
    else:
        beyond = beyond[~shapely.intersects(near, parts[beyond])]
    rows = np.unique(owner[beyond])
    if len(rows):
        message = say("quality.far_outside", distance_km=FAR_M / 1_000)
        place = _points(parts[beyond])
        yield _finding(layer, "far_outside", Severity.ERROR, rows, message, place=place)


def _deduction_faults(layer: Layer) -> Iterator[Finding]:
    spec = layer.spec
    factor = layer.numbers(spec.deduction_field)
    if factor is None:
        return
    usable = (factor >= 0) & (factor < 1)
    # Only cropland has ridges; other classes are delivered with a blank or a zero.
    bad = ~usable & (_is_cropland(layer) if spec.class_field else np.True_)
    if bad.any():
        percent = int((bad & (factor >= 1) & (factor <= 100)).sum())
        message = say("quality.bad_deduction", field=spec.deduction_field, percent=percent)
        yield _finding(layer, "bad_deduction", Severity.ERROR, np.flatnonzero(bad), message)
    gross, net = layer.numbers(spec.area_field), layer.numbers(spec.net_area_field)
    if gross is None or net is None:
        return
    expected = gross * (1 - factor)
    off = usable & (np.abs(net - expected) > np.maximum(NET_AREA_M2, 1e-6 * np.abs(gross)))
    twice = off & (np.abs(net - expected * (1 - factor)) <= NET_AREA_M2)
    for rule_id, chosen in (("net_deducted_twice", twice), ("net_mismatch", off & ~twice)):
        rows = np.flatnonzero(chosen)
        if len(rows):
            message = say(f"quality.{rule_id}", gross=spec.area_field, net=spec.net_area_field)
            yield _finding(layer, rule_id, Severity.ERROR, rows, message)


def _class_faults(layer: Layer) -> Iterator[Finding]:
    spec = layer.spec
    if spec.role != "basic_farmland" or spec.class_field is None:
        return
    rows = np.flatnonzero(~_is_cropland(layer))
    if len(rows):
        codes = layer.text(spec.class_field)
        found = ", ".join(sorted(set(codes[rows].tolist()))[:8])
        message = say("quality.not_cropland", found=found)
        yield _finding(layer, "not_cropland", Severity.ERROR, rows, message)


def _is_cropland(layer: Layer) -> NDArray[np.bool_]:
    """Class codes 01 and what is under it, in 3 or 4 digits (三调工作分类)."""
    return np.char.startswith(layer.text(layer.spec.class_field).astype(str), "01")


def _stated_area_faults(layer: Layer) -> Iterator[Finding]:
    spec = layer.spec
    values = layer.numbers(spec.area_field)
    if values is None or not len(values):
        return
    missing = np.isnan(values)
    if missing.any():
        message = say("quality.area_missing", field=spec.area_field)
        rows = np.flatnonzero(missing)
        yield _finding(layer, "area_missing", Severity.WARNING, rows, message)
    unit_m2 = M2_PER_UNIT[spec.area_unit]
    stated = values * unit_m2
    allowed = STATED_AREA_SHARE * layer.area_m2 + STATED_AREA_STEP * unit_m2
    off = ~missing & (np.abs(stated - layer.area_m2) > allowed)
    rows = np.flatnonzero(off)
    if not len(rows):
        return
    likely = _likely_unit(values[rows], layer.area_m2[rows])
    if likely and len(rows) > len(values) / 2:
        message = say(
            "quality.area_unit", field=spec.area_field, stated=spec.area_unit, likely=likely
        )
        yield _finding(layer, "area_unit", Severity.ERROR, rows, message)
        return
    worst = rows[np.argmax(np.abs(stated[rows] / layer.area_m2[rows] - 1))]
    message = say(
        "quality.stated_area",
        field=spec.area_field,
        worst=str(layer.ids[worst]),
        stated_ha=stated[worst] / 10_000,
        measured_ha=layer.area_m2[worst] / 10_000,
    )
    yield _finding(layer, "stated_area", Severity.WARNING, rows, message)


def _likely_unit(values: NDArray[np.float64], area_m2: NDArray[np.float64]) -> str | None:
    """Return the unit in which the stated areas would fit, if there is one."""
    ratio = float(np.median(area_m2 / np.where(values == 0, np.nan, values)))
    for unit, unit_m2 in M2_PER_UNIT.items():
        if abs(ratio / unit_m2 - 1) < STATED_AREA_SHARE:
            return unit
    return None


def _finding(
    layer: Layer,
    rule_id: str,
    severity: Severity,
    rows: Rows,
    message: Message,
    *,
    place: shapely.Geometry | None = None,
    measured: float | None = None,
) -> Finding:
    where = place if place is not None else _points(layer.geometry[rows])
    return Finding(
        rule_id=rule_id,
        layer=layer.spec.id,
        status=Status.NOT_MET,
        severity=severity,
        message=message,
        feature_ids=tuple(str(name) for name in layer.ids[rows]),
        measured=measured,
        unit="m2" if measured is not None else "",
        geometry=where,
    )


def _points(shapes: NDArray[np.object_]) -> shapely.Geometry:
    return shapely.multipoints(shapely.point_on_surface(shapes))
