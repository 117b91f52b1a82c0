"""The plan: what a document demands, clause by clause, and the layers it is checked on."""

from spatialplan.plan.editions import Edition
from spatialplan.plan.model import (
    AreaQuota,
    DisjointRule,
    LayerSpec,
    MultipleQuota,
    Pattern,
    PatternElement,
    Plan,
    Style,
    Tolerance,
    WithinRule,
)
from spatialplan.plan.rasters import (
    HUMAN_COVER,
    NATURAL_COVER,
    CorridorSpec,
    CoverIndicator,
    CoverKind,
    Indicator,
    LegendClass,
    MonitoringSpec,
    OtherIndicator,
    RasterRole,
    RasterSpec,
)
from spatialplan.plan.reading import plan_schema, read_plan, validate_plan
from spatialplan.plan.screening import Basis, ProjectKind, ScreeningRule, ScreeningSpec, Waiver
from spatialplan.plan.shares import ShareBase, derive_interval, find_share_base
from spatialplan.plan.tables import Role, Table
from spatialplan.plan.transformations import (
    GridFile,
    PlaneFourParameter,
    SevenParameter,
    ThreeParameter,
    Transformation,
    Way,
)

__all__ = [
    "HUMAN_COVER",
    "NATURAL_COVER",
    "AreaQuota",
    "Basis",
    "CorridorSpec",
    "CoverIndicator",
    "CoverKind",
    "DisjointRule",
    "Edition",
    "GridFile",
    "Indicator",
    "LayerSpec",
    "LegendClass",
    "MonitoringSpec",
    "MultipleQuota",
    "OtherIndicator",
    "Pattern",
    "PatternElement",
    "Plan",
    "PlaneFourParameter",
    "ProjectKind",
    "RasterRole",
    "RasterSpec",
    "Role",
    "ScreeningRule",
    "ScreeningSpec",
    "SevenParameter",
    "ShareBase",
    "Style",
    "Table",
    "ThreeParameter",
    "Tolerance",
    "Transformation",
    "Waiver",
    "Way",
    "WithinRule",
    "derive_interval",
    "find_share_base",
    "plan_schema",
    "read_plan",
    "validate_plan",
]
