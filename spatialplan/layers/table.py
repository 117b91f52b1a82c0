"""A layer as delivered, and as it is once it has passed the gate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialplan.crs import Plane
from spatialplan.findings import Finding
from spatialplan.messages import Language, Message, phrase
from spatialplan.plan import LayerSpec, Way

__all__ = ["PLACE_MARGIN", "Delivery", "Layer", "Passage", "Placement", "Source"]


# The plane of judgement stretches lengths by less than this anywhere in a county; where a place is
# not sure, distances in the plane are taken longer by it.
PLACE_MARGIN = 1.02


@dataclass(frozen=True, slots=True)
class Placement:
    """How the place of coordinates was settled.

    Attributes
    ----------
    assumed
        The user gave the CRS, for a file that states none.
    error_m
        How far off coordinates may be as stated, metres: the accuracy of a transformation, or the
        error that was accepted; 0 where nothing is stated.
    accepted
        Coordinates of another datum were taken as CGCS2000 as they are.
    shared
        What moved them off; sources that share it are off by the same, and not to each other.
    notes
        What a reader of any result has to know.
    """

    assumed: bool = False
    error_m: float = 0.0
    accepted: bool = False
    shared: str = ""
    notes: tuple[Message, ...] = ()

    def error_to(self, other: Placement) -> float:
        """How far off two sources may be to each other, metres."""
        if self.shared and self.shared == other.shared:
            return 0.0
        return self.error_m + other.error_m


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layer came from.

    `crs` is as delivered (blank until its place is settled), `encoding` the one that the text was
    read in with how it was found. `warnings` is what the reader of the format had to say about it.
    """

    path: str
    driver: str
    table: str
    encoding: str
    sha256: str
    features: int
    crs: str = ""
    warnings: tuple[str | Message, ...] = ()
    placement: Placement = field(default_factory=Placement)

    def told_crs(self, language: Language) -> str:
        """Return the CRS as delivered, and whatever a reader has to know of how it was taken."""
        notes = [note.text(language) for note in self.placement.notes]
        return phrase("position.and", language).join([self.crs, *notes])


@dataclass(frozen=True, slots=True)
class Delivery:
    """A table as it was read, before the gate; `way` is how it is to come to CGCS2000.

    Of a table that is read in batches, one batch: `first` is how many features went before it.
    """

    spec: LayerSpec
    frame: gpd.GeoDataFrame
    source: Source
    way: Way = field(default_factory=Way)
    first: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """What is left of features that were judged in batches and not held.

    Attributes
    ----------
    count
        How many sound features there were.
    gaps
        Batches that could not be read, or were refused at the gate; whatever needs every feature
        of the layer is then not evaluated.
    """

    count: int
    gaps: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer in the plane of judgement.

    Attributes
    ----------
    frame
        The sound features: attributes as delivered, geometry in the plane, index 0..n-1.
    ids
        One text a feature, as delivered; ``#7`` where the seventh feature has a blank one.
    area_m2
        Official ellipsoidal area a feature, float64[n].
    planar_m2
        Area in the delivered projection (in the working CRS for latitude and longitude): for
        reference beside the official one, never in its place.
    faults
        What the gate found, among it the features set aside (`set_aside` of them).
    first
        Of a batch: how many features of the table went before it.
    passage
        Of a layer that was judged in batches: what is left of it, with no feature in `frame`.
    """

    spec: LayerSpec
    frame: gpd.GeoDataFrame
    source: Source
    plane: Plane
    ids: NDArray[np.object_]
    area_m2: NDArray[np.float64]
    planar_m2: NDArray[np.float64]
    faults: tuple[Finding, ...] = ()
    set_aside: int = 0
    first: int = 0
    passage: Passage | None = None

    @property
    def count(self) -> int:
        """How many sound features there are, held or gone by."""
        return len(self.frame) if self.passage is None else self.passage.count

    @property
    def gaps(self) -> tuple[Message, ...]:
        """Batches of the layer that were not judged; none of a layer held whole."""
        return () if self.passage is None else self.passage.gaps

    @property
    def geometry(self) -> NDArray[np.object_]:
        """Geometry in the plane of judgement, object[n]."""
        return np.asarray(self.frame.geometry.to_numpy(), dtype=object)

    def text(self, name: str | None) -> NDArray[np.object_]:
        """Return a field as text, blank where it is missing or has no value, object[n]."""
        if name is None or name not in self.frame.columns:
            return np.full(len(self.frame), "", dtype=object)
        return texts_of(self.frame[name])

    def numbers(self, name: str | None) -> NDArray[np.float64] | None:
        """Return a field as numbers with NaN for what is none, float64[n]; None if missing."""
        if name is None or name not in self.frame.columns:
            return None
        return numbers_of(self.frame[name])


def texts_of(column: pd.Series[Any]) -> NDArray[np.object_]:
    """Read a column as stripped text, blank where a value is missing."""
    values = column.to_numpy(dtype=object)
    if not all(isinstance(value, str) for value in values):
        values = np.where(column.isna(), "", column.astype(str)).astype(object)
    return np.array([value.strip() for value in values], dtype=object)


def numbers_of(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Read a column as numbers, NaN where a value is missing or none."""
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
