"""Which role a delivered table plays: decided on its name and fields, or left open with candidates.

The table of one kind is told by a name that says just that, else by a name with more in it whose
fields agree, else by fields alone. Where two kinds fit equally well, where the fields belong to
another kind than the name, or where the name says that the table is something about the lines
(调出, 冲突), no role is given and all candidates are listed with their reasons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialplan.messages import Bilingual, Message, say
from spatialplan.plan import LayerSpec, Role
from spatialplan.recognition.fields import (
    code_digits,
    count_class_groups,
    find_area_unit,
    find_marks,
    propose_fields,
)
from spatialplan.recognition.knowledge import Knowledge, TableKind, knowledge
from spatialplan.recognition.names import Grade, find_doubt, fit_names
from spatialplan.units import AreaUnit

__all__ = ["Candidate", "GeometryKind", "Recognition", "is_single", "kind_of_geometry", "recognise"]

GeometryKind = Literal["polygon", "line", "point"]

KINDS: Mapping[str, GeometryKind] = {
    "polygon": "polygon",
    "multipolygon": "polygon",
    "curvepolygon": "polygon",
    "multisurface": "polygon",
    "linestring": "line",
    "multilinestring": "line",
    "multicurve": "line",
    "compoundcurve": "line",
    "circularstring": "line",
    "point": "point",
    "multipoint": "point",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A kind that a table may be of, and what speaks for it or against."""

    role: Role
    title: Bilingual
    reasons: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a table was recognised as.

    Attributes
    ----------
    role
        None where nothing fits or several kinds do; ``"other"`` for a known table without rules.
    title
        What people call a table of this role; None without one.
    candidates
        All kinds that came into question, the one taken first.
    why
        What the role stands on, or why there is none.
    fields
        Field names as delivered, by key of `LayerSpec` (``id_field``, ``area_field`` ...).
    area_unit
        The unit that makes stated areas fit the measured ones; None where that is not known.
    geometry
        The kind of geometry, as given.
    """

    role: Role | None
    title: Bilingual | None
    candidates: tuple[Candidate, ...]
    why: Message
    fields: Mapping[str, str] = field(default_factory=dict)
    area_unit: AreaUnit | None = None
    geometry: GeometryKind | None = None

    def complete(self, spec: LayerSpec) -> LayerSpec:
        """Return a layer with what was recognised: role, geometry, fields, unit."""
        found: dict[str, object] = dict(self.fields)
        if self.area_unit is None:
            found.pop("area_field", None)
        else:
            found["area_unit"] = self.area_unit
        found["role"] = self.role or "other"
        found["geometry"] = self.geometry or spec.geometry
        return spec.model_copy(update=found)


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    fields: Sequence[str]
    geometry: GeometryKind | None
    sample: pd.DataFrame | None


@dataclass(frozen=True, slots=True)
class _Case:
    """What speaks for one kind; `against` is why it cannot be."""

    kind: TableKind
    grade: Grade
    marks: tuple[str, ...]
    reasons: tuple[Message, ...]
    against: Message | None = None


def kind_of_geometry(declared: str) -> GeometryKind | None:
    """Return the kind for a geometry type as formats declare it (``"MultiPolygon Z"``)."""
    return KINDS.get((declared.lower().split() or [""])[0])


def is_single(role: Role) -> bool:
    """Tell whether a plan has one layer of a role, so that a second table leaves doubt."""
    return any(kind.single for kind in knowledge().kinds if kind.role == role)


def recognise(
    table_name: str,
    fields: Sequence[str],
    geometry_kind: GeometryKind | None,
    sample: pd.DataFrame | None = None,
    *,
    area_m2: NDArray[np.float64] | None = None,
) -> Recognition:
    """Recognise a table's role and fields; nothing is guessed.

    Parameters
    ----------
    table_name
        As delivered, with whatever codes and years it carries.
    fields
        Names of its attributes, as delivered.
    geometry_kind
        From `kind_of_geometry`; None where it is not known.
    sample
        All or some of its rows; without one, what only values can tell stays open.
    area_m2
        Official areas of the sample's rows, shape (n,); they tell the unit of stated areas.

    Returns
    -------
    recognition
        With the role, or the reason why there is none.
    """
    known = knowledge()
    table = _Table(table_name, fields, geometry_kind, sample)
    cases = _weigh(table, known)
    taken, why = _decide(table, cases, known)
    order = [taken, *(case for case in cases if case is not taken)] if taken else cases
    proposal = propose_fields(taken.kind if taken else None, fields, sample, known)
    return Recognition(
        role=taken.kind.role if taken else None,
        title=taken.kind.title if taken else None,
        candidates=tuple(_candidate(case) for case in order),
        why=why,
        fields=proposal,
        area_unit=_unit(proposal.get("area_field"), sample, area_m2),
        geometry=geometry_kind,
    )


def _candidate(case: _Case) -> Candidate:
    against = (case.against,) if case.against else ()
    return Candidate(case.kind.role, case.kind.title, (*case.reasons, *against))


def _weigh(table: _Table, known: Knowledge) -> list[_Case]:
    """Return every kind that name or fields speak for, strongest first."""
    names = {id(fit.kind): fit for fit in fit_names(table.name, known)}
    cases = []
    for kind in known.kinds:
        fit, marks = names.get(id(kind)), find_marks(kind, table.fields)
        if fit is None and not marks:
            continue
        grade = fit.grade if fit else Grade.FIELDS
        if grade is Grade.PART and not marks:
            grade = Grade.HINT
        said = [fit.reason] if fit else []
        if marks:
            said.append(say("recognition.by_fields", fields=", ".join(marks)))
        against = _objection(table, kind, by_name=fit is not None)
        cases.append(_Case(kind, grade, marks, tuple(said), against))
    return sorted(cases, key=lambda case: (case.against is not None, -case.grade))


def _objection(table: _Table, kind: TableKind, *, by_name: bool) -> Message | None:
    """Say why a table cannot be of a kind, if geometry or values rule it out."""
    if table.geometry and kind.geometry and table.geometry not in kind.geometry:
        return say("recognition.wrong_geometry", found=say(f"recognition.{table.geometry}"))
    digits = code_digits(table.fields, table.sample)
    if kind.code_digits and digits and digits not in kind.code_digits:
        return say("recognition.wrong_level", found=digits)
    groups = count_class_groups(table.fields, table.sample)
    if kind.least_classes and not by_name and (groups is None or groups < kind.least_classes):
        return say("recognition.part_of_parcels")
    return None


def _decide(
    table: _Table, cases: Sequence[_Case], known: Knowledge
) -> tuple[_Case | None, Message]:
    fitting = [case for case in cases if case.against is None and case.grade > Grade.HINT]
    if not fitting:
        return None, say("recognition.unclear" if cases else "recognition.unknown")
    best = [case for case in fitting if case.grade == fitting[0].grade]
    if len(best) > 1:
        return None, say("recognition.several", found=_titles(best))
    (taken,) = best
    doubt = find_doubt(table.name, known)
    if doubt:
        return None, say("recognition.doubtful", word=doubt, title=taken.kind.title)
    rivals = [case for case in fitting if case.marks and not case.kind.least_classes]
    if taken.kind.marks and not taken.marks and rivals:
        return None, say("recognition.contradicted", title=taken.kind.title, found=_titles(rivals))
    hints = [case for case in cases if case.grade is Grade.HINT and case.against is None]
    if taken.grade is Grade.FIELDS and hints:
        found = _titles([taken])
        return None, say("recognition.contradicted", title=hints[0].kind.title, found=found)
    return taken, taken.reasons[0]


def _titles(cases: Sequence[_Case]) -> Message:
    """List the titles of several kinds, in either language."""
    text: Message | None = None
    for case in cases:
        this = say("recognition.title", title=case.kind.title)
        text = this if text is None else say("recognition.and", first=text, second=this)
    return text or say("recognition.unknown")


def _unit(
    name: str | None, sample: pd.DataFrame | None, area_m2: NDArray[np.float64] | None
) -> AreaUnit | None:
    if name is None or sample is None or area_m2 is None or name not in sample:
        return None
    stated = np.asarray(pd.to_numeric(sample[name], errors="coerce"), dtype=np.float64)
    return find_area_unit(stated, area_m2)
