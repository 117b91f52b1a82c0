"""``spatialplan monitor``."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spatialplan.cli.guard import guard_inputs
from spatialplan.cli.session import Lang, PlanFile, opened, show_progress, wanted_formats
from spatialplan.errors import Fault, OutputError, PlanError
from spatialplan.messages import Language, phrase, say

if TYPE_CHECKING:
    from spatialplan.monitoring import Monitoring
    from spatialplan.plan import Plan

__all__ = ["monitor"]

# What a monitoring leaves behind: monitoring.json and so on.
RESULTS = ("json", "xlsx", "gpkg", "html")


def monitor(
    plan: PlanFile,
    before: Annotated[Path, typer.Argument(help="前期地表覆盖 · Earlier land cover, .tif.")],
    after: Annotated[Path, typer.Argument(help="后期地表覆盖 · Later land cover, .tif.")],
    classes: Annotated[
        str | None,
        typer.Option(help="图例：规划所列名称，或 TOML、CSV 文件 · Legend: a name or a file."),
    ] = None,
    min_area: Annotated[
        float | None,
        typer.Option(min=0.01, help="最小图斑（平方米），默认取自规划 · Smallest patch, m²."),
    ] = None,
    ledger: Annotated[
        Path | None,
        typer.Option(
            help="台账 .gpkg：没有则新建，已有则更新 · Ledger to begin or bring up to date."
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(help="按哪天的规则引用依据，默认今天 · Day whose rules are quoted."),
    ] = None,
    formats: Annotated[
        str, typer.Option(help="成果格式，逗号分隔 · Which results, separated by commas.")
    ] = ",".join(RESULTS),
    out: Annotated[Path, typer.Option(help="成果目录 · Folder for the results.")] = Path("results"),
    lang: Lang = None,
) -> None:
    """人类活动遥感监测：线内新增图斑与台账 · New human activity inside the lines, and a ledger."""
    with opened(plan, lang) as (what, language):
        paths = {name: out / f"monitoring.{name}" for name in wanted_formats(formats, RESULTS)}
        _guard(what, plan, paths, before, after, classes, ledger)
        from spatialplan.monitoring import monitor_plan

        with show_progress(None, language) as tell:
            found = monitor_plan(
                what,
                before,
                after,
                classes=classes,
                minimum_m2=min_area,
                ledger=ledger,
                day=_read_day(date),
                progress=tell,
            )
        _report(found, paths, language)
    raise typer.Exit({"met": 0, "not_met": 1, "not_evaluated": 3}[found.status.value])


def _guard(
    plan: Plan,
    plan_file: Path,
    paths: Mapping[str, Path],
    before: Path,
    after: Path,
    classes: str | None,
    ledger: Path | None,
) -> None:
    """Keep whatever is read from being written over, the ledger apart, which is both."""
    from spatialplan.files import backup_path

    rasters = (plan.directory / spec.path for spec in plan.rasters.values())
    others = [before, after, *rasters, *([Path(classes)] if classes else [])]
    written = list(paths.values())
    if ledger is not None:
        if ledger.suffix.lower() != ".gpkg":
            raise OutputError(Fault(str(ledger), say("ledger.suffix")))
        written += [ledger, backup_path(ledger)]
        if ledger.resolve() in {path.resolve() for path in paths.values()}:
            raise OutputError(Fault(str(ledger), say("ledger.is_result")))
    guard_inputs(plan, plan_file, written, others)


def _read_day(text: str | None) -> datetime.date | None:
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise PlanError(Fault("--date", say("monitor.no_day", found=text))) from None


def _report(found: Monitoring, paths: Mapping[str, Path], language: Language) -> None:
    from rich.console import Console

    from spatialplan.reports import monitorings
    from spatialplan.reports.json_documents import write_json

    # The ledger first: were it refused now, no result would claim what it does not hold.
    written = monitorings.write_ledger(found, language=language)
    if "json" in paths:
        write_json(monitorings.monitoring_document(found, language=language), paths["json"])
    if "xlsx" in paths:
        monitorings.write_monitoring_workbook(found, paths["xlsx"], language=language)
    if "gpkg" in paths:
        monitorings.write_monitoring_geopackage(found, paths["gpkg"], language=language)
    if "html" in paths:
        from spatialplan.maps import draw_monitoring, save_map

        save_map(draw_monitoring(found, language=language), paths["html"])
    monitorings.print_monitoring(found, Console(), language=language)
    for path in paths.values():
        typer.echo(phrase("cli.wrote", language).format(path=path))
    if found.ledger is not None:
        key = "cli.wrote" if written else "monitoring.ledger_unchanged"
        typer.echo(phrase(key, language).format(path=found.ledger.path))
