"""What was repaired and what was not: for other programs, for a workbook, for a terminal.

Every feature that was repaired, edited, deleted or refused has a row; totals stand above them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

from spatialplan.errors import Fault
from spatialplan.files import LostRecord
from spatialplan.inspection.repairing import RepairReport, TableRepair
from spatialplan.messages import Language, phrase
from spatialplan.repair import (
    WHOLE_TABLE,
    Edit,
    Fix,
    Refusal,
    Removal,
    Repair,
    Repaired,
    RepairLimits,
)
from spatialplan.reports.cells import (
    MOST_ROWS,
    TONE_COLOURS,
    Amount,
    Cell,
    Column,
    Sheet,
    Tone,
    Verdict,
)
from spatialplan.reports.wording import finite, plain_text, word

__all__ = ["print_repairs", "repair_document", "repair_sheets"]

# Printed to the square centimetre; other programs get a tenth of a square millimetre.
M2_DECIMALS, EXACT_DECIMALS = 2, 7
MOST_PRINTED = 10
WIDTHS = (
    ("table", 18),
    ("feature", 22),
    ("row", 8),
    ("outcome", 12),
    ("fixes", 20),
    ("what", 70),
    ("field", 12),
    ("before", 18),
    ("after", 18),
    ("area_before", 16),
    ("area_after", 16),
    ("change", 14),
    ("vertices_before", 10),
    ("vertices_after", 10),
)
# Columns of a field's values, and of areas and vertices, where a row has none.
BLANK_FIELD = ("", "", "")
NO_CHANGE = ("", "", "", "", "")
Row = tuple[Cell, ...]


def repair_document(report: RepairReport, *, language: Language) -> dict[str, Any]:
    """Return everything that was repaired and refused, for `spatialplan.reports.write_json`."""
    wishes = report.wishes
    return {
        "schema": 1,
        "fixes": [fix.value for fix in Fix if fix in wishes.fixes],
        "limits": _limits(wishes.limits),
        "tolerance": {"gap_m": wishes.tolerance.gap_m, "snap_m": wishes.tolerance.snap_m},
        "target_crs": wishes.target,
        "encoding": wishes.text_codec if Fix.ENCODING in wishes.fixes else None,
        "tables": [_table(table, language) for table in report.tables],
        "copies": [
            {
                "source": copy.source,
                "path": None if copy.path is None else str(copy.path),
                "notes": [note.text(language) for note in copy.notes],
                "faults": [fault.text(language) for fault in copy.faults],
            }
            for copy in report.copies
        ],
        "complete": report.is_complete,
    }


def repair_sheets(report: RepairReport, *, language: Language) -> list[Sheet]:
    """Return a sheet of tables and one of features: repaired, edited, deleted, refused."""
    names = [("table", 24), ("content", 120)]
    summary = tuple(_summary_rows(report, language))
    rows = [row for table in report.tables for row in _feature_rows(table, language)]
    return [
        Sheet(_say("sheet_summary", language), _columns(names, language), summary, filtered=False),
        Sheet(
            _say("sheet_features", language),
            _columns(WIDTHS, language),
            tuple(rows[:MOST_ROWS]),
            frozen=2,
            wide=True,
        ),
    ]


def print_repairs(report: RepairReport, console: Console, *, language: Language) -> None:
    """Print what became of each table, the first refusals, and where the copies are.

    Parameters
    ----------
    report
        From `spatialplan.inspection.repairing.repair_files`.
    console
        Where to; 80 columns are enough.
    language
        Of everything but names from files.
    """
    console.print(Text(f"\n{_say('heading', language)}", style="bold"))
    console.print(Text(limits_text(report.wishes.limits, language)))
    for table in report.tables:
        _print_table(table, console, language)
    for copy in report.copies:
        if copy.path is not None:
            text = _say("written", language, source=copy.source, path=str(copy.path))
            console.print(Text(plain_text(text)))
        for fault in copy.faults:
            console.print(_toned(_fault(fault, language), "bad"))
        for note in copy.notes:
            console.print(Text(f"  {plain_text(note.text(language))}"))


def limits_text(limits: RepairLimits, language: Language) -> str:
    """Say which changes of area were let through."""
    return _say(
        "limits",
        language,
        share="∞" if math.isinf(limits.share) else f"{limits.share * 100:g} %",
        most="∞" if math.isinf(limits.most_m2) else f"{limits.most_m2:g}",
        least=f"{limits.least_m2:g}",
    )


def _print_table(table: TableRepair, console: Console, language: Language) -> None:
    console.print(Text(table_line(table, language)))
    for fault in table.faults:
        console.print(_toned(f"  {_fault(fault, language)}", "bad"))
    if table.lost:
        count = sum(one.count for one in table.lost)
        console.print(_toned(f"  {_say('lost_line', language, count=count)}", "bad"))
    if table.repaired is None:
        return
    for note in table.repaired.notes:
        console.print(Text(f"  {plain_text(note.message.text(language))}"))
    refusals = table.repaired.refusals
    for refusal in refusals[:MOST_PRINTED]:
        name = f"{refusal.feature_id}{word('colon', language)}" if refusal.feature_id else ""
        line = f"  {_say('refused', language)} {name}{refusal.why.text(language)}"
        console.print(_toned(plain_text(line), "open"))
    if len(refusals) > MOST_PRINTED:
        console.print(_toned(_say("more", language, count=len(refusals) - MOST_PRINTED), "open"))


def table_line(table: TableRepair, language: Language) -> str:
    """Say in one sentence what became of a table."""
    name, done = plain_text(table.delivery.spec.title), table.repaired
    if done is None:
        return _say("table_failed", language, table=name)
    return _say(
        "table_line",
        language,
        table=name,
        repaired=len(done.repairs),
        edited=len(done.edits),
        removed=len(done.removals),
        refused=len(done.refusals),
        change=f"{done.change_m2 + 0.0:+,.2f}",
        moved=f"{done.moved_m2:,.2f}",
        method=_say(f"method_{done.area_method.value}", language),
    )


def _table(table: TableRepair, language: Language) -> dict[str, Any]:
    spec, done = table.delivery.spec, table.repaired
    head: dict[str, Any] = {
        "path": spec.path,
        "table": spec.title,
        "role": spec.role,
        "sha256": table.delivery.source.sha256,
        "features": len(table.delivery.frame),
        "faults": [fault.text(language) for fault in table.faults],
        "lost": [
            {"record": one.number, "count": one.count, "why": one.reason.text(language)}
            for one in table.lost
        ],
    }
    if done is None:
        return head
    return {
        **head,
        "kept": len(done.frame),
        "area_method": done.area_method.value,
        "change_m2": finite(done.change_m2, EXACT_DECIMALS),
        "moved_m2": finite(done.moved_m2, EXACT_DECIMALS),
        "notes": [note.message.text(language) for note in done.notes],
        **_records(done, language),
    }


def _records(done: Repaired, language: Language) -> dict[str, Any]:
    return {
        "repairs": [
            {
                "row": record.row + 1,
                "id": record.feature_id,
                "fixes": [fix.value for fix in record.fixes],
                "done": [deed.text(language) for deed in record.deeds],
                "area_before_m2": finite(record.area_before_m2, EXACT_DECIMALS),
                "area_after_m2": finite(record.area_after_m2, EXACT_DECIMALS),
                "change_m2": finite(record.change_m2, EXACT_DECIMALS),
                "vertices_before": record.vertices_before,
                "vertices_after": record.vertices_after,
            }
            for record in done.repairs
        ],
        "edits": [
            {
                "row": edit.row + 1,
                "id": edit.feature_id,
                "fix": edit.fix.value,
                "field": edit.field,
                "before": edit.before,
                "after": edit.after,
            }
            for edit in done.edits
        ],
        "removals": [
            {
                "row": removal.row + 1,
                "id": removal.feature_id,
                "same_as": removal.same_as,
                "area_m2": finite(removal.area_m2, EXACT_DECIMALS),
            }
            for removal in done.removals
        ],
        "refusals": [
            {
                "row": None if refusal.row == WHOLE_TABLE else refusal.row + 1,
                "id": refusal.feature_id,
                "fix": refusal.fix.value,
                "why": refusal.why.text(language),
                "change_m2": finite(refusal.change_m2, EXACT_DECIMALS),
            }
            for refusal in done.refusals
        ],
    }


def _limits(limits: RepairLimits) -> dict[str, float | None]:
    return {
        "share": finite(limits.share, EXACT_DECIMALS),
        "most_m2": finite(limits.most_m2, EXACT_DECIMALS),
        "least_m2": finite(limits.least_m2, EXACT_DECIMALS),
    }


def _summary_rows(report: RepairReport, language: Language) -> Iterator[Row]:
    yield (_say("limits_title", language), limits_text(report.wishes.limits, language))
    for table in report.tables:
        title = plain_text(table.delivery.spec.title)
        yield (title, table_line(table, language))
        for fault in table.faults:
            yield (title, Verdict(_fault(fault, language), "bad"))
        if table.lost:
            count = sum(one.count for one in table.lost)
            yield (title, Verdict(_say("lost_line", language, count=count), "bad"))
        for note in table.repaired.notes if table.repaired else ():
            yield (title, plain_text(note.message.text(language)))
    for copy in report.copies:
        source = plain_text(copy.source)
        if copy.path is not None:
            yield (source, plain_text(str(copy.path)))
        for fault in copy.faults:
            yield (source, Verdict(_fault(fault, language), "bad"))
        for message in copy.notes:
            yield (source, plain_text(message.text(language)))


def _feature_rows(table: TableRepair, language: Language) -> Iterator[Row]:
    title: Cell = plain_text(table.delivery.spec.title)
    for lost in table.lost:
        yield (title, *_lost_cells(lost, language))
    if table.repaired is None:
        return
    for refusal in table.repaired.refusals:
        yield (title, *_refusal_cells(refusal, language))
    for repair in table.repaired.repairs:
        yield (title, *_repair_cells(repair, language))
    for edit in table.repaired.edits:
        yield (title, *_edit_cells(edit, language))
    for removal in table.repaired.removals:
        yield (title, *_removal_cells(removal, language))


def _lost_cells(lost: LostRecord, language: Language) -> Row:
    number: Cell = Amount(lost.number, 0) if lost.number else ""
    outcome, why = _outcome("lost", "bad", language), plain_text(lost.reason.text(language))
    return (_lost(lost.count, language), number, outcome, "", why, *BLANK_FIELD, *NO_CHANGE)


def _refusal_cells(refusal: Refusal, language: Language) -> Row:
    place = _feature(refusal.row, refusal.feature_id, language)
    fix, why = _fix(refusal.fix, language), plain_text(refusal.why.text(language))
    outcome, change = _outcome("refused", "open", language), _signed(refusal.change_m2)
    return (*place, outcome, fix, why, *BLANK_FIELD, "", "", change, "", "")


def _repair_cells(repair: Repair, language: Language) -> Row:
    place = _feature(repair.row, repair.feature_id, language)
    deeds = "; ".join(deed.text(language) for deed in repair.deeds)
    fixes = ", ".join(_fix(fix, language) for fix in repair.fixes)
    areas = (_area(repair.area_before_m2), _area(repair.area_after_m2))
    counts = (Amount(repair.vertices_before, 0), Amount(repair.vertices_after, 0))
    what = (_outcome("repaired", "good", language), fixes, plain_text(deeds))
    return (*place, *what, *BLANK_FIELD, *areas, _signed(repair.change_m2), *counts)


def _edit_cells(edit: Edit, language: Language) -> Row:
    place = _feature(edit.row, edit.feature_id, language)
    values = tuple(plain_text(text) for text in (edit.field, edit.before, edit.after))
    what = (_outcome("edited", "good", language), _fix(edit.fix, language), "")
    return (*place, *what, *values, *NO_CHANGE)


def _removal_cells(removal: Removal, language: Language) -> Row:
    place = _feature(removal.row, removal.feature_id, language)
    same = _say("same_as", language, other=plain_text(removal.same_as))
    what = (_outcome("removed", "caution", language), _fix(removal.fix, language), same)
    before, change = _area(removal.area_m2), _signed(-removal.area_m2)
    return (*place, *what, *BLANK_FIELD, before, "", change, "", "")


def _lost(count: int, language: Language) -> str:
    return _say("lost_records", language, count=count) if count else _say("lost_unknown", language)


def _feature(row: int, name: str, language: Language) -> tuple[Cell, Cell]:
    if row == WHOLE_TABLE:
        return (_say("whole_table", language), "")
    return (plain_text(name), Amount(row + 1, 0))


def _area(value: float) -> Cell:
    return Amount(value, M2_DECIMALS) if math.isfinite(value) else ""


def _signed(value: float) -> Cell:
    return Amount(value, M2_DECIMALS, signed=True) if math.isfinite(value) else ""


def _outcome(key: str, tone: Tone, language: Language) -> Verdict:
    return Verdict(_say(key, language), tone)


def _fix(fix: Fix, language: Language) -> str:
    return _say(f"fix_{fix.value.replace('-', '_')}", language)


def _fault(fault: Fault, language: Language) -> str:
    return plain_text(fault.text(language))


def _toned(text: str, tone: Tone) -> Text:
    return Text(text, style=TONE_COLOURS[tone])


def _columns(widths: Any, language: Language) -> tuple[Column, ...]:
    return tuple(Column(_say(f"col_{key}", language), width) for key, width in widths)


def _say(key: str, language: Language, **values: object) -> str:
    return phrase(f"repair_report.{key}", language).format(**values)
