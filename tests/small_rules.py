"""The rulebook as tests ask it: verdicts by role, zone, kind and day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from spatialplan.findings import Verdict
from spatialplan.plan import LayerSpec, Plan, validate_plan
from spatialplan.rulebook import Rulebook, read_rulebook
from spatialplan.rulebook.reading import _read_book

TODAY = date(2026, 11, 23)
BOOK, SHA256 = _read_book()
KINDS = tuple(BOOK.kinds)
WORST_FIRST = list(Verdict)
PROHIBITED, ASK, RESTRICTED, UNKNOWN, CLEAR = WORST_FIRST

# Roles that place a site but do not judge it, and the one that means nothing by itself.
NOT_JUDGED = {"region", "administrative_area", "base_urban_land", "other"}

# 三调工作分类 to the last code, with the suffixed ones; 0809 and 0810A as met.
CODES_AS_LISTED = """
    0101 0102 0103 0201 0202 0203 0204 0201K 0202K 0203K 0204K
    0301 0302 0303 0304 0305 0306 0307 0301K 0302K 0307K 0401 0402 0403 0404 0403K
    05H1 0508 0601 0602 0603 0701 0702 08H1 08H2 08H2A 0809 0810 0810A 09
    1001 1002 1003 1004 1005 1006 1007 1008 1009
    1101 1102 1103 1104 1104A 1104K 1105 1106 1107 1107A 1108 1109 1110
    1201 1202 1203 1204 1205 1206 1207
"""
SURVEY_CODES = CODES_AS_LISTED.split()


def ground(role: str) -> LayerSpec:
    return LayerSpec.model_validate(
        {"id": role, "title": role, "role": role, "path": f"{role}.shp"}
    )


def judge(
    role: str,
    kind: str | None = None,
    *,
    zone: str = "",
    day: date | str = TODAY,
    book: Rulebook | None = None,
    **where: Any,
) -> Verdict:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    book = book or read_rulebook(day=day)
    return book.verdict(book.rules_for(ground(role), zone=zone, **where), kind)


def ids_met(role: str, kind: str, *, day: str, zone: str = "") -> set[str]:
    rules = read_rulebook(day=date.fromisoformat(day)).rules_for(ground(role), zone=zone)
    return {rule.id for rule in rules if rule.meant_for(kind)}


def plan_with(tables: dict[str, Any], **screening: Any) -> Plan:
    return validate_plan({**tables, "screening": screening}, directory=Path())


def rule(**fields: Any) -> dict[str, Any]:
    return {
        "id": "county.rule",
        "need": "按县级清单办理",
        "basis": [{"title": "县级准入清单"}],
        "verdict": "restricted",
        **fields,
    }


# ---- reach: no role, zone or kind falls through


def zones_of(role: str) -> set[str]:
    return {"", "未见过的分区"} | {z for r in BOOK.rules if r.role == role for z in r.zones}
