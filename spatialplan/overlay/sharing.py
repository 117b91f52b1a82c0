"""The area that features share with zones.

Shared area is the area of a feature that the union of the zones covers: ground under two zones
counts once. A feature inside a piece of zone shares all it has, one that meets no piece nothing;
only features on a border are intersected, and only with the pieces that they meet. Where there are
very many features no zone is cut and nothing is intersected: the zones are laid on a lattice, and
areas are summed up from strips.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatialplan.outlines import Outlines, draw_outlines
from spatialplan.overlay.conservation import require_no_excess
from spatialplan.overlay.lattice import Lattice
from spatialplan.overlay.meeting import MEETING, WITHIN, Meetings
from spatialplan.overlay.polygons import Areas, Geometries, require_polygons
from spatialplan.overlay.strips import measure_features, strip_areas, strips_pay
from spatialplan.overlay.workers import map_rows
from spatialplan.overlay.zones import CutZones, cut_zones, meet_zones, prepare_zones
from spatialplan.threads import beside

Zones = ArrayLike | CutZones | Lattice

__all__ = ["measure_meetings", "shared_area", "shared_areas"]


def shared_area(
    features: ArrayLike | Outlines, zones: Zones, *, assume_valid: bool = False
) -> NDArray[np.float64]:
    """Area of each feature that the union of the zones covers.

    Parameters
    ----------
    features
        Valid polygons or multipolygons in one plane, shape (n,), or one of them; missing and empty
        ones share nothing. Or their outlines, which are always taken to be valid.
    zones
        Valid polygons or multipolygons in the same plane, shape (m,), or the same cut before by
        `cut_zones` or made ready by `prepare_zones`, which pays when they are asked more than
        once.
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
    return shared_areas(features, [zones], assume_valid=assume_valid)[:, 0]


def shared_areas(
    features: ArrayLike | Outlines,
    lines: Sequence[Zones],
    *,
    assume_valid: bool = False,
) -> NDArray[np.float64]:
    """Compute `shared_area` with several lines at once, which costs less than one by one.

    Parameters
    ----------
    features
        As for `shared_area`.
    lines
        The zones of each line, as for `shared_area`; k of them.

    Returns
    -------
    areas
        Float64, shape (n, k).

    Raises
    ------
    InvalidGeometryError, ConservationError
        As `shared_area`.

    Examples
    --------
    >>> red_line, farmland = [shapely.box(1, 0, 3, 2)], [shapely.box(0, 0, 1, 1)]
    >>> shared_areas([shapely.box(0, 0, 2, 2)], [red_line, farmland]).tolist()
    [[2.0, 1.0]]
    """
    raw = [zones for zones in lines if not isinstance(zones, (CutZones, Lattice))]
    pays = strips_pay(_count_vertices(shapes) for shapes in (*raw, features))
    with beside() as begin:
        coming = [begin(partial(_prepare, zones, pays, assume_valid)) for zones in lines]
        # Features are looked at while the lines are laid.
        shapes = _admit(features, assume_valid)
        whole, boxes = measure_features(shapes)
        ready = [line() for line in coming]
    areas = np.zeros((len(shapes), len(lines)))
    laid = {row: zones for row, zones in enumerate(ready) if isinstance(zones, Lattice)}
    if laid:
        sums = strip_areas(shapes, list(laid.values()), whole=whole, boxes=boxes)
        areas[:, list(laid)] = sums
    cut = {row: zones for row, zones in enumerate(ready) if isinstance(zones, CutZones)}
    if cut:
        drawn = draw_outlines(shapes) if isinstance(shapes, Outlines) else shapes
        for row, zones in cut.items():
            meetings = meet_zones(drawn, zones)
            areas[:, row] = measure_meetings(drawn, zones.pieces, meetings)
    for column in areas.T:
        require_no_excess(whole, column)
    return areas


def _admit(features: ArrayLike | Outlines, assume_valid: bool) -> Geometries | Outlines:
    if isinstance(features, Outlines):
        return features
    return require_polygons(features, "features", assume_valid=assume_valid)


def _prepare(zones: Zones, pays: bool, assume_valid: bool) -> CutZones | Lattice:
    """Lay a line on a lattice where that pays, else cut it."""
    if isinstance(zones, Lattice) or (isinstance(zones, CutZones) and not pays):
        return zones
    make_ready = prepare_zones if pays else cut_zones
    return make_ready(zones, assume_valid=assume_valid)


def _count_vertices(shapes: ArrayLike | Outlines) -> int:
    if isinstance(shapes, Outlines):
        return int(shapes.vertices.sum())
    return int(shapely.get_num_coordinates(np.asarray(shapes, dtype=object)).sum())


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
