"""From files to layers that passed the gate."""

from __future__ import annotations

import os
import warnings
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import get_ident
from typing import Any
from zipfile import BadZipFile

import geopandas as gpd
import numpy as np
import pyogrio
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype
from pyproj import CRS
from shapely.errors import ShapelyError

from spatialplan.crs import Plane, parse_crs, require_known_datum, zone_crs
from spatialplan.errors import CrsError, Fault, SourceError, SpatialplanError
from spatialplan.files.encodings import Encoding, find_encoding
from spatialplan.files.sources import Place, find_place, hash_files, plain_reason
from spatialplan.findings import NotEvaluated
from spatialplan.layers import (
    CHINA_DEGREES,
    Delivery,
    Layer,
    Source,
    admit,
    degree_bounds,
    require_plausible,
    stated_crs,
)
from spatialplan.messages import say
from spatialplan.plan import LayerSpec, Plan, Role

__all__ = ["Reading", "read_delivery", "read_layer", "read_layers"]

# What reading libraries raise on damaged bytes; pyogrio trips over an unreadable .prj (NameError).
DAMAGE = (RuntimeError, ValueError, LookupError, NameError, BadZipFile, ShapelyError, zlib.error)

Progress = Callable[[str], None]
Heard = defaultdict[int, list[str]]

# The encoding in which every byte is a character, and every character its byte.
BYTES = "ISO-8859-1"


@dataclass(frozen=True, slots=True)
class Reading:
    """The layers of a plan, and what kept the others out or leaves them without a feature.

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
            return _read_and_hear(spec, plan.directory, heard)
        except SpatialplanError as error:
            return error.faults
        finally:
            if progress:
                progress(spec.title)

    specs = list(plan.layers.values())
    with _hear_warnings() as heard, ThreadPoolExecutor(os.cpu_count()) as pool:
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
    problems += [
        NotEvaluated(key, say("layer.empty", layer=layer.spec.title, set_aside=layer.set_aside))
        for key, layer in layers.items()
        if not len(layer.frame)
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
        Shapefile, FileGDB (folder or zipped), GeoPackage, GeoJSON, FlatGeobuf or KML.
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
    with _hear_warnings() as heard:
        delivery = _read_and_hear(spec, Path(), heard)
    crs_found = stated_crs(delivery)
    require_plausible(delivery, crs_found)
    bounds = _within_china(degree_bounds(delivery, crs_found))
    if bounds is None:
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
    where, file = f"{spec.path} ({spec.title})", directory / spec.path
    try:
        place = find_place(spec.path, directory=directory, table=spec.table, title=spec.title)
        encoding = find_encoding(place, stated=spec.encoding, where=where)
        frame, driver = _read_table(place, encoding, spec)
        sha256 = hash_files(place.file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(Fault(where, say("source.damaged", reason=reason))) from None
    except DAMAGE as error:
        reason = plain_reason(str(error) or type(error).__name__, file)
        raise SourceError(Fault(where, say("source.damaged", reason=reason))) from None
    source = Source(
        path=spec.path,
        driver=driver,
        table=place.table,
        encoding=str(encoding),
        sha256=sha256,
        features=len(frame),
    )
    return Delivery(spec, frame, source)


def _read_table(place: Place, encoding: Encoding, spec: LayerSpec) -> tuple[gpd.GeoDataFrame, str]:
    """Read the fields that the plan names, or all where it names none or one is missing.

    Text that is not wholly in its encoding is read as bytes, which Latin-1 keeps, and decoded here:
    GDAL would refuse the table or drop characters without a word.
    """
    options: dict[str, str] = {}
    decode: Callable[[str], str] = str
    if place.address.lower().endswith(".shp"):
        options = {"encoding": encoding.codec if encoding.is_whole else BYTES}
    if not encoding.is_whole:
        decode = partial(_decode_bytes, codec=encoding.codec)
    info = pyogrio.read_info(place.address, layer=place.table, **options)
    fields = {decode(name): name for name in info["fields"]}
    wanted = [getattr(spec, key) for key in LayerSpec.model_fields if key.endswith("_field")]
    wanted = [name for name in wanted if name]
    columns = [fields[name] for name in wanted] if wanted and set(wanted) <= set(fields) else None
    frame = pyogrio.read_dataframe(place.address, layer=place.table, columns=columns, **options)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise ValueError("the table has no geometry")
    if not encoding.is_whole:
        frame = _decode_table(frame, decode)
    return frame, str(info.get("driver", ""))


def _decode_table(frame: gpd.GeoDataFrame, decode: Callable[[str], str]) -> gpd.GeoDataFrame:
    geometry = frame.geometry.name
    for name in frame.columns.drop(geometry):
        if not is_numeric_dtype(frame[name]) and not is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].map(decode, na_action="ignore")
    return frame.rename(columns={name: decode(name) for name in frame.columns if name != geometry})


def _decode_bytes(text: str, codec: str) -> str:
    return text.encode(BYTES).decode(codec, "replace")


@contextmanager
def _hear_warnings() -> Iterator[Heard]:
    """Keep GDAL's warnings off the terminal, and note them by the thread that they came up in.

    Entered once around all threads, because the filters belong to the whole process.
    """
    heard: Heard = defaultdict(list)
    with warnings.catch_warnings():
        warnings.simplefilter("always", RuntimeWarning)
        warnings.simplefilter("always", UserWarning)
        # What numpy says of coordinates that are no numbers; the gate sets them aside.
        warnings.filterwarnings("ignore", ".* encountered in ", RuntimeWarning)
        shown = warnings.showwarning

        def note(message: Warning | str, category: type[Warning], *place: Any, **also: Any) -> None:
            if issubclass(category, RuntimeWarning | UserWarning):
                heard[get_ident()].append(str(message))
            else:
                shown(message, category, *place, **also)

        warnings.showwarning = note
        yield heard


def _read_and_hear(spec: LayerSpec, directory: Path, heard: Heard) -> Delivery:
    """Read a delivery, and carry what this thread was warned of while reading it."""
    heard[get_ident()].clear()
    delivery = read_delivery(spec, directory=directory)
    file = directory / spec.path
    said = dict.fromkeys(plain_reason(text, file) for text in heard[get_ident()])
    return replace(delivery, source=replace(delivery.source, warnings=tuple(said)))


def _plan_bounds(plan: Plan, deliveries: Mapping[str, Delivery]) -> np.ndarray:
    """Bounds in degrees of the region's layers, else of all others; never of one refused."""
    found = {key: _usable_bounds(delivery) for key, delivery in deliveries.items()}
    regions = [spec.id for spec in plan.layers_with_role("region")]
    usable = {key: edges for key, edges in found.items() if edges is not None}
    chosen = [usable[key] for key in regions if key in usable] or list(usable.values())
    if not chosen:
        return np.array([105.0, 35.0, 105.0, 35.0])
    sound = np.array(chosen)
    return np.concatenate([sound[:, :2].min(axis=0), sound[:, 2:].max(axis=0)])


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
