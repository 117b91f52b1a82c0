"""The rulebook as frozen values, and the questions that screening asks of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Literal

from spatialplan.findings import Verdict, worst_verdict
from spatialplan.plan import LayerSpec, ProjectKind, Role, ScreeningRule, Table

__all__ = ["AbsentLayer", "Activity", "LandClass", "Rulebook", "WaivedLayer", "plain_zone"]

LandGroup = Literal["agricultural", "construction", "unused"]
LandColumn = Literal[
    "paddy",
    "irrigated",
    "dry",
    "garden",
    "forest",
    "grassland",
    "other_agricultural",
    "ridge",
    "construction",
    "unused",
]


class Activity(Table):
    """One of the limited human activities (有限人为活动) that a red line may let in."""

    number: int
    title: str
    title_en: str = ""


class AbsentLayer(Table):
    """An entry of the standing list: what deliveries lack, and the role of a layer that fills it.

    Examples are 公益林, 湿地 and 文物.
    """

    id: str
    title: str
    title_en: str = ""
    roles: tuple[Role, ...] = ()


class WaivedLayer(Table):
    """An entry of the standing list that the office answers for itself, and why."""

    entry: AbsentLayer
    why: str


class LandClass(Table):
    """Land class codes by their beginning, and where they stand in the 占用地类 table."""

    code: str
    title: str
    group: LandGroup
    column: LandColumn


class Rulebook(Table):
    """The rules in force on a day, with the plan's own, and the tables that go with them.

    Attributes
    ----------
    edition
        Names the rulebook in every result: its date and how many rules a plan changed or added.
    day
        The day whose rules these are.
    standing_list, waived
        What deliveries lack, and what of it a plan's office answers for itself.
    """

    edition: str
    sha256: str = ""
    day: date
    rules: tuple[ScreeningRule, ...]
    kinds: Mapping[str, ProjectKind]
    activities: tuple[Activity, ...]
    standing_list: tuple[AbsentLayer, ...]
    waived: tuple[WaivedLayer, ...] = ()
    land_classes: tuple[LandClass, ...]
    notes: tuple[str, ...] = ()

    def rules_for(
        self,
        layer: LayerSpec,
        *,
        where: Literal["inside", "outside", "enclosed"] = "inside",
        zone: str = "",
        land_class: str = "",
        features: tuple[str, ...] = (),
    ) -> tuple[ScreeningRule, ...]:
        """Return the rules about a piece of ground, whatever the kind of project.

        Parameters
        ----------
        layer
            The layer that the ground belongs to.
        where
            Inside it, outside it, or in a window of it.
        zone, land_class
            The ground's zone and land class code; blank where it has none. A zone that contains
            the name of a rule's zone (核心保护区（林）) is under that rule as well.
        features
            Id and name of the feature that the ground belongs to.
        """
        plain = plain_zone(zone)
        return tuple(
            rule
            for rule in self.rules
            if rule.where == where
            and (rule.layer == layer.id or rule.role == layer.role)
            and (not rule.zones or any(name in plain for name in map(plain_zone, rule.zones)))
            and plain not in map(plain_zone, rule.except_zones)
            and (not rule.classes or land_class.startswith(rule.classes))
            and (not rule.features or any(name in rule.features for name in features))
        )

    def verdict(self, rules: tuple[ScreeningRule, ...], kind: str | None = None) -> Verdict:
        """Return the worst verdict of rules for one kind of project, or over all kinds.

        Not evaluated where no rule reaches a kind that is asked for.
        """
        asked = self.kinds if kind is None else (kind,)
        return worst_verdict(
            worst_verdict(found) if (found := _verdicts(rules, name)) else Verdict.NOT_EVALUATED
            for name in asked
        )

    def land_class(self, code: str) -> LandClass | None:
        """Return the entry with the longest beginning of a land class code."""
        fitting = [entry for entry in self.land_classes if code.startswith(entry.code)]
        return max(fitting, key=lambda entry: len(entry.code)) if fitting else None

    def find_kind(self, text: str) -> str | None:
        """Return the kind of project that an id, title or word names exactly; None if none does."""
        wanted = text.strip().casefold()
        for key, kind in self.kinds.items():
            names = (key, kind.title, kind.title_en, *kind.words)
            if wanted and wanted in (name.casefold() for name in names):
                return key
        return None


def plain_zone(text: str) -> str:
    """Return a zone's name without blanks, invisible characters and other forms of letters.

    Examples
    --------
    >>> plain_zone("核心 保护区\u200b"), plain_zone("Ⅰ级保护区")
    ('核心保护区', 'I级保护区')
    """
    letters = unicodedata.normalize("NFKC", text)
    return "".join(
        letter
        for letter in letters
        if not letter.isspace() and unicodedata.category(letter) not in ("Cf", "Cc")
    )


def _verdicts(rules: tuple[ScreeningRule, ...], kind: str) -> list[Verdict]:
    return [rule.verdict for rule in rules if rule.meant_for(kind)]
