"""The parcels before any use is given to them: fields, areas, neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from wuchang.calibration import Floats, Mask
from wuchang.seeds import Kind, Seeds
from wuchang.terrain import Noise, Points, Terrain, project, random_source
from wuchang.tessellation import Index


@dataclass(frozen=True)
class Ground:
    """Every parcel's seed, kind and fields; areas in m², all arrays in the seeds' order."""

    points: Points
    kind: NDArray[np.int8]
    area: Floats
    upland: Floats
    valley: Floats
    elevation: Floats
    slope: Floats
    speckle: Floats
    sides: Index

    def is_kind(self, *kinds: Kind) -> Mask:
        """Parcels set for one of these purposes."""
        return np.isin(self.kind, kinds)

    def noise(self, purpose: str, wavelength_m: float) -> Floats:
        """Smooth noise at the parcels, unit variance."""
        return Noise(purpose, wavelength_m)(self.points)

    def distance(self, lon: float, lat: float) -> Floats:
        """Metres from a place."""
        return np.asarray(np.hypot(*(self.points - project(((lon, lat),))).T))

    def touching(self, mask: Mask) -> Mask:
        """Parcels with at least one neighbour in the mask."""
        found = np.zeros(len(mask), dtype=bool)
        for here, there in ((0, 1), (1, 0)):
            found[self.sides[mask[self.sides[:, there]], here]] = True
        return found

    def inner(self, mask: Mask) -> Mask:
        """Parcels of the mask whose neighbours all belong to it."""
        return np.asarray(mask & ~self.touching(~mask))

    def parts(self, mask: Mask) -> NDArray[np.int64]:
        """Label each parcel of the mask with its connected part, others with -1."""
        inside = mask[self.sides[:, 0]] & mask[self.sides[:, 1]]
        label = connected_components(self._graph(inside), directed=False)[1]
        return np.where(mask, label, -1).astype(np.int64)

    def neighbours(self, parcel: int) -> Index:
        """Parcels that share a border with one."""
        hit = (self.sides == parcel).any(axis=1)
        pair = self.sides[hit]
        return np.unique(pair[pair != parcel])

    def _graph(self, used: Mask) -> csr_array:
        rows, columns = self.sides[used].T
        size = (len(self.kind), len(self.kind))
        return coo_array((np.ones(len(rows)), (rows, columns)), shape=size).tocsr()


def survey_ground(terrain: Terrain, seeds: Seeds, sides: Index, area: Floats) -> Ground:
    """Fields of the terrain taken at each seed."""
    points = seeds.points
    return Ground(
        points=points,
        kind=seeds.kind,
        area=area,
        upland=terrain.upland(points),
        valley=terrain.valley(points),
        elevation=terrain.elevation(points),
        slope=terrain.slope(points),
        speckle=random_source("speckle").standard_normal(len(points)),
        sides=sides,
    )
