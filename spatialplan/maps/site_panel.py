"""What the panel of a screening's page says before its list: verdicts, gaps, edition, warnings.

Only values; the markup is ``page/screening.html``, which escapes every text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from spatialplan.findings import Verdict
from spatialplan.layers import Source
from spatialplan.maps.panel import Chip
from spatialplan.maps.site_facts import kind_title, tell_gap
from spatialplan.maps.wording import Wording
from spatialplan.rulebook import WaivedLayer
from spatialplan.sites import WHOLE_FILE
from spatialplan.siting import Screening

__all__ = ["MissingGround", "ScreeningPanel", "VerdictCount", "make_screening_panel"]


@dataclass(frozen=True, slots=True)
class VerdictCount:
    """How many sites came to a verdict."""

    verdict: str
    title: str
    count: str


@dataclass(frozen=True, slots=True)
class MissingGround:
    """What was not provided or not evaluated for one and the same reason."""

    titles: str
    why: str


@dataclass(frozen=True, slots=True)
class ScreeningPanel:
    """Everything that stands above the list of sites, and the inputs of the notes."""

    chip: Chip
    summary: str
    facts: tuple[tuple[str, str], ...]
    counts: tuple[VerdictCount, ...]
    gaps: tuple[MissingGround, ...]
    gap_count: int
    file_doubts: tuple[tuple[str, str], ...]
    listed: str
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    edition: str
    rulebook_sha256: str


def make_screening_panel(screening: Screening, wording: Wording, *, listed: int) -> ScreeningPanel:
    """Word a screening for the panel.

    Parameters
    ----------
    listed
        How many sites the page tells in full.
    """
    total = len(screening.findings)
    counted = Counter(finding.verdict for finding in screening.findings)
    gaps = _gaps(screening, wording)
    hidden = wording.screen("list_cut", listed=f"{listed:,}", total=f"{total:,}")
    return ScreeningPanel(
        chip=_chip(screening.verdict if total else Verdict.NOT_EVALUATED, wording),
        summary=_summary(counted, total, wording),
        facts=_facts(screening, wording),
        counts=tuple(
            VerdictCount(verdict.value, wording.screen(verdict.value), f"{counted[verdict]:,}")
            for verdict in Verdict
        ),
        gaps=gaps,
        gap_count=len(screening.not_evaluated),
        file_doubts=tuple(
            (doubt.severity.value, doubt.message.text(wording.language))
            for doubt in screening.sites.doubts_of(WHOLE_FILE)
        ),
        listed=hidden if listed < total else "",
        notes=screening.rulebook.notes,
        sources=screening.sites.sources,
        edition=screening.rulebook.edition,
        rulebook_sha256=screening.rulebook.sha256,
    )


def _chip(verdict: Verdict, wording: Wording) -> Chip:
    return Chip(verdict.value, wording.screen(verdict.value))


def _summary(counted: Counter[Verdict], total: int, wording: Wording) -> str:
    parts = [
        wording.screen("count", verdict=wording.screen(verdict.value), count=f"{count:,}")
        for verdict in Verdict
        if (count := counted[verdict])
    ]
    return wording.screen("summary", total=f"{total:,}", counts=wording.screen("comma").join(parts))


def _facts(screening: Screening, wording: Wording) -> tuple[tuple[str, str], ...]:
    tolerance = screening.tolerance
    return (
        (wording.screen("rulebook"), screening.rulebook.edition),
        (wording.screen("day"), screening.day.isoformat()),
        (wording.screen("kind"), _asked_kind(screening, wording)),
        (
            wording.screen("tolerance"),
            wording.screen(
                "tolerance_value", area=f"{tolerance.area_m2:g}", width=f"{tolerance.width_m:g}"
            ),
        ),
        *((wording.screen("waived"), _waived(item, wording)) for item in screening.rulebook.waived),
    )


def _waived(item: WaivedLayer, wording: Wording) -> str:
    english = wording.language == "en" and item.entry.title_en
    return f"{english or item.entry.title}{wording.screen('colon')}{item.why}"


def _asked_kind(screening: Screening, wording: Wording) -> str:
    if screening.kind is None:
        return wording.screen("each_kind")
    return kind_title(screening, screening.kind, wording)


def _gaps(screening: Screening, wording: Wording) -> tuple[MissingGround, ...]:
    """Name what was not evaluated, together where the reason is the same."""
    titles: dict[str, list[str]] = {}
    for gap in screening.not_evaluated:
        title, why = tell_gap(screening, gap, wording)
        titles.setdefault(why, []).extend([title] if title else [])
    comma = wording.screen("comma")
    return tuple(MissingGround(comma.join(names), why) for why, names in titles.items())
