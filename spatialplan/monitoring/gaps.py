"""What a comparison could not say, and why."""

from __future__ import annotations

from collections.abc import Iterator

from spatialplan.changes import ZoneMatrix
from spatialplan.findings import NotEvaluated
from spatialplan.messages import say
from spatialplan.monitoring.results import Monitoring

__all__ = ["find_gaps"]

# Ground that no cell speaks for counts from this share of a line on, and from a square metre on:
# parts of cells are only known to a millionth.
GAP_SHARE, GAP_M2 = 2e-6, 1.0


def find_gaps(found: Monitoring) -> Iterator[NotEvaluated]:
    """Yield why new activity may lie where none was found."""
    if not found.watched:
        yield NotEvaluated("monitoring", say("monitor.nothing_watched"))
    for spec in found.watched:
        layer = found.layers.get(spec.id)
        if layer is not None and layer.set_aside:
            why = say("monitor.set_aside", layer=spec.title, count=layer.set_aside)
            yield NotEvaluated(spec.id, why)
        if layer is not None and layer.source.placement.error_m:
            error = layer.source.placement.error_m
            yield NotEvaluated(spec.id, say("monitor.place_error", layer=spec.title, error=error))
    keys = {spec.id for spec in found.watched}
    for matrix in found.matrices:
        if matrix.zone.layer in keys and matrix.zone.part == "line":
            yield from _ground_gaps(matrix)


def _ground_gaps(matrix: ZoneMatrix) -> Iterator[NotEvaluated]:
    least = max(GAP_M2, GAP_SHARE * matrix.area_m2)
    for key, area in (
        ("monitor.beyond_grid", matrix.outside_m2),
        ("monitor.without_value", matrix.nodata_m2),
        ("monitor.unknown_values", matrix.unknown_m2),
    ):
        if area > least:
            told = {"layer": matrix.zone.title, "ha": f"{area / 10_000:,.2f}"}
            yield NotEvaluated(matrix.zone.layer, say(key, **told))
