"""Cutting: small valid pieces, nothing lost."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from spatialplan.overlay import cut_zones
from spatialplan.overlay.cutting import PIECE_VERTICES, clip_halves, cut_parts, intersect_halves
from spatialplan.overlay.mending import list_vertices, mend_cuts
from spatialplan.overlay.workers import map_rows

from .shapes import box, ring_of


def test_pieces_are_small_valid_and_make_up_the_whole() -> None:
    polygons = np.array([ring_of(9000), box(0, 0, 1, 1), ring_of(700, seed=1)])
    pieces = cut_parts(polygons)
    assert shapely.get_num_coordinates(pieces.geometry).max() <= PIECE_VERTICES
    assert shapely.is_valid(pieces.geometry).all()
    areas = np.bincount(pieces.owner, shapely.area(pieces.geometry))
    np.testing.assert_allclose(areas, shapely.area(polygons), rtol=1e-12)


def test_both_ways_of_halving_agree() -> None:
    ring = ring_of(2000)
    for fast, plain in zip(clip_halves(ring), intersect_halves(ring), strict=True):
        assert abs(fast.area - plain.area) < 1e-9


def test_a_comb_that_clipping_tears_is_cut_whole() -> None:
    """Teeth that end on the cut touch themselves there."""
    teeth = [(x, 8.0 if x % 2 else 0.0) for x in range(801)]
    comb = shapely.Polygon([*teeth, (800.0, 16.0), (0.0, 16.0)])
    pieces = cut_parts(np.array([comb]))
    assert shapely.is_valid(pieces.geometry).all()
    np.testing.assert_allclose(shapely.area(pieces.geometry).sum(), comb.area)


def test_joining_pieces_gives_back_every_edge() -> None:
    ring = ring_of(3000)
    joined = shapely.union_all(cut_parts(np.array([ring])).geometry)
    mended = mend_cuts(np.array([joined]), list_vertices(np.array([ring])))[0]
    assert shapely.normalize(shapely.get_parts(mended)[0]) == shapely.normalize(ring)


def test_overlapping_zones_are_united_others_stay() -> None:
    zones = [box(0, 0, 2, 2), box(1, 0, 3, 2), box(3, 0, 4, 2), box(9, 9, 10, 10)]
    cut = cut_zones(zones)
    assert sorted(shapely.area(cut.parts).tolist()) == [1.0, 2.0, 6.0]


def test_rows_come_back_in_order_and_keys_stay_together() -> None:
    numbers = np.arange(10_000)
    keys = np.repeat(np.arange(100), 100)
    seen: list[set[int]] = []

    def double(values: np.ndarray, chunk: np.ndarray) -> np.ndarray:
        seen.append(set(chunk.tolist()))
        return values * 2

    assert (map_rows(double, numbers, keys, together=keys) == numbers * 2).all()
    assert sum(map(len, seen)) == 100


def test_a_ring_that_clipping_has_torn_is_cut_by_overlay(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise shapely.errors.GEOSException("Invalid number of points in LinearRing found 3")

    wheel = shapely.Point(0, 0).buffer(100, quad_segs=400)
    monkeypatch.setattr(shapely, "clip_by_rect", refuse)
    pieces = cut_parts(np.array([wheel]))
    assert len(pieces) > 1
    assert math.fsum(shapely.area(pieces.geometry)) == pytest.approx(wheel.area, rel=1e-12)
