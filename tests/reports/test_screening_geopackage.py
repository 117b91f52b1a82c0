"""screening.gpkg as a geographic information system reads it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from pyproj import CRS

from spatialplan.errors import OutputError
from spatialplan.findings import Verdict
from spatialplan.messages import Language
from spatialplan.reports.screenings import write_screening_geopackage
from spatialplan.siting import Screening

from .screenings import FORMULA, make_screening

PLACED = {
    "sites": "MultiPolygon",
    "pieces": "MultiPolygon",
    "free_parts": "MultiPolygon",
    "places": "MultiPolygon",
    "shifts": "LineString",
}
ATTRIBUTES = {"unplaced_sites", "findings", "not_evaluated"}
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening(suggest=True)


@pytest.fixture(scope="module")
def package(screening: Screening, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "screening.gpkg"
    write_screening_geopackage(screening, path, language="zh")
    return path


@pytest.fixture(scope="module")
def empty(screening: Screening, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a screening to which no site was submitted."""
    path = tmp_path_factory.mktemp("empty") / "screening.gpkg"
    write_screening_geopackage(without_sites(screening), path, language="zh")
    return path


def without_sites(screening: Screening) -> Screening:
    columns = ("ids", "names", "kinds", "remarks", "geometry", "places")
    numbers = ("area_m2", "planar_m2", "stated_m2")
    none: dict[str, Any] = {name: np.array([], dtype=object) for name in columns}
    none |= {name: np.array([]) for name in numbers}
    sites = replace(screening.sites, doubts=(), **none)
    return replace(screening, sites=sites, findings=(), not_evaluated=(), suggestions={})


def query(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


def rows(path: Path, table: str) -> pd.DataFrame:
    return pyogrio.read_dataframe(path, layer=table)


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


# ── sites ──


def test_sites_lie_where_they_were_submitted(package: Path) -> None:
    sites = rows(package, "sites")
    assert sites.crs.to_epsg() == 4530
    assert sites["site_id"].tolist() == ["S1", "S2", "S3", "S4"]
    assert sites["number"].tolist() == [1, 2, 3, 4]
    # S1 is 300 × 500 m at easting 42600400 m, northing 4970800 m.
    corners = [42_600_400, 4_970_800, 42_600_700, 4_971_300]
    assert sites.geometry[0].bounds == pytest.approx(corners, abs=0.002)
    assert sites["area_ha"][0] == pytest.approx(15, rel=1e-3)
    assert sites["stated_ha"].isna().tolist() == [False, True, True, False]


def test_sites_say_verdict_and_why(package: Path) -> None:
    sites = rows(package, "sites")
    assert sites["verdict"].tolist() == [
        *("prohibited", "restricted", "needs_determination", "not_evaluated"),
    ]
    assert sites["verdict_name"][0] == "禁止"
    assert "生态保护红线" in sites["reasons"][0]
    assert "办理 red-core 手续（省级自然资源主管部门）" in sites["needs"][0]
    assert sites["doubts"][0] == "MJ 没有数值"


def test_a_site_that_touches_nothing_says_what_nobody_looked_at(package: Path) -> None:
    site = rows(package, "sites").iloc[3]
    assert (site["verdict"], site["listed_verdict"]) == ("not_evaluated", "clear")
    assert "不等于合规" in site["reasons"]
    assert "3 类图层未提供" in site["reasons"]
    # What no layer of the plan fills stands in a table of its own, said of every site.
    gaps = rows(package, "not_evaluated")
    assert gaps["title"].tolist() == ["饮用水水源保护区", "湿地", "文物", "边界自相交"]
    assert gaps["name"].tolist() == [*["全部地块"] * 3, FORMULA]


def test_a_site_without_geometry_is_listed_with_its_reason(package: Path) -> None:
    (site,) = rows(package, "unplaced_sites").to_dict("records")
    assert (site["number"], site["site_id"], site["name"]) == (5, "=S5", FORMULA)
    assert "自相交" in site["why"]
    assert site["place"] == "row 5"


# ── pieces and findings ──


def test_pieces_are_the_ground_in_common(package: Path, screening: Screening) -> None:
    pieces = rows(package, "pieces")
    expected = [p for f in screening.findings for layer in f.layers for p in layer.pieces]
    assert len(pieces) == len(expected) > 5
    assert pieces["number"].tolist() == list(range(1, len(expected) + 1))
    assert pieces["area_m2"].tolist() == [piece.area_m2 for piece in expected]
    assert pieces.area.to_numpy() == pytest.approx(pieces["area_m2"].to_numpy(), rel=1e-3)
    sites = rows(package, "sites").set_index("site_id").geometry
    grown = sites.loc[pieces["site_id"]].buffer(0.01).to_numpy()
    assert pieces.within(gpd.GeoSeries(grown, crs=pieces.crs)).all()


def test_a_piece_has_the_verdict_of_its_zone(package: Path) -> None:
    pieces = rows(package, "pieces")
    red = pieces[(pieces["site_id"] == "S1") & (pieces["layer"] == "red_line")]
    assert dict(zip(red["zone"], red["verdict"], strict=True)) == {
        "核心保护区": "prohibited",
        "一般控制区": "needs_determination",
    }
    sliver = pieces[(pieces["site_id"] == "S3") & (pieces["layer"] == "red_line")]
    assert sliver["status"].tolist() == ["sliver"]
    assert sliver["width_m"].tolist() == pytest.approx([0.05], rel=0.01)


def test_ground_in_common_never_reads_like_no_overlap(package: Path) -> None:
    pieces = rows(package, "pieces")
    unhindered = pieces[pieces["verdict"] == "clear"]
    assert len(unhindered)
    assert not unhindered["verdict_name"].str.contains("未发现").any()
    assert unhindered["verdict_name"].str.contains("不等于合规").all()
    assert "未发现" not in style(package, "pieces")


def test_findings_have_a_row_for_every_site_and_layer(package: Path) -> None:
    findings = rows(package, "findings")
    assert findings.groupby("site_id").size().to_dict() == {f"S{i}": 6 for i in range(1, 5)}
    red = findings[findings["layer"] == "red_line"].set_index("site_id")
    assert red["status"].to_dict() == {
        **{"S1": "overlap", "S2": "enclosed", "S3": "sliver", "S4": "clear"},
    }
    # S1 shares its southern 200 m of 500 m with the red line.
    assert red["share"]["S1"] == pytest.approx(0.4, rel=1e-6)
    assert red["distance_m"].isna().to_dict() == {
        **{"S1": True, "S2": False, "S3": True, "S4": False},
    }
    assert "自然资发〔2022〕142号" in red["basis"]["S1"]


def test_what_nobody_could_look_at_is_null_and_not_zero(package: Path) -> None:
    findings = rows(package, "findings")
    unseen = findings[findings["status"] == "not_evaluated"]
    assert set(unseen["layer"]) == {"water"}
    assert unseen[["overlap_m2", "overlap_ha", "share", "distance_m"]].isna().all(axis=None)
    seen = findings[findings["status"] != "not_evaluated"]
    assert seen[["overlap_m2", "share"]].notna().all(axis=None)


# ── suggestions ──


def test_suggestions_have_the_free_part_places_and_the_way_there(package: Path) -> None:
    free, places, shifts = (rows(package, name) for name in ("free_parts", "places", "shifts"))
    assert free["site_id"].tolist() == ["S1", "S3"]
    # Of S1's 500 m, 200 lie in the red line and 200 on farmland.
    assert free["share"][0] == pytest.approx(0.2, rel=1e-5)
    assert free["avoided"][0] == "生态保护红线；永久基本农田"
    assert free["places"].tolist() == [1, 0]
    assert free["why_none"].notna().tolist() == [False, True]
    assert (places["site_id"][0], places["rank"][0], places["inside"][0]) == (
        *("S1", 1, "城镇开发边界"),
    )
    assert (free["verdict"][0], places["verdict"][0]) == ("restricted", "restricted")
    assert places["verdict_name"].tolist() == ["受限"]
    assert "集中建设区" in places["reasons"][0]
    assert shifts["distance_m"].tolist() == [500.0]
    start, end = (np.array(point) for point in shifts.geometry[0].coords)
    site = rows(package, "sites").geometry[0]
    assert start == pytest.approx(np.array(site.centroid.coords[0]), abs=0.001)
    assert end == pytest.approx(np.array(places.geometry[0].centroid.coords[0]), abs=0.001)
    assert np.hypot(*(end - start)) == pytest.approx(500, abs=1)


def test_a_turn_without_a_move_has_no_line(screening: Screening, tmp_path: Path) -> None:
    suggestion = screening.suggestions[0]
    still = replace(
        suggestion.places[0],
        geometry=screening.sites.geometry[0],
        north_m=0.0,
        distance_m=0.0,
        rotation_deg=90.0,
    )
    turned = {0: replace(suggestion, places=(still,))}
    path = tmp_path / "screening.gpkg"
    write_screening_geopackage(replace(screening, suggestions=turned), path)
    assert rows(path, "shifts").geometry.isna().tolist() == [True]
    assert rows(path, "places")["rotation_deg"].tolist() == [90.0]


def test_where_nothing_is_free_the_row_stays_without_a_shape(
    screening: Screening, tmp_path: Path
) -> None:
    suggestion = screening.suggestions[2]
    nothing = replace(
        suggestion.free, geometry=suggestion.free.geometry.difference(suggestion.free.geometry)
    )
    nothing = replace(nothing, area_m2=0.0, share=0.0)
    path = tmp_path / "screening.gpkg"
    held = {2: replace(suggestion, free=nothing)}
    write_screening_geopackage(replace(screening, suggestions=held), path)
    free = rows(path, "free_parts")
    assert (free["area_m2"].tolist(), free.geometry.isna().tolist()) == ([0.0], [True])


# ── the file itself ──


def test_empty_tables_have_the_fields_of_full_ones(package: Path, empty: Path) -> None:
    assert {name for name, _ in pyogrio.list_layers(empty)} >= {*PLACED, *ATTRIBUTES}
    for table in (*PLACED, *ATTRIBUTES):
        full, bare = (pyogrio.read_info(path, layer=table) for path in (package, empty))
        assert bare["features"] == 0
        assert list(bare["fields"]) == list(full["fields"])
        assert list(bare["dtypes"]) == list(full["dtypes"])
        assert (bare["geometry_type"], bare["crs"]) == (full["geometry_type"], full["crs"])


def test_tables_have_the_geometry_they_promise(package: Path) -> None:
    found = {str(name): kind for name, kind in pyogrio.list_layers(package)}
    assert {name: found[name] for name in PLACED} == PLACED
    assert {name: found[name] for name in ATTRIBUTES} == dict.fromkeys(ATTRIBUTES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_an_alias_of_its_own(
    screening: Screening, tmp_path: Path, language: Language
) -> None:
    path = tmp_path / "screening.gpkg"
    write_screening_geopackage(screening, path, language=language)
    for table in (*PLACED, *ATTRIBUTES):
        where = f"WHERE table_name = '{table}' ORDER BY rowid"
        described = dict(query(path, f"SELECT column_name, title FROM gpkg_data_columns {where}"))
        assert list(described) == list(pyogrio.read_info(path, layer=table)["fields"])
        assert len(set(described.values())) == len(described)
        assert all(described.values())


def style(path: Path, table: str) -> str:
    ((text, default, column),) = query(
        path,
        "SELECT styleQML, useAsDefault, f_geometry_column FROM layer_styles"
        f" WHERE f_table_name = '{table}'",
    )
    assert (default, column) == (1, "geom")
    return str(text)


def colours(path: Path, table: str) -> Mapping[str, str]:
    """Colour of every category; of the one symbol, under a blank."""
    root = ElementTree.fromstring(style(path, table))
    fill = {
        str(symbol.get("name")): option.get("value", "")
        for symbol in root.iter("symbol")
        for option in symbol.iter("Option")
        if option.get("name") in ("outline_color", "line_color")
    }
    named = {c.get("value", ""): fill[c.get("symbol", "")] for c in root.iter("category")}
    return named or {"": fill["0"]}


@pytest.mark.parametrize("table", ["sites", "pieces"])
def test_every_verdict_has_its_colour_and_none_is_green(package: Path, table: str) -> None:
    found = colours(package, table)
    assert list(found) == [verdict.value for verdict in Verdict]
    assert found["prohibited"] == "193,18,31,255"
    assert found["clear"] == "74,111,165,255"
    for colour in found.values():
        red, green, blue, _ = map(int, colour.split(","))
        assert green < max(red, blue)
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize("table", list(PLACED))
def test_styles_name_the_fields_that_are_there(package: Path, table: str) -> None:
    root = ElementTree.fromstring(style(package, table))
    fields = list(pyogrio.read_info(package, layer=table)["fields"])
    renderer = root.find("renderer-v2")
    assert renderer is not None
    assert renderer.get("attr", fields[0]) in fields
    assert [alias.get("field") for alias in root.iter("alias")] == fields
    kind = "line" if table == "shifts" else "fill"
    assert {symbol.get("type") for symbol in root.iter("symbol")} == {kind}


def test_the_database_is_sound_and_of_a_version_that_older_programs_read(package: Path) -> None:
    assert query(package, "PRAGMA integrity_check") == [("ok",)]
    assert query(package, "PRAGMA foreign_key_check") == []
    assert query(package, "PRAGMA user_version") == [(10_200,)]


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="needs GDAL's ogrinfo")
def test_another_program_reads_every_table(package: Path) -> None:
    command = ["ogrinfo", "-ro", "-al", "-so", str(package), *PLACED, *ATTRIBUTES]
    outcome = subprocess.run(command, capture_output=True, text=True)
    assert outcome.returncode == 0
    assert outcome.stderr == ""
    assert outcome.stdout.count("Feature Count:") == len(PLACED) + len(ATTRIBUTES)


def test_every_table_says_what_it_is_not(package: Path) -> None:
    tables = ",".join(f"'{name}'" for name in (*PLACED, *ATTRIBUTES))
    texts = query(package, f"SELECT description FROM gpkg_contents WHERE table_name IN ({tables})")
    assert len(texts) == 8
    for (text,) in texts:
        assert text.startswith("仅供参考")
        assert "2026-05-01" in text
        assert "标定所得，不构成验证" in text


def test_content_is_the_same_every_time(
    package: Path, screening: Screening, tmp_path: Path
) -> None:
    write_screening_geopackage(screening, tmp_path / "again.gpkg", language="zh")
    assert dump(tmp_path / "again.gpkg") == dump(package)
    assert {day for (day,) in query(package, "SELECT last_change FROM gpkg_contents")} == {
        "2000-01-01T00:00:00.000Z"
    }


def test_another_crs_may_be_asked_for(screening: Screening, tmp_path: Path) -> None:
    write_screening_geopackage(screening, tmp_path / "s.gpkg", crs=CRS.from_epsg(4490))
    for table in PLACED:
        frame = rows(tmp_path / "s.gpkg", table)
        assert frame.crs.to_epsg() == 4490
        west, south, east, north = frame.total_bounds
        assert 127.2 < west < east < 127.4
        assert 44.8 < south < north < 45.0


def test_text_from_a_file_steers_nothing(package: Path) -> None:
    pieces = rows(package, "pieces")
    assert any("<script>" in name for name in pieces["feature_name"])
    texts = [
        value
        for table in (*PLACED, *ATTRIBUTES)
        for row in rows(package, table).to_dict("records")
        for value in row.values()
        if isinstance(value, str)
    ]
    assert len(texts) > 100
    assert all(text.isprintable() for text in texts)


def test_an_earlier_file_is_replaced_whole(screening: Screening, tmp_path: Path) -> None:
    path = tmp_path / "screening.gpkg"
    path.write_bytes(b"an earlier file")
    write_screening_geopackage(screening, path)
    assert len(rows(path, "sites")) == 4
    assert [entry.name for entry in tmp_path.iterdir()] == ["screening.gpkg"]


def test_a_folder_that_cannot_be_written_says_what_to_do(
    screening: Screening, tmp_path: Path
) -> None:
    (tmp_path / "results").write_text("a file in the way")
    with pytest.raises(OutputError, match="check the folder"):
        write_screening_geopackage(screening, tmp_path / "results" / "screening.gpkg")
