"""Change between two editions of land cover: matrices inside lines, patches of new activity."""

from spatialplan.changes.activity import may_be_seasonal, shows_new_activity, use_weight
from spatialplan.changes.coding import PairCodes
from spatialplan.changes.editions import CommonGrid, find_common_grid
from spatialplan.changes.matrix import (
    GroundZone,
    MatrixCell,
    ZoneMatrix,
    lay_ground,
    list_zones,
    make_matrices,
)
from spatialplan.changes.patches import (
    ClassShare,
    Contact,
    Patch,
    PatchGround,
    find_patches,
    rank_patches,
)
from spatialplan.changes.places import PlaceRank, find_watched, rank_place
from spatialplan.changes.watching import CellWatch

__all__ = [
    "CellWatch",
    "ClassShare",
    "CommonGrid",
    "Contact",
    "GroundZone",
    "MatrixCell",
    "PairCodes",
    "Patch",
    "PatchGround",
    "PlaceRank",
    "ZoneMatrix",
    "find_common_grid",
    "find_patches",
    "find_watched",
    "lay_ground",
    "list_zones",
    "make_matrices",
    "may_be_seasonal",
    "rank_patches",
    "rank_place",
    "shows_new_activity",
    "use_weight",
]
