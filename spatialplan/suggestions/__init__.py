"""Where else: the free part of a site, and the nearest places where it would be free.

The *free part* is the site less the avoided ground (and less a clearance around it), without
hairlines and slivers. A *place* is the same footprint, moved rigidly in the working CRS and turned
about its centroid if asked for, that shares no ground with what is to be avoided and lies inside
what it must lie in. Places are found on a grid, so one that leaves less than about two of the
grid's steps of room can be missed; every place that is returned was verified on vectors.
"""

from spatialplan.suggestions.ground import SearchGround, prepare_search
from spatialplan.suggestions.results import FreePart, FreePlace, Suggestion
from spatialplan.suggestions.search import suggest_places

__all__ = [
    "FreePart",
    "FreePlace",
    "SearchGround",
    "Suggestion",
    "prepare_search",
    "suggest_places",
]
