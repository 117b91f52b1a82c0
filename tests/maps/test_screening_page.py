"""The page of a screening: what it holds, what it never claims, and how it works in a browser."""

from __future__ import annotations

import colorsys
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import shapely
from reports.screenings import FORMULA, MARKUP, make_screening
from small_layers import PLANE, make_layer, square

from spatialplan.crs import CGCS2000
from spatialplan.findings import NotEvaluated, Verdict
from spatialplan.layers import Layer
from spatialplan.maps import draw_map, render_map, save_map, site_drawing, site_shapes
from spatialplan.maps.contents import draw_layers
from spatialplan.maps.site_drawing import undrawn_ground
from spatialplan.maps.styles import VERDICT_LOOKS, look_of
from spatialplan.maps.window import MARGIN_M, Window, window_around
from spatialplan.maps.wording import Wording
from spatialplan.messages import say
from spatialplan.plan import LayerSpec, Plan, Role
from spatialplan.review import Review
from spatialplan.siting import Screening

from .visits import WIDTHS, Visit, meet, needs_chromium

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening(suggest=True)


@pytest.fixture(scope="module")
def html(screening: Screening) -> str:
    return _page(screening)


@pytest.fixture(scope="module")
def saved(screening: Screening, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screening")
    return save_map(draw_map(screening.plan, screening=screening), folder / "screening.html")


def _page(screening: Screening, **options: Any) -> str:
    return render_map(draw_map(screening.plan, screening=screening, **options))


def _contents(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="page-contents">(.*?)</script>', html)
    assert found is not None
    return dict(json.loads(found[1]))


def _sites(html: str) -> list[dict[str, Any]]:
    return list(_contents(html)["screening"]["list"])


def _panel(html: str) -> str:
    return html[html.index('<aside class="panel') : html.index("</aside>")]


def _in_plane(geometry: dict[str, Any]) -> Any:
    degrees = shapely.from_geojson(json.dumps(geometry))
    return shapely.transform(degrees, lambda points: PLANE.project(points, CGCS2000))


def _renamed(screening: Screening, text: str) -> Screening:
    names = np.full(len(screening.sites), text, dtype=object)
    sites = replace(screening.sites, names=names, remarks=names, kinds=names)
    findings = tuple(replace(finding, name=text) for finding in screening.findings)
    return replace(screening, sites=sites, findings=findings)


def test_every_site_keeps_every_vertex(screening: Screening, html: str) -> None:
    drawn = {site["no"]: site["shape"] for site in _sites(html) if "shape" in site}
    assert sorted(drawn) == [1, 2, 3, 4]
    for number, geometry in drawn.items():
        exact = shapely.get_coordinates(screening.sites.geometry[number - 1])
        assert np.abs(shapely.get_coordinates(_in_plane(geometry)) - exact).max() < 0.002


def test_the_pieces_are_those_that_were_judged(screening: Screening, html: str) -> None:
    first = next(site for site in _sites(html) if site["no"] == 1)
    by_title: dict[str, float] = {}
    for geometry, title, _ in first["pieces"]:
        by_title[title] = by_title.get(title, 0.0) + _in_plane(geometry).area
    judged = {layer.layer: layer.overlap_m2 for layer in screening.findings[0].layers}
    assert by_title["生态保护红线"] == pytest.approx(judged["red_line"], rel=1e-5)
    assert by_title["永久基本农田"] == pytest.approx(judged["farmland"], rel=1e-5)
    assert "地类图斑" not in by_title


def test_the_worst_site_stands_first_and_none_is_left_out(html: str) -> None:
    weight = [verdict.value for verdict in Verdict]
    verdicts = [weight.index(site["verdict"]) for site in _sites(html)]
    assert verdicts == sorted(verdicts)
    assert sorted(site["no"] for site in _sites(html)) == [1, 2, 3, 4, 5]


def test_a_site_without_a_place_is_listed_with_its_reason(html: str) -> None:
    last = next(site for site in _sites(html) if site["no"] == 5)
    assert not {"shape", "at"} & last.keys()
    assert last["ha"] == "—"
    assert "自相交" in last["details"]["unplaced"]
    assert last["verdict"] == "not_evaluated"


def test_areas_are_told_in_three_units(html: str) -> None:
    layers = _sites(html)[0]["details"]["layers"]
    red = next(layer for layer in layers if layer["title"] == "生态保护红线")
    assert red["figures"][0] == [
        "重叠面积",
        "5.9985 公顷（89.98 亩，59,985.09 平方米），占地块 40.00 %",
    ]
    assert ["核心保护区", "prohibited", "1.9995 公顷（29.99 亩，19,995.04 平方米）"] in red["zones"]


def test_a_rule_says_need_authority_and_whether_its_text_was_checked(html: str) -> None:
    rules = _contents(html)["screening"]["rules"]
    farm = next(rule for rule in rules if "farmland" in rule["need"])
    assert farm["authority"] == "省级自然资源主管部门"
    assert farm["basis"] == [["《中华人民共和国土地管理法》第三十五条", 1]]
    red = next(rule for rule in rules if rule["need"] == "办理 red 手续")
    assert red["basis"][0][1] == 0
    assert "第 6 类" in red["activity"]
    assert len({rule["need"] for rule in rules}) == len(rules)


def test_suggestions_are_drawn_and_told(screening: Screening, html: str) -> None:
    first = next(site for site in _sites(html) if site["no"] == 1)
    suggestion = screening.suggestions[0]
    assert _in_plane(first["free"]).area == pytest.approx(suggestion.free.area_m2, rel=1e-5)
    assert _in_plane(first["places"][0]).area == pytest.approx(
        suggestion.places[0].area_m2, rel=1e-5
    )
    move, area, distance, verdict, reasons = first["details"]["suggestion"]["places"][0]
    assert verdict == screening.place_findings[0].places[0].verdict.value == "restricted"
    assert [reason for reason in reasons if "城镇开发边界" in reason]
    assert first["details"]["suggestion"]["free_judged"][0] == "restricted"
    assert move == f"挪动 {distance}，方位 北（0°）"
    assert distance == Wording("zh").distance(suggestion.places[0].distance_m)
    assert "公顷" in area


def test_a_place_that_is_not_moved_has_no_distance(screening: Screening) -> None:
    found = screening.suggestions[0]
    here = replace(found.places[0], distance_m=0.0, north_m=0.0)
    page = _page(replace(screening, suggestions={0: replace(found, places=(here,))}))
    first = next(site for site in _sites(page) if site["no"] == 1)
    assert first["details"]["suggestion"]["places"][0][::2][:2] == ["原址，不挪动", ""]


def test_places_say_what_the_search_could_not_look_at(html: str) -> None:
    first = next(site for site in _sites(html) if site["no"] == 1)
    assert first["details"]["suggestion"]["limits"] == [
        "饮用水水源保护区无法使用：未作判断，搜索时也未避让",
        "另有 2 项未提供或未作判断",
    ]


def test_a_search_that_found_nothing_says_so(html: str) -> None:
    third = next(site for site in _sites(html) if site["no"] == 3)
    told = third["details"]["suggestion"]
    assert told["places"] == []
    assert told["why_none"]
    assert "搜索格网" in told["searched"]


def test_what_was_not_provided_stands_in_full_above_the_list(html: str) -> None:
    panel = _panel(html)
    above = panel[: panel.index('class="site-table"')]
    assert "未提供或未作判断（3 项），不得视为不涉及" in above
    for title in ("饮用水水源保护区", "湿地", "文物"):
        assert title in above
    assert "仅供参考" in above


def test_gaps_of_one_reason_stand_together_each_by_its_name(screening: Screening) -> None:
    gaps = tuple(
        NotEvaluated(key, say("screening.not_provided", title=title))
        for key, title in (("wetland", "湿地"), ("heritage", "文物"))
    )
    panel = _panel(_page(replace(screening, not_evaluated=gaps)))
    assert "<b>湿地、文物</b><span>未提供，未作判断</span>" in panel


def test_edition_day_kind_and_standing_are_told(screening: Screening, html: str) -> None:
    for text in (
        "<dd>2026-05 试行</dd>",
        "<dd>2026-05-01</dd>",
        "演示数据：标定所得，不构成验证",
        "法定指标以批准的规划为准",
        "小县项目选址空间管控预检图",
        "省级细则未录入",
        screening.sites.sources[0].sha256,
        screening.rulebook.sha256,
    ):
        assert text in html


def test_sites_made_up_mark_the_page_of_a_true_plan(screening: Screening) -> None:
    header = screening.plan.header.model_copy(update={"demonstration": False})
    plan = screening.plan.model_copy(update={"header": header})
    assert "<span>演示数据</span>" in _page(replace(screening, plan=plan))
    real = replace(screening.sites, demonstration=False)
    assert "<span>内部使用</span>" in _page(replace(screening, plan=plan, sites=real))


def test_nothing_says_that_a_project_may_go_there(html: str) -> None:
    text = re.sub(r"<script.*?</script>|<style.*?</style>", "", html, flags=re.S)
    words = text + json.dumps(_contents(html)["screening"], ensure_ascii=False)
    assert "未发现与所列图层重叠（不等于合规）" in words
    for claim in ("符合要求", "可以建设", "允许", "chip met"):
        assert claim not in words


def test_no_verdict_is_green_and_each_is_told_without_its_hue() -> None:
    for look in VERDICT_LOOKS.values():
        red, green, blue = (int(look.line[at : at + 2], 16) / 255 for at in (1, 3, 5))
        hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
        assert saturation < 0.2 or not 70 / 360 < hue < 170 / 360
    without_hue = {(look.dash, look.hatch) for look in VERDICT_LOOKS.values()}
    assert len(without_hue) == len(Verdict)


def test_text_from_files_cannot_leave_its_place(screening: Screening) -> None:
    page = _page(_renamed(screening, HOSTILE))
    assert HOSTILE not in page
    assert "<img src=x" not in page
    assert {site["name"] for site in _sites(page)} == {HOSTILE}


def test_the_same_screening_gives_the_same_bytes(screening: Screening, html: str) -> None:
    assert _page(make_screening(suggest=True)) == html


def test_a_page_has_one_subject(screening: Screening, review: Review) -> None:
    with pytest.raises(ValueError, match="separately"):
        draw_map(screening.plan, review=review, screening=screening)


def test_beyond_the_limit_the_worst_are_told_and_the_others_are_dots(
    screening: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_drawing, "LISTED_LIMIT", 2)
    page = _page(screening)
    contents = _contents(page)["screening"]
    assert [site["no"] for site in contents["list"]] == [1, 3]
    assert [site["no"] for site in contents["rest"]] == [2, 4, 5]
    assert all("at" in site for site in contents["rest"][:2])
    assert "共 5 个地块，本页只详列结论最重的 2 个" in _panel(page)


def test_outlines_are_thinned_only_with_a_word(
    screening: Screening, monkeypatch: pytest.MonkeyPatch, html: str
) -> None:
    assert "地块过多" not in html
    monkeypatch.setattr(site_shapes, "VERTEX_LIMIT", 100)
    page = _page(screening)
    assert "地块过多，图上地块外形按" in page
    assert len(json.dumps(_sites(page))) < len(json.dumps(_sites(html)))


def test_a_screening_without_a_place_at_all_still_has_a_page(screening: Screening) -> None:
    nowhere = np.full(len(screening.sites), None, dtype=object)
    sites = replace(screening.sites, geometry=nowhere)
    page = _page(replace(screening, sites=sites, suggestions={}))
    assert _contents(page)["home"] == _contents(page)["whole"]


def test_the_page_speaks_english_too(screening: Screening) -> None:
    page = _page(screening, language="en")
    assert "not to be read as clear" in page
    assert "no overlap with the listed layers found (this is not compliance)" in page
    assert "Whole region" in page
    assert _sites(page)[0]["details"]["layers"][0]["figures"][0][0] == "Overlap"


def test_the_first_view_holds_all_sites(screening: Screening, html: str) -> None:
    (south, west), (north, east) = _contents(html)["home"]
    view = shapely.box(west, south, east, north)
    for site in _sites(html):
        if "shape" in site:
            assert view.contains(shapely.from_geojson(json.dumps(site["shape"])))


def test_every_role_but_parcels_is_drawn() -> None:
    for role in get_args(Role):
        spec = LayerSpec(id="a", title="a", role=role, path="a.shp")
        assert (look_of(spec, {}) is None) == (role == "land_parcel"), role


def _square_km(east_km: float, north_km: float) -> Any:
    return square(east_km * 1000, north_km * 1000, 1000)


@pytest.fixture(scope="module")
def wide() -> dict[str, Layer]:
    """A region of 100 km, and red lines of 1 km every 10 km from its corner."""
    region = make_layer([square(0, 0, 100_000)], id="county", role="region")
    lines = [_square_km(east, 0) for east in range(0, 100, 10)]
    return {
        "county": region,
        "red_line": make_layer(lines, id="red_line", role="ecological_red_line"),
    }


def _window(wide: dict[str, Layer]) -> Window:
    window = window_around(wide["red_line"].geometry[:1], wide)
    assert window is not None
    return window


def test_around_few_sites_only_their_neighbourhood_is_drawn(
    plan: Plan, wide: dict[str, Layer]
) -> None:
    window = _window(wide)
    drawing = draw_layers(plan, wide, Wording("zh"), window=window)
    drawn = {page.key: page.features for page in drawing.layers}
    assert len(drawn["red_line"]) == 2
    assert len(drawn["county"]) == 1
    assert drawing.tolerance_m < 1


def test_ground_that_is_not_drawn_is_marked_as_such(wide: dict[str, Layer]) -> None:
    marked = undrawn_ground(_window(wide), wide, Wording("zh"))
    assert marked is not None
    assert "不表示没有控制线" in marked.title
    area = _in_plane(dict(marked.features[0]["geometry"])).area
    side = 1_000 + MARGIN_M
    assert area == pytest.approx(100_000**2 - side**2, rel=1e-3)


def test_sites_all_over_the_region_have_no_window(wide: dict[str, Layer]) -> None:
    corners = np.array([wide["county"].geometry[0]], dtype=object)
    assert window_around(corners, wide) is None
    assert window_around(np.array([], dtype=object), wide) is None


def test_a_window_cuts_what_crosses_it_and_empties_what_lies_outside() -> None:
    window = Window(shapely.box(0, 0, 10, 10))
    shapes = [shapely.box(1, 1, 2, 2), shapely.box(8, 8, 14, 14), shapely.box(20, 20, 30, 30)]
    clipped = window.clip(np.array(shapes, dtype=object))
    assert clipped[0] is shapes[0]
    assert shapely.area(clipped).tolist() == [1.0, 4.0, 0.0]


@pytest.fixture
def visit(browser: Any, saved: Path) -> Iterator[Visit]:
    opened = Visit(browser, saved)
    yield opened
    assert opened.complaints == []
    assert opened.asked == [saved.as_uri()]
    opened.page.close()


def _shown_rows(page: Any) -> list[str]:
    return list(
        page.locator(".site-row:visible").evaluate_all("rows => rows.map(r => r.dataset.no)")
    )


@needs_chromium
def test_a_row_zooms_to_its_site_and_unfolds_what_was_found(visit: Visit) -> None:
    page = visit.page
    before = page.evaluate("spatialplan.map.getZoom()")
    page.click('.site-row[data-no="2"] button')
    assert page.evaluate("spatialplan.map.getZoom()") > before + 1.5
    assert page.inner_text(".site-number.chosen") == "2"
    told = page.inner_text(".details-row")
    assert "位于天窗内" in told
    assert "未核对原文" in told
    page.click('.site-row[data-no="2"] button')
    assert page.locator(".details-row").count() == 0


@needs_chromium
def test_the_list_works_by_keyboard(visit: Visit) -> None:
    page = visit.page
    page.focus('.site-row[data-no="1"] button')
    page.keyboard.press("Enter")
    assert page.get_attribute('.site-row[data-no="1"] button', "aria-expanded") == "true"
    assert "办理 red-core 手续" in page.inner_text(".details-row")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(".site-number.chosen").count() == 1


@needs_chromium
def test_a_verdict_can_be_put_away_in_list_legend_and_map(visit: Visit) -> None:
    page = visit.page
    assert _shown_rows(page) == ["1", "3", "2", "4", "5"]
    page.uncheck('[data-verdict="prohibited"]')
    assert _shown_rows(page) == ["3", "2", "4", "5"]
    numbers = page.locator(".site-number").all_inner_texts()
    assert "1" not in numbers
    assert "3" in numbers
    page.click('[data-tab="legend"]')
    assert not page.is_checked('[data-layer="verdict:prohibited"]')
    page.check('[data-layer="verdict:prohibited"]')
    page.click('[data-tab="results"]')
    assert page.is_checked('[data-verdict="prohibited"]')
    assert _shown_rows(page)[0] == "1"


@needs_chromium
def test_a_site_is_found_by_name_and_by_id(visit: Visit) -> None:
    page = visit.page
    page.fill(".find", "泵站")
    assert _shown_rows(page) == ["3"]
    page.fill(".find", "s4")
    assert _shown_rows(page) == ["4"]
    page.fill(".find", "没有的")
    assert _shown_rows(page) == []
    assert page.is_visible(".no-match")


@needs_chromium
def test_a_click_on_the_map_leads_to_the_site(visit: Visit) -> None:
    page = visit.page
    page.evaluate("() => { spatialplan.sites.open(4); spatialplan.sites.close(); }")
    box = page.locator(".folium-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2 + 20, box["y"] + box["height"] / 2 + 12)
    told = page.inner_text(".leaflet-popup-content")
    assert "4 号地块 · 未作判断" in told
    page.click('[data-tab="legend"]')
    page.click(".leaflet-popup-content .show")
    assert page.get_attribute('.site-row[data-no="4"] button', "aria-expanded") == "true"


@needs_chromium
def test_two_buttons_show_all_sites_and_the_whole_region(visit: Visit) -> None:
    page = visit.page
    home = page.evaluate("spatialplan.map.getZoom()")
    page.click(".views button:nth-child(2)")
    assert page.evaluate("spatialplan.map.getZoom()") < home
    page.click(".views button:nth-child(1)")
    assert page.evaluate("spatialplan.map.getZoom()") == pytest.approx(home)


@needs_chromium
def test_distances_stand_beside_the_places(visit: Visit, screening: Screening) -> None:
    distance = Wording("zh").distance(screening.suggestions[0].places[0].distance_m)
    assert visit.page.locator(".site-arrow span").all_inner_texts() == [distance]


@needs_chromium
def test_hostile_names_stay_text(browser: Any, screening: Screening, tmp_path: Path) -> None:
    named = _renamed(screening, HOSTILE + MARKUP + FORMULA)
    path = save_map(draw_map(named.plan, screening=named), tmp_path / "hostile.html")
    visit = Visit(browser, path)
    visit.page.click('.site-row[data-no="1"] button')
    visit.page.click('.site-row[data-no="5"] button')
    assert HOSTILE in visit.page.inner_text('.site-row[data-no="5"]')
    assert visit.page.locator("img[src=x]").count() == 0
    assert visit.complaints == []
    assert visit.asked == [path.as_uri()]
    visit.page.close()


@needs_chromium
@pytest.mark.parametrize("size", WIDTHS)
def test_no_control_covers_another(browser: Any, saved: Path, size: tuple[int, int]) -> None:
    page = Visit(browser, saved, size).page
    controls = (".sheet-head", ".north", ".scale", ".leaflet-control-zoom", ".views", ".panel")
    boxes = {selector: page.locator(selector).bounding_box() for selector in controls}
    for first, second in combinations(controls, 2):
        assert not meet(boxes[first], boxes[second]), (first, second)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.close()


@needs_chromium
def test_on_a_phone_a_site_is_seen_above_the_sheet(browser: Any, saved: Path) -> None:
    page = Visit(browser, saved, WIDTHS[1]).page
    page.click(".handle")
    page.wait_for_timeout(400)
    page.click('.site-row[data-no="1"] button')
    number = page.locator(".site-number.chosen").bounding_box()
    assert number["y"] + number["height"] < page.locator(".panel").bounding_box()["y"]
    page.click(".details-row .show >> nth=0")
    page.wait_for_timeout(400)
    assert page.locator(".panel").bounding_box()["height"] < 120
    page.close()


@needs_chromium
def test_it_prints_on_one_canvas(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    page.click('.site-row[data-no="1"] button')
    page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True, print_background=True)
    assert (tmp_path / "sheet.pdf").stat().st_size > 20_000
    assert page.locator(".folium-map canvas").count() == 1


@needs_chromium
def test_a_townships_name_gives_way_to_a_sites_number(visit: Visit) -> None:
    page = visit.page
    page.evaluate("() => { spatialplan.sites.open(4); }")
    numbers = page.locator(".site-number")
    names = page.locator(".map-label.township:not(.hidden)")
    for name in [names.nth(row).bounding_box() for row in range(names.count())]:
        for number in [numbers.nth(row).bounding_box() for row in range(numbers.count())]:
            assert not meet(name, number)


@needs_chromium
def test_a_site_that_touches_nothing_listed_says_what_that_means(visit: Visit) -> None:
    row = visit.page.inner_text('.site-row[data-no="5"]')
    assert "未作判断" in row
    assert "所列图层未发现重叠" not in row


@needs_chromium
def test_suggestions_of_many_sites_are_drawn_for_the_chosen_one_only(
    browser: Any, html: str, tmp_path: Path
) -> None:
    """Places of dozens of sites at once would hide the map; here already one is too many."""
    path = tmp_path / "crowded.html"
    path.write_text(html.replace("SUGGESTED_LIMIT = 6", "SUGGESTED_LIMIT = 0"), encoding="utf-8")
    visit = Visit(browser, path)
    assert visit.page.locator(".site-arrow").count() == 0
    visit.page.click('.site-row[data-no="1"] button')
    visit.page.wait_for_selector(".site-arrow", state="attached")
    assert visit.complaints == []
    visit.page.close()
