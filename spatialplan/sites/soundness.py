"""Why an outline cannot be judged, worded with its place in the file's coordinates."""

from __future__ import annotations

import re

import shapely
from shapely.geometry.base import BaseGeometry

from spatialplan.crs import Plane
from spatialplan.findings import Severity
from spatialplan.messages import Message, say
from spatialplan.sites.table import Doubt

__all__ = ["invalid_doubt", "invalid_in_plane", "place_words"]

# What GEOS says of invalid geometry, each with wording of its own.
REASONS = {
    "Self-intersection": "site.reason_crossing",
    "Ring Self-intersection": "site.reason_touching",
    "Nested shells": "site.reason_nested",
    "Holes are nested": "site.reason_holes_nested",
    "Hole lies outside shell": "site.reason_hole_outside",
    "Interior is disconnected": "site.reason_disconnected",
    "Duplicate Rings": "site.reason_duplicate_rings",
    "Too few points in geometry component": "site.reason_few_points",
    "Invalid Coordinate": "site.reason_coordinate",
}
CROSSING = ("Self-intersection", "Ring Self-intersection")


def invalid_doubt(row: int, shape: BaseGeometry, *, is_geographic: bool) -> Doubt:
    """Say why a shape is invalid and where.

    Parameters
    ----------
    shape
        Invalid geometry in the coordinates that the message shall name.
    is_geographic
        Whether they are degrees.
    """
    text = str(shapely.is_valid_reason(shape))
    match = re.fullmatch(r"(.*?)\[(\S+) (\S+?)(?: \S+)?\]", text)
    name, place = (
        (match[1], say("site.place_unknown")) if match else (text, say("site.place_unknown"))
    )
    if match:
        place = place_words(float(match[2]), float(match[3]), is_geographic=is_geographic)
    reason = Message(REASONS[name]) if name in REASONS else name
    fault = "self_crossing" if name in CROSSING else "invalid_geometry"
    return Doubt(row, fault, Severity.ERROR, say("site.invalid", reason=reason, place=place))


def invalid_in_plane(row: int, shape: BaseGeometry, plane: Plane) -> Doubt:
    """Say why a shape in the plane of judgement is invalid, and where in degrees if it shows."""
    degrees = shapely.transform(shape, plane.unproject)
    shown = degrees if not degrees.is_valid else shape
    return invalid_doubt(row, shown, is_geographic=shown is degrees)


def place_words(easting: float, northing: float, *, is_geographic: bool) -> Message:
    """Name a point so that nobody can take northing for easting."""
    if is_geographic:
        return say("site.place_degrees", longitude=f"{easting:.6f}", latitude=f"{northing:.6f}")
    return say("site.place_metres", easting=f"{easting:.3f}", northing=f"{northing:.3f}")
