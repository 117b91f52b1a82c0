"""Where coordinates really lie: on CGCS2000 as stated, or brought there in the way that is stated.

Everything that a reader has to know about it is noted, and printed with every result: a CRS that
the file does not state, WGS 84 taken as CGCS2000, a transformation and its accuracy, an error that
was accepted. That error counts: within it nothing is clear.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.crs import (
    WGS84_LIMIT_M,
    cgcs2000_twin,
    crs_label,
    datum_title,
    flat_crs,
    is_old_datum,
    is_wgs84,
    on_known_datum,
    require_known_datum,
    require_surveyed,
)
from spatialplan.errors import CrsError, Fault
from spatialplan.layers.moving import grid_sha256, move_points, shift_lengths
from spatialplan.layers.position import agree_crs, crs_hint
from spatialplan.layers.table import Delivery, Placement
from spatialplan.messages import Message, say
from spatialplan.plan import GridFile, Way

__all__ = ["Settled", "settle_position", "settle_shapes"]

# Maps of 1:50,000 moved by X -29 to -62, Y -56 to +84 m from Beijing 1954 to CGCS2000, and by
# X -9 to +43, Y +76 to +119 m from Xi'an 1980 (the survey's own guide to the change). So no true
# shift is nearer to nothing than this, and none is longer.
LEAST_SHIFT_M = 25.0
LONGEST_SHIFT_M = 500.0
PUBLISHED_SHIFT_M = 127

Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Settled:
    """Geometry whose place is settled.

    Attributes
    ----------
    shapes
        In `crs`, object[n].
    crs
        On CGCS2000 or WGS 84.
    label
        The CRS as delivered.
    placement
        How that came about.
    """

    shapes: Shapes
    crs: CRS
    label: str
    placement: Placement


def settle_position(delivery: Delivery) -> Delivery:
    """Bring a delivery to CGCS2000; one that was settled before comes back as it is.

    Raises
    ------
    CrsError
        If no CRS is stated, file and plan contradict each other, or no way leads to CGCS2000.
    """
    source = delivery.source
    if source.crs:
        return delivery
    where = f"{source.path} ({delivery.spec.title})"
    shapes: Shapes = np.asarray(delivery.frame.geometry.to_numpy(), dtype=object)
    crs = agree_crs(delivery.frame.crs, delivery.spec.crs, shapes, way=delivery.way, where=where)
    assumed = delivery.frame.crs is None and crs is not None
    settled = settle_shapes(shapes, crs, way=delivery.way, where=where, assumed=assumed)
    frame = delivery.frame
    if settled.shapes is not shapes or frame.crs is None or not frame.crs.equals(settled.crs):
        frame = frame.copy(deep=False)
        name = frame.geometry.name
        frame[name] = gpd.GeoSeries(settled.shapes, index=frame.index, crs=settled.crs)
    source = replace(source, crs=settled.label, placement=settled.placement)
    return replace(delivery, frame=frame, source=source)


def settle_shapes(
    shapes: Shapes, crs: CRS | None, *, way: Way, where: str, assumed: bool = False
) -> Settled:
    """Bring geometry to CGCS2000 in the way that is stated.

    Parameters
    ----------
    shapes
        Geometry as delivered, object[n].
    crs
        See `agree_crs`.
    assumed
        Whether the CRS was given by the user, for a file that states none.

    Raises
    ------
    CrsError
        If no way leads to CGCS2000, or the one stated cannot be meant.
    """
    label = crs_label(crs) if crs is not None else "\N{EM DASH}"
    if way.transformation is not None and way.accept_error_m is not None:
        raise CrsError(Fault(where, say("position.two_ways")))
    before = Placement(assumed)
    if assumed:
        before = replace(before, notes=(say("position.assumed", crs=label),))
    if way.transformation is not None:
        return _moved(shapes, crs, way, label, before, where)
    if crs is None:
        raise CrsError(Fault(where, say("crs.missing", hint=crs_hint(shapes))))
    if way.accept_error_m is not None:
        return _accepted(shapes, crs, way.accept_error_m, label, before, where)
    known = require_known_datum(crs, where=where)
    if is_wgs84(known):
        note = say("position.wgs84", limit=WGS84_LIMIT_M)
        before = replace(before, notes=(*before.notes, note))
    return Settled(shapes, known, label, before)


def _accepted(
    shapes: Shapes, crs: CRS, error_m: float, label: str, before: Placement, where: str
) -> Settled:
    if flat_crs(crs).geodetic_crs is None:
        raise CrsError(Fault(where, say("crs.not_earthbound", found=crs.name)))
    flat = require_surveyed(crs, where=where)
    datum = datum_title(flat)
    if is_old_datum(flat) and error_m < LEAST_SHIFT_M:
        message = say("position.accepted_too_little", error=error_m, datum=datum)
        raise CrsError(Fault(where, message))
    note = say("position.accepted", crs=label, error=error_m)
    if is_old_datum(flat):
        note = say("position.accepted_old", note=note, datum=datum, longest=PUBLISHED_SHIFT_M)
    twin = flat if on_known_datum(flat) else cgcs2000_twin(flat)
    placement = replace(
        before,
        error_m=error_m,
        accepted=not on_known_datum(flat),
        shared=str(datum) if is_old_datum(flat) else "",
        notes=(*before.notes, note),
    )
    return Settled(shapes, twin, label, placement)


def _moved(
    shapes: Shapes,
    crs: CRS | None,
    way: Way,
    label: str,
    before: Placement,
    where: str,
) -> Settled:
    stated = way.transformation
    if stated is None:
        raise ValueError("no transformation is stated")
    flat = _movable(crs, label, where)
    flat_shapes: Shapes = shapely.force_2d(shapes)
    points = shapely.get_coordinates(flat_shapes)
    moved, target = move_points(points, flat, stated, directory=way.directory, where=where)
    result: Shapes = shapely.set_coordinates(flat_shapes, moved)
    _require_reached(points, moved, where)
    values: dict[str, object] = {
        "name": way.name or stated.kind,
        "kind": say(f"position.{stated.kind}"),
        "issued_by": stated.issued_by,
        "accuracy": stated.accuracy_m,
        "crs": label,
    }
    note = say("position.moved", **values)
    if flat is not None and flat.geodetic_crs is not None:
        lengths = shift_lengths(shapes, flat, result, target)
        note = _note_shift(note, lengths, flat, where)
    if isinstance(stated, GridFile):
        sha256 = grid_sha256(stated, way.directory, where=where)
        note = say("position.moved_by_grid", note=note, path=stated.path, sha256=sha256)
    placement = replace(
        before, error_m=stated.accuracy_m, shared=way.name, notes=(*before.notes, note)
    )
    return Settled(result, target, label, placement)


def _movable(crs: CRS | None, label: str, where: str) -> CRS | None:
    """Return the flat CRS to move from; refuse one that is where it should be already."""
    if crs is None or flat_crs(crs).geodetic_crs is None:
        return None
    flat = require_surveyed(crs, where=where)
    if on_known_datum(flat):
        raise CrsError(Fault(where, say("position.nothing_to_move", crs=label)))
    return flat


def _require_reached(points: NDArray[np.float64], moved: NDArray[np.float64], where: str) -> None:
    """Refuse where most of the coordinates have no place after the move; the gate sorts the rest.

    That happens where a grid does not cover the data.
    """
    finite = np.isfinite(points).all(axis=1)
    lost = finite & ~np.isfinite(moved).all(axis=1)
    if finite.any() and lost.sum() > finite.sum() / 2:
        message = say("position.out_of_grid", count=int(lost.sum()), total=int(finite.sum()))
        raise CrsError(Fault(where, message))


def _note_shift(note: Message, lengths: NDArray[np.float64], crs: CRS, where: str) -> Message:
    """Add how far features moved; refuse what no change of datum does."""
    lengths = lengths[np.isfinite(lengths)]
    if not len(lengths):
        return note
    middle = float(np.median(lengths))
    if middle > LONGEST_SHIFT_M:
        message = say("position.moved_too_far", length=middle, limit=LONGEST_SHIFT_M)
        raise CrsError(Fault(where, message))
    if is_old_datum(crs) and middle < LEAST_SHIFT_M:
        values = {"length": middle, "datum": datum_title(crs), "limit": LEAST_SHIFT_M}
        message = say("position.moved_too_little", **values)
        raise CrsError(Fault(where, message))
    shortest, longest = float(lengths.min()), float(lengths.max())
    return say("position.moved_by", note=note, shortest=shortest, longest=longest)
