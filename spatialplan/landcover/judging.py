"""Land cover (地表覆盖) inside the lines: hectares and shares of every class, by zone and township.

A share's denominator is the ellipsoidal area of the ground that it is a share of. What the raster
does not tell is kept apart: cells without a value, cells whose value the legend does not list, and
ground that the raster does not reach. Classes are never resampled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from spatialplan.cells import cell_areas, grid_bounds, sum_classes
from spatialplan.crs import Plane
from spatialplan.landcover.grounds import LaidGrounds, Place, divide_grounds
from spatialplan.landcover.results import GroundCover, LandCover, UnknownValue
from spatialplan.layers import CellWindow, Layer, RasterLayer, ReadWindows

__all__ = ["covered_layers", "judge_land_cover"]

# Layers that are no ground to look into: parcels are land cover themselves, and townships divide
# the others.
UNCOVERED_ROLES = frozenset({"land_parcel", "administrative_area"})

# Ground in no township that is printed as 0.00 ha is what two projections make of one border.
UNPRINTED_M2 = 50.0

Areas = NDArray[np.float64]


def covered_layers(layers: Iterable[Layer]) -> list[Layer]:
    """Return the layers whose cover is told: polygons but parcels and townships."""
    return [
        layer
        for layer in layers
        if layer.spec.geometry == "polygon"
        and layer.spec.role not in UNCOVERED_ROLES
        and len(layer.frame)
    ]


def judge_land_cover(
    raster: RasterLayer,
    layers: Sequence[Layer],
    *,
    read: ReadWindows,
    townships: Layer | None = None,
    laid: LaidGrounds | None = None,
) -> LandCover:
    """Tell which classes the ground of layers holds.

    Parameters
    ----------
    raster
        A land-cover raster that passed its gate.
    layers
        Polygon layers in one plane of judgement.
    read
        Reads the raster's windows.
    townships
        Units by which the ground is broken down.
    laid
        The layers divided and laid on the raster's grid before, which pays where there are several
        editions.

    Raises
    ------
    SourceError
        If the raster turns out to be damaged.
    ConservationError
        If classes do not add up to the ground.
    """
    if not layers:
        return LandCover(raster, ())
    plane = layers[0].plane
    if laid is None:
        laid = LaidGrounds.on(raster.grid, divide_grounds(layers, townships), plane)
    grounds = laid.grounds
    if not len(grounds.shapes):
        return LandCover(raster, ())
    bounds = grid_bounds(grounds.shapes, raster.grid, plane)
    unknown = _Unknown(raster, plane)
    sums = sum_classes(unknown.watch(read(bounds=bounds)), laid.zones, known=laid.known)
    known = [entry.value for entry in raster.legend]
    columns = [sums.of(value) for value in known]
    other = sums.area_m2[:, ~np.isin(sums.values, known)].sum(axis=1)
    parts = np.column_stack([*columns, other, sums.nodata_m2, sums.outside_m2])
    rows = tuple(_rows(grounds.places, grounds.area_m2(), parts, by_township=townships is not None))
    return LandCover(raster, rows, unknown.found())


def _rows(
    places: Sequence[Place], areas: Areas, parts: Areas, *, by_township: bool
) -> Iterator[GroundCover]:
    """Yield every layer and zone as a whole, followed by its townships."""
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, (layer, zone, _) in enumerate(places):
        members[layer, zone].append(number)
    for (layer, zone), numbers in members.items():
        whole = float(areas[numbers].sum())
        yield _row(layer, zone, None, whole, parts[numbers].sum(axis=0))
        for number in numbers if by_township else ():
            township = places[number][2]
            if township or areas[number] >= UNPRINTED_M2:
                yield _row(layer, zone, township, float(areas[number]), parts[number])


def _row(layer: str, zone: str, township: str | None, area_m2: float, parts: Areas) -> GroundCover:
    *classes, unknown, nodata, outside = (float(part) for part in parts)
    return GroundCover(layer, zone, township, area_m2, tuple(classes), unknown, nodata, outside)


class _Unknown:
    """Counts cells whose value the legend does not list, while windows pass."""

    def __init__(self, raster: RasterLayer, plane: Plane) -> None:
        self.raster, self.plane = raster, plane
        self.known = np.array(sorted(entry.value for entry in raster.legend))
        self.cells: dict[int, int] = defaultdict(int)
        self.area_m2: dict[int, float] = defaultdict(float)

    def watch(self, windows: Iterable[CellWindow]) -> Iterator[CellWindow]:
        for window in windows:
            self._count(window)
            yield window

    def _count(self, window: CellWindow) -> None:
        strange = window.valid & ~np.isin(window.values, self.known)
        if not strange.any():
            return
        height, width = strange.shape
        areas = cell_areas(
            self.raster.grid,
            self.plane,
            row=window.row,
            column=window.column,
            height=height,
            width=width,
        )
        for value in np.unique(window.values[strange]):
            chosen = strange & (window.values == value)
            self.cells[int(value)] += int(chosen.sum())
            self.area_m2[int(value)] += float(areas[chosen].sum())

    def found(self) -> tuple[UnknownValue, ...]:
        return tuple(
            UnknownValue(value, self.cells[value], self.area_m2[value])
            for value in sorted(self.cells)
        )
