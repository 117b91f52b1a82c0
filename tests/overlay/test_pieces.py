"""Pieces: what two layers share, what one has outside the other, overlaps inside a layer."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings

from spatialplan.errors import InvalidGeometryError
from spatialplan.overlay import (
    OverlapPieces,
    inner_overlaps,
    outside_pieces,
    overlap_pieces,
    union_area,
)

from .shapes import box, layers, ring_of, wkb

BOWTIE = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])


def rows(pieces: OverlapPieces) -> list[tuple[int, int, float]]:
    """List pieces as (a, b, area)."""
    columns = (pieces.a_index.tolist(), pieces.b_index.tolist(), pieces.area.tolist())
    return list(zip(*columns, strict=True))


def sums(pieces: OverlapPieces) -> dict[tuple[int, int], float]:
    """Add up the area of every pair."""
    found: dict[tuple[int, int], float] = {}
    for a, b, area in rows(pieces):
        found[a, b] = found.get((a, b), 0.0) + area
    return found


@pytest.mark.parametrize(
    ("a", "b", "areas"),
    [
        (box(0, 0, 2, 2), box(0, 0, 2, 2), [4.0]),
        (box(0, 0, 2, 2), box(-1, -1, 5, 5), [4.0]),
        (box(0, 0, 2, 2), box(2, 0, 4, 2), []),
        (box(0, 0, 2, 2), box(2, 2, 4, 4), []),
        (box(0, 0, 5, 1), box(0, 0, 5, 5) - box(2, 0, 3, 5), [2.0, 2.0]),
        (box(0, 0, 2, 2), box(1, 0, 3, 1), [1.0]),
        (shapely.Polygon(), box(0, 0, 1, 1), []),
        (None, box(0, 0, 1, 1), []),
    ],
    ids=["identical", "contained", "side", "corner", "two pieces", "crossing", "empty", "missing"],
)
def test_overlap_drawn_by_hand(a: object, b: object, areas: list[float]) -> None:
    assert [area for *_, area in rows(overlap_pieces([a], [b]))] == areas
    assert [area for *_, area in rows(overlap_pieces([b], [a]))] == areas


def test_pieces_name_both_sides_in_order() -> None:
    a = [box(0, 0, 4, 1), box(0, 0, 1, 1)]
    b = [box(0, 0, 1, 1), box(3, 0, 5, 1), box(0, 0, 1, 1)]
    expected = [(0, 0, 1.0), (0, 1, 1.0), (0, 2, 1.0), (1, 0, 1.0), (1, 2, 1.0)]
    assert rows(overlap_pieces(a, b)) == expected
    turned = [(second, first, area) for first, second, area in rows(overlap_pieces(b, a))]
    assert sorted(turned) == expected


def test_cuts_do_not_show() -> None:
    """A large zone is cut where features cross it: one piece stays one piece."""
    ring = ring_of(5000)
    strip = box(-200, -5, 200, 5)
    pieces = overlap_pieces([strip], [ring])
    assert len(pieces) == len(shapely.get_parts(strip & ring))
    assert shapely.area(shapely.union_all(pieces.geometry) ^ (strip & ring)) < 1e-9
    assert len(outside_pieces([strip], [ring])) == len(shapely.get_parts(strip - ring))


def test_matching_borders_make_no_pieces() -> None:
    """Neighbours of a large zone share its vertices; no cut may set slivers between them."""
    ring = ring_of(2000)
    steps = range(-120, 120, 40)
    cells = [box(west, south, west + 40, south + 40) for west in steps for south in steps]
    lines = shapely.union_all([ring.boundary, *(cell.boundary for cell in cells)])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
    inside = shapely.contains(ring, shapely.point_on_surface(faces))
    zone = shapely.coverage_union_all(faces[inside])
    assert shapely.get_num_coordinates(zone) > 2000
    assert len(overlap_pieces(faces[~inside], [zone])) == 0
    assert len(outside_pieces(faces[inside], [zone])) == 0
    assert len(overlap_pieces(faces[inside], [zone])) == inside.sum()
    assert len(outside_pieces(faces[~inside], [zone])) == (~inside).sum()
    assert len(outside_pieces([zone], faces[inside])) == 0


def test_hairlines_are_returned() -> None:
    """A border off by 0.1 mm makes a piece; that it is noise is for others to say."""
    assert rows(overlap_pieces([box(0, 0, 1, 100)], [box(1 - 1e-4, 0, 2, 100)])) == [
        (0, 0, pytest.approx(1e-2))
    ]


@settings(max_examples=40)
@given(layers(), layers())
def test_overlap_equals_plain_pairs(a: np.ndarray, b: np.ndarray) -> None:
    found = sums(overlap_pieces(a, b))
    for i, first in enumerate(a):
        for j, second in enumerate(b):
            plain = (first & second).area
            assert found.get((i, j), 0.0) == pytest.approx(plain, rel=1e-9, abs=1e-9)


@settings(max_examples=40)
@given(layers(), layers())
def test_outside_equals_plain_difference(a: np.ndarray, b: np.ndarray) -> None:
    found = sums(outside_pieces(a, b))
    union = shapely.union_all(b)
    for i, first in enumerate(a):
        plain = (first - union).area
        assert found.get((i, -1), 0.0) == pytest.approx(plain, rel=1e-9, abs=1e-9)


@settings(max_examples=40)
@given(layers())
def test_inner_overlaps_equal_plain_pairs(features: np.ndarray) -> None:
    found = sums(inner_overlaps(features))
    for i, first in enumerate(features):
        for j in range(i + 1, len(features)):
            plain = (first & features[j]).area
            assert found.pop((i, j), 0.0) == pytest.approx(plain, rel=1e-9, abs=1e-9)
    assert not found


@settings(max_examples=40)
@given(layers())
def test_union_area_equals_plain_union(features: np.ndarray) -> None:
    plain = shapely.union_all(features).area
    assert union_area(features) == pytest.approx(plain, rel=1e-9, abs=1e-9)


def test_outside_drawn_by_hand() -> None:
    a = [box(0, 0, 3, 1), box(10, 0, 11, 1), box(1, 0, 2, 1), None]
    b = [box(1, 0, 2, 1), box(1, 0, 2, 1)]
    assert rows(outside_pieces(a, b)) == [(0, -1, 1.0), (0, -1, 1.0), (1, -1, 1.0)]
    assert rows(outside_pieces(a, []))[0] == (0, -1, 3.0)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ([box(0, 0, 2, 2), box(0, 0, 2, 2)], [(0, 1, 4.0)]),
        ([box(1, 1, 2, 2), box(0, 0, 3, 3)], [(0, 1, 1.0)]),
        ([box(0, 0, 2, 2), box(1, 1, 3, 3)], [(0, 1, 1.0)]),
        ([box(0, 0, 2, 1), box(0, 1, 1, 2), box(1, 1, 2, 2)], []),
        ([box(0, 0, 3, 3) - box(1, 1, 2, 2), box(1, 1, 2, 2)], []),
        ([box(0, 0, 1, 1)] * 3, [(0, 1, 1.0), (0, 2, 1.0), (1, 2, 1.0)]),
    ],
    ids=["identical", "contained", "crossing", "T-junction", "in a hole", "three times"],
)
def test_inner_overlaps_drawn_by_hand(
    features: list[shapely.Polygon], expected: list[tuple[int, int, float]]
) -> None:
    assert rows(inner_overlaps(features)) == expected


def test_parts_of_one_feature_are_no_overlap() -> None:
    large = shapely.MultiPolygon([ring_of(3000), box(200, 0, 300, 100)])
    assert len(inner_overlaps([large])) == 0
    assert union_area([large, large]) == pytest.approx(large.area)


def test_inputs_stay_as_they_were() -> None:
    a, b = np.array([box(1, 1, 90, 90), None]), np.array([ring_of(2000), ring_of(30)])
    before = wkb(a), wkb(b)
    overlap_pieces(a, b)
    outside_pieces(a, b)
    inner_overlaps(b)
    assert (wkb(a), wkb(b)) == before
    assert not shapely.is_prepared(b).any()


@pytest.mark.parametrize("compute", [overlap_pieces, outside_pieces])
def test_invalid_geometry_is_refused(compute) -> None:
    with pytest.raises(InvalidGeometryError, match=r"a\[1\]"):
        compute([box(0, 0, 1, 1), BOWTIE], [box(0, 0, 1, 1)])
    with pytest.raises(InvalidGeometryError, match=r"\[0\]"):
        compute([box(0, 0, 1, 1)], [BOWTIE])
