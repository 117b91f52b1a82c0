"""Two thousand mutated files: none may crash the reader, hang it, or end in a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "fuzz.py"
MUTATIONS = 2000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no limit of memory")
def test_no_mutated_file_crashes_hangs_or_ends_in_a_traceback() -> None:
    # In a process of its own, because threads of other tests must not be forked.
    command = [sys.executable, str(SCRIPT), "--mutations", str(MUTATIONS), "--series", "2024"]
    outcome = subprocess.run(command, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    counts = {kind: int(count) for kind, count in re.findall(r"'(\w+)': (\d+)", outcome.stdout)}
    assert sum(counts.values()) == MUTATIONS
    assert set(counts) <= {"read", "refused", "silent"}
    # Were all of one kind, the mutations would be too weak, or the seeds unsound.
    assert min(counts["read"], counts["refused"]) > MUTATIONS // 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork and no limit of memory")
def test_the_farm_tells_a_crash_a_hang_and_a_traceback_apart(tmp_path: Path) -> None:
    program = f"""
import os, signal, sys, time
sys.path.insert(0, {str(SCRIPT.parents[1] / "tests")!r})
from pathlib import Path
from fuzz import farm, readers
from fuzz.seeds import Seed

def eat(path, options):
    return len(bytearray(10**11))

readers.READERS = farm.READERS = {{
    "crash": lambda path, options: os.kill(os.getpid(), signal.SIGSEGV),
    "hang": lambda path, options: time.sleep(60),
    "foreign": eat,
    "silent": lambda path, options: 1,
    "read": lambda path, options: 6,
}}
farm.SECONDS = 1.0
seeds = [Seed(name, {{"a": b"x" * 99}}, "a", name) for name in farm.READERS]
tally = farm.run_farm(seeds, Path({str(tmp_path)!r}), numbers=range(15), series=1)
assert all(outcome.kind == outcome.seed for outcome in tally.bad + tally.silent), tally
assert any("MemoryError" in outcome.detail for outcome in tally.bad), tally
print(dict(tally.counts))
"""
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stderr
    counts = dict(re.findall(r"'(\w+)': (\d+)", outcome.stdout))
    assert counts == dict.fromkeys(("crash", "hang", "foreign", "silent", "read"), "3")
    assert list(tmp_path.iterdir()) == []
