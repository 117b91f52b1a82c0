"""Corridors on the map: gaps and pinch points, sections that were not judged, cuts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np
import shapely

from spatialplan.corridors import (
    CorridorPlace,
    CorridorResult,
    CorridorSection,
    PlaceKind,
    SectionState,
    list_places,
)
from spatialplan.crs import Plane
from spatialplan.maps.contents import PageLayer, features_of
from spatialplan.maps.styles import Look
from spatialplan.maps.wording import Wording
from spatialplan.review import Review

__all__ = ["corridor_layers", "place_facts", "place_key"]

TOLERANCE_M = 5.0

LOOKS: dict[PlaceKind, Look] = {
    "pinch": Look("results", 91, "#a34b00", "#ff9f40", 0.4, weight=0.8),
    "gap": Look("results", 92, "#7f1d1d", "#d7301f", 0.5, weight=1.2),
    "cut_open": Look("results", 93, "#555555", "#555555", 0.0, weight=2.0, dash="2 3"),
    "cut": Look("results", 94, "#000000", "#000000", 0.15, weight=2.4),
}
OPEN_LOOK = Look("results", 90, "#6c757d", "#6c757d", 0.7, weight=0.8, hatch="dots")


def corridor_layers(review: Review, wording: Wording) -> Iterator[PageLayer]:
    """One layer a kind of place, and one for sections that were not judged."""
    plane = next(iter(review.layers.values())).plane
    left_open = [shape for result in review.corridors for shape in _unjudged(result)]
    if left_open:
        facts = ({"name": wording.corridor("state_not_evaluated")} for _ in left_open)
        title = wording.corridor("map_open")
        features = _features(left_open, facts, plane)
        yield PageLayer("corridor-open", title, OPEN_LOOK, features)
    for kind, look in LOOKS.items():
        found = [
            (place_key(row, number), result, place)
            for row, result in enumerate(review.corridors)
            for number, place in enumerate(list_places(result))
            if place.kind == kind
        ]
        if found:
            shapes = [_ground(result, place) for _, result, place in found]
            facts = (place_facts(key, result, place, wording) for key, result, place in found)
            title = wording.corridor(f"map_{kind}")
            features = _features(shapes, facts, plane)
            is_small = kind in ("gap", "cut")
            yield PageLayer(
                f"corridor-{kind}", title, look, features, "piece" if is_small else "polygon"
            )


def place_key(row: int, number: int) -> str:
    """Name a place of a corridor, for the list and the map alike."""
    return f"corridor-{row}/{number}"


def place_facts(
    key: str, result: CorridorResult, place: CorridorPlace, wording: Wording
) -> dict[str, str]:
    """Word a place for its popup and for the list."""
    where = [place.where.text(wording.language), *place.townships]
    return {
        "key": key,
        "name": f"{result.element.name} · {place.title.text(wording.language)}",
        "zone": " ".join(where),
        "area": "" if place.share is None else _share(place, wording),
        "note": place.note.text(wording.language) if place.note else "",
    }


def _share(place: CorridorPlace, wording: Wording) -> str:
    missing = (place.missing_m2 or 0.0) / 10_000
    return wording.corridor("lacking", share=place.share, missing=missing)


def _unjudged(result: CorridorResult) -> Iterator[Any]:
    for state, group in groupby(result.sections, key=lambda section: section.state):
        if state is SectionState.NOT_EVALUATED:
            yield shapely.union_all([section.ground for section in group])


def _ground(result: CorridorResult, place: CorridorPlace) -> Any:
    """Ground of all sections of a gap or pinch point; the section in which a cut is shown."""
    if place.kind in ("cut", "cut_open"):
        return place.shown.ground
    members: list[CorridorSection] = [
        section
        for section in result.sections
        if section.from_m >= place.from_m and section.to_m <= place.to_m
    ]
    return shapely.union_all([section.ground for section in members])


def _features(shapes: list[Any], facts: Iterator[dict[str, str]], plane: Plane) -> tuple[Any, ...]:
    outlines = shapely.simplify(np.array(shapes, dtype=object), TOLERANCE_M)
    return features_of(outlines, facts, plane=plane)
