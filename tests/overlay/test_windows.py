"""Windows: features in a hole of the zones are enclosed, not in conflict."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from spatialplan.overlay import cut_zones, enclosed_features
from spatialplan.overlay.mending import cancel_borders, unite
from spatialplan.overlay.windows import find_windows

from .shapes import box, layers

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


@settings(max_examples=60)
@given(layers())
def test_windows_equal_the_filled_union_less_the_union(zones: np.ndarray) -> None:
    united = shapely.union_all(zones)
    outlines = shapely.get_exterior_ring(shapely.get_parts(united))
    plain = shapely.union_all(shapely.polygons(outlines)) - united
    for windows in (find_windows(cut_zones(zones)), find_windows(zones)):
        assert shapely.area(windows).sum() == pytest.approx(plain.area, rel=1e-9, abs=1e-9)
        assert shapely.area(shapely.union_all(windows) ^ plain) < 1e-9


def test_islands_in_windows_of_islands() -> None:
    rings = [box(-s, -s, s, s) - box(1 - s, 1 - s, s - 1, s - 1) for s in (2.0, 4.0, 6.0, 8.0)]
    found = find_windows(cut_zones(rings))
    assert sorted(shapely.area(found).tolist()) == [4.0, 20.0, 36.0, 52.0]
    assert shapely.area(found & shapely.union_all(rings)).sum() == 0.0


def test_many_zones_are_united_the_quick_way_only_where_borders_match() -> None:
    cells = np.array([box(x, y, x + 1, y + 1) for x in range(10) for y in range(10)])
    grid = np.delete(cells, [11, 55])
    quick = cancel_borders(grid)
    assert quick is not None
    assert quick.equals(shapely.union_all(grid))
    assert len(find_windows(cut_zones(grid))) == 2
    shifted = np.append(grid, box(10, 0.5, 11, 1.5))
    assert cancel_borders(shifted) is None
    assert cancel_borders(np.append(grid, box(0, 0, 1, 1))) is None
    assert cancel_borders(np.append(grid, box(0.2, 0.2, 0.4, 0.4))) is None
    assert unite(shifted).area == pytest.approx(99.0)
