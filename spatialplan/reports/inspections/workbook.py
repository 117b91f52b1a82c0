"""An inspection as a workbook: ``inspection.xlsx``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from spatialplan.findings import Severity
from spatialplan.inspection import (
    FaultPlace,
    InspectedLayer,
    Inspection,
    LayerFault,
    RepairReport,
)
from spatialplan.messages import Language
from spatialplan.plan.model import PlanHeader
from spatialplan.reports.cells import (
    MOST_ROWS,
    Amount,
    Cell,
    Column,
    Sheet,
    Verdict,
    severity_tone,
)
from spatialplan.reports.inspections.wording import (
    candidate_list,
    crs_text,
    fault_name,
    id_list,
    inspect_word,
    kind_text,
    layer_name,
    result_text,
    role_text,
    source_path,
)
from spatialplan.reports.repairs import repair_sheets
from spatialplan.reports.sheet_writing import write_sheets
from spatialplan.reports.wording import plain_text, severity_word

__all__ = ["write_inspection_workbook"]

# Ids of one place: two neighbours of an overlap, or the few around a gap.
MOST_PLACE_IDS = 20


def write_inspection_workbook(
    inspection: Inspection,
    path: Path,
    *,
    language: Language,
    repairs: RepairReport | None = None,
) -> None:
    """Write an inspection: layers, one row a class of fault, one row a place, inputs, repairs.

    Parameters
    ----------
    inspection
        From `spatialplan.inspect_files`.
    path
        Where ``inspection.xlsx`` is to stand; an earlier one stays until the new one is whole.
    language
        Of headings and sentences; names stay as delivered.
    repairs
        What was repaired in copies of the tables, if that was asked for.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    sheets = [
        _layer_sheet(inspection, language),
        _fault_sheet(inspection, language),
        _place_sheet(inspection, language),
        _open_sheet(inspection, language),
        *(repair_sheets(repairs, language=language) if repairs else ()),
        _input_sheet(inspection, language),
    ]
    header = PlanHeader(
        id="inspection",
        title=inspect_word("title", language),
        region="-",
        year=1,
        standing=inspect_word("title", language),
        notice=result_text(inspection, language),
    )
    write_sheets(sheets, path, header=header, language=language)


def _layer_sheet(inspection: Inspection, language: Language) -> Sheet:
    widths = [
        *[("layer", 24), ("role", 22), ("candidates", 26), ("crs", 18), ("suggested", 48)],
        *[("features", 10), ("set_aside", 8), ("kinds", 16), ("vertices", 12), ("area_ha", 16)],
        *[("inside_region", 12), ("errors", 8), ("warnings", 8), ("infos", 8)],
    ]
    rows = tuple(_layer_row(layer, language) for layer in inspection.layers)
    name = inspect_word("sheet_layers", language)
    return Sheet(name, _columns(widths, language), rows, frozen=1, wide=True)


def _layer_row(layer: InspectedLayer, language: Language) -> tuple[Cell, ...]:
    suggested = layer.suggested_crs.text(language) if layer.suggested_crs else ""
    area = None if layer.area_m2 is None else layer.area_m2 / 10_000
    inside = None if layer.inside_region is None else layer.inside_region * 100
    return (
        layer_name(layer),
        role_text(layer, language),
        candidate_list(layer, language),
        crs_text(layer, language),
        suggested,
        Amount(layer.features if layer.is_read else None, 0),
        Amount(layer.set_aside if layer.layer is not None else None, 0),
        kind_text(layer, language),
        Amount(layer.vertices if layer.is_read else None, 0),
        Amount(area, 4),
        Amount(inside, 2),
        *(Amount(layer.count(severity), 0) for severity in reversed(Severity)),
    )


def _fault_sheet(inspection: Inspection, language: Language) -> Sheet:
    widths = [
        *[("layer", 22), ("fault", 18), ("severity", 9), ("count", 10), ("measured", 16)],
        *[("unit", 7), ("message", 56), ("cure", 48), ("ids", 60)],
    ]
    rows = [
        _fault_row(layer, fault, language) for layer in inspection.layers for fault in layer.faults
    ]
    if not rows:
        none = Verdict(inspect_word("tally_none", language), "good")
        rows = [("", none, *[""] * 7)]
    name = inspect_word("sheet_faults", language)
    return Sheet(name, _columns(widths, language), rows, frozen=2, wide=True)


def _fault_row(layer: InspectedLayer, fault: LayerFault, language: Language) -> tuple[Cell, ...]:
    return (
        layer_name(layer),
        fault_name(fault.rule_id, language),
        Verdict(severity_word(fault.severity, language), severity_tone(fault.severity)),
        Amount(fault.count, 0),
        Amount(fault.measured, 4) if fault.measured is not None else "",
        inspect_word(f"unit_{fault.unit}", language) if fault.unit else "",
        plain_text(fault.message.text(language)),
        fault.cure.text(language),
        id_list(fault.ids, language),
    )


def _place_sheet(inspection: Inspection, language: Language) -> Sheet:
    widths = [
        *[("number", 8), ("layer", 22), ("fault", 18), ("severity", 9), ("ids", 44)],
        *[("easting", 18), ("northing", 18), ("measured", 16), ("unit", 7), ("detail", 48)],
    ]
    rows = islice(_place_rows(inspection, language), MOST_ROWS)
    name = inspect_word("sheet_places", language)
    return Sheet(name, _columns(widths, language), rows, frozen=3, wide=True, sparse=True)


def _place_rows(inspection: Inspection, language: Language) -> Iterator[tuple[Cell, ...]]:
    number = 0
    for layer in inspection.layers:
        name = layer_name(layer)
        for fault in layer.faults:
            title = fault_name(fault.rule_id, language)
            tone = severity_tone(fault.severity)
            severity = Verdict(severity_word(fault.severity, language), tone)
            for place in fault.places:
                number += 1
                told = _place_cells(place, fault, language)
                yield Amount(number, 0), name, title, severity, *told


def _place_cells(place: FaultPlace, fault: LayerFault, language: Language) -> tuple[Cell, ...]:
    at = place.at or (None, None)
    unit = inspect_word(f"unit_{fault.unit}", language) if fault.unit else ""
    return (
        id_list(place.ids, language, MOST_PLACE_IDS),
        Amount(at[0], 6 if _is_degree(at[0]) else 3) if at[0] is not None else "",
        Amount(at[1], 6 if _is_degree(at[0]) else 3) if at[1] is not None else "",
        Amount(place.measured, 4) if place.measured is not None else "",
        unit if place.measured is not None else "",
        plain_text(place.detail.text(language)) if place.detail else "",
    )


def _is_degree(value: float | None) -> bool:
    return value is not None and abs(value) <= 360


def _open_sheet(inspection: Inspection, language: Language) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (
            layer_name(layer),
            Verdict(
                inspect_word(f"what_{point.what}", language),
                "open" if point.open_point else "muted",
            ),
            plain_text(point.why.text(language)),
        )
        for layer in inspection.layers
        for point in layer.not_judged
    ]
    rows += [
        (plain_text(note.where), "", plain_text(note.message.text(language)))
        for note in inspection.notes
    ]
    columns = _columns([("layer", 40), ("what", 24), ("why", 90)], language)
    return Sheet(inspect_word("sheet_open", language), columns, rows)


def _input_sheet(inspection: Inspection, language: Language) -> Sheet:
    widths = [
        *[("path", 48), ("table", 22), ("driver", 16), ("encoding", 26), ("features", 10)],
        ("sha256", 68),
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            source_path(layer),
            plain_text(layer.table),
            plain_text(layer.driver),
            plain_text(layer.encoding),
            Amount(layer.features if layer.is_read else None, 0),
            layer.sha256,
        )
        for layer in inspection.layers
    ]
    name = inspect_word("sheet_inputs", language)
    return Sheet(name, _columns(widths, language), rows, frozen=1, wide=True)


def _columns(widths: list[tuple[str, int]], language: Language) -> tuple[Column, ...]:
    return tuple(Column(inspect_word(f"col_{key}", language), width) for key, width in widths)
