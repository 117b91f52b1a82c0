"""Which parcels make up each line of the plan.

Lines are chosen by smooth fields, then calibrated. The order settles who yields: the town first
takes its ground with windows for farmland, mountains keep clearings, protected areas grow inside
the mountains, the red line takes them all in, farmland gets the rest that suits it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from wuchang import places
from wuchang.calibration import Floats, Mask, calibrate, take_until
from wuchang.ground import Ground
from wuchang.seeds import Kind, reservoir_outline
from wuchang.terrain import random_source

HA = 10_000.0
#: Above zero, so that a demand "at least" is met before rounding too; m².
_MARGIN_M2 = 1.0


@dataclass(frozen=True)
class ControlLines:
    """Membership of every parcel; -1 where a number means none."""

    town: NDArray[np.int64]
    zone: NDArray[np.int64]
    window: Mask
    base: Mask
    clearing: Mask
    reserve: NDArray[np.int64]
    core: Mask
    source: NDArray[np.int64]
    source_class: NDArray[np.int64]
    red: Mask

    @property
    def boundary(self) -> Mask:
        """Parcels inside the development boundary."""
        return self.town >= 0


def draw_lines(ground: Ground, *, exact: bool) -> ControlLines:
    """All lines but farmland; with `exact`, calibrated to the printed areas."""
    town, window = _boundary(ground, exact=exact)
    clearing = _clearings(ground, town, window)
    reserve, core = _reserves(ground, clearing, town, exact=exact)
    source, source_class = _sources(ground, town)
    red = _red_line(ground, clearing, town, reserve, exact=exact)
    return ControlLines(
        town=town,
        zone=_zones(ground, town),
        window=window,
        base=_base(ground, town, exact=exact),
        clearing=clearing,
        reserve=reserve,
        core=core,
        source=source,
        source_class=source_class,
        red=red,
    )


def _town_score(ground: Ground, town: places.Town) -> Floats:
    """0 at the centre, about 1 at the rim of a town of its size."""
    radius = np.sqrt(town.area_ha * HA / np.pi)
    warp = 1 + 0.16 * ground.noise("town rim", 2600.0) + 0.05 * ground.noise("rim detail", 700.0)
    return np.asarray(ground.distance(town.lon, town.lat) / radius * np.clip(warp, 0.55, 1.6))


def _boundary(ground: Ground, *, exact: bool) -> tuple[NDArray[np.int64], Mask]:
    number = np.full(len(ground.area), -1)
    windows = np.zeros(len(ground.area), dtype=bool)
    free = ground.is_kind(Kind.TOWN, Kind.OPEN, Kind.VILLAGE)
    for index, town in enumerate(places.TOWNS):
        score = _town_score(ground, town)
        first = take_until(score, free & (number < 0), ground.area, town.area_ha * HA)
        windows |= _windows(ground, first, score, town)
        grown = take_until(score, free & (number < 0) & ~windows, ground.area, town.area_ha * HA)
        number[grown] = index
    if exact:
        number = _calibrated_boundary(ground, number, windows, free)
    return number, windows


def _windows(ground: Ground, mask: Mask, score: Floats, town: places.Town) -> Mask:
    """Single parcels and pairs well inside a town that stay farmland."""
    rng = random_source(f"windows {places.TOWNS.index(town)}")
    chosen = np.zeros(len(mask), dtype=bool)
    deep = ground.inner(ground.inner(mask)) & ground.is_kind(Kind.TOWN)
    pool = rng.permutation(np.flatnonzero(deep & (score > 0.45)))
    for parcel in pool:
        if chosen.sum() >= 1.6 * town.windows:
            break
        around = ground.neighbours(parcel)
        if ground.touching(chosen)[np.r_[parcel, around]].any() or chosen[around].any():
            continue
        chosen[parcel] = True
        partners = around[deep[around]]
        if len(partners) and rng.uniform() < 0.6:
            chosen[partners[0]] = True
    return chosen


def _calibrated_boundary(
    ground: Ground, number: NDArray[np.int64], windows: Mask, free: Mask
) -> NDArray[np.int64]:
    mask = number >= 0
    near_window = ground.touching(windows)
    rim = mask & ground.touching(~mask & ~windows) & ~near_window
    outside = free & ~mask & ~windows & ground.touching(ground.touching(mask))
    target = places.BOUNDARY_HA * HA - _MARGIN_M2
    chosen = calibrate(mask, ground.area, target, may_add=outside, may_drop=rim)
    result = np.where(chosen, number, -1)
    for parcel in np.flatnonzero(chosen & ~mask):
        scores = [ground.distance(t.lon, t.lat)[parcel] for t in places.TOWNS]
        result[parcel] = int(np.argmin(scores))
    return result


def _zones(ground: Ground, town: NDArray[np.int64]) -> NDArray[np.int64]:
    """0 concentrated, 1 flexible, 2 special use, from each town's rim inwards."""
    zone = np.full(len(town), -1)
    for index, place in enumerate(places.TOWNS):
        members = town == index
        score = _town_score(ground, place)
        edge = np.quantile(score[members], 0.84)
        heading = ground.points - ground.points[members].mean(axis=0)
        angle = np.degrees(np.arctan2(*heading.T)) % 360
        start = (70 * index + 40) % 360
        zone[members] = 0
        zone[members & (score > edge) & ((angle - start) % 360 < 190)] = 1
        if place.area_ha > 400:
            zone[members & (score > edge) & ((angle - start - 190) % 360 < 70)] = 2
    return zone


def _base(ground: Ground, town: NDArray[np.int64], *, exact: bool) -> Mask:
    """Innermost parcels of each town: what was built in the base year."""
    base = np.zeros(len(town), dtype=bool)
    for index, place in enumerate(places.TOWNS):
        members = town == index
        target = float(ground.area[members].sum()) / places.EXPANSION_MULTIPLE
        base |= take_until(_town_score(ground, place), members, ground.area, target)
    if not exact:
        return base
    rim = base & ground.touching((town >= 0) & ~base)
    target = places.BOUNDARY_HA / places.EXPANSION_MULTIPLE * HA
    beside = (town >= 0) & ~base & ground.touching(base)
    return calibrate(base, ground.area, target, may_add=beside, may_drop=rim)


def _clearings(ground: Ground, town: NDArray[np.int64], windows: Mask) -> Mask:
    """Farmland, villages and roads that the mountains leave open."""
    floor = ground.valley + 0.16 * ground.noise("floors", 2500.0) > 0.80
    pocket = ground.noise("pockets", 1500.0) + 0.5 * ground.valley - ground.slope / 14 > 1.75
    lonely = (ground.speckle < -1.75) & (ground.slope < 9)
    built = ground.is_kind(Kind.VILLAGE, Kind.ROAD) | (town >= 0) | windows
    wet = ground.is_kind(Kind.WATER, Kind.SHORE, Kind.RIVER, Kind.BANK)
    return np.asarray(built | ((floor | pocket | lonely) & ~wet))


def _reserves(
    ground: Ground, clearing: Mask, town: NDArray[np.int64], *, exact: bool
) -> tuple[NDArray[np.int64], Mask]:
    number = np.full(len(ground.area), -1)
    core = np.zeros(len(ground.area), dtype=bool)
    free = ~clearing & (town < 0) & ~ground.is_kind(Kind.RIVER, Kind.BANK)
    for index, reserve in enumerate(places.RESERVES):
        score = _reserve_score(ground, reserve)
        members = take_until(score, free & (number < 0), ground.area, reserve.area_ha * HA)
        number[members] = index
        core |= take_until(score, members, ground.area, reserve.area_ha * HA * reserve.core_share)
    if exact:
        number = _calibrated_reserves(ground, number, core, free)
    return number, core & (number >= 0)


def _reserve_score(ground: Ground, reserve: places.Reserve) -> Floats:
    warp = 1 + 0.17 * ground.noise(f"reserve {reserve.area_ha:.0f}", 7000.0)
    return np.asarray(ground.distance(reserve.lon, reserve.lat) * np.clip(warp, 0.5, 1.7))


def _calibrated_reserves(
    ground: Ground, number: NDArray[np.int64], core: Mask, free: Mask
) -> NDArray[np.int64]:
    """Only rim parcels of one area change, so that the areas stay apart."""
    mask = number >= 0
    first = number == 0
    near = ground.touching(ground.touching(ground.touching(first)))
    outside = free & ~mask & near & ~ground.touching(mask & ~first)
    rim = first & ground.touching(~mask) & ~core
    target = places.PROTECTED_HA * HA + _MARGIN_M2
    chosen = calibrate(mask, ground.area, target, may_add=outside, may_drop=rim)
    return np.where(chosen, np.where(mask, number, 0), -1)


def _sources(
    ground: Ground, town: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Water source and its class (1, 2) of each parcel."""
    number, level = np.full(len(town), -1), np.full(len(town), -1)
    for index, reservoir in enumerate(places.RESERVOIRS):
        for grown_m, rank in ((2600.0, 2), (330.0, 1)):
            outline = reservoir_outline(reservoir, grown_m=grown_m)
            inside = shapely.contains_xy(outline, ground.points) & (town < 0)
            number[inside], level[inside] = index, rank
    return number, level


def _red_line(
    ground: Ground,
    clearing: Mask,
    town: NDArray[np.int64],
    reserve: NDArray[np.int64],
    *,
    exact: bool,
) -> Mask:
    free = ~clearing & (town < 0)
    strips = ground.is_kind(Kind.BANK) & (ground.speckle + ground.noise("banks", 2500.0) > 0.7)
    forced = (reserve >= 0) | (free & (ground.is_kind(Kind.WATER, Kind.SHORE) | strips))
    height = ground.elevation + 75 * ground.noise("red line", 2600.0) + 125 * ground.speckle
    rest = places.RED_LINE_HA * HA - float(ground.area[forced].sum())
    open_land = free & ~forced & ~ground.is_kind(Kind.BANK, Kind.RIVER)
    red = forced | take_until(-height, open_land, ground.area, rest)
    if not exact:
        return red
    outside = open_land & ~red & ground.touching(red)
    rim = red & ~forced & ground.touching(~red) & ~ground.touching(reserve >= 0)
    target = places.RED_LINE_HA * HA + _MARGIN_M2
    return calibrate(red, ground.area, target, may_add=outside, may_drop=rim)
