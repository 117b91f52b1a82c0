"""The words that every report of a review shares: titles, verdicts, margins, share bases."""

from __future__ import annotations

import math

from spatialplan.conflicts import RuleResult
from spatialplan.findings import PieceClass, Severity, Status
from spatialplan.layers import Source
from spatialplan.messages import Language, phrase
from spatialplan.plan import ShareBase
from spatialplan.quotas import QuotaFinding
from spatialplan.reports.wording import plain_text, word
from spatialplan.review import Review

__all__ = [
    "demand_title",
    "layer_title",
    "margin_text",
    "named_sources",
    "quota_verdict",
    "rule_remarks",
    "rule_verdict",
    "share_base_line",
    "share_base_lines",
    "status_word",
    "unit_word",
]

# The three kinds of share base, in the order in which they are listed.
BASE_KINDS = ("stated", "derived", "measured")

# Margins are shown to so much, in the unit of the demand.
SMALLEST_MARGIN = 0.0001

# Two sums of the same ground differ by less.
SAME_GROUND_M2 = 1.0


def margin_text(margin: float | None, language: Language) -> str:
    """Word a margin with its sign; one too small to show still shows on which side it lies."""
    if margin is None or not math.isfinite(margin):
        return word("none", language)
    if margin != 0 and abs(margin) < SMALLEST_MARGIN:
        return f"{'+' if margin > 0 else '-'}<{SMALLEST_MARGIN}"
    return f"{margin:+,.4f}"


def layer_title(review: Review, key: str) -> str:
    """Return a layer's title, or its name where the plan has no such layer."""
    spec = review.plan.layers.get(key)
    return plain_text(spec.title if spec else key)


def demand_title(review: Review, key: str, language: Language) -> str:
    """Return the title of the demand, layer or raster of that id, or the id itself."""
    known = {
        "share_base": word("bases_title", language),
        "quotas": word("sheet_quotas", language),
        "indicators": phrase("landcover.sheet_indicators", language),
    }
    known |= {name: spec.title for name, spec in review.plan.layers.items()}
    known |= {name: spec.title for name, spec in review.plan.rasters.items()}
    known |= {indicator.id: indicator.title for indicator in review.plan.indicators}
    known |= {rule.id: rule.title for rule in review.plan.line_rules}
    known |= {quota.id: quota.title for quota in review.plan.quotas}
    return plain_text(known.get(key, key))


def named_sources(review: Review) -> list[tuple[str, Source]]:
    """Return what people call each layer and raster that was read, and where it came from."""
    named = [(layer.spec.title, layer.source) for layer in review.layers.values()]
    return named + [(raster.spec.title, raster.source) for raster in review.rasters]


def status_word(status: Status, language: Language) -> str:
    """Return the word for a status."""
    return word(status.value, language)


def quota_verdict(finding: QuotaFinding, language: Language) -> str:
    """Return the status of a quota, saying so where only rounding makes it met."""
    key = "met_rounded" if finding.within_print_precision else finding.status.value
    return word(key, language)


def rule_verdict(result: RuleResult, language: Language) -> str:
    """Return the status of a rule, saying so where it holds with warnings."""
    warned = result.status is Status.MET and result.severity is not Severity.INFO
    return word("rule_warned" if warned else f"rule_{result.status.value}", language)


def rule_remarks(result: RuleResult, language: Language) -> list[str]:
    """Return what a rule's figures do not say: its warning, and where pairs count ground twice."""
    remarks = []
    if result.status is Status.MET and result.severity is not Severity.INFO:
        remarks.append(plain_text(result.message.text(language)))
    pairs_m2 = result.area_m2(PieceClass.CONFLICT)
    if abs(pairs_m2 - result.ground_m2) > SAME_GROUND_M2:
        remarks.append(word("pairs_area", language, area_ha=pairs_m2 / 10_000))
    return remarks


def unit_word(unit: str, language: Language) -> str:
    """Return the word for a unit; units without one (亩, 万亩) stand for themselves."""
    return word(f"unit_{unit}", language) if unit in ("ha", "multiple", "m2", "km2") else unit


def share_base_line(base: ShareBase | None, language: Language) -> str:
    """Say in one sentence which denominator shares have, and why."""
    if base is None:
        return word("base_none", language)
    kind = word(f"base_{base.use}", language)
    if base.used_ha is None:
        return word("base_missing", language, kind=kind)
    return word("base_line", language, value=base.used_ha, kind=kind, why=plain_text(base.why))


def share_base_lines(base: ShareBase | None, language: Language) -> list[str]:
    """List the stated, derived and measured base, and mark the one that is used."""
    if base is None:
        return [word("base_none", language)]
    lines = []
    for kind in BASE_KINDS:
        text = word(f"base_{kind}", language) + word("colon", language)
        text += _base_value(base, kind, language)
        if kind == "stated" and base.stated_clause:
            text += f" ({plain_text(base.stated_clause)})"
        if kind == base.use:
            text += f" [{word('base_used', language)}]"
        lines.append(text)
    return lines


def _base_value(base: ShareBase, kind: str, language: Language) -> str:
    if kind == "derived" and base.derived_ha is not None:
        low, high = base.derived_ha
        if low > high:
            return word("base_contradicts", language)
        return word("base_interval", language, low=low, high=high)
    value = base.stated_ha if kind == "stated" else base.measured_ha
    if kind == "derived" or value is None:
        return word("not_provided", language)
    return word("base_one", language, value=value)
