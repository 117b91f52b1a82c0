"""The page in a real browser, opened from the disk."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyproj import CRS

from spatialplan.crs import from_degrees
from spatialplan.layers import Layer
from spatialplan.maps import draw_map, save_map
from spatialplan.plan import Plan
from spatialplan.review import Review

from .visits import WIDTHS, Visit, meet, needs_chromium

pytestmark = needs_chromium

CONTROLS = (".sheet-head", ".north", ".scale", ".pointer", ".leaflet-control-zoom", ".panel")


@pytest.fixture(scope="module")
def pages(
    plan: Plan, review: Review, layers: dict[str, Layer], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    return {
        "review": save_map(draw_map(plan, review=review), folder / "review.html"),
        "map": save_map(draw_map(plan, layers=layers), folder / "map.html"),
    }


@pytest.mark.parametrize("name", ["map", "review"])
def test_it_asks_for_nothing_and_complains_of_nothing(
    browser: Any, pages: dict[str, Path], name: str
) -> None:
    visit = Visit(browser, pages[name])
    asked = [url for url in visit.requests if not url.startswith("data:")]
    assert asked == [pages[name].as_uri()]
    assert visit.complaints == []


def test_title_legend_and_the_ten_labels_are_there(browser: Any, pages: dict[str, Path]) -> None:
    page = Visit(browser, pages["map"]).page
    assert page.inner_text("h1") == "小县生态空间保护格局图"
    assert page.locator(".tab.legend .row").count() >= 10
    labels = page.locator(".map-label:not(.township)")
    assert labels.count() == 10
    assert all(labels.nth(row).is_visible() for row in range(10))
    assert page.inner_text(".scale-number").startswith("1:")


def test_a_click_on_a_conflict_zooms_to_it(
    browser: Any, pages: dict[str, Path], hostile: str
) -> None:
    visit = Visit(browser, pages["review"])
    before = visit.page.evaluate("spatialplan.map.getZoom()")
    visit.page.click(".pieces .piece >> nth=0")
    assert visit.page.evaluate("spatialplan.map.getZoom()") > before + 1.5
    centre = visit.page.evaluate("(({lat, lng}) => [lat, lng])(spatialplan.map.getCenter())")
    assert centre == pytest.approx([44.893, 127.372], abs=0.03)
    assert hostile in visit.page.inner_text(".leaflet-popup-content")
    assert visit.complaints == []


def test_a_click_tells_what_lies_there(browser: Any, pages: dict[str, Path], hostile: str) -> None:
    visit = Visit(browser, pages["map"])
    visit.page.evaluate(
        "() => { spatialplan.map.setView([44.8865, 127.395], 14, {animate: false}); }"
    )
    visit.page.mouse.click(490, 480)
    told = visit.page.inner_text(".leaflet-popup-content")
    assert "图层red_line" in told
    assert hostile in told
    assert "公顷" in told
    assert visit.complaints == []


def test_a_switch_hides_its_layer(browser: Any, pages: dict[str, Path]) -> None:
    page = Visit(browser, pages["map"]).page
    page.uncheck('[data-mark="point"]')
    assert page.locator(".map-label.point:visible").count() == 0
    page.uncheck('[data-layer="towns"]')
    assert page.locator(".map-label.township:visible").count() == 0


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", ["map", "review"])
def test_no_control_covers_another(
    browser: Any, pages: dict[str, Path], name: str, size: tuple[int, int]
) -> None:
    page = Visit(browser, pages[name], size).page
    page.mouse.move(size[0] / 3, size[1] / 2)
    boxes = {selector: page.locator(selector).bounding_box() for selector in CONTROLS}
    assert all(boxes.values())
    for first, second in combinations(CONTROLS, 2):
        assert not meet(boxes[first], boxes[second]), (first, second)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_on_a_phone_the_panel_opens_and_closes(browser: Any, pages: dict[str, Path]) -> None:
    page = Visit(browser, pages["review"], (390, 844)).page
    closed = page.locator(".panel").bounding_box()["height"]
    page.click(".handle")
    page.wait_for_timeout(400)
    assert page.locator(".panel").bounding_box()["height"] > 4 * closed
    page.click(".handle")
    page.wait_for_timeout(400)
    assert page.locator(".panel").bounding_box()["height"] == closed


def test_it_prints_a_sheet_with_map_and_legend(
    browser: Any, pages: dict[str, Path], tmp_path: Path
) -> None:
    visit = Visit(browser, pages["review"])
    visit.page.pdf(path=tmp_path / "sheet.pdf", prefer_css_page_size=True, print_background=True)
    assert (tmp_path / "sheet.pdf").stat().st_size > 20_000
    assert not visit.page.evaluate("document.body.classList.contains('printing')")
    assert visit.complaints == []


def test_the_pointer_tells_easting_and_northing(browser: Any, pages: dict[str, Path]) -> None:
    page = Visit(browser, pages["map"]).page
    crs = CRS.from_epsg(4530)
    for lng, lat in ((126.0, 44.0), (127.26, 44.88), (128.27, 45.44), (124.5, 40.1)):
        told = page.evaluate("([lng, lat]) => spatialplan.grid({ lng, lat })", [lng, lat])
        exact = from_degrees(np.array([[lng, lat]]), crs)[0]
        assert told == pytest.approx(exact.tolist(), abs=0.002)
    page.mouse.move(400, 400)
    assert re.match(r"北 49\d{5}，东 426\d{5} 米", page.inner_text(".pointer .metres"))
