"""One layer examined, as far as it allows: what its CRS keeps from the plane is still diagnosed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import Plane
from spatialplan.diagnosis import (
    Borders,
    CoverageLayer,
    Place,
    Rows,
    Suggestion,
    diagnose_attributes,
    diagnose_coverage,
    diagnose_geometry,
    diagnose_position,
    diagnose_texts,
    is_too_loose,
    looks_shifted,
    make_defect,
    match_borders,
)
from spatialplan.errors import SpatialplanError
from spatialplan.findings import Finding, Severity
from spatialplan.inspection.opening import OpenedTable
from spatialplan.inspection.results import NotJudged
from spatialplan.layers import Delivery, Layer, admit, feature_ids
from spatialplan.messages import Message, say
from spatialplan.overlay import OverlapPieces
from spatialplan.plan import LayerSpec, Role
from spatialplan.quality import judge_quality
from spatialplan.recognition import GeometryKind, Recognition, recognise
from spatialplan.units import AreaUnit

__all__ = [
    "Examined",
    "examine_coverage",
    "examine_delivery",
    "examine_in_plane",
    "recognise_table",
]

# What the gate tells of single shapes, `diagnose_geometry` has told before with place and reason.
TOLD_BY_GEOMETRY = frozenset({"empty_geometry", "wrong_kind", "infinite", "invalid_geometry"})
# Roles whose features are ground.
AREAL_ROLES: frozenset[Role] = frozenset(
    {
        *("region", "administrative_area", "ecological_red_line", "basic_farmland"),
        *("urban_development_boundary", "protected_area", "land_parcel", "base_urban_land"),
        *("control_unit", "planned_use", "ecological_barrier"),
    }
)
# Fields that the survey's database standards give in square metres.
SQUARE_METRES = frozenset({"TBMJ", "TBDLMJ", "KCMJ", "YJJBNTTBMJ", "YJJBNTMJ", "DCMJ", "JSMJ"})
# How the reading library says that it dropped M values.
MEASURED = "Measured (M)"
# Rows that a table is recognised by, spread evenly.
SAMPLE_ROWS = 2_000
# Roles whose outer border is that of the region, which shows a shift.
FOLLOW_REGION: frozenset[Role] = frozenset({"administrative_area", "land_parcel"})
NO_OVERLAPS = OverlapPieces(
    np.array([], dtype=np.int64), np.array([], dtype=np.int64), np.array([], dtype=object)
)


@dataclass(slots=True)
class Examined:
    """What is known of one table so far.

    Attributes
    ----------
    opened
        The table as read.
    crs
        Its CRS, stated or assumed, if one leads to the plane.
    kind
        The kind of geometry that most features have.
    suggestion
        What its coordinates look like.
    found
        Findings, defects among them.
    layer, borders
        In the plane of judgement, where the gate lets it in; borders where it has polygons.
    """

    opened: OpenedTable
    crs: CRS | None = None
    kind: GeometryKind | None = None
    suggestion: Suggestion | None = None
    recognition: Recognition | None = None
    found: list[Finding] = field(default_factory=list)
    not_judged: list[NotJudged] = field(default_factory=list)
    layer: Layer | None = None
    borders: Borders | None = None

    @property
    def role(self) -> Role | None:
        """As the plan says, or as recognised."""
        if self.opened.planned is not None:
            return self.opened.planned.role
        return self.recognition.role if self.recognition else None


def examine_delivery(one: Examined, delivery: Delivery, refusal: SpatialplanError | None) -> None:
    """Judge a table as delivered: shapes, position, text."""
    frame, key = delivery.frame, one.opened.key
    shapes = np.asarray(frame.geometry.to_numpy(), dtype=object)
    ids = feature_ids(frame, delivery.spec)
    expected = "polygon" if one.role in AREAL_ROLES else None
    suggestion, position = diagnose_position(shapes, ids, one.crs, layer=key)
    one.suggestion = suggestion
    if refusal is not None:
        message = refusal.faults[0].message
        position = [make_defect("crs_refused", key, Severity.ERROR, message, count=1)]
    one.found += [
        *_container_defects(one, delivery),
        *diagnose_geometry(shapes, ids, layer=key, expected=expected),
        *position,
        *diagnose_texts(frame, Rows(ids, shapes), layer=key),
    ]


def recognise_table(
    one: Examined, frame: pd.DataFrame, area_m2: NDArray[np.float64] | None = None
) -> None:
    """Recognise role and fields from the name, the fields and some of the rows.

    Parameters
    ----------
    frame
        Rows as delivered, all or the sound ones.
    area_m2
        Their official areas, shape (n,), once they are known; they tell the unit of stated ones.
    """
    fields = [str(name) for name in frame.columns if name != "geometry"]
    rows: NDArray[np.intp] = np.array([], dtype=np.intp)
    if len(frame):
        rows = np.unique(np.linspace(0, len(frame) - 1, SAMPLE_ROWS).astype(int))
    one.recognition = recognise(
        one.opened.table or one.opened.key,
        fields,
        one.kind,
        frame[fields].iloc[rows],
        area_m2=None if area_m2 is None else area_m2[rows],
    )


def complete_spec(one: Examined, spec: LayerSpec) -> LayerSpec:
    """Return a layer's entry with role, fields and unit: the plan's, or as recognised."""
    planned = one.opened.planned
    if planned is not None:
        own = {"id": spec.id, "path": spec.path, "table": spec.table, "crs": spec.crs}
        return planned.model_copy(update={**own, "encoding": spec.encoding})
    if one.recognition is None:
        return spec
    whole = one.recognition.complete(spec)
    field = one.recognition.fields.get("area_field")
    if field is None or (field.upper() not in SQUARE_METRES and whole.area_field is None):
        return whole
    unit: AreaUnit = "m2" if field.upper() in SQUARE_METRES else whole.area_unit
    return whole.model_copy(update={"area_field": field, "area_unit": unit})


def admit_layer(one: Examined, delivery: Delivery, plane: Plane, working_crs: CRS) -> None:
    """Take a table through the gate; why it is refused stays with it."""
    try:
        layer = admit(delivery, plane=plane, working_crs=working_crs)
    except SpatialplanError as error:
        why = error.faults[0].message
        one.not_judged.append(NotJudged("coverage", say("inspection.not_in_plane", why=why), False))
        return
    areal = delivery.spec.geometry == "polygon"
    recognise_table(one, layer.frame, layer.area_m2 if areal else None)
    one.layer = replace(layer, spec=complete_spec(one, delivery.spec))
    if areal:
        one.borders = match_borders(layer.geometry)


def examine_in_plane(
    one: Examined, delivery: Delivery, region: Layer | None, land_classes: tuple[str, ...]
) -> None:
    """Judge fields by the role, and what the layer in the plane shows against them."""
    frame, key = delivery.frame, one.opened.key
    spec = one.layer.spec if one.layer else delivery.spec
    fields = {
        name: str(value)
        for name in LayerSpec.model_fields
        if name.endswith("_field") and (value := getattr(spec, name))
    }
    if one.recognition is not None and "area_field" in one.recognition.fields:
        fields.setdefault("area_field", one.recognition.fields["area_field"])
    if one.role is None:
        one.not_judged.append(_without_role(one.recognition))
    else:
        one.found += diagnose_attributes(
            frame,
            Rows(feature_ids(frame, spec), np.asarray(frame.geometry.to_numpy(), dtype=object)),
            layer=key,
            role=one.role,
            fields=fields,
            land_classes=land_classes,
        )
    if one.layer is None:
        return
    told = {name for one_found in one.found for name in one_found.feature_ids}
    gate = [
        fault
        for fault in one.layer.faults
        if fault.rule_id not in TOLD_BY_GEOMETRY or not told.issuperset(fault.feature_ids)
        if MEASURED not in str(fault.message)
    ]
    layer = replace(one.layer, faults=tuple(gate))
    one.found += judge_quality(layer, inner=NO_OVERLAPS, region=region)
    one.found += _unit_unknown(one, layer, fields)


def examine_coverage(one: Examined, region: Layer | None, region_borders: Borders | None) -> None:
    """Judge how the polygons of a layer lie to each other, and whether it is shifted."""
    if one.layer is None or one.borders is None:
        return
    one.found += diagnose_coverage(coverage_of(one), one.borders)
    if is_too_loose(one.borders):
        one.not_judged.append(NotJudged("gaps", say("inspection.too_loose")))
    shifted = _is_shifted(one, region_borders)
    if shifted:
        message = say("diagnosis.gcj02")
        one.found.append(make_defect("gcj02", one.opened.key, Severity.ERROR, message, count=1))
    elif shifted is None and region is not one.layer:
        key = "gcj02_unknown" if region_borders is not None else "gcj02_no_region"
        one.not_judged.append(NotJudged("gcj02", say(f"inspection.{key}"), False))


def coverage_of(one: Examined) -> CoverageLayer:
    """Return a layer's polygons as the judgement of coverage takes them."""
    assert one.layer is not None
    return CoverageLayer(one.opened.key, one.role or "other", one.layer.geometry, one.layer.ids)


def _is_shifted(one: Examined, region: Borders | None) -> bool | None:
    if region is None or one.borders is None or one.layer is None:
        return None
    if one.role not in FOLLOW_REGION:
        return None
    outline, border = (shapely.multilinestrings(found.lines) for found in (one.borders, region))
    return looks_shifted(outline, border, one.layer.plane)


def _container_defects(one: Examined, delivery: Delivery) -> Iterator[Finding]:
    for fault in one.opened.faults:
        yield make_defect("damaged", one.opened.key, Severity.ERROR, fault.message, count=1)
    if one.opened.lost:
        places = [
            Place(ids=(f"#{lost.number}",), measured=float(lost.count), detail=lost.reason)
            for lost in one.opened.lost
        ]
        total = sum(lost.count for lost in one.opened.lost)
        message = say("diagnosis.records_lost", count=total, kept=len(delivery.frame))
        yield make_defect(
            "records_lost", one.opened.key, Severity.ERROR, message, places, count=max(total, 1)
        )
    if not len(delivery.frame):
        message = say("diagnosis.no_features")
        yield make_defect("no_features", one.opened.key, Severity.WARNING, message, count=1)
    source = delivery.source
    if source.driver == "ESRI Shapefile" and "(detected" in source.encoding:
        message = say("diagnosis.encoding_found", encoding=source.encoding)
        yield make_defect("encoding_found", one.opened.key, Severity.INFO, message, count=1)
    if any(MEASURED in str(warning) for warning in source.warnings):
        message = say("diagnosis.has_m", count=len(delivery.frame))
        yield make_defect("has_m", one.opened.key, Severity.INFO, message, count=1)


def _without_role(recognition: Recognition | None) -> NotJudged:
    why: Message = recognition.why if recognition else say("recognition.unknown")
    return NotJudged("attributes", say("inspection.no_role", why=why))


def _unit_unknown(one: Examined, layer: Layer, fields: Mapping[str, str]) -> Iterator[Finding]:
    """Say that stated areas fit the measured ones in no unit, where nobody says which it is."""
    field = fields.get("area_field")
    if field is None or layer.spec.area_field or layer.spec.geometry != "polygon":
        return
    values = layer.numbers(field)
    if values is None or not np.isfinite(values).any():
        return
    message = say("diagnosis.unit_unknown", field=field)
    yield make_defect("unit_unknown", one.opened.key, Severity.ERROR, message, count=1)
