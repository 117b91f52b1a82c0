"""The files that make up a data set, on disk or in a zip file, by name without regard to case."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

__all__ = ["Members", "find_members"]

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Members:
    """The files of one data set.

    `name` is the data set's own, as written; `sizes` the bytes by lower-case name, `addresses`
    where each lies: a path, or an entry of the zip file `archive`.
    """

    name: str
    sizes: Mapping[str, int]
    addresses: Mapping[str, str]
    archive: Path | None = None

    @property
    def suffix(self) -> str:
        """The data set's suffix in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    def part(self, suffix: str) -> str:
        """Return the lower-case name of the data set's part with a suffix."""
        return f"{PurePosixPath(self.name).stem}{suffix}".lower()

    def read(self, name: str, length: int = -1, *, start: int = 0) -> bytes:
        """Return a file's content from `start`, empty if there is no such file."""
        if name.lower() not in self.sizes:
            return b""
        with self._open(name.lower()) as stream:
            if start:
                stream.seek(start)
            return stream.read(length)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file's content in pieces of a megabyte."""
        with self._open(name.lower()) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        if self.archive is None:
            with Path(self.addresses[name]).open("rb") as stream:
                yield stream
        else:
            with (
                zipfile.ZipFile(self.archive) as archive,
                archive.open(self.addresses[name]) as entry,
            ):
                yield entry


def find_members(file: Path, inside: str) -> Members:
    """Find the files of a data set: those in a FileGDB's folder, else those of its stem."""
    if inside:
        return _members_inside(file, inside)
    if file.is_dir():
        found = list(file.iterdir())
    else:
        # Of two names that differ in case alone the data set's own comes last, and wins.
        found = [part for part in file.parent.iterdir() if part.stem.lower() == file.stem.lower()]
        found.sort(key=lambda part: (part.stem == file.stem, part.name))
    found = [part for part in found if part.is_file()]
    sizes = {part.name.lower(): part.stat().st_size for part in found}
    return Members(file.name, sizes, {part.name.lower(): str(part) for part in found})


def _members_inside(file: Path, inside: str) -> Members:
    path = PurePosixPath(inside)
    folder = inside if path.suffix.lower() == ".gdb" else str(path.parent)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    found = [
        (PurePosixPath(entry.filename).name.lower(), entry)
        for entry in entries
        if str(PurePosixPath(entry.filename).parent) == folder and not entry.is_dir()
    ]
    return Members(
        path.name,
        {name: entry.file_size for name, entry in found},
        {name: entry.filename for name, entry in found},
        file,
    )
