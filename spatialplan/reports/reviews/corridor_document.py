"""Corridors in ``review.json``: areas in ha, distances in km along the line."""

from __future__ import annotations

from typing import Any

from spatialplan.corridors import CorridorResult, CorridorSection, Cut, Stretch
from spatialplan.messages import Language
from spatialplan.reports.reviews.corridor_wording import basis_line, continuity_word
from spatialplan.reports.wording import finite
from spatialplan.review import Review

__all__ = ["describe_corridors"]

HA_DIGITS, KM_DIGITS, SHARE_DIGITS, DEGREE_DIGITS = 6, 6, 6, 7


def describe_corridors(review: Review, language: Language) -> list[dict[str, Any]]:
    """Return every corridor of the plan, sections and all; null where nothing was judged."""
    return [_corridor(result, language) for result in review.corridors]


def _corridor(result: CorridorResult, language: Language) -> dict[str, Any]:
    element, spec, found = result.element, result.spec, result.continuity
    judged = result.why is None
    return {
        "name": element.name,
        "layer": element.layer,
        "feature": element.feature,
        "width_m": element.width_m,
        "width_note": element.width_note,
        "step_m": spec.step_m,
        "raster": spec.raster,
        "natural": list(spec.natural),
        "gap_share": spec.gap_share,
        "pinch_share": spec.pinch_share,
        "status": "indicative" if judged else "not_evaluated",
        "why": None if result.why is None else result.why.text(language),
        "basis": basis_line(result, language) if judged else None,
        "length_km": _km(result.length_m()) if judged else None,
        "continuity": None
        if not judged
        else {
            "state": found.state.value if found else "not_evaluated",
            "pieces": found.pieces if found else None,
            "message": continuity_word(result, language)[0],
            "cuts": [_cut(result, cut) for cut in (found.cuts if found else ())],
        },
        "places": [
            _stretch(rank, stretch) for rank, stretch in enumerate(result.stretches, start=1)
        ],
        "sections": [_section(section) for section in result.sections],
    }


def _cut(result: CorridorResult, cut: Cut) -> dict[str, Any]:
    start, end = result.span_m(cut)
    shown = result.at(cut)
    return {
        "from_km": _km(start),
        "to_km": _km(end),
        "beside": cut.beside,
        "certain": cut.certain,
        "township": shown.township,
        **_place(shown),
    }


def _stretch(rank: int, stretch: Stretch) -> dict[str, Any]:
    return {
        "rank": rank,
        "state": stretch.state.value,
        "from_km": _km(stretch.from_m),
        "to_km": _km(stretch.to_m),
        "natural_share": finite(stretch.share, SHARE_DIGITS),
        "missing_ha": _ha(stretch.missing_m2),
        "townships": list(stretch.townships),
        **_place(stretch.sections[len(stretch.sections) // 2]),
    }


def _section(section: CorridorSection) -> dict[str, Any]:
    return {
        "number": section.number,
        "from_km": _km(section.from_m),
        "to_km": _km(section.to_m),
        "area_ha": _ha(section.area_m2),
        "natural_ha": _ha(section.natural_m2),
        "unknown_ha": _ha(section.unknown_m2),
        "share_low": finite(section.least_share, SHARE_DIGITS),
        "share_high": finite(section.most_share, SHARE_DIGITS),
        "state": section.state.value,
        "township": section.township,
        **_place(section),
    }


def _place(section: CorridorSection) -> dict[str, float | None]:
    return {
        "longitude": finite(section.longitude, DEGREE_DIGITS),
        "latitude": finite(section.latitude, DEGREE_DIGITS),
    }


def _ha(area_m2: float) -> float | None:
    return finite(area_m2 / 10_000, HA_DIGITS)


def _km(distance_m: float) -> float | None:
    return finite(distance_m / 1_000, KM_DIGITS)
