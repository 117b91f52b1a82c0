"""The area that two polygons share, without building what they share: to check what was built.

It is the sum of strips that `spatialplan.overlay.strips` explains, for single pairs. No step of it
is one of overlay's: where both agree, nothing was lost.
"""

from __future__ import annotations

import numpy as np
import shapely

from spatialplan.outlines import load_loops, trace_outlines
from spatialplan.overlay.polygons import Areas, Geometries
from spatialplan.overlay.workers import map_rows

__all__ = ["sum_pair_areas"]

LOOPS = "spatialplan.overlay.pair_loops"

# Every edge of one is held against every edge of the other; of more pairs of edges, overlay is as
# quick.
MOST_TERMS = 2**20


def sum_pair_areas(features: Geometries, partners: Geometries) -> Areas:
    """Sum up the area that each feature shares with its partner.

    Parameters
    ----------
    features, partners
        Valid polygons or multipolygons in one plane, none empty, shape (n,).

    Returns
    -------
    areas
        In the plane's unit squared, shape (n,); NaN for pairs of very many vertices.

    Examples
    --------
    >>> one, other = np.array([shapely.box(0, 0, 2, 2)]), np.array([shapely.box(1, 0, 3, 1)])
    >>> sum_pair_areas(one, other).tolist()
    [1.0]
    """
    terms = shapely.get_num_coordinates(features) * shapely.get_num_coordinates(partners)
    areas, few = np.full(len(features), np.nan), terms <= MOST_TERMS
    areas[few] = map_rows(_sum_pairs, features[few], partners[few])
    return areas


def _sum_pairs(features: Geometries, partners: Geometries) -> Areas:
    # Hundreds of features have the same partner.
    numbers = np.fromiter(map(id, partners), dtype=np.int64, count=len(partners))
    _, first, row = np.unique(numbers, return_index=True, return_inverse=True)
    areas: Areas = load_loops(LOOPS).sum_pairs(
        *trace_outlines(features).rings, *trace_outlines(partners[first]).rings, row
    )
    return areas
