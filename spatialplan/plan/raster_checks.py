"""What single tables of rasters, legends and indicators cannot see: names that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from spatialplan.messages import Message, say
from spatialplan.plan.rasters import CorridorSpec, CoverIndicator, CoverKind, RasterRole
from spatialplan.plan.spelling import is_remote, name_unknown

if TYPE_CHECKING:
    from spatialplan.plan.model import Plan

__all__ = ["raster_faults"]

Faults = Iterator[tuple[str, Message]]


def raster_faults(plan: Plan) -> Faults:
    """Yield where in the plan file something does not fit together, and what."""
    for key, spec in plan.rasters.items():
        if is_remote(spec.path):
            yield f"rasters.{key}.path", say("plan.remote_path", found=spec.path)
        if spec.legend is not None and spec.legend not in plan.legends:
            message = name_unknown("raster.unknown_legend", spec.legend, plan.legends)
            yield f"rasters.{key}.legend", message
        if spec.legend is None and spec.role == "land_cover":
            yield f"rasters.{key}", say("plan.missing_key", key="legend")
        if key in plan.layers:
            yield f"rasters.{key}", say("raster.name_taken", found=key)
    yield from _legend_faults(plan)
    for indicator in plan.indicators:
        if isinstance(indicator, CoverIndicator):
            yield from _indicator_faults(plan, indicator)
    for name in plan.monitoring.layers:
        yield from _layer_faults(plan, "monitoring.layers", name)
    if plan.corridors:
        yield from _corridor_faults(plan, plan.corridors)


def _legend_faults(plan: Plan) -> Faults:
    for key, classes in plan.legends.items():
        values = [entry.value for entry in classes]
        for value in sorted({value for value in values if values.count(value) > 1}):
            yield f"legends.{key}", say("raster.repeated_value", found=value)
        if not classes:
            yield f"legends.{key}", say("raster.empty_legend")


def _indicator_faults(plan: Plan, indicator: CoverIndicator) -> Faults:
    where = f"indicators.{indicator.id}"
    yield from _raster_name(plan, f"{where}.raster", indicator.raster, "land_cover")
    yield from _layer_faults(plan, f"{where}.layer", indicator.layer)
    if indicator.value is not None and not 0 <= indicator.value <= 100:
        yield f"{where}.value", say("raster.no_share", found=indicator.value)
    yield from _kind_faults(plan, f"{where}.counted", indicator.raster, indicator.counted)


def _corridor_faults(plan: Plan, corridors: CorridorSpec) -> Faults:
    yield from _raster_name(plan, "corridors.raster", corridors.raster, "land_cover")
    yield from _kind_faults(plan, "corridors.natural", corridors.raster, corridors.natural)
    if corridors.pinch_share < corridors.gap_share:
        shares = {"found": corridors.pinch_share, "gap": corridors.gap_share}
        yield "corridors.pinch_share", say("corridors.shares", **shares)


def _kind_faults(plan: Plan, where: str, raster: str, wanted: Iterable[CoverKind]) -> Faults:
    """Yield that a legend has none of the kinds that are wanted of it."""
    spec = plan.rasters.get(raster)
    legend = plan.legends.get(spec.legend or "", ()) if spec else ()
    kinds = {entry.kind for entry in legend}
    if legend and not kinds & set(wanted):
        counted, known = ", ".join(wanted), ", ".join(sorted(kinds))
        yield where, say("raster.kinds_missing", found=counted, expected=known)


def _layer_faults(plan: Plan, where: str, name: str) -> Faults:
    spec = plan.layers.get(name)
    if spec is None:
        yield where, name_unknown("plan.unknown_layer", name, plan.layers)
    elif spec.geometry != "polygon":
        yield where, say("plan.polygon_needed", layer=name)


def _raster_name(plan: Plan, where: str, name: str, role: RasterRole) -> Faults:
    spec = plan.rasters.get(name)
    if spec is None:
        yield where, name_unknown("raster.unknown_raster", name, plan.rasters)
    elif spec.role != role:
        yield where, say("raster.other_role", found=name, role=spec.role, expected=role)
