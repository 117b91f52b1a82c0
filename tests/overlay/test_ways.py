"""Shortest ways by compiled loops: those that GEOS finds, to the last digit."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spatialplan.overlay import IndexedLines, shortest_ways, ways

from .shapes import box, layers

Shapes = NDArray[np.object_]


@pytest.fixture(autouse=True)
def _loops_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let loops decide however few the places are."""
    pytest.importorskip("numba")
    monkeypatch.setattr(ways, "loops_pay", lambda _: True)


def require_same(places: Shapes, shapes: Shapes) -> None:
    """Compare with all distances, one by one, and with the line that GEOS draws."""
    rows, found = shortest_ways(places, IndexedLines(shapes))
    distances = shapely.distance(places[:, None], shapes[None, :])
    assert rows.tolist() == np.argmin(distances, axis=1).tolist()
    drawn = shapely.shortest_line(places, shapes[rows])
    assert found.tolist() == shapely.get_coordinates(drawn).reshape(-1, 4).tolist()


@pytest.mark.parametrize(
    ("place", "line", "way"),
    [
        (box(0, 0, 2, 2), [(5, -9), (5, 9)], [2, 0, 5, 0]),
        (box(0, 0, 2, 2), [(5, 6), (9, 9)], [2, 2, 5, 6]),
        (box(0, 0, 2, 2), [(3, 3), (3, 3)], [2, 2, 3, 3]),
        (box(0, 0, 9, 9) - box(2, 2, 8, 8), [(4, 3), (5, 4)], [4, 2, 4, 3]),
        (box(0, 0, 2, 2) | box(6, 0, 8, 2), [(5, 1), (5, 1)], [6, 1, 5, 1]),
    ],
)
def test_ways_drawn_by_hand(
    place: shapely.Geometry, line: list[tuple[float, float]], way: list[float]
) -> None:
    lines = IndexedLines(np.array([shapely.LineString(line)]))
    rows, found = shortest_ways(np.array([place]), lines)
    assert rows.tolist() == [0]
    assert found.tolist() == [way]


@pytest.mark.parametrize(
    "line",
    [
        [(1, 1), (1.5, 1.5)],  # inside
        [(-1, 1), (9, 1)],  # across
        [(2, -5), (2, 9)],  # along the border
        [(2, 2), (5, 5)],  # from a corner
    ],
)
def test_what_touches_a_place_is_no_way_off(line: list[tuple[float, float]]) -> None:
    near = np.array([shapely.LineString([(3, 0), (3, 9)]), shapely.LineString(line)])
    rows, found = shortest_ways(np.array([box(0, 0, 2, 2)]), IndexedLines(near))
    assert rows.tolist() == [1]
    assert found[0, :2].tolist() == found[0, 2:].tolist()


def test_of_lines_equally_near_the_first_is_taken() -> None:
    west, east = shapely.LineString([(-3, 0), (-3, 2)]), shapely.LineString([(5, 0), (5, 2)])
    around = np.array([shapely.Point(90, 90), east, west, east])
    assert shortest_ways(np.array([box(0, 0, 2, 2)]), IndexedLines(around))[0].tolist() == [1]


@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.sampled_from([0.0, 4.26e7]))
def test_ways_are_those_of_geos(seed: int, count: int, far: float) -> None:
    rng = np.random.default_rng(seed)
    places = shapely.buffer(
        shapely.points(rng.uniform(0, 9_000, (40, 2)) + far), rng.uniform(1, 90, 40), quad_segs=2
    )
    steps = rng.normal(0, 60, (count, 5, 2)).cumsum(axis=1)
    lines = shapely.linestrings(rng.uniform(0, 9_000, (count, 1, 2)) + steps + far)
    points = shapely.points(rng.uniform(0, 9_000, (3, 2)) + far)
    require_same(places, np.concatenate([lines, points]))


@given(layers(), layers())
def test_ways_on_a_grid_where_many_are_equal(places: Shapes, around: Shapes) -> None:
    places = places[~(shapely.is_missing(places) | shapely.is_empty(places))]
    rings = shapely.get_parts(shapely.boundary(around))
    moved = shapely.transform(rings, lambda points: points + np.array([7.0, 3.0]))
    if len(places) and len(moved):
        require_same(places, moved)
