"""Makes one archive that installs spatialplan in an office without internet.

    python scripts/bundle.py --platform windows --python 3.12 --extra speed --out bundles

Inside: wheels of everything for the chosen platform and Python, the package's own wheel, the
example layers, an installer for Linux and a double-click one for Windows, sums of all files. pip
downloads the wheels but asks the machine that it runs on which requirements a platform has, so the
set is closed here for the machine that it is meant for, and verified. The same wheels give the same
archive, byte for byte.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
OFFICE = Path(__file__).resolve().parent / "office"
PACKAGE = "spatialplan"

PYTHONS = ("3.11", "3.12", "3.13")
# glibc 2.28 is that of Debian 10, RHEL 8, Ubuntu 20.04, Kylin V10 and UOS 20.
LINUX = tuple(
    f"{tag}_x86_64"
    for tag in (
        *(f"manylinux_2_{minor}" for minor in range(28, 4, -1)),
        *("manylinux2014", "manylinux2010", "manylinux1", "linux"),
    )
)
PLATFORMS: Mapping[str, tuple[str, ...]] = {"linux": LINUX, "windows": ("win_amd64",)}
MARKERS = {
    "linux": {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix",
              "platform_machine": "x86_64"},
    "windows": {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt",
                "platform_machine": "AMD64"},
}  # fmt: skip
# A fixed day, so that the same content gives the same archive.
WRITTEN = (2000, 1, 1, 0, 0, 0)
# Wheels ask for each other a few levels deep; more rounds than this go in circles.
MOST_ROUNDS = 10

README = "README.txt"
MANUALS = ("README.md", "README.zh.md", "LICENSE")

Fetch = Callable[[Sequence[str], Path], None]


class BundleError(Exception):
    """The bundle cannot be made; says why."""


@dataclass(frozen=True)
class Target:
    """The machine that a bundle is for."""

    platform: str
    python: str
    extras: tuple[str, ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """What environment markers are asked of there."""
        return {
            **MARKERS[self.platform],
            "python_version": self.python,
            "python_full_version": f"{self.python}.0",
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_version": "",
        }

    @property
    def requirement(self) -> str:
        """What the installer asks pip for."""
        return f"{PACKAGE}[{','.join(self.extras)}]" if self.extras else PACKAGE


@dataclass(frozen=True)
class Wheel:
    """What a wheel says of itself."""

    name: str
    version: Version
    requires: tuple[Requirement, ...]


def main() -> int:
    """Make the bundle that the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--platform", choices=PLATFORMS, default="linux")
    here = ".".join(map(str, sys.version_info[:2]))
    parser.add_argument("--python", choices=PYTHONS, default=here if here in PYTHONS else "3.12")
    parser.add_argument("--extra", action="append", default=[], help="e.g. speed; may be repeated")
    parser.add_argument("--out", type=Path, default=Path("bundles"))
    options = parser.parse_args()
    target = Target(options.platform, options.python, tuple(sorted(options.extra)))
    try:
        with tempfile.TemporaryDirectory() as folder:
            wheels = Path(folder)
            build_own_wheel(wheels)
            gather_wheels(wheels, target, lambda wanted, into: download(wanted, into, target))
            archive = assemble(wheels, target, root=ROOT, out=options.out)
    except BundleError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{archive}: {archive.stat().st_size / 1e6:.1f} MB")
    return 0


def build_own_wheel(into: Path) -> None:
    """Build the package's wheel."""
    run_pip("wheel", "--no-deps", "--wheel-dir", str(into), str(ROOT))


def download(wanted: Sequence[str], into: Path, target: Target) -> None:
    """Download wheels for the target, and those that they ask for as far as pip knows."""
    tags = [word for tag in PLATFORMS[target.platform] for word in ("--platform", tag)]
    run_pip(
        *("download", "--dest", str(into), "--find-links", str(into), "--only-binary", ":all:"),
        *("--python-version", target.python, "--implementation", "cp", *tags, *wanted),
    )


def run_pip(*words: str) -> None:
    """Run pip quietly.

    Raises
    ------
    BundleError
        With pip's own words, if it fails.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words, "--quiet"]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        raise BundleError(f"pip {words[0]} failed:\n{ran.stderr.strip()}")


def gather_wheels(folder: Path, target: Target, fetch: Fetch) -> None:
    """Fetch wheels until nothing that the target needs is missing, then drop the others.

    Parameters
    ----------
    folder
        Holds the package's own wheel; the others come beside it.
    fetch
        Brings wheels of some requirements into a folder.

    Raises
    ------
    BundleError
        If requirements stay open.
    """
    own = read_wheels(folder)[PACKAGE]
    wanted = [f"{PACKAGE}{extras_of(target)}=={own.version}", "pip"]
    for _ in range(MOST_ROUNDS):
        fetch(wanted, folder)
        needed, missing = close_set(read_wheels(folder), target)
        if not missing:
            drop_others(folder, needed)
            return
        wanted += [one for one in missing if one not in wanted]
    raise BundleError("no set of wheels was found that is complete; missing: " + ", ".join(missing))


def extras_of(target: Target) -> str:
    """Return the extras as a requirement states them."""
    return f"[{','.join(target.extras)}]" if target.extras else ""


def read_wheels(folder: Path) -> dict[str, Wheel]:
    """Read what the wheels in a folder say of themselves, by name.

    Raises
    ------
    BundleError
        If there are two of one name, or a file that is no wheel.
    """
    found: dict[str, Wheel] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix != ".whl":
            raise BundleError(f"{path.name} is no wheel; there must be one for every requirement")
        name, version, *_ = parse_wheel_filename(path.name)
        if name in found:
            raise BundleError(f"two wheels of {name}: {found[name].version} and {version}")
        found[name] = Wheel(name, version, read_requirements(path))
    return found


def read_requirements(path: Path) -> tuple[Requirement, ...]:
    """Read the requirements of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        name = next(one for one in wheel.namelist() if one.endswith(".dist-info/METADATA"))
        metadata = HeaderParser().parsestr(wheel.read(name).decode("utf-8"))
    return tuple(Requirement(text) for text in metadata.get_all("Requires-Dist", []))


def close_set(wheels: Mapping[str, Wheel], target: Target) -> tuple[set[str], list[str]]:
    """Follow requirements from the package on, for the machine that the bundle is for.

    Returns
    -------
    needed, missing
        Names of the wheels that are needed; requirements that no wheel fulfils.
    """
    needed: set[str] = {"pip"} & wheels.keys()
    missing: dict[str, None] = {} if needed else {"pip": None}
    open_ones = [Requirement(target.requirement)]
    seen: set[str] = set()
    while open_ones:
        asked = open_ones.pop()
        if str(asked) in seen:
            continue
        seen.add(str(asked))
        wheel = wheels.get(canonicalize_name(asked.name))
        if wheel is None or not asked.specifier.contains(wheel.version, prereleases=True):
            missing[f"{asked.name}{asked.specifier}"] = None
            continue
        needed.add(wheel.name)
        open_ones += [one for one in wheel.requires if applies(one, asked.extras, target)]
    return needed, list(missing)


def applies(requirement: Requirement, extras: Iterable[str], target: Target) -> bool:
    """Tell whether a requirement holds on the target, for a package asked for with extras."""
    if requirement.marker is None:
        return True
    environments = [{**target.environment, "extra": extra} for extra in (*extras, "")]
    return any(requirement.marker.evaluate(environment) for environment in environments)


def drop_others(folder: Path, needed: set[str]) -> None:
    """Remove wheels that only the machine here would need."""
    for path in folder.glob("*.whl"):
        if parse_wheel_filename(path.name)[0] not in needed:
            path.unlink()


def assemble(wheels: Path, target: Target, *, root: Path, out: Path) -> Path:
    """Write the archive.

    Parameters
    ----------
    wheels
        Folder of wheels.
    root
        Holds the manuals and the example layers.
    out
        Folder that the archive comes into.

    Returns
    -------
    archive
        Its path.
    """
    version = str(read_wheels(wheels)[PACKAGE].version)
    content = {f"wheels/{path.name}": path.read_bytes() for path in wheels.glob("*.whl")}
    content |= {name: (root / name).read_bytes() for name in MANUALS}
    content |= {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in (root / "layers").rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    content |= office_files(target, version)
    sums = [f"{hashlib.sha256(content[name]).hexdigest()}  {name}\n" for name in sorted(content)]
    content["SHA256SUMS"] = "".join(sums).encode()
    stem = f"{PACKAGE}-{version}-{target.platform}-python{target.python}"
    out.mkdir(parents=True, exist_ok=True)
    archive = out / f"{stem}.zip"
    write_archive(content, archive, stem)
    return archive


def office_files(target: Target, version: str) -> dict[str, bytes]:
    """Return installer, its settings and the short manual, as the target reads them."""
    installer = "install.bat" if target.platform == "windows" else "install.sh"
    settings = {
        "platform": target.platform,
        "python": target.python,
        "requirement": f"{target.requirement}=={version}",
    }
    return {
        "bundle.json": (json.dumps(settings, indent=1) + "\n").encode(),
        "install.py": (OFFICE / "install.py").read_bytes(),
        installer: fill_in(installer, target, version),
        # Notepad tells UTF-8 by its mark.
        README: b"\xef\xbb\xbf" + fill_in(README, target, version),
    }


def fill_in(name: str, target: Target, version: str) -> bytes:
    """Return a text of the folder `office` for a target, with its line ends."""
    values = {"PYTHON": target.python, "PLATFORM": target.platform, "VERSION": version}
    text = re.sub(r"@([A-Z]+)@", lambda match: values[match[1]], (OFFICE / name).read_text("utf-8"))
    return text.replace("\n", "\r\n").encode() if target.platform == "windows" else text.encode()


def write_archive(content: Mapping[str, bytes], archive: Path, folder: str) -> None:
    """Write a zip archive, sorted and undated; an earlier one stays until it is whole."""
    temporary = archive.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w") as bundle:
        for name in sorted(content):
            entry = zipfile.ZipInfo(f"{folder}/{name}", WRITTEN)
            entry.create_system = 3
            entry.external_attr = (0o100755 if name.endswith(".sh") else 0o100644) << 16
            packed = name.endswith((".whl", ".zip"))
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            bundle.writestr(entry, content[name])
    temporary.replace(archive)


if __name__ == "__main__":
    raise SystemExit(main())
