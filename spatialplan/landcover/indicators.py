"""Indicators (指标) that land cover can indicate, never more than indicate.

The share is the ground of the kinds counted over the ellipsoidal area of the layer's ground. How
far it can be relied on follows from the cells: a cell says one class for all of its ground, so
along the border between what is counted and what is not, up to half of a cell may be the other.
Hence the uncertainty: half the ground of all cells with a neighbour (of four) across that border.
Errors of single cells partly cancel, so it is a bound, not an expectation; it holds for a raster
whose cells carry the class that fills most of them and lie where they are said to lie.

Ground of which the raster says nothing may hold anything: it widens the bounds in full.

Whatever is indicated, the indicator itself stays not evaluated. Forest cover (森林覆盖率) is the
forestry department's statistic with rules of its own, and no class raster replaces it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from spatialplan.cells import grid_bounds, lay_zones, mark_borders, sum_classes
from spatialplan.findings import Severity, Status
from spatialplan.landcover.grounds import layer_ground
from spatialplan.landcover.results import GroundCover, Indication, IndicatorFinding, LandCover
from spatialplan.layers import CellWindow, Layer, RasterLayer, ReadWindows
from spatialplan.messages import Message, say
from spatialplan.plan import CoverIndicator, Indicator, OtherIndicator

__all__ = ["judge_indicator", "not_evaluated_indicator"]


def judge_indicator(
    spec: CoverIndicator, cover: LandCover, layer: Layer, *, read: ReadWindows
) -> IndicatorFinding:
    """Tell what land cover indicates of a share.

    Parameters
    ----------
    spec
        The demand.
    cover
        The cover of the layer, from `judge_land_cover`.
    layer
        The layer whose ground is the denominator.
    read
        Reads the raster's windows, here with a ring of neighbours.

    Returns
    -------
    finding
        Not evaluated, with figures and what they indicate.
    """
    ground = cover.ground(layer.spec.id)
    if ground is None or not ground.area_m2:
        return not_evaluated_indicator(spec, say("layer.missing", layer=layer.spec.title))
    classes = [place for place, entry in enumerate(cover.legend) if entry.kind in spec.counted]
    if not classes:
        kinds = ", ".join(spec.counted)
        return not_evaluated_indicator(spec, say("indicator.no_class", kinds=kinds))
    if not sum(ground.class_m2):
        raster = cover.raster.spec.title
        return not_evaluated_indicator(spec, say("indicator.unobserved", raster=raster))
    values = [cover.legend[place].value for place in classes]
    counted = sum(ground.class_m2[place] for place in classes)
    border = _border_m2(cover.raster, values, layer, read)
    return _finding(spec, ground, counted, border, layer, cover.raster)


def not_evaluated_indicator(spec: Indicator, why: Message | None = None) -> IndicatorFinding:
    """Return the finding of an indicator of which land cover says nothing, with the reason."""
    if why is None and isinstance(spec, OtherIndicator):
        why = say("indicator.not_from_land_cover", why=spec.why)
    return IndicatorFinding(**_head(spec, why or say("indicator.no_raster"), Severity.WARNING))


def _border_m2(
    raster: RasterLayer, values: Collection[int], layer: Layer, read: ReadWindows
) -> float:
    """Ground inside the layer of cells along the border of what is counted."""
    shapes = layer_ground(layer)
    zones = lay_zones(shapes, raster.grid, layer.plane, owner=np.zeros(len(shapes), dtype=np.int64))

    def marked() -> Iterator[CellWindow]:
        bounds = grid_bounds(shapes, raster.grid, layer.plane)
        return (mark_borders(window, values) for window in read(bounds=bounds, ring=1))

    return float(sum_classes(marked(), zones).of(1)[0])


def _finding(
    spec: CoverIndicator,
    ground: GroundCover,
    counted_m2: float,
    border_m2: float,
    layer: Layer,
    raster: RasterLayer,
) -> IndicatorFinding:
    unobserved = ground.unobserved_m2
    low = max(0.0, ground.share(counted_m2 - border_m2 / 2))
    high = min(1.0, ground.share(counted_m2 + border_m2 / 2 + unobserved))
    share = counted_m2 / sum(ground.class_m2)
    indication, message = _indicate(spec, layer, low, high)
    severity = Severity.INFO if indication == "met" else Severity.WARNING
    figures = say(
        "indicator.figures",
        share=share * 100,
        low=low * 100,
        high=high * 100,
        layer=layer.spec.title,
        area=ground.area_m2 / 10_000,
        raster=raster.spec.title,
    )
    return IndicatorFinding(
        **_head(spec, say("indicator.indicative", indicated=message, figures=figures), severity),
        measured=share * 100,
        unit="%",
        raster=spec.raster,
        counted=spec.counted,
        ground_m2=ground.area_m2,
        counted_m2=counted_m2,
        unobserved_m2=unobserved,
        border_m2=border_m2,
        share=share,
        low=low,
        high=high,
        indication=indication,
        indicated=message,
    )


def _indicate(
    spec: CoverIndicator, layer: Layer, low: float, high: float
) -> tuple[Indication | None, Message]:
    """Compare the bounds with the demand; without a whole layer in its place nothing is said."""
    if layer.set_aside:
        return None, say("quota.set_aside", count=layer.set_aside)
    if layer.source.placement.accepted:
        error = layer.source.placement.error_m
        return None, say("indicator.place_in_doubt", layer=layer.spec.title, error=error)
    if spec.value is None:
        return None, say("quota.open")
    demand = float(spec.value) / 100
    at_least = spec.direction == "at_least"
    if low >= demand if at_least else high <= demand:
        return "met", say("indicator.met")
    if high < demand if at_least else low > demand:
        return "not_met", say("indicator.not_met")
    return "within_uncertainty", say("indicator.within_uncertainty")


def _head(spec: Indicator, message: Message, severity: Severity) -> dict[str, Any]:
    return {
        "rule_id": spec.id,
        "layer": spec.layer if isinstance(spec, CoverIndicator) else "",
        "status": Status.NOT_EVALUATED,
        "severity": severity,
        "message": message,
        "limit": None if spec.value is None else float(spec.value),
        "clause": spec.clause,
        "title": spec.title,
        "direction": spec.direction,
        "year": spec.year,
        "nature": spec.nature,
        "assigned_by": spec.assigned_by,
        "note": spec.note,
        "printed": spec.value,
    }
