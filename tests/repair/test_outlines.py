"""Outlines mended: faults that can be drawn by hand, and what no repair may do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from small_layers import square

from spatialplan.area import ellipsoidal_area
from spatialplan.repair import AreaMethod, Fix, RepairLimits, repair_table

from .planted import again, bytes_of, faulty_shapes, parcels, polygon, refused, repair, wishes

SQUARE = [(0, 0), (100, 0), (100, 100), (0, 100)]
GENEROUS = RepairLimits(share=math.inf, most_m2=math.inf)


def only(shape: shapely.Geometry, **options: object) -> shapely.Geometry:
    """The one shape of a table, repaired."""
    return repair([shape], "geometry", **options).frame.geometry.iloc[0]


def deeds(shape: shapely.Geometry, **options: object) -> list[str]:
    """What was done to the one shape of a table."""
    done = repair([shape], "geometry", **options).repairs
    return [deed.key.split(".")[1] for record in done for deed in record.deeds]


DRAWN = {
    "a vertex twice": (polygon([*SQUARE[:2], *SQUARE[1:]]), 10_000, ["did_repeated"]),
    "a hair": (
        polygon([*SQUARE[:2], (100, 50), (140, 50), (100, 50), *SQUARE[2:]]),
        10_000,
        ["did_repeated", "did_hairs"],
    ),
    "a hair inwards": (
        polygon([*SQUARE[:2], (100, 50), (60, 50.002), (100, 50.004), *SQUARE[2:]]),
        10_000,
        ["did_hairs"],
    ),
    "a small loop": (
        polygon([*SQUARE[:3], (1, 100), (0, 101), (1, 101), (0, 100)]),
        10_000.5,
        ["did_valid"],
    ),
    "a hole outside": (
        polygon(SQUARE, [(200, 0), (209, 0), (209, 9), (200, 9)]),
        10_000,
        ["did_outer_holes"],
    ),
    "a hole across the border": (
        polygon(SQUARE, [(98, 40), (102, 40), (102, 60), (98, 60)]),
        9_960,
        ["did_valid"],
    ),
    "two holes that overlap": (
        polygon(SQUARE, [(2, 2), (8, 2), (8, 8), (2, 8)], [(6, 2), (12, 2), (12, 8), (6, 8)]),
        9_940,
        ["did_valid"],
    ),
    "a part inside a part": (
        shapely.MultiPolygon([polygon(SQUARE), polygon([(5, 5), (9, 5), (9, 9), (5, 9)])]),
        10_000,
        ["did_valid"],
    ),
    "a part without ground": (
        shapely.MultiPolygon([polygon(SQUARE), polygon([(200, 0), (250, 0), (300, 0)])]),
        10_000,
        ["did_hairs", "did_collapsed"],
    ),
    "a hole turned like its ring": (
        polygon(SQUARE, [(2, 2), (8, 2), (8, 8), (2, 8)]),
        9_964,
        ["did_turned"],
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_faults(name: str) -> None:
    shape, area, expected = DRAWN[name]
    mended = only(shape)
    assert mended.area == pytest.approx(area, abs=0.11)
    assert mended.is_valid
    assert deeds(shape) == expected


def test_what_is_sound_is_not_touched() -> None:
    sound = [polygon(SQUARE, [(2, 2), (2, 8), (8, 8), (8, 2)]), square(200, 0, 50)]
    repaired = repair(sound, "geometry")
    assert repaired.is_as_delivered
    assert bytes_of(repaired) == [shape.wkb for shape in sound]


def test_nothing_is_repaired_that_was_not_asked_for() -> None:
    faulty = [shape for shape, _, _ in DRAWN.values()]
    repaired = repair(faulty, "codes")
    assert bytes_of(repaired) == [shape.wkb for shape in faulty]


def test_a_large_crossing_is_for_a_person() -> None:
    bow_tie = polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    repaired = repair([bow_tie], "geometry")
    assert refused(repaired) == {"a": "too_large"}
    assert bytes_of(repaired) == [bow_tie.wkb]
    text = str(repaired.refusals[0].why)
    assert "repair by hand or raise the limit" in text
    assert repaired.refusals[0].change_m2 == pytest.approx(5_000, rel=1e-3)


def test_a_raised_limit_lets_it_through() -> None:
    bow_tie = polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    mended = repair([bow_tie], "geometry", limits=GENEROUS)
    assert mended.repairs[0].change_m2 == pytest.approx(5_000, rel=1e-3)
    assert mended.frame.geometry.iloc[0].geom_type == "MultiPolygon"


def test_an_outline_with_two_readings_is_for_a_person() -> None:
    """A part inside a part: ground twice, or a hole? The formula alone would let it pass."""
    hidden = shapely.MultiPolygon(
        [polygon(SQUARE), polygon([(20, 20), (80, 20), (80, 80), (20, 80)])]
    )
    assert refused(repair([hidden], "geometry")) == {"a": "two_readings"}


def test_what_would_vanish_stays() -> None:
    line = polygon([(0, 0), (100, 0), (50, 0)])
    repaired = repair([line], "geometry", limits=GENEROUS)
    assert refused(repaired) == {"a": "would_delete"}
    assert bytes_of(repaired) == [line.wkb]


def test_a_wedge_keeps_its_tip() -> None:
    wedge = polygon([(0, 0), (400, 5), (0, 10)])
    repaired = repair([wedge], "geometry")
    assert refused(repaired) == {"a": "sharp"}
    assert bytes_of(repaired) == [wedge.wkb]


def test_what_has_no_outline_is_listed() -> None:
    endless = shapely.Polygon([(0, 0), (math.inf, 0), (1, 1)])
    shapes = [square(0, 0, 9), None, shapely.Polygon(), endless, shapely.Point(42_600_000, 5e6)]
    repaired = repair(shapes, "geometry")
    assert refused(repaired) == {
        "b": "no_geometry",
        "c": "no_geometry",
        "d": "infinite",
        "e": "wrong_kind",
    }
    assert len(repaired.frame) == 5


def test_heights_go_only_when_asked() -> None:
    flat = polygon([*SQUARE[:3], (1, 100), (0, 101), (1, 101), (0, 100)])
    high = shapely.force_3d(flat, 12.5)
    kept = repair([high], "geometry").frame.geometry.iloc[0]
    assert kept.has_z
    assert kept.is_valid
    assert shapely.get_coordinates(kept, include_z=True)[:, 2].tolist() == pytest.approx(
        [12.5] * shapely.get_num_coordinates(kept)
    )
    dropped = repair([high], "geometry", "heights")
    assert not dropped.frame.geometry.iloc[0].has_z
    assert dropped.repairs[0].fixes == (Fix.HEIGHTS, Fix.GEOMETRY)


def test_measures_are_not_lost_by_the_way() -> None:
    twice = polygon([*SQUARE[:2], *SQUARE[1:]])
    text = twice.wkt.replace("POLYGON", "POLYGON M").replace(",", " 7,").replace("))", " 7))")
    measured = shapely.from_wkt(text)
    assert measured.has_m
    assert refused(repair([measured], "geometry")) == {"a": "would_lose_heights"}
    assert not refused(repair([measured], "geometry", "heights"))


def test_a_stray_far_from_earth_keeps_nobody_from_repair() -> None:
    stray = shapely.force_3d(shapely.Polygon([(0, 0), (9, 0), (9, 0), (9, 9)]), 1.0)
    high = shapely.force_3d(square(0, 0, 9), 1.0)
    repaired = repair([high, stray], "geometry", "heights")
    assert refused(repaired) == {"b": "unmeasurable"}
    assert not shapely.has_z(repaired.frame.geometry.to_numpy()).any()


def test_areas_are_official_where_the_crs_is_known() -> None:
    shape, _, _ = DRAWN["a hole across the border"]
    repaired = repair([shape], "geometry")
    record = repaired.repairs[0]
    official = ellipsoidal_area([shape, repaired.frame.geometry.iloc[0]], "EPSG:4530")
    assert [record.area_before_m2, record.area_after_m2] == pytest.approx(official.tolist())
    assert repaired.area_method is AreaMethod.ELLIPSOIDAL


@pytest.mark.parametrize(
    ("crs", "scale", "method"),
    [
        (None, 1.0, AreaMethod.PLANAR),
        ("EPSG:2365", 1.0, AreaMethod.PLANAR),  # Xi'an 1980: no known way to CGCS2000
        (None, 1e-5, AreaMethod.ASSUMED),
    ],
)
def test_areas_say_when_they_are_not_official(
    crs: str | None, scale: float, method: AreaMethod
) -> None:
    shape = shapely.transform(
        shapely.Polygon([(0, 0), (100, 0), (100, 0), (100, 100), (0, 100)]),
        lambda points: points * scale + [100.0, 40.0],
    )
    repaired = repair_table(parcels([shape], crs=crs), wishes("geometry"))
    assert repaired.area_method is method
    assert repaired.repairs[0].change_m2 == pytest.approx(0, abs=1e-6)
    assert repaired.repairs[0].area_before_m2 == pytest.approx(10_000, rel=0.1 + (scale < 1) * 0.2)


@settings(max_examples=25)
@given(faulty_shapes())
def test_repairing_twice_changes_nothing(shapes: list[Any]) -> None:
    once = repair(shapes, "geometry", limits=GENEROUS)
    twice = again(once, wishes("geometry", limits=GENEROUS))
    assert bytes_of(twice) == bytes_of(once)
    assert not twice.repairs


@settings(max_examples=25)
@given(faulty_shapes())
def test_every_change_is_recorded_sound_and_within_the_limits(shapes: list[Any]) -> None:
    repaired = repair(shapes, "geometry")
    left = repaired.frame.geometry.to_numpy()
    total = ellipsoidal_area(left, "EPSG:4530").sum()
    delivered = ellipsoidal_area(shapes, "EPSG:4530").sum() if shapes else 0.0
    assert repaired.change_m2 == pytest.approx(total - delivered, abs=1e-5)
    changed = {row for row, shape in enumerate(shapes) if left[row].wkb != shape.wkb}
    assert changed == {record.row for record in repaired.repairs}
    for record in repaired.repairs:
        assert left[record.row].is_valid
        assert not RepairLimits().are_exceeded(record.area_before_m2, record.area_after_m2)
        assert record.vertices_after == shapely.get_num_coordinates(left[record.row])
    unsound = np.flatnonzero(~shapely.is_valid(left))
    assert set(unsound.tolist()) <= {refusal.row for refusal in repaired.refusals}


@settings(max_examples=15)
@given(faulty_shapes())
def test_the_order_of_features_does_not_matter(shapes: list[Any]) -> None:
    forward = repair(shapes, "geometry")
    backward = repair(shapes[::-1], "geometry")
    assert bytes_of(forward) == bytes_of(backward)[::-1]
