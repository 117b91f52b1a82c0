"""Data sets of several files, or whole folders, put in their place when they are complete."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from spatialplan.errors import Fault, OutputError
from spatialplan.messages import say

__all__ = ["place_data_set", "require_apart", "staged"]

# Without it a shapefile is none; so it leaves first and arrives last.
KEY_SUFFIX = ".shp"
COMPANIONS = (".shx", ".dbf", ".prj", ".cpg", ".qix", ".sbn", ".sbx")


@contextmanager
def staged(out: Path) -> Iterator[Path]:
    """Yield a folder in `out` to write into; what is left in it afterwards is thrown away.

    Raises
    ------
    OutputError
        If `out` cannot be written, the disk is full, or a file is open elsewhere.
    """
    folder: Path | None = None
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=out))
        yield folder
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(Fault(str(out), say("output.failed", reason=reason))) from None
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def place_data_set(folder: Path, out: Path) -> None:
    """Move everything in `folder` to `out`, in place of what stands there under the same names.

    Whenever this is interrupted, a data set in `out` is the old one, the new one, or not there; it
    is never a mixture that opens.
    """
    parts = sorted(folder.iterdir(), key=lambda part: (part.suffix.lower() == KEY_SUFFIX, part))
    for part in parts:
        if part.suffix.lower() == KEY_SUFFIX:
            _clear_shapefile(out, part.stem)
    for part in parts:
        target = out / part.name
        if target.is_dir():
            _swap(part, target, folder.parent / f"{part.name}.old")
        else:
            part.replace(target)


def _clear_shapefile(out: Path, stem: str) -> None:
    """Take away an earlier shapefile, the .shp first; a part of it must not join the new one."""
    (out / f"{stem}{KEY_SUFFIX}").unlink(missing_ok=True)
    for suffix in COMPANIONS:
        (out / f"{stem}{suffix}").unlink(missing_ok=True)


def _swap(new: Path, target: Path, aside: Path) -> None:
    target.rename(aside)
    try:
        new.rename(target)
    except OSError:
        aside.rename(target)
        raise


def require_apart(out: Path, sources: Sequence[Path]) -> None:
    """Refuse a folder for results that holds an input, lies in one, or is one.

    Raises
    ------
    OutputError
        With every input concerned.
    """
    faults = [
        Fault(str(out), say("repaired.not_apart", source=str(source)))
        for source in sources
        if any(_lies_in(place, out) or _lies_in(out, place) for place in _places(source))
    ]
    if faults:
        raise OutputError(faults)


def _places(path: Path) -> set[Path]:
    """Return where a file is named and where it lies: two places where it is a link."""
    return {path.resolve(), path.parent.resolve() / path.name}


def _lies_in(path: Path, folder: Path) -> bool:
    """Tell whether a path is a folder or lies somewhere in it."""
    return any(_is_same(place, folder) for place in (path, *path.absolute().parents))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.absolute() == other.absolute() or one.samefile(other)
    except OSError:  # one of them is not there
        return False
