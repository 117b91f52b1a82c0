"""Zones laid on a grid."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.cells.placing import to_cells
from spatialplan.crs import Plane
from spatialplan.layers import Grid
from spatialplan.outlines import Outlines, draw_outlines, trace_outlines
from spatialplan.threads import thread_count

__all__ = ["LAID_EDGE_M", "LaidZones", "lay_zones"]

# A straight line of one projection is bowed in another: over 70 m by 0.1 mm here, which is 2e-6 of
# a small field. Split at this length, it is an eighth of that.
LAID_EDGE_M = 25.0

# Vertices that one thread takes to the grid at a time.
CHUNK_VERTICES = 200_000

Geometries = NDArray[np.object_]
Integers = NDArray[np.int64]
Areas = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LaidZones:
    """Polygons on a grid; make them with `lay_zones`.

    Attributes
    ----------
    grid, plane
        What they were laid on, and where they came from.
    outlines
        In cells: columns eastward, rows southward; every shape lies on the left of its rings, seen
        with north up.
    boxes
        First column and row that each shape reaches, last ones, with fractions, float64 (n, 4); NaN
        for an empty one.
    owner
        Which zone each belongs to, int64[n].
    area_m2
        Ellipsoidal area of each, float64[n].
    count
        How many zones there are.
    """

    grid: Grid
    plane: Plane
    outlines: Outlines
    boxes: Areas
    owner: Integers
    area_m2: Areas
    count: int

    def draw(self, shapes: Integers) -> Geometries:
        """Make valid geometry of some shapes: easting is the column, northing the row."""
        drawn = draw_outlines(self.outlines.take(shapes))
        torn = ~shapely.is_valid(drawn)
        drawn[torn] = shapely.buffer(drawn[torn], 0.0)
        return drawn


def lay_zones(
    shapes: Geometries, grid: Grid, plane: Plane, *, owner: Integers | None = None
) -> LaidZones:
    """Lay polygons of the plane of judgement on a grid.

    Parameters
    ----------
    shapes
        Valid polygons in the plane, object[n]; long edges are split, so that they stay straight
        enough on the grid.
    owner
        Which zone each belongs to, int64[n]; default: each is one. Shapes of one zone must not
        overlap, or the ground under both counts twice.

    Raises
    ------
    CrsError
        If the grid's projection has no place for them.
    """
    owner = np.arange(len(shapes)) if owner is None else np.asarray(owner, dtype=np.int64)
    split = shapely.segmentize(shapely.orient_polygons(shapes), LAID_EDGE_M)
    traced = trace_outlines(split)
    chunks = np.array_split(traced.points, 1 + len(traced.points) // CHUNK_VERTICES)
    with ThreadPoolExecutor(thread_count()) as pool:
        cells = list(pool.map(lambda metres: to_cells(metres, grid, plane), chunks))
    laid = Outlines(np.concatenate(cells), traced.ring_starts, traced.outer, traced.starts)
    return LaidZones(
        grid=grid,
        plane=plane,
        outlines=laid,
        boxes=_boxes(laid),
        owner=owner,
        area_m2=shapely.area(shapes),
        count=int(owner.max()) + 1 if len(owner) else 0,
    )


def _boxes(outlines: Outlines) -> Areas:
    boxes = np.full((len(outlines), 4), np.nan)
    ends = outlines.ring_starts[outlines.starts]
    filled = ends[1:] > ends[:-1]
    if filled.any():
        firsts = ends[:-1][filled]
        boxes[filled, :2] = np.minimum.reduceat(outlines.points, firsts)
        boxes[filled, 2:] = np.maximum.reduceat(outlines.points, firsts)
    return boxes
