"""Where a layer lies: which file, which table in it, and the hash that names its content."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

import pyogrio

from spatialplan.errors import Fault, SourceError
from spatialplan.messages import Message, say

__all__ = ["Place", "find_place", "hash_files"]

FORMATS = {
    ".shp": "ESRI Shapefile",
    ".gdb": "FileGDB",
    ".gpkg": "GeoPackage",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".parquet": "GeoParquet",
    ".kml": "KML",
}
SHAPEFILE_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
NEEDED_PARTS = (".shx", ".dbf")


@dataclass(frozen=True, slots=True)
class Place:
    """A table that can be opened.

    `path` is for people and as written, `address` is what GDAL opens; `inside` is the data set's
    name within a zip file, blank outside one.
    """

    path: str
    file: Path
    address: str
    table: str
    inside: str = ""


def find_place(path: str, *, directory: Path, table: str | None, title: str) -> Place:
    """Find a layer's file and table.

    Raises
    ------
    SourceError
        If it is missing, of an unknown format, incomplete, or one of several: never guessed.
    """
    where = f"{path} ({title})"
    file = directory / path
    if not file.exists():
        raise SourceError(Fault(where, _missing(file, directory)))
    if file.suffix.lower() == ".zip":
        inside = _find_inside(file, table, where)
        address = f"/vsizip/{{{file}}}/{inside}" if inside else f"/vsizip/{{{file}}}"
    else:
        inside, address = "", str(file)
        _require_format(file, where)
    return Place(path, file, address, _find_table(address, table, where), inside)


def hash_files(file: Path) -> str:
    """SHA-256 of a source: of the file, or of sorted names and hashes where it is several files.

    A shapefile is its .shp, .shx, .dbf, .prj and .cpg; a FileGDB all its files but locks.
    """
    if file.is_dir():
        parts = sorted(p for p in file.rglob("*") if p.is_file() and p.suffix != ".lock")
    elif file.suffix.lower() == ".shp":
        beside = sorted(file.parent.glob(f"{file.stem}.*"))
        parts = [p for p in beside if p.suffix.lower() in SHAPEFILE_PARTS]
    else:
        return _hash_file(file)
    total = hashlib.sha256()
    for part in parts:
        total.update(f"{part.name}\0{_hash_file(part)}\n".encode())
    return total.hexdigest()


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


def _require_format(file: Path, where: str) -> None:
    suffix = file.suffix.lower()
    if suffix == ".mdb":
        raise SourceError(Fault(where, say("source.mdb")))
    if suffix not in FORMATS:
        known = ", ".join(sorted({*FORMATS, ".zip"}))
        raise SourceError(Fault(where, say("source.unknown_format", found=suffix, known=known)))
    if file.is_dir() != (suffix == ".gdb"):
        key = "source.directory" if file.is_dir() else "source.not_directory"
        raise SourceError(Fault(where, say(key)))
    if suffix == ".shp":
        beside = {p.suffix.lower() for p in file.parent.glob(f"{file.stem}.*")}
        absent = [part for part in NEEDED_PARTS if part not in beside]
        if absent:
            raise SourceError(Fault(where, say("source.parts_missing", found=", ".join(absent))))


def _find_inside(file: Path, table: str | None, where: str) -> str:
    """Return which data set in a zip file is meant."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(Fault(where, say("source.damaged", reason=str(error)))) from None
    found = sorted(_data_sets(names))
    if not found:
        raise SourceError(Fault(where, say("source.empty_zip")))
    if len(found) > 1:
        found_named = [name for name in found if PurePosixPath(name).stem == table]
        if len(found_named) != 1:
            raise SourceError(Fault(where, say("source.several", found=", ".join(found))))
        found = found_named
    return found[0]


def _data_sets(names: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in names:
        path = PurePosixPath(name)
        folders = [part for part in path.parents if part.suffix.lower() == ".gdb"]
        if folders:
            found.add(str(folders[-1]))
        elif path.suffix.lower() in FORMATS and path.suffix.lower() != ".gdb":
            found.add(str(path))
    return found


def _find_table(address: str, table: str | None, where: str) -> str:
    try:
        names = [str(row[0]) for row in pyogrio.list_layers(address)]
    except pyogrio.errors.DataSourceError as error:
        raise SourceError(Fault(where, say("source.damaged", reason=_plain(error)))) from None
    if table is None and len(names) == 1:
        return names[0]
    if table in names:
        return str(table)
    listed = ", ".join(names) or "-"
    if table is None:
        raise SourceError(Fault(where, say("source.several", found=listed)))
    raise SourceError(Fault(where, say("source.no_table", found=table, known=listed)))


def _plain(error: Exception) -> str:
    """Return an error's first line, without the address that GDAL puts into it."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text.split("; ")[0][-120:]
