from __future__ import annotations

import datetime
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from small_layers import EAST, NORTH, ZONE_42, square
from small_screenings import DAY, make_ground, make_plan

import spatialplan
from spatialplan.errors import SourceError
from spatialplan.findings import GroundStatus, Verdict
from spatialplan.plan import Plan, Tolerance
from spatialplan.rulebook import read_rulebook
from spatialplan.screening import Inquiry, avoided_ground
from spatialplan.siting import Screening, SearchOptions, SiteOptions, screen_sites

CRS_4530 = SiteOptions(crs="EPSG:4530")


@pytest.fixture(scope="module")
def plan(layers_folder: Path) -> Plan:
    return spatialplan.read_plan(layers_folder / "plan.toml")


@pytest.fixture(scope="module")
def projects(plan: Plan, layers_folder: Path) -> Screening:
    """The plan's own projects on a fixed day."""
    return screen_sites(layers_folder / "projects" / "projects.gpkg", plan, date="2026-11-23")


@pytest.fixture(scope="module")
def expected(layers_folder: Path) -> dict[str, Any]:
    content = tomllib.loads((layers_folder / "projects" / "expected.toml").read_text("utf-8"))
    return {site["id"]: site for site in content["site"]}


def test_every_project_touches_what_the_builder_found_with_plain_shapely(
    projects: Screening, expected: dict[str, Any]
) -> None:
    assert [finding.site_id for finding in projects.findings] == list(expected)
    for finding in projects.findings:
        wanted: dict[tuple[str, str], float] = defaultdict(float)
        for touch in expected[finding.site_id].get("touches", []):
            if touch["layer"] in projects.judged_layers:
                wanted[touch["layer"], touch["zone"]] += touch["area_m2"]
        found = {
            (layer.layer, zone.zone): zone.overlap_m2
            for layer in finding.layers
            if layer.layer != "parcels"
            for zone in layer.zones
        }
        assert found == pytest.approx(dict(wanted), rel=1e-6, abs=0.5), finding.site_id


def test_projects_without_a_footprint_are_listed_and_not_evaluated(
    projects: Screening, expected: dict[str, Any]
) -> None:
    without = {key for key, site in expected.items() if "reason" in site}
    unjudged = {f.site_id for f in projects.findings if not f.layers}
    assert unjudged == without
    assert len(without) == 7
    assert all(f.verdict is Verdict.NOT_EVALUATED for f in projects.findings if not f.layers)
    assert all(projects.sites.remarks[f.row] for f in projects.findings if not f.layers)


def test_every_verdict_is_explained_by_a_rule_with_its_basis(projects: Screening) -> None:
    for finding in projects.findings:
        for layer in finding.layers:
            if layer.verdict in (Verdict.CLEAR, Verdict.NOT_EVALUATED):
                continue
            assert layer.rules, (finding.site_id, layer.layer)
            assert all(rule.need and rule.basis for rule in layer.rules)
            if layer.status is GroundStatus.OVERLAP:
                assert layer.rules[0].verdict is layer.verdict


def test_parts_of_every_project_add_up(projects: Screening) -> None:
    for finding in projects.findings:
        if finding.layers:
            total = sum(part.area_m2 for part in finding.parts)
            assert total == pytest.approx(finding.area_m2, rel=1e-9, abs=1e-3)


def test_parts_hold_what_the_layers_hold(projects: Screening) -> None:
    for finding in projects.findings:
        for layer in finding.layers:
            if layer.layer == "parcels" or layer.status is not GroundStatus.OVERLAP:
                continue
            used = [use for part in finding.parts for use in part.uses if use.layer == layer.layer]
            assert sum(use.area_m2 for use in used) == pytest.approx(layer.overlap_m2, rel=1e-6)


def test_the_standing_list_keeps_every_site_from_being_clear(projects: Screening) -> None:
    assert len(projects.not_evaluated) >= 11
    assert any(finding.listed_verdict is Verdict.CLEAR for finding in projects.findings)
    assert all(finding.verdict is not Verdict.CLEAR for finding in projects.findings)


def test_the_three_files_of_sites_give_the_same_answer(
    plan: Plan, projects: Screening, layers_folder: Path
) -> None:
    known = {finding.site_id: finding for finding in projects.findings}
    plots = screen_sites(layers_folder / "projects" / "plots.txt", plan, date="2026-11-23")
    points = screen_sites(
        layers_folder / "projects" / "points.csv",
        plan,
        date="2026-11-23",
        options=CRS_4530,
    )
    for finding in (*plots.findings, *points.findings):
        twin = known[finding.site_id]
        assert finding.area_m2 == pytest.approx(twin.area_m2, abs=0.01)
        for one, other in zip(finding.layers, twin.layers, strict=True):
            assert one.status is other.status
            assert one.overlap_m2 == pytest.approx(other.overlap_m2, abs=0.01)


def test_what_a_site_is_shown_does_not_depend_on_its_neighbours_in_the_file(
    plan: Plan, projects: Screening, layers_folder: Path
) -> None:
    table = gpd.read_file(layers_folder / "projects" / "projects.gpkg")
    alone = screen_sites(table[table["项目编号"] == "P14"], plan, date=datetime.date(2026, 11, 23))
    twin = next(finding for finding in projects.findings if finding.site_id == "P14")
    for one, other in zip(alone.findings[0].layers, twin.layers, strict=True):
        assert one.sentence.text("zh") == other.sentence.text("zh")
        assert one.verdict is other.verdict


def test_suggested_places_are_free_of_what_rules_close(plan: Plan, layers_folder: Path) -> None:
    table = gpd.read_file(layers_folder / "projects" / "projects.gpkg")
    found = screen_sites(
        table[table["项目编号"].isin(["P14", "P15-5", "P03"])],
        plan,
        date="2026-11-23",
        suggest=True,
        search=SearchOptions(clearance_m=20, radius_m=8_000),
    )
    by_id = {finding.site_id: finding.row for finding in found.findings}
    assert by_id["P03"] not in found.suggestions
    moved = found.suggestions[by_id["P15-5"]]
    assert moved.places
    places = np.array([place.geometry for place in moved.places], dtype=object)
    again = screen_sites(
        gpd.GeoDataFrame(
            {"项目类型": ["waste"] * len(places)}, geometry=places, crs=found.sites.plane.crs
        ),
        plan,
        date="2026-11-23",
    )
    closed = (Verdict.PROHIBITED, Verdict.NEEDS_DETERMINATION)
    for finding in again.findings:
        lines = [layer for layer in finding.layers if layer.layer != "parcels"]
        # Outside the development boundary is a matter of where, not of what lies there.
        lines = [layer for layer in lines if layer.layer != "development_boundary"]
        assert all(layer.verdict not in closed for layer in lines)
        assert all((layer.distance_m or 20) > 19.9 for layer in lines if layer.distance_m)


@pytest.mark.parametrize(
    ("search", "advice"),
    [
        (SearchOptions(avoid=("redline_typo",)), "red_line"),
        (SearchOptions(avoid=("red_line", "parcels")), "red_line"),
        (SearchOptions(clearance_m=float("inf")), "50,000"),
        (SearchOptions(radius_m=float("nan")), "50,000"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(
    plan: Plan, layers_folder: Path, search: SearchOptions, advice: str
) -> None:
    sites = layers_folder / "projects" / "points.csv"
    with pytest.raises(SourceError) as caught:
        screen_sites(sites, plan, suggest=True, search=search)
    assert advice in caught.value.text("zh")


def test_lines_and_features_that_could_not_be_used_are_avoided_too() -> None:
    river = shapely.LineString([(EAST - 5000, NORTH + 150), (EAST + 5000, NORTH + 150)])
    bow = [(300, 0), (600, 300), (600, 0), (300, 300)]
    invalid = shapely.Polygon([(EAST + x, NORTH + y) for x, y in bow])
    layers = {
        **make_ground("river", [river], "river", geometry="line"),
        **make_ground("line", [square(0, 0, 100), invalid], "ecological_red_line"),
    }
    plan = make_plan(layers)
    book = read_rulebook(plan, day=DAY)
    inquiry = Inquiry(plan=plan, layers=layers, book=book, tolerance=Tolerance())
    avoided = dict(avoided_ground(inquiry, ZONE_42, kind="industry"))
    assert avoided["river"][0].area == pytest.approx(10_000, rel=0.01)
    assert len(avoided["line"]) == 2
    assert avoided["line"][1].area == pytest.approx(90_000, rel=0.05)


def test_an_unknown_kind_or_day_names_the_choices(plan: Plan, layers_folder: Path) -> None:
    sites = layers_folder / "projects" / "projects.gpkg"
    with pytest.raises(SourceError) as caught:
        screen_sites(sites, plan, kind="casino")
    assert "mining" in caught.value.text("zh")
    with pytest.raises(SourceError, match="2026-11-23"):
        screen_sites(sites, plan, date="next week")


def test_a_site_outside_the_county_is_not_evaluated(plan: Plan) -> None:
    far = gpd.GeoDataFrame(geometry=[square(130_000, 0, 100)], crs=ZONE_42)
    (finding,) = screen_sites(far, plan, kind="linear").findings
    assert finding.verdict is not Verdict.CLEAR
    (reason,) = [point for point in finding.not_evaluated if point.rule_id == "outside_region"]
    assert "100.00%" in reason.why.text("zh")


def test_sites_against_a_planar_engine_on_the_real_layers(plan: Plan, layers_folder: Path) -> None:
    """Another library's overlay, in the plane of zone 42, over layers delivered in that zone."""
    farmland = gpd.read_file(layers_folder / "parcels.gdb.zip", layer="YJJBNTTB", columns=["BSM"])
    generator = np.random.default_rng(20261123)
    chosen = farmland.geometry.iloc[generator.choice(len(farmland), 40, replace=False)]
    sites = [
        shapely.set_precision(
            shapely.affinity.rotate(shapely.box(x - a, y - a, x + a, y + a), a), 1e-4
        )
        for x, y, a in zip(
            chosen.centroid.x, chosen.centroid.y, generator.uniform(30, 200, 40), strict=True
        )
    ]
    table = gpd.GeoDataFrame({"id": np.arange(40)}, geometry=sites, crs=ZONE_42)
    common = gpd.overlay(table, farmland.to_crs(ZONE_42)[["BSM", "geometry"]], how="intersection")
    wanted = common.assign(area=common.area).groupby("id")["area"].sum()
    found = screen_sites(table, plan, date="2026-11-23")
    for finding in found.findings:
        layer = next(x for x in finding.layers if x.layer == "basic_farmland")
        assert layer.overlap_planar_m2 == pytest.approx(wanted.get(finding.row, 0.0), rel=1e-6)


def test_only_the_closed_zones_of_a_layer_are_named_as_avoided() -> None:
    shapes = [square(0, 0, 100), square(200, 0, 100)]
    zones = {"columns": {"FQ": ["集中建设区", "特别用途区"]}, "zone_field": "FQ"}
    layers = make_ground("town", shapes, "urban_development_boundary", **zones)
    plan = make_plan(layers)
    book = read_rulebook(plan, day=DAY)
    inquiry = Inquiry(plan=plan, layers=layers, book=book, tolerance=Tolerance())
    ((title, ground),) = avoided_ground(inquiry, ZONE_42, kind="tourism")
    assert (title, len(ground)) == ("town（特别用途区）", 1)
    ((title, ground),) = avoided_ground(inquiry, ZONE_42, kind="tourism", keys=["town"])
    assert (title, len(ground)) == ("town", 2)


def test_a_layer_that_could_not_be_read_is_named_once_with_its_reason(
    layers_folder: Path,
) -> None:
    draft = spatialplan.read_plan(layers_folder / "plan-draft.toml")
    found = screen_sites(layers_folder / "projects" / "points.csv", draft, options=CRS_4530)
    points = {point.rule_id: point.why.text("zh") for point in found.not_evaluated}
    assert "文件不存在" in points["water_sources"]
    assert "water_source" not in points
