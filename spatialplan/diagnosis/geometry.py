"""Faults of single shapes, judged as delivered: in the layer's own coordinates, before the gate.

How rings are wound is not judged: formats differ in it by rule, every reader turns them its own
way, and nothing here depends on it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import map_chunks
from spatialplan.diagnosis.defects import Defect, Place, make_defect, places_of, points_on
from spatialplan.diagnosis.vertices import (
    LARGEST_DEGREE,
    SPIKE_DEGREES,
    find_odd_vertices,
)
from spatialplan.findings import Severity
from spatialplan.messages import Message, say

__all__ = ["KINDS", "diagnose_geometry", "kinds_of"]

# Shapely's type numbers by what a planner calls them; single and multiple count as one kind.
KINDS = {0: "point", 4: "point", 1: "line", 5: "line", 2: "line", 3: "polygon", 6: "polygon"}
OTHER_KIND = "collection"

# What GEOS says, by its beginning, and what we call it.
REASONS = {
    "Self-intersection": "self_intersection",
    "Ring Self-intersection": "ring_self_intersection",
    "Hole lies outside shell": "hole_outside",
    "Holes are nested": "holes_nested",
    "Interior is disconnected": "interior_disconnected",
    "Nested shells": "shells_nested",
    "Duplicate Rings": "rings_repeated",
    "Too few points": "too_few_points",
    "Ring is not closed": "ring_open",
}
# Below this no ground is meant: a square centimetre, and the like in square degrees.
NO_AREA_M2, NO_AREA_DEGREES = 1e-4, 1e-14

Shapes = NDArray[np.object_]
Rows = NDArray[np.intp]


def diagnose_geometry(
    shapes: Shapes, ids: NDArray[np.object_], *, layer: str, expected: str | None = None
) -> list[Defect]:
    """Find the faults of single shapes.

    Parameters
    ----------
    shapes
        Geometry as delivered, object[n]; None where a feature has none.
    ids
        One text a feature, object[n].
    layer
        What the defects name.
    expected
        ``polygon``, ``line`` or ``point`` where the layer's role asks for it; None: any one kind.

    Returns
    -------
    defects
        One a class, heaviest kinds first; places in the coordinates delivered.
    """
    missing = shapely.is_missing(shapes)
    empty = ~missing & shapely.is_empty(shapes)
    filled = np.flatnonzero(~missing & ~empty)
    finite = np.isfinite(shapely.bounds(shapes[filled])).all(axis=1)
    finite[finite] = ~_holds_nan(shapes[filled[finite]])
    known, infinite = filled[finite], filled[~finite]
    return [
        *_bare(layer, ids, np.flatnonzero(missing), "null_geometry", Severity.ERROR),
        *_bare(layer, ids, np.flatnonzero(empty), "empty_geometry", Severity.ERROR),
        *_bare(layer, ids, infinite, "not_finite", Severity.ERROR),
        *_kind_defects(layer, shapes, ids, filled, expected),
        *_invalid_defects(layer, shapes, ids, known),
        *_vertex_defects(layer, shapes, ids, known),
        *_area_defects(layer, shapes, ids, known),
        *_repeated_shapes(layer, shapes, ids, known),
        *_extra_dimensions(layer, shapes, ids, filled),
    ]


def kinds_of(shapes: Shapes) -> dict[str, int]:
    """Count shapes by kind; null and empty ones are left out."""
    filled = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    numbers, counts = np.unique(shapely.get_type_id(filled), return_counts=True)
    found: dict[str, int] = defaultdict(int)
    for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        found[KINDS.get(number, OTHER_KIND)] += count
    return dict(sorted(found.items(), key=lambda row: -row[1]))


def _holds_nan(shapes: Shapes) -> NDArray[np.bool_]:
    """Tell which shapes hold a coordinate that is no number; bounds pass over NaN."""

    def ask(chunk: Shapes) -> NDArray[np.bool_]:
        coordinates, owner = shapely.get_coordinates(chunk, return_index=True)
        found = np.full(len(chunk), False)
        found[owner[~np.isfinite(coordinates.sum(axis=1))]] = True
        return found

    return np.concatenate(map_chunks(ask, shapes))


def _bare(
    layer: str, ids: NDArray[np.object_], rows: Rows, rule_id: str, severity: Severity
) -> Iterator[Defect]:
    if len(rows):
        message = say(f"diagnosis.{rule_id}", count=len(rows))
        yield make_defect(rule_id, layer, severity, message, ids=ids[rows].tolist())


def _kind_defects(
    layer: str, shapes: Shapes, ids: NDArray[np.object_], rows: Rows, expected: str | None
) -> Iterator[Defect]:
    kinds = np.array(
        [KINDS.get(number, OTHER_KIND) for number in shapely.get_type_id(shapes[rows]).tolist()]
    )
    found = kinds_of(shapes)
    main = expected or next((kind for kind in found if kind != OTHER_KIND), OTHER_KIND)
    odd = rows[kinds != main]
    if not len(odd):
        return
    rule_id = "wrong_kind" if expected or len(found) == 1 else "mixed_kinds"
    listed = say("diagnosis.kinds", **{kind: found.get(kind, 0) for kind in _KIND_NAMES})
    message = say(f"diagnosis.{rule_id}", expected=say(f"diagnosis.kind_{main}"), found=listed)
    places = places_of(ids, odd, points_on(shapes[odd]))
    severity = Severity.ERROR if expected else Severity.WARNING
    yield make_defect(rule_id, layer, severity, message, places)


_KIND_NAMES = ("polygon", "line", "point", OTHER_KIND)


def _invalid_defects(
    layer: str, shapes: Shapes, ids: NDArray[np.object_], rows: Rows
) -> Iterator[Defect]:
    valid = np.concatenate(map_chunks(shapely.is_valid, shapes[rows])).astype(np.bool_)
    invalid = rows[~valid]
    gathered: dict[str, list[Place]] = defaultdict(list)
    for row, said in zip(invalid, shapely.is_valid_reason(shapes[invalid]), strict=True):
        reason, point = _read_reason(str(said))
        rule_id = "hole_outside" if reason.key.endswith("hole_outside") else "invalid_geometry"
        where = point or shapely.Point(shapely.get_coordinates(shapes[row])[0])
        place = Place(ids=(str(ids[row]),), geometry=where, detail=reason)
        gathered[rule_id].append(place)
    for rule_id, places in sorted(gathered.items()):
        message = say(f"diagnosis.{rule_id}", count=len(places))
        yield make_defect(rule_id, layer, Severity.ERROR, message, places)


def _read_reason(said: str) -> tuple[Message, shapely.Point | None]:
    """Return what is wrong with an invalid shape, and where, from what GEOS says."""
    key = next((ours for theirs, ours in REASONS.items() if said.startswith(theirs)), "other")
    numbers = re.findall(r"[-+]?\d[\d.]*(?:e[-+]?\d+)?", said.partition("[")[2])
    point = shapely.Point(float(numbers[0]), float(numbers[1])) if len(numbers) >= 2 else None
    if key == "other":
        return say("diagnosis.reason_other", reason=said.partition("[")[0][:80]), point
    return say(f"diagnosis.reason_{key}"), point


def _vertex_defects(
    layer: str, shapes: Shapes, ids: NDArray[np.object_], rows: Rows
) -> Iterator[Defect]:
    odd = find_odd_vertices(shapes[rows])
    spikes, repeated, arcs = odd.spikes, odd.repeated, odd.arcs
    if len(spikes.owner):
        places = places_of(ids, rows[spikes.owner], shapely.points(spikes.coordinates))
        message = say("diagnosis.spike", count=len(places), degrees=SPIKE_DEGREES)
        yield make_defect("spike", layer, Severity.WARNING, message, places)
    if len(repeated.owner):
        owners, first, counts = np.unique(repeated.owner, return_index=True, return_counts=True)
        points = shapely.points(repeated.coordinates[first])
        places = places_of(ids, rows[owners], points, measured=counts.astype(float))
        total = len(repeated.owner)
        message = say("diagnosis.repeated_vertex", count=total, features=len(owners))
        yield make_defect("repeated_vertex", layer, Severity.WARNING, message, places, count=total)
    if len(arcs.owner):
        places = places_of(ids, rows[arcs.owner], shapely.points(arcs.coordinates))
        message = say("diagnosis.curves", count=len(places))
        yield make_defect("curves", layer, Severity.INFO, message, places)


def _area_defects(
    layer: str, shapes: Shapes, ids: NDArray[np.object_], rows: Rows
) -> Iterator[Defect]:
    areal = rows[np.isin(shapely.get_type_id(shapes[rows]), (3, 6))]
    bounds = shapely.bounds(shapes[areal])
    least = np.where(np.abs(bounds).max(axis=1) <= LARGEST_DEGREE, NO_AREA_DEGREES, NO_AREA_M2)
    # The halves of an outline that crosses itself may cancel out: its hull tells it from a line.
    small = shapely.area(shapes[areal]) <= least
    small[small] = shapely.area(shapely.convex_hull(shapes[areal[small]])) <= least[small]
    flat = areal[small]
    if len(flat):
        points = shapely.points(shapely.bounds(shapes[flat])[:, :2])
        message = say("diagnosis.zero_area", count=len(flat))
        places = places_of(ids, flat, points)
        yield make_defect("zero_area", layer, Severity.ERROR, message, places)


def _repeated_shapes(
    layer: str, shapes: Shapes, ids: NDArray[np.object_], rows: Rows
) -> Iterator[Defect]:
    """Find shapes that are there more than once, from whichever vertex they are drawn."""
    bounds = np.ascontiguousarray(shapely.bounds(shapes[rows]))
    alike = _repeated_rows(bounds)
    rows = rows[alike]
    if not len(rows):
        return
    texts = shapely.to_wkb(shapely.normalize(shapely.force_2d(shapes[rows])))
    groups: dict[bytes, list[int]] = defaultdict(list)
    for row, text in zip(rows.tolist(), texts, strict=True):
        groups[text].append(row)
    places = [
        Place(
            ids=tuple(str(name) for name in ids[members]),
            geometry=points_on(shapes[members[:1]])[0],
        )
        for members in groups.values()
        if len(members) > 1
    ]
    if places:
        message = say("diagnosis.repeated_shape", count=len(places))
        yield make_defect("repeated_shape", layer, Severity.ERROR, message, places)


def _repeated_rows(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark the rows of an array, (n, k), that occur more than once."""
    order = np.lexsort(values.T)
    same = (values[order][1:] == values[order][:-1]).all(axis=1)
    found = np.full(len(values), False)
    found[order[1:][same]] = True
    found[order[:-1][same]] = True
    return found


def _extra_dimensions(
    layer: str, shapes: Shapes, ids: NDArray[np.object_], rows: Rows
) -> Iterator[Defect]:
    for rule_id, has in (("has_z", shapely.has_z), ("has_m", shapely.has_m)):
        found = rows[has(shapes[rows])]
        if len(found):
            message = say(f"diagnosis.{rule_id}", count=len(found))
            yield make_defect(rule_id, layer, Severity.INFO, message, ids=ids[found].tolist())
