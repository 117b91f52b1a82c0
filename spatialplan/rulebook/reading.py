"""From ``rules.toml`` and the plan's own rules to the rulebook of a day."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from spatialplan.errors import Fault, PlanError
from spatialplan.messages import Message, say
from spatialplan.plan import Plan, ProjectKind, ScreeningRule, Table
from spatialplan.rulebook.book import AbsentLayer, Activity, LandClass, Rulebook, WaivedLayer

__all__ = ["read_rulebook"]


class _Book(Table):
    """The file as it is written: rules of all dates."""

    edition: str
    notes: tuple[str, ...] = ()
    kinds: dict[str, ProjectKind]
    activities: tuple[Activity, ...]
    standing_list: tuple[AbsentLayer, ...]
    land_classes: tuple[LandClass, ...]
    rules: tuple[ScreeningRule, ...]


def read_rulebook(plan: Plan | None = None, *, day: date) -> Rulebook:
    """Read the rules in force on a day, a plan's own among them.

    Parameters
    ----------
    plan
        Its ``[screening]`` rules are added; one of the same id replaces the rulebook's while it is
        itself in force.
    day
        Rules that begin later or have ended are left out.

    Raises
    ------
    PlanError
        If a rule of the plan names a kind of project, a layer or an entry that does not exist.
    """
    book, sha256 = _read_book()
    own = plan.screening if plan else None
    kinds = {**book.kinds, **(own.kinds if own else {})}
    if plan:
        _require_known(plan, book, kinds)
    added = tuple(rule for rule in own.rules if rule.in_force(day)) if own else ()
    replaced = {rule.id for rule in added}
    kept = tuple(rule for rule in book.rules if rule.id not in replaced and rule.in_force(day))
    waived = {waiver.item: waiver.why for waiver in own.waived} if own else {}
    return Rulebook(
        edition=_edition(book, added),
        sha256=sha256,
        day=day,
        rules=kept + added,
        kinds=kinds,
        activities=book.activities,
        standing_list=tuple(entry for entry in book.standing_list if entry.id not in waived),
        waived=tuple(
            WaivedLayer(entry=entry, why=waived[entry.id])
            for entry in book.standing_list
            if entry.id in waived
        ),
        land_classes=book.land_classes,
        notes=book.notes,
    )


@cache
def _read_book() -> tuple[_Book, str]:
    content = resources.files(__package__).joinpath("rules.toml").read_bytes()
    book = _Book.model_validate(tomllib.loads(content.decode("utf-8")))
    return book, hashlib.sha256(content).hexdigest()


def _edition(book: _Book, own: tuple[ScreeningRule, ...]) -> str:
    ids = {rule.id for rule in book.rules}
    replaced = sum(rule.id in ids for rule in own)
    parts = [book.edition]
    if replaced:
        parts.append(f"规划替换 {replaced} 条")
    if len(own) > replaced:
        parts.append(f"规划增补 {len(own) - replaced} 条")
    return "；".join(parts)


def _require_known(plan: Plan, book: _Book, kinds: Mapping[str, ProjectKind]) -> None:
    faults = [
        Fault(f"plan.toml [screening.{where}]", message)
        for where, message in _unknown_names(plan, book, kinds)
    ]
    if faults:
        raise PlanError(faults)


def _unknown_names(
    plan: Plan, book: _Book, kinds: Mapping[str, ProjectKind]
) -> Iterator[tuple[str, Message]]:
    own = plan.screening
    entries = [entry.id for entry in book.standing_list]
    for rule in own.rules:
        for kind in (*rule.kinds, *rule.except_kinds):
            if kind not in kinds:
                yield f"rules.{rule.id}", _unknown(kind, kinds)
        if rule.layer is not None and rule.layer not in plan.layers:
            yield f"rules.{rule.id}.layer", _unknown(rule.layer, plan.layers)
    for key in own.skipped_layers:
        if key not in plan.layers:
            yield "skipped_layers", _unknown(key, plan.layers)
    for waiver in own.waived:
        if waiver.item not in entries:
            yield "waived", _unknown(waiver.item, entries)


def _unknown(found: str, known: Any) -> Message:
    return say("rulebook.unknown_name", found=found, known=", ".join(known))
