"""Slope of sites in ``screening.json`` and ``screening.xlsx``; nothing without an elevation."""

from __future__ import annotations

from typing import Any

from spatialplan.messages import Language
from spatialplan.reports.cells import Amount, Cell, Column
from spatialplan.reports.reviews.slope_wording import method_line, slope_word
from spatialplan.reports.wording import finite
from spatialplan.siting import Screening
from spatialplan.slopes import GroundSlope

__all__ = ["describe_slope", "describe_slope_method", "slope_cells", "slope_columns"]

DEGREE_DIGITS, SHARE_DIGITS, HA_DIGITS = 4, 6, 6
COLUMNS = ("mean", "steepest", "over_15", "over_25", "unknown")


def describe_slope_method(screening: Screening, language: Language) -> dict[str, Any]:
    """Return how slopes were found, or why none was."""
    slopes = screening.slopes
    if slopes is None:
        return {}
    if slopes.raster is None:
        why = slopes.why.text(language) if slopes.why else ""
        return {"slope_method": slope_word("unusable", language, why=why)}
    return {"slope_method": method_line(slopes.raster, language)}


def describe_slope(screening: Screening, row: int) -> dict[str, Any]:
    """Return the slope of a site; null where it is not known."""
    if screening.slopes is None:
        return {}
    found = screening.slopes.by_row.get(row)
    if found is None or found.mean is None:
        return {"slope": None}
    return {
        "slope": {
            "mean_degrees": finite(found.mean, DEGREE_DIGITS),
            "steepest_degrees": finite(found.steepest, DEGREE_DIGITS),
            "over_15_ha": finite(found.over_m2[0] / 10_000, HA_DIGITS),
            "over_25_ha": finite(found.over_m2[1] / 10_000, HA_DIGITS),
            "over_15_share": finite(found.share_over(0), SHARE_DIGITS),
            "over_25_share": finite(found.share_over(1), SHARE_DIGITS),
            "unknown_ha": finite(found.unknown_m2 / 10_000, HA_DIGITS),
        }
    }


def slope_columns(screening: Screening, language: Language) -> list[Column]:
    """Return the columns of slope in the list of sites."""
    if screening.slopes is None:
        return []
    return [Column(slope_word(f"col_{key}", language), 12, Amount(None, 2)) for key in COLUMNS]


def slope_cells(screening: Screening, row: int) -> list[Cell]:
    """Return the slope of a site, a dash where it is not known."""
    if screening.slopes is None:
        return []
    found = screening.slopes.by_row.get(row)
    return [Amount(value, 2) for value in _figures(found)]


def _figures(found: GroundSlope | None) -> list[float | None]:
    if found is None or found.mean is None:
        return [None] * len(COLUMNS)
    hectares = [area / 10_000 for area in (*found.over_m2, found.unknown_m2)]
    return [found.mean, found.steepest, *hectares]
