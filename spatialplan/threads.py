"""How many threads a computation may use: as many as this process has processors, or as told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

__all__ = ["THREADS_VARIABLE", "Begin", "beside", "thread_count"]

Answer = TypeVar("Answer")


class Begin(Protocol):
    """Begins a task; see `beside`."""

    def __call__(self, task: Callable[[], Answer]) -> Callable[[], Answer]:
        """Return what to call for the task's answer."""
        ...


# Environment variable that states the number. A worker of a cluster is told 1: the other processors
# have workers of their own.
THREADS_VARIABLE = "SPATIALPLAN_THREADS"


def thread_count() -> int:
    """Return how many threads to start, at least 1."""
    told = os.environ.get(THREADS_VARIABLE, "").strip()
    if told.isdecimal() and int(told):
        return int(told)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def beside() -> Iterator[Begin]:
    """Do tasks that know nothing of each other in threads of their own, beside what follows.

    Where one thread is all, a task is done when its answer is asked for.

    Yields
    ------
    begin
        Takes a task, and returns what to call for its answer.

    Examples
    --------
    >>> with beside() as begin:
    ...     answer = begin(lambda: "whole")
    ...     print("part,", answer())
    part, whole
    """
    if thread_count() == 1:
        yield lambda task: task
        return
    with ThreadPoolExecutor(thread_count()) as pool:
        yield lambda task: pool.submit(task).result
