"""Forms of project sites: how each is drawn and placed on the ground of the example.

A form names the place the text gives and what the shape must lie in, keep clear of or touch; it is
drawn with a random source of its own, so that one site does not move the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import shapely
from numpy.random import Generator
from shapely import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.ops import substring

from wuchang.project_ground import ANY_GROUND, Demand, Ground, Near
from wuchang.project_shapes import (
    Drawing,
    length_m,
    lobed_outline,
    of_area,
    of_length,
    plot_outline,
    rounded,
    side_pipes,
    street_grid,
    village_pipes,
    winding_course,
    within_reach,
)

#: Plots keep this far from one another.
_APART_M = 15.0
_OPEN_GROUND_M2 = 1_000_000.0
#: Farther about a place than any project of the table reaches.
_REACH_M = 14_000.0


@dataclass
class Sheet:
    """What has been drawn so far, by site number, on which ground."""

    ground: Ground
    drawn: dict[str, Drawing] = field(default_factory=dict)

    def plots(self) -> list[Drawing]:
        """Return plots drawn so far; open ground of more than 100 ha keeps nothing off."""
        areas = [s for s in self.drawn.values() if not s.geom_type.endswith("String")]
        return [shape for shape in areas if shape.area < _OPEN_GROUND_M2]


class Form(Protocol):
    """A way to draw a site."""

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Return the site's shape in the working system."""
        ...


@dataclass(frozen=True)
class Plots:
    """Plots that together have an area, one at each place."""

    area_m2: float
    nears: tuple[Near, ...]
    demand: Demand = ANY_GROUND
    lobed: bool = False

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Place each plot at the first spot about its anchor that fulfils the demand."""
        placed: list[Polygon] = []
        share = self.area_m2 / len(self.nears)
        for near in self.nears:
            outline = lobed_outline(random) if self.lobed else plot_outline(random)
            spot = next(self._spots(sheet, outline, share, near, placed), None)
            if spot is None:
                raise ValueError(f"no place near {near} fulfils {self.demand}")
            placed.append(of_area(outline, share, spot))
        return placed[0] if len(placed) == 1 else MultiPolygon(placed)

    def _spots(
        self, sheet: Sheet, outline: Polygon, area_m2: float, near: Near, placed: list[Polygon]
    ) -> Iterator[tuple[float, float]]:
        scale = float(np.sqrt(area_m2 / outline.area))
        model = shapely.transform(outline, lambda points: points * scale)
        for spot in sheet.ground.candidates(near):
            shape = shapely.transform(model, lambda points, at=spot: points + at)
            others = [*placed, *sheet.plots()]
            apart = all(shape.distance(other) > _APART_M for other in others)
            if apart and sheet.ground.holds(shape, self.demand):
                yield spot


@dataclass(frozen=True)
class PartOf:
    """As much of some ground about a place as makes up an area; it stays a little inside."""

    area_m2: float
    ground: str
    near: Near
    inside_m: float = 60.0

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Cut the ground with a lobed outline."""
        centre = sheet.ground.anchor(self.near)
        whole = sheet.ground.around(self.ground, centre, _REACH_M)
        room = shapely.simplify(whole.buffer(-self.inside_m), self.inside_m / 2)
        return within_reach(room, lobed_outline(random), centre, self.area_m2)


@dataclass(frozen=True)
class Streets:
    """Pipes under a town's streets, of one stated length together."""

    length_m: float
    ground: str
    near: Near
    radius_m: float
    spacing_m: float
    bearing_deg: float
    offset_m: float = 0.0

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Lay a grid over the ground, 30 m inside it and around plots, from the middle outwards."""
        del random
        centre = sheet.ground.anchor(self.near)
        town = sheet.ground.around(self.ground, centre, self.radius_m).buffer(-30)
        town = shapely.intersection(town, shapely.Point(centre).buffer(self.radius_m))
        plots = shapely.union_all([plot.buffer(25) for plot in sheet.plots()])
        grid = street_grid(
            shapely.difference(town, plots),
            spacing_m=self.spacing_m,
            bearing_deg=self.bearing_deg,
            offset_m=self.offset_m,
        )
        return of_length(grid, self.length_m)


@dataclass(frozen=True)
class SidePipes:
    """Gully pipes across the mains of another site."""

    length_m: float
    mains: str
    reach_m: float

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Space the pipes so that their number makes up the length."""
        del random
        mains = sheet.drawn[self.mains]
        every = length_m(shapely.get_parts(mains)) * self.reach_m / self.length_m * 0.97
        pipes = side_pipes(mains, every_m=every, reach_m=self.reach_m)
        return of_length(pipes, self.length_m)


@dataclass(frozen=True)
class Sewers:
    """Sewers of villages, each leading to the treatment station of its site."""

    stations: tuple[tuple[str, Near], ...]

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Draw along the village where the layers have one there, else about the station."""
        del random
        lines: list[LineString] = []
        for site, near in self.stations:
            station = sheet.drawn[site]
            village = station.centroid.buffer(110, quad_segs=4)
            if near.anchor.startswith("village"):
                village = sheet.ground.village(near)
            lines += village_pipes(village, station)
        return MultiLineString(lines)


@dataclass(frozen=True)
class Course:
    """Rivers or roads that wind between places, 40 m inside some ground and off reservoirs."""

    ways: tuple[tuple[Near, Near], ...]
    ground: str
    swing_m: float
    step_m: float = 120.0
    length_m: float | None = None

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Wind from place to place; with a length, cut there."""
        water = sheet.ground.union("parcels=1103").buffer(60)
        ground = shapely.difference(sheet.ground.union(self.ground).buffer(-40), water)
        lines: list[LineString] = []
        for start, end in self.ways:
            ends = sheet.ground.anchor(start), sheet.ground.anchor(end)
            way = winding_course(*ends, random, swing_m=self.swing_m, step_m=self.step_m)
            parts = shapely.get_parts(shapely.intersection(way, ground))
            lines += [part for part in parts if part.length > 200]
        if self.length_m is not None:
            return of_length(lines, self.length_m)
        return MultiLineString([rounded(line) for line in lines])


@dataclass(frozen=True)
class Approaches:
    """Roads that wind up to plots, together of one stated length."""

    length_m: float
    plots: str
    swing_m: float

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Give every plot the same share of the length."""
        plots = shapely.get_parts(sheet.drawn[self.plots])
        share = self.length_m / len(plots)
        roads: list[LineString] = []
        for number, plot in enumerate(plots, start=1):
            start = np.subtract(min(plot.exterior.coords), (4.0, 0.0))
            end = np.add(start, [-share, 0.3 * share])
            way = winding_course(start, end, random, swing_m=self.swing_m, step_m=80.0)
            done = of_length([*roads, way], share * number)
            roads = list(shapely.get_parts(done))
        return of_length([*roads[:-1], _stretched(roads[-1])], self.length_m)


def _stretched(line: LineString) -> LineString:
    """Draw out a line's last edge, for a last cut at the exact length."""
    before, last = np.array(line.coords[-2:])
    return LineString([*line.coords[:-1], last + (last - before)])


@dataclass(frozen=True)
class Fence:
    """A fence along the outlines of other sites, of a stated length."""

    length_m: float
    along: tuple[str, ...]

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Follow one outline after the other, then cut."""
        del random
        plots = [plot for site in self.along for plot in shapely.get_parts(sheet.drawn[site])]
        rings = [LineString(plot.exterior.coords) for plot in plots]
        return of_length(rings, self.length_m)


@dataclass(frozen=True)
class Loop:
    """A way around a place and back: the bounds of soft lobes."""

    near: Near
    radius_m: float
    open_share: float = 0.0

    def draw(self, sheet: Sheet, random: Generator) -> Drawing:
        """Draw the outline of lobed ground; leave a share of it open."""
        centre = sheet.ground.anchor(self.near)
        outline = shapely.transform(
            lobed_outline(random), lambda points: points * self.radius_m + centre
        )
        ring = LineString(outline.exterior.coords)
        kept = substring(ring, 0, 1 - self.open_share, normalized=True)
        return MultiLineString([rounded(kept)])
