"""Boxes beside geometry: the covering column of GeoParquet 1.1, and where row groups lie by it.

A covering column holds the box of every row's geometry as ``xmin``, ``ymin``, ``xmax``, ``ymax``.
Parquet keeps the least and the greatest value of every row group, so that a reader knows where a
row group lies without reading it.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import parquet

from spatialplan.files.parquet import described_schema, read_description

__all__ = [
    "Boxes",
    "boxes_of",
    "cover",
    "covered_schema",
    "geometry_column",
    "group_boxes",
    "total_box",
]

# West, south, east, north a row, float64[n, 4]; NaN for missing and empty geometry.
Boxes = NDArray[np.float64]

COLUMN = "bbox"
EDGES = ("xmin", "ymin", "xmax", "ymax")
GEOPARQUET = "1.1.0"


def geometry_column(schema: pa.Schema) -> tuple[str, dict[str, Any]] | None:
    """Return the name of the main geometry column and what the file says of it, or None."""
    said = (schema.metadata or {}).get(b"geo")
    if said is None:
        return None
    geometry = read_description(said)
    return geometry.name, dict(geometry.about)


def boxes_of(column: pa.ChunkedArray | pa.Array) -> Boxes:
    """Return the box of every geometry of a column of WKB; NaN for what is no sound WKB."""
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False), on_invalid="ignore")
    boxes: Boxes = shapely.bounds(shapes)
    return boxes


def group_boxes(file: parquet.ParquetFile) -> Boxes:
    """Return the box of every row group, float64[groups, 4], by covering column or by geometry.

    Raises
    ------
    ValueError, OSError
        If the file is damaged, or holds no geometry as WKB.
    """
    found = geometry_column(described_schema(file))
    if found is None:
        raise ValueError("the table has no geometry")
    name, said = found
    covering = said.get("covering", {}).get("bbox")
    if covering is not None:
        boxes = _boxes_by_statistics(file.metadata, covering)
        if boxes is not None:
            return boxes
    groups = range(file.num_row_groups)
    read = [boxes_of(file.read_row_group(group, columns=[name])[name]) for group in groups]
    return np.array([total_box(boxes) for boxes in read]).reshape(-1, 4)


def total_box(boxes: Boxes) -> NDArray[np.float64]:
    """Return the box around boxes; NaN if there is none."""
    known = boxes[~np.isnan(boxes).any(axis=1)]
    if not len(known):
        return np.full(4, np.nan)
    return np.concatenate([known[:, :2].min(axis=0), known[:, 2:].max(axis=0)])


def covered_schema(schema: pa.Schema, box: NDArray[np.float64]) -> pa.Schema:
    """Return the schema of a table with a covering column at its end, in place of a former one."""
    said = json.loads(schema.metadata[b"geo"])
    name = said["primary_column"]
    said["columns"] = {key: about for key, about in said["columns"].items() if key in schema.names}
    column = said["columns"][name]
    former = _covering_name(column)
    kept = [schema.field(place) for place in range(len(schema)) if schema.names[place] != former]
    column["covering"] = {"bbox": {edge: [covering_name(schema), edge] for edge in EDGES}}
    column.pop("bbox", None)
    if not np.isnan(box).any():
        column["bbox"] = [float(edge) for edge in box]
    said["version"] = GEOPARQUET
    fields = [*kept, pa.field(covering_name(schema), _box_type())]
    return pa.schema(fields, {**schema.metadata, b"geo": json.dumps(said).encode()})


def cover(table: pa.Table, boxes: Boxes, schema: pa.Schema) -> pa.Table:
    """Return a table in a schema of `covered_schema`, the box of every row at its end."""
    missing = np.isnan(boxes).any(axis=1)
    edges = [pa.array(edge, mask=missing) for edge in boxes.T]
    column = pa.StructArray.from_arrays(edges, fields=list(_box_type()))
    kept = [table[name] for name in schema.names[:-1]]
    return pa.table([*kept, column], schema=schema)


def covering_name(schema: pa.Schema) -> str:
    """Return the covering column's name: the usual one, unless another column bears it."""
    found = geometry_column(schema)
    former = _covering_name(found[1]) if found else None
    taken = {name for name in schema.names if name != former}
    name = COLUMN
    while name in taken:
        name += "_"
    return name


def _covering_name(column: dict[str, Any]) -> str | None:
    covering = column.get("covering", {}).get("bbox")
    return str(covering["xmin"][0]) if covering else None


def _box_type() -> pa.StructType:
    return pa.struct([pa.field(edge, pa.float64()) for edge in EDGES])


def _boxes_by_statistics(metadata: Any, covering: dict[str, Any]) -> Boxes | None:
    """Read the boxes of row groups from statistics; None where one lacks them."""
    groups = range(metadata.num_row_groups)
    if not metadata.num_row_groups:
        return np.zeros((0, 4))
    first = metadata.row_group(0)
    places = {first.column(i).path_in_schema: i for i in range(first.num_columns)}
    columns = [places.get(".".join(covering[edge])) for edge in EDGES]
    boxes = np.full((metadata.num_row_groups, 4), np.nan)
    for group in groups:
        for edge, place in enumerate(columns):
            if place is None:
                return None
            statistics = metadata.row_group(group).column(place).statistics
            if statistics is None:
                return None
            if statistics.has_min_max:
                boxes[group, edge] = statistics.min if edge < 2 else statistics.max
            elif statistics.null_count != metadata.row_group(group).num_rows:
                return None
    return boxes
