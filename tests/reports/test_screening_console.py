"""The screening on a terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from spatialplan.messages import Language
from spatialplan.reports.screenings import print_screening
from spatialplan.siting import Screening

from .screenings import make_screening


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening()


def _printed(screening: Screening, language: Language = "zh", *, colour: bool = False) -> str:
    stream = io.StringIO()
    system = "standard" if colour else None
    console = Console(file=stream, width=80, force_terminal=colour, color_system=system)
    print_screening(screening, console, language=language)
    return stream.getvalue()


def test_each_site_has_a_line_with_its_verdict(screening: Screening) -> None:
    lines = _printed(screening).splitlines()
    verdicts = {}
    for site in ("S1", "S2", "S3", "S4", "=S5"):
        line = next(line for line in lines if line.startswith(f"{site} "))
        verdicts[site] = line.split()[-1]
    assert list(verdicts.values()) == ["禁止", "受限", "需认定", "未作判断", "未作判断"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_eighty_columns_are_enough(screening: Screening, language: Language) -> None:
    assert max(cell_len(line) for line in _printed(screening, language).splitlines()) <= 80


def test_clear_of_the_listed_layers_says_that_it_is_no_compliance(screening: Screening) -> None:
    text = "".join(line.strip() for line in _printed(screening).splitlines())
    assert "未发现与所列图层重叠（不等于合规）；3 类图层未提供，未作判断" in text
    assert "未提供或未评价，未作判断：饮用水水源保护区、湿地、文物" in text
    assert "仅供参考" in text
    assert "不构成验证" in text


def test_ground_in_common_that_asks_for_nothing_is_worded_so(screening: Screening) -> None:
    text = "".join(line.strip() for line in _printed(screening).splitlines())
    assert "〔规则未设限制（不等于合规）〕" in text


def test_a_site_without_geometry_is_listed_with_its_remark(screening: Screening) -> None:
    text = "".join(line.strip() for line in _printed(screening).splitlines())
    doubt = text[text.index("存疑") :]
    assert "自相交" in doubt
    assert "（备注：[red]<script>alert(1)</script>" in doubt


def test_nothing_is_green_and_nothing_from_a_file_is_markup(screening: Screening) -> None:
    coloured = _printed(screening, colour=True)
    assert "\x1b[31m禁止" in coloured
    assert "\x1b[32m" not in coloured
    assert '=S5 =HYPERLINK("http://example.org","+1")' in _printed(screening)


def test_many_sites_are_counted_and_the_worst_are_shown(screening: Screening) -> None:
    clear, worst = screening.findings[3], screening.findings[0]
    many = replace(screening, findings=(*([clear] * 100), worst))
    lines = _printed(many).splitlines()
    assert sum(line.startswith("S4 ") for line in lines) == 39
    assert next(line for line in lines if line.startswith("S")).startswith("S1 ")
    assert any("另有 61 个" in line for line in lines)
    assert lines[-1] == "地块 101 个：禁止 1、未作判断 100"


def test_suggested_places_say_what_they_would_be_judged_as() -> None:
    text = "".join(line.strip() for line in _printed(make_screening(suggest=True)).splitlines())
    assert "若仅用该部分，结论将为：受限" in text
    assert "避让方案1：挪动500米（方位角0°），若选址于此，结论将为：受限" in text
    assert "以上图层无法使用，避让建议未予避让：饮用水水源保护区" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_place_is_ever_called_permitted(language: Language) -> None:
    text = _printed(make_screening(suggest=True), language).lower()
    for word in ("允许", "可以建", "符合要求", "permitted", "allowed"):
        assert word not in text
