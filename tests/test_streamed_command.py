"""``check --stream`` as a process: what it prints, writes, leaves out and refuses."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from streamed_county import PARCELS, area_quota, line_rule, mosaic, write_plan
from test_cli import hash_tree, run_program

from spatialplan import check_plan
from spatialplan.cli.checking import split_names
from spatialplan.layers import IdRegister
from spatialplan.maps import draw_map

HEADER = {"id": "p", "title": "p", "region": "r", "year": 2025, "standing": "s", "notice": "n"}


def as_toml(tables: dict[str, Any]) -> str:
    """Write tables of one or two levels, and lists of tables."""
    lines: list[str] = []
    for name, table in tables.items():
        if isinstance(table, list):
            for row in table:
                lines += [f"[[{name}]]", *(f"{key} = {json.dumps(row[key])}" for key in row)]
        elif all(isinstance(value, dict) for value in table.values()):
            for key, row in table.items():
                lines += [f"[{name}.{key}]", *(f"{one} = {json.dumps(row[one])}" for one in row)]
        else:
            lines += [f"[{name}]", *(f"{key} = {json.dumps(table[key])}" for key in table)]
    return "schema = 1\n" + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("county")
    quotas = [area_quota("q", "1500.00"), area_quota("most", "1700.00", "at_most")]
    rules = [
        line_rule("inside", "within", "parcels", "county"),
        line_rule("both", "disjoint", "red_line", "parcels"),
    ]
    plan = write_plan(folder, mosaic(), suffix="parquet", quotas=quotas, line_rules=rules)
    layers = {
        key: {"title": spec.title, "role": spec.role, "path": spec.path}
        for key, spec in plan.layers.items()
    }
    layers["parcels"] |= PARCELS
    layers["towns"]["name_field"] = "MC"
    tables = {"plan": HEADER, "layers": layers, "quotas": quotas, "line_rules": rules}
    (folder / "plan.toml").write_text(as_toml(tables), encoding="utf-8")
    return folder / "plan.toml"


@pytest.fixture(scope="module")
def results(plan_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    folder = tmp_path_factory.mktemp("out")
    before = hash_tree(plan_file.parent)
    outcome = run_program("check", plan_file, "--stream", "parcels", "--out", ".", folder=folder)
    assert hash_tree(plan_file.parent) == before, "inputs are read-only"
    return outcome, folder


def test_it_says_what_was_read_in_batches(results: tuple[Any, Path]) -> None:
    outcome, folder = results
    assert (outcome.returncode, outcome.stderr) == (1, "")
    assert "分批读取的图层：地类图斑" in outcome.stdout
    assert {path.name for path in folder.iterdir()} == {
        f"review.{kind}" for kind in ("json", "xlsx", "gpkg", "html")
    }


def test_the_document_marks_the_input_and_leaves_unknowns_null(results: tuple[Any, Path]) -> None:
    document = json.loads((results[1] / "review.json").read_text("utf-8"))
    inputs = {one["layer"]: one for one in document["inputs"]}
    assert inputs["parcels"]["streamed"] is True
    assert inputs["parcels"]["features"] == 400
    assert len(inputs["parcels"]["sha256"]) == 64
    assert not any("streamed" in one for key, one in inputs.items() if key != "parcels")
    quotas = {one["id"]: one for one in document["quotas"]}
    assert quotas["q"]["status"] == "not_evaluated"
    assert quotas["q"]["measured_ha"] == pytest.approx(1599.6, abs=0.5)
    assert (quotas["q"]["overlap_ha"], quotas["most"]["status"]) == (None, "met")
    rules = {one["rule"]: one for one in document["conflicts"]}
    assert rules["both"]["enclosed_pieces"] is None
    assert rules["both"]["pieces"] > 50
    assert rules["inside"]["status"] == "met"


def test_a_held_run_has_no_mark_and_the_same_pieces(
    plan_file: Path, results: tuple[Any, Path], tmp_path: Path
) -> None:
    outcome = run_program("check", plan_file, "--out", ".", folder=tmp_path)
    assert outcome.returncode == 1
    held = json.loads((tmp_path / "review.json").read_text("utf-8"))
    streamed = json.loads((results[1] / "review.json").read_text("utf-8"))
    assert not any("streamed" in one for one in held["inputs"])
    pieces = [
        sorted((p["rule"], p["class"], p["a_id"], p["b_id"], p["area_m2"]) for p in one["pieces"])
        for one in (held, streamed)
    ]
    assert pieces[0] == pieces[1]


def test_the_workbook_and_the_package_say_so(results: tuple[Any, Path]) -> None:
    book = openpyxl.load_workbook(results[1] / "review.xlsx")
    texts = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("Parquet" in text and "分批读取" in text for text in texts)
    assert any("未扣除图斑之间重叠的地面" in text for text in texts)
    with sqlite3.connect(results[1] / "review.gpkg") as package:
        (count,) = package.execute("select count(*) from pieces").fetchone()
    assert count > 50


def test_the_same_input_gives_the_same_bytes(
    plan_file: Path, results: tuple[Any, Path], tmp_path: Path
) -> None:
    run_program("check", plan_file, "--stream", "parcels", "--out", ".", folder=tmp_path)
    for kind in ("json", "xlsx", "html"):
        name = f"review.{kind}"
        assert (tmp_path / name).read_bytes() == (results[1] / name).read_bytes()


def test_an_unknown_layer_is_a_usage_error(plan_file: Path, tmp_path: Path) -> None:
    outcome = run_program("check", plan_file, "--stream", "parcel", folder=tmp_path)
    assert outcome.returncode == 2
    assert "parcels" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_page_leaves_the_layer_out_and_says_so(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic())
    spec = plan.layers["parcels"].model_copy(update={"role": "basic_farmland"})
    plan = plan.model_copy(update={"layers": {**plan.layers, "parcels": spec}})
    page = draw_map(plan, review=check_plan(plan, stream=["parcels"])).get_root().render()
    assert "分批读取，图上未绘制：地类图斑" in page
    assert '"key":"parcels"' not in page
    held = draw_map(plan, review=check_plan(plan)).get_root().render()
    assert '"key":"parcels"' in held
    assert "图上未绘制" not in held


def test_names_may_be_repeated_or_listed() -> None:
    assert split_names(["parcels，roads", " red_line , parcels", ""]) == [
        *("parcels", "roads", "red_line"),
    ]


def test_ids_that_come_again_are_known_whatever_the_batches() -> None:
    ids = np.array([f"{row % 90}" for row in range(100)] + ["#1", "#1"], dtype=object)
    for size in (1, 7, 60):
        register, again = IdRegister(), set[str]()
        for first in range(0, len(ids), size):
            again.update(register.enter(ids[first : first + size]))
        within = {str(row) for row in range(10) if row // size == (row + 90) // size}
        assert again == {str(row) for row in range(10)} - within
