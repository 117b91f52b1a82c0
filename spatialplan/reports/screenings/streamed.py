"""A streamed screening: totals as a document and on a terminal; its sites are in a file of rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from spatialplan.findings import GroundStatus, Verdict
from spatialplan.messages import Language, Message
from spatialplan.reports.screenings.document import screening_document
from spatialplan.reports.screenings.wording import (
    item_title,
    screen_word,
    screened_title,
    verdict_word,
)
from spatialplan.reports.wording import plain_text
from spatialplan.screening import Tally
from spatialplan.siting import StreamedScreening

__all__ = ["print_streamed", "streamed_document"]

HA_DIGITS = 8


def streamed_document(
    streamed: StreamedScreening,
    *,
    rows: Path | None = None,
    rows_sha256: str = "",
    language: Language | None = None,
) -> dict[str, Any]:
    """Return totals as plain values: the content of ``screening.json`` of a streamed screening.

    Parameters
    ----------
    rows, rows_sha256
        The file in which the sites stand, and its hash; None where it was not asked for.
    language
        Of sentences; default: the plan's.
    """
    spoken = language or streamed.head.plan.header.language
    tally = streamed.tally
    document = screening_document(streamed.head, language=spoken)
    return {
        **document,
        "verdict": streamed.verdict.value,
        "verdicts": _verdicts(tally),
        "streamed": {
            "batch_sites": streamed.batch_sites,
            "sites_file": rows.name if rows else None,
            "sites_sha256": rows_sha256 or None,
            "note": _say("rows_note", spoken, file=rows.name) if rows else None,
        },
        "totals": _totals(streamed, spoken),
        "site_doubts": [
            {
                "fault": fault,
                "severity": doubt.severity.value,
                "sites": doubt.sites,
                "example": doubt.example.text(spoken),
                "ids": list(doubt.ids),
            }
            for fault, doubt in tally.doubts.items()
        ],
        "unread": [
            {
                "first_row": one.first_row + 1,
                "sites": one.count,
                "why": one.why.text(spoken),
            }
            for one in tally.unread
        ],
    }


def print_streamed(streamed: StreamedScreening, console: Console, *, language: Language) -> None:
    """Print totals: sites by verdict, by layer what is touched, and what was not evaluated."""
    head, tally = streamed.head, streamed.tally
    console.print(Text(plain_text(head.plan.header.title), style="bold"))
    console.print(Text(plain_text(head.plan.header.standing)))
    area_ha = f"{tally.area_m2 / 10_000:,.4f}"
    console.print(Text(_say("heading", language, count=f"{tally.sites:,}", area_ha=area_ha)))
    for verdict, count in _verdicts(tally).items():
        name = verdict_word(Verdict(verdict), language)
        console.print(Text("  " + _say("verdict_line", language, verdict=name, count=f"{count:,}")))
    console.print()
    for (layer, status), ground in sorted(tally.ground.items(), key=lambda one: one[0]):
        if status is GroundStatus.CLEAR:
            continue
        line = _say(
            "layer_line",
            language,
            layer=screened_title(head, layer),
            status=screen_word(f"status_{status.value}", language),
            count=f"{ground.sites:,}",
            area_ha=f"{ground.overlap_m2 / 10_000:,.4f}",
        )
        console.print(Text(f"  {line}"))
    for fault, doubt in tally.doubts.items():
        ids = ", ".join(doubt.ids[:5])
        line = _say("doubt_line", language, fault=fault, count=f"{doubt.sites:,}", ids=ids)
        console.print(Text(plain_text(line)))
    console.print()
    for point in head.not_evaluated:
        title = item_title(head, point.rule_id, language)
        console.print(Text(plain_text(f"{title}: {point.why.text(language)}")))


def _totals(streamed: StreamedScreening, language: Language) -> dict[str, Any]:
    tally = streamed.tally
    return {
        "sites": tally.sites,
        "area_ha": _ha(tally.area_m2),
        "layers": [
            {
                "layer": key,
                "title": screened_title(streamed.head, key),
                "statuses": {
                    status.value: {"sites": total.sites, "overlap_ha": _ha(total.overlap_m2)}
                    for status in GroundStatus
                    if (total := tally.ground.get((key, status)))
                },
            }
            for key in streamed.head.judged_layers
        ],
    }


def _verdicts(tally: Tally) -> dict[str, int]:
    return {verdict.value: tally.verdicts.get(verdict, 0) for verdict in Verdict}


def _ha(area_m2: float) -> float:
    return round(area_m2 / 10_000, HA_DIGITS)


def _say(key: str, language: Language, **values: object) -> str:
    return Message(f"stream.{key}", values).text(language)
