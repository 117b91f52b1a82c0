"""What a repair did, and what it did not dare to do: a record for every feature concerned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.layers import Delivery
from spatialplan.messages import Message
from spatialplan.repair.areas import AreaMethod
from spatialplan.repair.wishes import Fix

__all__ = ["WHOLE_TABLE", "Edit", "NewField", "Note", "Refusal", "Removal", "Repair", "Repaired"]

# The row of what concerns a table and none of its features.
WHOLE_TABLE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """One feature whose geometry is not as delivered.

    Attributes
    ----------
    row
        Position in the delivered table, from 0.
    deeds
        What was done, in order, each once.
    area_before_m2, area_after_m2
        By the method that `Repaired.area_method` names; before is what the delivered outline gives.
    vertices_before, vertices_after
        Closing vertices of rings count.
    """

    row: int
    feature_id: str
    fixes: tuple[Fix, ...]
    deeds: tuple[Message, ...]
    area_before_m2: float
    area_after_m2: float
    vertices_before: int
    vertices_after: int

    @property
    def change_m2(self) -> float:
        """Area gained, negative where lost."""
        return self.area_after_m2 - self.area_before_m2


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One value of a field that is not as delivered."""

    row: int
    feature_id: str
    fix: Fix
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class NewField:
    """A text field that the repaired table has beyond those delivered: values by row."""

    name: str
    values: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A feature that was deleted because that was asked for, and the one that it repeats."""

    row: int
    feature_id: str
    fix: Fix
    same_as: str
    area_m2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A repair that was not made; the feature, or the whole table, stays as delivered.

    `change_m2` is what the repair would have changed in area, NaN where that is not the reason.
    """

    row: int
    feature_id: str
    fix: Fix
    why: Message
    change_m2: float = math.nan


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done to a table as a whole."""

    fix: Fix
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Repaired:
    """A table after its repair.

    Attributes
    ----------
    delivery
        The table as delivered.
    frame
        Attributes in delivered order, geometry repaired; the index holds delivered rows.
    crs
        Of the frame; None where none is known.
    text_codec
        The encoding that text was asked to be written in; None leaves it as found.
    """

    delivery: Delivery
    frame: gpd.GeoDataFrame
    crs: CRS | None
    area_method: AreaMethod
    repairs: tuple[Repair, ...] = ()
    edits: tuple[Edit, ...] = ()
    removals: tuple[Removal, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()
    new_fields: tuple[NewField, ...] = ()
    text_codec: str | None = None

    @property
    def kept(self) -> NDArray[np.intp]:
        """Delivered rows that the repaired table holds, in order."""
        return np.asarray(self.frame.index, dtype=np.intp)

    @property
    def changed(self) -> NDArray[np.intp]:
        """Delivered rows whose geometry is another one now."""
        return np.array([repair.row for repair in self.repairs], dtype=np.intp)

    @property
    def change_m2(self) -> float:
        """Area that the whole table gained by repair, removed features included."""
        gained = [repair.change_m2 for repair in self.repairs]
        return math.fsum([*gained, *(-removal.area_m2 for removal in self.removals)])

    @property
    def moved_m2(self) -> float:
        """Sum of all changes of area, gained or lost."""
        moved = [abs(repair.change_m2) for repair in self.repairs]
        return math.fsum([*moved, *(removal.area_m2 for removal in self.removals)])

    @property
    def is_as_delivered(self) -> bool:
        """Whether nothing was changed, noted or renamed."""
        return not (self.repairs or self.edits or self.removals or self.notes or self.new_fields)


def unique(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Return messages in order, each once."""
    found: list[Message] = []
    for message in messages:
        if message not in found:
            found.append(message)
    return tuple(found)
