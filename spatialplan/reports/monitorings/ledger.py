"""The ledger of patches (台账), begun or brought up to date.

A patch that enters gets a row with the state 新增. Of a row that is seen again, the program's own
columns and the outline follow the run; of a settled one (排除, 销号) only what was seen does, so
that its outline still shows what was settled. Whatever a person entered, added or settled stays.
Where a run has nothing new to say, nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from spatialplan.area import unproject
from spatialplan.crs import Plane
from spatialplan.errors import Fault, OutputError
from spatialplan.files import LEDGER_TABLE, LedgerFile, RowChange, update_ledger
from spatialplan.ledger import PERSON_COLUMNS, PROGRAM_COLUMNS, Entry, Seen, State, Step
from spatialplan.messages import Language, say
from spatialplan.monitoring import LedgerRun, Monitoring
from spatialplan.reports.geopackage_tables import (
    Table,
    as_multipolygons,
    locate,
    make_frame,
    place_shapes,
    write_package,
)
from spatialplan.reports.monitorings.patch_records import patch_aliases, patch_record, state_style
from spatialplan.reports.monitorings.wording import monitor_word, seen_word
from spatialplan.reports.wording import plain_text

__all__ = ["write_ledger"]

# Outlines that a geographic information system has stored come back to far less.
SAME_PLACE = 1e-6


def write_ledger(monitoring: Monitoring, *, language: Language | None = None) -> bool:
    """Write what a run found into the ledger that it was matched with.

    Parameters
    ----------
    language
        Of the program's own columns; default: the plan's.

    Returns
    -------
    written
        False where there was nothing to write, and the ledger was left untouched.

    Raises
    ------
    OutputError
        If the ledger is open elsewhere, was changed since it was read, or cannot be written; it
        then stays as it is.
    """
    run = monitoring.ledger
    spoken: Language = language or monitoring.plan.header.language
    if run is None:
        return False
    if run.file is None:
        if run.path.exists():
            raise OutputError(Fault(str(run.path), say("ledger.changed_meanwhile")))
        write_package([_first_table(monitoring, run, spoken)], run.path)
        return True
    changes = [
        change
        for step in run.steps
        if (change := _change(step, monitoring, run.file, spoken)) is not None
    ]
    update_ledger(run.file, changes)
    return bool(changes)


def _first_table(monitoring: Monitoring, run: LedgerRun, language: Language) -> Table:
    aliases = patch_aliases(language)
    records = [_new_row(step, monitoring, language) for step in run.steps]
    shapes = place_shapes(
        [patch.shape for patch in monitoring.patches], monitoring.plane, monitoring.crs
    )
    frame = make_frame(records, aliases)
    located = locate(frame, as_multipolygons(shapes), monitoring.crs)
    title = monitor_word("ledger_title", language)
    return Table(LEDGER_TABLE, title, located, aliases, "MultiPolygon", state_style(aliases))


def _new_row(step: Step, monitoring: Monitoring, language: Language) -> dict[str, Any]:
    patch = monitoring.patches[step.sighting or 0]
    return {
        **dict.fromkeys(PERSON_COLUMNS),
        **_record(patch_record(patch, monitoring, language)),
        "first_seen": plain_text(monitoring.edition),
        "last_seen": plain_text(monitoring.edition),
        "seen": seen_word(step.seen, language),
        "related": step.related,
        "grown_m2": 0.0,
        "state": State.NEW.value,
    }


def _change(
    step: Step, monitoring: Monitoring, file: LedgerFile, language: Language
) -> RowChange | None:
    """Return what changes in the ledger by a step; None for nothing."""
    if step.entry is None:
        row = _new_row(step, monitoring, language)
        return RowChange(None, row, _outline(step, monitoring, file))
    told = _told(step, step.entry, monitoring, language)
    stored = step.entry.values
    values = {name: told[name] for name in PROGRAM_COLUMNS if not _same(told, stored, name)}
    shape = None
    if step.sighting is not None and not step.entry.is_closed:
        shape = _outline(step, monitoring, file)
        if _is_there(shape, file, step.entry.row):
            shape = None
    return RowChange(step.entry.row, values, shape) if values or shape is not None else None


def _told(step: Step, entry: Entry, monitoring: Monitoring, language: Language) -> dict[str, Any]:
    """Return the program's columns of a row after a run."""
    told = dict(entry.values)
    # Seen in the same edition once more, a row is as new, or as split, as it was.
    again = step.seen is Seen.AGAIN and entry.last_seen == plain_text(monitoring.edition)
    if step.altered:
        told["seen"] = seen_word(step.seen, language) + monitor_word("altered", language)
    elif not again:
        told["seen"] = seen_word(step.seen, language)
    if step.related:
        told["related"] = step.related
    if step.sighting is None:
        return told
    told["last_seen"] = plain_text(monitoring.edition)
    told["grown_m2"] = round(step.grown_m2, 2)
    if entry.is_closed:
        return told
    patch = monitoring.patches[step.sighting]
    record = _record(patch_record(patch, monitoring, language))
    return {**told, **record, "patch_id": entry.patch_id}


def _record(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: plain_text(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


def _same(told: Mapping[str, Any], stored: Mapping[str, Any], name: str) -> bool:
    """Tell whether a column stays as it is; blank and missing are the same."""
    return (told[name] or None) == (stored[name] or None)


def _outline(step: Step, monitoring: Monitoring, file: LedgerFile) -> shapely.Geometry:
    shape = monitoring.patches[step.sighting or 0].shape
    return _place(shape, monitoring.plane, file)


def _place(shape: shapely.Geometry, plane: Plane, file: LedgerFile) -> shapely.Geometry:
    placed = unproject(np.array([shape], dtype=object), plane, file.crs)
    return as_multipolygons(placed)[0]


def _is_there(shape: shapely.Geometry, file: LedgerFile, row: int) -> bool:
    stored = file.shapes.get(row)
    return stored is not None and bool(
        shapely.equals_exact(
            shapely.normalize(stored), shapely.normalize(shape), tolerance=SAME_PLACE
        )
    )
