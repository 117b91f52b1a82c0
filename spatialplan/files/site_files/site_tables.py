"""Sites in CSV files and Excel workbooks: a row a site with WKT, or a row a boundary point.

Columns are recognised by their names in Chinese and English. Chinese surveys call the northing X,
everyone else the easting: where a column is just called X or Y, the values decide (a northing in
China has seven digits, an easting six, or eight with the zone number), and what was taken is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from spatialplan.crs import parse_crs
from spatialplan.errors import Fault, SourceError
from spatialplan.files.site_files.grids import Grid, read_csv, read_workbook
from spatialplan.files.site_files.site_points import (
    COORDINATES,
    bare_name,
    damaged_rows,
    has_coordinates,
    read_point_rows,
)
from spatialplan.files.site_files.texts import FileContent
from spatialplan.findings import Severity
from spatialplan.layers import Source
from spatialplan.messages import say
from spatialplan.sites import Doubt, FieldChoice, Submission, describe_sites, settle_crs

__all__ = ["TABLES", "read_site_table", "unique_names"]

TABLES = {".csv": "CSV", ".xlsx": "XLSX", ".xlsm": "XLSX"}
WKT_COLUMNS = ("wkt", "wktgeom", "geometry", "geom", "thegeom", "图形", "几何", "几何图形")
# A title may stand above the names of the columns.
HEADER_ROWS = 20
WORDS = (*WKT_COLUMNS, *(name for names in COORDINATES.values() for name in names if len(name) > 1))
EWKT = re.compile(r"\s*SRID\s*=\s*(\d+)\s*;", re.IGNORECASE)
# Collections within collections deeper than this are no geometry but an attack on the parser.
DEEPEST_COLLECTION = 16


@dataclass(frozen=True, slots=True)
class _Table:
    """A sheet whose columns were understood; the index of `frame` is the row in the file."""

    name: str
    frame: pd.DataFrame
    wkt: str | None


def read_site_table(
    file: FileContent,
    *,
    crs: str | None,
    encoding: str | None,
    table: str | None,
    choice: FieldChoice,
) -> Submission:
    """Read sites from a CSV file or a workbook.

    Raises
    ------
    SourceError
        If it cannot be read, or no column or several sheets could hold the geometry.
    CrsError
        If no CRS is stated.
    """
    if TABLES[file.suffix] == "CSV":
        grids, found = read_csv(file, encoding=encoding, words=WORDS)
    else:
        grids, found = read_workbook(file)
    chosen = _choose_table(grids, table, file.path)
    source = Source(file.path, TABLES[file.suffix], chosen.name, str(found), file.sha256, 0)
    if chosen.wkt is None:
        return read_point_rows(chosen.frame, source, crs=crs, choice=choice)
    return _submit_wkt(chosen, chosen.wkt, source, crs, choice)


def _choose_table(grids: Mapping[str, Grid], wanted: str | None, where: str) -> _Table:
    if wanted and wanted not in grids and "" not in grids:
        message = say("source.no_table", found=wanted, known=", ".join(grids))
        raise SourceError(Fault(where, message))
    named = {name: grid for name, grid in grids.items() if not wanted or name in {wanted, ""}}
    tables = [found for name, grid in named.items() if (found := _understand(name, grid))]
    if len(tables) > 1:
        message = say("source.several", found=", ".join(found.name for found in tables))
        raise SourceError(Fault(where, message))
    if not tables:
        if not any(any(row) for grid in named.values() for row in grid):
            raise SourceError(Fault(where, say("site.none")))
        raise SourceError(Fault(where, say("site.no_coordinates", columns=_first_names(named))))
    if not len(tables[0].frame):
        raise SourceError(Fault(where, say("site.none")))
    return tables[0]


def _understand(name: str, grid: Grid) -> _Table | None:
    """Find the row of column names; None where no row names coordinates or WKT."""
    for position, row in enumerate(grid[:HEADER_ROWS]):
        names = unique_names(row)
        bare = [bare_name(text) for text in names]
        wkt = next((names[bare.index(known)] for known in WKT_COLUMNS if known in bare), None)
        if wkt is None and not has_coordinates(names):
            continue
        rows = [_fit(cells, len(names)) for cells in grid[position + 1 :]]
        frame = pd.DataFrame(rows, columns=names, dtype=object)
        frame.index = pd.RangeIndex(position + 2, position + 2 + len(rows))
        frame = frame[(frame != "").any(axis=1)] if len(frame) else frame
        return _Table(name, frame, wkt)
    return None


def unique_names(row: Sequence[str]) -> list[str]:
    """Return names of columns, each once; a blank one is called by its position."""
    names: list[str] = []
    for position, text in enumerate(row):
        name = text or f"#{position + 1}"
        names.append(name if name not in names else f"{name} ({position + 1})")
    return names


def _fit(cells: Sequence[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


def _first_names(grids: Mapping[str, Grid]) -> str:
    rows = [row for grid in grids.values() for row in grid[:1]]
    return ", ".join(text[:30] for row in rows for text in row[:12] if text) or "-"


def _submit_wkt(
    table: _Table, column: str, source: Source, crs: str | None, choice: FieldChoice
) -> Submission:
    frame, where = table.frame, source.path
    matches = [EWKT.match(text) for text in frame[column]]
    codes = [match[1].lstrip("0") if match else "" for match in matches]
    shapes = np.full(len(frame), None, dtype=object)
    doubts: list[Doubt] = []
    for row, (text, match) in enumerate(zip(frame[column], matches, strict=True)):
        shapes[row] = _parse_wkt(text[match.end() :] if match else text) if text else None
        if text and shapes[row] is None:
            message = say("site.wkt_unread", text=text[:60])
            doubts.append(Doubt(row, "wkt_unread", Severity.ERROR, message))
    expected = next((code for code in codes if code not in {"", "0"}), "")
    for row, code in enumerate(codes):
        if code and code != expected:
            message = say("site.other_srid", found=code, expected=expected)
            doubts.append(Doubt(row, "other_srid", Severity.ERROR, message))
    found = parse_crs(f"EPSG:{expected}", where=where) if expected else None
    attributes = frame.drop(columns=column).reset_index(drop=True)
    stated, assumed = settle_crs(found, crs, where=where)
    return Submission(
        attributes=describe_sites(attributes, choice, where=where),
        shapes=shapes,
        places=np.array([say("site.row", row=row) for row in frame.index], dtype=object),
        crs=stated,
        crs_assumed=assumed,
        source=replace(source, features=len(frame)),
        doubts=(*damaged_rows(attributes), *doubts),
    )


def _parse_wkt(text: str) -> BaseGeometry | None:
    if text.upper().count("COLLECTION") > DEEPEST_COLLECTION:
        return None
    try:
        return shapely.from_wkt(text, on_invalid="ignore")
    except (ShapelyError, NotImplementedError, TypeError, ValueError):
        return None
