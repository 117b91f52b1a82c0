"""The job behind ``spatialplan screen``: read sites and layers, judge, gather, look elsewhere."""

from spatialplan.siting.job import Screening, SiteOptions, screen_sites
from spatialplan.siting.places import PlaceFindings
from spatialplan.siting.search import SearchOptions

__all__ = ["PlaceFindings", "Screening", "SearchOptions", "SiteOptions", "screen_sites"]
