"""Zones laid on a lattice of square cells, so that a feature meets only what lies around it.

A red line is a few polygons of a hundred thousand vertices; a parcel that stands on its border
meets thirty of them. Laid on a lattice, every cell is full of zone, clear of it, or knows the edges
that run through it and, as flat edges along its upper side, what zone lies above::

       ┌───────┬───────┬───────┐       clear   empty
       │ clear │╲ mixed│ mixed │       full    ┌─────┐ all of it
       │       │ ╲_    │   _╱▒▒│               └─────┘
       ├───────┼───╲___┼_╱▒▒▒▒▒│       mixed   ╲ edges that run through, and
       │ clear │ mixed▒│▒ full▒│               ▔ a ceiling where zone lies above
       └───────┴───────┴───────┘

So a cell's ground is described within the cell, and strip sums need nothing from outside it.

Laying costs a walk along the edges. No polygon is cut, and nothing is built. Zones that overlap
would count twice; the lattice finds that out of itself.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatialplan.outlines import Outlines, load_loops, start_after
from spatialplan.overlay.polygons import Areas, Integers
from spatialplan.threads import thread_count

__all__ = ["Lattice", "lay_zones"]

LOOPS = "spatialplan.overlay.lattice_loops"

# Cells of so many edge lengths hold a dozen edges each. Finer ones make sums shorter and send
# features through more cells; 250,000 parcels were fastest between 4 and 16.
CELL_EDGES = 8.0

# A lattice takes memory of its own, 9 bytes a cell; zones of few edges need no fine one.
CELLS_PER_EDGE = 4.0

# Ground under two zones, as a share of a cell, that is taken for rounding.
DOUBLED_SHARE = 1e-11


@dataclass(frozen=True, slots=True)
class Lattice:
    """Zones on their lattice; make it with `lay_zones`.

    Attributes
    ----------
    frame
        West, south, size, one over it, columns, rows.
    states
        What each cell holds, row after row: clear, full, or mixed, int8[cells].
    starts
        Where the edges of each cell start, and their end, int64[cells + 1].
    parts
        The edges, sorted from west to east within each cell, float64[m, 5].
    """

    frame: tuple[float, float, float, float, int, int]
    states: NDArray[np.int8]
    starts: Integers
    parts: Areas

    @property
    def cells(self) -> tuple[Any, ...]:
        """What the loops take: states, starts, parts, frame."""
        return self.states, self.starts, self.parts, self.frame


def lay_zones(zones: Outlines) -> Lattice | None:
    """Lay zones on a lattice.

    Parameters
    ----------
    zones
        Outlines of valid polygons.

    Returns
    -------
    lattice
        None where zones have ground in common: a lattice would count it twice.
    """
    loops = load_loops(LOOPS)
    frame = choose_frame(zones)
    turns = loops.turn_rings(zones.points, zones.ring_starts, zones.outer)
    rings = zones.points, zones.ring_starts, turns, frame
    line_starts, crossings = note_crossings(rings, frame)
    edges = np.zeros(frame.columns * frame.rows, np.int64)
    nothing = np.zeros((0, 5))
    loops.walk_edges(*rings, edges, nothing)
    states = np.zeros(len(edges), np.int8)
    counts = edges.copy()
    if loops.lay_ceilings(crossings, line_starts, frame, edges, counts, nothing, states):
        return None
    starts = start_after(counts)
    parts, cursors = np.empty((starts[-1], 5)), starts[:-1].copy()
    if len(parts):
        loops.walk_edges(*rings, cursors, parts)
        loops.lay_ceilings(crossings, line_starts, frame, edges, cursors, parts, states)
    if tidy_cells(starts, parts, DOUBLED_SHARE * frame.size**2):
        return None
    return Lattice(frame, states, starts, parts)


def tidy_cells(starts: Integers, parts: Areas, tolerance: float) -> bool:
    """Sort the edges of every cell, cells in threads; tell whether ground lies under two zones."""
    sort_parts = load_loops(LOOPS).sort_parts
    find_doubled = load_loops("spatialplan.overlay.strip_loops").find_doubled

    def tidy(bounds: tuple[int, int]) -> bool:
        some = starts[bounds[0] : bounds[1] + 1]
        sort_parts(parts, some)
        return bool(find_doubled(some, parts, tolerance))

    # As many edges in each share.
    shares = np.linspace(0, len(parts), thread_count() + 1)
    bounds = np.searchsorted(starts, shares[1:-1])
    with ThreadPoolExecutor(thread_count()) as pool:
        return any(pool.map(tidy, pairwise([0, *bounds.tolist(), len(starts) - 1])))


def note_crossings(rings: tuple[Any, ...], frame: Any) -> tuple[Integers, Areas]:
    """Return where the crossings of each line start, and the crossings from west to east."""
    loops = load_loops(LOOPS)
    lines = np.zeros(frame.rows, np.int64)
    loops.walk_crossings(*rings, lines, np.zeros((0, 2)))
    starts = start_after(lines)
    crossings = np.empty((starts[-1], 2))
    if len(crossings):
        loops.walk_crossings(*rings, starts[:-1].copy(), crossings)
        loops.sort_crossings(crossings, starts)
    return starts, crossings


def choose_frame(zones: Outlines) -> Any:
    """Choose a lattice around zones whose cells hold about a dozen edges each."""
    loops = load_loops(LOOPS)
    if not len(zones.points):
        return loops.Frame(0.0, 0.0, 1.0, 1.0, 0, 0)
    *bounds, length, edges = loops.survey_edges(zones.points, zones.ring_starts)
    low, high = np.array(bounds[:2]), np.array(bounds[2:])
    extent, most = high - low, CELLS_PER_EDGE * edges
    wanted = CELL_EDGES * length / edges
    wanted = max(wanted, float(np.sqrt(extent[0] * extent[1] / most)), float(extent.max()) / most)
    size = 2.0 ** round(math.log2(wanted))
    # A margin of a cell on every side, so that no point lies beyond.
    corner = (np.floor(low / size) - 1) * size
    columns, rows = (np.floor((high - corner) / size) + 2).astype(int).tolist()
    return loops.Frame(float(corner[0]), float(corner[1]), size, 1.0 / size, columns, rows)
