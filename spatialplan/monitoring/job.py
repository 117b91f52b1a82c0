"""Compare two editions of land cover inside the lines of a plan, and keep the ledger's account.

What cannot be judged does not stop the rest: a watched line that was not read, ground without
values or beyond a raster, and values that a legend lacks come out as not evaluated.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from spatialplan.cells import LaidZones, lay_zones, sum_classes
from spatialplan.changes import (
    CellWatch,
    CommonGrid,
    GroundZone,
    PairCodes,
    Patch,
    PatchGround,
    ZoneMatrix,
    find_common_grid,
    find_patches,
    find_watched,
    lay_ground,
    list_zones,
    make_matrices,
)
from spatialplan.crs import Plane
from spatialplan.files import WINDOW_CELLS, Reading, read_layers, read_raster_pairs
from spatialplan.layers import Layer, RasterLayer
from spatialplan.messages import Message
from spatialplan.monitoring.gaps import find_gaps
from spatialplan.monitoring.ledgering import match_ledger, open_rows, read_entries
from spatialplan.monitoring.opening import name_edition, open_editions
from spatialplan.monitoring.results import Filtered, Monitoring
from spatialplan.overlay import cut_zones
from spatialplan.plan import LayerSpec, Plan, Role
from spatialplan.rulebook import read_rulebook

__all__ = ["monitor_plan"]

Progress = Callable[[str], None]

# Lines that have a matrix even where they are not watched.
MATRIX_ROLES: tuple[Role, ...] = (
    "ecological_red_line",
    "protected_area",
    "water_source",
    "basic_farmland",
    "urban_development_boundary",
)
PLACE_ROLES: tuple[Role, ...] = ("region", "administrative_area")


def monitor_plan(
    plan: Plan,
    before: str | Path,
    after: str | Path,
    *,
    classes: str | None = None,
    minimum_m2: float | None = None,
    ledger: str | Path | None = None,
    day: datetime.date | None = None,
    most_cells: int = WINDOW_CELLS,
    progress: Progress | None = None,
) -> Monitoring:
    """Find new human activity between two editions of land cover.

    Parameters
    ----------
    plan
        From `spatialplan.read_plan`; `plan.monitoring` says what is watched, and from which size.
    before, after
        The earlier and the later raster, on one grid.
    classes
        A legend of the plan by its name, or a TOML or CSV file with one.
    minimum_m2
        Smallest patch; default: the plan's.
    ledger
        The ledger (台账) that the patches are matched with; a file that is not there yet begins
        one. Nothing is written: see `spatialplan.reports.monitorings.write_ledger`.
    day
        The day whose rules are quoted; default: today.
    most_cells
        How many cells are looked at at a time; no result depends on it.

    Raises
    ------
    SourceError, PlanError, CrsError
        If a raster, legend or ledger cannot be used, or the two rasters cannot be compared.
    """
    one, other, notes = open_editions(plan, Path(before), Path(after), classes=classes)
    common = find_common_grid(one, other)
    entries = read_entries(Path(ledger)) if ledger is not None else None
    watched = find_watched(plan)
    reading = read_layers(plan, keys=_keys(plan, watched), progress=progress)
    comparison = _Comparison(
        plan=plan,
        before=one,
        after=other,
        common=common,
        reading=reading,
        watched=watched,
        minimum_m2=plan.monitoring.minimum_m2 if minimum_m2 is None else minimum_m2,
    )
    watch, matrices = comparison.walk(most_cells)
    patches, filtered = comparison.patches(watch)
    plane = comparison.plane
    run = match_ledger(entries, patches, other, plane=plane, crs=reading.crs) if entries else None
    today = day or datetime.date.today()
    found = Monitoring(
        plan=plan,
        day=today,
        rulebook=read_rulebook(plan, day=today),
        before=one,
        after=other,
        edition=name_edition(other),
        common=common,
        layers=reading.layers,
        watched=watched,
        plane=plane,
        crs=reading.crs,
        matrices=matrices,
        patches=patches,
        filtered=filtered,
        unknown_m2=watch.unknown_m2,
        ledger=run,
        notes=_notes(notes, comparison),
        not_evaluated=(),
    )
    left = open_rows(run) if run is not None else ()
    return replace(found, not_evaluated=(*reading.problems, *find_gaps(found), *left))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """Two editions over the lines of a plan, before a cell was looked at."""

    plan: Plan
    before: RasterLayer
    after: RasterLayer
    common: CommonGrid
    reading: Reading
    watched: tuple[LayerSpec, ...]
    minimum_m2: float

    @property
    def plane(self) -> Plane:
        """The plane of judgement."""
        return next(iter(self.reading.layers.values())).plane

    @property
    def watched_layers(self) -> list[Layer]:
        """The watched layers that could be read."""
        layers = self.reading.layers
        return [layers[spec.id] for spec in self.watched if spec.id in layers]

    def walk(self, most_cells: int) -> tuple[CellWatch, tuple[ZoneMatrix, ...]]:
        """Look at every cell once: sum up the matrices, and grow patches on the watched ground."""
        codes = PairCodes.of(self.before.legend, self.after.legend)
        zones = _list_zones(self.reading.layers)
        grid = self.common.grid
        watch = CellWatch(codes, self._watched_ground(), minimum_m2=self.minimum_m2)
        pairs = read_raster_pairs(self.before, self.after, grid, most_cells=most_cells)
        sums = sum_classes(watch.overlook(pairs), lay_ground(zones, grid, self.plane))
        return watch, make_matrices(zones, sums, codes)

    def patches(self, watch: CellWatch) -> tuple[tuple[Patch, ...], Filtered]:
        """Return the patches that are large enough, and what the others come to."""
        layers = self.reading.layers.values()
        units = [layer for layer in layers if layer.spec.role == "administrative_area"]
        ground = PatchGround(
            watched=self.watched_layers,
            townships=next((layer for layer in units if len(layer.frame)), None),
            grid=self.common.grid,
            plane=self.plane,
            crs=self.reading.crs,
            code=self.plan.header.region_code,
            before=self.before.legend,
            after=self.after.legend,
        )
        patches, small = find_patches(watch.patches, ground, minimum_m2=self.minimum_m2)
        area = math.fsum((watch.small_m2, *small))
        return patches, Filtered(self.minimum_m2, watch.small_count + len(small), area)

    def _watched_ground(self) -> LaidZones:
        shapes = [layer.geometry for layer in self.watched_layers]
        together = np.concatenate([np.zeros(0, dtype=object), *shapes])
        parts = cut_zones(together, assume_valid=True).parts
        return lay_zones(parts, self.common.grid, self.plane)


def _keys(plan: Plan, watched: Sequence[LayerSpec]) -> set[str]:
    """Return the layers that are read: watched, with a matrix, or names of places."""
    wanted = {spec.id for spec in watched}
    for key, spec in plan.layers.items():
        if spec.geometry == "polygon" and spec.role in (*MATRIX_ROLES, *PLACE_ROLES):
            wanted.add(key)
    return wanted


def _list_zones(layers: Mapping[str, Layer]) -> list[GroundZone]:
    """Return the ground that gets a matrix, in the plan's order, the region last."""
    lines: list[GroundZone] = []
    region: list[GroundZone] = []
    for layer in layers.values():
        if not len(layer.frame) or layer.spec.role == "administrative_area":
            continue
        if layer.spec.role == "region":
            region += list_zones(layer, part="region")
        else:
            lines += list_zones(layer)
    return [*lines, *region]


def _notes(notes: Sequence[Message], comparison: _Comparison) -> tuple[Message, ...]:
    common = [comparison.common.note] if comparison.common.note else []
    files = [*comparison.before.notes, *comparison.after.notes]
    return tuple({str(note): note for note in (*notes, *common, *files)}.values())
