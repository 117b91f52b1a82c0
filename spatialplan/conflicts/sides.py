"""The two sides of a line rule: the features of each layer that take part in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spatialplan.layers import Layer
from spatialplan.overlay import (
    CutZones,
    IndexedFeatures,
    OverlapPieces,
    cut_zones,
    enclosed_features,
    features_in_windows,
    index_features,
    index_windows,
    outside_pieces,
    overlap_pieces,
)
from spatialplan.plan import DisjointRule, WithinRule

__all__ = ["Side", "compare_sides", "find_enclosed", "prepare_side", "take_side"]


@dataclass(frozen=True, slots=True)
class Side:
    """The features of one layer that take part in a rule.

    Attributes
    ----------
    layer
        The layer, or one batch of it.
    rows
        Positions of the features in the table, shape (n,).
    shapes, ids, names, zones
        Of the features, shape (n,) each.
    ground, windows
        The same features cut once, and the windows (天窗) among them, where the other side comes
        in batches; None where nothing was prepared.
    """

    layer: Layer
    rows: NDArray[np.int64]
    shapes: NDArray[np.object_]
    ids: NDArray[np.object_]
    names: NDArray[np.object_]
    zones: NDArray[np.object_]
    ground: IndexedFeatures | CutZones | None = None
    windows: CutZones | None = None


def take_side(layer: Layer, wanted: tuple[str, ...]) -> Side:
    """Take the features of a layer that lie in the zones wanted, or all where none is named."""
    spec = layer.spec
    zones = layer.text(spec.zone_field)
    rows = np.arange(len(layer.frame), dtype=np.int64)
    if wanted:
        rows = rows[np.isin(zones.astype(str), wanted)]
    names = layer.text(spec.name_field)
    return Side(
        layer, layer.first + rows, layer.geometry[rows], layer.ids[rows], names[rows], zones[rows]
    )


def prepare_side(rule: DisjointRule | WithinRule, side: Side) -> Side:
    """Cut the side that is held whole, once for all batches of the other."""
    if isinstance(rule, WithinRule):
        return replace(side, ground=cut_zones(side.shapes, assume_valid=True))
    return replace(
        side,
        ground=index_features(side.shapes, assume_valid=True),
        windows=index_windows(side.shapes, assume_valid=True),
    )


def compare_sides(rule: DisjointRule | WithinRule, left: Side, right: Side) -> OverlapPieces:
    """Return the pieces that the rule forbids: what both share, or what lies outside the right."""
    if isinstance(rule, WithinRule):
        zones = right.ground if isinstance(right.ground, CutZones) else right.shapes
        return outside_pieces(left.shapes, zones, assume_valid=True)
    if isinstance(left.ground, IndexedFeatures):
        return overlap_pieces(right.shapes, left.ground, assume_valid=True).turned()
    features = right.ground if isinstance(right.ground, IndexedFeatures) else right.shapes
    return overlap_pieces(left.shapes, features, assume_valid=True)


def find_enclosed(inner: Side, outer: Side) -> NDArray[np.int64]:
    """Return the positions of inner features that lie in windows of the outer side."""
    if outer.windows is not None:
        found = features_in_windows(inner.shapes, outer.windows)
    else:
        found = enclosed_features(inner.shapes, outer.shapes, assume_valid=True)
    return np.unique(found.a_index)
