"""Grounds read near a box are what would have been cut out of the whole, to the last bit."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import ZONE_42, square
from small_screenings import DAY, make_ground, make_plan, make_sites

from spatialplan.layers import Layer
from spatialplan.plan import Tolerance
from spatialplan.rulebook import read_rulebook
from spatialplan.runs.ground_store import GroundStore, write_grounds
from spatialplan.screening import Ground, Inquiry, judge_sites, prepare_grounds

TEXTS = ("ids", "names", "zones", "mark_ids", "mark_names", "mark_zones")
# A few squares in a corner, a ring around a window, and one square so far off that a first look
# around most boxes finds nothing.
RING = square(30_000, 0, 3000) - square(30_500, 500, 2000)


def make_layers() -> Mapping[str, Layer]:
    corner = [square(900 * i, 700 * j, 500 + 37.1 * i) for i in range(8) for j in range(8)]
    return {
        **make_ground("red", [*corner, RING, square(90_000, 40_000, 777)], "ecological_red_line"),
        **make_ground("farm", [square(250, 250, 600), square(300, 300, 600)], "basic_farmland"),
        **make_ground("second", [square(30_600, 600, 100)], "ecological_red_line"),
    }


@pytest.fixture(scope="module")
def inquiry() -> Inquiry:
    layers = make_layers()
    plan = make_plan(layers)
    book = read_rulebook(plan, day=DAY)
    return Inquiry(plan=plan, layers=layers, book=book, tolerance=Tolerance())


@pytest.fixture(scope="module")
def grounds(inquiry: Inquiry) -> dict[str, Ground]:
    return prepare_grounds(inquiry, ZONE_42, lasting=True)


@pytest.fixture(scope="module")
def store(grounds: dict[str, Ground], tmp_path_factory: pytest.TempPathFactory) -> GroundStore:
    """A store that is read near each box, as that of a province is."""
    return replace(write_grounds(grounds, tmp_path_factory.mktemp("grounds")), held=False)


def same(one: Ground, other: Ground) -> None:
    for name in ("shapes", "marks"):
        drawn, expected = getattr(one, name), getattr(other, name)
        assert shapely.to_wkb(drawn).tolist() == shapely.to_wkb(expected).tolist()
    for name in TEXTS:
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert one.doubled(np.arange(len(one.shapes))).tolist() == (
        other.doubled(np.arange(len(other.shapes))).tolist()
    )
    windows, expected = one.around.windows.parts, other.around.windows.parts
    assert shapely.to_wkb(windows).tolist() == shapely.to_wkb(expected).tolist()


@given(st.floats(-5_000, 100_000), st.floats(-5_000, 50_000), st.floats(0, 20_000))
@settings(max_examples=25)
def test_near_a_box_is_what_would_have_been_cut_out(
    grounds: dict[str, Ground], store: GroundStore, east: float, north: float, side: float
) -> None:
    place = make_sites([square(east, north, side + 1)]).geometry
    box = shapely.total_bounds(place)
    found = store.near(box)
    assert list(found) == list(grounds)
    for key, ground in grounds.items():
        same(found[key], ground.near(box))


def test_sites_find_the_same_as_in_the_whole(
    inquiry: Inquiry, grounds: dict[str, Ground], store: GroundStore
) -> None:
    """In a square, across a border, in a window, under two fields, far from everything."""
    for shape in (
        square(100, 100, 50),
        square(450, 450, 300),
        square(31_000, 1000, 100),
        square(400, 400, 100),
        square(60_000, 20_000, 100),
    ):
        sites = make_sites([shape])
        near = store.near(shapely.total_bounds(sites.geometry))
        (expected,) = judge_sites(sites, inquiry, grounds=grounds)
        (found,) = judge_sites(sites, inquiry, grounds=near)
        for one, other in zip(found.layers, expected.layers, strict=True):
            assert one.status == other.status
            assert one.overlap_m2 == other.overlap_m2
            assert one.distance_m == other.distance_m
            assert one.nearest == other.nearest
            assert str(one.sentence) == str(other.sentence)


def test_little_is_read_where_little_lies(store: GroundStore) -> None:
    sites = make_sites([square(31_000, 1000, 100)])
    assert len(store.near(shapely.total_bounds(sites.geometry))["red"].shapes) == 1


def test_grounds_of_a_county_are_held_whole(store: GroundStore, grounds: dict[str, Ground]) -> None:
    whole = replace(store, held=True)
    found = whole.near(np.array([0.0, 0.0, 1.0, 1.0]))
    assert found is whole.near(np.array([9.0, 9.0, 10.0, 10.0])), "read once"
    for key, ground in grounds.items():
        same(found[key], ground)


def test_what_is_sent_to_workers_is_small(store: GroundStore) -> None:
    assert len(pickle.dumps(store)) < 100_000
    assert all(len(stored.bare.shapes) == 0 for stored in store.grounds.values())
    assert Path(store.folder).is_dir()
