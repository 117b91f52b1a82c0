"""Which polygons meet: their interiors have ground in common.

Most neighbours in a plan share a border and no ground. Telling that by a test on small prepared
pieces costs a few microseconds; building their intersection costs ten times as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from spatialplan.overlay.polygons import Geometries, Integers
from spatialplan.overlay.workers import map_rows

__all__ = ["APART", "MEETING", "TOUCHING", "WITHIN", "Meetings", "find_meetings"]

APART, TOUCHING, MEETING, WITHIN = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Meetings:
    """Pairs of a feature and a piece of ground that are not apart, sorted by piece.

    `relation` is `TOUCHING` (a border in common, no ground), `MEETING` or `WITHIN` (the feature
    lies wholly inside the piece and does not touch its border).
    """

    feature: Integers
    piece: Integers
    relation: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.feature)

    def take(self, rows: NDArray[Any]) -> Meetings:
        """Return the pairs in `rows`, a mask or positions."""
        return Meetings(self.feature[rows], self.piece[rows], self.relation[rows])


def find_meetings(
    features: Geometries, tree: shapely.STRtree, *, owner: Integers | None = None
) -> Meetings:
    """Find which features meet or touch which pieces of ground.

    Parameters
    ----------
    features
        Valid polygons or multipolygons, shape (n,); missing and empty ones meet nothing.
    tree
        Of the ground's pieces: valid polygons, the fewer and larger the faster.
    owner
        For a layer against itself, the polygon that each piece was cut from: only pairs of two
        polygons are kept, and only those in which the feature stands before the piece.
    """
    feature, piece = tree.query(features)
    if owner is not None:
        kept = (feature < piece) & (owner[feature] != owner[piece])
        feature, piece = feature[kept], piece[kept]
    order = np.lexsort((feature, piece))
    feature, piece = feature[order], piece[order]
    # Preparing changes hidden state, which neither a caller's geometry nor another thread's may
    # suffer; hence copies.
    used, row = np.unique(piece, return_inverse=True)
    ground = shapely.force_2d(tree.geometries[used])
    shapely.prepare(ground)
    relation = map_rows(relate, ground[row], features[feature], together=row.astype(np.int64))
    found = relation != APART
    return Meetings(feature[found], piece[found], relation[found])


def relate(ground: Geometries, features: Geometries) -> NDArray[np.int8]:
    """Tell, pair by pair, whether two shapes are apart, touch, meet, or the feature lies within."""
    relation = np.full(len(ground), APART, dtype=np.int8)
    relation[shapely.contains_properly(ground, features)] = WITHIN
    rest = np.flatnonzero(relation == APART)
    rest = rest[shapely.intersects(ground[rest], features[rest])]
    touching = shapely.touches(ground[rest], features[rest])
    relation[rest] = np.where(touching, TOUCHING, MEETING)
    return relation
