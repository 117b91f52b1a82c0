"""The screening on a terminal: a line a site, 80 columns wide, with what it hits below.

Nothing from a file is read as markup or steers the terminal. No verdict is green.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from spatialplan.findings import GroundStatus, Severity, Verdict
from spatialplan.messages import Language
from spatialplan.reports.cells import TONE_COLOURS
from spatialplan.reports.screenings.place_wording import place_verdict
from spatialplan.reports.screenings.wording import (
    asked_kind,
    clear_sentence,
    item_title,
    layer_sentence,
    layer_verdict_word,
    named_sources,
    remark_note,
    screen_word,
    screened_title,
    site_heading,
    verdict_tone,
    verdict_word,
    waived_lines,
)
from spatialplan.reports.wording import place_lines, plain_text, word
from spatialplan.screening import SiteFinding
from spatialplan.siting import Screening

__all__ = ["print_close", "print_gaps", "print_screening", "print_terms"]

# More sites than this are counted, and only the worst listed; with so few, each says what it hits.
MOST_LISTED, MOST_EXPLAINED = 40, 12
NAME_WIDTH, AREA_WIDTH = 42, 16
MOST_DOUBTS = 10


def print_screening(screening: Screening, console: Console, *, language: Language) -> None:
    """Print a screening: sites with their verdicts, what was not provided, doubts, the result.

    Parameters
    ----------
    screening
        From `spatialplan.screen_sites`.
    console
        Where to; 80 columns are enough.
    language
        Of words and sentences; titles and names stay as in the plan and the files.
    """
    print_terms(screening, console, language)
    _print_sites(screening, console, language)
    print_gaps(screening, console, language)
    _print_doubts(screening, console, language)
    counts = Counter(finding.verdict for finding in screening.findings)
    print_close(screening, counts, console, language)


def print_terms(screening: Screening, console: Console, language: Language) -> None:
    """Print which plan and which rules the sites were judged by."""
    header = screening.plan.header
    console.print(Text(plain_text(header.title), style="bold"))
    console.print(Text(plain_text(header.standing)))
    console.print(Text(_terms(screening, language)))
    console.print()


def _terms(screening: Screening, language: Language) -> str:
    return screen_word(
        "terms_line",
        language,
        date=screening.day.isoformat(),
        rulebook=plain_text(screening.rulebook.edition),
        kind=asked_kind(screening, language),
    )


def _print_sites(screening: Screening, console: Console, language: Language) -> None:
    findings = screening.findings
    explained = len(findings) <= MOST_EXPLAINED
    if len(findings) > MOST_LISTED:
        order = list(Verdict)
        findings = tuple(sorted(findings, key=lambda one: order.index(one.verdict)))[:MOST_LISTED]
    for finding in findings:
        console.print(_site_line(finding, language), overflow="fold")
        if explained:
            sentences = [
                *_sentences(finding, screening, language),
                *_advice(finding, screening, language),
            ]
            for sentence in sentences:
                console.print(Padding(Text(sentence), (0, 0, 0, 4)))
    left = len(screening.findings) - len(findings)
    if left:
        console.print(Text(screen_word("more_sites", language, count=left, shown=len(findings))))


def _site_line(finding: SiteFinding, language: Language) -> Text:
    heading = site_heading(finding)
    if cell_len(heading) > NAME_WIDTH:
        heading = set_cell_size(heading, NAME_WIDTH - 1) + "…"
    area = word("none", language)
    if math.isfinite(finding.area_m2):
        area = screen_word("hectares", language, area_ha=finding.area_m2 / 10_000)
    line = Text(set_cell_size(heading, NAME_WIDTH))
    line.append(" " * max(AREA_WIDTH - cell_len(area), 1) + area + "  ")
    style = TONE_COLOURS[verdict_tone(finding.verdict)]
    return line.append(verdict_word(finding.verdict, language), style=style)


def _sentences(finding: SiteFinding, screening: Screening, language: Language) -> Iterator[str]:
    """Yield what a site hits, and what is open for it alone; nothing for layers it is clear of."""
    own = {point.rule_id for point in finding.not_evaluated}
    for layer in finding.layers:
        text, said = layer_sentence(layer, language), layer_verdict_word(layer, language)
        shared = layer.status in (GroundStatus.OVERLAP, GroundStatus.SLIVER, GroundStatus.ENCLOSED)
        if shared or layer.verdict not in (Verdict.CLEAR, Verdict.NOT_EVALUATED):
            yield screen_word("hit_line", language, verdict=said, text=text)
        elif layer.status is GroundStatus.NOT_EVALUATED and layer.layer in own:
            yield text
    if finding.listed_verdict is Verdict.CLEAR:
        yield clear_sentence(finding, screening, language)
    for doubt in finding.doubts:
        if doubt.severity is Severity.ERROR:
            text = plain_text(doubt.message.text(language))
            yield text + remark_note(finding, screening, language)


def _advice(finding: SiteFinding, screening: Screening, language: Language) -> Iterator[str]:
    """Yield what a search for other places found, and what each place would be judged as."""

    def verdict(rank: int) -> str:
        return verdict_word(place_verdict(screening.judged_place(finding.row, rank)), language)

    suggestion = screening.suggestions.get(finding.row)
    if suggestion is None:
        return
    free = suggestion.free
    if free.area_m2 > 0:
        figures = {"area_ha": free.area_m2 / 10_000, "share": free.share}
        yield screen_word("free_line", language, verdict=verdict(0), **figures)
    for rank, place in enumerate(suggestion.places, start=1):
        yield screen_word(
            "place_line",
            language,
            rank=rank,
            metres=math.ceil(place.distance_m),
            bearing=place.bearing_deg,
            verdict=verdict(rank),
        )
    if suggestion.why_none is not None:
        yield plain_text(suggestion.why_none.text(language))


def print_gaps(screening: Screening, console: Console, language: Language) -> None:
    """Print what was not provided or not evaluated, and what the office answers for itself."""
    titles = [item_title(screening, point.rule_id, language) for point in screening.not_evaluated]
    if titles:
        comma = screen_word("comma", language)
        text = screen_word("gaps_line", language, items=comma.join(dict.fromkeys(titles)))
        console.print()
        console.print(Text(text))
    unused = [point for point in screening.not_evaluated if point.rule_id in screening.plan.layers]
    for point in unused:
        console.print(Text(plain_text(point.why.text(language))))
    if unused and screening.suggestions:
        layers = [screened_title(screening, point.rule_id) for point in unused]
        items = screen_word("comma", language).join(layers)
        console.print(Text(screen_word("unavoided_line", language, items=items)))
    for line in waived_lines(screening, language):
        console.print(Text(line))


def _print_doubts(screening: Screening, console: Console, language: Language) -> None:
    whole = screen_word("whole_file", language)
    listed = [(whole, doubt, "") for doubt in screening.sites.doubts if doubt.row < 0]
    for one in screening.findings:
        site, note = site_heading(one), remark_note(one, screening, language)
        listed += [(site, doubt, note) for doubt in one.doubts]
    order = (Severity.ERROR, Severity.WARNING)
    listed = [one for severity in order for one in listed if one[1].severity is severity]
    if listed:
        console.print()
        console.print(Text(screen_word("sheet_doubts", language), style="bold"))
    for site, doubt, note in listed[:MOST_DOUBTS]:
        text = plain_text(doubt.message.text(language))
        console.print(Text(site + word("colon", language) + text))
        if note:
            console.print(Padding(Text(note), (0, 0, 0, 4)))
    if len(listed) > MOST_DOUBTS:
        left = len(listed) - MOST_DOUBTS
        console.print(Text(screen_word("more_doubts", language, count=left)))


def print_close(
    screening: Screening, counts: Mapping[Verdict, int], console: Console, language: Language
) -> None:
    """Print notices, the disclaimer, and how many sites come out how."""
    console.print()
    header, total = screening.plan.header, sum(counts.values())
    line = Text(screen_word("counts_title", language, count=total), style="bold")
    separator = screen_word("comma", language)
    for number, verdict in enumerate(one for one in Verdict if counts.get(one)):
        text = f"{verdict_word(verdict, language)} {counts[verdict]:,}"
        line.append(separator if number else "")
        line.append(text, style=TONE_COLOURS[verdict_tone(verdict)])
    for text in place_lines(named_sources(screening, language), language):
        console.print(Text(text, style=TONE_COLOURS["open"]))
    console.print(Text(plain_text(header.notice)))
    if header.demonstration or screening.sites.demonstration:
        notice = plain_text(header.demonstration_notice) or screen_word("demonstration", language)
        console.print(Text(notice, style="yellow"))
    console.print(Text(screen_word("disclaimer", language)))
    console.print(line)
