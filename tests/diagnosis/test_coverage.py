"""Overlaps, gaps, slivers and unsnapped borders, on squares and against brute force."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from spatialplan.diagnosis import (
    CoverageLayer,
    Defect,
    diagnose_coverage,
    diagnose_shared_borders,
    match_borders,
    share_borders,
)


def layer_of(shapes: Sequence[Any], role: str = "land_parcel", key: str = "layer") -> CoverageLayer:
    ids = np.array([f"{key[0]}{row}" for row in range(len(shapes))], dtype=object)
    return CoverageLayer(key, role, np.array(shapes, dtype=object), ids)


def diagnose(shapes: Sequence[Any], role: str = "land_parcel") -> dict[str, Defect]:
    layer = layer_of(shapes, role)
    found = diagnose_coverage(layer, match_borders(layer.shapes))
    return {one.rule_id: one for one in found}


def mosaic(side: int, size: float = 100.0) -> list[Any]:
    return [
        box(size * row, size * column, size * (row + 1), size * (column + 1))
        for row in range(side)
        for column in range(side)
    ]


def test_a_mosaic_without_faults_has_none() -> None:
    assert diagnose(mosaic(4)) == {}
    assert diagnose([]) == {}
    assert diagnose([box(0, 0, 10, 10)]) == {}


def test_an_overlap_is_found_with_its_pair_and_area() -> None:
    found = diagnose([box(0, 0, 100, 100), box(95, 0, 200, 100), box(300, 0, 400, 100)])
    (place,) = found["overlap"].places
    assert place.ids == ("l0", "l1")
    assert place.measured == pytest.approx(500)
    assert set(found) == {"overlap"}


def test_a_hair_of_overlap_is_a_sliver() -> None:
    found = diagnose([box(0, 0, 100, 100), box(99.95, 0, 200, 100)])
    assert set(found) == {"overlap_sliver"}
    assert found["overlap_sliver"].measured == pytest.approx(5.0)


def test_what_two_projections_make_of_one_border_is_nothing() -> None:
    assert diagnose([box(0, 0, 100, 100), box(99.9998, 0, 200, 100)]) == {}


def test_a_feature_wholly_on_another_is_found() -> None:
    found = diagnose([*mosaic(3), box(120, 120, 140, 140)])
    (place,) = found["overlap_contained"].places
    assert place.ids == ("l4", "l9")
    assert place.measured == pytest.approx(400)


def test_the_same_ground_drawn_with_other_vertices_is_found() -> None:
    again = shapely.segmentize(box(0, 0, 100, 100), 30)
    assert set(diagnose([*mosaic(2), again])) >= {"overlap_identical"}


def test_the_same_shape_twice_is_left_to_geometry() -> None:
    assert diagnose([*mosaic(2), box(0, 0, 100, 100)]) == {}


def test_a_missing_parcel_is_a_gap_with_its_neighbours() -> None:
    shapes = mosaic(3)
    del shapes[4]
    (place,) = diagnose(shapes)["gap"].places
    assert place.measured == pytest.approx(10_000)
    assert set(place.ids) == {"l1", "l3", "l4", "l6"} | {"l0", "l2", "l5", "l7"}


def test_a_window_is_no_gap_in_a_line() -> None:
    shapes = mosaic(3)
    del shapes[4]
    assert diagnose(shapes, "urban_development_boundary") == {}


def test_a_narrow_gap_is_one_in_any_layer() -> None:
    left = shapely.Polygon([(0, 0), (100, 0), (99.97, 50), (100, 100), (0, 100)])
    found = diagnose([left, box(100, 0, 200, 100)], "urban_development_boundary")
    (place,) = found["gap_sliver"].places
    assert place.measured == pytest.approx(1.5)


def test_thin_features_are_slivers_and_thin_roads_are_not() -> None:
    hair, road = box(0, 0, 500, 0.08), box(0, 10, 500, 16)
    found = diagnose([hair, road], "other")
    assert found["sliver_feature"].feature_ids == ("l0",)


def test_a_border_that_opens_to_the_outside_is_unsnapped() -> None:
    # The neighbour's corner is 3 cm off: a wedge that nobody encloses.
    right = shapely.Polygon([(100.03, 0), (200, 0), (200, 100), (100, 100)])
    found = diagnose([box(0, 0, 100, 100), right])
    assert set(found) == {"unsnapped"}
    assert found["unsnapped"].measured == pytest.approx(0.03, abs=1e-4)


def test_a_vertex_on_a_neighbours_edge_is_well_joined() -> None:
    assert diagnose([box(0, 0, 100, 100), box(100, 0, 200, 40), box(100, 40, 200, 100)]) == {}


def test_two_sheets_are_compared_in_their_middle_too() -> None:
    upper = [shapely.transform(cell, lambda points: points + 50.0) for cell in mosaic(8)]
    sheets = [*mosaic(8), *upper]
    found = diagnose(sheets)["overlap"]
    assert found.measured == pytest.approx(shared_ground(sheets))


def shared_ground(shapes: Sequence[Any]) -> float:
    """Brute force: the area that every pair has in common, added up."""
    return sum(one.intersection(other).area for one, other in combinations(shapes, 2))


def enclosed_ground(shapes: Sequence[Any]) -> float:
    """Brute force: the faces of all outlines together that no shape covers."""
    outlines = shapely.union_all([shape.boundary for shape in shapes])
    faces = shapely.get_parts(shapely.polygonize([outlines]))
    union = shapely.union_all(list(shapes))
    return float(sum(face.area for face in faces if not union.covers(face.point_on_surface())))


CELLS = st.lists(
    st.tuples(st.integers(0, 15), st.sampled_from((-9.0, -2.0, 0.0, 4.0, 12.0))),
    max_size=4,
)


@given(CELLS, st.integers(0, 15))
def test_planted_shifts_agree_with_brute_force(shifts: list[Any], hole: int) -> None:
    shapes = mosaic(4)
    for cell, shift in shifts:
        shapes[cell] = shapely.transform(shapes[cell], lambda points, by=shift: points + by)
    del shapes[hole]
    found = diagnose(shapes)
    names = ("overlap", "overlap_identical", "overlap_contained", "overlap_sliver")
    overlaps = sum(found[name].measured or 0 for name in names if name in found)
    gaps = sum(found[name].measured or 0 for name in ("gap", "gap_sliver") if name in found)
    assert overlaps == pytest.approx(shared_ground(shapes), abs=1e-6)
    assert gaps == pytest.approx(enclosed_ground(shapes), abs=1e-6)


@given(st.lists(st.integers(0, 24), max_size=3), st.sampled_from((0.0, 0.02, 3.0)))
def test_it_finds_something_just_where_geos_calls_a_coverage_invalid(
    moved: list[int], by: float
) -> None:
    shapes = mosaic(5)
    for cell in moved:
        corners = shapely.get_coordinates(shapes[cell])
        shapes[cell] = shapely.Polygon([corners[0] + by, *corners[1:4]])
    valid = bool(shapely.coverage_is_valid(np.array(shapes, dtype=object), gap_width=0.1))
    assert (diagnose(shapes) == {}) == (valid or by == 0.0)


def test_many_parcels_are_matched_in_chunks_as_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes = np.array(mosaic(12), dtype=object)
    shapes[30] = shapely.transform(shapes[30], lambda points: points + 5.0)
    whole = match_borders(shapes)
    monkeypatch.setattr("spatialplan.area.CHUNK_VERTICES", 60)
    parts = match_borders(shapes)
    assert parts.stretches == whole.stretches
    assert set(zip(*parts.start.T, parts.owner, strict=True)) == set(
        zip(*whole.start.T, whole.owner, strict=True)
    )


def test_borders_that_two_layers_should_share() -> None:
    region = layer_of([box(0, 0, 200, 100)], "region", "region")
    units = layer_of([box(0, 0, 100, 100), box(100, 0, 199.95, 100)], "administrative_area", "unit")
    assert share_borders(units, region)
    (found,) = diagnose_shared_borders(units, region)
    (place,) = found.places
    assert place.ids == ("u1", "r0")
    assert place.measured == pytest.approx(0.05)
    assert place.geometry is not None
    assert place.geometry.distance(shapely.Point(200, 50)) < 0.1


def test_borders_that_only_cross_or_are_far_apart_are_none() -> None:
    line = layer_of([box(0, 0, 100, 100)], "ecological_red_line", "line")
    for other in (box(50.03, -50, 150, 50.04), box(100.2, 0, 200, 100), box(100, 0, 200, 100)):
        area = layer_of([other], "protected_area", "area")
        assert list(diagnose_shared_borders(line, area)) == []
    assert not share_borders(line, layer_of([box(0, 0, 1, 1)], "river"))
