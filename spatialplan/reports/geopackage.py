"""The review as a GeoPackage: ``review.gpkg``.

Four tables, also when nothing was found: `pieces` (every piece of ground that the review lists),
`faults` (every fault of a layer, with points where it has a place), `fault_areas` (the ground of
faults that cover some) and `quotas` (no geometry). Styles for QGIS lie in `layer_styles`, readable
field names both there and in `gpkg_data_columns`. Times are fixed, so that the same review gives
the same content.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import unproject
from spatialplan.files import replace_atomically
from spatialplan.findings import Finding, PieceClass, Severity
from spatialplan.messages import Language
from spatialplan.reports.document import review_document
from spatialplan.reports.pieces import PlacedPiece, place_pieces, review_plane
from spatialplan.reports.styles import Category, categorised_style
from spatialplan.reports.wording import fault_title, layer_title, plain_text, severity_word, word
from spatialplan.review import Review

__all__ = ["write_geopackage"]

# A fixed day, so that the same review gives the same content.
WRITTEN = "2000-01-01T00:00:00.000Z"

# Newer ones make programs of some years ago, still on many desks, warn or refuse.
VERSION = "1.2"

CLASS_COLOURS = {
    PieceClass.CONFLICT: "#c1121f",
    PieceClass.NEEDS_PERSON: "#e07b00",
    PieceClass.SLIVER: "#7b5ea7",
    PieceClass.ENCLOSED: "#2a7f3f",
}
SEVERITY_COLOURS = {
    Severity.ERROR: "#c1121f",
    Severity.WARNING: "#e07b00",
    Severity.INFO: "#4a6fa5",
}

# Fields and the headings (section ``[report]``) that are their aliases.
PIECE_FIELDS = {
    "number": "piece",
    "rule": "rule",
    "class": "class",
    "class_name": "class_name",
    "a_layer": "a",
    "a_id": "a_id",
    "a_name": "a_name",
    "b_layer": "b",
    "b_id": "b_id",
    "b_name": "b_name",
    "zone": "zone",
    "township": "township",
    "area_m2": "area_m2",
    "area_ha": "area_ha",
    "thinness": "thinness",
    "width_m": "width",
    "northing": "northing",
    "easting": "easting",
    "basis": "basis",
    "advice": "advice",
    "checked_by": "checked_by",
    "result": "check_result",
}
FAULT_FIELDS = {
    "layer": "layer",
    "fault": "fault",
    "count": "count",
    "severity": "severity",
    "severity_name": "severity_name",
    "message": "message",
    "ids": "ids",
}
QUOTA_FIELDS = {
    "id": "no",
    "title": "quota",
    "layer": "layer",
    "nature": "nature",
    "direction": "direction",
    "year": "year",
    "required": "printed",
    "unit": "unit",
    "required_ha": "target_ha",
    "attribute_ha": "attribute_ha",
    "measured_ha": "measured_ha",
    "planar_ha": "planar_ha",
    "margin_ha": "margin_ha",
    "margin": "margin",
    "share": "share",
    "status": "status",
    "message": "message",
    "clause": "clause",
}
NUMBERS = frozenset(
    (
        *("area_m2", "area_ha", "thinness", "width_m", "northing", "easting", "required"),
        *("required_ha", "attribute_ha", "measured_ha", "planar_ha"),
        *("margin_ha", "margin", "share"),
    )
)
INTEGERS = frozenset(("number", "count", "year"))

MAKE_STYLES = """
CREATE TABLE layer_styles (
 id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
 f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
 styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN,
 description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME
)
"""
ADD_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
 styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, update_time)
VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', NULL, ?)
"""
REGISTER_STYLES = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)
"""
MAKE_ALIASES = """
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
 table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
 mime_type TEXT, constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
 CONSTRAINT gdc_tn UNIQUE (table_name, name)
)
"""
REGISTER_ALIASES = """
INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope)
VALUES ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec/#extension_schema',
 'read-write')
"""


@dataclass(frozen=True, slots=True)
class _Table:
    """One table: its rows, and which headings its fields have; `style` is the QGIS style."""

    name: str
    title: str
    frame: pd.DataFrame
    fields: dict[str, str]
    geometry: str | None = None
    style: str | None = None


def write_geopackage(
    review: Review, path: Path, *, language: Language | None = None, crs: CRS | None = None
) -> None:
    """Write the pieces, faults and quotas of a review for a geographic information system.

    Parameters
    ----------
    review
        From `spatialplan.check_plan`.
    path
        Where ``review.gpkg`` is to stand; an earlier one stays until the new one is whole.
    language
        Of field aliases, legends and sentences; default: the plan's.
    crs
        The CRS that the geometry is written in; default: the review's working CRS.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    target = review.crs if crs is None else crs
    spoken = language or review.plan.header.language
    tables = [
        _piece_table(review, target, spoken),
        *_fault_tables(review, target, spoken),
        _quota_table(review, spoken),
    ]
    with replace_atomically(path) as temporary:
        for table in tables:
            _write_table(table, temporary)
        with closing(sqlite3.connect(temporary)) as database:
            _describe_tables(database, tables, spoken)
            database.execute("VACUUM")


def _piece_table(review: Review, crs: CRS, language: Language) -> _Table:
    pieces = place_pieces(review)
    frame = _frame([_piece_record(placed, review, language) for placed in pieces], PIECE_FIELDS)
    shapes = _place([placed.piece.geometry for placed in pieces], review, crs)
    categories = tuple(
        Category(kind.value, word(kind.value, language), colour)
        for kind, colour in CLASS_COLOURS.items()
    )
    style = categorised_style(
        "class", categories, kind="fill", aliases=_aliases(PIECE_FIELDS, language)
    )
    located = gpd.GeoDataFrame(frame, geometry=_as_multipolygons(shapes), crs=crs)
    title = word("sheet_conflicts", language)
    return _Table("pieces", title, located, PIECE_FIELDS, "MultiPolygon", style)


def _fault_tables(review: Review, crs: CRS, language: Language) -> tuple[_Table, _Table]:
    frame = _frame(
        [_fault_record(fault, review, language) for fault in review.quality], FAULT_FIELDS
    )
    shapes = _place([fault.geometry for fault in review.quality], review, crs)
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    categories = tuple(
        Category(severity.value, severity_word(severity, language), colour)
        for severity, colour in SEVERITY_COLOURS.items()
    )
    aliases = _aliases(FAULT_FIELDS, language)
    title = word("sheet_quality", language)
    points = gpd.GeoDataFrame(frame, geometry=_as_multipoints(shapes), crs=crs)
    areas = gpd.GeoDataFrame(
        frame[areal].reset_index(drop=True), geometry=_as_multipolygons(shapes[areal]), crs=crs
    )
    markers = categorised_style("severity", categories, kind="marker", aliases=aliases)
    fills = categorised_style("severity", categories, kind="fill", aliases=aliases)
    return (
        _Table("faults", title, points, FAULT_FIELDS, "MultiPoint", markers),
        _Table("fault_areas", title, areas, FAULT_FIELDS, "MultiPolygon", fills),
    )


def _quota_table(review: Review, language: Language) -> _Table:
    records = review_document(review, language=language)["quotas"]
    title = word("sheet_quotas", language)
    return _Table("quotas", title, _frame(records, QUOTA_FIELDS), QUOTA_FIELDS)


def _piece_record(placed: PlacedPiece, review: Review, language: Language) -> dict[str, Any]:
    piece, rule = placed.piece, placed.result.rule
    return {
        "number": placed.number,
        "rule": rule.title,
        "class": piece.piece_class.value,
        "class_name": word(piece.piece_class.value, language),
        "a_layer": layer_title(review, placed.a_layer),
        "a_id": piece.a_id,
        "a_name": piece.a_name,
        "b_layer": layer_title(review, placed.b_layer),
        "b_id": piece.b_id,
        "b_name": piece.b_name,
        "zone": piece.zone,
        "township": piece.township,
        "area_m2": piece.area_m2,
        "area_ha": piece.area_m2 / 10_000,
        "thinness": placed.thinness,
        "width_m": piece.width_m,
        "northing": placed.northing,
        "easting": placed.easting,
        "basis": piece.clause,
        "advice": piece.message.text(language),
        "checked_by": None,
        "result": None,
    }


def _fault_record(fault: Finding, review: Review, language: Language) -> dict[str, Any]:
    return {
        "layer": layer_title(review, fault.layer),
        "fault": fault_title(fault.rule_id, language),
        "count": len(fault.feature_ids),
        "severity": fault.severity.value,
        "severity_name": severity_word(fault.severity, language),
        "message": fault.message.text(language),
        "ids": ", ".join(fault.feature_ids),
    }


def _frame(records: list[dict[str, Any]], fields: dict[str, str]) -> pd.DataFrame:
    """Return records as typed columns, so that an empty table has the same fields as a full one."""
    columns = {}
    for field in fields:
        values = [record[field] for record in records]
        if field in NUMBERS:
            columns[field] = pd.Series(values, dtype="float64")
        elif field in INTEGERS:
            columns[field] = pd.Series(values, dtype="int64")
        else:
            texts = [None if value is None else plain_text(value) for value in values]
            columns[field] = pd.Series(texts, dtype=object)
    return pd.DataFrame(columns)


def _place(shapes: list[Any], review: Review, crs: CRS) -> NDArray[np.object_]:
    """Take geometry from the plane of judgement to the CRS of the file."""
    array = np.array([*shapes, None], dtype=object)[:-1]
    plane = review_plane(review)
    if plane is None:
        return np.full(len(array), None, dtype=object)
    filled = ~shapely.is_missing(array)
    array[filled] = unproject(array[filled], plane, crs)
    return array


def _as_multipolygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return _gathered(shapes, lambda parts: shapely.multipolygons(parts))


def _as_multipoints(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    return _gathered(shapes, lambda parts: shapely.multipoints(shapely.point_on_surface(parts)))


def _gathered(shapes: NDArray[np.object_], gather: Any) -> NDArray[np.object_]:
    found = np.full(len(shapes), None, dtype=object)
    for row, shape in enumerate(shapes):
        if shape is not None and not shape.is_empty:
            found[row] = gather(shapely.get_parts(shape))
    return found


def _write_table(table: _Table, path: Path) -> None:
    pyogrio.write_dataframe(
        table.frame,
        path,
        driver="GPKG",
        layer=table.name,
        geometry_type=table.geometry,
        promote_to_multi=table.geometry is not None,
        layer_options={"IDENTIFIER": f"{table.title} ({table.name})"},
        dataset_options={"VERSION": VERSION},
    )


def _describe_tables(
    database: sqlite3.Connection, tables: list[_Table], language: Language
) -> None:
    """Add styles and aliases, and put fixed times in place of the clock's."""
    database.execute(MAKE_STYLES)
    database.execute(REGISTER_STYLES, (WRITTEN,))
    database.execute(MAKE_ALIASES)
    database.execute(REGISTER_ALIASES)
    for table in tables:
        if table.style:
            values = (table.name, table.name, table.style, table.title, WRITTEN)
            database.execute(ADD_STYLE, values)
        rows = [
            (table.name, field, alias, alias)
            for field, alias in _aliases(table.fields, language).items()
        ]
        database.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title)"
            " VALUES (?, ?, ?, ?)",
            rows,
        )
    database.execute("UPDATE gpkg_contents SET last_change = ?", (WRITTEN,))
    database.commit()


def _aliases(fields: dict[str, str], language: Language) -> dict[str, str]:
    return {field: word(f"col_{key}", language) for field, key in fields.items()}
