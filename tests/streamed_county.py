"""A county in the plain, 5 km square, with a mosaic of parcels to be judged whole or in batches."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from small_layers import square

from spatialplan.area import ellipsoidal_area
from spatialplan.findings import Finding, Piece
from spatialplan.plan import Plan, validate_plan
from spatialplan.quotas import AreaFigures
from spatialplan.review import Review

SIDE = 20
CODES = ["0101", "0103", "0301", "0601"]
DRIVERS = {"gpkg": "GPKG", "shp": "ESRI Shapefile", "gdb": "OpenFileGDB", "fgb": "FlatGeobuf"}

PARCELS = {
    "role": "land_parcel",
    "id_field": "BSM",
    "name_field": "TBBH",
    "area_field": "TBMJ",
    "net_area_field": "TBDLMJ",
    "deduction_field": "KCXS",
    "class_field": "DLBM",
}


def mosaic() -> gpd.GeoDataFrame:
    """400 parcels of 200 m, row by row from the south-west; classes take turns."""
    places = [(column, row) for row in range(SIDE) for column in range(SIDE)]
    shapes = [square(500 + 200 * east, 500 + 200 * north, 200) for east, north in places]
    code = np.array([CODES[(east + north) % 4] for east, north in places])
    kept = np.where(np.char.startswith(code, "01"), 0.9, 1.0)
    area = np.round(ellipsoidal_area(shapes, "EPSG:4530"), 2)
    columns = {
        "BSM": [f"{2301840000 + row}" for row in range(len(places))],
        "TBBH": [f"{east}-{north}" for east, north in places],
        "DLBM": code,
        "TBMJ": area,
        "KCXS": 1 - kept,
        "TBDLMJ": area * kept,
    }
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=4530)


def with_faults(parcels: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same with faults far apart: bow tie, repeated and blank id, areas, factor, stray."""
    faulty = parcels.copy()
    shapes = faulty.geometry.to_numpy().copy()
    west, south, east, north = shapes[250].bounds
    shapes[250] = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    shapes[390] = square(80_000, 0, 100)
    faulty = faulty.set_geometry(gpd.GeoSeries(shapes, crs=4530))
    faulty.loc[[3, 300, 301], "BSM"] = "2301849999"
    faulty.loc[[20, 250], "BSM"] = "2301848888"
    faulty.loc[77, "BSM"] = ""
    faulty.loc[[5, 200], "TBMJ"] = [1.0, np.nan]
    faulty.loc[[10, 240], "KCXS"] = [12.0, -1.0]
    return faulty


def write_plan(
    folder: Path, parcels: gpd.GeoDataFrame, *, suffix: str = "gpkg", **tables: Any
) -> Plan:
    """Write the county's layers and return its plan; `tables` complete or replace it."""
    frame = square(1_000, 1_000, 2_000).difference(square(1_400, 1_400, 400))
    layers = {
        "county": ({"role": "region"}, [square(0, 0, 5_000)]),
        "towns": (
            {"role": "administrative_area", "name_field": "MC"},
            [square(0, 0, 2_450, height_m=5_000), square(2_450, 0, 2_550, height_m=5_000)],
        ),
        "red_line": ({"role": "ecological_red_line"}, [frame, square(3_050, 3_050, 420)]),
    }
    specs: dict[str, Any] = {}
    for name, (spec, shapes) in layers.items():
        columns = {"MC": [f"{name}{row}" for row in range(len(shapes))]}
        write_table(gpd.GeoDataFrame(columns, geometry=shapes, crs=4530), folder / f"{name}.gpkg")
        specs[name] = {"title": name, "path": f"{name}.gpkg", **spec}
    write_table(parcels, folder / f"parcels.{suffix}")
    specs["parcels"] = {"title": "地类图斑", "path": f"parcels.{suffix}", **PARCELS}
    header = {"id": "p", "title": "p", "region": "r", "year": 2025, "standing": "s", "notice": "n"}
    plan = {"schema": 1, "plan": header, "layers": specs, **tables}
    return validate_plan(plan, directory=folder)


def write_table(table: gpd.GeoDataFrame, path: Path) -> None:
    """Write a table in the format that the suffix names; GeoParquet in groups of 50 features."""
    if path.suffix == ".parquet":
        table.to_parquet(path, row_group_size=50)
        return
    driver = DRIVERS[path.suffix[1:]]
    pyogrio.write_dataframe(table, path, driver=driver, promote_to_multi=False, layer=path.stem)


def area_quota(key: str, value: str, direction: str = "at_least", **more: Any) -> dict[str, Any]:
    return {"id": key, "title": key, "kind": "area", "layer": "parcels", "direction": direction,
            "value": value, "unit": "ha", "year": 2025, "clause": "c", **more}  # fmt: skip


def line_rule(key: str, kind: str, a: str, b: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "title": key, "kind": kind, "a": a, "b": b, "clause": "c", **more}


QUOTAS = [
    area_quota("all", "1500.00"),
    area_quota("cropland", "700.00", classes=["0101", "0103"]),
    area_quota("net", "720.00", classes=["01"], measure="net"),
]
RULES = [
    line_rule("parcels-red_line", "disjoint", "parcels", "red_line"),
    line_rule("red_line-parcels", "disjoint", "red_line", "parcels"),
    line_rule("parcels-in-county", "within", "parcels", "county"),
    line_rule("parcels-in-red_line", "within", "parcels", "red_line", outside="needs_person"),
]


def close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-6)


def same_figures(one: AreaFigures, other: AreaFigures) -> bool:
    pairs = zip(one.townships, other.townships, strict=True)
    return (
        close(one.measured_m2, other.measured_m2)
        and close(one.attribute_m2, other.attribute_m2)
        and close(one.planar_m2, other.planar_m2)
        and all(a[0] == b[0] and close(a[1], b[1]) for a, b in pairs)
        and one.blocked == other.blocked
    )


def named(piece: Piece) -> tuple[Any, ...]:
    return (
        piece.a_id,
        piece.b_id,
        piece.piece_class,
        piece.township,
        piece.zone,
        round(piece.area_m2, 4),
        round(piece.width_m, 6),
    )


def told(faults: tuple[Finding, ...]) -> list[tuple[Any, ...]]:
    return [(f.layer, f.rule_id, f.severity, f.feature_ids, f.message) for f in faults]


def reasons(review: Review) -> set[tuple[str, str]]:
    return {(point.rule_id, point.why.key) for point in review.not_evaluated}
