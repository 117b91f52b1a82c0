"""The area of a layer: that of the union of its features."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import ArrayLike

from spatialplan.overlay.pairs import mark_changes, unite_runs
from spatialplan.overlay.pieces import inner_overlaps
from spatialplan.overlay.polygons import require_polygons

__all__ = ["union_area"]


def union_area(features: ArrayLike, *, assume_valid: bool = False) -> float:
    """Area that features cover together, ground under several counted once.

    Parameters
    ----------
    features
        Valid polygons or multipolygons in one plane, shape (n,).
    assume_valid
        The caller vouches that features are valid, as those of a layer that passed the gate
        are, and saves the check. Given invalid polygons, areas and pieces can be wrong without a
        word.

    Returns
    -------
    area
        In the plane's unit squared.

    Raises
    ------
    InvalidGeometryError, ConservationError
        As `inner_overlaps`.

    Notes
    -----
    Laid down one after another, each feature adds its area less what earlier ones cover of it:
    the union of its overlaps with them. No union of the whole layer is built.

    Examples
    --------
    >>> union_area([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)])
    6.0
    """
    shapes = require_polygons(features, "features", assume_valid=assume_valid)
    overlaps = inner_overlaps(shapes, assume_valid=True)
    order = np.argsort(overlaps.b_index, kind="stable")
    starts = np.flatnonzero(mark_changes(overlaps.b_index[order]))
    covered = unite_runs(overlaps.geometry, order, starts)
    return math.fsum(shapely.area(shapes)) - math.fsum(shapely.area(covered))
