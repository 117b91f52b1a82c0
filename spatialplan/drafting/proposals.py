"""What a first plan file proposes, from ``proposals.toml`` beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import Field

from spatialplan.messages import Bilingual
from spatialplan.plan import Role, Table
from spatialplan.units import AreaUnit

__all__ = ["LayerProposal", "Proposals", "QuotaProposal", "RuleProposal", "proposals"]


class LayerProposal(Table):
    """The name that layers of a role get in the plan, and their colours."""

    name: str
    line: str | None = None
    fill: str | None = None


class _Titled(Table):
    title: str
    title_en: str

    @property
    def heading(self) -> Bilingual:
        """The title in both languages."""
        return Bilingual(self.title, self.title_en)


class QuotaProposal(_Titled):
    """A figure that plans of this kind state; a multiple where it has a role for its base."""

    id: str
    role: Role
    direction: Literal["at_least", "at_most"]
    unit: AreaUnit = "ha"
    classes: tuple[str, ...] = ()
    net: bool = False
    base_role: Role | None = None


class RuleProposal(_Titled):
    """A rule between the layers of two roles; ``{a}`` and ``{b}`` stand for their titles."""

    kind: Literal["disjoint", "within"]
    a: Role
    b: Role
    begins_a: str = ""
    person_b: tuple[str, ...] = ()
    outside: str = ""
    advice: str = ""
    advice_en: str = ""


class Proposals(Table):
    """Everything that is proposed; `layers` in the order of a plan file."""

    layers: Mapping[Role, LayerProposal]
    quotas: tuple[QuotaProposal, ...] = Field(min_length=1)
    rules: tuple[RuleProposal, ...] = Field(min_length=1)


@cache
def proposals() -> Proposals:
    """Read the file once."""
    text = resources.files(__package__).joinpath("proposals.toml").read_text(encoding="utf-8")
    return Proposals.model_validate(tomllib.loads(text))
