"""Zones made ready: overlaps dissolved, large polygons cut, an index built."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from spatialplan.outlines import has_compiler, trace_outlines
from spatialplan.overlay.borders import Borders, index_borders
from spatialplan.overlay.cutting import cut_parts, is_large
from spatialplan.overlay.lattice import Lattice, lay_zones
from spatialplan.overlay.meeting import MEETING, WITHIN, Meetings, find_meetings
from spatialplan.overlay.mending import Vertices, list_vertices
from spatialplan.overlay.polygons import Geometries, Integers, explode, require_polygons
from spatialplan.overlay.uniting import unite_all
from spatialplan.overlay.workers import map_rows

__all__ = [
    "CutZones",
    "cut_zones",
    "find_overlapping",
    "index_pieces",
    "lay_lattice",
    "meet_zones",
    "prepare_zones",
]


@dataclass(frozen=True)
class CutZones:
    """Zones cut once, to be asked many times; make them with `cut_zones`.

    Attributes
    ----------
    parts
        Single polygons without common interior that together cover what the zones cover.
    pieces
        The parts, large ones cut small.
    part
        Position in `parts` that each piece was cut from.
    tree
        Index of the pieces.
    """

    parts: Geometries
    pieces: Geometries
    part: Integers
    tree: shapely.STRtree

    def __len__(self) -> int:
        return len(self.pieces)

    @cached_property
    def large(self) -> NDArray[np.bool_]:
        """Which of the parts are large."""
        return is_large(self.parts)

    @cached_property
    def vertices(self) -> Vertices:
        """Vertices of the large parts before they were cut, sorted."""
        return list_vertices(self.parts[self.large])

    @cached_property
    def borders(self) -> Borders:
        """Outlines of the large parts; `owner` is the position among them."""
        return index_borders(self.parts[self.large])

    @cached_property
    def lattice(self) -> Lattice | None:
        """The parts laid on a lattice; None where rounding left them ground in common."""
        return lay_zones(trace_outlines(self.parts))


def cut_zones(zones: ArrayLike | CutZones, *, assume_valid: bool = False) -> CutZones:
    """Cut zones into small pieces, ground under several zones counted once.

    Parameters
    ----------
    zones
        Valid polygons or multipolygons in one plane, shape (n,), or zones cut before, which are
        returned as they are.
    assume_valid
        The caller vouches that the zones are valid, as those of a layer that passed the gate
        are, and saves the check. Given invalid polygons, areas and pieces can be wrong without a
        word.

    Returns
    -------
    zones
        The same ground, quick to ask.

    Raises
    ------
    InvalidGeometryError
        If zones are not valid polygons; every position is listed.

    Examples
    --------
    >>> zones = cut_zones([shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)])
    >>> float(shapely.area(zones.pieces).sum())
    6.0
    """
    if isinstance(zones, CutZones):
        return zones
    parts = explode(require_polygons(zones, "zones", assume_valid=assume_valid)).geometry
    cut = index_pieces(parts)
    overlapping = find_overlapping(cut)
    if not len(overlapping):
        return cut
    united = shapely.get_parts(unite_all(parts[overlapping]))
    return index_pieces(np.concatenate([np.delete(parts, overlapping), united]))


def lay_lattice(zones: ArrayLike | CutZones, *, assume_valid: bool = False) -> Lattice | None:
    """Lay zones on a lattice, ground under several zones counted once.

    Zones that share no ground, as most do, are laid as they are; only others are united first.

    Raises
    ------
    InvalidGeometryError
        If zones are not valid polygons; every position is listed.
    """
    if isinstance(zones, CutZones):
        return zones.lattice
    shapes = require_polygons(zones, "zones", assume_valid=assume_valid)
    lattice = lay_zones(trace_outlines(shapes))
    return cut_zones(shapes, assume_valid=True).lattice if lattice is None else lattice


def prepare_zones(zones: ArrayLike | CutZones, *, assume_valid: bool = False) -> CutZones | Lattice:
    """Make zones ready to be asked for shared areas many times, by batches of features.

    Parameters
    ----------
    zones, assume_valid
        As for `cut_zones`.

    Returns
    -------
    zones
        On a lattice where loops can be compiled, else cut.

    Raises
    ------
    InvalidGeometryError
        If zones are not valid polygons; every position is listed.
    """
    if has_compiler():
        lattice = lay_lattice(zones, assume_valid=assume_valid)
        if lattice is not None:
            return lattice
    return cut_zones(zones, assume_valid=assume_valid)


def index_pieces(parts: Geometries) -> CutZones:
    """Cut single polygons and build an index; asked once, so that threads find it complete."""
    pieces = cut_parts(parts)
    tree = shapely.STRtree(pieces.geometry)
    tree.query(shapely.Point(0.0, 0.0))
    return CutZones(parts, pieces.geometry, pieces.owner, tree)


def meet_zones(features: Geometries, zones: CutZones) -> Meetings:
    """Find which features meet or touch which pieces of zones.

    A feature inside a zone but across its cuts is within it: it keeps one row for that zone.
    """
    meetings = find_meetings(features, zones.tree)
    part = zones.part[meetings.piece]
    crossing = np.flatnonzero((meetings.relation == MEETING) & zones.large[part])
    keys = meetings.feature * len(zones.parts) + part
    key, first, count = np.unique(keys[crossing], return_index=True, return_counts=True)
    key, first = key[count > 1], crossing[first[count > 1]]
    if not len(key):
        return meetings
    rows = crossing[np.isin(keys[crossing], key)]
    inside = lie_within(
        features[meetings.feature[first]],
        zones,
        part[first],
        pieces=zones.pieces[meetings.piece[rows]],
        feature=np.searchsorted(key, keys[rows]),
    )
    kept = ~np.isin(keys, key[inside])
    kept[first[inside]] = True
    relation = meetings.relation.copy()
    relation[first[inside]] = WITHIN
    return Meetings(meetings.feature, meetings.piece, relation).take(kept)


def lie_within(
    features: Geometries, zones: CutZones, part: Integers, *, pieces: Geometries, feature: Integers
) -> NDArray[np.bool_]:
    """Tell which features, each of which meets pieces of a large part, lie inside that part.

    A polygon that the part's outline does not touch lies inside where one of its points does. No
    part is looked at as a whole: one may have a million vertices, and each batch would walk them.

    Parameters
    ----------
    features
        Shape (n,); of several polygons none is taken to lie inside.
    part
        Position of the part that each meets, shape (n,).
    pieces, feature
        The pieces of that part that each meets, shape (m,), and which feature does.
    """
    simple = shapely.get_type_id(features) == shapely.GeometryType.POLYGON
    large = np.cumsum(zones.large) - 1
    free: NDArray[np.bool_] = simple & ~map_rows(zones.borders.touch, features, large[part])
    points = np.full((len(features), 2), np.nan)
    points[free] = shapely.get_coordinates(shapely.point_on_surface(features[free]))
    there = shapely.intersects_xy(pieces, *points[feature].T)
    return free & (np.bincount(feature[there], minlength=len(features)) > 0)


def find_overlapping(cut: CutZones) -> Integers:
    """Return the positions of parts that have ground in common with another part."""
    meetings = find_meetings(cut.pieces, cut.tree, owner=cut.part)
    overlapping = meetings.take(meetings.relation >= MEETING)
    return np.unique(cut.part[np.concatenate([overlapping.feature, overlapping.piece])])
