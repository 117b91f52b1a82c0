"""Whole processes: how long they take, and how much memory they need at most (not on Windows)."""

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
from benchmarking.rounds import AGREEMENT, DisagreementError, Timing

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


def run_in_turn(programs: list[list[str]], rounds: int) -> list[list[Run]]:
    """Run every program once a round; return the runs of each."""
    turns = [[run_process(program) for program in programs] for _ in range(rounds)]
    return [list(runs) for runs in zip(*turns, strict=True)]


def time_commands(options: argparse.Namespace) -> list[Timing]:
    """Time the commands on the example layers as a user starts them; a quick run only the help."""
    plan = str(LAYERS / "plan.toml")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "map.html")
        commands = [["--help"]]
        if not options.quick:
            commands += [["check", plan, "--out", folder], ["map", plan, "--out", str(page)]]
        programs = [[sys.executable, "-m", "spatialplan", *command] for command in commands]
        runs = run_in_turn(programs, options.peer_rounds)
        notes = [f"exit code {done[-1].code}" for done in runs]
        if page.exists():
            notes[-1] += f"; page of {page.stat().st_size / 1e6:.2f} MB"
    return [
        describe_runs("command", f"spatialplan {command[0]}", done, note)
        for command, done, note in zip(commands, runs, notes, strict=True)
    ]


def describe_runs(question: str, name: str, runs: list[Run], note: str = "") -> Timing:
    """Put runs of one process into a row."""
    return Timing(
        question,
        name,
        tuple(run.seconds for run in runs),
        tuple(run.processor for run in runs),
        memory_gb=max(run.peak for run in runs) / 1e9,
        note=note,
    )


def compare_processes(options: argparse.Namespace) -> list[Timing]:
    """Run the whole way as processes: the county at once and streamed, larger counties streamed.

    Raises
    ------
    DisagreementError
        If a county has another area under its lines when it is streamed.
    """
    tasks = [("whole", 1), *(("stream", times) for times in (1, *options.scaling))]
    programs = []
    for way, times in tasks:
        files = keep_county(options.parcels * times, options.seed, options.cache)
        programs.append([sys.executable, "-m", ways.__name__, way, str(files.folder.absolute())])
    runs = run_in_turn(programs, options.peer_rounds)
    answers = [json.loads(done[-1].output) for done in runs]
    whole, streamed = (np.array(answer["hectares"]) for answer in answers[:2])
    if not np.allclose(whole, streamed, rtol=AGREEMENT, atol=0.0):
        raise DisagreementError("areas of the streamed county are not those of the whole")
    timings = [
        describe_runs("process, from disk", f"{answer['parcels']:,} parcels, {way}", done)
        for (way, _), answer, done in zip(tasks, answers, runs, strict=True)
    ]
    parcels = np.array([answer["parcels"] for answer in answers[1:]])
    return [timings[0], *note_line(timings[1:], parcels)]


def note_line(timings: list[Timing], parcels: Array) -> list[Timing]:
    """Note how far each time is from the straight line that is nearest to all, in shares."""
    seconds = np.array([timing.median_s for timing in timings])
    notes = [f"{each:.2f} µs a parcel" for each in seconds / parcels * 1e6]
    if len(timings) > 2:
        slope, start = np.polyfit(parcels, seconds, 1, w=1.0 / seconds)
        shares = (seconds - (start + slope * parcels)) / seconds
        line = f"the line {start:.2f} s + {slope * 1e6:.2f} µs a parcel"
        notes = [
            f"{note}; {share:+.1%} off {line}" for note, share in zip(notes, shares, strict=True)
        ]
    return [replace(timing, note=note) for timing, note in zip(timings, notes, strict=True)]
