"""A layer that passed the gate: its CRS is known, its geometry sound, its place in the plane fixed.

The gate (`admit`) judges nothing. It takes a table as delivered, refuses it where the CRS leaves
doubt, takes the geometry to the plane of judgement and sets aside, with the reason, every feature
that overlay could not judge. A feature set aside is counted as a fault and never lost silently.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.area import to_plane
from spatialplan.crs import (
    Plane,
    crs_label,
    from_degrees,
    parse_crs,
    require_known_datum,
    to_degrees,
)
from spatialplan.errors import CrsError, Fault, SourceError
from spatialplan.findings import Finding, Severity, Status
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec

__all__ = ["Delivery", "Layer", "Source", "admit", "degree_bounds", "require_fields", "stated_crs"]

# Where the People's Republic lies, generously: coordinates outside contradict their stated CRS.
CHINA_DEGREES = (70.0, 0.0, 140.0, 56.0)

GEOMETRY_KINDS = {"polygon": {3, 6}, "line": {1, 5}, "point": {0, 4}}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layer came from.

    `crs` is as delivered, `encoding` the one that the text was read in with how it was found.
    """

    path: str
    driver: str
    table: str
    encoding: str
    sha256: str
    features: int
    crs: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A table as it was read, before the gate."""

    spec: LayerSpec
    frame: gpd.GeoDataFrame
    source: Source


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer in the plane of judgement.

    Attributes
    ----------
    frame
        The sound features: attributes as delivered, geometry in the plane, index 0..n-1.
    ids
        One text a feature, as delivered; ``#7`` where the seventh feature has a blank one.
    area_m2
        Official ellipsoidal area a feature, float64[n].
    planar_m2
        Area in the delivered projection (in the working CRS for latitude and longitude): for
        reference beside the official one, never in its place.
    faults
        What the gate found, among it the features set aside (`set_aside` of them).
    """

    spec: LayerSpec
    frame: gpd.GeoDataFrame
    source: Source
    plane: Plane
    ids: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    planar_m2: NDArray[np.float64]
    faults: tuple[Finding, ...] = ()
    set_aside: int = 0

    @property
    def geometry(self) -> NDArray[np.object_]:
        """Geometry in the plane of judgement, object[n]."""
        return np.asarray(self.frame.geometry.to_numpy(), dtype=object)

    def text(self, name: str | None) -> NDArray[np.object_]:
        """Return a field as text, blank where it is missing or has no value, object[n]."""
        if name is None or name not in self.frame.columns:
            return np.full(len(self.frame), "", dtype=object)
        column = self.frame[name]
        return np.where(column.isna(), "", column.astype(str).str.strip()).astype(object)

    def numbers(self, name: str | None) -> NDArray[np.float64] | None:
        """Return a field as numbers with NaN for what is none, float64[n]; None if missing."""
        if name is None or name not in self.frame.columns:
            return None
        return numbers_of(self.frame[name])


def numbers_of(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Read a column as numbers, NaN where a value is missing or none."""
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def stated_crs(delivery: Delivery) -> CRS:
    """Return the one CRS that file and plan agree on.

    Raises
    ------
    CrsError
        If neither states one, both state different ones, or its datum has no known way to CGCS2000.
    """
    spec, where = delivery.spec, f"{delivery.source.path} ({delivery.spec.title})"
    found: CRS | None = delivery.frame.crs
    wanted = parse_crs(spec.crs, where=where) if spec.crs else None
    crs = found or wanted
    if crs is None:
        raise CrsError(Fault(where, say("crs.missing", hint=_crs_hint(delivery.frame))))
    if wanted and not _same_plane(crs, wanted):
        raise CrsError(
            Fault(where, say("crs.contradicted", found=crs_label(crs), wanted=crs_label(wanted)))
        )
    return require_known_datum(crs, where=where)


def degree_bounds(delivery: Delivery, crs: CRS) -> NDArray[np.float64]:
    """Bounds of a delivery in degrees (west, south, east, north); NaN where it has no geometry."""
    shapes = delivery.frame.geometry.to_numpy()
    west, south, east, north = shapely.total_bounds(shapes)
    corners = np.array([[west, south], [east, south], [east, north], [west, north]])
    degrees = to_degrees(corners, crs)
    return np.concatenate([degrees.min(axis=0), degrees.max(axis=0)])


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
        See `stated_crs`; also if the coordinates do not lie where the CRS says.
    SourceError
        If a field that the plan names is missing.
    """
    require_fields(delivery)
    crs = stated_crs(delivery)
    _require_plausible(delivery, crs)
    spec, frame = delivery.spec, delivery.frame.reset_index(drop=True)
    ids = _feature_ids(frame, spec)
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    sound, faults = _sort_out(shapes, ids, spec, plane, crs)
    projected = to_plane(shapes[sound], crs, plane=plane, split_crs=working_crs)
    still = shapely.is_valid(projected)
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
        source=replace(delivery.source, crs=crs_label(crs)),
        plane=plane,
        ids=ids[kept],
        area_m2=shapely.area(projected[still]),
        planar_m2=_planar_area(shapes[kept], crs, working_crs),
        faults=(*_id_faults(frame, ids, spec), *faults),
        set_aside=len(frame) - len(kept),
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
    infinite = ~empty & ~wrong & ~np.isfinite(shapely.bounds(shapes)).all(axis=1)
    candidates = ~empty & ~wrong & ~infinite
    invalid = candidates & ~shapely.is_valid(shapes)
    faults = [
        _fault("empty_geometry", spec, ids[empty], say("quality.empty_geometry")),
        _fault("wrong_kind", spec, ids[wrong], say("quality.wrong_kind", expected=spec.geometry)),
        _fault("infinite", spec, ids[infinite], say("quality.infinite")),
    ]
    bad = shapes[invalid]
    places = shapely.transform(bad, lambda points: plane.project(points, crs))
    faults += _invalid_faults(places, ids[invalid], spec, reasons=shapely.is_valid_reason(bad))
    return np.flatnonzero(candidates & ~invalid), [fault for fault in faults if fault.feature_ids]


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


def _feature_ids(frame: gpd.GeoDataFrame, spec: LayerSpec) -> NDArray[np.object_]:
    numbered = np.array([f"#{row + 1}" for row in range(len(frame))], dtype=object)
    if spec.id_field is None:
        return numbered
    column = frame[spec.id_field]
    texts = column.astype(str).str.strip().str.removesuffix(".0").to_numpy(dtype=object)
    return np.where(column.isna() | (texts == ""), numbered, texts).astype(object)


def _id_faults(
    frame: gpd.GeoDataFrame, ids: NDArray[np.object_], spec: LayerSpec
) -> Iterator[Finding]:
    if spec.id_field is None:
        return
    blank = np.array([text.startswith("#") for text in ids], dtype=bool)
    repeated = pd.Series(ids).duplicated(keep=False).to_numpy() & ~blank
    for rule_id, members in (("blank_id", blank), ("repeated_id", repeated)):
        if members.any():
            message = say(f"quality.{rule_id}", field=spec.id_field)
            fault = _fault(rule_id, spec, np.unique(ids[members]), message)
            yield replace(fault, severity=Severity.WARNING)


def _planar_area(shapes: NDArray[np.object_], crs: CRS, working: CRS) -> NDArray[np.float64]:
    if not crs.is_geographic:
        return np.asarray(shapely.area(shapes))
    flat = shapely.transform(shapes, lambda points: from_degrees(to_degrees(points, crs), working))
    return np.asarray(shapely.area(flat))


def _require_plausible(delivery: Delivery, crs: CRS) -> None:
    """Refuse a layer most of whose features lie outside China; single strays are faults."""
    boxes = shapely.bounds(delivery.frame.geometry.to_numpy())
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return
    middles = to_degrees((boxes[:, :2] + boxes[:, 2:]) / 2, crs)
    west, south, east, north = CHINA_DEGREES
    inside = ((middles >= [west, south]) & (middles <= [east, north])).all(axis=1)
    if inside.mean() < 0.5:
        extent = ", ".join(f"{edge:.6g}" for edge in shapely.total_bounds(delivery.frame.geometry))
        where = f"{delivery.source.path} ({delivery.spec.title})"
        hint = _crs_hint(delivery.frame)
        raise CrsError(
            Fault(where, say("crs.elsewhere", found=crs_label(crs), extent=extent, hint=hint))
        )


def _crs_hint(frame: gpd.GeoDataFrame) -> Message:
    """Say what the coordinates look like; a hint for the reader, never acted upon."""
    west, south, east, north = shapely.total_bounds(frame.geometry.to_numpy())
    if np.isnan(west):
        return say("crs.hint_none")
    if max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90:
        return say("crs.hint_degrees")
    if west >= 25e6 and east < 46e6:
        zone = int(west // 1e6)
        return say("crs.hint_zone", zone=zone, code=4513 + zone - 25)
    return say("crs.hint_metres")


def _same_plane(first: CRS, second: CRS) -> bool:
    """Compare CRSs as written, or by the code of which PROJ is fairly sure (ESRI's spelling)."""
    if first.equals(second, ignore_axis_order=True):
        return True
    codes = {crs.to_epsg(min_confidence=20) for crs in (first, second)}
    return len(codes) == 1 and None not in codes
