"""Rules between the lines, on squares."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from small_layers import EAST, NORTH, make_layer, square

from spatialplan.conflicts import RuleResult, judge_rule
from spatialplan.findings import PieceClass, Severity, Status
from spatialplan.plan import DisjointRule, Edition, WithinRule

KM2_M2 = 999_751.74708619


def disjoint(**more: Any) -> DisjointRule:
    return DisjointRule(id="r", title="r", kind="disjoint", a="a", b="b", clause="c", **more)


def within(**more: Any) -> WithinRule:
    return WithinRule(id="r", title="r", kind="within", a="a", b="b", clause="c", **more)


def classes(result: RuleResult) -> list[str]:
    return [piece.piece_class.value for piece in result.pieces]


def test_a_true_overlap_is_a_conflict_with_both_sides_named() -> None:
    a = make_layer([square(0, 0, 1_000)], id="a", columns={"B": ["a1"], "N": ["红线一"]},
                   id_field="B", name_field="N")  # fmt: skip
    b = make_layer([square(500, 0, 1_000)], id="b", columns={"B": ["b1"], "Z": ["集中建设区"]},
                   id_field="B", zone_field="Z")  # fmt: skip
    units = make_layer([square(0, 0, 5_000)], columns={"MC": ["五常镇"]}, name_field="MC")
    result = judge_rule(disjoint(), a, b, townships=units)
    assert result.status is Status.NOT_MET
    (piece,) = result.pieces
    assert piece.piece_class is PieceClass.CONFLICT
    assert (piece.a_id, piece.b_id, piece.a_name) == ("a1", "b1", "红线一")
    assert (piece.zone, piece.township) == ("集中建设区", "五常镇")
    assert piece.area_m2 == pytest.approx(KM2_M2 / 2, rel=1e-5)
    assert piece.width_m == pytest.approx(2 * 500 * 1_000 / 3_000, rel=1e-2)


@pytest.mark.parametrize(
    ("width_m", "found", "noise"),
    [(0.0005, [], 1), (0.05, ["sliver"], 0), (0.2, ["conflict"], 0)],
)
def test_width_classes(width_m: float, found: list[str], noise: int) -> None:
    a = make_layer([square(0, 0, 200)])
    b = make_layer([square(200 - width_m, 0, 200)])
    result = judge_rule(disjoint(), a, b)
    assert classes(result) == found
    assert result.noise_pieces == noise
    assert result.status is (Status.NOT_MET if found == ["conflict"] else Status.MET)


def test_small_but_wide_is_a_sliver_by_area() -> None:
    a, b = make_layer([square(0, 0, 200)]), make_layer([square(199.2, 199.2, 200)])
    (piece,) = judge_rule(disjoint(), a, b).pieces
    assert piece.area_m2 == pytest.approx(0.64, rel=1e-3)
    assert piece.piece_class is PieceClass.SLIVER
    stricter = disjoint(tolerance={"area_m2": 0.5, "width_m": 0.1})
    assert classes(judge_rule(stricter, a, b)) == ["conflict"]


def test_a_feature_in_a_hole_is_enclosed_and_no_conflict() -> None:
    """Farmland cut out of the development boundary (开天窗), borders exactly coincident."""
    field = square(400, 400, 200)
    farmland = make_layer([field], id="farmland")
    boundary = make_layer([square(0, 0, 1_000) - field], id="boundary", title="城镇开发边界")
    for a, b in ((farmland, boundary), (boundary, farmland)):
        result = judge_rule(disjoint(), a, b)
        assert result.status is Status.MET
        assert result.pieces == ()
        (piece,) = result.enclosed
        assert piece.piece_class is PieceClass.ENCLOSED
        assert piece.layer == "farmland"
        assert "位于城镇开发边界天窗内" in piece.message.text("zh")


def test_an_overlap_in_a_hole_is_still_a_conflict() -> None:
    farmland = make_layer([square(400, 400, 300)])
    boundary = make_layer([square(0, 0, 1_000) - square(400, 400, 200)])
    result = judge_rule(disjoint(), farmland, boundary)
    assert result.status is Status.NOT_MET
    assert result.enclosed == ()


def test_zones_that_a_person_judges() -> None:
    line = make_layer([square(0, 0, 1_000)])
    boundary = make_layer(
        [square(900, 0, 50), square(950, 0, 50)],
        columns={"Z": ["特别用途区", "集中建设区"]},
        zone_field="Z",
    )
    result = judge_rule(disjoint(person_zones_b=("特别用途区",)), line, boundary)
    assert sorted(classes(result)) == ["conflict", "needs_person"]
    only = judge_rule(
        disjoint(zones_b=("特别用途区",), person_zones_b=("特别用途区",)), line, boundary
    )
    assert classes(only) == ["needs_person"]
    assert only.status is Status.NOT_EVALUATED


@pytest.mark.parametrize(
    ("integration", "status", "found"),
    [
        ("after", Status.NOT_MET, "conflict"),
        ("before", Status.NOT_EVALUATED, "needs_person"),
        (None, Status.NOT_EVALUATED, "needs_person"),
    ],
)
def test_outside_by_edition(integration: Any, status: Status, found: str) -> None:
    park = make_layer([square(500, 0, 1_000)], edition=Edition(integration=integration))
    line = make_layer([square(0, 0, 1_000), square(1_000, 0, 300, height_m=1_000)])
    result = judge_rule(within(outside="by_edition"), park, line)
    assert (result.status, classes(result)) == (status, [found])
    assert result.pieces[0].area_m2 == pytest.approx(0.2 * KM2_M2, rel=1e-4)
    assert result.pieces[0].b_id == ""


def test_a_warning_never_breaks_the_review_and_never_looks_clear() -> None:
    line, county = make_layer([square(500, 0, 1_000)]), make_layer([square(0, 0, 1_000)])
    result = judge_rule(within(outside="warning"), line, county)
    assert (result.status, result.severity) == (Status.MET, Severity.WARNING)
    assert "to be looked at" in str(result.message)


def test_features_set_aside_leave_the_rule_open() -> None:
    sound, damaged = make_layer([square(0, 0, 100)]), make_layer([square(500, 0, 100), None])
    assert judge_rule(disjoint(), sound, damaged).status is Status.NOT_EVALUATED


def test_multipart_features_give_one_piece_a_part() -> None:
    parts = shapely.MultiPolygon([square(0, 0, 100), square(300, 0, 100)])
    a, b = make_layer([parts]), make_layer([square(-50, 50, 500)])
    result = judge_rule(disjoint(), a, b)
    assert result.count(PieceClass.CONFLICT) == 2
    assert result.area_m2(PieceClass.CONFLICT) == pytest.approx(2 * 0.5e4 * 0.99975, rel=1e-4)


def test_a_hairline_neither_hides_a_conflict_nor_ties_two_into_one() -> None:
    """Two bites of 1.5 m² on a border that projection moved by 0.3 mm over 3 km.

    With the hairline their common mean width is under 1 mm, that of noise.
    """
    bites = [square(100, 999, 1.5, height_m=2), square(2_000, 999, 1.5, height_m=2)]
    line = shapely.union_all([square(0, 0, 3_000, height_m=1_000.0003), *bites])
    result = judge_rule(disjoint(), make_layer([line]), make_layer([square(0, 1_000, 3_000)]))
    assert classes(result) == ["conflict", "conflict"]
    assert [piece.area_m2 for piece in result.pieces] == pytest.approx([1.5, 1.5], rel=1e-3)
    assert result.noise_area_m2 == pytest.approx(0.9, rel=0.05)


def test_a_plot_at_the_end_of_a_sliver_strip_is_still_a_conflict() -> None:
    """A misfit of 2 cm over 10 km and a plot of 20 by 20 m: together 6 cm wide on average."""
    plot = square(5_000, 990, 20, height_m=10)
    line = shapely.union_all([square(0, 0, 10_000, height_m=990.02), plot])
    town = square(0, 990, 10_000, height_m=500)
    result = judge_rule(disjoint(), make_layer([line]), make_layer([town]))
    # The strip that is left may be one piece or two: whether they touch is a matter of 1e-9 m.
    assert (classes(result)[0], set(classes(result)[1:])) == ("conflict", {"sliver"})
    assert result.pieces[0].area_m2 == pytest.approx(200, rel=0.01)
    assert sum(p.area_m2 for p in result.pieces) == pytest.approx(400 * 0.99975, rel=0.01)


def test_a_wedge_of_sliver_width_stays_a_sliver() -> None:
    wedge = shapely.Polygon([(0, 0), (200, 0.18), (200, 0)])
    line = shapely.transform(wedge, lambda points: points + np.array([EAST, NORTH + 100]))
    (piece,) = judge_rule(disjoint(), make_layer([line]), make_layer([square(0, 0, 300)])).pieces
    assert piece.piece_class is PieceClass.SLIVER
    assert piece.area_m2 > 10


@pytest.mark.parametrize("zones", [["一级", "一级"], [None, "一级保护区"], ["一级保护区", " "]])
def test_zones_that_the_layer_does_not_name_leave_the_rule_open(zones: list[str]) -> None:
    source = make_layer(
        [square(5_000, 0, 100), square(6_000, 0, 100)], columns={"Z": zones}, zone_field="Z"
    )
    result = judge_rule(disjoint(zones_a=("一级保护区",)), source, make_layer([square(0, 0, 100)]))
    assert result.status is Status.NOT_EVALUATED
    assert "zones 一级保护区 are not all there" in str(result.message)


def test_ground_under_two_features_of_b_counts_once() -> None:
    town = square(0, 0, 1_000)
    result = judge_rule(disjoint(), make_layer([town]), make_layer([town, town]))
    assert result.count(PieceClass.CONFLICT) == 2
    assert result.area_m2(PieceClass.CONFLICT) == pytest.approx(2 * KM2_M2, rel=1e-6)
    assert result.ground_m2 == pytest.approx(KM2_M2, rel=1e-6)
