"""A small screening made by hand: a red line with a window, farmland, a town, and five sites.

Everything stands on the plain of `small_layers`, in metres from its corner, so that a reader can
draw it. Sites (east, north, width × height):

``S1`` (400, 800, 300 × 500)
    In the red line's core and general zone, on basic farmland with ridges, in the town; its
    northern end lies under no parcel. Two townships, three villages.
``S2`` (1500, 400, 50 × 50)
    In the red line's window (天窗).
``S3`` (1999.95, 500, 60 × 40)
    Shares 2 m², 5 cm wide, with the red line: a sliver.
``S4`` (2500, 1500, 200 × 100)
    In the town's own zone; clear of the listed layers, but the standing list is missing.
``=S5``
    Crosses itself: no geometry. Its name is hostile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from small_layers import PLANE, ZONE_42, make_delivery, square

from spatialplan.area import to_plane
from spatialplan.findings import (
    GroundStatus,
    NotEvaluated,
    Severity,
    Verdict,
    worst_verdict,
)
from spatialplan.layers import Delivery, Layer, Source, admit
from spatialplan.messages import say
from spatialplan.plan import Basis, Plan, ProjectKind, ScreeningRule, Tolerance, validate_plan
from spatialplan.rulebook import AbsentLayer, Activity, LandClass, Rulebook
from spatialplan.screening import GroundPart, LayerFinding, SiteFinding, SitePiece, Use, ZoneFinding
from spatialplan.sites import Doubt, Sites, relocate_sites
from spatialplan.siting import PlaceFindings, Screening
from spatialplan.suggestions import FreePart, FreePlace, Suggestion

FORMULA = '=HYPERLINK("http://example.org","+1")'
MARKUP = "[red]<script>alert(1)</script>\x1b[31m\n第二行"
DAY = date(2026, 5, 1)
TOLERANCE = Tolerance()
JUDGED = ("red_line", "farmland", "town", "protected", "water", "parcels")

EDITION = {"data_date": "2024-12", "approval": "某政函〔2022〕1号", "provider": "某局"}
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
    "layers": {
        "townships": {
            "title": "乡镇",
            "role": "administrative_area",
            "path": "xz.shp",
            "name_field": "MC",
        },
        "red_line": {
            "title": "生态保护红线",
            "role": "ecological_red_line",
            "path": "lines/red.shp",
            "id_field": "BSM",
            "name_field": "MC",
            "zone_field": "FQ",
            "edition": EDITION,
        },
        "farmland": {
            "title": "永久基本农田",
            "role": "basic_farmland",
            "path": "lines/farmland.shp",
            "id_field": "BSM",
            "deduction_field": "KCXS",
        },
        "town": {
            "title": "城镇开发边界",
            "role": "urban_development_boundary",
            "path": "lines/town.shp",
            "id_field": "BSM",
            "zone_field": "FQ",
        },
        "protected": {
            "title": "自然保护地",
            "role": "protected_area",
            "path": "lines/protected.shp",
            "id_field": "BSM",
            "name_field": "MC",
            "zone_field": "FQ",
        },
        "water": {"title": "饮用水水源保护区", "role": "water_source", "path": "lines/water.shp"},
        "parcels": {
            "title": "地类图斑",
            "role": "land_parcel",
            "path": "parcels.gdb",
            "id_field": "BSM",
            "class_field": "DLBM",
            "deduction_field": "KCXS",
            "village_field": "ZLDWMC",
            "owner_field": "QSDWMC",
            "tenure_field": "QSXZ",
            "slope_field": "GDPDJB",
        },
    },
}


def make_plan() -> Plan:
    """The plan of the small county."""
    return validate_plan(PLAN, directory=Path("somewhere"), sha256="ab" * 32)


def make_layers(plan: Plan) -> dict[str, Layer]:
    """Every layer of the plan but the water sources, which are missing."""
    general = square(500, 0, 1500, height_m=1000) - square(1400, 300, 300)
    core, fields = square(0, 0, 500, height_m=1000), square(0, 1000, 2000, height_m=200)
    towns = [square(600, 1200, 900, height_m=1300), square(500, 1200, 100, height_m=1300)]
    return {
        "townships": _layer(
            plan,
            "townships",
            [square(-1000, -1000, 1600, height_m=5000), square(600, -1000, 4000, height_m=5000)],
            MC=["东乡", "西乡"],
        ),
        "red_line": _layer(
            plan,
            "red_line",
            [core, general],
            BSM=["R1", "R2"],
            MC=["东山", MARKUP],
            FQ=["核心保护区", "一般控制区"],
        ),
        "farmland": _layer(plan, "farmland", [fields], BSM=["F1"], KCXS=[0.12]),
        "town": _layer(
            plan,
            "town",
            [*towns, square(2400, 1400, 600)],
            BSM=["T1", "T2", "T3"],
            FQ=["集中建设区", "弹性发展区", "集中建设区"],
        ),
        "protected": _layer(
            plan, "protected", [core], BSM=["N1"], MC=["东山省级自然保护区"], FQ=["核心保护区"]
        ),
        "parcels": _layer(
            plan,
            "parcels",
            [
                square(0, 0, 2100, height_m=1000),
                square(0, 1000, 550, height_m=200),
                square(550, 1000, 1450, height_m=200),
                square(0, 1200, 2000, height_m=50),
                square(2400, 1400, 600),
            ],
            BSM=["P1", "P2", "P3", "P4", "P5"],
            DLBM=["0301", "0101", "0103", "1003", "0701"],
            ZLDWMC=["", "甲村", "乙村", "乙村", "丙村"],
            QSDWMC=["国有林场", "甲村集体", "乙村集体", "", FORMULA],
            QSXZ=["20", "30", "30", "20", "30"],
            KCXS=[0.0, 0.0, 0.12, 0.0, 0.0],
            GDPDJB=["", "1", "5", "", ""],
        ),
    }


def make_rulebook() -> Rulebook:
    """A handful of rules, one of them not checked against its text."""
    red_basis = Basis(
        title="自然资源部等关于加强生态保护红线管理的通知", number="自然资发〔2022〕142号"
    )
    law = Basis(title="中华人民共和国土地管理法", article="第三十五条", checked=True)
    rules = (
        _rule(
            "red-core", "ecological_red_line", Verdict.PROHIBITED, red_basis, zones=("核心保护区",)
        ),
        _rule("red", "ecological_red_line", Verdict.NEEDS_DETERMINATION, red_basis, activity=6),
        _rule("red-window", "ecological_red_line", Verdict.RESTRICTED, red_basis, where="enclosed"),
        _rule("farmland", "basic_farmland", Verdict.NEEDS_DETERMINATION, law),
        _rule("town-out", "urban_development_boundary", Verdict.RESTRICTED, law, where="outside"),
        _rule("town-in", "urban_development_boundary", Verdict.CLEAR, law),
        _rule("protected-core", "protected_area", Verdict.PROHIBITED, red_basis),
        _rule("farm-use", "land_parcel", Verdict.RESTRICTED, law, classes=("01", "03")),
        _rule("built-up", "land_parcel", Verdict.CLEAR, law, classes=("07", "10")),
    )
    return Rulebook(
        edition="2026-05 试行",
        sha256="ef" * 32,
        day=DAY,
        rules=rules,
        kinds={
            "linear": ProjectKind(title="线性工程", title_en="linear works", words=("公路",)),
            "housing": ProjectKind(title="居住", title_en="housing", needs_boundary=True),
        },
        activities=(Activity(number=6, title="必须且无法避让的线性基础设施"),),
        standing_list=(
            AbsentLayer(id="wetland", title="湿地", title_en="wetlands", roles=("wetland",)),
            AbsentLayer(id="heritage", title="文物", title_en="heritage", roles=("heritage",)),
        ),
        land_classes=LAND_CLASSES,
        notes=("省级细则未录入",),
    )


LAND_CLASSES = tuple(
    LandClass(code=code, title=title, group=group, column=column)
    for code, title, group, column in (
        ("0101", "水田", "agricultural", "paddy"),
        ("0102", "水浇地", "agricultural", "irrigated"),
        ("0103", "旱地", "agricultural", "dry"),
        ("02", "园地", "agricultural", "garden"),
        ("03", "林地", "agricultural", "forest"),
        ("04", "草地", "agricultural", "grassland"),
        ("0404", "其他草地", "unused", "unused"),
        ("07", "住宅用地", "construction", "construction"),
        ("10", "交通运输用地", "construction", "construction"),
        ("1006", "农村道路", "agricultural", "other_agricultural"),
        ("1203", "田坎", "agricultural", "ridge"),
    )
)


def make_screening(*, suggest: bool = False) -> Screening:
    """The five sites, screened; with suggestions for S1 and S3 when asked for."""
    plan, rulebook = make_plan(), make_rulebook()
    layers, sites = make_layers(plan), make_sites()
    common = (
        NotEvaluated("water", say("layer.missing", layer="饮用水水源保护区")),
        NotEvaluated("wetland", say("source.missing")),
        NotEvaluated("heritage", say("source.missing")),
    )
    findings = tuple(_judge(row, sites, layers, plan, rulebook) for row in range(len(sites)))
    suggestions = _suggestions(sites, layers) if suggest else {}
    return Screening(
        plan=plan,
        day=DAY,
        kind=None,
        rulebook=rulebook,
        sites=sites,
        layers=layers,
        judged_layers=JUDGED,
        crs=ZONE_42,
        tolerance=TOLERANCE,
        findings=findings,
        not_evaluated=common,
        suggestions=suggestions,
        place_findings={
            row: _judge_places(found, sites, layers, plan, rulebook)
            for row, found in suggestions.items()
        },
    )


def make_sites() -> Sites:
    """Five sites as read from a file, the last without geometry."""
    boxes = [
        square(400, 800, 300, height_m=500),
        square(1500, 400, 50),
        square(1999.95, 500, 60, height_m=40),
        square(2500, 1500, 200, height_m=100),
    ]
    shapes = np.array([*_plane(boxes), None], dtype=object)
    area = np.array([np.nan if shape is None else shape.area for shape in shapes])
    doubts = (
        Doubt(0, "stated_area", Severity.WARNING, say("quality.area_missing", field="MJ")),
        Doubt(4, "self_crossing", Severity.ERROR, say("quality.invalid_geometry", reason="自相交")),
    )
    return Sites(
        ids=_texts("S1", "S2", "S3", "S4", "=S5"),
        names=_texts("城郊公路延伸", "护林站", "泵站", "文化中心", FORMULA),
        kinds=_texts("公路", "", "", "居住", ""),
        remarks=_texts("", "", "", "", MARKUP),
        geometry=shapes,
        area_m2=area,
        planar_m2=np.array([150_000.0, 2_500.0, 2_400.0, 20_000.0, np.nan]),
        stated_m2=np.array([150_000.0, np.nan, np.nan, 20_000.0, np.nan]),
        places=_texts(*(f"row {number}" for number in range(1, 6))),
        doubts=doubts,
        sources=(Source("sites/地块.shp", "ESRI Shapefile", "地块", "GBK (.cpg)", "12" * 32, 5),),
        plane=PLANE,
        crs=ZONE_42,
        demonstration=True,
    )


def _texts(*values: str) -> Any:
    return np.array(values, dtype=object)


def _plane(shapes: Sequence[Any]) -> Any:
    return to_plane(np.array(shapes, dtype=object), ZONE_42, plane=PLANE, split_crs=ZONE_42)


def _layer(plan: Plan, key: str, shapes: Sequence[Any], **columns: Any) -> Layer:
    made = make_delivery(shapes, columns=columns)
    spec = plan.layers[key]
    source = Source(spec.path, "ESRI Shapefile", key, "GB18030 (.cpg)", "cd" * 32, len(shapes))
    return admit(Delivery(spec, made.frame, source), plane=PLANE, working_crs=ZONE_42)


def _rule(key: str, role: Any, verdict: Verdict, basis: Basis, **more: Any) -> ScreeningRule:
    return ScreeningRule(
        id=key,
        role=role,
        verdict=verdict,
        need=f"办理 {key} 手续",
        need_en=f"procedure {key}",
        authority="省级自然资源主管部门",
        basis=(basis,),
        valid_from=date(2022, 8, 16),
        **more,
    )


def _judge(
    row: int, sites: Sites, layers: dict[str, Layer], plan: Plan, rulebook: Rulebook
) -> SiteFinding:
    shape, name = sites.geometry[row], str(sites.names[row])
    common = {"row": row, "site_id": str(sites.ids[row]), "name": name, "kind": None}
    doubts = sites.doubts_of(row)
    if shape is None:
        why = (NotEvaluated("self_crossing", doubts[0].message),)
        open_verdicts = {"verdict": Verdict.NOT_EVALUATED, "listed_verdict": Verdict.NOT_EVALUATED}
        area_m2 = float("nan")
        return SiteFinding(
            **common, **open_verdicts, area_m2=area_m2, doubts=doubts, not_evaluated=why
        )
    found = tuple(_lies(shape, layers.get(key), plan.layers[key], rulebook) for key in JUDGED)
    judged = [finding.verdict for finding in found if finding.layer != "water"]
    parts = _parts(shape, layers)
    covered_m2 = sum(part.area_m2 for part in parts if part.land_class)
    return SiteFinding(
        **common,
        area_m2=float(shape.area),
        verdict=worst_verdict([*judged, Verdict.NOT_EVALUATED]),
        listed_verdict=worst_verdict(judged),
        by_kind={kind: worst_verdict(judged) for kind in rulebook.kinds},
        layers=found,
        parts=parts,
        uncovered_m2=max(float(shape.area) - covered_m2, 0.0),
        doubts=doubts,
    )


def _lies(shape: Any, layer: Layer | None, spec: Any, rulebook: Rulebook) -> LayerFinding:
    if layer is None:
        return LayerFinding(
            layer=spec.id,
            status=GroundStatus.NOT_EVALUATED,
            verdict=Verdict.NOT_EVALUATED,
            sentence=say("layer.missing", layer=spec.title),
        )
    pieces = _pieces(shape, layer)
    area_m2 = sum((piece.area_m2 for piece in pieces), 0.0)
    status = max((piece.status for piece in pieces), key=_weight, default=_apart(shape, layer))
    zones = _zones(pieces, layer, rulebook)
    rules = list(dict.fromkeys(rule for zone in zones for rule in zone.rules))
    outside_m2 = None
    if spec.role == "urban_development_boundary":
        outside_m2 = float(shape.area) - area_m2
        rules += rulebook.rules_for(spec, where="outside") if outside_m2 > 1 else ()
    if status is GroundStatus.ENCLOSED:
        rules += rulebook.rules_for(spec, where="enclosed")
    factor = layer.numbers(spec.deduction_field)
    return LayerFinding(
        layer=spec.id,
        status=status,
        verdict=worst_verdict(rule.verdict for rule in rules),
        sentence=say("layer.unusable", where=spec.title, reason=f"{area_m2 / 10_000:.4f} 公顷"),
        overlap_m2=area_m2,
        overlap_planar_m2=area_m2 * 1.0002,
        overlap_share=area_m2 / float(shape.area),
        net_m2=None if factor is None or not pieces else sum(zone.net_m2 or 0.0 for zone in zones),
        outside_m2=outside_m2,
        sliver_m2=sum(p.area_m2 for p in pieces if p.status is GroundStatus.SLIVER),
        distance_m=None if pieces else float(shapely.distance(layer.geometry, shape).min()),
        nearest="" if pieces else str(layer.ids[shapely.distance(layer.geometry, shape).argmin()]),
        zones=zones,
        pieces=pieces,
        rules=tuple(rules),
    )


def _weight(status: GroundStatus) -> int:
    return -list(GroundStatus).index(status)


def _apart(shape: Any, layer: Layer) -> GroundStatus:
    rings = shapely.get_rings(layer.geometry)
    filled = shapely.union_all(shapely.polygons(rings))
    return GroundStatus.ENCLOSED if filled.contains(shape) else GroundStatus.CLEAR


def _pieces(shape: Any, layer: Layer) -> tuple[SitePiece, ...]:
    names, zones = layer.text(layer.spec.name_field), _zone_texts(layer)
    found = []
    for row, common in enumerate(shapely.intersection(layer.geometry, shape)):
        for part in shapely.get_parts(common):
            area_m2, width_m = float(part.area), float(2 * part.area / max(part.length, 1e-9))
            if width_m < 0.001:
                continue
            sliver = area_m2 <= TOLERANCE.area_m2 or width_m <= TOLERANCE.width_m
            found.append(
                SitePiece(
                    layer=layer.spec.id,
                    feature_id=str(layer.ids[row]),
                    feature_name=str(names[row]),
                    zone=str(zones[row]),
                    status=GroundStatus.SLIVER if sliver else GroundStatus.OVERLAP,
                    area_m2=area_m2,
                    width_m=width_m,
                    geometry=part,
                )
            )
    return tuple(sorted(found, key=lambda piece: -piece.area_m2))


def _zone_texts(layer: Layer) -> Any:
    spec = layer.spec
    return layer.text(spec.class_field if spec.role == "land_parcel" else spec.zone_field)


def _zones(
    pieces: Sequence[SitePiece], layer: Layer, rulebook: Rulebook
) -> tuple[ZoneFinding, ...]:
    factors = layer.numbers(layer.spec.deduction_field)
    kept = {} if factors is None else dict(zip(layer.ids, 1 - factors, strict=True))
    parcels = layer.spec.role == "land_parcel"
    found = []
    for zone in dict.fromkeys(piece.zone for piece in pieces):
        members = [piece for piece in pieces if piece.zone == zone]
        named = {"land_class": zone} if parcels else {"zone": zone}
        rules = rulebook.rules_for(layer.spec, **named)
        net_m2 = sum(piece.area_m2 * kept.get(piece.feature_id, 1.0) for piece in members)
        found.append(
            ZoneFinding(
                zone=zone,
                status=max((piece.status for piece in members), key=_weight),
                overlap_m2=sum(piece.area_m2 for piece in members),
                net_m2=net_m2 if kept else None,
                verdict=worst_verdict(rule.verdict for rule in rules),
                rules=rules,
            )
        )
    return tuple(found)


def _parts(shape: Any, layers: dict[str, Layer]) -> tuple[GroundPart, ...]:
    parcels, towns = layers["parcels"], layers["townships"]
    spec, factors = parcels.spec, parcels.numbers(parcels.spec.deduction_field)
    assert factors is not None
    fields = (spec.village_field, spec.owner_field, spec.tenure_field)
    columns = [*(parcels.text(name) for name in fields), parcels.text(spec.class_field)]
    columns.append(parcels.text(spec.slope_field))
    bare = shape - shapely.union_all(parcels.geometry)
    grounds = [
        (*row, factor) for *row, factor in zip(parcels.geometry, *columns, factors, strict=True)
    ]
    found = []
    for ground, village, owner, tenure, code, slope, factor in [*grounds, (bare, *[""] * 5, 0.0)]:
        for town, name in zip(towns.geometry, towns.text("MC"), strict=True):
            common = shapely.intersection_all([shape, ground, town])
            if common.area < 0.01:
                continue
            found.append(
                GroundPart(
                    township=str(name),
                    village=village,
                    owner=owner,
                    tenure=tenure,
                    land_class=code,
                    slope=slope,
                    area_m2=float(common.area),
                    ridge_m2=float(common.area * factor),
                    uses=_uses(common, layers),
                )
            )
    return tuple(found)


def _uses(ground: Any, layers: dict[str, Layer]) -> tuple[Use, ...]:
    found = []
    for key in ("red_line", "farmland", "town", "protected"):
        layer = layers[key]
        factors, zones = layer.numbers(layer.spec.deduction_field), _zone_texts(layer)
        for row, area_m2 in enumerate(shapely.area(shapely.intersection(layer.geometry, ground))):
            if area_m2 > 0.1:
                net_m2 = None if factors is None else float(area_m2 * (1 - factors[row]))
                found.append(Use(layer=key, zone=zones[row], area_m2=float(area_m2), net_m2=net_m2))
    return tuple(found)


def _suggestions(sites: Sites, layers: dict[str, Layer]) -> dict[int, Suggestion]:
    """A place 500 m to the north for S1, none for S3."""
    forbidden = shapely.union_all([*layers["red_line"].geometry, *layers["farmland"].geometry])
    found = {}
    for row in (0, 2):
        free = shapely.difference(sites.geometry[row], forbidden)
        found[row] = Suggestion(
            row=row,
            free=FreePart(free, float(free.area), float(free.area / sites.area_m2[row])),
            places=(_place(sites.geometry[row]),) if row == 0 else (),
            avoided=("生态保护红线", "永久基本农田"),
            inside="城镇开发边界" if row == 0 else "",
            clearance_m=0.0,
            radius_m=2000.0,
            step_m=10.0,
            why_none=None if row == 0 else say("source.missing"),
        )
    return found


def _judge_places(
    found: Suggestion, sites: Sites, layers: dict[str, Layer], plan: Plan, rulebook: Rulebook
) -> PlaceFindings:
    shapes = [found.free.geometry, *(place.geometry for place in found.places)]
    placed = relocate_sites(sites, [found.row] * len(shapes), shapes, region=None)
    judged = [_judge(row, placed, layers, plan, rulebook) for row in range(len(shapes))]
    free, *places = (replace(one, row=found.row) for one in judged)
    return PlaceFindings(free, tuple(places))


def _place(shape: Any) -> FreePlace:
    moved = shapely.transform(shape, lambda points: np.add(points, [0.0, 500.0]))
    return FreePlace(moved, 0.0, 500.0, 500.0, 0.0, 0.0, float(moved.area))
