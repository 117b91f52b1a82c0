"""Installs spatialplan from this folder, without any network; run by install.sh and install.bat.

Checks every file against SHA256SUMS first, makes a virtual environment in the folder `venv` beside
this file (or where --into says) and installs the wheels into it. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import struct
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMS, SETTINGS, WHEELS = "SHA256SUMS", "bundle.json", "wheels"

SYSTEMS = {"linux": "linux", "windows": "win32"}
POINTER_BITS = 64


def main() -> int:
    """Check, install, say how to go on; 0 if all went well, else 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=HERE / "venv", help="folder to install into")
    target = parser.parse_args().into.resolve()
    settings = json.loads((HERE / SETTINGS).read_text("utf-8"))
    faults = [*check_machine(settings), *check_files(HERE)]
    if not faults:
        faults = install(settings, target)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return 2
    tell(target)
    return 0


def check_machine(settings: dict[str, object]) -> list[str]:
    """Say what keeps these wheels from running here."""
    faults = []
    wanted, here = settings["python"], ".".join(map(str, sys.version_info[:2]))
    if here != wanted:
        faults.append(
            f"本安装包适用于 Python {wanted}，当前为 {here}；请安装 Python {wanted}，"
            f"或另取适用于 {here} 的安装包。\n"
            f"This bundle is for Python {wanted}, this is {here}; install Python {wanted}, or get "
            f"the bundle for {here}."
        )
    if (
        SYSTEMS[str(settings["platform"])] != sys.platform
        or struct.calcsize("P") * 8 != POINTER_BITS
    ):
        faults.append(
            f"本安装包适用于 {settings['platform']}（64 位），与本机不符。\n"
            f"This bundle is for {settings['platform']}, 64 bits, which this machine is not."
        )
    return faults


def check_files(folder: Path) -> list[str]:
    """Compare every file with its sum; a missing, changed or added wheel is named."""
    listed: dict[str, str] = {}
    for line in (folder / SUMS).read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    faults = []
    for name, digest in listed.items():
        path = folder / name
        if not path.is_file():
            faults.append(f"缺少文件 · missing: {name}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            faults.append(f"文件已改变或损坏 · changed or damaged: {name}")
    for path in sorted((folder / WHEELS).iterdir()):
        if f"{WHEELS}/{path.name}" not in listed:
            faults.append(f"不属于本安装包的文件 · not part of the bundle: {WHEELS}/{path.name}")
    if faults:
        faults.append("请重新复制完整的安装包。\nCopy the whole bundle again.")
    return faults


def install(settings: dict[str, object], target: Path) -> list[str]:
    """Make the environment and install into it; pip itself comes from the bundle."""
    wheels = HERE / WHEELS
    print(f"正在安装到 · installing into {target} ...", flush=True)
    try:
        venv.create(target, with_pip=False, clear=False)
    except OSError as error:
        return [f"无法写入 · cannot be written: {target}: {error}"]
    python = programs(target) / ("python.exe" if os.name == "nt" else "python")
    pip = next(wheels.glob("pip-*.whl")) / "pip"
    command = [str(python), str(pip), "--isolated", "install", "--no-index", "--quiet"]
    command += ["--disable-pip-version-check", "--find-links", str(wheels)]
    ran = subprocess.run([*command, str(settings["requirement"])], env=quiet(), check=False)
    if ran.returncode:
        return ["安装未完成，原因见上。\nThe installation failed; the reason stands above."]
    return []


def quiet() -> dict[str, str]:
    """Return the environment without anything that would lead pip elsewhere."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1"}


def programs(target: Path) -> Path:
    """Return the folder of programs in a virtual environment."""
    return target / ("Scripts" if os.name == "nt" else "bin")


def tell(target: Path) -> None:
    """Say how to go on."""
    program = programs(target) / "spatialplan"
    print("安装完成。试用 · installed; try:")
    print(f'  "{program}" check "{HERE / "layers" / "plan.toml"}" --out results')


if __name__ == "__main__":
    raise SystemExit(main())
