"""Faults of a layer, each on the smallest table that shows it."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from small_layers import make_layer, square

from spatialplan.findings import Finding, Severity
from spatialplan.layers import Layer
from spatialplan.overlay import inner_overlaps
from spatialplan.quality import judge_quality, judge_quality_batch, near_ground

KM2_M2 = 999_751.74708619


def faults(layer: Layer, region: Layer | None = None) -> dict[str, Finding]:
    inner = inner_overlaps(layer.geometry)
    return {fault.rule_id: fault for fault in judge_quality(layer, inner=inner, region=region)}


def test_a_sound_layer_has_none() -> None:
    columns = {"MJ": [99.98, 99.98], "B": ["1", "2"]}
    layer = make_layer([square(0, 0, 1_000), square(1_000, 0, 1_000)], columns=columns,
                       area_field="MJ", area_unit="ha", id_field="B")  # fmt: skip
    assert faults(layer, make_layer([square(0, 0, 5_000)])) == {}


def test_overlaps_duplicates_and_slivers_are_told_apart() -> None:
    shapes = [square(0, 0, 100), square(50, 0, 100), square(500, 0, 100), square(500, 0, 100),
              square(800, 0, 100), square(899.95, 0, 100)]  # fmt: skip
    layer = make_layer(shapes, columns={"B": list("abcdef")}, id_field="B")
    found = faults(layer)
    assert {key: fault.feature_ids for key, fault in found.items()} == {
        "duplicate": ("c", "d"),
        "overlap_inside": ("a", "b"),
        "sliver_inside": ("e", "f"),
    }
    assert found["overlap_inside"].measured == pytest.approx(5_000, rel=1e-3)
    assert found["sliver_inside"].severity is Severity.WARNING


def test_a_part_far_outside() -> None:
    region = make_layer([square(0, 0, 1_000)])
    layer = make_layer([square(1_500, 0, 10), square(2_500, 0, 10)], columns={"B": ["near", "far"]},
                       id_field="B")  # fmt: skip
    assert faults(layer, region)["far_outside"].feature_ids == ("far",)


def test_a_stray_part_of_a_feature_at_home() -> None:
    region = make_layer([square(0, 0, 1_000)])
    stray = shapely.MultiPolygon([square(0, 0, 100), square(300_000, 0, 100)])
    reaching = square(0, 500, 60_000, height_m=10)
    layer = make_layer([stray, reaching, square(0, 0, 10)], columns={"B": ["a", "b", "c"]},
                       id_field="B")  # fmt: skip
    assert faults(layer, region)["far_outside"].feature_ids == ("a", "b")


def farmland(**columns: Any) -> Layer:
    return make_layer(
        [square(0, 0, 1_000)],
        role="basic_farmland",
        columns={name: [value] for name, value in columns.items()},
        area_field="MJ",
        net_area_field="NET",
        deduction_field="K",
        class_field="DLBM",
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"MJ": KM2_M2, "NET": KM2_M2 * 0.9, "K": 0.1, "DLBM": "0103"}, set()),
        ({"MJ": KM2_M2, "NET": KM2_M2 * 0.9, "K": 10, "DLBM": "0103"}, {"bad_deduction"}),
        ({"MJ": KM2_M2, "NET": KM2_M2 * 0.81, "K": 0.1, "DLBM": "013"}, {"net_deducted_twice"}),
        ({"MJ": KM2_M2, "NET": KM2_M2 * 0.85, "K": 0.1, "DLBM": "0101"}, {"net_mismatch"}),
        ({"MJ": KM2_M2, "NET": KM2_M2, "K": 0.0, "DLBM": "0301"}, {"not_cropland"}),
        ({"MJ": KM2_M2 / 1e4, "NET": KM2_M2 / 1e4, "K": 0.0, "DLBM": "0101"}, {"area_unit"}),
        ({"MJ": KM2_M2 * 0.98, "NET": KM2_M2 * 0.98, "K": 0.0, "DLBM": "0101"}, {"stated_area"}),
        ({"MJ": None, "NET": None, "K": 0.0, "DLBM": "0101"}, {"area_missing"}),
    ],
)
def test_attributes_that_contradict(columns: dict[str, Any], expected: set[str]) -> None:
    assert set(faults(farmland(**columns))) == expected


def test_only_cropland_needs_a_ridge_factor() -> None:
    layer = make_layer(
        [square(0, 0, 100), square(200, 0, 100)],
        columns={"B": ["wood", "field"], "K": [None, None], "DLBM": ["0301", "0103"]},
        id_field="B",
        deduction_field="K",
        class_field="DLBM",
    )
    assert faults(layer)["bad_deduction"].feature_ids == ("field",)


def test_batches_judged_at_once_share_no_prepared_ground() -> None:
    """GEOS builds what a prepared shape looks things up in when first asked, in whatever thread."""
    near = near_ground(make_layer([square(0, 0, 5_000)]))
    away = make_layer([square(9_000, 0, 10)], id_field=None)
    found = judge_quality_batch(away, inner=None, near=near)
    assert list(found.marks) == ["far_outside"]
    assert not shapely.is_prepared(near)
