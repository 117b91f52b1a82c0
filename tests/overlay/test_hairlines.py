"""Trimming loses nothing but hairlines; setting plots apart neither loses nor invents ground."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from spatialplan.overlay import OverlapPieces, free_ground, hairlines, trim_hairlines


def one_piece(*shapes: shapely.Geometry) -> OverlapPieces:
    whole = shapely.union_all(shapes)
    assert whole.geom_type == "Polygon"
    return OverlapPieces(np.array([0]), np.array([0]), np.array([whole], dtype=object))


def require_disjoint(pieces: OverlapPieces) -> None:
    union = shapely.union_all(pieces.geometry).area
    assert pieces.area.sum() == pytest.approx(union, abs=1e-6)


def test_two_plots_close_together_are_not_counted_twice() -> None:
    """Plots of 20 by 100 and about 20 by 90 m, 5 cm apart, on a strip of 3 cm and 60 km."""
    piece = one_piece(
        shapely.box(0, 0, 20, 100),
        shapely.box(20.05, 10, 40, 100),
        shapely.box(-60_000, 0, 45, 0.03),
        shapely.box(44.97, 0, 45, 20),
        shapely.box(40, 19.97, 45, 20),
    )
    freed = free_ground(piece, strip_width=0.1, least_area=1.0)
    assert freed.area.sum() == pytest.approx(piece.area.sum(), abs=1e-6)
    require_disjoint(freed)
    assert sorted(freed.area[freed.mean_width > 0.1].round()) == [1_796, 2_000]


@given(
    st.lists(
        st.tuples(st.floats(0, 900), st.floats(0.05, 40), st.floats(0.05, 40)),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([0.0003, 0.02, 0.08]),
)
def test_ground_is_neither_lost_nor_invented(
    plots: list[tuple[float, float, float]], strip_width: float
) -> None:
    strip = shapely.box(0, 0, 5_000, strip_width)
    piece = one_piece(strip, *(shapely.box(e, 0, e + w, h) for e, w, h in plots))
    freed = free_ground(piece, strip_width=0.1, least_area=1.0)
    assert freed.area.sum() == pytest.approx(piece.area.sum(), abs=1e-6)
    require_disjoint(freed)
    trimmed = trim_hairlines(piece)
    assert trimmed.area.sum() <= piece.area.sum() + 1e-6
    assert trimmed.area.sum() >= piece.area.sum() - 5_000 * 0.001
    require_disjoint(trimmed)


def test_nothing_to_trim() -> None:
    none = OverlapPieces(np.array([], int), np.array([], int), np.array([], dtype=object))
    assert len(trim_hairlines(none)) == len(free_ground(none, strip_width=0.1, least_area=1)) == 0


def ragged(seed: int, size: float) -> np.ndarray:
    """Draw stars with arms of all widths, some with a slit."""
    rng = np.random.default_rng(seed)
    shapes = []
    for _ in range(40):
        angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 12)))
        reach = rng.uniform(0.02, 1, len(angle)) * size
        star = shapely.Polygon(np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1))
        slit = shapely.affinity.scale(star, 0.8, 0.001)
        shapes.append(star - slit if rng.random() < 0.4 and star.is_valid else star)
    parts = shapely.get_parts(np.array(shapes))
    return parts[shapely.is_valid(parts) & (shapely.area(parts) > 0)]


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.05, 1.0, 50.0]))
def test_plain_pieces_lose_nothing(seed: int, size: float) -> None:
    """What loops call plain, shrinking and growing leaves as it is."""
    pytest.importorskip("numba")
    shapes = ragged(seed, size)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hairlines, "loops_pay", lambda _: True)
        plain = hairlines.are_plain(shapes, 0.001)
    cores = hairlines.open_shapes(shapes[plain], 0.001)
    lost = shapely.length(shapes[plain]) - shapely.length(cores)
    assert (lost[~shapely.is_empty(cores)] <= hairlines.LEAST_OUTLINE).all()


def test_fields_are_plain_and_hairlines_are_not() -> None:
    pytest.importorskip("numba")
    field, far = shapely.box(0, 0, 10, 10), shapely.box(3, 3, 4, 4)
    shapes = np.array(
        [
            field,
            field - far,
            field - shapely.box(0.0009, 3, 4, 4),  # a wall of 0.9 mm
            field | shapely.box(10, 0, 910, 0.0001),
            shapely.Polygon([(0, 0), (900, 0), (900, 0.1)]),  # narrow for 9 m from its corner
        ]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hairlines, "loops_pay", lambda _: True)
        assert hairlines.are_plain(shapes, 0.001).tolist() == [True, True, False, False, False]
