"""Check a spatial plan on the official area method, screen sites, map the ecological pattern.

The public names are loaded when they are first used, so that ``import spatialplan`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spatialplan.area import ellipsoidal_area
    from spatialplan.files import read_layer
    from spatialplan.inspection import inspect_files
    from spatialplan.maps import draw_map
    from spatialplan.monitoring import monitor_plan
    from spatialplan.plan import read_plan
    from spatialplan.review import check_plan
    from spatialplan.siting import screen_sites

__all__ = [
    "check_plan",
    "draw_map",
    "ellipsoidal_area",
    "inspect_files",
    "monitor_plan",
    "read_layer",
    "read_plan",
    "screen_sites",
]

__version__ = "0.1.0"

HOMES = {
    "check_plan": "spatialplan.review",
    "draw_map": "spatialplan.maps",
    "ellipsoidal_area": "spatialplan.area",
    "inspect_files": "spatialplan.inspection",
    "monitor_plan": "spatialplan.monitoring",
    "read_layer": "spatialplan.files",
    "read_plan": "spatialplan.plan",
    "screen_sites": "spatialplan.siting",
}


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *HOMES])
