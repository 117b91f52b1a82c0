"""Inspecting deliveries: real files on disk, one fault at a time, and the example layers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from small_layers import ZONE_42, square

import spatialplan
from spatialplan.findings import Severity, Status
from spatialplan.inspection import InspectedLayer, Inspection
from spatialplan.reports.inspections import inspection_document

# Layers without a CRS are written on purpose.
pytestmark = pytest.mark.filterwarnings("ignore:'crs' was not provided")
PARCELS = [square(100 * row, 0, 100) for row in range(6)]
ALARMS = (Severity.WARNING, Severity.ERROR)


def parcels(**changes: Any) -> gpd.GeoDataFrame:
    """Six parcels side by side with sound fields; `changes` replaces columns."""
    shapes = changes.pop("geometry", PARCELS)
    rows = len(shapes)
    columns = {
        "BSM": [f"2301840000000{row:05d}" for row in range(rows)],
        "DLBM": (["0101", "0301", "1101"] * rows)[:rows],
        "TBMJ": [9997.54] * rows,
        "ZLDWMC": ["东村"] * rows,
    }
    return gpd.GeoDataFrame({**columns, **changes}, geometry=shapes, crs=ZONE_42)


def inspect(frame: gpd.GeoDataFrame, folder: Path, name: str = "DLTB.gpkg", **options: Any) -> Any:
    frame.to_file(folder / name, layer=Path(name).stem, engine="pyogrio")
    return spatialplan.inspect_files(folder / name, **options)


def alarms(found: Inspection) -> dict[str, list[str]]:
    return {
        layer.key: [fault.rule_id for fault in layer.faults if fault.severity in ALARMS]
        for layer in found.layers
        if any(fault.severity in ALARMS for fault in layer.faults)
    }


def the_layer(found: Inspection) -> InspectedLayer:
    (layer,) = found.layers
    return layer


def test_a_clean_layer_is_described_and_has_no_faults(tmp_path: Path) -> None:
    found = inspect(parcels(), tmp_path)
    layer = the_layer(found)
    assert (layer.faults, found.status) == ((), Status.MET)
    assert layer.role is not None
    assert layer.role.role == "land_parcel"
    assert (layer.features, layer.kinds, layer.vertices) == (6, {"polygon": 6}, 30)
    assert (layer.stated_crs, layer.driver) == ("EPSG:4530", "GeoPackage")
    assert layer.area_m2 == pytest.approx(6 * 9997.54, abs=0.5)
    assert len(layer.sha256) == 64


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "overlap": ({"geometry": [*PARCELS[:5], square(495, 0, 100)]}, "overlap"),
    "repeated": ({"geometry": [*PARCELS[:5], PARCELS[0]]}, "repeated_shape"),
    "blank id": ({"BSM": ["", *"12345"]}, "blank_id"),
    "repeated id": ({"BSM": [*"112345"]}, "repeated_id"),
    "no class": ({"DLBM": ["0101", "7777", "0101", "0101", "0101", "0101"]}, "class_unknown"),
    "mixed codes": ({"DLBM": ["0101", "011", "0101", "0101", "0101", "0101"]}, "class_mixed"),
    "hectares": ({"TBMJ": [0.999754] * 6}, "area_unit"),
    "off": ({"TBMJ": [9997.54] * 5 + [9000.0]}, "stated_area"),
    "senseless": ({"TBMJ": [3.3, 17.0, 812.0, 5.5, 91.0, 2.2]}, "stated_area"),
    "garbage": ({"ZLDWMC": ["东村"] * 5 + ["锟斤拷"]}, "bad_text"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_each_planted_fault_is_found_and_nothing_else(tmp_path: Path, case: str) -> None:
    changes, rule_id = FAULTS[case]
    assert alarms(inspect(parcels(**changes), tmp_path)) == {"DLTB": [rule_id]}


def test_a_layer_without_crs_is_diagnosed_as_far_as_it_goes(tmp_path: Path) -> None:
    frame = parcels(geometry=[*PARCELS[:5], shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])])
    frame = frame.set_crs(None, allow_override=True)
    frame.to_file(tmp_path / "DLTB.shp", engine="pyogrio")
    (tmp_path / "DLTB.prj").unlink(missing_ok=True)
    layer = the_layer(spatialplan.inspect_files(tmp_path / "DLTB.shp"))
    rules = [fault.rule_id for fault in layer.faults]
    assert "crs_missing" in rules
    assert "invalid_geometry" in rules
    assert "EPSG:4530" in str(layer.suggested_crs)
    assert [point.what for point in layer.not_judged] == ["coverage"]


def test_an_assumed_crs_is_used_and_recorded(tmp_path: Path) -> None:
    parcels().set_crs(None, allow_override=True).to_file(tmp_path / "DLTB.shp", engine="pyogrio")
    layer = the_layer(spatialplan.inspect_files(tmp_path, crs="EPSG:4530"))
    assert (layer.stated_crs, layer.assumed_crs) == ("", "EPSG:4530")
    assert layer.area_m2 == pytest.approx(6 * 9997.54, abs=0.5)


def test_an_old_datum_is_refused_with_the_reason(tmp_path: Path) -> None:
    old = parcels().set_crs("EPSG:2366", allow_override=True)  # Xi'an 1980, zone 42
    layer = the_layer(inspect(old, tmp_path))
    assert "crs_refused" in [fault.rule_id for fault in layer.faults]
    assert layer.area_m2 is None


def test_a_damaged_table_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    parcels().to_file(tmp_path / "DLTB.gpkg", engine="pyogrio")
    (tmp_path / "broken.geojson").write_text('{"type": "FeatureColl')
    (tmp_path / "empty.shp").write_bytes(b"")
    found = spatialplan.inspect_files(tmp_path)
    read = {layer.key: layer.is_read for layer in found.layers}
    assert read.pop("DLTB")
    assert read
    assert not any(read.values())
    assert found.status is Status.NOT_MET


def test_records_behind_a_cut_are_named_and_the_others_judged(tmp_path: Path) -> None:
    parcels().to_file(tmp_path / "DLTB.shp", engine="pyogrio")
    file = tmp_path / "DLTB.shp"
    file.write_bytes(file.read_bytes()[:-100])
    layer = the_layer(spatialplan.inspect_files(file))
    rules = {fault.rule_id: fault for fault in layer.faults}
    assert (layer.features, rules["records_lost"].count) == (5, 1)
    assert "damaged" in rules


def test_what_nobody_knows_is_left_open(tmp_path: Path) -> None:
    frame = parcels().rename(columns={"DLBM": "a", "TBMJ": "b", "ZLDWMC": "c"})
    found = inspect(frame, tmp_path, "etwas.gpkg")
    assert found.status is Status.NOT_EVALUATED
    assert [point.what for point in the_layer(found).not_judged if point.open_point] == [
        "attributes"
    ]


def test_a_region_among_the_files_shows_what_lies_outside(tmp_path: Path) -> None:
    region = gpd.GeoDataFrame(
        {"XZQDM": ["230184"], "XZQMC": ["某县"]}, geometry=[square(0, 0, 1_000)], crs=ZONE_42
    )
    region.to_file(tmp_path / "XJXZQ.gpkg", engine="pyogrio")
    away = [*PARCELS[:5], square(9_000, 0, 100)]
    inspect(parcels(geometry=away), tmp_path)
    found = spatialplan.inspect_files(tmp_path)
    assert found.region == "XJXZQ"
    assert "far_outside" in alarms(found)["DLTB"]
    layer = next(one for one in found.layers if one.key == "DLTB")
    assert layer.inside_region == pytest.approx(5 / 6)


def test_the_example_layers_raise_no_alarm(layers_folder: Path) -> None:
    names = ("STBHHX", "CZKFBJ", "YYSSYD", "ZRBHD", "CZJSYD", "basis.gpkg")
    found = spatialplan.inspect_files([layers_folder / name for name in names])
    assert alarms(found) == {}
    assert found.status is Status.MET
    assert found.region == "XJXZQ"
    assert all(layer.role is not None and layer.role.role for layer in found.layers)


def test_the_draft_shows_what_was_planted(layers_folder: Path) -> None:
    found = spatialplan.inspect_files(layers_folder / "draft")
    assert alarms(found) == {"CZKFBJ": ["overlap"], "ZRBHD": ["stated_area"]}
    overlap = next(one for one in found.layers if one.key == "CZKFBJ").faults[0]
    assert overlap.ids == ("230184400000000010", "230184400000000011")
    assert overlap.measured == pytest.approx(51237.4713, abs=0.01)


def test_a_plan_names_roles_and_region(layers_folder: Path) -> None:
    plan = spatialplan.read_plan(layers_folder / "plan.toml")
    found = spatialplan.inspect_files(layers_folder / "CZKFBJ", plan=plan)
    layer = the_layer(found)
    assert layer.role is not None
    assert (layer.role.role, layer.role.from_plan) == ("urban_development_boundary", True)
    assert found.region_from_plan
    assert layer.inside_region == 1.0


def test_a_plan_whose_region_is_missing_leaves_that_open(
    tmp_path: Path, layers_folder: Path
) -> None:
    text = (layers_folder / "plan.toml").read_text("utf-8")
    (tmp_path / "plan.toml").write_text(text, "utf-8")
    plan = spatialplan.read_plan(tmp_path / "plan.toml")
    found = spatialplan.inspect_files(layers_folder / "ZRBHD", plan=plan)
    assert found.status is Status.NOT_EVALUATED
    assert (found.region, the_layer(found).inside_region) == ("", None)
    assert "basis.gpkg" in found.notes[0].where


def test_the_same_files_give_the_same_document(tmp_path: Path) -> None:
    changes, _ = FAULTS["overlap"]
    inspect(parcels(**changes), tmp_path)
    texts = [
        json.dumps(
            inspection_document(spatialplan.inspect_files(tmp_path / "DLTB.gpkg"), language="zh")
        )
        for _ in range(2)
    ]
    assert texts[0] == texts[1]


def test_inputs_stay_as_they_were(tmp_path: Path, layers_folder: Path) -> None:
    folder = tmp_path / "delivery"
    shutil.copytree(layers_folder / "CZJSYD", folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    spatialplan.inspect_files(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_would_take_too_long_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatialplan.diagnosis.coverage.MOST_LOOSE", 3)
    found = inspect(parcels(), tmp_path)
    assert [point.what for point in the_layer(found).not_judged if point.open_point] == ["gaps"]
    assert found.status is Status.NOT_EVALUATED
