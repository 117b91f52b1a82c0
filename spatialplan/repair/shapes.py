"""Geometry of one table repaired until repairing again would change nothing.

A repair can lay bare what another repair would treat: cleaning a coverage may leave a hair, taking
the hair off may open a gap. So the repairs asked for are run again on their own result, as if it
had been delivered, until it comes back unchanged to the last bit. What does not come to rest, or
drifts over the limit on the way, stays as delivered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

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
# How often features that drift are held back and the rest is run anew.
TRIES = 4
NO_CHANGE = float("nan")

Geometries = NDArray[np.object_]
Flags = NDArray[np.bool_]
RefusedShape = tuple[int, Fix, Message, float]
Deeds = dict[int, list[tuple[Fix, Message]]]


@dataclass(slots=True)
class MendedShapes:
    """Repaired geometry; what was done to which row, and what was not dared: row, fix, why, m².

    `frozen` are features that stay as they are although something is wrong with them.
    """

    shapes: Geometries
    frozen: Flags
    deeds: Deeds = field(default_factory=dict)
    refusals: list[RefusedShape] = field(default_factory=list)

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
    result, held = _settle(shapes, task)
    # Without features held back the result came back unchanged from a run on itself already.
    if held.any() and _differ(_settle(result.shapes, task)[0].shapes, result.shapes).any():
        everyone = np.full(len(shapes), True)
        return MendedShapes(shapes, everyone, {}, _unsettled(everyone))
    return result


def _settle(shapes: Geometries, task: Task) -> tuple[MendedShapes, Flags]:
    """Run until nothing moves, holding back what drifts; return also what was held back."""
    held = np.zeros(len(shapes), dtype=bool)
    for _ in range(TRIES):
        result, drifting = _come_to_rest(shapes, task, held)
        drifting |= _drift_over_limits(shapes, result, task)
        if not drifting.any():
            return replace(result, refusals=[*result.refusals, *_unsettled(held)]), held
        held |= drifting
    held[:] = True
    return MendedShapes(shapes, held, {}, _unsettled(held)), held


def _come_to_rest(shapes: Geometries, task: Task, held: Flags) -> tuple[MendedShapes, Flags]:
    """Run on the run's own result until it stays the same; return also what still moves."""
    result = MendedShapes(shapes, held)
    moved = np.ones(len(shapes), dtype=bool)
    for _ in range(RUNS):
        after = _run(result, task, held, moved)
        moved = _differ(after.shapes, result.shapes)
        for row, deeds in result.deeds.items():
            after.deeds[row] = [*deeds, *after.deeds.get(row, [])]
        result = after
        if not moved.any():
            break
    return result, moved


def _drift_over_limits(shapes: Geometries, result: MendedShapes, task: Task) -> Flags:
    """Tell which features the runs together took over the limit, though no single one did."""
    over = np.zeros(len(shapes), dtype=bool)
    changed = np.flatnonzero(_differ(shapes, result.shapes))
    before = task.ruler.measure(shapes[changed])
    after = task.ruler.measure(result.shapes[changed])
    # What lies nowhere has no area; repairs that need one were refused one by one.
    known = ~(np.isnan(before) & np.isnan(after))
    over[changed] = known & task.limits.are_exceeded(before, after)
    return over


def _unsettled(rows: Flags) -> list[RefusedShape]:
    message = say("repair.unsettled")
    return [(int(row), Fix.GEOMETRY, message, NO_CHANGE) for row in np.flatnonzero(rows)]


def _run(before: MendedShapes, task: Task, held: Flags, moved: Flags) -> MendedShapes:
    """Repair everything once; outlines that the run before left as they were need no second look.

    What that run said of them, and which it froze, still holds.
    """
    result = MendedShapes(before.shapes.copy(), held | (before.frozen & ~moved))
    if Fix.HEIGHTS in task.fixes:
        _drop_heights(result, held)
    if Fix.GEOMETRY in task.fixes:
        result.refusals = [refusal for refusal in before.refusals if _still_holds(refusal, moved)]
        _mend_outlines(result, task, moved & ~held)
    if Fix.COVERAGE in task.fixes:
        _close_slips(result, task)
    return result


def _still_holds(refusal: RefusedShape, moved: Flags) -> bool:
    return refusal[1] is Fix.GEOMETRY and not moved[refusal[0]]


def _drop_heights(result: MendedShapes, held: Flags) -> None:
    high = shapely.has_z(result.shapes) | shapely.has_m(result.shapes)
    rows = np.flatnonzero(high & ~held)
    result.shapes[rows] = shapely.force_2d(result.shapes[rows])
    for row in rows.tolist():
        result.note(row, Fix.HEIGHTS, say("repair.did_heights"))


def _mend_outlines(result: MendedShapes, task: Task, chosen: Flags) -> None:
    """Mend outlines one by one; freeze those that stay although something is wrong."""
    shapes, frozen = result.shapes, result.frozen
    if not chosen.any():
        return
    for row, why in _list_hopeless(shapes):
        if chosen[row]:
            result.refusals.append((row, Fix.GEOMETRY, why, NO_CHANGE))
            frozen[row] = True
    polygons = np.flatnonzero(np.isin(shapely.get_type_id(shapes), (3, 6)) & chosen & ~frozen)
    rows = polygons[find_faulty(shapes[polygons], task.ruler.metre)]
    mended = [mend_outline(shape, task.ruler.metre) for shape in shapes[rows]]
    for row, one, verdict in zip(
        rows.tolist(), mended, _judge(shapes[rows], mended, task), strict=True
    ):
        change, wrong = verdict
        if wrong is not None:
            frozen[row] = True
            result.refusals.append((row, Fix.GEOMETRY, wrong, change))
        elif one.shape is not None and one.deeds:
            shapes[row] = one.shape
            result.note(row, Fix.GEOMETRY, *one.deeds)
        if wrong is None and one.sharp:
            sharp = say("repair.sharp", count=one.sharp)
            result.refusals.append((row, Fix.GEOMETRY, sharp, NO_CHANGE))


def _list_hopeless(shapes: Geometries) -> list[tuple[int, Message]]:
    """List features that have no outline to mend."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    infinite = np.zeros(len(shapes), dtype=bool)
    infinite[owner[~np.isfinite(points).all(axis=1)]] = True
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


def _judge(
    shapes: Geometries, mended: list[Mended], task: Task
) -> Iterator[tuple[float, Message | None]]:
    """Yield by how much mending changes each area, and why it may not."""
    before = task.ruler.measure(shapes)
    after = task.ruler.measure(_array([one.shape for one in mended]))
    unclear = _two_readings(mended, task)
    for place, one in enumerate(mended):
        change = float(after[place] - before[place])
        if not one.settled:
            yield NO_CHANGE, say("repair.unsettled")
        elif one.shape is None:
            yield -float(before[place]), say("repair.would_delete")
        elif _loses_heights(shapes[place], one.shape):
            yield NO_CHANGE, say("repair.would_lose_heights")
        elif place in unclear:
            yield change, unclear[place]
        elif np.isnan(change):
            yield NO_CHANGE, say("repair.unmeasurable")
        elif task.limits.are_exceeded(before[place], after[place]):
            allowed = float(task.limits.allowed(before[place]))
            yield change, say("repair.too_large", change_m2=abs(change), allowed_m2=allowed)
        else:
            yield change, None


def _loses_heights(shape: shapely.Geometry, mended: shapely.Geometry) -> bool:
    return bool(shapely.has_m(shape) or (shapely.has_z(shape) and not shapely.has_z(mended)))


def _two_readings(mended: list[Mended], task: Task) -> dict[int, Message]:
    """Return which outlines have other ground when read in the other way."""
    readings = [(place, reading) for place, one in enumerate(mended) for reading in one.readings]
    ours = task.ruler.measure(_array([reading.structure for _, reading in readings]))
    theirs = task.ruler.measure(_array([_areal(reading.linework) for _, reading in readings]))
    exceeded = task.limits.are_exceeded(ours, theirs)
    return {
        readings[number][0]: say(
            "repair.two_readings", one_m2=float(ours[number]), other_m2=float(theirs[number])
        )
        for number in np.flatnonzero(exceeded & ~np.isnan(ours))
    }


def _array(shapes: list[shapely.Geometry | None]) -> Geometries:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a collection."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_type_id(parts) == 3])


def _close_slips(result: MendedShapes, task: Task) -> None:
    closed = close_coverage(
        result.shapes,
        task.ids,
        frozen=result.frozen,
        ruler=task.ruler,
        tolerance=task.tolerance,
        limits=task.limits,
    )
    for row in np.flatnonzero(_differ(closed.shapes, result.shapes)).tolist():
        deed = say("repair.did_closed", gap_m=task.tolerance.gap_m, snap_m=task.tolerance.snap_m)
        result.note(row, Fix.COVERAGE, deed)
    result.shapes = closed.shapes
    result.refusals += [(row, Fix.COVERAGE, why, change) for row, why, change in closed.refusals]


def _differ(one: Geometries, other: Geometries) -> Flags:
    both_missing = shapely.is_missing(one) & shapely.is_missing(other)
    return np.asarray(~(shapely.equals_identical(one, other) | both_missing))
