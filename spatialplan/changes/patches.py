"""Patches of new human activity (疑似问题图斑): connected ground, clipped to the lines it lies in.

The counted thing is a *patch*: cells that show new human activity, lie at least in part on watched
ground, meet at a side or a corner and are of one class in the later edition; clipped to the watched
lines exactly, so that a patch ends where the line ends. Its area is the official area of what the
watched lines together hold of it, each place once.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from spatialplan.changes.activity import may_be_seasonal, use_weight
from spatialplan.changes.outlines import anchor_cell, outline_patches
from spatialplan.changes.places import PlaceRank, rank_place, worst_place
from spatialplan.changes.runs import Runs
from spatialplan.changes.watching import NEARLY
from spatialplan.crs import Plane, to_degrees
from spatialplan.errors import ConservationError, Fault
from spatialplan.findings import NOISE_WIDTH_M
from spatialplan.layers import Grid, Layer
from spatialplan.layers.table import texts_of
from spatialplan.messages import say
from spatialplan.overlay import mean_width, overlap_pieces
from spatialplan.plan import LegendClass

__all__ = ["ClassShare", "Contact", "Patch", "PatchGround", "find_patches", "rank_patches"]

# Edges are drawn straight from cell to cell, so ground summed from parts of cells is known to a
# millionth or so of the cells.
CONSERVED_SHARE = 1e-5

# 1e-5 degrees is about a metre, finer than any cell: no two first cells are called alike.
ID_DEGREES = 1e5


@dataclass(frozen=True, slots=True)
class Contact:
    """Ground of a patch inside one feature of a watched line."""

    layer: str
    zone: str
    feature_id: str
    feature_name: str
    area_m2: float
    rank: PlaceRank


@dataclass(frozen=True, slots=True)
class ClassShare:
    """A class of the earlier edition and the share (0 to 1) of a patch that was of it."""

    was: LegendClass
    share: float


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch of new human activity.

    Attributes
    ----------
    patch_id
        From the region, the patch's first cell (west to east in the northernmost row) and its
        classes: the same editions give the same id whatever else is found.
    shape
        In the plane of judgement, clipped to the watched lines.
    before
        Classes of the earlier edition, the largest share first.
    contacts
        Features of watched lines, worst place first, then the largest ground.
    longitude, latitude
        Of a point in it, degrees on CGCS2000.
    heavier
        Part of it was used by people before, and more lightly.
    seasonal
        Season or water level alone could look like this; a person has to tell.
    """

    patch_id: str
    shape: shapely.Geometry
    area_m2: float
    before: tuple[ClassShare, ...]
    after: LegendClass
    contacts: tuple[Contact, ...]
    place: PlaceRank
    township: str
    longitude: float
    latitude: float
    heavier: bool
    seasonal: bool

    @property
    def was(self) -> LegendClass:
        """The class that most of it was of before."""
        return self.before[0].was


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchGround:
    """What patches are judged on: the lines watched, the grid, legends and names of places.

    `code` is the region's, which begins every id; `crs` is where edges of geographic grids count
    as straight.
    """

    watched: Sequence[Layer]
    townships: Layer | None
    grid: Grid
    plane: Plane
    crs: CRS
    code: str
    before: tuple[LegendClass, ...]
    after: tuple[LegendClass, ...]


def find_patches(
    found: Sequence[Runs], ground: PatchGround, *, minimum_m2: float
) -> tuple[tuple[Patch, ...], tuple[float, ...]]:
    """Return the patches that are large enough, ranked, and the areas (m²) of the others.

    Parameters
    ----------
    found
        Runs of one patch each.
    minimum_m2
        Smallest official area; a thousandth less still counts, because cells are larger in their
        projection than on the ellipsoid by up to so much.

    Raises
    ------
    ConservationError
        If a patch's outline and its cells do not come to the same ground.
    """
    outlines = outline_patches(found, ground.grid, plane=ground.plane, working_crs=ground.crs)
    contacts, shapes = _clip(outlines, ground.watched)
    areas = shapely.area(shapes)
    _require_conserved(found, areas, shapely.area(outlines))
    large = np.flatnonzero(areas >= NEARLY * minimum_m2)
    small = tuple(areas[areas < NEARLY * minimum_m2].tolist())
    points = shapely.point_on_surface(shapes[large])
    towns = _name_units(points, ground.townships)
    degrees = ground.plane.unproject(shapely.get_coordinates(points))
    patches = [
        replace(
            _describe(found[row], shapes[row], contacts[row], ground),
            township=town,
            longitude=float(degree[0]),
            latitude=float(degree[1]),
        )
        for row, town, degree in zip(large.tolist(), towns, degrees, strict=True)
    ]
    return rank_patches(patches), small


def rank_patches(patches: Iterable[Patch]) -> tuple[Patch, ...]:
    """Return patches by place, worst first, then by area."""
    order = list(PlaceRank)
    return tuple(
        sorted(patches, key=lambda one: (order.index(one.place), -one.area_m2, one.patch_id))
    )


def _require_conserved(
    found: Sequence[Runs], areas: NDArray[np.float64], cells_m2: NDArray[np.float64]
) -> None:
    """Hold the areas of outlines against the ground of their cells, two ways to one figure."""
    for runs, area, whole in zip(found, areas.tolist(), cells_m2.tolist(), strict=True):
        gap = area - math.fsum(runs.ground_m2)
        if abs(gap) > CONSERVED_SHARE * whole:
            where = f"patches[{int(runs.row[0])}, {int(runs.first[0])}]"
            raise ConservationError(Fault(where, say("monitor.gap", gap=gap, whole=whole)))


def _clip(
    outlines: NDArray[np.object_], watched: Sequence[Layer]
) -> tuple[list[list[Contact]], NDArray[np.object_]]:
    """Return what each patch has in common with every feature, and with all of them together."""
    contacts: list[list[Contact]] = [[] for _ in outlines]
    parts: list[list[shapely.Geometry]] = [[] for _ in outlines]
    for layer in watched:
        pieces = overlap_pieces(outlines, layer.geometry, assume_valid=True)
        ground = mean_width(pieces.geometry) >= NOISE_WIDTH_M
        keys = pieces.a_index * len(layer.frame) + pieces.b_index
        for patch, part in zip(pieces.a_index.tolist(), pieces.geometry, strict=True):
            parts[patch].append(part)
        met, place = np.unique(keys[ground], return_inverse=True)
        areas = np.bincount(place, pieces.area[ground], len(met))
        for key, area in zip(met.tolist(), areas.tolist(), strict=True):
            patch, feature = divmod(key, len(layer.frame))
            contacts[patch].append(_contact(layer, feature, area))
    order = list(PlaceRank)
    for one in contacts:
        one.sort(key=lambda c: (order.index(c.rank), -c.area_m2, c.layer, c.feature_id))
    shapes = np.full(len(outlines), None, dtype=object)
    shapes[:] = [shapely.normalize(shapely.union_all(found)) for found in parts]
    return contacts, shapes


def _contact(layer: Layer, feature: int, area_m2: float) -> Contact:
    spec = layer.spec
    zone = _text(layer, spec.zone_field, feature)
    return Contact(
        layer=spec.id,
        zone=zone,
        feature_id=str(layer.ids[feature]),
        feature_name=_text(layer, spec.name_field, feature),
        area_m2=area_m2,
        rank=rank_place(spec, zone),
    )


def _text(layer: Layer, field: str | None, feature: int) -> str:
    column = layer.frame[field] if field in layer.frame.columns else None
    return "" if column is None else str(texts_of(column.iloc[feature : feature + 1])[0])


def _describe(
    runs: Runs, shape: shapely.Geometry, contacts: Sequence[Contact], ground: PatchGround
) -> Patch:
    after = next(entry for entry in ground.after if entry.value == int(runs.after[0]))
    before = _shares(runs, ground.before)
    kinds = [share.was.kind for share in before]
    return Patch(
        patch_id=_name(runs, before[0].was, after, ground),
        shape=shape,
        area_m2=float(shapely.area(shape)),
        before=before,
        after=after,
        contacts=tuple(contacts),
        place=worst_place(contact.rank for contact in contacts),
        township="",
        longitude=0.0,
        latitude=0.0,
        heavier=any(use_weight(kind) for kind in kinds),
        seasonal=any(may_be_seasonal(kind, after.kind) for kind in kinds),
    )


def _shares(runs: Runs, legend: Sequence[LegendClass]) -> tuple[ClassShare, ...]:
    whole = math.fsum(runs.ground_m2)
    found = [
        ClassShare(entry, math.fsum(runs.ground_m2[runs.before == entry.value]) / whole)
        for entry in legend
        if (runs.before == entry.value).any()
    ]
    return tuple(sorted(found, key=lambda one: (-round(one.share, 9), one.was.value)))


def _name(runs: Runs, was: LegendClass, after: LegendClass, ground: PatchGround) -> str:
    east, north = anchor_cell(runs, ground.grid)
    degrees = to_degrees(np.array([[east, north]]), ground.grid.crs)[0]
    longitude, latitude = (round(float(value) * ID_DEGREES) for value in degrees)
    parts = [ground.code, f"E{longitude:08d}N{latitude:07d}", f"{was.value}to{after.value}"]
    return "-".join(part for part in parts if part)


def _name_units(points: NDArray[np.object_], townships: Layer | None) -> list[str]:
    """Name the unit that holds each point; blank where none does."""
    names = [""] * len(points)
    if townships is None or not len(points):
        return names
    units = townships.text(townships.spec.name_field)
    tree = shapely.STRtree(townships.geometry)
    rows, unit_rows = tree.query(points, predicate="intersects")
    for row, unit in zip(rows.tolist(), unit_rows.tolist(), strict=True):
        names[row] = names[row] or str(units[unit])
    return names
