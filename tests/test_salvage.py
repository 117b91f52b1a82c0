"""Damaged tables read record by record: every record is returned, or named with its reason."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import sys
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from small_layers import square

import spatialplan
from spatialplan import read_layer
from spatialplan.errors import SourceError
from spatialplan.files import Salvaged, read_delivery, salvage_table
from spatialplan.files.opening.counts import FGB_COUNT, find_number
from spatialplan.plan import LayerSpec

NAMES = ["五常镇", "龙凤山", "拉林河", "牤牛河", "磨盘山"]
FRAME = gpd.GeoDataFrame(
    {"BSM": list("12345"), "MC": NAMES, "MJ": [81.0, 81.5, 82.0, 82.5, 83.0]},
    geometry=[square(10 * row, 0, 9) for row in range(5)],
    crs=4530,
)
FORMATS = ("a.shp", "a.gpkg", "a.fgb", "a.geojson", "a.kml", "a.gdb")
# A record of the .shp: header 8, type 4, box 32, counts 8, one part 4, five points of 16.
RECORD = 8 + 4 + 32 + 8 + 4 + 80


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The five plots in every format."""
    pyogrio.write_dataframe(FRAME, tmp_path / "a.shp", encoding="GBK")
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gpkg")
    pyogrio.write_dataframe(FRAME, tmp_path / "a.fgb", layer_options={"SPATIAL_INDEX": "NO"})
    pyogrio.write_dataframe(FRAME.to_crs(4490), tmp_path / "a.geojson")
    pyogrio.write_dataframe(FRAME.to_crs(4326), tmp_path / "a.kml", driver="LIBKML")
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gdb", driver="OpenFileGDB", layer="STBHHX")
    return tmp_path


def salvage(folder: Path, name: str) -> Salvaged:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    spec = LayerSpec(title="红线", role="other", path=name)
    salvaged = salvage_table(spec, directory=folder)
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert before == after, "inputs are read-only, and nothing is written beside them"
    return salvaged


def require_kept(salvaged: Salvaged, kept: list[int], reason: str) -> None:
    """All five are accounted for: those kept with their own values, the others with a reason."""
    assert salvaged.numbers.tolist() == kept
    assert salvaged.delivery.frame["BSM"].tolist() == [str(number) for number in kept]
    assert salvaged.delivery.frame["MC"].tolist() == [NAMES[number - 1] for number in kept]
    assert sorted([*kept, *(lost.number for lost in salvaged.lost)]) == [1, 2, 3, 4, 5]
    assert salvaged.lost_count == 5 - len(kept)
    for lost in salvaged.lost:
        assert reason in str(lost.reason)
    warning = str(salvaged.delivery.source.warnings[-1])
    assert f"{5 - len(kept)} record(s) could not be read and are left out (#" in warning
    assert f"{len(kept)} were read" in warning


@pytest.mark.parametrize("name", FORMATS)
def test_a_sound_table_is_salvaged_as_it_is_read(name: str, folder: Path) -> None:
    spec = LayerSpec(title="红线", role="other", path=name)
    read = read_delivery(spec, directory=folder)
    salvaged = salvage(folder, name)
    assert salvaged.lost == ()
    assert salvaged.delivery.source.warnings == ()
    assert salvaged.delivery.source.sha256 == read.source.sha256
    assert salvaged.numbers.tolist() == [1, 2, 3, 4, 5]
    fields = ["BSM", "MC", "MJ", "geometry"]
    found = salvaged.delivery.frame[fields].assign(MJ=lambda frame: frame["MJ"].astype(float))
    expected = read.frame[fields].assign(MJ=lambda frame: frame["MJ"].astype(float))
    shapes = shapely.force_2d(expected.geometry.to_numpy())
    found.geometry = shapely.force_2d(found.geometry.to_numpy())
    assert shapely.equals_exact(found.geometry.to_numpy(), shapes, 0).all()
    assert_geodataframe_equal(
        found, expected.set_geometry(shapes, crs=expected.crs), check_dtype=False, check_crs=False
    )
    assert found.crs.to_epsg() == expected.crs.to_epsg()


def test_a_shapefile_cut_short_keeps_what_is_whole(folder: Path) -> None:
    content = (folder / "a.shp").read_bytes()
    (folder / "a.shp").write_bytes(content[: 100 + 3 * RECORD + 50])
    with pytest.raises(SourceError, match=r"\.shp is cut short"):
        read_layer(folder / "a.shp")
    salvaged = salvage(folder, "a.shp")
    assert salvaged.delivery.frame["BSM"].tolist() == ["1", "2", "3"]
    assert [(lost.number, lost.count) for lost in salvaged.lost] == [(4, 1), (5, 1)]
    assert salvaged.delivery.source.encoding == "GB18030 (.cpg)"


@pytest.mark.parametrize("index", ["sound", "noise", "absent", "stale"])
def test_a_broken_index_is_not_needed(index: str, folder: Path) -> None:
    path = folder / "a.shx"
    sound = path.read_bytes()
    path.unlink()
    if index != "absent":
        changed = {"noise": bytes(range(256)), "stale": sound[:116], "sound": sound}
        path.write_bytes(changed[index])
    salvaged = salvage(folder, "a.shp")
    assert salvaged.lost == ()
    assert salvaged.delivery.frame["BSM"].tolist() == list("12345")


@pytest.mark.parametrize("has_index", [True, False])
def test_a_record_with_a_broken_header_is_stepped_over(has_index: bool, folder: Path) -> None:
    content = bytearray((folder / "a.shp").read_bytes())
    struct.pack_into(">I", content, 100 + RECORD + 4, 0xFFFFFFFF)
    (folder / "a.shp").write_bytes(bytes(content))
    if not has_index:
        (folder / "a.shx").unlink()
    require_kept(salvage(folder, "a.shp"), [1, 3, 4, 5], "header is broken")


def test_a_record_that_contradicts_itself_is_named(folder: Path) -> None:
    content = bytearray((folder / "a.shp").read_bytes())
    struct.pack_into("<I", content, 100 + 2 * RECORD + 8 + 40, 1_000_000_000)
    (folder / "a.shp").write_bytes(bytes(content))
    require_kept(salvage(folder, "a.shp"), [1, 2, 4, 5], "counts of points and parts contradict")


def test_a_table_shorter_than_announced_loses_only_the_missing_rows(folder: Path) -> None:
    content = (folder / "a.dbf").read_bytes()
    width = int.from_bytes(content[10:12], "little")
    (folder / "a.dbf").write_bytes(content[: -2 * width + 7])
    require_kept(salvage(folder, "a.shp"), [1, 2, 3], "the .dbf ends before its row")


def test_deleted_rows_are_not_lost(folder: Path) -> None:
    content = bytearray((folder / "a.dbf").read_bytes())
    start, width = struct.unpack_from("<HH", content, 8)
    content[start + width] = ord("*")
    (folder / "a.dbf").write_bytes(bytes(content))
    salvaged = salvage(folder, "a.shp")
    assert salvaged.lost == ()
    assert salvaged.numbers.tolist() == [1, 3, 4, 5]


def test_shifted_rows_are_refused_when_reading_and_named_when_salvaging(folder: Path) -> None:
    content = (folder / "a.dbf").read_bytes()
    start, width = struct.unpack_from("<HH", content, 8)
    at = start + 3 * width + 20
    (folder / "a.dbf").write_bytes(content[:at] + b"x" + content[at:])
    with pytest.raises(SourceError, match=r"1 row\(s\) of the \.dbf do not begin where they"):
        read_layer(folder / "a.shp")
    salvaged = salvage(folder, "a.shp")
    assert [lost.number for lost in salvaged.lost] == [5]
    assert "does not begin where it should" in str(salvaged.lost[0].reason)


def test_a_broken_blob_in_a_geopackage_is_named(folder: Path) -> None:
    with sqlite3.connect(folder / "a.gpkg") as database:
        for name in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            database.execute(f'DROP TRIGGER "{name[0]}"')
        database.execute("UPDATE a SET geom = substr(geom, 1, 60) WHERE fid = 2")
    database.close()
    require_kept(salvage(folder, "a.gpkg"), [1, 3, 4, 5], "the record cannot be read: ")


def test_a_broken_page_in_a_geopackage_costs_its_rows_only(tmp_path: Path) -> None:
    count = 2000
    frame = gpd.GeoDataFrame(
        {"BSM": [str(row) for row in range(1, count + 1)]},
        geometry=[square(row, 0, 1) for row in range(count)],
        crs=4530,
    )
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg")
    with sqlite3.connect(tmp_path / "a.gpkg") as database:
        page_bytes = database.execute("PRAGMA page_size").fetchone()[0]
    database.close()
    content = bytearray((tmp_path / "a.gpkg").read_bytes())
    # Leaf pages of a table start with 13; those of features hold their blobs, which start with GP.
    leaves = [
        at
        for at in range(0, len(content), page_bytes)
        if content[at] == 13 and content[at : at + page_bytes].count(b"GP\0") > 5
    ]
    at = leaves[len(leaves) // 2]
    content[at : at + page_bytes] = b"\xff" * page_bytes
    (tmp_path / "a.gpkg").write_bytes(bytes(content))
    salvaged = salvage(tmp_path, "a.gpkg")
    assert salvaged.delivery.frame["BSM"].tolist() == [str(n) for n in salvaged.numbers]
    assert salvaged.numbers[0] == 1
    assert salvaged.numbers[-1] == count
    assert 0 < salvaged.lost_count < 100
    assert len(salvaged.numbers) + salvaged.lost_count == count


@pytest.mark.parametrize(
    ("found", "changed"),
    [("[ [ [ ", "[ [ "), ('"MC": "拉林河"', '"MC": "拉林河'), (": [ [ [ 1", ": [ [ [ x1")],
)
def test_one_broken_feature_of_a_geojson_is_named(found: str, changed: str, folder: Path) -> None:
    lines = (folder / "a.geojson").read_text("utf-8").split("\n")
    broken = next(row for row, line in enumerate(lines) if "拉林河" in line)
    assert found in lines[broken]
    lines[broken] = lines[broken].replace(found, changed, 1)
    (folder / "a.geojson").write_text("\n".join(lines), "utf-8")
    require_kept(salvage(folder, "a.geojson"), [1, 2, 4, 5], "the record cannot be read: ")


def test_a_geojson_cut_short_keeps_whole_features(folder: Path) -> None:
    text = (folder / "a.geojson").read_text("utf-8")
    (folder / "a.geojson").write_text(text[: text.rindex("磨盘山")], "utf-8")
    require_kept(salvage(folder, "a.geojson"), [1, 2, 3, 4], "the record cannot be read: ")


def test_one_broken_placemark_of_a_kml_is_named(folder: Path) -> None:
    text = (folder / "a.kml").read_text("utf-8")
    head, name, rest = text.partition("牤牛河")
    (folder / "a.kml").write_text(head + name + rest.replace("</Polygon>", "</Polgon>", 1), "utf-8")
    require_kept(salvage(folder, "a.kml"), [1, 2, 3, 5], "the record cannot be read: mismatched")


def test_a_flatgeobuf_cut_short_keeps_whole_features(folder: Path) -> None:
    content = (folder / "a.fgb").read_bytes()
    (folder / "a.fgb").write_bytes(content[:-10])
    require_kept(salvage(folder, "a.fgb"), [1, 2, 3, 4], "the file ends, or is broken")


def test_a_flatgeobufs_broken_feature_and_count_are_overcome(folder: Path) -> None:
    content = bytearray((folder / "a.fgb").read_bytes())
    at = content.index("拉林河".encode()) - 24
    content[at : at + 16] = b"\xff" * 16
    count = find_number(bytes(content[12:]), FGB_COUNT)
    assert count is not None
    struct.pack_into("<Q", content, 12 + count, 5)
    (folder / "a.fgb").write_bytes(bytes(content))
    salvaged = salvage(folder, "a.fgb")
    assert salvaged.delivery.frame["BSM"].tolist() == ["1", "2", "4", "5"]
    assert [lost.number for lost in salvaged.lost] == [3]


@pytest.mark.parametrize("has_index", [True, False])
def test_a_filegdb_with_a_broken_record_names_it(has_index: bool, folder: Path) -> None:
    path = folder / "a.gdb" / "a00000009.gdbtable"
    content = bytearray(path.read_bytes())
    content[-60:-40] = b"\xff" * 20
    path.write_bytes(bytes(content))
    if not has_index:
        path.with_suffix(".gdbtablx").unlink()
    require_kept(salvage(folder, "a.gdb"), [1, 2, 3, 4], "the record cannot be read")


def test_a_filegdb_in_a_zip_file_is_salvaged_where_it_lies(folder: Path) -> None:
    shutil.make_archive(str(folder / "b"), "zip", folder, "a.gdb")
    assert salvage(folder, "b.zip").numbers.tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "content", "advice"),
    [
        ("a.dbf", b"", r"the header of the \.dbf is lost"),
        ("a.fgb", b"fgb\x03fgb\x01\xff\xff\xff\xff", r"the header of the \.fgb is lost"),
        ("a.gpkg", b"SQLite format 3\0" + b"\xff" * 5000, "cannot be read: "),
        ("a.shp", b"no such thing", "not that of a .shp file"),
        ("a.kml", b"<!DOCTYPE a><kml/>", "declares entities"),
    ],
)
def test_what_is_lost_as_a_whole_is_refused(
    name: str, content: bytes, advice: str, folder: Path
) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(SourceError, match=advice):
        salvage(folder, "a.shp" if name == "a.dbf" else name)


def test_without_fiona_it_is_said_which_python_has_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fiona", None)
    assert len(salvage(folder, "a.geojson").numbers) == 5
    assert len(read_layer(folder / "a.shp").frame) == 5
    with pytest.raises(SourceError, match=r"needs the package fiona, .* use Python 3\.11 to 3\.13"):
        salvage(folder, "a.shp")


def test_checking_never_salvages() -> None:
    package = Path(spatialplan.__file__).parent
    rooms = ("review", "siting", "screening", "quotas", "conflicts", "quality", "files")
    sources = [file for room in rooms for file in package.glob(f"{room}*/**/*.py")]
    users = [
        file.name
        for file in [*sources, package / "cli" / "checking.py"]
        if "salvage_table" in file.read_text("utf-8")
    ]
    assert sorted(users) == ["__init__.py", "salvage.py"]


def test_no_setting_of_the_process_is_changed(folder: Path) -> None:
    names = ("GDAL_DATA", "PROJ_DATA", "OGR_ENABLE_PARTIAL_REPROJECTION", "SHAPE_ENCODING")
    settings = [pyogrio.get_gdal_config_option(name) for name in names]
    before = dict(os.environ)
    assert len(salvage(folder, "a.shp").numbers) == len(salvage(folder, "a.gpkg").numbers)
    assert dict(os.environ) == before
    assert [pyogrio.get_gdal_config_option(name) for name in names] == settings
