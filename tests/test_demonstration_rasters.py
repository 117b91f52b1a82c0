"""The example's rasters: consistent with its layers, and different only where it is said."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import rasterio.features
import shapely
from numpy.typing import NDArray

from spatialplan.cells import grid_bounds, lay_zones, sum_classes
from spatialplan.files import read_layer, read_raster, read_windows
from spatialplan.plan import Plan, read_plan

EDITIONS = ("land_cover_2020", "land_cover_2025")
HUMAN = {1, 7, 8}
# What a cell of a parcel shows, but for shrub parcels, some of which show as forest.
COVER_OF_USE = {"01": 1, "02": 1, "0301": 2, "0307": 2, "04": 4, "1106": 5, "1101": 6, "1103": 6}
CELL_HA = 0.09


@pytest.fixture(scope="module")
def plan(layers_folder: Path) -> Plan:
    return read_plan(layers_folder / "plan.toml")


@pytest.fixture(scope="module")
def covers(layers_folder: Path) -> list[NDArray[np.uint8]]:
    read = []
    for name in EDITIONS:
        with rasterio.open(layers_folder / "rasters" / f"{name}.tif") as file:
            read.append(file.read(1))
    return read


@pytest.fixture(scope="module")
def planted(layers_folder: Path) -> list[dict[str, Any]]:
    text = (layers_folder / "rasters" / "planted.toml").read_text("utf-8")
    return tomllib.loads(text)["planted"]


def test_editions_differ_by_the_planted_changes_and_nothing_else(
    covers: list[NDArray[np.uint8]], planted: list[dict[str, Any]]
) -> None:
    before, after = covers
    changed = before != after
    assert int(changed.sum()) == sum(change["cells"] for change in planted)
    for change in planted:
        rows = slice(change["row"], change["row"] + 120)
        columns = slice(change["column"], change["column"] + 120)
        hit = (before == change["from"]) & (after == change["to"])
        assert hit[rows, columns].sum() >= change["cells"], change["id"]


def test_every_kind_of_change_is_planted(planted: list[dict[str, Any]]) -> None:
    kinds = {change["kind"] for change in planted}
    assert kinds == {"human", "too_small", "elsewhere", "natural", "restored"}
    for change in planted:
        new_human = change["to"] in HUMAN and change["from"] not in HUMAN
        assert new_human or change["kind"] not in {"human", "too_small"}, change["id"]
        assert not new_human or change["kind"] not in {"natural", "restored"}, change["id"]
        watched = {"red_line", "protected_areas", "water_sources"}
        touched = {touch["layer"] for touch in change["touches"]}
        assert bool(touched & watched) == (
            change["kind"] in {"human", "too_small", "natural"} or change["id"] == "red-restored"
        )
    zones = {touch["zone"] for change in planted for touch in change["touches"]}
    assert {"核心保护区", "一级保护区", "二级保护区"} <= zones


@pytest.mark.parametrize(("edition", "printed"), [(EDITIONS[0], 46.36), (EDITIONS[1], 46.43)])
def test_forest_cover_is_what_the_text_prints(plan: Plan, edition: str, printed: float) -> None:
    county = read_layer(plan.directory / "basis.gpkg", role="region", table="XJXZQ")
    raster = read_raster(plan.rasters[edition], plan)
    zones = lay_zones(county.geometry, raster.grid, county.plane)
    bounds = grid_bounds(county.geometry, raster.grid, county.plane)
    sums = sum_classes(read_windows(raster, bounds=bounds), zones)
    county_ha = county.area_m2.sum() / 10_000
    assert sums.nodata_m2[0] + sums.outside_m2[0] == pytest.approx(0.0, abs=1.0)
    assert sums.of(2)[0] / 10_000 == pytest.approx(printed / 100 * county_ha, abs=2 * CELL_HA)


def test_cells_show_the_parcel_that_holds_their_centre(
    plan: Plan, covers: list[NDArray[np.uint8]], planted: list[dict[str, Any]]
) -> None:
    parcels = pyogrio.read_dataframe(plan.directory / "parcels.gdb.zip", layer="DLTB")
    raster = read_raster(plan.rasters["land_cover_2025"], plan)
    chance = np.random.default_rng(7)
    rows = chance.integers(0, raster.grid.rows, 20_000)
    columns = chance.integers(0, raster.grid.columns, 20_000)
    changed = covers[0] != covers[1]
    east = raster.grid.west + (columns + 0.5) * raster.grid.step_east
    north = raster.grid.north - (rows + 0.5) * raster.grid.step_south
    cell, parcel = parcels.sindex.query(shapely.points(east, north), predicate="within")
    codes = parcels["DLBM"].to_numpy()[parcel]
    compared = 0
    for place, code in zip(cell.tolist(), codes, strict=True):
        shown = COVER_OF_USE.get(code[:2]) or COVER_OF_USE.get(code)
        if shown is not None and not changed[rows[place], columns[place]]:
            assert covers[1][rows[place], columns[place]] == shown, code
            compared += 1
    assert compared > 6_000


def test_rivers_run_downhill_from_the_barrier(plan: Plan) -> None:
    rivers = pyogrio.read_dataframe(plan.directory / "basis.gpkg", layer="HL").to_crs(4530)
    barrier = pyogrio.read_dataframe(plan.directory / "basis.gpkg", layer="STPZ").to_crs(4530)
    with rasterio.open(plan.directory / "rasters" / "elevation.tif") as file:
        heights, nodata = file.read(1), file.nodata
        for river in rivers.geometry:
            along = shapely.line_interpolate_point(river, np.arange(0, river.length, 20.0))
            found = np.array([h[0] for h in file.sample(shapely.get_coordinates(along))])
            known = found[found != nodata]
            assert (np.diff(known) <= 0).all()
            assert known[0] - known[-1] > 100
        inside = rasterio.features.geometry_mask(
            barrier.geometry, heights.shape, file.transform, invert=True
        )
    known = heights != nodata
    assert heights[inside & known].mean() > heights[~inside & known].mean() + 300


def test_files_are_small_and_say_that_they_are_made_up(layers_folder: Path) -> None:
    files = [path for path in layers_folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 25e6
    for path in sorted(layers_folder.glob("rasters/*.tif")):
        assert path.stat().st_size < 10e6
        with rasterio.open(path) as file:
            assert "演示数据" in file.tags()["NOTICE"]
            assert file.profile["compress"] == "deflate"
            assert file.profile["tiled"]
