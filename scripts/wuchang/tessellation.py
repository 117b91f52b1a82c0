"""One planar tessellation of the county that every layer is taken from.

Cells are those of the seeds' Voronoi diagram, cut at the county's border. Each border between
two cells is bent once, inside the two triangles that it spans with its seeds: no other border
enters them, so bending never crosses anything and neighbours share every vertex.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi, cKDTree

from wuchang.terrain import Points, random_source

Index = NDArray[np.int64]

DECIMALS = 4
_SHORTEST_M = 0.6
_BORDER_STEP_M = 180.0


@dataclass(frozen=True)
class Diagram:
    """Straight borders between cells: `ends` into `corners`, `sides` into the seeds."""

    seeds: Points
    corners: Points
    ends: Index
    sides: Index

    def areas(self) -> NDArray[np.float64]:
        """Area of each uncut cell in m², from the triangles under its borders."""
        u, v = self.corners[self.ends[:, 0]], self.corners[self.ends[:, 1]]
        total = np.zeros(len(self.seeds))
        for k in (0, 1):
            seed = self.seeds[self.sides[:, k]]
            np.add.at(total, self.sides[:, k], 0.5 * np.abs(_cross(u - seed, v - seed)))
        return total


def _cross(a: Points, b: Points) -> NDArray[np.float64]:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def draw_diagram(seeds: Points, county: shapely.Polygon) -> Diagram:
    """Voronoi diagram of the seeds; a far ring of guards keeps every cell finite."""
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    reach = 3 * max(county.bounds[2] - county.bounds[0], county.bounds[3] - county.bounds[1])
    centre = np.array(county.centroid.coords[0])
    guards = centre + reach * np.column_stack([np.cos(turn), np.sin(turn)])
    found = Voronoi(np.vstack([seeds, guards]) - centre)
    ends, sides = np.array(found.ridge_vertices), found.ridge_points
    real = (ends >= 0).all(axis=1) & (sides < len(seeds)).all(axis=1)
    corners, ends = _merge_close(found.vertices + centre, ends[real])
    kept = ends[:, 0] != ends[:, 1]
    return Diagram(seeds, corners, ends[kept], sides[real][kept].astype(np.int64))


def _merge_close(corners: Points, ends: Index) -> tuple[Points, Index]:
    """Corners nearer than the shortest border become one, the one of lowest number."""
    target = np.arange(len(corners))
    pairs = cKDTree(corners).query_pairs(_SHORTEST_M, output_type="ndarray")
    for a, b in pairs[np.lexsort(pairs.T[::-1])]:
        target[max(target[a], target[b])] = min(target[a], target[b])
    while (target != target[target]).any():
        target = target[target]
    return np.round(corners, DECIMALS), target[ends].astype(np.int64)


def tessellate(
    diagram: Diagram, county: shapely.Polygon, detail: NDArray[np.bool_]
) -> NDArray[np.object_]:
    """Polygon of each seed, in the seeds' order.

    Parameters
    ----------
    diagram
        Borders between the cells.
    county
        Outline; its edges stay straight and get vertices where borders meet them.
    detail
        For each border, whether it gets many vertices (it will bound a control line).
    """
    straight = shapely.linestrings(diagram.corners[diagram.ends])
    inside = shapely.contains_properly(_prepared(county), straight)
    bent = _bend(diagram, np.flatnonzero(inside), detail)
    bent = _straighten_crossing(bent, straight[inside], county)
    cut = _cut_at_border(straight[~inside], county)
    rim = _rim_pieces(county, shapely.get_coordinates(shapely.boundary(shapely.union_all(cut))))
    lines = np.concatenate([bent, cut, rim])
    faces = shapely.get_parts(shapely.polygonize(lines))
    return _one_face_a_seed(faces, diagram.seeds)


def _prepared(geometry: shapely.Polygon) -> shapely.Polygon:
    shapely.prepare(geometry)
    return geometry


def _bend(diagram: Diagram, which: Index, detail: NDArray[np.bool_]) -> NDArray[np.object_]:
    """Borders as bent lines, grouped by how many vertices they get."""
    u = diagram.corners[diagram.ends[which, 0]]
    v = diagram.corners[diagram.ends[which, 1]]
    length = np.hypot(*(v - u).T)
    count = np.digitize(length, (30.0, 130.0, 420.0))
    rich = np.clip((length / 17.0).astype(int), 2, 17)
    count = np.where(detail[which], rich, count)
    phases = random_source("bends").normal(size=(len(which), 6)) / np.arange(1, 7) ** 1.1
    bent = np.empty(len(which), dtype=object)
    for n in np.unique(count):
        rows = np.flatnonzero(count == n)
        sides = diagram.seeds[diagram.sides[which[rows]]]
        bent[rows] = _bend_alike(u[rows], v[rows], sides, phases[rows], int(n))
    return bent


def _bend_alike(
    u: Points, v: Points, sides: NDArray[np.float64], phases: NDArray[np.float64], n: int
) -> NDArray[np.object_]:
    """Lines from u to v with n vertices between, moved sideways by a sum of half waves."""
    s = np.linspace(0, 1, n + 2)
    along = v - u
    length = np.hypot(*along.T)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
    waves = np.sin(np.pi * np.outer(np.arange(1, 7), s))
    offset = 0.085 * length[:, None] * (phases @ waves)
    room = [_room(u, along, normal, sides[:, k], s) for k in (0, 1)]
    left = np.maximum(room[0], room[1])
    right = np.minimum(room[0], room[1])
    offset = np.clip(offset, 0.55 * right, 0.55 * left)
    points = u[:, None, :] + s[None, :, None] * along[:, None, :]
    points = points + offset[:, :, None] * normal[:, None, :]
    points[:, 0], points[:, -1] = u, v
    return np.asarray(shapely.linestrings(np.round(points, DECIMALS)))


def _room(
    u: Points, along: Points, normal: Points, seed: Points, s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Signed distance from the border to the triangle's other sides, at each parameter."""
    length2 = (along**2).sum(axis=1)
    foot = ((seed - u) * along).sum(axis=1) / length2
    height = ((seed - u) * normal).sum(axis=1)
    before = np.where(foot > 1e-9, 1 / np.maximum(foot, 1e-9), np.inf)
    after = np.where(foot < 1 - 1e-9, 1 / np.maximum(1 - foot, 1e-9), np.inf)
    with np.errstate(invalid="ignore"):
        rise = np.nan_to_num(np.outer(before, s), nan=0.0, posinf=np.inf)
        fall = np.nan_to_num(np.outer(after, 1 - s), nan=0.0, posinf=np.inf)
    share = np.minimum(np.minimum(rise, fall), 1.0)
    return np.asarray(share * height[:, None])


def _straighten_crossing(
    bent: NDArray[np.object_], straight: NDArray[np.object_], county: shapely.Polygon
) -> NDArray[np.object_]:
    """Bent borders that would leave the county stay straight."""
    stays = shapely.contains_properly(_prepared(county), bent)
    return np.where(stays, bent, straight)


def _cut_at_border(lines: NDArray[np.object_], county: shapely.Polygon) -> NDArray[np.object_]:
    """Parts of straight borders inside the county, ends rounded."""
    touched = lines[shapely.intersects(_prepared(county), lines)]
    parts = shapely.get_parts(shapely.intersection(touched, county))
    parts = parts[shapely.get_type_id(parts) == 1]
    parts = parts[shapely.length(parts) > 1e-3]
    rounded = shapely.transform(parts, lambda p: np.round(p, DECIMALS))
    return np.asarray(rounded[shapely.length(rounded) > 0])


def _rim_pieces(county: shapely.Polygon, touching: Points) -> NDArray[np.object_]:
    """Cut the county's outline into short lines, with a vertex wherever a border meets it."""
    ring = shapely.get_coordinates(county.exterior)
    at_vertex = cKDTree(ring).query(touching)[0] < 1e-3
    on_rim = shapely.distance(county.exterior, shapely.points(touching)) < 1e-3
    nodes = np.unique(touching[on_rim & ~at_vertex], axis=0)
    start = np.r_[0.0, np.cumsum(np.hypot(*np.diff(ring, axis=0).T))]
    at = shapely.line_locate_point(county.exterior, shapely.points(nodes))
    stations = np.concatenate([start[:-1], at])
    points = np.vstack([ring[:-1], nodes])[np.argsort(stations, kind="stable")]
    closed = np.vstack([points, points[:1]])
    return np.array([_split_evenly(a, b) for a, b in pairwise(closed)])


def _split_evenly(a: Points, b: Points) -> shapely.LineString:
    pieces = max(1, int(np.ceil(np.hypot(*(b - a)) / _BORDER_STEP_M)))
    share = np.linspace(0, 1, pieces + 1)[:, None]
    line = np.round(a + share * (b - a), DECIMALS)
    line[0], line[-1] = a, b
    return shapely.LineString(line)


def _one_face_a_seed(faces: NDArray[np.object_], seeds: Points) -> NDArray[np.object_]:
    """Faces in the seeds' order; a face without a seed joins its longest neighbour."""
    tree = shapely.STRtree(faces)
    seed_of, face_of = tree.query(shapely.points(seeds), predicate="within")
    if len(seed_of) != len(seeds) or len(np.unique(face_of)) != len(seeds):
        raise RuntimeError(f"{len(seeds)} seeds lie in {len(np.unique(face_of))} faces")
    cells = np.empty(len(seeds), dtype=object)
    cells[seed_of] = faces[face_of]
    owner = np.full(len(faces), -1)
    owner[face_of] = seed_of
    for orphan in np.flatnonzero(owner < 0):
        near = tree.query(faces[orphan], predicate="touches")
        near = near[owner[near] >= 0]
        shared = shapely.length(shapely.intersection(faces[near], faces[orphan]))
        best = owner[near[int(np.argmax(shared))]]
        cells[best] = shapely.union(cells[best], faces[orphan])
    return np.asarray(shapely.orient_polygons(cells))
