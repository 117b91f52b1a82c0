"""Zones written once, so that many readers each read only what lies near their place.

Every table of features becomes one GeoParquet file: rows along a Hilbert curve in small row groups,
the box of every row in columns (``xmin`` to ``ymax``), of which Parquet keeps the range. A reader
asks for a box, opens the row groups that meet it and keeps the rows that do, in the order in which
they stood. Geometry is WKB of float64, in the plane of judgement: what is read back is what was
written, to the last bit.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.files.hilbert_order import hilbert_codes
from spatialplan.files.writing import replace_atomically

__all__ = ["read_zones_near", "write_zones"]

# Features in a row group: small enough that a reader of one place reads little beside it, large
# enough that a layer of a million features has no more than some thousand groups.
GROUP_ROWS = 500

# Column of a feature's row in the table as it was given.
ROW = "spatialplan_row"


def write_zones(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table of features with geometry in one CRS; whole, or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    boxes = shapely.bounds(table.geometry.to_numpy())
    order = np.argsort(hilbert_codes(boxes, _extent(boxes)), kind="stable")
    sorted_table = table.assign(**{ROW: np.arange(len(table))}).iloc[order]
    with replace_atomically(path) as draft:
        sorted_table.to_parquet(
            draft,
            index=False,
            write_covering_bbox=True,
            schema_version="1.1.0",
            row_group_size=GROUP_ROWS,
            compression="zstd",
        )


def read_zones_near(path: Path, box: NDArray[np.float64]) -> gpd.GeoDataFrame:
    """Read the features whose box meets `box` (west, south, east, north), also at an edge.

    Returns
    -------
    table
        In the order in which the features were given to `write_zones`; the index is the row that
        each had there.
    """
    table = gpd.read_parquet(path, bbox=tuple(float(edge) for edge in box))
    found = table.sort_values(ROW).set_index(ROW)
    found.index.name = None
    return found


def _extent(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(boxes):
        return np.array([0.0, 0.0, 1.0, 1.0])
    return np.concatenate([np.nanmin(boxes[:, :2], axis=0), np.nanmax(boxes[:, 2:], axis=0)])
