"""A layer judged in batches gives the figures of the layer held whole, and says what it cannot."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import geopandas as gpd
import pytest
from small_layers import square
from streamed_county import (
    QUOTAS,
    RULES,
    area_quota,
    close,
    line_rule,
    mosaic,
    named,
    reasons,
    same_figures,
    told,
    with_faults,
    write_plan,
    write_table,
)

from spatialplan import check_plan, read_plan
from spatialplan.errors import PlanError, SourceError
from spatialplan.findings import PieceClass, Status
from spatialplan.plan import LayerSpec, Plan
from spatialplan.review import Review

SIZES = (7, 1_000)


@pytest.fixture(scope="module", params=["gpkg", "shp", "gdb", "fgb", "parquet"])
def sound_plan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = tmp_path_factory.mktemp("sound")
    return write_plan(folder, mosaic(), suffix=request.param, quotas=QUOTAS, line_rules=RULES)


@pytest.fixture(scope="module")
def whole(sound_plan: Plan) -> Review:
    return check_plan(sound_plan)


@pytest.fixture(scope="module", params=SIZES)
def streamed(request: pytest.FixtureRequest, sound_plan: Plan) -> Review:
    return check_plan(sound_plan, stream=["parcels"], batch_size=request.param)


def test_areas_are_those_of_the_whole(whole: Review, streamed: Review) -> None:
    for one, other in zip(whole.quotas, streamed.quotas, strict=True):
        assert one.figures is not None
        assert other.figures is not None
        assert one.figures.overlap_m2 == 0
        assert other.figures.overlap_m2 is None, "nobody looked"
        assert same_figures(one.figures, other.figures), one.rule_id
        assert len(other.figures.townships) == 3


def test_pieces_and_noise_are_those_of_the_whole(whole: Review, streamed: Review) -> None:
    for one, other in zip(whole.rules, streamed.rules, strict=True):
        assert Counter(map(named, one.pieces)) == Counter(map(named, other.pieces))
        assert (one.status, one.message.key) == (other.status, other.message.key)
        assert one.noise_pieces == other.noise_pieces
        assert close(one.noise_area_m2, other.noise_area_m2)
        assert close(one.ground_m2, other.ground_m2)
    assert sum(len(rule.pieces) for rule in whole.rules) > 100
    areas = [piece.area_m2 for piece in streamed.rules[0].pieces]
    assert areas == sorted(areas, reverse=True), "the largest first"


def test_windows_are_those_of_the_layer_that_is_held(whole: Review, streamed: Review) -> None:
    before, after = whole.rules[0], streamed.rules[0]
    assert {piece.a_id for piece in after.enclosed} == {piece.a_id for piece in before.enclosed}
    assert len(after.enclosed) == 1, "one parcel lies wholly in the hole of the red line"
    assert before.windows_known
    assert not after.windows_known


def test_the_input_is_named_as_ever(whole: Review, streamed: Review) -> None:
    one, other = whole.layers["parcels"], streamed.layers["parcels"]
    assert other.source == one.source
    assert (other.count, other.set_aside) == (400, 0)
    assert len(other.frame) == 0
    assert list(streamed.layers) == list(whole.layers)


def test_progress_counts_features_from_none_to_all(tmp_path: Path) -> None:
    told_so_far: list[tuple[str, int, int]] = []
    plan = write_plan(tmp_path, mosaic())
    check_plan(
        plan, stream=["parcels"], batch_size=150, passed=lambda *told: told_so_far.append(told)
    )
    assert told_so_far == [("地类图斑", done, 400) for done in (0, 150, 300, 400)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("suffix", ["gpkg", "parquet"])
def test_faults_are_those_of_the_whole(tmp_path: Path, suffix: str, size: int) -> None:
    plan = write_plan(
        tmp_path, with_faults(mosaic()), suffix=suffix, quotas=QUOTAS, line_rules=RULES
    )
    whole = check_plan(plan)
    streamed = check_plan(plan, stream=["parcels"], batch_size=size)
    assert told(streamed.quality) == told(whole.quality)
    assert {fault.rule_id for fault in whole.quality} >= {
        *("invalid_geometry", "repeated_id", "blank_id", "far_outside"),
        *("stated_area", "area_missing", "bad_deduction", "net_mismatch"),
    }
    for one, other in zip(whole.quotas, streamed.quotas, strict=True):
        assert one.message == other.message, "what the gate set aside blocks a quota first"
    for before, after in zip(whole.rules, streamed.rules, strict=True):
        assert (before.status, before.message.key) == (after.status, after.message.key)


def test_the_wrong_unit_is_seen_over_all_batches(tmp_path: Path) -> None:
    parcels = mosaic()
    parcels.loc[100:, "TBMJ"] = parcels.loc[100:, "TBMJ"] / 10_000
    streamed = check_plan(write_plan(tmp_path, parcels), stream=["parcels"], batch_size=60)
    (fault,) = [one for one in streamed.quality if one.rule_id == "area_unit"]
    assert len(fault.feature_ids) == 300


# ---- what cannot be judged in batches


def test_overlaps_and_windows_of_the_layer_are_left_open(streamed: Review) -> None:
    assert reasons(streamed) >= {
        ("parcels", "batched.inside"),
        ("parcels-red_line", "batched.windows"),
        ("red_line-parcels", "batched.windows"),
    }
    assert ("parcels-in-county", "batched.windows") not in reasons(streamed)
    assert "分批读取" in next(iter(streamed.not_evaluated)).why.text("zh")


def test_rules_that_need_the_layer_whole_are_left_open(tmp_path: Path) -> None:
    rules = [
        line_rule("both", "disjoint", "parcels", "red_line"),
        line_rule("within", "within", "county", "parcels"),
    ]
    plan = write_plan(tmp_path, mosaic(), line_rules=rules)
    both = check_plan(plan, stream=["parcels", "red_line"])
    assert {("both", "batched.both"), ("within", "batched.within")} <= reasons(both)
    assert all(result.status is Status.NOT_EVALUATED for result in both.rules)
    assert not any(result.looked for result in both.rules)


def test_region_townships_and_share_base_have_to_be_whole(tmp_path: Path) -> None:
    base = {"use": "measured", "why": "w", "measured_layer": "county"}
    plan = write_plan(tmp_path, mosaic(), share_base=base, quotas=[area_quota("q", "1.00")])
    review = check_plan(plan, stream=["county", "towns"])
    assert reasons(review) >= {
        ("county", "batched.region"),
        ("towns", "batched.townships"),
        ("share_base", "batched.share_base"),
    }
    assert review.share_base is not None
    assert review.share_base.used_ha is None
    assert review.quotas[0].share is None
    assert review.quotas[0].figures is not None
    assert review.quotas[0].figures.townships == ()


def test_a_base_in_batches_bounds_no_multiple(tmp_path: Path) -> None:
    quota = {**area_quota("q", "0.50"), "layer": "red_line", "kind": "multiple",
             "base_layer": "parcels", "direction": "at_most"}  # fmt: skip
    del quota["unit"]
    plan = write_plan(tmp_path, mosaic(), quotas=[quota])
    assert check_plan(plan).quotas[0].status is Status.MET
    finding = check_plan(plan, stream=["parcels"]).quotas[0]
    assert (finding.status, finding.message.key) == (Status.NOT_EVALUATED, "batched.base")


@pytest.mark.parametrize(
    ("direction", "value", "measure", "status"),
    [
        ("at_least", "1599.00", "gross", Status.NOT_EVALUATED),
        ("at_least", "1601.00", "gross", Status.NOT_MET),
        ("at_most", "1601.00", "gross", Status.MET),
        ("at_most", "1599.00", "gross", Status.NOT_EVALUATED),
        ("at_least", "1601.00", "net", Status.NOT_MET),
        ("at_most", "1601.00", "net", Status.NOT_EVALUATED),
    ],
)
def test_a_sum_bounds_the_area_from_above(
    tmp_path: Path, direction: str, value: str, measure: str, status: Status
) -> None:
    """400 parcels of 4 ha are 1,600 ha on the plane, a little less on the ellipsoid."""
    plan = write_plan(
        tmp_path, mosaic(), quotas=[area_quota("q", value, direction, measure=measure)]
    )
    plan = plan.model_copy(update={"layers": {**plan.layers, "parcels": bare_parcels()}})
    assert check_plan(plan, stream=["parcels"]).quotas[0].status is status


def bare_parcels() -> LayerSpec:
    spec = {"id": "parcels", "title": "t", "role": "land_parcel", "path": "parcels.gpkg"}
    return LayerSpec.model_validate(spec)


def test_batches_never_come_off_better_than_the_whole(tmp_path: Path) -> None:
    """Two squares on the same ground: 8 ha in sum, 4 ha in truth."""
    parcels = mosaic().iloc[[0, 0]].assign(BSM=["1", "2"])
    quotas = [area_quota("least", "6.00"), area_quota("most", "6.00", "at_most")]
    plan = write_plan(tmp_path, parcels, quotas=quotas)
    spec = plan.layers["parcels"].model_copy(update={"area_field": None})
    plan = plan.model_copy(update={"layers": {**plan.layers, "parcels": spec}})
    whole, streamed = check_plan(plan), check_plan(plan, stream=["parcels"], batch_size=1)
    assert [quota.status for quota in whole.quotas] == [Status.NOT_MET, Status.MET]
    assert {quota.message.key for quota in streamed.quotas} == {"batched.shared_ground"}


# ---- a layer that is no layer


def test_a_name_that_the_plan_lacks_is_refused_with_the_nearest(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic())
    with pytest.raises(PlanError, match="is parcels meant"):
        check_plan(plan, stream=["parcel"])


def test_a_layer_that_lies_elsewhere_is_not_judged(tmp_path: Path) -> None:
    away = mosaic().translate(80_000, 0)
    plan = write_plan(tmp_path, mosaic().set_geometry(away), quotas=QUOTAS, line_rules=RULES)
    review = check_plan(plan, stream=["parcels"], batch_size=60)
    assert ("parcels", "layer.misplaced") in reasons(review)
    assert all(quota.message.key == "layer.missing" for quota in review.quotas)
    assert all(result.message.key == "layer.missing" for result in review.rules)


def test_a_layer_without_features_is_named(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic().iloc[:0], quotas=QUOTAS)
    review = check_plan(plan, stream=["parcels"])
    assert ("parcels", "layer.empty") in reasons(review)
    assert review.quotas[0].status is Status.NOT_EVALUATED


def test_a_field_that_is_missing_refuses_the_layer_at_once(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic().drop(columns="KCXS"), quotas=QUOTAS)
    review = check_plan(plan, stream=["parcels"], batch_size=7)
    problems = [point for point in review.not_evaluated if point.rule_id == "parcels"]
    assert [point.why.key for point in problems] == ["layer.unusable"]
    assert "KCXS" in str(problems[0].why)


def test_one_layer_alone_places_the_plane_by_its_stated_bounds(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic())
    alone = plan.model_copy(update={"layers": {"parcels": plan.layers["parcels"]}})
    whole, streamed = check_plan(alone), check_plan(alone, stream=["parcels"], batch_size=7)
    assert streamed.layers["parcels"].plane == whole.layers["parcels"].plane
    assert streamed.crs == whole.crs


def test_a_missing_file_is_a_problem_or_the_end(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic())
    (tmp_path / "parcels.gpkg").unlink()
    review = check_plan(plan, stream=["parcels"])
    assert ("parcels", "layer.unusable") in reasons(review)
    alone = plan.model_copy(update={"layers": {"parcels": plan.layers["parcels"]}})
    with pytest.raises(SourceError):
        check_plan(alone, stream=["parcels"])


def test_the_planted_conflicts_of_the_draft(layers_folder: Path) -> None:
    plan = read_plan(layers_folder / "plan-draft.toml")
    whole = check_plan(plan)
    streamed = check_plan(plan, stream=["parcels", "basic_farmland"], batch_size=1_000)
    for one, other in zip(whole.rules, streamed.rules, strict=True):
        assert Counter(map(named, one.pieces)) == Counter(map(named, other.pieces))
        assert (one.status, one.noise_pieces) == (other.status, other.noise_pieces)
    assert told(streamed.quality) == told(whole.quality)
    kinds = Counter(piece.piece_class for rule in whole.rules for piece in rule.pieces)
    assert kinds[PieceClass.CONFLICT] > 0


def test_lines_share_no_ground(tmp_path: Path) -> None:
    border = [square(100 * row, 0, 50).boundary for row in range(9)]
    plan = write_plan(tmp_path, mosaic())
    write_table(gpd.GeoDataFrame({"n": range(9)}, geometry=border, crs=4530), tmp_path / "r.gpkg")
    spec = {"id": "rivers", "title": "r", "role": "river", "path": "r.gpkg", "geometry": "line"}
    rivers = bare_parcels().model_validate(spec)
    plan = plan.model_copy(update={"layers": {**plan.layers, "rivers": rivers}})
    review = check_plan(plan, stream=["rivers"], batch_size=2)
    assert review.layers["rivers"].count == 9
    assert "rivers" not in {point.rule_id for point in review.not_evaluated}
