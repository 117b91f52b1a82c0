"""From a submission to sites: geometry in the plane of judgement, and every doubt said.

An error about one site keeps only that site from being judged. Nothing is repaired: a site whose
outline is unclear has no geometry here, and an error that says where and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from spatialplan.area import to_plane, unproject
from spatialplan.crs import Plane
from spatialplan.findings import Severity
from spatialplan.layers import COORDINATE_LIMIT, Layer, planar_area
from spatialplan.messages import say
from spatialplan.sites.footprints import (
    COLLECTION,
    NARROWEST_M,
    POLYGONS,
    Footprint,
    Parts,
    draw_strips,
    footprint_doubts,
    take_apart,
)
from spatialplan.sites.neighbours import neighbour_doubts, region_doubts
from spatialplan.sites.position import position_doubts, region_degrees, settle_sites
from spatialplan.sites.soundness import invalid_doubt, invalid_in_plane
from spatialplan.sites.stated import compare_stated
from spatialplan.sites.submission import Submission
from spatialplan.sites.table import WHOLE_FILE, Doubt, Sites

__all__ = ["assemble_sites", "unique_ids"]

# Smaller than this a site is hardly meant: less than half of what its area is printed to.
SMALLEST_M2 = 0.5
# Information that is alike for more sites than this is said once for the file.
MOST_ALIKE = 20
ALIKE = frozenset({"ring_closed", "footprint_given", "linearised"})


@dataclass(slots=True)
class _Bench:
    """Sites while they are put together."""

    shapes: NDArray[np.object_]
    plane_shapes: NDArray[np.object_]
    planar_m2: NDArray[np.float64]
    doubts: list[Doubt] = field(default_factory=list)

    def add(self, doubts: Iterable[Doubt]) -> None:
        """Note doubts; a site with an error is not judged."""
        for doubt in doubts:
            self.doubts.append(doubt)
            if doubt.severity is Severity.ERROR and doubt.row != WHOLE_FILE:
                self.shapes[doubt.row] = None
                self.plane_shapes[doubt.row] = None

    @property
    def rows(self) -> NDArray[np.intp]:
        """Rows whose shape as submitted is still to be judged."""
        return np.flatnonzero(~shapely.is_missing(self.shapes))

    @property
    def placed(self) -> NDArray[np.intp]:
        """Rows that have ground in the plane."""
        return np.flatnonzero(~shapely.is_missing(self.plane_shapes))


def assemble_sites(
    submission: Submission,
    *,
    plane: Plane,
    working_crs: CRS,
    footprint: Footprint,
    region: Layer | None = None,
    neighbours: bool = True,
) -> Sites:
    """Take a submission to the plane of judgement.

    Parameters
    ----------
    submission
        Sites as a file states them.
    plane
        The plane of judgement, which is the region's as well.
    working_crs
        The projected CRS in which strips are drawn, and edges in degrees are straight.
    footprint
        What lines and points stand for.
    region
        The county; None leaves out whether sites lie in it.
    neighbours
        Whether to look for sites that are the same or overlap; in a batch of a larger file that
        cannot be told.

    Returns
    -------
    sites
        One row a site, in the order of the file.
    """
    given = submission.attributes
    count = len(submission.shapes)
    empty = np.full(count, None, dtype=object)
    bench = _Bench(submission.shapes.copy(), empty, np.full(count, np.nan))
    ids, id_doubts = unique_ids(given.ids)
    bench.add((*submission.doubts, *given.doubts, *id_doubts))
    _drop_heights(bench)
    settled = settle_sites(bench.shapes, submission)
    bench.shapes, crs = settled.shapes, settled.crs
    source = replace(submission.source, crs=settled.label, placement=settled.placement)
    bench.add(_absent(bench))
    bench.add(_not_finite(bench))
    rows = bench.rows
    bench.add(position_doubts(bench.shapes[rows], rows, crs, region_degrees(region)))
    _place_polygons(bench, crs, plane, working_crs)
    _place_others(bench, footprint, given.widths_m, crs, plane, working_crs)
    bench.add(_hardly_ground(bench))
    rows = bench.placed
    if neighbours:
        bench.add(neighbour_doubts(bench.plane_shapes[rows], rows, ids))
    bench.add(region_doubts(bench.plane_shapes[rows], rows, region))
    area_m2 = np.where(np.isin(np.arange(count), rows), shapely.area(bench.plane_shapes), np.nan)
    stated_m2, stated_doubts = compare_stated(given, area_m2)
    bench.add(stated_doubts)
    return Sites(
        ids=ids,
        names=given.names,
        kinds=given.kinds,
        remarks=given.remarks,
        geometry=bench.plane_shapes,
        area_m2=area_m2,
        planar_m2=np.where(np.isnan(area_m2), np.nan, bench.planar_m2),
        stated_m2=stated_m2,
        places=submission.places,
        doubts=tuple(sorted(_gather(bench.doubts), key=lambda doubt: doubt.row)),
        sources=(source,),
        plane=plane,
        crs=working_crs,
        demonstration=given.demonstration,
    )


def _gather(doubts: list[Doubt]) -> list[Doubt]:
    """Say once for the file what would be said of very many sites alike."""
    counts = Counter(doubt.fault for doubt in doubts)
    many = {fault for fault in ALIKE if counts[fault] > MOST_ALIKE}
    kept = [doubt for doubt in doubts if doubt.fault not in many]
    for fault in sorted(many):
        example = next(doubt.message for doubt in doubts if doubt.fault == fault)
        message = say("site.many_alike", count=counts[fault], example=example)
        kept.append(Doubt(WHOLE_FILE, fault, Severity.INFO, message))
    return kept


def unique_ids(raw: NDArray[np.object_]) -> tuple[NDArray[np.object_], list[Doubt]]:
    """Give every site an id of its own; the first of several alike keeps it."""
    counts, taken = Counter(raw), set(raw)
    ids, seen = raw.copy(), set[str]()
    doubts = []
    for row, text in enumerate(raw):
        if not text:
            ids[row] = _free_id(f"#{row + 1}", taken, blank=True)
        elif text in seen:
            ids[row] = _free_id(text, taken)
        taken.add(ids[row])
        seen.add(text)
        if not text and len(counts) > 1:
            message = say("site.blank_id", given=ids[row])
            doubts.append(Doubt(row, "blank_id", Severity.WARNING, message))
        elif text and counts[text] > 1:
            message = say("site.repeated_id", found=text, count=counts[text], given=ids[row])
            doubts.append(Doubt(row, "repeated_id", Severity.WARNING, message))
    if len(raw) and set(counts) == {""}:
        doubts.append(Doubt(WHOLE_FILE, "no_id_field", Severity.INFO, say("site.no_id_field")))
    return ids, doubts


def _free_id(text: str, taken: set[str], *, blank: bool = False) -> str:
    if blank and text not in taken:
        return text
    number = 2
    while f"{text} ({number})" in taken:
        number += 1
    return f"{text} ({number})"


def _drop_heights(bench: _Bench) -> None:
    rows = bench.rows
    high = rows[shapely.has_z(bench.shapes[rows]) | shapely.has_m(bench.shapes[rows])]
    if len(high):
        bench.shapes[high] = shapely.force_2d(bench.shapes[high])
        message = say("site.dropped_heights", count=len(high))
        bench.add([Doubt(WHOLE_FILE, "dropped_heights", Severity.INFO, message)])


def _absent(bench: _Bench) -> list[Doubt]:
    """Say of every site without a shape that it has none, unless it was said why."""
    errors = {doubt.row for doubt in bench.doubts if doubt.severity is Severity.ERROR}
    blank = np.flatnonzero(shapely.is_missing(bench.shapes) | shapely.is_empty(bench.shapes))
    message = say("site.no_geometry")
    return [
        Doubt(int(row), "no_geometry", Severity.ERROR, message)
        for row in blank
        if int(row) not in errors
    ]


def _not_finite(bench: _Bench) -> list[Doubt]:
    rows = bench.rows
    points, owner = shapely.get_coordinates(bench.shapes[rows], return_index=True)
    with np.errstate(invalid="ignore"):
        bad = ~(np.abs(points) < COORDINATE_LIMIT).all(axis=1)
    return [
        Doubt(int(rows[i]), "not_finite", Severity.ERROR, say("site.not_finite"))
        for i in np.unique(owner[bad])
    ]


def _place_polygons(bench: _Bench, crs: CRS, plane: Plane, working_crs: CRS) -> None:
    rows = bench.rows
    rows = rows[np.isin(shapely.get_type_id(bench.shapes[rows]), POLYGONS)]
    invalid = rows[~shapely.is_valid(bench.shapes[rows])]
    bench.add(
        invalid_doubt(int(row), bench.shapes[row], is_geographic=crs.is_geographic)
        for row in invalid
    )
    rows = np.setdiff1d(rows, invalid)
    if not len(rows):
        return
    placed = to_plane(bench.shapes[rows], crs, plane=plane, split_crs=working_crs)
    bench.plane_shapes[rows] = placed
    bench.planar_m2[rows] = planar_area(bench.shapes[rows], crs, working_crs)
    bench.add(
        invalid_in_plane(int(rows[i]), placed[i], plane)
        for i in np.flatnonzero(~shapely.is_valid(placed))
    )


def _place_others(
    bench: _Bench,
    usual: Footprint,
    widths_m: NDArray[np.float64] | None,
    crs: CRS,
    plane: Plane,
    working_crs: CRS,
) -> None:
    """Place lines, points and collections, one by one; they are few.

    A line's own width comes before the usual one.
    """
    rows = bench.rows
    for row in rows[~np.isin(shapely.get_type_id(bench.shapes[rows]), POLYGONS)]:
        footprint = usual if widths_m is None else usual.of_site(float(widths_m[row]))
        shape, parts = bench.shapes[row], take_apart(bench.shapes[row])
        if shapely.get_type_id(shape) == COLLECTION:
            message = say("site.collection")
            bench.add([Doubt(int(row), "collection", Severity.INFO, message)])
        bench.add(footprint_doubts(int(row), parts, footprint))
        if parts.polygon is not None and not parts.polygon.is_valid:
            degrees = crs.is_geographic
            bench.add([invalid_doubt(int(row), parts.polygon, is_geographic=degrees)])
        if bench.shapes[row] is None:
            continue
        ground = _ground(parts, footprint, crs, plane, working_crs)
        if ground is None or not ground.is_valid:
            bench.add([Doubt(int(row), "no_area", Severity.ERROR, say("site.no_area"))])
            continue
        bench.plane_shapes[row] = ground
        flat = unproject(np.array([ground], dtype=object), plane, working_crs)
        bench.planar_m2[row] = flat[0].area


def _ground(
    parts: Parts, footprint: Footprint, crs: CRS, plane: Plane, working_crs: CRS
) -> BaseGeometry | None:
    drawn = draw_strips(parts, footprint, crs=crs, plane=plane, working_crs=working_crs)
    if parts.polygon is not None:
        whole = np.array([parts.polygon], dtype=object)
        drawn += list(to_plane(whole, crs, plane=plane, split_crs=working_crs))
    if not drawn:
        return None
    return drawn[0] if len(drawn) == 1 else shapely.union_all(drawn)


def _hardly_ground(bench: _Bench) -> Iterator[Doubt]:
    """Refuse what has no area or is thinner than a centimetre; doubt what is tiny."""
    rows = bench.placed
    areas = shapely.area(bench.plane_shapes[rows])
    lengths = shapely.length(bench.plane_shapes[rows])
    for row, area, length in zip(rows, areas, lengths, strict=True):
        if area <= 0:
            yield Doubt(int(row), "no_area", Severity.ERROR, say("site.no_area"))
        elif (width_m := 2 * area / length) < NARROWEST_M:
            message = say("site.too_thin", width_mm=f"{1_000 * width_m:.2g}")
            yield Doubt(int(row), "too_thin", Severity.ERROR, message)
        elif area < SMALLEST_M2:
            message = say("site.tiny", area_m2=f"{area:.4f}")
            yield Doubt(int(row), "tiny", Severity.WARNING, message)
