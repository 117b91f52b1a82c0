"""Slips between neighbours closed, ground in dispute left alone."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import square

from spatialplan.repair import CoverageTolerance, Repaired, RepairLimits, repair_table

from .planted import again, bytes_of, parcels, polygon, refused, repair, wishes


def strip(west: float, east: float, *, south: float = 0, north: float = 100) -> Any:
    """A parcel between two eastings."""
    return polygon([(west, south), (east, south), (east, north), (west, north)])


def shapes_of(repaired: Repaired) -> Any:
    return repaired.frame.geometry.to_numpy()


def test_a_gap_between_neighbours_is_closed() -> None:
    """Two parcels 5 cm apart, a third along both ends of the gap."""
    delivered = [strip(0, 100), strip(100.05, 200), strip(0, 200, south=100, north=150)]
    delivered.append(strip(0, 200, south=-50, north=0))
    repaired = repair(delivered, "coverage")
    assert not repaired.refusals
    assert shapely.coverage_is_valid(shapes_of(repaired), 0.1)
    assert shapely.union_all(shapes_of(repaired)).area == pytest.approx(40_000)
    assert repaired.change_m2 == pytest.approx(5, rel=1e-3)


def test_a_sliver_goes_to_one_of_the_two() -> None:
    repaired = repair([strip(0, 100.05), strip(100, 200)], "coverage")
    assert not repaired.refusals
    assert shapely.coverage_is_valid(shapes_of(repaired), 0.1)
    assert shapely.area(shapes_of(repaired)).sum() == pytest.approx(20_000)
    assert repaired.change_m2 == pytest.approx(-5, rel=1e-3)


def test_a_wide_overlap_is_for_a_person() -> None:
    """Half a metre: whose it is cannot be told; the third parcel's slip is closed all the same."""
    delivered = [strip(0, 100.5), strip(100, 200), strip(300, 400), strip(400.05, 500)]
    delivered += [strip(300, 500, south=100, north=120), strip(300, 500, south=-20, north=0)]
    repaired = repair(delivered, "coverage")
    assert refused(repaired) == {"a": "overlap_wide", "b": "overlap_wide"}
    assert "it overlaps b by 49.99 m²" in str(repaired.refusals[0].why)
    assert bytes_of(repaired)[:2] == [shape.wkb for shape in delivered[:2]]
    assert shapely.coverage_is_valid(shapes_of(repaired)[2:], 0.1)


def test_a_long_sliver_with_a_wide_place_is_no_sliver() -> None:
    """On average 4 cm wide, but 2 m at one place: a building, say."""
    bulge = polygon(
        [(0, 0), (100, 0), (100, 40), (102, 40), (102, 42), (100, 42), (100.0, 100), (0, 100)]
    )
    assert set(refused(repair([bulge, strip(100, 200)], "coverage"))) == {"a", "b"}


@pytest.mark.parametrize("inner", [square(20, 20, 9), square(0, 0, 100)])
def test_contained_and_identical_features_stay(inner: Any) -> None:
    delivered = [square(0, 0, 100), inner]
    repaired = repair(delivered, "coverage")
    assert refused(repaired) == {"a": "overlap_wide", "b": "overlap_wide"}
    assert bytes_of(repaired) == [shape.wkb for shape in delivered]


def test_a_feature_that_would_vanish_stays() -> None:
    """A strip 4 cm wide that lies wholly in its neighbour."""
    delivered = [strip(0, 100), strip(50, 50.04)]
    repaired = repair(delivered, "coverage")
    assert "would_delete" in refused(repaired).values()
    assert bytes_of(repaired)[1] == delivered[1].wkb


def test_a_slip_larger_than_the_limit_stays() -> None:
    tight = RepairLimits(share=0.0001, most_m2=1.0)
    delivered = [strip(0, 100.05), strip(100, 200)]
    repaired = repair(delivered, "coverage", limits=tight)
    assert "too_large" in refused(repaired).values()
    assert bytes_of(repaired) == [shape.wkb for shape in delivered]


def test_what_is_gained_and_lost_does_not_cancel_out() -> None:
    """5 m² lost in the west and 5 m² gained in the east are no change of area, but of ground."""
    tight = RepairLimits(share=0.0001, most_m2=2.0)
    delivered = [strip(0, 100), strip(99.95, 200), strip(200.05, 300)]
    delivered += [strip(0, 300, south=100, north=150), strip(0, 300, south=-50, north=0)]
    assert repair(delivered, "coverage").repairs
    repaired = repair(delivered, "coverage", limits=tight)
    assert "too_large" in refused(repaired).values()
    moved = shapely.symmetric_difference(np.array(delivered), shapes_of(repaired))
    assert shapely.area(moved).max() < 2


def test_what_is_left_out_is_not_covered() -> None:
    """An invalid strip between two neighbours looks like a gap once it is left out."""
    thin = polygon([(100, 0), (100.06, 0), (100.06, 100), (100.03, 50), (100.03, 50), (100, 100)])
    looped = polygon([(100, 0), (100.06, 0), (100, 100), (100.06, 100)])
    for middle in (thin, looped):
        delivered = [strip(0, 100), middle, strip(100.06, 200)]
        delivered += [strip(0, 200, south=100, north=150), strip(0, 200, south=-50, north=0)]
        repaired = repair(delivered, "coverage")
        ground = shapely.intersection(shapely.make_valid(middle), np.delete(shapes_of(repaired), 1))
        assert shapely.area(ground).sum() == pytest.approx(0, abs=1e-3)


def test_only_layers_that_share_borders_are_cleaned() -> None:
    delivery = parcels([strip(0, 100.05), strip(100, 200)])
    lines = delivery.spec.model_copy(update={"role": "ecological_red_line"})
    other = replace(delivery, spec=lines)
    repaired = repair_table(other, wishes("coverage"))
    assert refused(repaired) == {"": "no_coverage"}
    assert repaired.is_as_delivered
    assert not repair_table(other, wishes("coverage"), is_coverage=True).is_as_delivered


def test_vertices_that_nearly_meet_are_snapped() -> None:
    near = polygon([(100, 0), (200, 0), (200, 100), (100.004, 100), (100, 50)])
    repaired = repair([strip(0, 100), near], "coverage")
    assert shapely.coverage_is_valid(shapes_of(repaired), 0.1)


def test_the_tolerance_is_a_parameter() -> None:
    delivered = [strip(0, 100.4), strip(100, 200)]
    wide = CoverageTolerance(gap_m=0.5)
    assert refused(repair(delivered, "coverage"))
    assert not refused(repair(delivered, "coverage", tolerance=wide))


def test_degrees_are_cleaned_too() -> None:
    metre = 1 / 111_320
    boxes = [
        shapely.box(127, 45, 127.001, 45.001),
        shapely.box(127.001 - metre / 20, 45, 127.002, 45.001),
    ]
    repaired = repair_table(parcels(boxes, crs="EPSG:4490"), wishes("coverage"))
    assert not repaired.refusals
    assert shapely.coverage_is_valid(shapes_of(repaired))


@st.composite
def tilings(draw: st.DrawFn) -> list[Any]:
    """Draw a grid of parcels whose inner corners are moved apart by up to 4 cm."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows, columns = draw(st.integers(1, 3)), draw(st.integers(2, 4))
    shift = draw(st.sampled_from([0.0, 0.005, 0.04]))
    found = []
    for row, column in itertools.product(range(rows), range(columns)):
        corners = [(column + a, row + b) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]
        moved = 40.0 * np.array(corners) + rng.uniform(-shift, shift, (4, 2)).round(3)
        found.append(polygon([(float(x), float(y)) for x, y in moved]))
    return found


@settings(max_examples=20)
@given(tilings())
def test_cleaning_conserves_comes_to_rest_and_is_recorded(shapes: list[Any]) -> None:
    once = repair(shapes, "coverage", "geometry")
    before, after = shapely.area(shapes), shapely.area(shapes_of(once))
    changed = [record.row for record in once.repairs]
    assert set(np.flatnonzero(before != after)) <= set(changed)
    assert once.change_m2 == pytest.approx((after - before).sum(), abs=0.01)
    # Ground changes hands along borders only: nowhere wider than the gaps that were drawn.
    moved = shapely.symmetric_difference(np.array(shapes), shapes_of(once))
    assert shapely.is_empty(shapely.buffer(moved, -0.1)).all()
    if not once.refusals:
        assert shapely.coverage_is_valid(shapes_of(once), 0.1)
    twice = again(once, wishes("coverage", "geometry"))
    assert bytes_of(twice) == bytes_of(once)


@settings(max_examples=10)
@given(tilings())
def test_the_order_of_neighbours_does_not_matter(shapes: list[Any]) -> None:
    forward = repair(shapes, "coverage")
    backward = repair(shapes[::-1], "coverage")
    assert bytes_of(forward) == bytes_of(backward)[::-1]
