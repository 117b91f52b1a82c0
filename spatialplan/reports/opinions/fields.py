"""The fields that a template of opinions may use, all of them text ready to be printed.

A template writes ``{{ plan }}`` or, inside ``{%p for site in sites %}``, ``{{ site.name }}``. The
names are those of the attributes of `Fields`, of `Opinion` and of the rows in
`spatialplan.reports.opinions.tables`; a blank text or an empty list means that there is nothing to
say. Text that comes from files is on one line and free of control characters; the template escapes
it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from spatialplan.crs import crs_label
from spatialplan.findings import NotEvaluated, Verdict
from spatialplan.messages import Language
from spatialplan.reports.opinions.insets import Inset, InsetPainter
from spatialplan.reports.opinions.sentences import (
    advice_lines,
    area_text,
    hectares,
    listed,
    mu,
    opinion_word,
    result_text,
)
from spatialplan.reports.opinions.tables import (
    LandRow,
    LayerRow,
    LegendRow,
    NeedRow,
    SourceRow,
    SummaryRow,
    land_rows,
    land_units,
    layer_rows,
    legend_rows,
    need_rows,
    source_rows,
    summary_row,
)
from spatialplan.reports.screenings.occupation_table import Ledger
from spatialplan.reports.screenings.wording import (
    asked_kind,
    is_placed,
    item_title,
    judged_as,
    named_sources,
    open_points,
    place_text,
    screen_word,
    site_heading,
    verdict_text,
    verdict_word,
    waived_lines,
)
from spatialplan.reports.wording import place_lines, plain_text, tolerance_text, word
from spatialplan.screening import SiteFinding
from spatialplan.siting import Screening

__all__ = ["FIELD_NAMES", "Fields", "Opinion", "gather_fields"]

# How many villages or townships are named before only their number is.
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Opinion:
    """Everything about one site; `picture` is the only field that is not text."""

    number: str
    heading: str
    id: str
    name: str
    kind: str
    judged_as: str
    area: str
    area_ha: str
    area_mu: str
    stated: str
    place: str
    remark: str
    file_place: str
    verdict: str
    result: str
    layers: tuple[LayerRow, ...]
    land: tuple[LandRow, ...]
    needs: tuple[NeedRow, ...]
    doubts: tuple[str, ...]
    advice: tuple[str, ...]
    picture: object
    picture_note: str
    legend: tuple[LegendRow, ...]
    not_provided: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Everything that a template may use.

    `sites` are those that have an opinion, `unplaced` those that have no geometry to judge.
    """

    plan: str
    standing: str
    notice: str
    demonstration: str
    header: str
    day: str
    rulebook: str
    kind: str
    count: str
    crs: str
    area_method: str
    tolerance: str
    disclaimer: str
    summary_line: str
    summary_more: str
    summary: tuple[SummaryRow, ...]
    reading: tuple[str, ...]
    not_provided: tuple[str, ...]
    sources: tuple[SourceRow, ...]
    notes: tuple[str, ...]
    unplaced: tuple[SummaryRow, ...]
    sites: tuple[Opinion, ...]


# What a template may ask of each of the values that it is given.
FIELD_NAMES: Mapping[str, tuple[str, ...]] = {
    table.__name__: tuple(field.name for field in fields(table))
    for table in (Fields, Opinion, SummaryRow, SourceRow, LayerRow, LandRow, NeedRow, LegendRow)
}


def gather_fields(
    screening: Screening, language: Language, *, most: int, embed: Callable[[bytes], object]
) -> Fields:
    """Word everything that a template may use.

    Parameters
    ----------
    most
        Opinions are written about so many sites that have geometry, those with the worst verdicts.
    embed
        Makes of a picture (PNG) what the template prints.
    """
    header, total = screening.plan.header, len(screening.findings)
    placed = [is_placed(finding, screening) for finding in screening.findings]
    chosen = _worst(screening, placed, most)
    rest = sum(placed) - len(chosen)
    rows = tuple(
        summary_row(number, finding, screening, language)
        for number, finding in enumerate(screening.findings, start=1)
    )
    writer = _Writer(screening, language, embed)
    title, only = opinion_word("title", language), opinion_word("only_reference", language)
    plan = plain_text(header.title)
    return Fields(
        plan=plan,
        standing=plain_text(header.standing),
        notice=plain_text(header.notice),
        demonstration=_demonstration(screening, language),
        header=opinion_word("header", language, plan=plan, title=title, only=only),
        day=screening.day.isoformat(),
        rulebook=plain_text(screening.rulebook.edition),
        kind=asked_kind(screening, language),
        count=f"{total:,}",
        crs=crs_label(screening.crs),
        area_method=word("area_method", language),
        tolerance=tolerance_text(screening.tolerance, language),
        disclaimer=screen_word("disclaimer", language),
        summary_line=_summary_line(screening, language),
        summary_more=_summary_more(len(chosen), rest, language),
        summary=rows,
        reading=_reading(language),
        not_provided=_open_lines(screening.not_evaluated, screening, language),
        sources=tuple(source_rows(screening, language)),
        notes=(
            *place_lines(named_sources(screening, language), language),
            *(plain_text(note) for note in screening.rulebook.notes),
        ),
        unplaced=tuple(row for row, has_place in zip(rows, placed, strict=True) if not has_place),
        sites=tuple(writer.write(place) for place in chosen),
    )


def _worst(screening: Screening, placed: Sequence[bool], most: int) -> list[int]:
    """Return where the worst findings of sites with geometry stand, in the order of submission."""
    weight = {verdict: place for place, verdict in enumerate(Verdict)}
    found = screening.findings

    def badness(place: int) -> tuple[int, int, int]:
        finding = found[place]
        return weight[finding.verdict], weight[finding.listed_verdict], place

    judged = (place for place, has_place in enumerate(placed) if has_place)
    return sorted(sorted(judged, key=badness)[: max(most, 0)])


def _demonstration(screening: Screening, language: Language) -> str:
    """Return the plan's demonstration notice and the sites'; blank where nothing is made up."""
    header, texts = screening.plan.header, []
    if header.demonstration:
        texts.append(header.demonstration_notice or screen_word("demonstration", language))
    if screening.sites.demonstration:
        texts.append(opinion_word("demonstration_sites", language))
    return opinion_word("list_semicolon", language).join(plain_text(text) for text in texts)


def _summary_line(screening: Screening, language: Language) -> str:
    if not screening.findings:
        return opinion_word("no_sites", language)
    counts = Counter(_shown_verdict(finding) for finding in screening.findings)
    verdicts = []
    for verdict in Verdict:
        if counts[verdict]:
            values = {"verdict": verdict_word(verdict, language), "count": counts[verdict]}
            verdicts.append(opinion_word("verdict_count", language, **values))
    total, joint = f"{len(screening.findings):,}", opinion_word("list_semicolon", language)
    return opinion_word("summary_line", language, count=total, verdicts=joint.join(verdicts))


def _shown_verdict(finding: SiteFinding) -> Verdict:
    """Return what a site counts as; what is clear of the listed layers is worded so."""
    is_open = finding.verdict is Verdict.NOT_EVALUATED
    return finding.listed_verdict if is_open else finding.verdict


def _summary_more(most: int, rest: int, language: Language) -> str:
    return opinion_word("summary_more", language, most=most, rest=rest) if rest else ""


def _reading(language: Language) -> tuple[str, ...]:
    order = " > ".join(verdict_word(verdict, language) for verdict in Verdict)
    keys = ("reading_area", "reading_distance", "reading_open", "reading_checked")
    others = (opinion_word(key, language) for key in keys)
    return (opinion_word("reading_order", language, order=order), *others)


def _open_lines(
    points: Iterable[NotEvaluated], screening: Screening, language: Language
) -> tuple[str, ...]:
    """Return what was not evaluated, its title before a reason that does not name it.

    What the plan's office answers for itself comes last.
    """
    lines = []
    for point in points:
        title = item_title(screening, point.rule_id, language)
        why = plain_text(point.why.text(language))
        lines.append(why if title in why else title + word("colon", language) + why)
    return (*lines, *(plain_text(line) for line in waived_lines(screening, language)))


class _Writer:
    """Writes one opinion after another."""

    def __init__(
        self, screening: Screening, language: Language, embed: Callable[[bytes], object]
    ) -> None:
        self._screening = screening
        self._language = language
        self._embed = embed
        self._painter = InsetPainter(screening)
        self._ledger = Ledger(screening)

    def write(self, place: int) -> Opinion:
        """Write the opinion about the finding at a place."""
        screening, language = self._screening, self._language
        finding, sites = screening.findings[place], screening.sites
        row = finding.row
        land = land_units(finding, self._ledger)
        inset = self._painter.draw(finding)
        return Opinion(
            number=str(place + 1),
            heading=site_heading(finding),
            id=plain_text(finding.site_id),
            name=plain_text(finding.name),
            kind=plain_text(sites.kinds[row]) or self._say("edition_missing"),
            judged_as=judged_as(finding, screening, language),
            area=area_text(finding.area_m2, language),
            area_ha=hectares(finding.area_m2),
            area_mu=mu(finding.area_m2),
            stated=self._stated(row),
            place=self._place(finding),
            remark=plain_text(sites.remarks[row]),
            file_place=place_text(finding, screening, language),
            verdict=verdict_text(finding, screening, language),
            result=result_text(finding, screening, land, language),
            layers=tuple(layer_rows(finding, screening, language)),
            land=land_rows(land, language),
            needs=tuple(need_rows(finding, screening, language)),
            doubts=tuple(plain_text(doubt.message.text(language)) for doubt in finding.doubts),
            advice=tuple(advice_lines(finding, screening, language)),
            picture=self._embed(inset.png) if inset else "",
            picture_note=self._picture_note(inset) if inset else "",
            legend=legend_rows(inset.legend, screening, language) if inset else (),
            not_provided=_open_lines(open_points(finding, screening), screening, language),
        )

    def _say(self, key: str, **values: object) -> str:
        return opinion_word(key, self._language, **values)

    def _stated(self, row: int) -> str:
        stated_m2 = float(self._screening.sites.stated_m2[row])
        return area_text(stated_m2, self._language) if stated_m2 > 0 else self._say("not_stated")

    def _place(self, finding: SiteFinding) -> str:
        """Return townships with their villages, the largest part of the site first."""
        spread: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for part in finding.parts:
            spread[plain_text(part.township)][plain_text(part.village)] += part.area_m2
        townships = sorted(spread, key=lambda name: (-sum(spread[name].values()), name))
        found = [self._township(name, spread[name]) for name in townships]
        named = [text for text in found if text]
        return listed(named, self._language, most=MOST_NAMED) or self._say("place_unknown")

    def _township(self, township: str, villages: dict[str, float]) -> str:
        names = sorted(
            (name for name in villages if name), key=lambda name: (-villages[name], name)
        )
        text = listed(names, self._language, most=MOST_NAMED)
        if not (township and names):
            return text or township
        return self._say("township_villages", township=township, villages=text)

    def _picture_note(self, inset: Inset) -> str:
        is_wide = inset.width_m >= 1000
        value = f"{inset.width_m / 1000:,.1f}" if is_wide else f"{inset.width_m:,.0f}"
        width = self._say("kilometres" if is_wide else "metres", value=value)
        styles = self._screening.plan.styles
        drawn = [entry.key for entry in inset.legend if entry.key in self._screening.plan.layers]
        is_verified = all(key in styles and styles[key].verified for key in drawn)
        colours = "" if is_verified else self._say("picture_unverified")
        crs = crs_label(self._screening.crs)
        return self._say("picture_note", width=width, crs=crs, unverified=colours).strip()
