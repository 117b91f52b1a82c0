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
from spatialplan.crs import Plane, to_degrees
from spatialplan.layers import PLACE_MARGIN
from spatialplan.overlay import Parts, box_gaps, nearest_rows
from spatialplan.screening.ground import Ground, called

__all__ = ["geodesic_lengths", "nearest_features", "sites_at_outlines"]

CGCS2000_ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)

# The plane of judgement stretches distances, by a tenth at the far ends of a province; what may be
# nearest is chosen in it with more than that to spare.
STRETCH = 1.5

# Edges in a run of outline: shorter ones make a larger tree, longer ones dearer distances.
RUN_EDGES = 16


def nearest_features(
    sites: NDArray[np.object_], ground: Ground, *, plane: Plane, working_crs: CRS
) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """Geodesic distance of each site to the layer, metres, and the nearest feature's name.

    Parameters
    ----------
    sites
        Polygons in the plane, object[n], that share no ground with the layer.

    Returns
    -------
    distances, names
        NaN and blank where the layer has no feature.
    """
    shapes = np.concatenate([ground.shapes, ground.marks])
    names = np.concatenate(
        [called(ground.names, ground.ids), called(ground.mark_names, ground.mark_ids)]
    )
    if not len(shapes) or not len(sites):
        return np.full(len(sites), np.nan), np.full(len(sites), "", dtype=object)
    near = _within_reach(shapes, sites)
    runs = _outlines(shapes[near])
    runs = runs.take(_within_reach(runs.geometry, sites))
    flat = unproject(runs.geometry, plane, working_crs)
    flat_sites = unproject(sites, plane, working_crs)
    nearest = nearest_rows(flat_sites, flat)
    lines = shapely.shortest_line(flat_sites, flat[nearest])
    return geodesic_lengths(lines, working_crs), names[near[runs.owner[nearest]]]


def _within_reach(shapes: NDArray[np.object_], sites: NDArray[np.object_]) -> NDArray[np.int64]:
    """Return which shapes may be the nearest to some site: a few around one, all around many."""
    west, south, east, north = shapely.total_bounds(sites)
    around = np.array([west, south, east, north])
    vertices = shapely.get_coordinates(shapes)
    to_vertex = box_gaps(np.column_stack([vertices, vertices]), around).min()
    reach = STRETCH * (to_vertex + np.hypot(east - west, north - south))
    return np.flatnonzero(box_gaps(shapely.bounds(shapes), around) <= reach)


def sites_at_outlines(sites: NDArray[np.object_], ground: Ground, *, within_m: float) -> list[int]:
    """Rows of the sites that lie, inside or outside, so near to an outline or mark of the layer.

    A site deep inside a polygon, or far outside all, is not among them.
    """
    runs = _outlines(np.concatenate([ground.shapes, ground.marks])).geometry
    if not len(runs):
        return []
    reach = within_m * PLACE_MARGIN
    near = shapely.STRtree(runs).query(sites, predicate="dwithin", distance=reach)
    return [int(row) for row in np.unique(near[0])]


def geodesic_lengths(lines: NDArray[np.object_], crs: CRS) -> NDArray[np.float64]:
    """Geodesic distance between the ends of lines of two points, metres."""
    ends = to_degrees(shapely.get_coordinates(lines), crs).reshape(-1, 4)
    return np.asarray(CGCS2000_ELLIPSOID.inv(*ends.T)[2])


def _outlines(shapes: NDArray[np.object_]) -> Parts:
    """Outlines of polygons, and lines and points, in short runs: far ones cost nothing."""
    areal = shapely.get_dimensions(shapes) == 2
    parts, part_owner = shapely.get_parts(shapes[areal], return_index=True)
    rings, ring_owner = shapely.get_rings(parts, return_index=True)
    others, other_owner = shapely.get_parts(shapes[~areal], return_index=True)
    drawn = shapely.get_dimensions(others) == 1
    owner = np.flatnonzero(areal)[part_owner[ring_owner]]
    rest = np.flatnonzero(~areal)[other_owner]
    runs = _cut_runs(np.concatenate([rings, others[drawn]]))
    return Parts(
        np.concatenate([runs.geometry, others[~drawn]]),
        np.concatenate([np.concatenate([owner, rest[drawn]])[runs.owner], rest[~drawn]]),
    )


def _cut_runs(lines: NDArray[np.object_]) -> Parts:
    """Cut lines and rings into runs of `RUN_EDGES` edges; `owner` is the line of each run."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    if not len(points):
        return Parts(lines, np.arange(len(lines)))
    starts = np.flatnonzero(np.append(True, line[1:] != line[:-1]))
    rank = np.arange(len(points)) - np.repeat(starts, np.diff(np.append(starts, len(points))))
    last = np.append(line[1:] != line[:-1], True)
    run = np.cumsum((rank % RUN_EDGES == 0) & ~last) - 1
    # The first point of a run is the last one of the run before, unless a line begins there.
    joint = np.flatnonzero((rank % RUN_EDGES == 0) & (rank > 0) & ~last)
    order = np.sort(np.concatenate([np.arange(len(points)), joint]), kind="stable")
    twice = np.append(False, order[1:] == order[:-1])
    number = run[order]
    number[np.flatnonzero(twice) - 1] -= 1
    runs = shapely.linestrings(points[order], indices=number)
    return Parts(runs, line[np.flatnonzero(np.append(True, run[1:] != run[:-1]))])
