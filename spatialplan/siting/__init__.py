"""The job behind ``spatialplan screen``: read sites and layers, judge, gather, look elsewhere."""

from spatialplan.siting.batches import SiteJudge
from spatialplan.siting.job import Screening, screen_sites
from spatialplan.siting.places import PlaceFindings
from spatialplan.siting.reading import SiteOptions
from spatialplan.siting.search import SearchOptions
from spatialplan.siting.streaming import BATCH_SITES, SiteStream, StreamedScreening, open_stream

__all__ = [
    "BATCH_SITES",
    "PlaceFindings",
    "Screening",
    "SearchOptions",
    "SiteJudge",
    "SiteOptions",
    "SiteStream",
    "StreamedScreening",
    "open_stream",
    "screen_sites",
]
