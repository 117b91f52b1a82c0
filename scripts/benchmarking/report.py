"""What a run found: one table on the console, the same and more as JSON."""

from __future__ import annotations

import json
import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import shapely

from benchmarking.rounds import Timing

LIBRARIES = (
    "spatialplan",
    "shapely",
    "geopandas",
    "numpy",
    "pyarrow",
    "pyproj",
    "numba",
    "duckdb",
    "sedonadb",
    "psycopg",
)


def describe_run() -> dict[str, Any]:
    """Say what is measured on, by which versions, when, and by which command."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "command": " ".join(["python", "scripts/benchmark.py", *sys.argv[1:]]),
        "machine": {
            "processor": name_processor(),
            "processors": os.cpu_count(),
            "memory_gb": measure_memory_gb(),
            "system": f"{platform.system()} {platform.machine()}",
            "load_at_start": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        },
        "python": platform.python_version(),
        "geos": shapely.geos_version_string,
        "versions": {name: find_version(name) for name in LIBRARIES},
    }


def name_processor() -> str:
    """Return the model of the processor, as Linux tells it."""
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def measure_memory_gb() -> float | None:
    """Return the machine's memory, where it can be asked."""
    if not hasattr(os, "sysconf"):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)


def find_version(name: str) -> str | None:
    """Return the version of a library, None when it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def print_head(run: dict[str, Any], layers: dict[str, dict[str, float]]) -> None:
    """Print what is measured, and on what."""
    machine = run["machine"]
    print(f"{run['date']}  {run['command']}")
    print(
        f"{machine['processor']}, {machine['processors']} processors, {machine['memory_gb']} GB,"
        f" {machine['system']}, load at start {machine['load_at_start']}"
    )
    versions = ", ".join(f"{name} {found}" for name, found in run["versions"].items() if found)
    print(f"Python {run['python']}, GEOS {run['geos']}, {versions}")
    for name, facts in layers.items():
        print(
            f"{name}: {facts['polygons']:,} polygons, {facts['holes']:,} holes,"
            f" {facts['vertices']:,} vertices, {facts['hectares']:,.2f} ha"
        )


def print_columns() -> None:
    """Print the head of the table; rows follow as questions are answered."""
    print(
        f"\n{'question':<24}{'contender':<40}{'median s':>10}{'cpu s':>9}{'runs':>5}"
        f"{'÷ 1st':>10}{'÷ 2nd':>10}{'GB':>6}  note"
    )


def print_rows(timings: list[Timing]) -> None:
    """Print medians and ratios of a question."""
    for one in timings:
        cpu = "" if one.processor_s is None else f"{one.processor_s:.2f}"
        ratios = [
            "" if ratio is None else f"{ratio:,.2f}" for ratio in (one.to_first, one.to_second)
        ]
        memory = "" if one.memory_gb is None else f"{one.memory_gb:.2f}"
        print(
            f"{one.question:<24}{one.contender:<40}{one.median_s:>10.3f}{cpu:>9}"
            f"{len(one.runs_s):>5}{ratios[0]:>10}{ratios[1]:>10}{memory:>6}  {one.note}",
            flush=True,
        )


def print_legend(missing: dict[str, str]) -> None:
    """Print what the columns say, and who is missing."""
    print("÷ 1st, ÷ 2nd: times the median of the question's first and second row")
    print("cpu s: of all processors together, which a busy machine sways less")
    for name, why in missing.items():
        print(f"{name} is missing: {why}")


def write_json(
    file: Path,
    run: dict[str, Any],
    layers: dict[str, dict[str, float]],
    timings: list[Timing],
    missing: dict[str, str],
) -> None:
    """Write everything that was found."""
    report = run | {
        "layers": layers,
        "timings": [timing.as_row() for timing in timings],
        "missing": missing,
    }
    file.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
