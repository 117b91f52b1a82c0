"""Coordinates of another datum or of a local plane, moved to CGCS2000 as a plan states it.

Heights are not known and taken as 0 on the old ellipsoid: a rotation of one arc-second moves a
point 1,000 m higher by 5 mm.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import ProjError

from spatialplan.crs import (
    CGCS2000,
    cgcs2000_twin,
    from_degrees,
    is_cgcs2000,
    make_shift,
    parse_crs,
    to_degrees,
)
from spatialplan.errors import CrsError, Fault
from spatialplan.messages import Message, say
from spatialplan.plan import GridFile, PlaneFourParameter, SevenParameter, ThreeParameter

__all__ = ["grid_sha256", "move_points", "shift_lengths"]

# What every NTv2 file begins with, and what would end a path inside a PROJ definition.
NTV2_MAGIC = b"NUM_OREC"
UNUSABLE_IN_PATHS = frozenset('",@')

DatumShift = ThreeParameter | SevenParameter | GridFile
Points = NDArray[np.float64]


def move_points(
    points: Points,
    crs: CRS | None,
    transformation: DatumShift | PlaneFourParameter,
    *,
    directory: Path,
    where: str,
) -> tuple[Points, CRS]:
    """Move coordinates to CGCS2000.

    Parameters
    ----------
    points
        Easting, northing or longitude, latitude in `crs`, shape (n, 2).
    crs
        Their flat CRS, of any datum; a plane transformation needs none.
    directory
        The folder against which a grid file's path is read.

    Returns
    -------
    points, crs
        Not finite where a grid does not reach; the CRS is on CGCS2000.

    Raises
    ------
    CrsError
        If the CRS has no datum to shift, the target is no CGCS2000 plane, or the grid is unusable.
    """
    if isinstance(transformation, PlaneFourParameter):
        target = _plane_target(transformation, where)
        return turn_in_plane(points, transformation), target
    if crs is None or crs.geodetic_crs is None:
        raise CrsError(Fault(where, say("position.datum_needed", kind=transformation.kind)))
    step = _datum_step(transformation, crs, directory, where)
    longitude, latitude = step.transform(*to_degrees(points, crs).T)
    twin = cgcs2000_twin(crs)
    return from_degrees(np.column_stack([longitude, latitude]), twin), twin


def turn_in_plane(points: Points, stated: PlaneFourParameter) -> Points:
    """Turn, scale and shift plane coordinates (n, 2), metres."""
    angle = np.radians(stated.rotation_arcsec / 3600)
    angle = -angle if stated.turns == "clockwise" else angle
    turned = points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.asarray(turned * (1 + stated.scale_ppm * 1e-6) + [stated.east_m, stated.north_m])


def shift_lengths(
    before: NDArray[np.object_], crs: CRS, after: NDArray[np.object_], moved_crs: CRS
) -> Points:
    """Measure how far each feature's first point moved when read in the two CRSs, metres (n,).

    Not finite where a feature has no point or no place.
    """
    places = [
        to_degrees(_first_points(shapes), plane)
        for shapes, plane in ((before, crs), (after, moved_crs))
    ]
    ellipsoid = CGCS2000.get_geod()
    with np.errstate(invalid="ignore"):
        known = np.all([(np.abs(place) <= [180, 90]).all(axis=1) for place in places], axis=0)
    lengths = np.full(len(before), np.nan)
    if ellipsoid is not None and known.any():
        lengths[known] = ellipsoid.inv(*places[0][known].T, *places[1][known].T)[2]
    return lengths


def grid_sha256(grid: GridFile, directory: Path, *, where: str) -> str:
    """Return the SHA-256 of a grid file.

    Raises
    ------
    CrsError
        If it is missing or no NTv2 file.
    """
    path = _grid_path(grid, directory)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason: str | Message = error.strerror or str(error)
        raise _grid_fault(grid, reason, where) from None
    if not content.startswith(NTV2_MAGIC):
        raise _grid_fault(grid, say("position.not_ntv2"), where)
    if UNUSABLE_IN_PATHS & set(str(path)):
        raise _grid_fault(grid, say("position.grid_name"), where)
    return hashlib.sha256(content).hexdigest()


def _plane_target(stated: PlaneFourParameter, where: str) -> CRS:
    target = parse_crs(stated.target, where=where)
    if not (target.is_projected and is_cgcs2000(target) and not target.is_bound):
        raise CrsError(Fault(where, say("position.target", found=stated.target)))
    return target.to_2d()


def _datum_step(transformation: DatumShift, crs: CRS, directory: Path, where: str) -> Transformer:
    if isinstance(transformation, GridFile):
        grid_sha256(transformation, directory, where=where)
        path = _grid_path(transformation, directory)
        try:
            return make_shift(f'+step +proj=hgridshift +grids="{path.as_posix()}"')
        except ProjError:
            raise _grid_fault(transformation, say("position.grid_damaged"), where) from None
    old = crs.ellipsoid
    new = CGCS2000.ellipsoid
    if old is None or new is None:
        raise CrsError(Fault(where, say("position.datum_needed", kind=transformation.kind)))
    return make_shift(
        f"+step +proj=cart +a={old.semi_major_metre!r} +b={old.semi_minor_metre!r} "
        f"+step +proj=helmert {_helmert(transformation)} "
        f"+step +inv +proj=cart +a={new.semi_major_metre!r} +b={new.semi_minor_metre!r}"
    )


def _helmert(stated: ThreeParameter | SevenParameter) -> str:
    translation = f"+x={stated.dx_m!r} +y={stated.dy_m!r} +z={stated.dz_m!r}"
    if isinstance(stated, ThreeParameter):
        return translation
    return (
        f"{translation} +rx={stated.rx_arcsec!r} +ry={stated.ry_arcsec!r} "
        f"+rz={stated.rz_arcsec!r} +s={stated.scale_ppm!r} +convention={stated.convention}"
    )


def _grid_path(grid: GridFile, directory: Path) -> Path:
    return (directory / grid.path).resolve()


def _grid_fault(grid: GridFile, reason: str | Message, where: str) -> CrsError:
    return CrsError(Fault(where, say("position.grid_unusable", path=grid.path, reason=reason)))


def _first_points(shapes: NDArray[np.object_]) -> Points:
    found = np.full((len(shapes), 2), np.nan)
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    rows, first = np.unique(owner, return_index=True)
    found[rows] = points[first]
    return found
