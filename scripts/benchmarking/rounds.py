"""Contenders answer the same question in turn, round after round; answers are compared first.

A machine that others use, or that grows warm, is slow for a while. Since every contender has a
run in every round, that hits all of them alike.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from benchmarking.ground import Array

# Answers may differ by this share of the parcel.
AGREEMENT = 1e-9


class DisagreementError(Exception):
    """Two contenders gave different answers, so that their times mean nothing."""


@dataclass(frozen=True)
class Contender:
    """One way to answer a question: `answer` is timed, `reveal` makes an array of what it gave.

    Attributes
    ----------
    reveal
        None when there is nothing to compare.
    rows
        Parcels that are answered, when it is a sample; `scale` takes their time to the whole.
    rounds
        In how many rounds it takes part; None for all.
    note
        What was done before and is not counted, or how the time comes about.
    elsewhere
        Another process does the work, so that the processors' time here says nothing.
    close
        Called when all rounds are over.
    """

    name: str
    answer: Callable[[], Any]
    reveal: Callable[[Any], Array] | None = np.asarray
    rows: Array | slice = field(default_factory=lambda: slice(None))
    scale: float = 1.0
    rounds: int | None = None
    note: str = ""
    elsewhere: bool = False
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Timing:
    """How long a contender took: all runs in seconds, and of all processors together.

    Attributes
    ----------
    first_s
        The run before the others, which is not counted: caches are cold, code is compiled.
    to_first, to_second
        How many times the median of the question's first and second contender.
    difference
        Greatest difference from our answer, as a share of the parcel.
    memory_gb
        Peak of a process of its own.
    """

    question: str
    contender: str
    runs_s: tuple[float, ...] = ()
    processor_runs_s: tuple[float, ...] = ()
    scale: float = 1.0
    first_s: float | None = None
    to_first: float | None = None
    to_second: float | None = None
    difference: float | None = None
    memory_gb: float | None = None
    note: str = ""

    @property
    def median_s(self) -> float:
        """Median of the runs, scaled up from a sample to the whole."""
        return statistics.median(self.runs_s) * self.scale

    @property
    def processor_s(self) -> float | None:
        """Median of processor time, scaled alike; None for work that another process does."""
        if not self.processor_runs_s:
            return None
        return statistics.median(self.processor_runs_s) * self.scale

    def as_row(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self) | {"median_s": self.median_s, "processor_s": self.processor_s}


def take_turns(
    question: str,
    contenders: Sequence[Contender],
    rounds: int,
    *,
    expected: Array,
    sizes: Array,
    agreement: float = AGREEMENT,
) -> list[Timing]:
    """Run every contender once and compare its answer, then time all of them in rounds.

    Parameters
    ----------
    question
        What is asked.
    contenders
        At least two; all are measured in the first and in the second.
    rounds
        How often each is run after its first run, which is not counted.
    expected
        Our answer, whose last axis are the parcels.
    sizes
        Area of the parcels, shape (n,), against which answers are compared.
    agreement
        Share of a parcel by which answers may differ.

    Raises
    ------
    DisagreementError
        If an answer differs by more.
    """
    try:
        checked = [check_answer(question, one, expected, sizes, agreement) for one in contenders]
        runs = run_rounds(contenders, rounds)
    finally:
        for one in contenders:
            one.close()
    timed = [
        replace(
            timing,
            runs_s=tuple(wall for wall, _ in clocks),
            processor_runs_s=() if one.elsewhere else tuple(busy for _, busy in clocks),
        )
        for one, timing, clocks in zip(contenders, checked, runs, strict=True)
    ]
    first, second = (one.median_s for one in timed[:2])
    return [
        replace(one, to_first=one.median_s / first, to_second=one.median_s / second)
        for one in timed
    ]


def check_answer(
    question: str, contender: Contender, expected: Array, sizes: Array, agreement: float
) -> Timing:
    """Run a contender for the first time, and compare its answer with ours."""
    first_s, _, answer = clock(contender.answer)
    difference = None
    if contender.reveal is not None:
        shares = np.abs(contender.reveal(answer) - expected)[..., contender.rows]
        difference = float(np.max(shares / sizes[contender.rows]))
        if not difference <= agreement:
            raise DisagreementError(
                f"{contender.name} is off by {difference:.1e} of a parcel where {agreement:.0e} is"
                " allowed"
            )
    return Timing(
        question,
        contender.name,
        scale=contender.scale,
        first_s=first_s,
        difference=difference,
        note=contender.note,
    )


def run_rounds(contenders: Sequence[Contender], rounds: int) -> list[list[tuple[float, float]]]:
    """Time contenders in turn; return seconds passed and of processors, run by run."""
    runs: list[list[tuple[float, float]]] = [[] for _ in contenders]
    for turn in range(rounds):
        for contender, clocks in zip(contenders, runs, strict=True):
            if contender.rounds is None or turn < contender.rounds:
                wall, busy, _ = clock(contender.answer)
                clocks.append((wall, busy))
    return runs


def clock(answer: Callable[[], Any]) -> tuple[float, float, Any]:
    """Return the seconds that passed, those of this process's processors, and the answer."""
    started, busy = time.perf_counter(), time.process_time()
    given = answer()
    return time.perf_counter() - started, time.process_time() - busy, given
