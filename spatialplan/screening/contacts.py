"""What sites and one layer have in common, or how far apart they are; no rule is asked here."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import unproject
from spatialplan.crs import Plane
from spatialplan.findings import GroundStatus
from spatialplan.overlay import enclosed_features
from spatialplan.plan import Tolerance
from spatialplan.screening.distances import nearest_features
from spatialplan.screening.ground import Ground
from spatialplan.screening.overlaps import Overlaps, find_overlaps
from spatialplan.screening.results import SitePiece

__all__ = ["Contact", "ZoneContact", "find_contacts"]

Geometries = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class ZoneContact:
    """Ground that a site shares with one zone; `features` are the ids and names it belongs to."""

    zone: str
    status: GroundStatus
    overlap_m2: float
    net_m2: float | None
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A line or point without a width that lies in a site."""

    name: str
    zone: str
    features: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """How one site lies to the layer; see `spatialplan.screening.results.LayerFinding`.

    `marks` are lines and points without a width that lie in the site; `window_m2` is the area
    of the windows that enclose it.
    """

    status: GroundStatus
    overlap_m2: float = 0.0
    planar_m2: float = 0.0
    noise_m2: float = 0.0
    zones: tuple[ZoneContact, ...] = ()
    pieces: tuple[SitePiece, ...] = ()
    marks: tuple[Mark, ...] = ()
    length_m: float | None = None
    distance_m: float | None = None
    nearest: str = ""
    window_m2: float = 0.0


def find_contacts(
    sites: Geometries, ground: Ground, *, tolerance: Tolerance, plane: Plane, working_crs: CRS
) -> list[Contact]:
    """Find how sites lie to a layer, in the order of the sites.

    Parameters
    ----------
    sites
        Valid polygons in the plane of judgement, object[n].
    """
    overlaps = find_overlaps(sites, ground, tolerance=tolerance, working_crs=working_crs)
    pieces, zones = _list_pieces(overlaps, ground), _list_zones(overlaps, ground)
    marks, lengths = _find_marks(sites, ground, plane, working_crs)
    apart = np.array([row for row in range(len(sites)) if row not in pieces and row not in marks])
    apart = apart.astype(np.int64)
    enclosed = _find_enclosed(sites, apart, ground)
    distances, nearest = np.full(len(sites), np.nan), np.full(len(sites), "", dtype=object)
    if len(apart) and not ground.is_parcels:
        distances[apart], nearest[apart] = nearest_features(
            sites[apart], ground, plane=plane, working_crs=working_crs
        )
    has_lines = ground.layer.spec.geometry == "line"
    contacts = [
        _apart(*figures, length_m=0.0 if has_lines else None)
        for figures in zip(
            overlaps.total_m2.tolist(), distances.tolist(), nearest.tolist(), strict=True
        )
    ]
    for row, window_m2 in enclosed.items():
        contacts[row] = replace(contacts[row], status=GroundStatus.ENCLOSED, window_m2=window_m2)
    for row in pieces.keys() | marks.keys():
        own = pieces.get(row, ())
        contacts[row] = Contact(
            status=_status(own, marked=row in marks),
            overlap_m2=float(overlaps.total_m2[row]) if own else 0.0,
            planar_m2=float(overlaps.planar_m2[row]) if own else 0.0,
            noise_m2=_noise(float(overlaps.total_m2[row]), own),
            zones=tuple(zones.get(row, ())),
            pieces=own,
            marks=marks.get(row, ()),
            length_m=lengths.get(row, 0.0) if has_lines else None,
        )
    return contacts


def _apart(noise_m2: float, distance_m: float, nearest: str, *, length_m: float | None) -> Contact:
    """Describe a site that shares nothing with the layer but, perhaps, hairlines."""
    return Contact(
        status=GroundStatus.CLEAR,
        noise_m2=noise_m2,
        length_m=length_m,
        distance_m=None if math.isnan(distance_m) else distance_m,
        nearest=nearest,
    )


def _status(pieces: tuple[SitePiece, ...], *, marked: bool) -> GroundStatus:
    if marked or any(piece.status is GroundStatus.OVERLAP for piece in pieces):
        return GroundStatus.OVERLAP
    return GroundStatus.SLIVER


def _noise(total_m2: float, pieces: tuple[SitePiece, ...]) -> float:
    """Ground in hairlines; what is trimmed off pieces is less than the last digit printed."""
    return max(total_m2 - sum(piece.area_m2 for piece in pieces), 0.0)


def _list_pieces(overlaps: Overlaps, ground: Ground) -> dict[int, tuple[SitePiece, ...]]:
    """Pieces above noise by site, the largest first."""
    settled, found = overlaps.settled, defaultdict(list)
    area, width = settled.area, settled.mean_width
    rows = np.flatnonzero(np.array([status is not None for status in overlaps.status], dtype=bool))
    for row in rows[np.argsort(-area[rows], kind="stable")].tolist():
        feature = int(settled.b_index[row])
        found[int(settled.a_index[row])].append(
            SitePiece(
                layer=ground.layer.spec.id,
                feature_id=str(ground.ids[feature]),
                feature_name=str(ground.names[feature]),
                zone=str(ground.zones[feature]),
                status=overlaps.status[row],
                area_m2=float(area[row]),
                width_m=float(width[row]),
                geometry=settled.geometry[row],
            )
        )
    return {site: tuple(pieces) for site, pieces in found.items()}


def _list_zones(overlaps: Overlaps, ground: Ground) -> dict[int, list[ZoneContact]]:
    """Zones by site, the largest overlap first; zones met in hairlines only are left out."""
    settled, groups = overlaps.settled, overlaps.groups
    met: dict[tuple[int, str], set[int]] = defaultdict(set)
    statuses: dict[tuple[int, str], GroundStatus] = {}
    for row, status in enumerate(overlaps.status):
        if status is not None:
            feature = int(settled.b_index[row])
            key = (int(settled.a_index[row]), str(ground.zones[feature]))
            met[key].add(feature)
            worse = GroundStatus.OVERLAP in (status, statuses.get(key))
            statuses[key] = GroundStatus.OVERLAP if worse else GroundStatus.SLIVER
    found: dict[int, list[ZoneContact]] = defaultdict(list)
    for number in np.argsort(-groups.area_m2, kind="stable").tolist():
        key = (int(groups.site[number]), str(groups.zone[number]))
        if key in met:
            net = float(groups.net_m2[number])
            called = {str(text) for i in met[key] for text in (ground.ids[i], ground.names[i])}
            found[key[0]].append(
                ZoneContact(
                    zone=key[1],
                    status=statuses[key],
                    overlap_m2=float(groups.area_m2[number]),
                    net_m2=None if np.isnan(net) else net,
                    features=tuple(sorted(called - {""})),
                )
            )
    return found


def _find_marks(
    sites: Geometries, ground: Ground, plane: Plane, working_crs: CRS
) -> tuple[dict[int, tuple[Mark, ...]], dict[int, float]]:
    """Lines and points in each site, and the length of line in it, metres."""
    if not len(ground.marks):
        return {}, {}
    site, mark = shapely.STRtree(ground.marks).query(sites, predicate="intersects")
    inside = shapely.intersection(sites[site], ground.marks[mark])
    lengths = np.bincount(site, shapely.length(unproject(inside, plane, working_crs)), len(sites))
    met: dict[int, set[Mark]] = defaultdict(set)
    for row, number in zip(site.tolist(), mark.tolist(), strict=True):
        met[row].add(_mark(ground, number))
    return (
        {row: tuple(sorted(found)) for row, found in met.items()},
        {row: float(lengths[row]) for row in met},
    )


def _mark(ground: Ground, number: int) -> Mark:
    texts = (str(ground.mark_ids[number]), str(ground.mark_names[number]))
    return Mark(
        name=texts[1] or texts[0],
        zone=str(ground.mark_zones[number]),
        features=tuple(sorted(set(texts) - {""})),
    )


def _find_enclosed(sites: Geometries, apart: NDArray[np.int64], ground: Ground) -> dict[int, float]:
    """Sites, among those that share nothing with the layer, in windows of it, and their area.

    A site of several parts is enclosed if one of them is.
    """
    if not len(apart) or not len(ground.shapes) or ground.is_parcels:
        return {}
    parts, owner = shapely.get_parts(sites[apart], return_index=True)
    enclosed = enclosed_features(parts, ground.around, assume_valid=True)
    rows = owner[enclosed.a_index]
    windows = np.bincount(rows, enclosed.area, len(apart))
    return {int(apart[row]): float(windows[row]) for row in np.unique(rows)}
