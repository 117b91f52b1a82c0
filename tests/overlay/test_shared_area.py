"""The area that features share with zones: cases to draw by hand, and a plain oracle."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatialplan.errors import ConservationError, InvalidGeometryError
from spatialplan.overlay import (
    cut_zones,
    enclosed_features,
    outside_pieces,
    overlap_pieces,
    shared_area,
    union_area,
)
from spatialplan.overlay.conservation import require_conserved, require_no_excess

from .shapes import box, layers, ring_of, wkb

ZONE = box(0, 0, 4, 4)
BOWTIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])


@pytest.mark.parametrize(
    ("feature", "area"),
    [
        (ZONE, 16.0),
        (box(1, 1, 2, 2), 1.0),
        (box(-1, -1, 5, 5), 16.0),
        (box(4, 0, 6, 4), 0.0),
        (box(4, 4, 6, 6), 0.0),
        (box(9, 9, 10, 10), 0.0),
        (box(3, 3, 5, 5), 1.0),
        (box(0, 0, 1, 4), 4.0),
        (box(-1, -1, 5, 5) - box(1, 1, 3, 3), 12.0),
        (shapely.MultiPolygon([box(0, 0, 1, 1), box(3, 0, 5, 1)]), 2.0),
        (shapely.Polygon(), 0.0),
        (None, 0.0),
    ],
    ids=[
        "identical",
        "contained",
        "containing",
        "touching along a side",
        "touching in a corner",
        "apart",
        "crossing",
        "inside, along the border",
        "with a hole",
        "in two parts",
        "empty",
        "missing",
    ],
)
def test_drawn_by_hand(feature: shapely.Geometry | None, area: float) -> None:
    assert shared_area([feature], [ZONE]).tolist() == [area]


SNAPPED = (
    (
        "010300000001000000070000006CE88E466D467F40B982A2944E125841B4AF669DC3447F400250C7E94C1258"
        "4100F825B670417F40B4537E94491258413F2F4B5789A17E400A23799E49125841857163D2DBA47E40C8826D"
        "F34C125841070610C685A67E4030549D9E4E1258416CE88E466D467F40B982A2944E125841"
    ),
    (
        "010300000001000000050000004A38F8FDEE437F40E58B90144C125841DBE1C88D07A47E40525C8B1E4C1258"
        "41DD1416FE03A97E40C80AAF1E511258416308EA8FEB487F403438B414511258414A38F8FDEE437F40E58B90"
        "144C125841"
    ),
)


def test_ground_under_two_zones_counts_once() -> None:
    zones = [box(0, 0, 3, 3), box(1, 0, 4, 3), box(1, 0, 4, 3), box(2, 1, 3, 2)]
    assert shared_area([box(0, 0, 4, 3)], zones).tolist() == [12.0]


def test_hole_of_a_zone_is_not_covered() -> None:
    zone = ZONE - box(1, 1, 3, 3)
    assert shared_area([box(1, 1, 3, 3), box(1, 1, 4, 3)], [zone]).tolist() == [0.0, 2.0]


def test_one_feature_and_one_zone_need_no_list() -> None:
    assert shared_area(box(0, 0, 1, 1), ZONE).tolist() == [1.0]


def test_nothing_shares_nothing() -> None:
    assert shared_area([], [ZONE]).shape == (0,)
    assert shared_area([ZONE], []).tolist() == [0.0]


@given(layers(), layers())
def test_equals_plain_intersection(features: np.ndarray, zones: np.ndarray) -> None:
    oracle = shapely.area(shapely.intersection(features, shapely.union_all(zones)))
    np.testing.assert_array_less(
        np.abs(shared_area(features, zones) - oracle), 1e-9 * shapely.area(features) + 1e-300
    )


@given(layers(), layers(), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(features: np.ndarray, zones: np.ndarray, random) -> None:
    order = random.sample(range(len(features)), len(features))
    turned = shared_area(features[order], zones[::-1])
    np.testing.assert_allclose(turned, shared_area(features, zones)[order], rtol=1e-12, atol=1e-12)


@given(layers(), st.floats(0.1, 8.9))
def test_splitting_a_feature_conserves_area(zones: np.ndarray, easting: float) -> None:
    whole = shared_area([box(0, 0, 9, 9)], zones)
    halves = shared_area([box(0, 0, easting, 9), box(easting, 0, 9, 9)], zones)
    assert halves.sum() == pytest.approx(whole[0], rel=1e-11, abs=1e-11)


def test_many_features_take_threads() -> None:
    zone = ring_of(5000)
    grid = np.arange(-100.0, 100.0, 5.0)
    west, south = (axis.ravel() for axis in np.meshgrid(grid, grid))
    features = shapely.box(west, south, west + 5.0, south + 5.0)
    oracle = shapely.area(shapely.intersection(features, zone))
    np.testing.assert_allclose(shared_area(features, [zone]), oracle, atol=25e-9)


def test_inputs_stay_as_they_were() -> None:
    features, zones = np.array([box(1, 1, 9, 9), None]), np.array([ring_of(2000)])
    before = wkb(features), wkb(zones)
    shared_area(features, zones)
    assert (wkb(features), wkb(zones)) == before
    assert not shapely.is_prepared(zones[0])


def test_zones_cut_before_answer_alike() -> None:
    zones = [ring_of(2000), box(0, 0, 200, 200)]
    features = [box(-50, -50, 50, 50), box(60, 60, 300, 300)]
    cut = cut_zones(zones)
    assert cut_zones(cut) is cut
    assert shared_area(features, cut).tolist() == shared_area(features, zones).tolist()


def test_invalid_geometry_is_refused_with_every_position() -> None:
    features = [ZONE, BOWTIE, shapely.Point(1, 1), None, BOWTIE]
    with pytest.raises(InvalidGeometryError) as caught:
        shared_area(features, [ZONE])
    places = {fault.where for fault in caught.value.faults}
    assert places == {"features[1]", "features[2]", "features[4]"}
    assert "Self-intersection" in str(caught.value)
    assert "Point" in str(caught.value)
    with pytest.raises(InvalidGeometryError, match=r"zones\[1\]"):
        shared_area([ZONE], [ZONE, BOWTIE])


def test_a_lost_polygon_is_an_error() -> None:
    one = np.array([box(0, 0, 2, 2)])
    with pytest.raises(ConservationError, match="3"):
        require_conserved(one, np.array([1.0]), np.array([0.0]))
    with pytest.raises(ConservationError, match=r"features\[0\]"):
        require_no_excess(np.array([4.0]), np.array([4.1]))


def test_what_snapping_explains_is_no_loss_but_a_strip_of_noise_width_is() -> None:
    """GEOS may move vertices by 1e-11 of the coordinates where floating point fails it."""
    square = np.array([box(1e7, 4e6, 1e7 + 100, 4e6 + 100)])
    none = np.array([0.0])
    require_conserved(square, np.array([1e4 - 1e-3]), none)
    with pytest.raises(ConservationError):
        require_conserved(square, np.array([1e4 - 0.1]), none)


def test_polygons_that_floating_point_fails_still_add_up() -> None:
    """Found by chance: GEOS snaps these two, and 3 mm² of 200 m² go astray."""
    first, second = shapely.from_wkb(SNAPPED)
    expected = first.union(second).area
    assert union_area([first, second]) == pytest.approx(expected, rel=1e-6)


def test_validity_is_taken_on_trust_only_when_vouched_for() -> None:
    features, zones = [ZONE, None, box(3, 3, 5, 5)], [box(0, 0, 4, 4), box(2, 2, 6, 6)]
    vouched = shared_area(features, zones, assume_valid=True)
    assert vouched.tolist() == shared_area(features, zones).tolist()
    with pytest.raises(InvalidGeometryError, match=r"features\[0\]"):
        shared_area([shapely.Point(0, 0)], zones, assume_valid=True)
    for compute in (overlap_pieces, outside_pieces, enclosed_features):
        found = compute(features, zones, assume_valid=True)
        assert found.area.tolist() == compute(features, zones).area.tolist()
    assert union_area(zones, assume_valid=True) == union_area(zones)
