"""Tables as a workbook: formats, heights of rows, margins, and text that never becomes a formula.

Text from files is written as text, whatever it begins with: a feature named ``=HYPERLINK(…)`` never
becomes a formula or a link. Nothing in the file depends on the clock.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from spatialplan.files import replace_atomically
from spatialplan.messages import Language
from spatialplan.plan.model import PlanHeader
from spatialplan.reports.cells import Amount, Cell, Column, Sheet, Tone, Verdict
from spatialplan.reports.swift_rows import SwiftPage, format_number, number_mark, text_mark
from spatialplan.reports.wording import display_width, plain_text, word

__all__ = ["write_sheets"]

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
    "caution": ("#FCE4D6", "#843C0C"),
    "plain": ("#FFFFFF", "#000000"),
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


def write_sheets(
    sheets: Sequence[Sheet], path: Path, *, header: PlanHeader, language: Language
) -> None:
    """Write tables as a workbook for reading, signing and printing.

    Parameters
    ----------
    sheets
        In the order in which they are to stand.
    path
        An earlier file there stays until the new one is whole.
    header
        The plan's: its title and notices stand in the margins of every page.
    language
        Of the margins.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with replace_atomically(path) as temporary, _new_book(temporary) as book:
        book.set_properties({"title": plain_text(header.title), "created": CREATED})
        formats = _Formats(book)
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name, SwiftPage), sheet, formats)
        for page, sheet in zip(book.worksheets(), sheets, strict=True):
            _set_margins(page, sheet, header, language)


@contextmanager
def _new_book(path: Path) -> Iterator[xlsxwriter.Workbook]:
    """Yield a workbook that is written, with whatever it needs on the way, in its own folder."""
    made = dict(OPTIONS, default_format_properties=dict(FONT), tmpdir=str(path.parent))
    try:
        with xlsxwriter.Workbook(str(path), made) as book:
            yield book
    except XlsxWriterException as error:
        raise OSError(str(error)) from None


class _Formats:
    """Cell formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Any] = {}
        self._numbers: dict[tuple[str, bool], list[int]] = {}
        self.heading = book.add_format(HEADING)

    def of(self, cell: Cell, *, bold: bool) -> Any:
        """Return the format of a cell."""
        look = cell.number_format if isinstance(cell, Amount) else ""
        look = cell.tone if isinstance(cell, Verdict) else look
        if (look, bold) not in self._made:
            self._made[look, bold] = self._book.add_format(_properties(cell, bold))
        return self._made[look, bold]

    def figure_numbers(self, sheet: Sheet, *, bold: bool) -> list[int]:
        """Return the numbers of the formats of plain figures, one a column."""
        if (sheet.name, bold) not in self._numbers:
            looks = (self.of(column.amount, bold=bold) for column in sheet.columns)
            self._numbers[sheet.name, bold] = [format_number(look) for look in looks]
        return self._numbers[sheet.name, bold]


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
    swift = _SwiftRows(page, sheet, formats) if sheet.sparse and page.is_swift else None
    for number, row in enumerate(rows, start=1):
        bold = (number == len(rows) and sheet.bold_last) or number - 1 in sheet.bold_rows
        if swift:
            swift.write(number, row, bold)
        else:
            _write_row(page, number, row, sheet, formats, bold)
    page.freeze_panes(1, sheet.frozen)
    if sheet.filtered:
        page.autofilter(0, 0, max(len(rows), 1), len(sheet.columns) - 1)
    # Ids are text made of digits; without this every one of them carries a warning mark.
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _write_row(
    page: Any, number: int, row: Sequence[Cell], sheet: Sheet, formats: _Formats, bold: bool
) -> None:
    page.set_row(number, _row_height(row, sheet))
    for place, (cell, column) in enumerate(zip(row, sheet.columns, strict=True)):
        if isinstance(cell, float):
            page.write_number(number, place, cell, formats.of(column.amount, bold=bold))
        elif cell or not sheet.sparse:
            _write_cell(page, number, place, cell, formats.of(cell, bold=bold))


class _SwiftRows:
    """Writes rows of a sparse sheet, whose blank cells are left out; same text is marked once."""

    def __init__(self, page: SwiftPage, sheet: Sheet, formats: _Formats) -> None:
        self._page, self._sheet, self._formats = page, sheet, formats
        self._mark_text = lru_cache(maxsize=50_000)(self._mark)

    def write(self, number: int, row: Sequence[Cell], bold: bool) -> None:
        figures = self._formats.figure_numbers(self._sheet, bold=bold)
        mark_text, cells, most = self._mark_text, [], 1
        for place, cell in enumerate(row):
            if cell == "":
                continue
            if isinstance(cell, float):
                cells.append((place, number_mark(cell, figures[place])))
                continue
            mark, lines = mark_text(place, cell, bold)
            cells.append((place, mark))
            if lines > most:
                most = lines
        self._page.put_row(number, _height(most), cells)

    def _mark(self, place: int, cell: str | Amount | Verdict, bold: bool) -> tuple[str, int]:
        """Return how a cell is marked, and how many lines it takes."""
        style = format_number(self._formats.of(cell, bold=bold))
        content, lines = _content(cell), _count_lines(_shown(cell), self._sheet.columns[place])
        mark = text_mark if isinstance(content, str) else number_mark
        return mark(content, style), lines  # type: ignore[arg-type]


def _row_height(row: Sequence[Cell], sheet: Sheet) -> int:
    """Return the height in which wrapped text shows whole, points.

    Spreadsheet programs fit the height of a row only when someone edits it.
    """
    pairs = zip(row, sheet.columns, strict=True)
    return _height(max(_count_lines(_shown(cell), column) for cell, column in pairs))


def _height(lines: int) -> int:
    return LINE_HEIGHT * min(lines, MOST_LINES) + 2


def _count_lines(text: str, column: Column) -> int:
    if not text:
        return 1
    return max(1, math.ceil(_cached_width(text) / (column.width - CELL_PADDING)))


_cached_width = lru_cache(maxsize=50_000)(display_width)


def _shown(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return cell.text if isinstance(cell, Verdict) else ""


def _write_cell(page: Any, row: int, place: int, cell: Cell, style: Any) -> None:
    content = _content(cell)
    if not isinstance(content, str):
        page.write_number(row, place, content, style)
    elif not content:
        page.write_blank(row, place, None, style)
    elif content.startswith("<r>"):
        # In constant memory xlsxwriter takes such text for marks and writes it as it is.
        page.write_string(row, place, f" {content}", style)
    else:
        page.write_string(row, place, content, style)


def _content(cell: Cell) -> str | float:
    """Return what a cell holds: text, or a finite number."""
    if not isinstance(cell, Amount):
        return _shown(cell)[:MOST_CHARACTERS]
    if cell.value is None or not math.isfinite(cell.value):
        return "—"
    return cell.value


def _set_margins(page: Any, sheet: Sheet, header: PlanHeader, language: Language) -> None:
    """Set up printing: the plan above, the notice below, headings on every page."""
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
