"""A corridor cut across into sections that never overlap.

The corridor is the band of the width that the plan gives along a line. Its ground belongs to the
nearest stretch of the line between two stations: on straight lines a section is the slab between
two perpendiculars; at bends, where perpendiculars would cross, sections meet half-way.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from spatialplan.crs import Plane
from spatialplan.errors import ConservationError, Fault, SourceError
from spatialplan.layers import Layer
from spatialplan.messages import say
from spatialplan.overlay import unite_all
from spatialplan.plan import PatternElement

__all__ = ["CutCorridor", "cut_corridor"]

CGCS2000_ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)

# The nearest stretch is found by points along the line: so many over the width and over a section.
POINTS_A_WIDTH = 16
POINTS_A_SECTION = 8

# More sections than this are a slip of the pen; more points would add nothing but time.
MOST_SECTIONS = 20_000
MOST_POINTS = 200_000

# Sections and band are cut from the same shapes; more than this share apart is a fault of ours.
CONSERVED_SHARE = 1e-9

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CutCorridor:
    """A corridor's band and its cross-sections, in the order of the line.

    Attributes
    ----------
    element
        The plan's corridor.
    plane
        The plane of judgement, in which all shapes lie.
    ground
        Ground of each section, object[n]; together they are the band.
    from_m, to_m
        Geodesic distance along the line of each section's ends, float64[n]. Where the line is in
        parts, the count goes on from part to part.
    middle
        The point of the line half-way through each section, (n, 2).
    part
        Which part of the line a section belongs to, int64[n]; one line has only part 0.
    """

    element: PatternElement
    plane: Plane
    ground: Geometries
    from_m: Floats
    to_m: Floats
    middle: Floats
    part: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One part of the line: points of it with the geodesic distance at each."""

    points: Floats
    along_m: Floats

    def at(self, distance_m: Floats) -> Floats:
        axes = [np.interp(distance_m, self.along_m, self.points[:, axis]) for axis in (0, 1)]
        return np.column_stack(axes)


def cut_corridor(element: PatternElement, layer: Layer, *, step_m: float) -> CutCorridor | None:
    """Cut the band along an element's line into sections every `step_m` metres.

    Parameters
    ----------
    element
        A corridor with a width.
    layer
        The line layer that the element names.
    step_m
        Geodesic distance between stations; what is left at the end of a line is a section of its
        own from half a step on, and belongs to the last one below.

    Returns
    -------
    corridor
        None if no line of the layer bears the element's name.

    Raises
    ------
    ConservationError
        If the sections do not add up to the band.
    SourceError
        If there would be more than `MOST_SECTIONS` sections.
    """
    if element.width_m is None:
        raise ValueError("a corridor without a width cannot be cut")
    rows = np.flatnonzero(layer.text(layer.spec.name_field) == element.feature)
    lines = [line for line in _join(layer.geometry[rows]) if line.length > 0]
    if not lines:
        return None
    stretches = [_measure(line, layer.plane) for line in lines]
    length_m = sum(float(stretch.along_m[-1]) for stretch in stretches)
    if length_m > MOST_SECTIONS * step_m:
        too_many = {"step": step_m, "length": length_m / 1_000, "most": MOST_SECTIONS}
        raise SourceError(Fault(element.name, say("corridors.too_many", **too_many)))
    edges = [_stations(float(stretch.along_m[-1]), step_m) for stretch in stretches]
    before = np.cumsum([0.0, *(stations[-1] for stations in edges)])
    band = unite_all(shapely.buffer(np.array(lines), element.width_m / 2, cap_style="flat"))
    spacing = min(element.width_m / POINTS_A_WIDTH, step_m / POINTS_A_SECTION)
    spacing = max(spacing, length_m / MOST_POINTS)
    ground = _nearest_ground(band, stretches, edges, spacing)
    _require_conserved(element, band, ground)
    middles = [
        stretch.at((stations[:-1] + stations[1:]) / 2)
        for stretch, stations in zip(stretches, edges, strict=True)
    ]
    part = np.repeat(np.arange(len(lines)), [len(stations) - 1 for stations in edges])
    # A line that goes back on itself leaves the way back no ground of its own.
    kept = shapely.area(ground) > 0
    return CutCorridor(
        element=element,
        plane=layer.plane,
        ground=ground[kept],
        from_m=np.concatenate([a[:-1] + b for a, b in zip(edges, before, strict=False)])[kept],
        to_m=np.concatenate([a[1:] + b for a, b in zip(edges, before, strict=False)])[kept],
        middle=np.vstack(middles)[kept],
        part=part[kept],
    )


def _join(lines: Geometries) -> list[shapely.LineString]:
    """Join lines that meet, each keeping the direction in which it was drawn where that works."""
    whole = (
        shapely.union_all(lines)
        if len(lines) > 1
        else shapely.multilinestrings(shapely.get_parts(lines))
    )
    forward = shapely.get_parts(shapely.line_merge(whole, directed=True))
    either = shapely.get_parts(shapely.line_merge(whole))
    return list(forward if len(forward) <= len(either) else either)


def _measure(line: shapely.LineString, plane: Plane) -> _Stretch:
    points = shapely.get_coordinates(line)
    lengths = CGCS2000_ELLIPSOID.line_lengths(*plane.unproject(points).T)
    return _Stretch(points, np.concatenate([[0.0], np.cumsum(lengths)]))


def _stations(length_m: float, step_m: float) -> Floats:
    """Distances of the stations along a line, both ends among them."""
    whole = max(1, int(length_m / step_m + 0.5))
    return np.append(np.arange(whole) * step_m, length_m)


def _nearest_ground(
    band: shapely.Geometry, stretches: list[_Stretch], edges: list[Floats], spacing_m: float
) -> Geometries:
    """Divide the band among sections by the nearest of many points along the line."""
    points, owner = [], []
    first = 0
    for stretch, stations in zip(stretches, edges, strict=True):
        for number, (start, end) in enumerate(pairwise(stations)):
            count = max(1, int(np.ceil((end - start) / spacing_m)))
            points.append(stretch.at(start + (np.arange(count) + 0.5) * (end - start) / count))
            owner.append(np.full(count, first + number))
        first += len(stations) - 1
    where, kept = np.unique(np.vstack(points), axis=0, return_index=True)
    if len(where) == 1:
        return np.array([band], dtype=object)
    around = shapely.box(*shapely.bounds(band))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(shapely.multipoints(where), extend_to=around, ordered=True)
    )
    belongs = np.concatenate(owner)[kept]
    order = np.argsort(belongs, kind="stable")
    groups = np.split(cells[order], np.searchsorted(belongs[order], np.arange(1, first)))
    slabs = np.array([shapely.union_all(group) for group in groups], dtype=object)
    near = [slab if slab.is_empty else shapely.clip_by_rect(band, *slab.bounds) for slab in slabs]
    return np.asarray(shapely.intersection(slabs, np.array(near, dtype=object)))


def _require_conserved(element: PatternElement, band: shapely.Geometry, ground: Geometries) -> None:
    parts, whole = float(shapely.area(ground).sum()), float(band.area)
    if abs(parts - whole) > CONSERVED_SHARE * whole:
        raise ConservationError(
            Fault(element.name, say("corridors.not_conserved", parts=parts, whole=whole))
        )
