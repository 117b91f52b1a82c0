"""The change matrix (变化矩阵): what ground was in the earlier edition, and is in the later one.

The counted thing is ground: of every cell the part inside a zone, exactly, times the cell's
ellipsoidal area. Ground under several features of a zone counts once. Cells without a value in
either edition, and ground beyond the common grid, are summed apart: with them a matrix adds up to
its zone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.cells import ClassSums, LaidZones, lay_zones
from spatialplan.changes.activity import shows_new_activity
from spatialplan.changes.coding import PairCodes
from spatialplan.crs import Plane
from spatialplan.layers import Grid, Layer
from spatialplan.overlay import cut_zones
from spatialplan.plan import LegendClass

__all__ = [
    "GroundZone",
    "MatrixCell",
    "ZoneMatrix",
    "lay_ground",
    "list_zones",
    "make_matrices",
]

Part = Literal["line", "zone", "region"]


@dataclass(frozen=True, slots=True)
class GroundZone:
    """Ground that has a matrix: a whole layer, one zone of it, or the region.

    `shapes` lie in the plane of judgement and have no interior in common.
    """

    layer: str
    title: str
    zone: str
    part: Part
    shapes: NDArray[np.object_]

    @property
    def area_m2(self) -> float:
        """Official area, ground under several features counted once."""
        return math.fsum(shapely.area(self.shapes))


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Ground of one class before and one after; None: a value that the legend lacks.

    `is_change` says that the class is another one; where the two editions have legends of their
    own, that the kind of cover is. A value that a legend lacks counts as a change.
    """

    before: LegendClass | None
    after: LegendClass | None
    area_m2: float
    is_change: bool

    @property
    def is_new_activity(self) -> bool:
        """Tell whether it is new human activity."""
        if self.before is None or self.after is None:
            return False
        return shows_new_activity(self.before.kind, self.after.kind)


@dataclass(frozen=True, slots=True)
class ZoneMatrix:
    """The matrix of one zone; `cells` by class before, then after, unknown values last.

    `nodata_m2` lies under cells without a value in either edition, `outside_m2` beyond the grid.
    """

    zone: GroundZone
    area_m2: float
    cells: tuple[MatrixCell, ...]
    nodata_m2: float
    outside_m2: float

    @property
    def changed_m2(self) -> float:
        """Ground of another class than before, m²."""
        return math.fsum(cell.area_m2 for cell in self.cells if cell.is_change)

    @property
    def activity_m2(self) -> float:
        """Ground with new human activity, m²."""
        return math.fsum(cell.area_m2 for cell in self.cells if cell.is_new_activity)

    @property
    def unknown_m2(self) -> float:
        """Ground of which a value is in no legend, m²."""
        return math.fsum(
            cell.area_m2 for cell in self.cells if cell.before is None or cell.after is None
        )


def list_zones(layer: Layer, *, part: Part = "line") -> list[GroundZone]:
    """Return the ground of a layer as a whole and, where it has them, of each of its zones."""
    spec = layer.spec
    whole = GroundZone(spec.id, spec.title, "", part, _ground(layer.geometry))
    if part == "region" or spec.zone_field is None:
        return [whole]
    names = layer.text(spec.zone_field)
    zones = [
        GroundZone(spec.id, spec.title, name, "zone", _ground(layer.geometry[names == name]))
        for name in sorted(set(names.tolist()))
        if name
    ]
    return [whole, *zones]


def lay_ground(zones: Sequence[GroundZone], grid: Grid, plane: Plane) -> LaidZones:
    """Lay zones on a grid, for `spatialplan.cells.sum_classes`; the first zone is number 0."""
    empty = np.zeros(0, dtype=object)
    shapes = np.concatenate([empty, *(zone.shapes for zone in zones)])
    owner = np.repeat(np.arange(len(zones)), [len(zone.shapes) for zone in zones])
    return lay_zones(shapes, grid, plane, owner=owner)


def make_matrices(
    zones: Sequence[GroundZone], sums: ClassSums, codes: PairCodes
) -> tuple[ZoneMatrix, ...]:
    """Put sums by code into words, zone by zone."""
    pairs = [codes.decode(int(code)) for code in sums.values]
    return tuple(
        ZoneMatrix(
            zone=zone,
            area_m2=zone.area_m2,
            cells=tuple(_cells(pairs, sums.area_m2[place], alike=codes.before == codes.after)),
            nodata_m2=float(sums.nodata_m2[place]),
            outside_m2=float(sums.outside_m2[place]),
        )
        for place, zone in enumerate(zones)
    )


def _cells(
    pairs: Sequence[tuple[LegendClass | None, LegendClass | None]],
    areas: NDArray[np.float64],
    *,
    alike: bool,
) -> Iterable[MatrixCell]:
    for (before, after), area in zip(pairs, areas.tolist(), strict=True):
        if area > 0:
            yield MatrixCell(before, after, area, _is_change(before, after, alike))


def _is_change(before: LegendClass | None, after: LegendClass | None, alike: bool) -> bool:
    if before is None or after is None:
        return True
    return before.value != after.value if alike else before.kind != after.kind


def _ground(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Dissolve what overlaps: ground under several features counts once."""
    return cut_zones(shapes, assume_valid=True).parts
