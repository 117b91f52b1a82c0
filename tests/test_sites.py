"""Sites from vector files and GeoDataFrames: what is judged, and every doubt with its advice."""

from __future__ import annotations

import math
import shutil
import sqlite3
import struct
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import EAST, NORTH, PLANE, ZONE_42, square
from small_sites import HECTARE_M2, faults, file_faults, read, read_shapes, wording

from spatialplan.area import ellipsoidal_area
from spatialplan.errors import CrsError, SourceError
from spatialplan.files import read_sites
from spatialplan.findings import Severity
from spatialplan.messages import catalogue
from spatialplan.sites.fields import NAMES
from spatialplan.sites.soundness import REASONS
from spatialplan.sites.stated import UNIT_KEYS

BOW_TIE = shapely.Polygon(
    [(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)]
)
FRAME = gpd.GeoDataFrame(
    {
        "项目编号": ["A-1", "A-2"],
        "项目名称": ["龙凤湖污水厂", "=HYPERLINK(1)<b>"],
        "项目类型": ["污水处理", ""],
        "备注": ["演示数据", "演示"],
    },
    geometry=[square(0, 0, 100), square(200, 0, 100)],
    crs=4530,
)
DRIVERS = {
    "sites.gpkg": {},
    "sites.geojson": {"driver": "GeoJSON"},
    "sites.fgb": {"driver": "FlatGeobuf", "SPATIAL_INDEX": "NO"},
    "sites.gdb": {"driver": "OpenFileGDB"},
    "sites.shp": {"encoding": "GBK"},
}


def write(folder: Path, name: str, frame: gpd.GeoDataFrame = FRAME) -> Path:
    if name == "sites.geojson":
        frame = frame.to_crs(4326)
    pyogrio.write_dataframe(frame, folder / name, **DRIVERS[name])
    return folder / name


@pytest.mark.parametrize("name", DRIVERS)
@pytest.mark.parametrize("zipped", [False, True])
def test_every_format_gives_the_same_sites(tmp_path: Path, name: str, zipped: bool) -> None:
    path = write(tmp_path, name)
    if zipped:
        shutil.make_archive(str(tmp_path / "out" / "sites"), "zip", tmp_path)
        path = tmp_path / "out" / "sites.zip"
    sites = read(path)
    assert sites.ids.tolist() == ["A-1", "A-2"]
    assert sites.names.tolist() == ["龙凤湖污水厂", "=HYPERLINK(1)<b>"]
    assert sites.kinds.tolist() == ["污水处理", ""]
    assert sites.demonstration
    assert sites.area_m2 == pytest.approx([HECTARE_M2] * 2, abs=0.02)
    assert file_faults(sites) == faults(sites) == []
    assert sites.sources[0].path == path.name
    assert sites.sources[0].features == 2
    assert len(sites.sources[0].sha256) == 64
    assert [place.text("en") for place in sites.places] == ["row 1", "row 2"]


def test_area_is_the_official_one_and_ids_keep_their_order() -> None:
    shapes = [square(300 * i, 0, 10 + i) for i in range(20)]
    sites = read_shapes(shapes, columns={"id": [f"s{19 - i}" for i in range(20)]})
    assert sites.area_m2 == pytest.approx(ellipsoidal_area(shapes, 4530), rel=1e-9)
    assert sites.ids.tolist() == [f"s{19 - i}" for i in range(20)]
    assert sites.planar_m2 == pytest.approx([(10 + i) ** 2 for i in range(20)])


def test_sites_in_degrees_come_to_the_same_place() -> None:
    moved = gpd.GeoSeries([square(0, 0, 50)], crs=4530).to_crs(4490)
    sites = read_shapes(moved, crs=4490)
    near = read_shapes([square(0, 0, 50)])
    assert shapely.hausdorff_distance(sites.geometry[0], near.geometry[0]) < 1e-3
    assert sites.planar_m2[0] == pytest.approx(2500, abs=0.01)


def test_a_file_without_a_crs_needs_one(tmp_path: Path) -> None:
    path = write(tmp_path, "sites.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError) as caught:
        read(path)
    assert "横坐标带有带号 42：若为 2000 国家大地坐标系，则为 EPSG:4530" in caught.value.text("zh")
    assert "state it with --crs" in caught.value.text("en")
    assert read(path, crs="EPSG:4530").sources[0].crs == "EPSG:4530"


def test_a_crs_that_contradicts_the_file_is_refused() -> None:
    with pytest.raises(CrsError, match="states EPSG:4530, you state EPSG:4531; leave --crs out"):
        read(FRAME, crs="EPSG:4531")
    with pytest.raises(CrsError, match=r"Xian 1980.* no public transformation"):
        read(FRAME.set_crs(2366, allow_override=True))


def test_geojson_in_metres_without_a_crs_needs_one(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    shape = shapely.to_geojson(square(0, 0, 100))
    path.write_text(f'{{"type":"Feature","properties":{{}},"geometry":{shape}}}')
    with pytest.raises(CrsError, match="zone number 42: EPSG:4530"):
        read(path)
    assert read(path, crs="EPSG:4530").area_m2[0] == pytest.approx(HECTARE_M2, abs=0.01)


def test_swapped_axes_are_refused_one_by_one() -> None:
    swapped = shapely.transform(square(0, 0, 100), np.fliplr)
    sites = read_shapes([swapped, square(0, 0, 100)])
    assert faults(sites, 0) == ["swapped_axes"]
    assert sites.judged.tolist() == [1]
    said = wording(sites, "swapped_axes")
    assert "纵横坐标疑似颠倒" in said
    assert "swap the columns in the file" in said
    degrees = gpd.GeoSeries([square(0, 0, 100)], crs=4530).to_crs(4490)[0]
    sites = read_shapes([shapely.transform(degrees, np.fliplr)], crs=4490)
    assert faults(sites) == ["swapped_axes"]
    without_zone = shapely.transform(square(0, 0, 100), lambda xy: np.fliplr(xy - [42e6, 0]))
    assert faults(read_shapes([without_zone], crs=4551)) == ["swapped_axes"]


@pytest.mark.parametrize(
    ("shift", "crs", "fault", "advice"),
    [
        ([1e6, 0], 4530, "other_zone", "the easting carries zone number 43, EPSG:4530 has 42"),
        ([0, 0], 4551, "other_zone", "the easting carries zone number 42, EPSG:4551 has none"),
        ([-42e6, 0], 4530, "no_zone_number", "by its central meridian (EPSG:4534–4554)"),
        ([0, 400_000], 4530, "far_away", "more than 1 degree outside the region"),
        ([0, 0], 4490, "metres_not_degrees", "state the projected CRS"),
    ],
)
def test_coordinates_that_cannot_mean_what_the_crs_says(
    shift: list[float], crs: int, fault: str, advice: str
) -> None:
    shape = shapely.transform(square(0, 0, 100), lambda xy: xy + shift)
    sites = read_shapes([shape], crs=crs)
    assert faults(sites) == [fault]
    assert not len(sites.judged)
    assert advice in wording(sites, fault)
    assert "未作判断" in wording(sites, fault)


def test_degrees_in_a_projected_crs() -> None:
    sites = read_shapes([shapely.box(127.2, 44.8, 127.3, 44.9)], crs=4530)
    assert "state EPSG:4490 if they are CGCS2000" in wording(sites, "degrees_not_metres")


def test_without_a_region_china_is_the_limit() -> None:
    beijing = shapely.box(116.3, 39.9, 116.31, 39.91)
    assert read_shapes([beijing], crs=4490, region=None).doubts == ()
    assert faults(read_shapes([beijing], crs=4490)) == ["far_away"]
    paris = shapely.box(2.3, 48.8, 2.31, 48.81)
    sites = read_shapes([paris], crs=4490, region=None)
    assert "不在中国境内" in wording(sites, "far_away")


def test_ground_outside_the_region_is_measured() -> None:
    sites = read_shapes([square(19_950, 0, 100), square(30_000, 0, 100), square(0, 0, 100)])
    assert [faults(sites, row) for row in range(3)] == [["outside_region"], ["outside_region"], []]
    assert sites.judged.tolist() == [0, 1, 2]
    assert "50.00%" in wording(sites, "outside_region")
    wholly = sites.doubts_of(1)[0]
    assert wholly.severity is Severity.WARNING
    assert "全部在规划范围以外" in wholly.message.text("zh")


def test_a_site_on_the_border_is_not_outside() -> None:
    assert "outside_region" not in faults(read_shapes([square(19_900, 0, 100)]))


def test_invalid_outlines_name_reason_and_place() -> None:
    nested = shapely.MultiPolygon([square(0, 0, 100), square(20, 20, 10)])
    flat = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST + 5, NORTH), (EAST, NORTH)])
    sites = read_shapes([BOW_TIE, nested, flat, square(0, 0, 100)])
    assert faults(sites, 0) == ["self_crossing"]
    assert faults(sites, 1) == ["invalid_geometry"]
    assert faults(sites, 2) in (["self_crossing"], ["invalid_geometry"])
    assert sites.judged.tolist() == [3]
    said = wording(sites, "self_crossing")
    assert "边界自相交，横坐标（东）42600050.000，纵坐标（北）4970050.000" in said
    assert "at easting 42600050.000, northing 4970050.000" in said
    degrees = gpd.GeoSeries([BOW_TIE], crs=4530).to_crs(4490)
    assert "经度 127.2" in wording(read_shapes(degrees, crs=4490), "self_crossing")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e300])
def test_coordinates_that_are_not_finite(bad: float) -> None:
    with np.errstate(invalid="ignore"):
        shape = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST + 9, bad)])
    sites = read_shapes([shape, square(0, 0, 100)])
    assert faults(sites, 0) == ["not_finite"]
    assert sites.judged.tolist() == [1]


def test_missing_and_empty_geometry_is_listed(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b", "c"]}, geometry=[None, shapely.Polygon(), square(0, 0, 10)], crs=4530
    )
    for source in (frame, write(tmp_path, "sites.gpkg", frame)):
        sites = read(source)
        assert len(sites) == 3
        assert faults(sites) == ["no_geometry", "no_geometry"]
        assert np.isnan(sites.area_m2[:2]).all()
        assert "没有图形，未作判断" in wording(sites, "no_geometry")


def test_heights_are_dropped_and_that_is_said() -> None:
    high = shapely.force_3d(square(0, 0, 100), 170.0)
    sites = read_shapes([high, square(200, 0, 100)], columns={"id": ["a", "b"]})
    assert file_faults(sites) == ["dropped_heights"]
    assert not shapely.has_z(sites.geometry).any()
    assert sites.area_m2 == pytest.approx([HECTARE_M2] * 2, abs=0.02)


def test_curves_are_straightened_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "sites.gpkg"
    pyogrio.write_dataframe(FRAME, path, geometry_type="Unknown")
    _draw_circle(path, radius_m=100)
    sites = read(path)
    assert faults(sites) == ["linearised"]
    assert sites.doubts[0].row == 0
    assert sites.planar_m2[0] == pytest.approx(math.pi * 100**2, rel=1e-3)
    assert "化为短直线段" in wording(sites, "linearised")


def _draw_circle(path: Path, *, radius_m: float) -> None:
    """Put a curve polygon of two arcs in place of the first feature's geometry."""
    places = [(-radius_m, 0), (0, radius_m), (radius_m, 0), (0, -radius_m), (-radius_m, 0)]
    curve = struct.pack("<BIIBII", 1, 10, 1, 1, 8, len(places))
    curve += b"".join(struct.pack("<2d", EAST + e, NORTH + n) for e, n in places)
    with sqlite3.connect(path) as table:
        for (name,) in table.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
            table.execute(f'DROP TRIGGER "{name}"')
        (blob,) = table.execute("SELECT geom FROM sites WHERE fid = 1").fetchone()
        table.execute("UPDATE sites SET geom = ? WHERE fid = 1", (blob[:40] + curve,))
    table.close()


LINE = shapely.LineString([(EAST, NORTH), (EAST + 500, NORTH), (EAST + 500, NORTH + 500)])


@pytest.mark.parametrize("crs", [4530, 4490, 4531])
def test_lines_and_points_are_given_their_footprint(crs: int) -> None:
    drawn = gpd.GeoSeries([LINE, shapely.Point(EAST, NORTH), square(0, 0, 100)], crs=4530)
    sites = read_shapes(drawn.to_crs(crs), crs=crs, columns={"id": ["线", "点", "面"]})
    assert [faults(sites, row)[0] for row in (0, 1)] == ["no_footprint", "no_footprint"]
    assert "或 --line-width 给出总宽度（米）" in wording(sites, "no_footprint")
    sites = read_shapes(drawn.to_crs(crs), crs=crs, width_m=20, radius_m=50)
    # The outer corner of the strip is rounded, the inner one counted once.
    strip = 2 * 500 * 20 - 10 * 10 + math.pi * 10**2 / 4
    assert sites.planar_m2[:2] == pytest.approx([strip, math.pi * 50**2], rel=2e-4)
    assert sites.doubts_of(0)[0].message.text("zh") == "线状图形按总宽 20 米计"
    assert sites.doubts_of(1)[0].message.text("en").endswith("circle of 50 m radius")


def test_a_width_of_its_own_comes_before_the_usual_one() -> None:
    lines = [shapely.transform(LINE, lambda xy, i=i: np.add(xy, [0, 2_000 * i])) for i in range(4)]
    columns = {"id": list("abcd"), "宽度": ["10", "30 米", "", "宽"]}
    sites = read_shapes(lines, columns=columns, width_m=20)
    corner = [2 * 500 * w - (w / 2) ** 2 * (1 - math.pi / 4) for w in (10, 30, 20, 20)]
    assert sites.planar_m2 == pytest.approx(corner, rel=2e-4)
    assert [faults(sites, row) for row in range(3)] == [["footprint_given"]] * 3
    assert faults(sites, 3) == ["bad_width", "footprint_given"]
    assert "宽度“宽”不是 0.01 至" in wording(sites, "bad_width")
    assert faults(read_shapes(lines, columns=columns), 3) == ["bad_width", "no_footprint"]


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf, 1e6])
def test_a_footprint_is_a_length(size: float) -> None:
    with pytest.raises(SourceError, match="no width or radius in metres"):
        read_shapes([LINE], width_m=size)


def test_collections_are_judged_together_or_not_at_all() -> None:
    whole = shapely.GeometryCollection([square(0, 0, 100), square(200, 0, 100)])
    mixed = shapely.GeometryCollection([square(0, 0, 100), LINE, shapely.GeometryCollection()])
    sites = read_shapes([whole, mixed], columns={"id": ["a", "b"]})
    assert faults(sites, 0)[0] == "collection"
    assert sites.area_m2[0] == pytest.approx(2 * HECTARE_M2, abs=0.02)
    assert faults(sites, 1) == ["collection", "no_footprint"]
    # 400 m of the first leg stand clear of the square, half of the strip's width overlaps it.
    sites = read_shapes([mixed], width_m=20)
    strip = 2 * 500 * 20 - 10 * 10 + math.pi * 10**2 / 4
    assert sites.planar_m2[0] == pytest.approx(10_000 + strip - 100 * 10, rel=1e-3)
    crossed = shapely.GeometryCollection([BOW_TIE, LINE])
    assert "self_crossing" in faults(read_shapes([crossed], width_m=20))


def test_multipoints_and_empty_collections() -> None:
    places = shapely.MultiPoint([(EAST, NORTH), (EAST + 500, NORTH)])
    sites = read_shapes([places, shapely.GeometryCollection()], radius_m=50)
    assert sites.planar_m2[0] == pytest.approx(2 * math.pi * 50**2, rel=2e-4)
    assert faults(sites, 1) == ["no_geometry"]


def test_ids_are_made_unique_without_taking_anothers() -> None:
    shapes = [square(200 * i, 0, 100) for i in range(5)]
    sites = read_shapes(shapes, columns={"id": ["A", "A", "", "A (2)", "#3"]})
    assert sites.ids.tolist() == ["A", "A (3)", "#3 (2)", "A (2)", "#3"]
    assert [faults(sites, row) for row in range(5)] == [
        ["repeated_id"],
        ["repeated_id"],
        ["blank_id"],
        [],
        [],
    ]
    assert "地块编号 A 出现 2 次，本地块此处记为 A (3)" in sites.doubts_of(1)[0].message.text("zh")


def test_without_numbers_sites_are_called_by_their_row() -> None:
    sites = read_shapes([square(0, 0, 100), square(200, 0, 100)], columns={})
    assert sites.ids.tolist() == ["#1", "#2"]
    assert file_faults(sites) == ["no_id_field"]


def test_whole_numbers_with_a_gap_keep_their_digits() -> None:
    shapes = [square(0, 0, 100), square(200, 0, 100)]
    sites = read_shapes(shapes, columns={"BSM": [230184000001.0, math.nan]})
    assert sites.ids.tolist() == ["230184000001", "#2"]
    rounded = read_shapes(shapes, columns={"BSM": [2.3e17, 1.0]})
    assert faults(rounded, 0) == ["rounded_id"]


def test_the_same_outline_twice_and_overlaps_are_said() -> None:
    turned = shapely.Polygon(np.roll(square(0, 0, 100).exterior.coords[:-1], 2, axis=0))
    shapes = [square(0, 0, 100), turned, square(50, 0, 100), square(150, 0, 100)]
    sites = read_shapes(shapes, columns={"id": ["甲", "乙", "丙", "丁"]})
    assert faults(sites, 0) == ["same_geometry", "overlapping"]
    assert "同一图形另外提交了 1 次：乙" in sites.doubts_of(0)[0].message.text("zh")
    assert faults(sites, 3) == []  # it only touches
    assert "overlaps 1 other site(s) (丙), together 4,998.77 m²" in wording(sites, "overlapping")
    assert "2 other site(s) (甲, 乙), together 9,997.54 m²" in sites.doubts_of(2)[0].message.text()
    assert len(sites.judged) == 4


def test_overlaps_of_a_stack_of_sites_are_not_counted_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spatialplan.sites.neighbours.MOST_PAIRS", 10)
    sites = read_shapes([square(i, 0, 100) for i in range(10)])
    assert "overlaps_unchecked" in file_faults(sites)


@pytest.mark.parametrize(
    ("column", "value", "doubts", "stated_m2"),
    [
        ("MJ", 9997.5, ["stated_unit_taken"], 9997.5),
        ("MJ", 1.0, ["stated_unit_taken"], 10_000),
        ("面积", 14.9963, ["stated_unit_taken"], 9997.53),
        ("面积", 0.00999754, ["stated_unit_taken"], 9997.54),
        ("面积", 12_345.0, ["stated_area"], math.nan),
        ("面积(公顷)", 1.0, [], 10_000),
        ("面积_亩", 15.0, [], 10_000),
        ("area_m2", 9_950, [], 9_950),
        ("area_m2", 9_850, ["stated_area"], 9_850),
        ("area_ha", 9_997.5, ["stated_unit"], math.nan),
        ("面积（亩）", 1.0, ["stated_unit"], math.nan),
        ("面积（万亩）", 15.0, ["stated_unit"], math.nan),
        ("面积", "0.9998公顷", [], 9_998),
        ("面积", "约一公顷", [], math.nan),
        ("MJ", 0.0, [], math.nan),
    ],
)
def test_stated_areas(column: str, value: Any, doubts: list[str], stated_m2: float) -> None:
    sites = read_shapes([square(0, 0, 100)], columns={"id": ["a"], column: [value]})
    assert faults(sites) == doubts
    assert sites.stated_m2[0] == pytest.approx(stated_m2, rel=1e-4, nan_ok=True)
    assert len(sites.judged) == 1


def test_one_site_in_another_unit_stands_out() -> None:
    shapes = [square(200 * i, 0, 100) for i in range(3)]
    sites = read_shapes(shapes, columns={"id": list("abc"), "MJ": [1.0, 1.0, 9997.5]})
    assert faults(sites) == ["stated_unit_taken", "stated_unit"]
    assert "“MJ”未注明单位，与公顷相符" in wording(sites, "stated_unit_taken")
    assert "登记面积 9997.5 公顷与图形不符" in wording(sites, "stated_unit")
    assert "疑以平方米为单位" in wording(sites, "stated_unit")


def test_columns_are_chosen_in_order_and_the_user_overrules() -> None:
    columns = {"BSM": ["9"], "XMBH": ["P1"], "MC": ["甲"], "XMMC": ["乙"], "编码": ["x"]}
    sites = read_shapes([square(0, 0, 100)], columns=columns)
    assert (sites.ids[0], sites.names[0]) == ("P1", "乙")
    assert file_faults(sites) == ["field_chosen", "field_chosen"]
    assert "地块编号取自字段“XMBH”；另有 BSM 也符合" in wording(sites, "field_chosen")
    sites = read_shapes([square(0, 0, 100)], columns=columns, id_field="编码", name_field="MC")
    assert (sites.ids[0], sites.names[0]) == ("x", "甲")
    assert file_faults(sites) == []
    with pytest.raises(SourceError) as caught:
        read_shapes([square(0, 0, 100)], columns=columns, id_field="ID2", kind_field="XMLX")
    assert len(caught.value.faults) == 2
    assert "BSM, XMBH, MC, XMMC, 编码" in caught.value.text()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"备注": ["演示数据", "演示"]}, True),
        ({"备注": ["演示", "实测"]}, False),
        ({"demonstration": [True, True]}, True),
        ({"demonstration": [1, 0]}, False),
        ({"演示": ["是", "是"]}, True),
        ({}, False),
    ],
)
def test_demonstration_is_said_by_every_row(columns: dict[str, Any], expected: bool) -> None:
    shapes = [square(0, 0, 100), square(200, 0, 100)]
    assert read_shapes(shapes, columns=columns).demonstration is expected


def test_a_name_cut_at_ten_bytes_is_recognised(tmp_path: Path) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "sites.shp", encoding="UTF-8")
    sites = read(tmp_path / "sites.shp")
    assert sites.ids.tolist() == ["A-1", "A-2"]
    assert sites.names[0] == "龙凤湖污水厂"


def test_control_characters_do_not_come_in() -> None:
    sites = read_shapes([square(0, 0, 100)], columns={"id": ["a\x00\n b"], "name": ["x" * 5_000]})
    assert sites.ids[0] == "a b"
    assert len(sites.names[0]) == 1_000


def test_a_huge_outline_is_judged() -> None:
    angles = np.linspace(0, 2 * math.pi, 200_000, endpoint=False)
    places = np.column_stack([EAST + 500 * np.cos(angles), NORTH + 500 * np.sin(angles)])
    sites = read_shapes([shapely.Polygon(places)])
    assert sites.planar_m2[0] == pytest.approx(math.pi * 500**2, rel=1e-6)


def test_a_sliver_of_a_site_is_doubted() -> None:
    sites = read_shapes([square(0, 0, 0.5)], columns={"id": ["a"]})
    assert faults(sites) == ["tiny"]
    assert len(sites.judged) == 1


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("a.gpkg", b"", "the file is empty"),
        ("a.gpkg", b"SQLite format 3\0" + b"\xff" * 5_000, "cannot be read"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "cannot be read"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "holds no"),
        ("a.kml", b"<kml>", "cannot be read"),
        ("a.zip", b"PK\x03\x04" + b"\0" * 50, "cannot be read"),
        ("a.dwg", b"AC1032", "are not read; known:"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "save it as .xlsx"),
    ],
)
def test_unreadable_files_give_a_reason(
    tmp_path: Path, name: str, content: bytes, advice: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=advice) as caught:
        read(tmp_path / name)
    assert str(tmp_path) not in str(caught.value)


def test_what_is_not_there_and_what_is_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the file does not exist; check its path"):
        read(tmp_path / "none.shp")
    with pytest.raises(SourceError):
        read(tmp_path)


def test_zips_within_zips_and_with_several_texts(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "inner.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
    with pytest.raises(SourceError, match=r"only archives \(inner\.zip\).*; unpack it once"):
        read(tmp_path / "outer.zip")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("a.txt", "x")
        archive.writestr("b/b.csv", "x")
    with pytest.raises(SourceError, match=r"it holds several: a\.txt, b/b\.csv; name one"):
        read(tmp_path / "two.zip")


def test_an_empty_frame_holds_no_site() -> None:
    with pytest.raises(SourceError, match="it holds no site"):
        read(FRAME.iloc[:0])


def test_frames_without_geometry_and_with_a_name_twice() -> None:
    with pytest.raises(SourceError, match="the table holds no geometry"):
        read(gpd.GeoDataFrame({"id": ["a"]}))
    twice = gpd.GeoDataFrame(
        [["a", "b"]], columns=["id", "id"], geometry=[square(0, 0, 9)], crs=4530
    )
    assert read(twice).ids.tolist() == ["a"]


def test_the_hash_of_a_frame_names_its_content() -> None:
    first, again = read(FRAME).sources[0].sha256, read(FRAME.copy()).sources[0].sha256
    assert first == again
    assert first != read(FRAME.assign(备注="")).sources[0].sha256


def test_words_are_there_for_every_reason_unit_and_field() -> None:
    fields = {f"site.field_{role}" for role in NAMES} - {"site.field_demonstration"}
    assert {*REASONS.values(), *UNIT_KEYS.values(), *fields} <= catalogue("zh").keys()


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 200)), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_order_of_sites_changes_nothing_about_each(
    drawn: list[tuple[int, int]], random: Any
) -> None:
    shapes = [square(10 * east, 0, size) for east, size in drawn]
    order = list(range(len(shapes)))
    random.shuffle(order)
    names = [f"s{i}" for i in range(len(shapes))]
    sites = read_shapes(shapes, columns={"id": names})
    mixed = read_shapes([shapes[i] for i in order], columns={"id": [names[i] for i in order]})
    for row, i in enumerate(order):
        assert mixed.ids[row] == sites.ids[i]
        assert mixed.area_m2[row] == sites.area_m2[i]
        assert sorted(faults(mixed, row)) == sorted(faults(sites, i))


def test_regions_are_asked_for_by_the_plane_they_share() -> None:
    sites = read_sites(FRAME, plane=PLANE, working_crs=ZONE_42)
    assert sites.plane == PLANE
    assert sites.crs == ZONE_42


def test_a_site_thinner_than_a_centimetre_is_not_judged() -> None:
    """Lying wholly in a core zone it might share nothing but noise with it."""
    shapes = [square(0, 0, 0.0015), square(0, 10, 300, height_m=0.008)]
    sites = read_shapes([*shapes, square(0, 20, 300, height_m=0.012)])
    assert [faults(sites, row)[-1] for row in range(2)] == ["too_thin", "too_thin"]
    assert "too_thin" not in faults(sites, 2)
    assert "宽度" in wording(sites, "too_thin")
    narrow = shapely.LineString([(EAST, NORTH), (EAST + 900, NORTH)])
    line = read_shapes([narrow], columns={"id": ["a"], "宽度": [0.0008]})
    assert faults(line, 0) == ["bad_width", "no_footprint"]
