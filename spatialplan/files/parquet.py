"""GeoParquet: pyogrio's wheels have no driver for it, so pyarrow reads it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import geopandas as gpd

__all__ = [
    "GeometryDescription",
    "described_schema",
    "geometry_column",
    "is_parquet",
    "list_parquet_fields",
    "list_parquet_tables",
    "open_parquet",
    "read_description",
    "read_parquet",
    "stream_parquet",
]

SUFFIXES = (".parquet", ".geoparquet")

# Of each column so much is read ahead. A row group may hold a million parcels, a gigabyte.
PAGE_BYTES = 1 << 20


def is_parquet(name: str) -> bool:
    """Tell by the end of its name whether a file is a Parquet file."""
    return name.lower().endswith(SUFFIXES)


def list_parquet_tables(file: Path, inside: str) -> list[tuple[str, str | None]]:
    """Return the one table of a file, named like it, with its kind of geometry or None.

    Raises
    ------
    ValueError, OSError
        If it is damaged.
    """
    geometry = _geometry_column(file, inside)
    kinds = geometry.get("geometry_types", []) if geometry is not None else []
    kind = str(kinds[0]) if len(kinds) == 1 else "Unknown"
    return [(PurePosixPath(inside or file.name).stem, None if geometry is None else kind)]


def list_parquet_fields(file: Path, inside: str) -> list[str]:
    """Return the names of a file's columns."""
    from pyarrow import parquet

    return [str(name) for name in parquet.read_schema(_open(file, inside)).names]


def read_parquet(file: Path, inside: str, columns: Sequence[str] | None) -> gpd.GeoDataFrame:
    """Read a file's table, or of its attributes only `columns`.

    Raises
    ------
    ValueError, OSError
        If it is damaged, or has no geometry.
    """
    geometry = geometry_column(file, inside)
    wanted = None if columns is None else [*columns, geometry["name"]]
    frame = gpd.read_parquet(_open(file, inside), columns=wanted)
    # pandas may have written a column, often that of ids, as its index.
    return frame.reset_index() if any(frame.index.names) else frame


def open_parquet(file: Path, inside: str) -> tuple[Any, dict[str, Any] | None]:
    """Return a file's table as it is, and what it says of its main geometry column, if it has one.

    Raises
    ------
    ValueError, OSError
        If it is damaged.
    """
    from pyarrow import parquet

    return parquet.read_table(_open(file, inside)), _geometry_column(file, inside)


@dataclass(frozen=True, slots=True)
class GeometryDescription:
    """What a GeoParquet file says of its geometry.

    Attributes
    ----------
    name, about
        Of the main geometry column.
    columns
        All columns that are no attributes: of geometry, and of the boxes beside it.
    """

    name: str
    about: Mapping[str, Any]
    columns: frozenset[str]


def read_description(said: bytes) -> GeometryDescription:
    """Read what stands under ``geo`` in the metadata of a GeoParquet file.

    Raises
    ------
    ValueError
        If it is no such description.
    """
    try:
        description = json.loads(said)
        name, columns = str(description["primary_column"]), dict(description["columns"])
        coverings = [about.get("covering", {}).get("bbox") for about in columns.values()]
        boxes = {str(covering["xmin"][0]) for covering in coverings if covering is not None}
        return GeometryDescription(name, columns[name], frozenset({*columns, *boxes}))
    except (TypeError, AttributeError, LookupError):
        raise ValueError("what it says of its geometry is garbled") from None


def described_schema(file: Any) -> Any:
    """Return the schema of an open Parquet file with what the file says of its geometry.

    Of files by writers that note the schema apart, as GDAL does, pyarrow leaves that out.
    """
    schema, stated = file.schema_arrow, file.metadata.metadata or {}
    if b"geo" not in stated:
        return schema
    return schema.with_metadata({**(schema.metadata or {}), b"geo": stated[b"geo"]})


def geometry_column(file: Path, inside: str) -> dict[str, Any]:
    """Return what a file says of its main geometry column, and its name.

    Raises
    ------
    ValueError, OSError
        If it is damaged, or has no geometry.
    """
    geometry = _geometry_column(file, inside)
    if geometry is None:
        raise ValueError("the table has no geometry")
    return geometry


def stream_parquet(file: Path, inside: str) -> Any:
    """Open a file (`pyarrow.parquet.ParquetFile`) so that its row groups need not be held whole."""
    from pyarrow import parquet

    return parquet.ParquetFile(_open(file, inside), pre_buffer=False, buffer_size=PAGE_BYTES)


def parquet_bytes(file: Path, inside: str) -> bytes:
    """Return the bytes of a file, or of a file in a zip file."""
    if not inside:
        return file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        return archive.read(inside)


def _open(file: Path, inside: str) -> Any:
    return BytesIO(parquet_bytes(file, inside)) if inside else file


def _geometry_column(file: Path, inside: str) -> dict[str, Any] | None:
    """Return what the file says of its main geometry column; None for a table without."""
    from pyarrow import parquet

    # Of the file's own metadata: that of its Arrow schema may lack what was added at the end.
    said = (parquet.read_metadata(_open(file, inside)).metadata or {}).get(b"geo")
    if said is None:
        return None
    geometry = read_description(said)
    return {**geometry.about, "name": geometry.name}
