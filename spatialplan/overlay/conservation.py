"""Nothing lost, nothing invented: areas of parts add up to the area of the whole.

Overlay code has been known to drop a polygon without a word. Two computations that do not share
their steps are compared: what features share with zones, and what of them lies outside.
"""

from __future__ import annotations

import math

import numpy as np
import shapely

from spatialplan.errors import ConservationError, Fault
from spatialplan.messages import say
from spatialplan.overlay.polygons import Areas, Geometries

__all__ = ["conservation_gap", "require_conserved", "require_no_excess"]

# Rounding of coordinates of a county moves areas by about 1e-11 of themselves; a lost polygon of
# noise width is still above this.
GAP_SHARE = 1e-9
GAP_AREA = 1e-6


def conservation_gap(whole: Areas, shared: Areas, outside: Areas) -> float:
    """Return by how much area(A) misses area(A∩B) + area(A−B) in total.

    Examples
    --------
    >>> conservation_gap(np.array([4.0]), np.array([3.0]), np.array([0.5]))
    0.5
    """
    return math.fsum(whole) - math.fsum(shared) - math.fsum(outside)


def require_conserved(whole: Areas, shared: Areas, outside: Areas) -> None:
    """Refuse a result whose parts do not add up to the whole.

    Raises
    ------
    ConservationError
        If the gap is over 1e-9 of the whole and 1e-6 in the plane's unit squared.
    """
    gap = conservation_gap(whole, shared, outside)
    total = math.fsum(whole)
    if abs(gap) > GAP_SHARE * total + GAP_AREA:
        raise ConservationError(Fault("overlay", say("overlay.gap", gap=gap, total=total)))


def require_no_excess(features: Geometries, shared: Areas) -> None:
    """Refuse shares greater than the features themselves.

    Raises
    ------
    ConservationError
        One fault for every feature.
    """
    rows = np.flatnonzero(shared)
    whole = shapely.area(features[rows])
    excess = shared[rows] - whole
    faulty = np.flatnonzero(excess > GAP_SHARE * whole + GAP_AREA)
    if len(faulty):
        raise ConservationError(
            Fault(
                f"features[{rows[row]}]",
                say("overlay.excess", shared=shared[rows[row]], whole=whole[row]),
            )
            for row in faulty
        )
