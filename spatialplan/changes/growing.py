"""Patches of cells grown from runs, band after band from north to south.

A patch is 8-connected: cells that meet at a side or a corner belong together when they are of one
class in the later edition, whatever they were before. A patch that no run of the lowest row belongs
to is finished and leaves; so what is held does not grow with the raster but with what changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spatialplan.changes.runs import Runs, gather_runs, link_runs

__all__ = ["PatchGrower", "label_groups"]

Integers = NDArray[np.int64]


def label_groups(count: int, links: Integers) -> Integers:
    """Return the group of each of `count` things that links tie: its smallest member's position.

    Every thing takes the smaller label of its neighbours, and labels are followed to their own,
    until nothing changes (as in parallel algorithms for connected components).

    Examples
    --------
    >>> label_groups(4, np.array([[0, 2], [2, 3]])).tolist()
    [0, 1, 0, 0]
    """
    labels = np.arange(count, dtype=np.int64)
    one, other = links[:, 0], links[:, 1]
    while True:
        low = np.minimum(labels[one], labels[other])
        if (labels[one] == low).all() and (labels[other] == low).all():
            return labels
        # The roots of both sides take the smaller label, and with them whatever follows them.
        np.minimum.at(labels, labels[one], low)
        np.minimum.at(labels, labels[other], low)
        while (labels[labels] != labels).any():
            labels = labels[labels]


class PatchGrower:
    """Takes runs band by band and gives back the patches that are finished."""

    def __init__(self) -> None:
        self._parts: dict[int, list[Runs]] = {}
        self._edge = gather_runs([])
        self._edge_names = np.zeros(0, dtype=np.int64)
        self._next_name = 0

    def add(self, windows: Sequence[Runs], *, last_row: int) -> list[Runs]:
        """Add the runs of all windows of a band; bands come from north to south.

        Parameters
        ----------
        windows
            Runs of the band's windows, in any order.
        last_row
            The band's southernmost row.

        Returns
        -------
        finished
            The runs of one patch each.
        """
        new = gather_runs(windows)
        both = gather_runs([self._edge, new])  # the edge's rows come first and in their order
        known = len(self._edge)
        labels = label_groups(len(both), np.concatenate([link_runs(both), self._edge_links()]))
        names = self._rename(labels, known)
        self._hand_out(both, names, known)
        at_edge = both.row == last_row
        self._edge, self._edge_names = both.take(at_edge), names[at_edge]
        return self._release()

    def finish(self) -> list[Runs]:
        """Give back the patches that reach the last band's end."""
        self._edge_names = self._edge_names[:0]
        return self._release()

    def _edge_links(self) -> Integers:
        """Link the edge's runs that were one patch before, each to the one before it."""
        order = np.argsort(self._edge_names, kind="stable")
        same = np.flatnonzero(self._edge_names[order][1:] == self._edge_names[order][:-1])
        return np.stack([order[same], order[same + 1]], axis=1).astype(np.int64)

    def _rename(self, labels: Integers, known: int) -> Integers:
        """Name each group anew and bring together what the edge's patches held so far."""
        groups, place = np.unique(labels, return_inverse=True)
        names = np.arange(len(groups), dtype=np.int64)[place] + self._next_name
        self._next_name += len(groups)
        held, self._parts = self._parts, {}
        for row in range(known):
            parts = held.pop(int(self._edge_names[row]), [])
            self._parts.setdefault(int(names[row]), []).extend(parts)
        return names

    def _hand_out(self, runs: Runs, names: Integers, known: int) -> None:
        """Give every new run to its patch."""
        fresh = np.arange(known, len(runs))
        order = fresh[np.argsort(names[fresh], kind="stable")]
        cuts = np.flatnonzero(np.diff(names[order])) + 1
        for rows in np.split(order, cuts) if len(order) else ():
            self._parts.setdefault(int(names[rows[0]]), []).append(runs.take(rows))

    def _release(self) -> list[Runs]:
        open_names = set(self._edge_names.tolist())
        done = [name for name in self._parts if name not in open_names]
        return [gather_runs(self._parts.pop(name)) for name in done]
