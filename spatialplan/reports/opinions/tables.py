"""The tables of an opinion, every cell a text ready to be printed.

Land classes are those of the 项目占用地类及控制线情况表; what is printed of classes (hectares, 亩,
shares) adds up to their sums and to the total. A layer that was not judged has dashes, never zeros.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import PurePath

from spatialplan.findings import GroundStatus, Verdict
from spatialplan.messages import Language
from spatialplan.plan import Basis, ScreeningRule
from spatialplan.reports.opinions.insets import LegendEntry
from spatialplan.reports.opinions.sentences import (
    edition_text,
    hectares,
    listed,
    mu,
    opinion_word,
    percent,
)
from spatialplan.reports.screenings.occupation_table import Ledger
from spatialplan.reports.screenings.wording import (
    basis_text,
    ground_word,
    kind_title,
    layer_verdict_word,
    need_text,
    remark_note,
    screen_word,
    screened_title,
    verdict_text,
    zone_title,
)
from spatialplan.reports.wording import edition_of, plain_text
from spatialplan.screening import LayerFinding, SiteFinding, ZoneFinding
from spatialplan.siting import Screening
from spatialplan.units import close_parts

__all__ = [
    "LandRow",
    "LayerRow",
    "LegendRow",
    "NeedRow",
    "SourceRow",
    "SummaryRow",
    "land_rows",
    "land_units",
    "layer_rows",
    "legend_rows",
    "need_rows",
    "source_rows",
    "summary_row",
]

# How many kinds of project or reasons are named.
MOST_KINDS = 4
MOST_REASONS = 4
HASH_SHOWN = 16
DASH = "—"

Figures = tuple[Decimal, Decimal, Decimal]
NOTHING: Figures = (Decimal(0), Decimal(0), Decimal(0))

# Land classes in the order of the table, with how deep they stand.
LAND_ROWS = {
    "agricultural": 0,
    "cropland": 1,
    "paddy": 2,
    "irrigated": 2,
    "dry": 2,
    "garden": 1,
    "forest": 1,
    "grassland": 1,
    "other": 1,
    "ridge": 2,
    "construction": 0,
    "unused": 0,
    "uncovered": 0,
    "unknown": 0,
}
# What each class adds up to; the rest adds up to the total only.
LAND_SUMS = {
    **dict.fromkeys(("paddy", "irrigated", "dry"), ("cropland", "agricultural")),
    **dict.fromkeys(("garden", "forest", "grassland"), ("agricultural",)),
    **dict.fromkeys(("other_agricultural", "ridge"), ("other", "agricultural")),
    **dict.fromkeys(("construction", "unused", "uncovered", "unknown"), ()),
}


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A site in the table of all sites."""

    number: str
    id: str
    name: str
    area_ha: str
    verdict: str
    reasons: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A layer, or a file of sites, with its edition."""

    layer: str
    date: str
    approval: str
    provider: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class LayerRow:
    """How a site lies to a layer, or to a zone of it."""

    layer: str
    edition: str
    relation: str
    area_ha: str
    area_mu: str
    share: str
    net_ha: str
    distance_m: str
    verdict: str


@dataclass(frozen=True, slots=True)
class LandRow:
    """A land class that a site takes."""

    land: str
    area_ha: str
    area_mu: str
    share: str


@dataclass(frozen=True, slots=True)
class NeedRow:
    """What must be obtained, from whom, on which basis, and whether that was checked."""

    need: str
    authority: str
    layers: str
    basis: str
    checked: str


@dataclass(frozen=True, slots=True)
class LegendRow:
    """Two entries of the legend side by side, colours as ``rrggbb``; the second may be blank."""

    colour: str
    title: str
    colour_2: str
    title_2: str


def summary_row(
    number: int, finding: SiteFinding, screening: Screening, language: Language
) -> SummaryRow:
    """Return a site's row in the table of all sites."""
    return SummaryRow(
        number=str(number),
        id=plain_text(finding.site_id),
        name=plain_text(finding.name),
        area_ha=hectares(finding.area_m2),
        verdict=verdict_text(finding, screening, language),
        reasons=_reasons(finding, screening, language),
    )


def source_rows(screening: Screening, language: Language) -> Iterable[SourceRow]:
    """Return the layers in the plan's order, then the files of sites."""
    for key, layer in screening.layers.items():
        date, approval, provider = edition_of(layer.spec, language)
        name, sha256 = PurePath(layer.source.path).name, layer.source.sha256[:HASH_SHOWN]
        title = screened_title(screening, key)
        yield SourceRow(title, date, approval, provider, plain_text(name), sha256)
    for source in screening.sites.sources:
        name = plain_text(PurePath(source.path).name)
        title = opinion_word("source_sites", language)
        yield SourceRow(title, DASH, DASH, DASH, name, source.sha256[:HASH_SHOWN])


def layer_rows(
    finding: SiteFinding, screening: Screening, language: Language
) -> Iterable[LayerRow]:
    """Return a row a layer, followed by the zones or land classes that are met in it."""
    for layer in finding.layers:
        judged = layer.status is not GroundStatus.NOT_EVALUATED
        touched = layer.status in (GroundStatus.OVERLAP, GroundStatus.SLIVER)
        yield LayerRow(
            layer=screened_title(screening, layer.layer),
            edition=_edition(layer.layer, screening, language),
            relation=screen_word(f"status_{layer.status.value}", language),
            area_ha=hectares(layer.overlap_m2 if judged else None),
            area_mu=mu(layer.overlap_m2 if judged else None),
            share=percent(layer.overlap_share) if judged else DASH,
            net_ha=hectares(layer.net_m2 if touched else None),
            distance_m=_metres(layer.distance_m),
            verdict=layer_verdict_word(layer, language),
        )
        for zone in layer.zones if touched else ():
            if zone.zone:
                yield _zone_row(layer, zone, screening, language)
        if layer.outside_m2:
            yield _outside_row(layer.outside_m2, finding.area_m2, language)


def land_units(finding: SiteFinding, ledger: Ledger) -> dict[str, int]:
    """Return what a site takes, units of 0.0001 ha by land class and group, as in the workbook.

    Empty where no parcels were judged, or the site has no geometry.
    """
    if not finding.layers:
        return {}
    occupation = ledger.occupy(finding)
    if occupation.states["land"] != "judged":
        return {}
    units: Counter[str] = Counter()
    for place in occupation.tables["land"]:
        units.update(place)
    return dict(units)


def land_rows(land: Mapping[str, int], language: Language) -> tuple[LandRow, ...]:
    """Return the land classes that a site takes; none where no parcels were judged."""
    figures = _closed(land)
    rows = [
        ("　" * depth + opinion_word(f"land_{column}", language), figures[column])
        for column, depth in LAND_ROWS.items()
        if column in figures
    ]
    if rows:
        rows.append((opinion_word("land_total", language), figures["total"]))
    return tuple(
        LandRow(title, f"{ha:,.4f}", f"{area_mu:,.2f}", f"{share:.2f}%")
        for title, (ha, area_mu, share) in rows
    )


def need_rows(finding: SiteFinding, screening: Screening, language: Language) -> Iterable[NeedRow]:
    """Return needs, the worst verdict first, each with all layers and laws that ask for it."""
    weight = {verdict: place for place, verdict in enumerate(Verdict)}
    asked = [(rule, layer.layer) for layer in finding.layers for rule in layer.rules]
    gathered: dict[tuple[str, str], list[tuple[ScreeningRule, str]]] = defaultdict(list)
    for rule, key in sorted(asked, key=lambda pair: weight[pair[0].verdict]):
        kinds = _kinds(rule, screening, language) if finding.kind is None else ""
        need = need_text(rule, language) + kinds
        gathered[need, plain_text(rule.authority)].append((rule, key))
    for (need, authority), found in gathered.items():
        laws = list(dict.fromkeys(basis for rule, _ in found for basis in rule.basis))
        layers = dict.fromkeys(screened_title(screening, key) for _, key in found)
        yield NeedRow(
            need=need,
            authority=authority or DASH,
            layers=listed(layers, language),
            basis=_laws(laws, language),
            checked=_checked([basis.checked for basis in laws], language),
        )


def legend_rows(
    legend: Sequence[LegendEntry], screening: Screening, language: Language
) -> tuple[LegendRow, ...]:
    """Return what the colours of a picture mean, two a row."""
    entries = [
        (entry.colour.removeprefix("#"), _legend_title(entry, screening, language))
        for entry in legend
    ]
    if len(entries) % 2:
        entries.append(("auto", ""))
    pairs = zip(entries[::2], entries[1::2], strict=True)
    return tuple(LegendRow(*left, *right) for left, right in pairs)


def _reasons(finding: SiteFinding, screening: Screening, language: Language) -> str:
    """Return the layers that made the verdict, or why nothing was judged."""
    if not finding.layers:
        reasons = [plain_text(point.why.text(language)) for point in finding.not_evaluated]
    elif finding.listed_verdict is Verdict.CLEAR:
        reasons = []
    else:
        deciding = (x for x in finding.layers if x.verdict is finding.listed_verdict)
        reasons = [_reason(layer, screening, language) for layer in deciding]
    text = opinion_word("list_semicolon", language).join(reasons[:MOST_REASONS])
    return text + remark_note(finding, screening, language)


def _reason(layer: LayerFinding, screening: Screening, language: Language) -> str:
    title = screened_title(screening, layer.layer)
    if layer.overlap_m2:
        found = opinion_word("area_one", language, ha=hectares(layer.overlap_m2))
    elif layer.outside_m2:
        found = opinion_word("outside_of", language)
    else:
        found = screen_word(f"status_{layer.status.value}", language)
    return opinion_word("reason", language, layer=title, found=found)


def _edition(key: str, screening: Screening, language: Language) -> str:
    spec = screening.plan.layers[key]
    full = edition_text(spec, language)
    return full.removeprefix(plain_text(spec.title)).strip(" ()（）")


def _zone_row(
    layer: LayerFinding, zone: ZoneFinding, screening: Screening, language: Language
) -> LayerRow:
    title = zone_title(screening, layer.layer, zone.zone)
    share = layer.overlap_share * zone.overlap_m2 / layer.overlap_m2 if layer.overlap_m2 else 0.0
    return LayerRow(
        layer=opinion_word("zone_of", language, zone=title),
        edition="",
        relation=screen_word(f"status_{zone.status.value}", language),
        area_ha=hectares(zone.overlap_m2),
        area_mu=mu(zone.overlap_m2),
        share=percent(share),
        net_ha=hectares(zone.net_m2),
        distance_m=DASH,
        verdict=ground_word(zone.verdict, language),
    )


def _outside_row(outside_m2: float, site_m2: float, language: Language) -> LayerRow:
    return LayerRow(
        layer=opinion_word("outside_of", language),
        edition="",
        relation=DASH,
        area_ha=hectares(outside_m2),
        area_mu=mu(outside_m2),
        share=percent(outside_m2 / site_m2),
        net_ha=DASH,
        distance_m=DASH,
        verdict=DASH,
    )


def _closed(land: Mapping[str, int]) -> dict[str, Figures]:
    """Return hectares, 亩 and per cent by column, in printed digits that add up."""
    classes = [column for column in LAND_SUMS if land.get(column)]
    units = [land[column] for column in classes]
    total = sum(units)
    # A unit of 0.0001 ha is a square metre; 1 ha is 15 亩.
    mus = close_parts([count * 15 / 10_000 for count in units], total * 15 / 10_000, 2)
    shares = close_parts([100 * count / total for count in units], 100.0 if total else 0.0, 2)
    hundred = [Decimal(count) / 10_000 for count in units]
    found: dict[str, Figures] = {}
    for column, *figures in zip(classes, hundred, mus, shares, strict=True):
        for place in (column, *LAND_SUMS[column], "total"):
            ha, area_mu, share = found.get(place, NOTHING)
            found[place] = (ha + figures[0], area_mu + figures[1], share + figures[2])
    return found


def _kinds(rule: ScreeningRule, screening: Screening, language: Language) -> str:
    """Say which kinds of project a rule is for, where it names them."""
    if not rule.kinds:
        return ""
    titles = [kind_title(screening, kind, language) for kind in rule.kinds]
    return opinion_word("need_kinds", language, kinds=listed(titles, language, most=MOST_KINDS))


def _laws(laws: Iterable[Basis], language: Language) -> str:
    """Return laws with articles; whether they were checked stands in a column of its own."""
    shown = (basis_text(basis.model_copy(update={"checked": True}), language) for basis in laws)
    return opinion_word("list_semicolon", language).join(dict.fromkeys(shown))


def _checked(checked: Sequence[bool], language: Language) -> str:
    if all(checked):
        return screen_word("is_checked", language)
    if any(checked):
        return opinion_word("is_partly_checked", language)
    return screen_word("not_checked", language)


def _legend_title(entry: LegendEntry, screening: Screening, language: Language) -> str:
    if entry.key in ("site", "piece", "place"):
        return opinion_word(f"legend_{entry.key}", language)
    title = screened_title(screening, entry.key)
    return opinion_word("legend_hatched", language, title=title) if entry.hatched else title


def _metres(distance_m: float | None) -> str:
    if distance_m is None:
        return DASH
    return "<0.1" if 0 < distance_m < 0.05 else f"{distance_m:,.1f}"
