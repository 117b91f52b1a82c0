"""What the tables of plan file and rulebook are made of."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Colour", "Name", "Role", "Table"]

Role = Literal[
    "region",
    "administrative_area",
    "ecological_red_line",
    "basic_farmland",
    "urban_development_boundary",
    "protected_area",
    "water_source",
    "river",
    "ecological_barrier",
    "land_parcel",
    "base_urban_land",
    "control_unit",
    "wetland",
    "public_forest",
    "river_management",
    "water_source_reserve",
    "farmland_reserve",
    "high_standard_farmland",
    "black_soil",
    "mining_right",
    "geological_hazard",
    "heritage",
    "approved_land",
    "planned_use",
    "other",
]

Name = Annotated[str, Field(min_length=1)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class Table(BaseModel):
    """A table of a file: frozen, and no key that is not named here."""

    model_config = ConfigDict(frozen=True, extra="forbid")
