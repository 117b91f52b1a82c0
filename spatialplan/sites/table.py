"""Sites: one row for every site that was submitted, whether it can be judged or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import Plane
from spatialplan.findings import Severity
from spatialplan.layers import Placement, Source
from spatialplan.messages import Message

__all__ = ["WHOLE_FILE", "Doubt", "Sites"]

# Stands for the row of a doubt that concerns the file.
WHOLE_FILE = -1


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something unclear about a site, or about the whole file (row `WHOLE_FILE`).

    `fault` is its name, e.g. ``self_crossing``. An error keeps the site from being judged; a
    warning is said beside its result; information says what was done (``linearised``).
    """

    row: int
    fault: str
    severity: Severity
    message: Message


@dataclass(frozen=True, slots=True)
class Sites:
    """Sites in the order of their file; nothing is left out.

    Attributes
    ----------
    ids, names, kinds, remarks
        Text as submitted, object[n]; ids are unique (``#3`` where the third has none); a kind is
        what the file says, not yet looked up in the rulebook, blank where it says nothing.
    geometry
        Valid polygons or multipolygons in the plane of judgement, object[n]; None for a site that
        cannot be judged, which then has an error among its doubts.
    area_m2
        Official ellipsoidal area, float64[n]; NaN without geometry.
    planar_m2
        Area in the projection delivered (working CRS for latitude and longitude), for reference.
    stated_m2
        Area that the file states, float64[n]; NaN where it states none or its unit is in doubt.
    places
        Where each site stands in its file, messages, object[n]: "row 7", "plot 2 (line 30)".
    crs
        The working CRS that outputs go back to.
    demonstration
        Whether the file says that the sites are made up.
    """

    ids: NDArray[np.object_]
    names: NDArray[np.object_]
    kinds: NDArray[np.object_]
    remarks: NDArray[np.object_]
    geometry: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    planar_m2: NDArray[np.float64]
    stated_m2: NDArray[np.float64]
    places: NDArray[np.object_]
    doubts: tuple[Doubt, ...]
    sources: tuple[Source, ...]
    plane: Plane
    crs: CRS
    demonstration: bool = False

    def error_to(self, source: Source) -> float:
        """How far off the sites may be to a layer, as stated, metres."""
        own = [known.placement for known in self.sources] or [Placement()]
        return max(placement.error_to(source.placement) for placement in own)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def judged(self) -> NDArray[np.intp]:
        """Rows that have geometry and can be judged."""
        return np.flatnonzero(np.array([shape is not None for shape in self.geometry], dtype=bool))

    def doubts_of(self, row: int) -> tuple[Doubt, ...]:
        """Return the doubts about one site."""
        return tuple(doubt for doubt in self.doubts if doubt.row == row)
