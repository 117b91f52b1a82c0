"""From what was drawn to the ground it stands for.

Polygons stand for themselves. A line stands for a strip of a stated total width with flat ends, a
point for a circle of a stated radius, both drawn in the working CRS, which is conformal. Without a
stated width or radius they cover no ground, and are not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.area import EDGE_LIMIT_M, to_plane
from spatialplan.crs import Plane, from_degrees, to_degrees
from spatialplan.errors import Fault, SourceError
from spatialplan.findings import Severity
from spatialplan.messages import say
from spatialplan.sites.table import Doubt

__all__ = [
    "NARROWEST_M",
    "WIDEST_M",
    "Footprint",
    "Parts",
    "draw_strips",
    "footprint_doubts",
    "take_apart",
]

POLYGONS, LINES, POINTS = (3, 6), (1, 2, 5), (0, 4)
COLLECTION = 7
# Corners a quarter circle; a circle of 256 corners has 0.01 % less area than a true one.
QUADRANT_CORNERS = 64
# A strip or circle narrower or wider than this is in another unit, or a slip of the pen.
NARROWEST_M = 0.01
WIDEST_M = 100_000.0

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Footprint:
    """The total width given to lines and the radius given to points, metres."""

    width_m: float | None = None
    radius_m: float | None = None

    def __post_init__(self) -> None:
        faults = [
            Fault(name, say("site.bad_footprint", found=f"{size:g}"))
            for name, size in (("width_m", self.width_m), ("radius_m", self.radius_m))
            if size is not None and not NARROWEST_M <= size <= WIDEST_M
        ]
        if faults:
            raise SourceError(faults)

    def of_site(self, width_m: float) -> Footprint:
        """Return the footprint of a site whose own width is given; NaN where none is."""
        own = NARROWEST_M <= width_m <= WIDEST_M
        return Footprint(width_m, self.radius_m) if own else self


@dataclass(frozen=True, slots=True)
class Parts:
    """A site's geometry by kind; None where it has none of a kind."""

    polygon: BaseGeometry | None = None
    line: BaseGeometry | None = None
    point: BaseGeometry | None = None


def take_apart(shape: BaseGeometry) -> Parts:
    """Sort a geometry, which may be a collection, into polygon, line and point parts."""
    found: dict[tuple[int, ...], list[BaseGeometry]] = {POLYGONS: [], LINES: [], POINTS: []}
    for part in _simple_parts(shape):
        kind = shapely.get_type_id(part)
        for kinds, members in found.items():
            if kind in kinds and not part.is_empty:
                members.append(part)
    return Parts(
        polygon=_together(found[POLYGONS], shapely.multipolygons),
        line=_together(found[LINES], shapely.multilinestrings),
        point=_together(found[POINTS], shapely.multipoints),
    )


def draw_strips(
    parts: Parts, footprint: Footprint, *, crs: CRS, plane: Plane, working_crs: CRS
) -> list[BaseGeometry]:
    """Widen a site's lines and points, and take the result to the plane of judgement."""
    drawn: list[BaseGeometry] = []
    if parts.line is not None and footprint.width_m is not None:
        line = _in_working_crs(parts.line, crs, working_crs)
        drawn.append(
            shapely.buffer(
                line, footprint.width_m / 2, quad_segs=QUADRANT_CORNERS, cap_style="flat"
            )
        )
    if parts.point is not None and footprint.radius_m is not None:
        point = _in_working_crs(parts.point, crs, working_crs)
        drawn.append(shapely.buffer(point, footprint.radius_m, quad_segs=QUADRANT_CORNERS))
    filled = np.array([shape for shape in drawn if not shape.is_empty], dtype=object)
    if not len(filled):
        return []
    return list(to_plane(filled, working_crs, plane=plane, split_crs=working_crs))


def footprint_doubts(row: int, parts: Parts, footprint: Footprint) -> Iterator[Doubt]:
    """Say what width or radius was taken, or that one is needed."""
    for part, size, key in (
        (parts.line, footprint.width_m, "site.width"),
        (parts.point, footprint.radius_m, "site.radius"),
    ):
        if part is None:
            continue
        if size is None:
            yield Doubt(row, "no_footprint", Severity.ERROR, say(f"{key}_missing"))
        else:
            yield Doubt(
                row, "footprint_given", Severity.INFO, say(f"{key}_given", size=f"{size:g}")
            )


def _simple_parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    parts = [shape]
    while parts:
        part = parts.pop(0)
        if shapely.get_type_id(part) == COLLECTION:
            parts = [*shapely.get_parts(part), *parts]
        elif shapely.get_num_geometries(part) > 1 or part.geom_type.startswith("Multi"):
            yield from shapely.get_parts(part)
        else:
            yield part


def _together(
    parts: list[BaseGeometry], join: Callable[[list[BaseGeometry]], BaseGeometry]
) -> BaseGeometry | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return join(parts)


def _in_working_crs(shape: BaseGeometry, crs: CRS, working_crs: CRS) -> BaseGeometry:
    if crs == working_crs:
        return shape
    if not crs.is_geographic:
        shape = shapely.segmentize(shape, EDGE_LIMIT_M)
    return shapely.transform(
        shape, lambda points: from_degrees(to_degrees(points, crs), working_crs)
    )
