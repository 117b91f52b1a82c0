"""The program as a process: exit codes, what it prints, what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def run_program(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "spatialplan", *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def hash_tree(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="session")
def draft_run(
    layers_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("draft")
    before = hash_tree(layers_folder)
    outcome = run_program("check", layers_folder / "plan-draft.toml", "--out", ".", folder=folder)
    assert hash_tree(layers_folder) == before, "inputs are read-only"
    return outcome, folder


def test_a_broken_plan_exits_1_and_says_what_is_broken(
    draft_run: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    outcome, folder = draft_run
    assert outcome.returncode == 1, outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert "118.40" in outcome.stdout
    assert {path.name for path in folder.iterdir()} == {
        "review.json",
        "review.xlsx",
        "review.gpkg",
        "review.html",
    }


def test_the_json_keeps_its_contract(
    draft_run: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    document = json.loads((draft_run[1] / "review.json").read_text("utf-8"))
    assert {
        "schema",
        "plan",
        "standing",
        "area_method",
        "share_base_ha",
        "crs",
        "inputs",
        "quotas",
        "conflicts",
        "quality",
        "not_evaluated",
        "status",
    } <= document.keys()
    assert document["status"] == "not_met"
    boundary = next(
        c for c in document["conflicts"] if c["rule"] == "basic_farmland-development_boundary"
    )
    assert (boundary["pieces"], boundary["sliver_pieces"]) == (4, 2)
    paths = [entry["path"] for entry in document["inputs"]]
    assert not any(Path(path).is_absolute() for path in paths)


def test_results_are_the_same_byte_for_byte(
    layers_folder: Path,
    tmp_path: Path,
    draft_run: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    run_program("check", layers_folder / "plan-draft.toml", "--out", tmp_path, folder=tmp_path)
    for name in ("review.json", "review.xlsx", "review.html"):
        assert (tmp_path / name).read_bytes() == (draft_run[1] / name).read_bytes(), name


def test_the_plan_holds_and_the_map_is_drawn(layers_folder: Path, tmp_path: Path) -> None:
    plan = layers_folder / "plan.toml"
    checked = run_program("check", plan, "--out", "out", "--lang", "en", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    drawn = run_program("map", plan, "--out", "map.html", folder=tmp_path)
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "map.html").stat().st_size < 3_000_000


def test_help_and_schema(tmp_path: Path) -> None:
    helped = run_program("--help", folder=tmp_path)
    assert helped.returncode == 0
    assert all(command in helped.stdout for command in ("check", "map", "schema"))
    printed = run_program("schema", folder=tmp_path)
    assert json.loads(printed.stdout)["properties"]["quotas"]


@pytest.mark.parametrize(
    ("content", "language", "advice"),
    [
        ("schema = 1\n[plan]\n", "en", "key «title» is missing; add it"),
        ("schema = 1\n[plan]\n", "zh", "缺少键“title”，请补上"),
        ("not toml", "en", "not a TOML file in UTF-8"),
    ],
)
def test_a_malformed_plan_exits_2(tmp_path: Path, content: str, language: str, advice: str) -> None:
    (tmp_path / "plan.toml").write_text(content, encoding="utf-8")
    outcome = run_program("check", "plan.toml", "--lang", language, folder=tmp_path)
    assert outcome.returncode == 2
    assert advice in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["plan.toml"]


def test_a_result_never_overwrites_an_input(layers_folder: Path, tmp_path: Path) -> None:
    plan = layers_folder / "plan.toml"
    before = plan.read_bytes()
    outcome = run_program("map", plan, "--out", plan, "--lang", "en", folder=tmp_path)
    assert outcome.returncode == 2
    assert "would write over an input" in outcome.stderr
    assert plan.read_bytes() == before


def test_a_folder_that_cannot_be_written(layers_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    outcome = run_program(
        "map", layers_folder / "plan.toml", "--out", "taken/map.html", "--lang", "en",
        folder=tmp_path,
    )  # fmt: skip
    assert outcome.returncode == 2
    assert "could not be written" in outcome.stderr
