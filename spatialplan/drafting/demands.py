"""The demands and rules that a first plan file proposes for the layers that are there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spatialplan.drafting.choice import ChosenTable
from spatialplan.drafting.proposals import QuotaProposal, RuleProposal, proposals
from spatialplan.messages import Bilingual, Language, Message, say
from spatialplan.plan import Role

__all__ = ["explain_left_out", "propose_quotas", "propose_rules"]

Tables = list[dict[str, Any]]


def propose_quotas(chosen: Sequence[ChosenTable], *, year: int, language: Language) -> Tables:
    """Return a table with an empty figure for every quota whose role one polygon layer plays."""
    layers = _by_role(chosen)
    return [
        {
            **_quota(quota, layers[quota.role][0], layers),
            "title": quota.heading.text(language),
            "direction": quota.direction,
            "value": "",
            "year": year,
            "clause": say("draft.clause").text(language),
        }
        for quota in proposals().quotas
        if _obstacle(quota, layers) is None
    ]


def explain_left_out(chosen: Sequence[ChosenTable]) -> Iterator[Message]:
    """Say of every usual demand that is not proposed why it is not."""
    layers = _by_role(chosen)
    for quota in proposals().quotas:
        obstacle = _obstacle(quota, layers)
        if obstacle is not None:
            yield say("draft.left_out", title=quota.heading, why=obstacle)


def propose_rules(chosen: Sequence[ChosenTable], *, language: Language) -> Tables:
    """Return a table for every rule between polygon layers that are there."""
    layers = _by_role(chosen)
    return [
        _rule(rule, a, b, language)
        for rule in proposals().rules
        for a in layers.get(rule.a, ())
        for b in layers.get(rule.b, ())
        if not rule.begins_a or _zones_that_begin(a, rule.begins_a)
    ]


def _by_role(chosen: Sequence[ChosenTable]) -> Mapping[Role, list[ChosenTable]]:
    layers: dict[Role, list[ChosenTable]] = {}
    for layer in chosen:
        if layer.table.recognition.geometry in ("polygon", None):
            layers.setdefault(layer.role, []).append(layer)
    return layers


def _obstacle(quota: QuotaProposal, layers: Mapping[Role, list[ChosenTable]]) -> Message | None:
    found = layers.get(quota.role, [])
    if not found:
        return say("draft.layer_missing", role=quota.role)
    if len(found) > 1:
        return say("draft.layers_several", role=quota.role)
    if quota.classes and "class_field" not in found[0].table.recognition.fields:
        return say("draft.class_missing", layer=found[0].key)
    return None


def _quota(
    quota: QuotaProposal, layer: ChosenTable, layers: Mapping[Role, list[ChosenTable]]
) -> dict[str, Any]:
    head: dict[str, Any] = {"id": quota.id, "layer": layer.key}
    if quota.base_role:
        bases = layers.get(quota.base_role, [])
        return {**head, "kind": "multiple", **({"base_layer": bases[0].key} if bases else {})}
    head |= {"kind": "area", "unit": quota.unit}
    if quota.classes:
        head["classes"] = list(quota.classes)
    if quota.net and "deduction_field" in layer.table.recognition.fields:
        head["measure"] = "net"
    return head


def _rule(rule: RuleProposal, a: ChosenTable, b: ChosenTable, language: Language) -> dict[str, Any]:
    titles = {side: _title(layer, language) for side, layer in (("a", a), ("b", b))}
    parts: dict[str, Any] = {
        "id": "-".join(_rule_name(rule, a, b)),
        "kind": rule.kind,
        "title": rule.heading.text(language).format(**titles),
        "a": a.key,
        "b": b.key,
        "clause": say("draft.clause").text(language),
    }
    if rule.advice:
        parts["advice"] = Bilingual(rule.advice, rule.advice_en).text(language)
    if rule.begins_a:
        parts["zones_a"] = _zones_that_begin(a, rule.begins_a)
    person = [zone for zone in rule.person_b if zone in b.table.zones]
    if person:
        parts["person_zones_b"] = person
    if rule.outside:
        parts["outside"] = rule.outside
    return parts


def _rule_name(rule: RuleProposal, a: ChosenTable, b: ChosenTable) -> Iterator[str]:
    yield a.key
    if rule.kind == "within":
        yield "in"
    yield b.key


def _title(layer: ChosenTable, language: Language) -> str:
    title = layer.table.recognition.title
    return title.text(language) if title else layer.key


def _zones_that_begin(layer: ChosenTable, beginning: str) -> list[str]:
    return [zone for zone in layer.table.zones if zone.startswith(beginning)]
