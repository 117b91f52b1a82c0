"""One walk over both editions: cells coded for the matrix, and patches grown on the way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialplan.cells import LaidZones, cell_areas
from spatialplan.changes.coding import PairCodes
from spatialplan.changes.ground import ground_areas
from spatialplan.changes.growing import PatchGrower
from spatialplan.changes.runs import Runs, find_runs
from spatialplan.errors import Fault, SourceError
from spatialplan.layers import CellWindow
from spatialplan.messages import say

__all__ = ["MOST_RUNS", "CellWatch"]

# Some gigabyte of memory. So much new activity is no activity but two legends, or two places, that
# do not belong together.
MOST_RUNS = 10_000_000

# Edges are drawn straight from cell to cell; what is this close to the least area is measured
# exactly.
NEARLY = 0.999

CellPair = tuple[CellWindow, CellWindow]


class CellWatch:
    """Looks at pairs of windows as they go by.

    Parameters
    ----------
    watched
        The ground on which new activity is looked for, without common interior.
    minimum_m2
        Patches with less ground on it are only counted.

    Attributes
    ----------
    patches
        Runs of one patch each, those that may be large enough.
    small_count, small_m2
        The others, and their ground.
    unknown_m2
        Area of the cells whose value its legend lacks, by edition (0, 1) and value.
    """

    def __init__(self, codes: PairCodes, watched: LaidZones, *, minimum_m2: float) -> None:
        self._codes, self._watched, self._minimum_m2 = codes, watched, minimum_m2
        self._counts, self._unknown = codes.new_activity(), codes.unknown()
        self._grower = PatchGrower()
        self._band: list[Runs] = []
        self._runs = 0
        self.patches: list[Runs] = []
        self.small_count = 0
        self._small_m2: list[float] = []
        self.unknown_m2: tuple[dict[int, float], dict[int, float]] = ({}, {})

    @property
    def small_m2(self) -> float:
        """Ground of the patches that are only counted, m²."""
        return math.fsum(self._small_m2)

    def overlook(self, pairs: Iterable[CellPair]) -> Iterator[CellWindow]:
        """Yield windows of codes (see `PairCodes`), for `spatialplan.cells.sum_classes`.

        Parameters
        ----------
        pairs
            Windows of the earlier and the later edition at one place, band by band from the north;
            a band's windows have the same rows.
        """
        band = (0, 0)
        for before, after in pairs:
            place = (before.row, before.row + before.values.shape[0])
            if place != band:
                self._close_band(band[1] - 1)
                band = place
            codes = self._codes.encode(before.values, after.values)
            valid = before.valid & after.valid
            self._look(before, after, codes, valid)
            yield CellWindow(before.row, before.column, codes, valid)
        self._close_band(band[1] - 1)
        self._sort_out(self._grower.finish())

    def _look(
        self,
        before: CellWindow,
        after: CellWindow,
        codes: NDArray[np.int32],
        valid: NDArray[np.bool_],
    ) -> None:
        height, width = codes.shape
        place = {"row": before.row, "column": before.column, "height": height, "width": width}
        self._note_unknown(before, after, codes, place)
        changed = self._counts[codes] & valid
        if not changed.any():
            return
        # The rectangle around what changed: the rest of the window need not be measured.
        rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        top, left = before.row + int(rows[0]), before.column + int(columns[0])
        size = {"height": changed[box].shape[0], "width": changed[box].shape[1]}
        ground_m2 = ground_areas(self._watched, row=top, column=left, **size)
        runs = find_runs(
            before.values[box],
            after.values[box],
            changed[box] & (ground_m2 > 0),
            ground_m2,
            row=top,
            column=left,
        )
        self._runs += len(runs)
        if self._runs > MOST_RUNS:
            raise SourceError(Fault("AFTER", say("monitor.all_changed", most=f"{MOST_RUNS:,}")))
        self._band.append(runs)

    def _close_band(self, last_row: int) -> None:
        self._sort_out(self._grower.add(self._band, last_row=last_row))
        self._band = []

    def _sort_out(self, finished: list[Runs]) -> None:
        """Keep the patches that may be large enough, and count the others."""
        for runs in finished:
            ground_m2 = math.fsum(runs.ground_m2)
            if ground_m2 >= NEARLY * self._minimum_m2:
                self.patches.append(runs)
            else:
                self._runs -= len(runs)
                self.small_count += 1
                self._small_m2.append(ground_m2)

    def _note_unknown(
        self,
        before: CellWindow,
        after: CellWindow,
        codes: NDArray[np.int32],
        place: dict[str, Any],
    ) -> None:
        either = self._unknown[0] | self._unknown[1]
        if not either[codes].any():
            return
        tables = zip((before, after), self._unknown, self.unknown_m2, strict=True)
        for window, unknown, found in tables:
            strange = unknown[codes] & window.valid
            if not strange.any():
                continue
            areas = cell_areas(self._watched.grid, self._watched.plane, **place)
            values, which = np.unique(window.values[strange], return_inverse=True)
            sums = np.bincount(which, areas[strange], len(values))
            for value, area in zip(values.tolist(), sums.tolist(), strict=True):
                found[int(value)] = found.get(int(value), 0.0) + area
