"""Tables read piece by piece: vector formats as a stream of Arrow, GeoParquet by row groups.

Layers and sites that are read in pieces are all read here, as reading the table whole gives them:

- rows keep their order and number: records that a shapefile marks as deleted are none;
- text is decoded alike, curves are drawn as straight edges;
- a feature whose geometry is damaged is there without it, and named;
- rows that cannot be read are a piece with the reason. Where the format lets one go on behind them
  the rest is read: GeoParquet from row group to row group, of a stream nothing more;
- so are rows that the table states and the library leaves out without a word.

Memory is that of a few pieces, however large a row group is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pyproj import CRS

from spatialplan.errors import Fault, SourceError
from spatialplan.files.damage import UNREADABLE, say_damage
from spatialplan.files.dbase import parse_table
from spatialplan.files.encodings import Encoding
from spatialplan.files.opening.counts import count_rows
from spatialplan.files.parquet import (
    described_schema,
    is_parquet,
    read_description,
    stream_parquet,
)
from spatialplan.files.sources import Place, read_part
from spatialplan.files.streaming.pieces import (
    SINGLE_KINDS,
    WKB,
    Extract,
    GroupReader,
    Piece,
    VectorReader,
)
from spatialplan.files.table_access import TableAccess, find_access
from spatialplan.messages import say

__all__ = ["StreamedTable", "open_table"]

PARQUET, SHAPEFILE, GEOPACKAGE = "Parquet", "ESRI Shapefile", "GPKG"

Span = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ParquetAccess:
    """How GeoParquet keeps a table's geometry: in which column, and as what."""

    shape: str
    encoding: str


@dataclass(frozen=True, slots=True)
class StreamedTable:
    """A table that is read piece by piece; picklable.

    Attributes
    ----------
    columns
        Names of its fields, decoded; without geometry and the boxes beside it.
    bounds
        West, south, east, north in its CRS as the file states them; None where it does not.
    groups
        How many rows each part has that can be read apart from the others: the row groups of
        GeoParquet; any other format is one stream.
    """

    place: Place
    driver: str
    columns: tuple[str, ...]
    crs: CRS | None
    bounds: tuple[float, ...] | None
    groups: tuple[int, ...]
    access: TableAccess | ParquetAccess

    @property
    def file(self) -> Path:
        """The file it lies in."""
        return self.place.file

    @property
    def count(self) -> int:
        """How many rows it has, as far as the format says."""
        return sum(self.groups)

    @property
    def spans(self) -> tuple[Span, ...]:
        """Parts that can be read apart, as numbers of `groups`; one at least."""
        return tuple((number,) for number in range(len(self.groups))) or ((),)

    @property
    def is_plain_parquet(self) -> bool:
        """Whether it is a GeoParquet file on disk whose geometry is WKB."""
        is_wkb = isinstance(self.access, ParquetAccess) and self.access.encoding == WKB
        return is_wkb and not self.place.inside

    def span_rows(self, span: Span) -> int:
        """How many rows a span has."""
        return sum(self.groups[number] for number in span)

    def read(
        self,
        columns: Sequence[str],
        *,
        size: int,
        spans: Sequence[Span] | None = None,
        first_row: int = 0,
        geometry: bool = True,
    ) -> Iterator[Piece]:
        """Read rows with some columns, in pieces of at most `size`; of no rows, one empty piece.

        Parameters
        ----------
        spans
            Which parts, one behind the other; default: all.
        first_row
            Row of the first.
        """
        wanted = tuple(name for name in self.columns if name in columns)
        row = first_row
        with ExitStack() as opened:
            reader = self._reader(Extract(wanted, geometry, size, self.crs), opened)
            for span in self.spans if spans is None else spans:
                yield from self._read_span(span, reader, row)
                row += self.span_rows(span)

    def _reader(self, extract: Extract, opened: ExitStack) -> VectorReader | GroupReader:
        """Return what reads spans; a Parquet file stays open from one to the next."""
        place, access = self.place, self.access
        if isinstance(access, TableAccess):
            return VectorReader(place, access, extract)
        source = cache(lambda: opened.enter_context(stream_parquet(place.file, place.inside)))
        return GroupReader(source, access.shape, access.encoding, extract)

    def _read_span(
        self, span: Span, reader: VectorReader | GroupReader, first_row: int
    ) -> Iterator[Piece]:
        row, end = first_row, first_row + self.span_rows(span)
        try:
            for rows in reader.rows(span):
                if len(rows) or not self.count:
                    yield self._decode(rows, reader, row)
                row += len(rows)
        except UNREADABLE as error:
            yield Piece(row, max(end - row, 0), None, say_damage(error, self.file))
            return
        if row < end:
            why = say("batched.lost", read=row - first_row, stated=end - first_row)
            yield Piece(row, end - row, None, why)

    def _decode(self, rows: Any, reader: VectorReader | GroupReader, first_row: int) -> Piece:
        try:
            return reader.decode(rows, first_row)
        except UNREADABLE as error:
            return Piece(first_row, len(rows), None, say_damage(error, self.file))


def open_table(place: Place, encoding: Encoding, where: str) -> StreamedTable:
    """Open a table to be read piece by piece.

    Raises
    ------
    SourceError
        If it has no geometry, or GeoParquet keeps it in a way that is not known.
    """
    if is_parquet(place.address):
        return _open_parquet(place, where)
    access = find_access(place, encoding, where, counted=True)
    info = access.info
    if info["geometry_type"] is None:
        raise SourceError(Fault(where, say("source.no_geometry")))
    return StreamedTable(
        place=place,
        driver=access.driver,
        columns=tuple(access.fields),
        crs=None if info["crs"] is None else CRS.from_user_input(info["crs"]),
        bounds=info["total_bounds"],
        groups=(_count_rows(place, access),),
        access=access,
    )


def _count_rows(place: Place, access: TableAccess) -> int:
    """Count the rows that GDAL is to hand out, which is not always what it says itself.

    It counts records of a shapefile that are marked as deleted and leaves them out; of a GeoPackage
    it repeats the count noted, which other programs let grow stale.
    """
    stated = max(int(access.info["features"]), 0)
    if access.driver == SHAPEFILE:
        return stated - parse_table(read_part(place.file, place.inside, ".dbf")).deleted
    if access.driver == GEOPACKAGE:
        found = count_rows(place.members, place.table)
        return stated if found is None else found
    return stated


def _open_parquet(place: Place, where: str) -> StreamedTable:
    with stream_parquet(place.file, place.inside) as source:
        schema, metadata = described_schema(source), source.metadata
    said = (schema.metadata or {}).get(b"geo")
    geometry = None if said is None else read_description(said)
    if geometry is None or geometry.name not in schema.names:
        raise SourceError(Fault(where, say("source.no_geometry")))
    encoding = str(geometry.about.get("encoding"))
    if encoding not in (WKB, *SINGLE_KINDS):
        raise SourceError(Fault(where, say("batched.encoding", found=encoding)))
    crs, box = geometry.about.get("crs", "OGC:CRS84"), geometry.about.get("bbox") or ()
    return StreamedTable(
        place=place,
        driver=PARQUET,
        columns=tuple(name for name in schema.names if name not in geometry.columns),
        crs=None if crs is None else CRS.from_user_input(crs),
        bounds=(*box[:2], *box[len(box) // 2 :][:2]) if len(box) in (4, 6) else None,
        groups=tuple(metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)),
        access=ParquetAccess(geometry.name, encoding),
    )
