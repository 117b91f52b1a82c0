"""The currency of every judgement: what was found, where, by how much, under which clause.

Four states are kept apart everywhere. Input that cannot be read is *malformed*: an error, no
finding. What was judged holds (`met`) or is broken (`not_met`). What could not be judged is
`not_evaluated`, with the reason, and never looks like a pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from spatialplan.messages import Message

__all__ = [
    "NOISE_WIDTH_M",
    "Finding",
    "GroundStatus",
    "NotEvaluated",
    "Piece",
    "PieceClass",
    "Severity",
    "Status",
    "Verdict",
    "worst_status",
    "worst_verdict",
]


# A piece of ground narrower than this is projection noise, not ground: 1,194 km of border shared
# across two projections left 4,169 false pieces, the largest of 0.035 m², all far under a
# millimetre wide, while surveys state borders to centimetres.
NOISE_WIDTH_M = 0.001


class Status(StrEnum):
    """Whether a demand holds."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_EVALUATED = "not_evaluated"


class PieceClass(StrEnum):
    """What a piece of ground between two lines is, in rising order of weight."""

    NOISE = "noise"
    SLIVER = "sliver"
    ENCLOSED = "enclosed"
    NEEDS_PERSON = "needs_person"
    CONFLICT = "conflict"


class GroundStatus(StrEnum):
    """How a site lies to a layer; a window (天窗) of the layer encloses it."""

    OVERLAP = "overlap"
    SLIVER = "sliver"
    ENCLOSED = "enclosed"
    CLEAR = "clear"
    NOT_EVALUATED = "not_evaluated"


class Verdict(StrEnum):
    """Whether a project may go on a site, worst first; none of them is a permission.

    `needs_determination` (需认定): an authority must say whether the project is one of those that
    the law lets in. `restricted` (受限): conditions must be met first. `clear` (未发现重叠): no
    ground in common with the layers that were provided.
    """

    PROHIBITED = "prohibited"
    NEEDS_DETERMINATION = "needs_determination"
    RESTRICTED = "restricted"
    NOT_EVALUATED = "not_evaluated"
    CLEAR = "clear"


class Severity(StrEnum):
    """How much a finding weighs: for information, to be looked at, or broken."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a judgement found.

    Attributes
    ----------
    rule_id
        The quota, line rule or quality fault.
    layer
        The layer that it was found in.
    feature_ids
        Ids of the features concerned, as delivered; empty for a whole layer.
    measured, limit, unit
        What was measured against what; None where the finding is no number.
    geometry
        Where, in the plane of judgement; None where it has no place.
    """

    rule_id: str
    layer: str
    status: Status
    severity: Severity
    message: Message
    feature_ids: tuple[str, ...] = ()
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    clause: str = ""
    geometry: BaseGeometry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece(Finding):
    """One connected piece of ground on which two lines meet, or that lies outside a line.

    `width_m` is the mean width 2A/P; `b_id` is empty for ground outside a line; `zone` is the zone
    of the layer that has zones (规划分区); `township` is empty where no unit covers it.
    """

    piece_class: PieceClass
    area_m2: float
    width_m: float
    a_id: str
    b_id: str = ""
    a_name: str = ""
    b_name: str = ""
    zone: str = ""
    township: str = ""


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """A demand that could not be judged, and why."""

    rule_id: str
    why: Message


def worst_status(statuses: Iterable[Status]) -> Status:
    """Return the worst status: not met, then not evaluated, then met (also of nothing)."""
    found = set(statuses)
    for status in (Status.NOT_MET, Status.NOT_EVALUATED):
        if status in found:
            return status
    return Status.MET


def worst_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst verdict in the order of `Verdict`; clear of nothing."""
    found = set(verdicts)
    return next((verdict for verdict in Verdict if verdict in found), Verdict.CLEAR)
