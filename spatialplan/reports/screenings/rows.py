"""Sites as rows of a GeoParquet file: ``screening.parquet``, written batch by batch.

A row a site: id, name, hectares, verdict, doubts that keep it from being clear, and for each layer
status, overlap, share of the site, distance and verdict. Figures are rounded as in
``screening.json``; what is not known is null. A box column lets programs read only what is near.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet
from pyproj import CRS

from spatialplan.files import hash_files, replace_atomically
from spatialplan.screening import LEVELS, STATUSES, LayerRows, SiteRows

__all__ = ["RowsWriter", "row_schema", "row_table", "write_rows"]

HA_DIGITS, METRE_DIGITS, SHARE_DIGITS = 8, 3, 8
EDGES = ("xmin", "ymin", "xmax", "ymax")


class RowsWriter:
    """Takes batches of sites one after the other; each becomes a row group.

    `sha256` is that of the file when it is complete.
    """

    def __init__(self, writer: parquet.ParquetWriter | None) -> None:
        self._writer = writer
        self.sha256 = ""

    def write(self, rows: SiteRows) -> None:
        """Append the sites of a batch."""
        if len(rows) and self._writer is not None:
            self._writer.write_table(row_table(rows, self._writer.schema))


@contextmanager
def write_rows(path: Path | None, layers: tuple[str, ...], crs: CRS) -> Iterator[RowsWriter]:
    """Write sites to a file that appears when the block succeeds, and not before.

    Parameters
    ----------
    path
        None: nothing is written.
    layers
        The layers that sites are judged on, in the order of their columns.
    crs
        The CRS of their geometry.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    if path is None:
        yield RowsWriter(None)
        return
    schema = row_schema(layers, crs)
    with replace_atomically(path) as temporary:
        with parquet.ParquetWriter(temporary, schema, compression="zstd") as writer:
            rows = RowsWriter(writer)
            yield rows
        rows.sha256 = hash_files(temporary)


def row_schema(layers: tuple[str, ...], crs: CRS) -> pa.Schema:
    """Return the columns of the file with its GeoParquet description."""
    text, number = pa.string(), pa.float64()
    fields = [
        *(("id", text), ("name", text), ("area_ha", number), ("verdict", text), ("doubts", text)),
    ]
    for key in layers:
        fields += [
            (f"{key}_status", text),
            (f"{key}_overlap_ha", number),
            (f"{key}_overlap_share", number),
            (f"{key}_distance_m", number),
            (f"{key}_verdict", text),
        ]
    box = pa.struct([(edge, number) for edge in EDGES])
    schema = pa.schema([*fields, ("bbox", box), ("geometry", pa.binary())])
    about = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": ["MultiPolygon", "Polygon"],
                "crs": crs.to_json_dict(),
                "covering": {"bbox": {edge: ["bbox", edge] for edge in EDGES}},
            }
        },
    }
    return schema.with_metadata({"geo": json.dumps(about, ensure_ascii=False)})


def row_table(rows: SiteRows, schema: pa.Schema) -> pa.Table:
    """Turn the sites of a batch into a table."""
    columns: dict[str, Any] = {
        "id": _texts(rows.ids),
        "name": _texts(rows.names),
        "area_ha": _numbers(rows.area_m2 / 10_000, HA_DIGITS),
        "verdict": _words(LEVELS, rows.verdict),
        "doubts": _texts(rows.doubts),
        **{
            name: column
            for key, layer in rows.layers.items()
            for name, column in _layer_columns(key, layer).items()
        },
        "bbox": _boxes(rows),
        "geometry": pa.array(rows.wkb, pa.binary()),
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _layer_columns(key: str, layer: LayerRows) -> Mapping[str, pa.Array]:
    return {
        f"{key}_status": _words(STATUSES, layer.status),
        f"{key}_overlap_ha": _numbers(layer.overlap_m2 / 10_000, HA_DIGITS),
        f"{key}_overlap_share": _numbers(layer.share, SHARE_DIGITS),
        f"{key}_distance_m": _numbers(layer.distance_m, METRE_DIGITS),
        f"{key}_verdict": _words(LEVELS, layer.verdict),
    }


def _words(words: tuple[Any, ...], codes: NDArray[np.int8]) -> pa.Array:
    return pa.array(np.array([word.value for word in words], dtype=object)[codes], pa.string())


def _texts(texts: NDArray[np.object_]) -> pa.Array:
    """Text as UTF-8; a damaged file may hold half a character, which it cannot write."""
    try:
        return pa.array(texts, pa.string())
    except (UnicodeEncodeError, pa.ArrowException):
        whole = [text.encode(errors="replace").decode() for text in texts]
        return pa.array(whole, pa.string())


def _numbers(values: NDArray[np.float64], digits: int) -> pa.Array:
    return pa.array(np.round(values, digits), pa.float64(), mask=np.isnan(values))


def _boxes(rows: SiteRows) -> pa.Array:
    edges = [pa.array(edge, pa.float64()) for edge in rows.boxes.T]
    missing = pa.array(np.isnan(rows.boxes).any(axis=1))
    return pa.StructArray.from_arrays(edges, list(EDGES), mask=missing)
