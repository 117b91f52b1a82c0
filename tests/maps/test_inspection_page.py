"""The page of an inspection in a real browser, opened from the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from small_layers import EAST, NORTH, ZONE_42, square

from spatialplan.inspection import Inspection, inspect_files
from spatialplan.maps import draw_inspection, render_map, save_map
from spatialplan.maps.inspection_shapes import PLACE_LIMIT, draw_inspected_layers
from spatialplan.maps.wording import Wording

from .visits import WIDTHS, Visit, needs_chromium

# A layer without a CRS is written on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:'crs' was not provided")


@pytest.fixture(scope="module")
def inspection(tmp_path_factory: pytest.TempPathFactory, hostile: str) -> Inspection:
    """Parcels of which two overlap, one crosses itself, and one is named like a script."""
    folder = tmp_path_factory.mktemp("delivery")
    shapes = [square(100 * row, 0, 100) for row in range(6)]
    shapes[5] = square(480, 0, 100)
    frame = gpd.GeoDataFrame(
        {
            "BSM": [*"12345", hostile],
            "DLBM": ["0101"] * 6,
            "TBMJ": [9997.54] * 6,
        },
        geometry=shapes,
        crs=ZONE_42,
    )
    frame.to_file(folder / "DLTB.gpkg", layer="DLTB", engine="pyogrio")
    bare = frame.set_crs(None, allow_override=True).iloc[:1]
    bare.to_file(folder / "STBHHX.geojson", engine="pyogrio")
    return inspect_files(folder)


@pytest.fixture(scope="module")
def page(inspection: Inspection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    return save_map(draw_inspection(inspection, language="zh"), folder / "inspection.html")


@needs_chromium
@pytest.mark.parametrize("size", WIDTHS)
def test_it_asks_for_nothing_and_complains_of_nothing(
    browser: Any, page: Path, size: tuple[int, int]
) -> None:
    visit = Visit(browser, page, size)
    assert visit.asked == [page.as_uri()]
    assert visit.complaints == []
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= size[0]


@needs_chromium
def test_a_click_on_a_place_zooms_to_it(browser: Any, page: Path, hostile: str) -> None:
    visit = Visit(browser, page)
    before = visit.page.evaluate("spatialplan.map.getZoom()")
    visit.page.click(".pieces .piece >> nth=0")
    assert visit.page.evaluate("spatialplan.map.getZoom()") > before
    told = visit.page.inner_text(".leaflet-popup-content")
    assert "DLTB: 重叠" in told
    assert hostile in told
    grid = visit.page.evaluate("spatialplan.grid(spatialplan.map.getCenter())")
    assert grid == pytest.approx([EAST + 490, NORTH + 50], abs=20)


@needs_chromium
def test_every_layer_is_listed_drawn_or_not(browser: Any, page: Path) -> None:
    visit = Visit(browser, page)
    titles = visit.page.locator("section.layer h2").all_inner_texts()
    assert any("DLTB" in title for title in titles)
    assert any("STBHHX" in title for title in titles)
    visit.page.click("[data-tab=notes]")
    assert "STBHHX" in visit.page.inner_text(".notes-list")


def test_the_same_inspection_gives_the_same_page(inspection: Inspection, page: Path) -> None:
    again = render_map(draw_inspection(inspection, language="zh"))
    assert again == page.read_text("utf-8")


def test_very_many_parcels_are_drawn_as_cells(
    inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spatialplan.maps.inspection_shapes.MOST_FEATURES", 3)
    drawn = draw_inspected_layers(inspection, Wording("en"))
    layer = next(one for one in drawn.layers if one.key == "DLTB")
    assert len(layer.features) == 1
    assert drawn.cell_m >= 100


def test_places_beyond_the_limit_are_counted(
    inspection: Inspection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PLACE_LIMIT > 0
    monkeypatch.setattr("spatialplan.maps.inspection_shapes.PLACE_LIMIT", 0)
    text = render_map(draw_inspection(inspection, language="en"))
    assert 'data-key="0/0/0"' not in text
