"""What is said of corridors, the same on a terminal, in a table and on a map's panel."""

from __future__ import annotations

from dataclasses import dataclass

from spatialplan.corridors import Continuous, CorridorResult, CorridorSection, Cut, Stretch
from spatialplan.corridors import SectionState as State
from spatialplan.messages import Language, phrase
from spatialplan.reports.cells import Tone
from spatialplan.reports.wording import plain_text, word

__all__ = [
    "STATE_TONES",
    "CorridorPlace",
    "basis_line",
    "continuity_word",
    "corridor_places",
    "corridor_word",
    "place_line",
    "width_line",
]

STATE_TONES: dict[State, Tone] = {
    State.GAP: "bad",
    State.PINCH: "caution",
    State.OPEN: "good",
    State.NOT_EVALUATED: "open",
}
M_PER_KM = 1_000


@dataclass(frozen=True, slots=True)
class CorridorPlace:
    """A cut, gap or pinch point of a corridor, where it lies and what is said of it.

    `share` and `missing_m2` are None for a cut.
    """

    result: CorridorResult
    what: str
    tone: Tone
    from_m: float
    to_m: float
    shown: CorridorSection
    townships: tuple[str, ...]
    note: str = ""
    share: float | None = None
    missing_m2: float | None = None


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
    if result.why is not None:
        return corridor_word("not_evaluated", language, why=result.why.text(language)), "open"
    found = result.continuity
    if found is None:
        return corridor_word("in_parts", language), "open"
    certain = sum(cut.certain for cut in found.cuts)
    left_open = len(found.cuts) - certain
    if found.state is Continuous.WHOLE:
        return corridor_word("whole", language), "good"
    if found.state is Continuous.NOT_EVALUATED:
        return corridor_word("continuity_open", language, open=left_open), "open"
    key = "is_cut_and_open" if left_open else "is_cut"
    return corridor_word(key, language, count=certain, open=left_open), "bad"


def corridor_places(result: CorridorResult, language: Language) -> list[CorridorPlace]:
    """Return cuts along the line, gaps and pinch points by what they lack, then open cuts."""
    cuts = result.continuity.cuts if result.continuity else ()
    return [
        *(_cut_place(result, cut, language) for cut in cuts if cut.certain),
        *(_stretch_place(result, stretch, language) for stretch in result.stretches),
        *(_cut_place(result, cut, language) for cut in cuts if not cut.certain),
    ]


def place_line(place: CorridorPlace, language: Language) -> str:
    """Say one place in a line."""
    values = {
        "name": plain_text(place.result.element.name),
        "what": place.what,
        "from_km": place.from_m / M_PER_KM,
        "to_km": place.to_m / M_PER_KM,
        "note": place.note,
    }
    if place.share is None or place.missing_m2 is None:
        key = "cut_row" if place.to_m > place.from_m else "cut_at_row"
        line = corridor_word(key, language, **values)
    else:
        lacking = place.missing_m2 / 10_000
        line = corridor_word("row", language, **values, share=place.share, missing=lacking)
    where = word("separator", language).join(plain_text(name) for name in place.townships)
    return f"{line} {where}".rstrip()


def _cut_place(result: CorridorResult, cut: Cut, language: Language) -> CorridorPlace:
    start, end = result.span_m(cut)
    shown = result.at(cut)
    note = "note_open" if not cut.certain else "note_beside" if cut.beside else "note_missing"
    return CorridorPlace(
        result=result,
        what=corridor_word("cut" if cut.certain else "cut_open", language),
        tone="bad" if cut.certain else "open",
        from_m=start,
        to_m=end,
        shown=shown,
        townships=(shown.township,) if shown.township else (),
        note=corridor_word(note, language),
    )


def _stretch_place(result: CorridorResult, stretch: Stretch, language: Language) -> CorridorPlace:
    return CorridorPlace(
        result=result,
        what=corridor_word(f"state_{stretch.state.value}", language),
        tone=STATE_TONES[stretch.state],
        from_m=stretch.from_m,
        to_m=stretch.to_m,
        shown=stretch.sections[len(stretch.sections) // 2],
        townships=stretch.townships,
        share=stretch.share,
        missing_m2=stretch.missing_m2,
    )
