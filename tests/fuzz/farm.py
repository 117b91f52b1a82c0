"""Mutated files read in forked children with little memory, each killed if it takes too long.

A child reads many files one after the other and says before and after each what it does; where it
dies or hangs, that file is to blame and another child goes on with the next.
"""

from __future__ import annotations

import json
import os
import random
import resource
import selectors
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fuzz.mutations import mutate
from fuzz.readers import READERS
from fuzz.seeds import Seed, pack
from spatialplan.errors import SpatialplanError

__all__ = ["Outcome", "Tally", "run_farm"]

SECONDS = 10.0
SPARE_BYTES = 1_500_000_000
BATCH = 60
BAD = ("crash", "hang", "foreign")


@dataclass(frozen=True)
class Outcome:
    """What became of one mutation: read, silent, refused, or one of `BAD`."""

    index: int
    seed: str
    kind: str
    detail: str = ""


@dataclass
class Tally:
    """Outcomes by kind; those that must not be, and reads that lost features without a word."""

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[Outcome] = field(default_factory=list)
    silent: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome.kind] += 1
        if outcome.kind in BAD:
            self.bad.append(outcome)
        if outcome.kind == "silent":
            self.silent.append(outcome)


def run_farm(
    seeds: Sequence[Seed], folder: Path, *, numbers: Sequence[int], series: int, workers: int = 2
) -> Tally:
    """Read the mutations with these numbers of a series, spread over the seeds in turn."""
    tally, waiting = Tally(), list(numbers)
    with selectors.DefaultSelector() as watch:
        while waiting or watch.get_map():
            while waiting and len(watch.get_map()) < workers:
                batch, waiting = waiting[:BATCH], waiting[BATCH:]
                child = _Child(seeds, folder, batch, series)
                watch.register(child.pipe, selectors.EVENT_READ, child)
            for key, _ in watch.select(timeout=0.2):
                key.data.listen(tally)
            for key in list(watch.get_map().values()):
                child = key.data
                if child.is_over(tally, seeds):
                    watch.unregister(child.pipe)
                    child.close()
                    waiting = child.left + waiting
    return tally


class _Child:
    def __init__(
        self, seeds: Sequence[Seed], folder: Path, numbers: list[int], series: int
    ) -> None:
        self.pipe, writing = os.pipe()
        self.left, self.heard, self.since, self.ended = numbers, b"", time.monotonic(), False
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.pipe)
            try:
                _work(seeds, folder / str(os.getpid()), numbers, series, writing)
            finally:
                os._exit(1)
        os.close(writing)

    def listen(self, tally: Tally) -> None:
        received = os.read(self.pipe, 1 << 16)
        self.ended = not received
        self.heard += received
        *lines, self.heard = self.heard.split(b"\n")
        for line in lines:
            tally.add(Outcome(**json.loads(line)))
            self.left = self.left[1:]
            self.since = time.monotonic()

    def is_over(self, tally: Tally, seeds: Sequence[Seed]) -> bool:
        hangs = not self.ended and time.monotonic() - self.since > SECONDS
        if hangs:
            os.kill(self.pid, signal.SIGKILL)
        if not self.ended and not hangs:
            return False
        status = os.waitpid(self.pid, 0)[1]
        if self.left:
            blamed, kind = self.left[0], "hang" if hangs else "crash"
            name = seeds[blamed % len(seeds)].name
            tally.add(Outcome(blamed, name, kind, f"status {status}"))
            self.left = self.left[1:]
        return True

    def close(self) -> None:
        os.close(self.pipe)


def _work(
    seeds: Sequence[Seed], folder: Path, numbers: Sequence[int], series: int, writing: int
) -> None:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + SPARE_BYTES, used + SPARE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in numbers:
        seed = seeds[number % len(seeds)]
        path = lay_out(seed, folder, series=series, number=number)
        kind, detail = judge(seed, path)
        shutil.rmtree(folder, ignore_errors=True)
        said = {"index": number, "seed": seed.name, "kind": kind, "detail": detail}
        os.write(writing, json.dumps(said).encode() + b"\n")
    os._exit(0)


def lay_out(seed: Seed, folder: Path, *, series: int, number: int) -> Path:
    """Write the files of a mutation and return the one to open."""
    files = mutate(seed.files, random.Random(f"{series}:{number}"))
    if seed.packed:
        files = {seed.packed: pack(files)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / seed.opened


def judge(seed: Seed, path: Path) -> tuple[str, str]:
    """Read a file and return the kind of outcome, with a detail for people."""
    before = _listing(path.parent)
    try:
        found = READERS[seed.reader](path, seed.options)
        kind = "silent" if 0 <= found < seed.features and seed.reader != "plan" else "read"
        detail = f"{found} of {seed.features}" if kind == "silent" else ""
    except SpatialplanError as error:
        worded = error.text("zh") + str(error)
        kind, detail = "refused", "memory" if "more memory than there is" in worded else ""
    except BaseException as error:
        place = _last_frame(error)
        kind, detail = "foreign", f"{type(error).__name__}: {str(error)[:200]} at {place}"
    if _listing(path.parent) != before:
        return "foreign", "files beside the input were changed"
    return kind, detail


def _last_frame(error: BaseException) -> str:
    frame = error.__traceback__
    place = ""
    while frame is not None:
        place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return place


def _listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(part): (part.stat().st_size, part.stat().st_mtime_ns)
        for part in folder.rglob("*")
        if part.is_file()
    }


if sys.platform == "win32":
    raise ImportError("forks and limits of memory are not there on Windows")
