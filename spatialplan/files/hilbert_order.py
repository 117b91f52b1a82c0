"""A GeoParquet file sorted along a Hilbert curve, in bounded memory, however large the file is.

What is near on a Hilbert curve is near on the ground, so that row groups of a sorted file are
compact. Rows are first scattered to buckets, one stretch of the curve each; then bucket after
bucket is sorted in memory and written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pyarrow import ipc, parquet

from spatialplan.files.coverings import (
    Boxes,
    boxes_of,
    cover,
    covered_schema,
    geometry_column,
    total_box,
)
from spatialplan.files.parquet import described_schema, stream_parquet

__all__ = ["SOURCE_ROW", "hilbert_codes", "write_sorted"]

# Column of a sorted copy: the row that each row had in the file it came from, counted from 0.
SOURCE_ROW = "spatialplan_source_row"

# Rows held in memory while they are scattered: 200,000 parcels of 50 vertices are about 200 MB.
SCATTERED_ROWS = 200_000
# A bucket holds this many row groups, so that few are cut short at its end.
GROUPS_PER_BUCKET = 4
# All buckets are open at once; many systems allow a program 1,024 files, Windows 512.
MOST_BUCKETS = 400
# The upper half of a code's 32 bits: cells that are counted to make buckets of one size.
CELL_BITS = 16

CODE = "spatialplan_hilbert_code"

Codes = NDArray[np.uint32]


def hilbert_codes(boxes: Boxes, around: NDArray[np.float64]) -> Codes:
    """Place of boxes' centres along the Hilbert curve that fills `around`, uint32[n].

    What has no box comes first.
    """
    known = ~np.isnan(boxes).any(axis=1)
    codes = np.zeros(len(boxes), dtype=np.uint32)
    if known.any():
        centres = gpd.GeoSeries(shapely.points((boxes[known, :2] + boxes[known, 2:]) / 2))
        codes[known] = centres.hilbert_distance(total_bounds=around).to_numpy()
    return codes


def write_sorted(
    source: Path, target: Path, *, rows: int, columns: Sequence[str] | None = None
) -> None:
    """Write a GeoParquet file anew, sorted, in row groups of `rows` rows, with a covering column.

    Geometry and attributes (all, or those in `columns`) are copied as they are, also what is
    damaged; the row that each had in
    `source` stands in the column `SOURCE_ROW`. Rows of one place keep their order, so that the same
    file gives the same copy. Besides a copy on disk in the folder of `target` it needs memory for
    the larger of `SCATTERED_ROWS` and a bucket: four row groups, or a four-hundredth of the file.

    Raises
    ------
    ValueError, OSError
        If the file is damaged, or holds no geometry as WKB.
    """
    file = stream_parquet(source, "")
    whole = described_schema(file)
    found = geometry_column(whole)
    if found is None:
        raise ValueError("the table has no geometry")
    with TemporaryDirectory(dir=target.parent, prefix="sorting-") as place:
        folder = Path(place)
        boxes = _note_boxes(file, found[0], folder / "boxes")
        extent = total_box(boxes)
        bucket_of = _share_out(boxes, extent, rows)
        schema = _chosen_schema(whole, found[0], columns)
        buckets = _scatter(file, schema, boxes, extent, bucket_of, folder)
        _gather(schema, found[0], buckets, target, rows)
        del boxes  # Windows removes no file that is still mapped


def _chosen_schema(schema: pa.Schema, geometry: str, columns: Sequence[str] | None) -> pa.Schema:
    if columns is None:
        return schema
    fields = [field for field in schema if field.name in {*columns, geometry}]
    return pa.schema(fields, {b"geo": schema.metadata[b"geo"]})


def _note_boxes(file: parquet.ParquetFile, geometry: str, place: Path) -> Boxes:
    """Write the boxes of all rows beside, as they do not fit into memory; map them."""
    with place.open("wb") as boxes:
        for batch in file.iter_batches(columns=[geometry], use_threads=False):
            boxes.write(boxes_of(batch.column(0)).tobytes())
    if not file.metadata.num_rows:
        return np.zeros((0, 4))
    return np.memmap(place, dtype=np.float64, mode="r").reshape(-1, 4)


def _chunks(count: int) -> Iterator[slice]:
    for start in range(0, count, SCATTERED_ROWS):
        yield slice(start, min(start + SCATTERED_ROWS, count))


def _share_out(boxes: Boxes, extent: NDArray[np.float64], rows: int) -> NDArray[np.int64]:
    """Say which bucket each cell of the curve goes to: buckets of one size, in its order."""
    counts = np.zeros(1 << CELL_BITS, dtype=np.int64)
    for chunk in _chunks(len(boxes)):
        cells = hilbert_codes(boxes[chunk], extent) >> CELL_BITS
        counts += np.bincount(cells, minlength=len(counts))
    size = max(GROUPS_PER_BUCKET * rows, -(-len(boxes) // MOST_BUCKETS))
    full: NDArray[np.int64] = (np.cumsum(counts) - counts) // size
    return np.unique(full, return_inverse=True)[1]


def _scatter(
    file: parquet.ParquetFile,
    schema: pa.Schema,
    boxes: Boxes,
    extent: NDArray[np.float64],
    bucket_of: NDArray[np.int64],
    folder: Path,
) -> list[Path]:
    """Write every row to its bucket, with its code and number; return the buckets in order."""
    own = (pa.field(CODE, pa.uint32()), pa.field(SOURCE_ROW, pa.int64()))
    known = schema.names
    schema = pa.schema([*(field for field in schema if field.name != SOURCE_ROW), *own])
    options = ipc.IpcWriteOptions(compression="lz4")
    buckets = [folder / f"bucket-{number:04}.arrow" for number in range(int(bucket_of.max()) + 1)]
    with ExitStack() as stack:
        writers = [
            stack.enter_context(ipc.new_stream(bucket, schema, options=options))
            for bucket in buckets
        ]
        start = 0
        for table in _read_chunks(file, known):
            stop = start + len(table)
            codes = hilbert_codes(boxes[start:stop], extent)
            if SOURCE_ROW not in table.column_names:
                table = table.append_column(own[1], pa.array(np.arange(start, stop)))
            table = table.append_column(own[0], pa.array(codes)).select(schema.names)
            bucket = bucket_of[codes >> CELL_BITS]
            order = np.argsort(bucket, kind="stable")
            ends = np.searchsorted(bucket[order], np.arange(len(buckets) + 1))
            for number in np.unique(bucket).tolist():
                rows = order[ends[number] : ends[number + 1]]
                writers[number].write_table(table.take(rows).combine_chunks())
            start = stop
    return buckets


def _read_chunks(file: parquet.ParquetFile, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Read a file in tables of about `SCATTERED_ROWS` rows."""
    held: list[pa.RecordBatch] = []
    for batch in file.iter_batches(columns=list(columns), use_threads=False):
        held.append(batch)
        if sum(map(len, held)) >= SCATTERED_ROWS:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _gather(schema: pa.Schema, geometry: str, buckets: list[Path], target: Path, rows: int) -> None:
    """Sort bucket after bucket and write row groups of `rows` rows; the last may be shorter."""
    fields = [field for field in schema if field.name != SOURCE_ROW]
    plain = pa.schema([*fields, pa.field(SOURCE_ROW, pa.int64())], schema.metadata)
    covered = covered_schema(plain, np.full(4, np.nan))
    with parquet.ParquetWriter(target, covered, compression="zstd") as writer:
        left = plain.empty_table()
        for bucket in buckets:
            with ipc.open_stream(bucket) as stream:
                table = stream.read_all()
            bucket.unlink()
            table = table.sort_by([(CODE, "ascending"), (SOURCE_ROW, "ascending")])
            left = pa.concat_tables([left, table.select(plain.names).cast(plain)])
            whole = len(left) // rows * rows
            for start in range(0, whole, rows):
                _write_group(writer, left.slice(start, rows), geometry, covered)
            left = left.slice(whole).combine_chunks()
        if len(left):
            _write_group(writer, left, geometry, covered)


def _write_group(
    writer: parquet.ParquetWriter, table: pa.Table, geometry: str, schema: pa.Schema
) -> None:
    covered = cover(table, boxes_of(table[geometry]), schema)
    writer.write_table(covered, row_group_size=len(covered))
