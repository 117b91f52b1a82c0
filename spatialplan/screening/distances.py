"""How far a site is from a layer that it does not touch.

The nearest feature is looked for in the working CRS, which is conformal, so that nearest there is
nearest on the ground; the distance printed is the geodesic between the two nearest points. The
plane of judgement serves only to choose candidates: it stretches distances by a percent or so.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Geod

from spatialplan.area import unproject
from spatialplan.crs import Plane, to_degrees
from spatialplan.overlay import Parts, cut_parts, explode
from spatialplan.screening.ground import Ground, called

__all__ = ["geodesic_lengths", "nearest_features"]

CGCS2000_ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)

# The plane's two scales differ by tan(latitude) times the distance from its standard parallel; the
# candidates for a site are taken from this much further than the first guess.
CANDIDATE_MARGIN = 1.02


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
    names = np.concatenate([called(ground.names, ground.ids), ground.mark_names])
    distances = np.full(len(sites), np.nan)
    found = np.full(len(sites), "", dtype=object)
    if not len(shapes) or not len(sites):
        return distances, found
    pieces = _small_pieces(shapes)
    site, piece = _candidates(sites, pieces.geometry, plane)
    used, position = np.unique(piece, return_inverse=True)
    flat = unproject(pieces.geometry[used], plane, working_crs)
    lines = shapely.shortest_line(unproject(sites, plane, working_crs)[site], flat[position])
    order = np.lexsort((shapely.length(lines), site))
    best = order[np.unique(site[order], return_index=True)[1]]
    distances[site[best]] = geodesic_lengths(lines[best], working_crs)
    found[site[best]] = names[pieces.owner[piece[best]]]
    return distances, found


def geodesic_lengths(lines: NDArray[np.object_], crs: CRS) -> NDArray[np.float64]:
    """Geodesic distance between the ends of lines of two points, metres."""
    ends = to_degrees(shapely.get_coordinates(lines), crs).reshape(-1, 4)
    return np.asarray(CGCS2000_ELLIPSOID.inv(*ends.T)[2])


def _small_pieces(shapes: NDArray[np.object_]) -> Parts:
    """Single polygons, lines and points; large polygons cut, so that far parts cost nothing."""
    areal = shapely.get_dimensions(shapes) == 2
    polygons = explode(shapes[areal])
    cut = cut_parts(polygons.geometry)
    others, owner = shapely.get_parts(shapes[~areal], return_index=True)
    return Parts(
        np.concatenate([cut.geometry, others]),
        np.concatenate(
            [np.flatnonzero(areal)[polygons.owner[cut.owner]], np.flatnonzero(~areal)[owner]]
        ),
    )


def _candidates(
    sites: NDArray[np.object_], pieces: NDArray[np.object_], plane: Plane
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    tree = shapely.STRtree(pieces)
    (site, _), first = tree.query_nearest(sites, all_matches=False, return_distance=True)
    reach = np.zeros(len(sites))
    reach[site] = first
    latitudes = plane.unproject(shapely.bounds(sites).reshape(-1, 2))[:, 1]
    stretch = np.max(np.cos(np.radians(plane.latitude)) / np.cos(np.radians(latitudes)))
    stretch = max(stretch, 1 / stretch) * CANDIDATE_MARGIN
    pairs = tree.query(sites, predicate="dwithin", distance=reach * stretch**2 + 1.0)
    return pairs[0], pairs[1]
