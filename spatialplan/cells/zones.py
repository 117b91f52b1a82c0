"""Zones laid on a grid, and how a rectangle of cells is divided among them.

Most cells of a large zone lie wholly inside it. So rectangles are halved until each is wholly
inside, wholly outside, or small; only in small ones on a border is the part of every cell computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.cells.placing import to_cells
from spatialplan.crs import Plane
from spatialplan.layers import Grid

__all__ = ["LAID_EDGE_M", "Division", "LaidZones", "divide", "lay_zones"]

# A straight line of one projection is bowed in another: over 70 m by 0.1 mm here, which is 2e-6 of
# a small field. Split at this length, it is an eighth of that.
LAID_EDGE_M = 25.0

# Around this size halving once more costs as much as the parts of the cells do.
SMALL_CELLS = 2048

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
    shapes
        In cells: columns eastward, and rows southward counted negative, object[n].
    owner
        Which zone each belongs to, int64[n].
    area_m2
        Ellipsoidal area of each, float64[n].
    count
        How many zones there are.
    tree
        Index of the shapes.
    """

    grid: Grid
    plane: Plane
    shapes: Geometries
    owner: Integers
    area_m2: Areas
    count: int
    tree: shapely.STRtree


@dataclass(frozen=True, slots=True)
class Division:
    """How a rectangle of cells lies to zones.

    Attributes
    ----------
    inside, inside_shape
        Rectangles wholly inside a shape: first row and column, last ones plus one, int64 (m, 4).
    border, border_shape
        The parts of shapes in rectangles on their borders, and which shapes they are.
    """

    inside: Integers
    inside_shape: Integers
    border: Geometries
    border_shape: Integers


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
    split = shapely.segmentize(shapes, LAID_EDGE_M)
    laid = shapely.transform(split, lambda metres: to_cells(metres, grid, plane) * [1.0, -1.0])
    torn = ~shapely.is_valid(laid)
    laid[torn] = shapely.buffer(laid[torn], 0.0)
    return LaidZones(
        grid=grid,
        plane=plane,
        shapes=laid,
        owner=owner,
        area_m2=shapely.area(shapes),
        count=int(owner.max()) + 1 if len(owner) else 0,
        tree=shapely.STRtree(laid),
    )


def divide(zones: LaidZones, *, row: int, column: int, height: int, width: int) -> Division:
    """Divide a rectangle of cells among zones."""
    ground = shapely.box(column, -(row + height), column + width, -row)
    shape = np.sort(zones.tree.query(ground))
    boxes = _boxes_around(zones.shapes[shape], row, column, height, width)
    filled = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    shape, boxes = shape[filled], boxes[filled]
    near = zones.shapes[shape]
    shapely.prepare(near)
    inside, border = [], []
    while len(shape):
        rectangles = _rectangles(boxes)
        whole = shapely.covers(zones.shapes[shape], rectangles)
        small = ~whole & (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) <= SMALL_CELLS)
        met = ~whole & ~small & shapely.intersects(zones.shapes[shape], rectangles)
        inside.append((boxes[whole], shape[whole]))
        border.append((boxes[small], shape[small]))
        boxes, shape = _halve(boxes[met]), np.repeat(shape[met], 2)
    shapely.destroy_prepared(near)  # a province's indices would not fit beside its cells
    return Division(
        *_join(inside),
        *_clip(zones.shapes, *_join(border)),
    )


def _boxes_around(shapes: Geometries, row: int, column: int, height: int, width: int) -> Integers:
    """Rows and columns that shapes reach into, within a rectangle: (n, 4) as in `Division`."""
    west, south, east, north = shapely.bounds(shapes).T
    edges = np.column_stack([np.floor(-north), np.floor(west), np.ceil(-south), np.ceil(east)])
    low, high = [row, column], [row + height, column + width]
    boxes: Integers = np.clip(edges, low + low, high + high).astype(np.int64)
    return boxes


def _rectangles(boxes: Integers) -> Geometries:
    top, left, bottom, right = boxes.T
    return np.asarray(shapely.box(left, -bottom, right, -top))


def _halve(boxes: Integers) -> Integers:
    """Halve every rectangle across its longer side; the halves follow one another."""
    first, second = boxes.copy(), boxes.copy()
    sizes = boxes[:, 2:] - boxes[:, :2]
    axis = np.argmax(sizes, axis=1)
    rows = np.arange(len(boxes))
    middle = boxes[rows, axis] + sizes[rows, axis] // 2
    first[rows, axis + 2] = middle
    second[rows, axis] = middle
    return np.asarray(np.stack([first, second], axis=1).reshape(-1, 4))


def _join(groups: list[tuple[Integers, Integers]]) -> tuple[Integers, Integers]:
    if not groups:
        return np.empty((0, 4), dtype=np.int64), np.empty(0, dtype=np.int64)
    return np.concatenate([boxes for boxes, _ in groups]), np.concatenate(
        [shape for _, shape in groups]
    )


def _clip(shapes: Geometries, boxes: Integers, shape: Integers) -> tuple[Geometries, Integers]:
    """Cut shapes to their rectangles, where they reach beyond them; drop what leaves no ground."""
    rectangles = _rectangles(boxes)
    parts = shapes[shape]
    beyond = ~shapely.covers(rectangles, parts)
    parts[beyond] = shapely.intersection(parts[beyond], rectangles[beyond])
    mixed = shapely.get_type_id(parts) == shapely.GeometryType.GEOMETRYCOLLECTION
    parts[mixed] = [_keep_ground(part) for part in parts[mixed]]
    filled = shapely.area(parts) > 0
    return parts[filled], shape[filled]


def _keep_ground(mixed: shapely.GeometryCollection) -> shapely.Geometry:
    """Drop the lines along which a shape only touches a rectangle."""
    return shapely.union_all([part for part in mixed.geoms if part.area])
