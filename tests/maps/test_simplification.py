"""Simplifying invents no overlap, no gap and no feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from spatialplan.crs import Plane
from spatialplan.maps.contents import in_degrees
from spatialplan.maps.simplification import dissolve, simplify_together

PLANE = Plane(44.88, 127.26)


def _cells(seed: int, count: int = 60) -> NDArray[np.object_]:
    """Wavy parcels that share their borders exactly."""
    points = np.random.default_rng(seed).uniform(0, 10_000, (count, 2))
    frame = shapely.box(0, 0, 10_000, 10_000)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=frame))
    borders = shapely.segmentize(shapely.union_all([shapely.boundary(c) for c in cells]), 50.0)
    bent = shapely.transform(
        borders,
        lambda p: p + np.column_stack([25 * np.sin(p[:, 1] / 90), 25 * np.cos(p[:, 0] / 110)]),
    )
    return np.asarray(shapely.get_parts(shapely.polygonize([shapely.node(bent)])), dtype=object)


def _shared(first: Any, second: Any) -> float:
    joined = [shapely.make_valid(shapely.union_all(shapely.make_valid(s))) for s in (first, second)]
    return float(shapely.area(shapely.intersection(*joined)))


@pytest.fixture(scope="module")
def layers() -> dict[str, NDArray[np.object_]]:
    """Three layers on one tessellation: a and b disjoint, c across both."""
    cells = _cells(7)
    return {"a": cells[::3], "b": cells[1::3], "c": np.array([shapely.union_all(cells[:20])])}


def test_disjoint_layers_stay_disjoint(layers: dict[str, NDArray[np.object_]]) -> None:
    result = simplify_together(layers, vertex_limit=400)
    total = float(shapely.area(layers["a"]).sum())
    assert result.tolerance_m > 30
    assert _shared(result.layers["a"], result.layers["b"]) <= 1e-6 * total


def test_they_stay_disjoint_when_written_with_five_decimals(
    layers: dict[str, NDArray[np.object_]],
) -> None:
    result = simplify_together(layers)
    written = {name: in_degrees(shapes, PLANE) for name, shapes in result.layers.items()}
    total = float(shapely.area(written["a"]).sum())
    assert _shared(written["a"], written["b"]) <= 1e-6 * total


def test_simplifying_layers_one_by_one_would_invent_overlaps(
    layers: dict[str, NDArray[np.object_]],
) -> None:
    apart = {name: shapely.simplify(shapes, 45.0) for name, shapes in layers.items()}
    assert _shared(apart["a"], apart["b"]) > 100


def test_fewer_points_but_every_feature_remains(layers: dict[str, NDArray[np.object_]]) -> None:
    result = simplify_together(layers)
    for name, shapes in layers.items():
        simple = result.layers[name]
        assert len(simple) == len(shapes)
        assert shapely.is_valid(simple).all()
        assert not shapely.is_empty(simple).any()
        assert shapely.get_num_coordinates(simple).sum() < shapely.get_num_coordinates(shapes).sum()
        assert shapely.area(simple) == pytest.approx(shapely.area(shapes), rel=0.05)


def test_a_true_overlap_stays() -> None:
    overlapping = {
        "a": np.array([shapely.box(0, 0, 1000, 1000)]),
        "b": np.array([shapely.box(800, 0, 1800, 1000)]),
    }
    result = simplify_together(overlapping)
    assert _shared(result.layers["a"], result.layers["b"]) == pytest.approx(200_000, rel=1e-6)


def test_a_hole_and_what_lies_in_it_stay_apart() -> None:
    hole = shapely.segmentize(shapely.Point(500, 500).buffer(200), 5)
    ring = shapely.difference(shapely.box(0, 0, 1000, 1000), hole)
    result = simplify_together({"a": np.array([ring]), "b": np.array([hole])}, vertex_limit=60)
    assert shapely.get_num_interior_rings(result.layers["a"][0]) == 1
    assert _shared(result.layers["a"], result.layers["b"]) <= 1e-6


def test_features_that_share_ground_inside_one_layer_both_keep_it() -> None:
    twins = np.array([shapely.box(0, 0, 100, 100), shapely.box(0, 0, 100, 100)])
    result = simplify_together({"a": twins})
    assert shapely.area(result.layers["a"]) == pytest.approx([10_000, 10_000])


def test_no_polygons_at_all() -> None:
    empty = np.array([], dtype=object)
    assert len(simplify_together({"a": empty}).layers["a"]) == 0


def test_dissolving_joins_neighbours_and_overlaps() -> None:
    touching = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])
    crossing = np.array([shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3)])
    assert len(dissolve(touching)) == 1
    assert shapely.area(dissolve(crossing)).sum() == pytest.approx(7.0)
