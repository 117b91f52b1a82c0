"""What land cover says of the ground inside the lines, and of indicators: never more than that."""

from spatialplan.landcover.gaps import find_gaps
from spatialplan.landcover.grounds import LaidGrounds, divide_grounds
from spatialplan.landcover.indicators import judge_indicator, not_evaluated_indicator
from spatialplan.landcover.judging import covered_layers, judge_land_cover
from spatialplan.landcover.results import (
    GroundCover,
    Indication,
    IndicatorFinding,
    LandCover,
    UnknownValue,
)

__all__ = [
    "GroundCover",
    "Indication",
    "IndicatorFinding",
    "LaidGrounds",
    "LandCover",
    "UnknownValue",
    "covered_layers",
    "divide_grounds",
    "find_gaps",
    "judge_indicator",
    "judge_land_cover",
    "not_evaluated_indicator",
]
