"""Defects and findings turned into faults whose places lie both in the plane and as delivered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.area import unproject
from spatialplan.crs import Plane
from spatialplan.diagnosis import Defect, Place
from spatialplan.findings import Finding, Severity
from spatialplan.inspection.results import FaultPlace, LayerFault
from spatialplan.messages import say

__all__ = ["place_faults"]

Geometries = NDArray[np.object_]


def place_faults(
    found: Iterable[Finding], *, plane: Plane | None, crs: CRS | None
) -> tuple[LayerFault, ...]:
    """Place what was found in one layer, worst first.

    Parameters
    ----------
    found
        Defects, and findings of other judgements (their places in the plane).
    plane
        The plane of judgement; None where no layer passed the gate.
    crs
        The layer's CRS once it passed the gate; None leaves places that were judged as delivered
        without geometry, and those judged in the plane cannot be.
    """
    weight = list(Severity)
    faults = [_place_fault(one, plane, crs) for one in found]
    # Stable: within a severity in the order of the judgements.
    return tuple(sorted(faults, key=lambda fault: -weight.index(fault.severity)))


def _place_fault(found: Finding, plane: Plane | None, crs: CRS | None) -> LayerFault:
    in_plane = found.in_plane if isinstance(found, Defect) else True
    places = found.places if isinstance(found, Defect) else tuple(_places_of(found))
    count = found.count if isinstance(found, Defect) else len(found.feature_ids) or 1
    return LayerFault(
        rule_id=found.rule_id,
        severity=found.severity,
        message=found.message,
        cure=say(f"cure.{found.rule_id}"),
        count=count,
        ids=found.feature_ids,
        measured=found.measured,
        unit=found.unit,
        places=tuple(_locate(places, plane, crs, in_plane=in_plane)),
    )


def _places_of(finding: Finding) -> Iterator[Place]:
    """Yield a place for every feature of a finding, or for every part where they do not match."""
    if finding.geometry is None or finding.geometry.is_empty:
        yield from (Place(ids=(name,)) for name in finding.feature_ids)
        return
    parts = shapely.get_parts(finding.geometry)
    matched = len(parts) == len(finding.feature_ids)
    for row, part in enumerate(parts):
        yield Place(ids=(finding.feature_ids[row],) if matched else (), geometry=part)


def _locate(
    places: tuple[Place, ...], plane: Plane | None, crs: CRS | None, *, in_plane: bool
) -> Iterator[FaultPlace]:
    given = np.array([place.geometry for place in places] or [None], dtype=object)[: len(places)]
    filled = ~(shapely.is_missing(given) | shapely.is_empty(given))
    points = np.full(len(places), None, dtype=object)
    points[filled] = _points_of(given[filled])
    shapes = np.full(len(places), None, dtype=object)
    if in_plane:
        shapes = given
        points[filled] = _delivered(points[filled], plane, crs)
    elif plane is not None and crs is not None:
        shapes[filled] = _to_plane(given[filled], plane, crs)
    for place, shape, point in zip(places, shapes, points, strict=True):
        yield FaultPlace(
            ids=place.ids,
            geometry=shape,
            at=None if point is None else (float(point.x), float(point.y)),
            measured=place.measured,
            detail=place.detail,
        )


def _points_of(shapes: Geometries) -> Geometries:
    """Return a point on each shape; the first vertex where a shape is too odd for one."""
    points: Geometries = shapely.point_on_surface(shapes)
    odd = np.flatnonzero(shapely.is_missing(points) | shapely.is_empty(points))
    for row in odd:
        points[row] = shapely.Point(shapely.get_coordinates(shapes[row])[0])
    return points


def _delivered(points: Geometries, plane: Plane | None, crs: CRS | None) -> Geometries:
    if plane is None or crs is None:
        return np.full(len(points), None, dtype=object)
    return unproject(points, plane, crs)


def _to_plane(shapes: Geometries, plane: Plane, crs: CRS) -> list[BaseGeometry | None]:
    """Take places to the plane; what lies nowhere on Earth has no place there."""
    with np.errstate(invalid="ignore"):
        moved = shapely.transform(shapes, lambda points: plane.project(points, crs))
    finite = np.isfinite(shapely.bounds(moved)).all(axis=1)
    return [shape if known else None for shape, known in zip(moved, finite, strict=True)]
