"""Borders that two layers should share, and where they run beside each other instead.

Two layers are compared where one is drawn from the other: units of a county end where the county
ends, lines give way to each other along one border, windows (天窗) are cut along parcels. Whether
their grounds overlap in earnest is for the rules of a plan. Here only borders nearer than 0.1 m,
though not the same, are faults: nobody means two borders a hand's breadth apart. Farmland and
parcels are not compared: farmland is drawn from an earlier edition of the parcels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely

from spatialplan.diagnosis.borders import SNAP_M, find_near_stretches, match_borders
from spatialplan.diagnosis.coverage import CoverageLayer
from spatialplan.diagnosis.defects import Defect, Place, make_defect
from spatialplan.findings import Severity
from spatialplan.messages import say

__all__ = ["SHARING_ROLES", "diagnose_shared_borders", "share_borders"]

SHARING_ROLES = frozenset(
    frozenset(pair)
    for pair in (
        ("administrative_area", "region"),
        ("administrative_area", "land_parcel"),
        ("basic_farmland", "ecological_red_line"),
        ("basic_farmland", "urban_development_boundary"),
        ("ecological_red_line", "protected_area"),
        ("ecological_red_line", "urban_development_boundary"),
    )
)


def share_borders(first: CoverageLayer, second: CoverageLayer) -> bool:
    """Tell whether two layers should share borders, by their roles."""
    return first.role != second.role and frozenset((first.role, second.role)) in SHARING_ROLES


def diagnose_shared_borders(first: CoverageLayer, second: CoverageLayer) -> Iterator[Defect]:
    """Find where borders of the one run beside borders of the other.

    Parameters
    ----------
    first, second
        In the same plane; the defect is told of `first`.
    """
    gathered: dict[tuple[str, str], list[shapely.Geometry]] = defaultdict(list)
    furthest: dict[tuple[str, str], float] = defaultdict(float)
    for ids, line, distance in _beside(first, second):
        gathered[ids].append(line)
        furthest[ids] = max(furthest[ids], distance)
    if not gathered:
        return
    places = [
        Place(ids=ids, geometry=shapely.multilinestrings(lines), measured=furthest[ids])
        for ids, lines in gathered.items()
    ]
    message = say("diagnosis.borders_apart", other=second.key, count=len(places), snap_m=SNAP_M)
    yield make_defect(
        "borders_apart",
        first.key,
        Severity.WARNING,
        message,
        places,
        measured=max(furthest.values()),
        unit="m",
        in_plane=True,
    )


Stretch = tuple[tuple[str, str], shapely.Geometry, float]


def _beside(first: CoverageLayer, second: CoverageLayer) -> Iterator[Stretch]:
    """Yield ids, stretch and distance, of stretches of either layer beside the other's borders."""
    sizes = [int(shapely.get_num_coordinates(layer.shapes).sum()) for layer in (first, second)]
    coarse, fine = (first, second) if sizes[0] <= sizes[1] else (second, first)
    outlines = match_borders(coarse.shapes, all_loose=True)
    # Of a layer of many parcels only those whose boxes the other's borders meet are looked at.
    around = shapely.bounds(outlines.lines) + SNAP_M * np.array([-1.0, -1.0, 1.0, 1.0])
    near = np.unique(shapely.STRtree(fine.shapes).query(shapely.box(*around.T))[1])
    borders = match_borders(fine.shapes[near], all_loose=True)
    for one, other in ((outlines, borders), (borders, outlines)):
        found = find_near_stretches(one, other)
        mine, theirs = (found.owner, found.other) if one is outlines else (found.other, found.owner)
        ids = [
            (str(coarse.ids[a]), str(fine.ids[near[b]])) for a, b in zip(mine, theirs, strict=True)
        ]
        for pair, line, distance in zip(ids, found.lines, found.distance_m, strict=True):
            yield (pair if coarse is first else pair[::-1]), line, float(distance)
