"""``spatialplan check``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spatialplan.cli.guard import guard_inputs
from spatialplan.cli.passing import show_passing
from spatialplan.cli.session import Lang, PlanFile, opened
from spatialplan.messages import Language, phrase

if TYPE_CHECKING:
    from spatialplan.findings import Status
    from spatialplan.plan import Plan
    from spatialplan.review import Review

__all__ = ["check"]

# What a check leaves behind: review.json, review.xlsx and so on.
RESULTS = ("json", "xlsx", "gpkg", "html")


def check(
    plan: PlanFile,
    year: Annotated[
        int | None, typer.Option(help="核查年份，默认取自规划 · Year of the quotas to check.")
    ] = None,
    stream: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYER",
            help="须分批读取的图层（内存放不下）， 填规划文件中的图层名，可用逗号分隔； "
            "其内部重叠不作判断 · Layers too large for memory, by their names in the plan file, "
            "repeated or separated by commas; overlaps inside them are not evaluated.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(help="成果目录 · Folder for the results.")] = Path("results"),
    lang: Lang = None,
) -> None:
    """核查指标、控制线冲突与图层质量 · Check quotas, conflicts between the lines, layer quality."""
    with opened(plan, lang) as (what, language):
        paths = {kind: out / f"review.{kind}" for kind in RESULTS}
        guard_inputs(what, plan, paths.values())
        review = _check(what, year, split_names(stream or []), language)
        _report(review, paths, language)
    raise typer.Exit(_exit_code(review.status))


def _check(plan: Plan, year: int | None, stream: list[str], language: Language) -> Review:
    from spatialplan.review import check_plan

    steps = 2 * len(plan.layers) + len(plan.quotas) + len(plan.line_rules)
    steps += len(plan.rasters_with_role("land_cover")) + len(plan.indicators)
    with show_passing(steps, language) as (tell, passed):
        return check_plan(plan, year=year, stream=stream, progress=tell, passed=passed)


def split_names(given: list[str]) -> list[str]:
    """Return names given one by one or separated by commas, Chinese ones too, each once.

    Examples
    --------
    >>> split_names(["parcels,basic_farmland", "parcels"])
    ['parcels', 'basic_farmland']
    """
    names = [name.strip() for text in given for name in text.replace("，", ",").split(",")]
    return list(dict.fromkeys(name for name in names if name))


def _report(review: Review, paths: Mapping[str, Path], language: Language) -> None:
    from rich.console import Console

    from spatialplan.maps import draw_map, save_map
    from spatialplan.reports.json_documents import write_json
    from spatialplan.reports.reviews import (
        print_review,
        review_document,
        write_geopackage,
        write_workbook,
    )
    from spatialplan.threads import beside

    with beside() as begin:
        page = begin(lambda: draw_map(review.plan, review=review, language=language))
        write_json(review_document(review, language=language), paths["json"])
        write_workbook(review, paths["xlsx"], language=language)
        write_geopackage(review, paths["gpkg"], language=language)
        save_map(page(), paths["html"])
    print_review(review, Console(), language=language)
    for path in paths.values():
        typer.echo(phrase("cli.wrote", language).format(path=path))


def _exit_code(status: Status) -> int:
    return {"met": 0, "not_met": 1, "not_evaluated": 3}[status.value]
