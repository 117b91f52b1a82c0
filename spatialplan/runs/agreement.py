"""Whether every machine of a cluster runs the same program and sees the same files.

Another GEOS or PROJ gives other last digits, another rulebook other verdicts, and a folder of the
same name on another disk other parcels. None of it shows in a result, so it is asked beforehand.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import metadata, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spatialplan.errors import ClusterError, Fault
from spatialplan.messages import Message, say

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["find_difference", "own_versions", "require_agreement"]

# What the figures or the words of a result depend on, and what carries them. numba is optional:
# with it areas are summed up in another order.
PACKAGES = ("distributed", "numba", "numpy", "pyarrow", "pyproj", "shapely")

Versions = Mapping[str, str]


@cache
def own_versions() -> Versions:
    """Return the versions that results depend on, of this very process."""
    import pyproj
    import shapely

    major, minor, _ = platform.python_version_tuple()
    return {
        "Python": f"{major}.{minor}",
        "spatialplan": _program_version(),
        "GEOS": shapely.geos_version_string,
        "PROJ": pyproj.proj_version_str,
        **{name: _package_version(name) for name in PACKAGES},
    }


def find_difference(found: Versions, expected: Versions) -> Iterable[Message]:
    """Say of every version that is not the expected one what it is."""
    for part in expected:
        if found.get(part) != expected[part]:
            yield say(
                "cluster.other_version",
                part=part,
                found=found.get(part) or "-",
                expected=expected[part] or "-",
            )


def require_agreement(client: Client, folder: Path, inputs: Sequence[Path]) -> None:
    """Require that scheduler and workers have our versions, and see our folder and inputs.

    Parameters
    ----------
    client
        Connected to a scheduler that has workers.
    folder
        Where workers write; a small file is put there for them to read.
    inputs
        Files that they read.

    Raises
    ------
    ClusterError
        With a fault for everything that differs anywhere.
    """
    token = folder / "token"
    token.write_text(folder.name, encoding="utf-8")
    files = [str(path.resolve()) for path in (token, *inputs)]
    own = describe_place(files)
    places = client.run(describe_place, files, on_error="return")
    try:
        scheduler = client.run_on_scheduler(describe_place, [])
    except Exception as error:
        scheduler = error
    token.unlink()
    faults = list(_faults_of(_title(client, None), scheduler, {**own, "files": {}}))
    for address, found in sorted(places.items()):
        faults += _faults_of(_title(client, address), found, own)
    if faults:
        raise ClusterError(faults)


def describe_place(files: Sequence[str]) -> dict[str, Any]:
    """Return versions, and of each file a mark of its content; runs on every machine.

    What it returns is built in, as another version of this program must be able to send it.
    """
    return {"versions": dict(own_versions()), "files": {name: _mark(name) for name in files}}


def _mark(name: str) -> str:
    """Return a mark that tells contents apart: SHA-256 of a small file, the size of a large one."""
    try:
        path = Path(name)
        size = path.stat().st_size
        if path.is_dir():
            return "folder"
        return hashlib.sha256(path.read_bytes()).hexdigest() if size < 1_000_000 else f"{size:,} B"
    except OSError as error:
        return error.strerror or type(error).__name__


def _faults_of(where: str, found: Any, expected: Mapping[str, Any]) -> Iterable[Fault]:
    if not isinstance(found, dict):
        reason = f"{type(found).__name__}: {found}"
        yield Fault(where, say("cluster.no_program", reason=reason))
        return
    for message in find_difference(found["versions"], expected["versions"]):
        yield Fault(where, message)
    for name, mark in expected["files"].items():
        if found["files"].get(name) != mark:
            seen = str(found["files"].get(name))
            yield Fault(where, say("cluster.not_shared", path=name, found=seen, expected=mark))


def _title(client: Client, worker: str | None) -> str:
    if worker is None:
        return f"scheduler {client.scheduler.address}"
    return f"worker {worker}"


def _program_version() -> str:
    """Return the program's version with a mark of its sources, which change between versions."""
    content = hashlib.sha256()
    package = Path(str(resources.files("spatialplan")))
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".toml"}:
            content.update(path.relative_to(package).as_posix().encode())
            content.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return f"{metadata.version('spatialplan')} ({content.hexdigest()[:8]})"


def _package_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
