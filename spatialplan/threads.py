"""How many threads a computation may use: as many as this process has processors, or as told."""

from __future__ import annotations

import os

__all__ = ["THREADS_VARIABLE", "thread_count"]

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
