"""What stands in a table before it has a file format: text, amounts and verdicts."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Literal

from spatialplan.findings import PieceClass, Severity, Status
from spatialplan.messages import Language
from spatialplan.reports.wording import word

__all__ = [
    "MOST_ROWS",
    "TONE_COLOURS",
    "Amount",
    "Cell",
    "Column",
    "Sheet",
    "Tone",
    "Verdict",
    "class_tone",
    "headed_columns",
    "severity_tone",
    "status_tone",
]

Tone = Literal["good", "bad", "open", "muted", "caution", "plain"]

STATUS_TONES: dict[Status, Tone] = {
    Status.MET: "good",
    Status.NOT_MET: "bad",
    Status.NOT_EVALUATED: "open",
}
# How a tone shows on a terminal.
TONE_COLOURS: dict[Tone, str] = {
    "good": "green",
    "bad": "red",
    "caution": "magenta",
    "open": "yellow",
    "muted": "dim",
    "plain": "default",
}
SEVERITY_TONES: dict[Severity, Tone] = {
    Severity.INFO: "muted",
    Severity.WARNING: "open",
    Severity.ERROR: "bad",
}
CLASS_TONES: dict[PieceClass, Tone] = {
    PieceClass.CONFLICT: "bad",
    PieceClass.NEEDS_PERSON: "open",
    PieceClass.SLIVER: "muted",
    PieceClass.NOISE: "muted",
    PieceClass.ENCLOSED: "good",
}


# A worksheet ends at 1,048,576 rows.
MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with the way it is printed; None or no finite number is printed as a dash."""

    value: float | None
    decimals: int = 2
    unit: str = ""
    signed: bool = False
    percent: bool = False

    @property
    def number_format(self) -> str:
        """The number format of a spreadsheet."""
        digits = "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        digits += "%" if self.percent else ""
        digits += f'" {self.unit}"' if self.unit else ""
        return f"+{digits};-{digits};{digits}" if self.signed else digits


@dataclass(frozen=True, slots=True)
class Verdict:
    """A word that is also coloured; the word alone says everything."""

    text: str
    tone: Tone


Cell = str | float | Amount | Verdict
HECTARES = Amount(None, 4)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and the column's width in digits; a Chinese character is two wide.

    A plain float in the column, which must be finite, is printed like `amount`.
    """

    heading: str
    width: float
    amount: Amount = HECTARES


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: one row of headings, then rows of as many cells.

    `bold_last` marks a row of totals; `wide` asks for A3 paper, `portrait` for paper upright; the
    first `frozen` columns stay in view. `bold_rows` are places of rows, from 0; a `sparse` table
    leaves blank cells out, edges and all, because it has very many of them.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    frozen: int = 0
    wide: bool = False
    portrait: bool = False
    bold_last: bool = False
    filtered: bool = True
    bold_rows: Container[int] = ()
    sparse: bool = False


def status_tone(status: Status) -> Tone:
    """Return the tone of a status."""
    return STATUS_TONES[status]


def severity_tone(severity: Severity) -> Tone:
    """Return the tone of a severity."""
    return SEVERITY_TONES[severity]


def class_tone(piece_class: PieceClass) -> Tone:
    """Return the tone of a class of pieces."""
    return CLASS_TONES[piece_class]


def headed_columns(widths: Iterable[tuple[str, float]], language: Language) -> tuple[Column, ...]:
    """Return columns by the names of their headings in the catalogue, and their widths."""
    return tuple(Column(word(f"col_{key}", language), width) for key, width in widths)
