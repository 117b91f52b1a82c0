"""``spatialplan screen``."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spatialplan.cli.guard import guard_inputs
from spatialplan.cli.session import (
    Lang,
    PlanFile,
    complain,
    keeping_objects,
    opened,
    show_progress,
    wanted_formats,
)
from spatialplan.cli.streaming import (
    SiteChoice,
    require_streamable,
    screen_streamed,
    screening_code,
)
from spatialplan.errors import Fault, OutputError
from spatialplan.messages import Language, phrase, say
from spatialplan.threads import thread_count

if TYPE_CHECKING:
    from spatialplan.siting import Screening

__all__ = ["screen"]

# What a screening leaves behind: screening.json and so on; boundary points in a folder beside them.
RESULTS = ("json", "xlsx", "docx", "gpkg", "html")
PLOTS = "plots"

# With more sites than this, judging them in batches is worth a hint.
MANY_SITES = 200_000


def screen(
    plan: PlanFile,
    sites: Annotated[
        Path,
        typer.Argument(help="项目地块：矢量、CSV、xlsx、界址点 TXT · Sites: vector, table, TXT."),
    ],
    kind: Annotated[
        str | None,
        typer.Option(help="项目类型，默认取自文件，否则取各类型最严 · Kind of project."),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(help="按哪天的规则，默认今天 · Day whose rules count."),
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option("--suggest", help="可用部分与就近避让位置 · Where it would be free."),
    ] = False,
    avoid: Annotated[
        list[str] | None,
        typer.Option(help="须避让的图层，可重复 · Layers to keep off; default: what rules close."),
    ] = None,
    clearance: Annotated[
        float, typer.Option(min=0, max=5_000, help="避让间距（米）· Clearance of places, metres.")
    ] = 0.0,
    search_radius: Annotated[
        float, typer.Option(min=1, max=50_000, help="搜索半径（米）· How far to look, metres.")
    ] = 5_000.0,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="避让时允许旋转 · Places may be turned.")
    ] = False,
    max_slope: Annotated[
        float | None,
        typer.Option(help="避让位置的坡度上限（度）· Ground steeper than this is avoided."),
    ] = None,
    crs: Annotated[
        str | None, typer.Option(help="地块坐标系，仅当文件未声明 · CRS of sites that state none.")
    ] = None,
    transformation: Annotated[
        str | None,
        typer.Option(help="规划所列的坐标转换，用于地块 · A transformation of the plan."),
    ] = None,
    accept_error_m: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=1_000,
            help="地块坐标按原值视为 2000 坐标系，接受此误差（米）· Take coordinates as they are.",
        ),
    ] = None,
    table: Annotated[str | None, typer.Option(help="地块所在的表 · Table of the sites.")] = None,
    encoding: Annotated[str | None, typer.Option(help="地块文字编码 · Encoding of text.")] = None,
    line_width: Annotated[
        float | None, typer.Option(min=0.01, help="线状项目总宽（米）· Width of line sites.")
    ] = None,
    point_radius: Annotated[
        float | None, typer.Option(min=0.01, help="点状项目半径（米）· Radius of point sites.")
    ] = None,
    id_field: Annotated[str | None, typer.Option(help="编号字段 · Field of ids.")] = None,
    name_field: Annotated[str | None, typer.Option(help="名称字段 · Field of names.")] = None,
    kind_field: Annotated[str | None, typer.Option(help="类型字段 · Field of kinds.")] = None,
    area_field: Annotated[str | None, typer.Option(help="面积字段 · Field of areas.")] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            help="成果格式，逗号分隔，默认全部 · Which results, separated by commas; default: all."
        ),
    ] = None,
    stream: Annotated[
        bool,
        typer.Option(
            "--stream", help="分批判断，地块文件可大于内存 · In batches, for very large files."
        ),
    ] = False,
    batch: Annotated[
        int | None,
        typer.Option(
            min=1, max=1_000_000, help="每批地块数，默认 20000 · Sites a batch, with --stream."
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="与 --stream 合用，在 Dask 集群上判断：tcp://主机:端口 或 local · On a cluster."
        ),
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="意见书模板 .docx · The office's own template.")
    ] = None,
    out: Annotated[Path, typer.Option(help="成果目录 · Folder for the results.")] = Path("results"),
    lang: Lang = None,
) -> None:
    """项目选址预检：压占、依据、须办事项与就近避让 · Screen project sites against every layer."""
    # Workers of a cluster find layers by their full path.
    with opened(plan if scheduler is None else plan.resolve(), lang) as (what, language):
        options = SiteChoice(
            crs=crs,
            transformation=transformation,
            accept_error_m=accept_error_m,
            table=table,
            encoding=encoding,
            width_m=line_width,
            radius_m=point_radius,
            id_field=id_field,
            name_field=name_field,
            kind_field=kind_field,
            area_field=area_field,
        )
        if stream:
            searching = {"--suggest": suggest, "--avoid": avoid, "--rotate": rotate}
            require_streamable(formats, searching=searching, template=template)
            code = screen_streamed(
                what,
                plan,
                sites,
                kind=kind,
                date=date,
                options=options,
                batch=batch,
                formats=formats,
                scheduler=scheduler,
                out=out,
                language=language,
            )
            raise typer.Exit(code)
        if batch is not None:
            raise OutputError(Fault("--batch", say("stream.why_batch")))
        if scheduler is not None:
            raise OutputError(Fault("--scheduler", say("cluster.needs_stream")))
        kinds = wanted_formats(",".join(RESULTS) if formats is None else formats, RESULTS)
        paths = {name: out / f"screening.{name}" for name in kinds}
        others = [sites, *([template] if template else [])]
        guard_inputs(what, plan, [*paths.values(), out / PLOTS], others)
        from spatialplan.siting import SearchOptions, SiteOptions, screen_sites

        with show_progress(2 * len(what.layers), language) as tell, keeping_objects():
            screening = screen_sites(
                sites,
                what,
                kind=kind,
                date=date,
                suggest=suggest,
                options=SiteOptions(**options),
                search=SearchOptions(
                    avoid=tuple(avoid or ()),
                    clearance_m=clearance,
                    radius_m=search_radius,
                    rotate=rotate,
                    max_slope=max_slope,
                ),
                progress=tell,
            )
        if len(screening.sites) > MANY_SITES:
            count = f"{len(screening.sites):,}"
            complain(phrase("stream.many_sites", language).format(count=count))
        _report_screening(screening, paths, out / PLOTS, template, language)
    raise typer.Exit(screening_code(screening.verdict))


def _report_screening(
    screening: Screening,
    paths: Mapping[str, Path],
    plots: Path,
    template: Path | None,
    language: Language,
) -> None:
    from rich.console import Console

    from spatialplan.reports import screenings
    from spatialplan.reports.json_documents import write_json
    from spatialplan.reports.opinions import write_opinions

    def write(name: str) -> None:
        path = paths[name]
        if name == "json":
            document = screenings.screening_document(screening, language=language, lazily=True)
            write_json(document, path)
        elif name == "xlsx":
            screenings.write_screening_workbook(screening, path, language=language)
        elif name == "docx":
            write_opinions(screening, path, language=language, template=template)
        elif name == "gpkg":
            screenings.write_screening_geopackage(screening, path, language=language)
        else:
            from spatialplan.maps import draw_map, save_map

            drawn = draw_map(screening.plan, screening=screening, language=language)
            save_map(drawn, path)

    # Results do not know of each other; while one is packed or drawn, another is put into words.
    with keeping_objects(), ThreadPoolExecutor(thread_count()) as pool:
        list(pool.map(write, paths))
    written = screenings.write_plots(screening, plots, language=language)
    screenings.print_screening(screening, Console(), language=language)
    for path in (*paths.values(), *([plots] if written else [])):
        typer.echo(phrase("cli.wrote", language).format(path=path))
