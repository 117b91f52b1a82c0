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

__all__ = [
    "AreaQuota",
    "Basis",
    "DisjointRule",
    "Edition",
    "LayerSpec",
    "MultipleQuota",
    "Pattern",
    "PatternElement",
    "Plan",
    "ProjectKind",
    "Role",
    "ScreeningRule",
    "ScreeningSpec",
    "ShareBase",
    "Style",
    "Table",
    "Tolerance",
    "Waiver",
    "WithinRule",
    "derive_interval",
    "find_share_base",
    "plan_schema",
    "read_plan",
    "validate_plan",
]
