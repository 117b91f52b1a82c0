"""Sites on other ground: what a place would be, were it submitted as a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from spatialplan.area import unproject
from spatialplan.layers import Layer
from spatialplan.sites.neighbours import region_doubts
from spatialplan.sites.soundness import invalid_in_plane
from spatialplan.sites.table import Sites

__all__ = ["relocate_sites"]


def relocate_sites(
    sites: Sites, rows: Sequence[int], shapes: Sequence[BaseGeometry], *, region: Layer | None
) -> Sites:
    """Put sites on other ground, keeping id, name and kind.

    Parameters
    ----------
    rows
        Whose place each shape is, also several times.
    shapes
        Ground in the plane of judgement.
    region
        The county; None leaves out whether places lie in it.

    Returns
    -------
    sites
        One row a shape. No doubt about a site where it stands is kept; doubts say which ground
        is invalid, which then has no geometry, and what lies outside the region.
    """
    origin = np.array(rows, dtype=np.intp)
    geometry = np.full(len(origin), None, dtype=object)
    geometry[:] = list(shapes)
    invalid = np.flatnonzero(~shapely.is_valid(geometry))
    doubts = [invalid_in_plane(int(row), geometry[row], sites.plane) for row in invalid]
    geometry[invalid] = None
    sound = np.flatnonzero(~shapely.is_missing(geometry))
    planar_m2 = np.full(len(origin), np.nan)
    planar_m2[sound] = shapely.area(unproject(geometry[sound], sites.plane, sites.crs))
    return replace(
        sites,
        ids=sites.ids[origin],
        names=sites.names[origin],
        kinds=sites.kinds[origin],
        remarks=sites.remarks[origin],
        geometry=geometry,
        area_m2=shapely.area(geometry),
        planar_m2=planar_m2,
        stated_m2=np.full(len(origin), np.nan),
        places=sites.places[origin],
        doubts=(*doubts, *region_doubts(geometry[sound], sound, region)),
    )
