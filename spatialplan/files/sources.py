"""Where a layer lies: which file, which table in it, and the hash that names its content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path, PurePosixPath

import pyogrio

from spatialplan.errors import Fault, SourceError
from spatialplan.files.opening.archive_limits import is_nested, list_entries
from spatialplan.files.opening.archives import readable_name, split_archive
from spatialplan.files.opening.counts import require_counts, require_table
from spatialplan.files.opening.members import Members, find_members
from spatialplan.files.opening.paths import local_address, require_local
from spatialplan.files.opening.signatures import require_genuine
from spatialplan.files.parquet import is_parquet, list_parquet_tables
from spatialplan.messages import Message, say

__all__ = [
    "Place",
    "data_sets",
    "find_damaged",
    "find_place",
    "find_source",
    "find_table",
    "hash_files",
    "hash_unchanged",
    "list_inside",
    "list_tables",
    "plain_reason",
    "read_part",
]

FORMATS = {
    ".shp": "ESRI Shapefile",
    ".gdb": "FileGDB",
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
    ".parquet": "GeoParquet",
    ".geoparquet": "GeoParquet",
}
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NEEDED_PARTS = (".shp", ".shx", ".dbf")
# Formats without a driver here, each with advice of its own.
UNREAD = {".mdb": "source.mdb"}
REASON_LENGTH = 160
# Beginnings of names that the Mac puts into zip files, and of hidden ones.
HIDDEN = (".", "__MACOSX")


@dataclass(frozen=True, slots=True)
class Place:
    """A table that can be opened.

    `path` is for people and as written, `address` is what GDAL opens; `inside` is the data set's
    name within a zip file, blank outside one. `members` are the files that it consists of.
    """

    path: str
    file: Path
    address: str
    table: str
    members: Members
    inside: str = ""

    @property
    def suffix(self) -> str:
        """The data set's suffix in lower case, also within a zip file."""
        return self.members.suffix


def find_place(path: str, *, directory: Path, table: str | None, title: str) -> Place:
    """Find a layer's file and table.

    A data set in a zip file may be named by going on with the path: ``lines.zip/a/CZKFBJ.shp``.

    Raises
    ------
    SourceError
        If it is missing, of an unknown format, incomplete, or one of several: never guessed. Also
        if opening it could do harm: see `archive_limits`, `paths`, `signatures` and `counts`.
    """
    place = find_source(path, directory=directory, table=table, title=title)
    where = f"{path} ({title})"
    found = find_table(place, table, where)
    require_table(place.members, found, where)
    return replace(place, table=found)


def find_source(path: str, *, directory: Path, title: str, table: str | None = None) -> Place:
    """Find a data set and leave its table open; see `find_place`."""
    where = f"{path} ({title})"
    place = find_damaged(path, directory=directory, title=title, table=table)
    _require_whole(place.members, where)
    require_genuine(place.members, where)
    _require_length(place.members, where)
    require_counts(place.members, where)
    return place


def find_damaged(path: str, *, directory: Path, title: str, table: str | None = None) -> Place:
    """Find a data set whatever its content, which may be damaged or no such thing."""
    where = f"{path} ({title})"
    require_local(path, where)
    file, wanted = directory / path, ""
    if not file.exists():
        file, wanted = split_archive(file)
    if not file.exists():
        raise SourceError(Fault(where, _missing(file, directory)))
    inside, address = "", local_address(file, where)
    if file.suffix.lower() == ".zip" and not file.is_dir():
        inside = _find_inside(file, wanted, table, where)
        address = _zip_address(address, inside)
    _require_format(file, inside, where)
    return Place(path, file, address, "", find_members(file, inside), inside)


def hash_files(file: Path) -> str:
    """SHA-256 of a source: of the file, or of sorted names and hashes where it is several files.

    A shapefile is its .shp, .shx, .dbf, .prj and .cpg; a FileGDB all its files but locks.
    """
    parts = _hashed_parts(file)
    if parts is None:
        return _hash_file(file)
    total = hashlib.sha256()
    for part in parts:
        total.update(f"{part.name}\0{_hash_file(part)}\n".encode())
    return total.hexdigest()


def hash_unchanged(file: Path) -> str:
    """Return `hash_files`, hashed again only where a file's size or time is another than before.

    For a source of which one piece after the other is read.
    """
    stats = [part.stat() for part in _hashed_parts(file) or [file]]
    return _hash_known(file, tuple((stat.st_size, stat.st_mtime_ns) for stat in stats))


@lru_cache(maxsize=32)
def _hash_known(file: Path, _state: tuple[tuple[int, int], ...]) -> str:
    return hash_files(file)


def _hashed_parts(file: Path) -> list[Path] | None:
    """Return the files that a source consists of; None where it is one."""
    if file.is_dir():
        return sorted(p for p in file.rglob("*") if p.is_file() and p.suffix != ".lock")
    if file.suffix.lower() == ".shp":
        return sorted(part for key, part in _parts(file).items() if key in SHAPEFILE_PARTS)
    return None


def read_part(file: Path, inside: str, suffix: str, *, length: int = -1) -> bytes:
    """Return the content of a shapefile's part, beside it or in the zip file; empty if absent.

    `length` bytes of it are read; by default all.
    """
    members = find_members(file, inside)
    return members.read(members.part(suffix), length)


def plain_reason(text: str, file: Path) -> str:
    """Return the first sentence of what GDAL says, without addresses of files."""
    first = (text.splitlines() or [""])[0]
    for address in (f"/vsizip/{{{file}}}/", f"/vsizip/{file}/", f"{file}/", f"{file.parent}/"):
        first = first.replace(address, "")
    first = re.sub(r"'[^']*[/\\][^']*'|/vsi\w+/\S*|(?<!\w)/\S*/\S*", "", first)
    sentence = re.split(r"; |\. ", first)[0].strip(" :,.")
    return sentence[:REASON_LENGTH] or "?"


def _parts(file: Path) -> dict[str, Path]:
    """Return the files of a file's stem by suffix; of two, the one in the same case."""
    found = [part for part in file.parent.iterdir() if part.stem.lower() == file.stem.lower()]
    found.sort(key=lambda part: (part.stem == file.stem, part.name))
    return {part.suffix.lower(): part for part in found}


def _hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _missing(file: Path, directory: Path) -> Message:
    folder = file.parent if file.parent.is_dir() else directory
    names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    near = get_close_matches(file.name, names, n=1, cutoff=0.6)
    if near:
        return say("source.missing_near", near=near[0])
    return say("source.missing")


def _require_format(file: Path, inside: str, where: str) -> None:
    suffix = PurePosixPath(inside or file.name).suffix.lower()
    if suffix in UNREAD:
        raise SourceError(Fault(where, say(UNREAD[suffix])))
    if suffix not in FORMATS:
        known = ", ".join(sorted({*FORMATS, ".zip"}))
        raise SourceError(Fault(where, say("source.unknown_format", found=suffix, known=known)))
    if not inside and file.is_dir() != (suffix == ".gdb"):
        key = "source.directory" if file.is_dir() else "source.not_directory"
        raise SourceError(Fault(where, say(key)))


def _require_whole(members: Members, where: str) -> None:
    """Refuse a data set that lacks a part GDAL would do without, or guess."""
    sizes = members.sizes
    if members.suffix == ".shp":
        absent = [part for part in NEEDED_PARTS if not sizes.get(members.part(part))]
        if absent:
            raise SourceError(Fault(where, say("source.parts_missing", found=", ".join(absent))))
    elif members.suffix == ".gdb":
        tables = sorted(part for part in sizes if part.endswith(".gdbtable"))
        absent = [f"{part[:-1]}x" for part in tables if not sizes.get(f"{part[:-1]}x")]
        if absent:
            raise SourceError(Fault(where, say("source.index_missing", found=", ".join(absent))))
    elif not sizes.get(members.name.lower()):
        raise SourceError(Fault(where, say("source.empty_file")))


def _require_length(members: Members, where: str) -> None:
    """Refuse a .shp shorter than its header says (bytes 24-27, in words of two bytes)."""
    if members.suffix != ".shp":
        return
    outlines = members.part(".shp")
    stated = 2 * int.from_bytes(members.read(outlines, 28)[24:28], "big")
    missing = stated - members.sizes[outlines]
    if missing > 0:
        raise SourceError(Fault(where, say("source.short_part", part=".shp", missing=missing)))


def _zip_address(name: str, inside: str) -> str:
    """Return GDAL's address; braces mark where the zip file's name ends unless it holds one."""
    return f"/vsizip/{name}/{inside}" if {*"{}"} & {*name} else f"/vsizip/{{{name}}}/{inside}"


def list_inside(file: Path, where: str) -> list[str]:
    """Return the names of the data sets in a zip file, sorted.

    Raises
    ------
    SourceError
        If it cannot be opened, could do harm, or holds only further archives.
    """
    names = [entry.filename for entry in list_entries(file, where)]
    found = sorted(data_sets(names))
    nested = [name for name in names if is_nested(name)]
    if nested and not found:
        raise SourceError(Fault(where, say("hostile.nested_zip", found=", ".join(nested[:5]))))
    return found


def _find_inside(file: Path, wanted: str, table: str | None, where: str) -> str:
    """Return which data set in a zip file is meant: by its name there, or by that of its table."""
    found = list_inside(file, where)
    if not found:
        raise SourceError(Fault(where, say("source.empty_zip")))
    if wanted:
        named = [name for name in found if wanted in (name, readable_name(name))]
    elif len(found) > 1:
        named = [name for name in found if PurePosixPath(name).stem == table]
    else:
        named = found
    if len(named) != 1:
        listed = ", ".join(readable_name(name) for name in found)
        key = "source.not_inside" if wanted else "source.several_inside"
        raise SourceError(Fault(where, say(key, found=wanted, known=listed, zip=file.name)))
    return named[0]


def data_sets(names: Iterable[str]) -> set[str]:
    """Return the vector data sets among the names in a zip file."""
    found: set[str] = set()
    for name in names:
        path = PurePosixPath(name)
        if any(part.startswith(HIDDEN) for part in path.parts):
            continue
        folders = [part for part in path.parents if part.suffix.lower() == ".gdb"]
        if folders:
            found.add(str(folders[-1]))
        elif path.suffix.lower() in FORMATS and path.suffix.lower() != ".gdb":
            found.add(str(path))
    return found


def list_tables(place: Place, where: str) -> list[tuple[str, str | None]]:
    """Return the tables of a data set with the kind of their geometry; None where they have none.

    Raises
    ------
    SourceError
        If it cannot be opened.
    """
    try:
        if is_parquet(place.address):
            return list_parquet_tables(place.file, place.inside)
        return [(str(name), kind) for name, kind in pyogrio.list_layers(place.address)]
    except (pyogrio.errors.DataSourceError, ValueError, OSError) as error:
        reason = plain_reason(str(error), place.file)
        raise SourceError(Fault(where, say("source.damaged", reason=reason))) from None


def find_table(place: Place, table: str | None, where: str) -> str:
    """Return which table of a data set is meant; it is never guessed."""
    names = [name for name, _ in list_tables(place, where)]
    if table is None and len(names) == 1:
        return names[0]
    if table in names:
        return str(table)
    listed = ", ".join(names) or "-"
    if table is None:
        raise SourceError(Fault(where, say("source.several", found=listed)))
    raise SourceError(Fault(where, say("source.no_table", found=table, known=listed)))
