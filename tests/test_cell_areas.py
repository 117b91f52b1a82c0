"""Areas of cells are ellipsoidal areas, and positions on a grid lead there and back."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from small_layers import PLANE
from small_rasters import GRIDS, make_grid

from spatialplan import ellipsoidal_area
from spatialplan.cells import cell_areas, from_cells, grid_bounds, to_cells
from spatialplan.layers import Grid


def outlines(grid: Grid, cells: list[tuple[int, int]]) -> NDArray[np.object_]:
    """The cells (row, column) as polygons in the grid's CRS."""
    return np.array(
        [
            shapely.box(
                grid.west + column * grid.step_east,
                grid.north - (row + 1) * grid.step_south,
                grid.west + (column + 1) * grid.step_east,
                grid.north - row * grid.step_south,
            )
            for row, column in cells
        ]
    )


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("coarser", [1.0, 50.0])
def test_areas_are_those_of_the_official_method(name: str, coarser: float) -> None:
    grid = make_grid(name, rows=60, columns=60, coarser=coarser)
    cells = [(0, 0), (17, 42), (59, 59)]
    areas = cell_areas(grid, PLANE)
    expected = ellipsoidal_area(outlines(grid, cells), grid.crs)
    # Edges of 1.5 km bow between the two projections; the official method splits them in its own.
    precision = 1e-8 if coarser == 1.0 or not grid.crs.is_geographic else 1e-7
    np.testing.assert_allclose([areas[cell] for cell in cells], expected, rtol=precision)


def test_a_wide_grid_in_web_mercator() -> None:
    """Areal scale changes by a fifth across it, and is followed."""
    grid = Grid(CRS.from_epsg(3857), 13_900_000.0, 5_900_000.0, 2_000.0, 2_000.0, 400, 400)
    cells = [(0, 0), (200, 13), (399, 399)]
    areas = cell_areas(grid, PLANE)
    expected = ellipsoidal_area(outlines(grid, cells), grid.crs)
    np.testing.assert_allclose([areas[cell] for cell in cells], expected, rtol=2e-7)
    assert areas[399, 0] > 1.15 * areas[0, 0]


@pytest.mark.parametrize("name", GRIDS)
def test_a_part_of_a_grid_is_the_same_as_all_of_it(name: str) -> None:
    grid = make_grid(name, rows=700, columns=30)
    part = cell_areas(grid, PLANE, row=500, column=7, height=100, width=20)
    np.testing.assert_allclose(part, cell_areas(grid, PLANE)[500:600, 7:27], rtol=1e-9)


def test_in_degrees_only_the_row_counts() -> None:
    areas = cell_areas(make_grid("degrees"), PLANE)
    assert (areas == areas[:, :1]).all()
    assert (np.diff(areas[:, 0]) > 0).all(), "southward parallels grow longer"


@pytest.mark.parametrize("name", GRIDS)
def test_there_and_back(name: str) -> None:
    grid = make_grid(name)
    cells = np.array([[0.0, 0.0], [3.25, 17.75], [40.0, 40.0], [-5.0, 60.0]])
    back = to_cells(from_cells(cells, grid, PLANE), grid, PLANE)
    np.testing.assert_allclose(back, cells, atol=1e-6)


def test_halves_of_a_cell_in_degrees_are_equal_areas() -> None:
    grid = make_grid("degrees", coarser=400)
    corners = from_cells(np.array([[0.0, 7.0], [1.0, 7.5], [1.0, 8.0]]), grid, PLANE)
    (west, north), (east, middle), (_, south) = corners
    upper = (east - west) * (north - middle)
    assert upper == pytest.approx((east - west) * (middle - south), rel=1e-9)
    assert 2 * upper == pytest.approx(cell_areas(grid, PLANE)[7, 0], rel=1e-9)


@pytest.mark.parametrize("name", GRIDS)
def test_the_bounds_of_a_shape_hold_its_cells(name: str) -> None:
    grid = make_grid(name)
    corners = from_cells(np.array([[10.0, 20.0], [30.0, 20.0], [30.0, 35.0]]), grid, PLANE)
    west, south, east, north = grid_bounds(np.array([shapely.Polygon(corners)]), grid, PLANE)
    assert west <= grid.west + 10.01 * grid.step_east
    assert east >= grid.west + 29.99 * grid.step_east
    assert north >= grid.north - 20.01 * grid.step_south
    assert south <= grid.north - 34.99 * grid.step_south
    assert east - west < 30 * grid.step_east, "an Albers grid lies askew"
