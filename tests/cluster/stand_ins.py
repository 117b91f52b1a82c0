"""Jobs that are no judgement: what they do to their workers can be drawn by hand."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from spatialplan.errors import Fault, SourceError
from spatialplan.messages import Message, say


@dataclass(frozen=True)
class Counting:
    """Return the square of a partition's number, and leave a file that says who did it."""

    folder: str
    seconds: float = 0.02
    killing: tuple[int, ...] = ()
    failing: tuple[int, ...] = ()
    refusing: tuple[int, ...] = ()
    stumbling: tuple[int, ...] = ()

    def judge(self, number: int) -> int:
        done = Path(self.folder, f"{number}.done")
        tried = Path(self.folder, f"{number}.tried")
        if number in self.stumbling and not tried.exists():
            tried.touch()
            raise OSError("the network folder does not answer")
        if number in self.killing:
            os.kill(os.getpid(), 9)
        if number in self.failing:
            raise ZeroDivisionError("by nought")
        if number in self.refusing:
            raise SourceError(Fault("here", say("source.no_geometry")))
        time.sleep(self.seconds)
        done.write_text(str(os.getpid()))
        return number**2

    def leave_open(self, number: int, why: Message) -> int:
        return -1
