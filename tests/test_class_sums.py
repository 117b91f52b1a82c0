"""Classes, cells without value and ground outside add up to the zones, to the last 1e-6."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from small_layers import PLANE
from small_rasters import GRIDS, blob, make_grid, whole_window

from spatialplan.cells import (
    ClassSums,
    KnownCovers,
    cell_areas,
    from_cells,
    lay_zones,
    mark_borders,
    sum_classes,
)
from spatialplan.errors import ConservationError
from spatialplan.layers import CellWindow, Grid

NODATA = 255


def patchwork(rows: int, columns: int, *, seed: int = 3) -> NDArray[np.uint8]:
    """Classes 1 to 5 in patches of 7 cells, and some cells without value."""
    chance = np.random.default_rng(seed)
    patches = chance.integers(1, 6, (rows // 7 + 1, columns // 7 + 1))
    cells = np.kron(patches, np.ones((7, 7)))[:rows, :columns].astype(np.uint8)
    cells[chance.random(cells.shape) < 0.02] = NODATA
    return cells


def in_windows(cells: NDArray[np.uint8], height: int, width: int) -> Iterator[CellWindow]:
    for row in range(0, cells.shape[0], height):
        for column in range(0, cells.shape[1], width):
            values = cells[row : row + height, column : column + width]
            yield CellWindow(row, column, values, values != NODATA)


def sum_up(found: ClassSums) -> NDArray[np.float64]:
    return np.asarray(found.area_m2.sum(axis=1) + found.nodata_m2 + found.outside_m2)


def zones_on(grid: Grid) -> NDArray[np.object_]:
    """Ragged zones: within the grid, across its edge, around it, smaller than a cell, outside."""
    middle = from_cells(np.array([[grid.columns / 2, grid.rows / 2]]), grid, PLANE)[0]
    shapes = np.array(
        [
            blob(0, 0, 2_500.0, seed=1),
            blob(4_500, 500, 3_000.0, seed=2),
            blob(0, 0, 40_000.0, seed=3),
            blob(10, 10, 8.0, seed=4),
            blob(90_000, 0, 500.0, seed=5),
        ]
    )
    return np.asarray(shapely.transform(shapes, lambda points: points - CENTRE + middle))


CENTRE = PLANE.project(np.array([[127.0, 45.0]]), PLANE.crs.geodetic_crs)[0]


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("coarser", [1.0, 10.0])
def test_sums_are_the_zones_ellipsoidal_areas(name: str, coarser: float) -> None:
    side = int(250 / coarser)
    grid = make_grid(name, rows=side, columns=side, coarser=coarser)
    zones = zones_on(grid)
    found = sum_classes(
        [whole_window(patchwork(side, side), nodata=NODATA)], lay_zones(zones, grid, PLANE)
    )
    np.testing.assert_allclose(sum_up(found), shapely.area(zones), rtol=1e-6)
    assert found.values.tolist() == [1, 2, 3, 4, 5]
    assert found.nodata_m2[0] > 0
    assert found.outside_m2[0] == 0
    assert 0 < found.outside_m2[1] < shapely.area(zones[1])
    assert found.outside_m2[4] == pytest.approx(shapely.area(zones[4]), rel=1e-9)
    inside_all = cell_areas(grid, PLANE).sum()
    assert shapely.area(zones[2]) - found.outside_m2[2] == pytest.approx(inside_all, rel=1e-7)


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("coarser", [1 / 3, 1.0, 30.0])
def test_small_fields_are_conserved(name: str, coarser: float) -> None:
    """Triangles with sides of 70 m, the longest edges that a layer has, anywhere on the cells."""
    side = int(900 / coarser)
    grid = make_grid(name, rows=side, columns=side, coarser=coarser)
    chance = np.random.default_rng(11)
    places = from_cells(chance.uniform(0.3, 0.7, (40, 2)) * side, grid, PLANE)
    angles = chance.uniform(0, 7, (40, 1)) + np.arange(3) * (2 * np.pi / 3)
    corners = 40.0 * np.stack([np.cos(angles), np.sin(angles)], axis=2) + places[:, None]
    zones = shapely.polygons(corners)
    found = sum_classes([whole_window(patchwork(side, side))], lay_zones(zones, grid, PLANE))
    # Of cells of 900 m only some thousandth is covered; area is not quite even inside them.
    precision = 1e-6 if coarser <= 1 else 3e-6
    np.testing.assert_allclose(sum_up(found), shapely.area(zones), rtol=precision)


def test_uneven_cells_of_web_mercator_raise_nothing() -> None:
    """Area changes by 3e-4 from one cell of 2 km to the next; small zones are off by some of it."""
    grid = Grid(CRS.from_epsg(3857), 14_000_000.0, 5_700_000.0, 2_000.0, 2_000.0, 100, 100)
    places = from_cells(np.random.default_rng(5).uniform(20, 80, (60, 2)), grid, PLANE)
    zones = shapely.buffer(shapely.points(places), 400.0)
    found = sum_classes([whole_window(patchwork(100, 100))], lay_zones(zones, grid, PLANE))
    gaps = np.abs(sum_up(found) / shapely.area(zones) - 1)
    assert 1e-6 < gaps.max() < 2e-4


@pytest.mark.parametrize("name", GRIDS)
def test_whole_cells_by_hand(name: str) -> None:
    """Columns of class 1 2 3; the zone takes the upper two rows of three."""
    grid = make_grid(name, rows=3, columns=3)
    zone = shapely.Polygon(from_cells(np.array([[0, 0], [3, 0], [3, 2], [0, 2.0]]), grid, PLANE))
    cells = np.tile(np.array([1, 2, 3], dtype=np.uint8), (3, 1))
    found = sum_classes([whole_window(cells)], lay_zones(np.array([zone]), grid, PLANE))
    expected = cell_areas(grid, PLANE)[:2].sum(axis=0)
    np.testing.assert_allclose([found.of(v)[0] for v in (1, 2, 3)], expected, rtol=1e-6)
    assert found.of(9)[0] == 0


@pytest.mark.parametrize(("height", "width"), [(7, 250), (64, 64), (250, 11)])
def test_windows_make_no_difference(height: int, width: int) -> None:
    grid = make_grid("degrees", rows=250, columns=250)
    cells, zones = patchwork(250, 250), lay_zones(zones_on(grid), grid, PLANE)
    whole = sum_classes([whole_window(cells, nodata=NODATA)], zones)
    parts = sum_classes(in_windows(cells, height, width), zones)
    np.testing.assert_allclose(parts.area_m2, whole.area_m2, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(parts.nodata_m2, whole.nodata_m2, rtol=1e-9, atol=1e-6)


def test_windows_that_no_zone_touches_are_not_looked_at() -> None:
    """Their cells could not even be read as classes."""
    grid = make_grid("zone 42", rows=80, columns=80)
    zone = shapely.Polygon(from_cells(np.array([[1, 1], [9, 1], [9, 9.0]]), grid, PLANE))
    near = CellWindow(0, 0, np.ones((10, 10), np.uint8), np.ones((10, 10), bool))
    far = CellWindow(40, 40, np.full((10, 10), "x", object), np.ones((10, 10), bool))
    found = sum_classes([near, far], lay_zones(np.array([zone]), grid, PLANE))
    assert found.values.tolist() == [1]


@pytest.mark.parametrize("values", [[-7, 70_000, 3], [0, 1, 2], [2**31, 5, 6]])
def test_any_whole_numbers_are_classes(values: list[int]) -> None:
    grid = make_grid("zone 42", rows=3, columns=3)
    zone = shapely.Polygon(from_cells(np.array([[0, 0], [3, 0], [3, 3], [0, 3.0]]), grid, PLANE))
    cells = np.tile(np.array(values, dtype=np.int64), (3, 1))
    found = sum_classes([whole_window(cells)], lay_zones(np.array([zone]), grid, PLANE))
    assert found.values.tolist() == sorted(values)
    assert (found.area_m2 > 2_600).all()


def test_shapes_of_one_zone_are_summed() -> None:
    grid = make_grid("zone 42", rows=250, columns=250)
    whole = zones_on(grid)[:1]
    west, south, east, north = shapely.bounds(whole[0])
    middle = (west + east) / 2
    halves = shapely.intersection(
        whole[0], shapely.box([west, middle], south, [middle, east], north)
    )
    cells = patchwork(250, 250)
    together = lay_zones(halves, grid, PLANE, owner=np.array([0, 0]))
    one = sum_classes([whole_window(cells)], lay_zones(whole, grid, PLANE))
    two = sum_classes([whole_window(cells)], together)
    np.testing.assert_allclose(two.area_m2, one.area_m2, rtol=1e-7)


def test_a_missing_window_is_an_error() -> None:
    """Ground that is nowhere in the sums was lost, and no sum is given."""
    grid = make_grid("zone 42", rows=250, columns=250)
    windows = list(in_windows(patchwork(250, 250), 50, 250))
    zones = lay_zones(zones_on(grid), grid, PLANE)
    with pytest.raises(ConservationError, match=r"zones\[0\].*differ by -\d") as caught:
        sum_classes(windows[:2] + windows[3:], zones)
    assert [fault.where for fault in caught.value.faults] == [f"zones[{zone}]" for zone in range(4)]


def test_a_ring_counts_nothing() -> None:
    grid = make_grid("zone 42", rows=250, columns=250)
    cells = patchwork(250, 250)
    zones = lay_zones(zones_on(grid), grid, PLANE)
    upper = CellWindow(0, 0, cells[:101], cells[:101] != NODATA, (0, 0, 1, 0))
    lower = CellWindow(99, 0, cells[99:], cells[99:] != NODATA, (1, 0, 0, 0))
    whole = sum_classes([whole_window(cells, nodata=NODATA)], zones)
    np.testing.assert_allclose(sum_classes([upper, lower], zones).area_m2, whole.area_m2)


def test_borders_by_hand() -> None:
    """A lone cell of class 2 and its four neighbours; what has no value has no border."""
    cells = np.ones((5, 5), dtype=np.uint8)
    cells[1, 1], cells[4, 4] = 2, 0
    marked = mark_borders(whole_window(cells, nodata=0), [2])
    expected = np.zeros((5, 5), dtype=int)
    expected[1, :3], expected[:3, 1] = 1, 1
    assert marked.values.tolist() == expected.tolist()
    assert marked.valid.all()
    assert mark_borders(whole_window(cells, nodata=0), [1, 2]).values.sum() == 0


def test_borders_across_windows() -> None:
    cells = patchwork(60, 60)
    whole = mark_borders(whole_window(cells, nodata=NODATA), [1, 2])
    window = CellWindow(9, 19, cells[9:41, 19:52], cells[9:41, 19:52] != NODATA, (1, 1, 1, 1))
    part = mark_borders(window, [1, 2])
    assert (part.row, part.column, part.values.shape) == (10, 20, (30, 31))
    assert part.values.tolist() == whole.values[10:40, 20:51].tolist()


def test_no_zone_no_sum() -> None:
    grid = make_grid("zone 42")
    nothing = lay_zones(np.empty(0, dtype=object), grid, PLANE)
    found = sum_classes([whole_window(patchwork(40, 40))], nothing)
    assert found.area_m2.shape == (0, 0)
    assert replace(found).values.tolist() == []


@pytest.mark.parametrize("most_kept", [0, 500, 10**9])
def test_a_second_edition_is_summed_as_by_itself(most_kept: int) -> None:
    """However much of how windows lie to zones was kept from the first."""
    grid = make_grid("zone 42", rows=250, columns=250)
    zones, known = lay_zones(zones_on(grid), grid, PLANE), KnownCovers(most_kept)
    before, after = patchwork(250, 250), patchwork(250, 250).T.copy()
    sum_classes(in_windows(before, 64, 64), zones, known=known)
    again = sum_classes(in_windows(after, 64, 64), zones, known=known)
    alone = sum_classes(in_windows(after, 64, 64), zones)
    np.testing.assert_array_equal(again.area_m2, alone.area_m2)
