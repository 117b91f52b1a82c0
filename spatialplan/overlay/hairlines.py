"""Hairlines: what projection leaves along a border that two layers share.

Two drawings of one border part by a tenth of a millimetre. Where the layers also differ in earnest
nearby, the hairline hangs on to that piece of ground. It adds kilometres of outline and no area, so
the piece's mean width sinks, in the end below that of noise, and a true conflict would look like
none; or it ties two pieces into one. So hairlines are cut off before pieces are counted or classed.
"""

from __future__ import annotations

import numpy as np
import shapely

from spatialplan.overlay.pieces import OverlapPieces, sort_pieces
from spatialplan.overlay.polygons import Geometries, explode, keep_polygons
from spatialplan.overlay.workers import map_rows

__all__ = ["trim_hairlines"]

# Ground below a square decimetre is no finding, hairline or not.
LEAST_AREA = 0.01
# Outline that may go when sharp corners are blunted by less than the hairline's width.
LEAST_OUTLINE = 0.5


def trim_hairlines(pieces: OverlapPieces, *, width: float = 0.001) -> OverlapPieces:
    """Cut off what is narrower than `width` from pieces that have something wider.

    Parameters
    ----------
    pieces
        From one of this room's functions.
    width
        What counts as a hairline, in the plane's unit.

    Returns
    -------
    pieces
        Pieces without hairlines are as before, to the last bit. From the others what is wider
        remains, as one piece or several; pieces that are nothing but hairline stay as they are.

    Examples
    --------
    A field of 10 by 10 with a hairline 0.1 mm wide and 900 long:

    >>> field = shapely.box(0, 0, 10, 10).union(shapely.box(10, 0, 910, 0.0001))
    >>> piece = OverlapPieces(np.array([0]), np.array([0]), np.array([field]))
    >>> round(float(piece.mean_width[0]), 3), round(float(trim_hairlines(piece).mean_width[0]), 3)
    (0.109, 5.0)
    """
    candidates = np.flatnonzero(pieces.area > LEAST_AREA)
    shapes = pieces.geometry[candidates]
    cores: Geometries = map_rows(lambda rows: open_shapes(rows, width), shapes)
    lost = shapely.length(shapes) - shapely.length(cores)
    hairy = (lost > LEAST_OUTLINE) & ~shapely.is_empty(cores)
    if not hairy.any():
        return pieces
    rows = candidates[hairy]
    parts = explode(cores[hairy])
    owner = rows[parts.owner]
    # Grown shapes are rounded; the piece itself within them is not.
    exact = shapely.intersection(pieces.geometry[owner], shapely.buffer(parts.geometry, width))
    kept = keep_polygons(exact, owner)
    kept = kept.take(shapely.area(kept.geometry) > LEAST_AREA)
    others = np.delete(np.arange(len(pieces)), rows)
    index = np.concatenate([others, kept.owner])
    geometry = np.concatenate([pieces.geometry[others], kept.geometry])
    return sort_pieces(pieces.a_index[index], pieces.b_index[index], geometry)


def open_shapes(shapes: Geometries, width: float) -> Geometries:
    """Shrink by half a width and grow back: what is narrower is gone, corners stay sharp."""
    shrunk = shapely.buffer(shapes, -width / 2, join_style="mitre")
    grown: Geometries = shapely.buffer(shrunk, width / 2, join_style="mitre")
    return grown
