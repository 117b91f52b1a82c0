"""Smooth fields that decide what lies where: relief, distance to water, noise.

All functions take points in EPSG:4530, easting and northing in metres, shape (n, 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import cKDTree

from wuchang import places
from wuchang.measure import WORKING, transformer
from wuchang.sources import read_county, read_lalin

Points = NDArray[np.float64]

_SEED = 230184


def random_source(purpose: str) -> np.random.Generator:
    """Make a generator for one purpose, so that one change does not shift the rest."""
    return np.random.default_rng([_SEED, *purpose.encode("ascii")])


def project(lonlat: Points | tuple[tuple[float, float], ...]) -> Points:
    """Longitude and latitude to the working plane, rounded to 0.0001 m."""
    pairs = np.asarray(lonlat, dtype=float)
    moved = transformer(4490, WORKING).transform(pairs[:, 0], pairs[:, 1])
    return np.round(np.column_stack(moved), 4)


def spline(points: Points, *, step_m: float) -> Points:
    """Smooth curve through points (Catmull-Rom), a vertex every `step_m`."""
    padded = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, 24, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return resample(np.vstack([*pieces, points[-1:]]), step_m=step_m)


def resample(points: Points, *, step_m: float) -> Points:
    """Points at equal steps along a line, ends kept."""
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    at = np.linspace(0, along[-1], max(2, round(along[-1] / step_m) + 1))
    return np.column_stack([np.interp(at, along, points[:, k]) for k in (0, 1)])


@dataclass(frozen=True)
class Noise:
    """Smooth noise of unit variance with features about `wavelength_m` wide."""

    purpose: str
    wavelength_m: float

    def __call__(self, points: Points) -> NDArray[np.float64]:
        """Noise at each point, shape (n,)."""
        at = (points - self._grid[0]) / (self.wavelength_m / 3)
        return np.asarray(map_coordinates(self._grid[1], at.T, order=1, mode="nearest"))

    @cached_property
    def _grid(self) -> tuple[Points, NDArray[np.float64]]:
        origin = np.array([42_525_000.0, 4_870_000.0])
        cells = (np.array([175_000.0, 185_000.0]) / (self.wavelength_m / 3)).astype(int) + 4
        rough = random_source(self.purpose).standard_normal(tuple(cells))
        smooth = gaussian_filter(rough, 1.2)
        return origin, smooth / smooth.std()


@dataclass(frozen=True)
class Terrain:
    """Relief of the county: mountains in the south-east, plain in the north-west."""

    county: shapely.Polygon
    lalin: Points
    mangniu: Points

    @cached_property
    def _valleys(self) -> tuple[cKDTree, NDArray[np.float64]]:
        lines = [(self.lalin, 1.0), (self.mangniu, 0.9)]
        lines += [(spline(project(v), step_m=300.0), 0.55) for v in places.SIDE_VALLEYS]
        points = np.vstack([resample(line, step_m=100.0) for line, _ in lines])
        weight = np.concatenate(
            [np.full(len(resample(line, step_m=100.0)), w) for line, w in lines]
        )
        return cKDTree(points), weight

    def upland(self, points: Points) -> NDArray[np.float64]:
        """Kilometres towards the south-east of Wuchang town, across the mountain front."""
        east, north = ((points - project(((127.16, 44.928),))) / 1000.0).T
        return np.asarray((east - north) / np.sqrt(2))

    def valley(self, points: Points) -> NDArray[np.float64]:
        """Nearness to a valley floor, 0 (far) to 1 (in it); valleys narrow upstream."""
        tree, weight = self._valleys
        distance, nearest = tree.query(points)
        u = self.upland(points)
        width = weight[nearest] * np.interp(u, [0, 25, 45, 65, 95], [7000, 5200, 3600, 2600, 1900])
        return np.asarray(np.exp(-((distance / width) ** 2)))

    def elevation(self, points: Points) -> NDArray[np.float64]:
        """Metres above sea level."""
        u = self.upland(points)
        floor = 150.0 + 0.9 * (u + 70) + 1.6 * np.clip(u - 30, 0, None)
        ramp = np.clip((u - 14) / 66, 0, 1)
        mountains = 700.0 * ramp**2 * (3 - 2 * ramp)
        rough = 70 * _RIDGES(points) + 62 * _HILLS(points)
        rise = mountains + rough * np.clip((u + 5) / 45, 0.05, 1.6)
        return np.asarray(floor + np.clip(rise, -5, None) * (1 - 0.97 * self.valley(points)))

    def slope(self, points: Points) -> NDArray[np.float64]:
        """Degrees, over 500 m, with local roughness."""
        step = np.array([[250.0, 0.0], [0.0, 250.0]])
        rise = [self.elevation(points + s) - self.elevation(points - s) for s in step]
        smooth = np.degrees(np.arctan(np.hypot(*rise) / 500.0))
        return np.asarray(np.clip(smooth * (1.1 + 0.3 * _LOCAL(points)), 0, 48))


_RIDGES = Noise("ridges", 9000.0)
_HILLS = Noise("hills", 3000.0)
_LOCAL = Noise("local slope", 1500.0)


def read_terrain() -> Terrain:
    """Terrain of the county, with both rivers in the working plane."""
    outline = shapely.Polygon(project(shapely.get_coordinates(read_county())))
    lalin = project(read_lalin())
    return Terrain(county=outline, lalin=lalin, mangniu=_mangniu(lalin))


def _mangniu(lalin: Points) -> Points:
    """Course of the Mangniu with meanders, ending on a vertex of the Lalin."""
    course = spline(project(places.MANGNIU_COURSE), step_m=150.0)
    swing = np.column_stack(
        [Noise("meander east", 2200.0)(course), Noise("meander north", 2200.0)(course)]
    )
    fade = np.minimum(1, np.arange(len(course))[::-1] / 40)[:, None]
    course = course + 170.0 * swing * fade
    mouth = lalin[np.argmin(np.hypot(*(lalin - course[-1]).T))]
    return np.round(np.vstack([course[:-6], mouth]), 4)
