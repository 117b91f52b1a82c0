"""Batches judged in threads of this process while the next ones are being read.

Memory is bounded by how many batches there are at once: one read ahead, and one for every worker
that is being judged or waits to be handed out in its turn.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["run_here"]

Batch = TypeVar("Batch")
Partial = TypeVar("Partial")


def run_here(
    batches: Iterable[Batch], judge: Callable[[Batch], Partial], *, workers: int | None = None
) -> Iterator[Partial]:
    """Judge batches in threads, and hand out what was found in their order.

    Parameters
    ----------
    batches
        Read one after the other in a thread of their own.
    judge
        Asked once for every batch, from several threads.
    workers
        How many batches are judged at once; default: one a processor.

    Yields
    ------
    partial
        One a batch. At most ``workers + 1`` batches are held at any time.

    Examples
    --------
    >>> list(run_here([[1, 2], [3]], sum))
    [3, 3]
    """
    most = workers or os.cpu_count() or 1
    source = iter(batches)
    judged: deque[Future[Partial]] = deque()
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(most) as judges:
        try:
            ahead = reader.submit(_read_next, source)
            while batch := ahead.result():
                if len(judged) == most:
                    yield judged.popleft().result()
                judged.append(judges.submit(judge, batch.pop()))
                ahead = reader.submit(_read_next, source)
            while judged:
                yield judged.popleft().result()
        finally:
            for future in judged:
                future.cancel()


def _read_next(source: Iterator[Batch]) -> list[Batch]:
    """Read the next batch into a list, from which it is taken, so that nobody else holds it."""
    return [batch for _, batch in zip(range(1), source, strict=False)]
