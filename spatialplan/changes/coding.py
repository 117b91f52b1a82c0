"""Pairs of classes as small numbers, so that both editions are summed in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialplan.changes.activity import shows_new_activity
from spatialplan.plan import LegendClass

__all__ = ["PairCodes"]

# Values of so many bytes are looked up in a table.
SMALL_BYTES = 2


@dataclass(frozen=True, slots=True)
class PairCodes:
    """Numbers for what a cell was and is; a value that its legend lacks has the last place.

    Attributes
    ----------
    before, after
        Legends of the two editions, ascending by value.
    """

    before: tuple[LegendClass, ...]
    after: tuple[LegendClass, ...]

    @classmethod
    def of(cls, before: tuple[LegendClass, ...], after: tuple[LegendClass, ...]) -> PairCodes:
        """Make the codes of two legends in any order."""
        return cls(_ascending(before), _ascending(after))

    def encode(self, before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.int32]:
        """Return the code of each cell, int32, in the shape of the values."""
        width = np.int32(len(self.after) + 1)
        codes: NDArray[np.int32] = _places(self.before, before) * width
        codes += _places(self.after, after)
        return codes

    def decode(self, code: int) -> tuple[LegendClass | None, LegendClass | None]:
        """Return the classes of a code; None for what the legend lacks."""
        old, new = divmod(code, len(self.after) + 1)
        return (
            self.before[old] if old < len(self.before) else None,
            self.after[new] if new < len(self.after) else None,
        )

    def new_activity(self) -> NDArray[np.bool_]:
        """Say of every code whether it is new human activity; never of an unknown value."""
        count = (len(self.before) + 1) * (len(self.after) + 1)
        found = np.zeros(count, dtype=bool)
        for code in range(count):
            old, new = self.decode(code)
            found[code] = bool(old and new and shows_new_activity(old.kind, new.kind))
        return found

    def unknown(self) -> NDArray[np.bool_]:
        """Say of every code whether a legend lacks the value: of the earlier, of the later.

        Shape (2, codes).
        """
        width = len(self.after) + 1
        code = np.arange((len(self.before) + 1) * width)
        return np.stack([code // width == len(self.before), code % width == len(self.after)])


def _ascending(legend: tuple[LegendClass, ...]) -> tuple[LegendClass, ...]:
    return tuple(sorted(legend, key=lambda entry: entry.value))


def _places(legend: tuple[LegendClass, ...], values: NDArray[Any]) -> NDArray[np.int32]:
    """Return the place of each value in an ascending legend; the last and one for no place."""
    known = np.array([entry.value for entry in legend], dtype=np.int64)
    if values.dtype.kind == "u" and values.dtype.itemsize <= SMALL_BYTES:
        table = np.full(1 << 8 * values.dtype.itemsize, len(known), dtype=np.int32)
        fitting = known < len(table)
        table[known[fitting]] = np.flatnonzero(fitting)
        found: NDArray[np.int32] = table[values]
        return found
    cells = values.astype(np.int64)
    place = np.minimum(np.searchsorted(known, cells), len(known) - 1)
    return np.where(known[place] == cells, place, len(known)).astype(np.int32)
