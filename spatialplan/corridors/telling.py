"""What there is to say of corridors, before it has a language: places worth a look, continuity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spatialplan.corridors.continuity import Continuous, Cut
from spatialplan.corridors.judging import CorridorResult, CorridorSection, Stretch
from spatialplan.messages import Message, say

__all__ = ["CorridorPlace", "PlaceKind", "list_places", "tell_continuity"]

PlaceKind = Literal["cut", "cut_open", "gap", "pinch"]


@dataclass(frozen=True, slots=True)
class CorridorPlace:
    """A cut, gap or pinch point of a corridor.

    Attributes
    ----------
    kind
        ``cut_open`` is a cut that cells without a value may hide.
    from_m, to_m
        Along the line; the same for a cut at a station.
    shown
        The section in which it is shown.
    note
        What more there is to say of a cut.
    share, missing_m2
        Natural share, and natural cover lacking; None for a cut.
    """

    kind: PlaceKind
    from_m: float
    to_m: float
    shown: CorridorSection
    townships: tuple[str, ...]
    note: Message | None = None
    share: float | None = None
    missing_m2: float | None = None

    @property
    def title(self) -> Message:
        """What kind of place this is."""
        return say(f"corridors.{self.kind}")

    @property
    def where(self) -> Message:
        """Where along the line it lies."""
        key = "between" if self.to_m > self.from_m else "at"
        return say(f"corridors.{key}", from_km=self.from_m / 1_000, to_km=self.to_m / 1_000)


def list_places(result: CorridorResult) -> list[CorridorPlace]:
    """Return cuts along the line, gaps and pinch points by what they lack, then open cuts."""
    cuts = result.continuity.cuts if result.continuity else ()
    return [
        *(_cut_place(result, cut) for cut in cuts if cut.certain),
        *(_stretch_place(stretch) for stretch in result.stretches),
        *(_cut_place(result, cut) for cut in cuts if not cut.certain),
    ]


def tell_continuity(result: CorridorResult) -> Message:
    """Say whether natural cover runs through from end to end."""
    if result.why is not None:
        return say("corridors.not_evaluated", why=result.why)
    found = result.continuity
    if found is None:
        return say("corridors.in_parts")
    certain = sum(cut.certain for cut in found.cuts)
    left_open = len(found.cuts) - certain
    if found.state is Continuous.WHOLE:
        return say("corridors.whole")
    if found.state is Continuous.NOT_EVALUATED:
        return say("corridors.continuity_open", open=left_open)
    key = "is_cut_and_open" if left_open else "is_cut"
    return say(f"corridors.{key}", count=certain, open=left_open)


def _cut_place(result: CorridorResult, cut: Cut) -> CorridorPlace:
    start, end = result.span_m(cut)
    shown = result.at(cut)
    note = "note_open" if not cut.certain else "note_beside" if cut.beside else "note_missing"
    return CorridorPlace(
        kind="cut" if cut.certain else "cut_open",
        from_m=start,
        to_m=end,
        shown=shown,
        townships=(shown.township,) if shown.township else (),
        note=say(f"corridors.{note}"),
    )


def _stretch_place(stretch: Stretch) -> CorridorPlace:
    return CorridorPlace(
        kind="gap" if stretch.state.value == "gap" else "pinch",
        from_m=stretch.from_m,
        to_m=stretch.to_m,
        shown=stretch.sections[len(stretch.sections) // 2],
        townships=stretch.townships,
        share=stretch.share,
        missing_m2=stretch.missing_m2,
    )
