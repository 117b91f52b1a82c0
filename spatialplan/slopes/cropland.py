"""Cropland on slopes, beside the slope class that the parcels state (耕地坡度级别 GDPDJB).

Slope classes of the national land survey: 1 up to 2°, 2 up to 6°, 3 up to 15°, 4 up to 25°, 5 over
25° (TD/T 1055). A parcel of the survey has one class; a raster gives its ground cell by cell. Areas
are those of the shapes, ridges (田坎) included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.cells import grid_bounds, lay_zones, sum_classes
from spatialplan.layers import CellWindow, Grid, Layer, RasterLayer, ReadWindows
from spatialplan.slopes.gradient import slope_window

__all__ = ["CLASS_LIMITS", "CROPLAND_CODE", "CroplandSlope", "TownshipSlope", "judge_cropland"]

# Upper bounds of the slope classes 1 to 4, degrees; 5 has none.
CLASS_LIMITS = (2.0, 6.0, 15.0, 25.0)
CLASSES = len(CLASS_LIMITS) + 1

CROPLAND_CODE = "01"

# Under this share of all cropland, ground without a slope is what rounding leaves.
UNKNOWN_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class TownshipSlope:
    """Cropland of one township by measured slope class, m²; blank for what no unit holds."""

    township: str
    class_m2: tuple[float, ...]
    unknown_m2: float


@dataclass(frozen=True, slots=True)
class CroplandSlope:
    """Cropland by slope.

    Attributes
    ----------
    raster, layer
        Elevation and land parcels.
    table_m2
        Area by stated class (rows: 1 to 5, then none stated) and by measured class (columns: 1 to
        5, then not known), m².
    townships
        In the order of their names in the layer; a parcel counts where its inner point lies.
    states_classes
        Whether the parcels state a slope class at all.
    """

    raster: RasterLayer
    layer: Layer
    table_m2: tuple[tuple[float, ...], ...]
    townships: tuple[TownshipSlope, ...]
    states_classes: bool

    def measured_m2(self, place: int) -> float:
        """Area of a measured class, 0 to 4; 5 for ground whose slope is not known."""
        return sum(row[place] for row in self.table_m2)

    def stated_m2(self, place: int) -> float:
        """Area of a stated class, 0 to 4; 5 where none is stated."""
        return sum(self.table_m2[place])

    @property
    def unknown_m2(self) -> float:
        """Area of cropland whose slope is not known."""
        return self.measured_m2(CLASSES)

    @property
    def is_partly_unknown(self) -> bool:
        """Whether more than a trace of cropland has no known slope."""
        return self.unknown_m2 > UNKNOWN_SHARE * self.area_m2

    @property
    def agreeing_m2(self) -> float:
        """Area whose stated class is the measured one."""
        return sum(self.table_m2[place][place] for place in range(CLASSES))

    @property
    def area_m2(self) -> float:
        """All cropland."""
        return sum(map(sum, self.table_m2))


def judge_cropland(
    layer: Layer, raster: RasterLayer, *, read: ReadWindows, townships: Layer | None = None
) -> CroplandSlope | None:
    """Measure cropland by slope class.

    Parameters
    ----------
    layer
        Land parcels with a class code; cropland begins with 01.
    raster
        Elevation.
    read
        Reads the raster's windows.
    townships
        Units that parcels are counted in.

    Returns
    -------
    slope
        None if the layer has no cropland.

    Raises
    ------
    ConservationError
        If the classes do not add up to the parcels.
    """
    codes = layer.text(layer.spec.class_field)
    rows = np.flatnonzero([str(code).startswith(CROPLAND_CODE) for code in codes])
    if not len(rows):
        return None
    shapes = layer.geometry[rows]
    stated = _stated(layer, rows)
    names, unit = _units(shapes, townships)
    owner = unit * (CLASSES + 1) + stated
    zones = lay_zones(shapes, raster.grid, layer.plane, owner=owner)
    bounds = grid_bounds(shapes, raster.grid, layer.plane)
    sums = sum_classes(_classed(read(bounds=bounds, ring=1), raster.grid), zones)
    groups = np.zeros((len(names) * (CLASSES + 1), CLASSES + 1))
    for place in range(CLASSES):
        groups[: zones.count, place] = sums.of(place + 1)
    groups[: zones.count, CLASSES] = sums.nodata_m2 + sums.outside_m2
    table = groups.reshape(len(names), CLASSES + 1, CLASSES + 1)
    return CroplandSlope(
        raster=raster,
        layer=layer,
        table_m2=tuple(tuple(row) for row in table.sum(axis=0).tolist()),
        townships=tuple(
            TownshipSlope(name, tuple(areas[:CLASSES].tolist()), float(areas[CLASSES]))
            for name, areas in zip(names, table.sum(axis=1), strict=True)
            if areas.sum() > 0
        ),
        states_classes=bool((stated < CLASSES).any()),
    )


def _stated(layer: Layer, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Stated class of every parcel, 0 to 4; 5 where none, or none that is known, is stated."""
    known = {str(number): number - 1 for number in range(1, CLASSES + 1)}
    texts = layer.text(layer.spec.slope_field)[rows]
    return np.array([known.get(str(text), CLASSES) for text in texts], dtype=np.int64)


def _units(
    shapes: NDArray[np.object_], townships: Layer | None
) -> tuple[list[str], NDArray[np.int64]]:
    """Names of the units, a blank one last, and the unit of each shape."""
    none = np.zeros(len(shapes), dtype=np.int64)
    if townships is None:
        return [""], none
    names = [str(name) for name in townships.text(townships.spec.name_field)]
    unit = none + len(names)
    inner = shapely.STRtree(shapely.point_on_surface(shapes))
    # The units ask, for who asks is prepared.
    holder, found = inner.query(townships.geometry, predicate="intersects")
    np.minimum.at(unit, found, holder)
    return [*names, ""], unit


def _classed(windows: Iterable[CellWindow], grid: Grid) -> Iterator[CellWindow]:
    """Slope classes 1 to 5 instead of heights."""
    for window in windows:
        slopes = slope_window(window, grid)
        classes = np.searchsorted(CLASS_LIMITS, slopes.values, side="left") + 1
        yield CellWindow(slopes.row, slopes.column, classes.astype(np.uint8), slopes.valid)
