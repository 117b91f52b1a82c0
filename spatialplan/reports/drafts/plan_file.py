"""A draft as the text of ``plan.toml``: entries that hold, and remarks for whoever completes it.

Remarks say what was measured, what is missing and what to do; an entry that a person must decide
stands as a remark too, so that the file can be checked at once.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from spatialplan.crs import crs_label
from spatialplan.drafting import Draft, DraftLayer, OpenTable, SurveyedTable
from spatialplan.files import replace_atomically
from spatialplan.messages import Language, Message, phrase, say
from spatialplan.plan import AreaQuota, LayerSpec, Table
from spatialplan.reports.wording import plain_text
from spatialplan.units import AreaUnit, from_m2, round_printed

__all__ = ["plan_text", "write_plan"]

# What a delivery seldom tells and every result names.
EDITION_KEYS = ("data_date", "approval", "provider")

# The units that demands are proposed in, by the key of their word.
UNIT_KEYS: dict[AreaUnit, str] = {"ha": "ha", "万亩": "wanmu"}

# Entries that stand empty until a person fills them in.
OPEN_KEYS = ("value",)


def write_plan(draft: Draft, path: Path) -> None:
    """Write a draft as a plan file, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    with replace_atomically(path) as temporary:
        temporary.write_text(plan_text(draft), encoding="utf-8", newline="\n")


def plan_text(draft: Draft) -> str:
    """Return the text of a plan file, in the plan's language; the same draft gives the same."""
    page = _Page(draft, draft.plan.header.language)
    return "\n".join(page.lines()) + "\n"


class _Page:
    def __init__(self, draft: Draft, language: Language) -> None:
        self.draft, self.language, self.plan = draft, language, draft.plan

    def lines(self) -> Iterator[str]:
        yield from self.remarks(say("draft.head"), say("draft.head_todo"))
        yield from ("", "schema = 1", "", "[plan]")
        yield from self.header()
        if self.plan.share_base:
            yield from ("", "[share_base]", *self.remarks(say("draft.share_base_todo")))
            yield from _entries(self.plan.share_base)
        yield from self.heading("draft.part_layers")
        for key, layer in self.draft.layers.items():
            yield from self.layer(key, layer)
        if self.draft.open_tables:
            yield from self.heading("draft.part_open")
            for number, (table, spec) in enumerate(self.draft.open_tables, start=1):
                yield from self.open_table(f"open_{number}", table, spec)
        yield from self.heading("draft.part_quotas")
        for quota in self.plan.quotas:
            yield from ("", "[[quotas]]", *self.quota(quota))
        if self.draft.left_out:
            yield from ("", *self.remarks(*self.draft.left_out))
        yield from self.heading("draft.part_rules")
        for rule in self.plan.line_rules:
            yield from ("", "[[line_rules]]", *_entries(rule))
        yield from self.heading("draft.part_styles")
        for key, style in self.plan.styles.items():
            yield from ("", f"[styles.{_key(key)}]", *_entries(style))

    def header(self) -> Iterator[str]:
        found = {"crs": say("draft.crs_most")} if self.plan.header.crs else {}
        remarks = {
            "title": say("draft.check_this"),
            "year": say("draft.year_todo"),
            "standing": say("draft.standing_todo"),
            **found,
        }
        yield from self.with_remarks(_entries(self.plan.header), remarks)
        if not self.plan.header.crs:
            yield from self.remarks(say("draft.crs_default"))

    def layer(self, key: str, layer: DraftLayer) -> Iterator[str]:
        yield ""
        yield from self.remarks(*self.facts(layer))
        yield f"[layers.{_key(key)}]"
        yield from _entries(self.plan.layers[key], without=("id",))
        yield from self.remarks(*_doubts(layer.table, self.draft, key))
        if layer.table.likely_crs:
            yield f"# crs = {_value(layer.table.likely_crs)}  # {self.word('draft.crs_confirm')}"
        yield f"[layers.{_key(key)}.edition]"
        for name in EDITION_KEYS:
            yield f'# {name} = ""'.ljust(24) + f"# {self.word('draft.not_provided')}"
        if self.plan.layers[key].role == "protected_area":
            yield f'# integration = "after"  # {self.word("draft.integration")}'

    def facts(self, layer: DraftLayer) -> Iterator[Message]:
        table = layer.table
        yield say(
            "draft.facts",
            table=table.found.table,
            why=table.recognition.why,
            features=table.features,
            crs=crs_label(table.crs) if table.crs else say("draft.no_crs"),
        )
        if layer.area_m2 is not None:
            yield say("draft.measured", **_both_units(layer.area_m2))
        if layer.set_aside:
            yield say("draft.set_aside", count=layer.set_aside)

    def open_table(self, key: str, one: OpenTable, spec: LayerSpec) -> Iterator[str]:
        yield ""
        yield from self.remarks(say("draft.open", table=one.table.found.table, why=one.why))
        for candidate in one.table.recognition.candidates:
            reasons = self.joined(candidate.reasons)
            yield from self.remarks(
                say("draft.candidate", role=candidate.role, title=candidate.title, reasons=reasons)
            )
        yield from self.remarks(*one.table.doubts)
        yield f"# [layers.{key}]"
        yield from (f"# {line}" for line in _entries(spec, without=("id",)))

    def quota(self, quota: Any) -> Iterator[str]:
        figures = self.draft.measured.get(quota.id)
        remarks = {"value": say("draft.value_todo"), "clause": say("draft.clause_todo")}
        if figures is not None and math.isfinite(figures.measured_m2):
            remarks["value"] = _measured(figures.measured_m2, quota.unit)
        yield from self.with_remarks(_entries(quota), remarks)
        if figures is not None and figures.blocked:
            yield from self.remarks(figures.blocked)
        if not isinstance(quota, AreaQuota) and quota.base_layer is None:
            yield from self.remarks(say("draft.base_todo"))

    def heading(self, key: str) -> Iterator[str]:
        yield from ("", f"# ── {self.word(key)} ──")

    def word(self, key: str) -> str:
        return phrase(key, self.language)

    def remarks(self, *messages: Message) -> Iterator[str]:
        for message in messages:
            yield f"# {plain_text(message.text(self.language))}"

    def with_remarks(self, lines: Iterable[str], remarks: dict[str, Message]) -> Iterator[str]:
        for line in lines:
            remark = remarks.get(line.partition(" = ")[0])
            yield f"{line}  # {plain_text(remark.text(self.language))}" if remark else line

    def joined(self, messages: Iterable[Message]) -> str:
        return "; ".join(message.text(self.language) for message in messages)


def _doubts(table: SurveyedTable, draft: Draft, key: str) -> Iterator[Message]:
    yield from table.doubts
    said = {doubt.key for doubt in table.doubts}
    yield from (point.why for point in draft.problems if point.rule_id == key and not said)


def _measured(area_m2: float, unit: AreaUnit) -> Message:
    area = f"{round_printed(from_m2(area_m2, unit), 2):,}"
    return say("draft.value_measured", area=area, unit=say(f"draft.unit_{UNIT_KEYS[unit]}"))


def _both_units(area_m2: float) -> dict[str, str]:
    return {
        "ha": f"{round_printed(from_m2(area_m2, 'ha'), 2):,}",
        "wanmu": f"{round_printed(from_m2(area_m2, '万亩'), 2):,}",
    }


def _entries(table: Table, *, without: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield one line an entry that says something, in the order of the plan's model."""
    defaults = {name: field.default for name, field in type(table).model_fields.items()}
    for name, value in table.model_dump().items():
        if name in OPEN_KEYS and value is None:
            yield f'{name} = ""'
        elif name in without or isinstance(value, dict) or value is None:
            continue
        elif value != defaults[name] or (name == "area_unit" and _states_area(table)):
            yield f"{name} = {_value(value)}"


def _states_area(table: Table) -> bool:
    return isinstance(table, LayerSpec) and table.area_field is not None


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    """Write a TOML basic string: as JSON does, where DEL may stand bare and surrogates may not."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if bare else _quoted(name)
