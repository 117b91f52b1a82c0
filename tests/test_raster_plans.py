"""What a plan file says of rasters, legends and indicators, and what does not fit together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from small_rasters import LEGEND, make_plan

from spatialplan.errors import PlanError
from spatialplan.plan import plan_schema

COVER = {"title": "地表覆盖", "role": "land_cover", "path": "cover.tif", "legend": "classes"}
HEIGHTS = {"title": "高程", "role": "elevation", "path": "dem.tif"}
FOREST = {
    "id": "forest",
    "kind": "cover_share",
    "title": "森林覆盖率",
    "raster": "cover",
    "layer": "county",
    "counted": ["forest"],
    "direction": "at_least",
    "value": "46.43",
    "year": 2025,
    "clause": "表1",
}
GRASS = {
    "id": "grass",
    "kind": "not_from_land_cover",
    "title": "草原综合植被盖度",
    "why": "盖度是草地内植被的覆盖程度",
    "direction": "at_least",
    "value": "",
    "year": 2025,
    "clause": "表1",
}


def refuse(**tables: Any) -> str:
    with pytest.raises(PlanError) as caught:
        make_plan(Path(), **tables)
    assert all(fault.text("zh") for fault in caught.value.faults)
    return caught.value.text("en")


def test_rasters_know_their_names() -> None:
    rasters = {"cover": COVER, "dem": HEIGHTS}
    plan = make_plan(Path(), rasters=rasters, indicators=[FOREST, GRASS])
    assert [spec.id for spec in plan.rasters_with_role("land_cover")] == ["cover"]
    assert [spec.id for spec in plan.rasters_with_role("elevation")] == ["dem"]
    assert [indicator.kind for indicator in plan.indicators] == [FOREST["kind"], GRASS["kind"]]
    assert plan.indicators[1].value is None


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"raster": "covr"}, "there is no raster «covr»; did you mean: cover?"),
        ({"layer": "countty"}, "did you mean: county?"),
        ({"counted": ["wetland"]}, "no class of the kinds counted (wetland); it has: cropland"),
        ({"counted": []}, "counted"),
        ({"counted": ["woods"]}, "is not one of 'cropland', 'forest'"),
        ({"value": "4643"}, "4643 is not a share"),
        ({"value": 46.43}, "must stand in quotes"),
        ({"rastr": "cover"}, "unknown key «rastr»; did you mean: raster?"),
        ({"kind": "cover"}, "is not one of"),
    ],
)
def test_indicators_that_lead_nowhere(changed: dict[str, Any], advice: str) -> None:
    text = refuse(indicators=[{**FOREST, **changed}])
    assert advice in text
    assert "[indicators" in text


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"legend": "clases"}, "there is no legend «clases»; did you mean: classes?"),
        ({"legend": None}, "key «legend» is missing"),
        ({"path": "/vsicurl/http://x.org/a.tif"}, "/vsicurl"),
        ({"role": "landcover"}, "is not one of 'land_cover' or 'elevation'"),
        ({"band": 0}, "band"),
    ],
)
def test_rasters_that_lead_nowhere(changed: dict[str, Any], advice: str) -> None:
    assert advice in refuse(rasters={"cover": {**COVER, **changed}})


def test_a_value_of_two_classes() -> None:
    legends = {"classes": [*LEGEND, {**LEGEND[0], "title": "水田"}], "none": []}
    text = refuse(legends=legends)
    assert "[legends.classes]: cell value 1 stands for two classes" in text
    assert "[legends.none]: the legend lists no class" in text


def test_corridors_and_monitoring_name_what_there_is() -> None:
    text = refuse(
        rasters={"cover": COVER, "dem": HEIGHTS, "county": COVER},
        corridors={"raster": "dem"},
        monitoring={"layers": ["red_line"]},
        indicators=[FOREST, FOREST],
    )
    assert "raster «dem» is of role elevation; one of role land_cover is needed" in text
    assert "[monitoring.layers]" in text
    assert "a layer has the name «county» already" in text
    assert "[indicators.forest]" in text
    assert len(text.splitlines()) == 4
    assert "there is no raster «x»" in refuse(corridors={"raster": "x"})


def test_the_schema_has_them() -> None:
    schema = json.dumps(plan_schema())
    for name in ("rasters", "legends", "indicators", "cover_share", "not_from_land_cover"):
        assert f'"{name}"' in schema
