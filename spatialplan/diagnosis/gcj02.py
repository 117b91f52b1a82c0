"""GCJ-02, the shifted coordinates of online maps in China, and how it is suspected.

Coordinates in GCJ-02 carry the label of WGS 84 and lie some hundreds of metres off. A layer alone
does not show it. Beside a region whose border the layer should follow, it does: then its border
lies on the region's border once that is shifted, and not before.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.crs import CGCS2000, Plane

__all__ = ["looks_shifted", "shift_to_gcj02"]

# Krasovsky 1940 and the squared eccentricity, as the published obfuscation uses them.
AXIS_M, ECCENTRICITY = 6378245.0, 0.00669342162296594323
# Where its polynomials have their origin, degrees.
EAST, NORTH = 105.0, 35.0
# A border that follows another lies on it to this; the shift is hundreds of metres.
FOLLOWS_M, OFF_M = 30.0, 100.0
# So much of a border must be compared for a verdict.
LEAST_VERTICES = 20
MOST_VERTICES = 5_000

Degrees = NDArray[np.float64]


def shift_to_gcj02(degrees: Degrees) -> Degrees:
    """Shift WGS 84 longitude and latitude, (n, 2), as online maps in China do.

    Examples
    --------
    The shift at Beijing, as published with the algorithm:

    >>> shift_to_gcj02(np.array([[116.404, 39.915]])).round(4).tolist()
    [[116.4102, 39.9164]]
    """
    x, y = degrees[:, 0] - EAST, degrees[:, 1] - NORTH
    root = np.sqrt(np.abs(x))
    waves = 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + waves * 2 / 3
    north += (20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3)) * 2 / 3
    north += (160 * np.sin(np.pi * y / 12) + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + waves * 2 / 3
    east += (20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3)) * 2 / 3
    east += (150 * np.sin(np.pi * x / 12) + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    latitude = np.radians(degrees[:, 1])
    magic = 1 - ECCENTRICITY * np.sin(latitude) ** 2
    north_degree = AXIS_M * (1 - ECCENTRICITY) / magic**1.5 * np.pi / 180
    east_degree = AXIS_M / np.sqrt(magic) * np.cos(latitude) * np.pi / 180
    shift: Degrees = np.column_stack([east / east_degree, north / north_degree])
    return degrees + shift


def looks_shifted(border: shapely.Geometry, region: shapely.Geometry, plane: Plane) -> bool | None:
    """Tell whether a layer's outer border follows the region's border only once that is shifted.

    Parameters
    ----------
    border
        The outline of the layer, lines in the plane.
    region
        The border of the region, lines in the plane.

    Returns
    -------
    shifted
        None where it cannot be told: the border follows the region's neither way.
    """
    vertices = shapely.get_coordinates(border)
    if len(vertices) < LEAST_VERTICES:
        return None
    points = shapely.points(vertices[:: max(1, len(vertices) // MOST_VERTICES)])
    shifted = shapely.transform(region, lambda metres: _shift(metres, plane))
    shapely.prepare([region, shifted])
    plain, moved = (np.median(shapely.distance(line, points)) for line in (region, shifted))
    if plain <= FOLLOWS_M:
        return False
    return True if moved <= FOLLOWS_M and plain >= OFF_M else None


def _shift(metres: NDArray[np.float64], plane: Plane) -> NDArray[np.float64]:
    return plane.project(shift_to_gcj02(plane.unproject(metres)), CGCS2000)
