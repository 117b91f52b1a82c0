"""Ellipsoidal area against printed map-sheet areas, known squares, pyproj.Geod and the plane."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from spatialplan import ellipsoidal_area
from spatialplan.area import EDGE_LIMIT_M, split_edges, to_plane
from spatialplan.crs import CGCS2000, Plane
from spatialplan.errors import CrsError, InvalidGeometryError

# Closed form of the official trapezoid formula on CGCS2000, m²: sheet 3'45" by 2'30".
SHEETS = {
    0: 32054872.46,
    20: 30165060.64,
    30: 27847757.03,
    40: 24684446.24,
    44: 23200008.77,
    45: 22810533.44,
    50: 20758420.67,
}
# At 45°: the sheet's width and height in minutes, and its area.
SCALES = [
    (3.75 / 2, 2.5 / 2, 5703656.95),
    (7.5, 5.0, 91209366.36),
    (15.0, 10.0, 364575128.17),
    (30.0, 20.0, 1456198650.26),
]


def sheet(south: float, width_minutes: float, height_minutes: float) -> shapely.Polygon:
    """A map sheet east of 127°, its sides densified to about 30 m so that nothing is split."""
    west = 127.0
    box = shapely.box(west, south, west + width_minutes / 60, south + height_minutes / 60)
    return shapely.segmentize(box, 0.0003)


@pytest.mark.parametrize(("south", "expected"), SHEETS.items())
def test_map_sheets_have_their_printed_area(south: int, expected: float) -> None:
    assert ellipsoidal_area([sheet(south, 3.75, 2.5)], "EPSG:4490")[0] == pytest.approx(
        expected, abs=0.01
    )


@pytest.mark.parametrize(("width", "height", "expected"), SCALES)
def test_sheets_of_other_scales(width: float, height: float, expected: float) -> None:
    measured = ellipsoidal_area([sheet(45, width, height)], "EPSG:4490")[0]
    assert measured == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize(
    ("size", "low", "high"),
    [
        (100, 9997.535, 9997.545),
        (1_000, 999751.73, 999751.76),
        (10_000, 99972882.18, 99972882.22),
    ],
)
def test_squares_of_zone_42(size: int, low: float, high: float) -> None:
    square = shapely.box(42600000, 4970000, 42600000 + size, 4970000 + size)
    assert low <= ellipsoidal_area([square], "EPSG:4530")[0] <= high


def test_agrees_with_geodesic_polygons() -> None:
    """Geodesics and straight lines differ less the shorter the edges; 5 m leaves 1e-6."""
    rng = np.random.default_rng(7)
    angles = np.sort(rng.uniform(0, 2 * np.pi, (50, 24)), axis=1)
    rings = np.stack([42_600_000 + 90 * np.cos(angles), 4_970_000 + 90 * np.sin(angles)], axis=2)
    shapes = shapely.segmentize(shapely.polygons(rings), 5.0)
    to_degrees = Transformer.from_crs(4530, 4490, always_xy=True)
    geod = Geod(a=6378137, rf=298.257222101)
    for shape, area in zip(shapes, ellipsoidal_area(shapes, 4530), strict=True):
        lon, lat = to_degrees.transform(*shapely.get_coordinates(shape).T)
        assert area == pytest.approx(abs(geod.polygon_area_perimeter(lon, lat)[0]), rel=1e-6)


def test_the_plane_of_judgement_gives_the_same_areas() -> None:
    square = shapely.box(42_560_000, 4_900_000, 42_600_000, 4_950_000)
    crs = CRS.from_epsg(4530)
    in_plane = to_plane(np.array([square]), crs, plane=Plane(44.9, 127.3), split_crs=crs)
    assert shapely.area(in_plane)[0] == pytest.approx(ellipsoidal_area([square], crs)[0], rel=1e-12)


def test_holes_parts_and_missing_shapes() -> None:
    outer, hole = shapely.box(0, 0, 300, 300), shapely.box(100, 100, 200, 200)
    move = [42_600_000, 4_970_000]
    shapes = [
        shapely.transform(shape, lambda points: points + move)
        for shape in (outer - hole, outer, hole, shapely.MultiPolygon([outer]))
    ]
    ring, whole, window, multi, missing, empty = ellipsoidal_area(
        [*shapes, None, shapely.Polygon()], 4530
    )
    assert ring == pytest.approx(whole - window, abs=1e-6)
    assert multi == pytest.approx(whole, abs=1e-9)
    assert (missing, empty) == (0, 0)


def test_wgs84_counts_as_cgcs2000_and_xian_1980_is_refused() -> None:
    degrees = shapely.box(127.0, 45.0, 127.01, 45.01)
    same = ellipsoidal_area([degrees], 4326)[0]
    assert same == pytest.approx(ellipsoidal_area([degrees], 4490)[0], rel=1e-12)
    with pytest.raises(CrsError, match=r"Xian 1980.*tens to hundreds of metres"):
        ellipsoidal_area([degrees], 4610)


coordinate = st.floats(-1e5, 1e5, allow_nan=False)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=6))
def test_an_edge_is_split_alike_from_either_end(points: list[tuple[float, float]]) -> None:
    path = np.array(points)
    ends = np.array([0, len(path)])
    forward, _ = split_edges(path, ends)
    backward, _ = split_edges(path[::-1].copy(), ends)
    assert np.array_equal(forward, backward[::-1])
    assert (np.hypot(*np.diff(forward, axis=0).T) <= EDGE_LIMIT_M * (1 + 1e-9)).all()


def test_paths_are_split_apart_from_each_other() -> None:
    two = np.array([[0.0, 0], [140, 0], [1000, 0], [1000, 50]])
    points, starts = split_edges(two, np.array([0, 2, 4]))
    assert starts.tolist() == [0, 3, 5]
    assert points.tolist() == [[0, 0], [70, 0], [140, 0], [1000, 0], [1000, 50]]


def test_what_has_no_area_is_refused_with_its_position() -> None:
    square = shapely.box(42_600_000, 4_970_000, 42_600_100, 4_970_100)
    odd = [square, shapely.LineString([(0, 0), (1, 1)]), shapely.box(0, 0, np.inf, 1)]
    with pytest.raises(InvalidGeometryError) as caught:
        ellipsoidal_area(odd, 4530)
    assert [fault.where for fault in caught.value.faults] == ["geometries[1]", "geometries[2]"]


@pytest.mark.parametrize(
    ("shape", "crs"),
    [
        (shapely.box(-180, -90, 180, 90), 4490),
        (shapely.box(500, 95, 501, 96), 4490),
        (shapely.box(-1e12, -1e12, 1e12, 1e12), 4530),
    ],
)
def test_what_is_no_place_on_earth_is_refused(shape: shapely.Polygon, crs: int) -> None:
    with pytest.raises(InvalidGeometryError, match="wider than 60 degrees"):
        ellipsoidal_area([shape], crs)


def test_a_crs_that_is_not_flat_is_refused() -> None:
    with pytest.raises(CrsError, match="neither in latitude and longitude nor projected"):
        ellipsoidal_area([shapely.box(0, 0, 1, 1)], 4978)


def test_there_and_back_is_exact_to_a_thousandth_of_a_millimetre() -> None:
    """PROJ's own way back misses by half a millimetre."""
    plane = Plane(44.75, 127.4)
    metres = np.array([[0.0, 0.0], [50_000.0, -70_000.0], [-80_000.0, 60_000.0]])
    assert np.abs(plane.project(plane.unproject(metres), CGCS2000) - metres).max() < 1e-6
