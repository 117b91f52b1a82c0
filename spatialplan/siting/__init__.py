"""The job behind ``spatialplan screen``: read sites and layers, judge, gather, look elsewhere."""

from spatialplan.siting.batches import SiteJudge
from spatialplan.siting.job import Screening, screen_sites
from spatialplan.siting.places import PlaceFindings
from spatialplan.siting.reading import SiteOptions
from spatialplan.siting.search import SearchOptions

__all__ = [
    "PlaceFindings",
    "Screening",
    "SearchOptions",
    "SiteJudge",
    "SiteOptions",
    "screen_sites",
]
