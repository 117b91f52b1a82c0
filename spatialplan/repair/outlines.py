"""One outline mended: valid afterwards, and the same ground as far as that can be told.

Two ways lead from an invalid outline to a valid one. *Linework* keeps every drawn line and calls
ground what lies inside an odd number of them; *structure* unites what outer rings enclose and takes
away what holes enclose. On drawn faults whose ground is known (self-crossing, parts that overlap,
lie inside or repeat one another, holes that cross the border or each other) structure gave the
known area every time but for holes outside, which both turn into ground and which are therefore
dropped first; linework also lost a part inside a part and turned a hole's overhang into ground.
So structure it is; where linework gives another area, the outline can be read in two ways, and the
caller asks a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatialplan.messages import Message, say
from spatialplan.repair.vertices import has_slips, trim_ring

__all__ = ["Mended", "Reading", "find_faulty", "mend_outline"]

POLYGON = 3
# A pass takes off what the one before laid bare; outlines met settle in two.
PASSES = 8

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Reading:
    """An outline made valid in both ways, so that the caller can compare their areas."""

    structure: BaseGeometry
    linework: BaseGeometry


@dataclass(slots=True)
class Mended:
    """An outline after mending; None where nothing is left of it, or it does not settle.

    `sharp` counts corners too sharp to be trusted and too wide to be taken off.
    """

    shape: BaseGeometry | None
    deeds: list[Message] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    sharp: int = 0
    settled: bool = True


def find_faulty(shapes: Geometries, metre: float) -> NDArray[np.bool_]:
    """Tell which polygons are invalid, have vertices that draw nothing, or rings turned wrong."""
    return np.asarray(
        ~shapely.is_valid(shapes) | has_slips(shapes, metre) | _are_turned_wrong(shapes)
    )


def mend_outline(shape: BaseGeometry, metre: float) -> Mended:
    """Mend a polygon or multipolygon with finite coordinates, until nothing is left to mend.

    Parameters
    ----------
    shape
        Its Z values are kept; points that mending puts in get theirs from the edge they lie on.
    metre
        A metre in the coordinates' unit.

    Examples
    --------
    >>> hair = shapely.Polygon([(0, 0), (9, 0), (9, 5), (20, 5), (9, 5), (9, 9), (0, 9)])
    >>> mend_outline(hair, 1.0).shape.area
    81.0
    """
    mended = Mended(shape)
    for _ in range(PASSES):
        assert mended.shape is not None
        before = mended.shape
        after = _mend_once(before, mended, metre)
        if after is None or after.is_empty:
            mended.shape = None
            return mended
        mended.shape = after
        if shapely.equals_identical(before, after):
            return mended
    mended.settled = False
    return mended


def _mend_once(shape: BaseGeometry, mended: Mended, metre: float) -> BaseGeometry | None:
    trimmed = _trim(shape, mended, metre)
    if trimmed is None:
        return None
    if not shapely.is_valid(trimmed):
        trimmed = _make_valid(trimmed, mended)
    parts = [part for part in shapely.get_parts(trimmed) if part.geom_type == "Polygon"]
    if not parts:
        return None
    is_multi = shape.geom_type == "MultiPolygon" or len(parts) > 1
    if trimmed.geom_type != ("MultiPolygon" if is_multi else "Polygon"):
        trimmed = _multi(parts) if is_multi else parts[0]
    return _turn_rings(trimmed, mended)


def _trim(shape: BaseGeometry, mended: Mended, metre: float) -> BaseGeometry | None:
    """Trim all rings; parts and holes that enclose nothing go."""
    mended.sharp = repeated = hairs = collapsed = 0
    kept, touched = [], False
    for part in shapely.get_parts(shape):
        rings = [trim_ring(_points(ring), metre) for ring in shapely.get_rings(part)]
        repeated += sum(ring.repeated for ring in rings)
        hairs += sum(ring.hairs for ring in rings)
        mended.sharp += sum(ring.sharp for ring in rings)
        left = [ring.coordinates for ring in rings if ring.coordinates is not None]
        if not rings or rings[0].coordinates is None:
            collapsed += 1
        else:
            collapsed += len(rings) - len(left)
            trimmed = any(ring.repeated or ring.hairs for ring in rings)
            touched |= trimmed
            kept.append(shapely.Polygon(left[0], left[1:]) if trimmed else part)
    for key, count in (("repeated", repeated), ("hairs", hairs), ("collapsed", collapsed)):
        if count:
            mended.deeds.append(say(f"repair.did_{key}", count=count))
    if not touched and not collapsed:
        return shape
    if not kept:
        return None
    return kept[0] if shape.geom_type == "Polygon" else _multi(kept)


def _make_valid(shape: BaseGeometry, mended: Mended) -> BaseGeometry:
    reason = str(shapely.is_valid_reason(shape))
    inside, dropped = _drop_outer_holes(shape)
    if dropped:
        mended.deeds.append(say("repair.did_outer_holes", count=dropped))
    if shapely.is_valid(inside):
        return inside
    structure = shapely.make_valid(inside, method="structure", keep_collapsed=False)
    linework = shapely.make_valid(inside, method="linework")
    mended.readings.append(Reading(structure, linework))
    mended.deeds.append(say("repair.did_valid", reason=reason))
    return structure


def _drop_outer_holes(shape: BaseGeometry) -> tuple[BaseGeometry, int]:
    """Drop holes without ground in common with the ring that they are holes of."""
    parts, dropped = [], 0
    for part in shapely.get_parts(shape):
        shell = shapely.make_valid(
            shapely.Polygon(part.exterior), method="structure", keep_collapsed=False
        )
        holes = [hole for hole in part.interiors if _shares_ground(hole, shell)]
        dropped += len(part.interiors) - len(holes)
        parts.append(part if len(holes) == len(part.interiors) else _with_holes(part, holes))
    if not dropped:
        return shape, 0
    return (parts[0] if shape.geom_type == "Polygon" else _multi(parts)), dropped


def _shares_ground(hole: BaseGeometry, shell: BaseGeometry) -> bool:
    ground = shapely.make_valid(shapely.Polygon(hole), method="structure", keep_collapsed=False)
    return bool(shapely.area(shapely.intersection(ground, shell)) > 0)


def _with_holes(part: BaseGeometry, holes: list[BaseGeometry]) -> BaseGeometry:
    return shapely.Polygon(part.exterior, holes)


def _turn_rings(shape: BaseGeometry, mended: Mended) -> BaseGeometry:
    """Turn rings so that shells run one way and holes the other; the first shell decides."""
    if not _are_turned_wrong(np.array([shape], dtype=object))[0]:
        return shape
    first = shapely.get_exterior_ring(shapely.get_parts(shape)[0])
    mended.deeds.append(say("repair.did_turned"))
    return shapely.orient_polygons(shape, exterior_cw=not shapely.is_ccw(first))


def _are_turned_wrong(shapes: Geometries) -> NDArray[np.bool_]:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    polygon = shapely.get_type_id(parts) == POLYGON
    parts, owner = parts[polygon], owner[polygon]
    wrong = np.zeros(len(shapes), dtype=bool)
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return wrong
    ccw = shapely.is_ccw(rings)
    is_shell = np.append(True, part[1:] != part[:-1])
    shape = owner[part]
    first = np.flatnonzero(np.append(True, shape[1:] != shape[:-1]))
    expected = np.repeat(ccw[first], np.diff(np.append(first, len(rings)))) ^ ~is_shell
    wrong[np.unique(shape[ccw != expected])] = True
    return wrong


def _points(ring: BaseGeometry) -> NDArray[np.float64]:
    points: NDArray[np.float64] = shapely.get_coordinates(ring, include_z=bool(ring.has_z))
    return points


def _multi(parts: list[BaseGeometry]) -> BaseGeometry:
    return shapely.multipolygons(np.array(parts, dtype=object))
