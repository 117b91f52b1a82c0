"""What overlay accepts: valid polygons and multipolygons, and their single parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatialplan.errors import Fault, InvalidGeometryError
from spatialplan.messages import say
from spatialplan.overlay.workers import map_rows

__all__ = [
    "Areas",
    "Geometries",
    "Integers",
    "Parts",
    "explode",
    "keep_polygons",
    "require_polygons",
]

Geometries = NDArray[np.object_]
Integers = NDArray[np.int64]
Areas = NDArray[np.float64]

# Missing geometry has type -1 and counts as empty.
ACCEPTED_TYPES = (-1, shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class Parts:
    """Single polygons, and the position of the feature that each belongs to."""

    geometry: Geometries
    owner: Integers

    def __len__(self) -> int:
        return len(self.geometry)

    def take(self, rows: NDArray[Any]) -> Parts:
        """Return the parts in `rows`, a mask or positions."""
        return Parts(self.geometry[rows], self.owner[rows])


def require_polygons(geometries: ArrayLike, name: str, *, assume_valid: bool = False) -> Geometries:
    """Return the geometries as an array, or refuse all that overlay cannot judge.

    Parameters
    ----------
    geometries
        Shapely geometries or None, shape (n,), or one of them.
    name
        What the caller calls them, for the faults.
    assume_valid
        Look at the kinds of geometry only; validity is the caller's word.

    Returns
    -------
    polygons
        Object array, shape (n,); the same objects.

    Raises
    ------
    InvalidGeometryError
        One fault for every position that holds another kind of geometry or an invalid polygon.
    """
    shapes: Geometries = np.atleast_1d(np.asarray(geometries, dtype=object))
    foreign = ~np.isin(shapely.get_type_id(shapes), ACCEPTED_TYPES)
    if assume_valid and not foreign.any():
        return shapes
    foreign &= ~shapely.is_empty(shapes)
    faults = [
        Fault(f"{name}[{row}]", say("overlay.not_polygon", found=shapes[row].geom_type))
        for row in np.flatnonzero(foreign)
    ]
    candidates = np.flatnonzero(~foreign & ~shapely.is_missing(shapes))
    if assume_valid:
        candidates = candidates[:0]
    sound = map_rows(shapely.is_valid, shapes[candidates])
    for row in candidates[~sound]:
        reason = shapely.is_valid_reason(shapes[row])
        faults.append(Fault(f"{name}[{row}]", say("overlay.invalid", reason=reason)))
    if faults:
        raise InvalidGeometryError(faults)
    return shapes


def explode(shapes: Geometries) -> Parts:
    """Take features apart into single polygons; empty and missing ones have none.

    Polygons are passed on as they are, for copying 250,000 of them takes a second: nothing here
    may prepare them in place.
    """
    flat = shapely.force_2d(shapes) if np.any(shapely.has_z(shapes)) else shapes
    multiple = np.flatnonzero(shapely.get_type_id(flat) == shapely.GeometryType.MULTIPOLYGON)
    single = np.setdiff1d(np.arange(len(flat)), multiple)
    parts, index = shapely.get_parts(flat[multiple], return_index=True)
    geometry = np.concatenate([flat[single], parts])
    owner = np.concatenate([single, multiple[index]]).astype(np.int64)
    order = np.argsort(owner, kind="stable")
    order = order[shapely.get_num_coordinates(geometry[order]) > 0]
    return Parts(geometry[order], owner[order])


def keep_polygons(shapes: Geometries, rows: Integers) -> Parts:
    """Take results of an overlay apart; lines, points and polygons without area are dropped.

    `rows` names the row, shape (n,), that each result belongs to.
    """
    filled = ~shapely.is_empty(shapes)
    found = Parts(shapes[filled], rows[filled])
    while np.any(shapely.get_type_id(found.geometry) > shapely.GeometryType.POLYGON):
        geometry, index = shapely.get_parts(found.geometry, return_index=True)
        found = Parts(geometry, found.owner[index])
    return found.take(shapely.area(found.geometry) > 0.0)
