"""Rasters are read in windows as they are; what is wrong with a file is said, all at once."""

from __future__ import annotations

import hashlib
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import ColorInterp
from rasterio.transform import Affine, from_origin
from small_rasters import GRIDS, cover_spec, make_grid, make_plan, turned, write_raster

from spatialplan.errors import SourceError
from spatialplan.files import read_raster, read_windows
from spatialplan.files.rasters import WINDOW_CELLS
from spatialplan.layers import RasterLayer

CELLS = (np.arange(120 * 90) % 3 + 1).astype(np.uint8).reshape(120, 90)
TILES = {"tiled": True, "blockxsize": 16, "blockysize": 16}


def read(folder: Path, **changes: Any) -> RasterLayer:
    return read_raster(cover_spec(**changes), make_plan(folder))


def faults(folder: Path, **changes: Any) -> str:
    """What a person reads, in both languages."""
    with pytest.raises(SourceError) as caught:
        read(folder, **changes)
    assert all("地表覆盖" in fault.where for fault in caught.value.faults)
    assert all(fault.text("zh") for fault in caught.value.faults)
    return caught.value.text("en")


def put_together(raster: RasterLayer, **options: Any) -> NDArray[Any]:
    """All windows side by side; every cell must be in one window only."""
    cells = np.full((raster.grid.rows, raster.grid.columns), -1)
    for window in read_windows(raster, **options):
        inner = window.inner
        height, width = inner.values.shape
        place = np.s_[inner.row : inner.row + height, inner.column : inner.column + width]
        assert (cells[place] == -1).all()
        cells[place] = np.where(inner.valid, inner.values.astype(int), -2)
    return cells


@pytest.mark.parametrize("name", GRIDS)
def test_what_is_known_of_a_raster(tmp_path: Path, name: str) -> None:
    grid = make_grid(name, rows=120, columns=90)
    file = write_raster(tmp_path / "cover.tif", CELLS, grid, nodata=255)
    raster = read(tmp_path)
    assert raster.grid.crs.equals(grid.crs, ignore_axis_order=True)
    assert (raster.grid.rows, raster.grid.columns) == (120, 90)
    assert raster.grid.west == pytest.approx(grid.west)
    assert raster.grid.north == pytest.approx(grid.north)
    assert raster.grid.step_east == raster.grid.step_south == grid.step_east
    assert raster.source.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (raster.source.driver, raster.source.features) == ("GTiff", 120 * 90)
    assert raster.nodata == 255
    assert [entry.title for entry in raster.legend] == ["耕地", "林地", "水体"]
    assert (put_together(raster) == CELLS).all()


@pytest.mark.parametrize("layout", [TILES, {"blockysize": 7}, {}, {**TILES, "compress": "lzw"}])
@pytest.mark.parametrize("most_cells", [256, 1_000, 5_000, 10**6])
@pytest.mark.parametrize("ring", [0, 1, 3])
def test_windows_hold_every_cell_once(
    tmp_path: Path, layout: dict[str, Any], most_cells: int, ring: int
) -> None:
    write_raster(
        tmp_path / "cover.tif", CELLS, make_grid("zone 42", rows=120, columns=90), **layout
    )
    raster = read(tmp_path)
    windows = list(read_windows(raster, most_cells=most_cells, ring=ring))
    assert all(window.inner.values.size <= most_cells for window in windows)
    assert (put_together(raster, most_cells=most_cells, ring=ring) == CELLS).all()
    for window in windows:
        height, width = window.values.shape
        expected = CELLS[window.row : window.row + height, window.column : window.column + width]
        assert (window.values == expected).all(), "the ring holds the neighbours"
        assert min(window.ring) >= 0
        assert max(window.ring) <= ring


def test_windows_follow_the_blocks(tmp_path: Path) -> None:
    """Blocks of 16 x 16, at most 2,000 cells: windows of 32 x 32 and more begin at blocks."""
    grid = make_grid("zone 42", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid, **TILES)
    windows = list(read_windows(read(tmp_path), most_cells=2_000))
    assert {window.row % 16 for window in windows} == {0}
    assert {window.column % 16 for window in windows} == {0}
    assert max(window.values.size for window in windows) > 1_000


def test_only_the_cells_within_bounds(tmp_path: Path) -> None:
    grid = make_grid("zone 42", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid, **TILES)
    raster, step = read(tmp_path), 30.0
    bounds = (
        grid.west + 10.5 * step,
        grid.north - 40.5 * step,
        grid.west + 30 * step,
        grid.north - 20 * step,
    )
    cells = put_together(raster, bounds=bounds, most_cells=300)
    expected = np.full_like(cells, -1)
    expected[20:41, 10:30] = CELLS[20:41, 10:30]
    assert (cells == expected).all()
    apart = (grid.west - 500, grid.north + 10, grid.west - 400, grid.north + 90)
    assert list(read_windows(raster, bounds=apart)) == []


def test_cells_without_value(tmp_path: Path) -> None:
    """Nodata, a mask inside the file, a mask beside it, numbers that are none."""
    grid = make_grid("zone 42", rows=120, columns=90)
    cells = CELLS.copy()
    cells[5, :7] = 99
    write_raster(tmp_path / "cover.tif", cells, grid, nodata=99)
    assert (put_together(read(tmp_path))[5, :8] == [-2] * 7 + [cells[5, 7]]).all()
    for inside in (True, False):
        file = write_raster(tmp_path / "cover.tif", CELLS, grid)
        with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=inside), rasterio.open(file, "r+") as dataset:
            dataset.write_mask(cells != 99)
        assert file.with_name("cover.tif.msk").exists() != inside
        assert inside or "cover.tif.msk" in read(tmp_path).notes[0].text("en")
        assert (put_together(read(tmp_path)) == np.where(cells == 99, -2, CELLS.astype(int))).all()
    (tmp_path / "cover.tif.msk").unlink()
    heights = np.array([[100.0, np.nan, np.inf], [-9999.0, 8_848.0, -154.0]], dtype=np.float32)
    write_raster(tmp_path / "cover.tif", heights, make_grid("degrees", rows=2, columns=3))
    window = next(iter(read_windows(read(tmp_path, role="elevation", legend=None))))
    assert window.valid.tolist() == [[True, False, False], [False, True, True]]


def test_other_crs_than_the_file_states(tmp_path: Path) -> None:
    grid = make_grid("zone 42", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid)
    assert "the file states EPSG:4530, the plan EPSG:4531" in faults(tmp_path, crs="EPSG:4531")


def test_a_crs_that_only_the_plan_states(tmp_path: Path) -> None:
    write_raster(
        tmp_path / "cover.tif", CELLS, make_grid("zone 42", rows=120, columns=90), crs=None
    )
    text = faults(tmp_path)
    assert "no coordinate reference system is stated" in text
    assert "EPSG:4530 if they are CGCS2000" in text
    raster = read(tmp_path, crs="EPSG:4530")
    assert raster.source.placement.assumed
    assert "given" in raster.source.told_crs("en") or "stated" in raster.source.told_crs("en")


def test_wgs84_is_taken_as_cgcs2000_and_said(tmp_path: Path) -> None:
    grid = make_grid("degrees", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid, crs="EPSG:4326")
    assert "WGS 84" in read(tmp_path).source.told_crs("en")


@pytest.mark.parametrize("code", ["EPSG:2334", "EPSG:4610", "EPSG:2433"])
def test_old_datums_are_refused(tmp_path: Path, code: str) -> None:
    grid = make_grid("degrees", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid, crs=code)
    text = faults(tmp_path)
    assert "no public transformation" in text
    assert "delivered in CGCS2000" in text


def test_a_local_system_is_refused(tmp_path: Path) -> None:
    local = 'LOCAL_CS["city",UNIT["metre",1]]'
    grid = make_grid("zone 42", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid, crs=local)
    assert "local system" in faults(tmp_path)


def test_metres_that_are_called_degrees(tmp_path: Path) -> None:
    grid = make_grid("zone 42", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid, crs="EPSG:4490")
    assert "are no degrees, as EPSG:4490 needs them" in faults(tmp_path)


PLACE = from_origin(42_500_000.0, 4_980_000.0, 30.0, 30.0)


@pytest.mark.parametrize(
    ("place", "advice"),
    [
        (turned(make_grid("zone 42")), "turned against north; have it exported north up"),
        (PLACE * Affine.scale(1, -1), "first row of the grid is the southern one"),
        (PLACE * Affine.scale(-1, 1), "runs from east to west"),
        (Affine.identity(), "states no place"),
    ],
)
def test_grids_that_do_not_lie_north_up(tmp_path: Path, place: Affine, advice: str) -> None:
    grid = make_grid("zone 42", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid, transform=place)
    assert advice in faults(tmp_path)


def test_bands(tmp_path: Path) -> None:
    grid = make_grid("zone 42", rows=120, columns=90)
    both = np.stack([CELLS, 4 - CELLS])
    write_raster(tmp_path / "cover.tif", both, grid)
    assert "has 2 bands and the plan does not say which" in faults(tmp_path)
    assert "band 3 is asked for, the file has 2" in faults(tmp_path, band=3)
    assert (put_together(read(tmp_path, band=2)) == 4 - CELLS).all()
    file = write_raster(tmp_path / "cover.tif", np.stack([CELLS] * 3), grid, photometric="rgb")
    with rasterio.open(file) as dataset:
        assert dataset.colorinterp[0] == ColorInterp.red
    assert "a picture of 3 colour bands" in faults(tmp_path)


def test_every_fault_at_once(tmp_path: Path) -> None:
    """No CRS, turned, decimal classes, no legend: four faults, four lines."""
    grid = make_grid("zone 42", rows=120, columns=90)
    place = turned(grid)
    write_raster(tmp_path / "cover.tif", CELLS.astype("f4"), grid, crs=None, transform=place)
    text = faults(tmp_path, legend=None)
    assert len(text.splitlines()) == 4
    for part in ("turned", "whole numbers", "[legends]", "no coordinate reference system"):
        assert part in text


def test_scaled_values_and_feet(tmp_path: Path) -> None:
    grid = make_grid("zone 42", rows=120, columns=90)
    file = write_raster(tmp_path / "cover.tif", CELLS, grid)
    with rasterio.open(file, "r+") as dataset:
        dataset.scales, dataset.units = (0.1,), ("ft",)
    text = faults(tmp_path, role="elevation", legend=None)
    assert "states a scale" in text
    assert "heights are in ft" in text


def test_one_enormous_block(tmp_path: Path) -> None:
    """A claim in the header; nothing of that size is written or read."""
    grid = make_grid("zone 42", rows=40_000, columns=40_000)
    large = {"width": 40_000, "height": 40_000, "tiled": True, "sparse_ok": True}
    with rasterio.open(
        tmp_path / "cover.tif",
        "w",
        driver="GTiff",
        count=1,
        dtype="uint8",
        crs=grid.crs.to_wkt(),
        transform=PLACE,
        blockxsize=20_000,
        blockysize=20_000,
        **large,
    ):
        pass
    assert (tmp_path / "cover.tif").stat().st_size < 10_000
    assert "blocks of 20000 x 20000 cells" in faults(tmp_path)


def test_a_value_that_is_a_class_and_none(tmp_path: Path) -> None:
    grid = make_grid("zone 42", rows=120, columns=90)
    write_raster(tmp_path / "cover.tif", CELLS, grid, nodata=3)
    assert "3 stands for no value, the legend that it is a class" in faults(tmp_path)


@pytest.mark.parametrize("layout", [{**TILES, "blockxsize": 512, "blockysize": 512}, {}])
def test_a_province_comes_in_small_windows(tmp_path: Path, layout: dict[str, Any]) -> None:
    """60,000 x 60,000 cells, none of them written: the first windows are as small as all others."""
    grid = make_grid("degrees", rows=60_000, columns=60_000, coarser=1 / 3)
    settings = {"count": 1, "dtype": "uint8", "nodata": 0, "sparse_ok": True, **layout}
    with rasterio.open(
        tmp_path / "cover.tif",
        "w",
        driver="GTiff",
        width=60_000,
        height=60_000,
        crs=grid.crs.to_wkt(),
        transform=from_origin(grid.west, grid.north, grid.step_east, grid.step_south),
        **settings,
    ):
        pass
    for window in islice(read_windows(read(tmp_path), ring=1), 3):
        assert WINDOW_CELLS / 2 < window.inner.values.size <= WINDOW_CELLS
        assert window.values.size < 1.1 * WINDOW_CELLS
        assert not window.valid.any()


def test_the_colour_table_is_noted(tmp_path: Path) -> None:
    file = write_raster(tmp_path / "cover.tif", CELLS, make_grid("zone 42", rows=120, columns=90))
    with rasterio.open(file, "r+") as dataset:
        dataset.write_colormap(1, {1: (245, 248, 220), 2: (104, 177, 103)})
    (note,) = read(tmp_path).notes
    assert "colours come from the legend" in note.text("en")


def test_crs_may_be_an_esri_spelling(tmp_path: Path) -> None:
    grid = make_grid("zone 42", rows=120, columns=90)
    spelt = CRS.from_epsg(4530).to_wkt("WKT1_ESRI")
    write_raster(tmp_path / "cover.tif", CELLS, grid, crs=spelt)
    assert "CGCS2000" in read(tmp_path).grid.crs.name
