"""``spatialplan monitor`` as a process: planted changes of the example, exit codes, refusals."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
from small_covers import cover, write_county, write_raster
from typer.testing import CliRunner

from spatialplan.cli import app

BUILT = {(1, 1, 2, 2): "b"}
WATCHED = {"red_line", "protected_areas", "water_sources"}


def monitor(*arguments: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "spatialplan", "monitor", *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def digest(*files: Path) -> list[str]:
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


@pytest.fixture(scope="module")
def example(
    layers_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run the command over the example's two editions, with a new ledger."""
    folder = tmp_path_factory.mktemp("example")
    rasters = [layers_folder / "rasters" / f"land_cover_{year}.tif" for year in (2020, 2025)]
    before = digest(*rasters)
    options = ("--ledger", "ledger.gpkg", "--date", "2026-11-25", "--out", ".")
    outcome = monitor(layers_folder / "plan.toml", *rasters, *options, folder=folder)
    assert digest(*rasters) == before, "inputs are read-only"
    return outcome, folder


@pytest.fixture(scope="module")
def planted(layers_folder: Path) -> list[dict[str, Any]]:
    text = (layers_folder / "rasters" / "planted.toml").read_text("utf-8")
    return list(tomllib.loads(text)["planted"])


@pytest.fixture(scope="module")
def document(example: tuple[subprocess.CompletedProcess[str], Path]) -> dict[str, Any]:
    outcome, folder = example
    assert outcome.returncode == 1, outcome.stderr
    found: dict[str, Any] = json.loads((folder / "monitoring.json").read_text("utf-8"))
    return found


def test_every_planted_change_is_found_and_none_invented(
    document: dict[str, Any], planted: list[dict[str, Any]]
) -> None:
    wanted = {one["id"]: one for one in planted if one["kind"] == "human"}
    assert wanted
    assert len(document["patches"]) == len(wanted)
    for one in wanted.values():
        touched = {line["layer"]: line["area_m2"] for line in one["touches"]}
        inside = {layer: area for layer, area in touched.items() if layer in WATCHED}
        patch = _patch_at(document, one)
        found = {line["layer"]: line["area_ha"] * 10_000 for line in patch["lines"]}
        assert found == pytest.approx(inside, abs=0.6), one["id"]
        assert (patch["before"][0]["value"], patch["after"]["value"]) == (one["from"], one["to"])
        assert patch["township"] in one["townships"]


def _patch_at(document: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """Find the patch by classes and ground in its lines; no two planted ones share both."""
    most = max(line["area_m2"] for line in one["touches"] if line["layer"] in WATCHED)
    fitting = [
        patch
        for patch in document["patches"]
        if abs(max(line["area_ha"] for line in patch["lines"]) * 10_000 - most) < 0.6
    ]
    assert len(fitting) == 1, one["id"]
    return fitting[0]


def test_what_is_too_small_is_counted_and_what_is_elsewhere_is_in_the_matrix(
    document: dict[str, Any], planted: list[dict[str, Any]]
) -> None:
    small = [one for one in planted if one["kind"] == "too_small"]
    assert document["filtered"]["count"] == len(small)
    ground = sum(one["official_ha"] for one in small)
    assert document["filtered"]["area_ha"] == pytest.approx(ground, abs=1e-4)
    county = next(one for one in document["matrix"] if one["part"] == "region")
    kinds = ("human", "too_small", "elsewhere")
    human = sum(one["official_ha"] for one in planted if one["kind"] in kinds)
    assert county["new_activity_ha"] == pytest.approx(human, abs=1e-3)
    changed = sum(one["official_ha"] for one in planted)
    assert county["changed_ha"] == pytest.approx(changed, abs=1e-3)


def test_core_zones_come_first_and_every_patch_has_its_basis(document: dict[str, Any]) -> None:
    places = [patch["place"] for patch in document["patches"]]
    assert places == sorted(
        places, key=["core_zone", "water_source_1", "red_line", "water_source"].index
    )
    assert places[0] == "core_zone"
    assert "国务院令第830号" in document["patches"][0]["clause"]
    assert all("三、（二）1" in patch["clause"] for patch in document["patches"])
    ids = [patch["id"] for patch in document["patches"]]
    assert len(set(ids)) == len(ids)


def test_all_results_say_the_same(
    example: tuple[subprocess.CompletedProcess[str], Path], document: dict[str, Any]
) -> None:
    outcome, folder = example
    ids = [patch["id"] for patch in document["patches"]]
    patches = pyogrio.read_dataframe(folder / "monitoring.gpkg", layer="patches")
    ledger = pyogrio.read_dataframe(folder / "ledger.gpkg", layer="ledger")
    assert list(patches["patch_id"]) == list(ledger["patch_id"]) == ids
    assert set(ledger["state"]) == {"新增"}
    book = openpyxl.load_workbook(folder / "monitoring.xlsx")
    assert [row[1].value for row in book["疑似问题图斑清单"].iter_rows(min_row=2)] == ids
    page = (folder / "monitoring.html").read_text("utf-8")
    assert all(name in page for name in ids)
    assert "新增人类活动图斑 8 个" in outcome.stdout
    assert max(map(len, outcome.stdout.splitlines())) <= 80


def test_printed_rows_of_a_matrix_add_up(
    example: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    _, folder = example
    sheet = openpyxl.load_workbook(folder / "monitoring.xlsx")["变化矩阵"]
    head = [cell.value for cell in sheet[1]]
    total = head.index("合计（公顷）")
    blocks: dict[str, list[list[float]]] = {}
    for row in sheet.iter_rows(min_row=2, values_only=True):
        numbers = [round(float(str(value)) * 10_000) for value in row[2 : total + 1]]
        assert sum(numbers[:-1]) == numbers[-1]
        if row[1] == "合计":
            parts = blocks[str(row[0])]
            assert [sum(column) for column in zip(*parts, strict=True)] == numbers
        else:
            blocks.setdefault(str(row[0]), []).append(numbers)
    assert len(blocks) > 10


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    write_county(folder)
    write_raster(folder / "old.tif", cover({}))
    write_raster(folder / "new.tif", cover(BUILT))
    write_raster(folder / "calm.tif", cover({(15, 15, 2, 2): "b"}))
    write_raster(folder / "gaps.tif", cover({(1, 1, 1, 1): "."}))
    return folder


@pytest.mark.parametrize(
    ("after", "code"), [("new.tif", 1), ("calm.tif", 0), ("gaps.tif", 3), ("old.tif", 2)]
)
def test_exit_codes(small: Path, after: str, code: int) -> None:
    outcome = monitor(
        "plan.toml", "old.tif", after, "--formats", "json", "--lang", "en", folder=small
    )
    assert outcome.returncode == code, outcome.stdout + outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_the_same_run_gives_the_same_bytes(small: Path) -> None:
    for folder in ("one", "two"):
        outcome = monitor(
            "plan.toml",
            *("old.tif", "new.tif", "--date", "2026-03-15"),
            *("--formats", "json,xlsx,html", "--out", folder),
            folder=small,
        )
        assert outcome.returncode == 1
    names = [f"monitoring.{kind}" for kind in ("json", "xlsx", "html")]
    one, two = (digest(*(small / folder / name for name in names)) for folder in ("one", "two"))
    assert one == two


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["old.tif", "none.tif"], "none.tif"),
        (["plan.toml", "lines.gpkg"], "lines.gpkg"),
        (["old.tif", "new.tif", "--date", "gestern"], "2026-03-15"),
        (["old.tif", "new.tif", "--ledger", "ledger.xlsx"], ".gpkg"),
        (["old.tif", "new.tif", "--ledger", "lines.gpkg"], "lines.gpkg"),
        (["old.tif", "new.tif", "--ledger", "results/monitoring.gpkg"], "monitoring.gpkg"),
        (["old.tif", "new.tif", "--classes", "nobody"], "small"),
        (["old.tif", "new.tif", "--formats", "pdf"], "html"),
    ],
)
def test_what_cannot_be_used_exits_2_and_leaves_everything(
    small: Path, arguments: list[str], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sorted(file for file in small.iterdir() if file.is_file())
    before = digest(*files)
    monkeypatch.chdir(small)
    outcome = CliRunner().invoke(app, ["monitor", "plan.toml", *arguments, "--lang", "en"])
    assert outcome.exit_code == 2, outcome.output
    assert told in outcome.stderr
    assert digest(*files) == before
