"""Corridors of the pattern (廊道): natural cover in cross-sections, gaps, cuts."""

from spatialplan.corridors.continuity import Continuity, Continuous, Cut
from spatialplan.corridors.elements import judge_corridors
from spatialplan.corridors.judging import (
    CorridorResult,
    CorridorSection,
    SectionState,
    Stretch,
    judge_corridor,
    not_evaluated_corridor,
)
from spatialplan.corridors.sections import CutCorridor, cut_corridor

__all__ = [
    "Continuity",
    "Continuous",
    "CorridorResult",
    "CorridorSection",
    "Cut",
    "CutCorridor",
    "SectionState",
    "Stretch",
    "cut_corridor",
    "judge_corridor",
    "judge_corridors",
    "not_evaluated_corridor",
]
