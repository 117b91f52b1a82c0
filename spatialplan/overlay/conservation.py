"""Nothing lost, nothing invented: areas of parts add up to the area of the whole.

Overlay code has been known to drop a polygon without a word. Two computations that do not share
their steps are compared: what features share with zones, and what of them lies outside.
"""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.errors import ConservationError, Fault
from spatialplan.messages import say
from spatialplan.overlay.polygons import Areas, Geometries

__all__ = ["are_equal", "conservation_gap", "require_conserved", "require_no_excess"]

# Rounding of coordinates of a county moves areas by about 1e-11 of themselves; a lost polygon of
# noise width is still above this.
GAP_SHARE = 1e-9
GAP_AREA = 1e-6

# Where GEOS cannot overlay two polygons as they are, it snaps vertices within 1e-12 of the largest
# coordinate and tries again, then within ten times that: 0.05 mm here, a twentieth of noise.
SNAP_SHARE = 1e-11


def conservation_gap(whole: Areas, shared: Areas, outside: Areas) -> float:
    """Return by how much area(A) misses area(A∩B) + area(A−B) in total.

    Examples
    --------
    >>> conservation_gap(np.array([4.0]), np.array([3.0]), np.array([0.5]))
    0.5
    """
    return math.fsum(whole) - math.fsum(shared) - math.fsum(outside)


def require_conserved(wholes: Geometries, shared: Areas, outside: Areas) -> None:
    """Refuse a result whose parts do not add up to the wholes.

    Parameters
    ----------
    wholes
        Polygons, shape (n,).
    shared, outside
        Area that each shares, and has outside, shape (n,).

    Raises
    ------
    ConservationError
        If in total the gap is over 1e-9 of the wholes and 1e-6 in the plane's unit squared, and
        some of them miss more than the overlay's own snapping explains.
    """
    areas = shapely.area(wholes)
    gap = conservation_gap(areas, shared, outside)
    total = math.fsum(areas)
    if abs(gap) <= GAP_SHARE * total + GAP_AREA:
        return
    missing = np.abs(areas - shared - outside)
    if (missing > GAP_SHARE * areas + GAP_AREA + snapping_areas(wholes)).any():
        raise ConservationError(Fault("overlay", say("overlay.gap", gap=gap, total=total)))


def are_equal(wholes: Areas, one: Areas, other: Areas) -> NDArray[np.bool_]:
    """Tell where two areas are the same to 1e-9 of the whole and 1e-6; NaN is like nothing."""
    same: NDArray[np.bool_] = np.abs(one - other) <= GAP_SHARE * wholes + GAP_AREA
    return same


def snapping_areas(polygons: Geometries) -> Areas:
    """Area by which snapping may change polygons: the greatest shift all along their outlines."""
    reach = np.nan_to_num(np.abs(shapely.bounds(polygons))).max(axis=1)
    areas: Areas = SNAP_SHARE * reach * shapely.length(polygons)
    return areas


def require_no_excess(wholes: Areas, shared: Areas) -> None:
    """Refuse shares greater than the features themselves.

    Parameters
    ----------
    wholes
        Area of each feature, shape (n,).
    shared
        What each shares, shape (n,).

    Raises
    ------
    ConservationError
        One fault for every feature.
    """
    faulty = np.flatnonzero(shared - wholes > GAP_SHARE * wholes + GAP_AREA)
    if len(faulty):
        raise ConservationError(
            Fault(
                f"features[{row}]",
                say("overlay.excess", shared=shared[row], whole=wholes[row]),
            )
            for row in faulty
        )
