"""The 指标表 and its breakdown by township."""

from __future__ import annotations

import math

from spatialplan.findings import Status
from spatialplan.messages import Language, phrase
from spatialplan.plan import AreaQuota
from spatialplan.quotas import QuotaFinding
from spatialplan.reports.cells import (
    Amount,
    Cell,
    Column,
    Sheet,
    Verdict,
    headed_columns,
    status_tone,
)
from spatialplan.reports.reviews.wording import (
    quota_verdict,
    unit_word,
)
from spatialplan.reports.wording import (
    edition_of,
    plain_text,
    word,
)
from spatialplan.review import Review
from spatialplan.units import close_parts, to_m2

__all__ = ["quota_sheet", "township_sheet"]


def quota_sheet(review: Review, *, language: Language) -> Sheet:
    """Return the 指标表."""
    widths = [
        *[("no", 6), ("quota", 22), ("nature", 9), ("direction", 9), ("year", 8), ("printed", 17)],
        *[("target_ha", 14), ("attribute_ha", 14), ("measured_ha", 14), ("planar_ha", 14)],
        *[("margin_ha", 13), ("margin", 19), ("share", 14), ("status", 16), ("clause", 42)],
        *[("edition", 24), ("note", 34)],
    ]
    columns = list(headed_columns(widths, language))
    base = review.share_base.used_ha if review.share_base else None
    if base is not None:
        place = [key for key, _ in widths].index("share")
        columns[place] = Column(word("col_share_of", language, base=base), 16)
    rows = tuple(
        _quota_row(number, finding, review, language)
        for number, finding in enumerate(review.quotas, start=1)
    )
    name = word("sheet_quotas", language)
    return Sheet(name, tuple(columns), rows, frozen=2, wide=True)


def township_sheet(review: Review, *, language: Language) -> Sheet:
    """Return the quotas' areas by township, ha; printed parts add up to the printed total."""
    findings = [f for f in review.quotas if f.figures and f.figures.townships]
    names = list(dict.fromkeys(name for f in findings for name, _ in _parts(f)))
    names = [name for name in names if name] + ["" for name in names if not name]
    closed = [_closed_parts(finding) for finding in findings]
    rows: list[tuple[Cell, ...]] = [
        (
            plain_text(name) or word("no_township", language),
            *(Amount(parts.get(name, 0.0)) for parts in closed),
        )
        for name in names
    ]
    if findings:
        totals = (Amount(math.fsum(parts.values())) for parts in closed)
        rows.append((word("total", language), *totals))
    headings = [word("in_ha", language, title=plain_text(f.title)) for f in findings]
    columns = (
        Column(word("col_township", language), 24),
        *(Column(heading, 20) for heading in headings),
    )
    name = word("sheet_townships", language)
    return Sheet(name, columns, rows, frozen=1, portrait=True, bold_last=True, filtered=False)


def _quota_row(
    number: int, finding: QuotaFinding, review: Review, language: Language
) -> tuple[Cell, ...]:
    figures = finding.figures
    unit = unit_word(finding.unit, language)
    spec = review.plan.layers.get(finding.layer)
    date, approval, _ = edition_of(spec, language) if spec else ("", "", "")
    return (
        Amount(number, 0),
        plain_text(finding.title),
        word(finding.nature, language),
        word(finding.direction, language),
        str(finding.year),
        _printed(finding, unit, language),
        Amount(_target_ha(finding)),
        _hectares(figures.attribute_m2 if figures else None),
        _hectares(figures.measured_m2 if figures else None),
        _hectares(figures.planar_m2 if figures else None),
        Amount(finding.margin_ha, 4, signed=True),
        Amount(finding.margin, 4, unit, signed=True),
        Amount(finding.share, 2, percent=True),
        Verdict(quota_verdict(finding, language), status_tone(finding.status)),
        plain_text(finding.clause),
        f"{date} / {approval}",
        _quota_note(finding, review, language),
    )


def _printed(finding: QuotaFinding, unit: str, language: Language) -> Cell:
    if finding.printed is None:
        return word("open_demand", language)
    return Amount(float(finding.printed), finding.decimals, unit)


def _target_ha(finding: QuotaFinding) -> float | None:
    if finding.unit == "multiple" or finding.printed is None:
        return None
    return to_m2(finding.printed, finding.unit) / 10_000  # type: ignore[arg-type]


def _quota_note(finding: QuotaFinding, review: Review, language: Language) -> str:
    notes = []
    if finding.status is Status.NOT_EVALUATED:
        notes.append(finding.message.text(language))
    if finding.assigned_by:
        notes.append(word("assigned", language, by=finding.assigned_by))
    if finding.printed_share is not None:
        notes.append(word("printed_share", language, share=finding.printed_share))
    if finding.base_m2:
        notes.append(word("base_area", language, area_ha=finding.base_m2 / 10_000))
    if finding.note:
        notes.append(finding.note)
    quotas = {quota.id: quota for quota in review.plan.quotas}
    quota = quotas.get(finding.rule_id)
    if isinstance(quota, AreaQuota) and quota.measure == "net":
        notes.append(word("net", language))
    overlap_m2 = finding.figures.overlap_m2 if finding.figures else 0.0
    if overlap_m2 is None:
        notes.append(phrase("batched.overlap_unknown", language))
    elif overlap_m2 > 0:
        notes.append(word("overlap_inside", language, area_ha=overlap_m2 / 10_000))
    spec = review.plan.layers.get(finding.layer)
    if spec and spec.demonstration:
        notes.append(word("calibrated", language))
    return plain_text(word("separator", language).join(notes))


def _parts(finding: QuotaFinding) -> tuple[tuple[str, float], ...]:
    return finding.figures.townships if finding.figures else ()


def _closed_parts(finding: QuotaFinding) -> dict[str, float]:
    """Return the printed area of every township, ha; units of one name are added up."""
    sums: dict[str, float] = {}
    for name, area_m2 in _parts(finding):
        sums[name] = sums.get(name, 0.0) + area_m2 / 10_000
    total = finding.figures.measured_m2 / 10_000 if finding.figures else 0.0
    printed = close_parts(list(sums.values()), total, 2)
    return {name: float(part) for name, part in zip(sums, printed, strict=True)}


def _hectares(area_m2: float | None) -> Amount:
    return Amount(None if area_m2 is None else area_m2 / 10_000)
