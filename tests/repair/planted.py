"""Tables with planted faults, metres from a corner of the plain, and what repair says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from hypothesis import strategies as st
from small_layers import EAST, NORTH, make_delivery

from spatialplan.layers import Delivery
from spatialplan.repair import Fix, Repaired, RepairWishes, repair_table

__all__ = [
    "again",
    "bytes_of",
    "faulty_shapes",
    "parcels",
    "polygon",
    "refused",
    "repair",
    "wishes",
]

Points = Sequence[tuple[float, float]]


def polygon(points: Points, *holes: Points) -> shapely.Polygon:
    """Draw a polygon, metres from the corner of the plain."""
    rings = [[(EAST + east, NORTH + north) for east, north in ring] for ring in (points, *holes)]
    return shapely.Polygon(rings[0], rings[1:])


def wishes(*fixes: str, **options: Any) -> RepairWishes:
    """Ask for repairs."""
    return RepairWishes(frozenset(Fix(fix) for fix in fixes), **options)


def parcels(shapes: Sequence[Any], **options: Any) -> Delivery:
    """A table of land parcels with ids a, b, c …"""
    columns = options.pop("columns", {"BSM": [chr(97 + row % 26) for row in range(len(shapes))]})
    return make_delivery(shapes, columns=columns, role="land_parcel", **options)


def repair(shapes: Sequence[Any], *fixes: str, **options: Any) -> Repaired:
    """Repair land parcels."""
    return repair_table(parcels(shapes), wishes(*fixes, **options))


def again(repaired: Repaired, what: RepairWishes) -> Repaired:
    """Repair a repaired table as if it had been delivered."""
    return repair_table(replace(repaired.delivery, frame=repaired.frame), what)


def bytes_of(repaired: Repaired) -> list[bytes]:
    """Geometry to the last bit."""
    return [shape.wkb if shape is not None else b"" for shape in repaired.frame.geometry]


def refused(repaired: Repaired) -> dict[str, str]:
    """Message keys of refusals by feature."""
    return {refusal.feature_id: refusal.why.key.split(".")[1] for refusal in repaired.refusals}


@st.composite
def faulty_shapes(draw: st.DrawFn, *, count: int = 8) -> list[Any]:
    """Draw parcels in a row, each with a fault whose size is known, or with none."""
    kinds = ["sound", "repeated", "hair", "crossing", "outer hole", "turned", "twice", "wild"]
    found = []
    for place, kind in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=count))):
        size = draw(st.floats(5, 200))
        found.append(_plant(kind, 300.0 * place, size, draw(st.integers(0, 2**32 - 1))))
    return found


def _plant(kind: str, east: float, size: float, seed: int) -> Any:
    ring = [(east, 0.0), (east + size, 0.0), (east + size, size), (east, size)]
    tip = (east + 0.3 * size, 1.2 * size)
    inner = [(east + size * a, size * b) for a, b in [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4)]]
    if kind == "repeated":
        return polygon([*ring[:2], ring[1], *ring[2:]])
    if kind == "hair":
        foot = (east + 0.3 * size, size)
        return polygon([*ring[:3], foot, tip, foot, ring[3]])
    if kind == "crossing":
        return polygon(
            [*ring[:3], (east + 0.1, size), (east, size + 0.1), (east + 0.1, size + 0.1)]
        )
    if kind == "outer hole":
        return polygon(ring, [(east - 3, 0.0), (east - 2, 0.0), (east - 2, 0.5)])
    if kind == "turned":
        return polygon(ring, inner)
    if kind == "twice":
        return shapely.MultiPolygon([polygon(ring), polygon(ring)])
    if kind == "wild":
        points = np.random.default_rng(seed).uniform(0, size, (7, 2)).round(2)
        return polygon([(east + x, y) for x, y in points.tolist()])
    return polygon(ring)
