"""An inspection on a terminal, readable 80 columns wide."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from spatialplan.findings import Severity
from spatialplan.inspection import InspectedLayer, Inspection, LayerFault
from spatialplan.messages import Language
from spatialplan.reports.cells import TONE_COLOURS, severity_tone, status_tone
from spatialplan.reports.inspections.wording import (
    candidate_list,
    crs_text,
    fault_name,
    id_list,
    inspect_word,
    kind_text,
    layer_name,
    result_text,
    role_text,
    source_path,
)
from spatialplan.reports.wording import plain_text, severity_word, word

__all__ = ["print_inspection"]

# Ids that a line shows; the workbook has them all.
SHOWN_IDS = 6


def print_inspection(inspection: Inspection, console: Console, *, language: Language) -> None:
    """Print what is in a delivery, then what is wrong with it, then what was left open.

    Parameters
    ----------
    inspection
        From `spatialplan.inspect_files`.
    console
        Where to; 80 columns are enough.
    language
        Of headings and sentences; names stay as delivered.
    """
    console.print(_layer_table(inspection, language))
    for layer in inspection.layers:
        _print_layer(layer, console, language)
    for note in inspection.notes:
        console.print(Text(plain_text(note.text(language)), style=TONE_COLOURS["muted"]))
    region = inspection.region or inspect_word("region_none", language)
    console.print(Text(f"{inspect_word('region', language)}{word('colon', language)}{region}"))
    console.print(Text(word("area_method", language)))
    tone = "bad" if not inspection.is_read else status_tone(inspection.status)
    console.print(Text(result_text(inspection, language), style=f"bold {TONE_COLOURS[tone]}"))


def _layer_table(inspection: Inspection, language: Language) -> Table:
    table = Table(box=box.HORIZONTALS, pad_edge=False, collapse_padding=True)
    table.add_column(inspect_word("layer", language), overflow="fold", ratio=3)
    table.add_column(inspect_word("role", language), overflow="fold", ratio=3)
    table.add_column("CRS", overflow="fold", ratio=2)
    table.add_column(inspect_word("features", language), justify="right", no_wrap=True)
    table.add_column(inspect_word("area_ha", language), justify="right", no_wrap=True)
    table.add_column(inspect_word("faults", language), overflow="fold", min_width=8)
    for layer in inspection.layers:
        area = "" if layer.area_m2 is None else f"{layer.area_m2 / 10_000:,.2f}"
        table.add_row(
            Text(layer_name(layer)),
            Text(role_text(layer, language)),
            Text(crs_text(layer, language)),
            f"{layer.features:,}" if layer.is_read else "",
            area,
            _tally(layer, language),
        )
    return table


def _tally(layer: InspectedLayer, language: Language) -> Text:
    parts = [
        Text(
            inspect_word(f"tally_{severity.value}", language, count=layer.count(severity)),
            style=TONE_COLOURS[severity_tone(severity)],
        )
        for severity in (Severity.ERROR, Severity.WARNING)
        if layer.count(severity)
    ]
    if parts:
        return Text(" ").join(parts)
    return Text(inspect_word("tally_none", language), style=TONE_COLOURS["good"])


def _print_layer(layer: InspectedLayer, console: Console, language: Language) -> None:
    if not layer.faults and not any(point.open_point for point in layer.not_judged):
        return
    console.print()
    head = f"{layer_name(layer)}  {source_path(layer)}"
    console.print(Text(head, style="bold"))
    facts = [kind_text(layer, language), layer.encoding]
    console.print(Text("  " + "; ".join(plain_text(fact) for fact in facts if fact), style="dim"))
    for point in layer.not_judged:
        if point.open_point:
            why = plain_text(point.why.text(language))
            console.print(_line("?", why, TONE_COLOURS["open"]))
    candidates = candidate_list(layer, language)
    if candidates:
        text = inspect_word("candidates", language, found=candidates)
        console.print(_under(text))
    for fault in layer.faults:
        _print_fault(fault, console, language)


def _print_fault(fault: LayerFault, console: Console, language: Language) -> None:
    style = TONE_COLOURS[severity_tone(fault.severity)]
    name = f"{fault_name(fault.rule_id, language)}{word('colon', language)}"
    console.print(
        _line(
            severity_word(fault.severity, language),
            name + plain_text(fault.message.text(language)),
            style,
        )
    )
    if fault.ids:
        ids = id_list(fault.ids, language, SHOWN_IDS)
        console.print(_under(f"{inspect_word('col_ids', language)}{word('colon', language)}{ids}"))
    console.print(_under(f"→ {fault.cure.text(language)}"))


def _line(mark: str, text: str, style: str) -> Padding:
    return Padding(Text(mark, style=style) + Text(f" {text}"), (0, 0, 0, 2))


def _under(text: str) -> Padding:
    return Padding(Text(text, style=TONE_COLOURS["muted"]), (0, 0, 0, 7))
