"""Fields of a layer: what is missing, what is no code, and text that was damaged on its way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely

from spatialplan.diagnosis import Defect, Rows, diagnose_attributes, diagnose_texts
from spatialplan.diagnosis.texts import damage_of

CLASSES = ("0101", "0103", "03", "1101", "011")
FIELDS = {"id_field": "BSM", "class_field": "DLBM", "area_field": "TBMJ"}


def table(**columns: Any) -> pd.DataFrame:
    rows = len(next(iter(columns.values())))
    return pd.DataFrame({"BSM": [str(row) for row in range(rows)], "TBMJ": 1.0, **columns})


def diagnose(frame: pd.DataFrame) -> dict[str, Defect]:
    ids = np.array([f"P{row}" for row in range(len(frame))], dtype=object)
    found = diagnose_attributes(
        frame,
        Rows(ids, shapely.points(np.arange(len(frame)), 0.0)),
        layer="layer",
        role="land_parcel",
        fields=FIELDS,
        land_classes=CLASSES,
    )
    return {one.rule_id: one for one in found}


def test_good_fields_have_no_faults() -> None:
    assert diagnose(table(DLBM=["0101", "0301K", "1101"], XZQDM=["230184", "230184100", ""])) == {}


def test_a_field_that_the_role_needs_is_missed() -> None:
    found = diagnose(table(DLMC=["旱地"]))
    assert set(found) == {"field_missing"}
    assert "DLBM" in found["field_missing"].message.text("zh")


def test_codes_that_are_none_are_listed_with_their_features() -> None:
    found = diagnose(table(DLBM=["0101", "9999", "旱地", "0101 ", "01 01"]))
    assert found["class_unknown"].feature_ids == ("P1", "P2", "P4")
    assert "9999" in str(found["class_unknown"].message)


def test_a_blank_class_is_no_unknown_one() -> None:
    found = diagnose(table(DLBM=["0101", None, " "]))
    assert set(found) == {"class_blank"}
    assert found["class_blank"].feature_ids == ("P1", "P2")


def test_codes_of_two_surveys_are_mixed() -> None:
    found = diagnose(table(DLBM=["0101", "0103", "011"]))
    assert (found["class_mixed"].count, found["class_mixed"].feature_ids) == (1, ("P2",))


def test_codes_of_numbers_keep_their_meaning() -> None:
    assert set(diagnose(table(DLBM=[1101.0, 1101.0]))) == set()


@pytest.mark.parametrize("code", ["2301", "23018410", "23018A", "２３０１８４"])
def test_codes_of_units_have_six_nine_or_twelve_digits(code: str) -> None:
    found = diagnose(table(DLBM=["0101", "0101"], XZQDM=["230184", code]))
    assert found["unit_code"].feature_ids == ("P1",)


DAMAGED = {
    "锟斤拷": "utf8_as_gbk",
    "地类图斑".encode().decode("gbk"): "utf8_as_gbk",
    "某某村".encode("gbk").decode("latin-1"): "gbk_as_latin",
    "某某村".encode().decode("latin-1"): "utf8_as_latin",
    "?????": "lost",
    "某�村": "replaced",
    "某某村�": "cut",
}
SOUND = [
    "",
    "旱地",
    "Wuchang",
    "50%?",
    "Ångström",
    "镇（街道）",
    "沙河子镇",
    "?",
    "磨盘山林场",
    "㎡",
]


@pytest.mark.parametrize("text", DAMAGED)
def test_each_kind_of_damage_is_known(text: str) -> None:
    assert damage_of(text) == DAMAGED[text]


@pytest.mark.parametrize("text", SOUND)
def test_sound_text_is_left_alone(text: str) -> None:
    assert damage_of(text) is None


def test_damaged_values_and_names_of_fields_are_told() -> None:
    bad_name = "权属".encode("gbk").decode("latin-1")
    frame = pd.DataFrame({"MC": ["东村", "锟斤拷", None], bad_name: ["1", "2", "3"]})
    ids = np.array(["A", "B", "C"], dtype=object)
    rows = Rows(ids, np.array([None, shapely.Point(1, 2), None], dtype=object))
    (found,) = diagnose_texts(frame, rows, layer="layer")
    assert found.places[1].geometry == shapely.Point(1, 2)
    assert (found.rule_id, found.count, found.feature_ids) == ("bad_text", 2, ("B",))
    assert diagnose_texts(frame[["MC"]].iloc[:1], rows, layer="layer") == []
