"""Cells that a border between classes runs along."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from spatialplan.layers import CellWindow

__all__ = ["mark_borders"]


def mark_borders(window: CellWindow, counted: Collection[int]) -> CellWindow:
    """Mark the cells of a window that have a neighbour across the border of what is counted.

    Parameters
    ----------
    window
        Read with a ring of one cell, so that the answer does not depend on the windows.
    counted
        The cell values on one side of the border; all others are on its other side. Cells
        without a value are on neither.

    Returns
    -------
    window
        The window without its ring; 1 where one of the four neighbours is on the other side, 0
        elsewhere; every cell is valid.

    Examples
    --------
    >>> import numpy as np
    >>> cells = np.array([[1, 1, 2, 3]])
    >>> mark_borders(CellWindow(0, 0, cells, cells > 0), [1]).values.tolist()
    [[0, 1, 1, 0]]
    """
    inside = np.isin(window.values, sorted(counted))
    border = np.zeros(inside.shape, dtype=np.uint8)
    for axis in (0, 1):
        here, there = _neighbours(axis)
        valid = window.valid[here] & window.valid[there]
        differ = valid & (inside[here] != inside[there])
        border[here] |= differ
        border[there] |= differ
    marked = CellWindow(window.row, window.column, border, np.ones_like(inside), window.ring)
    return marked.inner


def _neighbours(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """All cells but the last along an axis, and all but the first."""
    whole = [slice(None), slice(None)]
    here, there = whole.copy(), whole.copy()
    here[axis], there[axis] = slice(None, -1), slice(1, None)
    return tuple(here), tuple(there)
