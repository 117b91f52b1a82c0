"""Ground to keep out of and ground to stay in, prepared once for many sites.

Footprints are moved in the working CRS, which is conformal: a rigid move in the plane of judgement
would bend them. So the ground is held in both: in the plane, where areas are official, and in the
working CRS, where distances are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.area import unproject
from spatialplan.crs import Plane
from spatialplan.overlay import CutZones, cut_zones
from spatialplan.overlay.cutting import cut_parts
from spatialplan.overlay.polygons import Geometries, explode, keep_polygons, require_polygons
from spatialplan.suggestions.raster import Edges, list_edges

__all__ = ["Barrier", "SearchGround", "prepare_search"]

# Edges of the plane stay within 0.4 mm of straight in the working CRS up to this length.
EDGE_LIMIT_M = 140.0
# Half the width of a hairline: neighbours that two projections drew apart are one ground.
HALF_HAIRLINE_M = 0.0005
# Beyond every easting with zone number.
EARTH_M = 1e8
# Room between the ground to stay in and the great rectangles around it.
FRAME_M = 1_000.0
# More than the plane of judgement stretches lengths anywhere in a county.
STRETCH = 1.1


@dataclass(frozen=True, slots=True)
class Barrier:
    """Forbidden ground in the working CRS, as small polygons with index and edges."""

    pieces: Geometries
    tree: shapely.STRtree
    edges: Edges

    @classmethod
    def of(cls, polygons: Geometries) -> Barrier:
        """Cut polygons small and index them."""
        pieces = cut_parts(explode(polygons).geometry).geometry
        tree = shapely.STRtree(pieces)
        tree.query(shapely.Point(0.0, 0.0))
        return cls(pieces, tree, list_edges(pieces))


@dataclass(frozen=True, slots=True)
class SearchGround:
    """Where places may not and must lie; make it with `prepare_search`.

    Attributes
    ----------
    zones
        The avoided ground in the plane of judgement.
    avoided
        The same in the working CRS; clearance is kept from it.
    outside
        What lies outside the ground to stay in, in the working CRS.
    titles, inside_title
        What people call the avoided ground, and the ground that places must lie in.
    in_region
        Whether places must lie in the county.
    window
        Rectangle of the plane beyond which ground was left out; None for the whole.
    """

    zones: CutZones
    avoided: Barrier
    outside: Barrier
    titles: tuple[str, ...]
    inside_title: str
    in_region: bool
    window: BaseGeometry | None
    plane: Plane
    crs: CRS


def prepare_search(
    avoid: Sequence[ArrayLike],
    *,
    titles: Sequence[str],
    inside: ArrayLike | None = None,
    inside_title: str = "",
    region: ArrayLike | None = None,
    plane: Plane,
    working_crs: CRS,
    near: ArrayLike | None = None,
    reach_m: float = 5_000.0,
) -> SearchGround:
    """Prepare ground for searches.

    Parameters
    ----------
    avoid
        Arrays of valid polygons in the plane of judgement, one for each layer to keep out of;
        missing and empty ones are passed over.
    titles
        What people call each of them.
    inside, region
        Valid polygons in the plane that places must lie in: the ground of the kind of project,
        such as the development boundary, and the county; None for anywhere.
    inside_title
        What people call `inside`.
    plane, working_crs
        The plane of judgement, and the Gauss-Kruger CRS in which footprints are moved.
    near, reach_m
        The sites that will be asked about, in the plane, and their radius and clearance together:
        ground farther off is then left out, which pays for a few sites. No place is found
        beyond.

    Returns
    -------
    ground
        For `suggest_places`.

    Raises
    ------
    InvalidGeometryError
        If polygons are invalid; every position is listed.
    """
    window = None if near is None else bound_search(as_array(near), reach_m)
    avoided = np.concatenate([np.empty(0, dtype=object), *map(as_array, avoid)])
    if window is not None:
        parts = explode(require_polygons(avoided, "avoid")).geometry
        avoided = parts[shapely.intersects(shapely.envelope(parts), window)]
    zones = cut_zones(avoided)
    bounds = [
        surround(to_working(as_array(ground), plane, working_crs))
        for ground in (inside, region, window)
        if ground is not None
    ]
    return SearchGround(
        zones=zones,
        avoided=Barrier.of(to_working(zones.parts, plane, working_crs)),
        outside=Barrier.of(np.concatenate([np.empty(0, dtype=object), *bounds])),
        titles=tuple(titles),
        inside_title=inside_title,
        in_region=region is not None,
        window=window,
        plane=plane,
        crs=working_crs,
    )


def as_array(shapes: ArrayLike) -> Geometries:
    """Return geometries, or one of them, as an array."""
    return np.atleast_1d(np.asarray(shapes, dtype=object))


def bound_search(sites: Geometries, reach_m: float) -> BaseGeometry:
    """Return a rectangle of the plane that no site leaves when it is moved and turned."""
    west, south, east, north = shapely.bounds(sites).T
    turn_m = np.nanmax(np.hypot(east - west, north - south))
    window = shapely.box(*shapely.total_bounds(sites))
    return window.buffer(STRETCH * (reach_m + turn_m) + FRAME_M).envelope


def to_working(shapes: Geometries, plane: Plane, working_crs: CRS) -> Geometries:
    """Take polygons from the plane to the working CRS; what rounding made invalid is mended."""
    parts = explode(shapes).geometry
    if not len(parts):
        return parts
    moved = unproject(shapely.segmentize(parts, EDGE_LIMIT_M), plane, working_crs)
    torn = ~shapely.is_valid(moved)
    mended = keep_polygons(shapely.make_valid(moved[torn]), np.flatnonzero(torn))
    return np.concatenate([moved[~torn], mended.geometry])


def surround(ground: Geometries) -> Geometries:
    """Return polygons that cover all of the Earth but the ground."""
    if not len(ground):
        return np.array([shapely.box(-EARTH_M, -EARTH_M, EARTH_M, EARTH_M)], dtype=object)
    united = shapely.union_all(shapely.buffer(ground, HALF_HAIRLINE_M, join_style="mitre"))
    west, south, east, north = shapely.bounds(shapely.buffer(united.envelope, FRAME_M))
    rim = shapely.difference(shapely.box(west, south, east, north), united)
    around = [
        shapely.box(-EARTH_M, -EARTH_M, west, EARTH_M),
        shapely.box(east, -EARTH_M, EARTH_M, EARTH_M),
        shapely.box(west, -EARTH_M, east, south),
        shapely.box(west, north, east, EARTH_M),
    ]
    return np.array([rim, *around], dtype=object)
