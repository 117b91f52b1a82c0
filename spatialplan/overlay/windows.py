"""Windows (天窗): ground that zones surround, and the features that lie in it.

A window is a face of open ground inside the outline of a zone: a hole of the zones' union, less
the zones that stand in it. Ground that several zones enclose by touching in points only is none.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike

from spatialplan.overlay.mending import cancel_borders, unite
from spatialplan.overlay.pairs import find_pairs, intersect_pairs, mark_changes, unite_runs
from spatialplan.overlay.pieces import NOBODY, OverlapPieces, sort_pieces
from spatialplan.overlay.polygons import Geometries, Integers, explode, require_polygons
from spatialplan.overlay.workers import map_rows
from spatialplan.overlay.zones import CutZones, cut_zones, index_pieces

__all__ = ["enclosed_features", "features_in_windows", "find_windows", "index_windows"]


def enclosed_features(
    features: ArrayLike,
    zones: ArrayLike | CutZones,
    *,
    noise_width: float = 0.001,
    assume_valid: bool = False,
) -> OverlapPieces:
    """Features that lie wholly in windows of the zones.

    Parameters
    ----------
    features
        Valid polygons or multipolygons in one plane, shape (n,).
    zones
        Valid polygons or multipolygons in the same plane, shape (m,), or the same cut before.
    noise_width
        How far, on average along its outline, a feature may reach over the rim of its window, in
        the plane's unit. Borders that are one on the ground part by 0.1 mm in projection.
    assume_valid
        The caller vouches that features and zones are valid, as those of a layer that passed the
        gate are, and saves the check. Given invalid polygons, areas and pieces can be wrong
        without a word.

    Returns
    -------
    pieces
        `a_index` is the feature, `b_index` -1, `geometry` the window; a feature with parts in
        several windows has a row for each.

    Raises
    ------
    InvalidGeometryError
        If features or zones are not valid polygons; every position is listed.

    Examples
    --------
    >>> zone = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
    >>> enclosed = enclosed_features([shapely.box(3, 3, 6, 6), shapely.box(0, 0, 1, 1)], [zone])
    >>> enclosed.a_index.tolist(), enclosed.area.tolist()
    ([0], [9.0])
    """
    shapes = require_polygons(features, "features", assume_valid=assume_valid)
    windows = index_windows(zones, assume_valid=assume_valid)
    return features_in_windows(shapes, windows, noise_width=noise_width)


def index_windows(zones: ArrayLike | CutZones, *, assume_valid: bool = False) -> CutZones:
    """Cut and index the windows of zones, to be asked many times; `parts` are the windows."""
    return index_pieces(find_windows(zones, assume_valid=assume_valid))


def features_in_windows(
    shapes: Geometries, windows: CutZones, *, noise_width: float = 0.001
) -> OverlapPieces:
    """Find `enclosed_features` among valid polygons, windows having been found before."""
    parts = explode(shapes)
    pairs = find_pairs(parts.geometry, windows)
    common = intersect_pairs(pairs)
    owner, window = parts.owner[pairs.first[common.owner]], pairs.second[common.owner]
    inside = np.bincount(owner, shapely.area(common.geometry), len(shapes))
    rim = noise_width * shapely.length(shapes)
    enclosed = (shapely.area(shapes) - inside <= rim) & (inside > 0.0)
    thick = shapely.area(common.geometry) > noise_width * shapely.length(common.geometry) / 2
    kept = enclosed[owner] & thick
    rows = np.unique(np.stack([owner[kept], window[kept]], axis=1), axis=0)
    return sort_pieces(rows[:, 0], np.full(len(rows), NOBODY), windows.parts[rows[:, 1]])


def find_windows(zones: ArrayLike | CutZones, *, assume_valid: bool = False) -> Geometries:
    """Return the windows of the zones' union as single polygons."""
    united = shapely.get_parts(unite_zones(zones, assume_valid=assume_valid))
    outlines = shapely.polygons(shapely.get_exterior_ring(united))
    rings, ring_owner = shapely.get_rings(united, return_index=True)
    # The first ring of each polygon is its outline.
    inner = np.append(False, ring_owner[1:] == ring_owner[:-1])[: len(rings)]
    holes = shapely.polygons(rings[inner])
    hole, island = find_islands(holes, ring_owner[inner], outlines)
    starts = np.flatnonzero(mark_changes(hole))
    inhabited = hole[starts]
    holes[inhabited] = shapely.difference(holes[inhabited], unite_runs(outlines, island, starts))
    return explode(holes).geometry


def unite_zones(zones: ArrayLike | CutZones, *, assume_valid: bool) -> shapely.Geometry:
    """Unite zones; those that share no ground, as most do, need not be cut to find that out."""
    if isinstance(zones, CutZones):
        return unite(zones.parts)
    parts = explode(require_polygons(zones, "zones", assume_valid=assume_valid)).geometry
    united = cancel_borders(parts)
    return united if united is not None else unite(cut_zones(parts, assume_valid=True).parts)


def find_islands(
    holes: Geometries, owner: Integers, outlines: Geometries
) -> tuple[Integers, Integers]:
    """Pair each hole with the outlines that stand in it, sorted by hole.

    Parameters
    ----------
    holes
        Holes as polygons, shape (n,).
    owner
        Position in `outlines` of the polygon that each hole belongs to, shape (n,).
    outlines
        Polygons that had no common interior, their holes filled, shape (m,).
    """
    hole, island = shapely.STRtree(outlines).query(holes)
    area = shapely.area(outlines)
    # What meets a hole and is not in it lies around it: its own polygon and those around that.
    smaller = area[island] < area[owner[hole]]
    hole, island = hole[smaller], island[smaller]
    shapely.prepare(holes)
    standing = map_rows(shapely.intersects, holes[hole], outlines[island], together=hole)
    hole, island = hole[standing], island[standing]
    order = np.lexsort((island, hole))
    return hole[order], island[order]
