"""Strip sums: the same areas as by intersection, without building one."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialplan.outlines import Outlines, trace_outlines
from spatialplan.overlay import cut_zones, lattice, shared_area, shared_areas, strips
from spatialplan.overlay.strip_loops import lower_height
from spatialplan.overlay.zones import lay_lattice

from .shapes import box, layers, ring_of, wkb

pytest.importorskip("numba")

# Where a county's coordinates lie in zone 42: few digits are left behind the point.
FAR = np.array([42_500_000.0, 4_900_000.0])

RING = box(0, 0, 9, 9) - box(3, 3, 6, 6)
TOPS = st.integers(-1_000, 1_000)
TURNED = shapely.affinity.rotate(box(0, 0, 4, 2), 30, origin=(0, 0))


def strip_shares(features: np.ndarray, zones: np.ndarray) -> np.ndarray:
    """Sum up strips however few the features are."""
    laid = lay_lattice(zones)
    assert laid is not None
    areas, whole = sum_up(features, laid)
    outlined, measured = sum_up(trace_outlines(features), laid)
    np.testing.assert_allclose(outlined, areas, rtol=1e-13, atol=1e-13 * measured.max(initial=0.0))
    np.testing.assert_allclose(whole, measured, rtol=1e-13)
    return areas


def sum_up(features: np.ndarray | Outlines, laid: lattice.Lattice) -> tuple[np.ndarray, np.ndarray]:
    """Return what features share with zones laid on a lattice, and their own areas."""
    whole, boxes = strips.measure_features(features)
    return strips.strip_areas(features, [laid], whole=whole, boxes=boxes)[:, 0], whole


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


@settings(max_examples=30)
@given(layers(), layers())
def test_cells_of_any_size_give_the_same(features: np.ndarray, zones: np.ndarray) -> None:
    """Boxes on whole numbers: their corners lie on the lines of the lattice."""
    coarse = strip_shares(features, zones)
    for edges in (0.25, 1.0, 64.0):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(lattice, "CELL_EDGES", edges)
            patched.setattr(lattice, "CELLS_PER_EDGE", 400.0)
            np.testing.assert_allclose(
                strip_shares(features, zones), coarse, rtol=1e-12, atol=1e-12
            )


def test_a_fine_mosaic_adds_up() -> None:
    zone = ring_of(5000)
    grid = np.arange(-110.0, 110.0, 5.0)
    west, south = (axis.ravel() for axis in np.meshgrid(grid, grid))
    require_equal(shapely.box(west, south, west + 5.0, south + 5.0), np.array([zone]))


def test_a_river_across_the_county_is_cut_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "LARGE_VERTICES", 100)
    river = shapely.LineString(np.stack([np.arange(-99, 99), 9 * np.sin(np.arange(198))], axis=1))
    require_equal(np.array([river.buffer(0.3), ring_of(3000, seed=1)]), np.array([ring_of(2000)]))


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_zones_with_ground_in_common_are_found_out(shift: float) -> None:
    """Touching zones are laid as they are; overlapping ones, nested ones among them, are not."""
    outer, inner = box(0, 0, 10, 10), box(0, 0, 1, 1)
    nested = shapely.transform(inner, lambda points: points + np.array([9 + shift, 4.25]))
    alone = lattice.lay_zones(trace_outlines(np.array([outer, nested])))
    assert (alone is None) == (shift < 1.0)
    assert strip_shares(np.array([box(0, 0, 20, 20)]), np.array([outer, nested])) == pytest.approx(
        100.0 + (shift > 0), rel=1e-14
    )


def test_many_vertices_take_strips_and_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    features, zones = np.array([box(1, 1, 90, 90), None, ring_of(40)]), np.array([ring_of(2000)])
    before = wkb(features), wkb(zones)
    plain = shared_area(features, zones)
    asked: list[int] = []

    def note(features: np.ndarray, lattices: list[lattice.Lattice], **measured: np.ndarray):
        asked.append(len(lattices))
        return strips.strip_areas(features, lattices, **measured)

    monkeypatch.setattr("spatialplan.overlay.sharing.strip_areas", note)
    monkeypatch.setattr(strips, "MANY_VERTICES", 1)
    np.testing.assert_allclose(shared_area(features, zones), plain, rtol=1e-12)
    twice = shared_areas(features, [zones, cut_zones(features[:1])])
    np.testing.assert_allclose(twice[:, 0], plain, rtol=1e-12)
    np.testing.assert_allclose(twice[:, 1], shared_area(features, features[:1]), rtol=1e-12)
    assert asked == [1, 2, 1]
    assert (wkb(features), wkb(zones)) == before


def test_outlines_are_asked_without_numba_too(monkeypatch: pytest.MonkeyPatch) -> None:
    features, zones = np.array([RING, None, box(3, 3, 9, 9)]), [box(4, 0, 5, 9)]
    monkeypatch.setattr("spatialplan.outlines.loading.find_spec", lambda name: None)
    assert shared_area(trace_outlines(features), zones).tolist() == [6.0, 0.0, 6.0]


@given(one=st.tuples(TOPS, TOPS), two=st.tuples(TOPS, TOPS))
def test_the_lower_of_two_tops_is_met_exactly(one: tuple[int, int], two: tuple[int, int]) -> None:
    west, east = two[0] - one[0], two[1] - one[1]
    # Where the tops cross, as a share of the way; else a place that changes nothing.
    at = Fraction(west, west - east) if west * east < 0 else Fraction(1, 2)
    start, middle, end = (min(a + share * (b - a) for a, b in (one, two)) for share in (0, at, 1))
    exact = at * (start + middle) / 2 + (1 - at) * (middle + end) / 2
    assert lower_height(*map(float, one + two)) == pytest.approx(float(exact), rel=1e-13, abs=1e-12)


def test_few_vertices_never_wait_for_a_compiler() -> None:
    assert not strips.strips_pay([strips.MANY_VERTICES - 2, 1])
    assert strips.strips_pay([strips.MANY_VERTICES - 1, 1])


def test_without_numba_there_are_no_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatialplan.outlines.loading.find_spec", lambda name: None)
    assert not strips.strips_pay([10**9])


def test_nothing_near_is_nothing() -> None:
    assert strip_shares(np.array([box(5, 5, 6, 6)]), np.array([box(0, 0, 1, 1)])).tolist() == [0.0]
    assert strip_shares(np.array([box(5, 5, 6, 6)]), np.array([], dtype=object)).tolist() == [0.0]
    assert strip_shares(np.array([], dtype=object), np.array([box(0, 0, 1, 1)])).tolist() == []


def test_a_slice_of_outlines_knows_its_own_rings() -> None:
    shapes = np.array([RING, None, box(3, 3, 9, 9), TURNED])
    outlines: Outlines = trace_outlines(shapes)
    laid = lay_lattice([box(0, 0, 9, 9)])
    assert laid is not None
    areas, whole = sum_up(outlines[2:4], laid)
    np.testing.assert_allclose(whole, shapely.area(shapes[2:4]))
    np.testing.assert_allclose(
        areas, shapely.area(shapely.intersection(shapes[2:4], box(0, 0, 9, 9)))
    )
