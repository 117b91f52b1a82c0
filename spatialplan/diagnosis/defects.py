"""What a diagnosis finds: one defect a class of fault, with every place where it lies."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatialplan.findings import Finding, Severity, Status
from spatialplan.messages import Message, say

__all__ = ["Defect", "Place", "make_defect", "places_of", "points_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of a defect: the features concerned, where, by how much, and what is there.

    `geometry` is None where the fault has no place, such as a blank field of a null geometry.
    """

    ids: tuple[str, ...]
    geometry: BaseGeometry | None = None
    measured: float | None = None
    detail: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect(Finding):
    """One class of fault in one layer; `measured` sums up or names the worst of its places.

    Attributes
    ----------
    count
        How many there are: places where there are some, else features, else one for the layer.
    places
        Every place, in the order of the features.
    in_plane
        Whether places lie in the plane of judgement; if not, they are as delivered.
    """

    count: int
    places: tuple[Place, ...] = ()
    in_plane: bool = False

    @property
    def cure(self) -> Message:
        """What to do about this class of fault."""
        return say(f"cure.{self.rule_id}")


def make_defect(
    rule_id: str,
    layer: str,
    severity: Severity,
    message: Message,
    places: Iterable[Place] = (),
    *,
    ids: Sequence[str] = (),
    measured: float | None = None,
    unit: str = "",
    in_plane: bool = False,
    count: int | None = None,
) -> Defect:
    """Gather places into one defect; its ids are those of the places, each once, and `ids`."""
    found = tuple(places)
    named = dict.fromkeys(name for place in found for name in place.ids)
    named.update(dict.fromkeys(ids))
    figure = measured if measured is not None and math.isfinite(measured) else None
    return Defect(
        rule_id=rule_id,
        layer=layer,
        status=Status.NOT_MET,
        severity=severity,
        message=message,
        feature_ids=tuple(named),
        measured=figure,
        unit=unit if figure is not None else "",
        count=(len(found) or len(named) or 1) if count is None else count,
        places=found,
        in_plane=in_plane,
    )


def points_on(shapes: NDArray[np.object_]) -> list[BaseGeometry | None]:
    """Return a point on each shape, whatever state it is in; None where it has no coordinates."""
    try:
        points = shapely.point_on_surface(shapes)
    except shapely.GEOSException:
        points = np.full(len(shapes), None, dtype=object)
    bare = shapely.is_missing(points) | shapely.is_empty(points)
    for row in np.flatnonzero(bare & ~shapely.is_missing(shapes)):
        vertices = shapely.get_coordinates(shapes[row])
        finite = vertices[np.isfinite(vertices).all(axis=1)]
        points[row] = shapely.Point(finite[0]) if len(finite) else None
    return list(points)


def places_of(
    ids: NDArray[np.object_],
    rows: NDArray[np.intp],
    geometry: NDArray[np.object_] | Sequence[BaseGeometry | None],
    *,
    measured: NDArray[np.float64] | None = None,
) -> list[Place]:
    """Return one place a row; `geometry` and `measured` go with `rows`."""
    figures: Sequence[float | None] = [None] * len(rows) if measured is None else measured.tolist()
    return [
        Place(ids=(str(name),), geometry=shape, measured=figure)
        for name, shape, figure in zip(ids[rows], geometry, figures, strict=True)
    ]
