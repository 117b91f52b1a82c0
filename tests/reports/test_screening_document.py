"""screening.json as another program reads it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from spatialplan.reports import json_documents
from spatialplan.reports.json_documents import write_json
from spatialplan.reports.screenings import screening_document
from spatialplan.siting import Screening

from .screenings import make_screening

CONTRACT = {"schema", "plan", "date", "rulebook", "area_method", "tolerance", "inputs", "sites"}
LAYER_KEYS = "layer status overlap_ha overlap_share distance_m verdict basis"


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening(suggest=True)


@pytest.fixture(scope="module")
def document(screening: Screening) -> dict[str, Any]:
    return screening_document(screening, language="zh")


def _layers(site: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {layer["layer"]: layer for layer in site["layers"]}


def test_keys_of_the_contract(document: dict[str, Any]) -> None:
    assert set(document) > CONTRACT | {"not_evaluated"}
    assert document["tolerance"] == {"area_m2": 1.0, "width_m": 0.1, "noise_width_m": 0.001}
    assert [site["site_id"] for site in document["sites"]] == ["S1", "S2", "S3", "S4", "=S5"]
    for site in document["sites"]:
        assert list(site)[:5] == ["site_id", "name", "area_ha", "verdict", "layers"]
        for layer in site["layers"]:
            assert set(layer) > set(LAYER_KEYS.split())


def test_figures_are_those_of_the_square(document: dict[str, Any]) -> None:
    first = document["sites"][0]
    red, farmland = _layers(first)["red_line"], _layers(first)["farmland"]
    assert first["area_ha"] == pytest.approx(15.0, rel=5e-4)
    assert red["overlap_share"] == pytest.approx(0.4, rel=1e-5)
    assert red["overlap_m2"] == pytest.approx(red["overlap_ha"] * 10_000, abs=1e-4)
    assert red["mu"] == pytest.approx(red["overlap_ha"] * 15, rel=1e-7)
    assert farmland["net_ha"] == pytest.approx(farmland["overlap_ha"] * 0.88, rel=1e-7)
    assert sum(zone["overlap_m2"] for zone in red["zones"]) == pytest.approx(red["overlap_m2"])


def test_ground_in_common_is_worded_as_such(document: dict[str, Any]) -> None:
    town = _layers(document["sites"][3])["town"]
    assert (town["verdict"], town["status"]) == ("clear", "overlap")
    assert town["verdict_name"] == "规则未设限制（不等于合规）"
    assert {zone["verdict_name"] for zone in town["zones"]} == {town["verdict_name"]}
    assert _layers(document["sites"][3])["red_line"]["verdict_name"].startswith("未发现")
    assert document["sites"][0]["place"] == "row 1"


def test_verdicts_stand_beside_each_other(document: dict[str, Any]) -> None:
    verdicts = {site["site_id"]: site["verdict"] for site in document["sites"]}
    assert verdicts == {
        "S1": "prohibited",
        "S2": "restricted",
        "S3": "needs_determination",
        "S4": "not_evaluated",
        "=S5": "not_evaluated",
    }
    assert document["verdicts"]["not_evaluated"] == 2
    fourth, last = document["sites"][3:]
    assert fourth["listed_verdict"] == "clear"
    assert fourth["sentence"] == "未发现与所列图层重叠（不等于合规）；3 类图层未提供，未作判断"
    assert (last["listed_verdict"], last["sentence"]) == ("not_evaluated", "未作判断")


def test_statuses_of_the_red_line(document: dict[str, Any]) -> None:
    statuses = [_layers(site)["red_line"]["status"] for site in document["sites"][:4]]
    assert statuses == ["overlap", "enclosed", "sliver", "clear"]
    assert _layers(document["sites"][3])["red_line"]["distance_m"] > 700


def test_what_nobody_looked_at_is_null_and_never_0(document: dict[str, Any]) -> None:
    water, last = _layers(document["sites"][0])["water"], document["sites"][4]
    assert water["status"] == water["verdict"] == "not_evaluated"
    assert (water["overlap_ha"], water["overlap_share"], water["pieces"]) == (None, None, None)
    assert (last["area_ha"], last["planar_ha"], last["stated_area_ha"]) == (None, None, None)
    assert last["doubts"][0]["severity"] == "error"


def test_basis_has_number_and_article_and_says_what_was_not_checked(
    document: dict[str, Any],
) -> None:
    layers = _layers(document["sites"][0])
    assert "（自然资发〔2022〕142号）（未与官方文本核对）" in layers["red_line"]["basis"]
    assert layers["farmland"]["basis"] == "《中华人民共和国土地管理法》第三十五条"
    need = layers["red_line"]["needs"][0]
    assert (need["checked"], need["valid_from"], need["valid_to"]) == (False, "2022-08-16", None)


def test_every_file_is_named_with_its_hash(document: dict[str, Any]) -> None:
    inputs = {entry["layer"]: entry for entry in document["inputs"]}
    assert inputs["plan"]["sha256"] == "ab" * 32
    assert inputs["sites"]["sha256"] == "12" * 32
    assert inputs["red_line"]["edition"]["approval"] == "某政函〔2022〕1号"
    assert "water" not in inputs
    assert [point["title"] for point in document["not_evaluated"]] == [
        "饮用水水源保护区",
        "湿地",
        "文物",
    ]


def test_suggestions_say_how_far(document: dict[str, Any]) -> None:
    first, third = document["sites"][0]["suggestion"], document["sites"][2]["suggestion"]
    assert first["places"][0]["distance_m"] == 500.0
    assert (third["places"], bool(third["why_none"])) == ([], True)
    assert document["sites"][1]["suggestion"] is None


def test_places_carry_what_they_would_be_judged_as(document: dict[str, Any]) -> None:
    suggestion = document["sites"][0]["suggestion"]
    for judged in (suggestion["free_part"], suggestion["places"][0]):
        assert judged["verdict"] == judged["listed_verdict"] == "restricted"
        touched = {layer["layer"]: layer for layer in judged["layers"]}
        assert touched["town"]["status"] == "overlap"
        assert touched["town"]["overlap_ha"] > 0
        assert touched["water"]["status"] == "not_evaluated"
        assert "red_line" not in touched


def test_no_number_is_none(document: dict[str, Any]) -> None:
    def numbers(value: Any) -> list[float]:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [number for one in value for number in numbers(one)]
        return [value] if isinstance(value, float) else []

    assert numbers(document)
    assert all(math.isfinite(number) for number in numbers(document))


def test_same_screening_same_bytes(screening: Screening, tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        write_json(screening_document(make_screening(suggest=True)), tmp_path / name)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert json.loads((tmp_path / "one.json").read_text("utf-8"))["language"] == "zh"


def test_english_sentences(screening: Screening) -> None:
    document = screening_document(screening, language="en")
    assert "not compliance" in document["disclaimer"]
    assert document["not_evaluated"][1]["title"] == "wetlands"
    assert "not compared with the official text" in document["sites"][0]["layers"][0]["basis"]


def test_many_sites_are_written_like_few(
    screening: Screening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = screening_document(screening)
    document["sites"][0]["name"] = "half a character: \ud83d"
    write_json(document, tmp_path / "few.json")
    monkeypatch.setattr(json_documents, "MANY_SITES", 1)
    write_json(document, tmp_path / "many.json")
    few, many = (tmp_path / f"{name}.json" for name in ("few", "many"))
    assert json.loads(many.read_text("utf-8")) == json.loads(few.read_text("utf-8"))
    assert len(many.read_text("utf-8").splitlines()) < len(few.read_text("utf-8").splitlines())
