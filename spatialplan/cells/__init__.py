"""Arithmetic on raster cells: their area, the part of each that a polygon covers, sums by class."""

from spatialplan.cells.borders import mark_borders
from spatialplan.cells.fractions import KnownCovers, cover_fractions, cover_runs
from spatialplan.cells.placing import cell_areas, from_cells, grid_bounds, interpolate, to_cells
from spatialplan.cells.sums import ClassSums, sum_classes
from spatialplan.cells.walking import CellRuns, CoverFractions, join_parts
from spatialplan.cells.zones import LaidZones, lay_zones

__all__ = [
    "CellRuns",
    "ClassSums",
    "CoverFractions",
    "KnownCovers",
    "LaidZones",
    "cell_areas",
    "cover_fractions",
    "cover_runs",
    "from_cells",
    "grid_bounds",
    "interpolate",
    "join_parts",
    "lay_zones",
    "mark_borders",
    "sum_classes",
    "to_cells",
]
