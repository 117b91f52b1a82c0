"""Transformations with stated parameters, against PROJ's own and against closed forms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from grid_files import write_ntv2
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import CRS, Geod, Transformer
from small_layers import EAST, NORTH, PLANE, ZONE_42, make_delivery, square

from spatialplan.errors import CrsError
from spatialplan.layers import Delivery, Layer, admit, settle_position
from spatialplan.layers.moving import move_points
from spatialplan.plan import (
    GridFile,
    PlaneFourParameter,
    SevenParameter,
    ThreeParameter,
    Transformation,
    Way,
)

XIAN_80 = CRS.from_epsg(4610)
XIAN_80_ZONE_42 = CRS.from_epsg(2366)
BEIJING_54_ZONE_42 = CRS.from_epsg(2418)
LIMITS = {"issued_by": "某市测绘院", "accuracy_m": 0.3}
PLACE = np.array([[127.2, 44.8], [127.4, 44.7]])
HERE = Path()


def seven(convention: str = "position_vector", **values: float) -> SevenParameter:
    names = ("dx_m", "dy_m", "dz_m", "rx_arcsec", "ry_arcsec", "rz_arcsec", "scale_ppm")
    numbers = dict.fromkeys(names, 0.0) | values
    return SevenParameter(kind="seven_parameter", convention=convention, **LIMITS, **numbers)


def plane_four(**values: Any) -> PlaneFourParameter:
    usual = {
        "target": "EPSG:4530",
        "east_m": 0,
        "north_m": 0,
        "rotation_arcsec": 0,
        "turns": "clockwise",
        "scale_ppm": 0,
    }
    return PlaneFourParameter(kind="plane_four_parameter", **LIMITS, **(usual | values))


def move(
    points: NDArray[np.float64], crs: CRS | None, stated: Transformation
) -> NDArray[np.float64]:
    return move_points(points, crs, stated, directory=HERE, where="here")[0]


def metres_apart(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.max(Geod(ellps="GRS80").inv(*first.T, *second.T)[2]))


def settle(shapes: list[Any], crs: CRS | None, stated: Transformation, **options: Any) -> Delivery:
    delivery = make_delivery(shapes, crs=crs, **options)
    return settle_position(replace(delivery, way=Way(stated, "x80")))


def admitted(delivery: Delivery) -> Layer:
    return admit(delivery, plane=PLANE, working_crs=ZONE_42)


parameters = st.fixed_dictionaries(
    {
        "dx_m": st.floats(-300, 300),
        "dy_m": st.floats(-300, 300),
        "dz_m": st.floats(-300, 300),
        "rx_arcsec": st.floats(-5, 5),
        "ry_arcsec": st.floats(-5, 5),
        "rz_arcsec": st.floats(-5, 5),
        "scale_ppm": st.floats(-20, 20),
    }
)


@given(parameters, st.sampled_from(["position_vector", "coordinate_frame"]))
def test_seven_parameters_are_projs_own_towgs84(values: dict[str, float], convention: str) -> None:
    sign = 1 if convention == "position_vector" else -1
    shifts = [values[name] for name in ("dx_m", "dy_m", "dz_m")]
    turns = [sign * values[name] for name in ("rx_arcsec", "ry_arcsec", "rz_arcsec")]
    listed = ",".join(map(repr, [*shifts, *turns, values["scale_ppm"]]))
    old = f"+proj=longlat +a=6378140 +rf=298.257 +towgs84={listed} +type=crs"
    expected = Transformer.from_crs(old, 4326, always_xy=True).transform(*PLACE.T)
    found = move(PLACE, XIAN_80, seven(convention, **values))
    # +towgs84 leads to the ellipsoid of WGS 84, which is a tenth of a millimetre from CGCS2000's.
    assert metres_apart(found, np.column_stack(expected)) < 0.0005


@given(parameters)
def test_seven_parameters_are_the_textbook_formula(values: dict[str, float]) -> None:
    found = move(PLACE, XIAN_80, seven(**values))
    a, rf = 6378140.0, 298.257
    flat = 1 / rf
    longitude, latitude = np.radians(PLACE).T
    e2 = flat * (2 - flat)
    n = a / np.sqrt(1 - e2 * np.sin(latitude) ** 2)
    old = np.array(
        [
            n * np.cos(latitude) * np.cos(longitude),
            n * np.cos(latitude) * np.sin(longitude),
            n * (1 - e2) * np.sin(latitude),
        ]
    )
    rx, ry, rz = np.radians([values[f"r{axis}_arcsec"] / 3600 for axis in "xyz"])
    turn = np.array([[1, -rz, ry], [rz, 1, -rx], [-ry, rx, 1]])
    shift = np.array([[values[f"d{axis}_m"]] for axis in "xyz"])
    x, y, z = shift + (1 + values["scale_ppm"] * 1e-6) * turn @ old
    new_e2 = (2 - 1 / 298.257222101) / 298.257222101
    new_latitude = latitude
    for _ in range(20):
        radius = 6378137.0 / np.sqrt(1 - new_e2 * np.sin(new_latitude) ** 2)
        new_latitude = np.arctan2(z + new_e2 * radius * np.sin(new_latitude), np.hypot(x, y))
    expected = np.degrees(np.column_stack([np.arctan2(y, x), new_latitude]))
    assert metres_apart(found, expected) < 0.0001


def test_three_parameters_are_seven_without_rotation_and_scale() -> None:
    stated = ThreeParameter(kind="three_parameter", dx_m=-70, dy_m=20, dz_m=50, **LIMITS)
    both = [move(PLACE, XIAN_80, way) for way in (stated, seven(dx_m=-70, dy_m=20, dz_m=50))]
    assert np.array_equal(*both)


@given(
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
    st.floats(-400_000, 400_000),
    st.floats(-500, 500),
    st.sampled_from(["clockwise", "counter_clockwise"]),
)
def test_four_parameters_are_one_complex_product(
    east: float, north: float, angle: float, scale: float, turns: str
) -> None:
    points = np.array([[500_000.0, 4_970_000.0], [520_000.0, 4_980_000.0]])
    values = {"east_m": east, "north_m": north, "rotation_arcsec": angle, "scale_ppm": scale}
    found = move(points, None, plane_four(turns=turns, **values))
    radians = np.radians(angle / 3600) * (1 if turns == "counter_clockwise" else -1)
    turned = (1 + scale * 1e-6) * np.exp(1j * radians) * (points @ [1, 1j]) + complex(east, north)
    assert found @ [1, 1j] == pytest.approx(turned, abs=1e-6)


def test_a_quarter_turn_clockwise_takes_north_to_east() -> None:
    found = move(np.array([[0.0, 100.0]]), None, plane_four(rotation_arcsec=90 * 3600))
    assert found[0].tolist() == pytest.approx([100.0, 0.0], abs=1e-9)


def test_a_grid_moves_what_it_covers(tmp_path: Path) -> None:
    folder = tmp_path / "格网 文件"
    folder.mkdir()
    write_ntv2(folder / "x80.gsb", north_arcsec=0.5, east_arcsec=4.0)
    stated = GridFile(kind="grid", path="格网 文件/x80.gsb", **LIMITS)
    points = np.vstack([PLACE, [[120.0, 40.0]]])
    found, crs = move_points(points, XIAN_80, stated, directory=tmp_path, where="here")
    assert found[:2] == pytest.approx(PLACE + np.array([4.0, 0.5]) / 3600, abs=1e-10)
    assert not np.isfinite(found[2]).any()
    assert crs.to_epsg() == 4490


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("missing.gsb", None, "No such file"),
        ("x.gsb", b"not a grid", "no NTv2 file"),
        ("x.gsb", b"NUM_OREC" + b"\0" * 8, "damaged"),
        ("a,b.gsb", b"NUM_OREC" + b"\0" * 8, "rename it"),
    ],
)
def test_an_unusable_grid_is_named_with_the_reason(
    tmp_path: Path, name: str, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    stated = GridFile(kind="grid", path=name, **LIMITS)
    with pytest.raises(CrsError, match=f"«{name}» cannot be used.*{reason}"):
        move_points(PLACE, XIAN_80, stated, directory=tmp_path, where="here")


def test_a_layer_comes_to_the_plane_and_says_how() -> None:
    """An Xi'an 1980 square, moved by about 100 m to the east, keeps its size."""
    layer = admitted(settle([square(0, 0, 1_000)], XIAN_80_ZONE_42, seven(dx_m=-80, dy_m=-60)))
    at_home = admitted(make_delivery([square(0, 0, 1_000)]))
    moved_m = shapely.distance(layer.geometry[0].centroid, at_home.geometry[0].centroid)
    assert 95 < moved_m < 105
    assert layer.area_m2 == pytest.approx(at_home.area_m2, rel=2e-5)
    source = layer.source
    assert (source.crs, source.placement.error_m, source.placement.assumed) == (
        "EPSG:2366",
        0.3,
        False,
    )
    said = source.placement.notes[0].text("en")
    assert "«x80» (seven parameters; issued by 某市测绘院; stated accuracy 0.3 m)" in said
    assert "features moved by 100.0" in said
    assert "-80" not in said  # parameters are often classified


def test_a_file_without_a_crs_may_come_by_a_plane_transformation() -> None:
    local = shapely.box(0, 0, 100, 50)
    layer = admitted(settle([local], None, plane_four(east_m=EAST, north_m=NORTH)))
    at_home = admitted(make_delivery([square(0, 0, 100, height_m=50)]))
    assert shapely.equals_exact(layer.geometry[0], at_home.geometry[0], tolerance=1e-6)


@pytest.mark.parametrize(
    ("crs", "stated", "reason"),
    [
        (XIAN_80_ZONE_42, seven(dx_m=9_000), "more than 500 m is none: check unit, sign"),
        (XIAN_80_ZONE_42, seven(), r"by \d+\.\d+ m only; from Xian 1980"),
        (BEIJING_54_ZONE_42, seven(rx_arcsec=60), "more than 500 m"),
        (ZONE_42, seven(dx_m=100), "on CGCS2000 or WGS 84 already"),
        (None, seven(dx_m=100), "no coordinate reference system is stated"),
        (XIAN_80_ZONE_42, plane_four(target="EPSG:2366"), "not a projected CRS on CGCS2000"),
        (None, plane_four(), "another zone number"),
        (None, plane_four(east_m=EAST, north_m=NORTH, target="EPSG:4531"), "another zone number"),
    ],
)
def test_a_transformation_that_cannot_be_meant_is_refused(
    crs: CRS | None, stated: Transformation, reason: str
) -> None:
    shape = shapely.box(0, 0, 9, 9) if crs is None else square(0, 0, 9)
    with pytest.raises(CrsError, match=reason):
        admitted(settle([shape], crs, stated))


def test_what_a_grid_does_not_reach_is_set_aside_and_most_of_it_refused(tmp_path: Path) -> None:
    write_ntv2(tmp_path / "x80.gsb", north_arcsec=0.5, east_arcsec=4.0)
    way = Way(GridFile(kind="grid", path="x80.gsb", **LIMITS), "x80", directory=tmp_path)
    inside, outside = square(0, 0, 100), square(0, 500_000, 100)
    shapes = [inside, None, outside, square(200, 0, 100)]
    delivery = replace(make_delivery(shapes, crs=XIAN_80_ZONE_42), way=way)
    layer = admitted(delivery)
    assert layer.ids.tolist() == ["#1", "#4"]
    assert layer.set_aside == 2
    assert "x80.gsb, SHA-256" in layer.source.placement.notes[0].text("en")
    with pytest.raises(CrsError, match="the grid does not cover the data"):
        admitted(replace(make_delivery([outside], crs=XIAN_80_ZONE_42), way=way))


def test_heights_and_curves_of_the_table_do_not_matter() -> None:
    high = shapely.force_3d([square(0, 0, 100)], 250.0)
    flat, lifted = (
        admitted(settle(list(shapes), XIAN_80_ZONE_42, seven(dx_m=-80, dy_m=-60)))
        for shapes in ([square(0, 0, 100)], high)
    )
    assert shapely.equals_exact(flat.geometry[0], lifted.geometry[0])
