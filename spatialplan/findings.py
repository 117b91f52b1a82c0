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
    "NotEvaluated",
    "Piece",
    "PieceClass",
    "Severity",
    "Status",
    "worst_status",
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
