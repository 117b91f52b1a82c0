"""Where a delivery lies: the CRS it states, and whether its coordinates agree with that."""

from __future__ import annotations

from collections import Counter
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import crs_label, parse_crs, require_known_datum, to_degrees
from spatialplan.errors import CrsError, Fault
from spatialplan.layers.table import Delivery
from spatialplan.messages import Message, say
from spatialplan.plan import PlaneFourParameter, Way

__all__ = [
    "CHINA_DEGREES",
    "COORDINATE_LIMIT",
    "agree_crs",
    "crs_hint",
    "degree_bounds",
    "degree_boxes",
    "lies_in_china",
    "require_plausible",
    "same_plane",
    "stated_crs",
    "zone_number",
]

# Where the People's Republic lies, generously: coordinates outside contradict their stated CRS.
CHINA_DEGREES = (70.0, 0.0, 140.0, 56.0)

# Zone numbers that stand before eastings in China: 13 to 23 for 6 degrees, 25 to 45 for 3.
ZONES = (*range(13, 24), *range(25, 46))

# No zone of 6 degrees reaches further from its meridian, metres; and what is usually added there.
WIDEST_ZONE_M = 350_000.0
FALSE_EASTING_M = 500_000.0

# No projected coordinate on Earth is larger; beyond it, PROJ's answers are not numbers.
COORDINATE_LIMIT = 1e9


def stated_crs(delivery: Delivery) -> CRS:
    """Return the one CRS that file and plan agree on.

    Raises
    ------
    CrsError
        If neither states one, both state different ones, or its datum has no known way to CGCS2000.
    """
    where = f"{delivery.source.path} ({delivery.spec.title})"
    found: CRS | None = delivery.frame.crs
    if delivery.source.crs and found is not None:
        return found
    shapes = delivery.frame.geometry.to_numpy()
    crs = agree_crs(found, delivery.spec.crs, shapes, way=Way(), where=where)
    return require_known_datum(cast(CRS, crs), where=where)


def agree_crs(
    found: CRS | None, wanted: str | None, shapes: NDArray[np.object_], *, way: Way, where: str
) -> CRS | None:
    """Return the CRS that the file states or, where it states none, the user.

    None only where a plane transformation is stated, which needs none.

    Raises
    ------
    CrsError
        If there is none, or the two differ.
    """
    stated = parse_crs(wanted, where=where) if wanted else None
    if found is None and stated is None:
        if isinstance(way.transformation, PlaneFourParameter):
            return None
        raise CrsError(Fault(where, say("crs.missing", hint=crs_hint(shapes))))
    if found is not None and stated is not None and not same_plane(found, stated):
        names = {"found": crs_label(found), "wanted": crs_label(stated)}
        raise CrsError(Fault(where, say("crs.contradicted", **names)))
    return found if found is not None else stated


def degree_bounds(delivery: Delivery, crs: CRS) -> NDArray[np.float64]:
    """Bounds of a delivery in degrees (west, south, east, north); NaN where it has no geometry.

    Features that reach outside China are strays (see `require_plausible`) and do not count.
    """
    boxes = degree_boxes(delivery.frame.geometry.to_numpy(), crs)
    boxes = boxes[lies_in_china(boxes)]
    if not len(boxes):
        return np.full(4, np.nan)
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def degree_boxes(shapes: NDArray[np.object_], crs: CRS) -> NDArray[np.float64]:
    """Bounds of every feature in degrees, (n, 4); not finite where it is empty or off the map."""
    boxes = shapely.bounds(shapes)
    west, south, east, north = np.where(np.abs(boxes) < COORDINATE_LIMIT, boxes, np.inf).T
    easting, northing = np.stack([west, east, east, west]), np.stack([south, south, north, north])
    degrees = to_degrees(np.column_stack([easting.ravel(), northing.ravel()]), crs)
    longitude, latitude = degrees[:, 0].reshape(4, -1), degrees[:, 1].reshape(4, -1)
    return np.column_stack(
        [longitude.min(axis=0), latitude.min(axis=0), longitude.max(axis=0), latitude.max(axis=0)]
    )


def lies_in_china(boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which boxes in degrees, (n, 4), lie within China's bounds."""
    west, south, east, north = CHINA_DEGREES
    return np.asarray(
        (boxes[:, :2] >= [west, south]).all(axis=1) & (boxes[:, 2:] <= [east, north]).all(axis=1)
    )


def require_plausible(delivery: Delivery, crs: CRS) -> None:
    """Refuse a layer most of whose features belie its CRS; single strays are faults.

    Raises
    ------
    CrsError
        If they lie outside China, if their eastings carry another zone number than the CRS or
        several, or have the false easting where the CRS has none or the other way round.
    """
    shapes = delivery.frame.geometry.to_numpy()
    boxes = shapely.bounds(shapes)
    found = (np.abs(boxes) < COORDINATE_LIMIT).all(axis=1)
    if not found.any():
        return
    where = f"{delivery.source.path} ({delivery.spec.title})"
    _require_one_zone(boxes[found], crs, where)
    _require_false_easting(boxes[found], crs, where)
    boxes, inside = boxes[found], lies_in_china(degree_boxes(shapes[found], crs))
    zone = zone_number(crs)
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    own_zone = np.full(len(boxes), True) if zone is None else middles // 1e6 == zone
    if (inside & own_zone).mean() >= 0.5:
        return
    extent = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    key = "crs.elsewhere" if own_zone.mean() >= 0.5 else "crs.other_zone"
    message = say(
        key,
        found=crs_label(crs),
        extent=", ".join(f"{edge:.9g}" for edge in extent),
        hint=crs_hint(shapes),
    )
    raise CrsError(Fault(where, message))


def _require_one_zone(boxes: NDArray[np.float64], crs: CRS, where: str) -> None:
    """Refuse coordinates of several zones in one table: read in one CRS, some lie elsewhere."""
    if crs.is_geographic:
        return
    zones = (boxes[:, [0, 2]] // 1e6).astype(int)
    numbered = zones[np.isin(zones, ZONES).all(axis=1)]
    if len(np.unique(numbered)) < 2:
        return
    counts = Counter("/".join(map(str, np.unique(pair))) for pair in numbered)
    listed = ", ".join(f"{zone}: {count}" for zone, count in sorted(counts.items()))
    raise CrsError(Fault(where, say("position.zones_mixed", counts=listed, found=crs_label(crs))))


def _require_false_easting(boxes: NDArray[np.float64], crs: CRS, where: str) -> None:
    """Refuse eastings that are half a million metres off those of their zone."""
    stated = false_easting(crs)
    if stated not in (0.0, FALSE_EASTING_M):
        return
    middle = float(np.median((boxes[:, 0] + boxes[:, 2]) / 2))
    other = FALSE_EASTING_M - stated
    if abs(middle - stated) > WIDEST_ZONE_M and abs(middle - other) <= WIDEST_ZONE_M:
        message = say("position.false_easting", found=crs_label(crs), stated=stated, other=other)
        raise CrsError(Fault(where, message))


def false_easting(crs: CRS) -> float | None:
    """Return what a CRS adds to its eastings, metres; None for one that is not Gauss-Kruger."""
    operation = crs.coordinate_operation
    if operation is None or operation.method_name != "Transverse Mercator":
        return None
    found = [p.value for p in operation.params if p.name == "False easting"]
    return float(found[0]) if found else 0.0


def zone_number(crs: CRS) -> int | None:
    """Return the zone number that a CRS puts before its eastings; None where it puts none."""
    operation = crs.coordinate_operation
    for parameter in operation.params if operation else []:
        if parameter.name == "False easting":
            return int(float(parameter.value) // 1e6) or None
    return None


def crs_hint(shapes: NDArray[np.object_]) -> Message:
    """Say what the coordinates look like; a hint for the reader, never acted upon."""
    west, south, east, north = shapely.total_bounds(shapes) if len(shapes) else [np.nan] * 4
    if np.isnan(west):
        return say("crs.hint_none")
    if max(abs(west), abs(east)) <= 180 and max(abs(south), abs(north)) <= 90:
        return say("crs.hint_degrees")
    if west >= 25e6 and east < 46e6:
        zone = int(west // 1e6)
        return say("crs.hint_zone", zone=zone, code=4513 + zone - 25)
    return say("crs.hint_metres")


def same_plane(first: CRS, second: CRS) -> bool:
    """Compare CRSs as written, or by the code of which PROJ is fairly sure (ESRI's spelling)."""
    if first.equals(second, ignore_axis_order=True):
        return True
    codes = {crs.to_epsg(min_confidence=20) for crs in (first, second)}
    return len(codes) == 1 and None not in codes
