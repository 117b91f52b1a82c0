"""Which tables become layers of the plan under which name, and which stay open for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from spatialplan.drafting.proposals import proposals
from spatialplan.drafting.survey import SurveyedTable
from spatialplan.messages import Message, say
from spatialplan.plan import Role
from spatialplan.recognition import is_single

__all__ = ["ChosenTable", "OpenTable", "choose_tables"]


@dataclass(frozen=True, slots=True)
class ChosenTable:
    """A table that becomes a layer; `key` is its name in the plan."""

    key: str
    role: Role
    table: SurveyedTable
    alone: bool


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table that a person must place, and why; a copy of another one needs no place."""

    table: SurveyedTable
    why: Message
    is_copy: bool = False


def choose_tables(
    tables: Sequence[SurveyedTable],
) -> tuple[tuple[ChosenTable, ...], tuple[OpenTable, ...]]:
    """Sort tables into layers, in the order of a plan file, and open ones, in their own order.

    Of two tables with the same features the first stands for both. Two different ones for a role
    that a plan has once are both left open.
    """
    by_role: dict[Role, list[SurveyedTable]] = defaultdict(list)
    left_open: list[OpenTable] = []
    for table in tables:
        role = table.recognition.role
        if role is None:
            left_open.append(OpenTable(table, table.recognition.why))
            continue
        twin = next((one for one in by_role[role] if one.likeness == table.likeness), None)
        if twin is not None:
            why = say("draft.twin", path=twin.found.spec.path)
            left_open.append(OpenTable(table, why, is_copy=True))
            continue
        by_role[role].append(table)
    chosen: list[ChosenTable] = []
    for role in proposals().layers:
        members = by_role.get(role, [])
        if len(members) > 1 and is_single(role):
            title = members[0].recognition.title
            left_open += [OpenTable(t, say("draft.one_of_several", title=title)) for t in members]
        else:
            chosen += _named(role, members)
    order = {id(table): place for place, table in enumerate(tables)}
    left_open.sort(key=lambda one: order[id(one.table)])
    return tuple(chosen), tuple(left_open)


def _named(role: Role, members: list[SurveyedTable]) -> list[ChosenTable]:
    """Name the tables of one role; of nested units the larger ones, which are fewer, come first."""
    name = proposals().layers[role].name
    if role == "administrative_area":
        members = sorted(members, key=lambda table: table.features)
    return [
        ChosenTable(name if place == 1 else f"{name}_{place}", role, table, len(members) == 1)
        for place, table in enumerate(members, start=1)
    ]
