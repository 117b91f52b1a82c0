"""What is nearer than the error of its place is neither clear nor met, and says why."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import shapely
from small_layers import PLANE, ZONE_42, make_delivery, make_layer, square
from small_screenings import DAY, layer_of, make_plan, make_sites, screen

from spatialplan.area import unproject
from spatialplan.conflicts import judge_rule
from spatialplan.findings import GroundStatus, Status, Verdict
from spatialplan.layers import Layer, Placement, Source, admit
from spatialplan.overlay import inner_overlaps
from spatialplan.plan import AreaQuota, DisjointRule, LayerSpec, Tolerance, Way, WithinRule
from spatialplan.quotas import judge_area_quota
from spatialplan.rulebook import read_rulebook
from spatialplan.screening import Inquiry, avoided_ground, judge_sites
from spatialplan.siting.search import SearchOptions, suggest_for

ERROR_M = 80.0
XIAN_80, BEIJING_54 = "EPSG:2366", "EPSG:2418"


def unsure(
    shapes: list[Any], *, crs: Any = XIAN_80, error_m: float = ERROR_M, **spec: Any
) -> Layer:
    """A layer of an old datum, taken as CGCS2000 as it is."""
    delivery = replace(make_delivery(shapes, crs=crs, **spec), way=Way(accept_error_m=error_m))
    return admit(delivery, plane=PLANE, working_crs=ZONE_42)


def red_line() -> dict[str, Layer]:
    """A square kilometre of red line whose place is known to 80 m only."""
    return {"line": unsure([square(0, 0, 1_000)], **red_spec().model_dump(exclude_unset=True))}


def red_spec() -> LayerSpec:
    return LayerSpec(id="line", title="生态保护红线", role="ecological_red_line", path="line.shp")


@pytest.mark.parametrize(
    ("east_m", "status", "is_open"),
    [
        (1_500, GroundStatus.CLEAR, False),
        (1_090, GroundStatus.CLEAR, False),
        (1_070, GroundStatus.NOT_EVALUATED, True),
        (1_001, GroundStatus.NOT_EVALUATED, True),
        (970, GroundStatus.OVERLAP, True),
        (900, GroundStatus.OVERLAP, True),
        (450, GroundStatus.OVERLAP, False),
    ],
    ids=["far", "just far", "near", "touching", "across", "just inside", "deep inside"],
)
def test_a_site_near_an_outline_is_open_whether_inside_or_outside(
    east_m: float, status: GroundStatus, is_open: bool
) -> None:
    (site,) = screen([square(east_m, 450, 50)], red_line())
    found = layer_of(site, "line")
    assert found.status is status
    assert ["80 m only: whether" in str(point.why) for point in site.not_evaluated] == [
        True
    ] * is_open
    assert "±80 m" in found.sentence.text("en")
    if status is GroundStatus.NOT_EVALUATED:
        assert found.verdict is site.verdict is Verdict.NOT_EVALUATED
        assert "位置误差可达 ±80 米" in found.sentence.text("zh")


def test_a_sure_layer_says_nothing_of_errors() -> None:
    line = make_layer([square(0, 0, 1_000)], id="line", role="ecological_red_line")
    (site,) = screen([square(1_001, 450, 50)], {"line": line})
    assert layer_of(site, "line").status is GroundStatus.CLEAR
    assert "±" not in layer_of(site, "line").sentence.text("en")


def test_sites_of_the_same_datum_lie_truly_to_each_other() -> None:
    """Sites and line both in Xi'an 1980, both taken as they are: off by the same."""
    layers = red_line()
    sites = make_sites([square(1_001, 450, 50)])
    for shared, status in (("Xian 1980", GroundStatus.CLEAR), ("", GroundStatus.NOT_EVALUATED)):
        placement = Placement(error_m=30, accepted=True, shared=shared)
        source = Source("s.shp", "test", "s", "UTF-8", "0" * 64, 1, placement=placement)
        (site,) = screen(replace(sites, sources=(source,)), layers)
        assert layer_of(site, "line").status is status


def test_errors_of_site_and_layer_add_up() -> None:
    placement = Placement(error_m=30, accepted=True)
    source = Source("s.shp", "test", "s", "UTF-8", "0" * 64, 1, placement=placement)
    sites = replace(make_sites([square(1_100, 450, 50)]), sources=(source,))
    (site,) = screen(sites, red_line())
    assert "±110 m" in layer_of(site, "line").sentence.text("en")
    assert layer_of(site, "line").status is GroundStatus.NOT_EVALUATED


def test_places_keep_the_error_away() -> None:
    layers = red_line()
    plan = make_plan(layers)
    inquiry = Inquiry(plan, layers, read_rulebook(plan, day=DAY), Tolerance())
    ((_, shapes),) = avoided_ground(inquiry, ZONE_42, kind=None)
    flat = unproject(shapes, PLANE, ZONE_42)[0]
    assert flat.contains(square(1_079, 450, 1))
    assert not flat.intersects(square(1_090, 450, 1))


def test_a_place_in_an_unsure_boundary_is_surely_in_it_and_surely_off_the_line() -> None:
    """A workshop on the red line, moved into a development boundary that may lie 80 m off."""
    layers = {
        **red_line(),
        "zone": unsure(
            [square(1_000, -1_000, 3_000)],
            id="zone",
            role="urban_development_boundary",
            crs=BEIJING_54,
        ),
    }
    plan = make_plan(layers)
    inquiry = Inquiry(plan, layers, read_rulebook(plan, day=DAY), Tolerance(), kind="industry")
    sites = make_sites([square(900, 450, 50)])
    found = suggest_for(sites, judge_sites(sites, inquiry), inquiry, SearchOptions())
    places = [unproject(np.array([place.geometry]), PLANE, ZONE_42)[0] for place in found[0].places]
    assert places
    boundary, line = square(1_000, -1_000, 3_000).boundary, square(0, 0, 1_000)
    for place in places:
        assert boundary.distance(place) > ERROR_M - 0.5
        assert line.distance(place) > ERROR_M - 0.5


def rule(kind: str, **more: Any) -> Any:
    fields = {"id": "r", "title": "r", "kind": kind, "a": "a", "b": "b", "clause": "c", **more}
    return (DisjointRule if kind == "disjoint" else WithinRule).model_validate(fields)


@pytest.mark.parametrize(
    ("gap_m", "status"),
    [
        (200, Status.MET),
        (50, Status.NOT_EVALUATED),
        (-100, Status.NOT_EVALUATED),
        (-400, Status.NOT_MET),
    ],
    ids=["far apart", "near", "overlap that a shift may undo", "overlap that none undoes"],
)
def test_two_lines_conflict_only_beyond_the_error(gap_m: float, status: Status) -> None:
    a = unsure([square(0, 0, 1_000)])
    b = make_layer([square(1_000 + gap_m, 0, 1_000)])
    result = judge_rule(rule("disjoint"), a, b)
    assert result.status is status
    assert "±80 m" in result.message.text("en")
    for piece in result.pieces:
        assert "±80 m" in piece.message.text("en")


@pytest.mark.parametrize(("margin_m", "status"), [(200, Status.MET), (50, Status.NOT_EVALUATED)])
def test_a_line_within_another_has_to_be_deeper_than_the_error(
    margin_m: float, status: Status
) -> None:
    """The outer line is two squares side by side: their common edge is no outline of it."""
    outer = make_layer([square(0, 0, 1_000), square(1_000, 0, 1_000)])
    inner = unsure([square(margin_m, 300, 2_000 - 2 * margin_m, height_m=300)])
    assert judge_rule(rule("within"), inner, outer).status is status


def test_lines_of_one_old_datum_are_judged_to_each_other() -> None:
    """Both shifted alike; Beijing 1954 against Xi'an 1980 is not."""
    shapes = [square(0, 0, 1_000)], [square(1_010, 0, 1_000)]
    same = judge_rule(rule("disjoint"), unsure(shapes[0]), unsure(shapes[1]))
    assert same.status is Status.MET
    other = judge_rule(rule("disjoint"), unsure(shapes[0]), unsure(shapes[1], crs=BEIJING_54))
    assert other.status is Status.NOT_EVALUATED
    assert "±160 m" in other.message.text("en")


@pytest.mark.parametrize(
    ("demand_ha", "status"),
    [("95.00", Status.MET), ("99.97", Status.NOT_EVALUATED), ("105.00", Status.NOT_MET)],
)
def test_a_quota_holds_by_more_than_the_datum_may_change(demand_ha: str, status: Status) -> None:
    layer = unsure([square(0, 0, 1_000)])
    quota = AreaQuota(
        id="q", title="q", kind="area", layer="layer", direction="at_least", unit="ha",
        value=Decimal(demand_ha).to_eng_string(), year=2025, clause="c",
    )  # fmt: skip
    finding = judge_area_quota(quota, layer, inner=inner_overlaps(layer.geometry))
    assert finding.status is status
    said = finding.message.text("en")
    assert ("±80 m" in said) or ("100 ppm" in said)


def test_an_error_stated_for_cgcs2000_leaves_areas_as_they_are() -> None:
    layer = unsure([square(0, 0, 1_000)], crs=ZONE_42)
    quota = AreaQuota(
        id="q", title="q", kind="area", layer="layer", direction="at_least", unit="ha",
        value="99.97", year=2025, clause="c",
    )  # fmt: skip
    finding = judge_area_quota(quota, layer, inner=inner_overlaps(layer.geometry))
    assert finding.status is Status.MET
    (site,) = screen([square(1_001, 450, 50)], {"line": replace(layer, spec=red_spec())})
    assert layer_of(site, "line").status is GroundStatus.NOT_EVALUATED


def test_the_area_in_doubt_covers_every_old_ellipsoid() -> None:
    """Krasovsky's square kilometre, read on the ellipsoid of CGCS2000, is 34 ppm too large."""
    ratio = (6_378_245.0 / 6_378_137.0) ** 2 - 1
    assert 3e-5 < ratio < 1e-4


def test_a_transformation_leaves_its_accuracy() -> None:
    placement = Placement(error_m=0.3, shared="x80")
    assert placement.error_to(Placement()) == 0.3
    assert placement.error_to(placement) == 0
    assert placement.error_to(Placement(error_m=0.2, shared="x54")) == pytest.approx(0.5)
    assert Placement().error_to(Placement()) == 0


def test_an_empty_layer_with_an_error_is_judged_as_empty() -> None:
    layer = unsure([square(0, 0, 10), None])
    none = replace(layer, frame=layer.frame.iloc[:0], ids=np.array([], dtype=object))
    (site,) = screen([square(0, 0, 50)], {"line": replace(none, spec=red_spec())})
    assert site.verdict is not Verdict.CLEAR
    assert shapely.is_empty(shapely.union_all(none.geometry))
