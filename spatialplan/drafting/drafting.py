"""The job behind ``spatialplan init``: from a delivery to a plan file to start from.

It asks nothing that the delivery tells, and decides nothing that it does not tell: what is doubtful
is handed on as an open table with its candidates, every figure is left open, and what was measured
stands beside it as a remark.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spatialplan.drafting.choice import ChosenTable, OpenTable, choose_tables
from spatialplan.drafting.demands import explain_left_out, propose_quotas, propose_rules
from spatialplan.drafting.header import propose_header, propose_share_base
from spatialplan.drafting.proposals import proposals
from spatialplan.drafting.survey import SurveyedTable, survey_tables
from spatialplan.errors import Fault, SourceError, SpatialplanError
from spatialplan.files import find_tables, read_layers
from spatialplan.findings import NotEvaluated
from spatialplan.layers import Layer
from spatialplan.messages import Language, Message, say
from spatialplan.overlay import inner_overlaps
from spatialplan.pieces import settle_pieces
from spatialplan.plan import AreaQuota, LayerSpec, Plan, Tolerance, validate_plan
from spatialplan.quotas import AreaFigures, measure_area

__all__ = ["PLAN_FILE", "Draft", "DraftLayer", "draft_plan"]

PLAN_FILE = "plan.toml"

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class DraftLayer:
    """What was found out about a layer of the plan.

    `area_m2` is the official area of its sound features, None where it could not be measured;
    `set_aside` how many features are not sound.
    """

    table: SurveyedTable
    area_m2: float | None
    set_aside: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan file to start from.

    Attributes
    ----------
    plan
        Valid; every figure is open.
    layers
        By name in the plan.
    measured
        What the layers hold today, by id of the quota; nothing a demand could be taken from.
    open_tables
        Tables that a person must place, with a layer's entry for each.
    problems
        Layers that cannot be used as they are, and why.
    faults
        Sources that could not be read.
    notes
        What was passed over.
    left_out
        Usual demands that are not proposed, and why.
    """

    plan: Plan
    layers: Mapping[str, DraftLayer]
    measured: Mapping[str, AreaFigures]
    open_tables: tuple[tuple[OpenTable, LayerSpec], ...]
    problems: tuple[NotEvaluated, ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    left_out: tuple[Message, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every source was read and every table has its place."""
        undecided = any(not one.is_copy for one, _ in self.open_tables)
        return not (self.faults or undecided or self.problems)


def draft_plan(
    paths: Sequence[Path],
    folder: Path,
    *,
    year: int,
    language: Language = "zh",
    progress: Progress | None = None,
) -> Draft:
    """Draft a plan file from a delivery.

    Parameters
    ----------
    paths
        Files and folders; see `spatialplan.files.find_tables`.
    folder
        Where the plan file will lie; the layers' paths are written against it.
    year
        The year whose demands the plan will state.
    language
        Of titles and remarks.
    progress
        Called with the name of each table that was read.

    Raises
    ------
    SourceError
        If not one table could become a layer; every reason is listed.
    """
    found = find_tables(paths)
    survey = survey_tables(found.tables, progress=progress)
    faults = (*found.faults, *survey.faults)
    chosen, left_open = choose_tables(survey.tables)
    if not chosen:
        reasons = [Fault(one.table.found.spec.path, one.why) for one in left_open]
        raise SourceError([*faults, *reasons, Fault(str(folder), say("draft.no_layer"))])
    tables = _plan_tables(chosen, survey.tables, folder, year, language)
    plan = validate_plan(tables, directory=folder, name=PLAN_FILE)
    layers, problems = _read(plan, folder.resolve(), progress)
    return Draft(
        plan=plan,
        layers={one.key: _draft_layer(one, layers.get(one.key)) for one in chosen},
        measured=_measure(plan, layers),
        open_tables=tuple((one, _open_spec(one, folder)) for one in left_open),
        problems=problems,
        faults=faults,
        notes=found.notes,
        left_out=tuple(explain_left_out(chosen)),
    )


def _plan_tables(
    chosen: Sequence[ChosenTable],
    tables: Sequence[SurveyedTable],
    folder: Path,
    year: int,
    language: Language,
) -> dict[str, Any]:
    """Return the plan as the tables of its file."""
    share_base = propose_share_base(chosen, language=language)
    return {
        "schema": 1,
        "plan": propose_header(chosen, tables, year=year, language=language),
        **({"share_base": share_base} if share_base else {}),
        "layers": {one.key: _layer_table(one, folder, language) for one in chosen},
        "quotas": propose_quotas(chosen, year=year, language=language),
        "line_rules": propose_rules(chosen, language=language),
        "styles": dict(_style(one, language) for one in chosen if _is_drawn(one)),
    }


def _layer_table(one: ChosenTable, folder: Path, language: Language) -> dict[str, Any]:
    title = one.table.recognition.title
    text = title.text(language) if title else one.table.found.table
    spec = _placed(one.table, folder)
    several = f"{text} {one.table.found.spec.id}"
    named = spec.model_copy(update={"title": text if one.alone else several})
    return named.model_dump(exclude={"id"}, exclude_defaults=True, exclude_none=True)


def _placed(table: SurveyedTable, folder: Path) -> LayerSpec:
    """Return a table as a layer whose path is written against a folder, if they share one."""
    spec = table.recognition.complete(table.found.spec)
    file, base = Path(spec.path).resolve(), folder.resolve()
    shared = file.anchor == base.anchor and file.parts[1:2] == base.parts[1:2]
    path = Path(os.path.relpath(file, base)) if shared else file
    return spec.model_copy(update={"path": path.as_posix()})


def _open_spec(one: OpenTable, folder: Path) -> LayerSpec:
    return _placed(one.table, folder)


def _is_drawn(one: ChosenTable) -> bool:
    return proposals().layers[one.role].line is not None


def _style(one: ChosenTable, language: Language) -> tuple[str, dict[str, Any]]:
    proposal = proposals().layers[one.role]
    style: dict[str, Any] = {"line": proposal.line, "note": say("draft.colour").text(language)}
    if proposal.fill and one.table.recognition.geometry == "polygon":
        style["fill"] = proposal.fill
    return one.key, style


def _read(
    plan: Plan, folder: Path, progress: Progress | None
) -> tuple[Mapping[str, Layer], tuple[NotEvaluated, ...]]:
    """Read the plan's layers; its folder may not be there yet, so that no path leads through it."""
    specs = {
        key: spec.model_copy(update={"path": os.path.normpath(folder / spec.path)})
        for key, spec in plan.layers.items()
    }
    try:
        reading = read_layers(plan.model_copy(update={"layers": specs}), progress=progress)
    except SpatialplanError as error:
        return {}, tuple(
            NotEvaluated("", say("layer.unusable", where=fault.where, reason=fault.message))
            for fault in error.faults
        )
    return reading.layers, reading.problems


def _draft_layer(one: ChosenTable, layer: Layer | None) -> DraftLayer:
    has_area = layer is not None and layer.spec.geometry == "polygon"
    return DraftLayer(
        table=one.table,
        area_m2=float(layer.area_m2.sum()) if layer is not None and has_area else None,
        set_aside=layer.set_aside if layer else 0,
    )


def _measure(plan: Plan, layers: Mapping[str, Layer]) -> dict[str, AreaFigures]:
    """Measure what each area quota will be compared with."""
    measured = {}
    for quota in plan.quotas:
        layer = layers.get(quota.layer)
        if layer is None or not len(layer.frame) or not isinstance(quota, AreaQuota):
            continue
        overlaps = inner_overlaps(layer.geometry, assume_valid=True)
        measured[quota.id] = measure_area(
            layer,
            inner=settle_pieces(overlaps, Tolerance()),
            classes=quota.classes,
            net=quota.measure == "net",
        )
    return measured
