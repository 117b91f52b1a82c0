"""Land cover and indicators as values for other programs: parts of ``review.json``."""

from __future__ import annotations

from typing import Any

from spatialplan.crs import crs_label
from spatialplan.landcover import GroundCover, IndicatorFinding, LandCover
from spatialplan.messages import Language
from spatialplan.reports.wording import finite

__all__ = ["describe_cover", "describe_indicator"]

HA_DIGITS, SHARE_DIGITS = 6, 8


def describe_cover(cover: LandCover, language: Language) -> dict[str, Any]:
    """Return what a raster says of every layer, zone and township."""
    raster = cover.raster
    grid = raster.grid
    return {
        "raster": raster.spec.id,
        "title": raster.spec.title,
        "sha256": raster.source.sha256,
        "crs": crs_label(grid.crs),
        "columns": grid.columns,
        "rows": grid.rows,
        "cell": [grid.step_east, grid.step_south],
        "nodata": finite(raster.nodata, 9),
        "notes": [note.text(language) for note in raster.notes],
        "classes": [
            {"value": entry.value, "title": entry.title, "kind": entry.kind}
            for entry in cover.legend
        ],
        "grounds": [_ground(ground, cover) for ground in cover.grounds],
        "unknown_values": [
            {"value": entry.value, "cells": entry.cells, "area_ha": _ha(entry.area_m2)}
            for entry in cover.unknown
        ],
    }


def _ground(ground: GroundCover, cover: LandCover) -> dict[str, Any]:
    return {
        "layer": ground.layer,
        "zone": ground.zone,
        "township": ground.township,
        "area_ha": _ha(ground.area_m2),
        "classes": [
            {
                "value": entry.value,
                "area_ha": _ha(area_m2),
                "share": finite(ground.share(area_m2), SHARE_DIGITS),
            }
            for entry, area_m2 in zip(cover.legend, ground.class_m2, strict=True)
        ],
        "unknown_ha": _ha(ground.unknown_m2),
        "nodata_ha": _ha(ground.nodata_m2),
        "outside_ha": _ha(ground.outside_m2),
    }


def describe_indicator(finding: IndicatorFinding, language: Language) -> dict[str, Any]:
    """Return an indicator and what land cover indicates of it."""
    return {
        "id": finding.rule_id,
        "title": finding.title,
        "layer": finding.layer,
        "raster": finding.raster,
        "counted": list(finding.counted),
        "year": finding.year,
        "direction": finding.direction,
        "required": finite(finding.limit, SHARE_DIGITS),
        "required_printed": "" if finding.printed is None else str(finding.printed),
        "unit": "%",
        "status": finding.status.value,
        "indication": finding.indication,
        "share": finite(finding.share, SHARE_DIGITS),
        "share_low": finite(finding.low, SHARE_DIGITS),
        "share_high": finite(finding.high, SHARE_DIGITS),
        "counted_ha": _ha(finding.counted_m2),
        "ground_ha": _ha(finding.ground_m2),
        "unobserved_ha": _ha(finding.unobserved_m2),
        "border_ha": _ha(finding.border_m2),
        "message": finding.message.text(language),
        "nature": finding.nature,
        "assigned_by": finding.assigned_by,
        "note": finding.note,
        "clause": finding.clause,
    }


def _ha(area_m2: float | None) -> float | None:
    return None if area_m2 is None else finite(area_m2 / 10_000, HA_DIGITS)
