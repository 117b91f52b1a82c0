"""Tables without a schema: rows of text from CSV files and Excel workbooks."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from spatialplan.errors import Fault, SourceError, SpatialplanError
from spatialplan.files.encodings import Encoding
from spatialplan.files.opening.archive_limits import require_harmless
from spatialplan.files.site_files.texts import FileContent, decode_text
from spatialplan.messages import say

__all__ = ["Grid", "read_csv", "read_workbook"]

Grid = list[list[str]]

DELIMITERS = ",;\t，；"
# Unpacked size above which a workbook is a trap, not a list of sites.
LARGEST_UNPACKED = 4_000_000_000
# As many rows as a sheet of Excel can have; a row's number may claim more, all blank.
MOST_ROWS = 1_048_576
HEAD_BYTES = 1 << 16
REASON_LENGTH = 160


def read_csv(
    file: FileContent, *, encoding: str | None, words: Sequence[str]
) -> tuple[Mapping[str, Grid], Encoding]:
    """Read a text table; its delimiter is the one that its first lines use most.

    Raises
    ------
    SourceError
        If it is empty, no text, or not in the encoding stated.
    """
    text, found = decode_text(file, encoding, words)
    return {"": list(_split_rows(text, _delimiter(text)))}, found


def read_workbook(file: FileContent) -> tuple[Mapping[str, Grid], Encoding]:
    """Read the sheets of a workbook: values as last computed, formulas never run.

    Raises
    ------
    SourceError
        If it is damaged, locked with a password, or no workbook.
    """
    import openpyxl

    try:
        _require_harmless(file)
        book = openpyxl.load_workbook(
            io.BytesIO(file.content), read_only=True, data_only=True, keep_links=False
        )
        return {
            sheet.title: list(_sheet_rows(sheet, file.path)) for sheet in book.worksheets
        }, Encoding("UTF-8", "format")
    except SpatialplanError:
        raise
    except MemoryError:
        raise SourceError(Fault(file.path, say("hostile.no_memory"))) from None
    except Exception as error:
        # On damaged bytes openpyxl raises whatever its parsers trip over.
        reason = re.sub(r"\s+", " ", str(error))[:REASON_LENGTH] or type(error).__name__
        raise SourceError(Fault(file.path, say("site.bad_workbook", reason=reason))) from None


def _require_harmless(file: FileContent) -> None:
    """Refuse a workbook that would unpack without end, or declares entities."""
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        entries = archive.infolist()
        require_harmless(entries, file.path)
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > LARGEST_UNPACKED:
            found, limit = f"{unpacked / 1e9:,.1f}", LARGEST_UNPACKED // 10**9
            message = say("hostile.unpacks_too_large", found=found, limit=limit)
            raise SourceError(Fault(file.path, message))
        # Entities are declared before the first element; no program that writes workbooks does.
        heads = [archive.open(entry).read(HEAD_BYTES) for entry in entries]
    if any(b"<!DOCTYPE" in head.replace(b"\0", b"").upper() for head in heads):
        raise SourceError(Fault(file.path, say("hostile.entities")))


def _sheet_rows(sheet: object, where: str) -> Iterator[list[str]]:
    sheet.reset_dimensions()  # type: ignore[attr-defined]
    for number, row in enumerate(sheet.iter_rows(values_only=True)):  # type: ignore[attr-defined]
        if number >= MOST_ROWS:
            raise SourceError(Fault(where, say("hostile.many_rows", found=number + 1)))
        texts = [_cell_text(value) for value in row]
        while texts and not texts[-1]:
            texts.pop()
        yield texts


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value).strip()


def _delimiter(text: str) -> str:
    head = "\n".join(re.split(r"\r\n|\r|\n", text, maxsplit=20)[:20])
    counts = Counter(char for char in head if char in DELIMITERS)
    # WKT is full of commas, and a file of one column has no delimiter at all.
    first = Counter(char for char in head.split("\n")[0] if char in DELIMITERS)
    best = (first or counts).most_common(1)
    return best[0][0] if best else ","


def _split_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """Split into rows and cells; quotes may hold delimiters, line breaks and doubled quotes.

    The csv module would refuse cells over its limit, which is one for the whole process.
    """
    mark = re.escape(delimiter)
    token = re.compile(
        rf'[ ]*"([^"]*(?:""[^"]*)*)"?[^{mark}\r\n]*|([^{mark}\r\n]+)|({mark})|(\r\n|\r|\n)'
    )
    row: list[str] = []
    cell = ""
    for match in token.finditer(text):
        quoted, plain, stop, end = match.groups()
        if quoted is not None:
            cell = quoted.replace('""', '"').strip()
        elif plain is not None:
            cell = plain.strip()
        elif stop is not None:
            row.append(cell)
            cell = ""
        elif end is not None:
            yield [*row, cell]
            row, cell = [], ""
    if row or cell:
        yield [*row, cell]
