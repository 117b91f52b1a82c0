"""Boundary-point TXT with several headers, as where files were pasted together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from small_sites import (
    HEADER,
    corners,
    faults,
    file_faults,
    hectare,
    points,
    read,
    wording,
    write_txt,
)

from spatialplan.errors import CrsError, SourceError

SECOND = 18  # Lines before the second [属性描述]: 12 of the header, 6 of a plot.


def second(*, east: str = ",426", **header: str | None) -> list[str]:
    """A header and the plot DK2 under it; a key of None is left out."""
    stated = {**HEADER, "项目名称": "二期", **header}
    lines = [f"{key}={value}" for key, value in stated.items() if value is not None]
    plot = [line.replace(",426", east) for line in hectare(id="DK2", name="")]
    return ["[属性描述]", *lines, "[地块坐标]", *plot]


def paste(folder: Path, *more: Sequence[str], **header: str | None) -> Path:
    """A file of one plot with other lines pasted after it."""
    return write_txt(folder, [hectare(), *more], 项目名称="一期", **header)


def refusal(path: Path) -> dict[str, str]:
    """What the file is refused for, in Chinese, by place."""
    with pytest.raises(CrsError) as caught:
        read(path)
    return {fault.where: fault.message.text("zh") for fault in caught.value.faults}


def test_headers_that_agree_count_each_for_its_plots(tmp_path: Path) -> None:
    first = ["4,1.0000,DK1,,面,,,,@", *points(corners(0, 0, 100))]
    path = write_txt(tmp_path, [first, second(), second(项目名称="三期")], 项目名称="一期")
    sites = read(path)
    assert sites.judged.tolist() == [0, 1, 2]
    assert sites.names.tolist() == ["一期", "二期", "三期"]
    assert file_faults(sites) == ["headers_several"]
    assert "文件有 3 段属性描述（第 1, 18, 36 行起）" in wording(sites, "headers_several")
    assert sites.sources[0].crs == "EPSG:4530"
    assert [place.text("zh") for place in sites.places] == [
        "第 1 个地块（第 13 行）",
        "第 2 个地块（第 30 行）",
        "第 3 个地块（第 48 行）",
    ]


@pytest.mark.parametrize(
    "header",
    [
        {"坐标系": "CGCS2000"},
        {"几度分带": "3度带"},
        {"几度分带": "三"},
        {"投影类型": "高斯-克吕格"},
        {"计量单位": "m"},
        {"带号": "第42带"},
        {"转换参数": "0,0,0,0,0,0,0"},
        {"转换参数": None},
        {"精度": "0.01", "数据产生单位": "甲公司"},
    ],
)
def test_headers_may_say_the_same_in_other_words(
    tmp_path: Path, header: dict[str, str | None]
) -> None:
    sites = read(paste(tmp_path, second(**header)))
    assert sites.judged.tolist() == [0, 1]
    assert file_faults(sites) == ["headers_several"]


@pytest.mark.parametrize(
    ("key", "other", "found"),
    [
        ("坐标系", "1980西安坐标系", "1980西安坐标系"),
        ("坐标系", "WGS84", "WGS84"),
        ("几度分带", "6", "6"),
        ("投影类型", "兰伯特", "兰伯特"),
        ("计量单位", "度", "度"),
        ("带号", "43", "43"),
        ("转换参数", "10,0,0,0,0,0,1", "10,0,0,0,0,0,1"),
    ],
)
@pytest.mark.parametrize("east", [",426", ",436", ",6"])
def test_headers_that_disagree_are_refused_with_the_line(
    tmp_path: Path, key: str, other: str, found: str, east: str
) -> None:
    path = paste(tmp_path, second(east=east, **{key: other}))
    number = path.read_bytes().decode("gbk").split("\r\n")[SECOND:].index(f"{key}={other}")
    (where, said), *rest = refusal(path).items()
    assert not rest
    assert where == f"项目.txt:{SECOND + number + 1} [{key}]"
    assert f"{key}在此处为“{found}”，而第" in said
    assert "请从每个 [属性描述] 处拆成单独的文件，分别提交" in said


@pytest.mark.parametrize("key", ["坐标系", "几度分带", "投影类型", "计量单位", "带号"])
def test_what_only_one_header_states_is_no_statement_for_the_other(
    tmp_path: Path, key: str
) -> None:
    assert list(refusal(paste(tmp_path, second(**{key: None})))) == [
        f"项目.txt:{SECOND + 1} [{key}]"
    ]
    (said,) = refusal(paste(tmp_path, second(), **{key: None})).values()
    assert "而第 1 行为“未注明”" in said


def test_every_disagreeing_line_is_named_at_once(tmp_path: Path) -> None:
    path = paste(tmp_path, second(带号="43", 计量单位="英尺"), second(坐标系="西安80"))
    assert list(refusal(path)) == [
        "项目.txt:25 [计量单位]",
        "项目.txt:26 [带号]",
        "项目.txt:40 [坐标系]",
    ]


def test_headers_pasted_without_their_section_lines(tmp_path: Path) -> None:
    bare = [line for line in second(带号="43") if not line.startswith("[")]
    assert list(refusal(paste(tmp_path, bare))) == ["项目.txt:25 [带号]"]
    stray = [*hectare(id="DK2"), "备注=已核"]
    ((where, said),) = refusal(paste(tmp_path, stray)).items()
    assert where == "项目.txt:25 [坐标系, 几度分带, 投影类型, 计量单位, 带号]"
    assert "多余的行请删除，否则请从此处拆成单独的文件" in said


def test_a_header_that_contradicts_itself_is_refused(tmp_path: Path) -> None:
    path = write_txt(tmp_path, [hectare()], 转换参数=",,,,,,\r\n带号=43")
    assert refusal(path)["项目.txt:11 [带号]"].startswith("带号在此处为“43”，而第 8 行为“42”")
    before = ["[属性描述]", *(f"{key}={value}" for key, value in HEADER.items())]
    path.write_bytes("\n".join([*before, *second(带号="43")]).encode("gbk"))
    assert list(refusal(path)) == ["项目.txt:18 [带号]"]


def test_text_of_another_encoding_pasted_in_is_never_taken_for_the_first_header(
    tmp_path: Path,
) -> None:
    path = paste(tmp_path, hectare(id="DK2"))
    pasted = "\r\n".join(["", *second(带号="43", east=",6")]).encode()
    path.write_bytes(path.read_bytes() + pasted)
    with pytest.raises((CrsError, SourceError)):
        read(path)


def test_without_stated_zones_the_coordinates_under_each_header_must_tell_one(
    tmp_path: Path,
) -> None:
    none = {"几度分带": None, "带号": None}
    sites = read(paste(tmp_path, second(**none), **none))
    assert sites.judged.tolist() == [0, 1]
    assert "zone_from_coordinates" in file_faults(sites)
    said = refusal(paste(tmp_path, second(east=",436", **none), **none))
    assert list(said) == [f"项目.txt:{SECOND - 1}"]
    assert "此段属性描述下的坐标属 EPSG:4531，而第 1 行的属性描述下属 EPSG:4530" in str(said)
    with pytest.raises(CrsError, match=r"项目.txt:17: no coordinate reference system is stated"):
        read(paste(tmp_path, second(east=",6", **none), **none))


def test_the_stated_zone_is_put_before_short_eastings_under_any_header(tmp_path: Path) -> None:
    sites = read(paste(tmp_path, second(east=",6")))
    assert sites.judged.tolist() == [0, 1]
    assert sites.area_m2[0] == pytest.approx(sites.area_m2[1])
    assert "5 个横坐标不带带号，已加带号 42" in wording(sites, "zone_added")


def test_a_zone_told_by_one_plot_alone_is_not_put_before_another_ones_eastings(
    tmp_path: Path,
) -> None:
    short = [line.replace(",426", ",6") for line in hectare(id="DK2")]
    sites = read(write_txt(tmp_path, [hectare(), short], 几度分带=None, 带号=None))
    assert sites.judged.tolist() == [0]
    assert faults(sites, 1) == ["no_zone_number"]


def test_a_header_without_plots_is_said(tmp_path: Path) -> None:
    path = paste(tmp_path, second()[:11])
    sites = read(path)
    assert sites.judged.tolist() == [0]
    assert file_faults(sites) == ["headers_several", "header_without_plots"]
    assert "请核对文件是否完整" in wording(sites, "header_without_plots")


def test_a_mail_address_in_a_header_is_no_plot(tmp_path: Path) -> None:
    sites = read(write_txt(tmp_path, [hectare()], 数据产生单位="survey@wuchang.cn"))
    assert sites.ids.tolist() == ["DK1"]
    assert sites.doubts == ()
