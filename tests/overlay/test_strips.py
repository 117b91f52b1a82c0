"""Strip sums: the same areas as by intersection, without building one."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from spatialplan.overlay import cut_zones, shared_area, strips
from spatialplan.overlay.polygons import explode

from .shapes import box, layers, ring_of, wkb

pytest.importorskip("numba")

# Where a county's coordinates lie in zone 42: few digits are left behind the point.
FAR = np.array([42_500_000.0, 4_900_000.0])

RING = box(0, 0, 9, 9) - box(3, 3, 6, 6)
TURNED = shapely.affinity.rotate(box(0, 0, 4, 2), 30, origin=(0, 0))


def strip_shares(features: np.ndarray, zones: np.ndarray) -> np.ndarray:
    """Sum up strips however few the pairs are."""
    cut = cut_zones(zones)
    return strips.strip_areas(features, cut.pieces, *cut.tree.query(features))


def require_equal(features: np.ndarray, zones: np.ndarray) -> None:
    """Compare with plain intersection, to 1e-9 of the feature."""
    plain = shapely.area(shapely.intersection(features, shapely.union_all(zones)))
    difference = np.abs(strip_shares(features, zones) - plain)
    np.testing.assert_array_less(difference, 1e-9 * shapely.area(features) + 1e-12)


@pytest.mark.parametrize(
    ("feature", "zone", "area"),
    [
        (box(0, 0, 4, 4), box(0, 0, 4, 4), 16.0),
        (box(1, 1, 2, 2), box(0, 0, 4, 4), 1.0),
        (box(0, 0, 4, 4), box(1, 1, 2, 2), 1.0),
        (box(0, 0, 4, 4), box(3, 3, 5, 5), 1.0),
        (box(0, 0, 4, 4), box(4, 0, 6, 4), 0.0),
        (box(0, 0, 4, 4), box(0, 4, 4, 6), 0.0),
        (box(0, 0, 4, 4), box(4, 4, 6, 6), 0.0),
        (box(3, 3, 6, 6), RING, 0.0),
        (box(4, 4, 5, 5), RING, 0.0),
        (box(2, 2, 7, 7), RING, 16.0),
        (RING, RING, 72.0),
        (RING, box(4, 0, 5, 9), 6.0),
        (RING.reverse(), box(4, 0, 5, 9), 6.0),
        (shapely.MultiPolygon([box(0, 0, 1, 1), box(3, 0, 5, 1)]), box(0, 0, 4, 4), 2.0),
        (shapely.MultiPolygon([box(3, 0, 5, 1), shapely.Polygon()]), box(0, 0, 4, 4), 1.0),
        (shapely.Polygon([(0, 0), (2, 2), (4, 0)]), shapely.Polygon([(0, 2), (2, 0), (4, 2)]), 2.0),
        (shapely.Polygon([(0, 0), (4, 4), (4, 0)]), shapely.Polygon([(0, 0), (4, 4), (0, 4)]), 0.0),
        (TURNED, TURNED, 8.0),
    ],
    ids=[
        "identical",
        "contained",
        "containing",
        "crossing",
        "touching along a side",
        "touching from above",
        "touching in a corner",
        "filling a hole",
        "in a hole",
        "around a hole",
        "identical, with a hole",
        "with a hole",
        "drawn the other way round",
        "in two parts",
        "with an empty part",
        "edges that cross",
        "slanting border in common",
        "identical, turned",
    ],
)
def test_drawn_by_hand(feature: shapely.Geometry, zone: shapely.Geometry, area: float) -> None:
    shares = strip_shares(np.array([feature]), np.array([zone]))
    np.testing.assert_allclose(shares, [area], rtol=1e-14)


def test_border_in_common_with_other_vertices() -> None:
    """Collinear edges that start and end elsewhere."""
    below = shapely.Polygon([(0, 0), (3, 1), (6, 2), (9, 3), (9, 0)])
    above = shapely.Polygon([(0, 0), (4.5, 1.5), (9, 3), (0, 3)])
    assert strip_shares(np.array([below]), np.array([above]))[0] == pytest.approx(0.0, abs=1e-14)


@given(layers(), layers())
def test_equals_plain_intersection(features: np.ndarray, zones: np.ndarray) -> None:
    require_equal(features, zones)


@settings(max_examples=30)
@given(layers(), layers())
def test_far_from_the_origin(features: np.ndarray, zones: np.ndarray) -> None:
    """At 42,500 km a coordinate is good to 7e-9; areas of a few square metres no better."""
    features = shapely.transform(features, lambda points: 100 * points + FAR)
    zones = shapely.transform(zones, lambda points: 100 * points + FAR)
    plain = shapely.area(shapely.intersection(features, shapely.union_all(zones)))
    np.testing.assert_allclose(strip_shares(features, zones), plain, rtol=1e-9, atol=1e-4)


def test_pieces_of_a_cut_zone_add_up() -> None:
    zone = ring_of(5000)
    grid = np.arange(-110.0, 110.0, 5.0)
    west, south = (axis.ravel() for axis in np.meshgrid(grid, grid))
    require_equal(shapely.box(west, south, west + 5.0, south + 5.0), np.array([zone]))


def test_many_pairs_take_strips_and_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    features, zones = np.array([box(1, 1, 90, 90), None, ring_of(40)]), np.array([ring_of(2000)])
    before = wkb(features), wkb(zones)
    plain = shared_area(features, zones)
    asked: list[int] = []

    def sum_up(*arguments: np.ndarray) -> np.ndarray:
        asked.append(len(arguments[-1]))
        return strips.strip_areas(*arguments)

    monkeypatch.setattr("spatialplan.overlay.sharing.strip_areas", sum_up)
    monkeypatch.setattr(strips, "MANY_PAIRS", 1)
    np.testing.assert_allclose(shared_area(features, zones), plain, rtol=1e-12)
    assert len(asked) == 1
    assert asked[0] > 1
    assert (wkb(features), wkb(zones)) == before


def test_few_pairs_never_wait_for_a_compiler() -> None:
    assert not strips.strips_pay(strips.MANY_PAIRS - 1)
    assert strips.strips_pay(strips.MANY_PAIRS)


def test_without_numba_there_are_no_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "find_spec", lambda name: None)
    assert not strips.strips_pay(10**9)


def test_nothing_near_is_nothing() -> None:
    cut = cut_zones([box(0, 0, 1, 1)])
    features = explode(np.array([box(5, 5, 6, 6)])).geometry
    nobody = np.zeros(0, dtype=np.int64)
    assert strips.strip_areas(features, cut.pieces, nobody, nobody).tolist() == [0.0]


def test_what_cannot_be_kept_on_disk_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kernels = strips.load_kernels()

    class Reader:
        """Stands in for numba where no folder takes files."""

        def njit(self, *, nogil: bool, cache: bool = False):
            if cache:
                raise RuntimeError("cannot cache function: no locator available")
            return lambda function: function

    monkeypatch.setattr(kernels, "numba", Reader())
    assert kernels.compiled(max) is max
    monkeypatch.setattr(kernels, "numba", None)
    assert kernels.compiled(min) is min
