"""What can still be read of a damaged table: record by record, with every one that is lost named.

Checking and screening never use this: a table with holes would make a site look clear. It is for
inspecting a delivery, and for repairing it on request.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from spatialplan.errors import Fault, SourceError
from spatialplan.files.damage import DAMAGE
from spatialplan.files.encodings import Encoding, settle_encoding
from spatialplan.files.opening.counts import is_view
from spatialplan.files.opening.signatures import DRIVERS, require_genuine
from spatialplan.files.salvaging.damaged_databases import (
    announced_objects,
    list_objects,
    list_rows,
    most_records,
)
from spatialplan.files.salvaging.damaged_flatgeobufs import cut_flatgeobuf
from spatialplan.files.salvaging.damaged_geojson import read_geojson
from spatialplan.files.salvaging.damaged_kml import KML_CRS, read_kml
from spatialplan.files.salvaging.damaged_shapefiles import cut_shapefile
from spatialplan.files.salvaging.records import (
    ENDED,
    Complaints,
    LostRecord,
    Record,
    hear_complaints,
    open_address,
    read_each,
    read_pieces,
)
from spatialplan.files.sources import Place, find_damaged, find_table, hash_files, plain_reason
from spatialplan.files.table_access import decode_bytes
from spatialplan.layers import Delivery, Source
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec

__all__ = ["LostRecord", "Salvaged", "salvage_table"]

# Records that a warning names by number.
MOST_NAMED = 20
UTF8 = Encoding("UTF-8", "format")


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What was read of a table, and what was not.

    Attributes
    ----------
    delivery
        The records that could be read, in the order of the file; what was lost is among its
        source's warnings too.
    numbers
        Of every row of the delivery, its record's number in the file: from 1, or its own id (fid
        of a GeoPackage, OBJECTID of a FileGDB), int64[n].
    lost
        The others, with the reason; deleted records are not among them.
    """

    delivery: Delivery
    numbers: np.ndarray[Any, np.dtype[np.int64]]
    lost: tuple[LostRecord, ...]

    @property
    def lost_count(self) -> int:
        """How many records are known to be lost; there may be more where an entry counts 0."""
        return sum(one.count for one in self.lost)


@dataclass(frozen=True, slots=True)
class _Found:
    """Records in the order of the file, the fields that the table declares, its CRS, its text."""

    records: Sequence[Record | LostRecord]
    fields: Sequence[str]
    crs: str
    encoding: Encoding
    table: str


def salvage_table(spec: LayerSpec, *, directory: Path) -> Salvaged:
    """Read a damaged table record by record; the file is opened read-only.

    Parameters
    ----------
    spec
        The layer; all of its table's fields are read.
    directory
        The folder that the path is read against.

    Raises
    ------
    SourceError
        If nothing can be found or opened at all: a missing file, another format, a header without
        which no record can be told from the next, a zip file or database damaged as a whole.
    """
    where, file = f"{spec.path} ({spec.title})", directory / spec.path
    try:
        place = find_damaged(spec.path, directory=directory, title=spec.title, table=spec.table)
        require_genuine(place.members, where)
        with hear_complaints() as complaints:
            found = _read(place, spec, where, complaints)
        sha256 = hash_files(place.file)
    except OSError as error:
        raise _damaged(error.strerror or str(error), where) from None
    except MemoryError:
        raise SourceError(Fault(where, say("hostile.no_memory"))) from None
    except (*DAMAGE, sqlite3.Error) as error:
        raise _damaged(plain_reason(str(error) or type(error).__name__, file), where) from None
    return _salvaged(found, spec, place, sha256)


def _damaged(reason: str | Message, where: str) -> SourceError:
    return SourceError(Fault(where, say("source.damaged", reason=reason)))


def _read(place: Place, spec: LayerSpec, where: str, complaints: Complaints) -> _Found:
    if place.suffix == ".shp":
        return _read_shapefile(place, spec, where, complaints)
    if place.suffix in {".geojson", ".json"}:
        records, crs = read_geojson(place.members)
        return _Found(records, (), crs, UTF8, place.file.stem)
    if place.suffix == ".fgb":
        cut = cut_flatgeobuf(place.members)
        if cut is None:
            raise _damaged(say("salvage.no_header", part=".fgb"), where)
        return _read_cut(cut, place.file.stem, complaints)
    if place.suffix == ".kml":
        records, folders = read_kml(place.members, spec.table)
        if spec.table is None and len(folders) > 1:
            raise SourceError(Fault(where, say("source.several", found=", ".join(folders))))
        return _Found(records, (), KML_CRS, UTF8, spec.table or "".join(folders))
    if place.suffix in {".gpkg", ".gdb"}:
        table = find_table(place, spec.table, where)
        if place.suffix == ".gpkg" and is_view(place.members, table):
            raise SourceError(Fault(where, say("hostile.view", found=table)))
        return _read_database(place, table, complaints)
    raise SourceError(Fault(where, say("salvage.no_way", suffix=place.suffix)))


def _read_shapefile(place: Place, spec: LayerSpec, where: str, complaints: Complaints) -> _Found:
    cut = cut_shapefile(place.members)
    if cut is None:
        raise _damaged(say("salvage.no_header", part=".dbf"), where)
    records = [*read_pieces(cut.pieces, cut.open, complaints), *cut.lost]
    encoding = settle_encoding(place, stated=spec.encoding, where=where)
    fields, crs = _describe(cut, complaints)
    decoded = [
        record if isinstance(record, LostRecord) else _decoded(record, encoding.codec)
        for record in records
    ]
    fields = [decode_bytes(name, encoding.codec) for name in fields]
    return _Found(decoded, fields, crs, encoding, place.file.stem)


def _read_cut(cut: Any, table: str, complaints: Complaints) -> _Found:
    records = [*read_pieces(cut.pieces, cut.open, complaints), *cut.lost]
    fields, crs = _describe(cut, complaints)
    return _Found(records, fields, crs, UTF8, table)


def _describe(cut: Any, complaints: Complaints) -> tuple[list[str], str]:
    """Return fields and CRS of a file made of no piece, or of the first that can be opened."""
    for pieces in ([], *([piece] for _, piece in cut.pieces[:10])):
        try:
            with cut.open(pieces) as opened:
                return list(opened.fields), opened.crs
        except SourceError:
            raise
        except Exception as error:  # fiona raises whatever it trips over
            complaints.append(str(error))
    return [], ""


def _decoded(record: Record, codec: str) -> Record:
    values = {
        decode_bytes(name, codec): decode_bytes(value, codec) if isinstance(value, str) else value
        for name, value in record.values.items()
    }
    return Record(record.number, values, record.shape)


def _read_database(place: Place, table: str, complaints: Complaints) -> _Found:
    """Read a GeoPackage's or FileGDB's features by their ids."""
    with open_address(place.address, next(iter(DRIVERS[place.suffix])), table) as opened:
        if place.suffix == ".gpkg":
            numbers, lost = list_rows(place.members, table)
            records = read_each(opened, numbers, complaints)
        else:
            listed = list_objects(place.members, table)
            numbers = listed or list(range(1, most_records(place.members) + 1))
            records = [
                record
                for record in read_each(opened, numbers, complaints)
                if listed or isinstance(record, Record) or record.reason.key != ENDED
            ]
            announced = max(len(opened.collection), announced_objects(place.members, table))
            absent = announced - len(records)
            lost = [LostRecord(0, say("salvage.not_found"), absent)] if absent > 0 else []
        return _Found([*records, *lost], opened.fields, opened.crs, UTF8, table)


def _salvaged(found: _Found, spec: LayerSpec, place: Place, sha256: str) -> Salvaged:
    records = [one for one in found.records if isinstance(one, Record)]
    lost = sorted(
        (one for one in found.records if isinstance(one, LostRecord)), key=lambda one: one.number
    )
    fields = dict.fromkeys([*found.fields, *(name for one in records for name in one.values)])
    crs, warnings = _known_crs(found.crs)
    if lost:
        warnings.append(_lost_warning(lost, len(records)))
    columns = {
        # A field may have the name that the geometry is given here.
        name if name != "geometry" else "geometry (1)": [one.values.get(name) for one in records]
        for name in fields
    }
    frame = gpd.GeoDataFrame(
        pd.DataFrame(columns, index=pd.RangeIndex(len(records))).infer_objects(),
        geometry=gpd.GeoSeries([one.shape for one in records], crs=crs),
        crs=crs,
    )
    source = Source(
        path=spec.path,
        driver=next(iter(sorted(DRIVERS[place.suffix]))),
        table=found.table,
        encoding=str(found.encoding),
        sha256=sha256,
        features=len(frame),
        warnings=tuple(warnings),
    )
    numbers = np.array([one.number for one in records], dtype=np.int64)
    return Salvaged(Delivery(spec, frame, source), numbers, tuple(lost))


def _lost_warning(lost: Sequence[LostRecord], kept: int) -> Message:
    named = ", ".join(f"#{one.number}" for one in lost[:MOST_NAMED] if one.number)
    more = " …" if len(lost) > MOST_NAMED else ""
    count = sum(one.count for one in lost)
    return say("salvage.summary", lost=count, kept=kept, named=f"{named or '-'}{more}")


def _known_crs(text: str) -> tuple[CRS | None, list[str | Message]]:
    if not text:
        return None, []
    try:
        return CRS.from_user_input(text), []
    except CRSError:
        return None, [say("salvage.no_crs")]
