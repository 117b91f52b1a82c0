"""The CRS gate: which coordinates may enter, and the one plane in which they are judged.

Everything is judged in the cylindrical equal-area projection of the CGCS2000 ellipsoid, in which
planar area is the official ellipsoidal area. Coordinates enter it only over a datum that is
CGCS2000, or WGS 84, which agrees with CGCS2000 within centimetres at one epoch and decimetres over
years of plate motion and is treated as the same. From any other datum PROJ would quietly shift
nothing ("ballpark transformation", wrong by tens to hundreds of metres), so it is refused.

Coordinates are always easting, northing or longitude, latitude, in that order, whatever the
authority's axis order is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertCylindricalEqualAreaConversion
from pyproj.exceptions import ProjError
from pyproj.transformer import TransformerGroup

from spatialplan.errors import CrsError, Fault
from spatialplan.messages import say

__all__ = [
    "CGCS2000",
    "Plane",
    "crs_label",
    "parse_crs",
    "require_known_datum",
    "to_degrees",
    "zone_crs",
]

CGCS2000 = CRS.from_epsg(4490)

# Datum names as PROJ and ESRI spell them.
SAME_DATUMS = frozenset(
    {
        "China 2000",
        "D_China_2000",
        "World Geodetic System 1984",
        "World Geodetic System 1984 ensemble",
        "D_WGS_1984",
    }
)


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane of judgement: cylindrical equal-area on CGCS2000.

    Areas do not depend on the two numbers; shapes are true near the standard parallel, so widths
    may be measured there.

    Attributes
    ----------
    latitude, longitude
        Standard parallel and central meridian, degrees.
    """

    latitude: float
    longitude: float

    @classmethod
    def around(cls, bounds: NDArray[np.float64]) -> Plane:
        """Place the plane at the middle of `bounds` (west, south, east, north; degrees)."""
        west, south, east, north = (float(edge) for edge in bounds)
        return cls(round((south + north) / 2, 2), round((west + east) / 2, 2))

    @property
    def crs(self) -> CRS:
        """The plane as a CRS on the CGCS2000 datum."""
        return _plane_crs(self.latitude, self.longitude)

    def project(self, coordinates: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
        """Take coordinates (n, 2) of a CRS that passed the gate into the plane, metres (n, 2)."""
        if not _on_same_datum(crs):
            coordinates, crs = to_degrees(coordinates, crs), CGCS2000
        # On one datum PROJ chains the two projections and shifts nothing, in one pass.
        return _run(_way(crs, self.crs), coordinates)

    def unproject(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take plane coordinates (n, 2) back to longitude, latitude in degrees (n, 2).

        PROJ's way back sums a short series and misses by half a millimetre; its way there is
        exact, so the miss is measured and taken off.
        """
        back = _way(self.crs, CGCS2000)
        miss = metres - self.project(_run(back, metres), CGCS2000)
        return _run(back, metres + miss)


def parse_crs(definition: Any, *, where: str) -> CRS:
    """Read a CRS from whatever pyproj understands (``"EPSG:4530"``, WKT, a CRS).

    Raises
    ------
    CrsError
        If it cannot be read.
    """
    try:
        return CRS.from_user_input(definition)
    except ProjError:
        raise CrsError(Fault(where, say("crs.unreadable", found=str(definition)[:80]))) from None


def require_known_datum(crs: CRS, *, where: str) -> CRS:
    """Return `crs` if PROJ leads from it to CGCS2000 without guessing.

    Raises
    ------
    CrsError
        If it is neither geographic nor projected, if PROJ cannot work with it, or if the datum is
        another one and no transformation with stated accuracy exists.
    """
    geodetic = crs.geodetic_crs
    if geodetic is None:
        raise CrsError(Fault(where, say("crs.not_earthbound", found=crs.name)))
    if not (crs.is_geographic or crs.is_projected):
        raise CrsError(Fault(where, say("crs.not_flat", found=crs.name)))
    if _on_same_datum(crs):
        _require_usable(crs, where)
        return crs
    if TransformerGroup(crs, CGCS2000, always_xy=True, allow_ballpark=False).transformers:
        return crs
    datum = geodetic.datum.name if geodetic.datum is not None else "?"
    raise CrsError(Fault(where, say("crs.no_way", found=crs.name, datum=datum)))


def _require_usable(crs: CRS, where: str) -> None:
    """Refuse a CRS that is well-formed but names a projection that PROJ does not know."""
    try:
        _way(crs, crs.geodetic_crs)
    except ProjError:
        raise CrsError(Fault(where, say("crs.unreadable", found=crs.name[:80]))) from None


def to_degrees(coordinates: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Take coordinates (n, 2) of a CRS that passed the gate to CGCS2000 longitude, latitude."""
    if not _on_same_datum(crs):
        group = TransformerGroup(crs, CGCS2000, always_xy=True, allow_ballpark=False)
        return _run(group.transformers[0], coordinates)
    if crs.is_geographic:
        return coordinates
    return _run(_way(crs, crs.geodetic_crs), coordinates)


def from_degrees(degrees: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Take CGCS2000 longitude, latitude (n, 2) to a CRS on the same datum."""
    if crs.is_geographic:
        return degrees
    return _run(_way(crs.geodetic_crs, crs), degrees)


def zone_crs(longitude: float) -> CRS:
    """Return the CGCS2000 3-degree Gauss-Kruger zone that holds a longitude (EPSG:4513-4533)."""
    zone = min(max(int((longitude + 1.5) // 3), 25), 45)
    return CRS.from_epsg(4513 + zone - 25)


def crs_label(crs: CRS) -> str:
    """Name a CRS shortly: its authority code when PROJ is sure of it, else its name."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _on_same_datum(crs: CRS) -> bool:
    geodetic = crs.geodetic_crs
    return (
        geodetic is not None and geodetic.datum is not None and (geodetic.datum.name in SAME_DATUMS)
    )


@cache
def _plane_crs(latitude: float, longitude: float) -> CRS:
    conversion = LambertCylindricalEqualAreaConversion(
        latitude_first_parallel=latitude, longitude_natural_origin=longitude
    )
    return ProjectedCRS(conversion, name="Plane of judgement", geodetic_crs=CGCS2000)


@lru_cache(maxsize=64)
def _way(source: CRS, target: CRS) -> Transformer:
    """Return PROJ's way between two CRSs, which takes 20 ms to find; threads may share it."""
    return Transformer.from_crs(source, target, always_xy=True)


def _run(step: Transformer, points: NDArray[np.float64]) -> NDArray[np.float64]:
    # Row after row in memory: shapely builds geometry from it without looking at strides.
    moved = np.empty((len(points), 2))
    moved[:, 0], moved[:, 1] = step.transform(points[:, 0], points[:, 1])
    return moved
