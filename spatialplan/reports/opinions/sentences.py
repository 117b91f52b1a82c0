"""The sentences of an opinion, in the order and wording of official pre-check reports.

A result names the layers that a site was laid over with date and approval, says what it takes,
layer by layer with the law, and ends with what was not provided. A layer is called untouched only
if it was judged and nothing was found; an area too small for the last digit is never printed as 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from spatialplan.findings import GroundStatus, Verdict
from spatialplan.messages import Language, phrase
from spatialplan.plan import Basis, LayerSpec
from spatialplan.reports.screenings.place_wording import (
    place_limits,
    place_reasons,
    place_verdict,
)
from spatialplan.reports.screenings.wording import (
    basis_text,
    item_title,
    layer_sentence,
    open_points,
    screened_title,
    verdict_word,
    waived_lines,
)
from spatialplan.reports.wording import plain_text
from spatialplan.screening import LayerFinding, SiteFinding
from spatialplan.siting import Screening
from spatialplan.suggestions import FreePlace, Suggestion
from spatialplan.units import M2_PER_UNIT, round_printed

__all__ = [
    "advice_lines",
    "area_text",
    "edition_text",
    "hectares",
    "listed",
    "mu",
    "opinion_word",
    "percent",
    "result_text",
]

# How many laws a sentence names before it says "and others".
MOST_LAWS = 2

# Below this an area in hectares says little, and square metres stand beside it.
SMALL_M2 = 1_000.0

# Land groups in a result, with the classes that are named within them.
LAND_GROUPS = {
    "agricultural": ("cropland", "garden", "forest", "grassland", "other"),
    "construction": (),
    "unused": (),
    "uncovered": (),
    "unknown": (),
}


def opinion_word(key: str, language: Language, **values: object) -> str:
    """Return a wording of the section ``[opinion]`` with its placeholders filled."""
    text = phrase(f"opinion.{key}", language)
    return text.format(**values) if values else text


def hectares(area_m2: float | None) -> str:
    """Return hectares with four decimals; what is no number as a dash.

    Examples
    --------
    >>> hectares(125.0), hectares(0.3), hectares(None)
    ('0.0125', '<0.0001', '—')
    """
    return _printed(area_m2, M2_PER_UNIT["ha"], 4)


def mu(area_m2: float | None) -> str:
    """Return 亩 with two decimals; what is no number as a dash."""
    return _printed(area_m2, M2_PER_UNIT["亩"], 2)


def percent(share: float) -> str:
    """Return a share of 0 to 1 in per cent with two decimals."""
    text = _printed(share, 0.01, 2)
    return text if text == "—" else f"{text}%"


def area_text(area_m2: float | None, language: Language) -> str:
    """Return an area in hectares with 亩 beside it, or square metres where it is small."""
    if area_m2 is None or not math.isfinite(area_m2):
        return "—"
    if area_m2 < SMALL_M2:
        m2 = _printed(area_m2, 1.0, 2)
        return opinion_word("area_small", language, ha=hectares(area_m2), m2=m2)
    return opinion_word("area_pair", language, ha=hectares(area_m2), mu=mu(area_m2))


def edition_text(spec: LayerSpec, language: Language) -> str:
    """Return a layer's title with date and approval, saying which of them was not provided."""
    date, approval = spec.edition.data_date, spec.edition.approval
    key = {
        (True, True): "edition_both",
        (True, False): "edition_no_approval",
        (False, True): "edition_no_date",
        (False, False): "edition_none",
    }[bool(date), bool(approval)]
    values = {"layer": spec.title, "date": date, "approval": approval}
    return opinion_word(
        key, language, **{name: plain_text(value) for name, value in values.items()}
    )


def listed(texts: Iterable[str], language: Language, *, most: int | None = None) -> str:
    """Join texts to a list; beyond `most` it says how many there are."""
    found = list(texts)
    comma = opinion_word("list_comma", language)
    if most is None or len(found) <= most:
        return comma.join(found)
    return opinion_word("count_more", language, listed=comma.join(found[:most]), count=len(found))


def result_text(
    finding: SiteFinding, screening: Screening, land: Mapping[str, int], language: Language
) -> str:
    """Return the result of one site that has geometry.

    Parameters
    ----------
    land
        What the site takes, units of 0.0001 ha by land class and group; empty where no parcels
        were judged.
    """
    text = _sources(finding, screening, language)
    text += opinion_word("result_area", language, area=area_text(finding.area_m2, language))
    uses = _uses(land, language)
    text += opinion_word("result_uses", language, uses=uses) if uses else ""
    sentences = [text, *_clauses(finding, screening, language)]
    return (_joined(sentences, language) + _open(finding, screening, language)).strip()


def advice_lines(finding: SiteFinding, screening: Screening, language: Language) -> list[str]:
    """Return what a search for other places found, a line each, and what each is judged as."""
    suggestion = screening.suggestions.get(finding.row)
    if suggestion is None:
        return [opinion_word("advice_none", language)]
    avoided = listed([plain_text(title) for title in suggestion.avoided], language)
    free = suggestion.free
    if free.area_m2 > 0:
        area, share = area_text(free.area_m2, language), percent(free.share)
        first = opinion_word("advice_free", language, avoided=avoided, area=area, share=share)
        first += _judged("advice_free_judged", finding.row, 0, screening, language)
    else:
        first = opinion_word("advice_no_free", language, avoided=avoided)
    lines = [first]
    for number, place in enumerate(suggestion.places, start=1):
        line = _place_line(number, place, suggestion, avoided, language)
        lines.append(line + _judged("advice_judged", finding.row, number, screening, language))
    if suggestion.why_none is not None:
        why = plain_text(suggestion.why_none.text(language))
        lines.append(why + opinion_word("full_stop", language).rstrip())
    limits = place_limits(screening, language)
    if limits and (suggestion.places or free.area_m2 > 0):
        text = opinion_word("list_semicolon", language).join(limits)
        lines.append(opinion_word("advice_limits", language, limits=text))
    if suggestion.places:
        lines.append(opinion_word("advice_verify", language))
    return lines


def _printed(value: float | None, unit: float, decimals: int) -> str:
    if value is None or not math.isfinite(value):
        return "—"
    printed = round_printed(value / unit, decimals)
    if value > 0 and not printed:
        return f"<{10**-decimals:.{decimals}f}"
    return f"{printed + 0:,.{decimals}f}"


def _sources(finding: SiteFinding, screening: Screening, language: Language) -> str:
    judged = (
        layer.layer for layer in finding.layers if layer.status is not GroundStatus.NOT_EVALUATED
    )
    specs = [screening.plan.layers[key] for key in judged]
    if not specs:
        return opinion_word("result_no_sources", language)
    titles = listed([edition_text(spec, language) for spec in specs], language)
    return opinion_word("result_sources", language, layers=titles)


def _uses(land: Mapping[str, int], language: Language) -> str:
    """Return the land that a site takes, group by group."""
    found = []
    for group, members in LAND_GROUPS.items():
        if land.get(group):
            parts = [_use(land, member, language) for member in members if land.get(member)]
            found.append(_use(land, group, language, parts=parts))
    return listed(found, language)


def _use(
    land: Mapping[str, int], column: str, language: Language, *, parts: Sequence[str] = ()
) -> str:
    values = {
        "land": opinion_word(f"land_{column}", language).lower(),
        "ha": f"{land[column] / 10_000:,.4f}",
    }
    if not parts:
        return opinion_word("use", language, **values)
    return opinion_word("use_group", language, parts=listed(parts, language), **values)


def _clauses(finding: SiteFinding, screening: Screening, language: Language) -> list[str]:
    """Return what holds for the layers: what is met first, what is untouched in one clause."""
    met, untouched = [], []
    for layer in finding.layers:
        spec = screening.plan.layers.get(layer.layer)
        if layer.status is GroundStatus.NOT_EVALUATED or (spec and spec.role == "land_parcel"):
            continue
        if _is_untouched(layer):
            untouched.append(screened_title(screening, layer.layer))
        else:
            met.append(_layer_clause(layer, screening, language))
    if untouched:
        layers = listed(untouched, language)
        met.append(opinion_word("result_untouched", language, layers=layers))
    return met


def _is_untouched(layer: LayerFinding) -> bool:
    has_gap = layer.sentence.key == "screening.with_gap" or layer.verdict is Verdict.NOT_EVALUATED
    return layer.status is GroundStatus.CLEAR and not has_gap and not layer.outside_m2


def _layer_clause(layer: LayerFinding, screening: Screening, language: Language) -> str:
    title = screened_title(screening, layer.layer)
    if layer.sentence.key == "screening.with_gap":
        clause = layer_sentence(layer, language)
    elif layer.outside_m2 is not None and layer.status in (
        GroundStatus.OVERLAP,
        GroundStatus.CLEAR,
    ):
        clause = _split(layer, title, language)
    elif layer.status is GroundStatus.OVERLAP and layer.overlap_m2 > 0:
        clause = _overlap(layer, title, language)
    else:
        clause = layer_sentence(layer, language)
    return clause + _zones(layer, language) + _law(layer, language)


def _overlap(layer: LayerFinding, title: str, language: Language) -> str:
    if layer.net_m2 is None:
        area = area_text(layer.overlap_m2, language)
        return opinion_word("result_overlap", language, layer=title, area=area)
    gross, net = hectares(layer.overlap_m2), hectares(layer.net_m2)
    area_mu = mu(layer.overlap_m2)
    return opinion_word("result_net", language, layer=title, ha=gross, mu=area_mu, net=net)


def _split(layer: LayerFinding, title: str, language: Language) -> str:
    if not layer.overlap_m2:
        return opinion_word("result_outside", language, layer=title)
    inside, outside = hectares(layer.overlap_m2), hectares(layer.outside_m2)
    return opinion_word("result_split", language, layer=title, inside=inside, outside=outside)


def _zones(layer: LayerFinding, language: Language) -> str:
    """Return the zones met, with a verdict each where they differ."""
    named = [zone for zone in layer.zones if zone.zone]
    differ = len({zone.verdict for zone in named}) > 1
    texts = []
    for zone in named:
        values = {"zone": plain_text(zone.zone), "ha": hectares(zone.overlap_m2)}
        if differ and zone.verdict is not Verdict.CLEAR:
            word = verdict_word(zone.verdict, language)
            texts.append(opinion_word("result_zone_judged", language, verdict=word, **values))
        else:
            texts.append(opinion_word("result_zone", language, **values))
    return opinion_word("result_zones", language, zones=listed(texts, language)) if texts else ""


def _law(layer: LayerFinding, language: Language) -> str:
    """Return which law follows, from the rules that made the layer's verdict."""
    if layer.verdict is Verdict.NOT_EVALUATED:
        return opinion_word("law_not_evaluated", language)
    deciding = (rule for rule in layer.rules if rule.verdict is layer.verdict)
    found = list(dict.fromkeys(_law_title(basis, language) for r in deciding for basis in r.basis))
    if layer.verdict is Verdict.CLEAR or not found:
        return ""
    laws = listed(found[:MOST_LAWS], language)
    if len(found) > MOST_LAWS:
        laws = opinion_word("law_more", language, laws=laws)
    return opinion_word(f"law_{layer.verdict.value}", language, laws=laws)


def _law_title(basis: Basis, language: Language) -> str:
    """Return a law without its article, which stands in the list of what must be obtained."""
    return basis_text(basis.model_copy(update={"article": "", "checked": True}), language)


def _open(finding: SiteFinding, screening: Screening, language: Language) -> str:
    """Return what was not provided, and what the plan's office answers for itself."""
    common = {point.rule_id for point in screening.not_evaluated} | set(screening.plan.layers)
    points = [point for point in open_points(finding, screening) if point.rule_id in common]
    text = ""
    if points:
        titles = listed([item_title(screening, p.rule_id, language) for p in points], language)
        text = opinion_word("result_open", language, titles=titles)
    waived = [plain_text(line) for line in waived_lines(screening, language)]
    stop = opinion_word("full_stop", language)
    return text + (opinion_word("list_semicolon", language).join(waived) + stop if waived else "")


def _joined(sentences: Sequence[str], language: Language) -> str:
    """Join the head of a result and its clauses to two sentences."""
    stop = opinion_word("full_stop", language)
    clauses = opinion_word("list_semicolon", language).join(sentences[1:])
    return sentences[0] + stop + (clauses[:1].upper() + clauses[1:] + stop if clauses else "")


def _place_line(
    number: int, place: FreePlace, suggestion: Suggestion, avoided: str, language: Language
) -> str:
    inside = clearance = ""
    if suggestion.inside:
        inside = opinion_word("advice_inside", language, inside=plain_text(suggestion.inside))
    if suggestion.clearance_m:
        kept = f"{suggestion.clearance_m:g}"
        clearance = opinion_word("advice_clearance", language, clearance=kept)
    return opinion_word(
        "advice_place",
        language,
        number=number,
        shift=_shift(place, language),
        area=area_text(place.area_m2, language),
        avoided=avoided,
        inside=inside,
        clearance=clearance,
    )


def _judged(key: str, row: int, rank: int, screening: Screening, language: Language) -> str:
    """Say what a place would be judged as, were it the site; never that it is permitted."""
    found = screening.judged_place(row, rank)
    return opinion_word(
        key,
        language,
        verdict=verdict_word(place_verdict(found), language),
        reasons=opinion_word("list_semicolon", language).join(
            place_reasons(found, screening, language, brief=True)
        ),
    )


def _shift(place: FreePlace, language: Language) -> str:
    turned = f"{place.rotation_deg:.0f}"
    if not place.distance_m:
        key = "advice_turn_only" if place.rotation_deg else "advice_stay"
        return opinion_word(key, language, degrees=turned)
    turn = opinion_word("advice_turn", language, degrees=turned) if place.rotation_deg else ""
    words = opinion_word("bearings", language).split(",")
    return opinion_word(
        "advice_shift",
        language,
        bearing=words[round(place.bearing_deg / 45) % 8],
        degrees=f"{place.bearing_deg:.0f}",
        distance=f"{math.ceil(place.distance_m):,}",
        turn=turn,
    )
