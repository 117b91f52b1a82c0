"""A flow of sites in ranges that each lie close together, for workers that each read some.

GeoParquet whose row groups are fit for that is read where it lies. Anything else is written anew,
sorted along a Hilbert curve, with what is needed of it only. Ids stay those of the file delivered:
the copy keeps the row that each site had.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pyarrow as pa
from pyarrow import parquet

from spatialplan.errors import Fault, SourceError
from spatialplan.files.damage import UNREADABLE
from spatialplan.files.encodings import find_encoding
from spatialplan.files.hilbert_order import SOURCE_ROW, write_sorted
from spatialplan.files.partitions import is_partitioned
from spatialplan.files.sources import find_place
from spatialplan.files.streaming.site_flows import Origin, SiteFlow, SiteRange
from spatialplan.files.streaming.tables import open_table
from spatialplan.messages import say
from spatialplan.sites import Numbering

__all__ = ["partition_flow"]

PLAIN, SORTED = "plain.parquet", "sorted.parquet"


def partition_flow(flow: SiteFlow, folder: Path) -> tuple[SiteRange, ...]:
    """Return a file of sites in ranges that lie close together each.

    A GeoParquet file that is damaged is cut as it stands: what can be read of it is judged, the
    rest named.

    Parameters
    ----------
    flow
        Of at least one site.
    folder
        For a sorted copy, on a disk that all workers see; it is read as long as they work.

    Raises
    ------
    SourceError
        If a file of another format is damaged.
    """
    origin = flow.ranges[0].origin
    table, copy = origin.table, folder / SORTED
    if not table.is_plain_parquet:
        _write_plain(origin, folder / PLAIN)
        write_sorted(folder / PLAIN, copy, rows=origin.size)
        (folder / PLAIN).unlink()
        return tuple(_cut(flow, copy))
    try:
        if not is_partitioned(table.file, rows=origin.size):
            write_sorted(table.file, copy, rows=origin.size, columns=origin.columns)
            return tuple(_cut(flow, copy))
    except UNREADABLE:
        copy.unlink(missing_ok=True)
    place = replace(table.place, file=table.file.resolve())
    here = replace(origin, table=replace(table, place=place))
    return tuple(replace(part, origin=here) for part in flow.ranges)


def _write_plain(origin: Origin, target: Path) -> None:
    """Write a file of any format as GeoParquet, in its order."""
    writer: parquet.ParquetWriter | None = None
    try:
        for table in _read_tables(origin):
            writer = writer or parquet.ParquetWriter(target, table.schema)
            writer.write_table(table.cast(writer.schema))
    finally:
        if writer is not None:
            writer.close()


def _read_tables(origin: Origin) -> Iterator[pa.Table]:
    for piece in origin.table.read(origin.columns, size=origin.size):
        if piece.frame is None:
            message = say("cluster.damaged_source", reason=piece.why or "")
            raise SourceError(Fault(origin.source.path, message))
        frame = gpd.GeoDataFrame(piece.frame)
        table = pa.table(frame.to_arrow(index=False, geometry_encoding="WKB"))
        yield table.replace_schema_metadata({b"geo": _describe(frame)})


def _describe(frame: gpd.GeoDataFrame) -> bytes:
    """Return what GeoParquet says of a table's geometry."""
    about = {"encoding": "WKB", "geometry_types": []}
    crs = None if frame.crs is None else frame.crs.to_json_dict()
    name = frame.geometry.name
    said = {"version": "1.1.0", "primary_column": name, "columns": {name: {**about, "crs": crs}}}
    return json.dumps(said).encode()


def _cut(flow: SiteFlow, copy: Path) -> Iterator[SiteRange]:
    """Make a range of every row group of a sorted copy."""
    origin = flow.ranges[0].origin
    place = find_place(copy.name, directory=copy.parent.resolve(), table=None, title="")
    table = open_table(place, find_encoding(place, stated=None, where=""), "")
    columns = (*origin.columns, SOURCE_ROW)
    own = replace(origin, table=table, columns=columns, row_column=SOURCE_ROW)
    given = {row: entry for part in flow.ranges for row, entry in part.numbering.given.items()}
    numbering, row = replace(flow.ranges[0].numbering, given=given), 0
    for number, count in enumerate(table.groups):
        known = _numbering_of(numbering, copy, number)
        yield SiteRange(own, ((number,),), number, row, count, known)
        row += count


def _numbering_of(numbering: Numbering, copy: Path, group: int) -> Numbering:
    """Return what of a numbering concerns the rows of a row group."""
    if not numbering.given:
        return numbering
    with parquet.ParquetFile(copy) as file:
        rows: Sequence[int] = file.read_row_group(group, columns=[SOURCE_ROW])[0].to_pylist()
    return replace(
        numbering, given={row: numbering.given[row] for row in rows if row in numbering.given}
    )
