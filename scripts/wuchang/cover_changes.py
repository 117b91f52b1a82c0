"""What differs between the two editions of land cover: planted changes, and nothing else.

Stamps of cells are set down at the place nearest to an anchor where they lie as demanded. Forest
that grew on former cropland makes up the difference between the two forest covers that the plan
prints (46.36 % of 2020 to 2022, 46.43 % of 2023).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, label

from wuchang.calibration import Mask, calibrate, take_until
from wuchang.land_cover import (
    BARE,
    BUILT_UP,
    CROPLAND,
    FOREST,
    GRASS,
    WETLAND,
    Cells,
    Parcels,
)
from wuchang.project_ground import Ground
from wuchang.raster_grid import CellGrid
from wuchang.terrain import project

Offsets = NDArray[np.int64]

#: Forest cover that the plan's text prints for 2020 to 2022.
EARLIER_FOREST_SHARE = 0.4636
_REACH_CELLS = 420
_CORE = "protected_areas=核心保护区"
_FIRST, _SECOND = "water_sources=一级保护区", "water_sources=二级保护区"
_LINES = ("red_line", "protected_areas", "water_sources")
#: Ground of one size that was given back to forest, cells.
_RESTORED_CELLS = (400, 1700)
_RESTORED_NEAR = (127.35, 44.80)
_EVERYWHERE = np.ones((3, 3), dtype=bool)


class Change(NamedTuple):
    """A stamp of cells to set down, and where it must lie."""

    identity: str
    kind: str
    note: str
    near: tuple[float, float]
    classes: tuple[int, int]
    stamp: Offsets
    within: tuple[str, ...] = ()
    clear_of: tuple[str, ...] = ()
    half_within: str = ""


class Planted(NamedTuple):
    """A change as it was set down: its cells in the grid."""

    identity: str
    kind: str
    note: str
    classes: tuple[int, int]
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]


def _patch(long: float, short: float, degrees: float = 0.0) -> Offsets:
    """Cells of an ellipse with these half axes in cells, rows and columns about its middle."""
    reach = int(np.ceil(max(long, short))) + 1
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    angle = np.radians(degrees)
    along = columns * np.cos(angle) - rows * np.sin(angle)
    across = columns * np.sin(angle) + rows * np.cos(angle)
    return np.argwhere((along / long) ** 2 + (across / short) ** 2 <= 1) - reach


def _block(rows: int, columns: int) -> Offsets:
    return np.argwhere(np.ones((rows, columns), dtype=bool))


def _track(length: int) -> Offsets:
    """Cells that meet at their corners only, like a road seen from above."""
    return np.column_stack([np.arange(length), np.arange(length)]) - length // 2


CHANGES = (
    Change(
        "core-tourism",
        "human",
        "核心保护区内新增旅游设施",
        (128.10, 44.44),
        (FOREST, BUILT_UP),
        _patch(4.6, 3.1, 30),
        within=("red_line", _CORE),
    ),
    Change(
        "red-quarry",
        "human",
        "生态保护红线内新增采石场",
        (127.72, 44.98),
        (FOREST, BARE),
        _patch(5.2, 3.8, 75),
        within=("red_line",),
        clear_of=("protected_areas", "water_sources"),
    ),
    Change(
        "red-clearing",
        "human",
        "生态保护红线内毁林开垦",
        (127.45, 44.50),
        (FOREST, CROPLAND),
        _block(8, 10),
        within=("red_line",),
        clear_of=("protected_areas", "water_sources"),
    ),
    Change(
        "red-road",
        "human",
        "生态保护红线内新增道路（相邻像元仅角点相接）",
        (127.80, 44.33),
        (FOREST, BUILT_UP),
        _track(45),
        within=("red_line",),
        clear_of=("protected_areas", "water_sources"),
    ),
    Change(
        "red-straddling",
        "human",
        "跨生态保护红线的新增建设，约一半在线内",
        (127.53, 44.70),
        (FOREST, BUILT_UP),
        _block(6, 9),
        clear_of=("protected_areas", "water_sources"),
        half_within="red_line",
    ),
    Change(
        "source1-building",
        "human",
        "饮用水水源一级保护区内新增建设",
        (127.69, 44.39),
        (FOREST, BUILT_UP),
        _block(3, 4),
        within=(_FIRST,),
    ),
    Change(
        "source2-field",
        "human",
        "饮用水水源二级保护区内新增耕地",
        (127.69, 44.42),
        (FOREST, CROPLAND),
        _patch(3.2, 2.2),
        within=(_SECOND,),
        clear_of=("protected_areas",),
    ),
    Change(
        "shore-sand",
        "human",
        "自然保护地内采砂侵占湿地湖岸",
        (127.60, 44.75),
        (WETLAND, BARE),
        _block(3, 3),
        within=("protected_areas",),
    ),
    Change(
        "small-core",
        "too_small",
        "核心保护区内两个像元，小于最小图斑",
        (128.13, 44.47),
        (FOREST, BUILT_UP),
        _block(1, 2),
        within=("red_line", _CORE),
    ),
    Change(
        "small-red",
        "too_small",
        "生态保护红线内单个像元，小于最小图斑",
        (127.95, 44.90),
        (FOREST, BARE),
        _block(1, 1),
        within=("red_line",),
        clear_of=("protected_areas",),
    ),
    Change(
        "town-growth",
        "elsewhere",
        "城镇开发边界内新增建设，不在监测范围",
        (127.16, 44.93),
        (GRASS, BUILT_UP),
        _patch(3.4, 2.4),
        within=("development_boundary",),
        clear_of=(*_LINES, "base_urban_land"),
    ),
    Change(
        "farmland-shed",
        "elsewhere",
        "永久基本农田上新增建设，不在默认监测范围",
        (127.02, 45.14),
        (CROPLAND, BUILT_UP),
        _block(4, 6),
        within=("basic_farmland",),
        clear_of=(*_LINES, "development_boundary"),
    ),
    Change(
        "village-growth",
        "elsewhere",
        "各线之外的村庄扩展",
        (127.25, 45.08),
        (CROPLAND, BUILT_UP),
        _block(5, 5),
        clear_of=(*_LINES, "development_boundary", "basic_farmland"),
    ),
    Change(
        "red-windthrow",
        "natural",
        "生态保护红线内风倒木迹地转为草地，非人类活动",
        (127.98, 44.62),
        (FOREST, GRASS),
        _patch(6.5, 4.4, 20),
        within=("red_line",),
    ),
    Change(
        "red-restored",
        "restored",
        "生态保护红线内退耕还林",
        (127.62, 44.95),
        (CROPLAND, FOREST),
        _block(6, 7),
        within=("red_line",),
        clear_of=("protected_areas", "water_sources"),
    ),
)


def plant_changes(cover: Cells, parcels: Parcels, ground: Ground, grid: CellGrid) -> list[Planted]:
    """Set every stamp down; `cover` is what the parcels alone look like."""
    taken = np.zeros(cover.shape, dtype=bool)
    planted = []
    for change in CHANGES:
        rows, columns = _place(change, cover, parcels, ground, grid, taken)
        taken[rows, columns] = True
        planted.append(Planted(*change[:3], change.classes, rows, columns))
    return planted


def _place(
    change: Change,
    cover: Cells,
    parcels: Parcels,
    ground: Ground,
    grid: CellGrid,
    taken: Mask,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    middle = grid.cell(*project((change.near,))[0])
    rows, columns = (slice(max(at - _REACH_CELLS, 0), at + _REACH_CELLS) for at in middle)
    window = CellGrid(
        grid.west + columns.start * grid.size_m,
        grid.north - rows.start * grid.size_m,
        grid.size_m,
        *taken[rows, columns].shape[::-1],
    )
    standing = change.classes[1] if change.kind == "restored" else change.classes[0]
    free = (cover[rows, columns] == standing) & (parcels.inside[rows, columns] == 1)
    free &= ~binary_dilation(taken[rows, columns], _EVERYWHERE, iterations=4)
    for name in change.within:
        free &= ~binary_dilation(~_covered(ground, name, window), _EVERYWHERE)
    for name in change.clear_of:
        free &= ~binary_dilation(_covered(ground, name, window), _EVERYWHERE)
    fits = _count(free, change.stamp) == len(change.stamp)
    if change.half_within:
        share = _count(_covered(ground, change.half_within, window), change.stamp)
        fits &= np.abs(share / len(change.stamp) - 0.5) < 0.08
    at = _nearest(fits, (middle[0] - rows.start, middle[1] - columns.start), change.identity)
    cells = change.stamp + at + (rows.start, columns.start)
    return cells[:, 0], cells[:, 1]


def _covered(ground: Ground, name: str, window: CellGrid) -> Mask:
    return np.asarray(window.number(ground.shapes(name)[0]) >= 0)


def _count(mask: Mask, stamp: Offsets) -> NDArray[np.int64]:
    """How many cells of a stamp set down at each cell lie in the mask."""
    reach = int(np.abs(stamp).max()) + 1
    padded = np.pad(mask, reach)
    shape = mask.shape
    found = np.zeros(shape, dtype=np.int64)
    for row, column in stamp + reach:
        found += padded[row : row + shape[0], column : column + shape[1]]
    return found


def _nearest(fits: Mask, middle: tuple[int, int], identity: str) -> NDArray[np.int64]:
    places = np.argwhere(fits)
    if not len(places):
        raise RuntimeError(f"no place for the planted change {identity}")
    distance = ((places - middle) ** 2).sum(axis=1)
    return np.asarray(places[int(np.argmin(distance))])


def restore_forest(
    now: Cells, planted: list[Planted], parcels: Parcels, grid: CellGrid, ground: Ground
) -> list[Planted]:
    """Whole blocks of 其他林地 outside the lines that were cropland in the earlier edition.

    They are chosen so that the earlier forest meets the earlier printed share within a cell.
    """
    weight = parcels.inside * grid.areas
    blocks = _blocks(parcels, ground, grid)
    size = np.bincount(blocks.ravel() + 1, weight.ravel())[1:]
    cells = np.bincount(blocks.ravel() + 1)[1:]
    middle = _distances(blocks, grid, len(size))
    free = (cells >= _RESTORED_CELLS[0]) & (cells <= _RESTORED_CELLS[1])
    earlier = before(now, planted)
    surplus = float(weight[earlier == FOREST].sum()) - EARLIER_FOREST_SHARE * float(weight.sum())
    chosen = take_until(middle, free, size, surplus)
    chosen = calibrate(chosen, size, surplus, may_add=free, may_drop=chosen)
    found = np.flatnonzero(chosen)
    found = found[np.argsort(middle[found], kind="stable")]
    return [_restored(number, blocks == block) for number, block in enumerate(found, start=1)]


def _blocks(parcels: Parcels, ground: Ground, grid: CellGrid) -> NDArray[np.int64]:
    """Give each piece of 其他林地 wholly in the county and off the lines a number, others -1."""
    wanted = (parcels.number >= 0) & (parcels.code == "0307")[parcels.number]
    parts = np.asarray(label(wanted, _EVERYWHERE)[0], dtype=np.int64)
    spoilt = parcels.inside < 1
    for name in _LINES:
        spoilt |= grid.number(ground.shapes(name)[0]) >= 0
    bad = np.unique(parts[binary_dilation(spoilt, _EVERYWHERE)])
    return np.where(np.isin(parts, bad), 0, parts) - 1


def _distances(blocks: NDArray[np.int64], grid: CellGrid, count: int) -> NDArray[np.float64]:
    """Cells from the middle of the restored ground to the middle of each block."""
    rows, columns = np.nonzero(blocks >= 0)
    number = blocks[rows, columns]
    cells = np.maximum(np.bincount(number, minlength=count), 1)
    at = grid.cell(*project((_RESTORED_NEAR,))[0])
    down = np.bincount(number, rows, minlength=count) / cells - at[0]
    along = np.bincount(number, columns, minlength=count) / cells - at[1]
    return np.asarray(np.hypot(down, along))


def _restored(number: int, mask: Mask) -> Planted:
    rows, columns = np.nonzero(mask)
    note = "退耕还林，各线之外"
    return Planted(f"restored-{number}", "restored", note, (CROPLAND, FOREST), rows, columns)


def before(now: Cells, planted: list[Planted]) -> Cells:
    """Return the earlier edition: every planted change undone."""
    return _with(now, planted, 0)


def after(cover: Cells, planted: list[Planted]) -> Cells:
    """Return cover with every planted change in place."""
    return _with(cover, planted, 1)


def _with(cover: Cells, planted: list[Planted], edition: int) -> Cells:
    changed = cover.copy()
    for change in planted:
        changed[change.rows, change.columns] = change.classes[edition]
    return changed
