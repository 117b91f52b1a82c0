#!/usr/bin/env python3
"""Measure screening on a Dask cluster: one worker against two, and what a province would need.

An invented county is made for every number of parcels, its parcels screened as a user would,
``spatialplan screen … --stream --scheduler tcp://…``, on a scheduler and one or two worker
processes of one thread each on this machine. Results of one and of two workers are compared before
times are. Then the model

    seconds = a + b · parcels / workers

is fitted to the measured points, its misses are printed, and what it says of a province and of the
nation: a model, that knows nothing of networks and of disks that many workers share.

    python scripts/benchmark_cluster.py                              # 100,000 to 400,000
    python scripts/benchmark_cluster.py --parcels 5000,10000 --rows 1000   # a quick look

The first number of workers should take a minute or more for the largest county, and nothing else
should run on the machine: two workers on two processors gain less than twice.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import psutil
import shapely
from numpy.typing import NDArray

from benchmarking.county_files import DEFAULT_CACHE, CountyFiles, keep_county

DAY = "2026-11-25"
WORKERS = (1, 2)
# What people ask about: a province has ten to forty million parcels, the third national survey
# 295 million.
PLACES = {"province": 40_000_000, "nation": 295_000_000}
CLUSTERS = (16, 64, 256)
START_S = 60

PLAN = """\
schema = 1
[plan]
id = "invented"
title = "虚构县规划"
region = "虚构县"
year = 2025
standing = "性能测试"
notice = "虚构数据"
crs = "EPSG:4530"
[layers.county]
title = "县界"
role = "region"
path = "county.parquet"
[layers.red_line]
title = "生态保护红线"
role = "ecological_red_line"
path = "red_line.parquet"
[layers.farmland]
title = "永久基本农田"
role = "basic_farmland"
path = "farmland.parquet"
"""


@dataclass(frozen=True)
class Point:
    """One run: how many parcels and workers, how long, and the memory of the largest worker."""

    parcels: int
    workers: int
    seconds: float
    memory_mb: float


def main() -> int:
    """Measure, compare, fit, print."""
    options = parse_options()
    points = []
    for count in options.parcels:
        plan, parcels = prepare_county(count, options)
        points += measure_county(plan, parcels, options)
    print_points(points)
    print_model(points)
    if options.json:
        figures = [vars(point) for point in points]
        options.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    return 0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument(
        "--parcels",
        type=lambda text: [int(number) for number in text.split(",")],
        default=[100_000, 200_000, 400_000],
        help="numbers of parcels, separated by commas (100000,200000,400000)",
    )
    parser.add_argument("--rows", type=int, default=10_000, help="parcels a partition (10000)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the county")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument(
        "--cache", type=Path, default=DEFAULT_CACHE, help=f"counties are kept in {DEFAULT_CACHE}"
    )
    return parser.parse_args()


# ── The county ──────────────────────────────────────────────────────────────


def prepare_county(count: int, options: argparse.Namespace) -> tuple[Path, Path]:
    """Return plan file and parcels of an invented county, sorted in row groups of so many rows."""
    from spatialplan.files.hilbert_order import write_sorted

    files = keep_county(count, options.seed, options.cache)
    sorted_parcels = files.folder / f"parcels-{options.rows}.parquet"
    if not sorted_parcels.exists():
        write_sorted(files.parcels, sorted_parcels, rows=options.rows)
    write_plan(files)
    return files.folder / "plan.toml", sorted_parcels


def write_plan(files: CountyFiles) -> None:
    """Write a plan with both lines, and a county around the parcels."""
    shapes = geopandas.read_parquet(files.parcels, columns=["geometry"])
    county = geopandas.GeoDataFrame(geometry=[shapely.box(*shapes.total_bounds)], crs=shapes.crs)
    county.to_parquet(files.folder / "county.parquet")
    (files.folder / "plan.toml").write_text(PLAN, encoding="utf-8")


# ── The runs ────────────────────────────────────────────────────────────────


def measure_county(plan: Path, parcels: Path, options: argparse.Namespace) -> list[Point]:
    """Screen a county with one worker and with two; what they find must be the same."""
    points, found = [], []
    for workers in WORKERS:
        with tempfile.TemporaryDirectory() as folder, running_cluster(folder, workers) as cluster:
            out = Path(folder, "out")
            command = [sys.executable, "-m", "spatialplan", "screen", str(plan), str(parcels)]
            command += ["--stream", "--scheduler", cluster.address, "--date", DAY]
            command += ["--batch", str(options.rows)]
            started = time.perf_counter()
            outcome = subprocess.run([*command, "--out", str(out)], capture_output=True, text=True)
            seconds = time.perf_counter() - started
            if outcome.returncode not in (0, 1, 3):
                sys.exit(outcome.stderr)
            document = json.loads((out / "screening.json").read_text(encoding="utf-8"))
            found.append({key: document[key] for key in sorted(document) if key != "run"})
            count = int(geopandas.pd.read_parquet(parcels, columns=["BSM"]).shape[0])
            points.append(Point(count, workers, seconds, cluster.largest_mb()))
            print(f"{count:>9,} parcels, {workers} worker(s): {seconds:.1f} s", flush=True)
    if found[0] != found[1]:
        sys.exit("one worker and two found different things")
    return points


@dataclass(frozen=True)
class Cluster:
    """A scheduler and workers on this machine."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]

    def largest_mb(self) -> float:
        """Memory of the largest worker at its peak, or now where the system does not tell."""
        return max(peak_mb(worker.pid) for worker in self.workers)


@contextmanager
def running_cluster(folder: str, workers: int) -> Iterator[Cluster]:
    """Run a scheduler and workers of one thread each; they compute with one thread, too."""
    place = Path(folder, "scheduler.json")
    processes = [start("scheduler", folder, "--port", "0", "--scheduler-file", str(place))]
    try:
        address = wait_for_address(place)
        options = (address, "--nthreads", "1", "--no-nanny", "--local-directory", folder)
        processes += [start("worker", folder, *options) for _ in range(workers)]
        wait_for_workers(address, workers)
        yield Cluster(address, tuple(processes[1:]))
    finally:
        for process in processes:
            process.kill()
            process.wait()


def start(role: str, folder: str, *options: str) -> subprocess.Popen[bytes]:
    """Start a scheduler or a worker that keeps its words to itself."""
    command = [sys.executable, "-m", "dask", role, "--host", "127.0.0.1"]
    command += ["--no-dashboard", "--dashboard-address", "127.0.0.1:0"]
    return subprocess.Popen(
        [*command, *options],
        cwd=folder,
        env={**os.environ, "SPATIALPLAN_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_address(place: Path) -> str:
    """Return a scheduler's address once it has written it down."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if place.exists() and (text := place.read_text()).strip():
            return str(json.loads(text)["address"])
        time.sleep(0.1)
    sys.exit("the scheduler did not start")


def wait_for_workers(address: str, count: int) -> None:
    """Wait until all workers are there, so that their start is not measured."""
    from distributed import Client

    with Client(address, timeout=START_S) as client:
        client.wait_for_workers(count, timeout=START_S)


def peak_mb(pid: int) -> float:
    """Return the most memory that a process has had, MB."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return float(psutil.Process(pid).memory_info().rss) / 2**20


# ── The model ───────────────────────────────────────────────────────────────


def print_points(points: list[Point]) -> None:
    """Print what was measured, and the gain of the second worker."""
    print(f"\n{'parcels':>10}{'workers':>9}{'seconds':>10}{'memory MB':>11}{'speed-up':>10}")
    alone = {point.parcels: point.seconds for point in points if point.workers == 1}
    for point in points:
        gain = alone[point.parcels] / point.seconds
        figures = f"{point.parcels:>10,}{point.workers:>9}{point.seconds:>10.1f}"
        print(f"{figures}{point.memory_mb:>11,.0f}{gain:>10.2f}")


def print_model(points: list[Point]) -> None:
    """Fit the model, print how far it misses what was measured, and what it says of more."""
    start_s, each_s = fit(points)
    print(f"\nModel: seconds = {start_s:.1f} + {each_s * 1e3:.3f} ms · parcels / workers")
    for point in points:
        told = start_s + each_s * point.parcels / point.workers
        miss = told / point.seconds - 1
        print(f"  {point.parcels:,} on {point.workers}: {told:.1f} s, {miss:+.0%} of the measured")
    memory = max(point.memory_mb for point in points) / 1024
    print(f"\nBy the model (not measured), each worker with {memory:.1f} GB or more:")
    for place, count in PLACES.items():
        hours = each_s * count / 3600
        times = ", ".join(
            f"{tell_time(start_s / 3600 + hours / workers)} on {workers}" for workers in CLUSTERS
        )
        print(f"  {place}, {count / 1e6:.0f} million parcels: {hours:,.0f} worker-hours; {times}")


def tell_time(hours: float) -> str:
    """Say how long something takes."""
    return f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"


def fit(points: list[Point]) -> tuple[float, float]:
    """Return a and b of the model, in seconds, by least squares of relative misses."""
    shares = np.array([point.parcels / point.workers for point in points])
    seconds: NDArray[Any] = np.array([point.seconds for point in points])
    sides = np.column_stack([np.ones(len(points)), shares]) / seconds[:, None]
    (start_s, each_s), *_ = np.linalg.lstsq(sides, np.ones(len(points)), rcond=None)
    return float(start_s), float(each_s)


if __name__ == "__main__":
    sys.exit(main())
