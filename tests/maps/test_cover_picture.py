"""Land cover as a picture on the page: every pixel shows the cell under its middle."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import rasterio
from PIL import Image
from pyproj import Transformer

from spatialplan.crs import CGCS2000
from spatialplan.files import read_raster
from spatialplan.maps.class_raster import draw_classes
from spatialplan.maps.cover_picture import cover_picture
from spatialplan.maps.wording import Wording
from spatialplan.plan import Plan, read_plan


@pytest.fixture(scope="module")
def plan(layers_folder: Path) -> Plan:
    return read_plan(layers_folder / "plan.toml")


def open_picture(address: str) -> Image.Image:
    head, data = address.split(",")
    assert head == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(data)))


def colour_at(picture: Image.Image, x: int, y: int) -> str:
    red, green, blue, opacity = picture.getpixel((x, y))
    return f"#{red:02x}{green:02x}{blue:02x}" if opacity else "none"


def test_pixels_show_the_cells_under_their_middles(plan: Plan) -> None:
    raster = read_raster(plan.rasters["land_cover_2025"], plan)
    west, south, east, north = 127.0, 44.7, 127.2, 44.85
    picture = draw_classes(raster, (west, south, east, north))
    shown = open_picture(picture.address).convert("RGBA")
    # The page's own projection: a second way from pixel to ground, by PROJ.
    to_page = Transformer.from_crs(4326, 3857, always_xy=True)
    (left, low), (right, high) = to_page.transform(west, south), to_page.transform(east, north)
    chance = np.random.default_rng(3)
    x = chance.integers(0, shown.width, 400)
    y = chance.integers(0, shown.height, 400)
    places = Transformer.from_crs(3857, 4326, always_xy=True).transform(
        left + (x + 0.5) * (right - left) / shown.width,
        high - (y + 0.5) * (high - low) / shown.height,
    )
    grid = raster.grid
    points = Transformer.from_crs(CGCS2000, grid.crs, always_xy=True).transform(*places)
    with rasterio.open(raster.file) as file:
        cells = file.read(1)
    column = ((points[0] - grid.west) // grid.step_east).astype(int)
    row = ((grid.north - points[1]) // grid.step_south).astype(int)
    colours = {entry.value: entry.colour for entry in raster.legend}
    expected = [colours.get(int(value), "none") for value in cells[row, column]]
    found = [colour_at(shown, int(a), int(b)) for a, b in zip(x, y, strict=True)]
    # On a border of cells, the last bits of two ways may fall on different sides.
    assert np.mean([a == b for a, b in zip(expected, found, strict=True)]) > 0.995


def test_the_countys_picture_is_light_and_clear_where_nothing_is_known(plan: Plan) -> None:
    raster = read_raster(plan.rasters["land_cover_2025"], plan)
    picture = draw_classes(raster, (126.5, 44.0, 128.3, 45.5))
    assert len(picture.address) < 1_000_000
    shown = open_picture(picture.address)
    assert shown.convert("RGBA").getpixel((0, 0))[3] == 0
    assert [title for title, _, _ in picture.classes] == [entry.title for entry in raster.legend]
    assert draw_classes(raster, (126.5, 44.0, 128.3, 45.5)) == picture


@pytest.mark.parametrize(("language", "word"), [("zh", "林地"), ("en", "forest")])
def test_the_legend_names_classes_in_the_language_of_the_page(
    plan: Plan, language: str, word: str
) -> None:
    home = [[44.7, 127.0], [44.75, 127.1]]
    layer, problems = cover_picture(plan, None, home, Wording(language))  # type: ignore[arg-type]
    assert problems == ()
    assert layer is not None
    assert not layer.look.visible
    assert word in [name for name, _ in layer.classes]


def test_a_raster_that_cannot_be_read_is_named_and_not_drawn(plan: Plan, tmp_path: Path) -> None:
    spec = plan.rasters["land_cover_2025"].model_copy(update={"path": "missing.tif"})
    broken = plan.model_copy(update={"rasters": {"land_cover_2025": spec}})
    layer, problems = cover_picture(broken, None, [[44.0, 127.0], [45.0, 128.0]], Wording("en"))
    assert layer is None
    (problem,) = problems
    assert problem.rule_id == "land_cover_2025"
    assert "missing.tif" in str(problem.why)


@pytest.mark.parametrize("longitude", [100.0, -60.0])
def test_a_picture_of_ground_elsewhere_shows_nothing(plan: Plan, longitude: float) -> None:
    """Far from the raster, and where its projection has no place."""
    raster = read_raster(plan.rasters["land_cover_2025"], plan)
    picture = draw_classes(raster, (longitude, 10.0, longitude + 0.5, 10.5))
    assert picture.classes == ()
