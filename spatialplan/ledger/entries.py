"""What a ledger (台账) holds and what a run has to say about it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from shapely.geometry.base import BaseGeometry

__all__ = ["CLOSED_STATES", "Entry", "Seen", "Sighting", "State", "Step"]


class State(StrEnum):
    """What a person has made of a patch; the words are those of 清单化管理、对账销号.

    A patch enters as `NEW`. Whatever follows is a person's doing.
    """

    NEW = "新增"
    CONFIRMED = "核实"
    EXCLUDED = "排除"
    CLOSED = "销号"


# With these a patch is settled; any other state, also one that nobody knows, leaves it open.
CLOSED_STATES = frozenset({State.EXCLUDED, State.CLOSED})


class Seen(StrEnum):
    """What a run found of a row of the ledger."""

    FIRST = "first"
    AGAIN = "again"
    SPLIT = "split"
    MERGED = "merged"
    GONE = "gone"
    REMAINS = "remains"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the ledger.

    Attributes
    ----------
    row
        Its number in the file.
    patch_id
        Blank, or repeated, in rows that a person added; those are `own`.
    state
        As a person left it, whatever it says.
    shape
        In the plane of judgement; None where the row has no ground.
    cover
        Title of the class that the ground was of when the row was last written.
    first_seen, last_seen
        Names of editions; `values` holds every column that the program keeps.
    own
        A person added the row: it is kept, and nothing in it is ever changed.
    """

    row: int
    patch_id: str
    state: str
    shape: BaseGeometry | None
    cover: str = ""
    first_seen: str = ""
    last_seen: str = ""
    own: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_closed(self) -> bool:
        """Tell whether a person settled it (排除 or 销号)."""
        return self.state in CLOSED_STATES

    @property
    def has_known_state(self) -> bool:
        """Tell whether the state is one of the four."""
        return self.state in set(State)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A patch that a run found: its id, its ground in the plane of judgement, its class now."""

    patch_id: str
    shape: BaseGeometry
    cover: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one row of the ledger, or of one patch that has none yet.

    Attributes
    ----------
    entry
        The row; None for a patch that enters the ledger.
    sighting
        Position of the patch among those of the run; None where the row was not seen.
    related
        Id of the row that this one was merged into or split from; blank otherwise.
    grown_m2
        For a settled row: ground of the patch outside the row's outline.
    altered
        For a settled row: the ground is of another class than it was when it was settled.
    """

    entry: Entry | None
    sighting: int | None
    seen: Seen
    related: str = ""
    grown_m2: float = 0.0
    altered: bool = False
