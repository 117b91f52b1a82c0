"""The review on a terminal: tables that are readable 80 columns wide.

A Chinese character is two columns wide; long titles wrap, numbers never do. Nothing from a file is
read as markup or steers the terminal.
"""

from __future__ import annotations

import math
from collections import defaultdict

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from spatialplan.conflicts import RuleResult
from spatialplan.findings import Finding, PieceClass
from spatialplan.messages import Language, phrase
from spatialplan.quotas import QuotaFinding
from spatialplan.reports.cells import TONE_COLOURS, Tone, severity_tone, status_tone
from spatialplan.reports.reviews.corridor_console import corridor_lines, fill_corridor_table
from spatialplan.reports.reviews.corridor_wording import corridor_word
from spatialplan.reports.reviews.landcover_console import (
    fill_cover_table,
    fill_indicator_table,
)
from spatialplan.reports.reviews.landcover_wording import cover_word
from spatialplan.reports.reviews.slope_console import fill_slope_table, slope_lines
from spatialplan.reports.reviews.slope_wording import slope_word
from spatialplan.reports.reviews.wording import (
    demand_title,
    layer_title,
    margin_text,
    named_sources,
    quota_verdict,
    rule_remarks,
    rule_verdict,
    share_base_line,
    status_word,
    unit_word,
)
from spatialplan.reports.wording import (
    fault_title,
    place_lines,
    plain_text,
    severity_word,
    word,
)
from spatialplan.review import Review

__all__ = ["print_review"]

SIGNS = {"at_least": "≥", "at_most": "≤"}


def print_review(review: Review, console: Console, *, language: Language) -> None:
    """Print a review: quotas, conflicts, quality, what was not evaluated, and the result.

    Parameters
    ----------
    review
        From `spatialplan.check_plan`.
    console
        Where to; 80 columns are enough.
    language
        Of headings and sentences; titles and names stay as in the plan and the layers.
    """
    header = review.plan.header
    console.print(Text(plain_text(header.title), style="bold"))
    console.print(Text(plain_text(header.standing)))
    if review.quotas:
        console.print(_quota_table(review, language))
        console.print(Text(share_base_line(review.share_base, language)))
    if review.rules:
        console.print(_rule_table(review, language))
        _print_remarks(review, console, language)
    if review.quality:
        console.print(_quality_table(review, language))
    _print_land_cover(review, console, language)
    _print_corridors(review, console, language)
    _print_slope(review, console, language)
    if review.not_evaluated:
        console.print(_open_table(review, language))
    console.print()
    _print_close(review, console, language)


def _print_land_cover(review: Review, console: Console, language: Language) -> None:
    for cover in review.landcover:
        table = _table(cover_word("sheet_cover", language))
        fill_cover_table(table, cover, review, language)
        console.print(table)
    if review.indicators:
        table = _table(f"{cover_word('sheet_indicators', language)} {review.year}")
        fill_indicator_table(table, review, language)
        console.print(table)
        console.print(Text(cover_word("indicative", language)))


def _print_corridors(review: Review, console: Console, language: Language) -> None:
    if review.corridors:
        table = _table(corridor_word("sheet", language))
        fill_corridor_table(table, review, language)
        console.print(table, *corridor_lines(review, language), sep="\n")


def _print_slope(review: Review, console: Console, language: Language) -> None:
    if review.slope:
        table = _table(slope_word("sheet", language))
        fill_slope_table(table, review.slope, language)
        console.print(table, *slope_lines(review.slope, language), sep="\n")


def _print_remarks(review: Review, console: Console, language: Language) -> None:
    for result in review.rules:
        remarks = rule_remarks(result, language)
        if remarks:
            title = plain_text(result.rule.title) + word("colon", language)
            text = word("separator", language).join(remarks)
            console.print(Text(title + text, style=TONE_COLOURS["open"]))


def _print_close(review: Review, console: Console, language: Language) -> None:
    header = review.plan.header
    read = len(review.layers)
    unread = len(review.plan.layers) - read
    console.print(Text(word("inputs_line", language, read=read, unread=unread)))
    streamed = [x.spec.title for x in review.layers.values() if x.passage is not None]
    if streamed:
        text = phrase("batched.line", language).format(layers=", ".join(streamed))
        console.print(Text(plain_text(text), style=TONE_COLOURS["open"]))
    for text in place_lines(named_sources(review), language):
        console.print(Text(text, style=TONE_COLOURS["open"]))
    console.print(Text(plain_text(header.notice)))
    if header.demonstration:
        console.print(Text(plain_text(header.demonstration_notice), style="yellow"))
    line = Text(word("status", language) + word("colon", language), style="bold")
    verdict = _coloured(status_word(review.status, language), status_tone(review.status))
    console.print(line + verdict)


def _table(title: str) -> Table:
    return Table(
        title=Text(f"\n{title}", style="bold"),
        title_justify="left",
        box=box.HORIZONTALS,
        pad_edge=False,
        collapse_padding=True,
    )


def _quota_table(review: Review, language: Language) -> Table:
    table = _table(f"{word('sheet_quotas', language)} {review.year}")
    table.add_column(word("col_quota", language), overflow="fold")
    for key in ("required", "measured", "slack"):
        table.add_column(word(f"col_{key}", language), justify="right", no_wrap=True)
    table.add_column(word("col_status", language), overflow="fold", min_width=10)
    for finding in review.quotas:
        table.add_row(
            Text(plain_text(finding.title)),
            Text(_required(finding, language)),
            Text(_measured(finding, language)),
            Text(margin_text(finding.margin, language)),
            _coloured(quota_verdict(finding, language), status_tone(finding.status)),
        )
    return table


def _required(finding: QuotaFinding, language: Language) -> str:
    if finding.printed is None:
        return word("open_demand", language)
    number = f"{finding.printed:,.{finding.decimals}f}"
    return f"{SIGNS[finding.direction]} {number} {unit_word(finding.unit, language)}"


def _measured(finding: QuotaFinding, language: Language) -> str:
    if finding.measured is None or not math.isfinite(finding.measured):
        return word("none", language)
    return f"{finding.measured:,.{finding.decimals}f}"


def _rule_table(review: Review, language: Language) -> Table:
    table = _table(word("sheet_conflicts", language))
    table.add_column(word("col_rule", language), overflow="fold", ratio=1)
    for key in ("col_pieces", "col_area", "short_person", "sliver", "enclosed"):
        table.add_column(word(key, language), justify="right", no_wrap=True)
    table.add_column(word("col_status", language), overflow="fold", min_width=8)
    for result in review.rules:
        table.add_row(
            Text(plain_text(result.rule.title)),
            *_rule_figures(result, review, language),
            _coloured(rule_verdict(result, language), status_tone(result.status)),
        )
    return table


def _rule_figures(result: RuleResult, review: Review, language: Language) -> list[str]:
    judged = result.looked and {result.rule.a, result.rule.b} <= set(review.layers)
    if not judged:
        return [word("none", language)] * 5
    return [
        f"{result.count(PieceClass.CONFLICT):,}",
        f"{result.ground_m2 / 10_000:,.4f}",
        f"{result.count(PieceClass.NEEDS_PERSON):,}",
        f"{result.count(PieceClass.SLIVER):,}",
        f"{len(result.enclosed):,}" if result.windows_known else word("none", language),
    ]


def _quality_table(review: Review, language: Language) -> Table:
    table = _table(word("sheet_quality", language))
    for key in ("layer", "fault"):
        table.add_column(word(f"col_{key}", language), overflow="fold")
    table.add_column(word("col_count", language), justify="right", no_wrap=True)
    table.add_column(word("col_severity", language), no_wrap=True)
    gathered: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for fault in review.quality:
        gathered[fault.layer, fault.rule_id].append(fault)
    for (layer, rule_id), faults in gathered.items():
        worst = faults[0].severity
        table.add_row(
            Text(layer_title(review, layer)),
            Text(fault_title(rule_id, language)),
            f"{len({name for fault in faults for name in fault.feature_ids}):,}",
            _coloured(severity_word(worst, language), severity_tone(worst)),
        )
    return table


def _open_table(review: Review, language: Language) -> Table:
    table = _table(word("sheet_open", language))
    table.add_column(word("col_what", language), overflow="fold", ratio=2)
    table.add_column(word("col_why", language), overflow="fold", ratio=3)
    for point in review.not_evaluated:
        title = demand_title(review, point.rule_id, language)
        table.add_row(Text(title), Text(plain_text(point.why.text(language))))
    return table


def _coloured(text: str, tone: Tone) -> Text:
    return Text(text, style=TONE_COLOURS[tone])
