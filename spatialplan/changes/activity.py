"""New human activity (新增人类活动): the counted thing of monitoring.

Ground has a *weight of use* by the kind of its cover: 0 where it grows or flows by itself (also
snow, and what a legend calls other), 1 for cropland, 2 for bare ground, 3 for built-up ground. A
cell shows new human activity when its weight has grown from one edition to the next: natural ground
that is tilled, laid bare or built over, cropland laid bare or built over, bare ground built over.
The other way about (cropland on ground that was built up, ground that grows over) it does not.
"""

from __future__ import annotations

from collections.abc import Mapping

from spatialplan.plan import CoverKind

__all__ = ["may_be_seasonal", "shows_new_activity", "use_weight"]

# Bare ground weighs more than cropland because extraction (采石采砂) and clearing show as bare; a
# fallow field does too, so that change is marked as possibly seasonal rather than passed over.
USE_WEIGHTS: Mapping[CoverKind, int] = {"cropland": 1, "bare": 2, "built_up": 3}

# What a low water level, melted snow or a ploughed field also looks like.
SEASONAL: frozenset[tuple[CoverKind, CoverKind]] = frozenset(
    {("water", "bare"), ("wetland", "bare"), ("snow_ice", "bare"), ("cropland", "bare")}
)


def use_weight(kind: CoverKind) -> int:
    """Return how heavily ground of a kind is used, 0 (by nobody) to 3 (built up)."""
    return USE_WEIGHTS.get(kind, 0)


def shows_new_activity(before: CoverKind, after: CoverKind) -> bool:
    """Tell whether a change of cover is new human activity.

    Examples
    --------
    >>> shows_new_activity("forest", "cropland"), shows_new_activity("cropland", "built_up")
    (True, True)
    >>> shows_new_activity("built_up", "bare"), shows_new_activity("forest", "water")
    (False, False)
    """
    return use_weight(after) > use_weight(before)


def may_be_seasonal(before: CoverKind, after: CoverKind) -> bool:
    """Tell whether season or water level alone could make a change; a person has to look."""
    return (before, after) in SEASONAL
