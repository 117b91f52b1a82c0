"""An inspection for other programs: ``inspection.json``.

Keys
----
``schema``
    1.
``crs``, ``area_method``
    The CRS that a plan over these layers would work in; how areas are measured.
``region``
    Name of what was taken for the region, null for none; ``region_from_plan`` whether a plan names
    it.
``status``
    ``met`` (no fault of severity error), ``not_met``, ``not_evaluated`` (no such fault, but
    something was left open).
``layers``
    One a table, and one a source that could not be opened: ``key``, ``path``, ``inside`` (in a zip
    file), ``table``, ``driver``, ``read``, ``role`` (null: open), ``role_title``, ``role_why``,
    ``candidates``, ``fields`` (keys of the plan file to names of fields), ``crs_stated``,
    ``crs_assumed``, ``crs_suggested``, ``encoding``, ``features``, ``kinds``, ``vertices``,
    ``extent`` (as delivered), ``extent_degrees``, ``inside_region`` (share of features),
    ``area_ha`` (ellipsoidal, 4 decimals), ``set_aside``, ``sha256``, ``faults``, ``not_judged``.
``faults``
    ``class``, ``title``, ``severity``, ``count``, ``ids``, ``measured`` in ``unit``, ``message``,
    ``cure``, ``places_total`` and the first 1,000 ``places``: ``ids``, ``at`` (as delivered),
    ``degrees`` (longitude, latitude on CGCS2000), ``measured``, ``detail``.
``notes``
    What was passed over and is no fault.
``repairs``
    Only where copies were repaired: see `spatialplan.reports.repair_document`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely

from spatialplan.area import unproject
from spatialplan.crs import CGCS2000, Plane, crs_label
from spatialplan.inspection import (
    FaultPlace,
    InspectedLayer,
    Inspection,
    LayerFault,
    RepairReport,
)
from spatialplan.messages import Language
from spatialplan.reports.inspections.wording import fault_name
from spatialplan.reports.repairs import repair_document
from spatialplan.reports.wording import finite, word

__all__ = ["inspection_document"]

# The workbook and the GeoPackage have them all.
MOST_PLACES = 1_000
DEGREE_DECIMALS, METRE_DECIMALS = 9, 4
# No longitude is larger; what is, is metres.
LARGEST_DEGREE = 360.0


def inspection_document(
    inspection: Inspection, *, language: Language, repairs: RepairReport | None = None
) -> dict[str, Any]:
    """Return an inspection as plain values, always the same for the same files.

    Parameters
    ----------
    inspection
        From `spatialplan.inspect_files`.
    language
        Of titles, messages and cures.
    repairs
        What was repaired in copies of the tables, if that was asked for.
    """
    done = {"repairs": repair_document(repairs, language=language)} if repairs else {}
    return {
        "schema": 1,
        "crs": crs_label(inspection.crs) if inspection.crs is not None else None,
        "area_method": word("area_method", language),
        "region": inspection.region or None,
        "region_from_plan": inspection.region_from_plan,
        "status": inspection.status.value,
        "layers": [_layer(layer, inspection.plane, language) for layer in inspection.layers],
        "notes": [
            {"path": note.where, "message": note.message.text(language)}
            for note in inspection.notes
        ],
        **done,
    }


def _layer(layer: InspectedLayer, plane: Plane | None, language: Language) -> dict[str, Any]:
    role = layer.role
    return {
        "key": layer.key,
        "path": layer.path,
        "inside": layer.inside,
        "table": layer.table,
        "driver": layer.driver,
        "read": layer.is_read,
        "role": role.role if role else None,
        "role_title": role.title.text(language) if role and role.title else None,
        "role_why": role.why.text(language) if role else None,
        "candidates": [title.text(language) for title in role.candidates] if role else [],
        "fields": dict(role.fields or {}) if role else {},
        "crs_stated": layer.stated_crs or None,
        "crs_assumed": layer.assumed_crs or None,
        "crs_suggested": layer.suggested_crs.text(language) if layer.suggested_crs else None,
        "encoding": layer.encoding or None,
        "features": layer.features,
        "kinds": dict(layer.kinds or {}),
        "vertices": layer.vertices,
        "extent": [_rounded(edge) for edge in layer.extent] if layer.extent else None,
        "extent_degrees": _degree_extent(layer),
        "inside_region": finite(layer.inside_region, 6),
        "area_ha": None if layer.area_m2 is None else finite(layer.area_m2 / 10_000, 4),
        "set_aside": layer.set_aside,
        "sha256": layer.sha256 or None,
        "faults": [_fault(fault, plane, language) for fault in layer.faults],
        "not_judged": [
            {"what": point.what, "why": point.why.text(language), "open": point.open_point}
            for point in layer.not_judged
        ],
    }


def _fault(fault: LayerFault, plane: Plane | None, language: Language) -> dict[str, Any]:
    return {
        "class": fault.rule_id,
        "title": fault_name(fault.rule_id, language),
        "severity": fault.severity.value,
        "count": fault.count,
        "ids": list(fault.ids),
        "measured": finite(fault.measured, 4),
        "unit": fault.unit or None,
        "message": fault.message.text(language),
        "cure": fault.cure.text(language),
        "places_total": len(fault.places),
        "places": list(_places(fault.places[:MOST_PLACES], plane, language)),
    }


def _places(
    places: tuple[FaultPlace, ...], plane: Plane | None, language: Language
) -> Iterator[dict[str, Any]]:
    degrees = _degrees_of(places, plane)
    for place, point in zip(places, degrees, strict=True):
        yield {
            "ids": list(place.ids),
            "at": [_rounded(value) for value in place.at] if place.at else None,
            "degrees": point,
            "measured": finite(place.measured, 6),
            "detail": place.detail.text(language) if place.detail else None,
        }


def _degrees_of(
    places: tuple[FaultPlace, ...], plane: Plane | None
) -> list[list[float | None] | None]:
    """Return longitude and latitude of a point of each place that has one."""
    found: list[list[float | None] | None] = [None] * len(places)
    rows = [row for row, place in enumerate(places) if place.geometry is not None]
    if plane is None or not rows:
        return found
    shapes = np.array([places[row].geometry for row in rows], dtype=object)
    points = unproject(shapely.point_on_surface(shapes), plane, CGCS2000)
    for row, point in zip(rows, points, strict=True):
        found[row] = [finite(point.x, DEGREE_DECIMALS), finite(point.y, DEGREE_DECIMALS)]
    return found


def _degree_extent(layer: InspectedLayer) -> list[float | None] | None:
    if layer.layer is None or not len(layer.layer.frame):
        return None
    edges = shapely.total_bounds(layer.layer.geometry)
    corners = layer.layer.plane.unproject(np.array([edges[:2], edges[2:]]))
    return [finite(value, 7) for value in corners.ravel().tolist()]


def _rounded(value: float) -> float | None:
    decimals = DEGREE_DECIMALS if abs(value) <= LARGEST_DEGREE else METRE_DECIMALS
    return finite(value, decimals)
