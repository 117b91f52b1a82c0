"""Outlines of large polygons in short lines, so that a small one asks only those near it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

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
    rings, owner = shapely.get_rings(polygons, return_index=True)
    points = shapely.get_coordinates(rings)
    ends = np.cumsum(shapely.get_num_coordinates(rings)) - 1
    starts = np.append(0, ends[:-1] + 1)[: len(ends)]
    counts = -(-(ends - starts) // LINE_EDGES)
    ring = np.repeat(np.arange(len(rings)), counts)
    step = np.arange(len(ring)) - np.repeat(np.cumsum(counts) - counts, counts)
    first = starts[ring] + step * LINE_EDGES
    # A line's last vertex is the next one's first.
    lengths = np.minimum(LINE_EDGES, ends[ring] - first) + 1
    line = np.repeat(np.arange(len(ring)), lengths)
    vertex = np.arange(len(line)) - np.repeat(np.cumsum(lengths) - lengths - first, lengths)
    tree = shapely.STRtree(shapely.linestrings(points[vertex], indices=line))
    # Asked once, so that threads find it complete.
    tree.query(shapely.Point(0.0, 0.0))
    return Borders(tree, owner[ring].astype(np.int64))
