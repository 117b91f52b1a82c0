"""The CRS gate: which coordinates may enter, and the one plane in which they are judged.

Everything is judged in the cylindrical equal-area projection of the CGCS2000 ellipsoid, in which
planar area is the official ellipsoidal area. Coordinates enter it only over a datum that is
CGCS2000, or WGS 84, which is treated as the same (see `WGS84_LIMIT_M`). From any other datum PROJ
would quietly shift nothing ("ballpark transformation", wrong by tens to hundreds of metres), so it
is refused, and every transformer is made in one place that allows PROJ none.

Coordinates are always easting, northing or longitude, latitude, in that order, whatever the
authority's axis order is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import LambertCylindricalEqualAreaConversion
from pyproj.exceptions import ProjError

from spatialplan.errors import CrsError, Fault
from spatialplan.messages import Bilingual, say

__all__ = [
    "CGCS2000",
    "WGS84_LIMIT_M",
    "Plane",
    "cgcs2000_twin",
    "crs_label",
    "datum_title",
    "flat_crs",
    "from_degrees",
    "is_cgcs2000",
    "is_old_datum",
    "is_wgs84",
    "make_shift",
    "make_transformer",
    "on_known_datum",
    "parse_crs",
    "require_known_datum",
    "require_surveyed",
    "to_degrees",
    "zone_crs",
]

CGCS2000 = CRS.from_epsg(4490)

# Datum names as PROJ, ESRI and others spell them; realisations of WGS 84 follow its name in
# brackets. The names of spheres that web maps pretend to stand on begin alike.
CGCS2000_DATUM = re.compile(
    r"(D_)?(China[ _]?2000|CGCS[ _]?2000|China[ _]Geodetic[ _]Coordinate[ _]System[ _]2000)"
)
WGS84_DATUM = re.compile(r"World Geodetic System 1984( ensemble| \(.+\))?|D_WGS_1984")

# What planners call the datums that PROJ knows no way from.
OLD_DATUM_TITLES = {
    "Xian 1980": Bilingual("1980西安坐标系", "Xian 1980"),
    "Beijing 1954": Bilingual("1954北京坐标系", "Beijing 1954"),
    "New Beijing": Bilingual("新1954北京坐标系", "New Beijing"),
}

# CGCS2000 is ITRF97 at epoch 2000.0; WGS 84 follows later ITRFs at the epoch of measurement. The
# frames differ by centimetres, the ellipsoids by 0.1 mm, and China's plates have moved by about
# 3 cm a year since 2000.0 (58 cm were measured at Beijing in 2023): within a metre until 2030.
WGS84_LIMIT_M = 1.0

# Both ellipsoids are this one to 0.1 mm; a CRS that names the datum and another is mislabelled.
AUTHALIC_RADIUS_M = 6_371_007.0
SEMI_MAJOR_AXIS_M, INVERSE_FLATTENING = 6_378_137.0, 298.2572

# How far apart the miss of PROJ's way out of the plane is measured.
MISS_STEP_M = 1_000.0


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane of judgement: cylindrical equal-area on CGCS2000.

    Areas do not depend on the two numbers; shapes are true near the standard parallel, so widths
    may be measured there. The origin lies near, for small numbers have more digits behind the
    point: GEOS has been seen to lose whole polygons of an overlay 40,000 km from the origin.

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
        if not is_cgcs2000(crs):
            coordinates, crs = to_degrees(coordinates, crs), CGCS2000
        # On one datum PROJ chains the two projections and shifts nothing, in one pass.
        return _run(make_transformer(crs, self.crs), coordinates)

    def unproject(self, metres: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take plane coordinates (n, 2) back to longitude, latitude in degrees (n, 2).

        PROJ's way back sums a short series and misses by half a millimetre; its way there is
        exact, so the miss is measured and taken off. It depends on the northing alone, and so
        smoothly that a straight line between places a kilometre apart tells it to 1e-9 m.
        """
        back = make_transformer(self.crs, CGCS2000)
        north = metres[np.isfinite(metres[:, 1]), 1]
        if not len(north):
            return _run(back, metres)
        # Places are the same whatever is asked about, so that each point moves alike in any batch.
        low, high = np.floor([north.min() / MISS_STEP_M, north.max() / MISS_STEP_M + 1.0])
        along = MISS_STEP_M * np.arange(low, high + 1.0)
        places = np.column_stack([np.zeros(len(along)), along])
        miss = places - self.project(_run(back, places), CGCS2000)
        moved = np.array(metres, dtype=np.float64)
        moved[:, 1] += np.interp(metres[:, 1], places[:, 1], miss[:, 1])
        return _run(back, moved)


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


def flat_crs(crs: CRS) -> CRS:
    """Return the horizontal part of a CRS, without heights and without parameters bound to it."""
    while crs.is_bound and crs.source_crs is not None:
        crs = crs.source_crs
    # A subclass of CRS, built from its parts, cannot build itself anew.
    return CRS(crs).to_2d()


def require_known_datum(crs: CRS, *, where: str) -> CRS:
    """Return the horizontal part of a CRS on the datum CGCS2000 or WGS 84.

    Raises
    ------
    CrsError
        If it is neither geographic nor projected, if PROJ cannot work with it, or if the datum is
        another one: PROJ has no transformation of stated accuracy from it.
    """
    flat = require_surveyed(crs, where=where)
    if not on_known_datum(flat):
        message = say("crs.no_way", found=crs_label(flat), datum=datum_title(flat))
        if crs.is_bound:
            message = say("position.no_way_bound", why=message)
        raise CrsError(Fault(where, message))
    if not _stands_on_the_ellipsoid(flat):
        message = say("position.other_ellipsoid", found=crs_label(flat), datum=datum_name(flat))
        raise CrsError(Fault(where, message))
    if crs.is_bound and _binds_a_shift(crs):
        raise CrsError(Fault(where, say("position.bound_contradicts", found=crs_label(flat))))
    if is_cgcs2000(flat) and not _is_spelt_alike(flat, CGCS2000):
        return cgcs2000_twin(flat)  # PROJ takes another spelling for another datum
    return flat


def require_surveyed(crs: CRS, *, where: str) -> CRS:
    """Return the horizontal part of a CRS of longitude and latitude, or projected, of any datum.

    Raises
    ------
    CrsError
        If it is a local system, geocentric, counts from another meridian than Greenwich or in
        other units than degrees and metres, or names a projection that PROJ does not know.
    """
    flat = flat_crs(crs)
    geodetic = flat.geodetic_crs
    if geodetic is None and not flat.is_vertical:
        raise CrsError(Fault(where, say("crs.not_earthbound", found=crs.name)))
    turned = flat.is_geographic and flat.is_derived
    if geodetic is None or turned or not (flat.is_geographic or flat.is_projected):
        raise CrsError(Fault(where, say("crs.not_flat", found=crs.name)))
    meridian = flat.prime_meridian.longitude if flat.prime_meridian else 0
    if meridian or not _in_metres_or_degrees(flat, geodetic):
        units = ", ".join(sorted({axis.unit_name for axis in flat.axis_info}))
        raise CrsError(Fault(where, say("position.other_units", found=crs.name, units=units)))
    try:
        make_transformer(flat, geodetic)
    except ProjError:
        raise CrsError(Fault(where, say("crs.unreadable", found=crs.name[:80]))) from None
    return flat


def on_known_datum(crs: CRS) -> bool:
    """Tell whether coordinates in a CRS may be judged: on CGCS2000, or WGS 84."""
    return is_cgcs2000(crs) or is_wgs84(crs)


def is_cgcs2000(crs: CRS) -> bool:
    """Tell whether a CRS is on the datum CGCS2000."""
    return CGCS2000_DATUM.fullmatch(datum_name(crs)) is not None


def is_wgs84(crs: CRS) -> bool:
    """Tell whether a CRS is on a realisation of WGS 84."""
    return WGS84_DATUM.fullmatch(datum_name(crs)) is not None


def datum_name(crs: CRS) -> str:
    """Return the name of a CRS's datum; ``"?"`` where it has none."""
    geodetic = crs.geodetic_crs
    return geodetic.datum.name if geodetic is not None and geodetic.datum is not None else "?"


def datum_title(crs: CRS) -> Bilingual | str:
    """Return what planners call a CRS's datum."""
    name = datum_name(crs)
    return OLD_DATUM_TITLES.get(name.removeprefix("D_").replace("_", " "), name)


def is_old_datum(crs: CRS) -> bool:
    """Tell whether a CRS is on Xi'an 1980 or Beijing 1954, as first or as newly adjusted."""
    return isinstance(datum_title(crs), Bilingual)


def cgcs2000_twin(crs: CRS) -> CRS:
    """Return the CRS with the same projection on CGCS2000, for any flat CRS with a datum."""
    if crs.is_geographic:
        return CGCS2000
    parts = crs.to_json_dict()
    parts.pop("id", None)
    return CRS.from_json_dict(
        {**parts, "base_crs": CGCS2000.to_json_dict(), "name": f"{crs.name} (CGCS2000)"}
    )


@lru_cache(maxsize=64)
def make_transformer(source: CRS, target: CRS) -> Transformer:
    """Make the way between two CRSs of one datum; the only place where transformers are made.

    PROJ may not fall back on a ballpark transformation, nor on a worse one where a grid is missing.
    Between WGS 84 and CGCS2000 longitude and latitude stay as they are. It takes PROJ 20 ms to find
    a way, so ways are kept; threads may share them.

    Raises
    ------
    ProjError
        If PROJ would have to guess.
    """
    if is_wgs84(source) != is_wgs84(target):
        source, target = (cgcs2000_twin(c) if is_wgs84(c) else c for c in (source, target))
    return Transformer.from_crs(
        source, target, always_xy=True, allow_ballpark=False, only_best=True
    )


def make_shift(steps: str) -> Transformer:
    """Make a transformer of longitude, latitude in degrees from PROJ steps that shift a datum.

    Raises
    ------
    ProjError
        If PROJ cannot follow a step, for instance for want of a grid file.
    """
    return Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"{steps} +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


def to_degrees(coordinates: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Take coordinates (n, 2) to longitude, latitude on the CRS's own datum; nothing is shifted.

    For a CRS that passed the gate that is CGCS2000.
    """
    if crs.is_geographic:
        return coordinates
    return _run(make_transformer(crs, _geodetic(crs)), coordinates)


def from_degrees(degrees: NDArray[np.float64], crs: CRS) -> NDArray[np.float64]:
    """Take CGCS2000 longitude, latitude (n, 2) to a CRS that passed the gate."""
    if crs.is_geographic:
        return degrees
    return _run(make_transformer(_geodetic(crs), crs), degrees)


def zone_crs(longitude: float) -> CRS:
    """Return the CGCS2000 3-degree Gauss-Kruger zone that holds a longitude (EPSG:4513-4533)."""
    zone = min(max(int((longitude + 1.5) // 3), 25), 45)
    return CRS.from_epsg(4513 + zone - 25)


def crs_label(crs: CRS) -> str:
    """Name a CRS shortly: its authority code when PROJ is sure of it, else its name."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.name


def _geodetic(crs: CRS) -> CRS:
    """Return the longitude and latitude under a CRS that passed `require_surveyed`."""
    return cast(CRS, crs.geodetic_crs)


def _in_metres_or_degrees(crs: CRS, geodetic: CRS) -> bool:
    """Tell by their sizes; names are spelt in many ways."""
    sizes = [axis.unit_conversion_factor for axis in (*crs.axis_info, *geodetic.axis_info)]
    known = np.array([[1.0], [np.radians(1.0)]])
    return bool(np.isclose(sizes, known, rtol=1e-9, atol=0).any(axis=0).all())


def _stands_on_the_ellipsoid(crs: CRS) -> bool:
    found = crs.ellipsoid
    return (
        found is not None
        and abs(found.semi_major_metre - SEMI_MAJOR_AXIS_M) < 1e-3
        and abs(found.inverse_flattening - INVERSE_FLATTENING) < 1e-4
    )


def _is_spelt_alike(one: CRS, other: CRS) -> bool:
    """Tell whether two CRSs name datum and ellipsoid alike, to the last digit."""
    if one.ellipsoid is None or other.ellipsoid is None or datum_name(one) != datum_name(other):
        return False
    return (one.ellipsoid.semi_major_metre, one.ellipsoid.inverse_flattening) == (
        other.ellipsoid.semi_major_metre,
        other.ellipsoid.inverse_flattening,
    )


def _binds_a_shift(crs: CRS) -> bool:
    parameters = crs.to_json_dict().get("transformation", {}).get("parameters", [])
    return any(parameter["value"] for parameter in parameters)


@cache
def _plane_crs(latitude: float, longitude: float) -> CRS:
    conversion = LambertCylindricalEqualAreaConversion(
        latitude_first_parallel=latitude,
        longitude_natural_origin=longitude,
        false_northing=-round(AUTHALIC_RADIUS_M * math.tan(math.radians(latitude)), -3),
    )
    return ProjectedCRS(conversion, name="Plane of judgement", geodetic_crs=CGCS2000)


def _run(step: Transformer, points: NDArray[np.float64]) -> NDArray[np.float64]:
    # Row after row in memory: shapely builds geometry from it without looking at strides.
    moved = np.empty((len(points), 2))
    moved[:, 0], moved[:, 1] = step.transform(points[:, 0], points[:, 1])
    return moved
