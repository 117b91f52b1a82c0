"""Every kind of CRS that arrives: a clear answer, and no transformation that guesses."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS
from small_layers import EAST, NORTH, PLANE, ZONE_42, make_delivery, make_layer, square
from small_sites import read_shapes

import spatialplan
from spatialplan import crs as gate
from spatialplan import ellipsoidal_area, read_layer
from spatialplan.errors import CrsError
from spatialplan.layers import Layer, admit, settle_position
from spatialplan.plan import Way, validate_plan

BEIJING_54_ESRI = (
    'PROJCS["Beijing_1954_3_Degree_GK_Zone_42",GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",'
    'SPHEROID["Krasovsky_1940",6378245.0,298.3]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",42500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",126.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
UNKNOWN_DATUM_ESRI = BEIJING_54_ESRI.replace("D_Beijing_1954", "D_Unknown")
CITY = 'LOCAL_CS["City",UNIT["metre",1],AXIS["E",EAST],AXIS["N",NORTH]]'
CITY_WKT2 = (
    'ENGCRS["City grid",EDATUM["City"],CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],'
    'LENGTHUNIT["metre",1]]'
)


def gauss_kruger(
    meridian: float = 127.25, easting: float = 500_000, shift: str = "", axis: float = 6378137
) -> str:
    """A transverse Mercator CRS on CGCS2000 as a shapefile may state it."""
    return (
        'PROJCS["own",GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",'
        f'SPHEROID["CGCS2000",{axis},298.257222101]{shift}],PRIMEM["Greenwich",0],'
        'UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
        f'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",{meridian}],'
        f'PARAMETER["scale_factor",1],PARAMETER["false_easting",{easting}],'
        'PARAMETER["false_northing",0],UNIT["metre",1]]'
    )


OLD = {
    "Xi'an 1980": "EPSG:2366",
    "Xi'an 1980 in degrees": "EPSG:4610",
    "Beijing 1954": "EPSG:2418",
    "new Beijing 1954": "EPSG:4555",
    "Beijing 1954 as ESRI writes it": BEIJING_54_ESRI,
    "unknown datum": UNKNOWN_DATUM_ESRI,
    "an ellipsoid is no datum": "+proj=tmerc +lon_0=126 +x_0=42500000 +ellps=krass +units=m",
    "WGS 72": "EPSG:4322",
    "a shift in the file": "+proj=tmerc +lon_0=126 +x_0=42500000 +ellps=krass +towgs84=15,-150,-90",
}
ODD = {
    "a city's own grid": (CITY, "local system without a datum.*plane_four_parameter"),
    "a city's own grid, WKT 2": (CITY_WKT2, "local system without a datum"),
    "geocentric": ("EPSG:4479", "neither in latitude and longitude nor projected"),
    "heights alone": ("EPSG:5737", "neither in latitude and longitude nor projected"),
    "a turned pole": (
        "+proj=ob_tran +o_proj=longlat +o_lat_p=30 +lon_0=10 +datum=WGS84 +type=crs",
        "neither in latitude and longitude nor projected",
    ),
    "a web map's sphere": (
        'GEOGCS["sphere",DATUM["D_WGS_1984_Major_Auxiliary_Sphere",SPHEROID["s",6378137,0]],'
        'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]',
        "no public transformation",
    ),
    "kilometres": (
        "+proj=tmerc +lon_0=126 +x_0=42500000 +datum=WGS84 +units=km",
        "counts in kilometre",
    ),
    "feet": ("+proj=tmerc +lon_0=126 +x_0=500000 +datum=WGS84 +units=us-ft", "counts in"),
    "grads from Paris": ("EPSG:4807", "counts in .*from another meridian than Greenwich"),
    "CGCS2000 with a shift": (
        gauss_kruger(shift=",TOWGS84[1,2,3,0,0,0,0]"),
        "contradicts itself",
    ),
    "WGS 84 on a sphere": (
        'GEOGCS["x",DATUM["D_WGS_1984",SPHEROID["s",6378137,0]],PRIMEM["Greenwich",0],'
        'UNIT["degree",0.0174532925199433]]',
        "another ellipsoid",
    ),
    "CGCS2000 on Krasovsky": (gauss_kruger(axis=6378245), "another ellipsoid"),
}


def degrees_of(shape: Any) -> Any:
    return gpd.GeoSeries([shape], crs=ZONE_42).to_crs(4490)[0]


def at_home(crs: Any) -> Any:
    """The kilometre square of the plain, in numbers of a CRS's kind."""
    return degrees_of(square(0, 0, 1_000)) if CRS(crs).is_geographic else square(0, 0, 1_000)


def admitted(shape: Any, crs: Any, way: Way | None = None) -> Layer:
    delivery = replace(make_delivery([shape], crs=crs), way=way or Way())
    return admit(delivery, plane=PLANE, working_crs=ZONE_42)


@pytest.mark.parametrize("crs", OLD.values(), ids=OLD.keys())
def test_another_datum_is_refused_with_the_ways_out(crs: str) -> None:
    with pytest.raises(CrsError) as refused:
        admitted(at_home(crs), crs)
    for language in ("zh", "en"):
        said = refused.value.text(language)
        assert "[transformations]" in said
        assert "accept_error_m" in said
    assert ("TOWGS84" in said) == ("towgs84" in crs)


def test_planners_read_the_name_of_the_datum_that_they_use() -> None:
    for crs, name in (
        ("EPSG:2366", "1980西安"),
        (BEIJING_54_ESRI, "1954北京"),
        (4555, "新1954北京"),
    ):
        with pytest.raises(CrsError) as refused:
            admitted(at_home(crs), crs)
        assert f"（基准 {name}坐标系）" in refused.value.text("zh")


@pytest.mark.parametrize(("crs", "reason"), ODD.values(), ids=ODD.keys())
def test_an_odd_crs_is_refused_with_its_own_reason(crs: str, reason: str) -> None:
    with pytest.raises(CrsError, match=reason):
        admitted(square(0, 0, 1_000), crs)


def by_area(path: Path) -> object:
    return ellipsoidal_area([square(0, 0, 9)], "EPSG:2366")


def by_gate(path: Path) -> object:
    return admitted(square(0, 0, 9), "EPSG:2366")


def by_sites(path: Path) -> object:
    return read_shapes([square(0, 0, 9)], crs="EPSG:2366")


def by_file(path: Path) -> object:
    gpd.GeoSeries([square(0, 0, 9)], crs="EPSG:2366").to_file(path / "x.gpkg")
    return read_layer(path / "x.gpkg")


def by_plane(path: Path) -> object:
    return PLANE.project(np.array([[EAST, NORTH]]), CRS.from_epsg(2366))


def by_working_crs(path: Path) -> object:
    gpd.GeoSeries([square(0, 0, 9)], crs=ZONE_42).to_file(path / "x.gpkg")
    header = dict.fromkeys(("id", "title", "region", "standing", "notice"), "x")
    layers = {"x": {"title": "x", "role": "other", "path": "x.gpkg"}}
    plan = {"schema": 1, "plan": {**header, "year": 2025, "crs": "EPSG:2366"}, "layers": layers}
    return spatialplan.check_plan(validate_plan(plan, directory=path))


@pytest.mark.parametrize("path_in", [by_area, by_gate, by_sites, by_file, by_working_crs])
def test_no_way_in_lets_an_old_datum_pass(tmp_path: Path, path_in: Any) -> None:
    with pytest.raises(CrsError, match="Ways out"):
        path_in(tmp_path)


def test_even_past_the_gate_proj_may_not_guess() -> None:
    """The transformer itself refuses, should a CRS reach it that the gate has not seen."""
    for old in ("EPSG:2366", "EPSG:2418", "EPSG:4555"):
        with pytest.raises(Exception, match="Error creating Transformer"):
            gate.make_transformer(CRS(old), gate.CGCS2000)


def test_transformers_are_made_in_one_place_only() -> None:
    package = Path(spatialplan.__file__).parent
    makers = re.compile(r"Transformer\.from|TransformerGroup|\.to_crs\(|Proj\(|pyproj\.transform\b")
    found = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if makers.search(file.read_text("utf-8"))
    }
    assert found == {"crs.py"}
    calls = (package / "crs.py").read_text("utf-8").count("Transformer.from_crs(")
    assert calls == 1


def test_wgs_84_keeps_its_degrees_and_says_so() -> None:
    shape = degrees_of(square(0, 0, 1_000))
    layers = [admitted(shape, crs) for crs in (4490, 4326, 4979, "EPSG:9057")]
    for layer in layers[1:]:
        assert shapely.equals_exact(layer.geometry[0], layers[0].geometry[0])
        assert "less than 1 m" in layer.source.placement.notes[0].text("en")
        assert layer.source.placement.error_m == 0
    assert layers[0].source.placement.notes == ()


def test_zones_of_utm_and_cgcs2000_share_a_border() -> None:
    shape = square(0, 0, 60)
    utm = gpd.GeoSeries([degrees_of(shape)], crs=4326).to_crs(32652)[0]
    first, second = admitted(shape, ZONE_42), admitted(utm, 32652)
    assert shapely.hausdorff_distance(first.geometry[0], second.geometry[0]) < 0.001


@pytest.mark.parametrize("extra", ["", ",TOWGS84[0,0,0,0,0,0,0]"])
def test_a_meridian_of_ones_own_is_as_good_as_a_zone(extra: str) -> None:
    own = CRS.from_wkt(gauss_kruger(shift=extra))
    shape = square(0, 0, 60)
    there = gpd.GeoSeries([degrees_of(shape)], crs=4490).to_crs(gauss_kruger())[0]
    layer = admitted(there, own)
    at_zone = admitted(shape, ZONE_42)
    assert shapely.hausdorff_distance(layer.geometry[0], at_zone.geometry[0]) < 0.001
    assert layer.source.crs == "own"


@pytest.mark.parametrize("name", ["D_China_2000", "CGCS2000", "D_CGCS_2000"])
def test_cgcs2000_is_known_by_all_its_names(name: str) -> None:
    spelt = admitted(square(0, 0, 60), gauss_kruger(126, 42_500_000).replace("China_2000", name))
    at_zone = admitted(square(0, 0, 60), ZONE_42)
    assert shapely.equals_exact(spelt.geometry[0], at_zone.geometry[0], tolerance=1e-6)


def test_heights_beside_the_plane_do_not_matter() -> None:
    layer = admitted(square(0, 0, 100), "EPSG:4530+5737")
    assert layer.area_m2 == pytest.approx(make_layer([square(0, 0, 100)]).area_m2)


@pytest.mark.parametrize(
    ("stated", "easting"), [(0, 600_000.0), (500_000, 100_000.0), (500_000, -20_000.0)]
)
def test_a_missing_false_easting_is_seen(stated: float, easting: float) -> None:
    shape = shapely.box(easting, NORTH, easting + 100, NORTH + 100)
    with pytest.raises(CrsError, match=f"looks? as if {500_000 - stated:,} m had been added"):
        admitted(shape, gauss_kruger(126, stated))


def test_zones_mixed_in_one_table_are_refused_with_their_counts() -> None:
    """Two squares with zone number 42, one with 43, labelled zone 42; strays are no zone."""
    other = shapely.box(43_400_000, NORTH, 43_400_100, NORTH + 100)
    stray = shapely.box(600_000, NORTH, 600_100, NORTH + 100)
    shapes = [square(0, 0, 9), other, square(100, 0, 9), stray]
    with pytest.raises(CrsError, match=r"by zone number: 42: 2, 43: 1.*Split the file") as refused:
        make_layer(shapes)
    assert "各带号要素数：42: 2, 43: 1" in refused.value.text("zh")


def test_a_feature_with_parts_in_two_zone_numbers_is_counted_as_such() -> None:
    both = shapely.union(square(0, 0, 9), shapely.box(43_400_000, NORTH, 43_400_009, NORTH + 9))
    with pytest.raises(CrsError, match="by zone number: 42: 1, 42/43: 1"):
        make_layer([square(0, 0, 9), both])


def test_a_layer_across_the_border_of_zones_is_judged_whole() -> None:
    """12 km across 127.5 degrees, in zone 42 and in zone 43: the same ground."""
    strip = shapely.segmentize(square(12_000, 0, 12_000, height_m=100), 50)
    other = gpd.GeoSeries([strip], crs=4530).to_crs(4531)[0]
    first, second = admitted(strip, 4530), admitted(other, 4531)
    west, _, east, _ = shapely.bounds(degrees_of(strip))
    assert west < 127.5 < east
    assert shapely.area(shapely.symmetric_difference(first.geometry[0], second.geometry[0])) < 1
    assert first.area_m2 == pytest.approx(second.area_m2, rel=1e-7)


def test_a_crs_given_by_the_user_is_noted_as_assumed() -> None:
    silent = make_delivery([square(0, 0, 9)], crs=None)
    given = replace(silent, spec=silent.spec.model_copy(update={"crs": "EPSG:4530"}))
    source = settle_position(given).source
    assert (source.crs, source.placement.assumed) == ("EPSG:4530", True)
    assert (
        source.placement.notes[0].text("zh") == "EPSG:4530 为假定坐标系：文件未声明，由使用者给出"
    )


def test_old_coordinates_taken_as_they_are_carry_the_error_accepted() -> None:
    for crs, twin in (("EPSG:2366", 4530), ("EPSG:4610", 4490), (UNKNOWN_DATUM_ESRI, 4530)):
        layer = admitted(at_home(crs), crs, Way(accept_error_m=80))
        assert shapely.equals_exact(
            layer.geometry[0], admitted(at_home(twin), twin).geometry[0], tolerance=1e-6
        )
        assert layer.source.placement.error_m == 80
        assert "an error of 80 m was accepted" in layer.source.placement.notes[0].text("en")
    assert layer.source.crs == "Beijing 1954 / 3-degree Gauss-Kruger zone 42"


@pytest.mark.parametrize(
    ("crs", "error_m", "reason"),
    [
        ("EPSG:2366", 5, "less than Xian 1980 and CGCS2000 differ anywhere"),
        (CITY, 80, "local system without a datum"),
        ("EPSG:4807", 80, "another meridian"),
    ],
)
def test_an_error_that_cannot_be_accepted(crs: str, error_m: float, reason: str) -> None:
    with pytest.raises(CrsError, match=reason):
        admitted(square(0, 0, 9), crs, Way(accept_error_m=error_m))


def test_an_ellipsoid_off_in_its_last_digits_is_the_same() -> None:
    """PROJ would take it for another datum, and find no way from it."""
    rounded = gauss_kruger(126, 42_500_000).replace("298.257222101", "298.257226")
    shape = shapely.union(square(0, 0, 9), square(20, 0, 9))
    crossed = shapely.Polygon([(0, 0), (9, 9), (9, 0), (0, 9)])
    for given in (shape, shapely.affinity.translate(crossed, *square(0, 0, 9).bounds[:2])):
        layer, same = (admitted(given, crs) for crs in (rounded, "EPSG:4530"))
        assert layer.area_m2 == pytest.approx(same.area_m2, rel=1e-9)
        assert [fault.rule_id for fault in layer.faults] == [f.rule_id for f in same.faults]
