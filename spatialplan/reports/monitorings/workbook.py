"""A monitoring as a workbook: ``monitoring.xlsx``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from spatialplan.crs import crs_label
from spatialplan.layers import Layer, RasterLayer
from spatialplan.ledger import PERSON_COLUMNS, Entry, Seen, Step
from spatialplan.messages import Language
from spatialplan.monitoring import LedgerRun, Monitoring
from spatialplan.reports.cells import (
    MOST_ROWS,
    Amount,
    Cell,
    Column,
    Sheet,
    Verdict,
    status_tone,
)
from spatialplan.reports.monitorings.matrix_sheet import matrix_sheet
from spatialplan.reports.monitorings.wording import (
    STATE_TONES,
    before_text,
    class_title,
    clause_text,
    edition_line,
    hint_text,
    lines_text,
    monitor_word,
    place_word,
    result_sentence,
    seen_word,
    state_of,
    step_of,
)
from spatialplan.reports.sheet_writing import write_sheets
from spatialplan.reports.wording import edition_of, place_lines, plain_text, word

__all__ = ["write_monitoring_workbook"]

Row = tuple[Cell, ...]


def write_monitoring_workbook(
    monitoring: Monitoring, path: Path, *, language: Language | None = None
) -> None:
    """Write a monitoring: list of patches, matrices, ledger, what was not evaluated, inputs.

    Parameters
    ----------
    path
        Where ``monitoring.xlsx`` is to stand; an earlier one stays until the new one is whole.
    language
        Of headings and sentences; default: the plan's.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    spoken: Language = language or monitoring.plan.header.language
    sheets = [
        _summary_sheet(monitoring, spoken),
        _patch_sheet(monitoring, spoken),
        matrix_sheet(monitoring, language=spoken),
        *([_ledger_sheet(monitoring, spoken)] if monitoring.ledger else []),
        _open_sheet(monitoring, spoken),
        _input_sheet(monitoring, spoken),
    ]
    write_sheets(sheets, path, header=monitoring.plan.header, language=spoken)


def _columns(widths: Sequence[tuple[str, float]], language: Language) -> tuple[Column, ...]:
    return tuple(Column(monitor_word(f"col_{key}", language), width) for key, width in widths)


def _summary_sheet(monitoring: Monitoring, language: Language) -> Sheet:
    columns = _columns([("item", 16), ("content", 108)], language)
    rows = tuple(_summary_rows(monitoring, language))
    return Sheet(monitor_word("sheet_summary", language), columns, rows, filtered=False)


def _summary_rows(monitoring: Monitoring, language: Language) -> Iterator[Row]:
    header = monitoring.plan.header
    sentence = result_sentence(monitoring, language)
    yield monitor_word("item_plan", language), plain_text(header.title)
    yield monitor_word("item_result", language), Verdict(sentence, status_tone(monitoring.status))
    yield monitor_word("item_standing", language), plain_text(header.standing)
    yield monitor_word("item_notice", language), plain_text(header.notice)
    if header.demonstration:
        yield "", Verdict(plain_text(header.demonstration_notice), "open")
    yield monitor_word("item_before", language), edition_line(monitoring.before, language)
    yield monitor_word("item_after", language), edition_line(monitoring.after, language)
    yield monitor_word("item_day", language), monitoring.day.isoformat()
    yield monitor_word("item_crs", language), crs_label(monitoring.common.grid.crs)
    yield monitor_word("item_area", language), word("area_method", language)
    yield monitor_word("item_definition", language), monitor_word("definition", language)
    yield monitor_word("item_patch", language), monitor_word("patch_rule", language)
    yield monitor_word("item_filtered", language), filtered_text(monitoring, language)
    yield monitor_word("item_indicative", language), monitor_word("indicative", language)
    if monitoring.ledger:
        yield monitor_word("item_ledger", language), ledger_text(monitoring.ledger, language)
        yield "", monitor_word("ledger_rule", language)
    for note in monitoring.notes:
        yield monitor_word("item_note", language), plain_text(note.text(language))
    named = [(layer.spec.title, layer.source) for layer in monitoring.layers.values()]
    named += [(one.spec.title, one.source) for one in (monitoring.before, monitoring.after)]
    for line in place_lines(named, language):
        yield monitor_word("item_note", language), line


def ledger_text(run: LedgerRun, language: Language) -> str:
    """Say of how many rows of the ledger a run found what, and how many a person settled."""
    counts = {seen.value: run.count(seen) for seen in Seen}
    settled = sum(step.entry is not None and step.entry.is_closed for step in run.steps)
    return monitor_word("ledger_counts", language, own=len(run.own), settled=settled, **counts)


def filtered_text(monitoring: Monitoring, language: Language) -> str:
    """Say how many patches were too small, and how much ground that is."""
    filtered = monitoring.filtered
    return monitor_word(
        "filtered",
        language,
        minimum=f"{filtered.minimum_m2:,.10g}",
        count=f"{filtered.count:,}",
        ha=f"{filtered.area_m2 / 10_000:,.4f}",
    )


def _patch_sheet(monitoring: Monitoring, language: Language) -> Sheet:
    widths = [
        *[("rank", 6.0), ("patch_id", 32.0), ("place", 22.0), ("class_before", 20.0)],
        *[("class_after", 14.0), ("area_ha", 12.0), ("area_m2", 14.0), ("lines", 56.0)],
        *[("township", 18.0), ("longitude", 12.0), ("latitude", 12.0), ("hint", 30.0)],
        *[("state", 10.0), ("seen", 14.0), ("clause", 70.0)],
        *[("checked_by", 12.0), ("checked_on", 12.0), ("opinion", 24.0), ("remark", 20.0)],
    ]
    rows = tuple(
        _patch_row(place, monitoring, language)
        for place in range(min(len(monitoring.patches), MOST_ROWS))
    )
    name = monitor_word("sheet_patches", language)
    return Sheet(name, _columns(widths, language), rows, frozen=2, wide=True)


def _patch_row(place: int, monitoring: Monitoring, language: Language) -> Row:
    patch = monitoring.patches[place]
    step = step_of(monitoring, place)
    entry = step.entry if step else None
    state = state_of(step)
    tone = STATE_TONES.get(state, "open")
    return (
        Amount(place + 1, 0),
        plain_text(entry.patch_id if entry else patch.patch_id),
        place_word(patch.place, language),
        before_text(patch, language),
        class_title(patch.after, language),
        Amount(patch.area_m2 / 10_000, 4),
        Amount(patch.area_m2, 2),
        lines_text(patch, monitoring.plan, language),
        plain_text(patch.township),
        Amount(patch.longitude, 6),
        Amount(patch.latitude, 6),
        hint_text(patch, language),
        Verdict(plain_text(state), tone) if step else "",
        seen_text(step, language),
        clause_text(patch, monitoring, language),
        *_person_cells(entry),
    )


def _person_cells(entry: Entry | None) -> Row:
    """Return what a person entered in the ledger, blank for nothing."""
    values = entry.values if entry else {}
    told = (values.get(name) for name in PERSON_COLUMNS[1:])
    return tuple("" if value is None else plain_text(value) for value in told)


def seen_text(step: Step | None, language: Language) -> str:
    """Say what a run found of a row, with the row it belongs to and how far it has grown."""
    if step is None:
        return ""
    text = seen_word(step.seen, language)
    if step.related:
        text += monitor_word("related", language, id=plain_text(step.related))
    if step.altered:
        text += monitor_word("altered", language)
    if step.grown_m2 >= 1:
        text += monitor_word("grown", language, ha=f"{step.grown_m2 / 10_000:,.4f}")
    return text


def _ledger_sheet(monitoring: Monitoring, language: Language) -> Sheet:
    """Return the rows of the ledger that no patch continues, and those that a person added."""
    widths = [("patch_id", 32.0), ("state", 12.0), ("seen", 40.0), ("first_seen", 20.0)]
    columns = _columns([*widths, ("last_seen", 20.0)], language)
    run = monitoring.ledger
    rows: list[Row] = []
    for step in run.steps if run else ():
        if step.entry is not None and step.sighting is None:
            rows.append(_entry_row(step.entry, seen_text(step, language)))
    own = run.own if run else ()
    rows += [_entry_row(entry, monitor_word("own_row", language)) for entry in own]
    if not rows:
        rows.append((monitor_word("ledger_all_seen", language), "", "", "", ""))
    return Sheet(monitor_word("sheet_ledger", language), columns, tuple(rows), frozen=1)


def _entry_row(entry: Entry, text: str) -> Row:
    state = Verdict(plain_text(entry.state), STATE_TONES.get(entry.state, "open"))
    first, last = plain_text(entry.first_seen), plain_text(entry.last_seen)
    return plain_text(entry.patch_id), state, text, first, last


def _open_sheet(monitoring: Monitoring, language: Language) -> Sheet:
    rows: tuple[Row, ...] = tuple(
        (
            Verdict(subject_of(point.rule_id, monitoring, language), "open"),
            plain_text(point.why.text(language)),
        )
        for point in monitoring.not_evaluated
    ) or ((Verdict(monitor_word("open_none", language), "good"), ""),)
    columns = _columns([("what", 36.0), ("why", 100.0)], language)
    return Sheet(monitor_word("sheet_open", language), columns, rows)


def subject_of(rule_id: str, monitoring: Monitoring, language: Language) -> str:
    """Return what a gap is about: a layer's title, the ledger, or the monitoring itself."""
    spec = monitoring.plan.layers.get(rule_id)
    if spec is not None:
        return plain_text(spec.title)
    return monitor_word("item_ledger" if rule_id == "ledger" else "title", language)


def _input_sheet(monitoring: Monitoring, language: Language) -> Sheet:
    widths = [
        *[("title", 26), ("path", 36), ("driver", 15), ("crs", 24), ("features", 14)],
        *[("sha256", 68), ("data_date", 20), ("approval", 16), ("provider", 20)],
    ]
    sources: tuple[RasterLayer | Layer, ...] = (
        monitoring.before,
        monitoring.after,
        *monitoring.layers.values(),
    )
    rows = [_input_row(one, language) for one in sources]
    name = monitor_word("sheet_inputs", language)
    return Sheet(name, _columns(widths, language), tuple(rows), frozen=1, wide=True)


def _input_row(given: RasterLayer | Layer, language: Language) -> Row:
    date, approval, provider = edition_of(given.spec, language)
    source = given.source
    return (
        plain_text(given.spec.title),
        plain_text(source.path),
        source.driver,
        plain_text(source.crs),
        Amount(source.features, 0),
        source.sha256,
        date,
        approval,
        provider,
    )
