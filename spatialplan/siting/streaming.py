"""The job behind ``spatialplan screen --stream``: sites of a file larger than memory.

The layers are read and made ready once; the sites flow past them. What stays of each batch is its
tally; its rows are handed on, to be written.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path

import numpy as np

from spatialplan.files import (
    Reading,
    SiteFlow,
    hear_warnings,
    note_layers,
    open_site_flow,
    read_layers,
    read_layers_near,
)
from spatialplan.findings import NotEvaluated, Verdict, worst_verdict
from spatialplan.layers import Layer
from spatialplan.messages import say
from spatialplan.plan import Plan
from spatialplan.rulebook import Rulebook, read_rulebook
from spatialplan.runs import run_here
from spatialplan.screening import (
    Inquiry,
    Partial,
    Tally,
    judged_layers,
    merge_tallies,
    prepare_grounds,
)
from spatialplan.sites import FieldChoice, Footprint, Sites, region_degrees
from spatialplan.siting.batches import SiteJudge
from spatialplan.siting.inquiring import find_kind, make_inquiry, read_day
from spatialplan.siting.job import Screening
from spatialplan.siting.reading import SiteOptions

__all__ = ["BATCH_SITES", "SiteStream", "StreamedScreening", "open_stream"]

# Sites a batch: enough that what a batch costs by itself is nothing, few enough that several of
# them, with all that judging them makes, stay well under a gigabyte.
BATCH_SITES = 20_000

# Files of land parcels up to this are held as a whole, larger ones read near each batch, bytes.
HELD_BYTES = 100_000_000

# Sites further than a degree from the region are refused; parcels are read as far as sites may lie.
REACH_DEGREES = 1.0


@dataclass(frozen=True, slots=True)
class StreamedScreening:
    """What a streamed screening found, without the sites: those were handed on as rows.

    Attributes
    ----------
    head
        A screening without sites: plan, day, rules, inputs, and what was not evaluated.
    tally
        What all sites add up to.
    batch_sites
        How many sites a batch had at most.
    """

    head: Screening
    tally: Tally
    batch_sites: int

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of all sites; never clear, as sites were not compared."""
        return worst_verdict([self.tally.verdict, Verdict.NOT_EVALUATED])


@dataclass(frozen=True, slots=True)
class SiteStream:
    """Sites ready to flow past the layers of a plan; make it with `open_stream`.

    In `reading` layers that are read near each batch are named, without a feature.
    """

    plan: Plan
    day: datetime.date
    kind: str | None
    book: Rulebook
    flow: SiteFlow
    judge: SiteJudge
    reading: Reading
    inquiry: Inquiry
    batch_sites: int

    def partials(self, *, workers: int | None = None) -> Iterator[Partial]:
        """Judge batch after batch in this process, in the order of the file."""
        with hear_warnings() as heard:
            yield from run_here(self.flow.batches(heard), self.judge.judge, workers=workers)

    def conclude(self, tallies: Iterable[Tally]) -> StreamedScreening:
        """Put together what all batches add up to, whoever judged them."""
        tally = merge_tallies(tallies)
        unread = [
            NotEvaluated(
                "batch_unread",
                say(
                    "stream.unread",
                    first=one.first_row + 1,
                    last=one.first_row + one.count,
                    reason=one.why,
                ),
            )
            for one in tally.unread
        ]
        unused = [point for point in self.reading.problems if point.rule_id in self.judge.near]
        between = NotEvaluated("between_sites", say("stream.between_sites"))
        head = Screening(
            plan=self.plan,
            day=self.day,
            kind=self.kind,
            rulebook=self.book,
            sites=self._no_sites(),
            layers=self.reading.layers,
            judged_layers=judged_layers(self.plan),
            crs=self.reading.crs,
            tolerance=self.inquiry.tolerance,
            findings=(),
            not_evaluated=(*self.inquiry.common, *unused, between, *unread),
        )
        return StreamedScreening(head, tally, self.batch_sites)

    def _no_sites(self) -> Sites:
        nothing, number = np.zeros(0, dtype=object), np.zeros(0)
        return Sites(
            ids=nothing,
            names=nothing,
            kinds=nothing,
            remarks=nothing,
            geometry=nothing,
            area_m2=number,
            planar_m2=number,
            stated_m2=number,
            places=nothing,
            doubts=self.flow.doubts,
            sources=(self.flow.source,),
            plane=next(iter(self.reading.layers.values())).plane,
            crs=self.reading.crs,
            demonstration=self.flow.demonstration,
        )


def open_stream(
    sites: str | Path,
    plan: Plan,
    *,
    kind: str | None = None,
    date: str | datetime.date | None = None,
    options: SiteOptions | None = None,
    batch_sites: int = BATCH_SITES,
    progress: Callable[[str], None] | None = None,
) -> SiteStream:
    """Open a file of sites and read the layers that they are judged on.

    Parameters
    ----------
    sites
        A vector file or GeoParquet; tables and boundary points are read whole.
    plan, kind, date, options
        As `screen_sites` takes them.
    batch_sites
        Sites a batch at most.
    progress
        Called with the name of each step that is done.

    Raises
    ------
    SourceError, CrsError
        If the sites cannot be read batch by batch, or not one layer could be used.
    """
    stated = options or SiteOptions()
    day = read_day(date)
    book = read_rulebook(plan, day=day)
    asked = find_kind(kind, book)
    footprint = Footprint(stated.width_m, stated.radius_m)
    flow = open_site_flow(
        Path(sites),
        size=batch_sites,
        crs=stated.crs,
        encoding=stated.encoding,
        table=stated.table,
        choice=FieldChoice(
            stated.id_field, stated.name_field, stated.kind_field, stated.area_field
        ),
        way=plan.find_way(stated.transformation, stated.accept_error_m),
    )
    reading, near = _read_held_layers(plan, progress)
    inquiry = make_inquiry(plan, reading, book, asked)
    grounds = prepare_grounds(inquiry, reading.crs, lasting=True)
    for ground in grounds.values():
        ground.make_ready()
    judge = SiteJudge(
        inquiry=replace(inquiry, layers=_townships(inquiry)),
        grounds=grounds,
        reading=replace(reading, layers=_one_layer(reading), problems=()),
        footprint=footprint,
        near=near,
        region=_region(reading),
    )
    named = note_layers(plan, reading, keys=near)
    return SiteStream(plan, day, asked, book, flow, judge, named, inquiry, batch_sites)


def _read_held_layers(
    plan: Plan, progress: Callable[[str], None] | None
) -> tuple[Reading, tuple[str, ...]]:
    """Read the layers that are held as a whole, and name those that are read near each batch."""
    parcels = [spec.id for spec in plan.layers_with_role("land_parcel")]
    others = [key for key in plan.layers if key not in parcels]
    if not others or not parcels:
        return read_layers(plan, progress=progress), ()
    reading = read_layers(plan, keys=others, progress=progress)
    held = [key for key in parcels if _size(plan.directory / plan.layers[key].path) <= HELD_BYTES]
    if held:
        reading = read_layers_near(plan, reading, _reach(reading), keys=held, progress=progress)
    return reading, tuple(key for key in parcels if key not in held)


def _size(path: Path) -> int:
    """Bytes of a file and its sidecars, of a folder, or of the zip file that holds it."""
    found = next(place for place in (path, *path.parents) if place.exists())
    if found.is_dir():
        parts = found.rglob("*") if found == path else iter(())
    else:
        parts = found.parent.glob(f"{escape(found.stem)}.*")
    return sum(part.stat().st_size for part in parts if part.is_file())


def _reach(reading: Reading) -> np.ndarray | None:
    """Where sites may lie, in degrees; None for anywhere."""
    region = region_degrees(_region(reading))
    return None if region is None else region + REACH_DEGREES * np.array([-1, -1, 1, 1])


def _region(reading: Reading) -> Layer | None:
    regions = [layer for layer in reading.layers.values() if layer.spec.role == "region"]
    return next((layer for layer in regions if len(layer.frame)), None)


def _townships(inquiry: Inquiry) -> dict[str, Layer]:
    """Layers that parts of sites are cut by, where parts can change a verdict."""
    if inquiry.common:
        return {}
    return {
        key: layer
        for key, layer in inquiry.layers.items()
        if layer.spec.role == "administrative_area"
    }


def _one_layer(reading: Reading) -> dict[str, Layer]:
    """One layer without its features: it knows the plane."""
    key, layer = next(iter(reading.layers.items()))
    return {key: replace(layer, frame=layer.frame.iloc[:0])}
