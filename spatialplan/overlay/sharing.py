"""The area that features share with zones.

Shared area is the area of a feature that the union of the zones covers: ground under two zones
counts once. A feature inside a piece of zone shares all it has, one that meets no piece nothing;
only features on a border are intersected, and only with the pieces that they meet, or their area is
summed up from strips where there are very many of them.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatialplan.overlay.conservation import require_no_excess
from spatialplan.overlay.meeting import MEETING, WITHIN, Meetings
from spatialplan.overlay.polygons import Areas, Geometries, require_polygons
from spatialplan.overlay.strips import strip_areas, strips_pay
from spatialplan.overlay.workers import map_rows
from spatialplan.overlay.zones import CutZones, cut_zones, meet_zones

__all__ = ["cover_area", "measure_meetings", "shared_area"]


def shared_area(
    features: ArrayLike, zones: ArrayLike | CutZones, *, assume_valid: bool = False
) -> NDArray[np.float64]:
    """Area of each feature that the union of the zones covers.

    Parameters
    ----------
    features
        Valid polygons or multipolygons in one plane, shape (n,), or one of them; missing and empty
        ones share nothing.
    zones
        Valid polygons or multipolygons in the same plane, shape (m,), or the same cut before by
        `cut_zones`, which pays when they are asked more than once.
    assume_valid
        The caller vouches that features and zones are valid, as those of a layer that passed the
        gate are, and saves the check. Given invalid polygons, areas and pieces can be wrong
        without a word.

    Returns
    -------
    areas
        Float64, shape (n,), in the plane's unit squared.

    Raises
    ------
    InvalidGeometryError
        If features or zones are not valid polygons; every position is listed.
    ConservationError
        If a feature would share more than it has.

    Examples
    --------
    >>> parcels = [shapely.box(0, 0, 2, 2), shapely.box(5, 0, 6, 1)]
    >>> shared_area(parcels, [shapely.box(1, 0, 3, 2)]).tolist()
    [2.0, 0.0]
    """
    shapes = require_polygons(features, "features", assume_valid=assume_valid)
    return cover_area(shapes, cut_zones(zones, assume_valid=assume_valid))


def cover_area(features: Geometries, zones: CutZones) -> Areas:
    """Compute `shared_area` of features known to be valid."""
    feature, piece = zones.tree.query(features)
    if strips_pay(len(feature)):
        areas = strip_areas(features, zones.pieces, feature, piece)
    else:
        areas = measure_meetings(features, zones.pieces, meet_zones(features, zones))
    require_no_excess(features, areas)
    return areas


def measure_meetings(features: Geometries, pieces: Geometries, meetings: Meetings) -> Areas:
    """Sum up the area that each feature shares with the pieces it meets."""
    inside = meetings.feature[meetings.relation == WITHIN]
    areas = np.zeros(len(features))
    areas[inside] = shapely.area(features[inside])
    border = meetings.take(meetings.relation == MEETING)
    shares = map_rows(intersect_area, pieces[border.piece], features[border.feature])
    areas += np.bincount(border.feature, shares, len(features))
    return areas


def intersect_area(ground: Geometries, features: Geometries) -> Areas:
    """Area of the intersection, pair by pair."""
    areas: Areas = shapely.area(shapely.intersection(ground, features))
    return areas
