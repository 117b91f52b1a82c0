"""Land cover as a light picture on the map: nearest cells, in the page's own projection.

Every pixel shows the class of the cell that holds its middle; nothing is blended. The picture is
drawn in Web Mercator, because the page is, so it lies on the vectors to half a pixel.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spatialplan.cells import interpolate
from spatialplan.crs import from_degrees
from spatialplan.files import read_windows
from spatialplan.layers import RasterLayer
from spatialplan.plan import LegendClass

__all__ = ["ClassPicture", "draw_classes"]

# Pixels along the longer side: some 65 m in a county, whose picture is then 0.1 to 1 megabyte.
MOST_PIXELS = 2_400
# A finer picture than the cells would show no more.
LEAST_PIXEL_M = 10.0

MERCATOR_RADIUS_M = 6_378_137.0

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ClassPicture:
    """A picture of classes.

    Attributes
    ----------
    address
        The PNG as a data URI.
    bounds
        South-west and north-east corner: latitude, longitude.
    classes
        Title, kind and colour of every class that the picture shows, in the legend's order.
    pixel_m
        Size of a pixel on the ground.
    """

    address: str
    bounds: tuple[tuple[float, float], tuple[float, float]]
    classes: tuple[tuple[str, str, str], ...]
    pixel_m: float


def draw_classes(raster: RasterLayer, bounds: tuple[float, float, float, float]) -> ClassPicture:
    """Draw the classes of a raster.

    Parameters
    ----------
    raster
        Land cover with its legend.
    bounds
        West, south, east, north in degrees: what the picture shows.

    Raises
    ------
    SourceError
        If cells cannot be read.
    """
    west, south, east, north = bounds
    low, high = _mercator(south), _mercator(north)
    width_m, height_m = MERCATOR_RADIUS_M * math.radians(east - west), high - low
    ground = math.cos(math.radians((south + north) / 2))
    pixel = max(max(width_m, height_m) / MOST_PIXELS, LEAST_PIXEL_M / ground)
    columns, rows = max(1, round(width_m / pixel)), max(1, round(height_m / pixel))

    def place(column: Points, row: Points) -> Points:
        longitude = west + column.ravel() * (east - west) / columns
        latitude = _latitudes(high - row.ravel() * height_m / rows)
        points = from_degrees(np.column_stack([longitude, latitude]), raster.grid.crs)
        return points.T.reshape(2, *column.shape)

    size = {"height": rows, "width": columns}
    shown = _nearest(raster, *interpolate(place, **size, step_east_m=pixel, step_south_m=pixel))
    return ClassPicture(
        address=_png(shown, raster),
        bounds=((south, west), (north, east)),
        classes=tuple(
            (entry.title, entry.kind, entry.colour)
            for place, entry in enumerate(raster.legend, start=1)
            if (shown == place).any()
        ),
        pixel_m=pixel * ground,
    )


def _mercator(latitude: float) -> float:
    return MERCATOR_RADIUS_M * math.asinh(math.tan(math.radians(latitude)))


def _latitudes(northing: Points) -> Points:
    return np.degrees(np.arctan(np.sinh(northing / MERCATOR_RADIUS_M)))


def _nearest(raster: RasterLayer, east: Points, north: Points) -> NDArray[np.uint8]:
    """Position in the legend, from 1 on, of the class at every pixel; 0 for none."""
    grid = raster.grid
    row = np.floor((grid.north - north) / grid.step_south)
    column = np.floor((east - grid.west) / grid.step_east)
    found = np.zeros(row.shape, dtype=np.uint8)
    across, down = grid.step_east, grid.step_south
    bounds = (east.min() - across, north.min() - down, east.max() + across, north.max() + down)
    if not np.isfinite(bounds).all():
        return found  # the raster's projection has no place for the picture
    row_span, column_span = (
        (row.min(axis=1), row.max(axis=1)),
        (column.min(axis=0), column.max(axis=0)),
    )
    for window in read_windows(raster, bounds=bounds):
        height, width = window.values.shape
        near = np.ix_(
            (row_span[1] >= window.row) & (row_span[0] < window.row + height),
            (column_span[1] >= window.column) & (column_span[0] < window.column + width),
        )
        r, c = row[near] - window.row, column[near] - window.column
        there = (r >= 0) & (r < height) & (c >= 0) & (c < width)
        cells = r[there].astype(np.int64), c[there].astype(np.int64)
        part = found[near]
        part[there] = np.where(
            window.valid[cells], _legend_places(window.values[cells], raster.legend), 0
        )
        found[near] = part
    return found


def _legend_places(values: NDArray[Any], legend: Sequence[LegendClass]) -> NDArray[np.int64]:
    """Position in the legend, from 1 on, of every value; 0 for one that it lacks."""
    listed = np.array([entry.value for entry in legend], dtype=np.int64)
    order = np.argsort(listed)
    place = np.minimum(np.searchsorted(listed[order], values), len(listed) - 1)
    return np.where(listed[order][place] == values, order[place] + 1, 0)


def _png(shown: NDArray[np.uint8], raster: RasterLayer) -> str:
    """Picture with the legend's colours; what shows no class is clear."""
    picture = Image.fromarray(shown, mode="P")
    colours = [0, 0, 0]
    for entry in raster.legend:
        colours += [int(entry.colour[place : place + 2], 16) for place in (1, 3, 5)]
    picture.putpalette(colours)
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True, transparency=0)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
