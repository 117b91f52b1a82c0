"""How layers are drawn: the plan's own styles over a small palette by role.

Fill colours of land kinds are those of 市级国土空间总体规划制图规范（试行）, appendix B. No
published colours for the control lines were found; those here are unverified, and the legend says
so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from spatialplan.plan import LayerSpec, Role, Style

__all__ = ["PIECE_LOOKS", "Group", "Look", "look_of"]

Group = Literal["pattern", "lines", "base", "results"]


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that drawing a layer needs; widths and dashes in screen pixels.

    `rank` orders layers from the ground up. `hatch` draws the fill as slanted lines, so that what
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
    hatch: bool = False
    verified: bool = False
    visible: bool = True


PALETTE: Mapping[Role, Look] = {
    "region": Look("base", 0, "#444444", "#fffef9", 1.0, weight=2.2, dash="12 4 2 4"),
    "ecological_barrier": Look("pattern", 10, "#1b4332", "#2d6a4f", 0.24, weight=1.2),
    "basic_farmland": Look("lines", 20, "#c8b400", "#f5f8dc", 0.95, weight=0.6, line_opacity=0.45),
    "ecological_red_line": Look("lines", 30, "#b30000", "#d7301f", 0.5, weight=0.8, hatch=True),
    "protected_area": Look("lines", 40, "#00682a", "#68b167", 0.55, weight=1.2),
    "water_source": Look("lines", 50, "#08519c", "#338ec0", 0.5, weight=1.2),
    "urban_development_boundary": Look("lines", 60, "#252525", "#ffff2d", 0.8, weight=1.4),
    "base_urban_land": Look("base", 65, "#7a5c2e", "#bb9674", 0.7, weight=0.8, visible=False),
    "other": Look("base", 66, "#777777", "#eeeeee", 0.5, visible=False),
    "administrative_area": Look("base", 70, "#888888", weight=0.8, dash="5 3"),
    "river": Look("base", 80, "#338ec0", weight=1.8),
}

PIECE_LOOKS: Mapping[str, Look] = {
    "enclosed": Look("results", 100, "#7b5ea7", "#b9a3d8", 0.45, weight=0.8, visible=False),
    "sliver": Look("results", 110, "#8a6d00", "#ffd54a", 0.7, weight=1.5),
    "needs_person": Look("results", 120, "#a34b00", "#ff9f40", 0.65, weight=1.8),
    "conflict": Look("results", 130, "#7a003c", "#e6007e", 0.65, weight=2.0),
    "fault": Look("results", 140, "#3b3b9b", "#7a7ae0", 0.35, weight=1.8),
}


def look_of(spec: LayerSpec, styles: Mapping[str, Style]) -> Look | None:
    """Return how a layer is drawn; None for a role that is not (land parcels are too many)."""
    look = PALETTE.get(spec.role)
    style = styles.get(spec.id)
    if look is None or style is None:
        return look
    fill = style.fill if style.fill is not None else look.fill
    return replace(look, line=style.line, fill=fill, verified=style.verified)
