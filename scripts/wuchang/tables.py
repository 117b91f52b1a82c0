"""The tables as they are delivered: official field names, codes and stated areas."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from wuchang import places
from wuchang.admin import BUREAU
from wuchang.calibration import Floats, Mask
from wuchang.control_lines import HA
from wuchang.county import County
from wuchang.land_use import CLASS_NAMES
from wuchang.measure import WORKING, official_area
from wuchang.seeds import Kind

ZONES = (("01", "集中建设区"), ("02", "弹性发展区"), ("03", "特别用途区"))
CORE, GENERAL = "核心保护区", "一般控制区"
SOURCE_CLASSES = {1: "一级保护区", 2: "二级保护区"}

Frame: TypeAlias = gpd.GeoDataFrame


def frame_of(columns: dict[str, object], geometries: Iterable[object]) -> Frame:
    """Table in the working system, the demonstration label last."""
    table = gpd.GeoDataFrame(columns, geometry=list(geometries), crs=WORKING)
    table.insert(len(table.columns) - 1, "BZ", places.DEMONSTRATION)
    return table


def numbered(layer: str, count: int) -> list[str]:
    """Make identifiers (BSM) of 18 digits: county, layer, serial number."""
    return [f"{places.COUNTY_CODE}{layer}{n:010d}" for n in range(1, count + 1)]


def stated_hectares(areas: Floats) -> list[float]:
    """Areas in ha to 4 decimals that add up to the rounded total (largest remainders)."""
    units = areas / HA * 10_000
    whole = np.floor(units).astype(int)
    short = round(float(units.sum())) - int(whole.sum())
    whole[np.argsort(whole - units, kind="stable")[:short]] += 1
    return [float(Decimal(int(w)).scaleb(-4)) for w in whole]


def merge(county: County, members: Mask | NDArray[np.int64]) -> shapely.Geometry:
    """Union of parcels, every vertex kept."""
    return shapely.coverage_union_all(county.parcels[members])


def parcel_order(county: County) -> NDArray[np.int64]:
    """Parcels by village, from north to south, as a survey numbers them."""
    north = -county.ground.points[:, 1]
    return np.lexsort((north, county.admin.village, county.admin.unit))


def parcel_ids(county: County) -> NDArray[np.object_]:
    """BSM of each parcel in DLTB, in the parcels' own order."""
    ids = np.empty(len(county.parcels), dtype=object)
    ids[parcel_order(county)] = numbered("20", len(ids))
    return ids


def land_parcels(county: County) -> Frame:
    """DLTB, one row a parcel."""
    rows = parcel_order(county)
    gross, share, deducted, net = _farm_areas(county, rows)
    cropland = county.use.cropland[rows]
    columns: dict[str, object] = {
        "BSM": parcel_ids(county)[rows],
        "YSDM": "2001010100",
        "TBYBH": _serials(county, rows),
        "TBBH": _serials(county, rows),
        **_cover(county, rows),
        **_seat(county, rows, owner=True),
        "TBMJ": gross,
        "KCDLBM": np.where(share > 0, "1203", ""),
        "KCXS": share,
        "KCMJ": deducted,
        "TBDLMJ": net,
        **_slope(county, rows, cropland),
    }
    return frame_of(columns, county.parcels[rows])


def basic_farmland(county: County) -> Frame:
    """YJJBNTTB, one row a parcel of permanent basic farmland."""
    order = parcel_order(county)
    rows = order[county.use.basic[order]]
    gross, share, deducted, net = _farm_areas(county, rows)
    columns: dict[str, object] = {
        "BSM": numbered("30", len(rows)),
        "YSDM": "2005010300",
        "XZQDM": county.admin.unit_code()[rows],
        "XZQMC": county.admin.unit_name()[rows],
        "YJJBNTTBBH": [f"YN{n:06d}" for n in range(1, len(rows) + 1)],
        "TBBH": _serials(county, rows, among=order),
        **_cover(county, rows),
        **_seat(county, rows, owner=False),
        "YJJBNTTBMJ": gross,
        "KCDLBM": np.where(share > 0, "1203", ""),
        "KCXS": share,
        "KCMJ": deducted,
        "YJJBNTMJ": net,
        **_slope(county, rows, np.ones(len(rows), dtype=bool)),
    }
    return frame_of(columns, county.parcels[rows])


def basic_farmland_ids(county: County) -> NDArray[np.object_]:
    """BSM of each parcel in YJJBNTTB, None outside, in the parcels' own order."""
    order = parcel_order(county)
    rows = order[county.use.basic[order]]
    ids = np.full(len(order), None, dtype=object)
    ids[rows] = numbered("30", len(rows))
    return ids


def _farm_areas(county: County, rows: NDArray[np.int64]) -> tuple[Floats, Floats, Floats, Floats]:
    """Gross, deduction coefficient, deducted and net area; m² with 2 decimals."""
    gross = np.round(county.ground.area[rows], 2)
    share = county.use.ridge_share[rows]
    net = np.round(gross * (1 - share), 2)
    return gross, share, np.round(gross - net, 2), net


def _serials(
    county: County, rows: NDArray[np.int64], among: NDArray[np.int64] | None = None
) -> list[str]:
    """Parcel number within its village, 6 digits."""
    order = rows if among is None else among
    key = county.admin.unit[order] * 1000 + county.admin.village[order]
    first = np.r_[True, key[1:] != key[:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(len(key)), 0))
    serial = np.empty(len(county.parcels), dtype=int)
    serial[order] = np.arange(len(key)) - start + 1
    return [f"{n:06d}" for n in serial[rows]]


def _cover(county: County, rows: NDArray[np.int64]) -> dict[str, object]:
    codes = county.use.code[rows]
    return {"DLBM": codes, "DLMC": [CLASS_NAMES[c] for c in codes]}


def _seat(county: County, rows: NDArray[np.int64], *, owner: bool) -> dict[str, object]:
    """Ownership and where the land lies; state land is rivers, reservoirs and the bureau's."""
    water = county.ground.is_kind(Kind.RIVER, Kind.WATER)[rows]
    state = water | (county.admin.unit[rows] == BUREAU) | county.lines.base[rows]
    code, name = county.admin.village_code()[rows], county.admin.village_name()[rows]
    nature = {"QSXZ": np.where(state, "10", "30")}
    if not owner:
        return {**nature, "ZLDWDM": code}
    holder = {"QSDWDM": code, "QSDWMC": name}
    return {**nature, **holder, "ZLDWDM": code, "ZLDWMC": name}


def _slope(county: County, rows: NDArray[np.int64], cropland: Mask) -> dict[str, object]:
    """Kind of cropland (PD flat, PT sloping) and slope class, blank on other land."""
    slope = county.use.slope_class[rows]
    kind = np.where(slope == 1, "", "PD")
    return {
        "GDLX": np.where(cropland, kind, ""),
        "GDPDJB": np.where(cropland, slope.astype(str), ""),
    }


def areas_in(geometries: NDArray[np.object_]) -> list[float]:
    """Official areas in ha, printed to add up (see `stated_hectares`)."""
    return stated_hectares(official_area(geometries))
