"""Plots with numbered boundary points (界址点), as they are handed in and set out.

Points are numbered J1, J2 … through all rings of a plot. An outer ring runs clockwise and an inner
one anticlockwise, each from its north-westernmost point; the first point is repeated at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["NumberedPoint", "Plot", "number_points", "round_outline"]


@dataclass(frozen=True, slots=True)
class Plot:
    """A polygon or multipolygon in a projected CRS (easting, northing), and what it is called."""

    id: str
    name: str
    shape: BaseGeometry
    use: str = ""
    land_class: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class NumberedPoint:
    """A row of the table of boundary points (界址点成果表).

    `edge_m` is the length in the plane to the next point; None at the point that closes a ring.
    """

    label: str
    ring: int
    northing: float
    easting: float
    edge_m: float | None


def number_points(shape: BaseGeometry) -> list[NumberedPoint]:
    """Give the boundary points of a polygon or multipolygon their numbers.

    Examples
    --------
    >>> for point in number_points(shapely.box(0, 0, 30, 20)):
    ...     print(point.label, point.ring, point.northing, point.easting, point.edge_m)
    J1 1 20.0 0.0 30.0
    J2 1 20.0 30.0 20.0
    J3 1 0.0 30.0 30.0
    J4 1 0.0 0.0 20.0
    J1 1 20.0 0.0 None
    """
    rows: list[NumberedPoint] = []
    number = 0
    for ring, places in enumerate(_rings(shape), start=1):
        labels = [f"J{number + i + 1}" for i in range(len(places))]
        number += len(places)
        closed = np.vstack([places, places[:1]])
        edges = [*np.hypot(*np.diff(closed, axis=0).T).tolist(), None]
        rows += [
            NumberedPoint(label, ring, float(northing), float(easting), edge)
            for label, (easting, northing), edge in zip(
                [*labels, labels[0]], closed, edges, strict=True
            )
        ]
    return rows


def round_outline(shape: BaseGeometry, decimals: int) -> BaseGeometry:
    """Round coordinates, keeping the outline valid; empty where nothing of it is left."""
    rounded = shapely.transform(shapely.force_2d(shape), lambda points: np.round(points, decimals))
    if rounded.is_valid and rounded.area > 0:
        return shapely.remove_repeated_points(rounded)
    snapped = shapely.set_precision(shape, 10.0**-decimals)
    parts = [part for part in shapely.get_parts(snapped) if part.geom_type == "Polygon"]
    parts = [part for piece in parts for part in shapely.get_parts(piece) if part.area > 0]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _rings(shape: BaseGeometry) -> Iterator[NDArray[np.float64]]:
    for part in shapely.get_parts(shape):
        yield _turned(part.exterior, clockwise=True)
        for hole in part.interiors:
            yield _turned(hole, clockwise=False)


def _turned(ring: BaseGeometry, *, clockwise: bool) -> NDArray[np.float64]:
    """Points of a ring without the closing one, in a direction, from the north-westernmost."""
    places: NDArray[np.float64] = shapely.get_coordinates(ring)[:-1]
    if shapely.is_ccw(ring) == clockwise:
        places = places[::-1]
    north_west = places[:, 1] - places[:, 0]
    # The more northern of two that are equally far north-west.
    first = int(np.lexsort((-places[:, 1], -np.round(north_west, 6)))[0])
    return np.roll(places, -first, axis=0)
