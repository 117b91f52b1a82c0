"""The benchmark, as a process, on a county of a few hundred parcels."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"
PEERS = ("DuckDB", "SedonaDB", "PostGIS")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("benchmark")
    written = folder / "figures.json"
    command = [sys.executable, str(SCRIPTS / "benchmark.py"), "--quick", "--parcels", "400"]
    command += ["--cache", str(folder / "kept"), "--json", str(written)]
    command += ["--scaling", "2", "3"]
    alone = {name: text for name, text in os.environ.items() if not name.startswith("SPATIALPLAN")}
    outcome = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=alone)
    assert outcome.returncode == 0, outcome.stderr
    return outcome.stdout, json.loads(written.read_text("utf-8"))


def test_every_question_has_its_rows(run: tuple[str, dict[str, Any]]) -> None:
    _, figures = run
    rows = [(row["question"], row["contender"]) for row in figures["timings"]]
    assert ("both lines, in memory", "spatialplan shared_area, assume_valid") in rows
    assert ("both lines, in memory", "geopandas.overlay") in rows
    assert ("both lines, from disk", "geopandas.read_parquet, parcels alone") in rows
    assert ("official area", "pyproj.Geod, a loop over parcels") in rows
    assert ("command", "spatialplan --help") in rows
    assert ("process, from disk", "400 parcels, whole") in rows
    assert ("process, from disk", "400 parcels, stream") in rows
    assert ("process, from disk", "812 parcels, stream") in rows


def test_answers_agree(run: tuple[str, dict[str, Any]]) -> None:
    _, figures = run
    compared = [row for row in figures["timings"] if row["difference"] is not None]
    assert {row["question"] for row in compared} >= {
        "both lines, in memory",
        "both lines, from disk",
        "official area",
    }
    for row in compared:
        assert row["difference"] <= (1e-6 if row["question"] == "official area" else 1e-9), row


def test_each_peer_takes_part_or_is_named_with_the_reason(run: tuple[str, dict[str, Any]]) -> None:
    printed, figures = run
    present = {row["contender"] for row in figures["timings"]}
    for peer in PEERS:
        assert (peer in present) != (peer in figures["missing"]), peer
    assert "SPATIALPLAN_BENCH_POSTGIS is not set" in figures["missing"]["PostGIS"]
    for peer, reason in figures["missing"].items():
        assert f"{peer} is missing: {reason}" in printed


def test_figures_say_what_they_were_measured_on(run: tuple[str, dict[str, Any]]) -> None:
    printed, figures = run
    assert figures["command"].startswith("python scripts/benchmark.py --quick --parcels 400")
    assert figures["layers"]["parcels"]["polygons"] == 400
    assert all(figures["layers"][line]["holes"] for line in ("red_line", "farmland"))
    assert figures["versions"]["shapely"] in printed
    memory = [row["memory_gb"] for row in figures["timings"] if row["question"] == "command"]
    assert all(peak > 0.01 for peak in memory)


@pytest.fixture
def ground(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    from benchmarking import ground

    return ground


def test_a_county_is_the_same_however_it_is_cut_into_strips(
    ground: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np
    import shapely

    county = ground.plan_county(400, seed=3)
    whole = np.concatenate(list(ground.make_parcels(county)))
    line = ground.make_line(county, ground.RED_LINE)
    monkeypatch.setattr(ground, "CELLS_A_STRIP", 60)
    strips = list(ground.make_parcels(county))
    assert len(strips) == 7
    assert shapely.to_wkb(np.concatenate(strips)).tolist() == shapely.to_wkb(whole).tolist()
    assert shapely.coverage_is_valid(whole)
    again = ground.make_line(county, ground.RED_LINE)
    assert shapely.equals(shapely.union_all(line), shapely.union_all(again))


def test_answers_that_differ_end_the_run(ground: Any) -> None:
    import numpy as np

    from benchmarking.rounds import Contender, DisagreementError, take_turns

    ours, sizes = np.array([[3.0, 4.0]]), np.array([10.0, 10.0])
    closed = []
    contenders = [
        Contender("ours", lambda: ours),
        Contender("wrong", lambda: ours + 1e-7, close=lambda: closed.append("wrong")),
    ]
    with pytest.raises(DisagreementError, match="wrong is off by"):
        take_turns("question", contenders, 1, expected=ours, sizes=sizes)
    assert closed == ["wrong"]
