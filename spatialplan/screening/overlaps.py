"""How much ground sites share with a layer, zone by zone, and in which pieces."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import unproject
from spatialplan.findings import PieceClass
from spatialplan.overlay import OverlapPieces, shared_area, union_area
from spatialplan.pieces import classify_pieces, settle_pieces
from spatialplan.plan import Tolerance
from spatialplan.screening.ground import Ground
from spatialplan.screening.statuses import CLEAR, OVERLAP, SLIVER, Codes

__all__ = ["Groups", "Overlaps", "find_overlaps", "group_pieces"]

# Slivers that take this share of a site are no strip along its border.
SLIVER_SHARE = 0.5

# Neighbours drawn this far apart, metres, are one piece of ground when slivers are put together.
JOIN_M = 0.001

# A site lies wholly in a layer when no more than rounding is left outside.
COVERED_GAP = 1e-9

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Groups:
    """Ground that sites share with a layer, summed up by site and zone.

    Attributes
    ----------
    site
        Row of the site, int64[n].
    code, zone
        The zone's number among the layer's and its name, object[n]; sorted by site, then zone.
    area_m2
        Ground counted once, float64[n].
    net_m2
        Less field ridges, float64[n]; NaN where it cannot be said.
    piece_group
        The group that each raw piece belongs to, int64[pieces].
    """

    site: Integers
    code: Integers
    zone: NDArray[np.object_]
    area_m2: Floats
    net_m2: Floats
    piece_group: Integers


@dataclass(frozen=True)
class Overlaps:
    """All that sites share with one layer.

    Attributes
    ----------
    sites, flat_sites
        The sites, polygons in the plane and in the working CRS, object[sites].
    raw
        Every piece of overlap, hairlines among them: what areas are summed from.
    groups
        The same by site and zone.
    settled
        Pieces freed of hairlines, plots set apart from strips: what is classed and listed; sorted
        by site.
    status
        `OVERLAP`, `SLIVER` or `CLEAR` (noise) a settled piece, int8[m].
    total_m2
        Ground a site shares, counted once, in the plane, float64[sites].
    """

    sites: NDArray[np.object_]
    flat_sites: NDArray[np.object_]
    ground: Ground
    raw: OverlapPieces
    groups: Groups
    settled: OverlapPieces
    status: Codes
    total_m2: Floats

    @cached_property
    def planar_m2(self) -> Floats:
        """Ground a site shares in the working CRS, for reference, float64[sites]."""
        return _planar_areas(self)


def find_overlaps(
    sites: NDArray[np.object_],
    flat_sites: NDArray[np.object_],
    ground: Ground,
    *,
    tolerance: Tolerance,
) -> Overlaps:
    """Find what sites share with a layer.

    Parameters
    ----------
    sites, flat_sites
        Valid polygons in the plane of judgement and the same in the working CRS, object[n].
    """
    raw = ground.overlap(sites)
    doubled = ground.doubled(raw.b_index)
    settled = settle_pieces(raw, tolerance)
    return Overlaps(
        sites=sites,
        flat_sites=flat_sites,
        ground=ground,
        raw=raw,
        groups=_sum_groups(raw, ground, doubled),
        settled=settled,
        status=_statuses(settled, tolerance, sites, ground),
        total_m2=_count_once(raw, raw.a_index, len(sites), doubled),
    )


def group_pieces(raw: OverlapPieces, ground: Ground) -> Groups:
    """Sum pieces up by site and zone, ground under several features of a zone counted once."""
    return _sum_groups(raw, ground, ground.doubled(raw.b_index))


def _sum_groups(raw: OverlapPieces, ground: Ground, doubled: Integers) -> Groups:
    names, codes = ground.zone_codes
    kinds = max(len(names), 1)
    keys, group = np.unique(raw.a_index * kinds + codes[raw.b_index], return_inverse=True)
    area = _count_once(raw, group, len(keys), doubled)
    return Groups(
        site=keys // kinds,
        code=keys % kinds,
        zone=names[keys % kinds] if len(keys) else names[:0],
        area_m2=area,
        net_m2=_net_area(raw, group, area, ground),
        piece_group=group.astype(np.int64),
    )


def _count_once(raw: OverlapPieces, group: Integers, count: int, doubled: Integers) -> Floats:
    """Area of each group of pieces; a union only where features of the layer overlap."""
    area = np.bincount(group, raw.area, count).astype(np.float64)
    if not len(doubled):
        return area
    shared = np.isin(raw.b_index, doubled)
    pairs = np.unique(np.stack([group[shared], raw.b_index[shared]], axis=1), axis=0)
    numbers, features = np.unique(pairs[:, 0], return_counts=True)
    for number in numbers[features > 1]:
        area[number] = union_area(raw.geometry[group == number], assume_valid=True)
    return area


def _net_area(raw: OverlapPieces, group: Integers, area: Floats, ground: Ground) -> Floats:
    if ground.kept_share is None:
        return np.full(len(area), np.nan)
    gross = np.bincount(group, raw.area, len(area))
    net = np.bincount(group, raw.area * ground.kept_share[raw.b_index], len(area))
    # Where features overlap, which of their factors holds is anybody's guess.
    counted_twice = gross - area > 1e-6 * np.maximum(gross, 1.0)
    return np.where(counted_twice, np.nan, net)


def _planar_areas(overlaps: Overlaps) -> Floats:
    """Ground shared, overlaid afresh in the working CRS as a planar program would, float64[n].

    A site that the layer covers has nothing to be overlaid: it shares its own area.
    """
    sites, flat_sites, raw = overlaps.sites, overlaps.flat_sites, overlaps.raw
    areas, ground = np.zeros(len(sites)), overlaps.ground
    covered = overlaps.total_m2 >= shapely.area(sites) * (1 - COVERED_GAP)
    areas[covered] = shapely.area(flat_sites[covered])
    partly = ~covered[raw.a_index]
    touched, met = np.unique(raw.a_index[partly]), np.unique(raw.b_index[partly])
    flat = unproject(ground.shapes[met], ground.layer.plane, ground.working_crs)
    areas[touched] = shared_area(_mend(flat_sites[touched]), _mend(flat), assume_valid=True)
    return areas


def _mend(flat: NDArray[np.object_]) -> NDArray[np.object_]:
    """Mend what rounding broke on the way to the working CRS."""
    broken = ~shapely.is_valid(flat)
    if broken.any():
        flat = flat.copy()
        flat[broken] = shapely.buffer(flat[broken], 0)
    return flat


def _statuses(
    settled: OverlapPieces, tolerance: Tolerance, sites: NDArray[np.object_], ground: Ground
) -> Codes:
    """Class pieces: a sliver is a strip along a border, not what a small site lies on whole.

    Slivers of neighbouring features of one zone are looked at together, and slivers that make up
    half of a site or more are an overlap.
    """
    classes = classify_pieces(settled.geometry, tolerance)
    status = np.full(len(classes), CLEAR, dtype=np.int8)
    status[classes == PieceClass.CONFLICT] = OVERLAP
    slivers = classes == PieceClass.SLIVER
    status[slivers] = SLIVER
    taken = np.bincount(settled.a_index[slivers], settled.area[slivers], len(sites))
    half = taken >= SLIVER_SHARE * shapely.area(sites)
    status[slivers & half[settled.a_index]] = OVERLAP
    zones = ground.zone_codes[1][settled.b_index]
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in np.flatnonzero(status == SLIVER).tolist():
        groups[int(settled.a_index[row]), int(zones[row])].append(row)
    for rows in groups.values():
        if len(rows) > 1 and _is_ground(settled.geometry[rows], tolerance):
            status[rows] = OVERLAP
    return status


def _is_ground(pieces: NDArray[np.object_], tolerance: Tolerance) -> bool:
    """Tell whether pieces that are slivers one by one are ground in earnest together."""
    united = shapely.get_parts(shapely.union_all(pieces, grid_size=JOIN_M))
    return bool((classify_pieces(united, tolerance) == PieceClass.CONFLICT).any())
