"""What suggested places would be judged as, in words: a verdict and what it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from spatialplan.findings import GroundStatus, Verdict
from spatialplan.messages import Language
from spatialplan.reports.screenings.wording import (
    clear_sentence,
    layer_sentence,
    screen_word,
    screened_title,
    zone_title,
)
from spatialplan.reports.wording import plain_text
from spatialplan.screening import LayerFinding, SiteFinding, printed_zones
from spatialplan.siting import Screening

__all__ = [
    "place_limits",
    "place_reasons",
    "place_verdict",
    "touched_layers",
    "verdict_reasons",
]


def touched_layers(finding: SiteFinding) -> list[LayerFinding]:
    """Return the layers that a verdict comes from, in the plan's order."""
    return [
        layer
        for layer in finding.layers
        if layer.verdict is not Verdict.CLEAR or layer.status is GroundStatus.ENCLOSED
    ]


def verdict_reasons(
    finding: SiteFinding, screening: Screening, language: Language
) -> Iterator[str]:
    """Say what a verdict comes from; of a site that touches nothing, just that."""
    if finding.listed_verdict is Verdict.CLEAR:
        yield clear_sentence(finding, screening, language)
    for layer in touched_layers(finding):
        yield layer_sentence(layer, language)


def place_verdict(finding: SiteFinding | None) -> Verdict:
    """Return what a place would be judged as; one that nobody judged is not evaluated."""
    return Verdict.NOT_EVALUATED if finding is None else finding.verdict


def place_reasons(
    finding: SiteFinding | None, screening: Screening, language: Language, *, brief: bool = False
) -> list[str]:
    """Say what the verdict on a place comes from, with zones and land classes, and what is open.

    Parameters
    ----------
    brief
        Leave out `place_limits`, which hold for every place, unless nothing else is to be said.
    """
    if finding is None:
        return [screen_word("place_unjudged", language)]
    is_clear = finding.listed_verdict is Verdict.CLEAR
    layers = [layer for layer in touched_layers(finding) if not _is_unused(layer, screening)]
    said = {layer.layer for layer in layers}
    found = [clear_sentence(finding, screening, language)] if is_clear else []
    found += [_layer_reason(layer, screening, language) for layer in layers]
    gaps = [gap for gap in finding.not_evaluated if gap.rule_id not in said]
    found += [plain_text(gap.why.text(language)) for gap in gaps]
    if is_clear or (brief and found):
        return list(dict.fromkeys(found))
    return list(dict.fromkeys([*found, *place_limits(screening, language)]))


def place_limits(screening: Screening, language: Language) -> list[str]:
    """Say what neither the search nor the verdict on any place took into account."""
    keys = [point.rule_id for point in screening.not_evaluated]
    unused = [key for key in dict.fromkeys(keys) if key in screening.judged_layers]
    found = [
        screen_word("place_layer_unused", language, layer=screened_title(screening, key))
        for key in unused
    ]
    count = len({*keys} - {*unused})
    return found + ([screen_word("place_not_provided", language, count=count)] if count else [])


def _is_unused(layer: LayerFinding, screening: Screening) -> bool:
    """Tell whether nobody could use a layer, for any site."""
    return any(point.rule_id == layer.layer for point in screening.not_evaluated)


def _layer_reason(layer: LayerFinding, screening: Screening, language: Language) -> str:
    sentence, zones = layer_sentence(layer, language), _zones(layer, screening, language)
    if not zones:
        return sentence
    return screen_word("with_zones", language, sentence=sentence, zones=zones)


def _zones(layer: LayerFinding, screening: Screening, language: Language) -> str:
    texts = [
        screen_word(
            "zone_line",
            language,
            zone=zone_title(screening, layer.layer, zone),
            area_ha=area_ha,
        )
        for zone, area_ha in printed_zones(layer)
    ]
    return screen_word("comma", language).join(texts)
