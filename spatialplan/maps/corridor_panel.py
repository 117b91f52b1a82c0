"""What the panel says of corridors: continuity, lengths by state, places that zoom on the map."""

from __future__ import annotations

from dataclasses import dataclass

from spatialplan.corridors import (
    Continuous,
    CorridorResult,
    SectionState,
    list_places,
    tell_continuity,
)
from spatialplan.maps.corridor_shapes import place_facts, place_key
from spatialplan.maps.wording import Wording
from spatialplan.review import Review

__all__ = ["CorridorCard", "PlaceRow", "make_corridor_cards"]

# So many places of a corridor are listed; the workbook has them all.
LISTED = 40

# No class of the style sheet here is that of a pass: cover only indicates.
STATUSES = {
    Continuous.WHOLE: "info",
    Continuous.CUT: "warned",
    Continuous.NOT_EVALUATED: "not_evaluated",
}


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place in the list; `key` finds it on the map."""

    key: str
    kind: str
    label: str
    place: str
    share: str


@dataclass(frozen=True, slots=True)
class CorridorCard:
    """A corridor; `rows` are labels and values, `hidden` places are not listed."""

    title: str
    status: str
    continuity: str
    rows: tuple[tuple[str, str], ...]
    places: tuple[PlaceRow, ...]
    hidden: int
    assumption: str


def make_corridor_cards(review: Review, wording: Wording) -> tuple[CorridorCard, ...]:
    """Word the corridors of a review."""
    return tuple(_card(row, result, wording) for row, result in enumerate(review.corridors))


def _card(row: int, result: CorridorResult, wording: Wording) -> CorridorCard:
    places = list_places(result)
    status = STATUSES[result.continuity.state] if result.continuity else "not_evaluated"
    states = (None, SectionState.GAP, SectionState.PINCH, SectionState.NOT_EVALUATED)
    keys = ("length", "gap", "pinch", "open")
    lengths = tuple(
        (wording.corridor(f"col_{key}"), f"{result.length_m(state) / 1_000:,.2f}")
        for key, state in zip(keys, states, strict=True)
    )
    return CorridorCard(
        title=result.element.name,
        status=status,
        continuity=tell_continuity(result).text(wording.language),
        rows=lengths if result.sections else (),
        places=tuple(
            _row(row, number, result, wording) for number in range(min(len(places), LISTED))
        ),
        hidden=max(0, len(places) - LISTED),
        assumption=_assumption(result, wording) if result.sections else "",
    )


def _row(row: int, number: int, result: CorridorResult, wording: Wording) -> PlaceRow:
    place = list_places(result)[number]
    facts = place_facts(place_key(row, number), result, place, wording)
    return PlaceRow(
        key=facts["key"],
        kind=place.kind,
        label=f"{place.title.text(wording.language)} {place.where.text(wording.language)}",
        place=" ".join(place.townships),
        share="" if place.share is None else f"{place.share:.0%}",
    )


def _assumption(result: CorridorResult, wording: Wording) -> str:
    spec, raster, element = result.spec, result.raster, result.element
    legend = raster.legend if raster else ()
    kinds = [entry.title for entry in legend if entry.kind in spec.natural]
    basis = wording.corridor(
        "basis",
        step=spec.step_m,
        kinds=wording.corridor("list_separator").join(kinds),
        gap=spec.gap_share,
        pinch=spec.pinch_share,
        raster=raster.spec.title if raster else "",
    )
    width = wording.corridor(
        "width_line",
        name=element.name,
        width=element.width_m or 0.0,
        note=element.width_note or wording.corridor("width_assumed"),
    )
    return f"{width}{wording.corridor('list_separator')}{basis}"
