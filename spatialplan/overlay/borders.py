"""Outlines of large polygons in short lines, so that a small one asks only those near it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.outlines import count_up, trace_outlines
from spatialplan.overlay.polygons import Geometries, Integers

__all__ = ["Borders", "index_borders"]

# Edges in a line: a parcel asks a few of them, and a line weighs less than its edges.
LINE_EDGES = 32


@dataclass(frozen=True, slots=True)
class Borders:
    """Lines that outlines were divided into, and the position of the polygon of each."""

    tree: shapely.STRtree
    owner: Integers

    def touch(self, shapes: Geometries, polygon: Integers) -> NDArray[np.bool_]:
        """Tell of each shape whether the outline of its polygon, given by position, touches it."""
        shape, line = self.tree.query(shapes, predicate="intersects")
        touching = np.zeros(len(shapes), dtype=np.bool_)
        touching[shape[self.owner[line] == polygon[shape]]] = True
        return touching


def index_borders(polygons: Geometries) -> Borders:
    """Divide the outlines of single polygons into short lines and index them."""
    outlines = trace_outlines(polygons)
    starts, ends = outlines.ring_starts[:-1], outlines.ring_starts[1:] - 1
    ring, number = count_up(np.zeros_like(starts), -(-(ends - starts) // LINE_EDGES))
    first = starts[ring] + LINE_EDGES * number
    # A line's last vertex is the next one's first.
    line, vertex = count_up(first, np.minimum(first + LINE_EDGES, ends[ring]) + 1)
    tree = shapely.STRtree(shapely.linestrings(outlines.points[vertex], indices=line))
    # Asked once, so that threads find it complete.
    tree.query(shapely.Point(0.0, 0.0))
    owner = np.repeat(np.arange(len(polygons)), np.diff(outlines.starts))
    return Borders(tree, owner[ring])
