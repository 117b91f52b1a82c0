"""Whether two editions of land cover can be compared cell by cell, and on which cells.

They can on one grid: the same CRS, the same size of cells, and corners that fall together. Where
one reaches further, the part that both have is compared and the rest is not evaluated. Everything
else is refused: cells that were shifted or resized would turn every border between two covers into
a strip of change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spatialplan.crs import crs_label
from spatialplan.errors import Fault, SourceError
from spatialplan.layers import Grid, RasterLayer, same_plane
from spatialplan.messages import Message, say

__all__ = ["CommonGrid", "find_common_grid"]

# Corners are written with so many digits that they meet to far less; a hundredth of a cell shows
# that a grid was made anew rather than rounded.
ALIGNED_CELLS = 0.01


@dataclass(frozen=True, slots=True)
class CommonGrid:
    """The cells that two editions have in common.

    Attributes
    ----------
    grid
        The common part, in the earlier edition's coordinates.
    note
        What a reader has to know of it; None where both editions reach equally far.
    """

    grid: Grid
    note: Message | None = None


def find_common_grid(before: RasterLayer, after: RasterLayer) -> CommonGrid:
    """Return the cells that two editions share.

    Raises
    ------
    SourceError
        If CRS, size of cells or corners differ (all that do are named, with how to resample), or
        there is no common ground.
    """
    one, other = before.grid, after.grid
    where = after.spec.path
    faults = [Fault(where, message) for message in _differences(one, other)]
    if faults:
        raise SourceError([*faults, Fault(where, _advice(one))])
    west = round((other.west - one.west) / one.step_east)
    north = round((one.north - other.north) / one.step_south)
    left, top = max(0, west), max(0, north)
    right = min(one.columns, west + other.columns)
    bottom = min(one.rows, north + other.rows)
    if right <= left or bottom <= top:
        raise SourceError(Fault(where, say("monitor.no_common_ground")))
    grid = replace(
        one,
        west=one.west + left * one.step_east,
        north=one.north - top * one.step_south,
        columns=right - left,
        rows=bottom - top,
    )
    cells = grid.columns * grid.rows
    sizes = {"before": one.columns * one.rows, "after": other.columns * other.rows}
    note = None
    if any(size != cells for size in sizes.values()):
        told = {key: f"{size:,}" for key, size in sizes.items()}
        note = say("monitor.common_part", cells=f"{cells:,}", **told)
    return CommonGrid(grid, note)


def _differences(one: Grid, other: Grid) -> Iterator[Message]:
    if not same_plane(one.crs, other.crs):
        labels = {"before": crs_label(one.crs), "after": crs_label(other.crs)}
        yield say("monitor.other_crs", **labels)
        return
    along = max(one.columns, other.columns) * abs(other.step_east / one.step_east - 1)
    down = max(one.rows, other.rows) * abs(other.step_south / one.step_south - 1)
    if max(along, down) > ALIGNED_CELLS:
        yield say("monitor.other_cells", before=_size(one), after=_size(other))
        return
    shifts = (
        (other.west - one.west) / one.step_east,
        (one.north - other.north) / one.step_south,
    )
    east, south = (shift - round(shift) for shift in shifts)
    if max(abs(east), abs(south)) > ALIGNED_CELLS:
        yield say("monitor.shifted", east=f"{east:+.3f}", south=f"{south:+.3f}")


def _advice(one: Grid) -> Message:
    return say(
        "monitor.resample",
        crs=crs_label(one.crs),
        extent=f"{one.west:.10g} {one.south:.10g} {one.east:.10g} {one.north:.10g}",
        size=f"{one.step_east:.10g} {one.step_south:.10g}",
    )


def _size(grid: Grid) -> str:
    unit = "\N{DEGREE SIGN}" if grid.crs.is_geographic else " m"
    return f"{grid.step_east:.10g} \N{MULTIPLICATION SIGN} {grid.step_south:.10g}{unit}"
