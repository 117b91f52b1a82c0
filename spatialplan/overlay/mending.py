"""Cuts undone: polygons put together from pieces get back the edges of the whole.

Where a cut crosses an edge, rounding sets the new vertex beside the edge by the last digit. Left
there, borders that coincide would overlap by slivers 1e-9 wide, each of them a false piece.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.overlay.polygons import Geometries, Integers
from spatialplan.overlay.uniting import unite_all

__all__ = ["Vertices", "list_vertices", "mend_cuts", "unite"]

Coordinates = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Vertices as complex numbers, sorted: one array answers "was this vertex there before?".
Vertices = NDArray[np.complex128]

# From here on the quick way pays, even where it must be given up.
MANY = 64

# A union of polygons that share no ground has their area, to rounding.
AREA_SHARE = 1e-12

# A cut's vertex is off its edge by at most a few units in the last place of its coordinates.
LAST_PLACES = 16

# A pass halves what stands in a row on one edge; more than a few cuts across one are rare.
PASSES = 6


def list_vertices(polygons: Geometries) -> Vertices:
    """Return the vertices of polygons, sorted, each once."""
    return np.unique(as_complex(shapely.get_coordinates(polygons)))


def are_listed(vertices: Vertices, listed: Vertices) -> Flags:
    """Tell which vertices are in a list, which is sorted and not empty."""
    place = np.searchsorted(listed, vertices)
    found: Flags = listed[np.minimum(place, len(listed) - 1)] == vertices
    return found


def as_complex(coordinates: Coordinates) -> Vertices:
    """Pack easting and northing, shape (n, 2), into one number, shape (n,)."""
    return np.ascontiguousarray(coordinates).view(np.complex128).ravel()


def unite(polygons: Geometries) -> shapely.Geometry:
    """Unite polygons, by the quick way where they share matching borders and no ground."""
    if len(polygons) >= MANY:
        united = cancel_borders(polygons)
        if united is not None:
            return united
    return unite_all(polygons)


def cancel_borders(polygons: Geometries) -> shapely.Geometry | None:
    """Unite polygons by leaving out every edge that stands twice; None where that is no union.

    What is left encloses the ground that an odd number of polygons cover. Borders that do not
    match leave an outline that is not valid, ground under two polygons is missing from its area.
    """
    try:
        united = shapely.coverage_union_all(polygons)
    except shapely.GEOSException:
        return None
    total = math.fsum(shapely.area(polygons))
    conserved = abs(united.area - total) <= AREA_SHARE * total
    return united if conserved and shapely.is_valid(united) else None


def mend_cuts(shapes: Geometries, original: Vertices) -> Geometries:
    """Take away vertices that cutting left on straight edges.

    Parameters
    ----------
    shapes
        Polygons or multipolygons put together from pieces, shape (n,).
    original
        Vertices of the polygons before they were cut.

    Returns
    -------
    mended
        Shape (n,); a shape that would not be valid stays as it is.
    """
    mended = shapes
    for _ in range(PASSES if len(original) else 0):
        parts, shape = shapely.get_parts(mended, return_index=True)
        rings, part = shapely.get_rings(parts, return_index=True)
        outline = Outline.open(rings)
        surplus = find_surplus(outline, original)
        touched = np.unique(shape[part[outline.ring[surplus]]])
        if not len(touched):
            break
        chosen = np.isin(shape[part[outline.ring]], touched) & ~surplus
        old_ring, ring = np.unique(outline.ring[chosen], return_inverse=True)
        old_part, of_part = np.unique(part[old_ring], return_inverse=True)
        new_rings = shapely.linearrings(outline.coordinates[chosen], indices=ring)
        new_parts = shapely.polygons(new_rings, indices=of_part)
        place = np.searchsorted(touched, shape[old_part])
        new_shapes = shapely.multipolygons(new_parts, indices=place)
        sound = shapely.is_valid(new_shapes)
        mended = mended.copy()
        mended[touched[sound]] = new_shapes[sound]
    return mended


@dataclass(frozen=True, slots=True)
class Outline:
    """Vertices of rings without the closing ones, and the ring and neighbours of each."""

    coordinates: Coordinates
    ring: Integers
    before: Integers
    after: Integers

    @classmethod
    def open(cls, rings: Geometries) -> Outline:
        """List the vertices of closed rings."""
        coordinates, ring = shapely.get_coordinates(rings, return_index=True)
        closing = np.append(ring[1:] != ring[:-1], True)
        coordinates, ring = coordinates[~closing], ring[~closing]
        rows = np.arange(len(ring))
        first = np.flatnonzero(np.append(True, ring[1:] != ring[:-1]))
        last = np.append(first[1:], len(ring)) - 1
        before, after = rows - 1, rows + 1
        before[first], after[last] = last, first
        return cls(coordinates, ring, before, after)


def find_surplus(outline: Outline, original: Vertices) -> Flags:
    """Mark vertices that are not original and lie on the line between their neighbours.

    No two neighbours are marked: of two that stand in one corner, one must stay.
    """
    vertices = as_complex(outline.coordinates)
    start = vertices[outline.before]
    edge = vertices[outline.after] - start
    length = np.abs(edge)
    offset = np.abs((np.conj(edge) * (vertices - start)).imag)
    straight = offset <= LAST_PLACES * np.spacing(np.abs(vertices)) * length
    candidates = np.flatnonzero(straight & (length > 0.0))
    surplus = np.zeros(len(vertices), dtype=np.bool_)
    surplus[candidates] = ~are_listed(vertices[candidates], original)
    starts = np.flatnonzero(surplus & ~np.append(False, surplus[:-1]))
    rows = np.flatnonzero(surplus)
    surplus[rows] = (rows - starts[np.searchsorted(starts, rows, "right") - 1]) % 2 == 0
    surplus &= ~(surplus[outline.after] & (outline.after < np.arange(len(vertices))))
    kept = np.bincount(outline.ring[~surplus], minlength=int(outline.ring.max(initial=-1)) + 1)
    return surplus & (kept >= 3)[outline.ring]
