"""What the delivery itself says of the plan's head: region, code, working CRS, share base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pyproj import CRS

from spatialplan.drafting.choice import ChosenTable
from spatialplan.drafting.survey import SurveyedTable
from spatialplan.messages import Language, say

__all__ = ["propose_header", "propose_share_base", "working_code"]

# CGCS2000 3-degree zones, with and without the zone number before the easting.
WORKING_CODES = range(4513, 4555)

COUNTY_DIGITS = 6


def propose_header(
    chosen: Sequence[ChosenTable], tables: Sequence[SurveyedTable], *, year: int, language: Language
) -> dict[str, Any]:
    """Return the table ``[plan]``; what no table tells is named as not provided."""
    name, code = _region(chosen, tables)
    title = say("draft.plan_title", region=name)
    header: dict[str, Any] = {
        "id": f"plan-{code}" if code else "plan",
        "title": title.text(language).strip(),
        "region": name or say("draft.not_provided").text(language),
        "region_code": code,
        "language": language,
        "year": year,
        "standing": say("draft.standing").text(language),
        "notice": say("draft.notice").text(language),
    }
    working = working_code([layer.table.crs for layer in chosen])
    if working:
        header["crs"] = f"EPSG:{working}"
    return header


def propose_share_base(
    chosen: Sequence[ChosenTable], *, language: Language
) -> dict[str, Any] | None:
    """Return the table ``[share_base]``: the region as measured; None without a region."""
    regions = [layer.key for layer in chosen if layer.role == "region"]
    if not regions:
        return None
    why = say("draft.share_base").text(language)
    return {"use": "measured", "measured_layer": regions[0], "why": why}


def working_code(found: Sequence[CRS | None]) -> int | None:
    """Return the CGCS2000 zone that most layers are in; None where none is in one."""
    codes = [crs.to_epsg(min_confidence=20) for crs in found if crs is not None]
    counts = Counter(code for code in codes if code in WORKING_CODES)
    # Of equally many, the lower code, so that the order of files does not matter.
    return min(counts, key=lambda code: (-counts[code], code)) if counts else None


def _region(chosen: Sequence[ChosenTable], tables: Sequence[SurveyedTable]) -> tuple[str, str]:
    """Return name and code of the county, each only where just one is named; blank otherwise.

    The region's own table counts before the others; there, names of townships do not count.
    """
    regions = [layer.table for layer in chosen if layer.role == "region"]
    others = [table for table in tables if table.recognition.role != "administrative_area"]
    for group in (regions, others):
        codes = {code for table in group for code in table.units[0]}
        names = {name for table in group for name in table.units[1]}
        codes = {code[:COUNTY_DIGITS] for code in codes if _is_county(code)}
        if len(names) == 1:
            return names.pop(), codes.pop() if len(codes) == 1 else ""
    return "", ""


def _is_county(code: str) -> bool:
    return code.isdigit() and len(code) >= COUNTY_DIGITS and not code[COUNTY_DIGITS:].strip("0")
