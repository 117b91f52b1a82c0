"""A monitoring for other programs: ``monitoring.json``.

Keys
----
``schema``
    1.
``plan``, ``standing``, ``notice``, ``demonstration``
    As in the plan.
``date``, ``rulebook``, ``area_method``, ``definition``
    The day whose rules are quoted; which rulebook; how areas are measured; what counts as new
    human activity.
``grid``
    The cells compared: ``crs``, ``west``, ``north``, ``step_east``, ``step_south``, ``columns``,
    ``rows``.
``inputs``
    ``before`` and ``after`` with ``path``, ``title``, ``sha256``, ``crs``, ``cells``, ``edition``,
    ``legend`` (value, title, kind), then the layers as in ``review.json``.
``matrix``
    One a line, a zone (``part`` zone) and the region: ``layer``, ``title``, ``zone``, ``area_ha``,
    ``changed_ha``, ``new_activity_ha``, ``unknown_ha``, ``nodata_ha``, ``outside_ha`` and
    ``cells``: ``before``, ``after`` (cell values, null: in no legend), ``area_ha``, ``what``
    (activity, change, same, unknown).
``patches``
    Ranked: ``rank``, ``id``, ``ledger_id`` and ``state`` (null without a ledger), ``seen``,
    ``open``, ``grown_ha``, ``altered`` (since it was settled), ``place``, ``area_ha``,
    ``area_m2``, ``before`` (value, title, share), ``after``, ``lines`` (layer, zone, feature, name,
    area_ha, place), ``township``, ``longitude``, ``latitude``, ``heavier``, ``seasonal``,
    ``clause``.
``filtered``
    ``minimum_m2``, ``count``, ``area_ha`` of patches below it.
``unknown_values``
    ``edition``, ``value``, ``area_ha`` in the cells compared.
``ledger``
    Null without one: ``path``, ``new``, ``again``, ``split``, ``merged``, ``gone``, ``remains``,
    ``outside``, ``own_rows``, and ``rows`` that no patch of this run continues: ``id``, ``state``,
    ``seen``, ``related``.
``notes``, ``not_evaluated``, ``status``
    ``met``, ``not_met`` (a patch is open) or ``not_evaluated``.
"""

from __future__ import annotations

from typing import Any

from spatialplan.changes import Patch, ZoneMatrix
from spatialplan.crs import crs_label
from spatialplan.layers import RasterLayer
from spatialplan.ledger import Seen
from spatialplan.messages import Language
from spatialplan.monitoring import LedgerRun, Monitoring
from spatialplan.reports.json_documents import layer_input, placement
from spatialplan.reports.monitorings.wording import (
    clause_text,
    matrix_kind,
    monitor_word,
    state_of,
    step_of,
)
from spatialplan.reports.wording import edition_of, finite, word

__all__ = ["monitoring_document"]

HA_DIGITS, M2_DIGITS, DEGREE_DIGITS, SHARE_DIGITS = 4, 2, 6, 4


def monitoring_document(
    monitoring: Monitoring, *, language: Language | None = None
) -> dict[str, Any]:
    """Return a monitoring as plain values, the same for the same data and day.

    Parameters
    ----------
    language
        Of messages and clauses; default: the plan's.
    """
    header = monitoring.plan.header
    spoken: Language = language or header.language
    return {
        "schema": 1,
        "plan": header.title,
        "standing": header.standing,
        "notice": header.notice,
        "demonstration": header.demonstration,
        "date": monitoring.day.isoformat(),
        "rulebook": monitoring.rulebook.edition,
        "status": monitoring.status.value,
        "area_method": word("area_method", spoken),
        "definition": monitor_word("definition", spoken),
        "grid": _grid(monitoring),
        "inputs": {
            "before": _edition(monitoring.before, spoken),
            "after": _edition(monitoring.after, spoken),
            "layers": [layer_input(key, layer, spoken) for key, layer in monitoring.layers.items()],
        },
        "matrix": [_matrix(matrix) for matrix in monitoring.matrices],
        "patches": [
            _patch(place, patch, monitoring, spoken)
            for place, patch in enumerate(monitoring.patches)
        ],
        "filtered": {
            "minimum_m2": monitoring.filtered.minimum_m2,
            "count": monitoring.filtered.count,
            "area_ha": _ha(monitoring.filtered.area_m2),
        },
        "unknown_values": [
            {"edition": name, "value": value, "area_ha": _ha(area)}
            for name, values in zip(("before", "after"), monitoring.unknown_m2, strict=True)
            for value, area in sorted(values.items())
        ],
        "ledger": _ledger(monitoring.ledger) if monitoring.ledger else None,
        "notes": [note.text(spoken) for note in monitoring.notes],
        "not_evaluated": [
            {"rule": point.rule_id, "why": point.why.text(spoken)}
            for point in monitoring.not_evaluated
        ],
    }


def _grid(monitoring: Monitoring) -> dict[str, Any]:
    grid = monitoring.common.grid
    return {
        "crs": crs_label(grid.crs),
        "west": grid.west,
        "north": grid.north,
        "step_east": grid.step_east,
        "step_south": grid.step_south,
        "columns": grid.columns,
        "rows": grid.rows,
    }


def _edition(raster: RasterLayer, language: Language) -> dict[str, Any]:
    date, approval, provider = edition_of(raster.spec, language)
    source = raster.source
    return {
        "path": raster.spec.path,
        "title": raster.spec.title,
        "raster": raster.spec.id,
        "sha256": source.sha256,
        "crs": source.crs,
        "cells": source.features,
        "edition": {"data_date": date, "approval": approval, "provider": provider},
        "driver": source.driver,
        **placement(source, language),
        "demonstration": raster.spec.demonstration,
        "legend": [
            {"value": entry.value, "title": entry.title, "kind": entry.kind}
            for entry in raster.legend
        ],
    }


def _matrix(matrix: ZoneMatrix) -> dict[str, Any]:
    return {
        "layer": matrix.zone.layer,
        "title": matrix.zone.title,
        "zone": matrix.zone.zone,
        "part": matrix.zone.part,
        "area_ha": _ha(matrix.area_m2),
        "changed_ha": _ha(matrix.changed_m2),
        "new_activity_ha": _ha(matrix.activity_m2),
        "unknown_ha": _ha(matrix.unknown_m2),
        "nodata_ha": _ha(matrix.nodata_m2),
        "outside_ha": _ha(matrix.outside_m2),
        "cells": [
            {
                "before": cell.before.value if cell.before else None,
                "after": cell.after.value if cell.after else None,
                "area_ha": _ha(cell.area_m2),
                "what": matrix_kind(cell),
            }
            for cell in matrix.cells
        ],
    }


def _patch(place: int, patch: Patch, monitoring: Monitoring, language: Language) -> dict[str, Any]:
    step = step_of(monitoring, place)
    entry = step.entry if step else None
    return {
        "rank": place + 1,
        "id": patch.patch_id,
        "ledger_id": (entry.patch_id if entry else patch.patch_id) if step else None,
        "state": state_of(step) if step else None,
        "seen": step.seen.value if step else None,
        "open": monitoring.is_open(place),
        "grown_ha": _ha(step.grown_m2) if step else None,
        "altered": step.altered if step else None,
        "place": patch.place.value,
        "area_ha": _ha(patch.area_m2),
        "area_m2": finite(patch.area_m2, M2_DIGITS),
        "before": [
            {
                "value": one.was.value,
                "title": one.was.title,
                "share": finite(one.share, SHARE_DIGITS),
            }
            for one in patch.before
        ],
        "after": {"value": patch.after.value, "title": patch.after.title},
        "lines": [
            {
                "layer": contact.layer,
                "zone": contact.zone,
                "feature": contact.feature_id,
                "name": contact.feature_name,
                "area_ha": _ha(contact.area_m2),
                "place": contact.rank.value,
            }
            for contact in patch.contacts
        ],
        "township": patch.township,
        "longitude": finite(patch.longitude, DEGREE_DIGITS),
        "latitude": finite(patch.latitude, DEGREE_DIGITS),
        "heavier": patch.heavier,
        "seasonal": patch.seasonal,
        "clause": clause_text(patch, monitoring, language),
    }


def _ledger(run: LedgerRun) -> dict[str, Any]:
    return {
        "path": run.path.name,
        "new": run.count(Seen.FIRST),
        **{seen.value: run.count(seen) for seen in Seen if seen is not Seen.FIRST},
        "own_rows": len(run.own),
        "rows": [
            {
                "id": step.entry.patch_id,
                "state": step.entry.state,
                "seen": step.seen.value,
                "related": step.related,
            }
            for step in run.steps
            if step.entry is not None and step.sighting is None
        ],
    }


def _ha(area_m2: float) -> float | None:
    return finite(area_m2 / 10_000, HA_DIGITS)
