"""Suggested places judged like sites: a place free of what is avoided may still touch other lines.

Every place, and the free part of every site, is judged on all layers for the kind of its site, all
in one batch, as if it had been submitted as a site of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from spatialplan.errors import SpatialplanError
from spatialplan.findings import Severity
from spatialplan.messages import Message, say
from spatialplan.screening import Inquiry, SiteFinding, judge_sites
from spatialplan.sites import Doubt, Sites, relocate_sites
from spatialplan.siting.search import first_with_role
from spatialplan.suggestions import Suggestion

__all__ = ["PlaceFindings", "judge_places", "place_sites"]


@dataclass(frozen=True, slots=True)
class PlaceFindings:
    """What the ground of one suggestion would be judged as; `row` of each is the site's.

    Attributes
    ----------
    free
        The part that is free; None where nothing is.
    places
        One a place, in the order of the suggestion.
    """

    free: SiteFinding | None
    places: tuple[SiteFinding, ...]


def place_sites(sites: Sites, suggestions: Mapping[int, Suggestion], inquiry: Inquiry) -> Sites:
    """Return every free part and place as a site, in the order in which they are judged."""
    ground = list(_ground(suggestions))
    return relocate_sites(
        sites,
        [row for row, _ in ground],
        [shape for _, shape in ground],
        region=first_with_role(inquiry, "region"),
    )


def judge_places(
    placed: Sites, suggestions: Mapping[int, Suggestion], inquiry: Inquiry
) -> dict[int, PlaceFindings]:
    """Judge what `place_sites` returned; where that fails, all are not evaluated, with the reason.

    Returns
    -------
    findings
        By row of the site, one for each suggestion.
    """
    try:
        judged = judge_sites(placed, inquiry)
    except (SpatialplanError, ShapelyError) as error:
        judged = judge_sites(_left_open(placed, error), inquiry)
    rows = (row for row, _ in _ground(suggestions))
    found = iter([replace(one, row=row) for row, one in zip(rows, judged, strict=True)])
    return {
        row: PlaceFindings(
            free=next(found) if _has_free_part(suggestion) else None,
            places=tuple(next(found) for _ in suggestion.places),
        )
        for row, suggestion in suggestions.items()
    }


def _ground(suggestions: Mapping[int, Suggestion]) -> Iterator[tuple[int, BaseGeometry]]:
    """Yield the ground of every suggestion with the row of its site, the free part first."""
    for row, suggestion in suggestions.items():
        if _has_free_part(suggestion):
            yield row, suggestion.free.geometry
        for place in suggestion.places:
            yield row, place.geometry


def _has_free_part(suggestion: Suggestion) -> bool:
    return not suggestion.free.geometry.is_empty


def _left_open(placed: Sites, error: SpatialplanError | ShapelyError) -> Sites:
    is_known = isinstance(error, SpatialplanError)
    reason: Message | str = error.faults[0].message if is_known else str(error)
    message = say("screening.place_unjudged", reason=reason)
    count = len(placed)
    return replace(
        placed,
        geometry=np.full(count, None, dtype=object),
        doubts=tuple(Doubt(i, "place_unjudged", Severity.ERROR, message) for i in range(count)),
    )
