"""The page's own wording and how it writes numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from spatialplan.messages import Language, phrase
from spatialplan.units import from_m2, round_printed

__all__ = ["Wording"]

# What stands where a number is none.
NOTHING = "—"

# Margins are shown to so much, in the unit of the demand.
SMALLEST_MARGIN = 0.0001


@dataclass(frozen=True, slots=True)
class Wording:
    """Words of one language: ``wording("legend")`` is the phrase ``map.legend``."""

    language: Language

    def __call__(self, key: str, /, **values: object) -> str:
        """Word a phrase of the map's section."""
        return phrase(f"map.{key}", self.language).format(**values)

    def batched(self, key: str, /, **values: object) -> str:
        """Word a phrase about layers that were read in batches."""
        return phrase(f"batched.{key}", self.language).format(**values)

    def screen(self, key: str, /, **values: object) -> str:
        """Word a phrase of a screening's page."""
        return phrase(f"screen_map.{key}", self.language).format(**values)

    def inspect(self, key: str, /, **values: object) -> str:
        """Word a phrase of an inspection's page."""
        return phrase(f"inspection.{key}", self.language).format(**values)

    def monitor(self, key: str, /, **values: object) -> str:
        """Word a phrase of a monitoring's page."""
        return phrase(f"monitoring.{key}", self.language).format(**values)

    def corridor(self, key: str, /, **values: object) -> str:
        """Word a phrase of corridors."""
        return phrase(f"corridors.{key}", self.language).format(**values)

    def cover(self, key: str, /, **values: object) -> str:
        """Word a phrase of land cover."""
        return phrase(f"landcover.{key}", self.language).format(**values)

    def fault(self, rule_id: str, /) -> str:
        """Name a class of fault of a delivery."""
        return phrase(f"fault.{rule_id}", self.language)

    def site_area(self, area_m2: float) -> str:
        """Write the area of a site or of ground in it: hectares, 亩 and square metres.

        Examples
        --------
        >>> Wording("en").site_area(12_345.0)
        '1.2345 ha (18.52 mu, 12,345.00 m²)'
        """
        if not math.isfinite(area_m2):
            return NOTHING
        return self.screen(
            "area",
            ha=f"{round_printed(area_m2 / 10_000, 4):,}",
            mu=f"{round_printed(from_m2(area_m2, '亩'), 2):,}",
            m2=f"{round_printed(area_m2, 2):,}",
        )

    def distance(self, distance_m: float) -> str:
        """Write a distance in metres, from 10 km on in kilometres.

        Examples
        --------
        >>> Wording("en").distance(812.34), Wording("en").distance(12_345.0)
        ('812.3 m', '12.3 km')
        """
        if distance_m < 10_000:
            return f"{round_printed(distance_m, 1):,} {self('unit_m')}"
        return f"{round_printed(distance_m / 1_000, 1):,} {self('unit_km')}"

    def hectares(self, area_m2: float) -> str:
        """Write an area in hectares; small ones in square metres.

        Examples
        --------
        >>> Wording("en").hectares(12_345_678.0), Wording("en").hectares(40.2)
        ('1,234.57 ha', '40.20 m²')
        """
        if not math.isfinite(area_m2):
            return NOTHING
        if abs(area_m2) < 1_000:
            return f"{round_printed(area_m2, 2):,} {self('unit_m2')}"
        return f"{round_printed(area_m2 / 10_000, 2):,} {self('unit_ha')}"

    def amount(self, value: float | Decimal, unit: str, decimals: int) -> str:
        """Write a number rounded half up, with its unit."""
        if not math.isfinite(value):
            return NOTHING
        number = f"{round_printed(value, decimals):,}"
        word = self(f"unit_{UNIT_KEYS[unit]}")
        return f"{number} {word}".strip()

    def margin(self, value: float, unit: str) -> str:
        """Write a margin with its sign and unit; one too small to show still shows its side.

        Examples
        --------
        >>> Wording("en").margin(-0.00001, "ha"), Wording("en").margin(12.5, "multiple")
        ('-<0.0001 ha', '+12.5000 times')
        """
        if not math.isfinite(value):
            return NOTHING
        number = f"{value:+,.4f}"
        if value != 0 and abs(value) < SMALLEST_MARGIN:
            number = f"{'+' if value > 0 else '-'}<{SMALLEST_MARGIN}"
        return f"{number} {self(f'unit_{UNIT_KEYS[unit]}')}".strip()

    def per_cent(self, share: float) -> str:
        """Write a share (0 to 1) as per cent with two decimals."""
        return f"{round_printed(share * 100, 2)} %" if math.isfinite(share) else NOTHING


UNIT_KEYS = {
    "m2": "m2",
    "ha": "ha",
    "km2": "km2",
    "亩": "mu",
    "万亩": "wanmu",
    "multiple": "multiple",
}
