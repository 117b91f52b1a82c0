"""screening.xlsx as a planner's program reads it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from spatialplan.messages import Language
from spatialplan.plan import Plan
from spatialplan.reports import swift_rows
from spatialplan.reports.screenings import occupation_sheet, result_sheets, write_screening_workbook
from spatialplan.siting import Screening

from .screenings import FORMULA, make_screening

OCCUPATION = "项目占用地类及控制线情况表"
SHEETS = ["汇总", "地块清单", "逐图层结果", OCCUPATION, "重叠图斑", "依据", "存疑", "未评价"]
PARTS = {
    "总面积": ("农用地小计", "建设用地", "未利用地", "地类不详", "未覆盖"),
    "农用地小计": ("耕地", "园地", "林地", "草地", "其他农用地"),
    "耕地": ("其中：水田", "其中：水浇地", "其中：旱地"),
    "开发边界内": (
        "其中：集中建设区",
        "其中：弹性发展区",
        "其中：特别用途区",
        "其中：未分区",
    ),
}


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening(suggest=True)


@pytest.fixture(scope="module")
def book(screening: Screening, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return _written(screening, tmp_path_factory.mktemp("book") / "screening.xlsx")


def _written(screening: Screening, path: Path, language: Language = "zh") -> Workbook:
    write_screening_workbook(screening, path, language=language)
    return openpyxl.load_workbook(path)


def _rows(book: Workbook, sheet: str) -> list[dict[str, Any]]:
    headings, *rows = book[sheet].iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def _units(value: Any) -> int:
    """A printed figure in units of its last place."""
    return round(value * 10_000)


def _subtotals(book: Workbook) -> dict[str, dict[str, Any]]:
    return {row["地块"]: row for row in _rows(book, OCCUPATION) if row["乡镇"] == "小计"}


def test_sheets_stand_in_reading_order(book: Workbook, tmp_path: Path) -> None:
    assert book.sheetnames == [*SHEETS, "避让建议", "输入"]
    without = _written(make_screening(), tmp_path / "screening.xlsx")
    assert without.sheetnames == [*SHEETS, "输入"]


def test_summary_says_what_it_is_not(book: Workbook) -> None:
    text = "\n".join(str(row["内容"]) for row in _rows(book, "汇总"))
    for expected in (
        "仅供参考",
        "不等于合规",
        "法定指标以批准的规划为准",
        "不构成验证",
        "2026-05-01",
        "省级细则未录入",
        "国土调查办发〔2008〕32号",
        "未作判断：2 个",
        "湿地",
    ):
        assert expected in text


def test_site_list_has_one_row_a_site(book: Workbook) -> None:
    rows = {row["地块编号"]: row for row in _rows(book, "地块清单")}
    assert list(rows) == ["S1", "S2", "S3", "S4", "=S5"]
    first, last = rows["S1"], rows["=S5"]
    assert first["面积（ha）"] == pytest.approx(15, rel=5e-4)
    assert first["亩"] == pytest.approx(first["面积（ha）"] * 15)
    assert first["申报面积（ha）"] == 15
    assert first["生态保护红线（ha）"] == pytest.approx(6, rel=5e-4)
    assert rows["S2"]["生态保护红线（关系）"] == "位于天窗内"
    assert rows["S3"]["生态保护红线（关系）"] == "微小重叠"
    assert str(rows["S4"]["生态保护红线（关系）"]).startswith("未涉及，相距 70")
    assert "不等于合规" in rows["S4"]["结论"]
    assert (last["面积（ha）"], last["结论"], last["饮用水水源保护区（关系）"]) == (
        "—",
        "未作判断",
        "未作判断",
    )
    assert "自相交" in last["存疑"]
    assert "第二行" in last["备注"]


def test_clear_is_not_coloured(book: Workbook) -> None:
    fills = {
        cell.value: cell.fill.fgColor.rgb
        for sheet in ("地块清单", "逐图层结果")
        for row in book[sheet].iter_rows()
        for cell in row
        if isinstance(cell.value, str)
    }
    assert fills["未发现与所列图层重叠（不等于合规）"] == "FFFFFFFF"
    assert fills["禁止"] == "FFF8D7DA"
    assert fills["未作判断"] not in ("FFFFFFFF", fills["禁止"])


def test_layer_by_layer_says_what_to_get_from_whom(book: Workbook) -> None:
    rows = {(row["地块编号"], row["图层"]): row for row in _rows(book, "逐图层结果")}
    red = rows["S1", "生态保护红线"]
    assert red["面积（m²）"] == pytest.approx(red["面积（ha）"] * 10_000)
    assert red["占地块"] == pytest.approx(0.4, rel=1e-5)
    assert (red["须办事项"], red["向谁办理"]) == (
        "办理 red 手续；办理 red-core 手续",
        "省级自然资源主管部门",
    )
    assert red["依据"].endswith("（自然资发〔2022〕142号）（未与官方文本核对）")
    assert rows["S1", "永久基本农田"]["净面积（ha）"] == pytest.approx(5.2787, abs=1e-4)
    water = rows["S1", "饮用水水源保护区"]
    assert (water["关系"], water["面积（ha）"], water["占地块"]) == ("未作判断", None, None)
    assert rows["S4", "城镇开发边界"]["结论"] == "规则未设限制（不等于合规）"


def test_printed_parts_add_up_across(book: Workbook) -> None:
    rows = [row for row in _rows(book, OCCUPATION) if isinstance(row["总面积"], float | int)]
    assert len(rows) > 10
    for row in rows:
        for whole, parts in PARTS.items():
            assert _units(row[whole]) == sum(_units(row[part]) for part in parts), (row, whole)
        outside = _units(row["开发边界外"])
        assert _units(row["开发边界内"]) + outside == _units(row["总面积"])
        assert row["其中：核心保护区"] <= row["生态保护红线"]
        assert row["永农（净）"] <= row["永农（毛）"]


def test_printed_rows_add_up_down(book: Workbook) -> None:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    total = _rows(book, OCCUPATION)[-1]
    for row in _rows(book, OCCUPATION)[:-1]:
        kind = "小计" if row["乡镇"] == "小计" else "行"
        for heading, value in row.items():
            if isinstance(value, float | int):
                sums[kind, row["地块"], heading] += _units(value)
                sums[kind, heading] += _units(value)
    for site, row in _subtotals(book).items():
        for heading, value in row.items():
            if isinstance(value, float | int):
                assert _units(value) == sums["行", site, heading], (site, heading)
    for heading, value in total.items():
        if isinstance(value, float | int):
            assert _units(value) == sums["小计", heading], heading


def test_subtotals_are_the_figures_of_the_other_sheets(book: Workbook) -> None:
    sites = {row["地块编号"]: row for row in _rows(book, "地块清单")}
    for site, row in _subtotals(book).items():
        assert row["总面积"] == round(sites[site]["面积（ha）"], 4)
        for line in ("生态保护红线", "自然保护地"):
            assert row[line] == round(sites[site][f"{line}（ha）"] or 0.0, 4)


def test_field_ridges_leave_the_cropland(book: Workbook) -> None:
    first = _subtotals(book)["S1"]
    # 300 m × 200 m of it is paddy without and dry land with 12 % ridges, half of each.
    assert first["其中：旱地"] == pytest.approx(3 * 0.88, rel=5e-4)
    assert first["其中：田坎"] == first["其他农用地"] == pytest.approx(3 * 0.12, rel=5e-4)
    assert first["＞25°耕地"] == first["其中：旱地"]
    assert first["未覆盖"] == pytest.approx(1.5, rel=5e-4)


def test_what_cannot_be_computed_says_so(book: Workbook) -> None:
    for row in _subtotals(book).values():
        assert (row["黑土耕地"], row["平均等别"], row["水源地"]) == ("未提供", "未提供", "未评价")
    bare = [row for row in _rows(book, OCCUPATION) if row["村"] == "未覆盖地类图斑"]
    assert [row["乡镇"] for row in bare] == ["东乡", "西乡"]
    unjudged = next(row for row in _rows(book, OCCUPATION) if row["地块"] == "=S5")
    assert (unjudged["乡镇"], unjudged["总面积"]) == ("未作判断", None)


def test_land_classes_that_nobody_looked_at_are_not_0(screening: Screening, tmp_path: Path) -> None:
    bare = replace(screening.findings[0], parts=(), uncovered_m2=None)
    row = _subtotals(_written(replace(screening, findings=(bare,)), tmp_path / "s.xlsx"))["S1"]
    assert (row["耕地"], row["未覆盖"]) == ("未评价", "未评价")
    assert row["总面积"] == pytest.approx(15, rel=5e-4)
    assert row["生态保护红线"] == pytest.approx(6, rel=5e-4)
    assert row["其中：核心保护区"] == pytest.approx(2, rel=5e-4)


def test_parcels_without_owners_are_not_taken_for_bare_ground(
    screening: Screening, tmp_path: Path
) -> None:
    first = screening.findings[0]
    parts = tuple(replace(part, village="", owner="", tenure="") for part in first.parts)
    finding = replace(first, parts=parts)
    book = _written(replace(screening, findings=(finding,)), tmp_path / "s.xlsx")
    rows = [(row["乡镇"], row["村"], row["未覆盖"] > 0) for row in _rows(book, OCCUPATION)[:-2]]
    assert rows == [
        ("东乡", "未提供", False),
        ("西乡", "未提供", False),
        ("东乡", "未覆盖地类图斑", True),
        ("西乡", "未覆盖地类图斑", True),
    ]


def test_net_farmland_that_could_not_be_computed_says_so(
    screening: Screening, tmp_path: Path
) -> None:
    first = screening.findings[0]
    layers = tuple(replace(layer, net_m2=None) for layer in first.layers)
    findings = (replace(first, layers=layers), screening.findings[3])
    book = _written(replace(screening, findings=findings), tmp_path / "s.xlsx")
    assert _subtotals(book)["S1"]["永农（净）"] == "未评价"
    assert _subtotals(book)["S4"]["永农（净）"] == 0
    assert _rows(book, OCCUPATION)[-1]["永农（净）"] == "未评价"


def test_pieces_have_township_and_place(book: Workbook) -> None:
    pieces = _rows(book, "重叠图斑")
    sliver = next(row for row in pieces if row["关系"] == "微小重叠")
    assert (sliver["乡镇"], sliver["地块编号"]) == ("西乡", "S3")
    assert sliver["平均宽度（m）"] == pytest.approx(0.05, rel=1e-2)
    assert sliver["中心点Y（东）"] == pytest.approx(42_601_999.975, abs=0.01)


def test_basis_and_gaps_are_listed(book: Workbook) -> None:
    rules = {row["规则编号"]: row for row in _rows(book, "依据")}
    assert rules["red-core"]["适用范围"] == "生态保护红线范围内（核心保护区）"
    assert (rules["red"]["核对"], rules["red"]["有限人为活动第几类"]) == ("未核对", 6)
    assert rules["town-in"]["结论"] == "规则未设限制（不等于合规）"
    gaps = [(row["地块"], row["事项"]) for row in _rows(book, "未评价")]
    assert gaps[:3] == [
        ("全部地块", "饮用水水源保护区"),
        ("全部地块", "湿地"),
        ("全部地块", "文物"),
    ]
    assert gaps[3][1] == "边界自相交"
    assert _rows(book, "存疑")[1]["问题"] == "边界自相交"


def test_suggestions_say_where_or_why_not(book: Workbook) -> None:
    moved, none = _rows(book, "避让建议")
    assert (moved["挪动（m）"], moved["向北（m）"], moved["限于"]) == (500, 500, "城镇开发边界")
    assert (none["方案"], bool(none["未找到的原因"])) == (None, True)


def test_suggestions_say_what_each_place_would_be_judged_as(book: Workbook) -> None:
    moved, none = _rows(book, "避让建议")
    assert (moved["可用部分的结论"], moved["若选址于此的结论"]) == ("受限", "受限")
    assert "集中建设区" in moved["结论由来"]
    assert "饮用水水源保护区无法使用：未作判断，搜索时也未避让" in moved["结论由来"]
    assert none["若选址于此的结论"] is None


def test_the_summary_names_the_layers_that_were_laid_over_and_whose_kind_counts(
    book: Workbook,
) -> None:
    told = {row["项目"]: row["内容"] for row in _rows(book, "汇总") if row["项目"]}
    assert told["所列图层"].split("、")[0] == "生态保护红线"
    assert "饮用水水源保护区" not in told["所列图层"]
    assert told["未作判断"] == "饮用水水源保护区"
    assert told["项目类型"].startswith("各地块自载类型")


def test_inputs_have_their_hashes(book: Workbook) -> None:
    inputs = {row["图层"]: row for row in _rows(book, "输入")}
    assert inputs["地块"]["SHA-256"] == "12" * 32
    assert inputs["饮用水水源保护区"]["表"] == "未读取"
    assert inputs["生态保护红线"]["批准文号"] == "某政函〔2022〕1号"


def test_text_from_files_never_becomes_a_formula(book: Workbook) -> None:
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert FORMULA in {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.hyperlink]


def test_bytes_are_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one.xlsx", "two.xlsx"):
        write_screening_workbook(make_screening(), tmp_path / name, language="zh")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


def test_english_workbook_has_english_headings(screening: Screening, tmp_path: Path) -> None:
    book = _written(screening, tmp_path / "screening.xlsx", "en")
    assert book.sheetnames[:2] == ["Summary", "Sites"]
    assert _rows(book, "Land and lines")[0]["Village"] == "not provided"


def _shrink_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make five sites very many."""
    monkeypatch.setattr(occupation_sheet, "MANY_SITES", 1)
    monkeypatch.setattr(result_sheets, "MANY_ROWS", 1)


@pytest.fixture
def odd(screening: Screening) -> Screening:
    """A site called by what a spreadsheet might take for marks."""
    first = replace(screening.findings[0], name="<r><t>x</t></r>", site_id=" a_x0041_ & <b> ")
    return replace(screening, findings=(first, *screening.findings[1:]))


@pytest.mark.parametrize("swift", [True, False])
def test_very_many_sites_have_the_same_figures(
    odd: Screening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, swift: bool
) -> None:
    few = _written(odd, tmp_path / "few.xlsx")
    _shrink_limits(monkeypatch)
    monkeypatch.setattr(swift_rows, "FITTING", swift)
    many = _written(odd, tmp_path / "many.xlsx")
    for sheet in ("地块清单", "逐图层结果", "重叠图斑"):
        assert _stripped(_rows(many, sheet)) == _stripped(_rows(few, sheet))
    printed = _rows(many, OCCUPATION)
    assert [row["乡镇"] for row in printed].count("小计") == 1
    for heading, value in _rows(few, OCCUPATION)[-1].items():
        assert printed[-1][heading] == value


def _stripped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the blanks at the ends of texts."""
    return [
        {key: value.strip() if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    ]


def test_swift_rows_look_like_the_others(
    screening: Screening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = _written(screening, tmp_path / "few.xlsx")["地块清单"]
    _shrink_limits(monkeypatch)
    many = _written(screening, tmp_path / "many.xlsx")["地块清单"]
    for place in ("A2", "E2", "H2", "I2"):
        assert many[place].number_format == few[place].number_format
        assert many[place].fill.fgColor.rgb == few[place].fill.fgColor.rgb
        assert many[place].border.top.style == few[place].border.top.style == "thin"


def test_a_plan_without_lines_is_a_workbook(screening: Screening, tmp_path: Path) -> None:
    plan: Plan = screening.plan.model_copy(
        update={"layers": {"townships": screening.plan.layers["townships"]}}
    )
    finding = replace(screening.findings[3], layers=(), parts=(), uncovered_m2=None)
    bare = replace(screening, plan=plan, layers={}, judged_layers=(), findings=(finding,))
    row = _subtotals(_written(bare, tmp_path / "screening.xlsx"))["S4"]
    assert {row["生态保护红线"], row["永农（毛）"], row["开发边界外"]} == {"未提供"}
