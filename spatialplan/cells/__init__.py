"""Arithmetic on raster cells: their area, the part of each that a polygon covers, sums by class."""

from spatialplan.cells.borders import mark_borders
from spatialplan.cells.fractions import CoverFractions, KnownCovers, cover_fractions
from spatialplan.cells.placing import cell_areas, from_cells, grid_bounds, to_cells
from spatialplan.cells.sums import ClassSums, sum_classes
from spatialplan.cells.zones import LaidZones, lay_zones

__all__ = [
    "ClassSums",
    "CoverFractions",
    "KnownCovers",
    "LaidZones",
    "cell_areas",
    "cover_fractions",
    "from_cells",
    "grid_bounds",
    "lay_zones",
    "mark_borders",
    "sum_classes",
    "to_cells",
]
