"""Words of a monitoring: places, classes, clauses, and what the ledger says."""

from __future__ import annotations

from collections.abc import Iterator

from spatialplan.changes import Contact, GroundZone, MatrixCell, Patch, PlaceRank
from spatialplan.findings import Status, Verdict
from spatialplan.layers import RasterLayer
from spatialplan.ledger import Seen, State, Step
from spatialplan.messages import Language, phrase
from spatialplan.monitoring import Monitoring
from spatialplan.plan import LegendClass, Plan
from spatialplan.reports.cells import Tone
from spatialplan.reports.screenings.wording import basis_texts
from spatialplan.reports.wording import edition_of, plain_text, word

__all__ = [
    "STATE_TONES",
    "before_text",
    "class_title",
    "clause_text",
    "contact_text",
    "edition_line",
    "hint_text",
    "lines_text",
    "monitor_word",
    "place_word",
    "result_sentence",
    "seen_word",
    "state_of",
    "step_of",
    "zone_title",
]

STATE_TONES: dict[str, Tone] = {
    State.NEW: "bad",
    State.CONFIRMED: "caution",
    State.EXCLUDED: "muted",
    State.CLOSED: "good",
}
# So many laws are quoted of one place; the rulebook has them all.
MOST_LAWS = 3


def monitor_word(key: str, language: Language, **values: object) -> str:
    """Return a wording of the section ``[monitoring]`` with its placeholders filled."""
    text = phrase(f"monitoring.{key}", language)
    return text.format(**values) if values else text


def place_word(rank: PlaceRank, language: Language) -> str:
    """Return what kind of place a patch lies in."""
    return monitor_word(f"place_{rank.value}", language)


def seen_word(seen: Seen, language: Language) -> str:
    """Return what a run found of a row of the ledger."""
    return monitor_word(f"seen_{seen.value}", language)


def class_title(entry: LegendClass | None, language: Language) -> str:
    """Return the title of a class; the word for a value that no legend names."""
    return plain_text(entry.title) if entry else monitor_word("unknown_class", language)


def zone_title(zone: GroundZone) -> str:
    """Return the name of a line, or of a zone of it."""
    return plain_text(f"{zone.title} {zone.zone}".strip())


def before_text(patch: Patch, language: Language) -> str:
    """Return the classes that a patch was of before, with their shares where there are several."""
    if len(patch.before) == 1:
        return class_title(patch.was, language)
    parts = [f"{class_title(one.was, language)} {one.share:.0%}" for one in patch.before]
    return word("separator", language).join(parts)


def contact_text(contact: Contact, plan: Plan, language: Language) -> str:
    """Return a line, the zone and the feature of it that a patch lies in, with the ground."""
    title = plan.layers[contact.layer].title
    names = [title, contact.zone, contact.feature_name or contact.feature_id]
    name = plain_text(" ".join(one for one in names if one))
    return monitor_word("contact", language, name=name, ha=f"{contact.area_m2 / 10_000:,.4f}")


def lines_text(patch: Patch, plan: Plan, language: Language) -> str:
    """Return all lines that a patch lies in."""
    texts = [contact_text(contact, plan, language) for contact in patch.contacts]
    return word("separator", language).join(texts)


def clause_text(patch: Patch, monitoring: Monitoring, language: Language) -> str:
    """Return the plan's clauses and the laws about the places that a patch lies in."""
    texts = [
        text
        for contact in patch.contacts
        for text in (
            *_plan_clauses(contact, monitoring.plan),
            *_laws(contact, monitoring, language),
        )
    ]
    return word("separator", language).join(dict.fromkeys(texts))


def hint_text(patch: Patch, language: Language) -> str:
    """Return what a person has to keep in mind of a patch; blank for nothing."""
    texts = []
    if patch.heavier:
        texts.append(monitor_word("hint_heavier", language))
    if patch.seasonal:
        texts.append(monitor_word("hint_seasonal", language))
    return word("separator", language).join(texts)


def step_of(monitoring: Monitoring, place: int) -> Step | None:
    """Return what becomes of a patch in the ledger; None without a ledger."""
    return monitoring.ledger.step_of(place) if monitoring.ledger else None


def state_of(step: Step | None) -> str:
    """Return the state in the ledger; a patch that enters it is new."""
    if step is None:
        return ""
    return step.entry.state if step.entry is not None else State.NEW.value


def edition_line(raster: RasterLayer, language: Language) -> str:
    """Return title and date of an edition."""
    date, _, _ = edition_of(raster.spec, language)
    return monitor_word("edition", language, title=plain_text(raster.spec.title), date=date)


def result_sentence(monitoring: Monitoring, language: Language) -> str:
    """Return the result in one sentence."""
    count = len(monitoring.patches)
    told = {
        "count": count,
        "open": len(monitoring.open_patches),
        "ha": f"{sum(patch.area_m2 for patch in monitoring.patches) / 10_000:,.2f}",
    }
    text = monitor_word(f"result_{monitoring.status.value}", language, **told)
    if monitoring.remaining:
        text += monitor_word("result_remains", language, remains=len(monitoring.remaining))
    if monitoring.status is Status.NOT_MET and monitoring.not_evaluated:
        text += monitor_word("result_also", language, count=len(monitoring.not_evaluated))
    return text


def matrix_kind(cell: MatrixCell) -> str:
    """Name what a cell of a matrix is: new activity, other change, the same, or not known."""
    if cell.before is None or cell.after is None:
        return "unknown"
    if cell.is_new_activity:
        return "activity"
    return "change" if cell.is_change else "same"


def _plan_clauses(contact: Contact, plan: Plan) -> Iterator[str]:
    clauses = [quota.clause for quota in plan.quotas if quota.layer == contact.layer]
    clauses += [rule.clause for rule in plan.line_rules if contact.layer in (rule.a, rule.b)]
    if clauses:
        yield plain_text(clauses[0])


def _laws(contact: Contact, monitoring: Monitoring, language: Language) -> list[str]:
    """Return what the strictest rules about a place rest on, on the day asked about."""
    spec = monitoring.plan.layers[contact.layer]
    names = (contact.feature_id, contact.feature_name)
    rules = monitoring.rulebook.rules_for(spec, zone=contact.zone, features=names)
    worst = next((kind for kind in Verdict if any(rule.verdict is kind for rule in rules)), None)
    return basis_texts((rule for rule in rules if rule.verdict is worst), language)[:MOST_LAWS]
