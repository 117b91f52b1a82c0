"""review.gpkg as a geographic information system reads it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import geopandas as gpd
import pyogrio
import pytest
from pyproj import CRS

from spatialplan.reports.reviews import write_geopackage
from spatialplan.review import Review

TABLES = ["pieces", "faults", "fault_areas"]


@pytest.fixture(scope="module")
def package(review: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "review.gpkg"
    write_geopackage(review, path)
    return path


def _query(path: Path, statement: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


def test_pieces_lie_where_they_were_found(package: Path) -> None:
    frame = gpd.read_file(package, layer="pieces")
    assert frame.crs.to_epsg() == 4530
    assert set(frame.geom_type) == {"MultiPolygon"}
    assert frame["class"].tolist() == ["conflict", "sliver", "enclosed"]
    # The town's south-west corner stands at easting 42600900 m, northing 4970000 m.
    assert frame.total_bounds[:2] == pytest.approx((42_600_900, 4_970_000), abs=25)
    assert frame.area[0] == pytest.approx(10_000, rel=1e-3)


def test_another_crs_may_be_asked_for(review: Review, tmp_path: Path) -> None:
    write_geopackage(review, tmp_path / "review.gpkg", crs=CRS.from_epsg(4490))
    frame = gpd.read_file(tmp_path / "review.gpkg", layer="pieces")
    assert frame.crs.to_epsg() == 4490
    assert 127 < frame.total_bounds[0] < 128


def test_every_fault_is_listed_with_or_without_a_place(package: Path) -> None:
    faults = gpd.read_file(package, layer="faults")
    assert faults["fault"].tolist() == ["图形无效", "登记面积不符", "标识为空"]
    assert faults.geometry.isna().tolist() == [False, False, True]
    assert faults["ids"][1] == "=1+1, 2"
    assert len(gpd.read_file(package, layer="fault_areas")) == 1


def test_quotas_are_a_table_without_geometry(package: Path) -> None:
    frame = pyogrio.read_dataframe(package, layer="quotas")
    assert "geometry" not in frame
    assert frame["measured_ha"][0] == pytest.approx(199.996)
    assert frame["margin_ha"].isna()[1]


@pytest.mark.parametrize("table", TABLES)
def test_style_is_the_default_and_well_formed(package: Path, table: str) -> None:
    where = f"FROM layer_styles WHERE f_table_name = '{table}'"
    ((column, default, style),) = _query(
        package, f"SELECT f_geometry_column, useAsDefault, styleQML {where}"
    )
    ((expected,),) = _query(
        package, f"SELECT column_name FROM gpkg_geometry_columns WHERE table_name = '{table}'"
    )
    assert (column, default) == (expected, 1)
    root = ElementTree.fromstring(style)
    renderer = root.find("renderer-v2")
    assert renderer is not None
    fields = pyogrio.read_info(package, layer=table)["fields"]
    assert renderer.get("attr") in fields
    symbols = {symbol.get("name") for symbol in renderer.iter("symbol")}
    assert {category.get("symbol") for category in renderer.iter("category")} == symbols
    assert [alias.get("field") for alias in root.iter("alias")] == list(fields)


def test_the_version_is_one_that_older_programs_read(package: Path) -> None:
    assert _query(package, "PRAGMA user_version") == [(10_200,)]


def test_styles_are_registered_as_attributes(package: Path) -> None:
    rows = _query(package, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'")
    assert rows == [("attributes",)]


def test_fields_have_aliases_that_a_planner_reads(package: Path) -> None:
    rows = _query(
        package,
        "SELECT title FROM gpkg_data_columns WHERE table_name='pieces' AND column_name='width_m'",
    )
    assert rows == [("平均宽度（m）",)]


def test_english_package_has_english_aliases(review: Review, tmp_path: Path) -> None:
    write_geopackage(review, tmp_path / "review.gpkg", language="en")
    statement = "SELECT title FROM gpkg_data_columns WHERE column_name = 'width_m'"
    assert _query(tmp_path / "review.gpkg", statement) == [("Mean width (m)",)]
    assert gpd.read_file(tmp_path / "review.gpkg", layer="pieces")["class_name"][0] == "conflict"


def test_content_is_the_same_every_time(package: Path, review: Review, tmp_path: Path) -> None:
    write_geopackage(review, tmp_path / "review.gpkg")
    with (
        closing(sqlite3.connect(package)) as one,
        closing(sqlite3.connect(tmp_path / "review.gpkg")) as two,
    ):
        assert list(one.iterdump()) == list(two.iterdump())
    assert {row[0][:4] for row in _query(package, "SELECT last_change FROM gpkg_contents")} == {
        "2000"
    }


def test_empty_review_gives_all_tables(empty_review: Review, tmp_path: Path) -> None:
    path = tmp_path / "review.gpkg"
    write_geopackage(empty_review, path)
    names = {str(name) for name, _ in pyogrio.list_layers(path)}
    assert {*TABLES, "quotas"} <= names
    empty = gpd.read_file(path, layer="pieces")
    assert len(empty) == 0
    assert empty.crs.to_epsg() == 4530
    assert "width_m" in empty


def test_an_earlier_file_is_replaced_whole(review: Review, tmp_path: Path) -> None:
    path = tmp_path / "review.gpkg"
    path.write_bytes(b"an earlier file")
    write_geopackage(review, path)
    assert len(gpd.read_file(path, layer="pieces")) == 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["review.gpkg"]
