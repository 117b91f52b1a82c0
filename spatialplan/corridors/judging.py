"""Natural cover along a corridor: in every section, in gaps and pinch points, and from end to end.

Ground without a value may be natural or not. So a section's share has two bounds, and a section is
a gap, a pinch point or neither only where both bounds say so; else it is not evaluated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.cells import (
    CoverFractions,
    LaidZones,
    cover_fractions,
    join_parts,
    lay_zones,
    sum_classes,
)
from spatialplan.corridors.continuity import Continuity, Cut, find_cuts, settle_cells
from spatialplan.corridors.sections import CutCorridor
from spatialplan.layers import CellWindow, Layer, RasterLayer
from spatialplan.messages import Message, say
from spatialplan.plan import CorridorSpec, PatternElement

__all__ = [
    "CorridorResult",
    "CorridorSection",
    "SectionState",
    "Stretch",
    "judge_corridor",
    "not_evaluated_corridor",
]

# Ground without value under this share of a section changes no state that a reader could see.
UNKNOWN_SHARE = 1e-6

Floats = NDArray[np.float64]


class SectionState(StrEnum):
    """How much natural cover a section has, as far as is known."""

    GAP = "gap"
    PINCH = "pinch"
    OPEN = "open"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True, slots=True)
class CorridorSection:
    """A cross-section: where it lies and what covers it, areas in m² on the ellipsoid.

    Attributes
    ----------
    from_m, to_m
        Geodesic distance along the line.
    natural_m2, unknown_m2
        Ground of natural cover; ground without a value or beyond the raster.
    ground
        In the plane of judgement.
    longitude, latitude
        Of the line half-way through the section, degrees; `township` is the unit there.
    """

    number: int
    from_m: float
    to_m: float
    area_m2: float
    natural_m2: float
    unknown_m2: float
    state: SectionState
    township: str
    ground: shapely.Geometry
    longitude: float
    latitude: float

    @property
    def least_share(self) -> float:
        """Share of natural cover if no ground without value is natural."""
        return self.natural_m2 / self.area_m2

    @property
    def most_share(self) -> float:
        """Share of natural cover if all ground without value is natural."""
        return (self.natural_m2 + self.unknown_m2) / self.area_m2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Gap or pinch point: neighbouring sections of one state.

    Attributes
    ----------
    missing_m2
        Natural cover that its sections lack to reach `pinch_share` each.
    """

    state: SectionState
    sections: tuple[CorridorSection, ...]
    missing_m2: float

    @property
    def from_m(self) -> float:
        """Where it begins along the line."""
        return self.sections[0].from_m

    @property
    def to_m(self) -> float:
        """Where it ends along the line."""
        return self.sections[-1].to_m

    @property
    def share(self) -> float:
        """Share of natural cover over all its ground, as far as is known."""
        return sum(s.natural_m2 for s in self.sections) / sum(s.area_m2 for s in self.sections)

    @property
    def townships(self) -> tuple[str, ...]:
        """Townships of its sections along the line, each once."""
        return tuple(dict.fromkeys(s.township for s in self.sections if s.township))


@dataclass(frozen=True, slots=True)
class CorridorResult:
    """What was found of one corridor; without sections it was not evaluated, `why`.

    Attributes
    ----------
    sections
        In the order of the line.
    stretches
        Gaps and pinch points, those that lack most natural cover first.
    continuity
        None where the line is in several parts: then no end-to-end can be told.
    """

    element: PatternElement
    spec: CorridorSpec
    raster: RasterLayer | None = None
    sections: tuple[CorridorSection, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    continuity: Continuity | None = None
    why: Message | None = None

    def span_m(self, cut: Cut) -> tuple[float, float]:
        """Where along the line a cut begins and ends; the same place twice at a station."""
        end = self.sections[cut.ends_in].to_m if cut.ends_in >= 0 else 0.0
        if cut.begins_in < len(self.sections):
            begin = self.sections[cut.begins_in].from_m
        else:
            begin = self.sections[-1].to_m
        return min(begin, end), max(begin, end)

    def at(self, cut: Cut) -> CorridorSection:
        """Return the section in which a cut is shown."""
        place = (cut.ends_in + cut.begins_in + 1) // 2
        return self.sections[min(max(place, 0), len(self.sections) - 1)]

    def length_m(self, state: SectionState | None = None) -> float:
        """Length of the line in sections of one state, or of all."""
        return sum(s.to_m - s.from_m for s in self.sections if state in (None, s.state))


def not_evaluated_corridor(
    element: PatternElement, spec: CorridorSpec, why: Message
) -> CorridorResult:
    """Return the result of a corridor that could not be judged."""
    return CorridorResult(element, spec, why=why)


def judge_corridor(
    corridor: CutCorridor,
    spec: CorridorSpec,
    raster: RasterLayer,
    windows: Iterable[CellWindow],
    *,
    townships: Layer | None = None,
) -> CorridorResult:
    """Judge natural cover along a corridor.

    Parameters
    ----------
    corridor
        From `cut_corridor`.
    spec
        What counts as natural, and the shares of gaps and pinch points.
    raster
        Land cover with its legend.
    windows
        Windows of the raster that together hold every cell under the corridor once.
    townships
        Units that sections are placed in.

    Raises
    ------
    ConservationError
        If classes do not add up to a section.
    """
    zones = lay_zones(corridor.ground, raster.grid, corridor.plane)
    natural = np.array([c.value for c in raster.legend if c.kind in spec.natural], dtype=np.int64)
    cells: list[CoverFractions] = []
    sums = sum_classes(_watched(windows, zones, natural, cells), zones)
    named = np.isin(sums.values, [c.value for c in raster.legend])
    grown = sums.area_m2[:, np.isin(sums.values, natural)].sum(axis=1)
    unknown = sums.area_m2[:, ~named].sum(axis=1) + sums.nodata_m2 + sums.outside_m2
    unknown[unknown < UNKNOWN_SHARE * zones.area_m2] = 0.0
    sections = tuple(_sections(corridor, spec, zones.area_m2, grown, unknown, townships))
    if all(section.state is SectionState.NOT_EVALUATED for section in sections):
        return not_evaluated_corridor(corridor.element, spec, say("corridors.no_cells"))
    one_line = not corridor.part.any()
    found = settle_cells(join_parts(cells))
    return CorridorResult(
        element=corridor.element,
        spec=spec,
        raster=raster,
        sections=sections,
        stretches=_stretches(sections, spec),
        continuity=find_cuts(found, unknown > 0) if one_line else None,
    )


def _watched(
    windows: Iterable[CellWindow],
    zones: LaidZones,
    natural: NDArray[np.int64],
    cells: list[CoverFractions],
) -> Iterator[CellWindow]:
    """Hand windows on, keeping the natural cells of the corridor that pass by."""
    for window in windows:
        inner = window.inner
        height, width = inner.values.shape
        place = {"row": inner.row, "column": inner.column, "height": height, "width": width}
        parts = cover_fractions(zones, **place)
        row, column = parts.row - inner.row, parts.column - inner.column
        kept = inner.valid[row, column] & np.isin(inner.values[row, column], natural)
        cells.append(parts.take(kept))
        yield window


def _sections(
    corridor: CutCorridor,
    spec: CorridorSpec,
    area: Floats,
    natural: Floats,
    unknown: Floats,
    townships: Layer | None,
) -> Iterator[CorridorSection]:
    states = _states(natural / area, (natural + unknown) / area, spec)
    names = _townships_at(corridor.middle, townships)
    degrees = corridor.plane.unproject(corridor.middle)
    for row, state in enumerate(states):
        yield CorridorSection(
            number=row + 1,
            from_m=float(corridor.from_m[row]),
            to_m=float(corridor.to_m[row]),
            area_m2=float(area[row]),
            natural_m2=float(natural[row]),
            unknown_m2=float(unknown[row]),
            state=state,
            township=names[row],
            ground=corridor.ground[row],
            longitude=float(degrees[row, 0]),
            latitude=float(degrees[row, 1]),
        )


def _states(least: Floats, most: Floats, spec: CorridorSpec) -> list[SectionState]:
    return [
        _state(low, high, spec) for low, high in zip(least.tolist(), most.tolist(), strict=True)
    ]


def _state(least: float, most: float, spec: CorridorSpec) -> SectionState:
    if most < spec.gap_share:
        return SectionState.GAP
    if least >= max(spec.gap_share, spec.pinch_share):
        return SectionState.OPEN
    if least >= spec.gap_share and most < spec.pinch_share:
        return SectionState.PINCH
    return SectionState.NOT_EVALUATED


def _townships_at(points: Floats, townships: Layer | None) -> list[str]:
    names = [""] * len(points)
    if townships is None:
        return names
    units = townships.text(townships.spec.name_field)
    tree = shapely.STRtree(townships.geometry)
    rows, found = tree.query(shapely.points(points), predicate="intersects")
    for row, unit in zip(rows.tolist(), found.tolist(), strict=True):
        names[row] = names[row] or str(units[unit])
    return names


def _stretches(sections: tuple[CorridorSection, ...], spec: CorridorSpec) -> tuple[Stretch, ...]:
    """Join neighbours of one state; rank by the natural cover that they lack."""
    found = []
    for state, group in groupby(sections, key=lambda section: section.state):
        if state in (SectionState.GAP, SectionState.PINCH):
            members = tuple(group)
            lacking = (spec.pinch_share * s.area_m2 - s.natural_m2 for s in members)
            found.append(Stretch(state, members, sum(max(0.0, lack) for lack in lacking)))
    return tuple(sorted(found, key=lambda stretch: (-stretch.missing_m2, stretch.from_m)))
