"""Whether a table holds as many records as its header says: by arithmetic, before anything is read.

A reading library makes room for what a header announces, and stops there. A header that says too
much exhausts memory; one that says too little hides features without a word, which would let a
site look clear.
"""

from __future__ import annotations

import json
import re
import sqlite3
import struct
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from spatialplan.errors import Fault, SourceError
from spatialplan.files.dbase import HEADER_END
from spatialplan.files.opening.members import Members
from spatialplan.files.opening.signatures import open_geopackage
from spatialplan.messages import Message, say

__all__ = [
    "FGB_COUNT",
    "FGB_DEFAULT_NODE_SIZE",
    "FGB_NODE",
    "FGB_NODE_SIZE",
    "FGB_START",
    "GDB_INDEX_HEADER",
    "GDB_OFFSET_SIZES",
    "count_nodes",
    "count_rows",
    "find_number",
    "find_table_file",
    "gdb_offsets",
    "index_is_whole",
    "is_view",
    "quote_name",
    "read_number",
    "require_counts",
    "require_table",
]

SHAPEFILE_HEADER = 100
SHX_RECORD = 8
DBF_DESCRIPTOR = 32
# A FileGDB's index holds 1,024 offsets a block, of 4 to 6 bytes each, after 16 bytes of header.
GDB_BLOCK = 1024
GDB_INDEX_HEADER = 16
GDB_OFFSET_SIZES = (4, 5, 6)
# The format's own tables, some of which are named though there is no file for them.
SYSTEM_NAME = b"GDB_"
CATALOGUE = "a00000001"
LONGEST_NAME = 127
# Magic bytes, then the length of the header, then the header.
FGB_START = 8
FGB_NODE = 40
# Positions of a FlatGeobuf header's fields in its table of offsets.
FGB_COUNT, FGB_NODE_SIZE = 8, 9
FGB_DEFAULT_NODE_SIZE = 16
FEATURE_TYPE = re.compile(rb'"type"\s*:\s*"Feature"')
GEOMETRY_KEY = re.compile(rb'"geometry"\s*:')


def require_counts(members: Members, where: str) -> None:
    """Refuse a data set that announces another number of records than it holds.

    Raises
    ------
    SourceError
        Also if single records would lie outside their file.
    """
    count = COUNTS.get(members.suffix)
    try:
        message = count(members) if count else None
    except (struct.error, IndexError):
        message = say("hostile.header")
    if message is not None:
        raise SourceError(Fault(where, message))


def index_is_whole(members: Members, table: str) -> bool:
    """Tell whether a spatial index can be relied on not to hide features.

    Those of shapefiles (.sbn, .qix) are not kept up to date by all programs. That of a GeoPackage
    is relied on if it holds every row.
    """
    if members.suffix == ".shp":
        return not {members.part(".sbn"), members.part(".qix")} & members.sizes.keys()
    if members.suffix != ".gpkg":
        return True
    try:
        with open_geopackage(members) as database:
            query = "SELECT column_name FROM gpkg_geometry_columns WHERE lower(table_name) = ?"
            column = database.execute(query, (table.lower(),)).fetchone()[0]
            names = (table, f"rtree_{table}_{column}_rowid")
            held, indexed = (
                database.execute(f"SELECT count(*) FROM {quote_name(name)}").fetchone()[0]
                for name in names
            )
            return bool(held == indexed)
    except (sqlite3.Error, TypeError, UnicodeError):
        return False


def count_rows(members: Members, table: str) -> int | None:
    """Count a GeoPackage's rows; None for one too damaged to be counted."""
    try:
        with open_geopackage(members) as database:
            query = f"SELECT count(*) FROM {quote_name(table)}"
            return int(database.execute(query).fetchone()[0])
    except (sqlite3.Error, UnicodeError):
        return None


def quote_name(name: str) -> str:
    """Quote a name for SQL."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _count_shapefile(members: Members) -> Message | None:
    outlines, index, table = (members.part(suffix) for suffix in (".shp", ".shx", ".dbf"))
    header = members.read(index, SHAPEFILE_HEADER)
    announced = (2 * struct.unpack_from(">I", header, 24)[0] - SHAPEFILE_HEADER) // SHX_RECORD
    there = (members.sizes[index] - SHAPEFILE_HEADER) // SHX_RECORD
    if announced > there:
        return say("hostile.too_few_records", part=".shx", announced=announced, found=there)
    rows, columns, width = _dbf_shape(members.read(table, 1 << 16))
    if not width or columns + 1 > width:
        return say("hostile.header")
    if rows * width > members.sizes[table]:
        found = members.sizes[table] // width
        return say("hostile.too_few_records", part=".dbf", announced=rows, found=found)
    if rows != announced:
        return say("hostile.counts_differ", outlines=announced, rows=rows)
    content = members.read(index, SHX_RECORD * announced, start=SHAPEFILE_HEADER)
    outside = _records_outside(content, members.sizes[outlines])
    if outside:
        return say("hostile.records_outside", count=outside)
    return None


def _dbf_shape(header: bytes) -> tuple[int, int, int]:
    """Return the number of records, the least width of the fields together, and of a record."""
    rows, start, width = struct.unpack_from("<IHH", header, 4)
    fields = 0
    for at in range(DBF_DESCRIPTOR, min(start - 1, len(header)), DBF_DESCRIPTOR):
        if header[at] == HEADER_END:
            break
        kind, low, high = header[at + 11], header[at + 16], header[at + 17]
        fields += max(low + (high << 8 if kind == ord("C") else 0), 1)
    return rows, fields, width


def _records_outside(index: bytes, size: int) -> int:
    """Count the records of an index that do not lie wholly within the .shp of so many bytes."""
    records = np.frombuffer(index, ">u4").reshape(-1, 2).astype(np.int64) * 2
    starts, lengths = records[:, 0], records[:, 1]
    return int(((starts < SHAPEFILE_HEADER) | (starts + lengths + 8 > size)).sum())


def _count_filegdb(members: Members) -> Message | None:
    """Ask for both files of every table, also of those that only the catalogue knows."""
    tables = {name for name in members.sizes if name.endswith((".gdbtable", ".gdbtablx"))}
    stems = {name.rpartition(".")[0] for name in tables}
    absent = {f"{stem}.gdbtable" for stem in stems} | _tables_announced(members)
    absent -= tables
    return say("source.index_missing", found=", ".join(sorted(absent)[:10])) if absent else None


def _tables_announced(members: Members) -> set[str]:
    """Return the files that the catalogue, whose n-th record is the n-th table, calls for."""
    offsets, catalogue = gdb_offsets(members, CATALOGUE), members.read(f"{CATALOGUE}.gdbtable")
    if offsets is None:
        return set()
    return {
        f"a{row + 1:08x}.gdbtable"
        for row in np.flatnonzero(offsets)
        if SYSTEM_NAME not in _catalogue_record(catalogue, int(offsets[row]))
    }


def _catalogue_record(catalogue: bytes, start: int) -> bytes:
    """Return a record of the catalogue, which starts with its length."""
    length = struct.unpack_from("<I", catalogue, start)[0]
    return catalogue[start + 4 : start + 4 + length]


def require_table(members: Members, table: str, where: str) -> None:
    """Refuse a table of a database that cannot be relied on.

    Raises
    ------
    SourceError
        If a FileGDB's table announces another number of features than its index names; if a
        GeoPackage's is a view, which may compute without end.
    """
    message = None
    try:
        if members.suffix == ".gpkg" and is_view(members, table):
            message = say("hostile.view", found=table)
        if members.suffix == ".gdb":
            stem = find_table_file(members, table)
            message = None if stem is None else _count_objects(members, stem)
    except (struct.error, IndexError, sqlite3.Error):
        message = say("hostile.header")
    if message is not None:
        raise SourceError(Fault(where, message))


def is_view(members: Members, table: str) -> bool:
    """Tell whether a GeoPackage's table is computed while it is read."""
    with open_geopackage(members) as database:
        query = "SELECT 1 FROM sqlite_master WHERE type = 'view' AND lower(name) = lower(?)"
        return database.execute(query, (table,)).fetchone() is not None


def _count_objects(members: Members, stem: str) -> Message | None:
    name, offsets = f"{stem}.gdbtable", gdb_offsets(members, stem)
    if offsets is None:
        return None
    announced = struct.unpack_from("<I", members.read(name, 8), 4)[0]
    found = int((offsets > 0).sum())
    if found != announced:
        return say("hostile.other_count", part=name, announced=announced, found=found)
    return say("hostile.header") if offsets.max(initial=0) >= members.sizes[name] else None


def find_table_file(members: Members, table: str) -> str | None:
    """Return the stem of a FileGDB table's files; the catalogue's n-th record names the n-th."""
    offsets, catalogue = gdb_offsets(members, CATALOGUE), members.read(f"{CATALOGUE}.gdbtable")
    name = table.encode()
    if offsets is None or not name or len(name) > LONGEST_NAME:
        return None
    for row, start in enumerate(offsets):
        # A text is preceded by its length.
        is_sound = 0 < start < len(catalogue) - 4
        if is_sound and bytes([len(name)]) + name in _catalogue_record(catalogue, int(start)):
            return f"a{row + 1:08x}"
    return None


def gdb_offsets(members: Members, stem: str) -> NDArray[np.int64] | None:
    """Return where a FileGDB table's records start, 0 for those deleted.

    None for an index that leaves out blocks, whose numbers do not tell; `struct.error` for a broken
    one.
    """
    name = f"{stem}.gdbtablx"
    version, blocks, records, size = struct.unpack("<IIII", members.read(name, GDB_INDEX_HEADER))
    if version != 3:
        return None  # the format of ArcGIS Pro with 64 bits a number
    whole = GDB_INDEX_HEADER + GDB_BLOCK * blocks * size
    if size not in GDB_OFFSET_SIZES or whole > members.sizes[name]:
        raise struct.error
    if records > GDB_BLOCK * blocks:
        return None
    content = members.read(name, size * records, start=GDB_INDEX_HEADER)
    octets = np.frombuffer(content, np.uint8).reshape(records, size).astype(np.int64)
    return np.asarray(octets @ (1 << 8 * np.arange(size, dtype=np.int64)))


def _count_flatgeobuf(members: Members) -> Message | None:
    """Walk from feature to feature, each of which starts with its length."""
    header_size = struct.unpack("<I", members.read(members.name, 4, start=FGB_START))[0]
    start, size = FGB_START + 4 + header_size, members.sizes[members.name.lower()]
    if start > size:
        return say("hostile.header")
    header = members.read(members.name, header_size, start=FGB_START + 4)
    announced = read_number(header, FGB_COUNT, "<Q", 0)
    node_size = read_number(header, FGB_NODE_SIZE, "<H", FGB_DEFAULT_NODE_SIZE)
    if announced > size or node_size == 1:
        return say("hostile.header")
    start += FGB_NODE * count_nodes(announced, node_size)
    found = _walk_features(members.read(members.name, start=start)) if start <= size else -1
    if found != announced and (announced or found < 0):
        part = members.name
        return say("hostile.other_count", part=part, announced=announced, found=max(found, 0))
    return None


def read_number(header: bytes, field: int, form: str, default: int) -> int:
    """Read a number from a FlatGeobuf's header; `struct.error` if that is broken."""
    at = find_number(header, field)
    return default if at is None else int(struct.unpack_from(form, header, at)[0])


def find_number(header: bytes, field: int) -> int | None:
    """Find a field of a flatbuffer's root table, whose offsets stand in a table of their own."""
    root = struct.unpack_from("<I", header, 0)[0]
    offsets = root - struct.unpack_from("<i", header, root)[0]
    if offsets < 0:
        raise struct.error("offsets before the header")
    length = struct.unpack_from("<H", header, offsets)[0]
    if 4 + 2 * field + 2 > length:
        return None
    offset = struct.unpack_from("<H", header, offsets + 4 + 2 * field)[0]
    return int(root + offset) if offset else None


def count_nodes(features: int, node_size: int) -> int:
    """Return the number of nodes of a FlatGeobuf's index, from its root down to the features."""
    if not features or not node_size:
        return 0
    level = -(-features // node_size)
    total = features + level
    while level > 1:
        level = -(-level // node_size)
        total += level
    return total


def _walk_features(content: bytes) -> int:
    """Count length-prefixed features; -1 if the last one is cut short."""
    at = count = 0
    while at < len(content):
        at += 4 + struct.unpack_from("<I", content, at)[0]
        count += 1
    return count if at == len(content) else -1


def _count_geojson(members: Members) -> Message | None:
    """Look for members of the list of features that are none: GDAL leaves them out unsaid.

    The whole document is taken apart only where the words that every feature has do not pair.
    """
    geometries, features, rest = 0, 0, b""
    for chunk in members.chunks(members.name):
        text = rest + chunk
        cut = max(text.rfind(b"}"), 0)
        text, rest = text[:cut], text[cut:]
        geometries += len(GEOMETRY_KEY.findall(text))
        features += len(FEATURE_TYPE.findall(text))
    if geometries == features:
        return None
    try:
        listed = json.loads(members.read(members.name))["features"]
        wrong = sum(one.get("type") != "Feature" or "geometry" not in one for one in listed)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None  # what is wrong with it the reading will say
    return say("hostile.no_features", count=wrong) if wrong else None


COUNTS: Mapping[str, Callable[[Members], Message | None]] = {
    ".shp": _count_shapefile,
    ".gdb": _count_filegdb,
    ".fgb": _count_flatgeobuf,
    ".geojson": _count_geojson,
    ".json": _count_geojson,
}
