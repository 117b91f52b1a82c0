"""Well-known binary (WKB) to outlines, without making geometry objects.

Loops read little-endian polygons and multipolygons, with or without Z and M, as every writer of
GeoParquet writes them. Anything else, and a machine without numba, goes by way of shapely.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.errors import Fault, InvalidGeometryError
from spatialplan.messages import say
from spatialplan.outlines.loading import has_compiler, load_loops
from spatialplan.outlines.tracing import Outlines, start_after, trace_outlines

__all__ = ["read_wkb"]

ACCEPTED_TYPES = (-1, shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def read_wkb(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> Outlines:
    """Read polygons from their WKB.

    Parameters
    ----------
    data
        The bytes of all of them.
    offsets
        Where each starts in `data`, and their end, int64[n + 1]; one of no bytes is missing.

    Raises
    ------
    InvalidGeometryError
        If one is damaged or is no polygon; every position is listed.
    """
    if has_compiler():
        loops = load_loops("spatialplan.outlines.wkb_loops")
        counts = np.zeros((len(offsets) - 1, 2), np.int64)
        if loops.count_rings(data, offsets, counts):
            starts = start_after(counts[:, 0])
            points = np.empty((counts[:, 1].sum(), 2))
            ring_sizes = np.empty(starts[-1], np.int64)
            outer = np.empty(starts[-1], np.bool_)
            loops.read_rings(data, offsets, points, points.view(np.uint8), ring_sizes, outer)
            return Outlines(points, start_after(ring_sizes), outer, starts)
    return trace_outlines(read_polygons(data, offsets))


def read_polygons(data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> NDArray[np.object_]:
    """Read WKB by way of shapely; refuse what is damaged or no polygon."""
    texts = [data[start:end].tobytes() or None for start, end in pairwise(offsets)]
    shapes = np.empty(len(texts), dtype=object)
    shapes[:] = shapely.from_wkb(texts, on_invalid="ignore")
    kinds = shapely.get_type_id(shapes)
    faults = []
    for row, text in enumerate(texts):
        if text is not None and shapes[row] is None:
            faults.append(Fault(f"geometries[{row}]", say("overlay.damaged")))
        elif kinds[row] not in ACCEPTED_TYPES and not shapes[row].is_empty:
            message = say("overlay.not_polygon", found=shapes[row].geom_type)
            faults.append(Fault(f"geometries[{row}]", message))
    if faults:
        raise InvalidGeometryError(faults)
    return shapes
