"""Pieces of ground made ready to be counted, and classed by size.

A piece is one connected polygon of ground that two features share. By its area A and mean width
2A/P it is noise (under 1 mm wide), a sliver (at or under a tolerance), or ground in earnest.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import NOISE_WIDTH_M, PieceClass
from spatialplan.overlay import OverlapPieces, free_ground, mean_width, trim_hairlines
from spatialplan.plan import Tolerance

__all__ = ["classify_pieces", "settle_pieces"]


def settle_pieces(pieces: OverlapPieces, tolerance: Tolerance) -> OverlapPieces:
    """Cut hairlines off pieces, and set plots of ground apart from strips of sliver width.

    Without it a plot at the end of a long strip would share the strip's mean width, and a true
    conflict would be classed as a sliver.
    """
    trimmed = trim_hairlines(pieces, width=NOISE_WIDTH_M)
    return free_ground(trimmed, strip_width=tolerance.width_m, least_area=tolerance.area_m2)


def classify_pieces(geometry: NDArray[np.object_], tolerance: Tolerance) -> NDArray[np.object_]:
    """Class pieces of ground by area and mean width: noise, sliver or conflict.

    Examples
    --------
    A hairline, a strip 8 cm wide, a strip 20 cm wide:

    >>> strips = np.array([shapely.box(0, 0, 100, w) for w in (0.0001, 0.08, 0.2)])
    >>> [str(kind) for kind in classify_pieces(strips, Tolerance())]
    ['noise', 'sliver', 'conflict']
    """
    area, width = shapely.area(geometry), mean_width(geometry)
    classes = np.full(len(geometry), PieceClass.CONFLICT, dtype=object)
    classes[(area <= tolerance.area_m2) | (width <= tolerance.width_m)] = PieceClass.SLIVER
    classes[width < NOISE_WIDTH_M] = PieceClass.NOISE
    return classes
