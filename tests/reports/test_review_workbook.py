"""review.xlsx as a planner's program reads it."""

from __future__ import annotations

import importlib
import zipfile
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from spatialplan.messages import Language
from spatialplan.reports import sheet_writing
from spatialplan.reports.reviews import workbook, write_workbook
from spatialplan.review import Review

QUOTA_HEADINGS = (
    "序号 指标 属性 方向 目标年 目标（原文单位） 目标（ha） 属性汇总（ha） 椭球面积（ha） "
    "投影面积（参考，ha） 差值（ha） 差值（原文单位） 占比（分母_1,000.00_ha） 结论 依据条款 "
    "数据时点/文号 备注"
)
PIECE_HEADINGS = (
    "编号 规则 图层A 图层A_BSM 图层A_名称 图层B 图层B_BSM 图层B_名称 规划分区 乡镇 村 面积（m²） "
    "面积（ha） 细长度_4πA/P² 平均宽度（m） 类型 中心点X（北） 中心点Y（东） 依据 处置建议 核实人 "
    "核实结果"
)


@pytest.fixture(scope="module")
def book(review: Review, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return _written(review, tmp_path_factory.mktemp("book") / "review.xlsx")


def _written(review: Review, path: Path, language: Language = "zh") -> Workbook:
    write_workbook(review, path, language=language)
    return openpyxl.load_workbook(path)


def _rows(book: Workbook, sheet: str) -> list[dict[str, object]]:
    headings, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def test_sheets_stand_in_reading_order(book: Workbook) -> None:
    expected = "说明 指标表 分乡镇 规则汇总 冲突表 质量 未评价 图层"
    assert book.sheetnames == expected.split()


@pytest.mark.parametrize(
    ("sheet", "headings"), [("指标表", QUOTA_HEADINGS), ("冲突表", PIECE_HEADINGS)]
)
def test_headings_are_those_of_the_planners_desk(book: Workbook, sheet: str, headings: str) -> None:
    found = [cell.value for cell in book[sheet][1]]
    assert found == [heading.replace("_", " ") for heading in headings.split()]


def test_quota_met_only_by_rounding_says_so(book: Workbook) -> None:
    red, multiple = _rows(book, "指标表")
    assert red["结论"] == "达到（在印刷精度内）"
    assert red["差值（ha）"] == pytest.approx(-0.004)
    assert red["椭球面积（ha）"] == pytest.approx(199.996)
    assert multiple["结论"] == "未评价"
    assert multiple["目标（ha）"] == "—"


def test_townships_close(book: Workbook) -> None:
    rows = _rows(book, "分乡镇")
    printed = [row["生态保护红线面积（ha）"] for row in rows]
    assert printed == [66.67, 66.66, 66.67, 200.0]
    assert rows[-1]["乡镇"] == "合计"


def test_enclosed_pieces_come_last_and_the_person_has_blanks(book: Workbook) -> None:
    rows = _rows(book, "冲突表")
    assert [row["类型"] for row in rows] == ["冲突", "微小", "天窗"]
    assert {row["核实人"] for row in rows} | {row["核实结果"] for row in rows} == {None}


def test_text_from_files_never_becomes_a_formula(book: Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert not [cell for cell in cells if cell.hyperlink]
    names = [row["图层A 名称"] for row in _rows(book, "冲突表")]
    assert names[0] == '=HYPERLINK("http://example.org","+1")'
    assert names[1] == "[red]<script>alert(1)</script> [31m second line"


def test_numbers_are_numbers_and_ids_are_text(book: Workbook) -> None:
    row = _rows(book, "冲突表")[0]
    assert row["面积（ha）"] == pytest.approx(1.0)
    assert row["图层B BSM"] == "230184000000000001"


def test_layer_that_was_not_read_is_listed(book: Workbook) -> None:
    rows = {row["图层"]: row for row in _rows(book, "图层")}
    assert rows["水源地"]["表"] == "未读取"
    assert rows["生态保护红线"]["SHA-256"] == "cd" * 32
    assert rows["生态保护红线"]["提供单位"] == "未提供"


def test_unjudged_rule_shows_dashes_not_zeros(book: Workbook) -> None:
    unjudged = _rows(book, "规则汇总")[1]
    assert unjudged["结论"] == "未评价"
    assert unjudged["冲突（块）"] == "—"


def test_summary_names_method_notice_and_demonstration(book: Workbook) -> None:
    text = "\n".join(str(row["内容"]) for row in _rows(book, "说明"))
    for expected in (
        "国土调查办发〔2008〕32号",
        "法定指标以批准的规划为准",
        "不构成验证",
        "未达到",
    ):
        assert expected in text


def test_every_page_repeats_headings_and_carries_the_notice(book: Workbook) -> None:
    for sheet in book:
        assert sheet.print_title_rows == "$1:$1"
        assert "法定指标" in str(sheet.oddFooter.left.text)
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.freeze_panes


def test_ampersand_in_the_title_is_no_command(book: Workbook) -> None:
    assert "小县规划 && 草案" in str(book["指标表"].oddHeader.center.text)


def test_bytes_are_the_same_every_time(review: Review, tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_workbook(review, tmp_path / name, language="zh")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.xlsx") as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert b"2000-01-01" in archive.read("docProps/core.xml")


def test_the_first_workbook_of_a_process_is_like_the_next(review: Review, tmp_path: Path) -> None:
    importlib.reload(sheet_writing)
    fresh = importlib.reload(workbook)
    for name in ("one.xlsx", "two.xlsx"):
        fresh.write_workbook(review, tmp_path / name, language="zh")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_warnings_and_ground_of_several_pairs_are_said(odd_review: Review, tmp_path: Path) -> None:
    book = _written(odd_review, tmp_path / "review.xlsx")
    shared, warned = _rows(book, "规则汇总")
    assert shared["冲突（ha）"] == pytest.approx(0.5)
    assert str(shared["说明"]).endswith("；两两合计 1.0000 公顷")
    assert (warned["结论"], warned["说明"]) == ("符合（有提示）", "2 块待查看（仅提示）")
    quota = _rows(book, "指标表")[0]
    assert quota["差值（原文单位）"] == "—"


def test_english_workbook_has_english_headings(review: Review, tmp_path: Path) -> None:
    book = _written(review, tmp_path / "review.xlsx", "en")
    assert book.sheetnames[:2] == ["Summary", "Quotas"]
    assert _rows(book, "Quotas")[0]["Result"] == "met (within print precision)"


def test_empty_review_is_a_workbook(empty_review: Review, tmp_path: Path) -> None:
    book = _written(empty_review, tmp_path / "review.xlsx")
    assert book["冲突表"].max_row == 1
    assert book["未评价"]["A2"].value == "全部要求均已评价"
