"""Rasters of the plan file: land cover and elevation, what classes mean, what is read from them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from spatialplan.plan.editions import Edition
from spatialplan.plan.numbers import Direction, OpenNumber
from spatialplan.plan.tables import Colour, Name, Table

__all__ = [
    "HUMAN_COVER",
    "NATURAL_COVER",
    "CorridorSpec",
    "CoverIndicator",
    "CoverKind",
    "Indicator",
    "LegendClass",
    "MonitoringSpec",
    "OtherIndicator",
    "RasterRole",
    "RasterSpec",
]

RasterRole = Literal["land_cover", "elevation"]

# What a class of a legend is, whatever number and title its maker gave it.
CoverKind = Literal[
    "cropland",
    "forest",
    "shrub",
    "grassland",
    "wetland",
    "water",
    "built_up",
    "bare",
    "snow_ice",
    "other",
]

# What people make of ground (人类活动), and what grows or flows by itself.
HUMAN_COVER: frozenset[str] = frozenset({"cropland", "built_up", "bare"})
NATURAL_COVER: frozenset[str] = frozenset({"forest", "shrub", "grassland", "wetland", "water"})


class LegendClass(Table):
    """One class of a land-cover legend."""

    value: int = Field(ge=0, description="Cell value")
    title: Name
    kind: CoverKind
    colour: Colour


class RasterSpec(Table):
    """One raster: where it lies and what its cells mean."""

    id: str = ""
    title: Name
    role: RasterRole
    path: Name
    band: int = Field(1, ge=1)
    crs: str | None = Field(None, description="Only for files that state none")
    legend: str | None = Field(None, description="Name under [legends]; for land cover")
    demonstration: bool = False
    edition: Edition = Edition()


class IndicatorTable(Table):
    """What every indicator states."""

    id: Name
    title: Name
    direction: Direction
    value: OpenNumber = Field(description="Per cent as printed; empty until it is filled in")
    year: int
    nature: Literal["binding", "expected"] = "binding"
    assigned_by: str | None = None
    clause: Name
    note: str = ""


class CoverIndicator(IndicatorTable):
    """A share of ground that land cover can indicate, never more than indicate."""

    kind: Literal["cover_share"]
    raster: Name
    layer: Name = Field(description="Layer whose ground is the denominator")
    counted: tuple[CoverKind, ...] = Field(min_length=1, description="Kinds of cover counted")


class OtherIndicator(IndicatorTable):
    """An indicator that a class raster cannot judge; it is always not evaluated, with `why`."""

    kind: Literal["not_from_land_cover"]
    why: Name


Indicator = Annotated[CoverIndicator | OtherIndicator, Field(discriminator="kind")]


class MonitoringSpec(Table):
    """Where new human activity is looked for, and from which size on."""

    layers: tuple[str, ...] = Field((), description="Layers watched; empty: by their roles")
    minimum_m2: float = Field(2_700.0, gt=0, allow_inf_nan=False, description="Smallest patch")


class CorridorSpec(Table):
    """How the corridors of the pattern are cut into cross-sections."""

    raster: Name
    step_m: float = Field(500.0, gt=0, allow_inf_nan=False, description="Between cross-sections")
    natural: tuple[CoverKind, ...] = ("forest", "shrub", "grassland", "wetland", "water")
    gap_share: float = Field(0.2, ge=0, le=1, description="Natural share below which it is a gap")
    pinch_share: float = Field(0.5, ge=0, le=1, description="... below which it is a pinch point")
