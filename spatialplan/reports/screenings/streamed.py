"""A streamed screening: totals as a document and on a terminal; its sites are in a file of rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from spatialplan.findings import GroundStatus, Verdict
from spatialplan.messages import Language, Message
from spatialplan.reports.screenings.console import print_close, print_gaps, print_terms
from spatialplan.reports.screenings.document import screening_document
from spatialplan.reports.screenings.wording import (
    item_title,
    screen_word,
    screened_title,
)
from spatialplan.reports.wording import plain_text
from spatialplan.screening import GroundTotal, Tally
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
    """Print totals: by layer how sites lie to it, what is unclear, and what was not evaluated."""
    head, tally = streamed.head, streamed.tally
    print_terms(head, console, language)
    area_ha = f"{tally.area_m2 / 10_000:,.4f}"
    console.print(Text(_say("heading", language, count=f"{tally.sites:,}", area_ha=area_ha)))
    for line in _layer_lines(streamed, language):
        console.print(Text(f"  {line}"))
    for fault, doubt in tally.doubts.items():
        title = item_title(head, fault, language)
        ids = plain_text(", ".join(doubt.ids[:5]))
        figures = {"count": f"{doubt.sites:,}", "ids": ids}
        console.print(Text(_say("doubt_line", language, fault=title, **figures)))
    print_gaps(head, console, language)
    for point in head.not_evaluated:
        if point.rule_id in ("batch_unread", "between_sites"):
            console.print(Text(plain_text(point.why.text(language))))
    print_close(head, tally.verdicts, console, language)


def _layer_lines(streamed: StreamedScreening, language: Language) -> Iterator[str]:
    """Say of every layer how many sites touch it, and what could not be judged."""
    for key in streamed.head.judged_layers:
        for status in GroundStatus:
            total = streamed.tally.ground.get((key, status))
            if total is None or status is GroundStatus.CLEAR:
                continue
            line = _say(
                "layer_line",
                language,
                layer=screened_title(streamed.head, key),
                status=screen_word(f"status_{status.value}", language),
                count=f"{total.sites:,}",
            )
            if status in (GroundStatus.OVERLAP, GroundStatus.SLIVER):
                line += _say("layer_area", language, area_ha=f"{total.overlap_m2 / 10_000:,.4f}")
            yield line


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
                    status.value: {"sites": total.sites, "overlap_ha": _overlap_ha(status, total)}
                    for status in GroundStatus
                    if (total := tally.ground.get((key, status)))
                },
            }
            for key in streamed.head.judged_layers
        ],
    }


def _verdicts(tally: Tally) -> dict[str, int]:
    return {verdict.value: tally.verdicts.get(verdict, 0) for verdict in Verdict}


def _overlap_ha(status: GroundStatus, total: GroundTotal) -> float | None:
    """Return ground in common; null, never 0, where nobody could look."""
    return None if status is GroundStatus.NOT_EVALUATED else _ha(total.overlap_m2)


def _ha(area_m2: float) -> float:
    return round(area_m2 / 10_000, HA_DIGITS)


def _say(key: str, language: Language, **values: object) -> str:
    return Message(f"stream.{key}", values).text(language)
