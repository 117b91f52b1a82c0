"""From ``plan.toml`` to a `Plan`, or to the list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from spatialplan.errors import Fault, PlanError
from spatialplan.messages import Message, say
from spatialplan.plan.model import AreaQuota, DisjointRule, MultipleQuota, Plan, WithinRule
from spatialplan.plan.raster_checks import raster_faults
from spatialplan.plan.spelling import is_remote, name_unknown
from spatialplan.plan.transformations import GridFile

__all__ = ["plan_schema", "read_plan"]


def read_plan(path: str | Path) -> Plan:
    """Read and validate a plan file.

    Parameters
    ----------
    path
        A TOML file; the paths of its layers are read against its folder.

    Raises
    ------
    PlanError
        With every fault: where in the file, what was found, what was expected.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PlanError(Fault(str(path), say("plan.unreadable", reason=reason))) from None
    try:
        tables = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PlanError(Fault(file.name, say("plan.not_toml", reason=str(error)))) from None
    return validate_plan(
        tables, directory=file.parent, name=file.name, sha256=hashlib.sha256(content).hexdigest()
    )


def validate_plan(
    tables: dict[str, Any], *, directory: Path, name: str = "plan", sha256: str = ""
) -> Plan:
    """Validate the tables of a plan file; see `read_plan`."""
    try:
        context = {"directory": directory, "name": name, "sha256": sha256}
        plan = Plan.model_validate(tables, context=context)
    except ValidationError as error:
        faults = [_translate(detail, name) for detail in error.errors(include_url=False)]
        raise PlanError(faults) from None
    faults = [Fault(f"{name} [{where}]", message) for where, message in _cross_faults(plan)]
    if faults:
        raise PlanError(faults)
    return plan


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of the plan file."""
    schema = Plan.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _translate(detail: ErrorDetails, name: str) -> Fault:
    place, known = _resolve(detail["loc"])
    where = f"{name} [{place}]"
    kind, found = detail["type"], _shorten(detail.get("input"))
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "extra_forbidden":
        return Fault(where, name_unknown("plan.unknown_key", key, known))
    if kind == "missing":
        return Fault(where, say("plan.missing_key", key=key))
    if kind in ("literal_error", "union_tag_invalid"):
        context = detail.get("ctx", {})
        expected = str(context.get("expected", context.get("expected_tags", "")))
        return Fault(where, say("plan.not_a_choice", found=found, expected=expected))
    if kind == "union_tag_not_found":
        return Fault(where, say("plan.missing_key", key="kind"))
    if kind == "value_error" and "printed_number" in detail["msg"]:
        return Fault(where, say("plan.number_as_text", found=found))
    return Fault(where, say("plan.invalid", found=found, reason=detail["msg"]))


def _shorten(value: object) -> str:
    try:
        return str(value)[:60]
    except (ValueError, RecursionError):  # an endless number, or tables nested without end
        return "..."


def _resolve(location: tuple[int | str, ...]) -> tuple[str, tuple[str, ...]]:
    """Return a readable key path and the keys known at its last table."""
    names: list[str] = []
    tables: list[type[BaseModel]] = [Plan]
    known: tuple[str, ...] = ()
    for step in location:
        tagged = [table for table in tables if len(tables) > 1 and step in _tags(table)]
        if isinstance(step, int):
            names[-1] = f"{names[-1]}[{step + 1}]"
        elif tagged:
            tables = tagged
        else:
            names.append(step)
            fields = {
                f.alias or key: f for table in tables for key, f in table.model_fields.items()
            }
            known = tuple(fields)
            if step in fields:
                tables = _tables_in(fields[step].annotation)
    return ".".join(names), known


def _tables_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [table for part in get_args(annotation) for table in _tables_in(part)]


def _tags(table: type[BaseModel]) -> tuple[Any, ...]:
    return get_args(table.model_fields["kind"].annotation) if "kind" in table.model_fields else ()


def _cross_faults(plan: Plan) -> Iterator[tuple[str, Message]]:
    """Yield what single tables cannot see: names that lead nowhere, fields that are needed."""
    yield from _reference_faults(plan)
    yield from _repeated_ids(plan)
    for key, spec in plan.layers.items():
        if is_remote(spec.path):
            yield f"layers.{key}.path", say("plan.remote_path", found=spec.path)
    yield from _way_faults(plan)
    yield from raster_faults(plan)
    for quota in plan.quotas:
        yield from _quota_faults(plan, quota)
    for rule in plan.line_rules:
        yield from _rule_faults(plan, rule)
    share = plan.share_base
    if share and share.use == "stated" and share.stated_ha is None:
        yield "share_base", say("plan.missing_key", key="stated_ha")
    if share and share.use == "measured" and share.measured_layer is None:
        yield "share_base", say("plan.missing_key", key="measured_layer")


def _way_faults(plan: Plan) -> Iterator[tuple[str, Message]]:
    """Yield what is wrong with how layers come to CGCS2000."""
    for key, stated in plan.transformations.items():
        if isinstance(stated, GridFile) and is_remote(stated.path):
            yield f"transformations.{key}.path", say("plan.remote_path", found=stated.path)
    for key, spec in plan.layers.items():
        where, name = f"layers.{key}.transformation", spec.transformation
        if name is not None and name not in plan.transformations:
            yield where, name_unknown("position.unknown_transformation", name, plan.transformations)
        if name is not None and spec.accept_error_m is not None:
            yield where, say("position.two_ways")


def _reference_faults(plan: Plan) -> Iterator[tuple[str, Message]]:
    named = [(f"quotas.{q.id}.layer", q.layer) for q in plan.quotas]
    named += [
        (f"quotas.{q.id}.base_layer", q.base_layer)
        for q in plan.quotas
        if isinstance(q, MultipleQuota) and q.base_layer
    ]
    named += [
        (f"line_rules.{r.id}.{side}", getattr(r, side)) for r in plan.line_rules for side in "ab"
    ]
    named += [(f"styles.{key}", key) for key in plan.styles]
    if plan.pattern:
        named += [(f"pattern.{e.name}.layer", e.layer) for e in plan.pattern.elements]
    if plan.share_base and plan.share_base.measured_layer:
        named.append(("share_base.measured_layer", plan.share_base.measured_layer))
    for where, layer in named:
        if layer not in plan.layers:
            yield where, name_unknown("plan.unknown_layer", layer, plan.layers)


def _repeated_ids(plan: Plan) -> Iterator[tuple[str, Message]]:
    demands = {
        "quotas": plan.quotas,
        "line_rules": plan.line_rules,
        "indicators": plan.indicators,
    }
    ids = [(table, entry.id) for table, entries in demands.items() for entry in entries]
    for place in sorted({entry for entry in ids if ids.count(entry) > 1}):
        yield ".".join(place), say("plan.repeated_id", found=place[1])


def _quota_faults(plan: Plan, quota: AreaQuota | MultipleQuota) -> Iterator[tuple[str, Message]]:
    spec, where = plan.layers.get(quota.layer), f"quotas.{quota.id}"
    if spec is None:
        return
    if spec.geometry != "polygon":
        yield where, say("plan.polygon_needed", layer=spec.id)
    if isinstance(quota, MultipleQuota):
        if quota.base_layer and quota.base_ha is not None:
            yield where, say("plan.two_bases")
        return
    if quota.classes and not spec.class_field:
        yield where, say("plan.field_needed", layer=spec.id, key="class_field")
    if quota.measure == "net" and not spec.deduction_field:
        yield where, say("plan.field_needed", layer=spec.id, key="deduction_field")


def _rule_faults(plan: Plan, rule: DisjointRule | WithinRule) -> Iterator[tuple[str, Message]]:
    zones = {"a": rule.zones_a, "b": rule.zones_b}
    if isinstance(rule, DisjointRule):
        zones["b"] += rule.person_zones_b
    for side, wanted in zones.items():
        spec = plan.layers.get(getattr(rule, side))
        if spec and spec.geometry != "polygon":
            yield f"line_rules.{rule.id}", say("plan.polygon_needed", layer=spec.id)
        if spec and wanted and not spec.zone_field:
            yield f"line_rules.{rule.id}", say("plan.field_needed", layer=spec.id, key="zone_field")
