"""The page of a monitoring in a real browser, on a screen and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_covers import cover, write_county, write_raster

import spatialplan
from spatialplan.maps import draw_monitoring, render_map, save_map
from spatialplan.monitoring import Monitoring, monitor_plan

from .visits import WIDTHS, Visit, meet, needs_chromium

HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Monitoring:
    folder = tmp_path_factory.mktemp("county")
    plan_file = write_county(folder)
    text = plan_file.read_text("utf-8").replace('title = "建设用地"', f"title = '{HOSTILE}'")
    plan_file.write_text(text, "utf-8")
    before = write_raster(folder / "2020.tif", cover({}))
    after = write_raster(folder / "2025.tif", cover({(1, 1, 2, 2): "b", (3, 15, 2, 2): "?"}))
    return monitor_plan(spatialplan.read_plan(plan_file), before, after)


@pytest.fixture(scope="module")
def page(found: Monitoring, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_map(draw_monitoring(found), tmp_path_factory.mktemp("page") / "monitoring.html")


def test_the_page_runs_nothing_from_files_and_is_always_the_same(
    found: Monitoring, page: Path
) -> None:
    text = page.read_text("utf-8")
    assert HOSTILE not in text
    assert render_map(draw_monitoring(found)) == text


@needs_chromium
@pytest.mark.parametrize("size", WIDTHS)
def test_the_list_leads_to_the_patch(browser: Any, page: Path, size: tuple[int, int]) -> None:
    visit = Visit(browser, page, size)
    if size[0] < 760:
        visit.page.click(".handle")
    visit.page.click(".piece")
    visit.page.wait_for_selector(".leaflet-popup")
    popup = visit.page.inner_text(".leaflet-popup")
    assert "核心保护区" in popup
    assert HOSTILE in popup
    assert visit.page.evaluate("window.spatialplan.map.getZoom()") > 14
    assert visit.asked == [page.as_uri()]
    assert visit.complaints == []


@needs_chromium
def test_both_editions_can_be_laid_over_the_lines(browser: Any, page: Path) -> None:
    visit = Visit(browser, page)
    pictures = ".leaflet-ground-pane img"
    assert visit.page.locator(pictures).count() == 1
    later = visit.page.get_attribute(pictures, "src")
    visit.page.click("[data-tab=legend]")
    visit.page.click("[data-layer=cover-after]")
    visit.page.click("[data-layer=cover-before]")
    assert visit.page.locator(pictures).count() == 1
    assert visit.page.get_attribute(pictures, "src") != later


@needs_chromium
def test_what_was_not_evaluated_stands_beside_the_patches(browser: Any, page: Path) -> None:
    visit = Visit(browser, page)
    assert "不在图例中" in visit.page.inner_text(".gaps.open")
    panel, head = (visit.page.locator(one).bounding_box() for one in (".panel", ".sheet-head"))
    assert panel is not None
    assert head is not None
    assert not meet(panel, head)
