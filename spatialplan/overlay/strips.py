"""Shared area as a sum of strips: no overlap is built where only its area is asked for.

Draw under every edge of a polygon the strip down to a base line: a strip counts +1 where the edge
runs above the polygon and -1 where it runs below. Summed up, 1 is left inside, 0 outside::

       ┌───────┐ +1               ┌───────┐
       │       │                  │   1   │
       └───────┘ -1      =        └───────┘
       │0      │                     0
    ───┴───────┴─── base

What two polygons have in common is the product of the two sums, so its area is a double sum over
their edges: sign · sign · the area that the two strips share, which is the integral of the lower
of two straight lines over the eastings that both cover, a closed form. Holes are edges of the
other sign; borders in common, touching corners and edges on one line are terms like others. There
is no topology that could fail.

The base line is the southern side of the feature's box, so that numbers stay small and edges of
the ground beside or below the box drop out. Pieces whose border does not come near the box are
decided without a sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import shapely

from spatialplan.overlay.polygons import Areas, Geometries, Integers
from spatialplan.overlay.workers import map_rows

__all__ = ["MANY_PAIRS", "strip_areas", "strips_pay"]

# Loading the compiled loops takes half a second, compiling them once three; so many pairs of
# boxes, of which a quarter cross, take over a second by intersection.
MANY_PAIRS = 80_000

# A sum is off by less than this share of the feature's box, on which coordinates of a county have
# no digits left either; so near to nothing or to the whole feature it is just that.
DUST_SHARE = 1e-13

INSIDE, NEAR = 1, 2


@dataclass(frozen=True, slots=True)
class Edges:
    """Edges of polygons, and where those of each polygon start, shapes (m, 5) and (n + 1,)."""

    rows: Areas
    starts: Integers


def strips_pay(pairs: int) -> bool:
    """Tell whether that many pairs of boxes are worth loading compiled loops, and there are any."""
    if pairs < MANY_PAIRS or find_spec("numba") is None:
        return False
    return bool(load_kernels().COMPILED)


def load_kernels() -> ModuleType:
    """Load the loops, late: a small job never waits for them."""
    return import_module("spatialplan.overlay.strip_kernels")


def strip_areas(
    features: Geometries, pieces: Geometries, feature: Integers, piece: Integers
) -> Areas:
    """Sum up the area that each feature shares with pieces of ground.

    Parameters
    ----------
    features
        Valid polygons or multipolygons, shape (n,).
    pieces
        Valid polygons without common interior.
    feature, piece
        The pairs whose boxes meet, each once.

    Returns
    -------
    areas
        In the plane's unit squared, shape (n,).
    """
    kernels = load_kernels()
    ground, boxes = list_edges(pieces), shapely.bounds(features)

    def locate(feature: Integers, piece: Integers) -> Integers:
        places: Integers = kernels.locate_boxes(ground.rows, ground.starts, boxes[feature], piece)
        return places

    places = map_rows(locate, feature, piece)
    inside = feature[places == INSIDE]
    areas = np.zeros(len(features))
    areas[inside] = shapely.area(features[inside])
    feature, piece = feature[places == NEAR], piece[places == NEAR]
    used, row = np.unique(feature, return_inverse=True)
    shapes, near = list_edges(features[used]), boxes[used]

    def share(row: Integers, piece: Integers) -> Areas:
        sums: Areas = kernels.sum_strips(
            shapes.rows, shapes.starts, ground.rows, ground.starts, near, row, piece
        )
        return sums

    shares = map_rows(share, row, piece) if len(row) else np.zeros(0)
    sums: Areas = np.bincount(row, shares, len(used)).astype(np.float64)
    areas[used] += clear_dust(sums, features[used], near)
    return areas


def clear_dust(areas: Areas, shapes: Geometries, boxes: Areas) -> Areas:
    """Take sums that are nothing, or the whole shape, but for rounding, for exactly that."""
    whole = shapely.area(shapes)
    dust = DUST_SHARE * (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    cleared = np.where(np.abs(areas) <= dust, 0.0, areas)
    return np.where(np.abs(areas - whole) <= dust, whole, cleared)


def list_edges(polygons: Geometries) -> Edges:
    """List the signed edges of polygons or multipolygons, none of them missing."""
    if not len(polygons):
        return Edges(np.zeros((0, 5)), np.zeros(1, dtype=np.int64))
    parts, owner = polygons, np.arange(len(polygons))
    if np.any(shapely.get_type_id(polygons) != shapely.GeometryType.POLYGON):
        parts, owner = shapely.get_parts(polygons, return_index=True)
        filled = ~shapely.is_empty(parts)
        parts, owner = parts[filled], owner[filled]
    _, points, offsets = shapely.to_ragged_array(parts, include_z=False)
    ring_starts, part_starts = (np.asarray(column, dtype=np.int64) for column in offsets)
    outer = np.zeros(len(ring_starts) - 1, dtype=np.bool_)
    outer[part_starts[:-1]] = True
    rows = load_kernels().list_edges(np.ascontiguousarray(points), ring_starts, outer)
    edge_starts = ring_starts - np.arange(len(ring_starts))
    first_part = np.searchsorted(owner, np.arange(len(polygons) + 1))
    return Edges(rows, edge_starts[part_starts[first_part]])
