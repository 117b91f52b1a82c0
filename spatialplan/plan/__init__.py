"""The plan: what a document demands, clause by clause, and the layers it is checked on."""

from spatialplan.plan.model import (
    AreaQuota,
    DisjointRule,
    Edition,
    LayerSpec,
    MultipleQuota,
    Pattern,
    PatternElement,
    Plan,
    Style,
    Tolerance,
    WithinRule,
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
    "AreaQuota",
    "Basis",
    "DisjointRule",
    "Edition",
    "GridFile",
    "LayerSpec",
    "MultipleQuota",
    "Pattern",
    "PatternElement",
    "Plan",
    "PlaneFourParameter",
    "ProjectKind",
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
