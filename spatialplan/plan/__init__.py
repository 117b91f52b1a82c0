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
    Role,
    Style,
    Tolerance,
    WithinRule,
)
from spatialplan.plan.reading import plan_schema, read_plan, validate_plan
from spatialplan.plan.shares import ShareBase, derive_interval, find_share_base

__all__ = [
    "AreaQuota",
    "DisjointRule",
    "Edition",
    "LayerSpec",
    "MultipleQuota",
    "Pattern",
    "PatternElement",
    "Plan",
    "Role",
    "ShareBase",
    "Style",
    "Tolerance",
    "WithinRule",
    "derive_interval",
    "find_share_base",
    "plan_schema",
    "read_plan",
    "validate_plan",
]
