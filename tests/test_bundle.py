"""The archive for an office without internet: whole, the same every time, and proof to damage.

The wheels here are tiny ones made up on the spot; a real archive is tried where the variable
SPATIALPLAN_BUNDLE names one (see `scripts/bundle.py`).
"""

from __future__ import annotations

import ensurepip
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parent.parent / "scripts" / "bundle.py"
HERE = ".".join(map(str, sys.version_info[:2]))
REAL = os.environ.get("SPATIALPLAN_BUNDLE", "")


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bundle"] = module
    spec.loader.exec_module(module)
    return module


bundle = load()


def write_wheel(
    folder: Path, name: str, version: str = "1.0", requires: Sequence[str] = (), program: str = ""
) -> Path:
    """A wheel with one module; `program` is the body of a console script of its name."""
    info = f"{name}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {text}" for text in requires]
    metadata += ["Provides-Extra: speed"]
    files = {
        f"{name}.py": f"def run():\n    {program or 'pass'}\n",
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:run\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inner, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(zipfile.ZipInfo(inner), text)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with manuals and one example layer."""
    place = tmp_path / "root"
    (place / "layers" / "lines").mkdir(parents=True)
    (place / "layers" / "plan.toml").write_text("schema = 1\n", encoding="utf-8")
    (place / "layers" / "lines" / "红线.shp").write_bytes(b"shape")
    (place / "layers" / ".hidden").write_text("x", encoding="utf-8")
    for name in bundle.MANUALS:
        (place / name).write_text(f"{name}\n", encoding="utf-8")
    return place


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """The package, which needs one library, and pip."""
    place = tmp_path / "wheels"
    place.mkdir()
    write_wheel(place, "spatialplan", requires=["library>=1"], program="print('it runs')")
    write_wheel(place, "library")
    write_wheel(place, "pip", "26.0")
    return place


def make(wheels: Path, root: Path, out: Path, platform: str = "linux", python: str = HERE) -> Path:
    archive: Path = bundle.assemble(wheels, bundle.Target(platform, python), root=root, out=out)
    return archive


def unpack(archive: Path, into: Path) -> Path:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(into)
        (folder,) = {name.split("/")[0] for name in packed.namelist()}
    return into / folder


def test_the_same_wheels_give_the_same_archive(wheels: Path, root: Path, tmp_path: Path) -> None:
    first = make(wheels, root, tmp_path / "first")
    for path in [*wheels.iterdir(), *root.rglob("*")]:
        os.utime(path, (1_000_000_000, 1_000_000_000))
    second = make(wheels, root, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()
    assert first.name == f"spatialplan-1.0-linux-python{HERE}.zip"
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_everything_is_in_it_and_summed(wheels: Path, root: Path, tmp_path: Path) -> None:
    folder = unpack(make(wheels, root, tmp_path), tmp_path / "office")
    found = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert found == {
        *(f"wheels/{path.name}" for path in wheels.iterdir()),
        *("layers/plan.toml", "layers/lines/红线.shp", *bundle.MANUALS),
        *("README.txt", "SHA256SUMS", "bundle.json", "install.py", "install.sh"),
    }
    sums = dict(
        reversed(line.split("  ", 1))
        for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    )
    assert sums.keys() == found - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_the_texts_are_as_each_system_reads_them(wheels: Path, root: Path, tmp_path: Path) -> None:
    windows = unpack(make(wheels, root, tmp_path, "windows", "3.12"), tmp_path / "office")
    batch = (windows / "install.bat").read_bytes()
    assert batch.isascii()
    assert batch.count(b"\n") == batch.count(b"\r\n") > 10
    assert b"py -3.12" in batch
    assert b"@echo off" in batch
    readme = (windows / "README.txt").read_bytes()
    assert readme.startswith(b"\xef\xbb\xbf")
    assert readme.count(b"\n") == readme.count(b"\r\n")
    text = readme.decode("utf-8-sig")
    assert "未在 Windows 上运行过" in text
    assert "not run on Windows" in text
    shell = unpack(make(wheels, root, tmp_path), tmp_path / "office") / "install.sh"
    assert b"\r" not in shell.read_bytes()
    for filled in (text, batch.decode(), shell.read_text("utf-8")):
        assert "@PYTHON@" not in filled
        assert "@VERSION@" not in filled


@pytest.mark.parametrize(
    ("platform", "extras", "expected"),
    [
        ("linux", (), {"spatialplan", "library", "pip", "posix"}),
        ("windows", (), {"spatialplan", "library", "pip", "colours", "deeper"}),
        ("linux", ("speed",), {"spatialplan", "library", "pip", "posix", "quick"}),
    ],
)
def test_the_set_is_closed_for_the_machine_that_it_is_meant_for(
    tmp_path: Path, platform: str, extras: tuple[str, ...], expected: set[str]
) -> None:
    """The index knows what each wheel asks for; pip would only ask the machine it runs on."""
    index = {
        "library": ['colours ; sys_platform == "win32"', 'posix ; os_name == "posix"'],
        "colours": ["deeper>=1"],
        "pip": [],
        "posix": [],
        "deeper": [],
        "quick": [],
        "useless": [],
    }
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    write_wheel(
        wheels,
        "spatialplan",
        requires=["library>=1", 'quick ; extra == "speed"', 'useless ; python_version < "3"'],
    )

    def fetch(wanted: Sequence[str], into: Path) -> None:
        names = [bundle.Requirement(text).name for text in wanted]
        for name in [*names, "library", "useless"]:
            if name in index:
                write_wheel(into, name, requires=index[name])

    bundle.gather_wheels(wheels, bundle.Target(platform, "3.12", extras), fetch)
    assert bundle.read_wheels(wheels).keys() == expected


def test_a_set_that_cannot_be_closed_is_no_bundle(tmp_path: Path) -> None:
    write_wheel(tmp_path, "spatialplan", requires=["library>=2"])

    def fetch(wanted: Sequence[str], into: Path) -> None:
        write_wheel(into, "library", "1.0")
        write_wheel(into, "pip")

    with pytest.raises(bundle.BundleError, match="missing: library>=2"):
        bundle.gather_wheels(tmp_path, bundle.Target("linux", "3.12"), fetch)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("library-2.0-py3-none-any.whl", "two wheels of library"), ("x.tar.gz", "is no wheel")],
)
def test_what_is_no_clear_set_is_refused(wheels: Path, name: str, reason: str) -> None:
    shutil.copy(wheels / "library-1.0-py3-none-any.whl", wheels / name)
    with pytest.raises(bundle.BundleError, match=reason):
        bundle.read_wheels(wheels)


@pytest.fixture
def office(wheels: Path, root: Path, tmp_path: Path) -> Path:
    """A bundle for this machine, unpacked, with the pip that comes with Python."""
    own = next((Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl"), None)
    if own is None:
        pytest.skip("this Python comes without pip")
    (wheels / "pip-26.0-py3-none-any.whl").unlink()
    shutil.copy(own, wheels)
    platform = {"linux": "linux", "win32": "windows"}.get(sys.platform, "linux")
    return unpack(make(wheels, root, tmp_path, platform), tmp_path / "离线 办公室")


def run_installer(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    elsewhere = {"PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_NO_DEPS": "1", "PIP_TARGET": "/none"}
    command = [sys.executable, str(folder / "install.py"), *words]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", env={**os.environ, **elsewhere}
    )


@pytest.mark.skipif(sys.platform not in ("linux", "win32"), reason="bundles are for two systems")
def test_the_installer_installs_from_the_folder_alone(office: Path) -> None:
    ran = run_installer(office)
    assert ran.returncode == 0, ran.stderr
    program = next((office / "venv").glob("*/spatialplan*"))
    said = subprocess.run([program], capture_output=True, text=True)
    assert said.stdout == "it runs\n"
    assert str(program) in ran.stdout
    assert list((office / "venv").rglob("library.py"))


def change(folder: Path) -> None:
    path = folder / "layers" / "plan.toml"
    path.write_bytes(path.read_bytes() + b"#")


def lose(folder: Path) -> None:
    (folder / "wheels" / "library-1.0-py3-none-any.whl").unlink()


def add(folder: Path) -> None:
    write_wheel(folder / "wheels", "library", "9.9")


def other_python(folder: Path) -> None:
    restate(folder, "python", "3.10")


def other_system(folder: Path) -> None:
    restate(folder, "platform", "linux" if sys.platform == "win32" else "windows")


def restate(folder: Path, key: str, value: Any) -> None:
    """Change a setting, with its sum."""
    path, sums = folder / "bundle.json", folder / "SHA256SUMS"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {key: value}), "utf-8")
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    sums.write_text(sums.read_text("utf-8").replace(before, after), "utf-8")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (change, "changed or damaged: layers/plan.toml"),
        (lose, "missing: wheels/library-1.0-py3-none-any.whl"),
        (add, "not part of the bundle: wheels/library-9.9-py3-none-any.whl"),
        (other_python, "This bundle is for Python 3.10"),
        (other_system, "which this machine is not"),
    ],
)
def test_the_installer_refuses_what_is_not_whole_or_not_for_here(
    office: Path, harm: Any, said: str
) -> None:
    harm(office)
    ran = run_installer(office)
    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (office / "venv").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="a shell script for Linux")
def test_the_shell_script_finds_python_or_says_what_to_do(office: Path, tmp_path: Path) -> None:
    script = ["/bin/sh", str(office / "install.sh")]
    named = subprocess.run([*script, "--help"], env={"PYTHON": sys.executable, "PATH": ""})
    assert named.returncode == 0
    none = subprocess.run(
        script, env={"PATH": str(tmp_path)}, capture_output=True, text=True, encoding="utf-8"
    )
    assert none.returncode == 2
    assert f"未找到 Python {HERE}" in none.stderr


@pytest.mark.skipif(not REAL, reason="SPATIALPLAN_BUNDLE names no archive to try")
def test_a_real_archive_installs_and_checks_without_a_network(tmp_path: Path) -> None:
    folder = unpack(Path(REAL), tmp_path)
    alone = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode:
        alone = ["env", *(f"{name}=http://127.0.0.1:9" for name in ("http_proxy", "https_proxy"))]
    install = [*alone, "/bin/sh", str(folder / "install.sh")]
    subprocess.run(install, check=True, env={**os.environ, "PYTHON": sys.executable})
    program = folder / "venv" / "bin" / "spatialplan"
    check = [*alone, program, "check", folder / "layers" / "plan.toml", "--out", tmp_path / "out"]
    assert subprocess.run(check).returncode == 0
    assert (tmp_path / "out" / "review.html").stat().st_size > 1_000_000
