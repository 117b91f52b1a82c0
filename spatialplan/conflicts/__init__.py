"""Conflicts (冲突) between the control lines, judged whole or in batches of one side."""

from spatialplan.conflicts.judging import judge_rule, judge_rule_batch, merge_rule
from spatialplan.conflicts.results import RulePartial, RuleResult, not_evaluated_rule
from spatialplan.conflicts.sides import Side, prepare_side, take_side

__all__ = [
    "RulePartial",
    "RuleResult",
    "Side",
    "judge_rule",
    "judge_rule_batch",
    "merge_rule",
    "not_evaluated_rule",
    "prepare_side",
    "take_side",
]
