"""Where new human activity weighs: the lines that are watched, and how they rank.

The order is that of what the law lets in: nothing in core zones, next to nothing around a class 1
water source, ten limited kinds in the red line, limited use in the rest of protected areas and
water sources.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from spatialplan.plan import LayerSpec, Plan, Role
from spatialplan.rulebook.book import plain_zone

__all__ = ["PlaceRank", "find_watched", "rank_place", "worst_place"]

# Lines watched where the plan names none.
WATCHED_ROLES: tuple[Role, ...] = ("ecological_red_line", "protected_area", "water_source")

# Zones of older reserves are managed as core zones until they have been converted.
CORE_ZONES = ("核心保护区", "核心区", "缓冲区")
FIRST_CLASS_ZONES = ("一级",)


class PlaceRank(StrEnum):
    """What kind of place a patch lies in, worst first."""

    CORE_ZONE = "core_zone"
    WATER_SOURCE_1 = "water_source_1"
    RED_LINE = "red_line"
    PROTECTED_AREA = "protected_area"
    WATER_SOURCE = "water_source"
    OTHER = "other"


ROLE_RANKS = {
    "ecological_red_line": PlaceRank.RED_LINE,
    "protected_area": PlaceRank.PROTECTED_AREA,
    "water_source": PlaceRank.WATER_SOURCE,
}


def find_watched(plan: Plan) -> tuple[LayerSpec, ...]:
    """Return the layers in which new human activity is looked for, in the plan's order."""
    named = plan.monitoring.layers
    if named:
        return tuple(spec for key, spec in plan.layers.items() if key in named)
    return tuple(
        spec
        for spec in plan.layers.values()
        if spec.role in WATCHED_ROLES and spec.geometry == "polygon"
    )


def rank_place(spec: LayerSpec, zone: str) -> PlaceRank:
    """Return how a zone of a layer ranks; a zone's name may stand inside a longer one."""
    plain = plain_zone(zone)
    if any(name in plain for name in CORE_ZONES):
        return PlaceRank.CORE_ZONE
    if spec.role == "water_source" and any(name in plain for name in FIRST_CLASS_ZONES):
        return PlaceRank.WATER_SOURCE_1
    return ROLE_RANKS.get(spec.role, PlaceRank.OTHER)


def worst_place(ranks: Iterable[PlaceRank]) -> PlaceRank:
    """Return the worst of some places; other for none."""
    found = set(ranks)
    return next((rank for rank in PlaceRank if rank in found), PlaceRank.OTHER)
