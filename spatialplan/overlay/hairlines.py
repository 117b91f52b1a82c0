"""Hairlines and strips that hide the ground they hang on to.

Two drawings of one border part by a tenth of a millimetre. Where the layers also differ in earnest
nearby, the hairline hangs on to that piece of ground. It adds kilometres of outline and no area, so
the piece's mean width sinks, in the end below that of noise, and a true conflict would look like
none; or it ties two pieces into one. So hairlines are cut off before pieces are counted or classed.
A strip of sliver width does the same to a plot of ground at its end, so the two are set apart.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.outlines import load_loops, trace_outlines
from spatialplan.overlay.paying import loops_pay
from spatialplan.overlay.pieces import OverlapPieces, sort_pieces
from spatialplan.overlay.polygons import Geometries, Integers, Parts, keep_polygons
from spatialplan.overlay.workers import map_rows

__all__ = ["free_ground", "trim_hairlines"]

# Ground below a square decimetre is no finding, hairline or not.
LEAST_AREA = 0.01
# Outline that may go when sharp corners are blunted by less than the hairline's width.
LEAST_OUTLINE = 0.5

LOOPS = "spatialplan.overlay.hairline_loops"

# Every edge is held against every other: of more vertices, shrinking and growing is as quick.
PLAIN_VERTICES = 512


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
    kept = wide_parts(pieces, candidates, width=width, least_area=LEAST_AREA)
    return replace_rows(pieces, np.unique(kept.owner), kept)


def free_ground(pieces: OverlapPieces, *, strip_width: float, least_area: float) -> OverlapPieces:
    """Set plots of ground apart from the strips that they hang on to.

    Parameters
    ----------
    pieces
        After `trim_hairlines`.
    strip_width
        The mean width up to which a piece counts as a strip. A wedge of that mean width is up to
        twice as wide at its end, so what is wider than twice this is a plot.
    least_area
        Plots up to this area stay with their strip.

    Returns
    -------
    pieces
        A strip with plots becomes the plots and the strip that is left; others stay as they are.

    Examples
    --------
    A plot of 20 by 20 at the end of a strip 2 cm wide and 10 km long:

    >>> strip = shapely.box(0, 0, 20, 20).union(shapely.box(20, 0, 10_020, 0.02))
    >>> piece = OverlapPieces(np.array([0]), np.array([0]), np.array([strip]))
    >>> freed = free_ground(piece, strip_width=0.1, least_area=1.0)
    >>> sorted(freed.area.round().tolist())
    [200.0, 400.0]
    """
    strips = np.flatnonzero((pieces.mean_width <= strip_width) & (pieces.area > least_area))
    plots = wide_parts(pieces, strips, width=2 * strip_width, least_area=least_area)
    owners = np.unique(plots.owner)
    if not len(owners):
        return pieces
    taken = [shapely.union_all(plots.geometry[plots.owner == owner]) for owner in owners]
    rest = keep_polygons(shapely.difference(pieces.geometry[owners], taken), owners)
    both = Parts(
        np.concatenate([plots.geometry, rest.geometry]), np.concatenate([plots.owner, rest.owner])
    )
    return replace_rows(pieces, owners, both)


def wide_parts(pieces: OverlapPieces, rows: Integers, *, width: float, least_area: float) -> Parts:
    """Parts wider than `width` of pieces that also have something narrower; owners are rows."""
    rows = rows[~are_plain(pieces.geometry[rows], width)]
    shapes = pieces.geometry[rows]
    cores: Geometries = map_rows(lambda some: open_shapes(some, width), shapes)
    lost = shapely.length(shapes) - shapely.length(cores)
    mixed = np.flatnonzero((lost > LEAST_OUTLINE) & ~shapely.is_empty(cores))
    # Grown shapes are rounded; the piece itself within them is not. All cores of a piece are taken
    # at once, so that no ground falls to two of them, and what lies near a core but apart from it
    # is none.
    exact = shapely.intersection(shapes[mixed], shapely.buffer(cores[mixed], width))
    kept = keep_polygons(exact, mixed)
    wide = shapely.area(kept.geometry) > least_area
    kept = kept.take(wide & shapely.intersects(kept.geometry, cores[kept.owner]))
    return Parts(kept.geometry, rows[kept.owner])


def are_plain(shapes: Geometries, width: float) -> NDArray[np.bool_]:
    """Tell which shapes surely have nothing narrower than `width`, where loops tell it faster."""
    if not loops_pay(len(shapes)):
        return np.zeros(len(shapes), dtype=bool)
    find_plain = load_loops(LOOPS).find_plain

    def look(some: Geometries) -> NDArray[np.bool_]:
        points, ring_starts, _, starts = trace_outlines(some).rings
        plain: NDArray[np.bool_] = find_plain(
            points, ring_starts, starts, width, LEAST_OUTLINE / 2, PLAIN_VERTICES
        )
        return plain

    return map_rows(look, shapes)


def replace_rows(pieces: OverlapPieces, rows: Integers, parts: Parts) -> OverlapPieces:
    """Put parts in the place of the pieces that they come from."""
    if not len(rows):
        return pieces
    others = np.delete(np.arange(len(pieces)), rows)
    index = np.concatenate([others, parts.owner])
    geometry = np.concatenate([pieces.geometry[others], parts.geometry])
    return sort_pieces(pieces.a_index[index], pieces.b_index[index], geometry)


def open_shapes(shapes: Geometries, width: float) -> Geometries:
    """Shrink by half a width and grow back: what is narrower is gone, corners stay sharp."""
    shrunk = shapely.buffer(shapes, -width / 2, join_style="mitre")
    grown: Geometries = shapely.buffer(shrunk, width / 2, join_style="mitre")
    return grown
