"""``spatialplan map``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from spatialplan.cli.guard import guard_inputs
from spatialplan.cli.session import Lang, PlanFile, complain, opened
from spatialplan.messages import phrase

__all__ = ["draw"]


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
    with opened(plan, lang) as (what, language):
        guard_inputs(what, plan, [out])
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
            complain(problem.why.text(language))
        for element in undrawn:
            complain(f"{element.rule_id}: {element.why.text(language)}")
        typer.echo(phrase("cli.wrote", language).format(path=out))
    raise typer.Exit(3 if reading.problems or undrawn else 0)
