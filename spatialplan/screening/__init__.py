"""Screening: how project sites lie to every layer of the plan, and what follows for them."""

from spatialplan.screening.avoided import avoided_ground
from spatialplan.screening.ground import Ground
from spatialplan.screening.judging import Inquiry, judge_sites, prepare_grounds
from spatialplan.screening.preparing import judged_layers
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
    "Ground",
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
    "prepare_grounds",
    "printed_zones",
]
