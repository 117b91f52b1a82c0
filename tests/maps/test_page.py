"""The page's text: self-contained, escaped, the same every time."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import folium
import numpy as np
import pytest
import shapely

from spatialplan.crs import CGCS2000
from spatialplan.errors import SourceError
from spatialplan.findings import PieceClass, Severity, Status
from spatialplan.layers import Layer
from spatialplan.maps import draw_map, render_map, save_map, undrawn_elements
from spatialplan.maps.page import as_script_json
from spatialplan.messages import say
from spatialplan.plan import Plan
from spatialplan.review import Review

ADDRESS = re.compile(r'<[^>]*\s(?:src|href)="([^"]+)"|url\(["\']?([^)"\']+)')


@pytest.fixture(scope="module")
def html(plan: Plan, review: Review) -> str:
    return render_map(draw_map(plan, review=review))


def _contents(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="page-contents">(.*?)</script>', html)
    assert found is not None
    return dict(json.loads(found[1]))


def _layer(html: str, key: str) -> dict[str, Any]:
    return next(layer for layer in _contents(html)["layers"] if layer["key"] == key)


def _page(review: Review, **options: Any) -> str:
    return render_map(draw_map(review.plan, review=review, **options))


def _emptied(layer: Layer) -> Layer:
    return replace(
        layer,
        frame=layer.frame.iloc[:0],
        ids=layer.ids[:0],
        area_m2=layer.area_m2[:0],
        planar_m2=layer.planar_m2[:0],
    )


def test_a_folium_map_comes_back(plan: Plan, layers: dict[str, Layer]) -> None:
    drawn = draw_map(plan, layers=layers)
    assert isinstance(drawn, folium.Map)
    assert (drawn.default_js, drawn.default_css) == ([], [])


def test_nothing_is_fetched(html: str) -> None:
    for match in ADDRESS.finditer(html):
        target = match[1] or match[2]
        # The one address is in Leaflet's credit, a link of a control that this page leaves out.
        assert target.startswith(("data:", "#")) or target == "https://leafletjs.com", target
    assert "sourceMappingURL" not in html
    assert "default-src &#39;none&#39;" in html or "default-src 'none'" in html


def test_leaflets_licence_stays(html: str) -> None:
    assert "(c) 2010-2022 Vladimir Agafonkin" in html


def test_the_same_map_gives_the_same_bytes(plan: Plan, review: Review, html: str) -> None:
    assert render_map(draw_map(plan, review=review)) == html


def test_rendering_twice_changes_nothing(plan: Plan, layers: dict[str, Layer]) -> None:
    drawn = draw_map(plan, layers=layers)
    assert render_map(drawn) == render_map(drawn)


def test_text_from_files_cannot_leave_its_place(html: str, hostile: str) -> None:
    assert hostile not in html
    assert "alert(1)" in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    names = {f["properties"].get("name") for f in _layer(html, "red_line")["features"]["features"]}
    assert hostile in names


def test_script_json_escapes_what_ends_scripts_and_strings() -> None:
    text = "</script><!--&\u2028\u2029"
    written = as_script_json({"name": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": text}


def test_all_ten_elements_are_marked(html: str, plan: Plan) -> None:
    assert plan.pattern is not None
    marks = _contents(html)["marks"]
    assert sorted(mark["text"] for mark in marks) == sorted(e.name for e in plan.pattern.elements)
    corridor = next(mark for mark in marks if mark["kind"] == "corridor")
    assert "400" in corridor["facts"]["note"]
    assert "假定" in corridor["facts"]["note"]


def test_a_corridor_is_a_band_of_its_width(html: str, layers: dict[str, Layer]) -> None:
    band = shapely.from_geojson(
        json.dumps(_layer(html, "corridor-bands")["features"]["features"][0]["geometry"])
    )
    plane = layers["county"].plane
    metres = shapely.transform(band, lambda points: plane.project(points, CGCS2000))
    assert metres.area / 12_000 == pytest.approx(400, rel=0.01)


def test_an_element_without_its_layer_is_said_not_hidden(
    plan: Plan, layers: dict[str, Layer]
) -> None:
    known = {key: layer for key, layer in layers.items() if key != "water"}
    page = render_map(draw_map(plan, layers=known))
    assert "所依图层未提供，或其中没有“甲水库”，未绘出" in page
    assert len(_contents(page)["marks"]) == 8
    assert [point.rule_id for point in undrawn_elements(plan, known)] == ["甲水库", "乙水库"]
    assert undrawn_elements(plan, layers) == ()


def test_what_is_not_drawn_is_apart_from_what_is_not_evaluated(
    plan: Plan, review: Review, layers: dict[str, Layer], html: str
) -> None:
    known = {key: layer for key, layer in layers.items() if key != "water"}
    page = render_map(draw_map(plan, review=review, layers=known))
    heading = '<h2>{}<span class="count">{}</span></h2>'
    assert heading.format("未评价的事项", 1) in page
    assert heading.format("未绘出的格局要素", 2) in page
    assert "未绘出的格局要素" not in html


def test_layers_without_a_sound_feature_leave_a_page(
    plan: Plan, review: Review, layers: dict[str, Layer]
) -> None:
    void = {key: _emptied(layer) for key, layer in layers.items()}
    one = render_map(draw_map(plan, layers={**layers, "county": void["county"]}))
    assert len(_layer(one, "corridor-bands")["features"]["features"]) == 2
    west, east = (corner[1] for corner in _contents(one)["home"])
    assert 0.1 < east - west < 0.3
    for empty in (render_map(draw_map(plan, layers=void)), _page(review, layers=void)):
        assert _contents(empty)["marks"] == []


def test_an_element_is_marked_whatever_its_layer_is(plan: Plan, layers: dict[str, Layer]) -> None:
    """A corridor that is an area, a core that is a line, a parcel of a layer drawn as one."""
    assert plan.pattern is not None
    bound = (("barrier", "东山屏障"), ("rivers", "南河"), ("farmland", "地块3"))
    kinds = ("corridor", "core", "point")
    elements = tuple(
        plan.pattern.elements[0].model_copy(
            update={"kind": kind, "name": name, "layer": key, "feature": name}
        )
        for kind, (key, name) in zip(kinds, bound, strict=True)
    )
    pattern = plan.pattern.model_copy(update={"elements": elements})
    page = render_map(draw_map(plan.model_copy(update={"pattern": pattern}), layers=layers))
    assert [mark["text"] for mark in _contents(page)["marks"]] == [name for _, name in bound]


def test_the_page_says_what_the_table_says(review: Review) -> None:
    shared = replace(review.rules[0], ground_m2=100_000.0)
    warned = replace(
        review.rules[1],
        status=Status.MET,
        severity=Severity.WARNING,
        message=say("rule.warned", count=2),
    )
    blocked = replace(review.quotas[0], measured=math.nan, margin=math.nan, share=math.nan)
    close = replace(review.quotas[0], measured=12.0, margin=-0.000001)
    page = _page(replace(review, rules=(shared, warned), quotas=(blocked, close)))
    panel = page[page.index('<aside class="panel"') : page.index("</aside>")]
    for text in (
        "，10.00 公顷（两两合计 19.99 公顷）",
        "符合（有提示）",
        "2 块待查看（仅提示）",
        "<dd>-&lt;0.0001 公顷</dd>",
        "<dd>—</dd>",
    ):
        assert text in panel
    assert "nan" not in panel.lower()


def test_areas_are_those_of_the_layers_as_delivered(html: str, layers: dict[str, Layer]) -> None:
    parcels = _layer(html, "farmland")["features"]["features"]
    assert len(parcels) == 1
    hectares = layers["farmland"].area_m2.sum() / 10_000
    assert parcels[0]["properties"]["area"].startswith(f"{hectares:,.2f} 公顷")


def test_conflict_pieces_keep_every_vertex(html: str, review: Review) -> None:
    pieces = [p for p in review.rules[0].pieces if p.piece_class is PieceClass.CONFLICT]
    drawn = _layer(html, "conflict")["features"]["features"]
    assert len(drawn) == len(pieces) == 1
    written = shapely.from_geojson(json.dumps(drawn[0]["geometry"]))
    plane = review.layers["county"].plane
    back = shapely.transform(written, lambda points: plane.project(points, CGCS2000))
    assert shapely.get_num_coordinates(back) == shapely.get_num_coordinates(pieces[0].geometry)
    offset = shapely.get_coordinates(back) - shapely.get_coordinates(pieces[0].geometry)
    assert np.abs(offset).max() < 0.002
    assert back.area == pytest.approx(199_950, rel=1e-3)


def test_what_was_not_evaluated_never_looks_like_a_pass(html: str) -> None:
    panel = html[html.index('<aside class="panel"') : html.index("</aside>")]
    assert "chip met" not in panel
    assert panel.count("chip not_evaluated") == 2
    assert "未评价的事项" in panel


def test_a_map_without_review_says_that_nothing_was_judged(
    plan: Plan, layers: dict[str, Layer]
) -> None:
    page = render_map(draw_map(plan, layers=layers))
    assert "未作核查" in page
    assert "本图未核查" in page
    assert 'class="chip met"' not in page


def test_the_margin_says_what_a_planner_expects(html: str, layers: dict[str, Layer]) -> None:
    for text in (
        "小县规划空间管控核查图",
        "示范区规划",
        "演示数据：不构成验证",
        "2000国家大地坐标系，高斯—克吕格投影，3°分带第42带，中央经线126°E（EPSG:4530）",
        "审图号：（未取得）",
        "未经核对",
        "法定指标以批准的规划为准",
        layers["red_line"].source.sha256,
    ):
        assert text in html


def test_slots_are_filled_and_the_watermark_can_go(plan: Plan, layers: dict[str, Layer]) -> None:
    page = render_map(
        draw_map(plan, layers=layers, approval_number="黑S（2025）1号", maker="甲院", watermark="")
    )
    assert "审图号：黑S（2025）1号" in page
    assert "制图单位：甲院" in page
    assert 'class="watermark"' not in page


def test_real_data_is_marked_for_internal_use(plan: Plan, layers: dict[str, Layer]) -> None:
    header = plan.header.model_copy(update={"demonstration": False})
    page = render_map(draw_map(plan.model_copy(update={"header": header}), layers=layers))
    assert "<span>内部使用</span>" in page


def test_the_page_speaks_english_too(plan: Plan, review: Review) -> None:
    page = render_map(draw_map(plan, review=review, language="en"))
    assert "Layers and legend" in page
    assert "not evaluated" in page


def test_a_base_map_is_the_only_host_allowed(plan: Plan, layers: dict[str, Layer]) -> None:
    page = render_map(draw_map(plan, layers=layers, base_map="tianditu:0123abcd"))
    assert "img-src data: https://*.tianditu.gov.cn" in page
    assert "tk=0123abcd" in page
    assert "在线底图：天地图" in page


@pytest.mark.parametrize(
    ("address", "datum"),
    [
        ("https://webrd0{s}.is.autonavi.com/appmaptile?x={x}&y={y}&z={z}", "GCJ-02"),
        ("https://rt{s}.map.gtimg.com/tile?z={z}&x={x}&y={-y}", "GCJ-02"),
        ("https://maponline{s}.bdimg.com/tile/?x={x}&y={y}&z={z}", "BD-09"),
    ],
)
def test_a_shifted_base_map_is_warned_about(
    plan: Plan, layers: dict[str, Layer], address: str, datum: str
) -> None:
    page = render_map(draw_map(plan, layers=layers, base_map=address))
    assert f"此底图为 {datum} 偏移坐标" in page


@pytest.mark.parametrize("address", ["tianditu:", "file:///a/{z}/{x}/{y}", "https://a.cn/1.png"])
def test_a_base_map_that_is_none_is_refused_with_advice(plan: Plan, address: str) -> None:
    with pytest.raises(SourceError, match="tianditu:TOKEN"):
        draw_map(plan, layers={}, base_map=address)


def test_a_quota_met_only_in_print_says_so_only_when_met(plan: Plan, review: Review) -> None:
    rounded = replace(review.quotas[0], within_print_precision=True)
    page = render_map(draw_map(plan, review=replace(review, quotas=(rounded,))))
    assert "chip rounded" not in page[page.index('<aside class="panel"') :]


def test_saving_writes_the_rendered_page(
    plan: Plan, layers: dict[str, Layer], tmp_path: Path
) -> None:
    drawn = draw_map(plan, layers=layers)
    path = save_map(drawn, tmp_path / "out" / "map.html")
    assert path.read_text("utf-8") == render_map(drawn)
    assert len(list(path.parent.iterdir())) == 1
