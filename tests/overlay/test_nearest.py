"""The nearest of many shapes, against shapely's own search and distances one by one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from spatialplan.overlay import box_gaps, nearest_rows


def scatter(seed: int, places: int, shapes: int, spread: float) -> tuple[NDArray[np.object_], ...]:
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, spread, (places, 2))
    steps = rng.normal(0, spread / 100, (shapes, 6, 2)).cumsum(axis=1)
    return (
        shapely.buffer(shapely.points(centres), rng.uniform(0.1, 1.0, places) * spread / 50),
        shapely.linestrings(rng.uniform(0, spread, (shapes, 1, 2)) + steps),
    )


@pytest.mark.parametrize(("places", "shapes"), [(1, 1), (1, 900), (900, 1), (600, 700)])
@pytest.mark.parametrize("spread", [1.0, 1e5])
def test_nearest_rows_are_as_near_as_the_nearest(places: int, shapes: int, spread: float) -> None:
    around, lines = scatter(7, places, shapes, spread)
    rows = nearest_rows(around, lines)
    _, distances = shapely.STRtree(lines).query_nearest(
        around, all_matches=False, return_distance=True
    )
    assert shapely.distance(around, lines[rows]).tolist() == distances.tolist()


def test_a_crowd_far_away_and_one_shape_near() -> None:
    crowd = shapely.points(np.random.default_rng(1).normal(1e6, 1.0, (5_000, 2)))
    shapes = np.append(crowd, shapely.Point(30, 40))
    assert nearest_rows(np.array([shapely.Point(0, 0)]), shapes).tolist() == [5_000]


def test_coordinates_with_few_digits_left_lose_nothing() -> None:
    """So far from the origin the gap between boxes rounds to more than the distance."""
    place = shapely.box(42_600_000, 4_970_060, 42_600_030, 4_970_100)
    for turn in np.linspace(0, 1, 50):
        east, north = 42_600_000 + turn, 4_970_000 - turn
        corner = shapely.box(east + 70, north, east + 80, north + 10)
        opposite = shapely.box(east + 90, north + 10, east + 100, north + 70)
        assert nearest_rows(np.array([place]), np.array([corner, opposite])).tolist() == [1]


def test_of_shapes_equally_near_the_first_is_taken() -> None:
    shapes = np.array([shapely.Point(5, 0), shapely.Point(-5, 0), shapely.Point(5, 0)])
    assert nearest_rows(np.array([shapely.Point(0, 0)]), shapes).tolist() == [0]


def test_a_box_nearer_than_its_shape_does_not_win() -> None:
    """The diagonal's box covers the place, the point's box is the point."""
    shapes = np.array([shapely.LineString([(-90, 0), (0, 90)]), shapely.Point(-10, 10)])
    assert nearest_rows(np.array([shapely.Point(-1, 1)]), shapes).tolist() == [1]


def test_gaps_between_boxes() -> None:
    box = np.array([0.0, 0.0, 2.0, 2.0])
    others = np.array([[1, 1, 9, 9], [5, 0, 6, 1], [5, 6, 7, 8], [-4, -5, -3, -4]], dtype=float)
    assert box_gaps(others, box).tolist() == [0.0, 3.0, 5.0, 5.0]
