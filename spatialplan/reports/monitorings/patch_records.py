"""A patch as a row of a GeoPackage: the same columns in the results and in the ledger."""

from __future__ import annotations

from typing import Any

from spatialplan.changes import Patch
from spatialplan.ledger import PERSON_COLUMNS, PROGRAM_COLUMNS
from spatialplan.messages import Language
from spatialplan.monitoring import Monitoring
from spatialplan.reports.monitorings.wording import (
    before_text,
    class_title,
    clause_text,
    hint_text,
    lines_text,
    monitor_word,
    place_word,
)
from spatialplan.reports.styles import Category, categorised_style

__all__ = ["patch_aliases", "patch_record", "state_style"]

M2_DIGITS, HA_DIGITS, DEGREE_DIGITS = 2, 4, 6

# By state, as far as the four go.
STATE_COLOURS = {"新增": "#c1121f", "核实": "#e07b00", "排除": "#6c757d", "销号": "#2a7f3f"}


def patch_record(patch: Patch, monitoring: Monitoring, language: Language) -> dict[str, Any]:
    """Return what a run says of a patch, by the names of the program's columns."""
    return {
        "patch_id": patch.patch_id,
        "place": place_word(patch.place, language),
        "lines": lines_text(patch, monitoring.plan, language),
        "class_before": before_text(patch, language),
        "class_after": class_title(patch.after, language),
        "area_m2": round(patch.area_m2, M2_DIGITS),
        "area_ha": round(patch.area_m2 / 10_000, HA_DIGITS),
        "township": patch.township,
        "longitude": round(patch.longitude, DEGREE_DIGITS),
        "latitude": round(patch.latitude, DEGREE_DIGITS),
        "clause": clause_text(patch, monitoring, language),
        "hint": hint_text(patch, language),
    }


def patch_aliases(language: Language) -> dict[str, str]:
    """Return what a reader sees in place of the columns' names, the program's columns first."""
    names = (*PROGRAM_COLUMNS, *PERSON_COLUMNS)
    return {name: monitor_word(f"col_{name}", language) for name in names}


def state_style(aliases: dict[str, str]) -> str:
    """Return the QGIS style of patches: a colour a state."""
    categories = tuple(Category(state, state, colour) for state, colour in STATE_COLOURS.items())
    return categorised_style("state", categories, kind="fill", aliases=aliases)
