"""Geometry of one table repaired until repairing again would change nothing.

A repair can lay bare what another repair would treat: cleaning a coverage may leave a hair, taking
the hair off may open a gap. So the repairs asked for are run again on their own result, as if it
had been delivered, until it comes back unchanged to the last bit. What does not come to rest, or
drifts over the limit on the way, stays as delivered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.messages import Message, say
from spatialplan.repair.areas import Ruler
from spatialplan.repair.coverage import close_coverage
from spatialplan.repair.outlines import Mended, find_faulty, mend_outline
from spatialplan.repair.wishes import CoverageTolerance, Fix, RepairLimits

__all__ = ["MendedShapes", "mend_shapes"]

# Runs of everything on its own result; layers met come to rest in the second.
RUNS = 6
NO_CHANGE = float("nan")

Geometries = NDArray[np.object_]
Deeds = dict[int, list[tuple[Fix, Message]]]


@dataclass(slots=True)
class MendedShapes:
    """Repaired geometry; what was done to which row, and what was not dared: row, fix, why, m²."""

    shapes: Geometries
    deeds: Deeds = field(default_factory=dict)
    refusals: list[tuple[int, Fix, Message, float]] = field(default_factory=list)

    def note(self, row: int, fix: Fix, *messages: Message) -> None:
        """Note what was done to a feature."""
        self.deeds.setdefault(row, []).extend((fix, message) for message in messages)


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked for, and by what it is measured."""

    fixes: Collection[Fix]
    ids: NDArray[np.object_]
    ruler: Ruler
    limits: RepairLimits
    tolerance: CoverageTolerance


def mend_shapes(shapes: Geometries, task: Task) -> MendedShapes:
    """Drop heights, mend outlines and close slips, as asked for.

    Parameters
    ----------
    shapes
        Geometry in one CRS, None where a feature has none, shape (n,).
    """
    result = _run(shapes, task)
    for _ in range(RUNS):
        again = _run(result.shapes, task)
        moved = ~_are_identical(again.shapes, result.shapes)
        if not moved.any():
            return _within_limits(shapes, result, task)
        for row, deeds in again.deeds.items():
            for fix, message in deeds:
                result.note(row, fix, message)
        result = MendedShapes(again.shapes, result.deeds, again.refusals)
    return _as_delivered(shapes, result, np.flatnonzero(moved))


def _within_limits(shapes: Geometries, result: MendedShapes, task: Task) -> MendedShapes:
    """Return the result, or nothing done if the runs together went over the limit."""
    changed = np.flatnonzero(~_are_identical(shapes, result.shapes))
    before = task.ruler.measure(shapes[changed])
    over = task.limits.are_exceeded(before, task.ruler.measure(result.shapes[changed]))
    if over.any():
        return _as_delivered(shapes, result, changed[over])
    return result


def _as_delivered(
    shapes: Geometries, result: MendedShapes, unsettled: NDArray[np.intp]
) -> MendedShapes:
    refusals = [refusal for refusal in result.refusals if refusal[0] not in set(unsettled.tolist())]
    left = [(int(row), Fix.GEOMETRY, say("repair.unsettled"), NO_CHANGE) for row in unsettled]
    others = set(result.deeds) - set(unsettled.tolist())
    stopped = [
        (row, Fix.GEOMETRY, say("repair.unsettled_others"), NO_CHANGE) for row in sorted(others)
    ]
    return MendedShapes(shapes, {}, [*refusals, *left, *stopped])


def _run(shapes: Geometries, task: Task) -> MendedShapes:
    result = MendedShapes(shapes.copy())
    if Fix.HEIGHTS in task.fixes:
        _drop_heights(result)
    frozen = np.zeros(len(shapes), dtype=bool)
    if Fix.GEOMETRY in task.fixes:
        frozen = _mend_outlines(result, task)
    if Fix.COVERAGE in task.fixes:
        _close_slips(result, frozen, task)
    return result


def _drop_heights(result: MendedShapes) -> None:
    rows = np.flatnonzero(shapely.has_z(result.shapes) | shapely.has_m(result.shapes))
    result.shapes[rows] = shapely.force_2d(result.shapes[rows])
    for row in rows.tolist():
        result.note(row, Fix.HEIGHTS, say("repair.did_heights"))


def _mend_outlines(result: MendedShapes, task: Task) -> NDArray[np.bool_]:
    """Mend outlines one by one; return which features stay although something is wrong."""
    shapes = result.shapes
    frozen = np.zeros(len(shapes), dtype=bool)
    for row, why in _list_hopeless(shapes):
        frozen[row] = True
        result.refusals.append((row, Fix.GEOMETRY, why, NO_CHANGE))
    polygons = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6)) & ~frozen)
    for row in polygons[find_faulty(shapes[polygons], task.ruler.metre)].tolist():
        mended = mend_outline(shapes[row], task.ruler.metre)
        change, wrong = _judge(shapes[row], mended, task)
        if wrong is not None:
            frozen[row] = True
            result.refusals.append((row, Fix.GEOMETRY, wrong, change))
        elif mended.shape is not None and mended.deeds:
            shapes[row] = mended.shape
            result.note(row, Fix.GEOMETRY, *mended.deeds)
        if wrong is None and mended.sharp:
            sharp = say("repair.sharp", count=mended.sharp)
            result.refusals.append((row, Fix.GEOMETRY, sharp, NO_CHANGE))
    return frozen


def _list_hopeless(shapes: Geometries) -> list[tuple[int, Message]]:
    """List features that have no outline to mend."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    infinite = ~empty & ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    infinite |= ~empty & ~np.array([_is_finite(shape) for shape in shapes])
    kinds = shapely.get_type_id(shapes)
    is_areal = bool(np.isin(kinds, (3, 6)).any())
    wrong = ~empty & ~infinite & ((kinds == 7) | (is_areal & ~np.isin(kinds, (3, 6))))
    found = [
        *((int(row), say("repair.no_geometry")) for row in np.flatnonzero(empty)),
        *((int(row), say("repair.infinite")) for row in np.flatnonzero(infinite)),
        *(
            (int(row), say("repair.wrong_kind", found=str(shapes[row].geom_type)))
            for row in np.flatnonzero(wrong)
        ),
    ]
    return sorted(found, key=lambda pair: pair[0])


def _judge(shape: shapely.Geometry, mended: Mended, task: Task) -> tuple[float, Message | None]:
    """Return by how much mending changes the area, and why it may not."""
    before = task.ruler.measure(np.array([shape], dtype=object))
    if not mended.settled:
        return NO_CHANGE, say("repair.unsettled")
    if mended.shape is None:
        return -float(before[0]), say("repair.would_delete")
    if shapely.has_m(shape) or (shapely.has_z(shape) and not shapely.has_z(mended.shape)):
        return NO_CHANGE, say("repair.would_lose_heights")
    for reading in mended.readings:
        pair = np.array([reading.structure, _areal(reading.linework)], dtype=object)
        areas = task.ruler.measure(pair)
        if task.limits.are_exceeded(areas[:1], areas[1:])[0]:
            why = say("repair.two_readings", one_m2=float(areas[0]), other_m2=float(areas[1]))
            return float(areas[0] - before[0]), why
    after = task.ruler.measure(np.array([mended.shape], dtype=object))
    change = float(after[0] - before[0])
    if task.limits.are_exceeded(before, after)[0]:
        allowed = float(task.limits.allowed(before)[0])
        return change, say("repair.too_large", change_m2=abs(change), allowed_m2=allowed)
    return change, None


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a collection."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def _close_slips(result: MendedShapes, frozen: NDArray[np.bool_], task: Task) -> None:
    closed = close_coverage(
        result.shapes,
        task.ids,
        frozen=frozen,
        ruler=task.ruler,
        tolerance=task.tolerance,
        limits=task.limits,
    )
    for row in np.flatnonzero(~_are_identical(closed.shapes, result.shapes)).tolist():
        deed = say("repair.did_closed", gap_m=task.tolerance.gap_m, snap_m=task.tolerance.snap_m)
        result.note(row, Fix.COVERAGE, deed)
    result.shapes = closed.shapes
    result.refusals += [(row, Fix.COVERAGE, why, change) for row, why, change in closed.refusals]


def _is_finite(shape: shapely.Geometry | None) -> bool:
    return bool(np.isfinite(shapely.get_coordinates(shape)).all())


def _are_identical(one: Geometries, other: Geometries) -> NDArray[np.bool_]:
    both_missing = shapely.is_missing(one) & shapely.is_missing(other)
    return np.asarray(shapely.equals_identical(one, other) | both_missing)
