"""The pieces of ground of all rules, numbered and placed: the rows of the 冲突表.

Rule by rule conflicts come first, then what a person must judge, then slivers; what lies in a hole
of the other line (天窗) follows after all rules, because it is no conflict.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.area import unproject
from spatialplan.conflicts import RuleResult
from spatialplan.crs import CGCS2000, Plane
from spatialplan.findings import Piece, PieceClass
from spatialplan.review import Review

__all__ = ["PlacedPiece", "place_pieces", "review_plane", "thinness"]

# The order in which the pieces of one rule are listed.
WEIGHT = (PieceClass.CONFLICT, PieceClass.NEEDS_PERSON, PieceClass.SLIVER)


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A piece with its number and the place of a point inside it.

    `a_layer` and `b_layer` are names of layers in the plan; `thinness` is 4πA/P², 1 for a circle;
    degrees are CGCS2000, easting and northing metres of the working CRS. NaN without geometry.
    """

    number: int
    result: RuleResult
    piece: Piece
    a_layer: str
    b_layer: str
    thinness: float
    longitude: float
    latitude: float
    easting: float
    northing: float


def place_pieces(review: Review) -> tuple[PlacedPiece, ...]:
    """Give every piece that the review lists, noise apart, its number and place."""
    listed = [(result, p) for result in review.rules for p in _by_weight(result)]
    listed += [(result, p) for result in review.rules for p in result.enclosed]
    shapes = np.array([piece.geometry for _, piece in listed], dtype=object)
    degrees, metres = _centres(shapes, review)
    rows = zip(listed, thinness(shapes).tolist(), degrees.tolist(), metres.tolist(), strict=True)
    return tuple(
        PlacedPiece(
            number,
            result,
            piece,
            piece.layer,
            result.rule.b if piece.layer == result.rule.a else result.rule.a,
            thin,
            *place,
            *metre,
        )
        for number, ((result, piece), thin, place, metre) in enumerate(rows, start=1)
    )


def thinness(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return 4πA/P² of polygons: 1 for a circle, near 0 for a hairline; NaN for nothing.

    Examples
    --------
    >>> thinness(np.array([shapely.box(0, 0, 1, 1)])).round(4).tolist()
    [0.7854]
    """
    perimeter = shapely.length(shapes)
    squared = np.where(perimeter > 0, perimeter**2, np.nan)
    return np.asarray(4 * math.pi * shapely.area(shapes) / squared, dtype=np.float64)


def review_plane(review: Review) -> Plane | None:
    """Return the plane of judgement; None where no layer could be read."""
    return next((layer.plane for layer in review.layers.values()), None)


def _by_weight(result: RuleResult) -> list[Piece]:
    return sorted(result.pieces, key=lambda piece: WEIGHT.index(piece.piece_class))


def _centres(
    shapes: NDArray[np.object_], review: Review
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    plane = review_plane(review)
    if plane is None or not len(shapes):
        return np.full((len(shapes), 2), np.nan), np.full((len(shapes), 2), np.nan)
    points = shapely.point_on_surface(shapes)
    return _points_in(points, plane, CGCS2000), _points_in(points, plane, review.crs)


def _points_in(points: NDArray[np.object_], plane: Plane, crs: CRS) -> NDArray[np.float64]:
    placed = unproject(points, plane, crs)
    return np.column_stack([shapely.get_x(placed), shapely.get_y(placed)])
