"""What sites and one layer have in common, or how far apart they are; no rule is asked here.

Everything is found as arrays over all sites; what stands in them of one site is put together to a
`Contact` only when somebody wants to read it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.area import unproject
from spatialplan.findings import GroundStatus
from spatialplan.overlay import features_in_windows
from spatialplan.plan import Tolerance
from spatialplan.screening.distances import nearest_features
from spatialplan.screening.ground import Ground
from spatialplan.screening.overlaps import Overlaps, find_overlaps
from spatialplan.screening.results import SitePiece
from spatialplan.screening.statuses import CLEAR, ENCLOSED, OVERLAP, SLIVER, STATUSES, Codes

__all__ = ["Contact", "Contacts", "Mark", "ZoneContact", "ZoneContacts", "find_contacts"]

Geometries = NDArray[np.object_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ZoneContact:
    """Ground that a site shares with one zone; `number` is its row in `ZoneContacts`."""

    number: int
    zone: str
    status: GroundStatus
    overlap_m2: float
    net_m2: float | None


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


@dataclass(frozen=True, slots=True)
class ZoneContacts:
    """Zones that sites share ground above noise with, sorted by site.

    Attributes
    ----------
    site, code
        Row of the site and number of the zone in `Ground.zone_codes`, int64[n].
    status
        `OVERLAP` or `SLIVER`, int8[n].
    group
        Row in the overlaps' groups, int64[n].
    piece_zone
        Row here of each settled piece, -1 for noise, int64[m].
    """

    site: Integers
    code: Integers
    status: Codes
    group: Integers
    piece_zone: Integers


@dataclass(frozen=True)
class Contacts:
    """How all sites lie to one layer, one entry a site; NaN where there is nothing to say.

    `status` is one of `STATUSES` by number, never not evaluated: that is for who judges.
    """

    ground: Ground
    overlaps: Overlaps
    zones: ZoneContacts
    status: Codes
    overlap_m2: Floats
    sliver_m2: Floats
    noise_m2: Floats
    length_m: Floats
    distance_m: Floats
    nearest: NDArray[np.object_]
    window_m2: Floats
    marks: dict[int, tuple[Mark, ...]]

    @cached_property
    def _starts(self) -> tuple[Integers, Integers]:
        """Where the pieces and the zones of each site begin."""
        sites = np.arange(len(self.status) + 1)
        return (
            np.searchsorted(self.overlaps.settled.a_index, sites),
            np.searchsorted(self.zones.site, sites),
        )

    def of_site(self, row: int) -> Contact:
        """Put together how one site lies to the layer."""
        return replace(
            self.of_clear_site(row),
            status=STATUSES[self.status[row]],
            overlap_m2=float(self.overlap_m2[row]),
            planar_m2=float(self.overlaps.planar_m2[row]) if self.overlap_m2[row] else 0.0,
            zones=self._zones(row),
            pieces=self._pieces(row),
            marks=self.marks.get(row, ()),
            window_m2=float(self.window_m2[row]),
        )

    def of_clear_site(self, row: int) -> Contact:
        """Put together how far one site is that shares nothing above noise."""
        length, distance = float(self.length_m[row]), float(self.distance_m[row])
        return Contact(
            status=GroundStatus.CLEAR,
            noise_m2=float(self.noise_m2[row]),
            length_m=None if math.isnan(length) else length,
            distance_m=None if math.isnan(distance) else distance,
            nearest=str(self.nearest[row]),
        )

    def _zones(self, row: int) -> tuple[ZoneContact, ...]:
        """Zones of a site, the largest overlap first."""
        zones, groups = self.zones, self.overlaps.groups
        start, stop = self._starts[1][row : row + 2]
        found = []
        for number in range(start, stop):
            group = zones.group[number]
            net = float(groups.net_m2[group])
            found.append(
                ZoneContact(
                    number=number,
                    zone=str(groups.zone[group]),
                    status=STATUSES[zones.status[number]],
                    overlap_m2=float(groups.area_m2[group]),
                    net_m2=None if math.isnan(net) else net,
                )
            )
        return tuple(sorted(found, key=lambda zone: -zone.overlap_m2))

    def _pieces(self, row: int) -> tuple[SitePiece, ...]:
        """Pieces of a site above noise, the largest first."""
        settled, ground = self.overlaps.settled, self.ground
        start, stop = self._starts[0][row : row + 2]
        found = []
        for number in range(start, stop):
            if (status := self.overlaps.status[number]) == CLEAR:
                continue
            feature = int(settled.b_index[number])
            found.append(
                SitePiece(
                    layer=ground.layer.spec.id,
                    feature_id=str(ground.ids[feature]),
                    feature_name=str(ground.names[feature]),
                    zone=str(ground.zones[feature]),
                    status=STATUSES[status],
                    area_m2=float(self._piece_figures[0][number]),
                    width_m=float(self._piece_figures[1][number]),
                    geometry=settled.geometry[number],
                )
            )
        return tuple(sorted(found, key=lambda piece: -piece.area_m2))

    @cached_property
    def _piece_figures(self) -> tuple[Floats, Floats]:
        return self.overlaps.settled.area, self.overlaps.settled.mean_width

    def features_of_zone(self, number: int) -> tuple[str, ...]:
        """Return ids and names of the features whose ground a row of `zones` is."""
        ground = self.ground
        met = self.overlaps.settled.b_index[self.zones.piece_zone == number].tolist()
        texts = {str(text) for i in met for text in (ground.ids[i], ground.names[i])}
        return tuple(sorted(texts - {""}))


def find_contacts(
    sites: Geometries, flat_sites: Geometries, ground: Ground, *, tolerance: Tolerance
) -> Contacts:
    """Find how sites lie to a layer.

    Parameters
    ----------
    sites, flat_sites
        Valid polygons in the plane of judgement and the same in the working CRS, object[n].
    """
    overlaps = find_overlaps(sites, flat_sites, ground, tolerance=tolerance)
    settled, count = overlaps.settled, len(sites)
    area, above = settled.area, overlaps.status != CLEAR
    marks, length_m = _find_marks(sites, ground)
    status = np.full(count, CLEAR, dtype=np.int8)
    np.maximum.at(status, settled.a_index, overlaps.status)
    shares = status != CLEAR
    status[list(marks)] = OVERLAP
    apart = np.flatnonzero(status == CLEAR)
    window_m2 = _find_enclosed(sites, apart, ground)
    status[window_m2 > 0] = ENCLOSED
    distances, nearest = np.full(count, np.nan), np.full(count, "", dtype=object)
    if len(apart) and not ground.is_parcels:
        distances[apart], nearest[apart] = nearest_features(sites[apart], flat_sites[apart], ground)
    in_pieces = np.bincount(settled.a_index[above], area[above], count)
    slivers = overlaps.status == SLIVER
    return Contacts(
        ground=ground,
        overlaps=overlaps,
        zones=_list_zones(overlaps, ground),
        status=status,
        overlap_m2=np.where(shares, overlaps.total_m2, 0.0),
        sliver_m2=np.bincount(settled.a_index[slivers], area[slivers], count).astype(np.float64),
        # What is trimmed off pieces is less than the last digit printed.
        noise_m2=np.maximum(overlaps.total_m2 - in_pieces, 0.0),
        length_m=length_m,
        distance_m=distances,
        nearest=nearest,
        window_m2=window_m2,
        marks=marks,
    )


def _list_zones(overlaps: Overlaps, ground: Ground) -> ZoneContacts:
    """Zones by site; those met in hairlines only are left out."""
    settled, groups = overlaps.settled, overlaps.groups
    kinds = max(len(ground.zone_codes[0]), 1)
    keys = settled.a_index * kinds + ground.zone_codes[1][settled.b_index]
    group = np.searchsorted(groups.site * kinds + groups.code, keys)
    status = np.full(len(groups.site), CLEAR, dtype=np.int8)
    np.maximum.at(status, group, overlaps.status)
    met = np.flatnonzero(status != CLEAR)
    number = np.full(len(status), -1, dtype=np.int64)
    number[met] = np.arange(len(met))
    return ZoneContacts(
        site=groups.site[met],
        code=groups.code[met],
        status=status[met],
        group=met,
        piece_zone=np.where(overlaps.status != CLEAR, number[group], -1),
    )


def _find_marks(sites: Geometries, ground: Ground) -> tuple[dict[int, tuple[Mark, ...]], Floats]:
    """Lines and points in each site, and the length of line in it, metres; NaN for no lines."""
    has_lines = ground.layer.spec.geometry == "line"
    lengths = np.full(len(sites), 0.0 if has_lines else np.nan)
    if not len(ground.marks):
        return {}, lengths
    site, mark = shapely.STRtree(ground.marks).query(sites, predicate="intersects")
    inside = shapely.intersection(sites[site], ground.marks[mark])
    flat = shapely.length(unproject(inside, ground.layer.plane, ground.working_crs))
    met: dict[int, set[Mark]] = defaultdict(set)
    for row, number in zip(site.tolist(), mark.tolist(), strict=True):
        met[row].add(_mark(ground, number))
    marks = {row: tuple(sorted(found)) for row, found in met.items()}
    if has_lines:
        lengths += np.bincount(site, flat, len(sites))
    return marks, lengths


def _mark(ground: Ground, number: int) -> Mark:
    texts = (str(ground.mark_ids[number]), str(ground.mark_names[number]))
    return Mark(
        name=texts[1] or texts[0],
        zone=str(ground.mark_zones[number]),
        features=tuple(sorted(set(texts) - {""})),
    )


def _find_enclosed(sites: Geometries, apart: Integers, ground: Ground) -> Floats:
    """Area of the windows that enclose each site, m²; 0 for those that share ground or lie outside.

    A site of several parts is enclosed if one of them is.
    """
    found = np.zeros(len(sites))
    if not len(apart) or not len(ground.shapes) or ground.is_parcels:
        return found
    parts, owner = shapely.get_parts(sites[apart], return_index=True)
    enclosed = features_in_windows(parts, ground.around.windows)
    found += np.bincount(apart[owner[enclosed.a_index]], enclosed.area, len(sites))
    return found
