"""The model of the cluster's benchmark, and what is loaded when no cluster is asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent.parent / "scripts"


def test_the_model_finds_the_line_that_points_lie_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    from benchmark_cluster import Point, fit, tell_time

    points = [
        Point(parcels, workers, 5 + 0.0002 * parcels / workers, 500.0)
        for parcels in (50_000, 100_000, 200_000)
        for workers in (1, 2)
    ]
    assert fit(points) == pytest.approx((5, 0.0002))
    assert (tell_time(0.25), tell_time(36.04)) == ("15 min", "36.0 h")


def test_dask_is_loaded_for_a_cluster_only() -> None:
    program = (
        "import sys, spatialplan.cli.streaming, spatialplan.siting; print('dask' in sys.modules)"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert outcome.stdout.strip() == "False", outcome.stderr
