"""Pictures whose colours can be foretold from the ground: see `screenings` for where sites lie."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageColor

from spatialplan.plan import Style
from spatialplan.reports.opinions.insets import Inset, InsetPainter
from spatialplan.siting import Screening

from .screenings import make_screening

Pixel = tuple[int, int, int]


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening(suggest=True)


def _drawn(screening: Screening, row: int) -> tuple[Inset, Image.Image]:
    inset = InsetPainter(screening).draw(screening.findings[row])
    assert inset is not None
    return inset, Image.open(io.BytesIO(inset.png)).convert("RGB")


def _pixel(image: Image.Image, across: float, down: float) -> Pixel:
    found = image.getpixel((int(image.width * across), int(image.height * down)))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def _near(found: Pixel, colour: str) -> bool:
    wanted = ImageColor.getrgb(colour)
    return all(abs(a - b) <= 8 for a, b in zip(found, wanted, strict=True))


def _colours(inset: Inset) -> dict[str, str]:
    return {entry.key: entry.colour for entry in inset.legend}


def test_the_site_stands_in_the_middle_in_the_colour_of_the_legend(screening: Screening) -> None:
    inset, image = _drawn(screening, 1)
    assert _near(_pixel(image, 0.5, 0.5), _colours(inset)["site"])
    # In the window of the red line, 300 m wide, nothing else is drawn around the site.
    assert _near(_pixel(image, 0.5, 0.3), "#ffffff")


def test_the_scale_is_that_of_the_working_crs(screening: Screening) -> None:
    inset, image = _drawn(screening, 1)
    assert inset.width_m == pytest.approx(450, abs=0.01)
    site = _colours(inset)["site"]
    filled = [x for x in range(image.width) if _near(_pixel(image, x / image.width, 0.5), site)]
    # 50 m of 450 m in 720 dots are 80 dots, less the border of 4 that lies half inside.
    assert 70 <= len(filled) <= 80
    assert filled[0] + filled[-1] == pytest.approx(image.width, abs=4)


def test_north_is_up(screening: Screening) -> None:
    _, image = _drawn(screening, 0)
    # North-east of S1 the town, south-east of it the red line.
    red, green, blue = _pixel(image, 0.8, 0.05)
    assert red > 200 > blue
    assert green > 200
    below = [_pixel(image, 0.8, 0.8 + step / 100) for step in range(8)]
    assert all(red > green and red > blue for red, green, blue in below)


def test_what_a_site_shares_with_a_line_is_hatched(screening: Screening) -> None:
    inset, image = _drawn(screening, 0)
    assert "piece" in _colours(inset)
    column = [_pixel(image, 0.52, 0.6 + step / 200) for step in range(12)]
    assert len(set(column)) > 1
    # S4 lies in the town's own zone, which asks for nothing: nothing is marked.
    assert "piece" not in _colours(_drawn(screening, 3)[0])


def test_the_legend_names_what_is_seen_only(screening: Screening) -> None:
    assert list(_colours(_drawn(screening, 1)[0])) == ["red_line", "site"]
    assert list(_colours(_drawn(screening, 0)[0])) == [
        *("farmland", "red_line", "protected", "town", "townships"),
        *("site", "piece", "place"),
    ]


def test_a_style_of_the_plan_goes_before_the_built_in_one(screening: Screening) -> None:
    styles = {"town": Style(fill="#0000ff", line="#000088")}
    plan = screening.plan.model_copy(update={"styles": styles})
    inset, image = _drawn(replace(screening, plan=plan), 0)
    assert _near(_pixel(image, 0.8, 0.05), _colours(inset)["town"])
    red, _, blue = _pixel(image, 0.8, 0.05)
    assert blue > red


def test_pictures_are_small_and_always_the_same(screening: Screening) -> None:
    again = make_screening(suggest=True)
    for row in range(4):
        png = _drawn(screening, row)[0].png
        assert png == _drawn(again, row)[0].png
        assert len(png) < 60_000


def test_a_site_without_geometry_has_no_picture(screening: Screening) -> None:
    assert InsetPainter(screening).draw(screening.findings[4]) is None
