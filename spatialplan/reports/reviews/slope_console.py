"""Cropland by slope on a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from spatialplan.messages import Language
from spatialplan.reports.reviews.slope_wording import (
    agreement_line,
    class_titles,
    method_line,
    slope_word,
    steep_line,
)
from spatialplan.slopes import CroplandSlope

__all__ = ["fill_slope_table", "slope_lines"]


def fill_slope_table(table: Table, found: CroplandSlope, language: Language) -> None:
    """Fill a table with cropland by slope class, measured and stated."""
    table.add_column(slope_word("col_class", language), min_width=12)
    keys = ("measured", "stated", "difference") if found.states_classes else ("measured",)
    for key in keys:
        table.add_column(slope_word(f"col_{key}", language), justify="right", no_wrap=True)
    for place, title in enumerate(class_titles(language)):
        table.add_row(title, *_figures(found.measured_m2(place), found.stated_m2(place), keys))
    rest = len(class_titles(language))
    if found.measured_m2(rest) > 0:
        table.add_row(
            slope_word("class_unknown", language), f"{found.measured_m2(rest) / 10_000:,.2f}"
        )


def slope_lines(found: CroplandSlope, language: Language) -> Iterator[Text]:
    """Say how much cropland is steep, how far the parcels agree, and how slopes were found."""
    yield Text(steep_line(found, language))
    if found.states_classes:
        yield Text(agreement_line(found, language))
    yield Text(method_line(found.raster, language), style="dim")


def _figures(measured_m2: float, stated_m2: float, keys: tuple[str, ...]) -> list[str]:
    areas = {
        "measured": f"{measured_m2 / 10_000:,.2f}",
        "stated": f"{stated_m2 / 10_000:,.2f}",
        "difference": f"{(measured_m2 - stated_m2) / 10_000:+,.2f}",
    }
    return [areas[key] for key in keys]
