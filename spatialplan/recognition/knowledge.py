"""What is known of delivered tables, from ``roles.toml`` beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from spatialplan.messages import Bilingual
from spatialplan.plan import Role
from spatialplan.recognition.spelling import spell

__all__ = ["Knowledge", "TableKind", "knowledge"]

SynonymsByKey = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TableKind:
    """One kind of table: a role of the plan, or a table that is known and plays none.

    `names` maps spelled table names to whether they are verified; the other members are explained
    at the top of ``roles.toml``.
    """

    role: Role
    title: Bilingual
    names: Mapping[str, bool]
    words: tuple[str, ...]
    geometry: tuple[str, ...] = ()
    marks: tuple[tuple[str, ...], ...] = ()
    least_classes: int = 0
    code_digits: tuple[int, ...] = ()
    single: bool = False
    fields: SynonymsByKey = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All kinds of tables, fields that mean the same in each, and words around a table's name.

    `units` are the fields that name the unit of a feature: ``code`` and ``name``.
    """

    kinds: tuple[TableKind, ...]
    fields: SynonymsByKey
    units: SynonymsByKey
    neutral: frozenset[str]
    neutral_words: tuple[str, ...]
    doubtful: frozenset[str]
    doubtful_words: tuple[str, ...]


@cache
def knowledge() -> Knowledge:
    """Read the file once."""
    text = resources.files(__package__).joinpath("roles.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    names = tables["names"]
    return Knowledge(
        kinds=(
            *(_kind(role, entry) for role, entry in tables["roles"].items()),
            *(_kind("other", entry) for entry in tables["known"]),
        ),
        fields=_synonyms(tables["fields"]),
        units=_synonyms(tables["units"]),
        neutral=frozenset(names["neutral"]),
        neutral_words=tuple(sorted(names["neutral_words"], key=len, reverse=True)),
        doubtful=frozenset(names["doubtful"]),
        doubtful_words=tuple(names["doubtful_words"]),
    )


def _kind(role: Role, entry: Mapping[str, Any]) -> TableKind:
    return TableKind(
        role=role,
        title=Bilingual(entry["title"], entry.get("title_en", "")),
        names={
            **{spell(name): False for name in entry.get("unverified", ())},
            **{spell(name): True for name in entry.get("tables", ())},
        },
        words=tuple(entry["words"]),
        geometry=tuple(entry.get("geometry", ())),
        marks=tuple(tuple(spell(name) for name in mark) for mark in entry.get("marks", ())),
        least_classes=entry.get("least_classes", 0),
        code_digits=tuple(entry.get("code_digits", ())),
        single=entry.get("single", False),
        fields=_synonyms(entry.get("fields", {})),
    )


def _synonyms(table: Mapping[str, list[str]]) -> SynonymsByKey:
    return {key: tuple(spell(name) for name in names) for key, names in table.items()}
