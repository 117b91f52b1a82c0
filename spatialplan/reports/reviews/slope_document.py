"""Cropland by slope in ``review.json``; areas in ha."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spatialplan.messages import Language
from spatialplan.reports.reviews.slope_wording import OVER_15, OVER_25, method_line
from spatialplan.reports.wording import finite
from spatialplan.slopes import CroplandSlope

__all__ = ["describe_cropland_slope"]

HA_DIGITS = 6


def describe_cropland_slope(found: CroplandSlope | None, language: Language) -> Any:
    """Return cropland by slope class and township; None where it was not asked for."""
    if found is None:
        return None
    classes = range(len(found.table_m2) - 1)
    measured = [found.measured_m2(place) for place in classes]
    stated = [found.stated_m2(place) for place in classes]
    return {
        "raster": found.raster.spec.id,
        "layer": found.layer.spec.id,
        "method": method_line(found.raster, language),
        "status": "indicative",
        "cropland_ha": _ha(found.area_m2),
        "over_15_ha": _over(measured, OVER_15),
        "over_25_ha": _over(measured, OVER_25),
        "unknown_ha": _ha(found.measured_m2(len(measured))),
        "class_ha": [_ha(area) for area in measured],
        "stated_class_ha": [_ha(area) for area in stated] if found.states_classes else None,
        "agreeing_ha": _ha(found.agreeing_m2) if found.states_classes else None,
        "stated_by_measured_ha": [[_ha(area) for area in row] for row in found.table_m2],
        "townships": [
            {
                "name": unit.township,
                "class_ha": [_ha(area) for area in unit.class_m2],
                "over_15_ha": _over(unit.class_m2, OVER_15),
                "over_25_ha": _over(unit.class_m2, OVER_25),
                "unknown_ha": _ha(unit.unknown_m2),
            }
            for unit in found.townships
        ],
    }


def _over(class_m2: Sequence[float], places: tuple[int, ...]) -> float | None:
    return _ha(sum(class_m2[place] for place in places))


def _ha(area_m2: float) -> float | None:
    return finite(area_m2 / 10_000, HA_DIGITS)
