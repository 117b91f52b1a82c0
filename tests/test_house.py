"""The house: the import contract, names and sizes that a newcomer relies on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import spatialplan

PACKAGE = Path(spatialplan.__file__).parent


def test_imports_run_downwards_only() -> None:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    outcome = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout
    assert "0 broken" in outcome.stdout


def test_the_package_knows_no_county() -> None:
    for file in PACKAGE.rglob("*"):
        if file.suffix in {".py", ".toml", ".js", ".css", ".html"}:
            text = file.read_text("utf-8")
            assert "五常" not in text, file
            assert "wuchang" not in text.lower(), file


def test_rooms_are_small() -> None:
    for file in PACKAGE.rglob("*.py"):
        assert len(file.read_text("utf-8").splitlines()) <= 400, file


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"geopandas", "folium", "pandas", "numpy"}
    program = f"import sys, spatialplan.cli; print(sorted({heavy} & set(sys.modules)))"
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert outcome.stdout.strip() == "[]", outcome.stderr


def test_public_names_are_there() -> None:
    for name in spatialplan.__all__:
        assert callable(getattr(spatialplan, name))
