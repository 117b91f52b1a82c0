"""Transformations to CGCS2000 with stated parameters, as a plan gives them.

PROJ knows none from Xi'an 1980, Beijing 1954 or a city's own grid. A survey office does: seven or
three parameters between the datums, four parameters between two planes, or a grid of shifts. Two
conventions turn the same numbers into opposite rotations, so that the convention has to be stated.
Parameters are often classified: results name the transformation and its accuracy, never its values.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from spatialplan.plan.tables import Name, Table

__all__ = [
    "GridFile",
    "PlaneFourParameter",
    "SevenParameter",
    "ThreeParameter",
    "Transformation",
    "Way",
]

Number = Annotated[float, Field(allow_inf_nan=False)]

# A plane raised to 4,000 m above the ellipsoid is larger by 630 ppm; more is another unit.
LARGEST_SCALE_PPM = 1_000.0


class _Stated(Table):
    """What every transformation states: who answers for it, and how good it is."""

    issued_by: Name = Field(description="Who gave the parameters, e.g. 某市测绘主管部门")
    accuracy_m: float = Field(gt=0, le=100, allow_inf_nan=False, description="As stated by them")


class ThreeParameter(_Stated):
    """Geocentric translation: X, Y, Z on CGCS2000 are those on the old datum plus dx, dy, dz."""

    kind: Literal["three_parameter"]
    dx_m: Number
    dy_m: Number
    dz_m: Number


class SevenParameter(_Stated):
    """Bursa-Wolf (布尔莎) transformation from the old datum to CGCS2000.

    `convention` says what a positive rotation turns: ``position_vector`` the points (EPSG 9606),
    ``coordinate_frame`` the axes (EPSG 9607); the same rotation has opposite signs in the two.
    """

    kind: Literal["seven_parameter"]
    convention: Literal["position_vector", "coordinate_frame"]
    dx_m: Number
    dy_m: Number
    dz_m: Number
    rx_arcsec: Number
    ry_arcsec: Number
    rz_arcsec: Number
    scale_ppm: Number


class PlaneFourParameter(_Stated):
    """Similarity (平面四参数) from the coordinates in the file to those of a CGCS2000 zone.

    New = shift + (1 + scale) × turned old; `turns` says which way a positive angle turns points:
    ``clockwise`` is from north to east.
    """

    kind: Literal["plane_four_parameter"]
    target: Name = Field(description="CGCS2000 zone that it leads to, e.g. EPSG:4530")
    east_m: Number
    north_m: Number
    rotation_arcsec: Number
    turns: Literal["clockwise", "counter_clockwise"]
    scale_ppm: float = Field(ge=-LARGEST_SCALE_PPM, le=LARGEST_SCALE_PPM, allow_inf_nan=False)


class GridFile(_Stated):
    """A grid of shifts from the old datum to CGCS2000, NTv2 (``.gsb``)."""

    kind: Literal["grid"]
    path: Name = Field(description="The .gsb file, read against the plan's folder")


Transformation = Annotated[
    ThreeParameter | SevenParameter | PlaneFourParameter | GridFile, Field(discriminator="kind")
]


@dataclass(frozen=True, slots=True)
class Way:
    """How coordinates come to CGCS2000 where their CRS alone does not lead there.

    Attributes
    ----------
    name, transformation
        The transformation that is stated, and what the plan calls it.
    accept_error_m
        Coordinates are taken as CGCS2000 as they are, with this error, metres.
    directory
        The folder against which a grid file's path is read.
    """

    transformation: ThreeParameter | SevenParameter | PlaneFourParameter | GridFile | None = None
    name: str = ""
    accept_error_m: float | None = None
    directory: Path = Path()
