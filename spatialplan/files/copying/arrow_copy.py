"""A repaired copy of a table in a database format, column by column through Arrow.

Arrow keeps what a table of numbers and texts would lose: whole numbers of 64 bits beside missing
values, dates, short integers, binary values, and the widths of text fields. Geometry goes beside
it: the Arrow stream of FlatGeobuf is damaged where a feature has no geometry (GDAL 3.12).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray

from spatialplan.errors import Fault, OutputError
from spatialplan.files.copying.copies import TableCopy, require_rows, require_same_shapes
from spatialplan.messages import Message, say

__all__ = [
    "Columns",
    "copy_columns",
    "edit_columns",
    "read_columns",
    "require_same_values",
    "salvaged_columns",
    "write_columns",
]

# What GDAL calls a geometry column that has no name of its own.
NAMELESS = "wkb_geometry"
WKB = {"ARROW:extension:name": "geoarrow.wkb"}
# Kinds of columns that a FileGDB holds only in the format of ArcGIS Pro 3.2 and later.
RECENT_KINDS = (pa.types.is_int64, pa.types.is_date, pa.types.is_time)
# A FileGDB stores coordinates as whole steps: a micrometre, or as small a part of a degree.
GRID_M, GRID_DEGREES = 1e-6, 1e-12
# The grid begins so far south-west of the data, in metres or degrees, for what may be added later.
ROOM_M, ROOM_DEGREES = 100_000.0, 1.0
DEGREES = 360.0


@dataclass(frozen=True, slots=True)
class Columns:
    """A table of a data set.

    Attributes
    ----------
    attributes
        An Arrow table of all fields but geometry.
    blobs
        Geometry as WKB, None where a feature has none; None for a table without geometry.
    geometry, kind, crs, fid
        The name of the geometry column, the kind and CRS that the table declares, and the name of
        the format's own number of a record.
    """

    attributes: Any
    blobs: NDArray[np.object_] | None
    geometry: str
    kind: str
    crs: str | None
    fid: str


def read_columns(address: str, table: str) -> Columns:
    """Read a table of a data set, every column as it is."""
    info = pyogrio.read_info(address, layer=table)
    _, attributes = pyogrio.read_arrow(address, layer=table, read_geometry=False)
    kind = info["geometry_type"]
    blobs = None
    if kind is not None:
        blobs = pyogrio.raw.read(address, layer=table, columns=[])[2]
    name = str(info["geometry_name"] or NAMELESS)
    return Columns(attributes, blobs, name, str(kind), info["crs"], str(info["fid_column"]))


def salvaged_columns(copy: TableCopy) -> Columns:
    """Make columns of what could be read of a damaged table; mixed kinds of values become text."""
    frame = copy.salvaged if copy.salvaged is not None else pd.DataFrame()
    attributes = pa.table({str(name): _as_column(frame[name]) for name in frame.columns})
    blobs = np.array(shapely.to_wkb(copy.shapes[copy.kept], flavor="iso"), dtype=object)
    crs = None if copy.crs is None else copy.crs.to_wkt()
    return Columns(attributes, blobs, "geom", "Unknown", crs, "fid")


def _as_column(values: pd.Series[Any]) -> Any:
    try:
        column = pa.Array.from_pandas(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        column = None
    if column is None or pa.types.is_nested(column.type):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    # A column without a single value has no kind of its own, and would be left out.
    return column.cast(pa.string()) if pa.types.is_null(column.type) else column


def copy_columns(columns: Columns, copy: TableCopy) -> Columns:
    """Put repaired geometry and new values into a table.

    Raises
    ------
    OutputError
        If the table does not hold the rows that were repaired, or a value does not fit its field.
    """
    require_rows(copy, len(columns.attributes))
    shapes, kind = copy.shapes.copy(), columns.kind
    if _must_be_multi(kind, shapes):
        single = np.flatnonzero(shapely.get_type_id(shapes) == 3)
        shapes[single] = shapely.multipolygons(shapes[single], indices=np.arange(len(single)))
        kind = kind.replace("Polygon", "MultiPolygon")
    if not shapely.has_z(shapes).any():
        kind = kind.replace("2.5D ", "").removesuffix(" Z")
    is_new = copy.crs_is_new and copy.crs is not None
    return replace(
        columns,
        attributes=edit_columns(columns.attributes, copy),
        blobs=np.array(shapely.to_wkb(shapes[copy.kept], flavor="iso"), dtype=object),
        kind=kind,
        crs=copy.crs.to_wkt() if is_new and copy.crs is not None else columns.crs,
    )


def edit_columns(attributes: Any, copy: TableCopy) -> Any:
    """Put new values and fields into an Arrow table, and keep the rows that the copy holds."""
    for name, values in copy.values_by_field().items():
        place = attributes.column_names.index(name)
        field = attributes.schema.field(place)
        edited = _with_values(attributes.column(place), values, copy, name)
        attributes = attributes.set_column(place, field, pa.array(edited, type=field.type))
    for name, values in copy.new_fields.items():
        added = [values.get(row) for row in range(len(attributes))]
        attributes = attributes.append_column(name, pa.array(added, type=pa.string()))
    return attributes.take(pa.array(copy.kept))


def write_columns(
    columns: Columns, path: Path, *, table: str, driver: str, copy: TableCopy | None = None
) -> list[Message]:
    """Write a table into a data set, beside those it holds already, and read it back.

    Raises
    ------
    OutputError
        If what was written does not read back the same.
    """
    has_geometry = columns.blobs is not None
    pyogrio.write_arrow(
        _with_geometry(columns),
        path,
        layer=table,
        driver=driver,
        geometry_name=columns.geometry if has_geometry else None,
        geometry_type=columns.kind if has_geometry else None,
        crs=columns.crs,
        layer_options=_layer_options(columns, driver),
    )
    back = read_columns(str(path), table)
    require_same_values(columns.attributes, back.attributes, f"{path.name} ({table})")
    if copy is None:
        return []
    found = np.array(shapely.from_wkb(back.blobs), dtype=object)
    stepped = driver == "OpenFileGDB"
    require_same_shapes(copy, found, tolerance=_grid(columns)[0] if stepped else 0.0)
    return [say("repaired.gdb_grid")] if stepped else []


def require_same_values(wanted: Any, found: Any, where: str) -> None:
    """Compare Arrow tables, column by column.

    Raises
    ------
    OutputError
        With every column that is missing or differs.
    """
    faults = [
        Fault(f"{where} [{name}]", say("repaired.values_differ"))
        for name in wanted.column_names
        if name not in found.column_names or not _are_equal(wanted[name], found[name])
    ]
    if faults:
        raise OutputError(faults)


def _with_geometry(columns: Columns) -> Any:
    if columns.blobs is None:
        return columns.attributes
    field = pa.field(columns.geometry, pa.binary(), metadata=WKB)
    return columns.attributes.append_column(field, pa.array(list(columns.blobs), type=pa.binary()))


def _must_be_multi(kind: str, shapes: NDArray[np.object_]) -> bool:
    """Tell whether a table of single polygons holds multipolygons now."""
    single = "Polygon" in kind and "Multi" not in kind
    return bool(single and (shapely.get_type_id(shapes) == 6).any())


def _with_values(
    column: Any, values: dict[int, str], copy: TableCopy, name: str
) -> Sequence[object]:
    found: list[object] = column.to_pylist()
    text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    read = str if text else float if pa.types.is_floating(column.type) else int
    for row, value in values.items():
        try:
            found[row] = read(value)
        except ValueError:
            message = say("repaired.value_unfit", field=name, found=value)
            raise OutputError(Fault(copy.place.path, message)) from None
    return found


def _layer_options(columns: Columns, driver: str) -> dict[str, str]:
    options = {}
    if driver in ("GPKG", "OpenFileGDB"):
        if columns.fid:
            options["FID"] = columns.fid
        if columns.blobs is not None:
            options["GEOMETRY_NAME"] = columns.geometry
    if driver == "FlatGeobuf":
        options["SPATIAL_INDEX"] = "NO"  # it would sort the features
    if driver == "OpenFileGDB":
        if any(test(field.type) for field in columns.attributes.schema for test in RECENT_KINDS):
            options["TARGET_ARCGIS_VERSION"] = "ARCGIS_PRO_3_2_OR_LATER"
        if columns.blobs is not None:
            step, west, south = _grid(columns)
            scale = f"{1 / step:.0f}"
            options |= {"XORIGIN": f"{west}", "YORIGIN": f"{south}", "XYSCALE": scale}
    return options


def _grid(columns: Columns) -> tuple[float, float, float]:
    """Return step and south-west corner of a FileGDB's grid of coordinates."""
    bounds = shapely.total_bounds(shapely.from_wkb(columns.blobs))
    if not np.isfinite(bounds).all():
        return GRID_M, 0.0, 0.0
    degrees = bool(np.abs(bounds).max() <= DEGREES)
    room = ROOM_DEGREES if degrees else ROOM_M
    west, south = (float(np.floor(edge - room)) for edge in bounds[:2])
    return (GRID_DEGREES if degrees else GRID_M), west, south


def _are_equal(one: Any, other: Any) -> bool:
    if one.type == other.type and one.equals(other):
        return True
    # Another format may name the same value's kind otherwise; NaN is not equal to itself.
    pairs = zip(one.to_pylist(), other.to_pylist(), strict=False)
    return len(one) == len(other) and all(a == b or (a != a and b != b) for a, b in pairs)
