"""Meeting a printed area to the square metre by choosing parcels, never by cutting them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]

_POOL = 420


def take_until(score: Floats, eligible: Mask, weight: Floats, target: float) -> Mask:
    """Eligible parcels of lowest score whose weights come nearest below the target."""
    order = np.flatnonzero(eligible)
    order = order[np.argsort(score[order], kind="stable")]
    taken = order[np.cumsum(weight[order]) <= target]
    mask = np.zeros(len(score), dtype=bool)
    mask[taken] = True
    return mask


def calibrate(mask: Mask, weight: Floats, target: float, *, may_add: Mask, may_drop: Mask) -> Mask:
    """Change a selection until its weights sum to the target within about 0.01 m².

    First parcels are added or dropped until less than half a parcel is missing; then two are added
    and two dropped, the four chosen so that the remainder is nearest to zero.

    Parameters
    ----------
    mask
        Selection so far, shape (n,).
    weight
        Weight of each parcel in m², shape (n,).
    target
        Sum to meet, m².
    may_add, may_drop
        Parcels that may enter (unselected) or leave (selected).

    Returns
    -------
    selection
        Changed copy of `mask`.
    """
    chosen = mask.copy()
    add = np.flatnonzero(may_add & ~mask).tolist()
    drop = np.flatnonzero(may_drop & mask).tolist()
    missing = target - float(weight[chosen].sum())
    while missing < 0:
        chosen[leaving := drop.pop(0)] = False
        missing += weight[leaving]
    while add and missing > 0.5 * np.median(weight[add[:_POOL]]):
        chosen[entering := add.pop(0)] = True
        missing -= weight[entering]
    added, dropped = _best_swap(weight, missing, add[:_POOL], drop[:_POOL])
    chosen[added] = True
    chosen[dropped] = False
    return chosen


def _best_swap(
    weight: Floats, missing: float, add: list[int], drop: list[int]
) -> tuple[list[int], list[int]]:
    """Two parcels to add and two to drop that together make up what is missing."""
    added, added_weight = _pairs(weight, add)
    dropped, dropped_weight = _pairs(weight, drop)
    order = np.argsort(added_weight, kind="stable")
    wanted = missing + dropped_weight
    at = np.clip(np.searchsorted(added_weight[order], wanted), 1, len(order) - 1)
    below = wanted - added_weight[order[at - 1]] < added_weight[order[at]] - wanted
    nearest = order[at - below]
    best = int(np.argmin(np.abs(added_weight[nearest] - wanted)))
    return added[nearest[best]].tolist(), dropped[best].tolist()


def _pairs(weight: Floats, parcels: list[int]) -> tuple[NDArray[np.int64], Floats]:
    first, second = np.triu_indices(len(parcels), 1)
    pairs = np.array(parcels)[np.column_stack([first, second])]
    return pairs, weight[pairs].sum(axis=1)
