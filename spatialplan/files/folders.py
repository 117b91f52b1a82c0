"""Which data sets lie in a delivery: files as named, and what folders hold, at any depth.

A FileGDB folder is one data set, a shapefile with its parts is one, a zip file is opened later.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from spatialplan.errors import Fault
from spatialplan.files.sources import FORMATS, HIDDEN, UNREAD
from spatialplan.messages import Message, say

__all__ = ["Sources", "list_sources"]

# Deliveries nest 省/市/县/专题/成果 and seldom more; deeper is a mistake, or a folder in itself.
DEEPEST = 24
# A delivery holds thousands of files; a whole disk named by mistake holds millions.
MOST_FILES = 100_000

# What lies beside a .shp and belongs to it.
PARTS = frozenset(
    {
        *(".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".fix", ".idm"),
        *(".ain", ".aih", ".atx", ".ixs", ".mxs", ".fbn", ".fbx", ".qmd", ".qml", ".sld"),
    }
)
# What programs leave behind: locks, indexes of open GeoPackages, notes of file managers.
LEFT_BEHIND = (".lock", ".gpkg-wal", ".gpkg-shm", ".gpkg-journal", ".aux.xml", ".tmp", ".ovr")
OF_THE_DESKTOP = frozenset({"thumbs.db", "desktop.ini"})
# A GeoJSON file names its type near its beginning; other .json files are documents.
GEOJSON_WORDS = (b"Feature", b"coordinates", b"geometry", b"Topology")
JSON_BEGINNING = 4096


@dataclass(frozen=True, slots=True)
class Sources:
    """Data sets in the order in which they were met; what is wrong; what was passed over."""

    files: tuple[Path, ...]
    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]


def list_sources(
    paths: Iterable[Path], *, deepest: int = DEEPEST, most: int = MOST_FILES
) -> Sources:
    """List the data sets among files and in folders, each once.

    Parameters
    ----------
    paths
        As the user names them. A part of a shapefile stands for the shapefile.
    deepest, most
        How many folders deep and how many files far a folder is searched.
    """
    search = _Search(deepest, most)
    for path in paths:
        search.add(path)
    return Sources(tuple(search.found.values()), tuple(search.faults), tuple(search.notes))


@dataclass(slots=True)
class _Search:
    deepest: int
    most: int
    found: dict[Path, Path] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    visited: set[Path] = field(default_factory=set)
    seen_files: int = 0

    def add(self, path: Path) -> None:
        if not path.is_dir() or path.suffix.lower() == ".gdb":
            self._take(_whole_shapefile(path))
            return
        before = len(self.found) + len(self.faults)
        unknown: Counter[str] = Counter()
        self._search(path, 0, unknown)
        if unknown:
            listed = ", ".join(f"{suffix} × {count}" for suffix, count in sorted(unknown.items()))
            self.notes.append(Fault(str(path), say("discovery.unknown_files", found=listed)))
        if len(self.found) + len(self.faults) == before:
            self.faults.append(Fault(str(path), say("discovery.nothing")))

    def _take(self, path: Path) -> None:
        self.found.setdefault(_true_place(path), path)

    def _blame(self, path: Path, message: Message) -> None:
        self.faults.append(Fault(str(path), message))

    def _search(self, folder: Path, depth: int, unknown: Counter[str]) -> None:
        place = _true_place(folder)
        if place in self.visited:
            return
        self.visited.add(place)
        if depth > self.deepest:
            self._blame(folder, say("discovery.too_deep", limit=self.deepest))
            return
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: (entry.name.lower(), entry.name))
        except OSError as error:
            self._blame(folder, say("source.damaged", reason=error.strerror or str(error)))
            return
        if any(entry.name.lower().endswith(".gdbtable") for entry in entries):
            self._blame(folder, say("discovery.unnamed_gdb"))
            return
        names = {entry.name.lower() for entry in entries}
        for entry in entries:
            if entry.name.startswith((*HIDDEN, "~$")):
                continue
            if self.seen_files >= self.most:
                self._stop(folder)
                return
            path = folder / entry.name
            if path.is_dir() and path.suffix.lower() != ".gdb":
                self._search(path, depth + 1, unknown)
            else:
                self.seen_files += 1
                self._sort(path, names, unknown)

    def _stop(self, folder: Path) -> None:
        message = say("discovery.too_many", limit=self.most)
        if not any(fault.message == message for fault in self.faults):
            self._blame(folder, message)

    def _sort(self, path: Path, names: set[str], unknown: Counter[str]) -> None:
        """Take a file, pass it over, or note it."""
        suffix, name = path.suffix.lower(), path.name.lower()
        if _belongs_to_shapefile(name, names) or name.endswith(LEFT_BEHIND):
            return
        if name in OF_THE_DESKTOP:
            return
        if suffix == ".dbf":
            self.notes.append(Fault(str(path), say("discovery.lone_dbf")))
        elif suffix == ".json" and not _looks_like_geojson(path):
            unknown[suffix] += 1
        elif suffix in FORMATS or suffix in UNREAD or suffix == ".zip":
            self._take(path)
        else:
            unknown[suffix or path.name] += 1


def _whole_shapefile(path: Path) -> Path:
    """Return the .shp that a part belongs to, else the path itself."""
    if path.suffix.lower() not in PARTS or not path.parent.is_dir():
        return path
    wanted = f"{path.stem}.shp".lower()
    near = [entry for entry in path.parent.iterdir() if entry.name.lower() == wanted]
    return near[0] if near else path


def _belongs_to_shapefile(name: str, names: set[str]) -> bool:
    stem, _, suffix = name.rpartition(".")
    if f".{suffix}" in PARTS:
        # An attribute index is named STBHHX.BSM.atx, metadata STBHHX.shp.xml.
        return f"{stem}.shp" in names or f"{stem.rpartition('.')[0]}.shp" in names
    return suffix == "xml" and stem in names


def _looks_like_geojson(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            beginning = stream.read(JSON_BEGINNING)
    except OSError:
        return True  # let the reading say what is wrong
    return any(word in beginning for word in GEOJSON_WORDS)


def _true_place(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return path.absolute()
