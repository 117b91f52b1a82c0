"""Screening: how project sites lie to every layer of the plan, and what follows for them."""

from spatialplan.screening.avoided import avoided_ground
from spatialplan.screening.batches import (
    LayerRows,
    Partial,
    SiteRows,
    judge_batch,
    leave_batch_open,
)
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
from spatialplan.screening.statuses import STATUSES
from spatialplan.screening.tally import (
    DoubtTotal,
    GroundTotal,
    Tally,
    UnreadSites,
    merge_tallies,
)
from spatialplan.screening.verdicts import LEVELS

__all__ = [
    "LEVELS",
    "STATUSES",
    "DoubtTotal",
    "Ground",
    "GroundPart",
    "GroundTotal",
    "Inquiry",
    "LayerFinding",
    "LayerRows",
    "Partial",
    "SiteFinding",
    "SitePiece",
    "SiteRows",
    "Tally",
    "UnreadSites",
    "Use",
    "ZoneFinding",
    "avoided_ground",
    "judge_batch",
    "judge_sites",
    "judged_layers",
    "leave_batch_open",
    "merge_tallies",
    "prepare_grounds",
    "printed_zones",
]
