"""``spatialplan inspect``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spatialplan.cli.guard import guard_inputs, guard_sources
from spatialplan.cli.session import Lang, complaining, show_progress, wanted_formats
from spatialplan.messages import Language, phrase

if TYPE_CHECKING:
    from spatialplan.inspection import Inspection
    from spatialplan.plan import Plan

__all__ = ["inspect"]

# What an inspection leaves behind: inspection.json and so on.
RESULTS = ("json", "xlsx", "gpkg", "html")


def inspect(
    files: Annotated[
        list[Path],
        typer.Argument(help="文件、压缩包、FileGDB 或文件夹 · Files, zip files, folders."),
    ],
    plan: Annotated[
        Path | None,
        typer.Option(help="规划文件，用其区域与图层说明 · Plan whose region and layers count."),
    ] = None,
    crs: Annotated[
        str | None,
        typer.Option(help="坐标系，仅用于未声明的图层 · CRS of layers that state none."),
    ] = None,
    encoding: Annotated[
        str | None, typer.Option(help="文字编码，默认自动识别 · Encoding of shapefiles.")
    ] = None,
    formats: Annotated[
        str, typer.Option(help="成果格式，逗号分隔 · Which results, separated by commas.")
    ] = ",".join(RESULTS),
    out: Annotated[Path, typer.Option(help="成果目录 · Folder for the results.")] = Path("results"),
    lang: Lang = None,
) -> None:
    """检查收到的数据：有什么、有哪些问题、怎样改 · Say what a delivery holds and what is wrong."""
    with complaining(lang or "zh"):
        paths = {kind: out / f"inspection.{kind}" for kind in wanted_formats(formats, RESULTS)}
        guard_sources(files, paths.values())
        told = _read_plan(plan, paths)
        language: Language = lang or (told.header.language if told else "zh")
        inspection = _inspect(files, told, crs, encoding, language)
        _report(inspection, paths, language)
    raise typer.Exit(_exit_code(inspection))


def _read_plan(file: Path | None, paths: Mapping[str, Path]) -> Plan | None:
    if file is None:
        return None
    from spatialplan.plan import read_plan

    plan = read_plan(file)
    guard_inputs(plan, file, paths.values())
    return plan


def _inspect(
    files: list[Path],
    plan: Plan | None,
    crs: str | None,
    encoding: str | None,
    language: Language,
) -> Inspection:
    from spatialplan.inspection import inspect_files

    with show_progress(None, language) as tell:
        return inspect_files(files, plan=plan, crs=crs, encoding=encoding, progress=tell)


def _report(inspection: Inspection, paths: Mapping[str, Path], language: Language) -> None:
    from rich.console import Console

    from spatialplan import reports

    if "json" in paths:
        document = reports.inspection_document(inspection, language=language)
        reports.write_json(document, paths["json"])
    if "xlsx" in paths:
        reports.write_inspection_workbook(inspection, paths["xlsx"], language=language)
    if "gpkg" in paths:
        reports.write_inspection_geopackage(inspection, paths["gpkg"], language=language)
    if "html" in paths:
        from spatialplan.maps import draw_inspection, save_map

        save_map(draw_inspection(inspection, language=language), paths["html"])
    reports.print_inspection(inspection, Console(), language=language)
    for path in paths.values():
        typer.echo(phrase("cli.wrote", language).format(path=path))


def _exit_code(inspection: Inspection) -> int:
    if not inspection.is_read:
        return 2
    return {"met": 0, "not_met": 1, "not_evaluated": 3}[inspection.status.value]
