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
from spatialplan.corridors.telling import CorridorPlace, PlaceKind, list_places, tell_continuity

__all__ = [
    "Continuity",
    "Continuous",
    "CorridorPlace",
    "CorridorResult",
    "CorridorSection",
    "Cut",
    "CutCorridor",
    "PlaceKind",
    "SectionState",
    "Stretch",
    "cut_corridor",
    "judge_corridor",
    "judge_corridors",
    "list_places",
    "not_evaluated_corridor",
    "tell_continuity",
]
