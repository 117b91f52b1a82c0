"""Farmland, basic farmland and the land class of every parcel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wuchang import places
from wuchang.calibration import Floats, Mask, calibrate, take_until
from wuchang.control_lines import HA, ControlLines
from wuchang.ground import Ground
from wuchang.seeds import Kind

CLASS_NAMES = {
    "0101": "水田",
    "0102": "水浇地",
    "0103": "旱地",
    "0201": "果园",
    "0301": "乔木林地",
    "0305": "灌木林地",
    "0307": "其他林地",
    "0401": "天然牧草地",
    "0404": "其他草地",
    "0601": "工业用地",
    "0701": "城镇住宅用地",
    "0702": "农村宅基地",
    "0810": "公园与绿地",
    "1003": "公路用地",
    "1101": "河流水面",
    "1103": "水库水面",
    "1106": "内陆滩涂",
}
#: Share of a sloping dry field taken up by ridges, by slope class 1 to 5.
_RIDGE_SHARE = np.array([0.0, 0.05, 0.09, 0.13, 0.18])


@dataclass(frozen=True)
class LandUse:
    """Cover of every parcel; `ridge_share` is the deduction coefficient KCXS."""

    cropland: Mask
    basic: Mask
    code: NDArray[np.str_]
    slope_class: NDArray[np.int64]
    ridge_share: Floats


def assign_land_use(ground: Ground, lines: ControlLines, *, exact: bool) -> LandUse:
    """Land use that fits the lines; with `exact`, farmland calibrated net of ridges."""
    slope_class = np.digitize(ground.slope, (2.0, 6.0, 15.0, 25.0)) + 1
    paddy = _paddy(ground)
    share = np.where(paddy, 0.0, _RIDGE_SHARE[slope_class - 1])
    net = np.round(ground.area, 2) * (1 - share)
    cropland = _cropland(ground, lines, net, exact=exact)
    basic = _basic(ground, lines, cropland, net, exact=exact)
    code = _codes(ground, lines, cropland, paddy)
    return LandUse(cropland, basic, code, slope_class, np.where(cropland, share, 0.0))


def _paddy(ground: Ground) -> Mask:
    """Rice grows on flat ground, near rivers most of all."""
    wet = 1.3 * ground.valley + 0.5 * ground.noise("paddy", 5000.0) - ground.upland / 90
    return np.asarray((wet > 0.55) & (ground.slope < 3.5))


def _cropland(ground: Ground, lines: ControlLines, net: Floats, *, exact: bool) -> Mask:
    kinds = ground.is_kind(Kind.OPEN, Kind.TOWN)
    free = kinds & ~lines.red & ~lines.base & (lines.source_class != 1)
    forced = free & (lines.window | (lines.clearing & ~lines.boundary))
    wild = (
        ground.slope * 0.22
        + np.clip(ground.upland, 0, None) / 26
        + 0.55 * ground.noise("woods", 2300.0)
        + 0.35 * ground.speckle
        - 1.1 * ground.valley
        + 0.9 * lines.boundary
    )
    rest = places.CROPLAND_HA * HA - float(net[forced].sum())
    chosen = np.asarray(forced | take_until(wild, free & ~forced, net, rest))
    if not exact:
        return chosen
    near = np.abs(wild - np.max(wild[chosen & ~forced])) < 0.25
    target = places.CROPLAND_HA * HA + 1.0
    return calibrate(chosen, net, target, may_add=free & near, may_drop=chosen & near & ~forced)


def _basic(
    ground: Ground, lines: ControlLines, cropland: Mask, net: Floats, *, exact: bool
) -> Mask:
    """Most of the cropland, spared beside villages and on steep land."""
    free = cropland & ~lines.boundary & (ground.slope < 15)
    enclosed = ground.inner(ground.touching(lines.red)) & (ground.elevation > 330)
    forced = free & (lines.window | (enclosed & (ground.speckle > 0)))
    village = ground.touching(ground.is_kind(Kind.VILLAGE, Kind.ROAD))
    score = (
        0.8 * ground.noise("soils", 3800.0)
        + 0.5 * ground.speckle
        + 0.06 * ground.slope
        + 0.5 * village
    )
    rest = places.BASIC_FARMLAND_HA * HA - float(net[forced].sum())
    chosen = forced | take_until(score, free & ~forced, net, rest)
    if not exact:
        return chosen
    near = np.abs(score - np.max(score[chosen & ~forced])) < 0.2
    target = places.BASIC_FARMLAND_HA * HA + 1.0
    return calibrate(chosen, net, target, may_add=free & near, may_drop=chosen & near & ~forced)


def _codes(ground: Ground, lines: ControlLines, cropland: Mask, paddy: Mask) -> NDArray[np.str_]:
    """Land class code (DLBM), later rules over earlier ones."""
    patch, fine = ground.noise("cover", 1800.0), ground.speckle
    high = (ground.elevation > 260) | lines.red
    code = np.where(high, "0301", "0307")
    rules = [
        (high & (patch > 1.35), "0305"),
        (high & (patch < -1.55), "0307"),
        (~high & (patch > 0.55), "0301"),
        (~high & (patch < -0.5), "0404"),
        (~high & (patch < -1.2), "0401"),
        (~high & (fine > 1.9), "0201"),
        (ground.touching(ground.is_kind(Kind.VILLAGE)) & ~high & (fine < -0.2), "0702"),
        (ground.is_kind(Kind.BANK, Kind.SHORE), "1106"),
        (ground.is_kind(Kind.BANK, Kind.SHORE) & (patch > 0.4), "0305"),
        (ground.is_kind(Kind.RIVER), "1101"),
        (ground.is_kind(Kind.WATER), "1103"),
        (lines.boundary, "0404"),
        (lines.base, "0701"),
        (lines.base & (ground.noise("industry", 1100.0) > 0.9), "0601"),
        (lines.base & (fine > 1.9), "0810"),
        (ground.is_kind(Kind.VILLAGE) & ~lines.base, "0702"),
        (ground.is_kind(Kind.ROAD) & ~lines.base, "1003"),
        (cropland, "0103"),
        (cropland & (ground.noise("wells", 2500.0) > 1.7), "0102"),
        (cropland & paddy, "0101"),
    ]
    for mask, value in rules:
        code[mask] = value
    return code
