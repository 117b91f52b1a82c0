"""Sites from vector files and GeoDataFrames: where they lie, and files that are none."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import PLANE, ZONE_42, square
from small_sites import (
    DRIVERS,
    FRAME,
    HECTARE_M2,
    faults,
    file_faults,
    read,
    read_shapes,
    wording,
    write,
)

from spatialplan.area import ellipsoidal_area
from spatialplan.errors import CrsError, SourceError
from spatialplan.files import read_sites
from spatialplan.findings import Severity
from spatialplan.messages import catalogue
from spatialplan.sites.fields import NAMES
from spatialplan.sites.soundness import REASONS
from spatialplan.sites.stated import UNIT_KEYS


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
