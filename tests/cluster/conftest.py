"""A scheduler and two workers, each a process of its own, that speak TCP on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("distributed")

TESTS = Path(__file__).parent.parent
# Generous: machines that run tests are slow at times, and nothing is measured here.
START_S = 120


class Cluster:
    """A running scheduler; workers may be added and killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = (folder / "log").open("wb")
        place = folder / "scheduler.json"
        self.start("scheduler", "--port", "0", "--scheduler-file", str(place), "--no-show")
        self.address = self._read_address(place)

    def start(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", role, "--host", "127.0.0.1"]
        command += ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
        paths = [str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [*command, *options],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self.processes.append(process)
        return process

    def add_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker of one thread, without a nanny that would start it again."""
        folder = str(self.folder / f"worker-{len(self.processes)}")
        return self.start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--local-directory", folder
        )

    def _read_address(self, place: Path) -> str:
        import json

        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if place.exists() and (text := place.read_text()).strip():
                return str(json.loads(text)["address"])
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def close(self) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        self.log.close()


@contextmanager
def running_cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    cluster = Cluster(folder)
    try:
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster"), workers=2) as running:
        yield running


@pytest.fixture
def client(cluster: Cluster, tmp_path: Path) -> Iterator[Any]:
    """Connected, with both workers there."""
    from spatialplan.runs.cluster import connect

    with connect(cluster.address, tmp_path) as connected:
        connected.wait_for_workers(2, timeout=START_S)
        yield connected
