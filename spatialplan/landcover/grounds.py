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
    def on(cls, grid: Grid, grounds: Grounds, plane: Plane) -> LaidGrounds:
        """Lay grounds of a plane of judgement on a grid."""
        zones = lay_zones(grounds.shapes, grid, plane, owner=grounds.owner)
        return cls(grounds, zones, KnownCovers())


def divide_grounds(layers: Iterable[Layer], townships: Layer | None) -> Grounds:
    """Divide layers by their zones and by townships; ground that features share counts once."""
    places: list[Place] = []
    shapes: list[Geometries] = [np.empty(0, dtype=object)]
    owner: list[Integers] = [np.empty(0, dtype=np.int64)]
    for layer in layers:
        for zone, members in _zones(layer):
            ground = cut_zones(layer.geometry[members], assume_valid=True).pieces
            for township, parts in _by_township(ground, townships):
                owner.append(np.full(len(parts), len(places), dtype=np.int64))
                shapes.append(parts)
                places.append((layer.spec.id, zone, township))
    return Grounds(tuple(places), np.concatenate(shapes), np.concatenate(owner))


def layer_ground(layer: Layer) -> Geometries:
    """Return a layer's ground as small polygons that do not overlap."""
    return cut_zones(layer.geometry, assume_valid=True).pieces


def _zones(layer: Layer) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield the whole layer, and then its zones where it has several."""
    yield "", np.ones(len(layer.frame), dtype=np.bool_)
    names = layer.text(layer.spec.zone_field)
    known = list(dict.fromkeys(str(name) for name in names))
    if len(known) > 1:
        for name in known:
            yield name or NO_ZONE, np.asarray(names == name)


def _by_township(ground: Geometries, townships: Layer | None) -> Iterator[tuple[str, Geometries]]:
    if townships is None:
        yield "", ground
        return
    pieces = overlap_pieces(ground, townships.geometry, assume_valid=True)
    names = townships.text(townships.spec.name_field)
    for name in dict.fromkeys(names):
        parts = pieces.geometry[np.isin(pieces.b_index, np.flatnonzero(names == name))]
        if len(parts):
            yield str(name), parts
    outside = outside_pieces(ground, townships.geometry, assume_valid=True).geometry
    if len(outside):
        yield "", outside
