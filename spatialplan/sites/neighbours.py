"""Sites against each other and against the region.

Two sites are the same when their outlines in the plane of judgement are, wherever they start; they
overlap when they share ground wider than projection noise. Ground outside the region is measured.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.findings import NOISE_WIDTH_M, Severity
from spatialplan.layers import Layer
from spatialplan.messages import say
from spatialplan.sites.table import WHOLE_FILE, Doubt

__all__ = ["neighbour_doubts", "region_doubts"]

# Sites compared at once, and pairs beyond which a file is not a list of sites but a stack of them.
CHUNK = 1_000
MOST_PAIRS = 1_000_000
# How many other sites a message names.
MOST_NAMED = 5

Shapes = NDArray[np.object_]
Rows = NDArray[np.intp]
Pairs = NDArray[np.intp]


def neighbour_doubts(shapes: Shapes, rows: Rows, ids: NDArray[np.object_]) -> list[Doubt]:
    """Find sites that are submitted twice or overlap.

    Parameters
    ----------
    shapes
        Valid geometry in the plane of judgement, object[n].
    rows
        Row of each among the sites.
    ids
        Ids of all sites, by row.
    """
    groups: dict[bytes, list[int]] = defaultdict(list)
    for i, text in enumerate(shapely.to_wkb(shapely.normalize(shapes))):
        groups[text].append(i)
    twin = np.arange(len(shapes))
    doubts = []
    for members in groups.values():
        twin[members] = members[0]
        for i in members if len(members) > 1 else ():
            others = _listed([str(ids[rows[j]]) for j in members if j != i])
            message = say("site.same_geometry", others=others, count=len(members) - 1)
            doubts.append(Doubt(int(rows[i]), "same_geometry", Severity.WARNING, message))
    return doubts + list(_overlap_doubts(shapes, rows, ids, twin))


def region_doubts(shapes: Shapes, rows: Rows, region: Layer | None) -> list[Doubt]:
    """Find sites with ground outside the region, and say how much.

    Parameters
    ----------
    shapes
        Valid geometry in the plane of judgement, which is the region's too, object[n].
    """
    if region is None or not len(region.frame) or not len(shapes):
        return []
    ground = shapely.union_all(region.geometry)
    shapely.prepare(ground)
    beyond = np.flatnonzero(~shapely.covers(ground, shapes))
    apart = ~shapely.intersects(ground, shapes[beyond])
    doubts = []
    for i, wholly in zip(beyond, apart, strict=True):
        outside = shapes[i] if wholly else shapely.difference(shapes[i], ground)
        if not _is_ground(outside):
            continue
        area = float(outside.area)
        key = "site.outside_wholly" if wholly else "site.outside_partly"
        message = say(key, area_m2=f"{area:,.2f}", share=f"{area / shapes[i].area:.2%}")
        doubts.append(Doubt(int(rows[i]), "outside_region", Severity.WARNING, message))
    return doubts


def _overlap_doubts(
    shapes: Shapes, rows: Rows, ids: NDArray[np.object_], twin: Pairs
) -> Iterator[Doubt]:
    pairs, is_complete = _candidates(shapes)
    if not is_complete:
        message = say("site.overlaps_unchecked", limit=MOST_PAIRS)
        yield Doubt(WHOLE_FILE, "overlaps_unchecked", Severity.WARNING, message)
        return
    pairs = pairs[:, twin[pairs[0]] != twin[pairs[1]]]
    common = shapely.intersection(shapes[pairs[0]], shapes[pairs[1]])
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for (i, j), ground in zip(pairs.T.tolist(), common, strict=True):
        if _is_ground(ground):
            found[i].append((float(ground.area), j))
            found[j].append((float(ground.area), i))
    for i in sorted(found):
        worst = sorted(found[i], key=lambda pair: (-pair[0], pair[1]))
        message = say(
            "site.overlapping",
            count=len(worst),
            others=_listed([str(ids[rows[j]]) for _, j in worst]),
            area_m2=f"{math.fsum(area for area, _ in worst):,.2f}",
        )
        yield Doubt(int(rows[i]), "overlapping", Severity.WARNING, message)


def _candidates(shapes: Shapes) -> tuple[Pairs, bool]:
    """Pairs whose boxes share more than noise, each once, shape (2, n); and whether all fit."""
    boxes, tree = shapely.bounds(shapes), shapely.STRtree(shapes)
    chunks: list[Pairs] = [np.zeros((2, 0), dtype=np.intp)]
    total = 0
    for start in range(0, len(shapes), CHUNK):
        first, second = tree.query(shapes[start : start + CHUNK])
        first = first + start
        once = first < second
        first, second = first[once], second[once]
        width = np.minimum(boxes[first, 2], boxes[second, 2]) - np.maximum(
            boxes[first, 0], boxes[second, 0]
        )
        height = np.minimum(boxes[first, 3], boxes[second, 3]) - np.maximum(
            boxes[first, 1], boxes[second, 1]
        )
        wide = (width > NOISE_WIDTH_M) & (height > NOISE_WIDTH_M)
        chunks.append(np.array([first[wide], second[wide]]))
        total += int(wide.sum())
        if total > MOST_PAIRS:
            return chunks[0], False
    return np.concatenate(chunks, axis=1), True


def _is_ground(shape: shapely.Geometry) -> bool:
    """Tell whether a piece is wider than noise: mean width 2A/P."""
    return bool(shape.area > 0 and 2 * shape.area / shape.length > NOISE_WIDTH_M)


def _listed(names: list[str]) -> str:
    more = " …" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
