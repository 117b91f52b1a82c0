"""Where a layer lies: what its coordinates suggest, and what its stated CRS has against it.

A suggestion is never acted upon. Coordinates alone name a CRS only where one fits; where several
do, all are listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import crs_label, to_degrees
from spatialplan.diagnosis.defects import Defect, Place, make_defect
from spatialplan.findings import Severity
from spatialplan.layers import CHINA_DEGREES, COORDINATE_LIMIT, zone_number
from spatialplan.messages import Message, say

__all__ = ["Suggestion", "diagnose_position", "suggest_crs"]

WEST, SOUTH, EAST, NORTH = CHINA_DEGREES
# First EPSG codes: CGCS2000 zones of 3 and 6 degrees with the zone number before the easting.
THREE_DEGREES, SIX_DEGREES = 4513 - 25, 4491 - 13
THREE_ZONES, SIX_ZONES = range(25, 46), range(13, 24)
# An easting without zone number: 500 km false easting, a zone and its neighbours wide.
LEAST_EASTING, MOST_EASTING = 100_000.0, 900_000.0
MOST_NORTHING = 6_250_000.0
# Web Mercator over China.
MERCATOR = (7_790_000.0, 0.0, 15_600_000.0, 7_560_000.0)
PREFIX_M = 1e6
# So much of a layer must lie where its CRS says.
MOST_FEATURES = 0.5
# A zone of 3 degrees ends so far from its meridian, one of 6 twice as far.
HALF_ZONE_DEGREES = 1.5
# Features lie far away when they are so many times as far off as the middle four fifths of all are
# wide, which are taken to be at least so wide: towns cluster, and their villages are no strays.
SPANS, FAR_M, FAR_DEGREES = 3.0, 30_000.0, 0.3
# Of fewer features none is the rest.
FEWEST = 20

Boxes = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the coordinates look like.

    Attributes
    ----------
    form
        ``degrees``, ``metres_zone``, ``metres``, ``mercator``, ``mercator_or_zone``, ``none`` or
        ``unknown``.
    swapped
        Whether northing (latitude) comes before easting (longitude).
    codes
        EPSG codes that fit, on the datum CGCS2000 where the datum does not show.
    """

    form: str
    swapped: bool
    codes: tuple[int, ...] = ()

    @property
    def message(self) -> Message:
        """What the coordinates look like, in words."""
        codes = ", ".join(f"EPSG:{code}" for code in self.codes)
        inner = say(f"diagnosis.form_{self.form}", codes=codes)
        return say("diagnosis.form_swapped", form=inner) if self.swapped else inner


def suggest_crs(boxes: Boxes) -> Suggestion:
    """Say what coordinates look like from the bounds of features, (n, 4), as delivered."""
    known = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(known):
        return Suggestion("none", False)
    first = float(np.median(known[:, [0, 2]]))
    second = float(np.median(known[:, [1, 3]]))
    plain = _form(first, second)
    if plain is not None:
        return Suggestion(plain[0], False, plain[1])
    turned = _form(second, first)
    if turned is not None:
        return Suggestion(turned[0], True, turned[1])
    return Suggestion("unknown", False)


def _form(easting: float, northing: float) -> tuple[str, tuple[int, ...]] | None:
    if WEST <= easting <= EAST and SOUTH <= northing <= NORTH:
        return "degrees", (4490,)
    if not 0 <= northing <= MERCATOR[3]:
        return None
    mercator = MERCATOR[0] <= easting <= MERCATOR[2]
    zone, rest = int(easting // PREFIX_M), easting % PREFIX_M
    prefixed = LEAST_EASTING <= rest <= MOST_EASTING and northing <= MOST_NORTHING
    if prefixed and zone in THREE_ZONES:
        return "metres_zone", (THREE_DEGREES + zone,)
    if prefixed and zone in SIX_ZONES:
        return (
            ("mercator_or_zone", (3857, SIX_DEGREES + zone))
            if mercator
            else (
                "metres_zone",
                (SIX_DEGREES + zone,),
            )
        )
    if mercator:
        return "mercator", (3857,)
    if LEAST_EASTING <= easting <= MOST_EASTING and PREFIX_M <= northing <= MOST_NORTHING:
        return "metres", ()
    return None


def diagnose_position(
    shapes: NDArray[np.object_],
    ids: NDArray[np.object_],
    crs: CRS | None,
    *,
    layer: str,
) -> tuple[Suggestion, list[Defect]]:
    """Judge where a layer lies by its own coordinates and what it states.

    Parameters
    ----------
    shapes
        Geometry as delivered, object[n].
    crs
        As stated by the file or the user; None where nobody states one.

    Returns
    -------
    suggestion, defects
        Defects of the whole layer have no places; parts far away have, as delivered.
    """
    boxes = shapely.bounds(shapes)
    found = np.flatnonzero((np.abs(boxes) < COORDINATE_LIMIT).all(axis=1))
    suggestion = suggest_crs(boxes[found])
    if not len(found):
        return suggestion, []
    defects = list(_frame_defects(boxes[found], crs, suggestion, layer))
    if not defects:
        defects += _far_defects(ids, boxes, found, crs, layer)
        defects += _zone_border_defects(boxes[found], crs, layer)
    return suggestion, defects


def _frame_defects(
    boxes: Boxes, crs: CRS | None, suggestion: Suggestion, layer: str
) -> Iterator[Defect]:
    """Find what is wrong with the layer's CRS as a whole: at most one thing."""
    rule_id = _frame_fault(boxes, crs, suggestion)
    if rule_id is None:
        return
    stated = crs_label(crs) if crs is not None else "—"
    edges = (*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0))
    extent = ", ".join(f"{edge:.9g}" for edge in edges)
    message = say(
        f"diagnosis.{rule_id}", stated=stated, extent=extent, suggestion=suggestion.message
    )
    severity = Severity.WARNING if rule_id == "web_mercator" else Severity.ERROR
    yield make_defect(rule_id, layer, severity, message, count=1)


def _frame_fault(boxes: Boxes, crs: CRS | None, suggestion: Suggestion) -> str | None:
    form = suggestion.form
    if crs is None:
        return "axes_swapped" if suggestion.swapped else "crs_missing"
    if _in_place(boxes, crs).mean() >= MOST_FEATURES:
        return "web_mercator" if crs.to_epsg() == 3857 else None
    if suggestion.swapped:
        return "axes_swapped"
    if crs.is_geographic:
        return "metres_as_degrees" if form not in ("degrees", "unknown") else "elsewhere"
    if form == "degrees":
        return "degrees_as_metres"
    zone = zone_number(crs)
    if form == "metres" and zone is not None:
        return "zone_missing"
    if form == "metres_zone":
        return "zone_wrong"
    return "mercator_unsaid" if form in ("mercator", "mercator_or_zone") else "elsewhere"


def _in_place(boxes: Boxes, crs: CRS) -> NDArray[np.bool_]:
    """Tell which features lie in China and under the zone number of their CRS."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    degrees = to_degrees(middles, crs)
    inside = (degrees >= [WEST, SOUTH]).all(axis=1) & (degrees <= [EAST, NORTH]).all(axis=1)
    zone = zone_number(crs)
    if zone is not None:
        inside &= middles[:, 0] // PREFIX_M == zone
    return np.asarray(inside)


def _far_defects(
    ids: NDArray[np.object_], boxes: Boxes, found: NDArray[np.intp], crs: CRS | None, layer: str
) -> Iterator[Defect]:
    """Find features so far from all the others that they hardly belong to the place.

    Those outside China are left to the gate, which sets them aside.
    """
    if crs is not None:
        found = found[_in_place(boxes[found], crs)]
    middles = (boxes[found, :2] + boxes[found, 2:]) / 2
    least = FAR_DEGREES if crs is not None and crs.is_geographic else FAR_M
    if len(found) < FEWEST:
        return
    low, high = np.percentile(middles, [10, 90], axis=0)
    span = np.maximum((high - low).max(), least)
    off = np.maximum(low - middles, middles - high).max(axis=1)
    astray = off > SPANS * span
    far = found[astray]
    if not len(far):
        return
    places = [
        Place(ids=(str(ids[row]),), geometry=shapely.Point(*middle))
        for row, middle in zip(far, middles[astray], strict=True)
    ]
    message = say("diagnosis.far_away", count=len(far))
    yield make_defect("far_away", layer, Severity.WARNING, message, places)


def _zone_border_defects(boxes: Boxes, crs: CRS | None, layer: str) -> Iterator[Defect]:
    """Say where a projected layer reaches over the border of its own zone."""
    meridian = _meridian(crs)
    if crs is None or meridian is None:
        return
    corners = np.concatenate([boxes[:, :2], boxes[:, 2:]])
    longitude = to_degrees(corners, crs)[:, 0]
    over = np.abs(longitude - meridian) > _half_width(crs)
    beyond = int((over[: len(boxes)] | over[len(boxes) :]).sum())
    if beyond:
        message = say(
            "diagnosis.zone_border",
            stated=crs_label(crs),
            meridian=meridian,
            count=beyond,
            furthest=float(np.abs(longitude[np.isfinite(longitude)] - meridian).max()),
        )
        yield make_defect("zone_border", layer, Severity.INFO, message, count=beyond)


def _half_width(crs: CRS) -> float:
    """Return how far the zone of a CRS reaches from its meridian: 3-degree zones say so."""
    narrow = zone_number(crs) in THREE_ZONES or re.search(
        r"(3|三)[-_ ]?(degree|度)", crs.name, re.I
    )
    return HALF_ZONE_DEGREES if narrow else 2 * HALF_ZONE_DEGREES


def _meridian(crs: CRS | None) -> float | None:
    """Return the central meridian of a Gauss-Kruger zone; None for other CRSs."""
    operation = crs.coordinate_operation if crs is not None else None
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    values = {parameter.name: float(parameter.value) for parameter in operation.params}
    return values.get("Longitude of natural origin")
