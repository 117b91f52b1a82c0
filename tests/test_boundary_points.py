"""Boundary-point TXT in the variants met in practice, and written again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import EAST, NORTH, PLANE, ZONE_42, square
from small_sites import (
    HECTARE_M2,
    corners,
    faults,
    file_faults,
    hectare,
    points,
    read,
    wording,
    write_txt,
)

from spatialplan.area import ellipsoidal_area, unproject
from spatialplan.errors import CrsError, OutputError, SourceError
from spatialplan.files import write_boundary_points
from spatialplan.files.boundary_points import read_boundary_points
from spatialplan.files.texts import FileContent
from spatialplan.sites import Plot, Sites, clean_text, number_points


def only(sites: Sites) -> shapely.Geometry:
    """The one site's outline back in the working CRS."""
    assert sites.judged.tolist() == [0], [doubt.message.text() for doubt in sites.doubts]
    return unproject(sites.geometry, PLANE, ZONE_42)[0]


def test_a_plot_in_the_standard_form_leaves_no_doubt(tmp_path: Path) -> None:
    sites = read(write_txt(tmp_path, [hectare()]))
    assert sites.doubts == ()
    assert sites.ids.tolist() == ["DK1"]
    assert sites.names.tolist() == ["龙凤湖取水口"]
    assert sites.kinds.tolist() == [""]
    assert sites.remarks.tolist() == ["图幅号：L52G；用途：供水用地；地类编码：0809"]
    assert sites.area_m2[0] == pytest.approx(HECTARE_M2, abs=0.005)
    assert sites.planar_m2[0] == pytest.approx(10_000)
    assert sites.stated_m2[0] == 10_000
    source = sites.sources[0]
    assert (source.path, source.driver, source.features) == ("项目.txt", "boundary-point TXT", 1)
    assert (source.encoding, source.crs) == ("GB18030 (detected)", "EPSG:4530")
    assert sites.places[0].text("zh") == "第 1 个地块（第 12 行）"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("gb18030", "GB18030 (detected)"),
        ("utf-8", "UTF-8 (detected)"),
        ("utf-8-sig", "UTF-8 (marked)"),
        ("utf-16", "UTF-16 (marked)"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\r\n\r\n  \r\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, found: str, newline: str) -> None:
    sites = read(write_txt(tmp_path, [hectare()], encoding=encoding, newline=newline))
    assert sites.names.tolist() == ["龙凤湖取水口"]
    assert sites.sources[0].encoding == found
    assert sites.doubts == ()


@pytest.mark.parametrize(
    ("area", "fault"),
    [
        ("1.0000", []),
        ("0.9998", []),
        ("1公顷", []),
        ("15亩", []),
        ("0", []),
        ("", []),
        ("9997.54", ["stated_unit"]),
        ("15", ["stated_unit"]),
        ("1.5", ["stated_area"]),
    ],
)
def test_stated_areas_are_tested_for_their_unit(
    tmp_path: Path, area: str, fault: list[str]
) -> None:
    sites = read(write_txt(tmp_path, [hectare(area=area)]))
    assert faults(sites) == fault
    assert len(sites.judged) == 1


def test_a_wrong_unit_is_named_with_both_figures(tmp_path: Path) -> None:
    sites = read(write_txt(tmp_path, [hectare(area="9997.54")]))
    assert np.isnan(sites.stated_m2[0])
    said = wording(sites, "stated_unit")
    assert "登记面积 9997.54 公顷与图形不符：实测 0.9998 公顷（9,997.54 平方米）" in said
    assert "疑以平方米为单位" in said
    assert "seems to be in m²; correct the figure or the unit" in said
    sites = read(write_txt(tmp_path, [hectare(area="15")]))
    assert "疑以亩为单位" in wording(sites, "stated_unit")


@pytest.mark.parametrize(
    ("count", "closed", "fault"),
    [
        ("5", True, []),
        ("4", True, []),
        ("4", False, ["ring_closed"]),
        ("5", False, ["ring_closed"]),
        ("3", True, ["count_other"]),
        ("x", True, ["count_unread"]),
        ("7", True, ["points_missing"]),
    ],
)
def test_points_are_counted_with_or_without_the_closing_one(
    tmp_path: Path, count: str, closed: bool, fault: list[str]
) -> None:
    sites = read(write_txt(tmp_path, [hectare(count=count, closed=closed)]))
    assert faults(sites) == fault
    assert len(sites.judged) == (0 if fault == ["points_missing"] else 1)


def test_a_file_cut_short_is_not_judged_on_what_is_left(tmp_path: Path) -> None:
    path = write_txt(tmp_path, [hectare(), hectare(id="DK2")])
    lines = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join(lines[:-2]))
    sites = read(path)
    assert sites.judged.tolist() == [0]
    assert "注明 5 个点，实有 3 个，图形不完整，未作判断" in wording(sites, "points_missing")


@pytest.mark.parametrize("label", ["{}", "J{}", "JZ-{}", " {}"])
def test_points_may_be_called_anything(tmp_path: Path, label: str) -> None:
    lines = [
        f"{label.format(i + 1)},1,{north},{east}"
        for i, (north, east) in enumerate([*corners(0, 0, 100), corners(0, 0, 100)[0]])
    ]
    sites = read(write_txt(tmp_path, [["5,1,1,甲,面,,,,@", *lines]]))
    assert sites.area_m2[0] == pytest.approx(HECTARE_M2, abs=0.005)
    assert sites.doubts == ()


def test_full_width_punctuation_and_further_fields(tmp_path: Path) -> None:
    head = "5，1.0000，DK1，甲，面，L52G，供水用地，0809，，1，B，备注，＠"
    lines = [line.replace(",", "，") for line in hectare()[1:]]
    sites = read(write_txt(tmp_path, [[head, *lines]], encoding="utf-8"))
    assert sites.ids.tolist() == ["DK1"]
    assert sites.remarks.tolist() == ["图幅号：L52G；用途：供水用地；地类编码：0809；1；B；备注"]
    assert sites.doubts == ()


def test_a_comma_in_a_name_shifts_nothing(tmp_path: Path) -> None:
    sites = read(write_txt(tmp_path, [hectare(name="水厂,一期，扩建")]))
    assert sites.names.tolist() == ["水厂,一期，扩建"]
    assert sites.remarks[0].startswith("图幅号：L52G")


def test_lines_without_a_ring_number(tmp_path: Path) -> None:
    lines = [line.replace(",1,", ",", 1) for line in hectare()[1:]]
    sites = read(write_txt(tmp_path, [[hectare()[0], *lines]]))
    assert sites.area_m2[0] == pytest.approx(HECTARE_M2, abs=0.005)


def test_a_second_ring_inside_is_a_hole(tmp_path: Path) -> None:
    outer, inner = corners(0, 0, 100), corners(40, 40, 20)
    plot = ["10,0.96,1,甲,面,,,,@", *points([*outer, outer[0]])]
    plot += points([*inner, inner[0]], ring="2", first=5)
    sites = read(write_txt(tmp_path, [plot]))
    assert sites.doubts == ()
    assert only(sites).area == pytest.approx(9_600, abs=0.01)
    assert len(only(sites).interiors) == 1


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_ring_beside_the_first_is_a_part_and_that_is_said(tmp_path: Path, number: str) -> None:
    first, second = corners(0, 0, 100), corners(200, 0, 50)
    plot = ["10,1.25,1,甲,面,,,,@", *points([*first, first[0]])]
    plot += points([*second, second[0]], ring=number, first=5)
    sites = read(write_txt(tmp_path, [plot]))
    assert only(sites).area == pytest.approx(12_500, abs=0.01)
    assert "rings_as_parts" in faults(sites)
    assert f"圈号 {number} 不在其他圈之内，按独立部分计" in wording(sites, "rings_as_parts")
    assert ("ring_restarted" in faults(sites)) == (number == "1")


def test_numbers_that_start_again_start_a_ring(tmp_path: Path) -> None:
    plot = ["8,1.25,1,甲,面,,,,@", *points(corners(0, 0, 100)), *points(corners(200, 0, 50))]
    sites = read(write_txt(tmp_path, [plot]))
    assert only(sites).area == pytest.approx(12_500, abs=0.01)
    assert faults(sites) == ["ring_closed", "ring_restarted", "rings_as_parts"]
    alike = [line.replace(line.split(",")[0], "J", 1) for line in hectare()[1:]]
    sites = read(write_txt(tmp_path, [[hectare()[0], *alike]]))
    assert sites.doubts == ()


def test_rings_in_any_order_and_an_island_in_a_hole(tmp_path: Path) -> None:
    rings = [corners(45, 45, 10), corners(40, 40, 20), corners(0, 0, 100)]
    plot = ["15,0.97,1,甲,面,,,,@"]
    for number, ring in enumerate(rings, start=1):
        plot += points([*ring, ring[0]], ring=str(number))
    sites = read(write_txt(tmp_path, [plot]))
    assert only(sites).area == pytest.approx(10_000 - 400 + 100, abs=0.01)
    assert "rings_as_parts" in faults(sites)


def test_a_hole_with_ring_number_one_is_said(tmp_path: Path) -> None:
    outer, inner = corners(0, 0, 100), corners(40, 40, 20)
    plot = ["10,0.96,1,甲,面,,,,@", *points([*outer, outer[0]]), *points([*inner, inner[0]])]
    sites = read(write_txt(tmp_path, [plot]))
    assert only(sites).area == pytest.approx(9_600, abs=0.01)
    assert "按内环扣除" in wording(sites, "rings_as_holes")


@pytest.mark.parametrize(
    ("second", "fault"),
    [(corners(50, 50, 100), "self_crossing"), (corners(0, 0, 100), "repeated_ring")],
)
def test_rings_that_cross_or_repeat_are_not_judged(
    tmp_path: Path, second: list[tuple[float, float]], fault: str
) -> None:
    first = corners(0, 0, 100)
    plot = ["10,1,1,甲,面,,,,@", *points([*first, first[0]])]
    plot += points([*second, second[0]], ring="2")
    sites = read(write_txt(tmp_path, [plot, hectare(id="DK2")]))
    assert fault in faults(sites, 0)
    assert sites.judged.tolist() == [1]


def test_a_figure_of_eight_names_its_place(tmp_path: Path) -> None:
    a, b, c, d = corners(0, 0, 100)
    sites = read(write_txt(tmp_path, [["4,1,1,甲,面,,,,@", *points([a, c, b, d])]]))
    assert faults(sites) == ["ring_closed", "self_crossing"]
    said = wording(sites, "self_crossing")
    assert "边界自相交，横坐标（东）42600050.000，纵坐标（北）4970050.000" in said
    assert "nothing is repaired here" in said


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([], "没有界址点"),
        (corners(0, 0, 100)[:2], "不足三个"),
        ([corners(0, 0, 100)[0]] * 4, "不足三个"),
    ],
)
def test_too_few_points(tmp_path: Path, places: list[tuple[float, float]], said: str) -> None:
    sites = read(write_txt(tmp_path, [[f"{len(places)},1,1,甲,面,,,,@", *points(places)]]))
    assert said in wording(sites, "too_few_points")
    assert not len(sites.judged)


def test_repeated_points_are_left_out_and_said(tmp_path: Path) -> None:
    a, b, c, d = corners(0, 0, 100)
    plot = ["6,1,1,甲,面,,,,@", *points([a, b, b, c, d, a])]
    sites = read(write_txt(tmp_path, [plot]))
    assert faults(sites) == ["points_repeated"]
    assert len(only(sites).exterior.coords) > 4


def test_a_line_that_is_no_point_makes_the_outline_incomplete(tmp_path: Path) -> None:
    plot = hectare()
    plot[2] = "J2,1,497O100.000,42600000.000"
    sites = read(write_txt(tmp_path, [plot]))
    assert not len(sites.judged)
    assert "14: J2,1,497O100.000,42600000.000" in wording(sites, "bad_lines")


@pytest.mark.parametrize("bad", ["nan", "inf", "1e300"])
def test_coordinates_that_are_no_numbers(tmp_path: Path, bad: str) -> None:
    plot = hectare()
    plot[2] = f"J2,1,4970100,{bad}"
    sites = read(write_txt(tmp_path, [plot, hectare(id="DK2")]))
    assert "not_finite" in faults(sites, 0)
    assert sites.judged.tolist() == [1]


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


@pytest.mark.parametrize(("kind", "options"), [("线", {"width_m": 20}), ("点", {"radius_m": 20})])
def test_lines_and_points_need_a_footprint(
    tmp_path: Path, kind: str, options: dict[str, float]
) -> None:
    plot = [f"2,0,1,甲,{kind},,,,@", *points([(NORTH, EAST), (NORTH + 500, EAST)])]
    sites = read(write_txt(tmp_path, [plot]))
    assert faults(sites) == ["no_footprint"]
    sites = read(write_txt(tmp_path, [plot]), **options)
    expected = 500 * 20 if kind == "线" else 2 * np.pi * 20**2
    assert sites.planar_m2[0] == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "the file is empty"),
        (b" \r\n", "the file is empty"),
        (bytes(range(256)) * 8, "it is not a text file"),
        ("[属性描述]\n坐标系=2000".encode(), "no plot was found; a plot's line ends in @"),
        (b"name,x,y\na,1,2\n", "neither header, plot nor point: name,x,y"),
    ],
)
def test_what_is_no_boundary_point_file(tmp_path: Path, content: bytes, advice: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=advice):
        read(path)


def test_text_that_cannot_be_decoded_is_said_and_the_plot_is_judged(tmp_path: Path) -> None:
    path = write_txt(tmp_path, [hectare(name="AAA")])
    path.write_bytes(path.read_bytes().replace(b"AAA", b"\xff\xff\xff"))
    sites = read(path)
    assert faults(sites, 0) == ["undecodable"]
    assert len(sites.judged) == 1
    with pytest.raises(SourceError, match="not in the encoding stated, «UTF-8»"):
        read(path, encoding="UTF-8")


def test_names_are_kept_as_text(tmp_path: Path) -> None:
    plots = [
        hectare(id="=1+1", name="<script>alert(1)</script>"),
        hectare(id="a\x07b", name="演示"),
    ]
    sites = read(write_txt(tmp_path, plots))
    assert sites.ids.tolist() == ["=1+1", "a b"]
    assert sites.names[0] == "<script>alert(1)</script>"


def test_the_points_of_a_square_are_numbered_clockwise_from_the_north_west() -> None:
    shape = shapely.Polygon(square(0, 0, 100).exterior, [square(40, 40, 20).exterior])
    rows = number_points(shape)
    assert [row.label for row in rows] == [
        "J1",
        "J2",
        "J3",
        "J4",
        "J1",
        "J5",
        "J6",
        "J7",
        "J8",
        "J5",
    ]
    assert [row.ring for row in rows] == [1] * 5 + [2] * 5
    assert (rows[0].northing, rows[0].easting) == (NORTH + 100, EAST)
    assert (rows[1].northing, rows[1].easting) == (NORTH + 100, EAST + 100)
    assert [row.edge_m for row in rows] == [100.0] * 4 + [None] + [20.0] * 4 + [None]


def test_what_is_written_reads_like_the_standard(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    plot = Plot("DK1", "水厂,扩建@一期", square(0, 0, 100), use="供水用地")
    write_boundary_points([plot], path, crs=4530, producer="局", day=date(2026, 3, 15))
    lines = path.read_bytes().decode("gbk").split("\r\n")
    assert lines[:5] == [
        "[属性描述]",
        "格式版本号=1.01版本",
        "数据产生单位=局",
        "数据产生日期=2026-03-15",
        "坐标系=2000国家大地坐标系",
    ]
    assert lines[11:] == [
        "[地块坐标]",
        "5,0.9998,DK1,水厂，扩建(at)一期,面,,供水用地,,@",
        "J1,1,4970100.000,42600000.000",
        "J2,1,4970100.000,42600100.000",
        "J3,1,4970000.000,42600100.000",
        "J4,1,4970000.000,42600000.000",
        "J1,1,4970100.000,42600000.000",
        "",
    ]


def test_only_a_zone_can_be_written_and_only_ground(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="which «EPSG:3857» is not; name one"):
        write_boundary_points([], tmp_path / "a.txt", crs=3857)
    speck = Plot("1", "", square(0, 0, 1e-5))
    with pytest.raises(OutputError, match="at this precision the plot has no area"):
        write_boundary_points([speck], tmp_path / "a.txt", crs=4530)
    assert not list(tmp_path.iterdir())


@st.composite
def outlines(draw: st.DrawFn) -> shapely.Geometry:
    """Squares side by side on a millimetre grid, some with a hole, some with an island in it."""
    parts = []
    for column in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1_000, 90_000)) / 1_000
        part = square(100 * column, draw(st.integers(-500, 500)), size)
        if draw(st.booleans()):
            hole = part.buffer(-size / 4, join_style="mitre")
            part = part.difference(shapely.transform(hole, lambda xy: np.round(xy, 3)))
        parts.append(part)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


NAMES = st.text(st.characters(codec="gb18030", exclude_characters=",@＠，"), max_size=12)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(outlines(), NAMES), min_size=1, max_size=3), st.sampled_from([4530, 4551])
)
def test_what_is_written_is_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[shapely.Geometry, str]],
    code: int,
) -> None:
    path = tmp_path_factory.mktemp("txt") / "out.txt"
    shift = [42e6 if code == 4551 else 0, 0]
    plots = [
        Plot(f"P{i}", name, shapely.transform(shape, lambda xy: xy - shift))
        for i, (shape, name) in enumerate(drawn)
    ]
    write_boundary_points(plots, path, crs=code)
    content = FileContent(path.name, ".txt", path.read_bytes(), "")
    submission = read_boundary_points(content)
    assert submission.attributes.ids.tolist() == [plot.id for plot in plots]
    names = [clean_text(name) for _, name in drawn]
    assert submission.attributes.names.tolist() == names
    for (before, _), after in zip(drawn, submission.shapes, strict=True):
        assert shapely.equals_exact(before, after, normalize=True)
    area_m2 = ellipsoidal_area(submission.shapes, submission.crs)
    assert submission.attributes.stated == pytest.approx(area_m2 / 10_000, abs=5.1e-5)
    again = [
        Plot(plot.id, plot.name, shapely.transform(shape, lambda xy: xy - shift))
        for plot, shape in zip(plots, submission.shapes, strict=True)
    ]
    write_boundary_points(again, path.with_name("again.txt"), crs=code)
    assert path.with_name("again.txt").read_bytes() == path.read_bytes()
