"""A repaired copy of a table in any other format, column by column through Arrow.

Arrow keeps what a table of numbers and texts would lose: whole numbers of 64 bits beside missing
values, dates, short integers, binary values, and the widths of text fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray

from spatialplan.errors import Fault, OutputError
from spatialplan.files.copies import TableCopy, require_same_shapes
from spatialplan.messages import Message, say

__all__ = ["Columns", "copy_columns", "read_columns", "write_columns"]

# What GDAL calls a geometry column that has no name of its own.
NAMELESS = "wkb_geometry"
WKB = {b"ARROW:extension:name": b"geoarrow.wkb"}
# Kinds of columns that a FileGDB holds only in the format of ArcGIS Pro 3.2 and later.
RECENT_KINDS = (pa.types.is_int64, pa.types.is_date, pa.types.is_time)
# A FileGDB stores coordinates as whole steps: a micrometre, or as small a part of a degree.
GRID_M, GRID_DEGREES = 1e-6, 1e-12
# The grid begins so far south-west of the data, in metres or degrees, for what may be added later.
ROOM_M, ROOM_DEGREES = 100_000.0, 1.0
DEGREES = 360.0


@dataclass(frozen=True, slots=True)
class Columns:
    """A table as Arrow columns; `geometry` is the name of one of them, None where it has none."""

    table: Any
    geometry: str | None
    kind: str
    crs: str | None
    fid: str


def read_columns(address: str, table: str) -> Columns:
    """Read a table of a data set, every column as it is."""
    meta, columns = pyogrio.read_arrow(address, layer=table)
    name = meta["geometry_name"] or NAMELESS
    geometry = name if name in columns.column_names else None
    return Columns(columns, geometry, str(meta["geometry_type"]), meta["crs"], meta["fid_column"])


def copy_columns(columns: Columns, copy: TableCopy) -> Columns:
    """Put repaired geometry and new values into a table.

    Raises
    ------
    OutputError
        If the table does not hold the rows that were repaired, or a value does not fit its field.
    """
    table = columns.table
    if columns.geometry is None or len(table) != len(copy.shapes):
        message = say("repaired.rows_differ", found=len(table), expected=len(copy.shapes))
        raise OutputError(Fault(copy.place.path, message))
    blobs = table[columns.geometry].to_pylist()
    shapes = copy.shapes.copy()
    kind = columns.kind
    promoted = _must_be_multi(kind, shapes)
    rows = np.flatnonzero(copy.changed | promoted)
    single = rows[promoted & (shapely.get_type_id(shapes[rows]) == 3)] if promoted else rows[:0]
    if len(single):
        shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(len(single)))
        kind = kind.replace("Polygon", "MultiPolygon")
    for row, blob in zip(rows, shapely.to_wkb(shapes[rows], flavor="iso"), strict=True):
        blobs[row] = blob
    if not shapely.has_z(shapes).any():
        kind = kind.replace("2.5D ", "").removesuffix(" Z")
    table = _replace(table, columns.geometry, blobs)
    for name, values in copy.values_by_field().items():
        table = _replace(table, name, _with_values(table[name], values, copy, name))
    for name, values in copy.new_fields.items():
        added = pa.array([values.get(row) for row in range(len(table))], type=pa.string())
        table = table.append_column(name, added)
    crs = copy.crs.to_wkt() if copy.crs_is_new and copy.crs is not None else columns.crs
    return Columns(table.take(pa.array(copy.kept)), columns.geometry, kind, crs, columns.fid)


def write_columns(
    columns: Columns, path: Path, *, table: str, driver: str, copy: TableCopy | None = None
) -> list[Message]:
    """Write a table into a data set, beside those it holds already, and read it back.

    Raises
    ------
    OutputError
        If what was written does not read back the same.
    """
    options = _layer_options(columns, driver, copy)
    pyogrio.write_arrow(
        columns.table,
        path,
        layer=table,
        driver=driver,
        geometry_name=columns.geometry,
        geometry_type=columns.kind if columns.geometry else None,
        crs=columns.crs,
        layer_options=options,
    )
    back = read_columns(str(path), table)
    _require_same_values(columns, back, path.name, table)
    if copy is None:
        return []
    found = np.array(shapely.from_wkb(back.table[back.geometry].to_pylist()), dtype=object)
    grid = _grid(copy)[0] if driver == "OpenFileGDB" else 0.0
    require_same_shapes(copy, found, tolerance=grid)
    return [say("repaired.gdb_grid")] if driver == "OpenFileGDB" else []


def _must_be_multi(kind: str, shapes: NDArray[np.object_]) -> bool:
    """Tell whether a table of single polygons holds multipolygons now."""
    single = "Polygon" in kind and "Multi" not in kind
    return bool(single and (shapely.get_type_id(shapes) == 6).any())


def _replace(table: Any, name: str, values: Sequence[object]) -> Any:
    place = table.column_names.index(name)
    field = table.schema.field(place)
    return table.set_column(place, field, pa.array(values, type=field.type))


def _with_values(column: Any, values: dict[int, str], copy: TableCopy, name: str) -> list[object]:
    found: list[object] = column.to_pylist()
    text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    read = str if text else float if pa.types.is_floating(column.type) else int
    try:
        for row, value in values.items():
            found[row] = read(value)
    except ValueError:
        message = say("repaired.value_unfit", field=name, found=value)
        raise OutputError(Fault(copy.place.path, message)) from None
    return found


def _layer_options(columns: Columns, driver: str, copy: TableCopy | None) -> dict[str, str]:
    options = {}
    if driver in ("GPKG", "OpenFileGDB"):
        options["FID"] = columns.fid
        if columns.geometry:
            options["GEOMETRY_NAME"] = columns.geometry
    if driver == "FlatGeobuf":
        options["SPATIAL_INDEX"] = "NO"  # it would sort the features
    if driver == "GeoJSON":
        options["COORDINATE_PRECISION"] = "17"
    if driver == "OpenFileGDB":
        if any(test(field.type) for field in columns.table.schema for test in RECENT_KINDS):
            options["TARGET_ARCGIS_VERSION"] = "ARCGIS_PRO_3_2_OR_LATER"
        if copy is not None:
            step, west, south = _grid(copy)
            scale = f"{1 / step:.0f}"
            options |= {"XORIGIN": f"{west}", "YORIGIN": f"{south}", "XYSCALE": scale}
    return options


def _grid(copy: TableCopy) -> tuple[float, float, float]:
    """Return step and south-west corner of a FileGDB's grid of coordinates."""
    bounds = shapely.total_bounds(copy.shapes)
    if not np.isfinite(bounds).all():
        return GRID_M, 0.0, 0.0
    degrees = bool(np.abs(bounds).max() <= DEGREES)
    room = ROOM_DEGREES if degrees else ROOM_M
    west, south = (float(np.floor(edge - room)) for edge in bounds[:2])
    return (GRID_DEGREES if degrees else GRID_M), west, south


def _require_same_values(wanted: Columns, found: Columns, file: str, table: str) -> None:
    faults = []
    for name in wanted.table.column_names:
        if name == wanted.geometry:
            continue
        there = name in found.table.column_names
        if not there or not _are_equal(wanted.table[name], found.table[name]):
            where = f"{file} ({table}) [{name}]"
            faults.append(Fault(where, say("repaired.values_differ")))
    if faults:
        raise OutputError(faults)


def _are_equal(one: Any, other: Any) -> bool:
    if one.type == other.type and one.equals(other):
        return True
    # Another format may name the same value's kind otherwise; NaN is not equal to itself.
    pairs = zip(one.to_pylist(), other.to_pylist(), strict=True)
    return len(one) == len(other) and all(a == b or (a != a and b != b) for a, b in pairs)
