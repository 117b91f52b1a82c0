"""Whether a file is what its name says, before a reading library sees it.

GDAL picks a driver by content and asks all it has. Some take a file as instructions to open another
one, or an address in the network (VRT, GDALG, WFS documents, views and virtual tables in SQLite).
pyogrio offers no list of drivers to choose from, so the content is checked here first, and the
driver that was picked once more afterwards.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from spatialplan.errors import Fault, SourceError
from spatialplan.files.opening.members import Members
from spatialplan.messages import Message, say

__all__ = ["DRIVERS", "open_geopackage", "require_driver", "require_genuine"]

# The drivers that may read a format.
DRIVERS: Mapping[str, frozenset[str]] = {
    ".shp": frozenset({"ESRI Shapefile"}),
    ".gdb": frozenset({"OpenFileGDB"}),
    ".gpkg": frozenset({"GPKG"}),
    ".geojson": frozenset({"GeoJSON", "GeoJSONSeq"}),
    ".json": frozenset({"GeoJSON", "GeoJSONSeq"}),
    ".fgb": frozenset({"FlatGeobuf"}),
    ".kml": frozenset({"LIBKML", "KML"}),
}
# Where a driver looks for words that make a file its own.
HEAD_BYTES = 1 << 20
SHAPEFILE_CODE = (9994).to_bytes(4, "big")
SQLITE = b"SQLite format 3\0"
FLATGEOBUF = b"fgb\x03fgb"
PARQUET = b"PAR1"
FILEGDB_CATALOGUE = "a00000001.gdbtable"
# A byte order mark, blanks, and the record separator that GeoJSON text sequences start with.
JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x1e]*\{")
JSON_INSTRUCTIONS = b"gdal_streamed_alg"
# Byte order marks and blanks may precede the first element, comments and instructions too.
BEFORE_XML = b"\xef\xbb\xbf\xff\xfe \t\r\n"
ASIDES = ((b"<?", b"?>"), (b"<!--", b"-->"))
KML_ROOT = re.compile(rb"<(?:[\w.-]+:)?kml[\s>/]")
ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
# Modules of SQLite that keep an index of the database's own tables; all others may reach outside.
INDEX_MODULES = frozenset({"rtree", "rtree_i32", "fts3", "fts4", "fts5"})
MODULE = re.compile(r"create\s+virtual\s+table\s.*?\susing\s+[\"'`\[]?(\w+)", re.I | re.DOTALL)
REACHING_OUT = re.compile(r"/vsi|https?:|\b(ogr_\w+|gdal_\w+|load_extension|readfile)\s*\(", re.I)
# Where SQLite keeps what is not in the database yet; GDAL would put it there, into the input.
JOURNALS = ("-wal", "-journal")
# A GeoPackage in a zip file is read into memory to be looked at.
LARGEST_ZIPPED_GEOPACKAGE = 2_000_000_000


def require_genuine(members: Members, where: str) -> None:
    """Refuse a data set whose content is not of the format that its name says.

    Raises
    ------
    SourceError
        Also if it refers to other files or addresses, or declares entities.
    """
    message = CHECKS[members.suffix](members)
    if message is not None:
        raise SourceError(Fault(where, message))


def require_driver(driver: str, suffix: str, where: str) -> None:
    """Refuse what GDAL has opened with a driver of another format than the name says."""
    if driver not in DRIVERS.get(suffix, {driver}):
        raise SourceError(Fault(where, say("hostile.other_format", found=driver, suffix=suffix)))


def open_geopackage(members: Members) -> closing[sqlite3.Connection]:
    """Open a GeoPackage read-only, leaving no file beside it; it may turn out to be damaged."""
    name = members.name.lower()
    if members.archive is not None:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(members.read(name))
    else:
        address = Path(members.addresses[name]).resolve().as_uri()
        connection = sqlite3.connect(f"{address}?immutable=1", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")
    return closing(connection)


def _check_shapefile(members: Members) -> Message | None:
    head = members.read(members.part(".shp"), 4)
    return None if head == SHAPEFILE_CODE else _not_it(".shp")


def _check_filegdb(members: Members) -> Message | None:
    if members.sizes.get(FILEGDB_CATALOGUE):
        return None
    return say("source.index_missing", found=FILEGDB_CATALOGUE)


def _check_flatgeobuf(members: Members) -> Message | None:
    head = members.read(members.name, len(FLATGEOBUF))
    return None if head == FLATGEOBUF else _not_it(".fgb")


def _check_parquet(members: Members) -> Message | None:
    """Ask for the mark at both ends, and that what the last one announces has room."""
    size = members.sizes[members.name.lower()]
    tail = members.read(members.name, 8, start=max(size - 8, 0))
    ends = members.read(members.name, 4) == tail[4:] == PARQUET
    return None if ends and int.from_bytes(tail[:4], "little") < size else _not_it(members.suffix)


def _check_geojson(members: Members) -> Message | None:
    head = members.read(members.name, HEAD_BYTES)
    if not JSON_START.match(head):
        return _not_it(members.suffix)
    if JSON_INSTRUCTIONS in head.lower():
        return say("hostile.refers", suffix=members.suffix)
    return None


def _check_kml(members: Members) -> Message | None:
    """Refuse entities wherever they stand, also in text of two bytes a character."""
    rest = b""
    for chunk in members.chunks(members.name):
        text = rest + chunk.replace(b"\0", b"")
        if any(word in text.upper() for word in ENTITIES):
            return say("hostile.entities")
        rest = text[-len(max(ENTITIES, key=len)) :]
    head = members.read(members.name, HEAD_BYTES).replace(b"\0", b"")
    return None if _starts_as_kml(head) else _not_it(".kml")


def _starts_as_kml(head: bytes) -> bool:
    at = 0
    while True:
        at += len(head[at : at + 4096]) - len(head[at : at + 4096].lstrip(BEFORE_XML))
        aside = next((pair for pair in ASIDES if head.startswith(pair[0], at)), None)
        if aside is None:
            return KML_ROOT.match(head, at) is not None
        end = head.find(aside[1], at)
        if end < 0:
            return False
        at = end + len(aside[1])


def _check_geopackage(members: Members) -> Message | None:
    if members.read(members.name, len(SQLITE)) != SQLITE:
        return _not_it(".gpkg")
    unsaved = [f"{members.name}{end}" for end in JOURNALS]
    unsaved = [name for name in unsaved if members.sizes.get(name.lower())]
    if unsaved:
        return say("hostile.unsaved", found=", ".join(unsaved))
    if members.archive and members.sizes[members.name.lower()] > LARGEST_ZIPPED_GEOPACKAGE:
        return say("hostile.unpack_first", limit=LARGEST_ZIPPED_GEOPACKAGE // 10**9)
    try:
        with open_geopackage(members) as database:
            rows = database.execute("SELECT type, sql FROM sqlite_master").fetchall()
    except (sqlite3.Error, UnicodeError) as error:
        return say("source.damaged", reason=str(error))
    modules = {match[1].lower() for _, text in rows if (match := MODULE.match(str(text)))}
    running = [str(text) for kind, text in rows if kind in {"view", "trigger"}]
    if modules - INDEX_MODULES or any(REACHING_OUT.search(text) for text in running):
        return say("hostile.refers", suffix=".gpkg")
    return None


def _not_it(suffix: str) -> Message:
    return say("hostile.not_it", suffix=suffix)


CHECKS: Mapping[str, Callable[[Members], Message | None]] = {
    ".shp": _check_shapefile,
    ".gdb": _check_filegdb,
    ".fgb": _check_flatgeobuf,
    ".gpkg": _check_geopackage,
    ".geojson": _check_geojson,
    ".json": _check_geojson,
    ".kml": _check_kml,
    ".parquet": _check_parquet,
    ".geoparquet": _check_parquet,
}
