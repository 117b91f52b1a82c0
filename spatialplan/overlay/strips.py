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

The sum is taken cell by cell on the lattice that the zones lie on (see
`spatialplan.overlay.lattice`), the base line of each being the cell's lower side. Features whose
box does not come near a border are decided without a sum.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.outlines import (
    Outlines,
    draw_outlines,
    has_compiler,
    load_loops,
    measure_outlines,
    trace_outlines,
)
from spatialplan.overlay.cutting import cut_parts
from spatialplan.overlay.lattice import Lattice
from spatialplan.overlay.polygons import Areas, Geometries, Integers, explode
from spatialplan.overlay.workers import map_rows

__all__ = ["MANY_VERTICES", "measure_features", "strip_areas", "strips_pay"]

# Loading the compiled loops takes half a second, compiling them once some more; cutting zones and
# intersecting features of so many vertices takes longer.
MANY_VERTICES = 400_000

# A sum is off by less than this share of the feature's box, on which coordinates of a county have
# no digits left either; so near to nothing or to the whole feature it is just that.
DUST_SHARE = 1e-13

# A column of cells is walked with all edges in it; a river of so many, across the county, had
# better be cut small before.
LARGE_VERTICES = 4_096

LOOPS = "spatialplan.overlay.strip_loops"
INSIDE, NEAR = 1, 2


def strips_pay(vertices: Iterable[int]) -> bool:
    """Tell whether so many vertices are worth loading compiled loops, and there are any.

    No further numbers are asked for once there are enough: counting takes its time as well.
    """
    return any(total >= MANY_VERTICES for total in accumulate(vertices)) and has_compiler()


def measure_features(features: Geometries | Outlines) -> tuple[Areas, Areas]:
    """Measure features, in threads.

    Returns
    -------
    whole
        The area of each, shape (n,); 0 for a missing one.
    boxes
        West, south, east, north, shape (n, 4); NaN for a missing one.
    """

    def measure_rows(rows: Integers) -> Areas:
        some = features[rows[0] : rows[-1] + 1]
        if isinstance(some, Outlines):
            return np.column_stack(measure_outlines(some))
        return np.column_stack([np.nan_to_num(shapely.area(some)), shapely.bounds(some)])

    if not len(features):
        return np.zeros(0), np.zeros((0, 4))
    measured = map_rows(measure_rows, np.arange(len(features)))
    return np.ascontiguousarray(measured[:, 0]), np.ascontiguousarray(measured[:, 1:])


def strip_areas(
    features: Geometries | Outlines, lattices: Sequence[Lattice], *, whole: Areas, boxes: Areas
) -> Areas:
    """Sum up the area that each feature shares with the zones on each lattice.

    Parameters
    ----------
    features
        Valid polygons or multipolygons, shape (n,); missing and empty ones share nothing.
    lattices
        Of the zones, m of them.
    whole, boxes
        From `measure_features`.

    Returns
    -------
    areas
        In the plane's unit squared, shape (n, m).
    """

    def sum_rows(rows: Integers) -> Areas:
        some = slice(rows[0], rows[-1] + 1)
        return sum_chunk(features[some], lattices, whole[some], boxes[some])

    if not len(features):
        return np.zeros((0, len(lattices)))
    # While one thread takes points out of geometry objects, the other sums up.
    return map_rows(sum_rows, np.arange(len(features)))


def sum_chunk(
    features: Geometries | Outlines, lattices: Sequence[Lattice], whole: Areas, boxes: Areas
) -> Areas:
    """Compute `strip_areas` in one go."""
    places = place_boxes(boxes, lattices)
    if isinstance(features, Outlines):
        outlines, position = features, np.arange(len(features))
    else:
        near = (places == NEAR).any(axis=1)
        outlines, position = trace_outlines(features[near]), np.cumsum(near) - 1
    areas = np.where(places == INSIDE, whole[:, None], 0.0)
    for number, lattice in enumerate(lattices):
        rows = np.flatnonzero(places[:, number] == NEAR)
        sums = sum_near(outlines, position[rows], boxes[rows], lattice)
        areas[rows, number] = clear_dust(sums, whole[rows], boxes[rows])
    return areas


def place_boxes(boxes: Areas, lattices: Sequence[Lattice]) -> NDArray[np.int8]:
    """Tell of each box whether it lies outside the zones (0), inside (1) or near a border (2)."""
    loops = load_loops(LOOPS)
    return np.stack([loops.place_boxes(boxes, *lattice.cells) for lattice in lattices], axis=1)


def sum_near(outlines: Outlines, rows: Integers, boxes: Areas, lattice: Lattice) -> Areas:
    """Sum up strips of the outlines in `rows`, whose boxes are given."""
    large = outlines.vertices[rows] > LARGE_VERTICES
    sums = np.empty(len(rows))
    loops = load_loops(LOOPS)
    sums[~large] = loops.sum_strips(*outlines.rings, rows[~large], boxes[~large], *lattice.cells)
    for place in np.flatnonzero(large):
        row = rows[place]
        sums[place] = sum_large(outlines[row : row + 1], lattice)
    return sums


def sum_large(outline: Outlines, lattice: Lattice) -> float:
    """Sum up strips of one large feature, cut small first."""
    pieces = cut_parts(explode(draw_outlines(outline)).geometry).geometry
    rings, rows = trace_outlines(pieces).rings, np.arange(len(pieces))
    loops = load_loops(LOOPS)
    return math.fsum(loops.sum_strips(*rings, rows, shapely.bounds(pieces), *lattice.cells))


def clear_dust(areas: Areas, whole: Areas, boxes: Areas) -> Areas:
    """Take sums that are nothing, or the whole shape, but for rounding, for exactly that."""
    dust = DUST_SHARE * (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    cleared = np.where(np.abs(areas) <= dust, 0.0, areas)
    return np.where(np.abs(areas - whole) <= dust, whole, cleared)
