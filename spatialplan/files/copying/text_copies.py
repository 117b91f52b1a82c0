"""Repaired copies of GeoJSON and GeoParquet files: everything else in the file stays as it says.

GeoJSON goes through neither GDAL nor Arrow: read by them, a whole number of 64 bits would come back
as a decimal, and members that they do not know would be lost.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely
from pyproj import CRS

from spatialplan.errors import Fault, OutputError
from spatialplan.files.copying.copies import TableCopy, require_rows, require_same_shapes
from spatialplan.files.parquet import open_parquet, parquet_bytes
from spatialplan.files.sources import Place
from spatialplan.messages import say

__all__ = ["is_feature_collection", "read_geojson", "write_geojson", "write_geoparquet"]

DEGREES = "urn:ogc:def:crs:OGC:1.3:CRS84"


def read_geojson(place: Place) -> dict[str, Any]:
    """Read a GeoJSON file as it is written.

    Raises
    ------
    ValueError, OSError
        If it is no JSON in UTF-8.
    """
    document = json.loads(parquet_bytes(place.file, place.inside).decode("utf-8-sig"))
    return document if isinstance(document, dict) else {}


def is_feature_collection(document: dict[str, Any]) -> bool:
    """Tell whether a document is GeoJSON's list of features, and not another kind of JSON."""
    return document.get("type") == "FeatureCollection"


def write_geojson(document: dict[str, Any], copy: TableCopy, path: Path) -> None:
    """Write a repaired GeoJSON file, a feature a line.

    Raises
    ------
    OutputError
        If the file does not hold the rows that were repaired, or does not read back the same.
    """
    features = document["features"]
    require_rows(copy, len(features))
    for row in np.flatnonzero(copy.changed).tolist():
        features[row]["geometry"] = shapely.geometry.mapping(copy.shapes[row])
        features[row].pop("bbox", None)
    for (row, name), text in copy.edits.items():
        features[row]["properties"][name] = _like(features[row]["properties"].get(name), text)
    for name, values in copy.new_fields.items():
        for row, feature in enumerate(features):
            feature["properties"] = {**(feature["properties"] or {}), name: values.get(row)}
    head = {key: value for key, value in document.items() if key not in ("features", "bbox")}
    if copy.crs_is_new and copy.crs is not None:
        head["crs"] = {"type": "name", "properties": {"name": _urn(copy.crs)}}
    lines = ",\n".join(_text(features[row]) for row in copy.kept.tolist())
    members = "".join(f"{_text(key)}: {_text(value)},\n" for key, value in head.items())
    path.write_text(f'{{\n{members}"features": [\n{lines}\n]\n}}\n', "utf-8", newline="\n")
    found = pyogrio.raw.read(path, columns=[])[2]
    require_same_shapes(copy, np.array(shapely.from_wkb(found), dtype=object), tolerance=0.0)


def write_geoparquet(copy: TableCopy, path: Path) -> None:
    """Write a repaired GeoParquet file.

    Raises
    ------
    OutputError
        If it stores geometry in another way than WKB, or does not read back the same.
    """
    import pyarrow as pa
    from pyarrow import parquet

    from spatialplan.files.copying.arrow_copy import edit_columns, require_same_values

    where = copy.place.path
    table, described = open_parquet(copy.place.file, copy.place.inside)
    require_rows(copy, len(table))
    if described is None or described["encoding"] != "WKB":
        found = described["encoding"] if described else "?"
        raise OutputError(Fault(where, say("repaired.parquet_encoding", found=found)))
    name, said = described["name"], dict(table.schema.metadata)
    place = table.column_names.index(name)
    blobs = table.column(place).to_pylist()
    rows = np.flatnonzero(copy.changed)
    for row, blob in zip(rows, shapely.to_wkb(copy.shapes[rows], flavor="iso"), strict=True):
        blobs[row] = blob
    field = table.schema.field(place)
    table = edit_columns(table.set_column(place, field, pa.array(blobs, type=field.type)), copy)
    said[b"geo"] = _described_anew(json.loads(said[b"geo"]), name, copy)
    table = table.replace_schema_metadata(said)
    parquet.write_table(table, path)
    require_same_values(table, parquet.read_table(path), where)


def _described_anew(geo: dict[str, Any], name: str, copy: TableCopy) -> bytes:
    """Return what the file says of its geometry, without what repair made untrue."""
    column = geo["columns"][name]
    if copy.changed.any() or len(copy.kept) < len(copy.shapes):
        column.pop("bbox", None)
        column["geometry_types"] = []  # by the specification: not known
    if copy.crs_is_new and copy.crs is not None:
        column["crs"] = copy.crs.to_json_dict()
    return json.dumps(geo, ensure_ascii=False).encode()


def _like(value: object, text: str) -> object:
    """Return a new value of the kind of the old one."""
    return int(text) if isinstance(value, int) else text


def _urn(crs: CRS) -> str:
    authority = crs.to_authority()
    return f"urn:ogc:def:crs:{authority[0]}::{authority[1]}" if authority else DEGREES


def _text(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character, which only an escape can write
        return json.dumps(value)
    return text
