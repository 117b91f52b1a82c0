"""How results become a GeoPackage: typed tables, QGIS styles and readable field names inside.

A table has the same fields whether anything was found or not, and a name of a field means one type
in every table. Styles for QGIS lie in `layer_styles`, readable field names both there and in
`gpkg_data_columns`. Times are fixed, so that the same result gives the same content.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.area import unproject
from spatialplan.crs import Plane
from spatialplan.errors import Fault, OutputError
from spatialplan.files import replace_atomically
from spatialplan.messages import say
from spatialplan.reports.wording import plain_text

__all__ = [
    "GeometryType",
    "Table",
    "as_multipoints",
    "as_multipolygons",
    "locate",
    "make_frame",
    "place_shapes",
    "write_package",
]

GeometryType = Literal["MultiPolygon", "MultiPoint", "LineString", "MultiLineString"]

# A fixed day, so that the same result gives the same content.
WRITTEN = "2000-01-01T00:00:00.000Z"

# Newer ones make programs of some years ago, still on many desks, warn or refuse.
VERSION = "1.2"

NUMBERS = frozenset(
    (
        *("area_m2", "area_ha", "thinness", "width_m", "northing", "easting", "share"),
        *("required", "required_ha", "attribute_ha", "measured_ha", "planar_ha"),
        *("margin_ha", "margin", "stated_ha", "overlap_m2", "overlap_ha", "net_m2"),
        *("outside_m2", "sliver_m2", "length_m", "distance_m", "clearance_m", "radius_m"),
        *("step_m", "bearing_deg", "rotation_deg", "east_m", "north_m", "measured"),
        *("longitude", "latitude", "grown_m2"),
    )
)
INTEGERS = frozenset(("number", "count", "year", "rank", "places"))

POLYGON = 3

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
ADD_ALIAS = """
INSERT INTO gpkg_data_columns (table_name, column_name, name, title) VALUES (?, ?, ?, ?)
"""


# What GDAL calls the column of geometry.
GEOMETRY = "geom"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a GeoPackage.

    Attributes
    ----------
    name, title
        Its name for programs and for people.
    frame
        Its rows; a GeoDataFrame where the table has geometry.
    aliases
        What a reader sees in place of each field's name, in the fields' order; no two alike.
    geometry
        Kind of geometry; None for a table of attributes.
    style
        Its QGIS style (QML), or None.
    """

    name: str
    title: str
    frame: pd.DataFrame
    aliases: Mapping[str, str]
    geometry: GeometryType | None = None
    style: str | None = None


def make_frame(records: Sequence[Mapping[str, Any]], fields: Iterable[str]) -> pd.DataFrame:
    """Return records as typed columns, so that an empty table has the same fields as a full one.

    Numbers may be None; text loses what could steer a reader's program.
    """
    columns = {}
    for field in fields:
        values = [record[field] for record in records]
        if field in NUMBERS:
            columns[field] = pd.Series(values, dtype="float64")
        elif field in INTEGERS:
            columns[field] = pd.Series(values, dtype="int64")
        else:
            texts = {value: None if value is None else plain_text(value) for value in set(values)}
            columns[field] = pd.Series([texts[value] for value in values], dtype=object)
    return pd.DataFrame(columns)


def place_shapes(
    shapes: Sequence[BaseGeometry | None], plane: Plane | None, crs: CRS
) -> NDArray[np.object_]:
    """Take geometry from the plane of judgement to the CRS of the file, all of it at once.

    Parameters
    ----------
    shapes
        None stands for what has no place.
    plane
        None where nothing has a place.
    """
    placed = np.full(len(shapes), None, dtype=object)
    if plane is not None:
        placed[:] = shapes
        filled = ~shapely.is_missing(placed)
        placed[filled] = unproject(placed[filled], plane, crs)
    return placed


def locate(frame: pd.DataFrame, shapes: NDArray[np.object_], crs: CRS) -> gpd.GeoDataFrame:
    """Put geometry, object[rows] in `crs`, beside the fields of a table."""
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)


def as_multipolygons(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the ground of each shape as one multipolygon; None where it has none."""
    parts, rows = shapely.get_parts(shapes, return_index=True)
    areal = (shapely.get_type_id(parts) == POLYGON) & ~shapely.is_empty(parts)
    return _gather(parts[areal], rows[areal], len(shapes), shapely.multipolygons)


def as_multipoints(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point on every part of each shape, as one multipoint; None where it has none."""
    parts, rows = shapely.get_parts(shapes, return_index=True)
    filled = ~shapely.is_empty(parts)
    points = shapely.point_on_surface(parts[filled])
    return _gather(points, rows[filled], len(shapes), shapely.multipoints)


def _gather(
    parts: NDArray[np.object_], rows: NDArray[np.int64], count: int, gather: Callable[..., Any]
) -> NDArray[np.object_]:
    found = np.full(count, None, dtype=object)
    if len(parts):
        gather(parts, indices=rows, out=found)
    return found


def write_package(tables: Sequence[Table], path: Path, *, description: str = "") -> None:
    """Write tables as a GeoPackage; an earlier file stays until the new one is whole.

    Parameters
    ----------
    description
        Said of every table: what the file is, and what it is not.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with replace_atomically(path) as temporary:
        try:
            for table in tables:
                _write_table(table, temporary, description)
            with closing(sqlite3.connect(temporary)) as database:
                _describe_tables(database, tables)
                _require_whole(database, tables)
        except (DataSourceError, DataLayerError, sqlite3.Error) as error:
            raise OutputError(Fault(str(path), say("output.failed", reason=str(error)))) from None


def _write_table(table: Table, path: Path, description: str) -> None:
    pyogrio.write_dataframe(
        table.frame,
        path,
        driver="GPKG",
        layer=table.name,
        geometry_type=table.geometry,
        layer_options={
            "IDENTIFIER": f"{table.title} ({table.name})",
            **({"DESCRIPTION": description} if description else {}),
        },
        dataset_options={"VERSION": VERSION},
    )


def _describe_tables(database: sqlite3.Connection, tables: Sequence[Table]) -> None:
    """Add styles and aliases, and put fixed times in place of the clock's."""
    database.execute(MAKE_STYLES)
    database.execute(REGISTER_STYLES, (WRITTEN,))
    database.execute(MAKE_ALIASES)
    database.execute(REGISTER_ALIASES)
    for table in tables:
        if table.style:
            values = (table.name, table.name, table.style, table.title, WRITTEN)
            database.execute(ADD_STYLE, values)
        rows = [(table.name, field, alias, alias) for field, alias in table.aliases.items()]
        database.executemany(ADD_ALIAS, rows)
    database.execute("UPDATE gpkg_contents SET last_change = ?", (WRITTEN,))
    database.commit()


def _require_whole(database: sqlite3.Connection, tables: Sequence[Table]) -> None:
    """Raise `sqlite3.DatabaseError` where rows or their spatial index are missing.

    GDAL writes the index when it closes the file, and a full disk then goes unsaid.
    """
    for table in tables:
        expected = {table.name: len(table.frame)}
        if table.geometry is not None:
            shapes = table.frame.geometry
            there = int((~(shapes.isna() | shapes.is_empty)).sum())
            expected[f"rtree_{table.name}_{GEOMETRY}_rowid"] = there
        for name, rows in expected.items():
            written = database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            if written != rows:
                raise sqlite3.DatabaseError(f"{name}: {written} / {rows}")
