"""Unions lose no ground, even where GEOS does."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from spatialplan.errors import ConservationError
from spatialplan.overlay import cut_zones
from spatialplan.overlay.uniting import unite_all

from .shapes import box, ring_of

FAR = np.array([42_500_000.0, 4_900_000.0])


def test_ground_under_several_counts_once() -> None:
    assert unite_all(np.array([box(0, 0, 2, 2), box(1, 0, 3, 2)])).area == 6.0
    assert unite_all(np.array([], dtype=object)).is_empty


def test_seen_from_near_and_moved_back() -> None:
    shapes = np.array([ring_of(300, seed=seed) for seed in range(4)])
    far = shapely.transform(shapes, lambda points: points + FAR)
    united = unite_all(far)
    near = shapely.transform(united, lambda points: points - FAR)
    assert near.area == pytest.approx(shapely.union_all(shapes).area, rel=1e-9)


def test_a_polygon_left_out_is_found_and_another_way_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = np.array([box(0, 0, 4, 4), box(3, 3, 5, 5), box(4, 0, 6, 1)])
    plain = shapely.union_all

    def forgetful(polygons: np.ndarray, grid_size: float | None = None) -> shapely.Geometry:
        return plain(polygons[: len(polygons) - (grid_size is None)], grid_size=grid_size)

    monkeypatch.setattr("spatialplan.overlay.uniting.shapely.union_all", forgetful)
    assert unite_all(shapes).area == pytest.approx(21.0, rel=1e-12)
    assert shapely.area(cut_zones(shapes).parts).sum() == pytest.approx(21.0, rel=1e-12)

    monkeypatch.setattr(
        "spatialplan.overlay.uniting.shapely.union_all",
        lambda polygons, grid_size=None: plain(polygons[:-1]),
    )
    with pytest.raises(ConservationError, match="lost"):
        unite_all(shapes)
