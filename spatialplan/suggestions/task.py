"""One search: a footprint in all its turns, the ground, and what was asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from spatialplan.suggestions.footprint import Footprint, Shift
from spatialplan.suggestions.freedom import Freedom
from spatialplan.suggestions.ground import SearchGround

__all__ = ["APART_SHIFTS", "TURN_DEG", "Disc", "Task", "list_turns"]

TURN_DEG = 15
# Cells along the longer side of the grid: of the widest disc, of those within it, and where two
# dozen turns share the time of a few.
CELLS_WIDEST = 1600
CELLS = 1000
CELLS_TURNED = 500
FINEST_STEP_M = 0.1
# Discs as parts of the radius; one is left out where it would hardly be finer than the next.
DISCS = (1 / 4, 1 / 16)
FINER_SHARE = 0.6
# How far apart places are: in sides of the footprint (a quarter of the radius at most), and in
# parts of their own shift.
APART_SIDES = 2.0
APART_RADII = 0.25
APART_SHIFTS = 0.5


@dataclass(frozen=True, slots=True)
class Disc:
    """Shifts up to a radius, on a grid of a step."""

    radius_m: float
    step_m: float


@dataclass(frozen=True, slots=True)
class Task:
    """One search: a footprint in all its turns, the ground, and what was asked for."""

    turns: tuple[Freedom, ...]
    ground: SearchGround
    clearance_m: float
    radius_m: float
    most: int

    @property
    def footprint(self) -> Footprint:
        """The footprint, turned or not."""
        return self.turns[0].footprint

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Bounds of all turns about the centroid, with clearance around them."""
        bounds = np.array([turn.footprint.bounds for turn in self.turns])
        west, south = bounds[:, :2].min(axis=0) - self.clearance_m
        east, north = bounds[:, 2:].max(axis=0) + self.clearance_m
        return float(west), float(south), float(east), float(north)

    @property
    def discs(self) -> tuple[Disc, ...]:
        """The discs to search, from the inside, each on a clearly finer grid than the next."""
        turned = len(self.turns) > 1
        discs = [self.disc(self.radius_m, CELLS_TURNED if turned else CELLS_WIDEST)]
        for part in DISCS:
            inner = self.disc(part * self.radius_m, CELLS_TURNED if turned else CELLS)
            if inner.step_m <= FINER_SHARE * discs[0].step_m:
                discs.insert(0, inner)
        return tuple(discs)

    def disc(self, radius_m: float, cells: int) -> Disc:
        """Choose the step with which all shifts up to a radius fit on a grid."""
        west, south, east, north = self.bounds
        extent_m = max(east - west, north - south) + 2 * radius_m
        return Disc(radius_m, max(extent_m / cells, FINEST_STEP_M))

    @property
    def apart_m(self) -> float:
        """The least distance between two places."""
        return min(APART_SIDES * self.footprint.side_m, APART_RADII * self.radius_m)

    def is_apart(self, shift: Shift, others: Iterable[Shift]) -> bool:
        """Tell whether a shift leads elsewhere than others, to the centimetre."""
        least_m = max(self.apart_m, APART_SHIFTS * shift.length_m) - 0.01
        return all(
            math.hypot(shift.east_m - other.east_m, shift.north_m - other.north_m) >= least_m
            for other in others
        )


def list_turns(
    footprint: Footprint, ground: SearchGround, clearance_m: float, *, rotate: bool
) -> list[Freedom]:
    """List the footprint as it stands and, if asked for, all turns, small ones first."""
    angles = sorted(
        range(0, 360, TURN_DEG) if rotate else [0],
        key=lambda angle: (min(angle, 360 - angle), angle),
    )
    return [
        Freedom(footprint.turned(float(angle)), ground, clearance_m, float(angle))
        for angle in angles
    ]
