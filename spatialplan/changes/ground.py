"""How much of every cell lies on some ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.cells import LaidZones, cell_areas
from spatialplan.cells.fractions import cover_parts
from spatialplan.cells.zones import divide

__all__ = ["ground_areas"]


def ground_areas(
    zones: LaidZones, *, row: int, column: int, height: int, width: int
) -> NDArray[np.float64]:
    """Return the area of every cell of a rectangle on the ground of zones, m², (height, width).

    Parameters
    ----------
    zones
        Shapes without common interior, whatever zone they belong to.
    """
    place = {"row": row, "column": column, "height": height, "width": width}
    shares = np.zeros((height, width))
    division = divide(zones, **place)
    if not len(division.inside) and not len(division.border):
        return shares
    for top, left, bottom, right in division.inside - np.array([row, column, row, column]):
        shares[top:bottom, left:right] = 1.0
    parts = cover_parts(division.border, **place)
    np.add.at(shares, (parts.row - row, parts.column - column), parts.fraction)
    areas: NDArray[np.float64] = shares * cell_areas(zones.grid, zones.plane, **place)
    return areas
