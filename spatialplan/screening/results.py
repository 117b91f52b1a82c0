"""What screening finds about a site: layer by layer, zone by zone, and part of ground by part.

A *piece* is one connected polygon of ground that a site and one feature of a layer share. Pieces
under 1 mm wide are noise: their area is counted in the overlap, they decide nothing. Pieces at or
under the tolerance are slivers; anything above is an overlap.

*Parts* of a site are the land parcels' pieces of it, cut by township: they add up to the site.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from spatialplan.findings import GroundStatus, NotEvaluated, Verdict
from spatialplan.messages import Message
from spatialplan.plan import ScreeningRule
from spatialplan.sites import Doubt

__all__ = ["GroundPart", "LayerFinding", "SiteFinding", "SitePiece", "Use", "ZoneFinding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SitePiece:
    """One connected piece of ground that a site shares with a feature of a layer.

    `geometry` is in the plane of judgement; `status` is ``overlap`` or ``sliver``.
    """

    layer: str
    feature_id: str
    feature_name: str
    zone: str
    status: GroundStatus
    area_m2: float
    width_m: float
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneFinding:
    """What a site shares with one zone of a layer, or with one land class of the parcels.

    Attributes
    ----------
    zone
        The zone's name or the land class code; blank for a layer without zones.
    status
        ``overlap`` or ``sliver``.
    overlap_m2
        Ground counted once where features of the zone overlap each other.
    net_m2
        Overlap less field ridges (扣除田坎), for layers with a deduction field; else None.
    verdict
        For the kind of project asked for, or the worst over all kinds.
    rules
        Every rule that applies to a kind asked for, the worst first.
    """

    zone: str
    status: GroundStatus
    overlap_m2: float
    net_m2: float | None
    verdict: Verdict
    rules: tuple[ScreeningRule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFinding:
    """How one site lies to one layer of the plan.

    Attributes
    ----------
    layer
        The layer's name in the plan.
    overlap_m2, overlap_planar_m2, overlap_share
        Ground in common, on the ellipsoid; the same in the working CRS for reference; share of
        the site, 0 to 1.
    net_m2
        Overlap less field ridges, for layers with a deduction field; else None.
    length_m
        Length of the layer's lines inside the site, for line layers; else None.
    outside_m2
        Ground of the site outside the layer, where a rule asks for it; else None.
    sliver_m2, noise_m2
        Of the overlap: what lies in slivers and in hairlines.
    distance_m
        Geodesic distance to the nearest feature, where there is nothing in common; else None.
    nearest
        That feature's name or id.
    zones
        Zones or land classes met, the largest overlap first.
    pieces
        Pieces above noise, the largest first.
    rules
        Every rule that applies to a kind asked for, the worst first.
    sentence
        The result in one sentence, ready to be printed.
    """

    layer: str
    status: GroundStatus
    verdict: Verdict
    sentence: Message
    overlap_m2: float = 0.0
    overlap_planar_m2: float = 0.0
    overlap_share: float = 0.0
    net_m2: float | None = None
    length_m: float | None = None
    outside_m2: float | None = None
    sliver_m2: float = 0.0
    noise_m2: float = 0.0
    distance_m: float | None = None
    nearest: str = ""
    zones: tuple[ZoneFinding, ...] = ()
    pieces: tuple[SitePiece, ...] = ()
    rules: tuple[ScreeningRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Ground of a part that lies in a zone of a layer; `net_m2` less field ridges, or None."""

    layer: str
    zone: str
    area_m2: float
    net_m2: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundPart:
    """Parts of a site that agree in place, owner and land class, taken together.

    Attributes
    ----------
    township, village, owner, tenure
        乡镇, 村（坐落单位）, 权属单位, 权属性质; blank where not provided.
    land_class
        Land class code; blank where no parcel lies.
    slope
        Slope class (坡度级别) of cropland; blank where not provided.
    area_m2, ridge_m2
        Area, and how much of it is field ridges (田坎) by the parcels' deduction factor.
    uses
        What of it lies in the zones of the other layers.
    """

    township: str
    village: str
    owner: str
    tenure: str
    land_class: str
    slope: str
    area_m2: float
    ridge_m2: float
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFinding:
    """Everything that screening found about one site.

    Attributes
    ----------
    row
        The site's row in `Sites`, where its geometry, id and name are.
    kind
        Kind of project that it is judged as; None: the worst over all kinds.
    verdict
        The worst over all layers, and over what was not provided or not evaluated.
    listed_verdict
        The worst over the layers that were judged only; ``clear`` here is "no ground in common
        with the listed layers", no permission.
    by_kind
        The verdict of the listed layers for every kind of project of the rulebook.
    layers
        One finding a layer, in the plan's order.
    parts
        Rows of the 占用地类 table; they add up to the site's area where parcels do not overlap.
    uncovered_m2
        Ground of the site under no parcel; None where there is no parcel layer.
    not_evaluated
        What keeps this very site from being clear: its doubts, layers with faults near it.
    """

    row: int
    site_id: str
    name: str
    kind: str | None
    area_m2: float
    verdict: Verdict
    listed_verdict: Verdict
    by_kind: Mapping[str, Verdict] = field(default_factory=dict)
    layers: tuple[LayerFinding, ...] = ()
    parts: tuple[GroundPart, ...] = ()
    uncovered_m2: float | None = None
    doubts: tuple[Doubt, ...] = ()
    not_evaluated: tuple[NotEvaluated, ...] = ()
