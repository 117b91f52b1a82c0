"""A monitoring as a GeoPackage: ``monitoring.gpkg``.

Two tables, also when nothing was found: `patches` (every patch as a shape) and `matrix` (no
geometry).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spatialplan.changes import ZoneMatrix
from spatialplan.messages import Language
from spatialplan.monitoring import Monitoring
from spatialplan.reports.geopackage_tables import (
    Table,
    as_multipolygons,
    locate,
    make_frame,
    place_shapes,
    write_package,
)
from spatialplan.reports.monitorings.patch_records import patch_aliases, patch_record, state_style
from spatialplan.reports.monitorings.wording import (
    class_title,
    matrix_kind,
    monitor_word,
    result_sentence,
    seen_word,
    state_of,
    step_of,
    zone_title,
)

__all__ = ["write_monitoring_geopackage"]

MATRIX_FIELDS = ("zone", "class_before", "class_after", "area_ha", "what")


def write_monitoring_geopackage(
    monitoring: Monitoring, path: Path, *, language: Language | None = None
) -> None:
    """Write patches and matrices for a geographic information system.

    Parameters
    ----------
    path
        Where ``monitoring.gpkg`` is to stand; an earlier one stays until the new one is whole.
    language
        Of aliases, legends and sentences; default: the plan's.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    spoken: Language = language or monitoring.plan.header.language
    tables = [_patch_table(monitoring, spoken), _matrix_table(monitoring, spoken)]
    write_package(tables, path, description=result_sentence(monitoring, spoken))


def _patch_table(monitoring: Monitoring, language: Language) -> Table:
    aliases = patch_aliases(language)
    records = [_record(place, monitoring, language) for place in range(len(monitoring.patches))]
    shapes = place_shapes(
        [patch.shape for patch in monitoring.patches], monitoring.plane, monitoring.crs
    )
    frame = locate(make_frame(records, aliases), as_multipolygons(shapes), monitoring.crs)
    title = monitor_word("sheet_patches", language)
    return Table("patches", title, frame, aliases, "MultiPolygon", state_style(aliases))


def _record(place: int, monitoring: Monitoring, language: Language) -> dict[str, Any]:
    patch, step = monitoring.patches[place], step_of(monitoring, place)
    entry = step.entry if step else None
    told = {
        **dict.fromkeys(patch_aliases(language)),
        **patch_record(patch, monitoring, language),
        "state": state_of(step),
        "grown_m2": step.grown_m2 if step else 0.0,
        "first_seen": entry.first_seen if entry else monitoring.edition,
        "last_seen": monitoring.edition,
    }
    if step is not None:
        told |= {"seen": seen_word(step.seen, language), "related": step.related}
    if entry is not None:
        told["patch_id"] = entry.patch_id
    return told


def _matrix_table(monitoring: Monitoring, language: Language) -> Table:
    aliases = {name: monitor_word(f"col_{name}", language) for name in MATRIX_FIELDS}
    records = [
        record for matrix in monitoring.matrices for record in _matrix_records(matrix, language)
    ]
    title = monitor_word("sheet_matrix", language)
    return Table("matrix", title, make_frame(records, aliases), aliases)


def _matrix_records(matrix: ZoneMatrix, language: Language) -> list[dict[str, Any]]:
    return [
        {
            "zone": zone_title(matrix.zone),
            "class_before": class_title(cell.before, language),
            "class_after": class_title(cell.after, language),
            "area_ha": cell.area_m2 / 10_000,
            "what": monitor_word(f"what_{matrix_kind(cell)}", language),
        }
        for cell in matrix.cells
    ]
