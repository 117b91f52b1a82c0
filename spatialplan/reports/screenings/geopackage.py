"""A screening as a GeoPackage: ``screening.gpkg``.

Tables, all of them also when there is nothing to put into them: `sites` (every site that has
geometry, coloured by verdict), `pieces` (ground that sites share with features of layers),
`free_parts`, `places` and `shifts` (suggestions: the part that is free, places where the same
footprint is free, and lines that lead there), and without geometry `unplaced_sites` (sites that
could not be drawn, and why), `findings` (a row a site and layer) and `not_evaluated` (what nobody
looked at). What is not known is NULL, never 0. No colour is green: no verdict is a permission.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.findings import Verdict
from spatialplan.messages import Language, phrase
from spatialplan.reports.geopackage_tables import (
    GeometryType,
    Table,
    as_multipolygons,
    locate,
    make_frame,
    place_shapes,
    write_package,
)
from spatialplan.reports.screenings.records import Recorder, listed_pieces
from spatialplan.reports.screenings.wording import (
    asked_kind,
    ground_word,
    named_sources,
    screen_word,
    verdict_word,
)
from spatialplan.reports.styles import Category, SymbolKind, categorised_style, single_style
from spatialplan.reports.wording import place_lines, plain_text, tolerance_text
from spatialplan.siting import Screening
from spatialplan.suggestions import FreePlace

__all__ = ["VERDICT_COLOURS", "write_screening_geopackage"]

VERDICT_COLOURS = {
    Verdict.PROHIBITED: "#c1121f",
    Verdict.NEEDS_DETERMINATION: "#e07b00",
    Verdict.RESTRICTED: "#b8860b",
    Verdict.NOT_EVALUATED: "#6c757d",
    Verdict.CLEAR: "#4a6fa5",
}
# Suggestions have a colour of their own: coloured by verdict they would pass for sites.
SUGGESTION_COLOUR = "#5a189a"
SUGGESTED = frozenset({"free_parts", "places", "shifts"})

# Fields of each table, and the wording that is the alias of a field.
SITE = {
    "number": "screen_report.col_no",
    "site_id": "screen_report.col_site_id",
    "name": "screen_report.col_name",
}
VERDICT = {
    "verdict": "screen_gpkg.col_verdict_code",
    "verdict_name": "screen_report.col_verdict",
}
STATUS = {
    "status": "screen_gpkg.col_status_code",
    "status_name": "screen_report.col_status",
}
LAYER = {
    "layer": "screen_gpkg.col_layer_key",
    "layer_title": "screen_report.col_layer",
}
JUDGED = {
    "verdict": "screen_gpkg.col_place_code",
    "verdict_name": "screen_report.col_place_verdict",
    "reasons": "screen_report.col_place_reasons",
}
AREA = {"area_m2": "screen_report.col_m2", "area_ha": "screen_report.col_ha"}
LIMITS = {
    "avoided": "screen_report.col_avoided",
    "inside": "screen_report.col_inside",
    "clearance_m": "screen_report.col_clearance_m",
}
MOVE = {
    "rank": "screen_report.col_rank",
    "distance_m": "screen_report.col_move_m",
    "bearing_deg": "screen_report.col_bearing",
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "sites": {
        **SITE,
        "kind": "screen_report.col_kind",
        "area_ha": "screen_report.col_area_ha",
        "stated_ha": "screen_report.col_stated_ha",
        **VERDICT,
        "listed_verdict": "screen_gpkg.col_listed_code",
        "listed_name": "screen_gpkg.col_listed",
        "reasons": "screen_gpkg.col_reasons",
        "needs": "screen_report.col_needs",
        "not_evaluated": "screen_report.sheet_gaps",
        "doubts": "screen_report.col_doubts",
        "remark": "screen_report.col_note",
    },
    "unplaced_sites": {
        **SITE,
        "kind": "screen_report.col_kind",
        "stated_ha": "screen_report.col_stated_ha",
        "place": "screen_report.col_place",
        "why": "screen_report.col_why",
        "remark": "screen_report.col_note",
    },
    "pieces": {
        "number": "screen_gpkg.col_piece",
        "site_id": "screen_report.col_site_id",
        "name": "screen_report.col_name",
        **LAYER,
        "feature_id": "screen_report.col_feature_id",
        "feature_name": "screen_report.col_feature_name",
        "zone": "screen_report.col_zone",
        **STATUS,
        **VERDICT,
        **AREA,
        "width_m": "screen_report.col_width_m",
    },
    "findings": {
        **SITE,
        **LAYER,
        **STATUS,
        **VERDICT,
        "overlap_m2": "screen_gpkg.col_overlap_m2",
        "overlap_ha": "screen_gpkg.col_overlap_ha",
        "share": "screen_report.col_share",
        "net_m2": "screen_gpkg.col_net_m2",
        "outside_m2": "screen_gpkg.col_outside_m2",
        "sliver_m2": "screen_report.col_sliver_m2",
        "length_m": "screen_report.col_length_m",
        "distance_m": "screen_report.col_distance_m",
        "nearest": "screen_report.col_nearest",
        "sentence": "screen_report.col_sentence",
        "basis": "screen_report.col_basis",
    },
    "not_evaluated": {
        "site_id": "screen_report.col_site_id",
        "name": "screen_report.col_name",
        "item": "screen_gpkg.col_item_key",
        "title": "screen_report.col_what",
        "why": "screen_report.col_why",
    },
    "free_parts": {
        **SITE,
        **AREA,
        "share": "screen_report.col_share",
        **JUDGED,
        **LIMITS,
        "places": "screen_gpkg.col_places",
        "radius_m": "screen_report.col_radius_m",
        "step_m": "screen_report.col_step_m",
        "why_none": "screen_report.col_why_none",
    },
    "places": {
        **SITE,
        **MOVE,
        "rotation_deg": "screen_report.col_rotation",
        "east_m": "screen_report.col_east_m",
        "north_m": "screen_report.col_north_m",
        **AREA,
        **JUDGED,
        **LIMITS,
    },
    "shifts": {**SITE, **MOVE},
}


def write_screening_geopackage(
    screening: Screening, path: Path, *, language: Language | None = None, crs: CRS | None = None
) -> None:
    """Write sites, pieces, findings and suggestions for a geographic information system.

    Parameters
    ----------
    screening
        From `spatialplan.screen_sites`.
    path
        Where ``screening.gpkg`` is to stand; an earlier one stays until the new one is whole.
    language
        Of field aliases, legends and sentences; default: the plan's.
    crs
        The CRS that the geometry is written in; default: the screening's working CRS.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    spoken = language or screening.plan.header.language
    target = screening.crs if crs is None else crs
    recorder = Recorder(screening, spoken)
    placed = place_shapes(list(screening.sites.geometry), screening.sites.plane, target)
    tables = [
        _site_table(recorder, placed, target),
        _piece_table(recorder, target),
        *_suggestion_tables(recorder, placed, target),
        _attributes("unplaced_sites", list(_unplaced(recorder, placed)), spoken),
        _attributes("findings", list(recorder.layers()), spoken),
        _attributes("not_evaluated", list(recorder.open_points()), spoken),
    ]
    write_package(tables, path, description=_describe(screening, spoken))


def _describe(screening: Screening, language: Language) -> str:
    """Say in a few sentences what the file is, what it rests on, and what it is not."""
    header = screening.plan.header
    made_up = header.demonstration or screening.sites.demonstration
    notice = header.demonstration_notice or screen_word("demonstration", language)
    parts = [
        header.title,
        screen_word(
            "terms_line",
            language,
            date=screening.day.isoformat(),
            rulebook=screening.rulebook.edition,
            kind=asked_kind(screening, language),
        ),
        tolerance_text(screening.tolerance, language),
        *([notice] if made_up else []),
        *place_lines(named_sources(screening, language), language),
    ]
    text = (
        screen_word("disclaimer", language) + " " + screen_word("separator", language).join(parts)
    )
    return plain_text(text)


def _site_table(recorder: Recorder, placed: NDArray[np.object_], crs: CRS) -> Table:
    rows = np.flatnonzero(~shapely.is_missing(placed))
    records = [recorder.site(recorder.screening.findings[row]) for row in rows]
    return _located("sites", records, as_multipolygons(placed[rows]), crs, recorder.language)


def _unplaced(recorder: Recorder, placed: NDArray[np.object_]) -> Iterator[dict[str, Any]]:
    for row in np.flatnonzero(shapely.is_missing(placed)):
        yield recorder.unplaced(recorder.screening.findings[row])


def _piece_table(recorder: Recorder, crs: CRS) -> Table:
    listed = list(listed_pieces(recorder.screening))
    records = [recorder.piece(number, *found) for number, found in enumerate(listed, start=1)]
    shapes = [piece.geometry for _, _, piece in listed]
    placed = place_shapes(shapes, recorder.screening.sites.plane, crs)
    return _located("pieces", records, as_multipolygons(placed), crs, recorder.language)


def _suggestion_tables(
    recorder: Recorder, sites: NDArray[np.object_], crs: CRS
) -> tuple[Table, Table, Table]:
    found, plane = recorder.suggestions, recorder.screening.sites.plane
    free = place_shapes([suggestion.free.geometry for _, suggestion in found], plane, crs)
    places: list[tuple[int, FreePlace]] = [
        (suggestion.row, place) for _, suggestion in found for place in suggestion.places
    ]
    placed = place_shapes([place.geometry for _, place in places], plane, crs)
    free_records = [recorder.free_part(*pair) for pair in found]
    records = [record for pair in found for record in recorder.places(*pair)]
    starts = sites[[row for row, _ in places]]
    moved = np.array([bool(place.east_m or place.north_m) for _, place in places], dtype=bool)
    lines = _shift_lines(starts, placed, moved)
    language = recorder.language
    return (
        _located("free_parts", free_records, as_multipolygons(free), crs, language),
        _located("places", records, as_multipolygons(placed), crs, language),
        _located("shifts", records, lines, crs, language),
    )


def _shift_lines(
    starts: NDArray[np.object_], ends: NDArray[np.object_], moved: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Lines from the centroids of sites to those of places; None where nothing moved."""
    lines = np.full(len(starts), None, dtype=object)
    if moved.any():
        centroids = np.stack([shapely.centroid(starts), shapely.centroid(ends)], axis=1)[moved]
        lines[moved] = shapely.linestrings(shapely.get_coordinates(centroids).reshape(-1, 2, 2))
    return lines


def _located(
    name: str,
    records: Sequence[Mapping[str, Any]],
    shapes: NDArray[np.object_],
    crs: CRS,
    language: Language,
) -> Table:
    aliases = _aliases(name, language)
    frame = locate(make_frame(records, aliases), shapes, crs)
    geometry: GeometryType = "LineString" if name == "shifts" else "MultiPolygon"
    style = _style(name, aliases, language)
    title = phrase(f"screen_gpkg.table_{name}", language)
    return Table(name, title, frame, aliases, geometry, style)


def _attributes(name: str, records: Sequence[Mapping[str, Any]], language: Language) -> Table:
    aliases = _aliases(name, language)
    title = phrase(f"screen_gpkg.table_{name}", language)
    return Table(name, title, make_frame(records, aliases), aliases)


def _style(name: str, aliases: Mapping[str, str], language: Language) -> str:
    if name in SUGGESTED or "verdict" not in FIELDS[name]:
        kind: SymbolKind = "line" if name == "shifts" else "fill"
        return single_style(SUGGESTION_COLOUR, kind=kind, aliases=aliases)
    word_of = ground_word if name == "pieces" else verdict_word
    categories = tuple(
        Category(verdict.value, word_of(verdict, language), colour)
        for verdict, colour in VERDICT_COLOURS.items()
    )
    return categorised_style("verdict", categories, kind="fill", aliases=aliases)


def _aliases(name: str, language: Language) -> dict[str, str]:
    return {field: phrase(key, language) for field, key in FIELDS[name].items()}
