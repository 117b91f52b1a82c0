"""The review as a GeoPackage: ``review.gpkg``.

Four tables, also when nothing was found: `pieces` (every piece of ground that the review lists),
`faults` (every fault of a layer, with points where it has a place), `fault_areas` (the ground of
faults that cover some) and `quotas` (no geometry).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS

from spatialplan.findings import Finding, PieceClass
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
from spatialplan.reports.reviews.document import review_document
from spatialplan.reports.reviews.pieces import PlacedPiece, place_pieces, review_plane
from spatialplan.reports.reviews.wording import layer_title, named_sources
from spatialplan.reports.styles import SEVERITY_COLOURS, Category, categorised_style
from spatialplan.reports.wording import (
    fault_title,
    place_lines,
    severity_word,
    word,
)
from spatialplan.review import Review

__all__ = ["write_geopackage"]

CLASS_COLOURS = {
    PieceClass.CONFLICT: "#c1121f",
    PieceClass.NEEDS_PERSON: "#e07b00",
    PieceClass.SLIVER: "#7b5ea7",
    PieceClass.ENCLOSED: "#2a7f3f",
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
    described = " ".join(place_lines(named_sources(review), spoken))
    write_package(tables, path, description=described)


def _piece_table(review: Review, crs: CRS, language: Language) -> Table:
    pieces = place_pieces(review)
    aliases = _aliases(PIECE_FIELDS, language)
    frame = make_frame([_piece_record(placed, review, language) for placed in pieces], aliases)
    shapes = place_shapes([placed.piece.geometry for placed in pieces], review_plane(review), crs)
    categories = tuple(
        Category(kind.value, word(kind.value, language), colour)
        for kind, colour in CLASS_COLOURS.items()
    )
    style = categorised_style("class", categories, kind="fill", aliases=aliases)
    located = locate(frame, as_multipolygons(shapes), crs)
    title = word("sheet_conflicts", language)
    return Table("pieces", title, located, aliases, "MultiPolygon", style)


def _fault_tables(review: Review, crs: CRS, language: Language) -> tuple[Table, Table]:
    aliases = _aliases(FAULT_FIELDS, language)
    frame = make_frame(
        [_fault_record(fault, review, language) for fault in review.quality], aliases
    )
    shapes = place_shapes([fault.geometry for fault in review.quality], review_plane(review), crs)
    areal = np.isin(shapely.get_type_id(shapes), (3, 6))
    categories = tuple(
        Category(severity.value, severity_word(severity, language), colour)
        for severity, colour in SEVERITY_COLOURS.items()
    )
    title = word("sheet_quality", language)
    points = locate(frame, as_multipoints(shapes), crs)
    ground = frame[areal].reset_index(drop=True)
    areas = locate(ground, as_multipolygons(shapes[areal]), crs)
    markers = categorised_style("severity", categories, kind="marker", aliases=aliases)
    fills = categorised_style("severity", categories, kind="fill", aliases=aliases)
    return (
        Table("faults", title, points, aliases, "MultiPoint", markers),
        Table("fault_areas", title, areas, aliases, "MultiPolygon", fills),
    )


def _quota_table(review: Review, language: Language) -> Table:
    records = review_document(review, language=language)["quotas"]
    aliases = _aliases(QUOTA_FIELDS, language)
    return Table("quotas", word("sheet_quotas", language), make_frame(records, aliases), aliases)


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


def _aliases(fields: dict[str, str], language: Language) -> dict[str, str]:
    return {field: word(f"col_{key}", language) for field, key in fields.items()}
