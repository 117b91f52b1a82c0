"""How far a site is from a layer that it does not touch.

The nearest feature is looked for in the working CRS, which is conformal, so that nearest there is
nearest on the ground; the distance printed is the geodesic between the two nearest points.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod

from spatialplan.area import unproject
from spatialplan.crs import to_degrees
from spatialplan.layers import PLACE_MARGIN
from spatialplan.overlay import IndexedLines, shortest_ways
from spatialplan.screening.ground import Ground, Outlines
from spatialplan.screening.outlines import cut_outlines, within_reach

__all__ = ["geodesic_lengths", "nearest_features", "sites_at_outlines"]

CGCS2000_ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)


def nearest_features(
    sites: NDArray[np.object_], flat_sites: NDArray[np.object_], ground: Ground
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Geodesic distance of each site to the layer, metres, and the nearest feature's name.

    Parameters
    ----------
    sites, flat_sites
        Polygons that share no ground with the layer, in the plane and in the working CRS,
        object[n].

    Returns
    -------
    distances, names
        NaN and blank where the layer has no feature.
    """
    if not (len(ground.shapes) or len(ground.marks)) or not len(sites):
        return np.full(len(sites), np.nan), np.full(len(sites), "", dtype=object)
    outlines = ground.outlines if ground.lasting else _outlines_near(sites, ground)
    nearest, ways = shortest_ways(flat_sites, outlines.lines)
    return geodesic_lengths(ways, ground.working_crs), ground.called[outlines.owner[nearest]]


def _outlines_near(sites: NDArray[np.object_], ground: Ground) -> Outlines:
    """Outlines that may be the nearest to some site: a few around one, all around many."""
    shapes, box = np.concatenate([ground.shapes, ground.marks]), shapely.total_bounds(sites)
    near = within_reach(shapes, box)
    runs = cut_outlines(shapes[near])
    runs = runs.take(within_reach(runs.geometry, box))
    flat = unproject(runs.geometry, ground.layer.plane, ground.working_crs)
    return Outlines(IndexedLines(flat), near[runs.owner])


def sites_at_outlines(sites: NDArray[np.object_], ground: Ground, *, within_m: float) -> list[int]:
    """Rows of the sites that lie, inside or outside, so near to an outline or mark of the layer.

    A site deep inside a polygon, or far outside all, is not among them.
    """
    runs = cut_outlines(np.concatenate([ground.shapes, ground.marks])).geometry
    if not len(runs):
        return []
    reach = within_m * PLACE_MARGIN
    near = shapely.STRtree(runs).query(sites, predicate="dwithin", distance=reach)
    return [int(row) for row in np.unique(near[0])]


def geodesic_lengths(ways: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Geodesic distance between the two ends of ways, float64[n, 4], metres."""
    ends = to_degrees(ways.reshape(-1, 2), crs).reshape(-1, 4)
    return np.asarray(CGCS2000_ELLIPSOID.inv(*ends.T)[2])
