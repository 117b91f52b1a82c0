"""Windows: features in a hole of the zones are enclosed, not in conflict."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from spatialplan.overlay import enclosed_features

from .shapes import box

ZONE = box(0, 0, 9, 9) - box(3, 3, 6, 6)


@pytest.mark.parametrize(
    ("feature", "enclosed"),
    [
        (box(3, 3, 6, 6), True),
        (box(4, 4, 5, 5), True),
        (box(3 - 1e-4, 3, 6, 6), True),
        (box(2.9, 3, 6, 6), False),
        (box(0, 0, 1, 1), False),
        (box(20, 20, 21, 21), False),
        (shapely.MultiPolygon([box(3, 3, 4, 4), box(5, 5, 6, 6)]), True),
        (shapely.MultiPolygon([box(3, 3, 4, 4), box(20, 5, 21, 6)]), False),
        (None, False),
        (shapely.Polygon(), False),
    ],
)
def test_drawn_by_hand(feature: shapely.Geometry | None, enclosed: bool) -> None:
    assert len(enclosed_features([feature], [ZONE])) == int(enclosed)


def test_window_is_returned_with_its_feature() -> None:
    found = enclosed_features([box(0, 0, 1, 1), box(4, 4, 5, 5)], [ZONE])
    assert (found.a_index.tolist(), found.b_index.tolist()) == ([1], [-1])
    assert found.geometry[0].equals(box(3, 3, 6, 6))


def test_window_between_two_zones() -> None:
    halves = [ZONE & box(0, 0, 4.5, 9), ZONE & box(4.5, 0, 9, 9)]
    assert len(enclosed_features([box(4, 4, 5, 5)], halves)) == 1


def test_island_in_a_window_is_no_part_of_it() -> None:
    zones = [box(0, 0, 9, 9) - box(1, 1, 8, 8), box(3, 3, 6, 6) - box(4, 4, 5, 5)]
    found = enclosed_features([box(4, 4, 5, 5), box(1, 1, 2, 2), box(3, 3, 4, 4)], zones)
    assert found.a_index.tolist() == [0, 1]
    np.testing.assert_allclose(found.area, [1.0, 40.0])


def test_feature_in_two_windows_has_a_row_for_each() -> None:
    zone = box(0, 0, 9, 3) - box(1, 1, 2, 2) - box(5, 1, 6, 2)
    feature = shapely.MultiPolygon([box(1, 1, 2, 2), box(5, 1, 6, 2)])
    assert enclosed_features([feature], [zone]).a_index.tolist() == [0, 0]
