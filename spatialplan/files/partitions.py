"""Parcels in partitions: row groups of a GeoParquet file that each lie close together.

A worker that judges a row group reads it alone, and of the zones only what may touch it; so row
groups must be neither huge nor strewn over the whole county.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyarrow import parquet

from spatialplan.files.coverings import Boxes, group_boxes

__all__ = ["group_rows", "is_partitioned"]

# Row groups may be this many times as large as asked for; they are judged in several batches.
LARGEST_FOLD = 2
# Row groups that are on average this many times smaller cost more than they save.
SMALLEST_FOLD = 10

# How many others the box of a row group meets on average, at most: some eight of parcels in Hilbert
# order, all of parcels in no order. A parcel far off makes one box large and changes little.
MOST_MET = 10.0
# Of more row groups than this it is found out of so many.
LOOKED_AT = 500


def is_partitioned(source: Path, *, rows: int) -> bool:
    """Tell whether row groups have about so many rows, and lie close together each.

    Raises
    ------
    ValueError, OSError
        If the file is damaged, or holds no geometry as WKB.
    """
    if not _are_fitting(np.array(group_rows(source)), rows):
        return False
    with parquet.ParquetFile(source) as file:
        return _lie_close(group_boxes(file))


def group_rows(source: Path) -> tuple[int, ...]:
    """Return how many rows each row group of a Parquet file has."""
    metadata = parquet.read_metadata(source)
    return tuple(metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))


def _are_fitting(sizes: NDArray[np.int64], rows: int) -> bool:
    if len(sizes) <= 1:
        return int(sizes.sum()) <= LARGEST_FOLD * rows
    return bool(sizes.max() <= LARGEST_FOLD * rows and sizes.mean() * SMALLEST_FOLD >= rows)


def _lie_close(boxes: Boxes) -> bool:
    """Tell whether boxes meet few others."""
    known = boxes[~np.isnan(boxes).any(axis=1)]
    if len(known) <= 1:
        return True
    shapes = shapely.box(*known.T)
    looked = shapes[:: -(-len(shapes) // LOOKED_AT)]
    met = shapely.STRtree(shapes).query(looked).shape[1] - len(looked)
    return bool(met <= MOST_MET * len(looked))
