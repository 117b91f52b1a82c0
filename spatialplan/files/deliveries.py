"""One table as it was delivered: read-only, decoded, with what the format's reader warned of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from threading import get_ident
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray

from spatialplan.crs import from_degrees, parse_crs, require_known_datum
from spatialplan.errors import Fault, SourceError, SpatialplanError
from spatialplan.files.damage import Heard, naming_damage
from spatialplan.files.encodings import Encoding, find_encoding
from spatialplan.files.opening.archives import readable_name
from spatialplan.files.opening.counts import index_is_whole
from spatialplan.files.parquet import is_parquet, list_parquet_fields, read_parquet
from spatialplan.files.sources import Place, find_place, hash_files, hash_unchanged, plain_reason
from spatialplan.files.streaming.tables import open_table
from spatialplan.files.table_access import decode_table, find_access
from spatialplan.layers import Delivery, Source
from spatialplan.plan import LayerSpec

__all__ = [
    "describe_source",
    "read_and_hear",
    "read_delivery",
    "spec_place",
    "wanted_fields",
]

# Features held at once while those near a place are looked for, where no index tells.
NEAR_ROWS = 20_000

# A box of meridians and parallels is bowed in a projection; so much wider, it holds all of it.
BOX_MARGIN = 0.02


def read_delivery(
    spec: LayerSpec, *, directory: Path, near: NDArray[np.float64] | None = None
) -> Delivery:
    """Read a layer's table as delivered; the file is opened read-only.

    With `near` (west, south, east, north; degrees) only features whose box meets it are read.

    Raises
    ------
    SourceError
        If it cannot be found, opened or decoded.
    """
    where = spec_place(spec)
    with naming_damage(where, directory / spec.path):
        place = find_place(spec.path, directory=directory, table=spec.table, title=spec.title)
        encoding = find_encoding(place, stated=spec.encoding, where=where)
        frame, driver = _read_table(place, encoding, spec, near)
        sha256 = hash_files(place.file) if near is None else hash_unchanged(place.file)
        source = describe_source(spec, place, driver, encoding, sha256, features=len(frame))
    return Delivery(spec, frame, source)


def spec_place(spec: LayerSpec) -> str:
    """Return how faults name a layer's place."""
    return f"{spec.path} ({spec.title})"


def describe_source(
    spec: LayerSpec, place: Place, driver: str, encoding: Encoding, sha256: str, *, features: int
) -> Source:
    """Return where a layer comes from, with the hash of its file."""
    return Source(
        path=spec.path,
        driver=driver,
        table=readable_name(place.table) if place.inside else place.table,
        encoding=str(encoding),
        sha256=sha256,
        features=features,
    )


def _read_table(
    place: Place, encoding: Encoding, spec: LayerSpec, near: NDArray[np.float64] | None
) -> tuple[gpd.GeoDataFrame, str]:
    if near is not None and not _has_index(place):
        return _read_through(place, encoding, spec, near)
    if is_parquet(place.address):
        wanted = wanted_fields(spec, list_parquet_fields(place.file, place.inside))
        return read_parquet(place.file, place.inside, wanted), "Parquet"
    access = find_access(place, encoding, spec_place(spec))
    wanted = wanted_fields(spec, access.fields)
    frame = pyogrio.read_dataframe(
        place.address,
        layer=place.table,
        columns=None if wanted is None else [access.fields[name] for name in wanted],
        bbox=_box_in(access.info["crs"] or spec.crs, near),
        # A GeoPackage notes its count, which other programs let grow stale; a condition has it
        # counted.
        where="1 = 1" if access.driver == "GPKG" else None,
        **access.options,
    )
    if not isinstance(frame, gpd.GeoDataFrame):
        raise ValueError("the table has no geometry")
    if access.decode is not None:
        frame = decode_table(frame, access.decode)
    return frame, access.driver


def _has_index(place: Place) -> bool:
    """Tell whether features near a place can be found without reading all, and none is missed."""
    return not is_parquet(place.address) and index_is_whole(place.members, place.table)


def _read_through(
    place: Place, encoding: Encoding, spec: LayerSpec, near: NDArray[np.float64]
) -> tuple[gpd.GeoDataFrame, str]:
    """Read a table from end to end, and keep only what lies near a place."""
    where = spec_place(spec)
    table = open_table(place, encoding, where)
    box = _box_in(table.crs or spec.crs, near)
    wanted = wanted_fields(spec, table.columns) or table.columns
    kept: list[pd.DataFrame] = []
    for piece in table.read(wanted, size=NEAR_ROWS):
        faults = [piece.why] if piece.why else piece.warnings
        if faults:  # what cannot be read may lie near the place
            raise SourceError(Fault(where, message) for message in faults)
        frame = gpd.GeoDataFrame(piece.frame)
        rows = range(len(frame)) if box is None else frame.sindex.query(shapely.box(*box))
        if len(rows) or not kept:
            kept.append(frame.iloc[np.sort(rows)])
    return gpd.GeoDataFrame(pd.concat(kept, ignore_index=True)), table.driver


def wanted_fields(spec: LayerSpec, known: Collection[str]) -> list[str] | None:
    """Return the fields that the plan names; None for all where it names none or one is missing."""
    named = [getattr(spec, key) for key in LayerSpec.model_fields if key.endswith("_field")]
    wanted = [str(name) for name in named if name]
    return wanted if wanted and set(wanted) <= set(known) else None


def _box_in(crs: Any, near: NDArray[np.float64] | None) -> tuple[float, float, float, float] | None:
    """Return a box in degrees as one in a table's CRS, generously; None where that is unknown."""
    if near is None or crs is None:
        return None
    west, south, east, north = near
    along = np.linspace(0, 1, 9)
    longitude, latitude = np.meshgrid(west + along * (east - west), south + along * (north - south))
    degrees = np.column_stack([longitude.ravel(), latitude.ravel()])
    try:
        points = from_degrees(degrees, require_known_datum(parse_crs(crs, where=""), where=""))
    except SpatialplanError:
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    margin = BOX_MARGIN * (high - low)
    return (*(low - margin), *(high + margin))


def read_and_hear(
    spec: LayerSpec, directory: Path, heard: Heard, near: NDArray[np.float64] | None = None
) -> Delivery:
    """Read a delivery, and carry what this thread was warned of while reading it."""
    heard[get_ident()].clear()
    delivery = read_delivery(spec, directory=directory, near=near)
    file = directory / spec.path
    said = dict.fromkeys(plain_reason(text, file) for text in heard[get_ident()])
    return replace(delivery, source=replace(delivery.source, warnings=tuple(said)))
