"""Areas of single pairs by strip sums, against intersections; and what they are there to find."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from numpy.typing import NDArray

from spatialplan.errors import ConservationError
from spatialplan.overlay import overlap_pieces, pair_areas, pairs
from spatialplan.overlay.pair_areas import sum_pair_areas

from .shapes import box, layers, ring_of

pytest.importorskip("numba")

Shapes = NDArray[np.object_]

RING = box(0, 0, 9, 9) - box(3, 3, 6, 6)


@pytest.mark.parametrize(
    ("one", "other", "area"),
    [
        (box(0, 0, 4, 4), box(1, 1, 2, 2), 1.0),
        (box(1, 1, 2, 2), box(0, 0, 4, 4), 1.0),
        (box(0, 0, 4, 4), box(4, 0, 6, 4), 0.0),
        (box(0, 0, 4, 4), box(0, 4, 4, 6), 0.0),
        (box(0, 0, 4, 4), box(-9, 2, 9, 90), 8.0),
        (box(4, 4, 5, 5), RING, 0.0),
        (RING, RING.reverse(), 72.0),
        (shapely.Polygon([(0, 0), (4, 4), (0, 4)]), shapely.Polygon([(0, 0), (4, 0), (0, 4)]), 4.0),
        (shapely.MultiPolygon([box(0, 0, 1, 1), box(3, 0, 5, 1)]), box(0, 0, 4, 4), 2.0),
    ],
)
def test_areas_drawn_by_hand(one: shapely.Geometry, other: shapely.Geometry, area: float) -> None:
    assert sum_pair_areas(np.array([one]), np.array([other])).tolist() == pytest.approx([area])
    assert sum_pair_areas(np.array([other]), np.array([one])).tolist() == pytest.approx([area])


@given(layers(), layers())
def test_areas_are_those_of_intersections(some: Shapes, others: Shapes) -> None:
    some, others = (
        part[~(shapely.is_missing(part) | shapely.is_empty(part))] for part in (some, others)
    )
    row, other = (grid.ravel() for grid in np.indices((len(some), len(others))))
    for far in (0.0, 4.26e7):
        one, two = (
            shapely.transform(part, lambda points, far=far: points + far)
            for part in (some[row], others[other])
        )
        plain, sums = shapely.area(shapely.intersection(one, two)), sum_pair_areas(one, two)
        few = shapely.get_num_coordinates(one) * shapely.get_num_coordinates(two) <= 1_000_000
        assert sums[few].tolist() == pytest.approx(plain[few].tolist(), abs=1e-6)


def test_pairs_of_very_many_vertices_are_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_areas, "MOST_TERMS", 100)
    found = sum_pair_areas(np.array([RING, box(0, 0, 1, 1)]), np.array([ring_of(90), RING]))
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(1.0)


def test_a_lost_piece_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """One piece of 60 comes back empty, as overlay has been known to do, from both its steps."""
    squares = shapely.box(np.arange(60.0), 0, np.arange(1.0, 61.0), 1)
    intersect = shapely.intersection

    def lose(one: Shapes, other: Shapes) -> Shapes:
        common = intersect(one, other)
        common[7] = shapely.Polygon()
        return common

    zone = [shapely.box(0, 0, 60, 0.5)]
    assert overlap_pieces(squares, zone).area.sum() == pytest.approx(30)
    monkeypatch.setattr(pairs, "loops_pay", lambda _: True)
    assert overlap_pieces(squares, zone).area.sum() == pytest.approx(30)
    monkeypatch.setattr(shapely, "intersection", lose)
    with pytest.raises(ConservationError):
        overlap_pieces(squares, zone)
