"""What a delivered table is, told by name and fields; what is doubtful stays open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from spatialplan.plan import LayerSpec
from spatialplan.recognition import (
    GeometryKind,
    Recognition,
    find_area_unit,
    is_single,
    kind_of_geometry,
    recognise,
)
from spatialplan.recognition.knowledge import knowledge


def recognise_polygons(name: str, *fields: str) -> Recognition:
    return recognise(name, fields, "polygon")


def reasons(found: Recognition) -> dict[str, str]:
    return {
        candidate.role: "; ".join(str(reason) for reason in candidate.reasons)
        for candidate in found.candidates
    }


@pytest.mark.parametrize(
    ("name", "fields", "role"),
    [
        ("STBHHX_230184_2023", [], "ecological_red_line"),
        ("stbhhx2021", [], "ecological_red_line"),
        ("230184STBHHX", [], "ecological_red_line"),
        ("ＳＴＢＨＨＸ", [], "ecological_red_line"),
        ("main.STBHHX", [], "ecological_red_line"),
        ("生态保护红线", [], "ecological_red_line"),
        ("某某县生态保护红线（2023年）", [], "ecological_red_line"),
        ("某某市某某区三区三线_生态保护红线", [], "ecological_red_line"),
        ("某某县界", [], "region"),
        ("生态保护红线_STBHHX", [], "ecological_red_line"),
        ("MMX_STBHHX", ["HXMC"], "ecological_red_line"),
        ("图层1", ["HXMC", "MJ"], "ecological_red_line"),
        ("永久基本农田储备区", [], "farmland_reserve"),
        ("永久基本农田", [], "basic_farmland"),
        ("国家湿地公园", ["BHDMC"], "protected_area"),
        ("湿地", [], "wetland"),
        ("采矿权", [], "mining_right"),
        ("GDBHMB", ["DLBM", "TBMJ"], "other"),
    ],
)
def test_a_name_in_any_dress_is_recognised(name: str, fields: Sequence[str], role: str) -> None:
    assert recognise_polygons(name, *fields).role == role


@pytest.mark.parametrize(
    ("name", "fields", "candidates", "why"),
    [
        ("DATA", [], set(), "neither its name nor its fields"),
        ("MMX_STBHHX", [], {"ecological_red_line"}, "not enough"),
        ("SD_QX", [], {"wetland"}, "not enough"),  # two letters may stand for anything
        ("自然保护地核心区", [], {"protected_area"}, "not enough"),
        ("城镇开发边界内", [], {"urban_development_boundary"}, "not enough"),
        (
            "生态保护红线质量",
            ["YJJBNTMJ"],
            {"basic_farmland"},
            "but its fields belong to: Permanent",
        ),
        ("STBHHX_城镇开发边界", [], {"ecological_red_line"}, "not enough"),
        ("STBHHX_调整方案", ["HXMC"], {"ecological_red_line"}, "holds “方案”"),
        ("生态保护红线质量评价", [], {"ecological_red_line"}, "not enough"),
        ("图层1", ["GHFQMC"], {"urban_development_boundary", "planned_use"}, "fit equally well"),
        ("XZQ", [], {"region", "administrative_area"}, "fit equally well"),
        ("STBHHX_CZKFBJ", ["HXMC", "GHFQDM"], {"ecological_red_line"}, "fit equally well"),
        ("生态保护红线调出", ["HXMC"], {"ecological_red_line"}, "holds “调出”"),
        ("STBHHX_DC", ["HXMC"], {"ecological_red_line"}, "holds “dc”"),
        ("STBHHX", ["GHFQDM"], {"ecological_red_line"}, "but its fields belong to: Urban"),
    ],
)
def test_what_is_doubtful_is_refused_with_its_candidates(
    name: str, fields: Sequence[str], candidates: set[str], why: str
) -> None:
    found = recognise_polygons(name, *fields)
    assert found.role is None
    assert candidates <= reasons(found).keys()
    assert why in found.why.text()
    for language in ("zh", "en"):
        assert "{" not in found.why.text(language)


def test_an_unverified_name_says_so() -> None:
    assert "not checked" in str(recognise_polygons("YYSSYD").why)
    assert "not checked" not in str(recognise_polygons("STBHHX").why)


def test_geometry_of_another_kind_rules_a_role_out() -> None:
    found = recognise("STBHHX", ["HXMC"], "line")
    assert found.role is None
    assert "its geometry is lines" in reasons(found)["ecological_red_line"]


@pytest.mark.parametrize(
    ("codes", "role"),
    [
        (["230184"], "region"),
        (["230184000000"], "region"),
        (["230184001", "230184002"], "administrative_area"),
        ([230184001001.0, 230184001002.0], "administrative_area"),
    ],
)
def test_the_length_of_unit_codes_tells_the_level(codes: list[object], role: str) -> None:
    sample = pd.DataFrame({"XZQDM": codes, "XZQMC": "x"})
    assert recognise("XZQ", list(sample), "polygon", sample).role == role


def test_a_part_of_the_parcels_is_not_taken_for_them() -> None:
    fields = ["DLBM", "TBMJ", "TBDLMJ"]
    whole = pd.DataFrame({"DLBM": ["0101", "0301", "0702"], "TBMJ": 1.0, "TBDLMJ": 1.0})
    assert recognise("图层1", fields, "polygon", whole).role == "land_parcel"
    forest = recognise("林地", fields, "polygon", whole.assign(DLBM="0301"))
    assert forest.role is None
    assert "taken out of the parcels" in reasons(forest)["land_parcel"]
    assert recognise("DLTB", fields, "polygon", whole.assign(DLBM="0301")).role == "land_parcel"
    assert recognise("湿地", fields, "polygon", whole).role == "wetland"


def test_fields_are_proposed_as_delivered() -> None:
    found = recognise_polygons("DLTB", "bsm", "地类编码", "TBMJ", "Kcxs", "坐落单位名", "QSXZ")
    assert found.fields == {
        "area_field": "TBMJ",
        "class_field": "地类编码",
        "deduction_field": "Kcxs",
        "id_field": "bsm",
        "tenure_field": "QSXZ",
        "village_field": "坐落单位名",
    }


def test_a_name_that_may_be_cut_from_two_is_not_taken() -> None:
    found = recognise_polygons("DLTB", "坐落单位", "坐落单")
    assert "village_field" not in found.fields


def test_a_field_without_values_is_passed_over() -> None:
    sample = pd.DataFrame({"GHFQMC": ["", None], "GHFQDM": ["110", "120"], "MJ": [1.0, 2.0]})
    found = recognise("CZKFBJ", list(sample), "polygon", sample)
    assert found.fields["zone_field"] == "GHFQDM"


@pytest.mark.parametrize(
    ("factor", "unit"), [(1, "m2"), (1e-4, "ha"), (1e-6, "km2"), (15e-4, "亩"), (0.3, None)]
)
def test_the_unit_of_stated_areas_is_the_one_that_fits(factor: float, unit: str | None) -> None:
    area_m2 = np.array([10_000.0, 25_000.0, 1_234_567.0])
    sample = pd.DataFrame({"HXMC": ["a", "b", "c"], "MJ": area_m2 * factor * [1.0, 1.001, 3.0]})
    found = recognise("STBHHX", list(sample), "polygon", sample, area_m2=area_m2)
    assert found.area_unit == unit
    completed = found.complete(LayerSpec(title="t", role="other", path="x.shp"))
    assert completed.area_field == (None if unit is None else "MJ")
    assert completed.role == "ecological_red_line"


def test_areas_that_say_nothing_have_no_unit() -> None:
    assert find_area_unit(np.array([np.nan, 0.0]), np.array([1.0, 2.0])) is None


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("MultiPolygon Z", "polygon"),
        ("LineString", "line"),
        ("Point", "point"),
        ("Unknown", None),
        ("", None),
    ],
)
def test_declared_geometry_has_a_kind(declared: str, kind: GeometryKind | None) -> None:
    assert kind_of_geometry(declared) == kind


def test_the_knowledge_is_sound() -> None:
    known = knowledge()
    layer_keys = LayerSpec.model_fields.keys()
    for kind in known.kinds:
        assert kind.words, kind.title
        assert kind.fields.keys() <= layer_keys
        assert set(kind.geometry) <= {"polygon", "line", "point"}
        for name in kind.names:
            assert kind.role in reasons(recognise(name, [], None)), name
        for word in kind.words:
            assert kind.role in reasons(recognise(word, [], None)), word
    assert known.fields.keys() <= layer_keys
    assert is_single("ecological_red_line")
    assert not is_single("protected_area")
