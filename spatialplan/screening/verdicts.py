"""From ground to verdicts: which rules apply to it, and what they say for every kind of project.

Verdicts are numbers here, the worst the highest, in arrays with one column a kind of project, so
that thousands of sites are judged for all kinds at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spatialplan.findings import Verdict
from spatialplan.plan import LayerSpec, ScreeningRule
from spatialplan.rulebook import Rulebook

__all__ = [
    "ALL_KINDS",
    "LEVELS",
    "Case",
    "CaseBook",
    "Levels",
    "level_of",
    "pick_level",
    "pick_levels",
    "soften_slivers",
]

Levels = NDArray[np.int8]
Where = Literal["inside", "outside", "enclosed"]

# From best to worst.
LEVELS: tuple[Verdict, ...] = tuple(reversed(Verdict))

# Stands for the kind of a site that is judged over all kinds.
ALL_KINDS = -1


def level_of(verdict: Verdict) -> int:
    """Return the number of a verdict; a worse one has a higher number."""
    return LEVELS.index(verdict)


# A strip at or under the tolerance may be a border drawn twice: that is for a person to settle,
# whatever the rule says of ground in earnest.
SLIVER_LEVEL = level_of(Verdict.NEEDS_DETERMINATION)


@dataclass(frozen=True, slots=True)
class Case:
    """The rules that apply to a piece of ground, and the level for every kind of project."""

    rules: tuple[ScreeningRule, ...]
    levels: Levels

    def level(self, kind: int) -> int:
        """Return the level for one kind by its number, the worst over all for `ALL_KINDS`."""
        return pick_level(self.levels, kind)


class CaseBook:
    """Looks ground of one layer up in the rulebook, each kind of ground once.

    Attributes
    ----------
    asks_for_features, asks_for_outside
        Whether some rule about the layer names single features, or ground outside it.
    clear
        The levels of ground that no rule speaks of, for every kind of project.
    """

    def __init__(self, book: Rulebook, spec: LayerSpec) -> None:
        self.book, self.spec = book, spec
        self.clear: Levels = np.zeros(len(book.kinds), dtype=np.int8)
        about = [rule for rule in book.rules if spec.id == rule.layer or spec.role == rule.role]
        self.asks_for_features = any(rule.features for rule in about)
        self.asks_for_outside = any(rule.where == "outside" for rule in about)
        self._known: dict[tuple[Where, str, tuple[str, ...]], Case] = {}
        self._spoken: dict[tuple[int, int], tuple[ScreeningRule, ...]] = {}

    def look_up(
        self, where: Where = "inside", zone: str = "", features: tuple[str, ...] = ()
    ) -> Case:
        """Return the case of a piece of ground; a land parcel's zone is its class code."""
        key = (where, zone, features)
        if key not in self._known:
            self._known[key] = self._judge(where, zone, features)
        return self._known[key]

    def rules_for_kind(self, case: Case, kind: int) -> tuple[ScreeningRule, ...]:
        """Return the rules of a case that speak of a kind of project, the worst first."""
        key = (id(case), kind)
        if key not in self._spoken:
            kinds = list(self.book.kinds)
            asked = kinds if kind == ALL_KINDS else kinds[kind : kind + 1]
            meant = [rule for rule in case.rules if any(rule.meant_for(name) for name in asked)]
            self._spoken[key] = tuple(sorted(meant, key=lambda rule: -level_of(rule.verdict)))
        return self._spoken[key]

    def _judge(self, where: Where, zone: str, features: tuple[str, ...]) -> Case:
        parcels = self.spec.role == "land_parcel"
        rules = self.book.rules_for(
            self.spec,
            where=where,
            zone="" if parcels else zone,
            land_class=zone if parcels else "",
            features=features,
        )
        unreached = self._level_without_rule(where, zone)
        levels = [
            max(
                (level_of(rule.verdict) for rule in rules if rule.meant_for(kind)),
                default=unreached,
            )
            for kind in self.book.kinds
        ]
        return Case(rules, np.array(levels, dtype=np.int8))

    def _level_without_rule(self, where: str, zone: str) -> int:
        """Level where no rule reaches: ground in common that nobody judged is not evaluated."""
        if where == "outside":
            return level_of(Verdict.CLEAR)
        if where == "enclosed":
            return level_of(Verdict.RESTRICTED)
        known_class = self.spec.role == "land_parcel" and self.book.land_class(zone) is not None
        return level_of(Verdict.CLEAR if known_class else Verdict.NOT_EVALUATED)


def pick_level(levels: Levels, kind: int) -> int:
    """Return the level for one kind by its number, the worst over all for `ALL_KINDS`."""
    return int(levels.max(initial=0) if kind == ALL_KINDS else levels[kind])


def pick_levels(levels: Levels, kinds: NDArray[np.int64]) -> Levels:
    """Return `pick_level` of every row, each for its own kind, int8[n]."""
    own = levels[np.arange(len(levels)), np.maximum(kinds, 0)] if levels.shape[1] else kinds * 0
    worst = levels.max(axis=1, initial=0)
    return np.where(kinds == ALL_KINDS, worst, own).astype(np.int8)


def soften_slivers(levels: Levels) -> Levels:
    """Return the levels of ground that is nothing but slivers."""
    return np.minimum(levels, np.int8(SLIVER_LEVEL))
