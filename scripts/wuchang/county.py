"""The county as built: parcels with every attribute that the delivered tables draw on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from wuchang.admin import Administration, administer, barrier
from wuchang.calibration import Mask
from wuchang.control_lines import ControlLines, draw_lines
from wuchang.ground import Ground, survey_ground
from wuchang.land_use import LandUse, assign_land_use
from wuchang.measure import official_area
from wuchang.seeds import sow
from wuchang.terrain import Terrain, read_terrain
from wuchang.tessellation import draw_diagram, tessellate


@dataclass(frozen=True)
class County:
    """Parcels of the county in EPSG:4530 and what each of them is part of."""

    terrain: Terrain
    parcels: NDArray[np.object_]
    ground: Ground
    lines: ControlLines
    use: LandUse
    admin: Administration
    barrier: Mask


def build_county() -> County:
    """Build the whole county from its outline, its river and a fixed seed.

    The lines are drawn twice: roughly on straight cells, to know which borders need many
    vertices, then exactly on the finished parcels.
    """
    terrain = read_terrain()
    seeds = sow(terrain)
    diagram = draw_diagram(seeds.points, terrain.county)
    rough = draw_lines(survey_ground(terrain, seeds, diagram.sides, diagram.areas()), exact=False)
    red_side = rough.red[diagram.sides]
    parcels = tessellate(diagram, terrain.county, red_side[:, 0] != red_side[:, 1])
    require_sound(parcels)
    ground = survey_ground(terrain, seeds, diagram.sides, official_area(parcels))
    lines = draw_lines(ground, exact=True)
    use = assign_land_use(ground, lines, exact=True)
    return County(terrain, parcels, ground, lines, use, administer(ground), barrier(ground))


def require_sound(parcels: NDArray[np.object_]) -> None:
    """Refuse a tessellation with an invalid cell, a gap or an overlap."""
    if not shapely.is_valid(parcels).all() or not shapely.coverage_is_valid(parcels):
        raise RuntimeError("the tessellation is not a valid coverage")
