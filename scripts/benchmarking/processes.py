"""Whole processes: how long they take, and how much memory they need at most."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarking import ways
from benchmarking.county_files import keep_county
from benchmarking.ground import Array
from benchmarking.rounds import Timing

REPOSITORY = Path(__file__).parents[2]
LAYERS = REPOSITORY / "layers"

# The peak of a child starts with that of the process that starts it, so a small one does.
LAUNCHER = """
import json, os, resource, subprocess, sys, time
started = time.perf_counter()
child = subprocess.Popen(sys.argv[2:], stdout=subprocess.PIPE)
output = child.stdout.read().decode("utf-8")
code = child.wait()
elapsed = time.perf_counter() - started
used = resource.getrusage(resource.RUSAGE_CHILDREN)
peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
measured = {"code": code, "output": output, "seconds": elapsed, "peak": peak,
            "processor": used.ru_utime + used.ru_stime}
open(sys.argv[1], "w", encoding="utf-8").write(json.dumps(measured))
"""


@dataclass(frozen=True)
class Run:
    """One process that ended."""

    code: int
    output: str
    seconds: float
    peak: int
    processor: float


def run_process(command: list[str]) -> Run:
    """Run a command and measure it; what it prints as errors goes to ours."""
    with tempfile.TemporaryDirectory() as folder:
        measured = Path(folder, "measured.json")
        launch = [sys.executable, "-c", LAUNCHER, str(measured), *command]
        subprocess.run(launch, check=True, cwd=REPOSITORY / "scripts")
        return Run(**json.loads(measured.read_text("utf-8")))


def time_commands(options: argparse.Namespace) -> list[Timing]:
    """Time the commands on the example layers as a user starts them; without layers, the help."""
    plan = str(LAYERS / "plan.toml")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "map.html")
        commands = [["--help"]]
        if not options.quick:
            commands += [["map", plan, "--out", str(page)], ["check", plan, "--out", folder]]
        runs: list[list[Run]] = [[] for _ in commands]
        for _ in range(options.peer_rounds):
            for command, done in zip(commands, runs, strict=True):
                done.append(run_process([sys.executable, "-m", "spatialplan", *command]))
        notes = [f"exit code {done[-1].code}" for done in runs]
        if page.exists():
            notes[1] += f"; page {page.stat().st_size / 1e6:.2f} MB"
    return [
        describe_runs("command", f"spatialplan {command[0]}", done, note)
        for command, done, note in zip(commands, runs, notes, strict=True)
    ]


def describe_runs(question: str, name: str, runs: list[Run], note: str) -> Timing:
    """Put runs of one process into a row."""
    return Timing(
        question,
        name,
        tuple(run.seconds for run in runs),
        tuple(run.processor for run in runs),
        memory_gb=max(run.peak for run in runs) / 1e9,
        note=note,
    )


def time_scaling(options: argparse.Namespace) -> list[Timing]:
    """Stream counties of growing extent, each in a process of its own, and fit a straight line."""
    factors = options.scaling_factors
    counties = [
        keep_county(options.parcels * factor, options.seed, options.cache) for factor in factors
    ]
    runs: list[list[Run]] = [[] for _ in counties]
    for _ in range(options.peer_rounds):
        for county, done in zip(counties, runs, strict=True):
            command = [sys.executable, "-m", ways.__name__, str(county.folder.absolute())]
            done.append(run_process(command))
    answers = [json.loads(done[-1].output) for done in runs]
    timings = [
        describe_runs("streamed, from disk", f"{answer['parcels']:,} parcels", done, "")
        for answer, done in zip(answers, runs, strict=True)
    ]
    parcels = np.array([answer["parcels"] for answer in answers])
    return note_fit(timings, parcels)


def note_fit(timings: list[Timing], parcels: Array) -> list[Timing]:
    """Note how far each time is from the straight line that is nearest to all, in shares."""
    seconds = np.array([timing.median_s for timing in timings])
    slope, start = np.polyfit(parcels, seconds, 1, w=1.0 / seconds)
    off = (seconds - (start + slope * parcels)) / seconds
    a_parcel = seconds / parcels * 1e6
    line = f"line: {start:.2f} s + {slope * 1e6:.2f} µs a parcel"
    return [
        replace(timing, note=f"{each:.2f} µs a parcel; {share:+.1%} off the {line}")
        for timing, each, share in zip(timings, a_parcel, off, strict=True)
    ]
