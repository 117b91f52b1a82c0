"""What a line rule found, and what one batch of a layer leaves of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from spatialplan.findings import Piece, PieceClass, Severity, Status
from spatialplan.messages import Message
from spatialplan.plan import DisjointRule, WithinRule

__all__ = ["RulePartial", "RuleResult", "not_evaluated_rule"]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What one line rule found.

    Attributes
    ----------
    pieces
        Slivers, pieces for a person and conflicts, the largest first.
    enclosed
        Features in holes of the other line.
    noise_pieces, noise_area_m2
        Hairlines under 1 mm wide: counted only.
    ground_m2
        Ground in conflict, counted once where features of one side overlap each other; the sum
        over all pieces is `area_m2`.
    severity
        Error, or warning where the rule only warns.
    looked
        Whether anybody looked for pieces; else that there are none says nothing.
    windows_known
        Whether both sides' holes were searched; a layer that was read in batches shows none.
    """

    rule: DisjointRule | WithinRule
    status: Status
    severity: Severity
    message: Message
    pieces: tuple[Piece, ...] = ()
    enclosed: tuple[Piece, ...] = ()
    noise_pieces: int = 0
    noise_area_m2: float = 0.0
    ground_m2: float = 0.0
    looked: bool = True
    windows_known: bool = True

    def count(self, piece_class: PieceClass) -> int:
        """Return how many pieces are of a class."""
        return sum(piece.piece_class is piece_class for piece in self.pieces)

    def area_m2(self, piece_class: PieceClass) -> float:
        """Return the area of all pieces of a class."""
        return math.fsum(p.area_m2 for p in self.pieces if p.piece_class is piece_class)


@dataclass(frozen=True, slots=True)
class RulePartial:
    """What one batch of one side leaves of a rule.

    Attributes
    ----------
    pieces, noise_pieces, noise_area_m2
        As in `RuleResult`, of the batch.
    enclosed
        Features of a in holes of b, and features of b in holes of a. A side that comes in batches
        has no holes that a batch could show: then nothing.
    zones_a, zones_b
        The zones that occur on each side.
    unsure
        Rows of features of a that lie so near to b that an error of place decides.
    """

    pieces: tuple[Piece, ...]
    enclosed: tuple[tuple[Piece, ...], tuple[Piece, ...]]
    noise_pieces: int
    noise_area_m2: float
    zones_a: frozenset[str]
    zones_b: frozenset[str]
    unsure: frozenset[int]


def not_evaluated_rule(rule: DisjointRule | WithinRule, why: Message) -> RuleResult:
    """Return the result of a rule whose layers could not be used."""
    return RuleResult(rule, Status.NOT_EVALUATED, Severity.WARNING, why, looked=False)
