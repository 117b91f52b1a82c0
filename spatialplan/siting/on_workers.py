"""Ranges of sites judged on the workers of a cluster, each of which writes its own results.

A worker is told where things lie: the judge, its grounds, the parcels, the folder for results. All
of it lies in one folder that every machine sees. The judge is a file of this program's own, whose
SHA-256 each task carries, so that nothing is unpacked that this run did not pack.
"""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from spatialplan.errors import ClusterError, Fault
from spatialplan.files import replace_atomically
from spatialplan.messages import Message, say
from spatialplan.runs.ground_store import bare_layer, write_grounds
from spatialplan.screening import Partial, Tally, leave_batch_open
from spatialplan.sites import SiteBatch
from spatialplan.siting.batches import SiteJudge

__all__ = ["SiteJob", "SiteRange", "pack_judge"]

# Layers that parts of sites are cut by; the judge reads whatever else it needs from its store.
CUTTING_ROLES = frozenset({"administrative_area"})

WritePart = Callable[[Partial, Path], None]


class SiteRange(Protocol):
    """Rows of a file of sites that a worker reads by itself; picklable, and small."""

    @property
    def number(self) -> int:
        """Of the batch, from 0."""

    @property
    def first_row(self) -> int:
        """Row of its first site in the file, from 0."""

    @property
    def count(self) -> int:
        """How many sites there are."""

    def read(self) -> SiteBatch:
        """Read the sites; what cannot be read says why."""


@dataclass(frozen=True, slots=True)
class SiteJob:
    """What a worker does with a range of sites: read it, judge it, write a part, add it up.

    Attributes
    ----------
    judge_file, judge_sha256
        From `pack_judge`.
    parts
        Folder for results; a task that finds it gone has outlived its run and writes nothing.
    write_part
        Writes the rows of a batch to a file.
    """

    judge_file: str
    judge_sha256: str
    parts: str
    write_part: WritePart

    def judge(self, place: SiteRange) -> Tally:
        """Judge a range of sites."""
        judge = unpack_judge(self.judge_file, self.judge_sha256)
        return self._finish(judge.judge(place.read()))

    def leave_open(self, place: SiteRange, why: Message) -> Tally:
        """Leave a range of sites not evaluated."""
        judge = unpack_judge(self.judge_file, self.judge_sha256)
        partial = leave_batch_open(
            place.first_row, place.count, why, judge.inquiry, number=place.number
        )
        return self._finish(partial)

    def _finish(self, partial: Partial) -> Tally:
        folder = Path(self.parts)
        if not folder.is_dir():
            raise ClusterError(Fault(self.parts, say("cluster.run_over")))
        with replace_atomically(folder / part_name(partial.number)) as draft:
            self.write_part(partial, draft)
        return partial.tally


def part_name(number: int) -> str:
    """Name the file with the results of a batch; names sort as batches do."""
    return f"part-{number + 1:06}.parquet"


def pack_judge(judge: SiteJudge, folder: Path) -> tuple[str, str]:
    """Write a judge and its grounds into a folder; return the judge's file and its SHA-256."""
    if not isinstance(judge.grounds, Mapping):
        raise TypeError("the grounds are stored already")
    inquiry, reading = judge.inquiry, judge.reading
    cutting = {
        key: layer for key, layer in inquiry.layers.items() if layer.spec.role in CUTTING_ROLES
    }
    key, layer = next(iter(reading.layers.items()))
    small = replace(
        judge,
        grounds=write_grounds(judge.grounds, folder),
        inquiry=replace(inquiry, layers=cutting),
        reading=replace(reading, layers={key: bare_layer(layer)}),
    )
    content = pickle.dumps(small, protocol=5)
    file = folder / "judge.pickle"
    file.write_bytes(content)
    return str(file), hashlib.sha256(content).hexdigest()


@lru_cache(maxsize=2)
def unpack_judge(file: str, sha256: str) -> SiteJudge:
    """Return a packed judge; once for every process that works for a run."""
    content = Path(file).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ClusterError(Fault(file, say("cluster.judge_changed")))
    judge: SiteJudge = pickle.loads(content)
    return judge
