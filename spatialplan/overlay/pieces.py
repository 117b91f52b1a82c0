"""The pieces that two layers share, or that one has outside the other.

A piece is a single polygon with ground in it: what touches along a line or in a point is none. It
belongs to the pair of features it comes from, and a pair can have several pieces. However thin,
every piece is returned: whether it is noise, a sliver or a conflict is for the caller to say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike

from spatialplan.overlay.conservation import require_conserved
from spatialplan.overlay.cutting import cut_parts, is_large
from spatialplan.overlay.meeting import MEETING, WITHIN, Meetings
from spatialplan.overlay.pairs import (
    find_inner_pairs,
    find_pairs,
    intersect_pairs,
    mark_changes,
    unite_runs,
)
from spatialplan.overlay.polygons import (
    Areas,
    Geometries,
    Integers,
    Parts,
    explode,
    keep_polygons,
    require_polygons,
)
from spatialplan.overlay.sharing import measure_meetings
from spatialplan.overlay.workers import map_rows
from spatialplan.overlay.zones import CutZones, cut_zones, index_pieces, meet_zones

__all__ = [
    "IndexedFeatures",
    "OverlapPieces",
    "index_features",
    "inner_overlaps",
    "mean_width",
    "outside_pieces",
    "overlap_pieces",
    "sort_pieces",
]

# Stands for the second feature of a piece that has none.
NOBODY = -1


@dataclass(frozen=True, slots=True)
class OverlapPieces:
    """Pieces in the order of their features; pieces of one pair from west to east.

    Attributes
    ----------
    a_index, b_index
        Positions of the features a piece comes from, int64, shape (n,); -1 where there is no b.
    geometry
        Single polygons, shape (n,).
    """

    a_index: Integers
    b_index: Integers
    geometry: Geometries

    def __len__(self) -> int:
        return len(self.geometry)

    @property
    def area(self) -> Areas:
        """Area of each piece, in the plane's unit squared, shape (n,)."""
        areas: Areas = shapely.area(self.geometry)
        return areas

    @property
    def mean_width(self) -> Areas:
        """Mean width of each piece, shape (n,); see `mean_width`."""
        return mean_width(self.geometry)

    def turned(self) -> OverlapPieces:
        """Return the same pieces with the two features of each in the other order."""
        return sort_pieces(self.b_index, self.a_index, self.geometry)


@dataclass(frozen=True, slots=True)
class IndexedFeatures:
    """Features cut and indexed once, to be asked many times; make them with `index_features`.

    Attributes
    ----------
    owner
        Position of the feature that each part of `ground` belongs to.
    ground
        Their single polygons, large ones cut; features that overlap are not united.
    """

    owner: Integers
    ground: CutZones


def index_features(features: ArrayLike, *, assume_valid: bool = False) -> IndexedFeatures:
    """Cut and index features for `overlap_pieces`; see there what they may be."""
    parts = explode(require_polygons(features, "features", assume_valid=assume_valid))
    return IndexedFeatures(parts.owner, index_pieces(parts.geometry))


def mean_width(geometry: Geometries) -> Areas:
    """Mean width 2A/P of polygons (P: perimeter, holes included), shape (n,); 0 for nothing."""
    perimeter = shapely.length(geometry)
    widths: Areas = 2 * shapely.area(geometry) / np.where(perimeter, perimeter, 1.0)
    return widths


def overlap_pieces(
    a: ArrayLike, b: ArrayLike | IndexedFeatures, *, assume_valid: bool = False
) -> OverlapPieces:
    """Ground that a feature of `a` and a feature of `b` have in common, pair by pair.

    Parameters
    ----------
    a, b
        Valid polygons or multipolygons in one plane, shapes (n,) and (m,). Features of `b` may
        overlap one another; each has its own pieces. `b` may have been indexed before by
        `index_features`, which pays when it is asked more than once.
    assume_valid
        The caller vouches that features are valid, as those of a layer that passed the gate
        are, and saves the check. Given invalid polygons, areas and pieces can be wrong without a
        word.

    Returns
    -------
    pieces
        With `a_index` and `b_index`.

    Raises
    ------
    InvalidGeometryError
        If features are not valid polygons; every position is listed.
    ConservationError
        If the pieces and what remains of the features do not add up.

    Examples
    --------
    >>> pieces = overlap_pieces([shapely.box(0, 0, 2, 2)], [shapely.box(1, 0, 3, 1)])
    >>> pieces.a_index.tolist(), pieces.b_index.tolist(), pieces.area.tolist()
    ([0], [0], [1.0])
    """
    a_parts = explode(require_polygons(a, "a", assume_valid=assume_valid))
    if isinstance(b, IndexedFeatures):
        return sort_pieces(*pair_up(a_parts, b))
    b_parts = explode(require_polygons(b, "b", assume_valid=assume_valid))
    if len(b_parts) > len(a_parts):
        # Fewer and larger pieces make the quicker ground.
        indexed = IndexedFeatures(a_parts.owner, index_pieces(a_parts.geometry))
        a_index, b_index, geometry = pair_up(b_parts, indexed)
        return sort_pieces(b_index, a_index, geometry)
    indexed = IndexedFeatures(b_parts.owner, index_pieces(b_parts.geometry))
    return sort_pieces(*pair_up(a_parts, indexed))


def pair_up(a_parts: Parts, b: IndexedFeatures) -> tuple[Integers, Integers, Geometries]:
    """Return the owners of both sides and the polygon that they have in common."""
    pairs = find_pairs(a_parts.geometry, b.ground)
    common = intersect_pairs(pairs)
    a_index = a_parts.owner[pairs.first[common.owner]]
    b_index = b.owner[pairs.second[common.owner]]
    return a_index, b_index, common.geometry


def inner_overlaps(features: ArrayLike, *, assume_valid: bool = False) -> OverlapPieces:
    """Ground that two features of one layer have in common, pair by pair.

    Parameters
    ----------
    features
        Valid polygons or multipolygons in one plane, shape (n,).
    assume_valid
        The caller vouches that features are valid, as those of a layer that passed the gate
        are, and saves the check. Given invalid polygons, areas and pieces can be wrong without a
        word.

    Returns
    -------
    pieces
        `a_index` is the earlier feature, `b_index` the later one. Identical features and features
        inside others are there too.

    Raises
    ------
    InvalidGeometryError, ConservationError
        As `overlap_pieces`.

    Examples
    --------
    >>> pieces = inner_overlaps([shapely.box(0, 0, 2, 2), shapely.box(0, 0, 1, 1)])
    >>> pieces.a_index.tolist(), pieces.b_index.tolist(), pieces.area.tolist()
    ([0], [1], [1.0])
    """
    parts = explode(require_polygons(features, "features", assume_valid=assume_valid))
    pairs = find_inner_pairs(index_pieces(parts.geometry))
    common = intersect_pairs(pairs)
    a_index = parts.owner[pairs.first[common.owner]]
    b_index = parts.owner[pairs.second[common.owner]]
    return sort_pieces(a_index, b_index, common.geometry)


def outside_pieces(
    a: ArrayLike, b: ArrayLike | CutZones, *, assume_valid: bool = False
) -> OverlapPieces:
    """Ground of each feature of `a` that no feature of `b` covers.

    Parameters
    ----------
    a
        Valid polygons or multipolygons in one plane, shape (n,).
    b
        Valid polygons or multipolygons in the same plane, shape (m,), or the same cut before.
    assume_valid
        The caller vouches that features are valid, as those of a layer that passed the gate
        are, and saves the check. Given invalid polygons, areas and pieces can be wrong without a
        word.

    Returns
    -------
    pieces
        With `a_index`; `b_index` is -1.

    Raises
    ------
    InvalidGeometryError
        If features are not valid polygons; every position is listed.
    ConservationError
        If the pieces and what `b` covers do not add up to the features.

    Examples
    --------
    >>> pieces = outside_pieces([shapely.box(0, 0, 2, 2)], [shapely.box(1, 0, 3, 2)])
    >>> pieces.a_index.tolist(), pieces.b_index.tolist(), pieces.area.tolist()
    ([0], [-1], [2.0])
    """
    parts = explode(require_polygons(a, "a", assume_valid=assume_valid))
    zones = cut_zones(b, assume_valid=assume_valid)
    cut = cut_parts(parts.geometry)
    meetings = meet_zones(cut.geometry, zones)
    outside = subtract_zones(parts.geometry, cut, zones, meetings)
    shared = measure_meetings(cut.geometry, zones.pieces, meetings)
    require_conserved(
        parts.geometry,
        sum_by(cut.owner, shared, len(parts)),
        sum_by(outside.owner, shapely.area(outside.geometry), len(parts)),
    )
    a_index = parts.owner[outside.owner]
    return sort_pieces(a_index, np.full_like(a_index, NOBODY), outside.geometry)


def subtract_zones(polygons: Geometries, cut: Parts, zones: CutZones, meetings: Meetings) -> Parts:
    """Take from each polygon the zones near it."""
    met = cut.owner[meetings.feature]
    zone = zones.part[meetings.piece]
    large = is_large(polygons)
    covered = met[(meetings.relation == WITHIN) & ~large[met]]
    border = np.setdiff1d(met[meetings.relation == MEETING], covered)
    apart = np.setdiff1d(np.arange(len(polygons)), met[meetings.relation >= MEETING])
    # A cut's vertex beside the border can only be mended when the pieces on both sides are there.
    near = np.isin(met, border)
    near &= (meetings.relation == MEETING) | zones.large[zone]
    # Around a large polygon whole zones are taken: putting many pieces together costs more.
    taken = np.where(large[met], zone + len(zones.pieces), meetings.piece)
    rows = np.unique(np.stack([met, taken], axis=1)[near], axis=0)
    starts = np.flatnonzero(mark_changes(rows[:, 0]))
    ground = np.concatenate([zones.pieces, zones.parts])
    original = zones.vertices if np.any(zones.large[zone[near]]) else None
    united = unite_runs(ground, rows[:, 1], starts, original)
    remains = map_rows(shapely.difference, polygons[border], united)
    return keep_polygons(
        np.concatenate([polygons[apart], remains]), np.concatenate([apart, border])
    )


def sum_by(owner: Integers, values: Areas, count: int) -> Areas:
    """Sum values up by their owner, shape (count,)."""
    return np.bincount(owner, values, count).astype(np.float64)


def sort_pieces(a_index: Integers, b_index: Integers, geometry: Geometries) -> OverlapPieces:
    """Bring pieces into the order of their features, then from west to east."""
    west, south, east, north = shapely.bounds(geometry).T
    order = np.lexsort((north, east, south, west, b_index, a_index))
    return OverlapPieces(a_index[order], b_index[order], geometry[order])
