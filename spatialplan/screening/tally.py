"""Totals over many sites: what batches add up to.

A tally of a batch is small whatever its size, so that those of a nation's parcels can be held and
merged. Areas are added up with `math.fsum`, in whatever order the batches come.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from spatialplan.findings import GroundStatus, Severity, Verdict, worst_verdict
from spatialplan.messages import Message

__all__ = ["DoubtTotal", "GroundTotal", "Tally", "UnreadSites", "merge_tallies"]

# Of sites under a doubt, as many are named.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class GroundTotal:
    """How many sites lie to a layer in one way, and the ground that they share with it."""

    sites: int
    overlap_m2: float


@dataclass(frozen=True, slots=True)
class DoubtTotal:
    """How many sites are under a doubt; an example of its message, and the ids of the first."""

    severity: Severity
    sites: int
    example: Message
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnreadSites:
    """Sites that could not be read or judged, by row from 0, and why."""

    first_row: int
    count: int
    why: Message


@dataclass(frozen=True, slots=True)
class Tally:
    """What sites add up to.

    Attributes
    ----------
    sites, area_m2
        How many there are, and the official area of those with geometry.
    verdicts
        How many sites come out how.
    ground
        By layer and status; ground that nobody could look at counts for nothing.
    doubts
        By name of the fault.
    unread
        Batches that are not evaluated as a whole, in the order of the file.
    """

    sites: int
    area_m2: float
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    ground: Mapping[tuple[str, GroundStatus], GroundTotal] = field(default_factory=dict)
    doubts: Mapping[str, DoubtTotal] = field(default_factory=dict)
    unread: tuple[UnreadSites, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all."""
        return worst_verdict(self.verdicts)


def merge_tallies(tallies: Iterable[Tally]) -> Tally:
    """Merge what batches add up to.

    Examples
    --------
    >>> half = Tally(1, 0.1, {Verdict.CLEAR: 1})
    >>> merge_tallies([half] * 10).area_m2
    1.0
    """
    found = list(tallies)
    return Tally(
        sites=sum(tally.sites for tally in found),
        area_m2=math.fsum(tally.area_m2 for tally in found),
        verdicts=dict(sum((Counter(tally.verdicts) for tally in found), Counter())),
        ground=_merge_ground(found),
        doubts=_merge_doubts(found),
        unread=tuple(
            sorted((one for tally in found for one in tally.unread), key=lambda one: one.first_row)
        ),
    )


def _merge_ground(tallies: list[Tally]) -> dict[tuple[str, GroundStatus], GroundTotal]:
    totals: dict[tuple[str, GroundStatus], list[GroundTotal]] = defaultdict(list)
    for tally in tallies:
        for key, total in tally.ground.items():
            totals[key].append(total)
    return {
        key: GroundTotal(
            sum(one.sites for one in found), math.fsum(one.overlap_m2 for one in found)
        )
        for key, found in totals.items()
    }


def _merge_doubts(tallies: list[Tally]) -> dict[str, DoubtTotal]:
    totals: dict[str, list[DoubtTotal]] = defaultdict(list)
    for tally in tallies:
        for fault, total in tally.doubts.items():
            totals[fault].append(total)
    return {
        fault: DoubtTotal(
            found[0].severity,
            sum(one.sites for one in found),
            found[0].example,
            tuple(text for one in found for text in one.ids)[:MOST_NAMED],
        )
        for fault, found in sorted(totals.items())
    }
