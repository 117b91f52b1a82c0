"""Rows of very large sheets, written as they stand in the file.

xlsxwriter spends some microseconds on a cell, and ten thousand sites have a million of them. Rows
given here go past its cells into the file that it keeps for rows, with the same marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

__all__ = ["SwiftPage", "format_number", "number_mark", "text_mark"]

# What these rows rely on is not part of xlsxwriter's documented interface.
NEEDED = ("_write_single_row", "_check_dimensions")
FITTING = all(hasattr(Worksheet, name) for name in NEEDED) and hasattr(Format, "_get_xf_index")

# XML has no word for these, and a spreadsheet reads _x0041_ as A.
UNWRITABLE = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
ESCAPE_LIKE = re.compile("(_x[0-9a-fA-F]{4}_)")


class SwiftPage(Worksheet):  # type: ignore[misc]
    """A worksheet in constant memory that also takes whole rows."""

    @property
    def is_swift(self) -> bool:
        """Whether whole rows can be given; if not, they must be written cell by cell."""
        return FITTING and getattr(self, "row_data_fh", None) is not None

    def put_row(self, number: int, height: int, cells: Iterable[tuple[int, str]]) -> None:
        """Write a row below all rows written so far.

        Parameters
        ----------
        number
            Of the row, from 0.
        height
            In points.
        cells
            Column from 0, in ascending order, and what stands in it, from `text_mark` or
            `number_mark`; not none of them.
        """
        row = number + 1
        marks = [f'<row r="{row}" ht="{height}" customHeight="1">']
        place = 0
        for place, mark in cells:
            marks.append(f'<c r="{_letters(place)}{row}{mark}')
        self._check_dimensions(number, place)
        self._write_single_row(number)  # rows that wait to be written come first
        self.row_data_fh.write("".join(marks) + "</row>")


def text_mark(text: str, style: int) -> str:
    """Return how a row names text and the number of its format, after the cell's place."""
    shown = f'<is><t xml:space="preserve">{_escaped(text)}</t></is>'
    return f'" s="{style}" t="inlineStr">{shown}</c>'


def number_mark(value: float, style: int) -> str:
    """Return how a row names a finite number and the number of its format."""
    return f'" s="{style}"><v>{value:.16G}</v></c>'


def format_number(style: Any) -> int:
    """Return the number under which a file keeps a format."""
    return int(style._get_xf_index())


@lru_cache(maxsize=1_000)
def _letters(column: int) -> str:
    return str(xl_col_to_name(column))


def _escaped(text: str) -> str:
    text = ESCAPE_LIKE.sub(r"_x005F\1", UNWRITABLE.sub("", text))
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
