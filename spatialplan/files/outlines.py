"""Polygons of a GeoParquet file as outlines, batch by batch, without making geometry objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialplan.errors import Fault, SourceError
from spatialplan.files.parquet import geometry_column, stream_parquet
from spatialplan.messages import say
from spatialplan.outlines import Outlines, join_outlines, read_wkb, trace_outlines

__all__ = ["OUTLINE_BATCH", "iterate_outlines", "read_outlines"]

# Big enough that threads share it evenly, small enough that a few are no burden on memory: fifty
# vertices each are 50 MB.
OUTLINE_BATCH = 65_536


def read_outlines(source: str | Path) -> Outlines:
    """Read all polygons of a GeoParquet file, in the CRS of the file.

    Raises
    ------
    SourceError
        If the file is missing, damaged, or has no geometry.
    InvalidGeometryError
        If something is no polygon; validity is not looked at.
    """
    return join_outlines([outlines for outlines, _ in iterate_outlines(source)])


def iterate_outlines(
    source: str | Path, *, columns: Sequence[str] = (), batch: int = OUTLINE_BATCH
) -> Iterator[tuple[Outlines, Any]]:
    """Read polygons and further columns of a GeoParquet file, batch by batch.

    Parameters
    ----------
    source
        The file.
    columns
        Attributes to read as well.
    batch
        Most features in a batch.

    Yields
    ------
    outlines, table
        Polygons in the CRS of the file, and the columns as an Arrow table, in the file's order.

    Raises
    ------
    SourceError, InvalidGeometryError
        As `read_outlines`.
    """
    from pyarrow import ArrowException, Table

    path = Path(source)
    try:
        geometry = geometry_column(path, "")
        if geometry["encoding"] != "WKB":
            yield from slice_frame(path, columns, batch)
            return
        wanted = [geometry["name"], *columns]
        batches = stream_parquet(path, "").iter_batches(batch, columns=wanted)
        # While one batch is judged, the next is unpacked.
        with ThreadPoolExecutor(1) as pool:
            coming = pool.submit(next, batches, None)
            while (found := coming.result()) is not None:
                coming = pool.submit(next, batches, None)
                outlines = unpack_wkb(found.column(geometry["name"]))
                yield outlines, Table.from_batches([found]).select(list(columns))
    except (OSError, ValueError, KeyError, ArrowException) as error:
        where, reason = str(path), str(error)
        raise SourceError(Fault(where, say("source.damaged", reason=reason))) from error


def slice_frame(path: Path, columns: Sequence[str], batch: int) -> Iterator[tuple[Outlines, Any]]:
    """Read a file whose geometry is not WKB, which is rare, as a whole; hand it out in batches."""
    import geopandas as gpd
    from pyarrow import Table

    frame = gpd.read_parquet(path)
    for start in range(0, len(frame), batch):
        rows = frame.iloc[start : start + batch]
        outlines = trace_outlines(np.asarray(rows.geometry.to_numpy(), dtype=object))
        yield outlines, Table.from_pandas(rows[list(columns)], preserve_index=False)


def unpack_wkb(column: Any) -> Outlines:
    """Return the polygons of a column of WKB."""
    import pyarrow as pa

    if not (pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type)):
        column = column.cast(pa.large_binary())
    if column.null_count:
        column = column.fill_null(b"")
    width = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    _, offsets, data = column.buffers()
    places = np.frombuffer(offsets, width)[column.offset : column.offset + len(column) + 1]
    texts: NDArray[np.uint8] = np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
    return read_wkb(texts, places.astype(np.int64))
