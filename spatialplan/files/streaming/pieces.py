"""Rows as Arrow hands them out, turned into pieces of a table with geometry and readable text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.files.sources import Place
from spatialplan.files.table_access import TableAccess, decode_table
from spatialplan.messages import Message, say

__all__ = ["SINGLE_KINDS", "WKB", "Extract", "GroupReader", "Piece", "VectorReader"]

# How GeoParquet may keep geometry: as WKB, or as the numbers of one kind of geometry.
WKB = "WKB"
SINGLE_KINDS = ("point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon")

Texts = NDArray[np.object_]
Rows = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows that follow one another.

    Attributes
    ----------
    frame
        With geometry where that was asked for; None where the rows could not be read, with why.
    straightened
        Which of them, from 0, were curves and are drawn as straight edges.
    damaged
        Which of them have a geometry that cannot be read, and therefore none.
    """

    first_row: int
    count: int
    frame: pd.DataFrame | None
    why: Message | None = None
    straightened: Rows = ()
    damaged: Rows = ()

    @property
    def warnings(self) -> tuple[Message, ...]:
        """What is to be said of rows whose geometry is damaged."""
        if not self.damaged:
            return ()
        first = self.first_row + self.damaged[0] + 1
        return (say("batched.damaged_geometry", count=len(self.damaged), first=first),)


@dataclass(frozen=True, slots=True)
class Extract:
    """What is read of a table: some columns, with or without geometry, in some CRS.

    `size` is how many rows are read at once at most.
    """

    columns: tuple[str, ...]
    geometry: bool
    size: int
    crs: CRS | None


@dataclass(frozen=True, slots=True)
class VectorReader:
    """Reads a table that GDAL opens."""

    place: Place
    access: TableAccess
    extract: Extract

    @property
    def _fields(self) -> list[str]:
        return [self.access.fields[name] for name in self.extract.columns]

    def rows(self, _span: tuple[int, ...]) -> Iterator[pa.Table]:
        """Yield numbers of features, then fields, then geometry; in the end no row."""
        with pyogrio.open_arrow(
            self.place.address,
            layer=self.place.table,
            columns=self._fields,
            read_geometry=self.extract.geometry,
            return_fids=True,
            batch_size=self.extract.size,
            use_pyarrow=True,
            **self.access.options,
        ) as (_, batches):
            yield from _tables(batches, batches.schema)

    def decode(self, rows: pa.Table, first_row: int) -> Piece:
        """Return rows as a piece; what it raises is damage of these rows alone."""
        fields = rows.select(range(1, 1 + len(self.extract.columns)))
        fields.validate(full=True)
        frame = fields.to_pandas()
        if self.access.decode is not None:
            frame = decode_table(frame, self.access.decode)
        if not self.extract.geometry:
            return Piece(first_row, len(frame), frame)
        return _place(
            frame,
            self._texts(rows.select([rows.num_columns - 1]), first_row),
            self.extract.crs,
            first_row=first_row,
            straighten=partial(self._straighten, rows.column(0).to_numpy()),
        )

    def _texts(self, shapes: pa.Table, first_row: int) -> Texts:
        """Return geometry as WKB.

        GDAL 3.12 loses count of a FlatGeobuf's bytes around a geometry that is missing; by way of
        features instead of Arrow it does not.
        """
        try:
            shapes.validate(full=True)
            texts: Texts = shapes.column(0).to_numpy()
        except pa.ArrowInvalid:
            texts = self._read_again(skip_features=first_row, max_features=len(shapes))
        return texts

    def _straighten(self, numbers: NDArray[np.int64], rows: list[int]) -> Texts:
        """Read some features once more, in the way in which GDAL makes curves straight edges."""
        return self._read_again(fids=numbers[rows])

    def _read_again(self, **which: Any) -> Texts:
        """Read the geometry of some features by way of features."""
        read = pyogrio.raw.read(self.place.address, layer=self.place.table, columns=[], **which)
        texts: Texts = read[2]
        return texts


@dataclass(frozen=True, slots=True)
class GroupReader:
    """Reads row groups of GeoParquet.

    Attributes
    ----------
    source
        Returns the open file.
    shape, encoding
        In which column geometry is, and as what: `WKB`, or one of `SINGLE_KINDS`.
    """

    source: Callable[[], Any]
    shape: str
    encoding: str
    extract: Extract

    def rows(self, span: tuple[int, ...]) -> Iterator[pa.Table]:
        """Yield the columns, geometry among them; in the end no row."""
        source, extract = self.source(), self.extract
        wanted = [*extract.columns, *([self.shape] if extract.geometry else [])]
        batches = source.iter_batches(extract.size, row_groups=list(span), columns=wanted)
        yield from _tables(batches, pa.schema(map(source.schema_arrow.field, wanted)))

    def decode(self, rows: pa.Table, first_row: int) -> Piece:
        """Return rows as a piece; what it raises is damage of these rows alone."""
        rows.validate(full=True)
        # What pandas noted of itself there would make a column of ids its index.
        frame = rows.select(list(self.extract.columns)).to_pandas(ignore_metadata=True)
        if not self.extract.geometry:
            return Piece(first_row, len(frame), frame)
        texts = _unpack(rows.column(self.shape), self.encoding)
        return _place(frame, texts, self.extract.crs, first_row=first_row)


def _tables(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield batches as tables, and behind them one that is empty: a table may hold nothing."""
    return chain((pa.Table.from_batches([batch]) for batch in batches), [schema.empty_table()])


def _unpack(column: pa.ChunkedArray, encoding: str) -> Texts:
    """Return the geometry of a column of GeoParquet as WKB."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind)
    if encoding == WKB:
        whole: Texts = column.to_numpy()
        return whole
    texts, known = np.full(len(column), None, dtype=object), column.is_valid().to_numpy()
    if known.any():  # shapely trips over lines of which none is there
        named = pa.field("shape", kind, metadata={"ARROW:extension:name": f"geoarrow.{encoding}"})
        rows = pa.table([column.drop_null()], schema=pa.schema([named]))
        texts[known] = gpd.GeoDataFrame.from_arrow(rows).geometry.to_wkb()
    return texts


def _place(
    frame: pd.DataFrame,
    texts: Texts,
    crs: CRS | None,
    *,
    first_row: int,
    straighten: Callable[[list[int]], Texts] | None = None,
) -> Piece:
    """Give rows their geometry, of WKB; `straighten` reads that of some rows as straight edges."""
    curved: list[int] = []
    try:
        shapes = shapely.from_wkb(texts, on_invalid="ignore")
    except NotImplementedError:
        if straighten is None:
            raise
        curved = [row for row, text in enumerate(texts) if _is_curved(text)]
        texts = texts.copy()
        texts[curved] = straighten(curved)
        shapes = shapely.from_wkb(texts, on_invalid="ignore")
    missing = np.flatnonzero(shapely.is_missing(shapes))
    return Piece(
        first_row=first_row,
        count=len(frame),
        frame=gpd.GeoDataFrame(frame, geometry=shapes, crs=crs),
        straightened=tuple(curved),
        damaged=tuple(row for row in missing.tolist() if texts[row]),
    )


def _is_curved(text: bytes) -> bool:
    try:
        shapely.from_wkb(text, on_invalid="ignore")
    except NotImplementedError:
        return True
    return False
