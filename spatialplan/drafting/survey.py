"""What stands in each table of a delivery: its role, its fields, its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import ellipsoidal_area
from spatialplan.errors import Fault, SpatialplanError
from spatialplan.files import FoundTable, hear_warnings, read_and_hear
from spatialplan.layers import COORDINATE_LIMIT, Delivery, crs_hint, require_plausible, stated_crs
from spatialplan.messages import Message, say
from spatialplan.recognition import (
    GeometryKind,
    Recognition,
    find_unit_fields,
    kind_of_geometry,
    recognise,
)

__all__ = ["Survey", "SurveyedTable", "survey_tables"]

# Rows that tell the unit of stated areas; the first ones are as good as any.
SAMPLE = 2_000

# Zone names beyond these are no zones but names of features.
MOST_ZONES = 40

POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


@dataclass(frozen=True, slots=True)
class SurveyedTable:
    """A table that was read once.

    Attributes
    ----------
    crs
        None where it is missing or refused; `doubts` says why.
    likely_crs
        Where the file states none: the CGCS2000 one that the coordinates look like; else blank.
    likeness
        Equal for two tables with the same features: count, extent, areas of the first ones.
    units
        Codes and names of the units (行政区) that the features are said to lie in, each once.
    zones
        Values of the zone field, each once; empty without one.
    """

    found: FoundTable
    recognition: Recognition
    features: int
    crs: CRS | None
    likely_crs: str
    encoding: str
    likeness: tuple[float, ...]
    units: tuple[tuple[str, ...], tuple[str, ...]]
    zones: tuple[str, ...]
    doubts: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """All tables that could be read, and the faults of the others."""

    tables: tuple[SurveyedTable, ...]
    faults: tuple[Fault, ...]


def survey_tables(
    tables: Sequence[FoundTable], *, progress: Callable[[str], None] | None = None
) -> Survey:
    """Read every table once and recognise it; one at a time, so that none stays in memory."""
    surveyed: list[SurveyedTable] = []
    faults: list[Fault] = []
    with hear_warnings() as heard:
        for found in tables:
            try:
                surveyed.append(_survey(found, read_and_hear(found.spec, Path(), heard)))
            except SpatialplanError as error:
                faults += error.faults
            if progress:
                progress(found.spec.title)
    return Survey(tuple(surveyed), tuple(faults))


def _survey(found: FoundTable, delivery: Delivery) -> SurveyedTable:
    frame = delivery.frame
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    fields = [str(name) for name in frame.columns if name != frame.geometry.name]
    crs, doubts = _usable_crs(delivery)
    area_m2 = _sample_areas(shapes[:SAMPLE], crs)
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    recognition = recognise(
        found.table,
        fields,
        _kind(shapes) or kind_of_geometry(found.geometry),
        attributes,
        area_m2=None
        if area_m2 is None
        else np.pad(area_m2, (0, len(frame) - len(area_m2)), constant_values=np.nan),
    )
    if "area_field" in recognition.fields and recognition.area_unit is None:
        doubts.append(say("draft.no_unit", field=recognition.fields["area_field"]))
    if not len(frame):
        doubts.append(say("draft.no_features"))
    code_field, name_field = find_unit_fields(fields)
    return SurveyedTable(
        found=found,
        recognition=recognition,
        features=len(frame),
        crs=crs,
        likely_crs="" if frame.crs is not None else _likely_crs(shapes),
        encoding=delivery.source.encoding,
        likeness=_likeness(shapes, area_m2),
        units=(_values(attributes, code_field), _values(attributes, name_field)),
        zones=_values(attributes, recognition.fields.get("zone_field"))[:MOST_ZONES],
        doubts=tuple(doubts),
    )


def _usable_crs(delivery: Delivery) -> tuple[CRS | None, list[Message]]:
    try:
        crs = stated_crs(delivery)
        require_plausible(delivery, crs)
    except SpatialplanError as error:
        return None, [fault.message for fault in error.faults]
    return crs, []


def _likely_crs(shapes: NDArray[np.object_]) -> str:
    hint = crs_hint(shapes)
    codes = {"crs.hint_degrees": 4490, "crs.hint_zone": hint.values.get("code")}
    code = codes.get(hint.key)
    return f"EPSG:{code}" if code else ""


def _kind(shapes: NDArray[np.object_]) -> GeometryKind | None:
    """Return the kind of most of the shapes; None without any."""
    kinds = shapely.get_type_id(shapes)
    counts: dict[GeometryKind, int] = {
        "polygon": int(np.isin(kinds, POLYGONS).sum()),
        "line": int(np.isin(kinds, (1, 2, 5)).sum()),
        "point": int(np.isin(kinds, (0, 4)).sum()),
    }
    most = max(counts, key=lambda kind: counts[kind])
    return most if counts[most] else None


def _sample_areas(shapes: NDArray[np.object_], crs: CRS | None) -> NDArray[np.float64] | None:
    """Official areas, NaN for what has none; None where the CRS does not tell any."""
    if crs is None:
        return None
    areas = np.full(len(shapes), np.nan)
    bounds = shapely.bounds(shapes)
    sound = np.isin(shapely.get_type_id(shapes), POLYGONS)
    sound &= (np.abs(bounds) < COORDINATE_LIMIT).all(axis=1)
    try:
        areas[sound] = ellipsoidal_area(shapes[sound], crs)
    except SpatialplanError:
        return None
    return areas


def _likeness(
    shapes: NDArray[np.object_], area_m2: NDArray[np.float64] | None
) -> tuple[float, ...]:
    extent = shapely.total_bounds(shapes) if len(shapes) else np.zeros(4)
    total = 0.0 if area_m2 is None else float(np.nansum(area_m2))
    return (len(shapes), *(round(float(edge), 3) for edge in extent), round(total, 1))


def _values(attributes: pd.DataFrame, name: str | None) -> tuple[str, ...]:
    """Return a field's values as text, each once, in order; empty without a field."""
    if name is None:
        return ()
    texts = attributes[name].dropna().astype(str).str.strip().str.removesuffix(".0")
    return tuple(sorted({text for text in texts if text}))
