"""The ground of each site, part by part: township, village, owner, land class, and the lines on it.

A site is cut by townships, then by land parcels; what no unit and no parcel covers stays a part of
its own. The parts add up to the site, unless parcels overlap each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import NOISE_WIDTH_M
from spatialplan.layers import Layer
from spatialplan.overlay import (
    OverlapPieces,
    inner_overlaps,
    mean_width,
    outside_pieces,
    overlap_pieces,
)
from spatialplan.screening.ground import Ground
from spatialplan.screening.overlaps import group_pieces
from spatialplan.screening.results import GroundPart, Use

__all__ = ["SiteParts", "list_parts"]

NOBODY = -1

# Ground smaller than this is what rounding leaves between neighbours.
ROUNDING_M2 = 1e-4

Texts = NDArray[np.object_]
Some = Callable[[NDArray[np.int64]], NDArray[np.int64]]
# Township, village, owner, tenure, land class, slope class.
Place = tuple[str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class SiteParts:
    """The parts of one site.

    `uncovered_m2` lies under no parcel, None without a parcel layer; `doubled_m2` is how much more
    the parts add up to than the site has.
    """

    parts: tuple[GroundPart, ...]
    uncovered_m2: float | None
    doubled_m2: float


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of sites: whose they are, and the township and parcel that they lie in."""

    site: NDArray[np.int64]
    township: NDArray[np.int64]
    parcel: NDArray[np.int64]
    geometry: NDArray[np.object_]


def list_parts(
    sites: NDArray[np.object_],
    *,
    townships: Layer | None,
    parcels: Ground | None,
    grounds: Mapping[str, Ground],
) -> list[SiteParts]:
    """List the parts of sites, in the order of the sites.

    Parameters
    ----------
    sites
        Valid polygons in the plane of judgement, object[n].
    townships, parcels
        What to cut by; None leaves the cut out.
    grounds
        The layers whose zones are measured on every part, by name.
    """
    pieces = _cut(sites, townships, parcels)
    plots = parcels.layer if parcels else None
    areas = shapely.area(pieces.geometry)
    places, group, order = _group(pieces, areas, townships, plots)
    area = np.bincount(group, areas, len(places))
    ridges = np.bincount(group, areas * _ridge_share(pieces, plots), len(places))
    uses = _uses(pieces.geometry, group, grounds)
    site_area = shapely.area(sites)
    found = []
    for row in range(len(sites)):
        members = order.get(row, [])
        parts = tuple(_part(places[i][1], area[i], ridges[i], uses.get(i, ())) for i in members)
        bare = sum(part.area_m2 for part in parts if not part.land_class)
        total = sum(part.area_m2 for part in parts)
        found.append(
            SiteParts(
                parts=parts,
                uncovered_m2=bare if parcels is not None else None,
                doubled_m2=max(total - float(site_area[row]), 0.0),
            )
        )
    return found


def _part(place: Place, area_m2: float, ridge_m2: float, uses: tuple[Use, ...]) -> GroundPart:
    township, village, owner, tenure, land_class, slope = place
    return GroundPart(
        township=township,
        village=village,
        owner=owner,
        tenure=tenure,
        land_class=land_class,
        slope=slope,
        area_m2=float(area_m2),
        ridge_m2=float(ridge_m2),
        uses=uses,
    )


def _cut(sites: NDArray[np.object_], townships: Layer | None, parcels: Ground | None) -> _Pieces:
    by_township = _cut_by_townships(sites, townships)
    by_parcel = _cut_by_parcels(by_township, sites, parcels)
    return _Pieces(
        site=by_township.a_index[by_parcel.a_index],
        township=by_township.b_index[by_parcel.a_index],
        parcel=by_parcel.b_index,
        geometry=by_parcel.geometry,
    )


def _cut_by_townships(sites: NDArray[np.object_], townships: Layer | None) -> OverlapPieces:
    if townships is None:
        return _leave_whole(sites)
    units = townships.geometry

    def doubled(met: NDArray[np.int64]) -> NDArray[np.int64]:
        overlaps = inner_overlaps(units[met], assume_valid=True)
        members: NDArray[np.int64] = np.concatenate([overlaps.a_index, overlaps.b_index])
        return np.asarray(met[np.unique(members)])

    return _add_bare(sites, units, overlap_pieces(sites, units, assume_valid=True), doubled)


def _cut_by_parcels(
    pieces: OverlapPieces, sites: NDArray[np.object_], parcels: Ground | None
) -> OverlapPieces:
    """Cut pieces of sites; of a piece that is a whole site it is known what parcels take of it."""
    shapes = pieces.geometry
    if parcels is None:
        return _leave_whole(shapes)
    whole = shapely.equals_identical(shapes, sites[pieces.a_index])
    # Under townships that overlap, a site is whole more than once.
    whole &= np.bincount(pieces.a_index[whole], minlength=len(sites))[pieces.a_index] == 1
    piece = np.full(len(sites), NOBODY)
    piece[pieces.a_index[whole]] = np.flatnonzero(whole)
    known = parcels.overlap(sites)
    rows = np.flatnonzero(piece[known.a_index] != NOBODY)
    others = np.flatnonzero(~whole)
    fresh = overlap_pieces(shapes[others], parcels.shapes, assume_valid=True)
    a_index = np.concatenate([piece[known.a_index[rows]], others[fresh.a_index]])
    b_index = np.concatenate([known.b_index[rows], fresh.b_index])
    geometry = np.concatenate([known.geometry[rows], fresh.geometry])
    order = np.lexsort((b_index, a_index))
    inside = OverlapPieces(a_index[order], b_index[order], geometry[order])
    return _add_bare(shapes, parcels.shapes, inside, parcels.doubled_among)


def _leave_whole(shapes: NDArray[np.object_]) -> OverlapPieces:
    return OverlapPieces(np.arange(len(shapes)), np.full(len(shapes), NOBODY), shapes)


def _add_bare(
    shapes: NDArray[np.object_], features: NDArray[np.object_], inside: OverlapPieces, doubled: Some
) -> OverlapPieces:
    """Add what no feature covers as pieces of `NOBODY`; `doubled` tells features that overlap."""
    bare = np.flatnonzero(_may_be_bare(shapes, inside, doubled))
    near = np.unique(shapely.STRtree(features).query(shapes[bare])[1])
    outside = outside_pieces(shapes[bare], features[near], assume_valid=True)
    return OverlapPieces(
        np.concatenate([inside.a_index, bare[outside.a_index]]),
        np.concatenate([inside.b_index, outside.b_index]),
        np.concatenate([inside.geometry, outside.geometry]),
    )


def _may_be_bare(
    shapes: NDArray[np.object_], inside: OverlapPieces, doubled: Some
) -> NDArray[np.bool_]:
    """Tell which shapes features may leave ground of uncovered.

    Where features overlap each other, their sum can hide a gap.
    """
    covered = np.bincount(inside.a_index, inside.area, len(shapes))
    bare = shapely.area(shapes) - covered > ROUNDING_M2
    bare[inside.a_index[np.isin(inside.b_index, doubled(np.unique(inside.b_index)))]] = True
    return np.asarray(bare)


def _group(
    pieces: _Pieces, areas: NDArray[np.float64], townships: Layer | None, parcels: Layer | None
) -> tuple[list[tuple[int, Place]], NDArray[np.int64], dict[int, list[int]]]:
    """Gather pieces of a site that agree in place; hairlines go to the site's largest group.

    Returns
    -------
    places
        Site and place of each group.
    group
        The group of each piece.
    order
        The groups of each site, by place.
    """
    labels = _labels(pieces, townships, parcels)
    keys = list(zip(pieces.site.tolist(), labels, strict=True))
    earnest = mean_width(pieces.geometry) >= NOISE_WIDTH_M
    earnest |= ~np.isin(pieces.site, pieces.site[earnest])
    sums: dict[tuple[int, Place], float] = defaultdict(float)
    for key, area, counts in zip(keys, areas.tolist(), earnest.tolist(), strict=True):
        if counts:
            sums[key] += area
    largest: dict[int, tuple[int, Place]] = {}
    for key, area in sorted(sums.items()):
        if key[0] not in largest or area > sums[largest[key[0]]]:
            largest[key[0]] = key
    places = sorted(sums)
    numbers = {key: number for number, key in enumerate(places)}
    group = [numbers[key if key in sums else largest[key[0]]] for key in keys]
    order: dict[int, list[int]] = defaultdict(list)
    for number, (site, _) in enumerate(places):
        order[site].append(number)
    return places, np.array(group, dtype=np.int64), order


def _labels(pieces: _Pieces, townships: Layer | None, parcels: Layer | None) -> list[Place]:
    units = _texts(townships, "name_field", pieces.township)
    fields = ("village_field", "owner_field", "tenure_field", "class_field", "slope_field")
    columns = [_texts(parcels, field, pieces.parcel) for field in fields]
    return list(zip(units, *columns, strict=True))


def _texts(layer: Layer | None, field: str, rows: NDArray[np.int64]) -> list[str]:
    """Text of a field a piece; blank where no feature lies."""
    if layer is None:
        return [""] * len(rows)
    values = np.append(layer.text(getattr(layer.spec, field)), "")
    return [str(value) for value in values[rows]]


def _ridge_share(pieces: _Pieces, parcels: Layer | None) -> NDArray[np.float64]:
    """Share of each piece that is field ridges; only cropland has them."""
    factor = parcels.numbers(parcels.spec.deduction_field) if parcels else None
    if parcels is None or factor is None:
        return np.zeros(len(pieces.parcel))
    cropland = np.char.startswith(parcels.text(parcels.spec.class_field).astype(str), "01")
    usable = np.where(cropland & (factor >= 0) & (factor < 1), factor, 0.0)
    return np.append(usable, 0.0)[pieces.parcel]


def _uses(
    shapes: NDArray[np.object_], group: NDArray[np.int64], grounds: Mapping[str, Ground]
) -> dict[int, tuple[Use, ...]]:
    """Measure what of each group of pieces lies in the zones of the layers."""
    found: dict[int, list[Use]] = defaultdict(list)
    for key, ground in grounds.items():
        raw = overlap_pieces(shapes, ground.features, assume_valid=True)
        by_group = OverlapPieces(group[raw.a_index], raw.b_index, raw.geometry)
        zones = group_pieces(by_group, ground)
        for number in range(len(zones.site)):
            net = float(zones.net_m2[number])
            use = Use(
                layer=key,
                zone=str(zones.zone[number]),
                area_m2=float(zones.area_m2[number]),
                net_m2=None if np.isnan(net) else net,
            )
            found[int(zones.site[number])].append(use)
    return {number: tuple(uses) for number, uses in found.items()}
