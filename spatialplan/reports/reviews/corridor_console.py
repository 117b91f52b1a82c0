"""Corridors on a terminal, 80 columns wide."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from spatialplan.corridors import SectionState, list_places
from spatialplan.messages import Language
from spatialplan.reports.cells import TONE_COLOURS
from spatialplan.reports.reviews.corridor_wording import (
    PLACE_TONES,
    basis_line,
    continuity_word,
    corridor_word,
    place_line,
    width_line,
)
from spatialplan.reports.wording import plain_text, word
from spatialplan.review import Review

__all__ = ["corridor_lines", "fill_corridor_table"]

# So many places of a corridor are listed; the workbook has them all.
SHOWN = 5


def fill_corridor_table(table: Table, review: Review, language: Language) -> None:
    """Fill a table with the length, its states, and the continuity of every corridor."""
    table.add_column(corridor_word("col_corridor", language), overflow="fold", ratio=1)
    for key in ("length", "gap", "pinch", "open"):
        table.add_column(corridor_word(f"col_{key}", language), justify="right", no_wrap=True)
    table.add_column(corridor_word("col_continuity", language), overflow="fold", min_width=14)
    states = (None, SectionState.GAP, SectionState.PINCH, SectionState.NOT_EVALUATED)
    for result in review.corridors:
        lengths = [f"{result.length_m(state) / 1_000:,.2f}" for state in states]
        if not result.sections:
            lengths = [word("none", language)] * len(states)
        text, tone = continuity_word(result, language)
        table.add_row(
            Text(plain_text(result.element.name)),
            *lengths,
            Text(text, style=TONE_COLOURS[tone]),
        )


def corridor_lines(review: Review, language: Language) -> Iterator[Text]:
    """Say the worst places of every corridor, and what the results rest on."""
    for result in review.corridors:
        places = list_places(result)
        for place in places[:SHOWN]:
            line = place_line(result, place, language)
            yield Text(line, style=TONE_COLOURS[PLACE_TONES[place.kind]])
        if len(places) > SHOWN:
            yield Text(corridor_word("more", language, count=len(places) - SHOWN))
    judged = [result for result in review.corridors if result.why is None]
    for result in judged:
        yield Text(width_line(result, language), style="dim")
    if judged:
        yield Text(basis_line(judged[0], language), style="dim")
        yield Text(corridor_word("chainage", language), style="dim")
