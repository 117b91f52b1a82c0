"""Repaired copies in a folder of their own: the format, the fields and all else as delivered.

A data set is written as a whole: tables that were not repaired go along unchanged, those without
geometry too. It is read back before it takes its place; a copy that differs from what it should be
is thrown away. Inputs are only read.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from threading import get_ident
from typing import Any

from spatialplan.errors import Fault, SpatialplanError
from spatialplan.files.copying.copies import TableCopy
from spatialplan.files.copying.placing import place_data_set, staged
from spatialplan.files.copying.shapefile_copy import write_shapefile
from spatialplan.files.copying.text_copies import (
    is_feature_collection,
    read_geojson,
    write_geojson,
    write_geoparquet,
)
from spatialplan.files.damage import Heard, hear_warnings
from spatialplan.files.encodings import find_encoding
from spatialplan.files.opening.archives import readable_name
from spatialplan.files.sources import list_tables, plain_reason
from spatialplan.messages import Message, say

__all__ = ["CopiedDataSet", "write_copies"]

# Databases that GDAL writes, by suffix; formats that cannot be written become GeoPackages.
DRIVERS = {".gpkg": "GPKG", ".gdb": "OpenFileGDB", ".fgb": "FlatGeobuf"}
FALLBACK = ".gpkg"
DAMAGE = (RuntimeError, ValueError, LookupError, TypeError, NameError, zlib.error)

Writer = Callable[[Path], list[Message]]


@dataclass(frozen=True, slots=True)
class CopiedDataSet:
    """One data set's copy: where it is, or why there is none.

    Attributes
    ----------
    path
        None where it could not be written; `faults` then says why.
    source
        The delivered data set, as written.
    notes
        What a person should know of the copy.
    """

    source: str
    path: Path | None
    notes: tuple[Message, ...] = ()
    faults: tuple[Fault, ...] = ()


def write_copies(copies: Sequence[TableCopy], out: Path) -> list[CopiedDataSet]:
    """Write repaired copies of data sets into a folder.

    Parameters
    ----------
    copies
        Tables; those of one data set are written together.
    out
        A folder apart from every input (`spatialplan.files.copying.placing.require_apart`).

    Returns
    -------
    copied
        One a data set, in the order of the tables. One that cannot be written does not keep the
        others from it.
    """
    groups: dict[tuple[Path, str, bool], list[TableCopy]] = {}
    for copy in copies:
        key = (copy.place.file, copy.place.inside, copy.salvaged is not None)
        groups.setdefault(key, []).append(copy)
    taken: set[str] = set()
    with hear_warnings() as heard:
        return [_write_and_hear(group, out, taken, heard) for group in groups.values()]


def _write_and_hear(
    copies: list[TableCopy], out: Path, taken: set[str], heard: Heard
) -> CopiedDataSet:
    """Write a data set, and pass on what the writing library warned of; none of it may be lost."""
    heard[get_ident()].clear()
    copied = _write_data_set(copies, out, taken)
    file = copies[0].place.file
    texts = dict.fromkeys(plain_reason(text, file) for text in heard[get_ident()])
    notes = (*copied.notes, *(say("repaired.warned", text=text) for text in texts))
    return replace(copied, notes=notes)


def _write_data_set(copies: list[TableCopy], out: Path, taken: set[str]) -> CopiedDataSet:
    place = copies[0].place
    name = PurePosixPath(readable_name(place.inside) or place.file.name)
    source = f"{place.file}/{readable_name(place.inside)}" if place.inside else str(place.file)
    try:
        with staged(out) as folder:
            data_set = folder / "whole"
            data_set.mkdir()
            ending, write = _writer_for(copies, name.suffix.lower())
            stem = _free_stem(name.stem, ending, taken)
            notes = write(data_set / f"{stem}{ending}")
            if ending != name.suffix.lower():
                notes.append(say("repaired.other_format", found=name.suffix))
            place_data_set(data_set, out)
    except SpatialplanError as error:
        return CopiedDataSet(source, None, faults=error.faults)
    except DAMAGE as error:
        reason = plain_reason(str(error) or type(error).__name__, place.file)
        fault = Fault(source, say("output.failed", reason=reason))
        return CopiedDataSet(source, None, faults=(fault,))
    return CopiedDataSet(source, out / f"{stem}{ending}", tuple(notes))


def _writer_for(copies: list[TableCopy], suffix: str) -> tuple[str, Writer]:
    """Return the suffix of the copy, and what writes it; it returns what a person should know."""
    first = copies[0]
    if first.salvaged is not None:
        return FALLBACK, partial(_write_salvaged, copies)
    if suffix == ".shp":
        return suffix, partial(_write_shapefile, first)
    if suffix in (".parquet", ".geoparquet"):
        return suffix, partial(_write_parquet, first)
    if suffix in (".geojson", ".json"):
        document = read_geojson(first.place)
        if is_feature_collection(document):
            return suffix, partial(_write_geojson, document, first)
    ending = suffix if suffix in DRIVERS else FALLBACK
    return ending, partial(_write_tables, copies, DRIVERS[ending])


def _write_shapefile(copy: TableCopy, path: Path) -> list[Message]:
    where = f"{copy.place.path} ({copy.place.table})"
    encoding = find_encoding(copy.place, stated=copy.stated_encoding, where=where)
    return write_shapefile(copy, encoding, path)


def _write_parquet(copy: TableCopy, path: Path) -> list[Message]:
    write_geoparquet(copy, path)
    return []


def _write_geojson(document: dict[str, Any], copy: TableCopy, path: Path) -> list[Message]:
    write_geojson(document, copy, path)
    return []


def _write_salvaged(copies: list[TableCopy], path: Path) -> list[Message]:
    from spatialplan.files.copying.arrow_copy import salvaged_columns, write_columns

    for copy in copies:
        columns = salvaged_columns(copy)
        write_columns(columns, path, table=copy.place.table, driver=DRIVERS[FALLBACK], copy=copy)
    return [say("repaired.salvaged")]


def _write_tables(copies: list[TableCopy], driver: str, path: Path) -> list[Message]:
    from spatialplan.files.copying.arrow_copy import copy_columns, read_columns, write_columns

    place = copies[0].place
    by_table = {copy.place.table: copy for copy in copies}
    notes: list[Message] = []
    others = []
    for name, _ in list_tables(place, place.path):
        copy = by_table.get(name)
        if copy is not None:
            columns = copy_columns(read_columns(place.address, name), copy)
            notes += write_columns(columns, path, table=name, driver=driver, copy=copy)
            continue
        try:
            write_columns(read_columns(place.address, name), path, table=name, driver=driver)
            others.append(name)
        except DAMAGE as error:
            reason = plain_reason(str(error) or type(error).__name__, place.file)
            notes.append(say("repaired.left_behind", table=name, reason=reason))
    if others:
        notes.append(say("repaired.taken_along", tables=", ".join(others)))
    return _unique(notes)


def _unique(notes: list[Message]) -> list[Message]:
    found: list[Message] = []
    for note in notes:
        if note not in found:
            found.append(note)
    return found


def _free_stem(stem: str, ending: str, taken: set[str]) -> str:
    """Return a name for the copy that no other copy has, whatever the case of its letters."""
    name, number = stem, 1
    while f"{name}{ending}".casefold() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(f"{name}{ending}".casefold())
    return name
