"""``spatialplan init``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from spatialplan.cli.session import Lang, complain, show_progress
from spatialplan.errors import Fault, OutputError, SpatialplanError
from spatialplan.messages import Language, phrase, say

__all__ = ["init"]


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="规划文件写入的目录 · Folder for plan.toml.")
    ],
    first: Annotated[
        list[Path],
        typer.Option("--from", metavar="FILES...", help="交付数据：文件或目录 · The delivery."),
    ],
    others: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILES]...", help="更多文件 · More files.", show_default=False),
    ] = None,
    lang: Lang = None,
) -> None:
    """由交付数据生成规划文件草稿 · Draft a plan file for a new county from its delivery."""
    language: Language = lang or "zh"
    try:
        complete = _draft(folder, [*first, *(others or [])], language)
    except SpatialplanError as error:
        for fault in error.faults:
            complain(f"{phrase('cli.error', language)} {fault.text(language)}")
        raise typer.Exit(2) from None
    raise typer.Exit(0 if complete else 3)


def _draft(folder: Path, sources: list[Path], language: Language) -> bool:
    from rich.console import Console

    from spatialplan.drafting import PLAN_FILE, draft_plan
    from spatialplan.reports.drafts import print_draft, write_plan

    path = folder / PLAN_FILE
    _guard(path)
    with show_progress(None, language) as tell:
        draft = draft_plan(
            sources, folder, year=date.today().year, language=language, progress=tell
        )
    _guard(path)
    write_plan(draft, path)
    for fault in draft.faults:
        complain(f"{phrase('cli.error', language)} {fault.text(language)}")
    for problem in draft.problems:
        complain(problem.why.text(language))
    for note in draft.notes:
        complain(note.text(language))
    typer.echo(phrase("cli.wrote", language).format(path=path))
    print_draft(draft, path, Console(), language=language)
    return draft.is_complete


def _guard(path: Path) -> None:
    """Refuse to write over a plan file, or into a FileGDB."""
    if path.exists() or path.is_symlink():
        raise OutputError(Fault(str(path), say("draft.exists")))
    if any(parent.suffix.lower() == ".gdb" for parent in path.resolve().parents):
        raise OutputError(Fault(str(path.parent), say("draft.in_source")))
