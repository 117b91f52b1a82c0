"""The corridors of a plan's pattern, one by one: what is needed to judge each, or why it is not."""

from __future__ import annotations

from collections.abc import Mapping

from spatialplan.cells import grid_bounds
from spatialplan.corridors.judging import CorridorResult, judge_corridor, not_evaluated_corridor
from spatialplan.corridors.sections import cut_corridor
from spatialplan.errors import SpatialplanError
from spatialplan.layers import Layer, RasterLayer, ReadWindows
from spatialplan.messages import say
from spatialplan.plan import CorridorSpec, PatternElement, Plan

__all__ = ["judge_corridors"]


def judge_corridors(
    plan: Plan,
    layers: Mapping[str, Layer],
    raster: RasterLayer | None,
    *,
    read: ReadWindows | None,
    townships: Layer | None = None,
) -> tuple[CorridorResult, ...]:
    """Judge every corridor of the plan's pattern; none if the plan has no ``[corridors]``.

    Parameters
    ----------
    plan
        From `spatialplan.read_plan`.
    layers
        Usable layers by their name in the plan.
    raster
        The land cover that ``[corridors]`` names; None if it could not be used.
    read
        Reads the raster's windows.
    townships
        Units that sections are placed in.
    """
    spec = plan.corridors
    if spec is None or plan.pattern is None:
        return ()
    return tuple(
        _judge(plan, element, spec, layers, raster, read, townships)
        for element in plan.pattern.elements
        if element.kind == "corridor"
    )


def _judge(
    plan: Plan,
    element: PatternElement,
    spec: CorridorSpec,
    layers: Mapping[str, Layer],
    raster: RasterLayer | None,
    read: ReadWindows | None,
    townships: Layer | None,
) -> CorridorResult:
    layer = layers.get(element.layer)
    named = plan.layers.get(element.layer)
    title = named.title if named else element.layer
    if layer is None:
        why = say("layer.missing", layer=title)
    elif raster is None or read is None:
        why = say("corridors.no_raster", raster=plan.rasters[spec.raster].title)
    elif element.width_m is None:
        why = say("corridors.no_width")
    else:
        try:
            corridor = cut_corridor(element, layer, step_m=spec.step_m)
            if corridor is not None:
                bounds = grid_bounds(corridor.ground, raster.grid, corridor.plane)
                windows = read(bounds=bounds)
                return judge_corridor(corridor, spec, raster, windows, townships=townships)
            why = say("corridors.no_line", layer=title, feature=element.feature)
        except SpatialplanError as error:
            why = error.faults[0].message
    return not_evaluated_corridor(element, spec, why)
