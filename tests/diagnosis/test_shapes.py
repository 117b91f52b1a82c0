"""Faults of single shapes, each planted in a layer that can be drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import Point, Polygon
from small_layers import square

from spatialplan.diagnosis import Defect, diagnose_geometry
from spatialplan.findings import Severity

CLEAN = [square(0, 0, 100), square(100, 0, 100), square(200, 0, 100)]


def diagnose(shapes: Sequence[Any], **options: Any) -> list[Defect]:
    ids = np.array([f"P{row}" for row in range(len(shapes))], dtype=object)
    return diagnose_geometry(np.array(shapes, dtype=object), ids, layer="layer", **options)


def only(defects: list[Defect], rule_id: str) -> Defect:
    """The one defect that was found."""
    assert [one.rule_id for one in defects] == [rule_id]
    return defects[0]


def test_a_clean_layer_has_no_faults() -> None:
    assert diagnose(CLEAN) == []
    assert diagnose([]) == []


def test_null_and_empty_are_two_faults() -> None:
    null, empty = diagnose([*CLEAN, None, Polygon()])
    assert (null.rule_id, null.feature_ids) == ("null_geometry", ("P3",))
    assert (empty.rule_id, empty.feature_ids) == ("empty_geometry", ("P4",))


def test_a_crossing_outline_is_told_with_reason_and_point() -> None:
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    (place,) = only(diagnose([*CLEAN, bow_tie]), "invalid_geometry").places
    assert place.ids == ("P3",)
    assert place.geometry == Point(5, 5)
    assert place.detail is not None
    assert place.detail.text("zh") == "边界自相交"


def test_a_hole_outside_its_shell_has_a_class_of_its_own() -> None:
    shell, hole = square(0, 0, 100), square(300, 0, 10)
    holed = Polygon(shell.exterior.coords, [hole.exterior.coords])
    found = only(diagnose([*CLEAN, holed]), "hole_outside")
    assert found.feature_ids == ("P3",)
    assert found.severity is Severity.ERROR


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_coordinates_that_are_no_numbers_are_found_wherever_they_stand(bad: float) -> None:
    with np.errstate(invalid="ignore"):
        broken = shapely.polygons([[(0, 0), (10, 0), (10, bad), (0, 10), (0, 0)]])[0]
    assert only(diagnose([*CLEAN, broken]), "not_finite").feature_ids == ("P3",)


def test_a_spike_is_found_at_its_tip() -> None:
    # Out along the top by 50 m and back 1 cm lower.
    spiked = Polygon([(0, 0), (100, 0), (100, 99.99), (150, 100), (100, 100), (0, 100)])
    (place,) = only(diagnose([*CLEAN, spiked]), "spike").places
    assert (place.ids, place.geometry) == (("P3",), Point(150, 100))


def test_a_spike_at_the_closing_vertex_counts_once() -> None:
    spiked = Polygon([(150, 100), (100, 100), (0, 100), (0, 0), (100, 0), (100, 99.99)])
    assert only(diagnose([spiked]), "spike").count == 1


def test_a_sharp_but_honest_corner_is_no_spike() -> None:
    assert diagnose([Polygon([(0, 0), (100, 0), (100, 10)])]) == []


def test_repeated_vertices_are_counted() -> None:
    twice = Polygon([(0, 0), (50, 0), (50, 0), (50, 0.00005), (50, 50), (0, 50)])
    found = only(diagnose([*CLEAN, twice]), "repeated_vertex")
    assert found.count == 2
    assert found.places[0].measured == 2.0


def test_a_polygon_without_area_is_told_even_where_it_is_valid_to_nobody() -> None:
    flat = Polygon([(0, 0), (100, 0), (50, 0)])
    rules = {one.rule_id for one in diagnose([*CLEAN, flat])}
    assert {"zero_area", "invalid_geometry"} <= rules


def test_the_same_shape_from_another_vertex_is_a_repeated_shape() -> None:
    again = Polygon([*CLEAN[0].exterior.coords][1:])
    (place,) = only(diagnose([*CLEAN, again, CLEAN[0]]), "repeated_shape").places
    assert place.ids == ("P0", "P3", "P4")


def test_the_same_box_is_not_the_same_shape() -> None:
    corner = Polygon([(0, 0), (100, 0), (100, 100), (0, 100)])
    other = Polygon([(0, 0), (100, 0), (100, 100), (50, 60), (0, 100)])
    assert diagnose([corner, other]) == []


def test_kinds_that_do_not_belong_are_named() -> None:
    mixed = only(diagnose([*CLEAN, Point(1, 1)]), "mixed_kinds")
    assert mixed.feature_ids == ("P3",)
    assert mixed.severity is Severity.WARNING
    wrong = only(diagnose([Point(1, 1)], expected="polygon"), "wrong_kind")
    assert wrong.severity is Severity.ERROR


def test_heights_are_information() -> None:
    raised = shapely.force_3d(CLEAN[0], 12.0)
    found = only(diagnose([raised, *CLEAN[1:]]), "has_z")
    assert (found.severity, found.feature_ids) == (Severity.INFO, ("P0",))


def test_lines_are_judged_too() -> None:
    back = shapely.LineString([(0, 0), (100, 0), (50, 0.01)])
    assert only(diagnose([back]), "spike").places[0].geometry == Point(100, 0)
    assert diagnose([shapely.LineString([(0, 0), (100, 0), (150, 60)])]) == []


def test_order_of_features_does_not_change_what_is_found() -> None:
    bow_tie = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    shapes = [*CLEAN, None, bow_tie, CLEAN[0]]
    there, back = diagnose(shapes), diagnose(shapes[::-1])
    assert [(one.rule_id, one.count) for one in there] == [(one.rule_id, one.count) for one in back]


def chords(degrees: float, turns: int) -> list[tuple[float, float]]:
    angles = np.radians(degrees * np.arange(turns + 1))
    return [(50 * float(np.cos(angle)), 50 * float(np.sin(angle))) for angle in angles]


def test_an_arc_that_was_read_as_chords_is_told() -> None:
    quarter = Polygon([(0, 0), *chords(4, 20)])
    found = only(diagnose([quarter]), "curves")
    assert (found.count, found.severity) == (1, Severity.INFO)
    assert diagnose([Polygon(chords(4, 89))])[0].rule_id == "curves"


@pytest.mark.parametrize("shape", [Point(0, 0).buffer(50), Polygon([(0, 0), *chords(4.2, 20)])])
def test_a_buffer_is_no_arc(shape: Any) -> None:
    assert diagnose([shape]) == []
