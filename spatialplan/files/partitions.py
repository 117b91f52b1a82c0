"""Parcels in partitions: row groups of a GeoParquet file that each lie close together.

A partition is one row group. A worker that has to judge it reads it alone, and of the zones only
what may touch it; so row groups must be neither huge nor strewn over the whole county.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyarrow import parquet

from spatialplan.files.coverings import Boxes, geometry_column, group_boxes, total_box
from spatialplan.files.hilbert_order import write_sorted

__all__ = ["PARTITION_ROWS", "Partition", "is_partitioned", "list_partitions", "partition_parcels"]

# About 25 MB of coordinates in parcels of 50 vertices, and seconds of work: enough that asking for
# it costs little beside, not so much that a lost worker loses a lot.
PARTITION_ROWS = 25_000

# A file may keep row groups up to this many times as large. DuckDB writes 122,880 rows.
LARGEST_FOLD = 5
# Row groups that are on average this many times smaller cost more than they save.
SMALLEST_FOLD = 10

# How many times the ground that all boxes together cover is covered by boxes of row groups: 1.1 to
# 2 of parcels in Hilbert order, as many as there are row groups of parcels in no order.
MOST_COVERED = 4.0


@dataclass(frozen=True, slots=True)
class Partition:
    """One row group of a GeoParquet file of parcels.

    Attributes
    ----------
    number
        Counted from 0: the row group.
    first_row, rows
        How many rows of the file come before, and how many these are.
    box
        West, south, east, north in the file's CRS; NaN if nothing in it has a place.
    """

    path: str
    number: int
    first_row: int
    rows: int
    box: tuple[float, float, float, float]


def partition_parcels(source: Path, folder: Path, *, rows: int = PARTITION_ROWS) -> list[Partition]:
    """Return the partitions of a GeoParquet file; of a sorted copy in `folder` where it needs one.

    Raises
    ------
    ValueError, OSError
        If the file is damaged, or holds no geometry as WKB.
    """
    with parquet.ParquetFile(source) as file:
        sizes = _group_sizes(file)
        fitting = _have_fitting_sizes(sizes, rows)
        boxes = group_boxes(file) if fitting else np.zeros((0, 4))
    if fitting and _lie_close(boxes):
        return _partitions(source, sizes, boxes)
    copy = folder / "parcels.parquet"
    write_sorted(source, copy, rows=rows)
    return list_partitions(copy)


def list_partitions(source: Path) -> list[Partition]:
    """Return the row groups of a GeoParquet file as partitions.

    Raises
    ------
    ValueError, OSError
        If the file is damaged, or holds no geometry as WKB.
    """
    with parquet.ParquetFile(source) as file:
        return _partitions(source, _group_sizes(file), group_boxes(file))


def is_partitioned(source: Path, *, rows: int = PARTITION_ROWS) -> bool:
    """Tell whether a file's row groups are of a fitting size and lie close together each."""
    with parquet.ParquetFile(source) as file:
        return _have_fitting_sizes(_group_sizes(file), rows) and _lie_close(group_boxes(file))


def holds_wkb(source: Path) -> bool:
    """Tell whether a Parquet file has geometry, and as WKB."""
    found = geometry_column(parquet.read_schema(source))
    return found is not None and found[1].get("encoding") == "WKB"


def _partitions(source: Path, sizes: NDArray[np.int64], boxes: Boxes) -> list[Partition]:
    starts = (np.cumsum(sizes) - sizes).tolist()
    return [
        Partition(str(source), number, start, size, (west, south, east, north))
        for number, (start, size, (west, south, east, north)) in enumerate(
            zip(starts, sizes.tolist(), boxes.tolist(), strict=True)
        )
        if size
    ]


def _group_sizes(file: parquet.ParquetFile) -> NDArray[np.int64]:
    groups = range(file.num_row_groups)
    return np.array([file.metadata.row_group(group).num_rows for group in groups], dtype=np.int64)


def _have_fitting_sizes(sizes: NDArray[np.int64], rows: int) -> bool:
    if len(sizes) <= 1:
        return int(sizes.sum()) <= LARGEST_FOLD * rows
    return bool(sizes.max() <= LARGEST_FOLD * rows and sizes.mean() * SMALLEST_FOLD >= rows)


def _lie_close(boxes: Boxes) -> bool:
    """Tell whether boxes together cover little more ground than lies within all of them."""
    known = boxes[~np.isnan(boxes).any(axis=1)]
    if len(known) <= 1:
        return True
    west, south, east, north = total_box(known)
    covered = float(((known[:, 2] - known[:, 0]) * (known[:, 3] - known[:, 1])).sum())
    return covered <= MOST_COVERED * float((east - west) * (north - south))
