"""Sites judged on the workers of a cluster, each of which writes what it finds.

Workers are told where things lie: the judge, its grounds, the sites, the folder for results. All of
it lies where every machine sees it under the same path. The judge is a file of this run, whose
SHA-256 each task carries, so that nothing is unpacked that this run did not pack.
"""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.errors import ClusterError, Fault
from spatialplan.files import SiteRange, partition_flow, replace_atomically
from spatialplan.messages import Message, say
from spatialplan.runs.agreement import require_agreement
from spatialplan.runs.cluster import connect, run_on_cluster
from spatialplan.runs.ground_store import write_grounds
from spatialplan.screening import Partial, Tally, judged_layers, leave_batch_open, merge_tallies
from spatialplan.siting.batches import SiteJudge
from spatialplan.siting.streaming import SiteStream

__all__ = ["SiteJob", "judge_on_cluster"]

# Opens a file for rows of sites on some layers in some CRS, e.g.
# `spatialplan.reports.screenings.write_rows`; a function of a module, as it is sent to workers by
# its name.
OpenRows = Callable[[Path, tuple[str, ...], CRS], AbstractContextManager[Any]]


@dataclass(frozen=True, slots=True)
class SiteJob:
    """What a worker does with a range of sites: read it, judge it, write a part, add it up.

    Attributes
    ----------
    judge_file, judge_sha256
        From `pack_judge`.
    parts
        Folder for results; a task that finds it gone has outlived its run and writes nothing.
    open_rows
        Opens a part.
    """

    judge_file: str
    judge_sha256: str
    parts: str
    open_rows: OpenRows

    def judge(self, place: SiteRange) -> Tally:
        """Judge a range of sites; batches that cannot be read are left open."""
        judge = unpack_judge(self.judge_file, self.judge_sha256)
        partials = []
        for batch in place.batches():
            if batch.submission is None:
                why = batch.unread or say("screening.no_site_judged")
                start = batch.first_row - place.first_row
                partials.append(leave_open(judge, place, why, rows=(start, batch.count)))
            else:
                partials.append(judge.judge(batch))
        return self._finish(place, judge, partials)

    def leave_open(self, place: SiteRange, why: Message) -> Tally:
        """Leave a range of sites not evaluated."""
        judge = unpack_judge(self.judge_file, self.judge_sha256)
        partial = leave_open(judge, place, why, rows=(0, place.count))
        return self._finish(place, judge, [partial])

    def _finish(self, place: SiteRange, judge: SiteJudge, partials: list[Partial]) -> Tally:
        folder = Path(self.parts)
        if not folder.is_dir():
            raise ClusterError(Fault(self.parts, say("cluster.run_over")))
        layers = judged_layers(judge.inquiry.plan)
        with self.open_rows(folder / part_name(place), layers, judge.reading.crs) as rows:
            for partial in partials:
                rows.write(partial.rows)
        return merge_tallies([partial.tally for partial in partials])


def judge_on_cluster(
    stream: SiteStream,
    target: Path,
    *,
    scheduler: str,
    open_rows: OpenRows,
    advance: Callable[[int], None] = lambda _: None,
) -> list[Tally]:
    """Judge a stream of sites on a cluster; rows are written to parts in a folder.

    Parameters
    ----------
    stream
        From `open_stream`; layers that it reads near each batch, and its plan, have full paths.
    target
        The folder, on a disk that all workers see; it appears when all is done, and not before.
        What workers need to know is kept beside it as long as they work.
    scheduler
        ``tcp://HOST:PORT``, or ``local`` for workers on this machine.
    open_rows
        Opens a part.
    advance
        Called with a number of sites when they are done.

    Returns
    -------
    tallies
        What sites add up to. Those that could not be judged are `unread` in them, with the reason.

    Raises
    ------
    ClusterError
        If no cluster can be reached, or its machines do not agree with this one.
    OutputError
        If results cannot be written.
    """
    with replace_atomically(target.resolve()) as parts:
        work = parts.parent
        with connect(scheduler, work) as client:
            require_agreement(client, work, _read_near(stream))
            places = partition_flow(stream.flow, work)
            require_agreement(client, work, [places[0].origin.table.file])
            parts.mkdir()
            job = SiteJob(*pack_judge(stream.judge, work), str(parts), open_rows)
            outcomes = run_on_cluster(
                job,
                places,
                client=client,
                told=lambda position: advance(places[position].count),
            )
        _remove_strays(parts, {part_name(place) for place in places})
    return [outcome.result for outcome in outcomes]


def pack_judge(judge: SiteJudge, folder: Path) -> tuple[str, str]:
    """Write a judge and its grounds into a folder; return the judge's file and its SHA-256."""
    if not isinstance(judge.grounds, Mapping):
        raise TypeError("the grounds are stored already")
    content = pickle.dumps(replace(judge, grounds=write_grounds(judge.grounds, folder)))
    file = folder / "judge.pickle"
    file.write_bytes(content)
    return str(file), hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=2)
def unpack_judge(file: str, sha256: str) -> SiteJudge:
    """Return a packed judge; unpacked once in every process that works for a run."""
    content = Path(file).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ClusterError(Fault(file, say("cluster.judge_changed")))
    judge: SiteJudge = pickle.loads(content)
    return judge


def leave_open(
    judge: SiteJudge, place: SiteRange, why: Message, *, rows: tuple[int, int]
) -> Partial:
    """Leave rows of a range (the first of them, and how many) not evaluated; name their ids."""
    start, count = rows
    numbers = range(place.first_row + start + 1, place.first_row + start + count + 1)
    ids: NDArray[np.object_] = np.array([f"#{number}" for number in numbers], dtype=object)
    with suppress(Exception):  # whatever is wrong with the range is told already
        ids[:] = place.read_ids()[start : start + count]
    groups = [number + 1 for span in place.spans for number in span]
    message = say(
        "cluster.left_open",
        groups=str(groups[0]) if len(groups) == 1 else f"{groups[0]}–{groups[-1]}",
        first=ids[0] if count else "",
        last=ids[-1] if count else "",
        reason=why,
    )
    return leave_batch_open(
        place.first_row + start, count, message, judge.inquiry, number=place.first_number, ids=ids
    )


def part_name(place: SiteRange) -> str:
    """Name the file with the results of a range; names sort as ranges do."""
    return f"part-{place.first_number + 1:06}.parquet"


def _read_near(stream: SiteStream) -> list[Path]:
    """Return the layers that workers read themselves."""
    plan = stream.plan
    layers = [plan.directory / plan.layers[key].path for key in stream.judge.near]
    return [layer for layer in layers if layer.exists()]


def _remove_strays(parts: Path, names: set[str]) -> None:
    """Remove what killed workers left unfinished."""
    for stray in parts.iterdir():
        if stray.name not in names:
            shutil.rmtree(stray) if stray.is_dir() else stray.unlink()
