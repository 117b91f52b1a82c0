"""What every command does around its job: open the plan, show progress, complain, exit."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from spatialplan.errors import Fault, OutputError, SpatialplanError
from spatialplan.messages import Language, phrase, say

if TYPE_CHECKING:
    import io

    from rich.progress import Task

    from spatialplan.plan import Plan

__all__ = [
    "Lang",
    "PlanFile",
    "complain",
    "complaining",
    "keeping_objects",
    "opened",
    "show_progress",
    "show_rate",
    "use_utf8",
    "wanted_formats",
]

PlanFile = Annotated[Path, typer.Argument(help="规划文件 plan.toml · The plan file.")]
Lang = Annotated[
    Literal["zh", "en"] | None,
    typer.Option("--lang", help="语言，默认取自规划 · Language; default: the plan's."),
]


@contextmanager
def opened(path: Path, lang: Language | None) -> Iterator[tuple[Plan, Language]]:
    """Read the plan and find the language; print every fault of unusable input, exit code 2."""
    from spatialplan.plan import read_plan

    with complaining(lang or "zh"):
        plan = read_plan(path)
    language: Language = lang or plan.header.language
    with complaining(language):
        yield plan, language


@contextmanager
def complaining(language: Language) -> Iterator[None]:
    """Print every fault of unusable input, exit code 2."""
    try:
        yield
    except SpatialplanError as error:
        for fault in error.faults:
            complain(f"{phrase('cli.error', language)} {fault.text(language)}")
        raise typer.Exit(2) from None


@contextmanager
def keeping_objects() -> Iterator[None]:
    """Look for no garbage meanwhile: of many sites it is millions of objects that all stay."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def wanted_formats(formats: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the results asked for, in the order in which they are written.

    Raises
    ------
    OutputError
        If one is not known, or none is asked for.
    """
    wanted = [name.strip().lower() for name in formats.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        listed = ", ".join(known)
        message = say("cli.unknown_format", found=", ".join(unknown), known=listed)
        raise OutputError(Fault("--formats", message))
    return tuple(name for name in known if name in wanted)


@contextmanager
def show_progress(steps: int | None, language: Language) -> Iterator[Callable[[str], None]]:
    """Show a progress bar where a terminal is there to show it; None: nobody knows how long."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(phrase("cli.reading", language), total=steps)
        yield lambda what: bar.update(task, advance=1, description=what)


@contextmanager
def show_rate(total: int, language: Language) -> Iterator[Callable[[int], None]]:
    """Show how many are done, how many a second, and the time left, where a terminal is there."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            rate = f"{task.speed:,.0f}" if task.speed else "…"
            return Text(phrase("stream.sites_per_second", language).format(rate=rate))

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task(phrase("stream.judging", language), total=total)
        yield lambda count: bar.update(task, advance=count)


def complain(text: str) -> None:
    """Print one line to standard error; nothing from a file steers the terminal."""
    typer.echo("".join(sign if sign.isprintable() else " " for sign in text), err=True)


def use_utf8() -> None:
    """Write UTF-8 wherever the output goes; a Windows pipe would otherwise refuse Chinese."""
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty():
            cast("io.TextIOWrapper", stream).reconfigure(encoding="utf-8")
