"""What land cover says of the ground of layers, zones and townships, and of indicators."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from spatialplan.findings import Finding
from spatialplan.layers import RasterLayer
from spatialplan.messages import Message
from spatialplan.plan import CoverKind, LegendClass

__all__ = ["GroundCover", "Indication", "IndicatorFinding", "LandCover", "UnknownValue"]

# What a class raster can say of a demand; it can never say that the demand is met.
Indication = Literal["met", "not_met", "within_uncertainty"]


@dataclass(frozen=True, slots=True)
class GroundCover:
    """The classes of one piece of ground; ground that features share counts once.

    Attributes
    ----------
    layer, zone
        The layer, and its zone; blank for the whole layer.
    township
        Name of the unit; blank for what no unit covers, None for all units together.
    area_m2
        Ellipsoidal area of the ground; the areas below add up to it.
    class_m2
        Area of each class, in the legend's order.
    unknown_m2
        Area of cells whose value the legend does not list.
    nodata_m2
        Area of cells without a value.
    outside_m2
        Ground that the raster does not reach.
    """

    layer: str
    zone: str
    township: str | None
    area_m2: float
    class_m2: tuple[float, ...]
    unknown_m2: float
    nodata_m2: float
    outside_m2: float

    @property
    def unobserved_m2(self) -> float:
        """Ground of which the raster says nothing that can be understood."""
        return self.unknown_m2 + self.nodata_m2 + self.outside_m2

    def share(self, area_m2: float) -> float:
        """Share of the ground that an area is, 0 to 1; its denominator is `area_m2`."""
        return area_m2 / self.area_m2 if self.area_m2 else 0.0


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A cell value that the legend does not list; `cells` and `area_m2` of whole cells read."""

    value: int
    cells: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class LandCover:
    """What one land-cover raster says.

    Attributes
    ----------
    grounds
        Layers in the plan's order: the whole layer, its zones; each first whole, then by township.
    unknown
        Cell values in the part read that the legend does not list.
    """

    raster: RasterLayer
    grounds: tuple[GroundCover, ...]
    unknown: tuple[UnknownValue, ...] = ()

    @property
    def legend(self) -> tuple[LegendClass, ...]:
        """The classes, in the order of `GroundCover.class_m2`."""
        return self.raster.legend

    def ground(self, layer: str) -> GroundCover | None:
        """Return the cover of a whole layer."""
        found = (g for g in self.grounds if (g.layer, g.zone, g.township) == (layer, "", None))
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorFinding(Finding):
    """An indicator of the plan, and what land cover indicates of it.

    Its status is always not evaluated: a class raster is no substitute for the statistic that the
    indicator is defined by.

    Attributes
    ----------
    title, direction, year, nature, assigned_by, note
        As in the plan.
    printed
        The demand as printed, per cent; None where the plan leaves it open.
    raster, counted
        Where the share was read, and the kinds of cover counted; blank where nothing was.
    ground_m2
        Its denominator: ellipsoidal area of the layer's ground, what features share once.
    counted_m2, unobserved_m2
        Ground of the kinds counted, and ground of which the raster says nothing.
    border_m2
        Ground of cells along the border of what is counted; half of it is the uncertainty.
    share, low, high
        Share of the ground observed, and the bounds of the share of all ground, 0 to 1.
    indication
        None where there is none.
    """

    title: str
    direction: str
    year: int
    nature: str
    assigned_by: str | None
    note: str
    printed: Decimal | None
    raster: str = ""
    counted: tuple[CoverKind, ...] = ()
    ground_m2: float | None = None
    counted_m2: float | None = None
    unobserved_m2: float | None = None
    border_m2: float | None = None
    share: float | None = None
    low: float | None = None
    high: float | None = None
    indication: Indication | None = None
    indicated: Message | None = None
