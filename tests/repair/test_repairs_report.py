"""What is said of a repair: rows for other programs, sheets that close, lines for a terminal."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path

import openpyxl
import pytest
from rich.console import Console

from spatialplan.inspection.repairing import RepairReport, repair_files
from spatialplan.messages import LANGUAGES, Language
from spatialplan.plan.model import PlanHeader
from spatialplan.reports.repairs import print_repairs, repair_document, repair_sheets
from spatialplan.reports.sheet_writing import write_sheets

from .deliveries import SHAPES, deliver, make_shapefile
from .planted import wishes

HEADER = PlanHeader(id="r", title="修复", standing="-", region="-", year=2026, notice="-")
ROWS = [
    {"BSM": "=1+1", "地类名称": "水田"},
    {"BSM": "2", "地类名称": "\x1b[31m"},
    {},
    {"BSM": "4"},
]


@pytest.fixture
def report(tmp_path: Path) -> RepairReport:
    source = make_shapefile(tmp_path / "地类.shp", ROWS, SHAPES)
    return repair_files(deliver(source), tmp_path / "out", wishes("geometry", "ids", "crs"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_feature_concerned_has_a_row(report: RepairReport, language: Language) -> None:
    document = repair_document(report, language=language)
    table = document["tables"][0]
    assert [record["id"] for record in table["repairs"]] == ["=1+1"]
    assert [(refusal["row"], refusal["id"]) for refusal in table["refusals"]] == [
        (3, "#3"),
        (4, "4"),
    ]
    assert [(edit["row"], edit["after"]) for edit in table["edits"]] == [(3, "N000001")]
    total = math.fsum(record["change_m2"] for record in table["repairs"])
    assert table["change_m2"] == pytest.approx(total, abs=1e-6)
    assert document["limits"] == {"share": 0.01, "most_m2": 100.0, "least_m2": 1.0}
    assert not document["complete"]
    json.dumps(document, allow_nan=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_lists_the_same(
    report: RepairReport, language: Language, tmp_path: Path
) -> None:
    path = tmp_path / "repairs.xlsx"
    sheets = repair_sheets(report, language=language)
    write_sheets(sheets, path, header=HEADER, language=language)
    rows = list(openpyxl.load_workbook(path).worksheets[1].iter_rows(values_only=True))
    assert len(rows) == 1 + 2 + 1 + 1  # headings, refusals, repair, edit
    assert all(len(row) == len(rows[0]) for row in rows)
    first = path.read_bytes()
    write_sheets(sheets, path, header=HEADER, language=language)
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1 features repaired", "2 refusals", "at most 100 m²", "ellipsoidal areas"]),
        ("zh", ["修复要素 1 个", "不予修复 2 项", "不超过 100 平方米", "椭球面积"]),
    ],
)
def test_the_terminal_says_it_shortly(
    report: RepairReport, language: Language, said: list[str]
) -> None:
    screen = io.StringIO()
    print_repairs(report, Console(file=screen, width=200), language=language)
    for words in said:
        assert words in screen.getvalue()
    assert "\x1b" not in screen.getvalue()
