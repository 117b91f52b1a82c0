"""In which zone a boundary-point TXT lies: header, eastings, and what is stated."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from small_layers import PLANE
from small_sites import HECTARE_M2, corners, file_faults, hectare, points, read, wording, write_txt

from spatialplan.errors import CrsError


def test_six_digit_eastings_take_the_zone_of_the_header(tmp_path: Path) -> None:
    plot = [line.replace(",426", ",6") for line in hectare()]
    sites = read(write_txt(tmp_path, [plot]))
    assert file_faults(sites) == ["zone_added"]
    assert "已加带号 42" in wording(sites, "zone_added")
    assert sites.area_m2[0] == pytest.approx(HECTARE_M2, abs=0.005)


def test_six_digit_eastings_without_a_zone_are_refused(tmp_path: Path) -> None:
    plot = [line.replace(",426", ",6") for line in hectare()]
    path = write_txt(tmp_path, [plot], 带号=None)
    with pytest.raises(CrsError, match=r"EPSG code \(4534-4554\); state it with --crs"):
        read(path)
    sites = read(path, crs="EPSG:4551")
    assert sites.area_m2[0] == pytest.approx(HECTARE_M2, abs=0.005)
    assert sites.sources[0].crs == "EPSG:4551"


@pytest.mark.parametrize("crs", ["EPSG:4530", "EPSG:4551"])
def test_a_crs_that_agrees_with_the_header_changes_nothing(tmp_path: Path, crs: str) -> None:
    assert read(write_txt(tmp_path, [hectare()]), crs=crs).doubts == ()
    with pytest.raises(CrsError, match="the file states EPSG:4530, you state EPSG:4531"):
        read(write_txt(tmp_path, [hectare()]), crs="EPSG:4531")


def test_what_a_header_leaves_out_is_said(tmp_path: Path) -> None:
    missing = dict.fromkeys(("几度分带", "投影类型", "计量单位", "带号", "精度", "转换参数"))
    sites = read(write_txt(tmp_path, [hectare()], **missing))
    assert file_faults(sites) == ["header_missing", "zone_from_coordinates", "width_from_zone"]
    assert "计量单位, 投影类型" in wording(sites, "header_missing")
    assert "由横坐标取 42" in wording(sites, "zone_from_coordinates")
    with pytest.raises(CrsError, match=r"no coordinate reference system is stated.*EPSG:4530"):
        read(write_txt(tmp_path, [hectare()], 坐标系=None))


def test_six_degree_zones(tmp_path: Path) -> None:
    lines = [line.replace(",426", ",226") for line in hectare()]
    sites = read(write_txt(tmp_path, [lines], 几度分带="6", 带号="22"), region=None)
    assert sites.sources[0].crs == "EPSG:4500"
    # The 6-degree zone 22 has the meridian 129°, so the square lies 3° further east.
    assert PLANE.unproject(shapely.get_coordinates(sites.geometry[0])[:1])[0, 0] > 130


@pytest.mark.parametrize(
    ("header", "advice"),
    [
        ({"坐标系": "80国家大地坐标系"}, "Xian 1980.* no public transformation of stated accuracy"),
        ({"坐标系": "北京54坐标系"}, "Beijing 1954.* no public transformation of stated accuracy"),
        ({"坐标系": "哈尔滨城建坐标系"}, "not known; known: 2000国家大地坐标系"),
        ({"计量单位": "度"}, "only metres are read"),
        ({"投影类型": "兰伯特"}, "convert to Gauss-Kruger"),
        ({"几度分带": "1.5"}, "3 or 6 are"),
        ({"带号": "127"}, "25 to 45 for 3 degrees, 13 to 23 for 6"),
        ({"带号": "43"}, "the header states zone 43, the eastings carry 42"),
        ({"几度分带": "6"}, "zone number 42 is none of the 6-degree zones"),
    ],
)
def test_a_header_that_cannot_be_right_is_refused(
    tmp_path: Path, header: dict[str, str], advice: str
) -> None:
    with pytest.raises(CrsError, match=advice):
        read(write_txt(tmp_path, [hectare()], **header))


def test_all_faults_of_a_header_are_said_at_once(tmp_path: Path) -> None:
    path = write_txt(tmp_path, [hectare()], 坐标系="西安80", 计量单位="英尺", 带号="9")
    with pytest.raises(CrsError) as caught:
        read(path)
    assert [fault.where for fault in caught.value.faults] == [
        "项目.txt [坐标系]",
        "项目.txt [带号]",
        "项目.txt [计量单位]",
    ]


def test_one_plot_in_another_zone_does_not_stop_the_others(tmp_path: Path) -> None:
    stray = [line.replace(",426", ",436") for line in hectare(id="DK2")]
    sites = read(write_txt(tmp_path, [hectare(), stray]))
    assert sites.judged.tolist() == [0]
    assert "横坐标带号为 43，EPSG:4530 的带号为 42" in wording(sites, "other_zone")


def test_swapped_columns_are_found_and_not_swapped(tmp_path: Path) -> None:
    plot = ["4,1,1,甲,面,,,,@", *points([(east, north) for north, east in corners(0, 0, 100)])]
    sites = read(write_txt(tmp_path, [plot]))
    assert not len(sites.judged)
    assert "请在文件中对调两列坐标" in wording(sites, "swapped_axes")


def test_wgs84_and_parameters_are_said(tmp_path: Path) -> None:
    sites = read(write_txt(tmp_path, [hectare()], 坐标系="WGS84", 转换参数="10,0,0,0,0,0,1"))
    assert file_faults(sites) == ["datum_taken", "parameters_ignored"]
    assert "not applied" in wording(sites, "parameters_ignored")
    assert read(write_txt(tmp_path, [hectare()], 转换参数="0,0,0,0,0,0,0")).doubts == ()
