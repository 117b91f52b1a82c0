"""A county of 12 km by 10 km drawn by hand, with ten pattern elements and one true conflict."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shapely
from small_layers import EAST, NORTH, make_layer, square

from spatialplan.conflicts import judge_rule, not_evaluated_rule
from spatialplan.findings import Finding, NotEvaluated, Severity, Status
from spatialplan.layers import Layer
from spatialplan.messages import say
from spatialplan.plan import LayerSpec, Plan, ShareBase, find_share_base, validate_plan
from spatialplan.quotas import not_evaluated_quota
from spatialplan.review import Review

from .visits import CHROMIUM

HOSTILE = "</script><script>alert(1)</script>"
ELEMENTS = (
    ("barrier", "一屏", "东山屏障", "barrier"),
    ("core", "两心", "甲水库", "water"),
    ("core", "两心", "乙水库", "water"),
    ("corridor", "两廊", "南河", "rivers"),
    ("corridor", "两廊", "北河", "rivers"),
    *(("point", "五点", f"公园{number}", "parks") for number in range(5)),
)
ROLES = {
    "county": ("region", "polygon"),
    "towns": ("administrative_area", "polygon"),
    "rivers": ("river", "line"),
    "barrier": ("ecological_barrier", "polygon"),
    "red_line": ("ecological_red_line", "polygon"),
    "farmland": ("basic_farmland", "polygon"),
    "boundary": ("urban_development_boundary", "polygon"),
    "parks": ("protected_area", "polygon"),
    "water": ("water_source", "polygon"),
}


def _spec(key: str) -> dict[str, Any]:
    role, geometry = ROLES[key]
    named = {"id_field": "BSM", "name_field": "MC"}
    return {"title": f"图层{key}", "role": role, "path": f"{key}.shp", "geometry": geometry} | named


def _element(kind: str, group: str, name: str, layer: str) -> dict[str, Any]:
    width = {"width_m": 400.0, "width_note": "假定"} if kind == "corridor" else {}
    return {"kind": kind, "group": group, "name": name, "layer": layer, "feature": name} | width


@pytest.fixture(scope="session")
def hostile() -> str:
    return HOSTILE


@pytest.fixture(scope="session")
def plan() -> Plan:
    quota = {
        "id": "red",
        "kind": "area",
        "title": "红线面积",
        "layer": "red_line",
        "direction": "at_least",
        "value": "1200.00",
        "unit": "ha",
        "share_percent": "10.00",
        "year": 2025,
        "clause": "第三条",
    }
    rules = [
        {"id": f"red-{b}", "kind": "disjoint", "title": f"红线与{b}", "a": "red_line", "b": b}
        | {"clause": "第四条", "advice": "避让"}
        for b in ("boundary", "farmland")
    ]
    tables = {
        "schema": 1,
        "plan": {
            "id": "small",
            "title": "小县规划",
            "region": "小县",
            "crs": "EPSG:4530",
            "year": 2025,
            "standing": "示范区规划",
            "notice": "法定指标以批准的规划为准",
            "demonstration": True,
            "demonstration_notice": "演示数据：不构成验证",
        },
        "share_base": {"use": "stated", "why": "文本所载", "stated_ha": "12000"},
        "layers": {key: _spec(key) for key in ROLES},
        "quotas": [quota],
        "line_rules": rules,
        "pattern": {
            "title": "格局",
            "clause": "第二条",
            "elements": [_element(*element) for element in ELEMENTS],
        },
        "styles": {"red_line": {"line": "#b30000", "fill": "#d7301f"}},
    }
    return validate_plan(tables, directory=Path())


def _wavy(shape: Any) -> Any:
    """Give straight borders many points, the same for every neighbour."""
    return shapely.segmentize(shape, 40.0)


@pytest.fixture(scope="session")
def layers(plan: Plan) -> dict[str, Layer]:
    def line(north_m: float) -> Any:
        return shapely.LineString([(EAST, NORTH + north_m), (EAST + 12_000, NORTH + north_m)])

    shapes: dict[str, dict[str, Any]] = {
        "county": {"小县": square(0, 0, 12_000, height_m=10_000)},
        "towns": {"西镇": square(0, 0, 6_000, height_m=10_000)}
        | {"东镇": square(6_000, 0, 6_000, height_m=10_000)},
        "rivers": {"南河": line(2_000), "北河": line(8_000)},
        "barrier": {"东山屏障": square(7_000, 1_000, 4_800, height_m=8_000)},
        "red_line": {HOSTILE: square(8_000, 2_000, 3_000), "红线2": square(8_000, 6_000, 1_000)},
        "farmland": {f"地块{n}": square(1_000 + 300 * n, 4_000, 300) for n in range(8)},
        # 200 m of it lie over the red line: 200 m by 1,000 m.
        "boundary": {"城镇": square(7_200, 3_000, 1_000)},
        "parks": {f"公园{n}": square(8_200 + 500 * n, 2_200 + 450 * n, 400) for n in range(5)},
        "water": {"甲水库": square(9_500, 6_000, 900), "乙水库": square(9_500, 7_500, 900)},
    }
    return {key: _layer(plan.layers[key], features) for key, features in shapes.items()}


def _layer(spec: LayerSpec, features: dict[str, Any]) -> Layer:
    columns = {"MC": list(features), "BSM": [f"{row + 1:04d}" for row in range(len(features))]}
    given = spec.model_dump(exclude_defaults=True)
    return make_layer([_wavy(shape) for shape in features.values()], columns=columns, **given)


@pytest.fixture(scope="session")
def review(plan: Plan, layers: dict[str, Layer]) -> Review:
    conflict = judge_rule(
        plan.line_rules[0], layers["red_line"], layers["boundary"], townships=layers["towns"]
    )
    gap = say("quality.invalid_geometry", reason=HOSTILE)
    line = shapely.LineString([(0, 0), (90, 90)])
    places = (
        shapely.box(0, 0, 50, 50),
        shapely.Point(100, 100),
        line,
        shapely.GeometryCollection([line, shapely.Point(7, 7)]),
        None,
    )
    faults = tuple(
        Finding(
            rule_id="invalid_geometry",
            layer="red_line",
            status=Status.NOT_MET,
            severity=Severity.ERROR,
            message=gap,
            feature_ids=(HOSTILE,),
            geometry=place,
        )
        for place in places
    )
    base: ShareBase | None = find_share_base(plan, measured_ha=None)
    return Review(
        plan=plan,
        year=2025,
        layers=layers,
        crs=layers["county"].plane.crs,
        share_base=base,
        quotas=(not_evaluated_quota(plan.quotas[0], gap),),
        rules=(conflict, not_evaluated_rule(plan.line_rules[1], gap)),
        quality=faults,
        not_evaluated=(NotEvaluated("red-farmland", gap),),
        status=Status.NOT_MET,
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu"]
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()
