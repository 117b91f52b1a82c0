"""Tables read piece by piece: vector formats as a stream of Arrow, GeoParquet by row groups.

A piece that cannot be read does not stop the others where the format lets one go on behind it:
GeoParquet does; of a stream everything behind the damage is lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyarrow import parquet
from pyproj import CRS

from spatialplan.errors import Fault, SourceError
from spatialplan.files.deliveries import BYTES, DAMAGE, decode_bytes, decode_table
from spatialplan.files.encodings import Encoding
from spatialplan.files.parquet import described_schema
from spatialplan.files.sources import Place, plain_reason
from spatialplan.messages import Message, say

__all__ = ["ParquetTable", "Piece", "VectorTable", "open_table"]

UNREADABLE = (*DAMAGE, OSError, MemoryError)


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows that follow one another; `frame` is None where they could not be read, with why."""

    first_row: int
    count: int
    frame: pd.DataFrame | None
    why: Message | None = None


@dataclass(frozen=True, slots=True)
class VectorTable:
    """A table of any vector format; picklable.

    Attributes
    ----------
    columns
        Names of its fields, decoded.
    count
        How many features it holds as far as the format says.
    """

    file: Path
    address: str
    table: str
    encoding: Encoding
    driver: str
    columns: tuple[str, ...]
    crs: CRS | None
    count: int

    @property
    def spans(self) -> tuple[tuple[int, ...], ...]:
        """Parts that can be read apart from each other: this format is one stream."""
        return ((),)

    def span_rows(self, _span: tuple[int, ...]) -> int:
        """How many rows a span has."""
        return self.count

    def read(
        self,
        _span: tuple[int, ...],
        columns: Sequence[str],
        *,
        size: int,
        geometry: bool = True,
        first_row: int = 0,
    ) -> Iterator[Piece]:
        """Read rows of a span in pieces of at most `size`, with some columns."""
        decode: Callable[[str], str] = str
        if not self.encoding.is_whole:
            decode = partial(decode_bytes, codec=self.encoding.codec)
        options: dict[str, Any] = {}
        if self.address.lower().endswith(".shp"):
            options = {"encoding": self.encoding.codec if self.encoding.is_whole else BYTES}
        known = pyogrio.read_info(self.address, layer=self.table, **options)["fields"]
        wanted = [name for name in known if decode(name) in columns]
        row = first_row
        try:
            with pyogrio.raw.open_arrow(
                self.address,
                layer=self.table,
                columns=wanted,
                read_geometry=geometry,
                return_fids=not (wanted or geometry),
                batch_size=size,
                use_pyarrow=True,
                **options,
            ) as (meta, batches):
                shape = (meta["geometry_name"] or "wkb_geometry") if geometry else None
                for batch in batches:
                    frame = _frame(pa.Table.from_batches([batch]), wanted, shape, self.crs)
                    if not self.encoding.is_whole:
                        frame = decode_table(frame, decode)
                    yield Piece(row, len(frame), frame)
                    row += len(frame)
        except UNREADABLE as error:
            why = _damaged(error, self.file)
            yield Piece(row, max(first_row + self.count - row, 0), None, why)


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A GeoParquet file; picklable. `groups` are the rows of each row group."""

    file: Path
    columns: tuple[str, ...]
    crs: CRS | None
    shape: str
    groups: tuple[int, ...]
    driver: str = "Parquet"

    @property
    def count(self) -> int:
        """How many rows it holds."""
        return sum(self.groups)

    @property
    def spans(self) -> tuple[tuple[int, ...], ...]:
        """Row groups, each of which can be read by itself."""
        return tuple((number,) for number in range(len(self.groups)))

    def span_rows(self, span: tuple[int, ...]) -> int:
        """How many rows a span has."""
        return sum(self.groups[number] for number in span)

    def read(
        self,
        span: tuple[int, ...],
        columns: Sequence[str],
        *,
        size: int,
        geometry: bool = True,
        first_row: int = 0,
    ) -> Iterator[Piece]:
        """Read rows of a span in pieces of at most `size`, with some columns."""
        wanted = [name for name in self.columns if name in columns]
        shape = self.shape if geometry else None
        row, end = first_row, first_row + self.span_rows(span)
        try:
            with parquet.ParquetFile(self.file) as source:
                batches = source.iter_batches(
                    size, row_groups=list(span), columns=[*wanted, *([shape] if shape else [])]
                )
                for batch in batches:
                    frame = _frame(pa.Table.from_batches([batch]), wanted, shape, self.crs)
                    yield Piece(row, len(frame), frame)
                    row += len(frame)
        except UNREADABLE as error:
            yield Piece(row, end - row, None, _damaged(error, self.file))


def open_table(place: Place, encoding: Encoding, where: str) -> VectorTable | ParquetTable:
    """Open a table to be read piece by piece.

    Raises
    ------
    SourceError
        If it has no geometry, or GeoParquet writes it in another way than WKB.
    """
    if place.address.lower().endswith((".parquet", ".geoparquet")):
        return _open_parquet(place, where)
    options: dict[str, Any] = {}
    decode: Callable[[str], str] = str
    if place.address.lower().endswith(".shp"):
        options = {"encoding": encoding.codec if encoding.is_whole else BYTES}
    if not encoding.is_whole:
        decode = partial(decode_bytes, codec=encoding.codec)
    info = pyogrio.read_info(place.address, layer=place.table, force_feature_count=True, **options)
    if info["geometry_type"] is None:
        raise SourceError(Fault(where, say("source.no_geometry")))
    return VectorTable(
        file=place.file,
        address=place.address,
        table=place.table,
        encoding=encoding,
        driver=str(info.get("driver", "")),
        columns=tuple(decode(name) for name in info["fields"]),
        crs=None if info["crs"] is None else CRS.from_user_input(info["crs"]),
        count=int(info["features"]),
    )


def _open_parquet(place: Place, where: str) -> ParquetTable:
    if place.inside:
        raise SourceError(Fault(where, say("stream.zipped_parquet")))
    with parquet.ParquetFile(place.file) as source:
        said = (described_schema(source).metadata or {}).get(b"geo")
        if said is None:
            raise SourceError(Fault(where, say("source.no_geometry")))
        description = json.loads(said)
        shape = str(description["primary_column"])
        about = description["columns"][shape]
        if about.get("encoding") != "WKB":
            raise SourceError(Fault(where, say("stream.not_wkb", found=about.get("encoding"))))
        groups = [source.metadata.row_group(i).num_rows for i in range(source.num_row_groups)]
        others = {*description["columns"], *_boxes(description)}
        crs = about.get("crs", "OGC:CRS84")
        return ParquetTable(
            file=place.file,
            columns=tuple(name for name in source.schema_arrow.names if name not in others),
            crs=None if crs is None else CRS.from_user_input(crs),
            shape=shape,
            groups=tuple(groups),
        )


def _boxes(description: dict[str, Any]) -> set[str]:
    """Columns that hold nothing but bounding boxes."""
    coverings = [about.get("covering", {}) for about in description["columns"].values()]
    return {str(covering["bbox"]["xmin"][0]) for covering in coverings if "bbox" in covering}


def _frame(
    table: pa.Table, columns: Sequence[str], shape: str | None, crs: CRS | None
) -> pd.DataFrame:
    """Turn Arrow into a table; geometry that is no WKB becomes none, which is said of its site."""
    if not columns:
        frame = pd.DataFrame(index=range(table.num_rows))
    else:
        frame = table.select(list(columns)).to_pandas()
    if shape is None:
        return frame
    column = table.column(shape)
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks])
    texts: NDArray[np.object_] = column.to_numpy()
    shapes = shapely.from_wkb(texts, on_invalid="ignore")
    placed: pd.DataFrame = gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)
    return placed


def _damaged(error: BaseException, file: Path) -> Message:
    reason = plain_reason(str(error) or type(error).__name__, file)
    return say("source.damaged", reason=reason)
