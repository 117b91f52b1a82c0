"""The places of faults as a GeoPackage: ``inspection.gpkg``.

Four tables, also when nothing was found: `fault_points` (a point for every place), `fault_areas`
(ground of faults that cover some), `fault_lines` (borders) and `layers` (no geometry).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import CGCS2000
from spatialplan.inspection import FaultPlace, InspectedLayer, Inspection, LayerFault
from spatialplan.messages import Language
from spatialplan.reports.geopackage_tables import (
    Table,
    as_multipoints,
    as_multipolygons,
    locate,
    make_frame,
    place_shapes,
    write_package,
)
from spatialplan.reports.inspections.wording import (
    crs_text,
    fault_name,
    id_list,
    inspect_word,
    layer_name,
    result_text,
    role_text,
    source_path,
)
from spatialplan.reports.styles import SEVERITY_COLOURS, Category, SymbolKind, categorised_style
from spatialplan.reports.wording import severity_word

__all__ = ["write_inspection_geopackage"]

PLACE_FIELDS = ("number", "layer", "fault", "fault_name", "severity", "severity_name")
PLACE_FIGURES = ("ids", "easting", "northing", "measured", "unit", "detail", "cure")
LAYER_FIELDS = ("layer", "path", "driver", "role", "crs", "encoding", "features", "area_ha")
# Names of fields in a GeoPackage are those of its columns in the workbook but for these.
ALIASES = {"fault": "fault_class", "fault_name": "fault", "severity": "severity_class"}
MOST_PLACE_IDS = 20


def write_inspection_geopackage(inspection: Inspection, path: Path, *, language: Language) -> None:
    """Write every place of a fault for a geographic information system.

    Parameters
    ----------
    inspection
        From `spatialplan.inspect_files`.
    path
        Where ``inspection.gpkg`` is to stand; an earlier one stays until the new one is whole.
    language
        Of field aliases, legends and sentences.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    crs = inspection.crs if inspection.crs is not None else CGCS2000
    listed = [
        (layer, fault, place)
        for layer in inspection.layers
        for fault in layer.faults
        for place in fault.places
    ]
    given = np.full(len(listed), None, dtype=object)
    given[:] = [place.geometry for _, _, place in listed]
    shapes = place_shapes(given.tolist(), inspection.plane, crs)
    records = [_place_record(number, *row, language) for number, row in enumerate(listed, start=1)]
    tables = [
        *_place_tables(records, shapes, crs, language),
        _layer_table(inspection, language),
    ]
    write_package(tables, path, description=result_text(inspection, language))


def _place_tables(
    records: list[dict[str, Any]], shapes: NDArray[np.object_], crs: CRS, language: Language
) -> list[Table]:
    aliases = _aliases((*PLACE_FIELDS, *PLACE_FIGURES), language)
    frame = make_frame(records, aliases)
    areal, linear = (np.isin(shapely.get_type_id(shapes), kinds) for kinds in ((3, 6), (1, 5)))
    title = inspect_word("sheet_places", language)
    tables = [
        Table(
            "fault_points",
            title,
            locate(frame, as_multipoints(shapes), crs),
            aliases,
            "MultiPoint",
            _style("marker", aliases, language),
        )
    ]
    for name, chosen, kind, symbol in (
        ("fault_areas", areal, "MultiPolygon", "fill"),
        ("fault_lines", linear, "MultiLineString", "line"),
    ):
        ground = shapes[chosen]
        gathered = as_multipolygons(ground) if symbol == "fill" else _as_multilines(ground)
        located = locate(frame[chosen].reset_index(drop=True), gathered, crs)
        style = _style(symbol, aliases, language)  # type: ignore[arg-type]
        tables.append(Table(name, title, located, aliases, kind, style))  # type: ignore[arg-type]
    return tables


def _as_multilines(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    found = np.full(len(shapes), None, dtype=object)
    found[:] = [shapely.multilinestrings(shapely.get_parts(shape)) for shape in shapes]
    return found


def _layer_table(inspection: Inspection, language: Language) -> Table:
    aliases = _aliases(LAYER_FIELDS, language)
    records = [_layer_record(layer, language) for layer in inspection.layers]
    title = inspect_word("sheet_layers", language)
    return Table("layers", title, make_frame(records, aliases), aliases)


def _place_record(
    number: int, layer: InspectedLayer, fault: LayerFault, place: FaultPlace, language: Language
) -> dict[str, Any]:
    at = place.at or (None, None)
    return {
        "number": number,
        "layer": layer_name(layer),
        "fault": fault.rule_id,
        "fault_name": fault_name(fault.rule_id, language),
        "severity": fault.severity.value,
        "severity_name": severity_word(fault.severity, language),
        "ids": id_list(place.ids, language, MOST_PLACE_IDS),
        "easting": at[0],
        "northing": at[1],
        "measured": place.measured,
        "unit": inspect_word(f"unit_{fault.unit}", language) if fault.unit else None,
        "detail": place.detail.text(language) if place.detail else None,
        "cure": fault.cure.text(language),
    }


def _layer_record(layer: InspectedLayer, language: Language) -> dict[str, Any]:
    return {
        "layer": layer_name(layer),
        "path": source_path(layer),
        "driver": layer.driver,
        "role": role_text(layer, language),
        "crs": crs_text(layer, language),
        "encoding": layer.encoding,
        "features": str(layer.features) if layer.is_read else None,
        "area_ha": None if layer.area_m2 is None else layer.area_m2 / 10_000,
    }


def _style(kind: SymbolKind, aliases: dict[str, str], language: Language) -> str:
    categories = tuple(
        Category(severity.value, severity_word(severity, language), colour)
        for severity, colour in SEVERITY_COLOURS.items()
    )
    return categorised_style("severity", categories, kind=kind, aliases=aliases)


def _aliases(fields: tuple[str, ...], language: Language) -> dict[str, str]:
    return {field: inspect_word(f"col_{ALIASES.get(field, field)}", language) for field in fields}
