"""One ring at a time: vertices that draw nothing, and hairs that stick out of an outline.

A *hair* is a vertex at which an outline turns back on itself and that is nowhere wider than a
centimetre. A wider one may be the tip of a wedge-shaped parcel; it is told apart as *sharp* and
left for a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Trimmed", "has_slips", "trim_ring"]

# Corners of parcels are far blunter; a slip of the hand is sharper.
SHARP_DEGREES = 3.0
# Surveys state borders to centimetres; coordinates are exchanged to tenths of a millimetre.
HAIR_M = 0.01
SAME_M = 1e-4
FEWEST = 3

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A closed ring without what draws nothing; None of it is left if it encloses nothing."""

    coordinates: Numbers | None
    repeated: int = 0
    hairs: int = 0
    sharp: int = 0


def has_slips(shapes: NDArray[np.object_], metre: float) -> Flags:
    """Tell which polygons have repeated vertices or turn back on themselves, shape (n,)."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    polygon = shapely.get_type_id(parts) == 3
    rings, part = shapely.get_rings(parts[polygon], return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    slips = np.zeros(len(shapes), dtype=bool)
    if not len(points):
        return slips
    last = np.append(ring[1:] != ring[:-1], True)
    points, ring = points[~last], ring[~last]  # the closing vertex is the first one again
    before, after = _neighbours(ring)
    found = _is_repeated(points, points[before], metre) | _turns_back(points, before, after)
    slips[owner[polygon][part[np.unique(ring[found])]]] = True
    return slips


def trim_ring(coordinates: Numbers, metre: float) -> Trimmed:
    """Take repeated vertices and hairs off a closed ring, until none is left.

    Of two vertices in one place the one further west (then south) stays, whichever way the ring is
    walked: neighbours walk a shared border in opposite directions and must keep sharing it.

    Parameters
    ----------
    coordinates
        Shape (n, 2 to 4); the last row repeats the first.
    metre
        A metre in the coordinates' unit.
    """
    points, repeated, hairs = coordinates[:-1], 0, 0
    while len(points) >= FEWEST:
        row = _repeated_row(points, metre)
        if row is not None:
            repeated += 1
        else:
            row = _hair_row(points, metre)
            hairs += row is not None
        if row is None:
            break
        points = np.delete(points, row, axis=0)
    if len(points) < FEWEST:
        return Trimmed(None, repeated, hairs)
    before, after = _cycle(len(points))
    sharp = int(_turns_back(points[:, :2], before, after).sum())
    if not repeated and not hairs:
        return Trimmed(coordinates, sharp=sharp)
    return Trimmed(np.concatenate([points, points[:1]]), repeated, hairs, sharp)


def _repeated_row(points: Numbers, metre: float) -> int | None:
    before, _ = _cycle(len(points))
    rows = np.flatnonzero(_is_repeated(points[:, :2], points[before, :2], metre))
    if not len(rows):
        return None
    pairs = [(int(row), int(before[row])) for row in rows]
    # Sorted by place, not by where the ring happens to start.
    first = min(pairs, key=lambda pair: sorted(tuple(points[row, :2]) for row in pair))
    return max(first, key=lambda row: tuple(points[row, :2]))


def _hair_row(points: Numbers, metre: float) -> int | None:
    flat = points[:, :2]
    before, after = _cycle(len(points))
    rows = np.flatnonzero(_turns_back(flat, before, after))
    width = _width(flat, before, after)[rows]
    rows = rows[width <= HAIR_M * metre]
    if not len(rows):
        return None
    return int(min(rows, key=lambda row: (*flat[row], row)))


def _cycle(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    rows = np.arange(count)
    return np.roll(rows, 1), np.roll(rows, -1)


def _neighbours(ring: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows before and after each vertex of many rings, one after the other."""
    rows = np.arange(len(ring))
    starts = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
    ends = np.append(starts[1:], len(ring)) - 1
    before, after = rows - 1, rows + 1
    before[starts], after[ends] = ends, starts
    return before, after


def _is_repeated(points: Numbers, before: Numbers, metre: float) -> Flags:
    return np.asarray(np.abs(points - before).max(axis=1) <= SAME_M * metre)


def _turns_back(points: Numbers, before: NDArray[np.intp], after: NDArray[np.intp]) -> Flags:
    back, ahead = points[before] - points, points[after] - points
    along = (back * ahead).sum(axis=1)
    cross = np.abs(back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0])
    return np.asarray((along > 0) & (cross < np.tan(np.radians(SHARP_DEGREES)) * along))


def _width(points: Numbers, before: NDArray[np.intp], after: NDArray[np.intp]) -> Numbers:
    """How far the nearer neighbour of a vertex stands off the vertex's other edge."""
    back, ahead = points[before] - points, points[after] - points
    cross = np.abs(back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0])
    longer = np.maximum(np.hypot(*back.T), np.hypot(*ahead.T))
    return np.asarray(cross / np.where(longer > 0, longer, 1.0))
