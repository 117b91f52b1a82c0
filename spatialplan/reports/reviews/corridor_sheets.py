"""The sheets 廊道 (cuts, gaps and pinch points) and 廊道断面 (every cross-section)."""

from __future__ import annotations

from collections.abc import Iterator

from spatialplan.corridors import CorridorPlace, CorridorResult, CorridorSection, list_places
from spatialplan.messages import Language
from spatialplan.reports.cells import Amount, Cell, Column, Sheet, Verdict
from spatialplan.reports.reviews.corridor_wording import (
    PLACE_TONES,
    STATE_TONES,
    basis_line,
    continuity_word,
    corridor_word,
    place_townships,
    width_line,
)
from spatialplan.reports.wording import plain_text
from spatialplan.review import Review

__all__ = ["corridor_sheet", "section_sheet"]

M_PER_KM = 1_000

PLACES = (
    *[("corridor", 26), ("rank", 7), ("what", 18), ("from", 10), ("to", 10), ("share", 12)],
    *[("missing", 16), ("township", 26), ("place", 24), ("note", 60)],
)
SECTIONS = (
    *[("corridor", 26), ("section", 8), ("from", 10), ("to", 10), ("area", 12), ("natural", 12)],
    *[("unknown", 12), ("low", 12), ("high", 12), ("what", 16), ("township", 24), ("place", 24)],
)


def corridor_sheet(review: Review, *, language: Language) -> Sheet:
    """Return a row for every corridor as a whole, and one for every place that is worth a look."""
    rows = tuple(row for result in review.corridors for row in _rows(result, language))
    name = corridor_word("sheet", language)
    return Sheet(name, _columns(PLACES, language), rows, frozen=1, wide=True)


def section_sheet(review: Review, *, language: Language) -> Sheet:
    """Return every cross-section."""
    rows = tuple(
        _section_row(result, section, language)
        for result in review.corridors
        for section in result.sections
    )
    name = corridor_word("section_sheet", language)
    return Sheet(name, _columns(SECTIONS, language), rows, frozen=2, wide=True)


def _columns(widths: tuple[tuple[str, float], ...], language: Language) -> tuple[Column, ...]:
    return tuple(Column(corridor_word(f"col_{key}", language), width) for key, width in widths)


def _rows(result: CorridorResult, language: Language) -> Iterator[tuple[Cell, ...]]:
    text, tone = continuity_word(result, language)
    name, length = plain_text(result.element.name), result.length_m() / M_PER_KM
    judged = result.why is None
    yield (
        name,
        "",
        Verdict(text, tone),
        Amount(0.0 if judged else None),
        Amount(length if judged else None),
        *("", "", "", ""),
        "\n".join([width_line(result, language), basis_line(result, language)]) if judged else "",
    )
    for number, place in enumerate(list_places(result), start=1):
        yield _place_row(number, result, place, language)


def _place_row(
    number: int, result: CorridorResult, place: CorridorPlace, language: Language
) -> tuple[Cell, ...]:
    missing = None if place.missing_m2 is None else place.missing_m2 / 10_000
    return (
        plain_text(result.element.name),
        Amount(number, 0),
        Verdict(place.title.text(language), PLACE_TONES[place.kind]),
        Amount(place.from_m / M_PER_KM),
        Amount(place.to_m / M_PER_KM),
        Amount(place.share, 1, percent=True),
        Amount(missing),
        place_townships(place, language),
        _degrees(place.shown),
        place.note.text(language) if place.note else "",
    )


def _section_row(
    result: CorridorResult, section: CorridorSection, language: Language
) -> tuple[Cell, ...]:
    state = corridor_word(f"state_{section.state.value}", language)
    return (
        plain_text(result.element.name),
        Amount(section.number, 0),
        Amount(section.from_m / M_PER_KM),
        Amount(section.to_m / M_PER_KM),
        Amount(section.area_m2 / 10_000),
        Amount(section.natural_m2 / 10_000),
        Amount(section.unknown_m2 / 10_000),
        Amount(section.least_share, 1, percent=True),
        Amount(section.most_share, 1, percent=True),
        Verdict(state, STATE_TONES[section.state]),
        plain_text(section.township),
        _degrees(section),
    )


def _degrees(section: CorridorSection) -> str:
    return f"{section.longitude:.5f}, {section.latitude:.5f}"
