"""Shifts from a grid, made as short as borders allow.

A shift is pulled along itself towards the site by halving, then turned a little to either side and
pulled again. A corner that only a longer way round leads to is not found.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from spatialplan.suggestions.footprint import Shift

__all__ = ["shorten_shift"]

Trial = Callable[[float, float], Shift | None]

# A shift is shortened in steps down to this part of the grid's, or the centimetre it is rounded to.
FINEST_PART = 16
LEAST_M = 0.01
# How far a shift may be pulled at once, in steps of the grid.
LONGEST_PULL = 4
# A turn that succeeds is doubled, up to so many steps to the side.
WIDEST_TURN = 8
MOST_TURNS = 30


def shorten_shift(try_shift: Trial, shift: Shift, step_m: float) -> Shift:
    """Shorten a free shift: along itself, then turned a little to either side.

    Parameters
    ----------
    try_shift
        Returns the shift of some metres to the east and north, rounded, if it may be taken.
    shift
        Free, from a grid.
    step_m
        The grid's step; the result is exact to an eighth of it where borders are plain.
    """
    finest_m = max(step_m / FINEST_PART, LEAST_M)
    longest_m = LONGEST_PULL * step_m
    shift = pull_shift(try_shift, shift, longest_m, finest_m)
    reach_m = step_m
    for _ in range(MOST_TURNS):
        if reach_m < finest_m or shift.length_m < reach_m:
            break
        nearer = turn_shift(try_shift, shift, reach_m, finest_m)
        if nearer is None:
            reach_m /= 2
        else:
            shift = pull_shift(try_shift, nearer, longest_m, finest_m)
            reach_m = min(2 * reach_m, WIDEST_TURN * step_m)
    return shift


def pull_shift(try_shift: Trial, shift: Shift, longest_m: float, finest_m: float) -> Shift:
    """Halve the way between a free shift and a shorter one in the same direction."""
    length_m = shift.length_m
    if not length_m:
        return shift
    east, north = shift.east_m / length_m, shift.north_m / length_m
    low_m, high_m = max(0.0, length_m - longest_m), length_m
    while high_m - low_m > finest_m:
        middle_m = (low_m + high_m) / 2
        nearer = try_shift(middle_m * east, middle_m * north)
        if nearer is None:
            low_m = middle_m
        else:
            shift, high_m = nearer, middle_m
    return shift


def turn_shift(try_shift: Trial, shift: Shift, reach_m: float, finest_m: float) -> Shift | None:
    """Return a shorter free shift straight on or to one side, if there is one."""
    length_m = shift.length_m - finest_m
    if length_m <= 0.0:
        return None
    bearing = math.atan2(shift.east_m, shift.north_m)
    for side in (0.0, reach_m, -reach_m):
        turned = bearing + side / shift.length_m
        nearer = try_shift(length_m * math.sin(turned), length_m * math.cos(turned))
        if nearer is not None:
            return nearer
    return None
