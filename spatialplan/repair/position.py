"""Coordinates of another CGCS2000 zone, by the way that the gate goes.

Edges over 70 m are split in the plane in which they are straight, then every point is projected
over the common datum, without any shift of datum. What has no exact way is refused, never shifted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import EDGE_LIMIT_M, split_edges
from spatialplan.crs import (
    crs_label,
    from_degrees,
    parse_crs,
    require_known_datum,
    to_degrees,
)
from spatialplan.errors import CrsError, Fault
from spatialplan.layers import Delivery, require_plausible, same_plane, stated_crs
from spatialplan.messages import Message, say

__all__ = ["Placed", "place_table", "require_target"]

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Placed:
    """A table's geometry in a CRS: what was done to get there, or why it was not done."""

    shapes: Geometries
    crs: CRS | None
    note: Message | None = None
    refusal: Message | None = None


def require_target(definition: str) -> CRS:
    """Read the CRS that coordinates are asked to be in.

    Raises
    ------
    CrsError
        If it is not on the CGCS2000 datum.
    """
    where = "--target-crs"
    crs = require_known_datum(parse_crs(definition, where=where), where=where)
    geodetic = crs.geodetic_crs
    if geodetic is None or geodetic.datum is None or geodetic.datum.name != "China 2000":
        raise CrsError(Fault(where, say("repair.target_datum", found=crs_label(crs))))
    return crs


def place_table(delivery: Delivery, shapes: Geometries, target: CRS | None) -> Placed:
    """Label a table with the CRS assumed for it, and take it to the CRS asked for, if one is.

    Parameters
    ----------
    delivery
        The table; `spec.crs` is what the user assumes where the file states none.
    shapes
        Its geometry, shape (n,).
    target
        None leaves the coordinates as they are.
    """
    stated: CRS | None = delivery.frame.crs
    try:
        crs = stated_crs(delivery)
        require_plausible(delivery, crs)
    except CrsError as error:
        return Placed(shapes, stated, refusal=error.faults[0].message)
    note = None if stated else say("repair.crs_assumed", crs=crs_label(crs))
    if target is None or same_plane(crs, target):
        return Placed(shapes, crs, note)
    moved, added = _transform(shapes, crs, target)
    if not _is_finite(moved)[_is_finite(shapes)].all():
        return Placed(shapes, stated, refusal=say("repair.crs_unplaced", crs=crs_label(target)))
    key = "repair.crs_moved_assumed" if note else "repair.crs_moved"
    labels = {"found": crs_label(crs), "crs": crs_label(target)}
    return Placed(moved, target, say(key, **labels, added=added, limit_m=EDGE_LIMIT_M))


def _transform(shapes: Geometries, source: CRS, target: CRS) -> tuple[Geometries, int]:
    """Return shapes in the other CRS, and how many vertices splitting edges put in."""
    split = shapes if source.is_geographic else _split(shapes)
    before, after = (int(shapely.get_num_coordinates(these).sum()) for these in (shapes, split))

    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        flat = from_degrees(to_degrees(np.ascontiguousarray(points[:, :2]), source), target)
        return np.column_stack([flat, points[:, 2:]])

    has_z = shapely.has_z(split)
    moved = split.copy()
    for high in (False, True):
        chosen = has_z == high
        if chosen.any():
            moved[chosen] = shapely.transform(split[chosen], move, include_z=high)
    return moved, after - before


def _split(shapes: Geometries) -> Geometries:
    """Split edges of polygons and lines over 70 m; what carries heights stays as it is."""
    result = shapes.copy()
    kinds = shapely.get_type_id(shapes)
    flat = ~shapely.has_z(shapes) & ~shapely.is_empty(shapes)
    for family in ((3, 6), (1, 5)):
        chosen = flat & np.isin(kinds, family)
        if chosen.any():
            result[chosen] = _split_family(shapes[chosen])
    return result


def _split_family(shapes: Geometries) -> Geometries:
    kind, points, offsets = shapely.to_ragged_array(shapes)
    split, first = split_edges(points, np.asarray(offsets[0], dtype=np.int64))
    if len(split) == len(points):
        return shapes
    built = np.asarray(shapely.from_ragged_array(kind, split, (first, *offsets[1:])), dtype=object)
    single = shapely.get_num_geometries(shapes) == 1
    for row in np.flatnonzero(single & (shapely.get_type_id(shapes) != shapely.get_type_id(built))):
        built[row] = shapely.get_geometry(built[row], 0)
    return built


def _is_finite(shapes: Geometries) -> NDArray[np.bool_]:
    """Tell which shapes have finite bounds, or none, shape (n,)."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    return np.asarray(empty | np.isfinite(shapely.bounds(shapes)).all(axis=1))
