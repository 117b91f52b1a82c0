"""From files to layers that passed the gate."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import Plane, parse_crs, require_known_datum, zone_crs
from spatialplan.errors import CrsError, Fault, SourceError, SpatialplanError
from spatialplan.files.damage import DAMAGE, hear_warnings
from spatialplan.files.deliveries import read_and_hear, read_delivery
from spatialplan.files.streaming.layer_flows import LayerFlow, open_flow, read_layer_batches
from spatialplan.findings import NotEvaluated
from spatialplan.layers import (
    CHINA_DEGREES,
    Delivery,
    Layer,
    Passage,
    admit,
    degree_bounds,
    require_plausible,
    settle_position,
    stated_crs,
)
from spatialplan.messages import say
from spatialplan.plan import LayerSpec, Plan, Role, Transformation, Way
from spatialplan.threads import thread_count

__all__ = [
    "DAMAGE",
    "Reading",
    "hear_warnings",
    "list_problems",
    "note_layers",
    "read_and_hear",
    "read_delivery",
    "read_layer",
    "read_layers",
    "read_layers_near",
]

# So many features tell well enough where a table lies that states no bounds.
FIRST_FEATURES = 1_000

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """The layers of a plan, and what kept the others out or leaves them without a feature.

    `crs` is the working CRS that outputs go back to, `plane` the plane of judgement.
    """

    layers: Mapping[str, Layer]
    problems: tuple[NotEvaluated, ...]
    crs: CRS
    plane: Plane


def read_layers(
    plan: Plan,
    *,
    keys: Collection[str] | None = None,
    progress: Progress | None = None,
    flows: Sequence[LayerFlow] = (),
) -> Reading:
    """Read every layer that a plan names, or those in `keys`.

    A layer that cannot be read or is refused at the gate becomes a problem; the others are read.
    `flows` are layers that will be read in batches: they place the plane where no other layer does.

    Raises
    ------
    SourceError, CrsError
        If not one layer could be used, or the working CRS is unusable.
    """
    specs = [spec for key, spec in plan.layers.items() if keys is None or key in keys]
    deliveries, faults = _fetch(specs, plan, progress)
    bounds = _plan_bounds(plan, deliveries, flows)
    crs, plane = _working_crs(plan, bounds), Plane.around(bounds)
    layers = _admit_all(deliveries, faults, plane, crs)
    if not layers and not flows:
        raise SourceError([fault for found in faults.values() for fault in found])
    return Reading(layers, tuple(list_problems(plan, layers, faults)), crs, plane)


def read_layers_near(
    plan: Plan,
    reading: Reading,
    bounds: NDArray[np.float64] | None,
    *,
    keys: Collection[str],
    progress: Progress | None = None,
) -> Reading:
    """Read further layers of a plan, only the features near a place, into the same plane.

    Parameters
    ----------
    reading
        The layers read before; at least one.
    bounds
        West, south, east, north in degrees; features whose box meets these are read. None: all.
    keys
        Which layers to read.

    Returns
    -------
    reading
        Both together, in the plan's order.
    """
    specs = [spec for key, spec in plan.layers.items() if key in keys]
    deliveries, faults = _fetch(specs, plan, progress, near=bounds)
    found = _admit_all(deliveries, faults, reading.plane, reading.crs)
    return _extend(reading, found, faults, plan)


def note_layers(plan: Plan, reading: Reading, *, keys: Collection[str]) -> Reading:
    """Note layers of a plan whose features are read elsewhere, near one place after the other.

    They are opened and taken through the gate, and have no feature here; how many there are is
    what their file states.

    Returns
    -------
    reading
        With those noted, in the plan's order.
    """
    deliveries: dict[str, Delivery] = {}
    faults: dict[str, tuple[Fault, ...]] = {}
    for key in keys:
        try:
            deliveries[key] = open_flow(plan.layers[key], plan).without_features()
        except SpatialplanError as error:
            faults[key] = error.faults
    found = {
        key: replace(layer, passage=Passage(layer.source.features))
        for key, layer in _admit_all(deliveries, faults, reading.plane, reading.crs).items()
    }
    return _extend(reading, found, faults, plan)


def _extend(
    reading: Reading,
    found: Mapping[str, Layer],
    faults: Mapping[str, tuple[Fault, ...]],
    plan: Plan,
) -> Reading:
    """Return a reading with further layers, in the plan's order."""
    layers = {
        key: {**reading.layers, **found}[key]
        for key in plan.layers
        if key in (*reading.layers, *found)
    }
    problems = list_problems(plan, {}, faults)
    return Reading(layers, (*reading.problems, *problems), reading.crs, reading.plane)


def _fetch(
    specs: Sequence[LayerSpec],
    plan: Plan,
    progress: Progress | None,
    *,
    near: NDArray[np.float64] | None = None,
) -> tuple[dict[str, Delivery], dict[str, tuple[Fault, ...]]]:
    """Read tables in threads; one that cannot be read leaves its faults instead."""
    deliveries: dict[str, Delivery] = {}
    faults: dict[str, tuple[Fault, ...]] = {}

    def fetch(spec: LayerSpec) -> Delivery | tuple[Fault, ...]:
        try:
            delivery = read_and_hear(spec, plan.directory, heard, near)
            way = plan.find_way(spec.transformation, spec.accept_error_m)
            return settle_position(replace(delivery, way=way))
        except SpatialplanError as error:
            return error.faults
        finally:
            if progress:
                progress(spec.title)

    with hear_warnings() as heard, ThreadPoolExecutor(thread_count()) as pool:
        for spec, outcome in zip(specs, pool.map(fetch, specs), strict=True):
            if isinstance(outcome, Delivery):
                deliveries[spec.id] = outcome
            else:
                faults[spec.id] = outcome
    return deliveries, faults


def _admit_all(
    deliveries: Mapping[str, Delivery],
    faults: dict[str, tuple[Fault, ...]],
    plane: Plane,
    crs: CRS,
) -> dict[str, Layer]:
    """Take deliveries through the gate; add the faults of those that it refuses."""
    layers: dict[str, Layer] = {}
    for key, delivery in deliveries.items():
        try:
            layers[key] = admit(delivery, plane=plane, working_crs=crs)
        except SpatialplanError as error:
            faults[key] = error.faults
    return layers


def list_problems(
    plan: Plan, layers: Mapping[str, Layer], faults: Mapping[str, tuple[Fault, ...]]
) -> Iterator[NotEvaluated]:
    """List why layers cannot be used, and which of those read have no sound feature."""
    for key in plan.layers:
        for fault in faults.get(key, ()):
            why = say("layer.unusable", where=fault.where, reason=fault.message)
            yield NotEvaluated(key, why)
    for key, layer in layers.items():
        if not layer.count:
            why = say("layer.empty", layer=layer.spec.title, set_aside=layer.set_aside)
            yield NotEvaluated(key, why)


def read_layer(
    source: str | Path,
    *,
    role: Role | None = None,
    table: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    transformation: Transformation | None = None,
    accept_error_m: float | None = None,
) -> Layer:
    """Read one layer without a plan, in a plane of its own.

    Parameters
    ----------
    source
        Shapefile, FileGDB (folder or zipped), GeoPackage, GeoJSON, FlatGeobuf, KML or GeoParquet;
        a data set in a zip file is named by going on with the path.
    role
        What the layer is, e.g. ``"ecological_red_line"``; default ``"other"``.
    table
        The table, where the source holds several.
    crs
        The CRS, only for a file that states none.
    encoding
        The encoding of a shapefile's text; default: found out and recorded.
    transformation
        To CGCS2000 with stated parameters, e.g. `spatialplan.plan.SevenParameter`; the path of a
        grid file is read against the working folder.
    accept_error_m
        In its place: coordinates are taken as CGCS2000 as they are, with this error in metres.

    Raises
    ------
    SourceError
        If the source is missing, damaged, of an unknown format, or holds several tables.
    CrsError
        If its CRS is missing, contradicted, or has no known way to CGCS2000.
    """
    path, way = Path(source), Way(transformation, "", accept_error_m)
    spec = LayerSpec(
        id=path.stem,
        title=table or path.stem,
        role=role or "other",
        path=str(path),
        table=table,
        crs=crs,
        encoding=encoding,
    )
    with hear_warnings() as heard:
        delivery = read_and_hear(spec, Path(), heard)
    delivery = settle_position(replace(delivery, way=way))
    crs_found = stated_crs(delivery)
    require_plausible(delivery, crs_found)
    bounds = _within_china(degree_bounds(delivery, crs_found))
    if bounds is None:
        raise SourceError(Fault(str(source), say("source.no_geometry")))
    return admit(
        delivery, plane=Plane.around(bounds), working_crs=zone_crs((bounds[0] + bounds[2]) / 2)
    )


def _plan_bounds(
    plan: Plan, deliveries: Mapping[str, Delivery], flows: Sequence[LayerFlow]
) -> np.ndarray:
    """Bounds in degrees of the region's layers, else of all others; never of one refused.

    Those that layers yet to be read state count only where there is no other.
    """
    found = {key: _usable_bounds(delivery) for key, delivery in deliveries.items()}
    regions = [spec.id for spec in plan.layers_with_role("region")]
    usable = {key: edges for key, edges in found.items() if edges is not None}
    chosen = [usable[key] for key in regions if key in usable] or list(usable.values())
    if not chosen:
        found = {flow.spec.id: _flow_bounds(flow) for flow in flows}
        chosen = [edges for edges in found.values() if edges is not None]
    if not chosen:
        return np.array([105.0, 35.0, 105.0, 35.0])
    sound = np.array(chosen)
    return np.concatenate([sound[:, :2].min(axis=0), sound[:, 2:].max(axis=0)])


def _flow_bounds(flow: LayerFlow) -> np.ndarray | None:
    """Bounds that a file states, or those of its first features; None where it has none."""
    if flow.bounds is not None:
        return _within_china(flow.bounds)
    first = next(read_layer_batches(flow, size=FIRST_FEATURES), None)
    try:
        return _usable_bounds(settle_position(first)) if isinstance(first, Delivery) else None
    except SpatialplanError:
        return None


def _usable_bounds(delivery: Delivery) -> np.ndarray | None:
    """Bounds in degrees within China's extent; None for what the gate refuses, with its reason."""
    try:
        crs = stated_crs(delivery)
        require_plausible(delivery, crs)
    except SpatialplanError:
        return None
    return _within_china(degree_bounds(delivery, crs))


def _within_china(bounds: np.ndarray) -> np.ndarray | None:
    """Clip bounds, which single strays may stretch, to China's extent; None if there are none."""
    west, south, east, north = CHINA_DEGREES
    if not np.isfinite(bounds).all():
        return None
    return np.asarray(np.clip(bounds, [west, south, west, south], [east, north, east, north]))


def _working_crs(plan: Plan, bounds: np.ndarray) -> CRS:
    if plan.header.crs is None:
        return zone_crs((bounds[0] + bounds[2]) / 2)
    where = "plan.toml [plan.crs]"
    crs = require_known_datum(parse_crs(plan.header.crs, where=where), where=where)
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        raise CrsError(Fault(where, say("crs.not_projected", found=plan.header.crs)))
    return crs
