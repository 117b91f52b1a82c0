"""The plan file as frozen, validated values.

One class a table of ``plan.toml``. Numbers that a document prints are held as decimal text, exactly
as printed, because their last digit says how far they can be relied on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, PrivateAttr

from spatialplan.errors import Fault, PlanError
from spatialplan.messages import say
from spatialplan.plan.editions import Edition
from spatialplan.plan.numbers import OPEN_DECIMALS, Direction, OpenNumber, PrintedNumber
from spatialplan.plan.rasters import (
    CorridorSpec,
    Indicator,
    LegendClass,
    MonitoringSpec,
    RasterRole,
    RasterSpec,
)
from spatialplan.plan.screening import ScreeningSpec
from spatialplan.plan.tables import Colour, Name, Role, Table
from spatialplan.plan.transformations import Transformation, Way
from spatialplan.units import AreaUnit

__all__ = [
    "AreaQuota",
    "DisjointRule",
    "Edition",
    "LayerSpec",
    "LineRule",
    "MultipleQuota",
    "Pattern",
    "PatternElement",
    "Plan",
    "PlanHeader",
    "QuotaSpec",
    "ShareBaseSpec",
    "Style",
    "Tolerance",
    "WithinRule",
]


class PlanHeader(Table):
    """What plan this is, and how its results are to be read."""

    id: Name
    title: Name
    region: Name
    region_code: str = ""
    language: Literal["zh", "en"] = "zh"
    crs: str | None = Field(None, description="Working CRS; default: 3-degree zone of the region")
    year: int = Field(description="Year whose demands are checked when none is asked for")
    standing: Name = Field(description="What kind of plan this is in law")
    notice: Name = Field(description="Sentence printed with every result")
    demonstration: bool = False
    demonstration_notice: str = ""


class ShareBaseSpec(Table):
    """The denominators that shares of the area may have, and the one that is used."""

    use: Literal["stated", "derived", "measured"]
    why: Name
    stated_ha: PrintedNumber | None = None
    stated_clause: str = ""
    measured_layer: str | None = None


class LayerSpec(Table):
    """One layer: where it lies and which of its fields mean what."""

    id: str = ""
    title: Name
    role: Role
    path: Name
    table: str | None = None
    crs: str | None = Field(None, description="Only for files that state none")
    transformation: str | None = Field(None, description="Name under [transformations]")
    accept_error_m: float | None = Field(
        None,
        gt=0,
        le=1_000,
        allow_inf_nan=False,
        description="Take coordinates as CGCS2000 as they are, with this error in metres",
    )
    encoding: str | None = None
    geometry: Literal["polygon", "line", "point"] = "polygon"
    id_field: str | None = None
    name_field: str | None = None
    area_field: str | None = None
    area_unit: AreaUnit = "m2"
    net_area_field: str | None = None
    deduction_field: str | None = Field(None, description="扣除系数 KCXS, share 0 to 1")
    class_field: str | None = None
    zone_field: str | None = None
    village_field: str | None = Field(None, description="坐落单位名称 ZLDWMC")
    owner_field: str | None = Field(None, description="权属单位名称 QSDWMC")
    tenure_field: str | None = Field(None, description="权属性质 QSXZ")
    slope_field: str | None = Field(None, description="耕地坡度级别 GDPDJB")
    generalised: bool = False
    demonstration: bool = False
    edition: Edition = Edition()


class Quota(Table):
    """What every quota states."""

    id: Name
    title: Name
    layer: Name
    direction: Direction
    value: OpenNumber = Field(description="As printed; empty until it is filled in")
    year: int
    nature: Literal["binding", "expected"] = "binding"
    assigned_by: str | None = None
    clause: Name

    @property
    def decimals(self) -> int:
        """Places after the point that the document prints."""
        if self.value is None:
            return OPEN_DECIMALS
        return max(0, -int(self.value.as_tuple().exponent))


class AreaQuota(Quota):
    """An area that a layer must reach or keep below."""

    kind: Literal["area"]
    unit: AreaUnit
    share_percent: PrintedNumber | None = None
    classes: tuple[str, ...] = Field((), description="Class codes counted, by their beginnings")
    measure: Literal["gross", "net"] = Field("gross", description="net: less field ridges (田坎)")


class MultipleQuota(Quota):
    """An area as a multiple of a base (扩展倍数); without a base it is not evaluated."""

    kind: Literal["multiple"]
    base_layer: str | None = None
    base_ha: PrintedNumber | None = None
    base_note: str = ""


QuotaSpec = Annotated[AreaQuota | MultipleQuota, Field(discriminator="kind")]


class Tolerance(Table):
    """Below this a piece between two lines is a sliver (微小图斑)."""

    area_m2: float = Field(1.0, ge=0, allow_inf_nan=False)
    width_m: float = Field(0.1, ge=0, allow_inf_nan=False)


class Rule(Table):
    """What every rule between two lines states."""

    id: Name
    title: Name
    a: Name
    b: Name
    zones_a: tuple[str, ...] = Field((), description="Only these zones of a")
    zones_b: tuple[str, ...] = Field((), description="Only these zones of b")
    tolerance: Tolerance = Tolerance()
    advice: str = ""
    clause: Name


class DisjointRule(Rule):
    """Two lines must not overlap; what lies in a hole of the other (开天窗) is counted apart."""

    kind: Literal["disjoint"]
    person_zones_b: tuple[str, ...] = Field((), description="Zones of b that a person judges")


class WithinRule(Rule):
    """Layer a must lie inside layer b; what lies outside is classed by `outside`."""

    kind: Literal["within"]
    outside: Literal["conflict", "needs_person", "warning", "by_edition"] = "conflict"


LineRule = Annotated[DisjointRule | WithinRule, Field(discriminator="kind")]


class PatternElement(Table):
    """One named element of the ecological pattern, bound to features of a layer."""

    kind: Literal["barrier", "core", "corridor", "point"]
    group: Name
    name: Name
    layer: Name
    feature: Name
    width_m: float | None = Field(None, gt=0)
    width_note: str = ""


class Pattern(Table):
    """The ecological pattern (生态空间格局)."""

    title: Name
    clause: Name
    elements: tuple[PatternElement, ...]


class Style(Table):
    """How a layer is drawn; `verified` says whether a published standard was checked."""

    fill: Colour | None = None
    line: Colour
    verified: bool = False
    note: str = ""


class Plan(Table):
    """What a plan document demands, clause by clause, and the layers it is checked on."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    schema_version: Literal[1] = Field(alias="schema")
    header: PlanHeader = Field(alias="plan")
    share_base: ShareBaseSpec | None = None
    layers: dict[str, LayerSpec] = Field(min_length=1)
    transformations: dict[str, Transformation] = Field(default_factory=dict)
    rasters: dict[str, RasterSpec] = Field(default_factory=dict)
    legends: dict[str, tuple[LegendClass, ...]] = Field(default_factory=dict)
    quotas: tuple[QuotaSpec, ...] = ()
    line_rules: tuple[LineRule, ...] = ()
    pattern: Pattern | None = None
    indicators: tuple[Indicator, ...] = ()
    monitoring: MonitoringSpec = MonitoringSpec()
    corridors: CorridorSpec | None = None
    screening: ScreeningSpec = ScreeningSpec()
    styles: dict[str, Style] = Field(default_factory=dict)

    _directory: Path = PrivateAttr(default=Path())
    _sha256: str = PrivateAttr(default="")
    _file_name: str = PrivateAttr(default="")

    def model_post_init(self, context: Any) -> None:
        """Give every layer the name it has in the file, and remember where the file lay."""
        named = {key: spec.model_copy(update={"id": key}) for key, spec in self.layers.items()}
        self.layers.update(named)
        rasters = {key: spec.model_copy(update={"id": key}) for key, spec in self.rasters.items()}
        self.rasters.update(rasters)
        if isinstance(context, dict):
            self._directory = context.get("directory", Path())
            self._sha256 = context.get("sha256", "")
            self._file_name = context.get("name", "")

    @property
    def directory(self) -> Path:
        """The folder against which the layers' paths are read."""
        return self._directory

    @property
    def file_name(self) -> str:
        """Name of the plan file, without its folder; blank where there is none."""
        return self._file_name

    @property
    def sha256(self) -> str:
        """SHA-256 of the plan file's bytes."""
        return self._sha256

    def find_way(self, transformation: str | None, accept_error_m: float | None) -> Way:
        """Return how coordinates come to CGCS2000; `transformation` by its name in the plan.

        Raises
        ------
        PlanError
            If the plan has no such transformation, or both are given.
        """
        where, known = f"{self._file_name} [transformations]", ", ".join(self.transformations)
        if transformation is not None and transformation not in self.transformations:
            names = {"found": transformation, "expected": known or "\N{EM DASH}"}
            raise PlanError(Fault(where, say("position.unknown_transformation", **names)))
        if transformation is not None and accept_error_m is not None:
            raise PlanError(Fault(where, say("position.two_ways")))
        stated = self.transformations.get(transformation or "")
        return Way(stated, transformation or "", accept_error_m, self._directory)

    def layers_with_role(self, role: Role) -> tuple[LayerSpec, ...]:
        """Return the layers of one role, in the file's order."""
        return tuple(spec for spec in self.layers.values() if spec.role == role)

    def rasters_with_role(self, role: RasterRole) -> tuple[RasterSpec, ...]:
        """Return the rasters of one role, in the file's order."""
        return tuple(spec for spec in self.rasters.values() if spec.role == role)
