"""How layers are drawn: the plan's own styles over a small palette by role.

Fill colours of land kinds are those of 市级国土空间总体规划制图规范（试行）, appendix B. No
published colours for the control lines were found; those here are unverified, and the legend says
so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from spatialplan.findings import Severity, Verdict
from spatialplan.plan import LayerSpec, Role, Style

__all__ = [
    "FAULT_LOOKS",
    "INSPECTED_LOOK",
    "PATCH_LOOKS",
    "PIECE_LOOKS",
    "SITE_LOOKS",
    "VERDICT_LOOKS",
    "Group",
    "Hatch",
    "Look",
    "look_of",
]

Group = Literal["sites", "pattern", "lines", "cover", "base", "results"]
Hatch = Literal["", "slant", "back", "cross", "level", "dots"]


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that drawing a layer needs; widths and dashes in screen pixels.

    `rank` orders layers from the ground up. `hatch` draws the fill as lines or dots, so that what
    lies below stays readable.
    """

    group: Group
    rank: int
    line: str
    fill: str | None = None
    fill_opacity: float = 0.5
    weight: float = 1.0
    line_opacity: float = 1.0
    dash: str = ""
    hatch: Hatch = ""
    verified: bool = False
    visible: bool = True


PALETTE: Mapping[Role, Look] = {
    "region": Look("base", 0, "#444444", "#fffef9", 1.0, weight=2.2, dash="12 4 2 4"),
    "ecological_barrier": Look("pattern", 10, "#1b4332", "#2d6a4f", 0.24, weight=1.2),
    "black_soil": Look("lines", 12, "#4a3728", "#8d6e53", 0.5, weight=0.8, hatch="dots"),
    "planned_use": Look("base", 14, "#8c7b6b", "#d9cfc3", 0.5, weight=0.6, visible=False),
    "public_forest": Look("lines", 16, "#3f7d20", "#68b167", 0.4, weight=0.8, hatch="back"),
    "control_unit": Look("lines", 18, "#5b4a9c", weight=1.4, dash="8 3 2 3"),
    "high_standard_farmland": Look("lines", 19, "#a67c00", "#e8c95a", 0.6, 0.8, hatch="level"),
    "basic_farmland": Look("lines", 20, "#c8b400", "#f5f8dc", 0.95, weight=0.6, line_opacity=0.45),
    "farmland_reserve": Look("lines", 22, "#c8b400", "#e0d36a", 0.6, 1.0, dash="4 3"),
    "ecological_red_line": Look("lines", 30, "#b30000", "#d7301f", 0.5, weight=0.8, hatch="slant"),
    "protected_area": Look("lines", 40, "#00682a", "#68b167", 0.55, weight=1.2),
    "wetland": Look("lines", 44, "#1c7c70", "#65cdaa", 0.55, weight=1.0),
    "river_management": Look("lines", 46, "#1f78b4", "#9ecae9", 0.5, weight=1.0, dash="6 3"),
    "water_source_reserve": Look("lines", 48, "#08519c", "#8fbfe0", 0.4, weight=1.0, dash="6 3"),
    "water_source": Look("lines", 50, "#08519c", "#338ec0", 0.5, weight=1.2),
    "urban_development_boundary": Look("lines", 60, "#252525", "#ffff2d", 0.8, weight=1.4),
    "mining_right": Look("lines", 62, "#6b3e26", "#b08968", 0.5, weight=1.2, hatch="cross"),
    "geological_hazard": Look("lines", 63, "#9c2f5f", "#d486a8", 0.6, weight=1.2, hatch="back"),
    "approved_land": Look("base", 64, "#5f5f5f", "#c9c9c9", 0.5, weight=0.8, visible=False),
    "base_urban_land": Look("base", 65, "#7a5c2e", "#bb9674", 0.7, weight=0.8, visible=False),
    "other": Look("base", 66, "#777777", "#eeeeee", 0.5, visible=False),
    "administrative_area": Look("base", 70, "#888888", weight=0.8, dash="5 3"),
    "river": Look("base", 80, "#338ec0", weight=1.8),
    "heritage": Look("lines", 85, "#7b241c", "#c0765a", 0.6, weight=1.4, dash="2 2"),
}

PIECE_LOOKS: Mapping[str, Look] = {
    "enclosed": Look("results", 100, "#7b5ea7", "#b9a3d8", 0.45, weight=0.8, visible=False),
    "sliver": Look("results", 110, "#8a6d00", "#ffd54a", 0.7, weight=1.5),
    "needs_person": Look("results", 120, "#a34b00", "#ff9f40", 0.65, weight=1.8),
    "conflict": Look("results", 130, "#7a003c", "#e6007e", 0.65, weight=2.0),
    "fault": Look("results", 140, "#3b3b9b", "#7a7ae0", 0.35, weight=1.8),
}


# A verdict is told by hue, by line and by hatching, so that a copier in black and white tells it
# too; no verdict is green, because none is a permission.
VERDICT_LOOKS: Mapping[Verdict, Look] = {
    Verdict.PROHIBITED: Look("sites", 240, "#c1121f", "#c1121f", 0.8, weight=2.6, hatch="cross"),
    Verdict.NEEDS_DETERMINATION: Look(
        "sites", 230, "#e07b00", "#e07b00", 0.85, weight=2.4, dash="9 4", hatch="slant"
    ),
    Verdict.RESTRICTED: Look(
        "sites", 220, "#b8860b", "#b8860b", 0.85, weight=2.2, dash="9 3 2 3", hatch="level"
    ),
    Verdict.NOT_EVALUATED: Look(
        "sites", 210, "#6c757d", "#6c757d", 0.85, weight=2.2, dash="3 3", hatch="dots"
    ),
    Verdict.CLEAR: Look("sites", 200, "#4a6fa5", "#4a6fa5", 0.25, weight=2.0),
}

# Faults of a delivery by severity, and a layer whose role nobody knows.
FAULT_LOOKS: Mapping[Severity, Look] = {
    Severity.INFO: Look("results", 110, "#3b5b8c", "#4a6fa5", 0.35, weight=1.5, visible=False),
    Severity.WARNING: Look("results", 120, "#a34b00", "#ff9f40", 0.65, weight=1.8),
    Severity.ERROR: Look("results", 130, "#7a003c", "#e6007e", 0.65, weight=2.0),
}
# Patches of a monitoring: open ones, settled ones, and rows of the ledger that were not found.
PATCH_LOOKS: Mapping[str, Look] = {
    "gone": Look("results", 105, "#4a6fa5", "#4a6fa5", 0.15, weight=1.5, dash="3 3"),
    "remains": Look("results", 115, "#a34b00", "#ff9f40", 0.5, weight=1.8, dash="6 3"),
    "settled": Look("results", 120, "#5c636a", "#adb5bd", 0.5, weight=1.5, hatch="back"),
    "open": Look("results", 130, "#7a003c", "#e6007e", 0.6, weight=2.0),
}
INSPECTED_LOOK = Look("base", 5, "#8a8f7a", "#dfe5cf", 0.8, weight=0.8)

SITE_LOOKS: Mapping[str, Look] = {
    "place": Look("sites", 260, "#5a189a", "#5a189a", 0.12, weight=1.8, dash="6 3"),
    "free": Look("sites", 250, "#5a189a", "#5a189a", 0.8, weight=1.0, hatch="back"),
    "piece": Look("sites", 245, "#1f1f1f", "#1f1f1f", 0.22, weight=1.2),
}


def look_of(spec: LayerSpec, styles: Mapping[str, Style]) -> Look | None:
    """Return how a layer is drawn; None for a role that is not (land parcels are too many)."""
    look = PALETTE.get(spec.role)
    style = styles.get(spec.id)
    if look is None or style is None:
        return look
    fill = style.fill if style.fill is not None else look.fill
    return replace(look, line=style.line, fill=fill, verified=style.verified)
