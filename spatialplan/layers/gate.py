"""The gate: what may be judged, and what is set aside, with the reason.

It judges nothing. It takes a table as delivered, refuses it where the CRS leaves doubt, takes the
geometry to the plane of judgement and sets aside every feature that overlay could not judge. A
feature set aside is counted as a fault and never lost silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.area import map_chunks, to_plane
from spatialplan.crs import Plane, from_degrees, to_degrees
from spatialplan.errors import Fault, SourceError
from spatialplan.findings import Finding, Severity, Status
from spatialplan.layers.position import (
    COORDINATE_LIMIT,
    degree_boxes,
    lies_in_china,
    require_plausible,
    stated_crs,
)
from spatialplan.layers.settling import settle_position
from spatialplan.layers.table import Delivery, Layer
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec

__all__ = [
    "admit",
    "feature_ids",
    "planar_area",
    "repeated_fault",
    "require_fields",
    "warning_fault",
]

# Whole numbers above this have no exact float.
EXACT_INTEGERS = 2.0**53

GEOMETRY_KINDS = {"polygon": {3, 6}, "line": {1, 5}, "point": {0, 4}}


def admit(delivery: Delivery, *, plane: Plane, working_crs: CRS) -> Layer:
    """Take a delivery through the gate.

    Parameters
    ----------
    delivery
        The table as read.
    plane
        The plane of judgement.
    working_crs
        The projected CRS in which edges of data in latitude and longitude count as straight.

    Raises
    ------
    CrsError
        See `settle_position`; also if the coordinates do not lie where the CRS says.
    SourceError
        If a field that the plan names is missing.
    """
    require_fields(delivery)
    delivery = settle_position(delivery)
    crs = stated_crs(delivery)
    require_plausible(delivery, crs)
    spec, frame = delivery.spec, delivery.frame.reset_index(drop=True)
    ids = feature_ids(frame, spec, first=delivery.first)
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    sound, faults = _sort_out(shapes, ids, spec, plane, crs)
    projected = to_plane(shapes[sound], crs, plane=plane, split_crs=working_crs)
    still = _are_valid(projected)
    faults += _invalid_faults(projected[~still], ids[sound][~still], spec)
    kept = sound[still]
    result = gpd.GeoDataFrame(
        frame.iloc[kept].reset_index(drop=True).drop(columns=frame.geometry.name),
        geometry=projected[still],
        crs=plane.crs,
    )
    return Layer(
        spec=spec,
        frame=result,
        source=delivery.source,
        plane=plane,
        ids=ids[kept],
        area_m2=shapely.area(projected[still]),
        planar_m2=planar_area(shapes[kept], crs, working_crs),
        faults=(
            *(warning_fault(spec, text) for text in delivery.source.warnings),
            *_id_faults(frame, ids, spec),
            *faults,
        ),
        set_aside=len(frame) - len(kept),
        first=delivery.first,
    )


def require_fields(delivery: Delivery) -> None:
    """Raise `SourceError` with every field that the plan names and the table lacks."""
    spec, columns = delivery.spec, list(delivery.frame.columns)
    named = {key: getattr(spec, key) for key in type(spec).model_fields if key.endswith("_field")}
    missing = {key: name for key, name in named.items() if name and name not in columns}
    if missing:
        where = f"{delivery.source.path} ({spec.title})"
        fields = ", ".join(str(name) for name in columns if name != "geometry")
        raise SourceError(
            Fault(where, say("gate.field_missing", key=key, found=name, fields=fields))
            for key, name in missing.items()
        )


def _sort_out(
    shapes: NDArray[np.object_], ids: NDArray[np.object_], spec: LayerSpec, plane: Plane, crs: CRS
) -> tuple[NDArray[np.intp], list[Finding]]:
    """Return the positions of sound geometry, and a fault for every other feature."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong = ~empty & ~np.isin(shapely.get_type_id(shapes), list(GEOMETRY_KINDS[spec.geometry]))
    far = ~(np.abs(shapely.bounds(shapes)) < COORDINATE_LIMIT).all(axis=1)
    infinite = ~empty & ~wrong & far
    candidates = ~empty & ~wrong & ~infinite
    off_the_map = candidates & ~lies_in_china(degree_boxes(shapes, crs))
    candidates &= ~off_the_map
    invalid = candidates.copy()
    invalid[candidates] = ~_are_valid(shapes[candidates])
    faults = [
        _fault("empty_geometry", spec, ids[empty], say("quality.empty_geometry")),
        _fault("wrong_kind", spec, ids[wrong], say("quality.wrong_kind", expected=spec.geometry)),
        _fault("infinite", spec, ids[infinite], say("quality.infinite")),
        _fault("off_the_map", spec, ids[off_the_map], say("quality.off_the_map")),
    ]
    bad = shapes[invalid]
    places = shapely.transform(bad, lambda points: plane.project(points, crs))
    faults += _invalid_faults(places, ids[invalid], spec, reasons=shapely.is_valid_reason(bad))
    return np.flatnonzero(candidates & ~invalid), [fault for fault in faults if fault.feature_ids]


def _are_valid(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.concatenate(map_chunks(shapely.is_valid, shapes)).astype(np.bool_)


def _invalid_faults(
    places: NDArray[np.object_],
    ids: NDArray[np.object_],
    spec: LayerSpec,
    *,
    reasons: NDArray[np.object_] | None = None,
) -> list[Finding]:
    texts = shapely.is_valid_reason(places) if reasons is None else reasons
    return [
        _fault(
            "invalid_geometry",
            spec,
            ids[i : i + 1],
            say("quality.invalid_geometry", reason=str(texts[i])),
            geometry=places[i],
        )
        for i in range(len(places))
    ]


def _fault(
    rule_id: str,
    spec: LayerSpec,
    ids: NDArray[np.object_],
    message: Message,
    *,
    geometry: BaseGeometry | None = None,
) -> Finding:
    return Finding(
        rule_id=rule_id,
        layer=spec.id,
        status=Status.NOT_MET,
        severity=Severity.ERROR,
        message=message,
        feature_ids=tuple(str(name) for name in ids),
        geometry=geometry,
    )


def warning_fault(spec: LayerSpec, text: str | Message) -> Finding:
    """Return what a reading library warned of as a fault of the layer; none of it may be lost."""
    message = say("quality.file_warning", text=text)
    fault = _fault("file_warning", spec, np.array([], dtype=object), message)
    return replace(fault, severity=Severity.WARNING)


def feature_ids(frame: gpd.GeoDataFrame, spec: LayerSpec, *, first: int = 0) -> NDArray[np.object_]:
    """Return one text a feature, as delivered; ``#7`` where the seventh feature has a blank one.

    Of a batch `first` is how many features of the table went before it.
    """
    numbered = np.array([f"#{first + row + 1}" for row in range(len(frame))], dtype=object)
    if spec.id_field is None:
        return numbered
    column = frame[spec.id_field]
    if pd.api.types.is_float_dtype(column):
        # Integers with a gap arrive as floats; "2.3e+17" would be nobody's number.
        texts = np.array([f"{value:.0f}" for value in column], dtype=object)
    else:
        texts = column.astype(str).str.strip().to_numpy(dtype=object)
    return np.where(column.isna() | (texts == ""), numbered, texts).astype(object)


def _id_faults(
    frame: gpd.GeoDataFrame, ids: NDArray[np.object_], spec: LayerSpec
) -> Iterator[Finding]:
    if spec.id_field is None:
        return
    column = frame[spec.id_field]
    if pd.api.types.is_float_dtype(column) and (column.abs() > EXACT_INTEGERS).any():
        rounded = ids[(column.abs() > EXACT_INTEGERS).to_numpy()]
        yield _fault(
            "rounded_id", spec, np.unique(rounded), say("quality.rounded_id", field=spec.id_field)
        )
    blank = np.array([text.startswith("#") for text in ids], dtype=bool)
    repeated = pd.Series(ids).duplicated(keep=False).to_numpy() & ~blank
    if blank.any():
        message = say("quality.blank_id", field=spec.id_field)
        fault = _fault("blank_id", spec, np.unique(ids[blank]), message)
        yield replace(fault, severity=Severity.WARNING)
    if repeated.any():
        yield repeated_fault(spec, np.unique(ids[repeated]))


def repeated_fault(spec: LayerSpec, ids: NDArray[np.object_]) -> Finding:
    """Return the fault of ids that stand more than once in a layer."""
    message = say("quality.repeated_id", field=spec.id_field)
    return replace(_fault("repeated_id", spec, ids, message), severity=Severity.WARNING)


def planar_area(shapes: NDArray[np.object_], crs: CRS, working: CRS) -> NDArray[np.float64]:
    """Area in the CRS delivered, m², or in the working CRS for latitude and longitude; shape (n,).

    For reference only: it is not the official area.
    """
    if not crs.is_geographic:
        return np.asarray(shapely.area(shapes))
    flat = shapely.transform(shapes, lambda points: from_degrees(to_degrees(points, crs), working))
    return np.asarray(shapely.area(flat))
