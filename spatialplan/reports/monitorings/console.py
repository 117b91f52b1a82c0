"""A monitoring on a terminal, readable 80 columns wide."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from spatialplan.messages import Language
from spatialplan.monitoring import Monitoring
from spatialplan.reports.cells import TONE_COLOURS, status_tone
from spatialplan.reports.monitorings.wording import (
    STATE_TONES,
    before_text,
    class_title,
    edition_line,
    monitor_word,
    place_word,
    result_sentence,
    seen_word,
    state_of,
    step_of,
    zone_title,
)
from spatialplan.reports.monitorings.workbook import filtered_text, ledger_text, subject_of
from spatialplan.reports.wording import place_lines, plain_text, word

__all__ = ["print_monitoring"]

# The workbook has them all.
SHOWN_PATCHES = 30


def print_monitoring(monitoring: Monitoring, console: Console, *, language: Language) -> None:
    """Print a monitoring: change inside the lines, patches, the ledger, what was left open.

    Parameters
    ----------
    console
        Where to; 80 columns are enough.
    language
        Of headings and sentences; titles and names stay as in the plan and the layers.
    """
    header = monitoring.plan.header
    console.print(Text(plain_text(header.title), style="bold"))
    console.print(Text(plain_text(header.standing)))
    for key, raster in (("item_before", monitoring.before), ("item_after", monitoring.after)):
        line = edition_line(raster, language)
        console.print(Text(f"{monitor_word(key, language)}{word('colon', language)}{line}"))
    console.print(_line_table(monitoring, language))
    if monitoring.patches:
        console.print(_patch_table(monitoring, language))
    _print_counts(monitoring, console, language)
    for point in monitoring.not_evaluated:
        subject = subject_of(point.rule_id, monitoring, language)
        text = f"? {subject}{word('colon', language)}{plain_text(point.why.text(language))}"
        console.print(Text(text, style=TONE_COLOURS["open"]))
    _print_close(monitoring, console, language)


def _line_table(monitoring: Monitoring, language: Language) -> Table:
    table = Table(box=box.HORIZONTALS, pad_edge=False, collapse_padding=True)
    table.add_column(monitor_word("col_matrix_zone", language), overflow="fold")
    for key in ("col_zone_area", "col_matrix_changed", "col_matrix_activity"):
        table.add_column(monitor_word(key, language), justify="right", no_wrap=True)
    for matrix in monitoring.matrices:
        figures = (matrix.area_m2, matrix.changed_m2, matrix.activity_m2)
        table.add_row(Text(zone_title(matrix.zone)), *(f"{area / 10_000:,.2f}" for area in figures))
    return table


def _patch_table(monitoring: Monitoring, language: Language) -> Table:
    table = Table(box=box.HORIZONTALS, pad_edge=False, collapse_padding=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column(monitor_word("col_patch_id", language), no_wrap=True)
    table.add_column(monitor_word("col_place", language), overflow="fold")
    table.add_column(monitor_word("col_change", language), overflow="fold")
    table.add_column(monitor_word("col_area_ha", language), justify="right", no_wrap=True)
    if monitoring.ledger:
        table.add_column(monitor_word("col_state", language), overflow="fold")
    for place, patch in enumerate(monitoring.patches[:SHOWN_PATCHES]):
        step = step_of(monitoring, place)
        entry = step.entry if step else None
        change = f"{before_text(patch, language)} → {class_title(patch.after, language)}"
        cells = [
            Text(str(place + 1)),
            Text(plain_text(entry.patch_id if entry else patch.patch_id)),
            Text(f"{place_word(patch.place, language)} {plain_text(patch.township)}"),
            Text(change),
            Text(f"{patch.area_m2 / 10_000:,.4f}"),
        ]
        if step is not None:
            state = state_of(step)
            style = TONE_COLOURS[STATE_TONES.get(state, "open")]
            cells.append(Text(f"{plain_text(state)} {seen_word(step.seen, language)}", style=style))
        table.add_row(*cells)
    return table


def _print_counts(monitoring: Monitoring, console: Console, language: Language) -> None:
    hidden = len(monitoring.patches) - SHOWN_PATCHES
    if hidden > 0:
        console.print(Text(monitor_word("more_patches", language, count=hidden)))
    console.print(Text(filtered_text(monitoring, language)))
    if monitoring.ledger is not None:
        console.print(Text(ledger_text(monitoring.ledger, language)))


def _print_close(monitoring: Monitoring, console: Console, language: Language) -> None:
    for note in monitoring.notes:
        console.print(Text(plain_text(note.text(language)), style=TONE_COLOURS["muted"]))
    named = [(layer.spec.title, layer.source) for layer in monitoring.layers.values()]
    named += [(one.spec.title, one.source) for one in (monitoring.before, monitoring.after)]
    for line in place_lines(named, language):
        console.print(Text(line, style=TONE_COLOURS["muted"]))
    header = monitoring.plan.header
    for key in ("definition", "indicative"):
        console.print(Text(monitor_word(key, language)))
    console.print(Text(word("area_method", language)))
    if header.demonstration and header.demonstration_notice:
        notice = plain_text(header.demonstration_notice)
        console.print(Text(notice, style=TONE_COLOURS["open"]))
    console.print(Text(plain_text(header.notice)))
    style = f"bold {TONE_COLOURS[status_tone(monitoring.status)]}"
    console.print(Text(result_sentence(monitoring, language), style=style))
