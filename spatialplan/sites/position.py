"""Where sites lie: the CRS they are in, and whether their coordinates can mean what they say.

Coordinates are plausible when, read in the stated CRS, they lie within one degree of the region (in
China where no region is given), with the zone number that the CRS has. What is not plausible is
refused with the likely cause; coordinates are never swapped or moved to another zone here.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import crs_label, parse_crs
from spatialplan.errors import CrsError, Fault
from spatialplan.findings import Severity
from spatialplan.layers import (
    CHINA_DEGREES,
    COORDINATE_LIMIT,
    Layer,
    Settled,
    crs_hint,
    degree_boxes,
    same_plane,
    settle_shapes,
    zone_number,
)
from spatialplan.messages import Message, say
from spatialplan.plan import PlaneFourParameter
from spatialplan.sites.soundness import place_words
from spatialplan.sites.submission import Submission
from spatialplan.sites.table import Doubt

__all__ = ["FAR_DEGREES", "position_doubts", "region_degrees", "settle_crs", "settle_sites"]

# Further than this outside the region's bounds, a site is misplaced and not just across the border.
FAR_DEGREES = 1.0
ZONES = range(13, 46)

Boxes = NDArray[np.float64]


def settle_crs(found: CRS | None, wanted: str | None, *, where: str) -> tuple[CRS | None, bool]:
    """Return the CRS that the file states or, where it states none, the user; and if the latter.

    Raises
    ------
    CrsError
        If the two differ.
    """
    stated = parse_crs(wanted, where=where) if wanted else None
    if stated and found and not same_plane(found, stated):
        message = say("site.crs_contradicted", found=crs_label(found), wanted=crs_label(stated))
        raise CrsError(Fault(where, message))
    return found or stated, found is None and stated is not None


def settle_sites(shapes: NDArray[np.object_], submission: Submission) -> Settled:
    """Bring a submission's geometry to CGCS2000, or say why that cannot be.

    Raises
    ------
    CrsError
        If no CRS is stated, or no way leads from it to CGCS2000.
    """
    crs, way, where = submission.crs, submission.way, submission.source.path
    if crs is None and not isinstance(way.transformation, PlaneFourParameter):
        raise CrsError(Fault(where, say("site.crs_missing", hint=crs_hint(shapes))))
    return settle_shapes(shapes, crs, way=way, where=where, assumed=submission.crs_assumed)


def region_degrees(region: Layer | None) -> Boxes | None:
    """Bounds of the region in degrees (west, south, east, north); None without a region."""
    if region is None or not len(region.frame):
        return None
    west, south, east, north = shapely.total_bounds(region.geometry)
    corners = np.array([[west, south], [east, south], [east, north], [west, north]])
    degrees = region.plane.unproject(corners)
    return np.concatenate([degrees.min(axis=0), degrees.max(axis=0)])


def position_doubts(
    shapes: NDArray[np.object_], rows: NDArray[np.intp], crs: CRS, region: Boxes | None
) -> list[Doubt]:
    """Find the sites whose coordinates cannot mean what their CRS says.

    Parameters
    ----------
    shapes
        Geometry with finite coordinates, object[n].
    rows
        Row of each among the sites.
    region
        See `region_degrees`.
    """
    boxes = shapely.bounds(shapes)
    limits = np.array(CHINA_DEGREES)
    if region is not None:
        limits = region + FAR_DEGREES * np.array([-1, -1, 1, 1])
    odd = np.flatnonzero(~_are_plausible(boxes, crs, limits))
    swapped = np.zeros(len(boxes), dtype=bool)
    swapped[odd] = _are_plausible(boxes[odd][:, [1, 0, 3, 2]], crs, limits)
    return [
        _position_doubt(
            int(rows[i]), boxes[i], crs, swapped=bool(swapped[i]), in_region=region is not None
        )
        for i in odd
    ]


def _are_plausible(boxes: Boxes, crs: CRS, limits: Boxes) -> NDArray[np.bool_]:
    if not len(boxes):
        return np.zeros(0, dtype=bool)
    usable = (np.abs(boxes) < COORDINATE_LIMIT).all(axis=1)
    degrees = degree_boxes(shapely.box(*boxes.T), crs)
    with np.errstate(invalid="ignore"):
        near = (degrees[:, :2] >= limits[:2]).all(axis=1) & (degrees[:, 2:] <= limits[2:]).all(
            axis=1
        )
    zone = zone_number(crs)
    own = (
        np.full(len(boxes), True) if zone is None else (boxes[:, [0, 2]] // 1e6 == zone).all(axis=1)
    )
    return np.asarray(usable & near & own)


def _position_doubt(row: int, box: Boxes, crs: CRS, *, swapped: bool, in_region: bool) -> Doubt:
    easting, northing = float(box[[0, 2]].mean()), float(box[[1, 3]].mean())
    place = _numbers(easting, northing, crs)
    if swapped:
        message = say("site.swapped_axes", crs=crs_label(crs), place=place)
        return Doubt(row, "swapped_axes", Severity.ERROR, message)
    for fault, message in _causes(easting, float(np.abs(box).max()), place, crs):
        return Doubt(row, fault, Severity.ERROR, message)
    key = "site.far_away" if in_region else "site.not_in_china"
    return Doubt(row, "far_away", Severity.ERROR, say(key, crs=crs_label(crs), place=place))


def _causes(
    easting: float, largest: float, place: Message, crs: CRS
) -> Iterator[tuple[str, Message]]:
    label, zone, found = crs_label(crs), zone_number(crs), int(easting // 1e6)
    if crs.is_geographic:
        if largest > 180:
            yield "metres_not_degrees", say("site.metres_not_degrees", crs=label, place=place)
        return
    if largest <= 180:
        yield "degrees_not_metres", say("site.degrees_not_metres", crs=label, place=place)
    elif zone is not None and found == 0:
        yield "no_zone_number", say("site.no_zone_number", crs=label, place=place, zone=zone)
    elif found in ZONES and found != zone:
        expected = str(zone) if zone is not None else say("site.zone_none")
        message = say("site.other_zone", crs=label, place=place, found=found, expected=expected)
        yield "other_zone", message


def _numbers(easting: float, northing: float, crs: CRS) -> Message:
    return place_words(easting, northing, is_geographic=crs.is_geographic)
