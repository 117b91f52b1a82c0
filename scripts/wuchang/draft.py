"""Which faults the draft of the plan carries, and where.

The draft is the plan with chosen parcels added to or taken from lines, so that every fault has a
known size and nothing else changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wuchang import places
from wuchang.calibration import Mask
from wuchang.control_lines import HA
from wuchang.county import County
from wuchang.ground import Ground

RED_LINE_SHORT_HA = 118.40
_EXTENDED_RESERVE = 2
_OVERLAP_TOWN = "山河镇"
#: Towns whose boundary takes a parcel of basic farmland outside it.
_GREEDY_TOWNS = ("牛家满族镇", "拉林满族镇")
_SPARE_HA = 60.0
_SMALLEST_HA = 0.6


@dataclass(frozen=True)
class Draft:
    """Parcels that the draft treats otherwise than the plan; indices into the parcels."""

    county: County
    taken_farmland: tuple[int, ...]
    extension: int
    overlap: int
    removed_red: tuple[int, ...]

    @property
    def reserve(self) -> int:
        """Index of the protected area that reaches outside the red line."""
        return _EXTENDED_RESERVE


def plan_draft(county: County) -> Draft:
    """Choose the parcels of every planted fault."""
    ground, lines = county.ground, county.lines
    window = _filled_window(county)
    outside = tuple(_parcel_beside(county, name) for name in _GREEDY_TOWNS)
    taken = (window, *outside)
    extension = _extension(county)
    removed = _removed_red(county, extension)
    town, zone = lines.town.copy(), lines.zone.copy()
    dropped = _dropped(county, taken)
    town[dropped], zone[dropped] = -1, -1
    for parcel in taken:
        town[parcel], zone[parcel] = _joined(ground, town, zone, parcel)
    red = lines.red.copy()
    red[list(removed)] = False
    reserve = lines.reserve.copy()
    reserve[extension] = _EXTENDED_RESERVE
    changed = replace(lines, town=town, zone=zone, red=red, reserve=reserve)
    return Draft(
        county=replace(county, lines=changed),
        taken_farmland=taken,
        extension=extension,
        overlap=_overlap(ground, town, zone),
        removed_red=removed,
    )


def _filled_window(county: County) -> int:
    """Find a window of a single parcel."""
    ground, window = county.ground, county.lines.window
    alone = window & county.use.basic & ~ground.touching(window)
    return int(np.flatnonzero(alone & (ground.area > _SMALLEST_HA * HA))[0])


def _parcel_beside(county: County, name: str) -> int:
    """Find basic farmland just outside a town's boundary, far from windows."""
    ground, lines = county.ground, county.lines
    town = lines.town == [t.name for t in places.TOWNS].index(name)
    fit = county.use.basic & ground.touching(town) & (ground.area > _SMALLEST_HA * HA)
    fit &= ~ground.touching(lines.window) & ~lines.window
    return int(np.flatnonzero(fit)[0])


def _joined(
    ground: Ground, town: NDArray[np.int64], zone: NDArray[np.int64], parcel: int
) -> tuple[int, int]:
    """Town and zone of the first neighbour inside the boundary."""
    around = ground.neighbours(parcel)
    inside = int(around[town[around] >= 0][0])
    return int(town[inside]), int(zone[inside])


def _dropped(county: County, taken: tuple[int, ...]) -> NDArray[np.int64]:
    """Rim parcels left out, so that the draft stays below the ceiling."""
    ground, lines = county.ground, county.lines
    fixed = np.zeros(len(ground.area), dtype=bool)
    fixed[list(taken)] = True
    near = ground.touching(ground.touching(fixed | lines.window))
    rim = lines.boundary & ~lines.base & ground.touching(~lines.boundary) & ~near
    order = np.flatnonzero(rim)
    room = float(ground.area[list(taken)].sum()) + _SPARE_HA * HA
    count = int(np.searchsorted(np.cumsum(ground.area[order]), room)) + 1
    return order[:count]


def _extension(county: County) -> int:
    """Woodland beside the protected area, open towards the land outside the red line."""
    ground, lines = county.ground, county.lines
    open_land = ground.parts(~lines.red)
    widest = open_land == np.argmax(np.bincount(open_land[open_land >= 0]))
    own = (lines.reserve == _EXTENDED_RESERVE) & ~lines.core
    others = (lines.reserve >= 0) & ~own
    fit = widest & ground.touching(own) & ~ground.touching(others) & ~county.use.cropland
    fit &= np.char.startswith(county.use.code, "03") & (ground.area > 5 * HA)
    return int(np.flatnonzero(fit)[0])


def _removed_red(county: County, extension: int) -> tuple[int, ...]:
    """Four rim parcels of the red line, far from farmland and protected areas."""
    ground, lines = county.ground, county.lines
    keep = ground.touching(county.use.cropland | (lines.reserve >= 0)) | (lines.reserve >= 0)
    keep |= (lines.source >= 0) | ground.touching(_only(extension, len(ground.area)))
    pool = np.flatnonzero(lines.red & ~keep & ground.touching(~lines.red))[:160]
    surplus = float(ground.area[lines.red].sum()) - places.RED_LINE_HA * HA
    target = RED_LINE_SHORT_HA * HA + surplus
    first, second = np.triu_indices(len(pool), 1)
    pair = ground.area[pool[first]] + ground.area[pool[second]]
    order = np.argsort(pair, kind="stable")
    at = np.clip(np.searchsorted(pair[order], target - pair), 0, len(order) - 1)
    mates = order[at]
    apart = (first != first[mates]) & (first != second[mates])
    apart &= (second != first[mates]) & (second != second[mates])
    error = np.where(apart, np.abs(pair + pair[mates] - target), np.inf)
    best = int(np.argmin(error))
    chosen = [first[best], second[best], first[mates[best]], second[mates[best]]]
    return tuple(sorted(int(p) for p in pool[chosen]))


def _only(parcel: int, count: int) -> Mask:
    mask = np.zeros(count, dtype=bool)
    mask[parcel] = True
    return mask


def _overlap(ground: Ground, town: NDArray[np.int64], zone: NDArray[np.int64]) -> int:
    """Find a parcel of the concentrated zone that the flexible zone claims too."""
    inside = town == [t.name for t in places.TOWNS].index(_OVERLAP_TOWN)
    fit = inside & (zone == 0) & ground.touching(inside & (zone == 1))
    return int(np.flatnonzero(fit & (ground.area > HA))[0])
