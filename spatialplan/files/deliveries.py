"""One table as it was delivered: read-only, decoded, with what the format's reader warned of."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import get_ident
from typing import Any, TypeVar
from zipfile import BadZipFile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from numpy.typing import NDArray
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype
from pyarrow import ArrowException
from shapely.errors import ShapelyError

from spatialplan.crs import from_degrees, parse_crs, require_known_datum
from spatialplan.errors import Fault, SourceError, SpatialplanError
from spatialplan.files.encodings import Encoding, find_encoding
from spatialplan.files.opening.archives import readable_name
from spatialplan.files.opening.counts import index_is_whole
from spatialplan.files.opening.signatures import require_driver
from spatialplan.files.parquet import is_parquet, list_parquet_fields, read_parquet
from spatialplan.files.sources import Place, find_place, hash_files, hash_unchanged, plain_reason
from spatialplan.layers import Delivery, Source
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec

__all__ = [
    "DAMAGE",
    "UNREADABLE",
    "Heard",
    "TableAccess",
    "decode_bytes",
    "decode_table",
    "describe_source",
    "find_access",
    "hear_warnings",
    "naming_damage",
    "read_and_hear",
    "read_delivery",
    "say_damage",
    "spec_place",
    "wanted_fields",
]

# What reading libraries raise on damaged bytes; pyogrio trips over an unreadable .prj (NameError).
DAMAGE = (
    *(RuntimeError, ValueError, LookupError, NameError, EOFError, OverflowError),
    *(ArrowException, BadZipFile, ShapelyError, struct.error, zlib.error),
)

# With that, whatever keeps bytes from being read.
UNREADABLE = (*DAMAGE, OSError, MemoryError)

Heard = defaultdict[int, list[str]]

Table = TypeVar("Table", bound=pd.DataFrame)

# A box of meridians and parallels is bowed in a projection; so much wider, it holds all of it.
BOX_MARGIN = 0.02

# The encoding in which every byte is a character, and every character its byte.
BYTES = "ISO-8859-1"


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


@contextmanager
def naming_damage(where: str, file: Path) -> Iterator[None]:
    """Turn whatever reading libraries raise on a file's damaged bytes into a `SourceError`."""
    try:
        yield
    except UNREADABLE as error:
        raise SourceError(Fault(where, say_damage(error, file))) from None


def say_damage(error: BaseException, file: Path) -> Message:
    """Say why a file cannot be read, by one of the errors in `UNREADABLE`."""
    if isinstance(error, MemoryError):
        return say("hostile.no_memory")
    if isinstance(error, OSError) and error.strerror:
        return say("source.damaged", reason=error.strerror)
    return say("source.damaged", reason=plain_reason(str(error) or type(error).__name__, file))


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


@dataclass(frozen=True, slots=True)
class TableAccess:
    """How GDAL is to read a table.

    Attributes
    ----------
    fields
        Its fields, decoded, and how the file spells each.
    options
        For pyogrio.
    decode
        For text that is read as bytes; None where GDAL decodes it.
    info
        What pyogrio says of the table.
    """

    driver: str
    fields: Mapping[str, str]
    options: Mapping[str, str]
    decode: Callable[[str], str] | None
    info: Mapping[str, Any]


def find_access(
    place: Place, encoding: Encoding, where: str, *, counted: bool = False
) -> TableAccess:
    """Find out how a table is to be read; `counted`: features are counted where none are stated.

    Text that is not wholly in its encoding is read as bytes, which Latin-1 keeps, and decoded here:
    GDAL would refuse the table or drop characters without a word.
    """
    options: dict[str, str] = {}
    decode: Callable[[str], str] | None = None
    if place.address.lower().endswith(".shp"):
        options = {"encoding": encoding.codec if encoding.is_whole else BYTES}
    if not encoding.is_whole:
        decode = partial(decode_bytes, codec=encoding.codec)
    info = pyogrio.read_info(
        place.address, layer=place.table, force_feature_count=counted, **options
    )
    driver = str(info.get("driver", ""))
    require_driver(driver, place.suffix, where)
    fields = {decode(name) if decode else str(name): str(name) for name in info["fields"]}
    return TableAccess(driver, fields, options, decode, info)


def _read_table(
    place: Place, encoding: Encoding, spec: LayerSpec, near: NDArray[np.float64] | None
) -> tuple[gpd.GeoDataFrame, str]:
    if is_parquet(place.address):
        return _read_parquet(place, spec, near)
    access = find_access(place, encoding, spec_place(spec))
    wanted = wanted_fields(spec, access.fields)
    if near is not None and not index_is_whole(place.members, place.table):
        near = None
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


def wanted_fields(spec: LayerSpec, known: Collection[str]) -> list[str] | None:
    """Return the fields that the plan names; None for all where it names none or one is missing."""
    named = [getattr(spec, key) for key in LayerSpec.model_fields if key.endswith("_field")]
    wanted = [str(name) for name in named if name]
    return wanted if wanted and set(wanted) <= set(known) else None


def _read_parquet(
    place: Place, spec: LayerSpec, near: NDArray[np.float64] | None
) -> tuple[gpd.GeoDataFrame, str]:
    wanted = wanted_fields(spec, list_parquet_fields(place.file, place.inside))
    frame = read_parquet(place.file, place.inside, wanted)
    box = _box_in(frame.crs or spec.crs, near)
    if box is not None:
        frame = frame.iloc[frame.sindex.query(shapely.box(*box))].sort_index()
    return frame.reset_index(drop=True), "Parquet"


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


def decode_table(frame: Table, decode: Callable[[str], str]) -> Table:
    """Decode the text of a table, with or without geometry, and the names of its fields."""
    fields = [name for name in frame.columns if frame[name].dtype != "geometry"]
    for name in fields:
        if not is_numeric_dtype(frame[name]) and not is_datetime64_any_dtype(frame[name]):
            frame[name] = frame[name].map(
                lambda value: decode(value) if isinstance(value, str) else value
            )
    return frame.rename(columns={name: decode(name) for name in fields})


def decode_bytes(text: str, codec: str) -> str:
    """Decode text that was read as bytes, each a character; what is not in `codec` is marked."""
    return text.encode(BYTES).decode(codec, "replace")


@contextmanager
def hear_warnings() -> Iterator[Heard]:
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


def read_and_hear(
    spec: LayerSpec, directory: Path, heard: Heard, near: NDArray[np.float64] | None = None
) -> Delivery:
    """Read a delivery, and carry what this thread was warned of while reading it."""
    heard[get_ident()].clear()
    delivery = read_delivery(spec, directory=directory, near=near)
    file = directory / spec.path
    said = dict.fromkeys(plain_reason(text, file) for text in heard[get_ident()])
    return replace(delivery, source=replace(delivery.source, warnings=tuple(said)))
