"""The words and numbers that every report shares: one term for one thing in each language."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from spatialplan.findings import Severity
from spatialplan.layers import Source
from spatialplan.messages import Language, phrase
from spatialplan.plan import LayerSpec, RasterSpec, Tolerance

__all__ = [
    "display_width",
    "edition_of",
    "fault_title",
    "finite",
    "place_lines",
    "plain_text",
    "severity_word",
    "tolerance_text",
    "word",
]


def word(key: str, language: Language, **values: object) -> str:
    """Return a wording of the section ``[report]`` with its placeholders filled."""
    text = phrase(f"report.{key}", language)
    return text.format(**values) if values else text


def plain_text(text: object) -> str:
    r"""Return text from a file on one line, without characters that steer a terminal or a cell.

    Line breaks and control characters become blanks; invisible format characters, among them those
    that reverse the reading direction, are dropped.

    Examples
    --------
    >>> plain_text("red\nline\x1b[31m")
    'red line [31m'
    """
    given = str(text)
    if given.isprintable():
        return given
    return " ".join("".join(_harmless(character) for character in given).split())


def _harmless(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in ("Cc", "Zl", "Zp"):
        return " "
    return "" if kind in ("Cf", "Cs") else character


def display_width(text: str) -> int:
    """Return how many digits wide a text is; a Chinese character is two.

    Examples
    --------
    >>> display_width("红线 ha")
    7
    """
    if text.isascii():
        return len(text)
    return sum(map(_width_of, text))


@cache
def _width_of(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def finite(value: float | Decimal | None, digits: int) -> float | None:
    """Round to `digits` places; None for what is missing, infinite or no number."""
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0  # turns -0.0 into 0.0


def place_lines(named: Iterable[tuple[str, Source]], language: Language) -> list[str]:
    """Say how the coordinates of sources were taken, those together of which the same is said.

    Parameters
    ----------
    named
        What people call each source, and the source.

    Returns
    -------
    lines
        Nothing for sources whose CRS is stated, on CGCS2000 and without a stated error.
    """
    titles: dict[str, list[str]] = {}
    for title, source in named:
        for note in source.placement.notes:
            titles.setdefault(note.text(language), []).append(title)
    return [
        plain_text(phrase("position.line", language).format(titles=", ".join(known), note=note))
        for note, known in titles.items()
    ]


def fault_title(fault: str, language: Language) -> str:
    """Return the short name of a quality fault, or its id where it has none."""
    try:
        return word(f"fault_{fault}", language)
    except KeyError:
        return fault


def severity_word(severity: Severity, language: Language) -> str:
    """Return the word for a severity."""
    return word(f"severity_{severity.value}", language)


def edition_of(spec: LayerSpec | RasterSpec, language: Language) -> tuple[str, str, str]:
    """Return date, approval and provider of a source, "not provided" where one is missing."""
    edition, missing = spec.edition, word("not_provided", language)
    values = (edition.data_date, edition.approval, edition.provider)
    date, approval, provider = (plain_text(value) if value else missing for value in values)
    return date, approval, provider


def tolerance_text(tolerance: Tolerance, language: Language) -> str:
    """Say which pieces a tolerance makes slivers."""
    return word("tolerance", language, area_m2=tolerance.area_m2, width_m=tolerance.width_m)
