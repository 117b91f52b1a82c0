"""Small sites and plans whose screening can be drawn by hand."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from small_layers import PLANE, ZONE_42, make_layer

from spatialplan.area import to_plane
from spatialplan.layers import Layer
from spatialplan.plan import Plan, Tolerance, validate_plan
from spatialplan.rulebook import read_rulebook
from spatialplan.screening import Inquiry, LayerFinding, SiteFinding, judge_sites
from spatialplan.sites import Doubt, Sites

DAY = datetime.date(2026, 11, 23)

HEADER = {
    "id": "small",
    "title": "小县规划",
    "region": "小县",
    "year": 2025,
    "standing": "示例",
    "notice": "仅供测试",
    "crs": "EPSG:4530",
}


def make_plan(layers: Mapping[str, Layer], **tables: Any) -> Plan:
    """A plan that names these layers; their files are never read."""
    specs = {
        key: layer.spec.model_dump(exclude={"id"}, exclude_defaults=True)
        for key, layer in layers.items()
    }
    return validate_plan({"schema": 1, "plan": HEADER, "layers": specs, **tables}, directory=Path())


def make_ground(key: str, shapes: Sequence[Any], role: str, **spec: Any) -> dict[str, Layer]:
    """One layer under its name."""
    return {key: make_layer(shapes, id=key, title=key, role=role, **spec)}


def make_sites(
    shapes: Sequence[Any],
    *,
    ids: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    doubts: tuple[Doubt, ...] = (),
) -> Sites:
    """Sites drawn in zone 42; None stands for a site without geometry."""
    count = len(shapes)
    geometry = np.full(count, None, dtype=object)
    drawn = [row for row, shape in enumerate(shapes) if shape is not None]
    flat = np.array([*(shapes[row] for row in drawn), None], dtype=object)[:-1]
    geometry[drawn] = to_plane(flat, ZONE_42, plane=PLANE, split_crs=ZONE_42)
    blank = np.full(count, "", dtype=object)
    area = shapely.area(geometry)
    return Sites(
        ids=np.array(ids or [f"site {row + 1}" for row in range(count)], dtype=object),
        names=blank,
        kinds=np.array(kinds or blank, dtype=object),
        remarks=blank,
        geometry=geometry,
        area_m2=area,
        planar_m2=np.array([shape.area if shape is not None else np.nan for shape in shapes]),
        stated_m2=np.full(count, np.nan),
        places=np.array([f"row {row + 1}" for row in range(count)], dtype=object),
        doubts=doubts,
        sources=(),
        plane=PLANE,
        crs=ZONE_42,
    )


def screen(
    shapes: Sequence[Any] | Sites,
    layers: Mapping[str, Layer],
    *,
    kind: str | None = None,
    day: datetime.date = DAY,
    tables: Mapping[str, Any] | None = None,
    **options: Any,
) -> tuple[SiteFinding, ...]:
    """Judge sites on layers with the rulebook of a day."""
    plan = make_plan(layers, **(tables or {}))
    inquiry = Inquiry(
        plan=plan,
        layers=layers,
        book=read_rulebook(plan, day=day),
        tolerance=Tolerance(),
        kind=kind,
        **options,
    )
    return judge_sites(shapes if isinstance(shapes, Sites) else make_sites(shapes), inquiry)


def layer_of(finding: SiteFinding, key: str) -> LayerFinding:
    """What was found for one layer."""
    return next(layer for layer in finding.layers if layer.layer == key)
