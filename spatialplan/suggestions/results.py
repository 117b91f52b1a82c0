"""What a search finds: the free part of a site, and places where it would be free."""

from __future__ import annotations

from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from spatialplan.messages import Message

__all__ = ["FreePart", "FreePlace", "Suggestion"]


@dataclass(frozen=True, slots=True)
class FreePart:
    """The part of a site that is free of the avoided ground, inside the ground to stay in.

    Attributes
    ----------
    geometry
        Polygon or multipolygon in the plane of judgement; empty where nothing is free.
    area_m2, share
        On the ellipsoid; share of the site's area, 0 to 1.
    """

    geometry: BaseGeometry
    area_m2: float
    share: float


@dataclass(frozen=True, slots=True)
class FreePlace:
    """One place where the same footprint is free.

    Attributes
    ----------
    geometry
        The footprint there, in the plane of judgement.
    east_m, north_m
        The shift, metres in the working CRS, to the centimetre.
    distance_m
        Geodesic, centroid to centroid (挪动多少米可避让).
    bearing_deg
        Of the shift, from true north, clockwise, 0 to below 360; 0 without a shift.
    rotation_deg
        Turn about the centroid, clockwise, 0 to below 360.
    area_m2
        On the ellipsoid; the scale of the working CRS changes with the place, so the area differs
        from the site's by some 1e-6 of it.
    """

    geometry: BaseGeometry
    east_m: float
    north_m: float
    distance_m: float
    bearing_deg: float
    rotation_deg: float
    area_m2: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What could be done about one site.

    Attributes
    ----------
    row
        Row of the site.
    free
        Its part that is free where it stands.
    places
        Nearest first.
    avoided
        Titles of the avoided ground.
    inside
        Title of the ground that places must lie in, or blank.
    clearance_m, radius_m, step_m
        Distance kept from the avoided ground, farthest shift, and the grid's coarsest step.
    why_none
        Says radius and resolution when no place was found; else None.
    """

    row: int
    free: FreePart
    places: tuple[FreePlace, ...]
    avoided: tuple[str, ...]
    inside: str
    clearance_m: float
    radius_m: float
    step_m: float
    why_none: Message | None
