"""Land cover as a light picture on the map: nearest cells, in the page's own projection.

Every pixel shows the class of the cell that holds its middle; nothing is blended. The picture is
drawn in Web Mercator, because the page is, so it lies on the vectors to half a pixel.
"""

from __future__ import annotations

import base64
import io
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spatialplan.crs import from_degrees
from spatialplan.files import read_windows
from spatialplan.layers import RasterLayer

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
    longitude = west + (np.arange(columns) + 0.5) * (east - west) / columns
    latitude = _latitudes(high - (np.arange(rows) + 0.5) * height_m / rows)
    shown = _nearest(raster, longitude, latitude)
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


def _nearest(raster: RasterLayer, longitude: Points, latitude: Points) -> NDArray[np.uint8]:
    """Position in the legend, from 1 on, of the class at every pixel; 0 for none."""
    grid = raster.grid
    places = np.column_stack([axis.ravel() for axis in np.meshgrid(longitude, latitude)])
    points = from_degrees(places, grid.crs)
    column = np.floor((points[:, 0] - grid.west) / grid.step_east)
    row = np.floor((grid.north - points[:, 1]) / grid.step_south)
    inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
    found = np.zeros(len(places), dtype=np.uint8)
    pixel = np.flatnonzero(inside)
    if not len(pixel):
        return found.reshape(len(latitude), len(longitude))
    row, column = row[pixel].astype(np.int64), column[pixel].astype(np.int64)
    order = np.argsort(row, kind="stable")
    pixel, row, column = pixel[order], row[order], column[order]
    values = np.array([entry.value for entry in raster.legend], dtype=np.int64)
    for window in read_windows(raster):
        height, width = window.values.shape
        near = slice(*np.searchsorted(row, [window.row, window.row + height]))
        there = (column[near] >= window.column) & (column[near] < window.column + width)
        r, c = row[near][there] - window.row, column[near][there] - window.column
        match = window.values[r, c][:, None] == values[None, :]
        known = match.any(axis=1) & window.valid[r, c]
        found[pixel[near][there]] = np.where(known, match.argmax(axis=1) + 1, 0)
    return found.reshape(len(latitude), len(longitude))


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
