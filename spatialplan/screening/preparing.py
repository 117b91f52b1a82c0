"""From the layers of a plan to grounds that sites can be judged on.

Lines that the plan gives a width (the corridors of its ecological pattern) become bands of that
width; other lines and points are asked whether they lie in a site. What the gate set aside is kept
in mind: a site near a feature that could not be used is never clear of its layer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import to_plane, unproject
from spatialplan.layers import Layer
from spatialplan.plan import Plan
from spatialplan.screening.ground import Geometries, Ground, Surroundings

__all__ = ["first_with_role", "judged_layers", "prepare_ground", "surround_by_role"]

# Context of a plan, not lines that keep a project off.
CONTEXT_ROLES = frozenset({"region", "administrative_area", "base_urban_land"})

# What the gate sets aside without a place: it may belong anywhere.
UNPLACED_FAULTS = frozenset({"empty_geometry", "wrong_kind", "infinite", "off_the_map"})

# Further from the region's box than this, metres, a feature may be a misplaced one.
FAR_M = 1_000.0


def judged_layers(plan: Plan) -> tuple[str, ...]:
    """Name the layers of a plan that sites are judged on, in its order."""
    return tuple(
        key
        for key, spec in plan.layers.items()
        if spec.role not in CONTEXT_ROLES and key not in plan.screening.skipped_layers
    )


def prepare_ground(
    layer: Layer,
    plan: Plan,
    working_crs: CRS,
    *,
    region: Layer | None = None,
    lasting: bool = False,
) -> Ground:
    """Make a layer ready.

    Parameters
    ----------
    layer
        A layer that passed the gate.
    plan
        Its pattern says how wide a band lies along which line.
    working_crs
        The projected CRS in which bands are drawn and distances looked for.
    region
        The planning region; None leaves out which features lie far from it.
    lasting
        Whether batch after batch of sites will ask.
    """
    spec = layer.spec
    names, zones = layer.text(spec.name_field), layer.text(spec.zone_field)
    if spec.role == "land_parcel":
        zones = layer.text(spec.class_field)
    shapes, kept = layer.geometry, _kept_share(layer)
    widths = _band_widths(layer, plan)
    bare = np.isnan(widths) if spec.geometry != "polygon" else np.zeros(len(shapes), dtype=bool)
    marks, ground = shapes[bare], shapes[~bare]
    if spec.geometry != "polygon":
        kept = None
        zones = np.where((zones == "") & ~bare, names, zones).astype(object)
        ground = _bands(ground, widths[~bare], layer, working_crs)
    return Ground(
        layer=layer,
        shapes=ground,
        ids=layer.ids[~bare],
        names=names[~bare],
        zones=zones[~bare],
        kept_share=kept,
        marks=marks,
        mark_ids=layer.ids[bare],
        mark_names=names[bare],
        mark_zones=zones[bare],
        suspects=_suspect_boxes(layer),
        unplaced=sum(
            len(fault.feature_ids) for fault in layer.faults if fault.rule_id in UNPLACED_FAULTS
        ),
        strays=_count_strays(layer, region),
        around=Surroundings(ground),
        working_crs=working_crs,
        lasting=lasting,
    )


def surround_by_role(grounds: Mapping[str, Ground]) -> dict[str, Ground]:
    """Give every ground the polygons of all grounds of its role."""
    by_role: dict[str, list[Geometries]] = defaultdict(list)
    for ground in grounds.values():
        by_role[ground.layer.spec.role].append(ground.shapes)
    around = {role: Surroundings(np.concatenate(shapes)) for role, shapes in by_role.items()}
    return {
        key: replace(ground, around=around[ground.layer.spec.role])
        for key, ground in grounds.items()
    }


def first_with_role(layers: Mapping[str, Layer], role: str) -> Layer | None:
    """Return the first layer of a role that has a feature."""
    found = (layer for layer in layers.values() if layer.spec.role == role and len(layer.frame))
    return next(found, None)


def _count_strays(layer: Layer, region: Layer | None) -> int:
    """Count features far outside the region, unless most are: then the layer is a wider one."""
    if region is None or not len(layer.frame):
        return 0
    near = shapely.box(*shapely.total_bounds(region.geometry)).buffer(FAR_M)
    beyond = ~shapely.intersects(near, layer.geometry)
    return int(beyond.sum()) if beyond.mean() < 0.5 else 0


def _kept_share(layer: Layer) -> NDArray[np.float64] | None:
    factor = layer.numbers(layer.spec.deduction_field)
    if factor is None:
        return None
    return np.where((factor >= 0) & (factor < 1), 1 - factor, np.nan)


def _band_widths(layer: Layer, plan: Plan) -> NDArray[np.float64]:
    """Width that the pattern gives each line, metres; NaN where it gives none."""
    widths = np.full(len(layer.frame), np.nan)
    names = layer.text(layer.spec.name_field)
    for element in plan.pattern.elements if plan.pattern else ():
        if element.layer == layer.spec.id and element.width_m:
            widths[names == element.feature] = element.width_m
    return widths


def _bands(
    lines: Geometries, widths: NDArray[np.float64], layer: Layer, working_crs: CRS
) -> Geometries:
    if not len(lines):
        return lines
    flat = shapely.buffer(unproject(lines, layer.plane, working_crs), widths / 2)
    return to_plane(flat, working_crs, plane=layer.plane, split_crs=working_crs)


def _suspect_boxes(layer: Layer) -> NDArray[np.float64]:
    shapes = [
        fault.geometry
        for fault in layer.faults
        if fault.rule_id == "invalid_geometry" and fault.geometry is not None
    ]
    boxes: NDArray[np.float64] = shapely.bounds(np.array(shapes, dtype=object)).reshape(-1, 4)
    return boxes
