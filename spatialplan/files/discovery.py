"""Every table with geometry in a delivery, whatever its format, as a layer that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from spatialplan.errors import Fault, SourceError
from spatialplan.files.damage import DAMAGE, hear_warnings
from spatialplan.files.folders import list_sources
from spatialplan.files.opening.archives import readable_name
from spatialplan.files.sources import (
    FORMATS,
    Place,
    find_source,
    list_inside,
    list_tables,
    plain_reason,
)
from spatialplan.messages import say
from spatialplan.plan import LayerSpec

__all__ = ["Discovery", "FoundTable", "find_tables"]

# Formats whose one table is named like the file; in the others the plan has to name it.
ONE_TABLE = frozenset({"ESRI Shapefile", "FlatGeobuf", "GeoParquet", "GeoJSON"})


@dataclass(frozen=True, slots=True)
class FoundTable:
    """A table with geometry.

    Attributes
    ----------
    spec
        A layer without a role yet, which `read_delivery` reads against the working folder (its path
        is the one found; absolute where the path searched was).
    path
        The file or FileGDB folder.
    table, inside
        The table's name as people read it; the data set's in a zip file, blank outside one.
    format
        The format's name.
    geometry
        The kind of geometry that the source declares, ``"Unknown"`` where it declares none.
    """

    spec: LayerSpec
    path: str
    table: str
    inside: str
    format: str
    geometry: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a delivery holds.

    Attributes
    ----------
    tables
        In a stable order: as named, and by name within a folder.
    faults
        Every source that could not be opened, with the reason.
    notes
        What was passed over and is no fault: tables without geometry, files of other formats.
    """

    tables: tuple[FoundTable, ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...] = ()


def find_tables(paths: Sequence[Path]) -> Discovery:
    """Find all tables with geometry in files and folders; nothing is changed, no feature is read.

    Parameters
    ----------
    paths
        Files of any known format, zip files with any number of them, FileGDB folders, or folders
        that are searched to the bottom. What is met twice counts once.

    Returns
    -------
    discovery
        One table cannot keep the others from being found: what fails becomes a fault.
    """
    sources = list_sources(paths)
    tables: list[FoundTable] = []
    faults, notes = list(sources.faults), list(sources.notes)
    names: dict[str, None] = {}
    for file in sources.files:
        try:
            names |= dict.fromkeys(_data_sets_of(file))
        except SourceError as error:
            faults += error.faults
    with hear_warnings():
        for path in names:
            _open_data_set(path, tables, faults, notes)
    return Discovery(tuple(_number(tables)), tuple(faults), tuple(notes))


def _data_sets_of(file: Path) -> list[str]:
    """Return the path of a file, or of every data set in a zip file that holds several."""
    if file.suffix.lower() != ".zip" or not file.is_file():
        return [str(file)]
    try:
        inside = list_inside(file, str(file))
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceError(Fault(str(file), say("source.damaged", reason=reason))) from None
    return [f"{file}/{readable_name(name)}" for name in inside] if len(inside) > 1 else [str(file)]


def _open_data_set(
    path: str, tables: list[FoundTable], faults: list[Fault], notes: list[Fault]
) -> None:
    title = PurePosixPath(path).stem or path
    try:
        place = find_source(path, directory=Path(), title=title)
        listed = list_tables(place, f"{path} ({title})")
    except SourceError as error:
        faults += [_reword(fault, path) for fault in error.faults]
        return
    except OSError as error:
        faults.append(Fault(path, say("source.damaged", reason=error.strerror or str(error))))
        return
    except DAMAGE as error:
        reason = plain_reason(str(error) or type(error).__name__, Path(path))
        faults.append(Fault(path, say("source.damaged", reason=reason)))
        return
    if not listed:
        faults.append(Fault(path, say("discovery.no_table")))
    names = [name for name, _ in listed]
    flat = [name for name, kind in listed if kind is None]
    if flat:
        notes.append(Fault(path, say("discovery.no_geometry", found=", ".join(flat))))
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        faults.append(Fault(path, say("discovery.repeated_table", found=name)))
    tables += [
        _found(place, name, str(kind))
        for name, kind in listed
        if kind is not None and names.count(name) == 1
    ]


def _reword(fault: Fault, path: str) -> Fault:
    """Word a fault for a delivery, which is named by no plan file."""
    missing = fault.message.key == "source.missing"
    return Fault(path, say("discovery.missing") if missing else fault.message)


def _found(place: Place, table: str, kind: str) -> FoundTable:
    inside = readable_name(place.inside)
    name = PurePosixPath(inside or place.file.name)
    known = FORMATS[name.suffix.lower()]
    # The name that the driver gives a table in a zip file may be one in the wrong code page.
    shown = readable_name(table) if inside else table
    title = shown.strip() or name.stem
    spec = LayerSpec(
        id=title,
        title=title,
        role="other",
        path=place.path,
        table=None if known in ONE_TABLE else table,
    )
    return FoundTable(spec, str(place.file), title, inside, known, kind)


def _number(tables: Iterable[FoundTable]) -> Iterator[FoundTable]:
    """Give every table an id of its own: its name, then its name with a number."""
    taken: set[str] = set()
    for found in tables:
        name, number = found.spec.id, 1
        while name.lower() in taken:
            number += 1
            name = f"{found.spec.id}-{number}"
        taken.add(name.lower())
        yield replace(found, spec=found.spec.model_copy(update={"id": name}))
