"""The review as a workbook: ``review.xlsx``.

Text from files is written as text, whatever it begins with: a feature named ``=HYPERLINK(…)`` never
becomes a formula or a link. Nothing in the file depends on the clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from spatialplan.files import replace_atomically
from spatialplan.messages import Language
from spatialplan.reports.cells import Amount, Cell, Sheet, Tone, Verdict
from spatialplan.reports.conflict_sheets import conflict_sheet, rule_sheet
from spatialplan.reports.pieces import place_pieces
from spatialplan.reports.quota_sheets import quota_sheet, township_sheet
from spatialplan.reports.source_sheets import (
    layer_sheet,
    open_sheet,
    quality_sheet,
    summary_sheet,
)
from spatialplan.reports.wording import display_width, plain_text, word
from spatialplan.review import Review

__all__ = ["write_workbook"]

# A fixed day, so that the same review gives the same bytes.
CREATED = datetime(2000, 1, 1)
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
FONT = {"font_name": "Microsoft YaHei", "font_size": 10}
A3, A4 = 8, 9
MOST_CHARACTERS = 32_000
MOST_IN_MARGIN = 90
LINE_HEIGHT, MOST_LINES, CELL_PADDING = 16, 12, 2.5

# Fill and text of a tone; the word in the cell says the same.
TONES: dict[Tone, tuple[str, str]] = {
    "good": ("#E2F0D9", "#1E5631"),
    "bad": ("#F8D7DA", "#9B1C1C"),
    "open": ("#FFF2CC", "#7A5200"),
    "muted": ("#EDEDED", "#404040"),
}
EDGE = {"border": 1, "border_color": "#BFBFBF", "valign": "vcenter"}
HEADING = {
    **EDGE,
    "bold": True,
    "align": "center",
    "text_wrap": True,
    "bg_color": "#1F4E5F",
    "font_color": "#FFFFFF",
}


def write_workbook(review: Review, path: Path, *, language: Language) -> None:
    """Write a review as a workbook for reading, signing and printing.

    Parameters
    ----------
    review
        From `spatialplan.check_plan`.
    path
        Where ``review.xlsx`` is to stand; an earlier one stays until the new one is whole.
    language
        Of headings and sentences; titles and names stay as in the plan and the layers.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    pieces = place_pieces(review)
    sheets = [
        summary_sheet(review, pieces, language=language),
        quota_sheet(review, language=language),
        township_sheet(review, language=language),
        rule_sheet(review, language=language),
        conflict_sheet(review, pieces, language=language),
        quality_sheet(review, language=language),
        open_sheet(review, language=language),
        layer_sheet(review, language=language),
    ]
    with (
        replace_atomically(path) as temporary,
        xlsxwriter.Workbook(str(temporary), _options()) as book,
    ):
        book.set_properties({"title": plain_text(review.plan.header.title), "created": CREATED})
        formats = _Formats(book)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, formats)
        for page, sheet in zip(book.worksheets(), sheets, strict=True):
            _set_margins(page, sheet, review, language)


def _options() -> dict[str, Any]:
    """Return the options of one workbook, which xlsxwriter writes into."""
    return {**OPTIONS, "default_format_properties": dict(FONT)}


class _Formats:
    """Cell formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Any] = {}
        self.heading = book.add_format(HEADING)

    def of(self, cell: Cell, *, bold: bool) -> Any:
        """Return the format of a cell."""
        look = cell.number_format if isinstance(cell, Amount) else ""
        look = cell.tone if isinstance(cell, Verdict) else look
        if (look, bold) not in self._made:
            self._made[look, bold] = self._book.add_format(_properties(cell, bold))
        return self._made[look, bold]


def _properties(cell: Cell, bold: bool) -> dict[str, Any]:
    weight = {"bold": True, "top": 2} if bold else {}
    if isinstance(cell, Amount):
        number = {"num_format": cell.number_format, "align": "right", "indent": 1}
        return {**EDGE, **weight, **number}
    wrapped = {**EDGE, **weight, "text_wrap": True, "indent": 1}
    if isinstance(cell, Verdict):
        fill, colour = TONES[cell.tone]
        return {**wrapped, "bold": True, "bg_color": fill, "font_color": colour}
    return wrapped


def _write_sheet(page: Any, sheet: Sheet, formats: _Formats) -> None:
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, column.width)
    page.set_row(0, _row_height([column.heading for column in sheet.columns], sheet) + 6)
    for number, column in enumerate(sheet.columns):
        page.write_string(0, number, column.heading, formats.heading)
    rows = list(sheet.rows)
    for number, row in enumerate(rows, start=1):
        page.set_row(number, _row_height(row, sheet))
        last = number == len(rows)
        for place, cell in enumerate(row):
            _write_cell(page, number, place, cell, formats.of(cell, bold=last and sheet.bold_last))
    page.freeze_panes(1, sheet.frozen)
    if sheet.filtered:
        page.autofilter(0, 0, max(len(rows), 1), len(sheet.columns) - 1)
    # Ids are text made of digits; without this every one of them carries a warning mark.
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _row_height(row: Sequence[Cell], sheet: Sheet) -> int:
    """Return the height in which wrapped text shows whole, points.

    Spreadsheet programs fit the height of a row only when someone edits it.
    """
    lines = max(
        math.ceil(display_width(_shown(cell)) / (column.width - CELL_PADDING))
        for cell, column in zip(row, sheet.columns, strict=True)
    )
    return LINE_HEIGHT * min(max(lines, 1), MOST_LINES) + 2


def _shown(cell: Cell) -> str:
    if isinstance(cell, Amount):
        return ""
    return cell.text if isinstance(cell, Verdict) else cell


def _write_cell(page: Any, row: int, place: int, cell: Cell, style: Any) -> None:
    if not isinstance(cell, Amount):
        text = _shown(cell)[:MOST_CHARACTERS]
        if text:
            page.write_string(row, place, text, style)
        else:
            page.write_blank(row, place, None, style)
    elif cell.value is None or not math.isfinite(cell.value):
        page.write_string(row, place, "—", style)
    else:
        page.write_number(row, place, cell.value, style)


def _set_margins(page: Any, sheet: Sheet, review: Review, language: Language) -> None:
    """Set up printing: the plan above, the notice below, headings on every page."""
    header = review.plan.header
    title = word("print_header", language, plan=header.title, sheet=sheet.name)
    notice = header.demonstration_notice if header.demonstration else ""
    lines = [_margin_text(text) for text in (header.notice, notice) if text]
    if not sheet.portrait:
        page.set_landscape()
    page.set_paper(A3 if sheet.wide else A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.85)
    page.set_header(f"&C{_margin_text(title)}")
    footer = "\n".join(lines)
    page.set_footer(f"&L{footer}&R{word('print_page', language)}")


def _margin_text(text: str) -> str:
    """Return text for a page's margin, where ``&`` begins a command and room is scarce."""
    return plain_text(text)[:MOST_IN_MARGIN].replace("&", "&&")
