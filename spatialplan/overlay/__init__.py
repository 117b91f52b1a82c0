"""Arithmetic on many polygons in one plane: shared area and the pieces behind it.

Polygons go in as arrays of shapely geometry, areas come out in their plane's unit squared. Nothing
here knows a CRS, a file or a plan, and nothing that goes in is changed.
"""

from spatialplan.overlay.conservation import conservation_gap
from spatialplan.overlay.hairlines import free_ground, trim_hairlines
from spatialplan.overlay.lattice import Lattice
from spatialplan.overlay.nearest import box_gaps, nearest_rows
from spatialplan.overlay.pieces import (
    IndexedFeatures,
    OverlapPieces,
    index_features,
    inner_overlaps,
    mean_width,
    outside_pieces,
    overlap_pieces,
)
from spatialplan.overlay.polygons import Parts
from spatialplan.overlay.sharing import shared_area, shared_areas
from spatialplan.overlay.union import union_area
from spatialplan.overlay.uniting import unite_all
from spatialplan.overlay.ways import IndexedLines, shortest_ways
from spatialplan.overlay.windows import (
    enclosed_features,
    features_in_windows,
    index_windows,
)
from spatialplan.overlay.zones import CutZones, cut_zones, index_pieces, prepare_zones

__all__ = [
    "CutZones",
    "IndexedFeatures",
    "IndexedLines",
    "Lattice",
    "OverlapPieces",
    "Parts",
    "box_gaps",
    "conservation_gap",
    "cut_zones",
    "enclosed_features",
    "features_in_windows",
    "free_ground",
    "index_features",
    "index_pieces",
    "index_windows",
    "inner_overlaps",
    "mean_width",
    "nearest_rows",
    "outside_pieces",
    "overlap_pieces",
    "prepare_zones",
    "shared_area",
    "shared_areas",
    "shortest_ways",
    "trim_hairlines",
    "union_area",
    "unite_all",
]
