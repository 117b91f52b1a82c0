"""What is said of corridors, the same on a terminal and in a table."""

from __future__ import annotations

from spatialplan.corridors import (
    Continuous,
    CorridorPlace,
    CorridorResult,
    PlaceKind,
    SectionState,
    tell_continuity,
)
from spatialplan.messages import Language, phrase
from spatialplan.reports.cells import Tone
from spatialplan.reports.wording import plain_text, word

__all__ = [
    "PLACE_TONES",
    "STATE_TONES",
    "basis_line",
    "continuity_word",
    "corridor_word",
    "place_line",
    "place_townships",
    "width_line",
]

STATE_TONES: dict[SectionState, Tone] = {
    SectionState.GAP: "bad",
    SectionState.PINCH: "caution",
    SectionState.OPEN: "good",
    SectionState.NOT_EVALUATED: "open",
}
PLACE_TONES: dict[PlaceKind, Tone] = {
    "cut": "bad",
    "cut_open": "open",
    "gap": "bad",
    "pinch": "caution",
}
CONTINUITY_TONES: dict[Continuous, Tone] = {
    Continuous.WHOLE: "good",
    Continuous.CUT: "bad",
    Continuous.NOT_EVALUATED: "open",
}


def corridor_word(key: str, language: Language, /, **values: object) -> str:
    """Word a phrase of the section ``[corridors]``."""
    return phrase(f"corridors.{key}", language).format(**values)


def width_line(result: CorridorResult, language: Language) -> str:
    """Say how wide the corridor is taken to be, and on what ground."""
    element = result.element
    return corridor_word(
        "width_line",
        language,
        name=plain_text(element.name),
        width=element.width_m or 0.0,
        note=plain_text(element.width_note) or corridor_word("width_assumed", language),
    )


def basis_line(result: CorridorResult, language: Language) -> str:
    """Say how sections are cut, what counts as natural, and from which raster."""
    spec, raster = result.spec, result.raster
    legend = raster.legend if raster else ()
    kinds = [plain_text(entry.title) for entry in legend if entry.kind in spec.natural]
    return corridor_word(
        "basis",
        language,
        step=spec.step_m,
        kinds=word("separator", language).join(kinds),
        gap=spec.gap_share,
        pinch=spec.pinch_share,
        raster=plain_text(raster.spec.title) if raster else "",
    )


def continuity_word(result: CorridorResult, language: Language) -> tuple[str, Tone]:
    """Say whether natural cover runs through, and the tone of it."""
    tone: Tone = CONTINUITY_TONES[result.continuity.state] if result.continuity else "open"
    return tell_continuity(result).text(language), tone


def place_line(result: CorridorResult, place: CorridorPlace, language: Language) -> str:
    """Say one place of a corridor in a line."""
    parts = [place.where.text(language)]
    if place.share is not None and place.missing_m2 is not None:
        lacking = place.missing_m2 / 10_000
        parts.append(corridor_word("lacking", language, share=place.share, missing=lacking))
    if place.note is not None:
        parts.append(place.note.text(language))
    parts.append(place_townships(place, language))
    name, what = plain_text(result.element.name), place.title.text(language)
    said = word("separator", language).join(part for part in parts if part)
    return f"{name}{word('colon', language)}{what} {said}"


def place_townships(place: CorridorPlace, language: Language) -> str:
    """Name the townships of a place."""
    return word("separator", language).join(plain_text(name) for name in place.townships)
