"""A layer of a plan read in batches, for tables that are larger than memory.

GDAL's tables flow as Arrow record batches, in one pass whatever the format. GeoParquet is read row
group by row group, each in batches, so that a damaged row group does not hide the next.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import get_ident
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import require_known_datum
from spatialplan.errors import Fault, SourceError, SpatialplanError
from spatialplan.files.deliveries import (
    DAMAGE,
    TableAccess,
    decode_table,
    describe_source,
    find_access,
    hear_warnings,
    naming_damage,
    spec_place,
    wanted_fields,
)
from spatialplan.files.encodings import find_encoding
from spatialplan.files.opening.signatures import open_geopackage
from spatialplan.files.parquet import (
    geometry_column,
    is_parquet,
    list_parquet_fields,
    stream_parquet,
)
from spatialplan.files.sources import Place, find_place, hash_files, plain_reason
from spatialplan.layers import Delivery, Source, degree_boxes
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec, Plan, Way

__all__ = ["BATCH_FEATURES", "BrokenBatch", "LayerFlow", "open_flow", "read_layer_batches"]

# A check of 250,000 parcels with 12 million vertices took 16.1, 15.7 and 16.0 s of two processors
# in batches of 16,384, 32,768 and 65,536, and 585, 780 and 990 MB of memory.
BATCH_FEATURES = 32_768

PARQUET, SHAPEFILE, GEOPACKAGE = "Parquet", "ESRI Shapefile", "GPKG"


@dataclass(frozen=True, slots=True)
class BrokenBatch:
    """Features that could not be read: how many of the table went before, and which they are."""

    first: int
    faults: tuple[Fault, ...]
    why: Message


@dataclass(frozen=True, slots=True)
class LayerFlow:
    """A layer's table, opened and not yet read.

    Attributes
    ----------
    source
        Where it comes from; `features` as the file states them.
    way
        How its coordinates come to CGCS2000.
    bounds
        West, south, east, north in degrees as the file states them; None where it does not.
    access
        How GDAL reads it; None for GeoParquet.
    warnings
        What GDAL warned of when it was opened.
    """

    spec: LayerSpec
    place: Place
    source: Source
    way: Way
    bounds: NDArray[np.float64] | None
    access: TableAccess | None
    warnings: tuple[str, ...] = ()


def open_flow(spec: LayerSpec, plan: Plan) -> LayerFlow:
    """Open a layer's table to be read in batches; the file is opened read-only.

    Raises
    ------
    SourceError
        If it cannot be found or opened, or cannot be read in batches.
    """
    way = plan.find_way(spec.transformation, spec.accept_error_m)
    file = plan.directory / spec.path
    with naming_damage(spec, file), hear_warnings() as heard:
        place = find_place(spec.path, directory=plan.directory, table=spec.table, title=spec.title)
        encoding = find_encoding(place, stated=spec.encoding, where=spec_place(spec))
        if is_parquet(place.address):
            count, bounds = _survey_parquet(place, spec)
            driver, access = PARQUET, None
        else:
            access = find_access(place, encoding, spec)
            driver, count, bounds = access.driver, int(access.info["features"]), _bounds_in(access)
        sha256 = hash_files(place.file)
        source = describe_source(spec, place, driver, encoding, sha256, features=max(count, 0))
    said = dict.fromkeys(plain_reason(text, file) for text in heard[get_ident()])
    return LayerFlow(spec, place, source, way, bounds, access, tuple(said))


def read_layer_batches(
    flow: LayerFlow, *, size: int = BATCH_FEATURES
) -> Iterator[Delivery | BrokenBatch]:
    """Read a table's features in batches of at most `size`, in the table's order.

    A batch that is damaged comes as `BrokenBatch`. What follows it is read where the format lets
    one go on, which GeoParquet does from row group to row group.
    """
    if flow.access is None:
        yield from _read_row_groups(flow, size)
    else:
        yield from _read_arrow(flow, flow.access, size)


def _read_arrow(
    flow: LayerFlow, access: TableAccess, size: int
) -> Iterator[Delivery | BrokenBatch]:
    first = 0
    try:
        with pyogrio.open_arrow(
            flow.place.address,
            layer=flow.place.table,
            columns=access.columns,
            batch_size=size,
            use_pyarrow=True,
            **access.options,
        ) as (meta, reader):
            name = meta["geometry_name"] or "wkb_geometry"
            for batch in reader:
                yield _deliver(flow, batch, name, meta["crs"], first)
                first += batch.num_rows
            if not first:
                yield _deliver(flow, reader.schema.empty_table(), name, meta["crs"], first)
        yield from _lost_features(flow, access, first)
    except (OSError, MemoryError, *DAMAGE) as error:
        yield _broken(flow, error, first)


def _lost_features(flow: LayerFlow, access: TableAccess, read: int) -> Iterator[BrokenBatch]:
    """Find out whether GDAL left features out, as it does without a word where pages are damaged.

    Of a shapefile it hands out every record, a damaged one without a shape. A GeoPackage notes its
    count, which other programs let grow stale: it is counted anew.
    """
    stated = flow.source.features
    if read >= stated or access.driver == SHAPEFILE:
        return
    if access.driver == GEOPACKAGE:
        stated = _count_anew(flow, stated)
    if read < stated:
        why = say("batched.lost", read=read, stated=stated)
        yield BrokenBatch(read, (Fault(spec_place(flow.spec), why),), why)


def _count_anew(flow: LayerFlow, noted: int) -> int:
    """Count a GeoPackage's features; one too damaged to be counted has as many as it notes."""
    table = flow.place.table.replace('"', '""')
    try:
        with open_geopackage(flow.place.members) as connection:
            (counted,) = connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()
    except sqlite3.Error:
        return noted
    return int(counted)


def _read_row_groups(flow: LayerFlow, size: int) -> Iterator[Delivery | BrokenBatch]:
    place = flow.place
    column = geometry_column(place.file, place.inside)
    wanted = wanted_fields(flow.spec, list_parquet_fields(place.file, place.inside))
    columns = None if wanted is None else [*wanted, column["name"]]
    crs = column.get("crs", "OGC:CRS84")
    table = stream_parquet(place.file, place.inside)
    start = 0
    for group in range(table.metadata.num_row_groups):
        first, end = start, start + table.metadata.row_group(group).num_rows
        try:
            for batch in table.iter_batches(size, row_groups=[group], columns=columns):
                yield _deliver(flow, batch, column["name"], crs, first)
                first += batch.num_rows
        except (OSError, MemoryError, *DAMAGE) as error:
            yield _broken(flow, error, first, end)
        start = end
    if not start:
        nothing = table.schema_arrow.empty_table()
        chosen = nothing if columns is None else nothing.select(columns)
        yield _deliver(flow, chosen, column["name"], crs, start)


def _deliver(
    flow: LayerFlow, batch: Any, geometry: str, crs: Any, first: int
) -> Delivery | BrokenBatch:
    """Turn a record batch into a delivery; one whose shapes cannot be read is broken."""
    try:
        columns = batch.to_pandas()
        shapes = shapely.from_wkb(columns.pop(geometry).to_numpy(dtype=object))
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
        if flow.access is not None and flow.access.decode is not None:
            frame = decode_table(frame, flow.access.decode)
    except DAMAGE as error:
        return _broken(flow, error, first, first + batch.num_rows)
    source = replace(flow.source, features=len(frame))
    return Delivery(flow.spec, frame, source, flow.way, first)


def _broken(
    flow: LayerFlow, error: BaseException, first: int, last: int | None = None
) -> BrokenBatch:
    """Name the features that could not be read, all from the first on if no last one is known."""
    try:
        with naming_damage(flow.spec, flow.place.file):
            raise error
    except SpatialplanError as named:
        faults = named.faults
    reason = faults[0].message
    if last is None:
        why = say("batched.unread_rest", first=first + 1, reason=reason)
    else:
        why = say("batched.unread", first=first + 1, last=last, reason=reason)
    return BrokenBatch(first, faults, why)


def _survey_parquet(place: Place, spec: LayerSpec) -> tuple[int, NDArray[np.float64] | None]:
    column = geometry_column(place.file, place.inside)
    if column.get("encoding") != "WKB":
        found = str(column.get("encoding"))
        raise SourceError(Fault(spec_place(spec), say("batched.encoding", found=found)))
    count = stream_parquet(place.file, place.inside).metadata.num_rows
    box = column.get("bbox")
    if not box:
        return count, None
    half = len(box) // 2
    return count, _degrees([*box[:2], *box[half : half + 2]], column.get("crs", "OGC:CRS84"))


def _bounds_in(access: TableAccess) -> NDArray[np.float64] | None:
    box = access.info.get("total_bounds")
    return None if box is None else _degrees(list(box), access.info["crs"])


def _degrees(box: list[float], crs: Any) -> NDArray[np.float64] | None:
    """Return a box in degrees; None for one in a CRS that the gate would refuse."""
    if crs is None:
        return None
    try:
        known = require_known_datum(CRS.from_user_input(crs), where="")
    except (SpatialplanError, *DAMAGE):
        return None
    edges = degree_boxes(np.array([shapely.box(*box)]), known)[0]
    return edges if np.isfinite(edges).all() else None
