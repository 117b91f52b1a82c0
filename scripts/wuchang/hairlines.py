"""Strips a few centimetres wide along a border, made by moving its vertices."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely

from wuchang.calibration import Mask
from wuchang.county import County
from wuchang.terrain import Points
from wuchang.tessellation import DECIMALS

#: How far a border steps back beside a bump, so that no hair of it touches the other side.
_STEP_BACK_M = 0.001


class Strip(NamedTuple):
    """A bulge of the development boundary into one parcel of farmland.

    The border's edge `ends` is replaced by `path`.
    """

    identity: str
    inside: int
    farmland: int
    ends: Points
    path: Points


#: Identity, width in m, length in m (None: the whole edge).
_WANTED = (
    ("sliver-narrow", 0.08, None),
    ("conflict-narrow", 0.14, None),
    ("sliver-small", 0.30, 2.0),
)


def choose_strips(county: County, avoid: Mask) -> list[Strip]:
    """One strip of each kind, on edges between the boundary and basic farmland.

    Parameters
    ----------
    county
        The draft's county.
    avoid
        Parcels whose borders must stay as they are.
    """
    ground, lines = county.ground, county.lines
    inside = lines.boundary & ~avoid
    outside = county.use.basic & ~lines.boundary & ~lines.window & ~avoid
    strips: list[Strip] = []
    used: set[int] = set()
    for here, there in [*ground.sides, *ground.sides[:, ::-1]]:
        if len(strips) == len(_WANTED):
            break
        if not (inside[here] and outside[there]) or lines.town[here] in used:
            continue
        strip = _strip_between(county, int(here), int(there), *_WANTED[len(strips)])
        if strip is not None:
            strips.append(strip)
            used.add(int(lines.town[here]))
    if len(strips) < len(_WANTED):
        raise RuntimeError(f"no border fits the strip {_WANTED[len(strips)][0]}")
    return strips


def _strip_between(
    county: County, here: int, there: int, identity: str, width_m: float, length_m: float | None
) -> Strip | None:
    """Strip on the first edge that is 52 to 69 m long, if the parcels share one."""
    shared = shapely.intersection(county.parcels[here], county.parcels[there])
    ring = shapely.get_coordinates(county.parcels[here].exterior)
    for u, v in pairwise(ring):
        on_border = shapely.distance(shared, shapely.points([u, v])).max() == 0
        if not on_border or not 52 <= np.hypot(*(v - u)) <= 69:
            continue
        path = _bulge(u, v, width_m, length_m)
        bulge = shapely.Polygon(path if length_m is None else path[1:-1])
        over = shapely.intersection(bulge, county.parcels[there]).area
        if abs(over - width_m * (length_m or float(np.hypot(*(v - u))))) < 0.02:
            return Strip(identity, here, there, np.array([u, v]), path)
    return None


def _bulge(u: Points, v: Points, width_m: float, length_m: float | None) -> Points:
    """Path from u to v that leaves the edge to its right, as parcels run counter-clockwise."""
    along = (v - u) / np.hypot(*(v - u))
    out = np.array([along[1], -along[0]])
    if length_m is None:
        return np.round(np.array([u, u + width_m * out, v + width_m * out, v]), DECIMALS)
    middle, half, back = (u + v) / 2, along * length_m / 2, _STEP_BACK_M * out
    a, b = middle - half, middle + half
    path = [u, a - back, a + width_m * out, b + width_m * out, b - back, v]
    return np.round(np.array(path), DECIMALS)


def apply_strip(shape: shapely.Geometry, strip: Strip) -> shapely.Geometry:
    """Polygon or multipolygon with the strip's edge replaced by its path."""
    parts = [_with_path(part, strip) for part in shapely.get_parts(shape)]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _with_path(part: shapely.Polygon, strip: Strip) -> shapely.Polygon:
    rings = [shapely.get_coordinates(r) for r in (part.exterior, *part.interiors)]
    changed = [_ring_with_path(ring, strip) for ring in rings]
    return shapely.Polygon(changed[0], changed[1:])


def _ring_with_path(ring: Points, strip: Strip) -> Points:
    for ends, path in ((strip.ends, strip.path), (strip.ends[::-1], strip.path[::-1])):
        hit = (ring[:-1] == ends[0]).all(axis=1) & (ring[1:] == ends[1]).all(axis=1)
        if hit.any():
            at = int(np.flatnonzero(hit)[0])
            return np.vstack([ring[:at], path, ring[at + 2 :]])
    return ring
