"""Polygons as arrays of their rings, for loops that need no geometry objects.

250,000 parcels are 12 million vertices. As objects they take longer to make and to ask than the
arithmetic on them does; as arrays they come straight from a file's bytes.
"""

from spatialplan.outlines.loading import has_compiler, load_loops
from spatialplan.outlines.measuring import measure_outlines
from spatialplan.outlines.tracing import (
    Outlines,
    count_up,
    draw_outlines,
    join_outlines,
    start_after,
    trace_outlines,
)
from spatialplan.outlines.wkb import read_wkb

__all__ = [
    "Outlines",
    "count_up",
    "draw_outlines",
    "has_compiler",
    "join_outlines",
    "load_loops",
    "measure_outlines",
    "read_wkb",
    "start_after",
    "trace_outlines",
]
