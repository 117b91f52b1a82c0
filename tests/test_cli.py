"""The program as a process: exit codes, what it prints, what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from spatialplan.cli import app, run


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


@pytest.fixture
def small_plan(tmp_path: Path) -> Path:
    """A plan on a shapefile, a GeoPackage and a FileGDB, of none of which one byte is sound."""
    (tmp_path / "farm.gdb").mkdir()
    for name in ("dev.shp", "dev.dbf", "dev.shx", "water.gpkg", "farm.gdb/a00000001.gdbtable"):
        (tmp_path / name).write_bytes(b"an input")
    header = 'id = "a"\ntitle = "a"\nregion = "a"\nyear = 2025\nstanding = "a"\nnotice = "a"\n'
    paths = {"dev": "dev.shp", "water": "water.gpkg", "farm": "farm.gdb", "base": "results"}
    layers = "".join(
        f'[layers.{key}]\ntitle = "a"\nrole = "other"\npath = "{path}"\n'
        for key, path in paths.items()
    )
    plan = tmp_path / "plan.toml"
    plan.write_text(f"schema = 1\n[plan]\n{header}{layers}", encoding="utf-8")
    return plan


@pytest.mark.parametrize(
    "arguments",
    [
        *(("map", name) for name in ("dev.shp", "dev.dbf", "DEV.cpg", "dev.shp.xml", "dev.html")),
        *(("map", name) for name in ("plan.toml", "./farm.gdb/map.html", "water.gpkg-wal")),
        *(("check", name) for name in ("farm.gdb", "farm.gdb/deep", "results")),
    ],
)
def test_nothing_is_written_over_into_or_beside_an_input(
    small_plan: Path, arguments: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object, **__: object) -> None:
        raise AssertionError("the layers were read before the outputs were looked at")

    monkeypatch.chdir(small_plan.parent)
    monkeypatch.setattr("spatialplan.files.read_layers", read)
    monkeypatch.setattr("spatialplan.review.job.read_layers", read)
    before = hash_tree(small_plan.parent)
    command, out = arguments
    outcome = CliRunner().invoke(app, [command, "plan.toml", "--out", out, "--lang", "en"])
    assert outcome.exit_code == 2, outcome.output
    assert "would write over an input" in outcome.output
    assert hash_tree(small_plan.parent) == before


def test_a_link_stands_for_what_it_names_and_where_it_stands(
    small_plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = small_plan.parent
    (folder / "store").mkdir()
    (folder / "dev.shp").rename(folder / "store" / "parcels.shp")
    try:
        (folder / "dev.shp").symlink_to(folder / "store" / "parcels.shp")
    except OSError:
        pytest.skip("links are not allowed here")
    monkeypatch.chdir(folder)
    for out in ("dev.dbf", "store/parcels.dbf"):
        outcome = CliRunner().invoke(app, ["map", "plan.toml", "--out", out, "--lang", "en"])
        assert "would write over an input" in outcome.output, out


def test_a_name_that_only_begins_alike_is_free(
    small_plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_plan.parent)
    outcome = CliRunner().invoke(app, ["map", "plan.toml", "--out", "dev2.html", "--lang", "en"])
    assert "would write over" not in outcome.output


@pytest.mark.parametrize("debug", ["", "1"])
def test_a_fault_of_the_program_is_no_verdict(
    small_plan: Path,
    debug: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("first line\nsecond line")

    monkeypatch.setattr("spatialplan.review.check_plan", fail)
    monkeypatch.setenv("SPATIALPLAN_DEBUG", debug)
    out = small_plan.parent / "out"
    monkeypatch.setattr(sys, "argv", ["spatialplan", "check", str(small_plan), "--out", str(out)])
    with pytest.raises(SystemExit) as left:
        run()
    assert left.value.code == 2
    told = capsys.readouterr().err
    assert "程序内部错误，请连同数据反馈" in told
    assert "internal error, please report" in told
    assert "ZeroDivisionError: first line second line\n" in told
    assert ("Traceback" in told) == (debug == "1")


def test_a_map_that_lacks_an_element_exits_3(layers_folder: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(layers_folder, tmp_path / "layers")
    plan = folder / "plan.toml"
    text = plan.read_text("utf-8")
    feature = tomllib.loads(text)["pattern"]["elements"][0]["feature"]
    plan.write_text(text.replace(f'feature = "{feature}"', 'feature = "nowhere"'), "utf-8")
    outcome = run_program("map", plan, "--out", "map.html", "--lang", "en", folder=tmp_path)
    assert outcome.returncode == 3, outcome.stderr
    assert "has no «nowhere»: not drawn" in outcome.stderr
    assert (tmp_path / "map.html").exists()


def test_a_folder_that_cannot_be_written(layers_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    outcome = run_program(
        "map", layers_folder / "plan.toml", "--out", "taken/map.html", "--lang", "en",
        folder=tmp_path,
    )  # fmt: skip
    assert outcome.returncode == 2
    assert "could not be written" in outcome.stderr
