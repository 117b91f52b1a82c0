"""Screening: how project sites lie to every layer of the plan, and what follows for them."""

from spatialplan.screening.ground import judged_layers
from spatialplan.screening.judging import Inquiry, avoided_ground, judge_sites
from spatialplan.screening.results import (
    GroundPart,
    LayerFinding,
    SiteFinding,
    SitePiece,
    Use,
    ZoneFinding,
)
from spatialplan.screening.sentences import printed_zones

__all__ = [
    "GroundPart",
    "Inquiry",
    "LayerFinding",
    "SiteFinding",
    "SitePiece",
    "Use",
    "ZoneFinding",
    "avoided_ground",
    "judge_sites",
    "judged_layers",
    "printed_zones",
]
