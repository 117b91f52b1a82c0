"""Stated areas: whether what a file says of a site's size fits what its outline measures.

A stated area fits when it is within 1 % of the official area, or within half a unit of the last
digit that is usual for its unit. Where the file names no unit, the unit in which most sites fit is
taken, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from spatialplan.findings import Severity
from spatialplan.messages import Message, say
from spatialplan.sites.submission import Attributes
from spatialplan.sites.table import WHOLE_FILE, Doubt
from spatialplan.units import M2_PER_UNIT, AreaUnit

__all__ = ["compare_stated", "unit_words"]

STATED_SHARE = 0.01
# Half a unit of the last digit usually written: m² whole, ha to 4, 亩 to 2, km² and 万亩 to 4.
HALF_STEP_M2: dict[AreaUnit, float] = {
    "m2": 0.5,
    "ha": 0.5,
    "亩": 10_000 / 15 * 0.005,
    "km2": 50.0,
    "万亩": 100_000_000 / 15 * 0.000_05,
}
UNIT_KEYS: dict[AreaUnit, str] = {
    "m2": "site.unit_m_two",
    "ha": "site.unit_ha",
    "亩": "site.unit_mu",
    "km2": "site.unit_km_two",
    "万亩": "site.unit_wan_mu",
}


def compare_stated(
    attributes: Attributes, area_m2: NDArray[np.float64]
) -> tuple[NDArray[np.float64], list[Doubt]]:
    """Compare stated areas with measured ones.

    Parameters
    ----------
    attributes
        What the file says; an area of 0 states nothing.
    area_m2
        Official area, float64[n]; NaN where there is none.

    Returns
    -------
    stated_m2
        Stated area, float64[n]; NaN where none is stated or its unit is in doubt.
    doubts
        One for every site that does not fit, and one for the file where the unit had to be found.
    """
    stated, units = attributes.stated, attributes.units.copy()
    stated = np.where(stated == 0, np.nan, stated)
    both = np.isfinite(stated) & np.isfinite(area_m2)
    doubts: list[Doubt] = []
    nameless = both & np.array([unit is None for unit in units], dtype=bool)
    common = _common_unit(stated[nameless], area_m2[nameless])
    if common is not None:
        units[np.array([unit is None for unit in units], dtype=bool)] = common
        message = say(
            "site.stated_unit_taken", field=attributes.area_label, unit=unit_words(common)
        )
        doubts.append(Doubt(WHOLE_FILE, "stated_unit_taken", Severity.INFO, message))
    known = both | np.array([unit is not None for unit in attributes.units], dtype=bool)
    factors = np.array([M2_PER_UNIT[unit] if unit else np.nan for unit in units])
    stated_m2 = np.where(known, stated * factors, np.nan)
    for row in np.flatnonzero(both):
        if units[row] and _fits(stated[row], area_m2[row], units[row]):
            continue
        likely = _likely_unit(stated[row], area_m2[row])
        if likely or units[row] is None:
            stated_m2[row] = np.nan
        doubts.append(_doubt(int(row), stated[row], units[row], likely, float(area_m2[row])))
    return stated_m2, doubts


def unit_words(unit: AreaUnit) -> Message:
    """Name a unit of area."""
    return Message(UNIT_KEYS[unit])


def _common_unit(stated: NDArray[np.float64], area_m2: NDArray[np.float64]) -> AreaUnit | None:
    """Return the unit in which most of the areas fit; None where none fits in any."""
    counts = {
        unit: int(sum(_fits(*pair, unit) for pair in zip(stated, area_m2, strict=True)))
        for unit in M2_PER_UNIT
    }
    best = max(counts, key=lambda unit: counts[unit])
    return best if counts[best] else None


def _likely_unit(stated: float, area_m2: float) -> AreaUnit | None:
    return next((unit for unit in M2_PER_UNIT if _is_close(stated, area_m2, unit)), None)


def _fits(stated: float, area_m2: float, unit: AreaUnit) -> bool:
    allowed = max(STATED_SHARE * area_m2, HALF_STEP_M2[unit])
    return bool(abs(stated * M2_PER_UNIT[unit] - area_m2) <= allowed)


def _is_close(stated: float, area_m2: float, unit: AreaUnit) -> bool:
    return bool(abs(stated * M2_PER_UNIT[unit] - area_m2) <= STATED_SHARE * area_m2)


def _doubt(
    row: int, stated: float, unit: AreaUnit | None, likely: AreaUnit | None, area_m2: float
) -> Doubt:
    figures = dict(_figures(stated, unit, area_m2))
    if likely and unit:
        message = say("site.stated_unit", **figures, likely=unit_words(likely))
        return Doubt(row, "stated_unit", Severity.WARNING, message)
    if unit:
        message = say("site.stated_area", **figures)
        return Doubt(row, "stated_area", Severity.WARNING, message)
    message = say("site.stated_no_unit", **figures)
    return Doubt(row, "stated_area", Severity.WARNING, message)


def _figures(stated: float, unit: AreaUnit | None, area_m2: float) -> Iterator[tuple[str, object]]:
    yield "stated", f"{stated:.10g}"
    yield "unit", unit_words(unit) if unit else say("site.unit_none")
    yield "measured_ha", f"{area_m2 / 10_000:,.4f}"
    yield "measured_m2", f"{area_m2:,.2f}"
