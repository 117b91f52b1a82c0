"""Progress of a job that reads some layers whole and lets others flow by in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from spatialplan.messages import Language, phrase

__all__ = ["show_passing"]

Told = tuple[Callable[[str], None], Callable[[str, int, int], None]]


@contextmanager
def show_passing(steps: int, language: Language) -> Iterator[Told]:
    """Show the steps of a job and, of a layer in batches, count, rate and time left.

    Yields
    ------
    tell
        Called with the name of each step that is done.
    passed
        Called with a layer's title, how many of its features were judged, and how many its file
        states; 0 where it states none.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None, lambda *_: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(phrase("cli.reading", language), total=steps)
        flows: dict[str, tuple[TaskID, float]] = {}

        def pass_by(title: str, done: int, total: int) -> None:
            if title not in flows:
                flows[title] = bar.add_task(title, total=total or None), time.monotonic()
            flow, started = flows[title]
            rate = round(done / max(time.monotonic() - started, 1e-3))
            text = phrase("batched.progress", language).format(done=done, total=total, rate=rate)
            bar.update(flow, completed=done, description=f"{title} {text}")

        yield lambda what: bar.update(task, advance=1, description=what), pass_by
