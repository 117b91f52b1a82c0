"""Quotas on squares: printed precision, three areas, net area, overlaps, townships."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from small_layers import make_layer, square

from spatialplan.findings import Status
from spatialplan.layers import Layer
from spatialplan.messages import say
from spatialplan.overlay import inner_overlaps
from spatialplan.plan import AreaQuota, MultipleQuota
from spatialplan.quotas import QuotaFinding, judge_area_quota, judge_multiple

KM2_HA = 99.975174708619  # 1 km square on zone 42's plane, on the ellipsoid


def area_quota(value: str, **more: Any) -> AreaQuota:
    fields = {
        "id": "q",
        "title": "q",
        "kind": "area",
        "layer": "layer",
        "direction": "at_least",
        "value": value,
        "unit": "ha",
        "year": 2025,
        "clause": "c",
        **more,
    }
    return AreaQuota.model_validate(fields)


def judge(quota: AreaQuota, layer: Layer, **more: Any) -> QuotaFinding:
    return judge_area_quota(quota, layer, inner=inner_overlaps(layer.geometry), **more)


def figures(finding: QuotaFinding) -> Any:
    assert finding.figures is not None
    return finding.figures


def test_a_demand_left_open_is_measured_and_not_evaluated() -> None:
    finding = judge(area_quota(""), make_layer([square(0, 0, 1_000)]))
    assert finding.status is Status.NOT_EVALUATED
    assert finding.message == say("quota.open")
    assert (finding.limit, finding.margin, finding.printed) == (None, None, None)
    assert finding.measured == pytest.approx(KM2_HA)


@pytest.mark.parametrize(
    ("value", "direction", "status", "rounded"),
    [
        ("99.97", "at_least", Status.MET, False),
        ("99.98", "at_least", Status.MET, True),
        ("99.99", "at_least", Status.NOT_MET, False),
        ("99.97", "at_most", Status.NOT_MET, False),
        ("99.98", "at_most", Status.MET, False),
        ("100.0", "at_least", Status.MET, True),
    ],
)
def test_figures_are_compared_as_printed(
    value: str, direction: str, status: Status, rounded: bool
) -> None:
    layer = make_layer([square(0, 0, 1_000)])
    finding = judge(area_quota(value, direction=direction), layer)
    assert (finding.status, finding.within_print_precision) == (status, rounded)
    sign = 1 if direction == "at_least" else -1
    assert finding.margin == pytest.approx(sign * (KM2_HA - float(value)), abs=1e-9)


def test_wan_mu_keep_their_unit() -> None:
    layer = make_layer([square(0, 0, 1_000)])
    finding = judge(area_quota("0.15", unit="万亩"), layer, share_base_ha=1_000.0)
    assert finding.measured == pytest.approx(KM2_HA * 15 / 10_000)
    assert finding.status is Status.MET
    assert finding.within_print_precision
    assert finding.margin_ha == pytest.approx(KM2_HA - 100)
    assert finding.share == pytest.approx(0.099975, abs=1e-6)


def test_ground_that_features_share_counts_once() -> None:
    layer = make_layer([square(0, 0, 1_000), square(500, 0, 1_000)])
    finding = judge(area_quota("149.96"), layer)
    assert finding.measured == pytest.approx(1.5 * KM2_HA, rel=1e-5)
    assert figures(finding).overlap_m2 == pytest.approx(0.5 * KM2_HA * 10_000, rel=1e-5)
    assert finding.status is Status.MET


def test_net_area_takes_the_ridges_off() -> None:
    columns = {"KCXS": [0.0, 0.1], "DLBM": ["0101", "0103"]}
    layer = make_layer(
        [square(0, 0, 1_000), square(2_000, 0, 1_000)],
        columns=columns,
        deduction_field="KCXS",
        class_field="DLBM",
    )
    both = judge(area_quota("1", measure="net"), layer)
    assert both.measured == pytest.approx(1.9 * KM2_HA, rel=1e-5)
    one = judge(area_quota("1", measure="net", classes=("0103",)), layer)
    assert one.measured == pytest.approx(0.9 * KM2_HA, rel=1e-5)
    none = judge(area_quota("1", classes=("02",)), layer)
    assert none.measured == 0
    assert none.status is Status.NOT_EVALUATED
    assert "no feature has one of the classes 02; found: 0101, 0103" in str(none.message)


@pytest.mark.parametrize("factor", [12.0, 1.0, -0.1, None])
def test_an_unusable_ridge_factor_is_not_evaluated(factor: float | None) -> None:
    layer = make_layer([square(0, 0, 1_000)], columns={"KCXS": [factor]}, deduction_field="KCXS")
    finding = judge(area_quota("1", measure="net"), layer)
    assert finding.status is Status.NOT_EVALUATED
    assert "no usable ridge factor KCXS" in str(finding.message)


def test_overlaps_block_net_area() -> None:
    layer = make_layer(
        [square(0, 0, 1_000), square(500, 0, 1_000)],
        columns={"KCXS": [0.0, 0.0]},
        deduction_field="KCXS",
    )
    finding = judge(area_quota("1", measure="net"), layer)
    assert finding.status is Status.NOT_EVALUATED
    assert "overlap inside the layer" in str(finding.message)


def test_areas_that_lead_to_different_answers_are_not_evaluated() -> None:
    layer = make_layer(
        [square(0, 0, 1_000)], columns={"MJ": [90.0]}, area_field="MJ", area_unit="ha"
    )
    finding = judge(area_quota("95.00"), layer)
    assert finding.status is Status.NOT_EVALUATED
    assert "面积口径不一致" in finding.message.text("zh")
    assert figures(finding).attribute_m2 == 900_000


def test_features_set_aside_leave_the_quota_open() -> None:
    layer = make_layer([square(0, 0, 1_000), None])
    finding = judge(area_quota("1.00"), layer)
    assert finding.status is Status.NOT_EVALUATED
    assert "1 feature(s) of the layer were set aside" in str(finding.message)


def test_townships_close_to_the_total() -> None:
    layer = make_layer([square(0, 0, 1_000)])
    units = make_layer(
        [square(-500, -500, 750, height_m=3_000), square(250, -500, 500, height_m=3_000)],
        columns={"MC": ["甲镇", "乙乡"]},
        name_field="MC",
    )
    finding = judge(area_quota("1"), layer, townships=units)
    parts = dict(figures(finding).townships)
    assert parts["甲镇"] == pytest.approx(0.25 * KM2_HA * 1e4, rel=1e-5)
    assert parts["乙乡"] == pytest.approx(0.5 * KM2_HA * 1e4, rel=1e-5)
    assert parts[""] == pytest.approx(0.25 * KM2_HA * 1e4, rel=1e-5)
    assert sum(parts.values()) == pytest.approx(figures(finding).measured_m2, abs=1e-6)


def multiple_quota() -> MultipleQuota:
    return MultipleQuota(
        id="m",
        title="m",
        kind="multiple",
        layer="layer",
        direction="at_most",
        value="1.21",  # type: ignore[arg-type]
        year=2025,
        clause="c",
    )


@pytest.mark.parametrize(
    ("base_ha", "status", "rounded"),
    [(82.65, Status.MET, False), (82.3, Status.MET, True), (82.0, Status.NOT_MET, False)],
)
def test_the_expansion_multiple(base_ha: float, status: Status, rounded: bool) -> None:
    layer = make_layer([square(0, 0, 1_000)])
    finding = judge_multiple(
        multiple_quota(), layer, inner=inner_overlaps(layer.geometry), base_m2=base_ha * 10_000
    )
    assert finding.measured == pytest.approx(KM2_HA / base_ha)
    assert (finding.status, finding.within_print_precision) == (status, rounded)


def test_a_multiple_without_a_base_is_never_derived_from_itself() -> None:
    layer = make_layer([square(0, 0, 1_000)])
    finding = judge_multiple(
        multiple_quota(), layer, inner=inner_overlaps(layer.geometry), base_m2=None
    )
    assert finding.status is Status.NOT_EVALUATED
    assert finding.measured is None
    assert "circular" in str(finding.message)
    assert finding.printed == Decimal("1.21")


@pytest.mark.parametrize("odd", ["011", "101", "0101 水田", "０１０１", None])
def test_codes_that_leave_the_class_open_leave_the_quota_open(odd: str | None) -> None:
    layer = make_layer(
        [square(0, 0, 1_000), square(2_000, 0, 1_000)],
        columns={"DLBM": ["0101", odd]},
        class_field="DLBM",
    )
    finding = judge(area_quota("1.00", classes=("0101",), direction="at_most"), layer)
    assert finding.status is Status.NOT_EVALUATED
    assert "not of four digits leave open what is meant" in str(finding.message)


def test_a_base_that_lost_features_leaves_the_multiple_open() -> None:
    layer = make_layer([square(0, 0, 1_000)])
    finding = judge_multiple(
        multiple_quota(),
        layer,
        inner=inner_overlaps(layer.geometry),
        base_m2=90e4,
        base_blocked=say("quota.set_aside", count=1),
    )
    assert finding.status is Status.NOT_EVALUATED
    assert "set aside" in str(finding.message)
