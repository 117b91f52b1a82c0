"""A small review made by hand: a red line beside a town, and every kind of result."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatialplan.conflicts import RuleResult, not_evaluated_rule
from spatialplan.crs import Plane
from spatialplan.findings import Finding, NotEvaluated, Piece, PieceClass, Severity, Status
from spatialplan.layers import Delivery, Layer, Source, admit
from spatialplan.messages import say
from spatialplan.plan import Plan, ShareBase, validate_plan
from spatialplan.quotas import AreaFigures, QuotaFinding
from spatialplan.review import Review

WORKING = CRS.from_epsg(4530)
PLANE = Plane(44.9, 127.3)
FORMULA = '=HYPERLINK("http://example.org","+1")'
MARKUP = "[red]<script>alert(1)</script>\x1b[31m\nsecond line"

PLAN = {
    "schema": 1,
    "plan": {
        "id": "small",
        "title": "小县规划 & 草案",
        "region": "小县",
        "crs": "EPSG:4530",
        "year": 2025,
        "standing": "示范区规划",
        "notice": "法定指标以批准的规划为准",
        "demonstration": True,
        "demonstration_notice": "演示数据：标定所得，不构成验证",
    },
    "share_base": {"use": "stated", "why": "文本所载", "stated_ha": "1000"},
    "layers": {
        "red_line": {
            "title": "生态保护红线",
            "role": "ecological_red_line",
            "path": "lines/red.shp",
            "id_field": "BSM",
            "name_field": "MC",
            "edition": {"data_date": "2024-12", "approval": "黑政函〔2022〕1号"},
        },
        "town": {
            "title": "城镇开发边界",
            "role": "urban_development_boundary",
            "path": "lines/town.shp",
            "id_field": "BSM",
            "name_field": "MC",
            "demonstration": True,
        },
        "water": {"title": "水源地", "role": "water_source", "path": "lines/water.shp"},
    },
    "quotas": [
        {
            "id": "red",
            "kind": "area",
            "title": "生态保护红线面积",
            "layer": "red_line",
            "direction": "at_least",
            "value": "200.00",
            "unit": "ha",
            "share_percent": "20.00",
            "year": 2025,
            "assigned_by": "某市",
            "clause": "第三条",
        },
        {
            "id": "multiple",
            "kind": "multiple",
            "title": "扩展倍数",
            "layer": "town",
            "direction": "at_most",
            "value": "1.21",
            "year": 2025,
            "clause": "第四条",
        },
    ],
    "line_rules": [
        {
            "id": "red-town",
            "kind": "disjoint",
            "title": "红线与边界不交叉",
            "a": "red_line",
            "b": "town",
            "advice": "边界避让红线",
            "clause": "第五条",
        },
        {
            "id": "water-town",
            "kind": "disjoint",
            "title": "水源地与边界不交叉",
            "a": "water",
            "b": "town",
            "clause": "第六条",
        },
    ],
}


@pytest.fixture(scope="session")
def plan() -> Plan:
    return validate_plan(PLAN, directory=Path("somewhere"), sha256="ab" * 32)


@pytest.fixture(scope="session")
def review(plan: Plan) -> Review:
    """Red line 0.004 ha short but for rounding, town without base, one layer missing."""
    layers = {
        "red_line": _layer(plan, "red_line", [(0, 0), (1000, 0)], ["1", "2"], ["东山", "西山"]),
        "town": _layer(plan, "town", [(900, 0)], ["230184000000000001"], [FORMULA]),
    }
    return Review(
        plan=plan,
        year=2025,
        layers=layers,
        crs=WORKING,
        share_base=ShareBase(1000.0, (999.75, 1000.25), None, "stated", "文本所载", 1000.0),
        quotas=(_red_quota(), _multiple_quota()),
        rules=(
            _red_rule(plan, layers["town"]),
            not_evaluated_rule(plan.line_rules[1], say("layer.missing", layer="水源地")),
        ),
        quality=_faults(layers["town"]),
        not_evaluated=(
            NotEvaluated("water", say("layer.missing", layer="水源地")),
            NotEvaluated("multiple", say("quota.no_base")),
            NotEvaluated("water-town", say("layer.missing", layer="水源地")),
        ),
        status=Status.NOT_MET,
    )


@pytest.fixture(scope="session")
def odd_review(review: Review, plan: Plan) -> Review:
    """Ground that two pairs share, a rule that only warns, and a quota whose area is no number."""
    shared = replace(review.rules[0], ground_m2=5_000.0)
    warned = replace(
        not_evaluated_rule(plan.line_rules[1], say("rule.warned", count=2)), status=Status.MET
    )
    blocked = replace(review.quotas[0], measured=math.nan, margin=math.nan, share=math.nan)
    layers = {**review.layers, "water": review.layers["town"]}
    return replace(review, rules=(shared, warned), quotas=(blocked,), layers=layers)


@pytest.fixture(scope="session")
def empty_review(plan: Plan) -> Review:
    """A plan of which nothing was asked and nothing found."""
    return Review(
        plan=plan,
        year=2031,
        layers={},
        crs=WORKING,
        share_base=None,
        quotas=(),
        rules=(),
        quality=(),
        not_evaluated=(),
        status=Status.MET,
    )


def _layer(
    plan: Plan, key: str, corners: list[tuple[int, int]], ids: list[str], names: list[str]
) -> Layer:
    squares = [
        shapely.box(x, y, x + 1000, y + 1000)
        for x, y in ((42_600_000 + east, 4_970_000 + north) for east, north in corners)
    ]
    frame = gpd.GeoDataFrame({"BSM": ids, "MC": names}, geometry=squares, crs=WORKING)
    source = Source(
        path=f"lines/{key}.shp",
        driver="ESRI Shapefile",
        table=key,
        encoding="GB18030 (.cpg)",
        sha256="cd" * 32,
        features=len(frame),
    )
    delivery = Delivery(plan.layers[key], frame, source)
    return admit(delivery, plane=PLANE, working_crs=WORKING)


def _red_quota() -> QuotaFinding:
    return QuotaFinding(
        rule_id="red",
        layer="red_line",
        status=Status.MET,
        severity=Severity.INFO,
        message=say("quota.met_rounded"),
        measured=199.996,
        limit=200.0,
        unit="ha",
        clause="第三条",
        title="生态保护红线面积",
        direction="at_least",
        year=2025,
        nature="binding",
        assigned_by="某市",
        printed=Decimal("200.00"),
        decimals=2,
        figures=AreaFigures(
            measured_m2=1_999_960.0,
            attribute_m2=2_000_000.0,
            planar_m2=2_000_500.0,
            overlap_m2=0.0,
            townships=(("东乡", 666_653.0), ("西乡", 666_653.0), ("", 666_654.0)),
            blocked=None,
        ),
        margin=-0.004,
        margin_ha=-0.004,
        share=0.199996,
        printed_share=Decimal("20.00"),
        within_print_precision=True,
    )


def _multiple_quota() -> QuotaFinding:
    return QuotaFinding(
        rule_id="multiple",
        layer="town",
        status=Status.NOT_EVALUATED,
        severity=Severity.WARNING,
        message=say("quota.no_base"),
        unit="multiple",
        clause="第四条",
        title="扩展倍数",
        direction="at_most",
        year=2025,
        nature="binding",
        assigned_by=None,
        printed=Decimal("1.21"),
        decimals=2,
        figures=AreaFigures(1_000_000.0, float("nan"), 1_000_000.0, 0.0, (), None),
    )


def _red_rule(plan: Plan, town: Layer) -> RuleResult:
    return RuleResult(
        plan.line_rules[0],
        Status.NOT_MET,
        Severity.ERROR,
        say("rule.conflicts", count=1, area_ha=1.0),
        pieces=(
            _piece(PieceClass.SLIVER, _box(town, 0, 0, 0.05, 100), "1", MARKUP),
            _piece(PieceClass.CONFLICT, _box(town, 0, 0, 50, 200), "2", FORMULA),
        ),
        enclosed=(_piece(PieceClass.ENCLOSED, _box(town, 300, 300, 310, 310), "1", "@SUM(1)"),),
        noise_pieces=3,
        noise_area_m2=0.25,
        ground_m2=10_000.0,
    )


def _box(town: Layer, west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a box in the plane of judgement, measured from the town's south-west corner."""
    return _moved(shapely.box(west, south, east, north), town)


def _moved(shape: shapely.Geometry, town: Layer) -> shapely.Geometry:
    corner = np.round(shapely.total_bounds(town.geometry)[:2])
    return shapely.transform(shape, lambda points: points + corner)


def _piece(kind: PieceClass, shape: shapely.Polygon, a_id: str, a_name: str) -> Piece:
    area = float(shapely.area(shape))
    enclosed = kind is PieceClass.ENCLOSED
    return Piece(
        rule_id="red-town",
        layer="red_line",
        status=Status.NOT_MET,
        severity=Severity.ERROR,
        message=say("piece.enclosed", outer="城镇开发边界") if enclosed else say("rule.clear"),
        clause="第五条",
        geometry=shape,
        piece_class=kind,
        area_m2=area,
        width_m=float(2 * area / shapely.length(shape)),
        a_id=a_id,
        b_id="" if enclosed else "230184000000000001",
        a_name=a_name,
        township="东乡",
    )


def _faults(town: Layer) -> tuple[Finding, ...]:
    bowtie = _moved(shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]), town)
    points = _moved(shapely.multipoints(np.array([[5.0, 5.0], [6.0, 6.0]])), town)
    common = {"layer": "red_line", "status": Status.NOT_MET}
    return (
        Finding(
            **common,
            rule_id="invalid_geometry",
            severity=Severity.ERROR,
            message=say("quality.invalid_geometry", reason="Self-intersection"),
            feature_ids=("7",),
            geometry=bowtie,
        ),
        Finding(
            **common,
            rule_id="stated_area",
            severity=Severity.WARNING,
            message=say("quality.repeated_id", field="BSM"),
            feature_ids=("=1+1", "2"),
            geometry=points,
        ),
        Finding(
            **common,
            rule_id="blank_id",
            severity=Severity.WARNING,
            message=say("quality.blank_id", field="BSM"),
            feature_ids=("#3",),
        ),
    )
