"""Is natural cover one connected piece from end to end of a corridor, and where is it cut.

Cells are connected over edges and corners. A cell belongs to the corridor if at least half of it
lies in the band, and to the section that covers most of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from spatialplan.cells import CoverFractions

__all__ = ["Continuity", "Continuous", "Cut", "NaturalCells", "find_cuts", "settle_cells"]

# From this part on a cell counts as lying in the corridor.
IN_BAND = 0.5

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Continuous(StrEnum):
    """Whether natural cover runs through from end to end."""

    WHOLE = "whole"
    CUT = "cut"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True, slots=True)
class Cut:
    """A place where no natural cover leads on.

    Attributes
    ----------
    ends_in, begins_in
        Positions of the sections in which natural cover ends and in which it begins again; -1 where
        there is none at the corridor's beginning, the number of sections where none follows.
    certain
        False where cells without value lie in these sections: cover might lead on there.
    """

    ends_in: int
    begins_in: int
    certain: bool

    @property
    def beside(self) -> bool:
        """Whether two pieces run side by side without meeting."""
        return self.begins_in <= self.ends_in


@dataclass(frozen=True, slots=True)
class Continuity:
    """How far natural cover runs through a corridor; `pieces` is the number end to end."""

    state: Continuous
    cuts: tuple[Cut, ...] = ()

    @property
    def pieces(self) -> int:
        """Into how many lengths the cuts divide the corridor."""
        return len(self.cuts) + 1


@dataclass(frozen=True, slots=True)
class NaturalCells:
    """Cells of natural cover in a corridor, and the section of each, int64[n] each."""

    row: Integers
    column: Integers
    section: Integers


def settle_cells(parts: CoverFractions) -> NaturalCells:
    """Give every cell of which half lies in the band to the section that covers most of it."""
    width = int(parts.column.max(initial=0)) + 1
    key = parts.row * width + parts.column
    order = np.lexsort((parts.shape, -parts.fraction, key))
    key, fraction, shape = key[order], parts.fraction[order], parts.shape[order]
    cells, first = np.unique(key, return_index=True)
    within = np.add.reduceat(fraction, first) if len(key) else fraction
    # A cell cut in two by a station may sum to a hair under a half by rounding.
    kept = within > IN_BAND - 1e-6
    return NaturalCells(cells[kept] // width, cells[kept] % width, shape[first][kept])


def find_cuts(cells: NaturalCells, unknown: Mask) -> Continuity:
    """Find where natural cover does not lead on.

    Parameters
    ----------
    cells
        Natural cells of the corridor.
    unknown
        Whether a section holds ground without a value, bool[sections].
    """
    lengths = _lengths(cells)
    cuts = tuple(
        Cut(end, begin, not unknown[max(min(end, begin), 0) : max(end, begin) + 1].any())
        for end, begin in _walk(lengths, len(unknown))
    )
    if not cuts:
        return Continuity(Continuous.WHOLE)
    certain = any(cut.certain for cut in cuts)
    return Continuity(Continuous.CUT if certain else Continuous.NOT_EVALUATED, cuts)


def _lengths(cells: NaturalCells) -> Integers:
    """First and last section of every connected piece of cover, (n, 2), each kind once."""
    piece = _connected(cells.row, cells.column)
    count = int(piece.max(initial=-1)) + 1
    first = np.full(count, np.iinfo(np.int64).max)
    last = np.full(count, -1)
    np.minimum.at(first, piece, cells.section)
    np.maximum.at(last, piece, cells.section)
    return np.unique(np.column_stack([first, last]), axis=0)


def _walk(lengths: Integers, sections: int) -> list[tuple[int, int]]:
    """Follow cover from section to section, always on the piece that leads furthest.

    Returns where it ends and where it begins again, for every cut.
    """
    reach, cuts = -1, []
    while reach < sections - 1:
        onward = lengths[lengths[:, 1] > reach]
        if not len(onward):
            cuts.append((reach, sections))
            break
        begin = max(reach + 1, int(onward[:, 0].min()))
        within = onward[onward[:, 0] <= begin]
        start, end = within[int(np.argmax(within[:, 1]))].tolist()
        if reach >= 0 or start > 0:
            cuts.append((reach, start))
        reach = end
    return cuts


def _connected(row: Integers, column: Integers) -> Integers:
    """Give cells that meet over edges or corners the same number, from 0 on, int64[n]."""
    one, other = _neighbours(row, column)
    label = np.arange(len(row))
    while True:
        low = np.minimum(label[one], label[other])
        lowered = label.copy()
        np.minimum.at(lowered, label[one], low)
        np.minimum.at(lowered, label[other], low)
        while (lowered[lowered] != lowered).any():
            lowered = lowered[lowered]
        if (lowered == label).all():
            return np.unique(label, return_inverse=True)[1].astype(np.int64)
        label = lowered


def _neighbours(row: Integers, column: Integers) -> tuple[Integers, Integers]:
    """Pairs of cells that meet; every pair once."""
    width = int(column.max(initial=0)) + 3
    key = row * width + column + 1
    order = np.argsort(key)
    ranked = key[order]
    found = []
    for step in (1, width - 1, width, width + 1):
        place = np.searchsorted(ranked, key + step)
        place[place == len(ranked)] = 0
        met = np.flatnonzero(ranked[place] == key + step) if len(key) else place
        found.append((met, order[place[met]]))
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])
