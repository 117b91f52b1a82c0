"""The result for one layer in one sentence, as an opinion would print it."""

from __future__ import annotations

import math
from decimal import Decimal

from spatialplan.findings import GroundStatus
from spatialplan.messages import Message, say
from spatialplan.plan import LayerSpec
from spatialplan.screening.contacts import Contact
from spatialplan.screening.results import LayerFinding
from spatialplan.units import M2_PER_UNIT, close_parts

__all__ = ["layer_sentence", "missing_sentence", "printed_zones"]

# Less than this is 0.0000 ha in print.
SHOWN_M2 = 0.5


def layer_sentence(
    spec: LayerSpec,
    contact: Contact,
    status: GroundStatus,
    outside_m2: float | None,
    gap: Message | None,
    *,
    error_m: float = 0.0,
) -> Message:
    """Say how a site lies to a layer.

    Parameters
    ----------
    outside_m2
        Ground of the site outside the layer, where rules ask for it; else None.
    gap
        What keeps the layer from being called clear, if anything does.
    error_m
        How far off site and layer may be to each other, metres.
    """
    sentence = _sentence(spec, contact, status, outside_m2)
    if error_m:
        sentence = say("position.with_error", sentence=sentence, error=error_m)
    if gap is None:
        return sentence
    if status is GroundStatus.NOT_EVALUATED:
        return say("screening.not_evaluated", layer=spec.title, why=gap)
    return say("screening.with_gap", sentence=sentence, why=gap)


def missing_sentence(spec: LayerSpec, why: Message) -> Message:
    """Say that a layer could not be used."""
    return say("screening.not_evaluated", layer=spec.title, why=why)


def printed_zones(finding: LayerFinding) -> list[tuple[str, Decimal]]:
    """List the named zones or land classes met, with hectares to four places.

    They add up to the layer's overlap as printed, unless zones share ground or a part has no name.
    """
    named = [zone for zone in finding.zones if zone.zone]
    parts = [zone.overlap_m2 / M2_PER_UNIT["ha"] for zone in named]
    total, whole = math.fsum(parts), finding.overlap_m2 / M2_PER_UNIT["ha"]
    is_whole = abs(total - whole) * M2_PER_UNIT["ha"] < SHOWN_M2
    printed = close_parts(parts, whole if is_whole else total, 4)
    return [(zone.zone, area_ha) for zone, area_ha in zip(named, printed, strict=True)]


def _sentence(
    spec: LayerSpec, contact: Contact, status: GroundStatus, outside_m2: float | None
) -> Message:
    title = spec.title
    if contact.marks:
        return _crossing(title, contact)
    if status is GroundStatus.SLIVER:
        return say("screening.sliver", layer=title, area_m2=contact.overlap_m2)
    if status is GroundStatus.ENCLOSED:
        return say("screening.enclosed", layer=title, window_ha=contact.window_m2 / 10_000)
    if status is GroundStatus.OVERLAP:
        return _overlap(spec, contact, outside_m2)
    if contact.distance_m is None:
        return say("screening.clear", layer=title)
    return say(
        "screening.clear_near",
        layer=title,
        nearest=contact.nearest,
        distance_m=contact.distance_m,
    )


def _overlap(spec: LayerSpec, contact: Contact, outside_m2: float | None) -> Message:
    figures = {
        "layer": spec.title,
        "area_ha": contact.overlap_m2 / M2_PER_UNIT["ha"],
        "area_mu": contact.overlap_m2 / M2_PER_UNIT["亩"],
    }
    if spec.role == "land_parcel":
        return say("screening.land_classes", **figures)
    if outside_m2 is not None and outside_m2 < SHOWN_M2:
        return say("screening.inside", **figures)
    if outside_m2 is not None:
        return say("screening.inside_outside", outside_ha=outside_m2 / 10_000, **figures)
    nets = [zone.net_m2 for zone in contact.zones if zone.net_m2 is not None]
    if nets and len(nets) == len(contact.zones):
        return say("screening.overlap_net", net_ha=sum(nets) / 10_000, **figures)
    return say("screening.overlap", **figures)


def _crossing(title: str, contact: Contact) -> Message:
    names = "、".join(mark.name for mark in contact.marks[:5])
    if not contact.length_m:
        return say("screening.holds_points", layer=title, names=names, count=len(contact.marks))
    return say("screening.crossing", layer=title, names=names, length_m=contact.length_m)
