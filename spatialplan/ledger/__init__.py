"""The ledger of patches (台账): what a person entered is kept, successive runs are matched."""

from spatialplan.ledger.columns import PERSON_COLUMNS, PROGRAM_COLUMNS
from spatialplan.ledger.entries import CLOSED_STATES, Entry, Seen, Sighting, State, Step
from spatialplan.ledger.matching import COMMON_SHARE, match_patches, settle_unseen

__all__ = [
    "CLOSED_STATES",
    "COMMON_SHARE",
    "PERSON_COLUMNS",
    "PROGRAM_COLUMNS",
    "Entry",
    "Seen",
    "Sighting",
    "State",
    "Step",
    "match_patches",
    "settle_unseen",
]
