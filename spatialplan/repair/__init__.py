"""Repair on request: values in, repaired values and a record of every change out; no file access.

Only what is asked for is repaired. A repair that would change a feature's area by more than the
limit, delete it or make it another kind is refused and listed, and the feature stays as delivered.
Repairing twice changes nothing the second time.
"""

from spatialplan.repair.areas import AreaMethod
from spatialplan.repair.position import require_target
from spatialplan.repair.records import (
    WHOLE_TABLE,
    Edit,
    NewField,
    Note,
    Refusal,
    Removal,
    Repair,
    Repaired,
)
from spatialplan.repair.table import COVERAGE_ROLES, repair_table
from spatialplan.repair.wishes import (
    CoverageTolerance,
    Fix,
    RepairLimits,
    RepairWishes,
    parse_encoding,
    parse_fixes,
    parse_limits,
)

__all__ = [
    "COVERAGE_ROLES",
    "WHOLE_TABLE",
    "AreaMethod",
    "CoverageTolerance",
    "Edit",
    "Fix",
    "NewField",
    "Note",
    "Refusal",
    "Removal",
    "Repair",
    "RepairLimits",
    "RepairWishes",
    "Repaired",
    "parse_encoding",
    "parse_fixes",
    "parse_limits",
    "repair_table",
    "require_target",
]
