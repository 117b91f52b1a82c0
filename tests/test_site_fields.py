"""What a file says of its sites: numbers, names, areas, columns."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from small_layers import square
from small_sites import FRAME, faults, file_faults, read, read_shapes, wording

from spatialplan.errors import SourceError


def test_ids_are_made_unique_without_taking_anothers() -> None:
    shapes = [square(200 * i, 0, 100) for i in range(5)]
    sites = read_shapes(shapes, columns={"id": ["A", "A", "", "A (2)", "#3"]})
    assert sites.ids.tolist() == ["A", "A (3)", "#3 (2)", "A (2)", "#3"]
    assert [faults(sites, row) for row in range(5)] == [
        ["repeated_id"],
        ["repeated_id"],
        ["blank_id"],
        [],
        [],
    ]
    assert "地块编号 A 出现 2 次，本地块此处记为 A (3)" in sites.doubts_of(1)[0].message.text("zh")


def test_without_numbers_sites_are_called_by_their_row() -> None:
    sites = read_shapes([square(0, 0, 100), square(200, 0, 100)], columns={})
    assert sites.ids.tolist() == ["#1", "#2"]
    assert file_faults(sites) == ["no_id_field"]


def test_whole_numbers_with_a_gap_keep_their_digits() -> None:
    shapes = [square(0, 0, 100), square(200, 0, 100)]
    sites = read_shapes(shapes, columns={"BSM": [230184000001.0, math.nan]})
    assert sites.ids.tolist() == ["230184000001", "#2"]
    rounded = read_shapes(shapes, columns={"BSM": [2.3e17, 1.0]})
    assert faults(rounded, 0) == ["rounded_id"]


def test_the_same_outline_twice_and_overlaps_are_said() -> None:
    turned = shapely.Polygon(np.roll(square(0, 0, 100).exterior.coords[:-1], 2, axis=0))
    shapes = [square(0, 0, 100), turned, square(50, 0, 100), square(150, 0, 100)]
    sites = read_shapes(shapes, columns={"id": ["甲", "乙", "丙", "丁"]})
    assert faults(sites, 0) == ["same_geometry", "overlapping"]
    assert "同一图形另外提交了 1 次：乙" in sites.doubts_of(0)[0].message.text("zh")
    assert faults(sites, 3) == []  # it only touches
    assert "overlaps 1 other site(s) (丙), together 4,998.77 m²" in wording(sites, "overlapping")
    assert "2 other site(s) (甲, 乙), together 9,997.54 m²" in sites.doubts_of(2)[0].message.text()
    assert len(sites.judged) == 4


def test_overlaps_of_a_stack_of_sites_are_not_counted_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("spatialplan.sites.neighbours.MOST_PAIRS", 10)
    sites = read_shapes([square(i, 0, 100) for i in range(10)])
    assert "overlaps_unchecked" in file_faults(sites)


@pytest.mark.parametrize(
    ("column", "value", "doubts", "stated_m2"),
    [
        ("MJ", 9997.5, ["stated_unit_taken"], 9997.5),
        ("MJ", 1.0, ["stated_unit_taken"], 10_000),
        ("面积", 14.9963, ["stated_unit_taken"], 9997.53),
        ("面积", 0.00999754, ["stated_unit_taken"], 9997.54),
        ("面积", 12_345.0, ["stated_area"], math.nan),
        ("面积(公顷)", 1.0, [], 10_000),
        ("面积_亩", 15.0, [], 10_000),
        ("area_m2", 9_950, [], 9_950),
        ("area_m2", 9_850, ["stated_area"], 9_850),
        ("area_ha", 9_997.5, ["stated_unit"], math.nan),
        ("面积（亩）", 1.0, ["stated_unit"], math.nan),
        ("面积（万亩）", 15.0, ["stated_unit"], math.nan),
        ("面积", "0.9998公顷", [], 9_998),
        ("面积", "约一公顷", [], math.nan),
        ("MJ", 0.0, [], math.nan),
    ],
)
def test_stated_areas(column: str, value: Any, doubts: list[str], stated_m2: float) -> None:
    sites = read_shapes([square(0, 0, 100)], columns={"id": ["a"], column: [value]})
    assert faults(sites) == doubts
    assert sites.stated_m2[0] == pytest.approx(stated_m2, rel=1e-4, nan_ok=True)
    assert len(sites.judged) == 1


def test_one_site_in_another_unit_stands_out() -> None:
    shapes = [square(200 * i, 0, 100) for i in range(3)]
    sites = read_shapes(shapes, columns={"id": list("abc"), "MJ": [1.0, 1.0, 9997.5]})
    assert faults(sites) == ["stated_unit_taken", "stated_unit"]
    assert "“MJ”未注明单位，与公顷相符" in wording(sites, "stated_unit_taken")
    assert "登记面积 9997.5 公顷与图形不符" in wording(sites, "stated_unit")
    assert "疑以平方米为单位" in wording(sites, "stated_unit")


def test_columns_are_chosen_in_order_and_the_user_overrules() -> None:
    columns = {"BSM": ["9"], "XMBH": ["P1"], "MC": ["甲"], "XMMC": ["乙"], "编码": ["x"]}
    sites = read_shapes([square(0, 0, 100)], columns=columns)
    assert (sites.ids[0], sites.names[0]) == ("P1", "乙")
    assert file_faults(sites) == ["field_chosen", "field_chosen"]
    assert "地块编号取自字段“XMBH”；另有 BSM 也符合" in wording(sites, "field_chosen")
    sites = read_shapes([square(0, 0, 100)], columns=columns, id_field="编码", name_field="MC")
    assert (sites.ids[0], sites.names[0]) == ("x", "甲")
    assert file_faults(sites) == []
    with pytest.raises(SourceError) as caught:
        read_shapes([square(0, 0, 100)], columns=columns, id_field="ID2", kind_field="XMLX")
    assert len(caught.value.faults) == 2
    assert "BSM, XMBH, MC, XMMC, 编码" in caught.value.text()


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"备注": ["演示数据", "演示"]}, True),
        ({"备注": ["演示", "实测"]}, False),
        ({"demonstration": [True, True]}, True),
        ({"demonstration": [1, 0]}, False),
        ({"演示": ["是", "是"]}, True),
        ({}, False),
    ],
)
def test_demonstration_is_said_by_every_row(columns: dict[str, Any], expected: bool) -> None:
    shapes = [square(0, 0, 100), square(200, 0, 100)]
    assert read_shapes(shapes, columns=columns).demonstration is expected


def test_a_name_cut_at_ten_bytes_is_recognised(tmp_path: Path) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "sites.shp", encoding="UTF-8")
    sites = read(tmp_path / "sites.shp")
    assert sites.ids.tolist() == ["A-1", "A-2"]
    assert sites.names[0] == "龙凤湖污水厂"


def test_control_characters_do_not_come_in() -> None:
    sites = read_shapes([square(0, 0, 100)], columns={"id": ["a\x00\n b"], "name": ["x" * 5_000]})
    assert sites.ids[0] == "a b"
    assert len(sites.names[0]) == 1_000
