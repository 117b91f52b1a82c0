"""From boundary points to polygons.

Rings are told apart by their number, and where one closes. What a ring is follows from where it
lies, not from its number: a ring inside another one is a hole of it, a ring inside a hole is ground
again, and a ring beside the others is a part of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatialplan.findings import Severity
from spatialplan.layers import COORDINATE_LIMIT
from spatialplan.messages import Message, say
from spatialplan.sites.soundness import invalid_doubt
from spatialplan.sites.table import Doubt

__all__ = ["BoundaryPoint", "Outline", "build_polygon", "trace_outline"]

FEWEST_POINTS = 3
OUTER = "1"


@dataclass(frozen=True, slots=True)
class BoundaryPoint:
    """A boundary point (界址点) as written; `label` is its own number, blank where it has none."""

    ring: str
    easting: float
    northing: float
    label: str = ""

    @property
    def place(self) -> tuple[float, float]:
        """Easting and northing, or longitude and latitude."""
        return self.easting, self.northing


@dataclass(slots=True)
class _Ring:
    number: str
    label: str
    places: list[tuple[float, float]]
    is_numbered: bool = False
    is_closed: bool = False

    def starts_again_at(self, point: BoundaryPoint) -> bool:
        """Tell whether a point has the first one's number and yet lies elsewhere."""
        return self.is_numbered and point.label == self.label and len(self.places) > 2


@dataclass(frozen=True, slots=True)
class Outline:
    """The rings of one site, in the order of the file.

    Attributes
    ----------
    numbers
        The number of each ring as written.
    rings
        Points of each ring, easting and northing, float64[m, 2], the closing point left out.
    closings
        How many rings repeat their first point at the end.
    repeated
        How many points were left out because they repeat the one before.
    """

    numbers: tuple[str, ...]
    rings: tuple[NDArray[np.float64], ...]
    closings: int
    repeated: int
    doubts: tuple[Doubt, ...] = field(default=())


def trace_outline(points: Sequence[BoundaryPoint], row: int) -> Outline:
    """Sort boundary points into rings.

    A new ring starts where the ring's number changes, where one goes on after its ring has closed,
    and where the points' own numbers start again.
    """
    rings: list[_Ring] = []
    repeated = restarted = 0
    for point in points:
        current = rings[-1] if rings else None
        if current is None or point.ring != current.number:
            rings.append(_Ring(point.ring, point.label, [point.place]))
        elif point.place == current.places[-1] or (
            current.is_closed and point.place == current.places[0]
        ):
            repeated += 1
        elif point.place == current.places[0] and len(current.places) >= FEWEST_POINTS:
            current.is_closed = True
        elif current.is_closed or current.starts_again_at(point):
            restarted += 1
            rings.append(_Ring(point.ring, point.label, [point.place]))
        else:
            current.is_numbered |= len(current.places) == 1 and point.label != current.label
            current.places.append(point.place)
    closings = sum(ring.is_closed for ring in rings)
    return Outline(
        numbers=tuple(ring.number for ring in rings),
        rings=tuple(np.array(ring.places, dtype=np.float64).reshape(-1, 2) for ring in rings),
        closings=closings,
        repeated=repeated,
        doubts=tuple(_tracing_doubts(row, len(rings) - closings, repeated, restarted)),
    )


def build_polygon(
    outline: Outline, row: int, *, is_geographic: bool = False
) -> tuple[BaseGeometry | None, list[Doubt]]:
    """Build a polygon from rings, by where they lie in each other.

    Returns
    -------
    shape
        Polygon or multipolygon; None where an error among the doubts says why.
    doubts
        Also says where ring numbers mean something else than outer (1) and inner (others).
    """
    short = [
        number
        for number, ring in zip(outline.numbers, outline.rings, strict=True)
        if len({*map(tuple, ring.tolist())}) < FEWEST_POINTS
    ]
    if short or not outline.rings:
        message = say("site.too_few_points", rings=", ".join(short) or "-")
        return None, [Doubt(row, "too_few_points", Severity.ERROR, message)]
    if not all((np.abs(ring) < COORDINATE_LIMIT).all() for ring in outline.rings):
        return None, [Doubt(row, "not_finite", Severity.ERROR, say("site.not_finite"))]
    if len(outline.rings) == 1:
        return shapely.polygons(outline.rings[0]), []  # valid or not, as all polygons are asked
    faces = np.array([shapely.Polygon(ring) for ring in outline.rings], dtype=object)
    for face in faces[~shapely.is_valid(faces)]:
        return None, [invalid_doubt(row, face, is_geographic=is_geographic)]
    inner, outer = shapely.STRtree(faces).query(faces, predicate="covered_by")
    inner, outer = inner[inner != outer], outer[inner != outer]
    twins = {*zip(inner.tolist(), outer.tolist(), strict=True)}
    for a, b in sorted(twins):
        if (b, a) in twins:
            message = say("site.repeated_ring", a=outline.numbers[a], b=outline.numbers[b])
            return None, [Doubt(row, "repeated_ring", Severity.ERROR, message)]
    depth = np.bincount(inner, minlength=len(faces))
    shape = _nest(faces, depth, inner, outer)
    if not shapely.is_valid(shape):
        return None, [invalid_doubt(row, shape, is_geographic=is_geographic)]
    return shape, list(_number_doubts(row, outline.numbers, depth))


def _nest(
    faces: NDArray[np.object_],
    depth: NDArray[np.intp],
    inner: NDArray[np.intp],
    outer: NDArray[np.intp],
) -> BaseGeometry:
    """Every ring at an even depth is ground, with the rings one deeper inside it as holes."""
    parts = []
    for shell in np.flatnonzero(depth % 2 == 0):
        inside = inner[outer == shell]
        holes = [faces[hole].exterior for hole in inside if depth[hole] == depth[shell] + 1]
        parts.append(shapely.Polygon(faces[shell].exterior, holes))
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _tracing_doubts(row: int, open_rings: int, repeated: int, restarted: int) -> Iterator[Doubt]:
    if open_rings:
        message = say("site.ring_closed", count=open_rings)
        yield Doubt(row, "ring_closed", Severity.INFO, message)
    if repeated:
        message = say("site.points_repeated", count=repeated)
        yield Doubt(row, "points_repeated", Severity.INFO, message)
    if restarted:
        message = say("site.ring_restarted", count=restarted)
        yield Doubt(row, "ring_restarted", Severity.INFO, message)


def _number_doubts(row: int, numbers: Sequence[str], depth: NDArray[np.intp]) -> Iterator[Doubt]:
    parts = [n for i, n in enumerate(numbers) if depth[i] % 2 == 0 and (n != OUTER or i > 0)]
    holes = [n for i, n in enumerate(numbers) if depth[i] % 2 == 1 and n == OUTER]
    if len(numbers) == 1:
        return
    for fault, found in (("rings_as_parts", parts), ("rings_as_holes", holes)):
        if found:
            message: Message = say(f"site.{fault}", rings=", ".join(dict.fromkeys(found)))
            yield Doubt(row, fault, Severity.INFO, message)
