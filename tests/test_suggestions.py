"""Where else: every place is checked again with shapely, in the CRS in which it was moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import EAST, NORTH, PLANE, ZONE_42, square

from spatialplan.area import to_plane, unproject
from spatialplan.overlay import shared_area
from spatialplan.suggestions import FreePlace, SearchGround, prepare_search, suggest_places
from spatialplan.suggestions.footprint import Shift
from spatialplan.suggestions.raster import Grid, count_meetings, list_edges, touch_cells
from spatialplan.suggestions.shortening import shorten_shift

CORNER = np.array([EAST, NORTH])
EVERYWHERE = square(-20_000, -20_000, 40_000)


def in_plane(*shapes: Any) -> np.ndarray:
    return to_plane(np.array(shapes, dtype=object), ZONE_42, plane=PLANE, split_crs=ZONE_42)


def in_metres(*shapes: Any) -> np.ndarray:
    """Back from the plane, metres from the corner of the plain."""
    moved = unproject(np.array(shapes, dtype=object), PLANE, ZONE_42)
    return shapely.transform(moved, lambda points: points - CORNER)


def prepare(
    *avoid: Any, inside: Sequence[Any] | None = None, region: Sequence[Any] | None = None
) -> SearchGround:
    """Ground drawn in metres of the working CRS."""
    return prepare_search(
        [in_plane(*avoid)] if avoid else [],
        titles=["生态保护红线"] if avoid else [],
        inside=None if inside is None else in_plane(*inside),
        inside_title="城镇开发边界" if inside is not None else "",
        region=None if region is None else in_plane(*region),
        plane=PLANE,
        working_crs=ZONE_42,
    )


def suggest(site: Any, ground: SearchGround, **options: Any) -> Any:
    return suggest_places(7, in_plane(site)[0], ground, **{"radius_m": 400.0, **options})


def shifts(places: Sequence[FreePlace]) -> list[tuple[float, float]]:
    return [(place.east_m, place.north_m) for place in places]


def test_a_site_half_in_the_red_line_moves_out_by_its_overhang() -> None:
    ground = prepare(square(60, -2000, 4000))
    suggestion = suggest(square(0, 0, 100), ground)
    assert suggestion.row == 7
    assert suggestion.avoided == ("生态保护红线",)
    assert suggestion.free.share == pytest.approx(0.6, abs=1e-5)
    nearest = suggestion.places[0]
    assert nearest.east_m == pytest.approx(-40.0, abs=0.1)
    assert nearest.east_m <= -40.01
    assert nearest.north_m == pytest.approx(0.0, abs=2.0)
    assert nearest.distance_m == pytest.approx(
        math.hypot(nearest.east_m, nearest.north_m), rel=1e-3
    )
    # Grid north lies 0.9 degrees from true north here, so far from the central meridian.
    assert nearest.bearing_deg == pytest.approx(270.9, abs=3.0)
    assert nearest.rotation_deg == 0.0
    assert nearest.area_m2 == pytest.approx(nearest.geometry.area)
    assert nearest.area_m2 == pytest.approx(in_plane(square(0, 0, 100))[0].area, rel=1e-6)
    assert suggestion.why_none is None


def test_a_slanting_border_is_left_at_a_right_angle() -> None:
    slope = shapely.Polygon([(-5000, -5000), (5000, -5000), (5000, 5000)])
    ground = prepare(shapely.transform(slope, lambda points: points + CORNER))
    nearest = suggest(square(0, 0, 100), ground).places[0]
    # The lower right corner stands at 100, 0; the border runs through the origin at 45 degrees.
    assert math.hypot(nearest.east_m, nearest.north_m) == pytest.approx(100 / math.sqrt(2), abs=0.3)
    assert nearest.east_m < 0 < nearest.north_m


def test_ground_forbidden_everywhere_leaves_nothing_and_says_how_it_was_searched() -> None:
    suggestion = suggest(square(0, 0, 100), prepare(EVERYWHERE))
    assert suggestion.places == ()
    assert suggestion.free.geometry.is_empty
    assert (suggestion.free.area_m2, suggestion.free.share) == (0.0, 0.0)
    step = f"{suggestion.step_m:.1f}"
    assert 0.0 < suggestion.step_m < 2.0
    assert "400 米" in suggestion.why_none.text("zh")
    assert f"格网 {step} 米" in suggestion.why_none.text("zh")
    assert "不等于不存在" in suggestion.why_none.text("zh")
    assert f"grid is {step} m" in suggestion.why_none.text("en")
    assert "does not show that there is none" in suggestion.why_none.text("en")


def test_a_site_free_where_it_stands_need_not_be_moved() -> None:
    ground = prepare(square(100, -2000, 4000))  # the site's own eastern border
    suggestion = suggest(square(0, 0, 100), ground)
    assert suggestion.free.share == pytest.approx(1.0, abs=1e-6)
    assert suggestion.places[0].distance_m == 0.0
    assert shifts(suggestion.places)[0] == (0.0, 0.0)
    assert all(place.distance_m > 99.0 for place in suggestion.places[1:])


def test_clearance_is_kept_and_taken_from_the_free_part() -> None:
    ground = prepare(square(60, -2000, 4000))
    suggestion = suggest(square(0, 0, 100), ground, clearance_m=30.0)
    assert suggestion.clearance_m == 30.0
    assert suggestion.free.share == pytest.approx(0.3, abs=1e-3)
    assert suggestion.places[0].east_m == pytest.approx(-70.0, abs=0.1)
    border = in_metres(*in_plane(square(60, -2000, 4000)))[0]
    for shape in in_metres(*(place.geometry for place in suggestion.places)):
        assert shapely.distance(shape, border) >= 29.999


def test_clearance_counts_for_a_site_beside_the_red_line_too() -> None:
    ground = prepare(square(110, -2000, 4000))
    assert suggest(square(0, 0, 100), ground).places[0].distance_m == 0.0
    moved = suggest(square(0, 0, 100), ground, clearance_m=30.0).places[0]
    assert moved.east_m == pytest.approx(-20.0, abs=0.1)


def test_places_stay_inside_the_development_boundary_and_the_county() -> None:
    town, county = square(200, -100, 300), square(-400, -150, 1000, height_m=260)
    ground = prepare(inside=[town], region=[county])
    suggestion = suggest(square(0, 0, 100), ground)
    assert suggestion.inside == "城镇开发边界"
    assert suggestion.free.share == 0  # nothing is avoided, but the site lies outside the town
    half = suggest(square(150, 0, 100), ground)
    assert half.free.share == pytest.approx(0.5, abs=1e-5)
    assert suggestion.places[0].east_m == pytest.approx(200.0, abs=0.3)
    allowed = in_metres(*in_plane(town.intersection(county)))[0]
    for shape in in_metres(*(place.geometry for place in suggestion.places)):
        assert allowed.covers(shape)


def test_neighbouring_towns_drawn_a_hairline_apart_are_one_ground() -> None:
    towns = [square(150, -100, 300), square(450.0002, -100, 300)]
    suggestion = suggest(square(400, 200, 100), prepare(inside=towns))
    nearest = suggestion.places[0]
    assert nearest.north_m == pytest.approx(-100.0, abs=0.1)
    assert nearest.east_m == pytest.approx(0.0, abs=2.0)


def test_with_no_ground_to_stay_in_there_is_no_place() -> None:
    suggestion = suggest(square(0, 0, 100), prepare(inside=[]))
    assert suggestion.places == ()
    assert "须位于城镇开发边界内" in suggestion.why_none.text("zh")
    assert "inside 城镇开发边界" in suggestion.why_none.text("en")


def test_with_the_whole_county_forbidden_the_reason_names_the_county() -> None:
    county = square(-500, -500, 1000)
    why = suggest(square(0, 0, 100), prepare(county, region=[county])).why_none
    assert "规划范围内" in why.text("zh")
    assert "inside the plan's region" in why.text("en")


def test_a_window_in_the_red_line_is_found() -> None:
    red_line = EVERYWHERE.difference(square(150, 150, 104))
    nearest = suggest(square(0, 0, 100), prepare(red_line)).places[0]
    assert (nearest.east_m, nearest.north_m) == (
        pytest.approx(150.01, abs=0.2),
        pytest.approx(150.01, abs=0.2),
    )


def test_only_a_turn_fits_a_narrow_slot() -> None:
    red_line = EVERYWHERE.difference(square(200, -100, 50, height_m=200))
    site, ground = square(0, 0, 150, height_m=30), prepare(red_line)
    assert suggest(site, ground).places == ()
    suggestion = suggest(site, ground, rotate=True)
    assert {place.rotation_deg for place in suggestion.places} <= {75.0, 90.0, 105.0, 255.0, 270.0}
    slot = square(200, -100, 50, height_m=200)
    slot = shapely.transform(slot, lambda points: points - CORNER)
    shape = in_metres(suggestion.places[0].geometry)[0]
    assert slot.covers(shape)
    assert shape.area == pytest.approx(150 * 30, rel=1e-6)
    assert "旋转" in suggest(site, prepare(EVERYWHERE), rotate=True).why_none.text("zh")


def test_turning_goes_clockwise() -> None:
    # A flag with its cloth at the eastern end fits only with the cloth in the south.
    flag = shapely.union_all([square(0, 0, 150, height_m=30), square(110, 0, 40, height_m=90)])
    slot = shapely.affinity.rotate(flag, -90, origin="centroid").buffer(8, join_style="mitre")
    red_line = EVERYWHERE.difference(shapely.affinity.translate(slot, 250, 0))
    suggestion = suggest(flag, prepare(red_line), rotate=True)
    assert [place.rotation_deg for place in suggestion.places] == [90.0]


def test_turns_never_lead_farther_than_shifts_alone() -> None:
    ground = prepare(square(60, -2000, 4000), square(-300, 0, 200))
    site = square(0, 0, 100)
    straight, turned = suggest(site, ground), suggest(site, ground, rotate=True)
    assert turned.places[0].distance_m <= straight.places[0].distance_m


def test_parts_keep_their_arrangement() -> None:
    site = shapely.union_all([square(0, 0, 40), square(200, 50, 40)])
    ground = prepare(square(210, -2000, 4000))
    place = suggest(site, ground).places[0]
    assert place.east_m == pytest.approx(-30.0, abs=0.1)
    moved = in_metres(place.geometry)[0]
    back = shapely.affinity.translate(moved, EAST - place.east_m, NORTH - place.north_m)
    assert shapely.hausdorff_distance(back, site) < 0.002


def test_a_road_across_the_county_is_not_moved_but_its_free_part_is_given() -> None:
    road = square(0, 0, 20_000, height_m=10)
    found = suggest(road, prepare(square(-10, -10, 5_010, height_m=500)), radius_m=5_000.0)
    assert found.places == ()
    assert found.free.share == pytest.approx(0.75, abs=1e-3)
    assert "线路请另行比选" in found.why_none.text("zh")


def test_a_thin_long_site_is_not_missed_by_the_grid() -> None:
    pipeline = square(-2000, 0, 4000, height_m=3)
    ground = prepare(square(-5, -200, 10, height_m=300))
    place = suggest(pipeline, ground, most=1).places[0]
    # Northwards, over the top of the obstacle at 100 m.
    assert place.north_m == pytest.approx(100.0, abs=0.5)
    assert place.east_m == pytest.approx(0.0, abs=5.0)


def test_places_are_not_five_neighbours_of_one_spot() -> None:
    places = suggest(square(0, 0, 60), prepare(square(-100, -100, 260)), most=5).places
    assert len(places) == 5
    for number, place in enumerate(places):
        for nearer in places[:number]:
            gap = math.hypot(place.east_m - nearer.east_m, place.north_m - nearer.north_m)
            assert gap >= 99.0  # a quarter of the radius
    assert len(suggest(square(0, 0, 60), prepare(square(-100, -100, 260)), most=2).places) == 2


def test_slivers_are_no_free_part() -> None:
    # West of the red line and east of another: open are a strip 5 cm wide, and a plot of 100 m².
    east = square(0, -50, 4000).difference(square(5, 20, 10))
    west = square(-4000.05, -2000, 4000)
    free = suggest(square(-50, 0, 100), prepare(east, west)).free
    assert free.area_m2 == pytest.approx(100.0, abs=0.1)
    assert free.geometry.geom_type == "Polygon"


def test_hairlines_are_cut_off_the_free_part() -> None:
    # The same with the plot at the end of a strip half a millimetre wide.
    east = square(0, -50, 4000).difference(square(0, 20, 10))
    west = square(-4000.0005, -2000, 4000)
    free = suggest(square(-50, 0, 100), prepare(east, west)).free
    assert free.area_m2 == pytest.approx(100.0, abs=0.1)
    assert free.geometry.length == pytest.approx(40.0, abs=0.1)


def test_free_part_and_overlap_add_up() -> None:
    red_line = in_plane(square(60, -2000, 4000), square(0, 70, 20))
    site = in_plane(square(0, 0, 100))
    free = suggest(square(0, 0, 100), prepare(square(60, -2000, 4000), square(0, 70, 20))).free
    overlap = float(shared_area(site, red_line)[0])
    assert free.area_m2 + overlap == pytest.approx(site[0].area, abs=1e-5)
    assert free.geometry.area == pytest.approx(free.area_m2)


def test_ground_prepared_near_some_sites_gives_the_same_answer() -> None:
    far, near = square(9000, 9000, 500), square(60, -200, 400)
    site = in_plane(square(0, 0, 100))
    whole = prepare(near, far)
    part = prepare_search(
        [in_plane(near, far)],
        titles=["生态保护红线"],
        plane=PLANE,
        working_crs=ZONE_42,
        near=site,
        reach_m=400.0,
    )
    assert len(part.zones) == 1
    found = [suggest(square(0, 0, 100), ground).places for ground in (whole, part)]
    assert shifts(found[0]) == shifts(found[1])
    with pytest.raises(ValueError, match="near"):
        suggest(square(9000, 9000, 100), part)


@pytest.mark.parametrize(
    "options", [{"radius_m": 0.0}, {"radius_m": math.inf}, {"clearance_m": -1.0}]
)
def test_senseless_questions_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="radius"):
        suggest(square(0, 0, 100), prepare(), **options)


boxes = st.lists(
    st.tuples(
        st.integers(-300, 300), st.integers(-300, 300), st.integers(5, 300), st.integers(5, 300)
    ),
    min_size=1,
    max_size=6,
).map(lambda rows: [square(e, n, wide, height_m=high) for e, n, wide, high in rows])


@settings(max_examples=8)
@given(boxes, st.sampled_from([0.0, 15.0]), st.booleans())
def test_every_place_is_free_near_and_in_order(
    red_line: list[Any], clearance_m: float, rotate: bool
) -> None:
    site = square(0, 0, 80, height_m=50)
    options = {"clearance_m": clearance_m, "rotate": rotate, "radius_m": 300.0}
    suggestion = suggest(site, prepare(*red_line), **options)
    obstacles = shapely.union_all(in_metres(*in_plane(*red_line)))
    for place, shape in zip(
        suggestion.places,
        in_metres(*(place.geometry for place in suggestion.places)),
        strict=True,
    ):
        if place.distance_m > 0.0:
            assert shapely.intersection(shape, obstacles).area == 0.0
        assert shapely.distance(shape, obstacles) >= clearance_m - 0.002
        assert place.distance_m <= 300.0
        assert shape.area == pytest.approx(80 * 50, abs=0.02)
    distances = [place.distance_m for place in suggestion.places]
    assert distances == sorted(distances)
    assert len(distances) <= 5
    assert (suggestion.why_none is None) == bool(distances)


@settings(max_examples=12)
@given(boxes)
def test_no_place_with_room_around_it_is_nearer(red_line: list[Any]) -> None:
    site = square(0, 0, 80, height_m=50)
    suggestion = suggest(site, prepare(*red_line), most=1, radius_m=300.0)
    room_m = 2.2 * suggestion.step_m
    grid = np.arange(-300.0, 300.1, 12.0)
    east, north = (axis.ravel() for axis in np.meshgrid(grid, grid))
    shapely.prepare(obstacles := shapely.union_all(red_line))
    moved = [shapely.affinity.translate(site, *shift) for shift in zip(east, north, strict=True)]
    roomy = ~shapely.dwithin(obstacles, moved, room_m) & (np.hypot(east, north) <= 300.0)
    if roomy.any():
        best_m = np.hypot(east, north)[roomy].min()
        assert suggestion.places[0].distance_m <= best_m + suggestion.step_m


@settings(max_examples=8)
@given(boxes, boxes)
def test_more_to_avoid_never_makes_it_nearer(first: list[Any], second: list[Any]) -> None:
    site = square(0, 0, 80)
    few = suggest(site, prepare(*first), most=1, radius_m=300.0)
    many = suggest(site, prepare(*first, *second), most=1, radius_m=300.0)
    assert many.free.area_m2 <= few.free.area_m2 + 1e-4
    if many.places:
        assert few.places
        assert many.places[0].distance_m >= few.places[0].distance_m - 2.2 * few.step_m


def test_cells_of_a_square_with_a_hole() -> None:
    ring = shapely.box(1.2, 1.2, 5.8, 5.8) - shapely.box(2.9, 2.9, 4.1, 4.1)
    touched = touch_cells(list_edges(np.array([ring])).ends, Grid(0.0, 0.0, 1.0, 7, 7))
    expected = np.zeros((7, 7), dtype=bool)
    expected[1:6, 1:6] = True
    expected[3, 3] = False
    assert touched.tolist() == expected.tolist()


def test_overlapping_polygons_reaching_over_the_grid_fill_it() -> None:
    shapes = np.array([shapely.box(-1e6, -50, 2.5, 50), shapely.box(1.5, -1e6, 1e6, 1e6)])
    touched = touch_cells(list_edges(shapes).ends, Grid(0.0, 0.0, 1.0, 4, 4))
    assert touched.all()


@given(st.integers(0, 2**16), st.integers(2, 9), st.integers(2, 9))
def test_meetings_are_counted_as_by_hand(seed: int, rows: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    forbidden, footprint = rng.random((rows, columns)) < 0.4, rng.random((2, 2)) < 0.7
    by_hand = [
        [
            int((forbidden[row : row + 2, column : column + 2] & footprint).sum())
            for column in range(columns - 1)
        ]
        for row in range(rows - 1)
    ]
    assert count_meetings(forbidden, footprint).tolist() == by_hand


def test_a_shift_is_shortened_along_a_border_that_runs_askew() -> None:
    def beyond_the_border(east_m: float, north_m: float) -> Shift | None:
        shift = Shift(round(east_m, 2), round(north_m, 2))
        return shift if 0.6 * shift.east_m + 0.8 * shift.north_m >= 500.0 else None

    start = Shift(480.0, 280.0)
    assert shorten_shift(beyond_the_border, start, 10.0).length_m == pytest.approx(500.0, abs=1.25)
