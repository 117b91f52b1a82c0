"""How much of every cell lies on some ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spatialplan.cells import LaidZones, cell_areas, cover_runs
from spatialplan.outlines import count_up

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
    parts, runs = cover_runs(zones, **place)
    if not len(parts) and not len(runs):
        return shares
    which, columns = count_up(runs.column, runs.end)
    shares[runs.row[which] - row, columns - column] = 1.0
    np.add.at(shares, (parts.row - row, parts.column - column), parts.fraction)
    areas: NDArray[np.float64] = shares * cell_areas(zones.grid, zones.plane, **place)
    return areas
