"""``spatialplan inspect``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spatialplan.cli.guard import guard_inputs, guard_sources
from spatialplan.cli.session import Lang, complaining, show_progress, wanted_formats
from spatialplan.errors import Fault, OutputError
from spatialplan.messages import Language, phrase, say

if TYPE_CHECKING:
    from spatialplan.inspection import Inspection, RepairReport
    from spatialplan.plan import Plan
    from spatialplan.repair import RepairWishes

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
    repair: Annotated[
        Path | None, typer.Option(help="修复后的副本写入此目录 · Folder for repaired copies.")
    ] = None,
    fix: Annotated[
        str,
        typer.Option(help="修复哪些，逗号分隔：geometry,coverage,… · What to repair, by commas."),
    ] = "",
    most_change: Annotated[
        str, typer.Option(help="单个要素面积变化上限 · Most change of area, e.g. 1%,100m2.")
    ] = "1%,100m2",
    target_crs: Annotated[
        str | None, typer.Option(help="crs 修复的目标坐标系 · CGCS2000 zone for fix crs.")
    ] = None,
    target_encoding: Annotated[
        str, typer.Option(help="encoding 修复的目标编码 · Encoding for fix encoding.")
    ] = "utf-8",
    lang: Lang = None,
) -> None:
    """检查收到的数据，按要求修复副本 · Say what a delivery holds, what is wrong; repair copies."""
    with complaining(lang or "zh"):
        paths = {kind: out / f"inspection.{kind}" for kind in wanted_formats(formats, RESULTS)}
        written = [*paths.values(), *([repair] if repair else [])]
        guard_sources(files, written)
        wishes = _read_wishes(repair, fix, most_change, target_crs, target_encoding)
        told = _read_plan(plan, written)
        language: Language = lang or (told.header.language if told else "zh")
        inspection = _inspect(files, told, crs, encoding, language)
        repairs = None
        if repair and wishes:
            repairs = _repair(inspection, repair, wishes, crs, language)
        _report(inspection, repairs, paths, language)
    raise typer.Exit(_exit_code(inspection, repairs))


def _read_wishes(
    folder: Path | None, fix: str, most_change: str, target: str | None, encoding: str
) -> RepairWishes | None:
    """Read what is to be repaired; copies need both a folder and the repairs asked for."""
    if folder is None and not fix:
        return None
    from spatialplan.repair import (
        Fix,
        RepairWishes,
        parse_encoding,
        parse_fixes,
        parse_limits,
        require_target,
    )

    if folder is None:
        raise OutputError(Fault("--repair", say("inspection.no_folder")))
    fixes = parse_fixes(fix)
    if target:
        require_target(target)
        if Fix.CRS not in fixes:
            raise OutputError(Fault("--target-crs", say("inspection.no_crs_fix")))
    return RepairWishes(
        fixes,
        parse_limits(most_change),
        target=target,
        text_codec=parse_encoding(encoding),
    )


def _read_plan(file: Path | None, written: Iterable[Path]) -> Plan | None:
    if file is None:
        return None
    from spatialplan.plan import read_plan

    plan = read_plan(file)
    guard_inputs(plan, file, written)
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


def _repair(
    inspection: Inspection, folder: Path, wishes: RepairWishes, crs: str | None, language: Language
) -> RepairReport:
    from spatialplan.inspection import repair_inspected

    with show_progress(len(inspection.layers), language) as tell:
        return repair_inspected(inspection, folder, wishes, assumed_crs=crs, progress=tell)


def _report(
    inspection: Inspection,
    repairs: RepairReport | None,
    paths: Mapping[str, Path],
    language: Language,
) -> None:
    from rich.console import Console

    from spatialplan.reports import inspections
    from spatialplan.reports.json_documents import write_json
    from spatialplan.reports.repairs import print_repairs

    if "json" in paths:
        document = inspections.inspection_document(inspection, language=language, repairs=repairs)
        write_json(document, paths["json"])
    if "xlsx" in paths:
        inspections.write_inspection_workbook(
            inspection, paths["xlsx"], language=language, repairs=repairs
        )
    if "gpkg" in paths:
        inspections.write_inspection_geopackage(inspection, paths["gpkg"], language=language)
    if "html" in paths:
        from spatialplan.maps import draw_inspection, save_map

        save_map(draw_inspection(inspection, language=language), paths["html"])
    inspections.print_inspection(inspection, Console(), language=language)
    if repairs:
        print_repairs(repairs, Console(), language=language)
    for path in paths.values():
        typer.echo(phrase("cli.wrote", language).format(path=path))


def _exit_code(inspection: Inspection, repairs: RepairReport | None) -> int:
    """Return the code for the delivery as it came; a repair that is not whole makes it 1."""
    if not inspection.is_read:
        return 2
    code = {"met": 0, "not_met": 1, "not_evaluated": 3}[inspection.status.value]
    return code if repairs is None or repairs.is_complete else 1
