"""Boundary-point TXT in the variants met in practice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from small_layers import EAST, NORTH
from small_sites import HECTARE_M2, corners, faults, hectare, points, read, wording, write_txt

from spatialplan.errors import SourceError


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
