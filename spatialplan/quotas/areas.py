"""The areas that a quota counts, measured on a layer or on one batch of it after another.

Three areas stand side by side: the sum of the attribute fields (issued quotas are mostly such
sums), the ellipsoidal area of the geometry, which decides, and the planar area for reference.

A layer's area is that of its union: ground that two features share counts once. Net area (净面积)
is each feature's area less its field ridges, area × (1 − 扣除系数).

Sums can be taken batch by batch: `measure_batch` measures one, `merge_areas` puts them together,
and a layer held whole is one batch. What its features share among themselves cannot; of a layer
that came in batches it is not known, and its figures are sums in which ground may count twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spatialplan.findings import NOISE_WIDTH_M
from spatialplan.layers import Layer
from spatialplan.messages import Message, say
from spatialplan.overlay import (
    IndexedFeatures,
    OverlapPieces,
    overlap_pieces,
    shared_area,
    union_area,
)
from spatialplan.units import to_m2

__all__ = ["AreaFigures", "AreaPartial", "measure_area", "measure_batch", "merge_areas"]

# Land class codes of the third survey: 0101, 1104A, 0201K.
FULL_CODE = r"[0-9]{4}[A-Z]?"

Areas = NDArray[np.float64]
Flags = NDArray[np.bool_]


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
        Ground that features of the layer share among themselves; None where nobody looked for it
        because the layer was read in batches: `measured_m2` may then count ground twice.
    townships
        Name and measured area of every unit, and what no unit covers under ``""``; the parts add
        up to `measured_m2`. Empty without a layer of townships.
    blocked
        Why no status may be given although figures are there; None if nothing is in the way.
    """

    measured_m2: float
    attribute_m2: float | None
    planar_m2: float
    overlap_m2: float | None
    townships: tuple[tuple[str, float], ...]
    blocked: Message | None


@dataclass(frozen=True, slots=True)
class AreaPartial:
    """What one batch adds to the figures.

    Attributes
    ----------
    measured_m2, planar_m2, overlap_m2
        As in `AreaFigures`, of the batch.
    stated
        Sum of the attribute field in its own unit; NaN where a value is missing, None without a
        field or a counted feature.
    townships
        Measured area in every unit, in their order; None without townships.
    counted, unusable
        How many features count, and how many of them have a deduction factor that is none.
    net_overlap
        Ground is shared whose ridges would have to be deducted.
    codes
        The class codes that occur; None where all features count.
    """

    measured_m2: float
    stated: float | None
    planar_m2: float
    overlap_m2: float | None
    townships: tuple[tuple[str, float], ...] | None
    counted: int
    unusable: int
    net_overlap: bool
    codes: frozenset[str] | None


def measure_area(
    layer: Layer,
    *,
    inner: OverlapPieces,
    townships: Layer | None = None,
    classes: tuple[str, ...] = (),
    net: bool = False,
) -> AreaFigures:
    """Measure a layer, or the features whose class code begins with one of `classes`."""
    whole = measure_batch(layer, inner=inner, townships=townships, classes=classes, net=net)
    return merge_areas(layer, [whole], classes=classes)


def measure_batch(
    batch: Layer,
    *,
    inner: OverlapPieces | None,
    townships: Layer | None = None,
    ground: IndexedFeatures | None = None,
    classes: tuple[str, ...] = (),
    net: bool = False,
) -> AreaPartial:
    """Measure one batch of a layer.

    Parameters
    ----------
    batch
        Some features of a layer, or all.
    inner
        Overlaps among all features of the layer (`spatialplan.overlay.inner_overlaps`); None where
        the batch is not the whole layer, so that they are not known.
    townships
        Units by which the area is broken down.
    ground
        The same units, cut once for many batches.
    classes, net
        As in the quota.
    """
    chosen = _members(batch, classes)
    kept = _kept_share(batch, net)
    weighted = np.where(chosen, batch.area_m2 * kept, 0.0)
    measured = math.fsum(weighted)
    overlap = None if inner is None else 0.0
    doubled = inner is not None and bool(len(_inner_between(inner, chosen)))
    if doubled:
        union = union_area(batch.geometry[chosen], assume_valid=True)
        overlap = math.fsum(batch.area_m2[chosen]) - union
        measured = measured if net else union
    counted_once = bool(overlap) and not net
    known = townships is not None and not math.isnan(measured)
    return AreaPartial(
        measured_m2=measured,
        stated=_stated_sum(batch, chosen, net),
        planar_m2=math.fsum(np.where(chosen, batch.planar_m2 * kept, 0.0)),
        overlap_m2=overlap,
        townships=_by_township(batch, weighted, townships, ground, counted_once=counted_once)
        if townships is not None and known
        else None,
        counted=int(chosen.sum()),
        unusable=int(np.isnan(kept[chosen]).sum()),
        net_overlap=net and doubled,
        codes=_class_codes(batch) if classes else None,
    )


def merge_areas(
    layer: Layer, partials: Sequence[AreaPartial], *, classes: tuple[str, ...] = ()
) -> AreaFigures:
    """Put the figures of all batches of a layer together.

    Parameters
    ----------
    layer
        The layer, whole or as its batches left it (`spatialplan.layers.merge_batches`).
    partials
        One or more, in any order: totals are `math.fsum`.
    classes
        As in the quota.
    """
    measured = math.fsum(part.measured_m2 for part in partials)
    stated = [part.stated for part in partials if part.stated is not None]
    overlaps = [part.overlap_m2 for part in partials if part.overlap_m2 is not None]
    return AreaFigures(
        measured_m2=measured,
        attribute_m2=_attribute_sum(layer, stated),
        planar_m2=math.fsum(part.planar_m2 for part in partials),
        overlap_m2=math.fsum(overlaps) if len(overlaps) == len(partials) else None,
        townships=_merge_townships(partials, measured),
        blocked=_obstacle(layer, partials) or _unclear_classes(partials, classes),
    )


def _members(layer: Layer, classes: tuple[str, ...]) -> Flags:
    if not classes:
        return np.ones(len(layer.frame), dtype=bool)
    codes = layer.text(layer.spec.class_field)
    return np.array([str(code).startswith(classes) for code in codes], dtype=bool)


def _class_codes(layer: Layer) -> frozenset[str]:
    return frozenset(str(code) for code in layer.text(layer.spec.class_field))


def _kept_share(layer: Layer, net: bool) -> Areas:
    """Share of each feature that is left after the ridges; NaN where the factor is unusable."""
    factor = layer.numbers(layer.spec.deduction_field) if net else None
    if factor is None:
        return np.ones(len(layer.frame))
    return np.where((factor >= 0) & (factor < 1), 1 - factor, np.nan)


def _inner_between(inner: OverlapPieces, chosen: Flags) -> NDArray[np.intp]:
    """Positions of overlaps between two counted features that are more than noise."""
    if not len(inner.geometry):
        return np.array([], dtype=np.intp)
    both = chosen[inner.a_index] & chosen[inner.b_index]
    return np.flatnonzero(both & (inner.mean_width > NOISE_WIDTH_M))


def _stated_sum(layer: Layer, chosen: Flags, net: bool) -> float | None:
    spec = layer.spec
    values = layer.numbers(spec.net_area_field if net else spec.area_field)
    if values is None or not chosen.any():
        return None
    return math.fsum(values[chosen])


def _attribute_sum(layer: Layer, stated: Sequence[float]) -> float | None:
    total = math.fsum(stated)
    if not stated or math.isnan(total):
        return None
    return to_m2(total, layer.spec.area_unit)


def _by_township(
    layer: Layer,
    weighted: Areas,
    townships: Layer,
    ground: IndexedFeatures | None,
    *,
    counted_once: bool,
) -> tuple[tuple[str, float], ...]:
    """Break areas down; features that overlap count once, by the area of their union."""
    members = np.flatnonzero(weighted)
    if counted_once:
        sums = shared_area(townships.geometry, layer.geometry[members], assume_valid=True)
    else:
        units = townships.geometry if ground is None else ground
        pieces = overlap_pieces(layer.geometry[members], units, assume_valid=True)
        density = weighted[members] / layer.area_m2[members]
        sums = np.zeros(len(townships.frame))
        np.add.at(sums, pieces.b_index, pieces.area * density[pieces.a_index])
    names = townships.text(townships.spec.name_field)
    return tuple((str(name), float(part)) for name, part in zip(names, sums, strict=True))


def _merge_townships(
    partials: Sequence[AreaPartial], total: float
) -> tuple[tuple[str, float], ...]:
    """Add up each unit over the batches, and what no unit covers."""
    broken_down = [part.townships for part in partials if part.townships is not None]
    if len(broken_down) < len(partials):
        return ()
    parts = [
        (same[0][0], math.fsum(area for _, area in same)) for same in zip(*broken_down, strict=True)
    ]
    return (*parts, ("", total - math.fsum(area for _, area in parts)))


def _obstacle(layer: Layer, partials: Sequence[AreaPartial]) -> Message | None:
    if layer.gaps:
        return layer.gaps[0]
    if layer.set_aside:
        return say("quota.set_aside", count=layer.set_aside)
    unusable = sum(part.unusable for part in partials)
    if unusable:
        field = layer.spec.deduction_field
        return say("quota.bad_deduction", count=unusable, field=field)
    if any(part.net_overlap for part in partials):
        return say("quota.net_overlap")
    return None


def _unclear_classes(partials: Sequence[AreaPartial], classes: tuple[str, ...]) -> Message | None:
    """Say where codes leave open whether a class is meant: 011 or 101 for 0101, or none at all."""
    if not classes:
        return None
    codes = frozenset[str]().union(*(part.codes or () for part in partials))
    if all(re.fullmatch(FULL_CODE, code) for code in classes):
        odd = sorted(code for code in codes if not re.fullmatch(FULL_CODE, code))
        if odd:
            return say(
                "quota.odd_codes", found=", ".join(code or "\N{EM DASH}" for code in odd[:8])
            )
    if not any(part.counted for part in partials):
        return say("quota.no_class", wanted=", ".join(classes), found=", ".join(sorted(codes)[:8]))
    return None
