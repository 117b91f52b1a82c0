"""Delivered files with awkward values, in every format, and what another program reads in them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fiona
import pyarrow as pa
import pyogrio
import shapely

from spatialplan.files import find_tables, read_delivery
from spatialplan.layers import Delivery
from spatialplan.plan import Role

from .planted import polygon

__all__ = ["SHAPES", "deliver", "make_shapefile", "read_as_another", "write_format"]

# A parcel with a vertex too many, a sound one, one without geometry, a bow-tie.
SHAPES = (
    polygon([(0, 0), (100, 0), (100, 0), (100, 100.123456789), (0, 100)]),
    polygon([(200, 0), (300, 0), (300, 100), (200, 100)]),
    None,
    polygon([(400, 0), (500, 100), (500, 0), (400, 100)]),
)
KINDS = {
    "BSM": pa.string(),
    "地类名称": pa.string(),
    "DLBM": pa.string(),
    "KURZ": pa.int16(),
    "ZAHL": pa.int32(),
    "LANG": pa.int64(),
    "MJ": pa.float64(),
    "TAG": pa.date32(),
}
DAY = datetime.date(2024, 5, 1)
ROWS = (
    ("230184000000000001", "水田", "0101", 3, 5, 2**53 + 1, 1.25, DAY),
    ("230184000000000002", "=HYPERLINK(1)", " ０１０３", -3, -(2**31), -(2**62), 1e300, DAY),
    (None, None, None, None, None, None, None, None),
    ("", '𠮷"<\n', "", 0, 0, 0, 0.1, datetime.date(1899, 1, 1)),
)
WIDTHS = {"BSM": 18, "地类名称": 50, "DLBM": 5}
DRIVERS = {".gpkg": "GPKG", ".gdb": "OpenFileGDB", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf"}


def write_format(path: Path, *, table: str = "DLTB", shapes: Sequence[Any] = SHAPES) -> Path:
    """Write the awkward table in the format that the path's suffix names."""
    fields = [
        pa.field(
            name, kind, metadata={"GDAL:OGR:width": str(WIDTHS[name])} if name in WIDTHS else None
        )
        for name, kind in KINDS.items()
        if path.suffix != ".fgb" or kind != pa.date32()
    ]
    values = dict(zip(KINDS, zip(*ROWS, strict=True), strict=True))
    columns = [pa.array(list(values[field.name]), type=field.type) for field in fields]
    wkb = {"ARROW:extension:name": "geoarrow.wkb"}
    fields.append(pa.field("geometry", pa.binary(), metadata=wkb))
    columns.append(pa.array(shapely.to_wkb(shapes).tolist(), type=pa.binary()))
    options = {
        ".gdb": {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"},
        ".fgb": {"SPATIAL_INDEX": "NO"},
    }
    pyogrio.write_arrow(
        pa.Table.from_arrays(columns, schema=pa.schema(fields)),
        path,
        layer=table,
        driver=DRIVERS[path.suffix],
        geometry_name="geometry",
        geometry_type="Polygon",
        crs="EPSG:4530",
        layer_options=options.get(path.suffix, {}),
    )
    return path


def make_shapefile(
    path: Path, rows: Sequence[dict[str, Any]], shapes: Sequence[Any], *, encoding: str = "GB18030"
) -> Path:
    """Write a shapefile with text 12 bytes wide, whole numbers, decimals and dates."""
    kinds = {"BSM": "str:12", "地类名称": "str:12", "MJ": "float:16.2", "TAG": "date"}
    with fiona.open(
        path,
        "w",
        driver="ESRI Shapefile",
        crs="EPSG:4530",
        encoding=encoding,
        schema={"geometry": "Polygon", "properties": kinds},
    ) as file:
        for row, shape in zip(rows, shapes, strict=True):
            geometry = shapely.geometry.mapping(shape) if shape is not None else None
            file.write({"geometry": geometry, "properties": {**dict.fromkeys(kinds), **row}})
    return path


def deliver(*paths: Path, role: Role = "land_parcel", **spec: Any) -> list[Delivery]:
    """Read every table of files as land parcels."""
    found = []
    for table in find_tables(paths).tables:
        wanted = table.spec.model_copy(update={"role": role, **spec})
        found.append(read_delivery(wanted, directory=Path()))
    return found


def read_as_another(path: Path, table: str | None = None, **options: Any) -> tuple[Any, list[Any]]:
    """Read schema and records with another program than the one that wrote them."""
    with fiona.open(path, layer=table, **options) as file:
        return file.schema, [
            (dict(record["properties"]), record["geometry"] is not None) for record in file
        ]
