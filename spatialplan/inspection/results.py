"""What an inspection found, layer by layer, as plain values for reports and maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.crs import Plane
from spatialplan.errors import Fault
from spatialplan.files import LostRecord
from spatialplan.findings import Severity, Status
from spatialplan.layers import Delivery, Layer
from spatialplan.messages import Bilingual, Message
from spatialplan.plan import Role

__all__ = [
    "FaultPlace",
    "InspectedLayer",
    "Inspection",
    "LayerFault",
    "NotJudged",
    "RecognisedRole",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlace:
    """One place of a fault.

    Attributes
    ----------
    geometry
        In the plane of judgement; None where the layer's CRS leaves doubt, or it has no place.
    at
        A point of it in the layer's own coordinates, easting and northing (longitude and latitude)
        as delivered; None where it has no place.
    """

    ids: tuple[str, ...]
    geometry: BaseGeometry | None = None
    at: tuple[float, float] | None = None
    measured: float | None = None
    detail: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFault:
    """A class of fault in a layer: how many, of which features, where, and the cure."""

    rule_id: str
    severity: Severity
    message: Message
    cure: Message
    count: int
    ids: tuple[str, ...] = ()
    measured: float | None = None
    unit: str = ""
    places: tuple[FaultPlace, ...] = ()


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A judgement that could not be made on a layer, and why.

    `open_point` tells whether it leaves the inspection open (exit code 3): what no file can show by
    itself does not.
    """

    what: str
    why: Message
    open_point: bool = True


@dataclass(frozen=True, slots=True)
class RecognisedRole:
    """The role of a table, or the candidates where it was left open, and the reason."""

    role: Role | None
    title: Bilingual | None
    why: Message
    candidates: tuple[Bilingual, ...] = ()
    from_plan: bool = False
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedLayer:
    """One table of the delivery.

    Attributes
    ----------
    key
        A name of its own in this inspection.
    is_read
        Whether its features could be read; if not, all below but the faults is blank.
    stated_crs, assumed_crs, suggested_crs
        As the file states it (blank: not at all), as the user gave it, as the coordinates suggest.
    encoding
        Of the text, and how it was found.
    kinds
        Features by kind of geometry.
    extent
        West, south, east, north in the coordinates delivered; None without geometry.
    inside_region
        Share (0 to 1) of features with something in the region; None without a region.
    area_m2
        Official ellipsoidal area of the sound features; None for other kinds of geometry or where
        the gate refused the layer.
    layer
        The layer in the plane of judgement; None where the gate refused it.
    delivery
        The table as read, what was recognised among its `spec`; None where it was not read.
    lost
        Records of a damaged table that could not be read; None of one that was read whole.
    """

    key: str
    path: str
    table: str
    inside: str = ""
    driver: str = ""
    is_read: bool = False
    role: RecognisedRole | None = None
    stated_crs: str = ""
    assumed_crs: str = ""
    suggested_crs: Message | None = None
    encoding: str = ""
    features: int = 0
    kinds: Mapping[str, int] | None = None
    vertices: int = 0
    extent: tuple[float, float, float, float] | None = None
    inside_region: float | None = None
    area_m2: float | None = None
    set_aside: int = 0
    sha256: str = ""
    faults: tuple[LayerFault, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    layer: Layer | None = None
    delivery: Delivery | None = None
    lost: tuple[LostRecord, ...] | None = None

    def count(self, severity: Severity) -> int:
        """Return how many classes of fault of a severity it has."""
        return sum(fault.severity is severity for fault in self.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was found in a delivery.

    Attributes
    ----------
    layers
        Every table found, and every source that could not be opened.
    notes
        What was passed over and is no fault.
    region
        Key of the layer, or title in the plan, that was taken for the region; blank for none.
    plane, crs
        The plane of judgement, and the CRS that results go back to; None where no layer passed the
        gate.
    status
        Not met where a layer has a fault of severity error; else not evaluated where something was
        left open; else met. Warnings do not change it.
    """

    layers: tuple[InspectedLayer, ...]
    notes: tuple[Fault, ...]
    region: str
    region_from_plan: bool
    plane: Plane | None
    crs: CRS | None
    status: Status

    @property
    def is_read(self) -> bool:
        """Whether at least one table could be read."""
        return any(layer.is_read for layer in self.layers)
