"""The Wuchang plan holds; its draft has exactly the planted faults."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
from small_layers import square

from spatialplan import check_plan, read_plan
from spatialplan.errors import SourceError
from spatialplan.findings import PieceClass, Severity, Status
from spatialplan.plan import Plan, validate_plan
from spatialplan.review import Review


@pytest.fixture(scope="session")
def final(layers_folder: Path) -> Review:
    return check_plan(read_plan(layers_folder / "plan.toml"))


@pytest.fixture(scope="session")
def draft(layers_folder: Path) -> Review:
    return check_plan(read_plan(layers_folder / "plan-draft.toml"))


@pytest.fixture(scope="session")
def planted(layers_folder: Path) -> list[dict[str, Any]]:
    return tomllib.loads((layers_folder / "draft" / "planted.toml").read_text("utf-8"))["planted"]


def test_the_plan_holds_with_everything_evaluated(final: Review) -> None:
    # Land cover only indicates, so the indicators stay open; nothing else does.
    assert final.status is Status.NOT_EVALUATED
    indicators = [entry.id for entry in final.plan.indicators if entry.year == 2025]
    assert [point.rule_id for point in final.not_evaluated] == indicators
    assert final.quality == ()
    assert all(quota.status is Status.MET for quota in final.quotas)
    assert [result.pieces for result in final.rules] == [()] * len(final.rules)


@pytest.mark.parametrize(
    ("quota", "measured"),
    [
        ("red_line_area", 230_423.56),
        ("protected_area_area", 97_065.60),
        ("development_boundary_area", 5_102.16),
        ("cropland_area", 500.51),
        ("basic_farmland_area", 385.68),
        ("expansion_multiple", 1.21),
    ],
)
def test_the_demonstration_is_calibrated(final: Review, quota: str, measured: float) -> None:
    found = next(finding for finding in final.quotas if finding.rule_id == quota)
    assert found.measured == pytest.approx(measured, abs=0.005)


def test_the_county_by_the_official_method(final: Review) -> None:
    assert final.share_base is not None
    assert final.share_base.measured_ha == pytest.approx(754_381.39, abs=0.005)


def test_townships_add_up(final: Review, draft: Review) -> None:
    for quota in (*final.quotas, *draft.quotas):
        if quota.figures and quota.figures.townships:
            parts = [area for _, area in quota.figures.townships]
            assert sum(parts) == pytest.approx(quota.figures.measured_m2, abs=0.01)
            assert abs(parts[-1]) < 10.0, "every parcel lies in a unit"


def test_windows_are_found_and_are_no_conflict(final: Review) -> None:
    windows = {result.rule.id: len(result.enclosed) for result in final.rules}
    assert windows["basic_farmland-development_boundary"] > 0
    assert windows["red_line-basic_farmland"] > 0


def test_layers_in_three_crs_leave_only_noise(final: Review) -> None:
    assert {layer.source.crs for layer in final.layers.values()} == {
        "EPSG:4490",
        "EPSG:4530",
        "EPSG:4531",
    }
    noise = sum(result.noise_area_m2 for result in final.rules)
    assert 0 < noise < 50


def test_every_planted_conflict_is_found_and_nothing_else(
    draft: Review, planted: list[dict[str, Any]]
) -> None:
    expected = Counter(
        (fault["rule"], fault["expected"], tuple(fault["a_ids"]), tuple(fault.get("b_ids", ())))
        for fault in planted
        if fault["result"] == "conflicts"
    )
    found = Counter(
        (piece.rule_id, piece.piece_class.value, (piece.a_id,), (piece.b_id,) if piece.b_id else ())
        for result in draft.rules
        for piece in result.pieces
    )
    assert found == expected


def test_planted_pieces_have_their_known_size(draft: Review, planted: list[dict[str, Any]]) -> None:
    pieces = {(p.rule_id, p.a_id, p.b_id): p for result in draft.rules for p in result.pieces}
    for fault in planted:
        if fault["result"] == "conflicts":
            piece = pieces[fault["rule"], fault["a_ids"][0], *(fault.get("b_ids") or [""])]
            assert piece.area_m2 == pytest.approx(fault["area_m2"], abs=0.05)
            assert piece.width_m == pytest.approx(fault["mean_width_m"], rel=0.001)


def test_the_planted_quotas_and_nothing_else(draft: Review) -> None:
    states = {quota.rule_id: quota.status for quota in draft.quotas}
    assert {key: state.value for key, state in states.items() if state is not Status.MET} == {
        "red_line_area": "not_met",
        "protected_area_area": "not_evaluated",
        "expansion_multiple": "not_evaluated",
    }
    red_line = next(quota for quota in draft.quotas if quota.rule_id == "red_line_area")
    assert red_line.margin == pytest.approx(-118.40, abs=0.005)


def test_the_planted_quality_faults_and_nothing_else(
    draft: Review, planted: list[dict[str, Any]]
) -> None:
    expected = {
        (fault["expected"], fault["rule"], tuple(fault["a_ids"]))
        for fault in planted
        if fault["result"] == "quality"
    }
    assert {(f.rule_id, f.layer, f.feature_ids) for f in draft.quality} == expected
    overlap = next(fault for fault in draft.quality if fault.rule_id == "overlap_inside")
    known = next(fault for fault in planted if fault["expected"] == "overlap_inside")
    assert overlap.measured == pytest.approx(known["area_m2"], abs=0.05)
    assert overlap.severity is Severity.ERROR


def test_what_was_not_evaluated_and_why(draft: Review) -> None:
    reasons = {point.rule_id: point.why.text("zh") for point in draft.not_evaluated}
    assert set(reasons) == {
        "water_sources",
        "protected_area_area",
        "expansion_multiple",
        "water_source_1-development_boundary",
    }
    assert "文件不存在" in reasons["water_sources"]
    assert "面积口径不一致" in reasons["protected_area_area"]
    assert draft.status is Status.NOT_MET


def test_pieces_say_where_they_are(draft: Review) -> None:
    pieces = [p for r in draft.rules for p in r.pieces if p.piece_class is PieceClass.CONFLICT]
    assert all(piece.township for piece in pieces)
    assert all(piece.geometry is not None and piece.geometry.is_valid for piece in pieces)


def small_plan(folder: Path, layers: dict[str, list[Any]], **more: Any) -> Plan:
    """A county in the plain, 5 km square, and whatever layers a test wants."""
    specs = {"county": {"title": "county", "role": "region", "path": "county.gpkg"}}
    for name, shapes in {"county": [square(0, 0, 5_000)], **layers}.items():
        write_layer(folder / f"{name}.gpkg", shapes)
        specs.setdefault(name, {"title": name, "role": "other", "path": f"{name}.gpkg"})
    header = {"id": "p", "title": "p", "region": "r", "year": 2025, "standing": "s", "notice": "n"}
    tables = {"schema": 1, "plan": header, "layers": specs, **more}
    return validate_plan(tables, directory=folder)


def write_layer(path: Path, shapes: list[Any]) -> None:
    frame = gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=shapes, crs=4530)
    pyogrio.write_dataframe(frame, path, geometry_type="Polygon", promote_to_multi=False)


def ceiling(layer: str) -> dict[str, Any]:
    return {"id": "q", "title": "q", "kind": "area", "layer": layer, "direction": "at_most",
            "value": "300.00", "unit": "ha", "year": 2025, "clause": "c"}  # fmt: skip


@pytest.mark.parametrize("shapes", [[], [None]])
def test_a_layer_without_features_never_meets_a_ceiling(tmp_path: Path, shapes: list[Any]) -> None:
    rule = {"id": "r", "title": "r", "kind": "disjoint", "a": "town", "b": "county", "clause": "c"}
    review = check_plan(
        small_plan(tmp_path, {"town": shapes}, quotas=[ceiling("town")], line_rules=[rule])
    )
    assert review.quotas[0].status is Status.NOT_EVALUATED
    assert review.rules[0].status is Status.NOT_EVALUATED
    assert "no usable feature" in str(review.not_evaluated[0].why)


def test_a_layer_that_lies_elsewhere_is_not_judged(tmp_path: Path) -> None:
    away = square(80_000, 0, 100)
    review = check_plan(small_plan(tmp_path, {"town": [away]}, quotas=[ceiling("town")]))
    assert review.quotas[0].status is Status.NOT_EVALUATED
    assert "wholly outside the region" in str(review.not_evaluated[0].why)
    assert [fault.rule_id for fault in review.quality] == ["far_outside"]


def test_a_plan_that_demands_nothing_is_not_met(tmp_path: Path) -> None:
    review = check_plan(small_plan(tmp_path, {}))
    assert review.status is Status.NOT_EVALUATED
    assert "nothing was judged" in str(review.not_evaluated[0].why)


def test_a_county_without_geometry_stops_nothing(tmp_path: Path) -> None:
    plan = small_plan(tmp_path, {"town": [square(0, 0, 1_000)]}, quotas=[ceiling("town")])
    write_layer(tmp_path / "county.gpkg", [None])
    review = check_plan(plan)
    assert review.quotas[0].status is Status.MET
    assert review.status is Status.NOT_MET, "the county's fault is an error"


def test_a_year_without_quotas_is_not_a_pass(layers_folder: Path) -> None:
    plan = read_plan(layers_folder / "plan.toml")
    bare = plan.model_copy(update={"line_rules": (), "layers": {"county": plan.layers["county"]}})
    review = check_plan(bare, year=2030)
    assert review.status is Status.NOT_EVALUATED
    assert "no quota for 2030; it has them for 2025" in str(review.not_evaluated[0].why)


def test_a_plan_of_which_no_layer_can_be_read(
    layers_folder: Path, tmp_path: Path, copy_plan: Callable[[Path], Path]
) -> None:
    plan = read_plan(copy_plan(tmp_path))
    with pytest.raises(SourceError) as caught:
        check_plan(plan)
    assert len(caught.value.faults) == len(plan.layers)


@pytest.fixture
def copy_plan(layers_folder: Path) -> Callable[[Path], Path]:
    def copy(folder: Path) -> Path:
        target = folder / "plan.toml"
        target.write_bytes((layers_folder / "plan.toml").read_bytes())
        return target

    return copy
