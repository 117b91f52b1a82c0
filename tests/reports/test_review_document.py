"""review.json: the contract, by a golden file, and what a document must never hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spatialplan.reports.json_documents import write_json
from spatialplan.reports.reviews import review_document
from spatialplan.review import Review

GOLDEN = Path(__file__).parent / "golden" / "review.json"

CONTRACT = {
    "": "schema plan standing area_method share_base_ha crs inputs quotas conflicts quality "
    "not_evaluated status",
    "inputs": "path layer sha256 crs features edition",
    "quotas": "id layer year measured_ha attribute_ha planar_ha share required margin_ha status "
    "within_print_precision clause",
    "conflicts": "rule a b pieces area_ha pairs_area_ha sliver_pieces sliver_area_ha noise_pieces "
    "enclosed_pieces tolerance status clause",
    "quality": "layer fault count ids severity",
    "not_evaluated": "rule why",
}


def require_same(found: Any, golden: Any, place: str = "") -> None:
    """Compare exactly, but for a last printed digit on which two versions of PROJ may differ."""
    if isinstance(golden, dict):
        assert found.keys() == golden.keys(), place
        for key, value in golden.items():
            require_same(found[key], value, f"{place}/{key}")
    elif isinstance(golden, list):
        assert len(found) == len(golden), place
        for row, value in enumerate(golden):
            require_same(found[row], value, f"{place}/{row}")
    elif isinstance(golden, float):
        last_digit = 0.0011 if place.endswith(("/easting", "/northing")) else 1e-9
        assert found == pytest.approx(golden, rel=1e-12, abs=last_digit), place
    else:
        assert found == golden, place


def test_document_is_the_golden_one(review: Review) -> None:
    found = json.loads(json.dumps(review_document(review)))
    require_same(found, json.loads(GOLDEN.read_text("utf-8")))


@pytest.mark.parametrize("table", CONTRACT)
def test_document_keeps_the_contract(review: Review, table: str) -> None:
    document = review_document(review)
    rows = document[table] if table else [document]
    assert rows
    for row in rows:
        assert set(CONTRACT[table].split()) <= set(row)


def test_written_bytes_are_the_same_every_time(review: Review, tmp_path: Path) -> None:
    for name in ("one.json", "two.json"):
        write_json(review_document(review), tmp_path / name)
    content = (tmp_path / "one.json").read_bytes()
    assert content == (tmp_path / "two.json").read_bytes()
    assert content.endswith(b"}\n")
    assert "生态保护红线" in content.decode("utf-8")


def test_a_rule_that_nobody_judged_has_no_counts(review: Review) -> None:
    unjudged = review_document(review)["conflicts"][1]
    assert unjudged["status"] == "not_evaluated"
    assert unjudged["pieces"] is None
    assert unjudged["area_ha"] is None


def test_only_conflicts_are_counted_as_conflicts(review: Review) -> None:
    judged = review_document(review)["conflicts"][0]
    assert (judged["pieces"], judged["area_ha"]) == (1, 1.0)
    assert (judged["sliver_pieces"], judged["sliver_area_ha"]) == (1, 0.0005)
    assert (judged["enclosed_pieces"], judged["noise_pieces"]) == (1, 3)


def test_ground_counts_once_and_pairs_stand_beside(odd_review: Review) -> None:
    shared = review_document(odd_review)["conflicts"][0]
    assert (shared["area_ha"], shared["pairs_area_ha"]) == (0.5, 1.0)


def test_no_number_becomes_null(review: Review, odd_review: Review) -> None:
    assert review_document(review)["quotas"][1]["attribute_ha"] is None
    blocked = review_document(odd_review)["quotas"][0]
    assert {blocked[key] for key in ("measured", "margin", "share")} == {None}


def test_printed_parts_add_up_to_the_printed_total(review: Review) -> None:
    parts = review_document(review)["quotas"][0]["townships"]
    assert [part["printed_ha"] for part in parts] == ["66.67", "66.66", "66.67"]


def test_paths_are_those_of_the_plan(review: Review) -> None:
    paths = [entry["path"] for entry in review_document(review)["inputs"]]
    assert paths == ["lines/red.shp", "lines/town.shp"]


def test_a_missing_edition_says_so(review: Review) -> None:
    red, town = review_document(review)["inputs"]
    assert red["edition"]["approval"] == "黑政函〔2022〕1号"
    assert red["edition"]["provider"] == town["edition"]["data_date"] == "未提供"


def test_empty_review_is_a_document(empty_review: Review, tmp_path: Path) -> None:
    document = review_document(empty_review)
    assert document["share_base_ha"] is None
    write_json(document, tmp_path / "review.json")


def test_half_a_character_does_not_stop_the_writing(review: Review, tmp_path: Path) -> None:
    fault = replace(review.quality[2], feature_ids=("\ud83d",))
    write_json(review_document(replace(review, quality=(fault,))), tmp_path / "review.json")
    assert json.loads((tmp_path / "review.json").read_text("utf-8"))["quality"][0]["ids"] == ["?"]


def test_language_changes_sentences_and_nothing_else(review: Review) -> None:
    chinese, english = review_document(review), review_document(review, language="en")
    assert chinese["quotas"][0]["message"] != english["quotas"][0]["message"]
    assert chinese["quotas"][0]["status"] == english["quotas"][0]["status"]
    assert "国土调查办发〔2008〕32号" in english["area_method"]
