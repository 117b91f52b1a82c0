"""The judgement of a batch of sites as one value that can be handed to a thread or a worker.

Streamed, on workers or whole, sites go through the same gate and the same judgement: this value
takes a batch from what its file states to rows of figures.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from shapely.errors import ShapelyError

from spatialplan.errors import SpatialplanError
from spatialplan.files import Reading, read_layers_near
from spatialplan.layers import Layer
from spatialplan.messages import Message, say
from spatialplan.screening import (
    Ground,
    Inquiry,
    Partial,
    judge_batch,
    leave_batch_open,
    prepare_grounds,
)
from spatialplan.sites import Footprint, SiteBatch, Sites, assemble_sites
from spatialplan.siting.reading import degree_bounds

__all__ = ["SiteJudge"]

# GDAL's warnings are heard by the whole process: one thread at a time reads parcels.
_reading_parcels = threading.Lock()


@dataclass(frozen=True, slots=True)
class SiteJudge:
    """Judges batches of sites; picklable, and the same in every process.

    Attributes
    ----------
    inquiry
        What is asked; of its layers only those that parts of sites are cut by are needed.
    grounds
        Of every layer but those in `near`, from `prepare_grounds`.
    reading
        The plane, the working CRS and one layer in it: what further layers are read beside.
    near
        Layers of which each batch reads the features near its sites: large files of land parcels.
    region
        The county; None leaves out whether sites lie in it.
    """

    inquiry: Inquiry
    grounds: Mapping[str, Ground]
    reading: Reading
    footprint: Footprint
    near: tuple[str, ...] = ()
    region: Layer | None = None

    def judge(self, batch: SiteBatch) -> Partial:
        """Take a batch through the gate and judge it; one that cannot be is not evaluated."""
        if batch.submission is None:
            return self._leave_open(batch, batch.unread or say("screening.no_site_judged"))
        try:
            sites = assemble_sites(
                batch.submission,
                plane=next(iter(self.reading.layers.values())).plane,
                working_crs=self.reading.crs,
                footprint=self.footprint,
                region=self.region,
                neighbours=False,
            )
            inquiry, grounds = self._near(sites)
            return judge_batch(sites, inquiry, grounds, number=batch.number)
        except (SpatialplanError, ShapelyError) as error:
            is_known = isinstance(error, SpatialplanError)
            reason: Message | str = error.faults[0].message if is_known else str(error)
            return self._leave_open(batch, say("stream.batch_unjudged", reason=reason))

    def restricted(self, box: np.ndarray) -> SiteJudge:
        """Return a smaller judge for sites within a box of the plane (west, south, east, north)."""
        grounds = {key: ground.near(box) for key, ground in self.grounds.items()}
        return replace(self, grounds=grounds)

    def _near(self, sites: Sites) -> tuple[Inquiry, Mapping[str, Ground]]:
        """Read the features near the sites of layers that are not held as a whole."""
        if not self.near or not len(sites.judged):
            return self.inquiry, self.grounds
        plan = self.inquiry.plan
        with _reading_parcels:
            reading = read_layers_near(plan, self.reading, degree_bounds(sites), keys=self.near)
        found = {key: layer for key, layer in reading.layers.items() if key in self.near}
        problems = {point.rule_id: point.why for point in reading.problems}
        inquiry = replace(
            self.inquiry,
            layers={**self.inquiry.layers, **found},
            problems={**problems, **(self.inquiry.problems or {})},
        )
        region = {} if self.region is None else {self.region.spec.id: self.region}
        parcels = prepare_grounds(replace(inquiry, layers={**region, **found}), sites.crs)
        return inquiry, {**self.grounds, **parcels}

    def _leave_open(self, batch: SiteBatch, why: Message) -> Partial:
        ids = batch.submission.attributes.ids if batch.submission else None
        return leave_batch_open(
            batch.first_row, batch.count, why, self.inquiry, number=batch.number, ids=ids
        )
