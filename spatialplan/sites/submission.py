"""A submission: sites as a file states them, before anything about them is judged."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.layers import Source
from spatialplan.plan import Way
from spatialplan.sites.table import Doubt

__all__ = ["Attributes", "Submission"]


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a file says about each of its sites in words and figures.

    Attributes
    ----------
    ids, names, kinds, remarks
        Text, object[n]; blank where nothing is said.
    stated
        Area as written, float64[n]; NaN where none is.
    units
        The unit of each stated area, object[n]; None where the file names none.
    widths_m
        Total width of a line, metres, float64[n]; NaN where the file gives none. None: nowhere.
    area_label
        What the file calls the area.
    demonstration
        Whether the file says that its sites are made up.
    """

    ids: NDArray[np.object_]
    names: NDArray[np.object_]
    kinds: NDArray[np.object_]
    remarks: NDArray[np.object_]
    stated: NDArray[np.float64]
    units: NDArray[np.object_]
    widths_m: NDArray[np.float64] | None = None
    area_label: str = ""
    demonstration: bool = False
    doubts: tuple[Doubt, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Submission:
    """The sites of one file: attributes, and geometry of any kind in one CRS.

    Attributes
    ----------
    shapes
        Geometry in `crs` (easting, northing or longitude, latitude), object[n]; None where the
        file holds none or reading it left an error among `doubts`.
    places
        Where each site stands in its file, messages, object[n].
    crs
        As delivered, of any datum; None where neither file nor user state one.
    crs_assumed
        Whether the user gave it, for a file that states none.
    way
        How coordinates come to CGCS2000 where their CRS does not lead there.
    """

    attributes: Attributes
    shapes: NDArray[np.object_]
    places: NDArray[np.object_]
    crs: CRS | None
    source: Source
    doubts: tuple[Doubt, ...] = ()
    crs_assumed: bool = False
    way: Way = field(default_factory=Way)
