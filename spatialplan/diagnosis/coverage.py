"""How the polygons of one layer lie to each other: overlaps, gaps, slivers, unsnapped borders.

Judged in the plane of judgement. An *overlap* is ground that two features have in common; a *gap*
is ground that no feature covers although features enclose it; a *sliver* is a feature, or a part
of one, too thin to be land. Gaps and overlaps narrower than projection noise (1 mm) do not count.
A border is *unsnapped* where a vertex lies nearer than 0.1 m to a neighbour's border but not on it
and no gap or overlap there says so already.

Gaps of any width are faults only in layers that must cover their ground without any; in others,
whose holes may be meant (天窗), only gaps too narrow to be meant are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.diagnosis.borders import SNAP_M, Borders, find_near_vertices
from spatialplan.diagnosis.defects import Defect, Place, make_defect
from spatialplan.findings import NOISE_WIDTH_M, PieceClass, Severity
from spatialplan.messages import Message, say
from spatialplan.overlay import OverlapPieces, inner_overlaps, mean_width
from spatialplan.pieces import classify_pieces, settle_pieces
from spatialplan.plan import Tolerance

__all__ = ["COVERING_ROLES", "CoverageLayer", "diagnose_coverage", "is_too_loose"]

# Layers whose features must cover their ground without a gap.
COVERING_ROLES = frozenset({"land_parcel", "administrative_area", "planned_use", "control_unit"})
# Layers whose features may lie on one another: a zone in a zone, a site under two names.
OVERLAPPING_ROLES = frozenset({"protected_area", "water_source", "heritage", "other"})
# In other layers a narrower gap than this is no window but a slip.
NARROW_GAP_M = 0.5
# Wider than this, though thin, a feature may be a road, a ditch or a field ridge.
THIN_WIDTH_M, THINNEST = 1.0, 0.02
# With more loose stretches than this a layer is no coverage, and noding them would take minutes.
MOST_LOOSE = 1_500_000
# Above this share of features with loose stretches all are compared with all.
MOST_SUSPECT_SHARE = 0.3
# Two areas are the same but for rounding.
SAME_SHARE = 1e-9

Shapes = NDArray[np.object_]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class CoverageLayer:
    """Polygons of one layer in the plane of judgement: valid, with one id each, and the role."""

    key: str
    role: str
    shapes: Shapes
    ids: NDArray[np.object_]


def diagnose_coverage(layer: CoverageLayer, borders: Borders) -> list[Defect]:
    """Find the faults between the features of one layer, and features too thin to be land.

    Features drawn alike are repeated shapes (`diagnose_geometry`) and not told again.

    Parameters
    ----------
    layer
        The layer.
    borders
        Its borders, from `match_borders`.

    Returns
    -------
    defects
        One a class; places are polygons in the plane (points where borders are unsnapped), with
        area in m² (distance in m) as what was measured.
    """
    pieces = settle_pieces(find_overlaps(layer.shapes, borders), Tolerance())
    faces = find_gaps(layer, borders)
    ground = np.concatenate([pieces.geometry, faces])
    return [
        *_overlap_defects(layer, pieces),
        *_gap_defects(layer, faces),
        *_sliver_defects(layer),
        *_unsnapped_defects(layer, borders, ground),
    ]


def is_too_loose(borders: Borders) -> bool:
    """Tell whether so few borders are shared that gaps and unsnapped borders are not looked for."""
    return len(borders.owner) > MOST_LOOSE


def find_overlaps(shapes: Shapes, borders: Borders) -> OverlapPieces:
    """Find ground that features share, beginning from those with loose stretches of border.

    Where features overlap, the overlap ends at a loose stretch; from there it is followed from
    feature to feature, so that none in the middle of two sheets is missed.
    """
    suspects = borders.owners()
    if len(suspects) > MOST_SUSPECT_SHARE * len(shapes):
        return inner_overlaps(shapes, assume_valid=True)
    tree = shapely.STRtree(shapes)
    seen = np.array([], dtype=np.intp)
    gathered: dict[tuple[int, int], list[shapely.Geometry]] = {}
    while len(suspects):
        seen = np.union1d(seen, suspects)
        near = np.unique(np.concatenate([tree.query(shapes[suspects])[1], suspects]))
        found = inner_overlaps(shapes[near], assume_valid=True)
        pairs = zip(near[found.a_index].tolist(), near[found.b_index].tolist(), strict=True)
        fresh: dict[tuple[int, int], list[shapely.Geometry]] = {}
        for pair, piece in zip(pairs, found.geometry, strict=True):
            fresh.setdefault(pair, []).append(piece)
        gathered.update(fresh)
        members = np.array([row for pair in fresh for row in pair], dtype=np.intp)
        suspects = np.setdiff1d(members, seen)
    rows = [(a, b, piece) for (a, b), found in sorted(gathered.items()) for piece in found]
    a_index = np.array([row[0] for row in rows], dtype=np.int64)
    b_index = np.array([row[1] for row in rows], dtype=np.int64)
    geometry = np.empty(len(rows), dtype=object)
    geometry[:] = [row[2] for row in rows]
    return OverlapPieces(a_index, b_index, geometry)


def find_gaps(layer: CoverageLayer, borders: Borders) -> Shapes:
    """Return ground that features enclose and none covers, single polygons wider than noise."""
    if is_too_loose(borders) or not len(borders.owner):
        return np.array([], dtype=object)
    # Merged first: noding a few long lines is many times quicker than noding all stretches.
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(borders.lines)))
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(merged)]))
    faces = faces[mean_width(faces) >= NOISE_WIDTH_M]
    inner = shapely.point_on_surface(faces)
    covered = np.unique(shapely.STRtree(layer.shapes).query(inner, predicate="intersects")[0])
    gaps = np.delete(faces, covered)
    if layer.role not in COVERING_ROLES:
        gaps = gaps[mean_width(gaps) <= NARROW_GAP_M]
    return np.asarray(gaps, dtype=object)


def _overlap_defects(layer: CoverageLayer, pieces: OverlapPieces) -> Iterator[Defect]:
    kind = classify_pieces(pieces.geometry, Tolerance())
    area = shapely.area(layer.shapes)
    first, second = area[pieces.a_index], area[pieces.b_index]
    _, pair = np.unique(np.stack([pieces.a_index, pieces.b_index]), axis=1, return_inverse=True)
    shared = np.bincount(pair.ravel(), pieces.area)[pair.ravel()]
    same = shared >= np.maximum(first, second) * (1 - SAME_SHARE)
    inside = ~same & (shared >= np.minimum(first, second) * (1 - SAME_SHARE))
    real = kind == PieceClass.CONFLICT
    weight = Severity.WARNING if layer.role in OVERLAPPING_ROLES else Severity.ERROR
    classes = {
        "overlap_identical": (
            same & ~_drawn_alike(layer, pieces) & (kind != PieceClass.NOISE),
            Severity.ERROR,
        ),
        "overlap_contained": (inside & (kind != PieceClass.NOISE), weight),
        "overlap": (real & ~same & ~inside, weight),
        "overlap_sliver": ((kind == PieceClass.SLIVER) & ~same & ~inside, Severity.WARNING),
    }
    for rule_id, (chosen, severity) in classes.items():
        rows = np.flatnonzero(chosen)
        if len(rows):
            places = [
                Place(
                    ids=(str(layer.ids[pieces.a_index[row]]), str(layer.ids[pieces.b_index[row]])),
                    geometry=pieces.geometry[row],
                    measured=float(shapely.area(pieces.geometry[row])),
                    detail=_width_of(pieces.geometry[row]),
                )
                for row in rows.tolist()
            ]
            yield _ground_defect(layer, rule_id, severity, places)


def _drawn_alike(layer: CoverageLayer, pieces: OverlapPieces) -> NDArray[np.bool_]:
    """Tell which pairs are the same shape, from whichever vertex it is drawn."""
    first, second = layer.shapes[pieces.a_index], layer.shapes[pieces.b_index]
    alike = (shapely.bounds(first) == shapely.bounds(second)).all(axis=1)
    rows = np.flatnonzero(alike)
    alike[rows] = shapely.equals_exact(
        shapely.normalize(first[rows]), shapely.normalize(second[rows])
    )
    return np.asarray(alike)


def _gap_defects(layer: CoverageLayer, gaps: Shapes) -> Iterator[Defect]:
    if not len(gaps):
        return
    narrow = classify_pieces(gaps, Tolerance()) == PieceClass.SLIVER
    found = shapely.STRtree(layer.shapes).query(gaps, predicate="dwithin", distance=NOISE_WIDTH_M)
    neighbours: dict[int, list[str]] = {}
    for gap, feature in sorted(zip(*found.tolist(), strict=True)):
        neighbours.setdefault(gap, []).append(str(layer.ids[feature]))
    for rule_id, chosen in (("gap", ~narrow), ("gap_sliver", narrow)):
        severity = Severity.WARNING if rule_id == "gap_sliver" else Severity.ERROR
        places = [
            Place(
                ids=tuple(neighbours.get(row, ())),
                geometry=gaps[row],
                measured=float(shapely.area(gaps[row])),
                detail=_width_of(gaps[row]),
            )
            for row in np.flatnonzero(chosen).tolist()
        ]
        if places:
            yield _ground_defect(layer, rule_id, severity, places)


def _sliver_defects(layer: CoverageLayer) -> Iterator[Defect]:
    parts, owner = shapely.get_parts(layer.shapes, return_index=True)
    area, width = shapely.area(parts), mean_width(parts)
    perimeter = shapely.length(parts)
    thinness = 4 * np.pi * area / np.where(perimeter, perimeter, 1.0) ** 2
    tolerance = Tolerance()
    thin = (width <= tolerance.width_m) | (area <= tolerance.area_m2)
    thin |= (width <= THIN_WIDTH_M) & (thinness <= THINNEST)
    places = [
        Place(
            ids=(str(layer.ids[owner[row]]),),
            geometry=parts[row],
            measured=float(area[row]),
            detail=say("diagnosis.thin", width_m=float(width[row]), thinness=float(thinness[row])),
        )
        for row in np.flatnonzero(thin).tolist()
    ]
    if places:
        yield _ground_defect(layer, "sliver_feature", Severity.WARNING, places)


def _unsnapped_defects(layer: CoverageLayer, borders: Borders, ground: Shapes) -> Iterator[Defect]:
    if is_too_loose(borders) or not len(borders.owner):
        return
    near = find_near_vertices(borders)
    told = np.array([], dtype=np.intp)
    if len(ground):
        tree = shapely.STRtree(ground)
        told = tree.query(near.points, predicate="dwithin", distance=SNAP_M)[0]
    rows = np.setdiff1d(np.arange(len(near.points)), told)
    if not len(rows):
        return
    places = [
        Place(
            ids=(str(layer.ids[near.owner[row]]), str(layer.ids[near.other[row]])),
            geometry=near.points[row],
            measured=float(near.distance_m[row]),
        )
        for row in rows.tolist()
    ]
    message = say("diagnosis.unsnapped", count=len(rows), snap_m=SNAP_M)
    yield make_defect(
        "unsnapped",
        layer.key,
        Severity.WARNING,
        message,
        places,
        measured=float(near.distance_m[rows].max()),
        unit="m",
        in_plane=True,
    )


def _ground_defect(
    layer: CoverageLayer, rule_id: str, severity: Severity, places: list[Place]
) -> Defect:
    area_m2 = math.fsum(place.measured or 0.0 for place in places)
    message = say(f"diagnosis.{rule_id}", count=len(places), area_m2=area_m2)
    return make_defect(
        rule_id, layer.key, severity, message, places, measured=area_m2, unit="m2", in_plane=True
    )


def _width_of(ground: shapely.Geometry) -> Message:
    width = float(mean_width(np.array([ground], dtype=object))[0])
    return say("diagnosis.width", width_m=width)
