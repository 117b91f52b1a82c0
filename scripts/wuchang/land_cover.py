"""Land cover of 2025, cell by cell: what the parcels look like from above.

A cell takes the class of the parcel that holds its centre. Land cover is not land use: of the
land survey's three forest classes, 乔木林地 and 其他林地 show as forest, 灌木林地 as shrub but for
those parcels that have closed (`_closed_shrub`): as many as bring the county's forest to what the
plan prints.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from wuchang.calibration import Floats, Mask, calibrate, take_until
from wuchang.project_ground import Ground
from wuchang.raster_grid import CellGrid, shares_inside
from wuchang.terrain import Noise

Cells = NDArray[np.uint8]

NODATA = 0
CROPLAND, FOREST, SHRUB, GRASS, WETLAND, WATER, BUILT_UP, BARE = range(1, 9)

#: Colours of 市级国土空间总体规划制图规范, appendix B; shrub and bare have none there.
COLOURS = {
    CROPLAND: (245, 248, 220),
    FOREST: (104, 177, 103),
    SHRUB: (160, 200, 120),
    GRASS: (205, 245, 122),
    WETLAND: (101, 205, 170),
    WATER: (51, 142, 192),
    BUILT_UP: (255, 211, 128),
    BARE: (200, 180, 165),
}
#: Class of a land class code (DLBM). Orchards count as cultivated land, parks as what grows there.
COVER_OF_USE = {
    "0101": CROPLAND,
    "0102": CROPLAND,
    "0103": CROPLAND,
    "0201": CROPLAND,
    "0301": FOREST,
    "0305": SHRUB,
    "0307": FOREST,
    "0401": GRASS,
    "0404": GRASS,
    "0601": BUILT_UP,
    "0701": BUILT_UP,
    "0702": BUILT_UP,
    "0810": GRASS,
    "1003": BUILT_UP,
    "1101": WATER,
    "1103": WATER,
    "1106": WETLAND,
}
#: Forest cover that the plan's Table 1 prints for 2023 and demands of 2025.
FOREST_SHARE = 0.4643
#: The county's cells and as much around it, so that border cells are whole.
MARGIN_M = 300.0


class Parcels(NamedTuple):
    """Parcel number of every cell (-1 outside), class codes, and the share inside the county."""

    number: NDArray[np.int32]
    code: NDArray[np.str_]
    inside: Floats


def lay_parcels(ground: Ground, grid: CellGrid) -> Parcels:
    """Parcels on the grid; beyond the county's border its nearest parcel goes on for a margin."""
    table = ground.table("parcels")
    number = grid.number(table.shapes)
    beyond = number < 0
    distance, nearest = distance_transform_edt(beyond, sampling=grid.size_m, return_indices=True)
    grown = beyond & (distance <= MARGIN_M)
    number[grown] = number[nearest[0][grown], nearest[1][grown]]
    county = ground.union("county")
    return Parcels(number, table.zones.astype(str), shares_inside(grid, county))


def first_cover(parcels: Parcels) -> Cells:
    """Class of every cell by its parcel's code alone."""
    of_parcel = np.array([*(COVER_OF_USE[code] for code in parcels.code), NODATA], dtype=np.uint8)
    return np.asarray(of_parcel[parcels.number])


def close_shrub(
    cover: Cells, parcels: Parcels, ground: Ground, grid: CellGrid, untouched: Mask
) -> Cells:
    """Show as many shrub parcels as forest as the printed forest cover asks for.

    Parameters
    ----------
    cover
        Classes so far, with every planted change in place.
    untouched
        Parcels that may not change, because a planted change lies in them.

    Returns
    -------
    cover
        Changed copy; forest meets the printed share of the county's official area within a cell.
    """
    weight = parcels.inside * grid.areas
    target = FOREST_SHARE * float(weight.sum()) - float(weight[cover == FOREST].sum())
    shrub = (parcels.number >= 0) & (cover == SHRUB)
    size = np.bincount(parcels.number[shrub], weight[shrub], minlength=len(parcels.code))
    closed = _closed_shrub(parcels, ground, size, target, untouched)
    return np.where(shrub & closed[parcels.number], FOREST, cover).astype(np.uint8)


def _closed_shrub(
    parcels: Parcels, ground: Ground, size: Floats, target: float, untouched: Mask
) -> Mask:
    """Shrub parcels of densest growth, the last ones chosen so that their area fits."""
    points = shapely.get_coordinates(shapely.centroid(ground.table("parcels").shapes))
    growth = Noise("closed shrub", 4000.0)(points)
    free = (parcels.code == "0305") & (size > 0) & ~untouched
    chosen = take_until(-growth, free, size, target)
    near = np.abs(growth - np.min(growth[chosen])) < 0.3
    return calibrate(chosen, size, target, may_add=free & near, may_drop=chosen & near)
