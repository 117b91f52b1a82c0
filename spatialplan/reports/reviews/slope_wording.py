"""What is said of slopes, the same on a terminal and in a table."""

from __future__ import annotations

from spatialplan.layers import RasterLayer
from spatialplan.messages import Language, phrase
from spatialplan.reports.wording import plain_text
from spatialplan.slopes import CroplandSlope

__all__ = ["agreement_line", "class_titles", "method_line", "slope_word", "steep_line"]

# Positions of the classes steeper than 15° and than 25°.
OVER_15, OVER_25 = (3, 4), (4,)


def slope_word(key: str, language: Language, /, **values: object) -> str:
    """Word a phrase of the section ``[slopes]``."""
    return phrase(f"slopes.{key}", language).format(**values)


def class_titles(language: Language) -> list[str]:
    """Return the titles of the five slope classes."""
    return [slope_word(f"class_{number}", language) for number in range(1, 6)]


def method_line(raster: RasterLayer, language: Language) -> str:
    """Say how slopes were found, and what they are worth."""
    grid = raster.grid
    unit = "degrees" if grid.crs.is_geographic else "metres"
    cell = slope_word(f"cell_{unit}", language, east=grid.step_east, north=grid.step_south)
    return slope_word("method", language, raster=plain_text(raster.spec.title), cell=cell)


def steep_line(found: CroplandSlope, language: Language) -> str:
    """Say how much cropland is steep."""
    over_15, over_25 = (sum(map(found.measured_m2, places)) for places in (OVER_15, OVER_25))
    line = slope_word(
        "steep",
        language,
        over_15=over_15 / 10_000,
        over_25=over_25 / 10_000,
        share_15=over_15 / found.area_m2,
        share_25=over_25 / found.area_m2,
    )
    if not found.is_partly_unknown:
        return line
    return line + slope_word("steep_unknown", language, unknown=found.unknown_m2 / 10_000)


def agreement_line(found: CroplandSlope, language: Language) -> str:
    """Compare with the slope classes that the parcels state."""
    stated_15, stated_25 = (sum(map(found.stated_m2, places)) for places in (OVER_15, OVER_25))
    return slope_word(
        "agreement",
        language,
        share=found.agreeing_m2 / found.area_m2,
        stated_15=stated_15 / 10_000,
        stated_25=stated_25 / 10_000,
    )
