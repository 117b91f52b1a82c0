"""Opinions as Word opens them."""

from __future__ import annotations

import importlib.util
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from importlib import resources
from pathlib import Path

import docx
import numpy as np
import pytest
from docx.document import Document
from docx.table import Table

from spatialplan.errors import OutputError, SourceError
from spatialplan.messages import LANGUAGES, Language, phrase
from spatialplan.reports.opinions import write_opinions
from spatialplan.siting import Screening

from .screenings import DAY, FORMULA, make_screening

SCRIPT = Path(__file__).parents[2] / "scripts" / "build_template.py"
RED_LINE_LAW = "《自然资源部等关于加强生态保护红线管理的通知》（自然资发〔2022〕142号）"


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening(suggest=True)


@pytest.fixture(scope="module")
def opinions(screening: Screening, tmp_path_factory: pytest.TempPathFactory) -> Document:
    return _written(screening, tmp_path_factory.mktemp("opinions"))


def _written(
    screening: Screening,
    folder: Path,
    *,
    language: Language = "zh",
    template: Path | None = None,
    most: int = 200,
) -> Document:
    path = folder / "opinions.docx"
    write_opinions(screening, path, language=language, template=template, most=most)
    return docx.Document(str(path))


def _template(folder: Path, *paragraphs: str) -> Path:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    path = folder / "template.docx"
    document.save(str(path))
    return path


def _texts(document: Document) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def _everything(document: Document) -> str:
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*_texts(document), *cells])


def _rows(table: Table) -> list[dict[str, str]]:
    headings, *rows = [[cell.text for cell in row.cells] for row in table.rows]
    return [dict(zip(headings, row, strict=True)) for row in rows]


def _tables(document: Document, first: str) -> list[list[dict[str, str]]]:
    """All tables whose first heading is given, in the order of the sites."""
    return [_rows(table) for table in document.tables if table.cell(0, 0).text == first]


def _chapters(document: Document) -> dict[str, list[str]]:
    """Paragraphs of each opinion by the site's id."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for text in _texts(document):
        if title := re.match(r"预检意见（\d+）(\S+)", text):
            lines = found.setdefault(title[1], [])
        lines.append(text)
    return found


def _after(lines: list[str], heading: str) -> list[str]:
    start = next(i for i, text in enumerate(lines) if text.endswith(heading)) + 1
    ends = [i for i, text in enumerate(lines) if text.startswith("（") and i > start]
    return [text for text in lines[start : min(ends, default=None)] if text]


def test_the_summary_lists_every_site_with_its_reasons(opinions: Document) -> None:
    (rows,) = _tables(opinions, "序号")
    assert [row["编号"] for row in rows] == ["S1", "S2", "S3", "S4", "=S5"]
    # 300 m × 500 m are 15 ha in the projection, and 14.9963 ha on the ellipsoid.
    assert rows[0]["面积（公顷）"] == "14.9963"
    assert rows[0]["结论"] == "禁止"
    assert rows[0]["主要原因"] == "生态保护红线：5.9985公顷；自然保护地：1.9995公顷"
    assert rows[4]["名称"] == FORMULA
    assert (rows[4]["面积（公顷）"], rows[4]["结论"]) == ("—", "未作判断")
    line = next(text for text in _texts(opinions) if text.startswith("共提交"))
    assert line == (
        "共提交地块5个：禁止1个；需认定1个；受限1个；未作判断1个；"
        "未发现与所列图层重叠（不等于合规）1个。"
    )


def test_a_result_follows_the_official_pattern(opinions: Document) -> None:
    verdict, result = _after(_chapters(opinions)["S1"], "预检结果")
    assert verdict == "结论：禁止"
    parts = (
        "经与生态保护红线（2024-12，某政函〔2022〕1号）、永久基本农田（时点、文号未提供）、",
        "套合，项目总面积14.9963公顷（224.94亩），其中占用农用地11.9971公顷（耕地5.6386公顷、",
        "未覆盖地类图斑1.4996公顷。涉及生态保护红线5.9985公顷（89.98亩），其中一般控制区3.9990公顷"
        "（需认定）、核心保护区1.9995公顷（禁止），" + RED_LINE_LAW + "对此有禁止性规定；",
        "涉及永久基本农田5.9985公顷（89.98亩，净面积5.2787公顷），按规定应符合"
        "《中华人民共和国土地管理法》有关规定，由有关主管部门认定；",
        "位于城镇开发边界外12.9968公顷、城镇开发边界内1.9995公顷，",
    )
    for part in parts:
        assert part in result
        result = result[result.index(part) :]
    assert result.endswith("以下图层未提供或无法使用，未作判断：饮用水水源保护区、湿地、文物。")


def test_untouched_layers_stand_in_one_clause_without_those_not_judged(opinions: Document) -> None:
    _, result = _after(_chapters(opinions)["S4"], "预检结果")
    clause = next(part for part in re.split("[；。]", result) if part.startswith("不涉及"))
    assert clause == "不涉及生态保护红线、永久基本农田、自然保护地"


def test_clear_of_the_listed_layers_is_never_an_approval(opinions: Document) -> None:
    (rows,) = _tables(opinions, "序号")
    text = "未发现与所列图层重叠（不等于合规）；3 类图层未提供，未作判断"
    assert rows[3]["结论"] == text
    assert f"结论：{text}" in _chapters(opinions)["S4"]
    everything = _everything(opinions)
    assert "通过" not in everything
    assert everything.count("合规") == everything.count("不等于合规")


def test_a_window_and_a_sliver_are_told_from_clear(opinions: Document) -> None:
    tables = _tables(opinions, "图层")[1:]  # the first lists the sources
    window, sliver = (next(r for r in tables[i] if r["图层"] == "生态保护红线") for i in (1, 2))
    assert window["关系"] == "位于天窗内"
    assert (sliver["关系"], sliver["面积（公顷）"]) == ("微小重叠", "0.0002")
    # 2 m² are 0.003 亩: less than is printed, and not nothing.
    assert sliver["面积（亩）"] == "<0.01"


def test_a_layer_that_was_not_judged_has_dashes(opinions: Document) -> None:
    row = next(r for r in _tables(opinions, "图层")[1] if r["图层"] == "饮用水水源保护区")
    figures = ("面积（公顷）", "面积（亩）", "占比", "净面积（公顷）", "距离（米）")
    assert {row[name] for name in figures} == {"—"}
    assert row["结论"] == "未作判断"


def test_land_classes_add_up_as_printed(opinions: Document) -> None:
    for table in _tables(opinions, "地类"):
        depths = [len(row["地类"]) - len(row["地类"].lstrip("　")) for row in table]
        for column in ("面积（公顷）", "面积（亩）", "占比"):
            values = [Decimal(row[column].strip("%").replace(",", "")) for row in table]
            tops = [v for v, depth in zip(values, depths, strict=True) if depth == 0]
            assert sum(tops[:-1]) == tops[-1]
        assert table[-1]["占比"] == "100.00%"
    first = {row["地类"].strip("　"): row["面积（公顷）"] for row in _tables(opinions, "地类")[0]}
    assert Decimal(first["水田"]) + Decimal(first["旱地"]) == Decimal(first["耕地"])
    # 3 ha of dry land with 12 % of field ridges.
    assert (first["旱地"], first["田坎"]) == ("2.6394", "0.3599")


def test_needs_name_authority_law_and_whether_it_was_checked(opinions: Document) -> None:
    first = _tables(opinions, "事项")[0]
    assert first[0]["涉及图层"] == "生态保护红线"
    assert first[0]["办理机关"] == "省级自然资源主管部门"
    assert (first[0]["依据"], first[0]["核对"]) == (RED_LINE_LAW, "未核对")
    farmland = next(row for row in first if row["涉及图层"] == "永久基本农田")
    assert farmland["依据"] == "《中华人民共和国土地管理法》第三十五条"
    assert farmland["核对"] == "已核对"


def test_suggestions_say_how_far_and_where(opinions: Document) -> None:
    chapters = _chapters(opinions)
    free, place, limits, verify = _after(chapters["S1"], "避让建议")
    assert "若仅用该部分，结论将为“受限”：" in free
    assert "若选址于此，结论将为“受限”：" in place
    assert "集中建设区" in place
    assert "饮用水水源保护区无法使用：未作判断，搜索时也未避让；另有2项未提供或未作判断" in limits
    assert "占20.00%" in free  # the northern 100 m of 500 m
    assert "方案1：向正北（方位角0°）平移约500米，同形地块面积14.9963公顷" in place
    assert "位于城镇开发边界内" in place
    assert "另行预检" in verify
    assert _after(chapters["S2"], "避让建议") == ["未作避让搜索。"]
    assert "文件不存在" in _after(chapters["S3"], "避让建议")[-2]


def test_a_site_without_geometry_has_one_paragraph_with_its_reason(opinions: Document) -> None:
    assert list(_chapters(opinions)) == ["S1", "S2", "S3", "S4"]
    texts = _texts(opinions)
    place = texts.index("六、没有图形的地块（不另出意见）")
    assert texts[place + 1].startswith(f"（5）=S5 {FORMULA}：")
    assert "自相交" in texts[place + 1]
    assert texts[place + 1].endswith("第二行）。")
    assert texts[place + 2].startswith("预检意见（1）S1")
    (rows,) = _tables(opinions, "序号")
    assert "自相交" in rows[4]["主要原因"]
    assert rows[4]["主要原因"].endswith("第二行）")
    assert len(opinions.inline_shapes) == 4


def test_where_every_site_has_geometry_nothing_is_said_of_others(
    screening: Screening, tmp_path: Path
) -> None:
    document = _written(replace(screening, findings=screening.findings[:4]), tmp_path)
    assert "没有图形" not in _everything(document)


def test_notices_stand_on_the_cover_and_on_every_page(opinions: Document) -> None:
    notice = "演示数据：标定所得，不构成验证；提交的地块为演示数据"
    assert notice in _texts(opinions)[:20]
    section = opinions.sections[0]
    assert notice in [paragraph.text for paragraph in section.header.paragraphs]
    assert section.footer.paragraphs[0].text == "法定指标以批准的规划为准"
    assert "仅供参考" in section.header.paragraphs[0].text
    disclaimer = phrase("screen_report.disclaimer", "zh")
    assert sum(text == disclaimer for text in _texts(opinions)) == 1 + 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mark_is_left_over(screening: Screening, tmp_path: Path, language: Language) -> None:
    everything = _everything(_written(screening, tmp_path, language=language))
    assert "{" not in everything
    assert "site." not in everything


def test_english_labels(screening: Screening, tmp_path: Path) -> None:
    document = _written(screening, tmp_path, language="en")
    texts = _texts(document)
    assert "For reference only" in texts
    (rows,) = _tables(document, "No.")
    assert rows[3]["Verdict"].startswith("no overlap found with the listed layers")
    assert any("It takes 5.9985 ha (89.98 mu) of 生态保护红线" in text for text in texts)


def _renamed(screening: Screening, name: str) -> Screening:
    first, *others = screening.findings
    return replace(screening, findings=(replace(first, name=name), *others))


def test_names_are_text_and_nothing_else(screening: Screening, tmp_path: Path) -> None:
    name = "{{ 7*7 }} <b>&amp;</b> {% for %}\x00\x1b[31m\n第二行</w:t>\u202e"
    document = _written(_renamed(screening, name), tmp_path)
    (rows,) = _tables(document, "序号")
    expected = "{{ 7*7 }} <b>&amp;</b> {% for %} [31m 第二行</w:t>"
    assert rows[0]["名称"] == expected
    assert f"预检意见（1）S1 {expected}" in _texts(document)


@pytest.mark.parametrize(
    "marks",
    [
        "{{ sites[0].name }}",
        "{% autoescape false %}{{ sites[0].name }}{% endautoescape %}",
    ],
)
def test_a_template_cannot_turn_names_into_markup(
    screening: Screening, tmp_path: Path, marks: str
) -> None:
    template = _template(tmp_path, f"甲{marks}乙")
    hostile = _renamed(screening, "</w:t><w:t>&{{ 7*7 }}")
    assert _texts(_written(hostile, tmp_path, template=template)) == ["甲</w:t><w:t>&{{ 7*7 }}乙"]


def test_the_same_screening_gives_the_same_bytes(screening: Screening, tmp_path: Path) -> None:
    one, two = tmp_path / "one.docx", tmp_path / "two.docx"
    write_opinions(screening, one)
    write_opinions(make_screening(suggest=True), two)
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as packed:
        assert {part.date_time for part in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = docx.Document(str(one)).core_properties
    assert properties.created is not None
    assert properties.created.date() == DAY


def test_an_office_uses_its_own_order_and_letterhead(screening: Screening, tmp_path: Path) -> None:
    template = _template(
        tmp_path,
        "某县自然资源局",
        "{%p for site in sites %}",
        "{{ site.id }}：{{ site.area_ha }}公顷，{{ site.verdict }}",
        "{{ site.picture }}",
        "{%p endfor %}",
    )
    document = _written(screening, tmp_path, template=template)
    texts = [text for text in _texts(document) if text]
    assert texts[:2] == ["某县自然资源局", "S1：14.9963公顷，禁止"]
    assert len(texts) == 5
    assert len(document.inline_shapes) == 4


@pytest.mark.parametrize(
    ("marks", "advice"),
    [
        (["{{ plan"], "花括号"),
        (["{% for site in sites %}"], "endfor"),
        (["{{ demonstation }}"], "demonstration"),
        (["{{ sites[0].nmae }}"], "name"),
        (["{{ sites[0].layers[0].area }}"], "area_ha"),
        (["{{ 1 // 0 }}"], "请检查模板中的标记"),
        (["{{ ''.__class__.__mro__ }}"], "请检查模板中的标记"),
        (["{{ sites[0].picture._document.save('stolen') }}"], "请检查模板中的标记"),
        (["{{ sites[0].name|safe }}"], "safe"),
        (["{% include '/etc/hostname' %}"], "请检查模板中的标记"),
    ],
)
def test_bad_marks_are_refused_with_advice(
    screening: Screening, tmp_path: Path, marks: list[str], advice: str
) -> None:
    template = _template(tmp_path, *marks)
    with pytest.raises(SourceError) as caught:
        _written(screening, tmp_path, template=template)
    assert advice in caught.value.text("zh")
    assert str(template) in caught.value.text("en")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["template.docx"]


def test_marks_that_cross_a_table_are_refused(screening: Screening, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("{% if not sites %}")
    document.add_table(1, 1).cell(0, 0).text = "{% endif %}"
    document.save(str(tmp_path / "template.docx"))
    with pytest.raises(SourceError) as caught:
        _written(screening, tmp_path, template=tmp_path / "template.docx")
    assert "{%p … %}" in caught.value.text("zh")


def _zip(name: str, content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, content)
    return held.getvalue()


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "save it as .docx"),
        (b"%PDF-1.7 no Word file", "save it as .docx"),
        (_zip("a.txt", b"a"), "save it as .docx"),
        (_zip("[Content_Types].xml", b"<Types"), "save it as .docx"),
        (_zip("word/document.xml", bytes(70_000_000)), "unpacks to more than 64 MB"),
    ],
)
def test_what_is_no_word_file_is_refused(
    screening: Screening, tmp_path: Path, content: bytes, advice: str
) -> None:
    template = tmp_path / "letterhead.docx"
    template.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        _written(screening, tmp_path, template=template)
    assert advice in caught.value.text("en")


def test_a_missing_template_is_said(screening: Screening, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        _written(screening, tmp_path, template=tmp_path / "none.docx")
    assert "--template" in caught.value.text("en")
    with pytest.raises(SourceError):
        _written(screening, tmp_path, template=tmp_path)


def test_an_unwritable_place_is_an_output_error(screening: Screening, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError):
        write_opinions(screening, tmp_path / "file" / "opinions.docx")


def test_beyond_the_limit_the_worst_have_opinions_and_the_summary_says_so(
    screening: Screening, tmp_path: Path
) -> None:
    document = _written(screening, tmp_path, most=2)
    assert list(_chapters(document)) == ["S1", "S3"]
    (rows,) = _tables(document, "序号")
    assert len(rows) == 5
    note = next(text for text in _texts(document) if text.startswith("有图形的地块超过"))
    assert "其余2个只见汇总表" in note


def test_sites_without_geometry_do_not_count_towards_the_limit(
    screening: Screening, tmp_path: Path
) -> None:
    document = _written(screening, tmp_path, most=4)
    assert list(_chapters(document)) == ["S1", "S2", "S3", "S4"]
    assert not any("只见汇总表" in text for text in _texts(document))


def test_no_site_at_all(screening: Screening, tmp_path: Path) -> None:
    document = _written(replace(screening, findings=()), tmp_path)
    assert "没有提交地块。" in _texts(document)
    assert _tables(document, "序号") == [[]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"area_m2": np.nan}, "—"),
        ({"area_m2": 0.2}, "<0.0001公顷（0.20平方米）"),
        ({"area_m2": 999.5}, "0.1000公顷（999.50平方米）"),
        ({"area_m2": 12_345_678.0}, "1,234.5678公顷（18,518.52亩）"),
    ],
)
def test_areas_are_printed_and_never_as_nothing(
    screening: Screening, tmp_path: Path, change: dict[str, float], expected: str
) -> None:
    template = _template(tmp_path, "{{ sites[0].area }}")
    odd = replace(screening, findings=(replace(screening.findings[0], **change),))
    assert _texts(_written(odd, tmp_path, template=template)) == [expected]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_built_in_templates_are_what_the_script_builds(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    kept = resources.files("spatialplan.reports.opinions") / f"opinion.{language}.docx"
    built = docx.Document(io.BytesIO(_load_builder()(language)))
    assert _everything(docx.Document(io.BytesIO(kept.read_bytes()))) == _everything(built)


def _load_builder() -> Callable[[Language], bytes]:
    spec = importlib.util.spec_from_file_location("build_template", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    builder: Callable[[Language], bytes] = module.build_template
    return builder
