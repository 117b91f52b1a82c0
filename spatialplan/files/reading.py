"""From files to layers that passed the gate."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
from pyproj import CRS

from spatialplan.crs import Plane, parse_crs, require_known_datum, zone_crs
from spatialplan.errors import CrsError, Fault, SourceError, SpatialplanError
from spatialplan.files.encodings import find_encoding
from spatialplan.files.sources import Place, find_place, hash_files
from spatialplan.findings import NotEvaluated
from spatialplan.layers import Delivery, Layer, Source, admit, degree_bounds, stated_crs
from spatialplan.messages import say
from spatialplan.plan import LayerSpec, Plan, Role

__all__ = ["Reading", "read_delivery", "read_layer", "read_layers"]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """The layers of a plan, and what kept the others out.

    `crs` is the working CRS that outputs go back to.
    """

    layers: Mapping[str, Layer]
    problems: tuple[NotEvaluated, ...]
    crs: CRS


def read_layers(plan: Plan, *, progress: Progress | None = None) -> Reading:
    """Read every layer that a plan names.

    A layer that cannot be read or is refused at the gate becomes a problem; the others are read.

    Raises
    ------
    SourceError, CrsError
        If not one layer could be used, or the working CRS is unusable.
    """
    deliveries: dict[str, Delivery] = {}
    faults: dict[str, tuple[Fault, ...]] = {}

    def fetch(spec: LayerSpec) -> Delivery | tuple[Fault, ...]:
        try:
            return read_delivery(spec, directory=plan.directory)
        except SpatialplanError as error:
            return error.faults
        finally:
            if progress:
                progress(spec.title)

    specs = list(plan.layers.values())
    with _gdal_quiet(), ThreadPoolExecutor(os.cpu_count()) as pool:
        for spec, outcome in zip(specs, pool.map(fetch, specs), strict=True):
            if isinstance(outcome, Delivery):
                deliveries[spec.id] = outcome
            else:
                faults[spec.id] = outcome
    bounds = _plan_bounds(plan, deliveries)
    crs = _working_crs(plan, bounds)
    layers: dict[str, Layer] = {}
    for key, delivery in deliveries.items():
        try:
            layers[key] = admit(delivery, plane=Plane.around(bounds), working_crs=crs)
        except SpatialplanError as error:
            faults[key] = error.faults
    if not layers:
        raise SourceError([fault for found in faults.values() for fault in found])
    problems = [
        NotEvaluated(key, say("layer.unusable", where=fault.where, reason=fault.message))
        for key in plan.layers
        for fault in faults.get(key, ())
    ]
    return Reading(layers, tuple(problems), crs)


def read_layer(
    source: str | Path,
    *,
    role: Role | None = None,
    table: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
) -> Layer:
    """Read one layer without a plan, in a plane of its own.

    Parameters
    ----------
    source
        Shapefile, FileGDB (folder or zipped), GeoPackage, GeoJSON, FlatGeobuf or GeoParquet.
    role
        What the layer is, e.g. ``"ecological_red_line"``; default ``"other"``.
    table
        The table, where the source holds several.
    crs
        The CRS, only for a file that states none.
    encoding
        The encoding of a shapefile's text; default: found out and recorded.

    Raises
    ------
    SourceError
        If the source is missing, damaged, of an unknown format, or holds several tables.
    CrsError
        If its CRS is missing, contradicted, or has no known way to CGCS2000.
    """
    path = Path(source)
    spec = LayerSpec(
        id=path.stem,
        title=table or path.stem,
        role=role or "other",
        path=str(path),
        table=table,
        crs=crs,
        encoding=encoding,
    )
    with _gdal_quiet():
        delivery = read_delivery(spec, directory=Path())
    bounds = degree_bounds(delivery, stated_crs(delivery))
    if np.isnan(bounds).any():
        raise SourceError(Fault(str(source), say("source.no_geometry")))
    return admit(
        delivery, plane=Plane.around(bounds), working_crs=zone_crs((bounds[0] + bounds[2]) / 2)
    )


def read_delivery(spec: LayerSpec, *, directory: Path) -> Delivery:
    """Read a layer's table as delivered; the file is opened read-only.

    Raises
    ------
    SourceError
        If it cannot be found, opened or decoded.
    """
    where = f"{spec.path} ({spec.title})"
    try:
        place = find_place(spec.path, directory=directory, table=spec.table, title=spec.title)
        codec, how = find_encoding(place, stated=spec.encoding)
        frame, driver = _read_table(place, codec, spec)
        sha256 = hash_files(place.file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(Fault(where, say("source.damaged", reason=reason))) from None
    except (RuntimeError, ValueError, UnicodeDecodeError, LookupError) as error:
        reason = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        raise SourceError(Fault(where, say("source.damaged", reason=reason))) from None
    source = Source(
        path=spec.path,
        driver=driver,
        table=place.table,
        encoding=f"{codec.upper()} ({how})",
        sha256=sha256,
        features=len(frame),
    )
    return Delivery(spec, frame, source)


def _read_table(place: Place, codec: str, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, str]:
    """Read the fields that the plan names, or all where it names none or one is missing."""
    options = {"encoding": codec} if place.address.lower().endswith(".shp") else {}
    info = pyogrio.read_info(place.address, layer=place.table, **options)
    wanted = [getattr(spec, key) for key in LayerSpec.model_fields if key.endswith("_field")]
    wanted = [name for name in wanted if name]
    columns = wanted if wanted and set(wanted) <= set(info["fields"]) else None
    frame = pyogrio.read_dataframe(place.address, layer=place.table, columns=columns, **options)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise ValueError("the table has no geometry")
    return frame, str(info.get("driver", ""))


@contextmanager
def _gdal_quiet() -> Iterator[None]:
    """Keep GDAL's warnings off the terminal; what they warn of, the gate judges.

    Entered once around all threads, because the filters belong to the whole process.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def _plan_bounds(plan: Plan, deliveries: Mapping[str, Delivery]) -> np.ndarray:
    """Bounds in degrees of the region's layer, else of all layers."""
    regions = [spec.id for spec in plan.layers_with_role("region")]
    chosen = [key for key in regions if key in deliveries] or list(deliveries)
    found = []
    for key in chosen:
        try:
            found.append(degree_bounds(deliveries[key], stated_crs(deliveries[key])))
        except CrsError:
            continue  # refused again, with its reason, at the gate
    sound = np.array([edges for edges in found if np.isfinite(edges).all()])
    if not len(sound):
        return np.array([105.0, 35.0, 105.0, 35.0])
    return np.concatenate([sound[:, :2].min(axis=0), sound[:, 2:].max(axis=0)])


def _working_crs(plan: Plan, bounds: np.ndarray) -> CRS:
    if plan.header.crs is None:
        return zone_crs((bounds[0] + bounds[2]) / 2)
    where = "plan.toml [plan.crs]"
    crs = require_known_datum(parse_crs(plan.header.crs, where=where), where=where)
    if not crs.is_projected:
        raise CrsError(Fault(where, say("crs.not_projected", found=plan.header.crs)))
    return crs
