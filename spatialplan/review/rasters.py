"""What the plan's rasters say: land cover and indicators, corridors, slope of cropland."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial

from spatialplan.corridors import CorridorResult, judge_corridors
from spatialplan.errors import SpatialplanError
from spatialplan.files import read_raster, read_windows
from spatialplan.findings import NotEvaluated
from spatialplan.landcover import (
    IndicatorFinding,
    LaidGrounds,
    LandCover,
    covered_layers,
    divide_grounds,
    find_gaps,
    judge_indicator,
    judge_land_cover,
    not_evaluated_indicator,
)
from spatialplan.layers import Grid, Layer
from spatialplan.messages import say
from spatialplan.plan import CoverIndicator, Indicator, Plan, RasterSpec
from spatialplan.slopes import CroplandSlope, judge_cropland

__all__ = ["RasterJudge"]

# Slopes take a dozen numbers a cell, beside windows of land cover that are being looked at.
SLOPE_CELLS = 1 << 20


class RasterJudge:
    """Runs the judgements on one plan's rasters; one that cannot be used is named in `unread`.

    Parameters
    ----------
    layers
        Layers that bear judgements, by their name in the plan.
    tell
        Called with the name of each step that is done.
    """

    def __init__(
        self,
        plan: Plan,
        layers: Mapping[str, Layer],
        townships: Layer | None,
        tell: Callable[[str], None],
    ) -> None:
        self.plan, self.layers, self.townships, self.tell = plan, layers, townships, tell
        self.unread: list[NotEvaluated] = []
        self._laid: LaidGrounds | None = None

    def judge_cover(
        self, year: int
    ) -> tuple[tuple[LandCover, ...], tuple[IndicatorFinding, ...], tuple[CorridorResult, ...]]:
        """Judge land cover, and on it the indicators of a year and the corridors."""
        landcover = self.land_cover()
        return landcover, self.indicators(year, landcover), self.corridors(landcover)

    def land_cover(self) -> tuple[LandCover, ...]:
        """Judge every land-cover raster; one that cannot be used is named in `unread`."""
        found = []
        for spec in self.plan.rasters_with_role("land_cover"):
            try:
                found.append(self._land_cover(spec))
            except SpatialplanError as error:
                self._leave_open(spec, error)
            self.tell(spec.title)
        return tuple(found)

    def _leave_open(self, spec: RasterSpec, error: SpatialplanError) -> None:
        self.unread += [
            NotEvaluated(spec.id, say("layer.unusable", where=fault.where, reason=fault.message))
            for fault in error.faults
        ]

    def corridors(self, landcover: tuple[LandCover, ...]) -> tuple[CorridorResult, ...]:
        """Judge the corridors of the pattern on the land cover that the plan names for them."""
        if self.plan.corridors is None:
            return ()
        rasters = {cover.raster.spec.id: cover.raster for cover in landcover}
        raster = rasters.get(self.plan.corridors.raster)
        return judge_corridors(
            self.plan,
            self.layers,
            raster,
            read=partial(read_windows, raster) if raster else None,
            townships=self.townships,
        )

    def slope(self) -> CroplandSlope | None:
        """Judge cropland by the first elevation raster; others are named in `unread`."""
        specs = self.plan.rasters_with_role("elevation")
        parcels = next((x for x in self.layers.values() if x.spec.role == "land_parcel"), None)
        self.unread += [NotEvaluated(spec.id, say("slopes.first_only")) for spec in specs[1:]]
        if not specs or parcels is None:
            return None
        try:
            raster = read_raster(specs[0], self.plan)
            read = partial(read_windows, raster, most_cells=SLOPE_CELLS)
            found = judge_cropland(parcels, raster, read=read, townships=self.townships)
        except SpatialplanError as error:
            self._leave_open(specs[0], error)
            return None
        if found is not None and found.is_partly_unknown:
            unknown = {"layer": parcels.spec.title, "area": found.unknown_m2 / 10_000}
            self.unread.append(NotEvaluated(specs[0].id, say("slopes.unknown_ground", **unknown)))
        return found

    def _land_cover(self, spec: RasterSpec) -> LandCover:
        raster = read_raster(spec, self.plan)
        return judge_land_cover(
            raster,
            self._covered,
            read=partial(read_windows, raster),
            townships=self.townships,
            laid=self._lay(raster.grid),
        )

    @cached_property
    def _covered(self) -> list[Layer]:
        named = {i.layer for i in self.plan.indicators if isinstance(i, CoverIndicator)}
        covered = {layer.spec.id for layer in covered_layers(self.layers.values())} | named
        return [layer for layer in self.layers.values() if layer.spec.id in covered]

    def _lay(self, grid: Grid) -> LaidGrounds | None:
        """Lay the same ground only once under all editions on one grid."""
        if not self._covered:
            return None
        if self._laid is None or self._laid.zones.grid != grid:
            grounds = self._laid and self._laid.grounds
            grounds = grounds or divide_grounds(self._covered, self.townships)
            editions = len(self.plan.rasters_with_role("land_cover"))
            plane = self._covered[0].plane
            self._laid = LaidGrounds.on(grid, grounds, plane, editions=editions)
        return self._laid

    def indicators(
        self, year: int, landcover: tuple[LandCover, ...]
    ) -> tuple[IndicatorFinding, ...]:
        """Judge the indicators of a year on the land cover read before."""
        covers = {cover.raster.spec.id: cover for cover in landcover}
        found = []
        for spec in self.plan.indicators:
            if spec.year == year:
                found.append(self._indicator(spec, covers))
                self.tell(spec.title)
        return tuple(found)

    def _indicator(self, spec: Indicator, covers: Mapping[str, LandCover]) -> IndicatorFinding:
        if not isinstance(spec, CoverIndicator) or spec.raster not in covers:
            return not_evaluated_indicator(spec)
        layer, cover = self.layers.get(spec.layer), covers[spec.raster]
        if layer is None:
            title = self.plan.layers[spec.layer].title
            return not_evaluated_indicator(spec, say("layer.missing", layer=title))
        try:
            read = partial(read_windows, cover.raster)
            return judge_indicator(spec, cover, layer, read=read)
        except SpatialplanError as error:
            return not_evaluated_indicator(spec, error.faults[0].message)

    def open_ground(self, landcover: tuple[LandCover, ...]) -> Iterator[NotEvaluated]:
        """Yield what land cover leaves unsaid of the plan's layers."""
        titles = {key: spec.title for key, spec in self.plan.layers.items()}
        for cover in landcover:
            for message in find_gaps(cover, titles):
                yield NotEvaluated(cover.raster.spec.id, message)
