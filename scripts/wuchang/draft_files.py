"""The draft as delivered: three changed layers, its plan file, and the list of its faults."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from wuchang import line_tables, places
from wuchang.calibration import Mask
from wuchang.control_lines import HA
from wuchang.county import County
from wuchang.delivery import write_shapefile
from wuchang.draft import RED_LINE_SHORT_HA, Draft, plan_draft
from wuchang.hairlines import Strip, apply_strip, choose_strips
from wuchang.measure import WORKING, official_area, to_equal_area
from wuchang.planted import Fault, write_faults
from wuchang.tables import GENERAL, ZONES, Frame, areas_in, basic_farmland_ids

#: The stated area (MJ) of the extended protected area is this share of its former one.
_STATED_SHARE = 0.98


@dataclass(frozen=True)
class DraftTables:
    """The layers in which the draft differs."""

    boundary: Frame
    protected: Frame
    red_line: Frame


def write_draft(county: County, folder: Path) -> None:
    """Write `plan-draft.toml` and `draft/` beside the plan's layers."""
    draft = plan_draft(county)
    strips = choose_strips(draft.county, _touched(draft))
    tables = DraftTables(
        boundary=_boundary(draft, strips),
        protected=_protected(draft, line_tables.protected_areas(county)),
        red_line=_inherit_ids(line_tables.red_line(draft.county), line_tables.red_line(county)),
    )
    room = folder / "draft"
    write_shapefile(room / "CZKFBJ.shp", tables.boundary, crs=4530)
    write_shapefile(room / "ZRBHD.shp", tables.protected, crs=4531)
    write_shapefile(room / "STBHHX.shp", tables.red_line, crs=4490)
    write_draft_plan(folder)
    write_faults(room / "planted.toml", _faults(draft, strips, tables))


def _touched(draft: Draft) -> Mask:
    """Parcels of other faults and their neighbours: strips keep away from them."""
    mask = np.zeros(len(draft.county.parcels), dtype=bool)
    mask[[*draft.taken_farmland, draft.overlap]] = True
    return np.asarray(mask | draft.county.ground.touching(mask))


def _row(draft: Draft, parcel: int) -> tuple[str, str]:
    lines = draft.county.lines
    return places.TOWNS[lines.town[parcel]].name, ZONES[lines.zone[parcel]][1]


def _find(table: Frame, town: str, zone: str) -> int:
    return int(np.flatnonzero((table["XZQMC"] == town) & (table["GHFQMC"] == zone))[0])


def _boundary(draft: Draft, strips: list[Strip]) -> Frame:
    """CZKFBJ with strips along its border and one parcel claimed by two zones."""
    table = line_tables.development_boundary(draft.county)
    shapes = table.geometry.to_numpy().copy()
    for strip in strips:
        row = _find(table, *_row(draft, strip.inside))
        shapes[row] = apply_strip(shapes[row], strip)
    town, _ = _row(draft, draft.overlap)
    row = _find(table, town, ZONES[1][1])
    parcel = draft.county.parcels[draft.overlap]
    shapes[row] = shapely.union(shapes[row], parcel)
    return table.set_geometry(list(shapes), crs=table.crs).assign(MJ=areas_in(shapes))


def extended_row(table: Frame, draft: Draft) -> int:
    """Row of the protected area's general zone that the draft extends."""
    name = places.RESERVES[draft.reserve].name
    return int(np.flatnonzero((table["ZRBHDMC"] == name) & (table["ZRBHDFQ"] == GENERAL))[0])


def _protected(draft: Draft, before: Frame) -> Frame:
    """ZRBHD with one area extended whose stated area was never brought up to date."""
    table = line_tables.protected_areas(draft.county)
    row = extended_row(table, draft)
    stated = before["MJ"].to_numpy().copy()
    stated[row] = round(stated[row] * _STATED_SHARE, 4)
    return table.assign(MJ=stated)


def _inherit_ids(table: Frame, before: Frame) -> Frame:
    """Parts keep the numbers of the feature they come from; split-off parts get new ones."""
    inner = shapely.point_on_surface(table.geometry.to_numpy())
    rows, origin = shapely.STRtree(before.geometry.to_numpy()).query(inner, predicate="within")
    first = np.zeros(len(rows), dtype=bool)
    first[np.unique(origin, return_index=True)[1]] = True
    ids, codes = table["BSM"].to_numpy().copy(), table["HXBM"].to_numpy().copy()
    ids[rows] = before["BSM"].to_numpy()[origin]
    codes[rows] = before["HXBM"].to_numpy()[origin]
    for number, row in enumerate(rows[~first], start=9001):
        ids[row] = f"{places.COUNTY_CODE}10{number:010d}"
        codes[row] = f"HX{places.COUNTY_CODE}{number:04d}"
    return table.assign(BSM=ids, HXBM=codes)


_PLAN_CHANGES = (
    (
        'id = "wuchang-2024-2030"\ntitle = "五常市生态文明建设示范区规划（2024—2030年）"',
        'id = "wuchang-2024-2030-draft"\n'
        'title = "五常市生态文明建设示范区规划（2024—2030年）草案（含预设问题）"',
    ),
    ('path = "STBHHX/STBHHX.shp"', 'path = "draft/STBHHX.shp"'),
    ('path = "CZKFBJ/CZKFBJ.shp"', 'path = "draft/CZKFBJ.shp"'),
    ('path = "ZRBHD/ZRBHD.shp"', 'path = "draft/ZRBHD.shp"'),
    (
        'path = "YYSSYD/YYSSYD.shp"',
        'path = "draft/YYSSYD.shp"               # 草案未提供此图层（预设问题）',
    ),
    ('base_layer = "base_urban_land"\n', ""),
    (
        'base_note = "文本未载基数；以基期年城镇建设用地为输入'
        '（演示图层，由1.21倍标定，不构成验证）"',
        'base_note = "文本未载基数；草案未指定基数（预设问题）"',
    ),
)
#: From here on the plan speaks of rasters, which the draft goes without.
_RASTERS_HEAD = "\n# ── 栅格："
_DRAFT_HEAD = "# 草案：与 plan.toml 相同的要求，图层含预设问题，清单见 draft/planted.toml。\n"


def write_draft_plan(folder: Path) -> None:
    """`plan-draft.toml`: the plan's text with the draft's paths; every change must apply once."""
    text = (folder / "plan.toml").read_text(encoding="utf-8").partition(_RASTERS_HEAD)[0]
    for old, new in _PLAN_CHANGES:
        if text.count(old) != 1:
            raise ValueError(f"plan.toml holds {text.count(old)} times, not once: {old}")
        text = text.replace(old, new)
    (folder / "plan-draft.toml").write_text(_DRAFT_HEAD + text, encoding="utf-8")


def _faults(draft: Draft, strips: list[Strip], tables: DraftTables) -> list[Fault]:
    farmland = basic_farmland_ids(draft.county)
    faults = [
        _taken_fault(draft, tables, farmland[p], p, n)
        for n, p in enumerate(draft.taken_farmland, start=1)
    ]
    faults += [_strip_fault(draft, tables, farmland[s.farmland], s) for s in strips]
    return [*faults, *_protected_faults(draft, tables), *_other_faults(draft, tables)]


def _boundary_id(draft: Draft, tables: DraftTables, parcel: int) -> str:
    row = _find(tables.boundary, *_row(draft, parcel))
    return str(tables.boundary["BSM"].iloc[row])


def _size(shape: shapely.Geometry) -> tuple[float, float]:
    """Official area (m²) and mean width 2A/P (m)."""
    flat = to_equal_area(np.array([shape]), WORKING)[0]
    return float(flat.area), float(2 * flat.area / flat.length)


def _overlap_size(
    draft: Draft, tables: DraftTables, inside: int, parcel: int
) -> tuple[float, float]:
    """Size of what a boundary feature and a parcel share, cut in the plane of judgement."""
    row = _find(tables.boundary, *_row(draft, inside))
    pair = np.array([tables.boundary.geometry.iloc[row], draft.county.parcels[parcel]])
    shared = shapely.intersection(*to_equal_area(pair, WORKING))
    largest = max(shapely.get_parts(shared), key=lambda part: float(part.area))
    return float(largest.area), float(2 * largest.area / largest.length)


def _taken_fault(
    draft: Draft, tables: DraftTables, farmland: str, parcel: int, number: int
) -> Fault:
    area, width = _overlap_size(draft, tables, parcel, parcel)
    return Fault(
        identity=f"boundary-over-farmland-{number}",
        result="conflicts",
        rule="basic_farmland-development_boundary",
        expected="conflict",
        area_m2=area,
        mean_width_m=width,
        a_ids=(farmland,),
        b_ids=(_boundary_id(draft, tables, parcel),),
        note="整块永久基本农田划入城镇开发边界" + ("（原为天窗）" if number == 1 else ""),
    )


def _strip_fault(draft: Draft, tables: DraftTables, farmland: str, strip: Strip) -> Fault:
    area, width = _overlap_size(draft, tables, strip.inside, strip.farmland)
    return Fault(
        identity=strip.identity,
        result="conflicts",
        rule="basic_farmland-development_boundary",
        expected="conflict" if strip.identity.startswith("conflict") else "sliver",
        area_m2=area,
        mean_width_m=width,
        a_ids=(farmland,),
        b_ids=(_boundary_id(draft, tables, strip.inside),),
        note="沿共用边界的窄条",
    )


def _protected_faults(draft: Draft, tables: DraftTables) -> list[Fault]:
    table = tables.protected
    row = extended_row(table, draft)
    area, width = _size(draft.county.parcels[draft.extension])
    identity = (str(table["BSM"].iloc[row]),)
    measured = official_area(table.geometry.to_numpy())
    off = measured[row] - table["MJ"].iloc[row] * HA
    return [
        Fault(
            "protected-outside-red-line",
            "conflicts",
            "protected_areas-in-red_line",
            "conflict",
            area,
            width,
            identity,
            (),
            "整合后的自然保护地有一块在生态保护红线之外",
        ),
        Fault(
            "protected-stated-area",
            "quality",
            "protected_areas",
            "stated_area",
            float(off),
            None,
            identity,
            (),
            "属性面积MJ与图形相差超过1%；area_m2为图形减属性",
        ),
        Fault(
            "protected-quota",
            "quotas",
            "protected_area_area",
            "not_evaluated",
            float(measured.sum()),
            None,
            (),
            (),
            "面积口径不一致：属性汇总低于指标，椭球面积高于指标；area_m2为椭球面积",
        ),
    ]


def _other_faults(draft: Draft, tables: DraftTables) -> list[Fault]:
    area, width = _size(draft.county.parcels[draft.overlap])
    town, _ = _row(draft, draft.overlap)
    pair = tuple(
        str(tables.boundary["BSM"].iloc[_find(tables.boundary, town, ZONES[z][1])]) for z in (0, 1)
    )
    return [
        Fault(
            "zones-overlap",
            "quality",
            "development_boundary",
            "overlap_inside",
            area,
            width,
            pair,
            (),
            "集中建设区与弹性发展区在同一图层内重叠",
        ),
        Fault(
            "red-line-short",
            "quotas",
            "red_line_area",
            "not_met",
            RED_LINE_SHORT_HA * HA,
            None,
            (),
            (),
            "生态保护红线少118.40公顷；area_m2为缺口",
        ),
        Fault(
            "water-sources-layer",
            "not_evaluated",
            "water_sources",
            "not_evaluated",
            None,
            None,
            (),
            (),
            "图层缺失：draft/YYSSYD.shp 未提供",
        ),
        Fault(
            "water-sources-missing",
            "not_evaluated",
            "water_source_1-development_boundary",
            "not_evaluated",
            None,
            None,
            (),
            (),
            "图层缺失，规则未作判断",
        ),
        Fault(
            "multiple-without-base",
            "not_evaluated",
            "expansion_multiple",
            "not_evaluated",
            None,
            None,
            (),
            (),
            "扩展倍数未指定基数",
        ),
    ]
