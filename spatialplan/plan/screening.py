"""Rules for project sites, as the rulebook and a plan file write them.

A rule says what follows when a project of some kind lies on some ground. Every rule that applies
counts and the worst verdict wins, so that a further rule never frees a site; only a rule of the
same id in the plan file takes the place of one of the rulebook.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, field_validator, model_validator

from spatialplan.findings import Verdict
from spatialplan.plan.tables import Name, Role, Table

__all__ = ["Basis", "ProjectKind", "ScreeningRule", "ScreeningSpec", "Waiver"]


class Basis(Table):
    """A law, regulation or clause; `checked`: compared with the official text."""

    title: Name
    number: str = Field("", description="Document number (文号)")
    article: str = ""
    checked: bool = False


class ProjectKind(Table):
    """A kind of project (项目类型), and the words by which a site's file may name it."""

    title: Name
    title_en: str = ""
    words: tuple[str, ...] = ()
    needs_boundary: bool = Field(
        False, description="Belongs inside the development boundary; suggestions stay inside it"
    )


class ScreeningRule(Table):
    """One rule: on this ground, a project of these kinds comes to this verdict.

    Ground is a role, or one layer by name; `zones`, `classes` (beginnings of land class codes) and
    `features` (ids or names) narrow it, empty means all of it. `where` says whether the rule is
    about what lies on that ground, outside it, or in a window (天窗) of it.
    """

    id: Name
    role: Role | None = None
    layer: str | None = None
    where: Literal["inside", "outside", "enclosed"] = "inside"
    zones: tuple[str, ...] = ()
    except_zones: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    except_kinds: tuple[str, ...] = ()
    verdict: Verdict
    need: Name = Field(description="What must be obtained or shown (须办事项)")
    need_en: str = ""
    authority: str = Field("", description="From whom")
    basis: tuple[Basis, ...] = Field(min_length=1)
    jurisdiction: str = "全国"
    valid_from: date | None = None
    valid_to: date | None = None
    activity: int | None = Field(None, ge=1, le=10, description="Number among 有限人为活动")
    note: str = ""

    @field_validator("verdict")
    @classmethod
    def _judges(cls, verdict: Verdict) -> Verdict:
        if verdict is Verdict.NOT_EVALUATED:
            raise ValueError("a rule judges; not_evaluated is for what no rule reaches")
        return verdict

    @model_validator(mode="after")
    def _names_one_ground(self) -> ScreeningRule:
        if (self.role is None) == (self.layer is None):
            raise ValueError("name either role or layer")
        return self

    def in_force(self, day: date) -> bool:
        """Say whether the rule holds on a day; both of its dates are included."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or day <= self.valid_to)

    def meant_for(self, kind: str) -> bool:
        """Say whether the rule is about a kind of project."""
        return (not self.kinds or kind in self.kinds) and kind not in self.except_kinds


class Waiver(Table):
    """An entry of the standing list that the office answers for itself, and why."""

    item: Name
    why: Name


class ScreeningSpec(Table):
    """What a plan adds to the rulebook or takes from its standing list."""

    rules: tuple[ScreeningRule, ...] = ()
    kinds: dict[str, ProjectKind] = Field(default_factory=dict)
    waived: tuple[Waiver, ...] = ()
    skipped_layers: tuple[str, ...] = Field((), description="Layers that no site is judged on")
