"""``spatialplan screen --stream``: sites judged in batches, rows written as they come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import typer

from spatialplan.cli.guard import guard_inputs
from spatialplan.cli.session import show_progress, show_rate, wanted_formats
from spatialplan.errors import Fault, OutputError
from spatialplan.messages import Language, phrase, say

if TYPE_CHECKING:
    from spatialplan.findings import Verdict
    from spatialplan.plan import Plan

__all__ = ["SiteChoice", "require_streamable", "screen_streamed", "screening_code"]

# What a streamed screening leaves behind.
RESULTS = ("json", "parquet")


class SiteChoice(TypedDict):
    """What the command line says about a file of sites; see `spatialplan.siting.SiteOptions`."""

    crs: str | None
    transformation: str | None
    accept_error_m: float | None
    table: str | None
    encoding: str | None
    width_m: float | None
    radius_m: float | None
    id_field: str | None
    name_field: str | None
    kind_field: str | None
    area_field: str | None


def require_streamable(formats: str | None, unwanted: Mapping[str, Any]) -> None:
    """Refuse what batches cannot do, all at once; `unwanted` are other options and their values."""
    faults = [
        Fault("--stream", say("stream.refused", found=option, why=say("stream.why_suggest")))
        for option, value in unwanted.items()
        if value
    ]
    wanted = [name.strip().lower() for name in (formats or "").split(",") if name.strip()]
    others = [name for name in wanted if name not in RESULTS]
    if others:
        found = f"--formats {','.join(others)}"
        why = say("stream.why_formats")
        faults.append(Fault("--stream", say("stream.refused", found=found, why=why)))
    if faults:
        raise OutputError(faults)


def screen_streamed(
    plan: Plan,
    plan_file: Path,
    sites: Path,
    *,
    kind: str | None,
    date: str | None,
    options: SiteChoice,
    batch: int | None,
    formats: str | None,
    out: Path,
    language: Language,
) -> int:
    """Judge in batches, write rows and totals, and return the exit code."""
    kinds = wanted_formats(formats or ",".join(RESULTS), RESULTS)
    paths = {name: out / f"screening.{name}" for name in kinds}
    guard_inputs(plan, plan_file, paths.values(), [sites])
    from rich.console import Console

    from spatialplan import reports
    from spatialplan.screening import judged_layers
    from spatialplan.siting import BATCH_SITES, SiteOptions, open_stream

    with show_progress(len(plan.layers), language) as tell:
        stream = open_stream(
            sites,
            plan,
            kind=kind,
            date=date,
            options=SiteOptions(**options),
            batch_sites=batch or BATCH_SITES,
            progress=tell,
        )
    with show_rate(stream.flow.total, language) as advance:
        rows, tallies = paths.get("parquet"), []
        with reports.write_rows(rows, judged_layers(plan), stream.reading.crs) as writer:
            for partial in stream.partials():
                writer.write(partial.rows)
                tallies.append(partial.tally)
                advance(len(partial.rows))
    streamed = stream.conclude(tallies)
    if "json" in paths:
        document = reports.streamed_document(
            streamed, rows=rows, rows_sha256=writer.sha256, language=language
        )
        reports.write_json(document, paths["json"])
    reports.print_streamed(streamed, Console(), language=language)
    for path in paths.values():
        typer.echo(phrase("cli.wrote", language).format(path=path))
    return screening_code(streamed.verdict)


def screening_code(verdict: Verdict) -> int:
    """Return the exit code of a screening whose worst verdict this is."""
    return {"clear": 0, "not_evaluated": 3}.get(verdict.value, 1)
