"""Nothing that is read is ever written over."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from spatialplan.errors import Fault, OutputError
from spatialplan.messages import say

if TYPE_CHECKING:
    from spatialplan.plan import Plan

__all__ = ["guard_inputs", "guard_sources"]


def guard_inputs(
    plan: Plan, plan_file: Path, outputs: Iterable[Path], others: Iterable[Path] = ()
) -> None:
    """Refuse to write over, into or beside anything that is read, before it is read.

    An output may be a folder; then nothing that is read may lie in it.
    """
    paths = [spec.path for spec in plan.layers.values()]
    paths += [spec.path for spec in plan.rasters.values()]
    guard_sources([plan_file, *others, *(plan.directory / path for path in paths)], outputs)


def guard_sources(sources: Iterable[Path], outputs: Iterable[Path]) -> None:
    """Refuse to write over, into or beside files or folders that are read."""
    inputs = {place for source in sources for place in _places(source)}
    faults = [
        Fault(str(path), say("output.is_input"))
        for path in outputs
        if any(_belongs_to(place, source) for place in _places(path) for source in inputs)
    ]
    if faults:
        raise OutputError(faults)


def _places(path: Path) -> set[Path]:
    """Return where a file is named and where it lies: two places where it is a link."""
    return {path.resolve(), path.parent.resolve() / path.name}


def _belongs_to(path: Path, source: Path) -> bool:
    """Say whether a file is a source, lies inside or around one, or is one of its files."""
    if any(_is_same(place, source) for place in (path, *path.parents)):
        return True
    if any(_is_same(place, path) for place in source.parents):
        return True
    if not _is_same(path.parent, source.parent):
        return False
    # Compared without case: many disks do not tell DEV.dbf from dev.dbf.
    name, own = path.name.casefold(), source.name.casefold()
    if source.suffix.casefold() == ".shp":
        return name.startswith(own.removesuffix("shp"))
    # SQLite keeps what a GeoPackage has not yet taken in in files named data.gpkg-wal and the like.
    return name.startswith(f"{own}-")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except OSError:  # one of them is not there
        return False
