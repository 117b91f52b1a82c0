"""A draft on a terminal: what became of every table, and what to do next."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from spatialplan.drafting import Draft
from spatialplan.messages import Language, phrase
from spatialplan.reports.wording import plain_text

__all__ = ["print_draft"]


def print_draft(draft: Draft, path: Path, console: Console, *, language: Language) -> None:
    """Print what every table was recognised as, and the next step.

    Parameters
    ----------
    draft, path
        From `spatialplan.drafting.draft_plan`, and where its plan file was written.
    console
        Where to; 80 columns are enough.
    language
        Of headings and reasons.
    """

    def say(key: str, **values: object) -> str:
        return phrase(f"draft.{key}", language).format(**values)

    table = Table(title=Text(say("layers_title"), style="bold"), title_justify="left")
    table.box = box.HORIZONTALS
    for key in ("col_table", "col_layer", "col_basis"):
        table.add_column(say(key), overflow="fold")
    for key, layer in draft.layers.items():
        why = layer.table.recognition.why.text(language)
        _add(table, layer.table.found.table, f"{key} ({draft.plan.layers[key].title})", why)
    for one, _ in draft.open_tables:
        state = say("copy" if one.is_copy else "undecided")
        _add(table, one.table.found.table, state, one.why.text(language), "yellow")
    console.print(table)
    counts = {
        "layers": len(draft.layers),
        "open": sum(not one.is_copy for one, _ in draft.open_tables),
        "faults": len(draft.faults),
        "quotas": len(draft.plan.quotas),
        "rules": len(draft.plan.line_rules),
    }
    console.print(Text(say("summary", **counts)))
    console.print(Text(say("next", path=plain_text(path))))


def _add(table: Table, name: str, layer: str, why: str, style: str = "") -> None:
    table.add_row(*(Text(plain_text(text), style=style) for text in (name, layer, why)))
