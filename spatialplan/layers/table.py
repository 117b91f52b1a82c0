"""A layer as delivered, and as it is once it has passed the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spatialplan.crs import Plane
from spatialplan.findings import Finding
from spatialplan.messages import Message
from spatialplan.plan import LayerSpec

__all__ = ["Delivery", "Layer", "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layer came from.

    `crs` is as delivered, `encoding` the one that the text was read in with how it was found.
    `warnings` is what the reader of the format had to say about it.
    """

    path: str
    driver: str
    table: str
    encoding: str
    sha256: str
    features: int
    crs: str = ""
    warnings: tuple[str | Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """A table as it was read, before the gate."""

    spec: LayerSpec
    frame: gpd.GeoDataFrame
    source: Source


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

    @property
    def geometry(self) -> NDArray[np.object_]:
        """Geometry in the plane of judgement, object[n]."""
        return np.asarray(self.frame.geometry.to_numpy(), dtype=object)

    def text(self, name: str | None) -> NDArray[np.object_]:
        """Return a field as text, blank where it is missing or has no value, object[n]."""
        if name is None or name not in self.frame.columns:
            return np.full(len(self.frame), "", dtype=object)
        column = self.frame[name]
        return np.where(column.isna(), "", column.astype(str).str.strip()).astype(object)

    def numbers(self, name: str | None) -> NDArray[np.float64] | None:
        """Return a field as numbers with NaN for what is none, float64[n]; None if missing."""
        if name is None or name not in self.frame.columns:
            return None
        return numbers_of(self.frame[name])


def numbers_of(column: pd.Series[Any]) -> NDArray[np.float64]:
    """Read a column as numbers, NaN where a value is missing or none."""
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)
