"""The part of every cell that a shape covers: by counting points, by exactextract, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from small_layers import PLANE
from small_rasters import GRIDS, blob, make_grid

from spatialplan.cells import LaidZones, cover_fractions, cover_runs, from_cells, lay_zones
from spatialplan.cells import fractions as covering
from spatialplan.cells.walking import turn_edges, walk_edges
from spatialplan.layers import Grid

# Every cell is looked at in so many places a side.
LOOKS = 200


def on_grid(grid: Grid, *outlines: list[tuple[float, float]]) -> NDArray[np.object_]:
    """Polygons by their corners (column, row), in the plane of judgement; straight on the grid."""
    fine = shapely.segmentize(np.array([shapely.Polygon(outline) for outline in outlines]), 0.25)
    return np.asarray(shapely.transform(fine, lambda cells: from_cells(cells, grid, PLANE)))


def fractions(zones: LaidZones, shape: int = 0) -> NDArray[np.float64]:
    """The parts of all cells under one shape, (rows, columns)."""
    grid = zones.grid
    found = cover_fractions(zones, row=0, column=0, height=grid.rows, width=grid.columns)
    cells = np.zeros((grid.rows, grid.columns))
    chosen = found.shape == shape
    np.add.at(cells, (found.row[chosen], found.column[chosen]), found.fraction[chosen])
    return cells


def counted(zones: LaidZones, shape: int, row: int, column: int) -> float:
    """The part of a cell by looking at 200 x 200 places in it."""
    steps = (np.arange(LOOKS) + 0.5) / LOOKS
    east, south = np.meshgrid(column + steps, row + steps)
    return float(shapely.contains_xy(zones.draw(np.array([shape]))[0], east, south).mean())


@pytest.mark.parametrize("name", GRIDS)
def test_a_rectangle_by_hand(name: str) -> None:
    """From a quarter of column 1 to the middle of column 3, from the middle of row 2 to row 4."""
    grid = make_grid(name, rows=6, columns=5)
    outline = [(1.25, 2.5), (3.5, 2.5), (3.5, 4.0), (1.25, 4.0)]
    cells = fractions(lay_zones(on_grid(grid, outline), grid, PLANE))
    expected = np.zeros((6, 5))
    expected[2, 1:4] = [0.375, 0.5, 0.25]
    expected[3, 1:4] = [0.75, 1.0, 0.5]
    np.testing.assert_allclose(cells, expected, atol=2e-6)


@pytest.mark.parametrize("name", GRIDS)
def test_by_counting_places_in_every_cell(name: str) -> None:
    grid = make_grid(name, rows=12, columns=12)
    middle = PLANE.unproject(from_cells(np.array([[6.0, 6.0]]), grid, PLANE))
    assert np.abs(middle - [127.0, 45.0]).max() < 0.01
    shape = shapely.affinity.translate(
        blob(0, 0, 150.0), *(from_cells(np.array([[6.0, 6.0]]), grid, PLANE)[0] - blob_centre())
    )
    zones = lay_zones(np.array([shape]), grid, PLANE)
    cells = fractions(zones)
    assert ((cells > 0.01) & (cells < 0.99)).sum() > 10
    for row, column in np.ndindex(cells.shape):
        assert cells[row, column] == pytest.approx(counted(zones, 0, row, column), abs=0.01)


def blob_centre() -> NDArray[np.float64]:
    """Where `blob` puts a shape that is moved by nothing."""
    return PLANE.project(np.array([[127.0, 45.0]]), PLANE.crs.geodetic_crs)[0]


@pytest.mark.parametrize("chunk", [50, 1_000_000])
def test_exactextract_says_the_same(chunk: int) -> None:
    """Of large shapes with holes that reach beyond all edges, and of small ones."""
    grid = make_grid("zone 42", rows=150, columns=120)
    middle = from_cells(np.array([[60.0, 75.0]]), grid, PLANE)[0] - blob_centre()
    ragged = [
        shapely.affinity.translate(blob(*place, radius, seed=seed), *middle)
        for seed, (*place, radius) in enumerate(
            [(0, 0, 1_500.0), (-1_700, 300, 900.0), (1_500, 2_000, 2_500.0), (40, 40, 50.0)]
        )
    ]
    ragged.append(ragged[0].difference(ragged[3].buffer(200.0)))
    zones = lay_zones(np.array(ragged), grid, PLANE)
    flat = np.zeros((grid.rows, grid.columns))
    cells = NumPyRasterSource(flat, 0, -grid.rows, grid.columns, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(covering, "CHUNK_VERTICES", chunk)
        ours = [fractions(zones, number) for number in range(len(ragged))]
    for number, drawn in enumerate(zones.draw(np.arange(len(ragged)))):
        north_up = shapely.geometry.mapping(shapely.transform(drawn, lambda p: p * [1.0, -1.0]))
        feature = {"type": "Feature", "geometry": north_up, "properties": {}}
        (found,) = exact_extract(cells, [feature], ["cell_id", "coverage"])
        expected = np.zeros(flat.size)
        expected[found["properties"]["cell_id"]] = found["properties"]["coverage"]
        np.testing.assert_allclose(ours[number].ravel(), expected, atol=1e-6)
        assert ours[number].any()


def test_geos_says_the_same_to_eight_digits() -> None:
    grid = make_grid("albers", rows=12, columns=12)
    corners = from_cells(np.array([[6.0, 6.0]]), grid, PLANE)[0] - blob_centre()
    zones = lay_zones(
        np.array([shapely.affinity.translate(blob(0, 0, 170.0), *corners)]), grid, PLANE
    )
    columns, rows = np.meshgrid(np.arange(12.0), np.arange(12.0))
    squares = shapely.box(columns, rows, columns + 1, rows + 1)
    expected = shapely.area(shapely.intersection(zones.draw(np.array([0]))[0], squares))
    np.testing.assert_allclose(fractions(zones), expected, atol=1e-8)


def test_large_shapes_are_runs_of_cells() -> None:
    """A square of 90 by 90 cells: four rows or columns of parts, and one run in every row."""
    grid = make_grid("zone 42", rows=100, columns=100)
    square = shapely.transform(
        shapely.segmentize(shapely.box(4.5, 4.5, 95.5, 95.5), 0.5),
        lambda cells: from_cells(cells, grid, PLANE),
    )
    zones = lay_zones(np.array([square]), grid, PLANE)
    parts, runs = cover_runs(zones, row=0, column=0, height=100, width=100)
    assert len(parts) == 4 * 91
    assert sorted(runs.row) == list(range(5, 95))
    assert (set(runs.column), set(runs.end)) == ({5}, {95})


def enclosed(shape: shapely.Polygon, top: int, left: int) -> NDArray[np.float64]:
    """Parts of 4 by 5 cells from a place on, by walking the edges of a shape drawn in cells."""
    turned = shapely.orient_polygons(shape, exterior_cw=True)  # as seen with rows southward
    ends = [shapely.get_coordinates(ring) - [left, top] for ring in shapely.get_rings(turned)]
    start = np.concatenate([points[:-1] for points in ends])
    end = np.concatenate([points[1:] for points in ends])
    edges = turn_edges(np.zeros(len(start), np.int64), start, end)
    parts, runs = walk_edges(edges, height=4, width=5)
    cells = np.zeros((4, 5))
    np.add.at(cells, (parts.row, parts.column), parts.fraction)
    for row, first, last in zip(runs.row, runs.column, runs.end, strict=True):
        cells[row, first:last] += 1.0
    return cells


def cut_by_geos(shape: shapely.Polygon, top: int, left: int) -> NDArray[np.float64]:
    columns, rows = np.meshgrid(left + np.arange(5.0), top + np.arange(4.0))
    squares = shapely.box(columns, rows, columns + 1, rows + 1)
    return np.asarray(shapely.area(shapely.intersection(shape, squares)))


@pytest.mark.parametrize(("top", "left"), [(0, 0), (3, 2), (5, 6)])
def test_edges_due_east_and_west(top: int, left: int) -> None:
    """Stairs along the lines between cells and through their middles, and a hole."""
    stairs = [(0, 0), (8, 0), (8, 2.5), (6, 2.5), (6, 4), (4.5, 4), (4.5, 7), (0, 7)]
    shape = shapely.Polygon(stairs, [[(1, 1), (1, 2), (3.5, 2), (3.5, 1)]])
    np.testing.assert_allclose(
        enclosed(shape, top, left), cut_by_geos(shape, top, left), atol=1e-12
    )


places = st.tuples(st.integers(-40, 40), st.integers(-40, 40))


@given(st.lists(places, min_size=3, max_size=8, unique=True))
def test_edges_many_cells_long(outline: list[tuple[int, int]]) -> None:
    """Across the rectangle and far beyond it on every side."""
    shape = shapely.convex_hull(shapely.MultiPoint([(c / 3, r / 3) for c, r in outline]))
    if shape.area:
        np.testing.assert_allclose(enclosed(shape, -2, -3), cut_by_geos(shape, -2, -3), atol=1e-8)


def test_holes_and_parts() -> None:
    grid = make_grid("zone 42", rows=8, columns=8)
    ring = shapely.box(0, 0, 6, 6).difference(shapely.box(1.5, 1.5, 4, 4))
    both = shapely.union_all([ring, shapely.box(7, 7, 8, 8)])
    shape = shapely.transform(both, lambda cells: from_cells(cells, grid, PLANE))
    cells = fractions(lay_zones(np.array([shape]), grid, PLANE))
    assert cells.sum() == pytest.approx(36 - 6.25 + 1, abs=1e-4)
    assert cells[2, 2] == pytest.approx(0.0, abs=1e-5)
    assert cells[1, 1] == pytest.approx(0.75, abs=1e-5)
    assert cells[7, 7] == pytest.approx(1.0, abs=1e-5)


def test_what_lies_elsewhere_covers_nothing() -> None:
    grid = make_grid("degrees")
    far = on_grid(grid, [(100, 100), (110, 100), (110, 110)], [(-9, -9), (-2, -9), (-2, -2)])
    found = cover_fractions(lay_zones(far, grid, PLANE), row=0, column=0, height=40, width=40)
    assert len(found) == 0


def test_only_the_rectangle_asked_for() -> None:
    grid = make_grid("zone 42")
    zones = lay_zones(on_grid(grid, [(0, 0), (40, 0), (40, 40), (0, 40)]), grid, PLANE)
    found = cover_fractions(zones, row=10, column=20, height=5, width=4)
    assert set(found.row) == set(range(10, 15))
    assert set(found.column) == set(range(20, 24))
    np.testing.assert_allclose(found.fraction, 1.0, atol=1e-6)


corners = st.tuples(st.integers(0, 80), st.integers(0, 80))


@given(st.lists(corners, min_size=3, max_size=9, unique=True))
def test_parts_add_up_to_the_shape(outline: list[tuple[int, int]]) -> None:
    """Whatever the outline, also along the lines between cells."""
    grid = make_grid("zone 42", rows=20, columns=20)
    shape = shapely.convex_hull(shapely.MultiPoint([(c / 4, r / 4) for c, r in outline]))
    if shape.area == 0:
        return
    straight = shapely.segmentize(shape, 1.0)  # as an edge of the grid is, not of the plane
    laid = shapely.transform(straight, lambda cells: from_cells(cells, grid, PLANE))
    cells = fractions(lay_zones(np.array([laid]), grid, PLANE))
    assert cells.sum() == pytest.approx(shape.area, rel=1e-6, abs=1e-5)
    assert cells.max() <= 1


@given(st.integers(1, 30), st.integers(1, 30))
def test_rectangles_make_no_difference(height: int, width: int) -> None:
    """A window knows nothing of the edges east of it, and of those west of it only the strips."""
    grid = make_grid("zone 42", rows=30, columns=30)
    middle = from_cells(np.array([[15.0, 15.0]]), grid, PLANE)[0] - blob_centre()
    shape = shapely.affinity.translate(blob(0, 0, 500.0), *middle)
    zones = lay_zones(np.array([shape]), grid, PLANE)
    cells = np.zeros((30, 30))
    for row in range(0, 30, height):
        for column in range(0, 30, width):
            size = {"height": min(height, 30 - row), "width": min(width, 30 - column)}
            found = cover_fractions(zones, row=row, column=column, **size)
            np.add.at(cells, (found.row, found.column), found.fraction)
    np.testing.assert_allclose(cells, fractions(zones), atol=1e-8)


def test_nothing_that_goes_in_is_changed() -> None:
    grid = make_grid("zone 42")
    shapes: NDArray[Any] = on_grid(grid, [(0, 0), (40, 0), (40, 40)])
    before = shapely.to_wkb(shapes).tolist()
    lay_zones(shapes, grid, PLANE)
    assert shapely.to_wkb(shapes).tolist() == before
