"""The command line: parse, call a job, write what it found, exit.

Exit codes: 0 everything holds; 1 something is broken; 2 the input could not be read, usage, or a
fault of the program itself (SPATIALPLAN_DEBUG=1 shows where); 3 nothing is broken but something was
not evaluated or not drawn. Heavy imports wait until a command runs, so that ``--help`` answers at
once.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from spatialplan.errors import Fault, OutputError, SpatialplanError
from spatialplan.messages import LANGUAGES, Language, phrase, say

if TYPE_CHECKING:
    import io

    from spatialplan.findings import Status
    from spatialplan.plan import Plan
    from spatialplan.review import Review

__all__ = ["app", "run"]

app = typer.Typer(
    name="spatialplan",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="国土空间规划核查与制图 · Check a spatial plan on the official area method and map it.",
)

# What a check leaves behind: review.json, review.xlsx and so on.
RESULTS = ("json", "xlsx", "gpkg", "html")

PlanFile = Annotated[Path, typer.Argument(help="规划文件 plan.toml · The plan file.")]
Lang = Annotated[
    Literal["zh", "en"] | None,
    typer.Option("--lang", help="语言，默认取自规划 · Language; default: the plan's."),
]


@app.command()
def check(
    plan: PlanFile,
    year: Annotated[
        int | None, typer.Option(help="核查年份，默认取自规划 · Year of the quotas to check.")
    ] = None,
    out: Annotated[Path, typer.Option(help="成果目录 · Folder for the results.")] = Path("results"),
    lang: Lang = None,
) -> None:
    """核查指标、控制线冲突与图层质量 · Check quotas, conflicts between the lines, layer quality."""
    with _opened(plan, lang) as (what, language):
        paths = {kind: out / f"review.{kind}" for kind in RESULTS}
        _guard_inputs(what, plan, paths.values())
        review = _check(what, year, language)
        _report(review, paths, language)
    raise typer.Exit(_exit_code(review.status))


@app.command("map")
def draw(
    plan: PlanFile,
    out: Annotated[Path, typer.Option(help="网页文件 · The page to write.")] = Path(
        "results/map.html"
    ),
    base_map: Annotated[
        str | None,
        typer.Option(help="联网底图 tianditu:<密钥> 或 XYZ 地址 · Online base map; default: none."),
    ] = None,
    maker: Annotated[str, typer.Option(help="制图单位 · Who made the map.")] = "",
    date: Annotated[str, typer.Option(help="制图日期 · When it was made.")] = "",
    approval_number: Annotated[str, typer.Option(help="审图号 · Map approval number.")] = "",
    watermark: Annotated[
        str | None, typer.Option(help="水印，默认“演示数据”或“内部使用” · Watermark; '' for none.")
    ] = None,
    lang: Lang = None,
) -> None:
    """绘制生态空间格局图（单文件，离线可用）· Draw the ecological pattern as one offline page."""
    with _opened(plan, lang) as (what, language):
        _guard_inputs(what, plan, [out])
        from spatialplan.files import read_layers
        from spatialplan.maps import draw_map, save_map, undrawn_elements

        reading = read_layers(what)
        page = draw_map(
            what,
            layers=reading.layers,
            problems=reading.problems,
            language=language,
            base_map=base_map,
            maker=maker,
            date=date,
            approval_number=approval_number,
            watermark=watermark,
        )
        save_map(page, out)
        undrawn = undrawn_elements(what, reading.layers)
        for problem in reading.problems:
            _complain(problem.why.text(language))
        for element in undrawn:
            _complain(f"{element.rule_id}: {element.why.text(language)}")
        typer.echo(phrase("cli.wrote", language).format(path=out))
    raise typer.Exit(3 if reading.problems or undrawn else 0)


@app.command()
def schema() -> None:
    """输出规划文件的 JSON Schema · Print the JSON Schema of the plan file."""
    from spatialplan.plan import plan_schema

    _use_utf8()
    typer.echo(json.dumps(plan_schema(), ensure_ascii=False, indent=2))


def run() -> None:
    """Enter the program; a fault of its own never leaves with the code of a broken plan."""
    try:
        _use_utf8()
        app()
    except Exception as error:
        if os.environ.get("SPATIALPLAN_DEBUG") == "1":
            traceback.print_exc()
        # The language was a matter of the plan, which may not have been read: say it in both.
        for language in LANGUAGES:
            _complain(phrase("cli.internal", language))
        _complain(f"{type(error).__name__}: {error}")
        sys.exit(2)


def _check(plan: Plan, year: int | None, language: Language) -> Review:
    from spatialplan.review import check_plan

    steps = 2 * len(plan.layers) + len(plan.quotas) + len(plan.line_rules)
    with _progress(steps, language) as tell:
        return check_plan(plan, year=year, progress=tell)


def _report(review: Review, paths: Mapping[str, Path], language: Language) -> None:
    from rich.console import Console

    from spatialplan.maps import draw_map, save_map
    from spatialplan.reports import (
        print_review,
        review_document,
        write_geopackage,
        write_json,
        write_workbook,
    )

    write_json(review_document(review, language=language), paths["json"])
    write_workbook(review, paths["xlsx"], language=language)
    write_geopackage(review, paths["gpkg"], language=language)
    save_map(draw_map(review.plan, review=review, language=language), paths["html"])
    print_review(review, Console(), language=language)
    for path in paths.values():
        typer.echo(phrase("cli.wrote", language).format(path=path))


def _guard_inputs(plan: Plan, plan_file: Path, outputs: Iterable[Path]) -> None:
    """Refuse to write over, into or beside anything that the plan reads, before it is read."""
    sources = [plan_file, *(plan.directory / spec.path for spec in plan.layers.values())]
    inputs = {place for source in sources for place in _places(source)}
    faults = [
        Fault(str(path), say("output.is_input"))
        for path in outputs
        if any(_belongs_to(place, source) for place in _places(path) for source in inputs)
    ]
    if faults:
        raise OutputError(faults)


def _places(path: Path) -> set[Path]:
    """Return where a file is named and where it lies: two places where it is a link."""
    return {path.resolve(), path.parent.resolve() / path.name}


def _belongs_to(path: Path, source: Path) -> bool:
    """Say whether a file is a source, lies inside one, or is one of the files that make it up."""
    if any(_is_same(place, source) for place in (path, *path.parents)):
        return True
    if not _is_same(path.parent, source.parent):
        return False
    # Compared without case: many disks do not tell DEV.dbf from dev.dbf.
    name, own = path.name.casefold(), source.name.casefold()
    if source.suffix.casefold() == ".shp":
        return name.startswith(own.removesuffix("shp"))
    # SQLite keeps what a GeoPackage has not yet taken in in files named data.gpkg-wal and the like.
    return name.startswith(f"{own}-")


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one == other or one.samefile(other)
    except OSError:  # one of them is not there
        return False


def _exit_code(status: Status) -> int:
    return {"met": 0, "not_met": 1, "not_evaluated": 3}[status.value]


@contextmanager
def _opened(path: Path, lang: Language | None) -> Iterator[tuple[Plan, Language]]:
    """Read the plan and find the language; print every fault of unusable input, exit code 2."""
    from spatialplan.plan import read_plan

    language: Language = lang or "zh"
    try:
        plan = read_plan(path)
        language = lang or plan.header.language
        yield plan, language
    except SpatialplanError as error:
        for fault in error.faults:
            _complain(f"{phrase('cli.error', language)} {fault.text(language)}")
        raise typer.Exit(2) from None


@contextmanager
def _progress(steps: int, language: Language) -> Iterator[Callable[[str], None]]:
    """Show a progress bar where a terminal is there to show it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(phrase("cli.reading", language), total=steps)
        yield lambda what: bar.update(task, advance=1, description=what)


def _complain(text: str) -> None:
    """Print one line to standard error; nothing from a file steers the terminal."""
    typer.echo("".join(sign if sign.isprintable() else " " for sign in text), err=True)


def _use_utf8() -> None:
    """Write UTF-8 wherever the output goes; a Windows pipe would otherwise refuse Chinese."""
    for stream in (sys.stdout, sys.stderr):
        if not stream.isatty():
            cast("io.TextIOWrapper", stream).reconfigure(encoding="utf-8")
