"""Slope against planes and cones, whose slope is known, and against plain differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import AlbersEqualAreaConversion
from small_grids import grid_of, raster_of, windows_of
from small_layers import EAST, PLANE, make_layer, square

from spatialplan.cells import lay_zones
from spatialplan.crs import CGCS2000, from_degrees
from spatialplan.layers import CellWindow, Grid
from spatialplan.slopes import (
    find_steep_ground,
    judge_cropland,
    measure_slopes,
    slope_window,
)

ALBERS = ProjectedCRS(
    AlbersEqualAreaConversion(25, 47, 0, 105), name="Albers", geodetic_crs=CGCS2000
)
# The zone of 126° stretches lengths by so much at the corner of the plain.
STRETCH = 1 + (EAST - 42_500_000.0) ** 2 / (2 * 6_380_000.0**2)


def slopes_of(heights: NDArray[np.float64], grid: Grid, *, size: int = 7) -> NDArray[np.float64]:
    """Slope of every cell, NaN where there is none, put together from windows."""
    whole = np.full(heights.shape, np.nan)
    known = np.isfinite(heights)
    for window in windows_of(heights, size=size, ring=1, valid=known):
        found = slope_window(window, grid)
        rows, columns = found.values.shape
        place = (slice(found.row, found.row + rows), slice(found.column, found.column + columns))
        whole[place] = np.where(found.valid, found.values, np.nan)
    return whole


def places(grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Metres east and south of the north-western corner at the cells' centres."""
    east = (np.arange(grid.columns) + 0.5) * grid.step_east
    south = (np.arange(grid.rows) + 0.5) * grid.step_south
    return np.meshgrid(east, south)


@given(
    east=st.floats(-1.5, 1.5), south=st.floats(-1.5, 1.5), step=st.sampled_from([5.0, 30.0, 90.0])
)
def test_a_plane_has_one_slope(east: float, south: float, step: float) -> None:
    grid = grid_of((9, 11), step_m=step)
    along, down = places(grid)
    found = slopes_of(200 + east * along + south * down, grid)
    expected = np.degrees(np.arctan(STRETCH * np.hypot(east, south)))
    assert found[1:-1, 1:-1] == pytest.approx(expected, abs=2e-4)


def test_a_cone_has_one_slope_off_its_top() -> None:
    grid = grid_of((60, 60))
    along, down = places(grid)
    distance = np.hypot(along - 300, down - 300)
    found = slopes_of(1_000 - 0.4 * distance, grid)
    flank = (distance > 60) & np.isfinite(found)
    assert found[flank] == pytest.approx(np.degrees(np.arctan(0.4)), abs=0.15)


@given(seed=st.integers(0, 1_000), size=st.integers(3, 20))
def test_windows_and_plain_sums_say_the_same(seed: int, size: int) -> None:
    heights = np.random.default_rng(seed).uniform(0, 50, (17, 13))
    grid = grid_of(heights.shape)
    found = slopes_of(heights, grid, size=size)
    for row in range(1, 16):
        for column in range(1, 12):
            (a, b, c), (d, _, f), (g, h, i) = heights[row - 1 : row + 2, column - 1 : column + 2]
            along = ((c + 2 * f + i) - (a + 2 * d + g)) / 80
            down = ((g + 2 * h + i) - (a + 2 * b + c)) / 80
            expected = np.degrees(np.arctan(STRETCH * np.hypot(along, down)))
            assert found[row, column] == pytest.approx(expected, abs=1e-3)


def test_cells_without_all_neighbours_have_no_slope() -> None:
    heights = np.zeros((8, 8))
    heights[4, 4] = np.nan
    found = np.isfinite(slopes_of(heights, grid_of(heights.shape)))
    expected = np.zeros((8, 8), dtype=bool)
    expected[1:-1, 1:-1] = True
    expected[3:6, 3:6] = False
    assert (found == expected).all()


@pytest.mark.parametrize("crs", [CGCS2000, ALBERS, CRS.from_epsg(4530)], ids=lambda c: c.name)
def test_lengths_are_those_of_the_ellipsoid_in_every_projection(crs: CRS) -> None:
    # Heights rise by 0.3 m a metre of geodesic distance to the south-west of the corner.
    step = 0.0003 if crs.is_geographic else 30.0
    west, north = from_degrees(np.array([[127.3, 44.9]]), CRS(crs))[0]
    grid = Grid(CRS(crs), float(west), float(north), step, step, 9, 9)
    columns, rows = np.meshgrid(np.arange(9) + 0.5, np.arange(9) + 0.5)
    points = np.column_stack([west + columns.ravel() * step, north - rows.ravel() * step])
    degrees = points
    if not crs.is_geographic:
        move = Transformer.from_crs(crs, CGCS2000, always_xy=True)
        degrees = np.column_stack(move.transform(*points.T))
    ellipsoid = Geod(a=6378137.0, rf=298.257222101)
    start = np.full(len(degrees), 127.0), np.full(len(degrees), 44.7)
    distance = ellipsoid.inv(*start, *degrees.T)[2].reshape(9, 9)
    found = slopes_of(0.3 * distance, grid)
    assert found[1:-1, 1:-1] == pytest.approx(np.degrees(np.arctan(0.3)), abs=1e-3)


def bent(shape: tuple[int, int] = (20, 30)) -> NDArray[np.float64]:
    """Cells of 10 m: columns to 8 level, column 9 rises by 1 in 4, those from 10 on by 1 in 2."""
    along, _ = places(grid_of(shape))
    return 100 + 0.5 * np.maximum(along - 95.0, 0.0)


def degrees_of(rise: float) -> float:
    return float(np.degrees(np.arctan(rise * STRETCH)))


def heights_windows(heights: NDArray[np.float64]) -> Any:
    return windows_of(heights, ring=1, valid=np.isfinite(heights))


def test_a_site_weighs_its_ground_by_the_exact_parts_of_cells() -> None:
    heights = bent()
    # 45 m level, 10 m on the bend, 5 m steep.
    shapes = make_layer([square(45, 50, 60), square(45, 50, 10)]).geometry
    zones = lay_zones(shapes, grid_of(heights.shape), PLANE)
    whole, level = measure_slopes(heights_windows(heights), zones)
    assert whole.mean == pytest.approx((10 * degrees_of(0.25) + 5 * degrees_of(0.5)) / 60, rel=1e-4)
    assert whole.steepest == pytest.approx(degrees_of(0.5), abs=1e-3)
    assert [whole.share_over(place) for place in (0, 1)] == pytest.approx([5 / 60] * 2, rel=1e-4)
    assert (level.mean, level.steepest, level.over_m2) == (0.0, 0.0, (0.0, 0.0))
    assert whole.known_m2 == pytest.approx(whole.area_m2, rel=1e-6)


def test_a_site_off_the_raster_has_no_slope() -> None:
    heights = bent()
    shapes = make_layer([square(5_000, 5_000, 50), square(-50, 50, 100)]).geometry
    zones = lay_zones(shapes, grid_of(heights.shape), PLANE)
    off, half = measure_slopes(heights_windows(heights), zones)
    assert (off.mean, off.steepest, off.known_m2) == (None, None, 0.0)
    assert off.share_over(0) is None
    # Forty of a hundred metres: the raster's first column has no slope.
    assert half.known_m2 == pytest.approx(0.4 * half.area_m2, rel=1e-4)


def test_steep_ground_is_what_is_steeper_or_unknown() -> None:
    heights = bent()
    heights[10, 4] = np.nan
    steep = find_steep_ground(heights_windows(heights), grid_of(heights.shape), PLANE, limit=15.0)
    united = shapely.union_all(steep)
    for east, north, avoided in (
        (50, 50, False),  # level
        (95, 50, False),  # on the bend: 14 degrees
        (105, 50, True),  # steep
        (5, 50, True),  # at the edge: no slope
        (45, 95, True),  # beside the cell without a height
        (75, 95, False),
    ):
        place = make_layer([square(east - 1, north - 1, 2)]).geometry[0]
        assert united.covers(place) == avoided, (east, north)
        assert united.disjoint(place) != avoided, (east, north)


def test_cropland_is_split_by_measured_and_by_stated_class() -> None:
    heights = bent()
    columns = {"DLBM": ["0103", "0101", "0301"], "GDPDJB": ["1", "5", ""]}
    # Level but for 5 m; wholly steep; forest, which does not count.
    parcels = make_layer(
        [square(45, 50, 60), square(120, 50, 60), square(45, 120, 60)],
        columns=columns,
        role="land_parcel",
        class_field="DLBM",
        slope_field="GDPDJB",
    )
    grid = grid_of(heights.shape)
    found = judge_cropland(
        parcels, raster_of(grid, role="elevation"), read=lambda **_: heights_windows(heights)
    )
    assert found is not None
    first, second = parcels.area_m2[:2]
    measured = [found.measured_m2(place) for place in range(6)]
    expected = [first * 45 / 60, 0, first * 10 / 60, 0, first * 5 / 60 + second, 0]
    assert measured == pytest.approx(expected, rel=1e-4, abs=0.1)
    assert [found.stated_m2(place) for place in (0, 4)] == pytest.approx([first, second], rel=1e-6)
    assert found.agreeing_m2 == pytest.approx(first * 45 / 60 + second, rel=1e-4)
    assert [unit.township for unit in found.townships] == [""]


def test_cropland_counts_in_the_township_of_its_inner_point() -> None:
    heights = bent()
    parcels = make_layer(
        [square(20, 50, 60), square(120, 50, 60)],
        columns={"DLBM": ["0103", "0103"]},
        class_field="DLBM",
    )
    townships = make_layer(
        [square(0, 0, 100, height_m=200), square(100, 0, 100, height_m=200)],
        columns={"XZQMC": ["flat", "steep"]},
        name_field="XZQMC",
    )
    found = judge_cropland(
        parcels,
        raster_of(grid_of(heights.shape), role="elevation"),
        read=lambda **_: heights_windows(heights),
        townships=townships,
    )
    assert found is not None
    assert not found.states_classes
    units = {unit.township: unit.class_m2 for unit in found.townships}
    assert units["flat"] == pytest.approx([parcels.area_m2[0], 0, 0, 0, 0], rel=1e-4)
    assert units["steep"] == pytest.approx([0, 0, 0, 0, parcels.area_m2[1]], rel=1e-4)


def test_parcels_without_cropland_have_no_slope_to_judge() -> None:
    parcels = make_layer([square(0, 0, 50)], columns={"DLBM": ["0301"]}, class_field="DLBM")
    raster = raster_of(grid_of((20, 30)), role="elevation")
    assert judge_cropland(parcels, raster, read=lambda **_: iter(())) is None


def test_a_window_cut_out_without_its_neighbours_is_refused() -> None:
    grid = grid_of((9, 9))
    window = CellWindow(3, 3, np.zeros((3, 3)), np.ones((3, 3), dtype=bool))
    with pytest.raises(ValueError, match="ring"):
        slope_window(window, grid)
