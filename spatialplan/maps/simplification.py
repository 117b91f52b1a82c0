"""Outlines with fewer points, and no overlap or gap that was not there before.

Layers that are simplified one by one drift apart: two that touched now overlap, and a map shows a
conflict that nobody made. So the outlines of *all* layers are snapped to one grid and noded, which
cuts the ground into *faces*; the faces are simplified as one coverage, in which neighbours move
together; and every feature is put together again from the faces that it is made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Simplified", "dissolve", "simplify_together"]

# Layers delivered in different projections differ by less along the borders that they share.
SNAP_M = 0.01

# Tried in turn until the outlines fit; 30 m is a fifth of a pixel when a county fills a screen.
TOLERANCES_M = (30.0, 45.0, 70.0, 100.0, 150.0, 250.0, 400.0)

# In a window around sites, where a line is looked at beside an exact outline.
FINE_TOLERANCES_M = (0.5, 2.0, 5.0, 10.0, 20.0, *TOLERANCES_M)
WINDOW_VERTEX_LIMIT = 90_000

# Of the faces, whose borders count twice; about 15 bytes of text each, so 2 MB of a page of 3 MB.
VERTEX_LIMIT = 140_000

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Simplified:
    """Layers after simplification, each with as many features as before, and the tolerance (m)."""

    layers: Mapping[str, Geometries]
    tolerance_m: float


def dissolve(polygons: Geometries) -> Geometries:
    """Join polygons into the connected areas that they cover, shape (parts,).

    Examples
    --------
    >>> len(dissolve(np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])))
    1
    """
    try:
        joined = shapely.coverage_union_all(polygons)
    except shapely.GEOSException:
        joined = shapely.union_all(polygons, grid_size=SNAP_M)
    if not joined.is_valid:
        joined = shapely.union_all(polygons, grid_size=SNAP_M)
    return np.asarray(shapely.get_parts(joined), dtype=object)


def simplify_together(
    layers: Mapping[str, Geometries],
    *,
    vertex_limit: int = VERTEX_LIMIT,
    tolerances_m: tuple[float, ...] = TOLERANCES_M,
) -> Simplified:
    """Simplify the polygons of several layers without changing how they lie to each other.

    Parameters
    ----------
    layers
        Polygons in one plane, metres, shape (n,) each; layers and features may overlap.
    vertex_limit
        The smallest tolerance is taken at which all faces together stay below this.
    tolerances_m
        Tried in this order.

    Returns
    -------
    simplified
        The same layers and features. Ground narrower than the snapping grid may be gone.
    """
    faces = _faces(layers)
    if not len(faces):
        return Simplified(dict(layers), 0.0)
    for tolerance in tolerances_m:
        thin = np.asarray(shapely.coverage_simplify(faces, tolerance), dtype=object)
        if int(shapely.get_num_coordinates(thin).sum()) <= vertex_limit:
            break
    inner = shapely.point_on_surface(faces)
    rebuilt = {name: _rebuild(thin, _members(inner, old)) for name, old in layers.items()}
    return Simplified(rebuilt, tolerance)


def _faces(layers: Mapping[str, Geometries]) -> Geometries:
    outlines = [shapely.get_parts(shapely.boundary(polygons)) for polygons in layers.values()]
    if not sum(map(len, outlines)):
        return np.array([], dtype=object)
    noded = shapely.union_all(np.concatenate(outlines), grid_size=SNAP_M)
    # Merged first: it halves the time that polygonizing takes.
    faces = shapely.polygonize([shapely.line_merge(noded)])
    return np.asarray(shapely.get_parts(faces), dtype=object)


def _members(inner: Geometries, polygons: Geometries) -> list[NDArray[np.intp]]:
    """Return the positions of the faces, given by inner points, that make up each polygon."""
    # The polygons ask, for who asks is prepared.
    polygon, face = shapely.STRtree(inner).query(polygons, predicate="intersects")
    order = np.argsort(polygon, kind="stable")
    cuts = np.searchsorted(polygon[order], np.arange(1, len(polygons)))
    return [np.sort(rows) for rows in np.split(face[order], cuts)] if len(polygons) else []


def _rebuild(faces: Geometries, members: list[NDArray[np.intp]]) -> Geometries:
    shapes = [shapely.coverage_union_all(faces[rows]) for rows in members]
    return np.array(shapes, dtype=object)
