"""Suggested places are judged as if each had been submitted as a site of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import ZONE_42, square
from small_screenings import DAY, make_ground, make_plan, make_sites

import spatialplan
from spatialplan.area import unproject
from spatialplan.errors import ConservationError, Fault
from spatialplan.findings import GroundStatus, Verdict
from spatialplan.layers import Layer
from spatialplan.messages import say
from spatialplan.plan import Plan, Tolerance
from spatialplan.rulebook import read_rulebook
from spatialplan.screening import Inquiry, SiteFinding, judge_sites, printed_zones
from spatialplan.sites import Sites, relocate_sites
from spatialplan.siting import PlaceFindings, Screening, SearchOptions, screen_sites
from spatialplan.siting import places as siting_places
from spatialplan.siting.places import judge_places, place_sites
from spatialplan.siting.search import suggest_for
from spatialplan.suggestions import Suggestion
from spatialplan.units import round_printed

# 100 m wide strips of farmland west of the line, meadow east of it; the county ends in the north.
GROUND = {
    "county": (square(-3_000, -3_000, 6_000, height_m=4_000), "region"),
    "line": (square(0, 0, 400), "ecological_red_line"),
    "window": (square(-400, 0, 300) - square(-330, 70, 160), "basic_farmland"),
    "parcels": (square(-3_000, -3_000, 6_000, height_m=6_000), "land_parcel"),
}


@pytest.fixture(scope="module")
def layers() -> dict[str, Layer]:
    found: dict[str, Layer] = {}
    for key, (shape, role) in GROUND.items():
        more: dict[str, Any] = {}
        if role == "land_parcel":
            halves = [shape & square(-9_000, -9_000, 9_000, height_m=18_000)]
            halves.append(shape & square(0, -9_000, 9_000, height_m=18_000))
            more = {"class_field": "DLBM", "columns": {"DLBM": ["0103", "0401"]}}
            found |= make_ground(key, halves, role, **more)
        else:
            found |= make_ground(key, [shape], role)
    return found


def inquire(layers: Mapping[str, Layer], kind: str | None = None) -> Inquiry:
    plan = make_plan(layers)
    book = read_rulebook(plan, day=DAY)
    return Inquiry(plan=plan, layers=layers, book=book, tolerance=Tolerance(), kind=kind)


def suggest(
    sites: Sites, inquiry: Inquiry, **search: Any
) -> tuple[dict[int, Suggestion], dict[int, PlaceFindings]]:
    """Suggestions for sites, and what they would be judged as."""
    options = SearchOptions(radius_m=1_500, **search)
    found = suggest_for(sites, judge_sites(sites, inquiry), inquiry, options)
    return found, judge_places(place_sites(sites, found, inquiry), found, inquiry)


def require_alike(one: SiteFinding, other: SiteFinding) -> None:
    """Two findings about the same ground agree in all that decides."""
    assert (one.verdict, one.listed_verdict) == (other.verdict, other.listed_verdict)
    assert one.by_kind == other.by_kind
    assert one.kind == other.kind
    assert [gap.rule_id for gap in one.not_evaluated] == [
        gap.rule_id for gap in other.not_evaluated
    ]
    for layer, twin in zip(one.layers, other.layers, strict=True):
        assert (layer.layer, layer.status, layer.verdict) == (twin.layer, twin.status, twin.verdict)
        assert layer.overlap_m2 == pytest.approx(twin.overlap_m2, abs=0.05)
        assert {zone.zone for zone in layer.zones} == {zone.zone for zone in twin.zones}


@settings(max_examples=6, deadline=None)
@given(
    east_m=st.integers(-350, 350),
    north_m=st.integers(-100, 950),
    kind=st.sampled_from(["", "工业", "旅游"]),
)
def test_a_place_is_judged_as_that_ground_submitted_by_itself(
    layers: dict[str, Layer], east_m: int, north_m: int, kind: str
) -> None:
    sites = make_sites([square(east_m, north_m, 120, height_m=60)], kinds=[kind])
    inquiry = inquire(layers)
    suggestions, found = suggest(sites, inquiry)
    assert found.keys() == suggestions.keys()
    for row, suggestion in suggestions.items():
        judged = list(found[row].places)
        grounds = [place.geometry for place in suggestion.places]
        if found[row].free is not None:
            judged.append(found[row].free)
            grounds.append(suggestion.free.geometry)
        for finding, ground in zip(judged, grounds, strict=True):
            flat = unproject(np.array([ground], dtype=object), sites.plane, ZONE_42)
            (alone,) = judge_sites(
                relocate_sites(
                    make_sites(list(flat), kinds=[kind]), [0], [ground], region=layers["county"]
                ),
                inquiry,
            )
            require_alike(finding, alone)
            assert finding.row == row


def test_a_place_free_of_the_avoided_line_tells_what_else_it_touches(
    layers: dict[str, Layer],
) -> None:
    """West of the line lies farmland, in it a window; both are told, and neither is clear."""
    site = make_sites([square(20, 120, 60)])
    suggestions, found = suggest(site, inquire(layers, "waste"), avoid=("line",))
    statuses = {
        (layer.layer, layer.status, layer.verdict)
        for finding in found[0].places
        for layer in finding.layers
    }
    assert ("window", GroundStatus.OVERLAP, Verdict.PROHIBITED) in statuses
    assert Verdict.PROHIBITED in {finding.verdict for finding in found[0].places}
    distances = [place.distance_m for place in suggestions[0].places]
    assert distances == sorted(distances)
    codes = {
        zone.zone
        for finding in found[0].places
        for layer in finding.layers
        if layer.layer == "parcels"
        for zone in layer.zones
    }
    assert "0103" in codes


def test_a_place_beyond_the_county_is_not_evaluated(layers: dict[str, Layer]) -> None:
    site = make_sites([square(100, 100, 60)])
    beyond = [square(800, 950, 100), square(800, 1_200, 100)]
    ground = make_sites(beyond).geometry
    placed = relocate_sites(site, [0, 0], list(ground), region=layers["county"])
    for finding, share in zip(judge_sites(placed, inquire(layers)), ("50", "100"), strict=True):
        (point,) = [gap for gap in finding.not_evaluated if gap.rule_id == "outside_region"]
        assert f"{share}.00%" in point.why.text("zh")
        assert finding.site_id == "site 1"
        assert finding.verdict is not Verdict.CLEAR


def test_ground_that_is_invalid_is_not_judged_and_says_why(layers: dict[str, Layer]) -> None:
    site = make_sites([square(100, 100, 60)])
    bow = shapely.Polygon([(0, 0), (90, 90), (90, 0), (0, 90)])
    placed = relocate_sites(site, [0], [bow], region=layers["county"])
    (finding,) = judge_sites(placed, inquire(layers))
    assert finding.verdict is Verdict.NOT_EVALUATED
    assert "自相交" in finding.not_evaluated[0].why.text("zh")


def test_where_judging_fails_every_place_is_not_evaluated_with_the_reason(
    layers: dict[str, Layer], monkeypatch: pytest.MonkeyPatch
) -> None:
    site, inquiry = make_sites([square(20, 120, 60)]), inquire(layers)

    def fail_on_ground(sites: Sites, asked: Inquiry) -> tuple[SiteFinding, ...]:
        if len(sites.judged):
            raise ConservationError(Fault("line", say("source.missing")))
        return judge_sites(sites, asked)

    monkeypatch.setattr(siting_places, "judge_sites", fail_on_ground)
    suggestions, found = suggest(site, inquiry)
    assert suggestions[0].places
    for finding in found[0].places:
        assert finding.verdict is Verdict.NOT_EVALUATED
        assert finding.not_evaluated[0].why.text("zh").startswith("未能判断：")


@pytest.fixture(scope="module")
def plan(layers_folder: Path) -> Plan:
    return spatialplan.read_plan(layers_folder / "plan.toml")


@pytest.fixture(scope="module")
def moved(plan: Plan, layers_folder: Path) -> Screening:
    """Three of the plan's projects, far from each other, with suggestions."""
    table = gpd.read_file(layers_folder / "projects" / "projects.gpkg")
    chosen = table[table["项目编号"].isin(["P14", "P15-5", "P16-4"])]
    return screen_sites(chosen, plan, date="2026-11-23", suggest=True)


def test_places_of_the_projects_are_judged_like_sites_of_their_own(
    moved: Screening, plan: Plan
) -> None:
    rows = [row for row, found in moved.place_findings.items() for _ in found.places]
    judged = [one for found in moved.place_findings.values() for one in found.places]
    shapes = [place.geometry for found in moved.suggestions.values() for place in found.places]
    assert len(judged) >= 8
    table = gpd.GeoDataFrame(
        {"项目类型": [str(moved.sites.kinds[row]) for row in rows]},
        geometry=unproject(np.array(shapes, dtype=object), moved.sites.plane, moved.crs),
        crs=moved.crs,
    )
    again = screen_sites(table, plan, date="2026-11-23")
    for finding, twin in zip(judged, again.findings, strict=True):
        require_alike(finding, twin)


def test_land_parcels_are_read_near_the_places_too(moved: Screening) -> None:
    """P14 is to move by kilometres, farther than the parcels around the sites reach."""
    row = next(row for row, found in moved.suggestions.items() if found.places[0].distance_m > 1000)
    for finding in moved.place_findings[row].places:
        assert finding.uncovered_m2 == pytest.approx(0, abs=0.01)
        assert sum(part.area_m2 for part in finding.parts) == pytest.approx(finding.area_m2)
    assert moved.judged_place(row, 1) is moved.place_findings[row].places[0]
    assert moved.judged_place(row, 9) is None


def test_without_suggestions_nothing_is_judged_elsewhere(plan: Plan, layers_folder: Path) -> None:
    table = gpd.read_file(layers_folder / "projects" / "projects.gpkg")
    found = screen_sites(table[table["项目编号"] == "P14"], plan, date="2026-11-23")
    assert found.place_findings == {}


def test_land_classes_of_a_place_add_up_to_what_is_printed(moved: Screening) -> None:
    findings = [one for found in moved.place_findings.values() for one in found.places]
    layers = [layer for one in findings for layer in one.layers if len(layer.zones) > 1]
    assert layers
    for layer in layers:
        printed = sum(area_ha for _, area_ha in printed_zones(layer))
        assert printed == round_printed(layer.overlap_m2 / 10_000, 4)
