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
