"""``spatialplan screen --stream``: sites judged in batches, rows written as they come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import typer

from spatialplan.cli.guard import guard_inputs
from spatialplan.cli.session import show_progress, show_rate, wanted_formats
from spatialplan.errors import ClusterError, Fault, OutputError
from spatialplan.messages import Language, phrase, say

if TYPE_CHECKING:
    from spatialplan.findings import Verdict
    from spatialplan.plan import Plan
    from spatialplan.screening import Tally
    from spatialplan.siting import SiteStream

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


def require_streamable(
    formats: str | None, *, searching: Mapping[str, Any], template: Path | None
) -> None:
    """Refuse what batches cannot do, all at once; `searching` are options and their values."""
    wanted = [name.strip().lower() for name in (formats or "").split(",") if name.strip()]
    others = ",".join(name for name in wanted if name not in RESULTS)
    refused = [(option, "why_suggest") for option, value in searching.items() if value]
    refused += [("--template", "why_formats")] if template else []
    refused += [(f"--formats {others}", "why_formats")] if others else []
    faults = [
        Fault("--stream", say("stream.refused", found=option, why=say(f"stream.{why}")))
        for option, why in refused
    ]
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
    scheduler: str | None,
    out: Path,
    language: Language,
) -> int:
    """Judge in batches here or on a cluster, write rows and totals; return the exit code."""
    kinds = wanted_formats(",".join(RESULTS) if formats is None else formats, RESULTS)
    if scheduler is not None:
        _require_cluster(scheduler, kinds)
    paths = {name: out / f"screening.{name}" for name in kinds}
    guard_inputs(plan, plan_file, paths.values(), [sites])
    from rich.console import Console

    from spatialplan.reports import screenings
    from spatialplan.reports.json_documents import write_json
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
    rows = paths.get("parquet")
    with show_rate(stream.flow.total, language) as advance:
        if rows is not None and scheduler is not None:
            tallies, sha256 = _judge_there(stream, rows, scheduler, advance)
        else:
            tallies, sha256 = _judge_here(stream, rows, advance)
    streamed = stream.conclude(tallies)
    if "json" in paths:
        document = screenings.streamed_document(
            streamed, rows=rows, rows_sha256=sha256, language=language
        )
        write_json(document, paths["json"])
    screenings.print_streamed(streamed, Console(), language=language)
    for path in paths.values():
        typer.echo(phrase("cli.wrote", language).format(path=path))
    return screening_code(streamed.verdict)


def _judge_here(
    stream: SiteStream, rows: Path | None, advance: Callable[[int], None]
) -> tuple[list[Tally], str]:
    """Judge in this process; return totals of the batches, and the hash of the rows."""
    from spatialplan.reports.screenings import write_rows
    from spatialplan.screening import judged_layers

    tallies = []
    with write_rows(rows, judged_layers(stream.plan), stream.reading.crs) as writer:
        for partial in stream.partials():
            writer.write(partial.rows)
            tallies.append(partial.tally)
            advance(len(partial.rows))
    return tallies, writer.sha256


def _judge_there(
    stream: SiteStream, rows: Path, scheduler: str, advance: Callable[[int], None]
) -> tuple[list[Tally], str]:
    """Judge on a cluster, whose workers write parts into a folder of rows."""
    from spatialplan.files import hash_files
    from spatialplan.reports.screenings import write_rows
    from spatialplan.siting import judge_on_cluster

    tallies = judge_on_cluster(
        stream, rows, scheduler=scheduler, open_rows=write_rows, advance=advance
    )
    return tallies, hash_files(rows)


def _require_cluster(scheduler: str, formats: tuple[str, ...]) -> None:
    """Refuse before anything is read what a cluster cannot do, or cannot do here."""
    from spatialplan.runs.cluster import require_address

    require_address(scheduler)
    if "parquet" not in formats:
        raise OutputError(Fault("--scheduler", say("cluster.needs_rows")))
    if find_spec("distributed") is None:
        raise ClusterError(Fault("--scheduler", say("cluster.extra_missing")))


def screening_code(verdict: Verdict) -> int:
    """Return the exit code of a screening whose worst verdict this is."""
    return {"clear": 0, "not_evaluated": 3}.get(verdict.value, 1)
