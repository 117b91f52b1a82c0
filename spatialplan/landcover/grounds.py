"""The ground of layers, divided by zones and townships into parts that do not overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.cells import KnownCovers, LaidZones, lay_zones
from spatialplan.crs import Plane
from spatialplan.layers import Grid, Layer
from spatialplan.overlay import cut_zones, outside_pieces, overlap_pieces

__all__ = ["Grounds", "LaidGrounds", "Place", "divide_grounds", "layer_ground"]

# A layer, its zone (blank: the whole layer) and a township (blank: in none).
Place = tuple[str, str, str]

# What stands for features that name no zone.
NO_ZONE = "\N{EM DASH}"

Geometries = NDArray[np.object_]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grounds:
    """Ground cut into small polygons.

    Attributes
    ----------
    places
        What is ground of its own, in the layers' order.
    shapes, owner
        Polygons in the plane, object[n], and the place that each belongs to, int64[n]; those of
        one place do not overlap.
    """

    places: tuple[Place, ...]
    shapes: Geometries
    owner: Integers

    def area_m2(self) -> NDArray[np.float64]:
        """Ellipsoidal area of each place, float64[places]."""
        areas = np.bincount(self.owner, shapely.area(self.shapes), len(self.places))
        return areas.astype(np.float64)


@dataclass(frozen=True, slots=True)
class LaidGrounds:
    """Grounds laid on a grid once, for every edition of land cover on it."""

    grounds: Grounds
    zones: LaidZones
    known: KnownCovers

    @classmethod
    def on(cls, grid: Grid, grounds: Grounds, plane: Plane, *, editions: int = 1) -> LaidGrounds:
        """Lay grounds of a plane of judgement on a grid; for a single edition nothing is kept."""
        zones = lay_zones(grounds.shapes, grid, plane, owner=grounds.owner)
        return cls(grounds, zones, KnownCovers() if editions > 1 else KnownCovers(most_kept=0))


def divide_grounds(layers: Iterable[Layer], townships: Layer | None) -> Grounds:
    """Divide layers by their zones and by townships; ground that features share counts once."""
    grounds = [(layer.spec.id, *zone) for layer in layers for zone in _zones(layer)]
    shapes = np.concatenate([np.empty(0, dtype=object), *(parts for _, _, parts in grounds)])
    ground = np.repeat(np.arange(len(grounds)), [len(parts) for _, _, parts in grounds])
    names, unit, row, parts = _by_township(shapes, townships)
    place = ground[row] * len(names) + unit
    filled, owner = np.unique(place, return_inverse=True)
    places = [(*grounds[number // len(names)][:2], names[number % len(names)]) for number in filled]
    return Grounds(tuple(places), parts, owner.astype(np.int64))


def layer_ground(layer: Layer) -> Geometries:
    """Return a layer's ground as small polygons that do not overlap."""
    return cut_zones(layer.geometry, assume_valid=True).pieces


def _zones(layer: Layer) -> Iterator[tuple[str, Geometries]]:
    """Yield the ground of the whole layer, and then of its zones where it has several."""
    yield "", layer_ground(layer)
    names = layer.text(layer.spec.zone_field)
    known = list(dict.fromkeys(str(name) for name in names))
    if len(known) > 1:
        for name in known:
            members = layer.geometry[np.asarray(names == name)]
            yield name or NO_ZONE, cut_zones(members, assume_valid=True).pieces


def _by_township(
    shapes: Geometries, townships: Layer | None
) -> tuple[list[str], Integers, Integers, Geometries]:
    """Divide shapes by the names of units; what no unit covers comes last, under a blank.

    Returns
    -------
    names
        Those of the units and a blank.
    name, shape, part
        Whose name each part has, which shape it comes from, and its geometry.
    """
    if townships is None:
        none = np.zeros(len(shapes), dtype=np.int64)
        return [""], none, np.arange(len(shapes)), shapes
    units = [str(name) for name in townships.text(townships.spec.name_field)]
    names = [*dict.fromkeys(units), ""]
    inside = overlap_pieces(shapes, townships.geometry, assume_valid=True)
    outside = outside_pieces(shapes, townships.geometry, assume_valid=True)
    name = np.array([names.index(unit) for unit in units], dtype=np.int64)[inside.b_index]
    return (
        names,
        np.concatenate([name, np.full(len(outside), len(names) - 1)]),
        np.concatenate([inside.a_index, outside.a_index]),
        np.concatenate([inside.geometry, outside.geometry]),
    )
