"""Repaired copies: the format, the fields and all else as delivered; inputs only read."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow.parquet
import pyogrio
import pytest
import shapely

from spatialplan.errors import CrsError, OutputError
from spatialplan.files.copying.dbase_copy import DbaseTable
from spatialplan.files.salvaging.salvage import salvage_table
from spatialplan.inspection.repairing import RepairReport, repair_files
from spatialplan.plan import LayerSpec
from spatialplan.repair import RepairLimits

from .deliveries import SHAPES, deliver, make_shapefile, read_as_another, write_format
from .planted import wishes

ROWS = [
    {"BSM": "1", "地类名称": "水田", "MJ": 1.25, "TAG": "2024-05-01"},
    {"BSM": "2", "地类名称": "旱地旱地旱地", "MJ": 0.1},
    {},
    {"BSM": "1", "地类名称": "=1+1", "MJ": 12345678901.12},
]
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def run(source: Path, out: Path, *fixes: str, **options: Any) -> RepairReport:
    """Repair a file into a folder; the file's bytes stay the same."""
    before = snapshot(source if source.is_dir() else source.parent)
    job = {key: options.pop(key) for key in ("assumed_crs",) if key in options}
    report = repair_files(deliver(source), out, wishes(*fixes, **options), **job)
    assert {name: Path(name).read_bytes() for name in before} == before
    return report


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("suffix", [".gpkg", ".gdb", ".geojson", ".fgb"])
def test_every_format_keeps_what_was_not_repaired(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = write_format(tmp_path / "in" / f"县{suffix}")
    report = run(source, tmp_path / "out", "geometry", "codes")
    copy = report.copies[0].path
    assert copy == tmp_path / "out" / f"县{suffix}"
    schema, records = read_as_another(copy)
    delivered_schema, delivered = read_as_another(source)
    assert schema["properties"] == delivered_schema["properties"]
    assert list(schema["properties"]) == list(delivered_schema["properties"])
    delivered[1][0]["DLBM"] = "0103"
    assert records == delivered
    shapes = pyogrio.read_dataframe(copy).geometry.to_numpy()
    assert shapely.get_num_coordinates(shapes).tolist() == [5, 5, 0, 5]
    tolerance = 1e-6 if suffix == ".gdb" else 0
    ring = shapely.get_coordinates(shapely.normalize(shapes[0]))
    wanted = shapely.get_coordinates(pyogrio.read_dataframe(source).geometry.iloc[0])
    assert ring.max(axis=0) == pytest.approx(wanted.max(axis=0), abs=tolerance, rel=0)
    assert pyogrio.read_info(copy)["crs"] == "EPSG:4530"


@pytest.mark.parametrize("suffix", [".gpkg", ".gdb", ".geojson", ".fgb", ".shp"])
def test_repairing_a_copy_changes_nothing(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = tmp_path / "in" / f"a{suffix}"
    if suffix == ".shp":
        make_shapefile(source, ROWS, SHAPES)
    else:
        write_format(source)
    fixes = ("geometry", "coverage", "codes", "encoding", "ids")
    first = run(source, tmp_path / "once", *fixes).copies[0].path
    assert first is not None
    report = run(first, tmp_path / "twice", *fixes)
    repaired = report.tables[0].repaired
    assert repaired is not None
    assert repaired.is_as_delivered
    second = report.copies[0].path
    assert read_as_another(second) == read_as_another(first)
    if suffix in (".shp", ".geojson", ".fgb"):
        assert second is not None
        assert second.read_bytes() == first.read_bytes()


def test_a_shapefile_keeps_its_bytes(tmp_path: Path) -> None:
    source = make_shapefile(tmp_path / "地类.shp", ROWS, SHAPES)
    content = source.with_suffix(".dbf").read_bytes()
    cut = content.replace("旱地旱地旱地".encode("gbk"), "旱地旱地旱".encode("gbk") + b" \xba")
    source.with_suffix(".dbf").write_bytes(cut)
    report = run(source, tmp_path / "out", "geometry")
    copy = report.copies[0].path
    assert copy is not None
    for part in (".dbf", ".prj", ".cpg"):
        assert copy.with_suffix(part).read_bytes() == source.with_suffix(part).read_bytes(), part
    assert sorted(part.suffix for part in copy.parent.iterdir()) == sorted(PARTS)


def test_text_stays_where_a_name_would_not_fit(tmp_path: Path) -> None:
    source = make_shapefile(tmp_path / "a.shp", ROWS, SHAPES)
    report = run(source, tmp_path / "out", "encoding")
    copy = report.copies[0].path
    assert copy is not None
    # The field's name does not fit: 地类名称 takes 12 bytes in UTF-8, more than the 10 allowed.
    assert copy.with_suffix(".cpg").read_text() == "GB18030"
    assert [note.key for note in report.copies[0].notes] == ["repaired.not_recoded"]


def test_text_is_rewritten_in_another_encoding(tmp_path: Path) -> None:
    """Three bytes a character instead of two: the field grows, the cut character is listed."""
    source = tmp_path / "a.shp"
    make_shapefile(source, ROWS, SHAPES)
    dbf = source.with_suffix(".dbf")
    table = DbaseTable.parse(dbf.read_bytes())
    field = table.fields[1]
    field.descriptor = "地类".encode("gbk").ljust(11, b"\0") + field.descriptor[11:]
    field.values[0] = np.frombuffer("水田水田水x".encode("gbk") + b"\xba", np.uint8)[:12]
    dbf.write_bytes(table.build())
    report = run(source, tmp_path / "out", "encoding")
    copy, repaired = report.copies[0].path, report.tables[0].repaired
    assert copy is not None
    assert repaired is not None
    assert {note.key for note in report.copies[0].notes} == {"repaired.recoded", "repaired.widened"}
    assert copy.with_suffix(".cpg").read_text() == "UTF-8"
    _, records = read_as_another(copy)
    texts = [values["地类"] for values, _ in records]
    assert texts == ["水田水田水x", "旱地旱地旱地", None, "=1+1"]
    edits = [(edit.before, edit.after) for edit in repaired.edits]
    assert edits == [("水田水田水x\N{REPLACEMENT CHARACTER}", "水田水田水x")]


def test_blank_and_repeated_ids_get_new_ones(tmp_path: Path) -> None:
    source = make_shapefile(tmp_path / "a.shp", ROWS, SHAPES)
    report = run(source, tmp_path / "out", "ids")
    copy = report.copies[0].path
    assert copy is not None
    _, records = read_as_another(copy)
    assert [values["BSM"] for values, _ in records] == ["1", "2", "3", "4"]
    assert [values["YBSM"] for values, _ in records] == [None, None, None, "1"]


def test_coordinates_go_to_the_zone_asked_for(tmp_path: Path) -> None:
    source = make_shapefile(tmp_path / "a.shp", ROWS[:2], SHAPES[:2])
    report = run(source, tmp_path / "out", "crs", target="EPSG:4531")
    copy, repaired = report.copies[0].path, report.tables[0].repaired
    assert copy is not None
    assert repaired is not None
    moved = pyogrio.read_dataframe(copy)
    assert moved.crs.to_epsg(min_confidence=20) == 4531
    back = moved.to_crs("EPSG:4530").geometry
    assert back.hausdorff_distance(pyogrio.read_dataframe(source).geometry).max() < 0.001
    assert abs(repaired.change_m2) < 0.05
    assert "put in 8 vertices" in str(repaired.notes[0].message)


def test_a_missing_prj_is_written_for_an_assumed_crs_only(tmp_path: Path) -> None:
    source = make_shapefile(tmp_path / "a.shp", ROWS[:2], SHAPES[:2])
    source.with_suffix(".prj").unlink()
    without = run(source, tmp_path / "without", "crs")
    refusals = without.tables[0].repaired
    assert refusals is not None
    assert [refusal.why.key for refusal in refusals.refusals] == ["crs.missing"]
    assert not (tmp_path / "without" / "a.prj").exists()
    run(source, tmp_path / "with", "crs", assumed_crs="EPSG:4530")
    labelled = pyogrio.read_dataframe(tmp_path / "with" / "a.shp")
    assert labelled.crs.to_epsg(min_confidence=20) == 4530


def test_a_datum_without_a_way_is_refused(tmp_path: Path) -> None:
    source = make_shapefile(tmp_path / "a.shp", ROWS[:2], SHAPES[:2])
    with pytest.raises(CrsError, match="not on the CGCS2000 datum"):
        run(source, tmp_path / "out", "crs", target="EPSG:32652")
    assert not (tmp_path / "out").exists()


def test_duplicates_are_deleted_only_when_asked(tmp_path: Path) -> None:
    twice = [SHAPES[1], shapely.reverse(SHAPES[1]), SHAPES[1]]
    source = make_shapefile(tmp_path / "a.shp", [ROWS[0], ROWS[0], ROWS[1]], twice)
    listed = run(source, tmp_path / "listed", "duplicates").tables[0].repaired
    assert listed is not None
    assert [refusal.why.key for refusal in listed.refusals] == [
        "repair.duplicate",
        "repair.duplicate_differs",
    ]
    assert len(listed.frame) == 3
    report = run(source, tmp_path / "out", "remove-duplicates")
    copy = report.copies[0].path
    assert copy is not None
    assert [values["BSM"] for values, _ in read_as_another(copy)[1]] == ["1", "2"]
    removed = report.tables[0].repaired
    assert removed is not None
    assert removed.change_m2 == pytest.approx(-9_997.5, abs=0.1)


def test_all_tables_of_a_data_set_come_along(tmp_path: Path) -> None:
    source = write_format(tmp_path / "a.gpkg")
    write_format(source, table="XZQ")
    pyogrio.raw.write(
        source,
        geometry=None,
        field_data=[np.array(["x"], dtype=object)],
        fields=["词"],
        layer="字典",
        driver="GPKG",
    )
    first = deliver(source)[0]
    report = repair_files([first], tmp_path / "out", wishes("geometry"))
    copy = report.copies[0].path
    assert copy is not None
    assert sorted(name for name, _ in pyogrio.list_layers(copy)) == ["DLTB", "XZQ", "字典"]
    assert "XZQ" in str(report.copies[0].notes[0])
    assert read_as_another(copy, "XZQ") == read_as_another(source, "XZQ")
    assert read_as_another(copy, "字典") == read_as_another(source, "字典")


def test_a_polygon_table_may_come_to_hold_multipolygons(tmp_path: Path) -> None:
    source = write_format(tmp_path / "a.gpkg")
    generous = RepairLimits(share=np.inf, most_m2=np.inf)
    copy = run(source, tmp_path / "out", "geometry", limits=generous).copies[0].path
    kinds = pyogrio.read_dataframe(copy).geometry.geom_type.dropna()
    assert set(kinds) == {"MultiPolygon"}
    assert pyogrio.read_info(copy)["geometry_type"] == "MultiPolygon"


def test_zipped_and_kml_and_parquet(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    shp = make_shapefile(tmp_path / "in" / "红线.shp", ROWS[:2], SHAPES[:2])
    zipped = tmp_path / "z.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for part in PARTS:
            archive.write(shp.with_suffix(part), f"资料/{shp.stem}{part}")
    frame = pyogrio.read_dataframe(shp)
    frame.to_parquet(tmp_path / "in" / "p.parquet")
    pyogrio.write_dataframe(
        frame.to_crs(4326)[["BSM", "geometry"]], tmp_path / "in" / "k.kml", driver="KML"
    )
    out = tmp_path / "out"
    sources = [zipped, tmp_path / "in" / "p.parquet", tmp_path / "in" / "k.kml"]
    report = repair_files(deliver(*sources), out, wishes("geometry"))
    assert [copy.path for copy in report.copies] == [
        out / "红线.shp",
        out / "p.parquet",
        out / "k.gpkg",
    ]
    assert "GeoPackage" in str(report.copies[2].notes[0])
    delivered, copied = (
        pyarrow.parquet.read_table(folder / "p.parquet") for folder in (tmp_path / "in", out)
    )
    assert copied.drop_columns("geometry").equals(delivered.drop_columns("geometry"))
    again = geopandas.read_parquet(out / "p.parquet")
    assert again.crs == frame.crs
    assert shapely.get_num_coordinates(again.geometry.to_numpy()).tolist() == [5, 5]


def test_two_files_of_one_name_both_get_a_copy(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        make_shapefile(tmp_path / folder / "X.shp", ROWS[:2], SHAPES[:2])
    report = repair_files(deliver(tmp_path / "a", tmp_path / "b"), tmp_path / "out", wishes("ids"))
    assert [copy.path and copy.path.name for copy in report.copies] == ["X.shp", "X-2.shp"]


@pytest.mark.parametrize("out", [".", "sub/..", "a.gdb/x"])
def test_no_copy_lands_on_or_in_an_input(out: str, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    source = write_format(tmp_path / "a.gdb")
    before = snapshot(tmp_path)
    with pytest.raises(OutputError, match="choose another folder"):
        repair_files(deliver(source), tmp_path / out, wishes("geometry"))
    assert snapshot(tmp_path) == before


def test_a_link_to_an_input_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = write_format(tmp_path / "in" / "a.gpkg")
    (tmp_path / "link").symlink_to(tmp_path / "in")
    with pytest.raises(OutputError, match="choose another folder"):
        repair_files(deliver(source), tmp_path / "link", wishes("geometry"))


def test_an_earlier_copy_is_replaced_and_nothing_is_left_behind(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for suffix in (".gdb", ".gpkg"):
        source = write_format(tmp_path / "in" / f"a{suffix}")
        for _ in range(2):
            run(source, tmp_path / "out", "geometry")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.gdb", "a.gpkg"]


def test_a_copy_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = write_format(tmp_path / "in" / "a.gpkg")
    blocked = tmp_path / "out"
    blocked.write_text("a file")
    report = run(source, blocked, "geometry")
    assert report.copies[0].path is None
    assert "could not be written" in report.copies[0].faults[0].text()
    assert not report.is_complete


def test_what_can_be_read_of_a_damaged_file_is_repaired(tmp_path: Path) -> None:
    source = make_shapefile(tmp_path / "a.shp", ROWS, SHAPES)
    content = source.read_bytes()
    source.write_bytes(content[:-60])  # the last shape is cut short
    spec = LayerSpec(id="a", title="a", role="land_parcel", path=str(source))
    salvaged = salvage_table(spec, directory=Path())
    assert salvaged.lost
    report = repair_files(
        [salvaged.delivery],
        tmp_path / "out",
        wishes("geometry", "ids"),
        salvaged={"a": salvaged.lost},
    )
    copy = report.copies[0].path
    assert copy == tmp_path / "out" / "a.gpkg"
    frame = pyogrio.read_dataframe(copy)
    assert frame["地类名称"].tolist()[:2] == ["水田", "旱地旱地旱地"]
    assert frame["BSM"].tolist() == ["1", "2", "3"]
    assert shapely.get_num_coordinates(frame.geometry.to_numpy()).tolist() == [5, 5, 0]
    assert report.tables[0].lost == salvaged.lost
    assert not report.is_complete


def test_a_damaged_table_that_was_read_in_part_is_not_copied_as_if_whole(tmp_path: Path) -> None:
    source = make_shapefile(tmp_path / "a.shp", ROWS, SHAPES)
    delivery = deliver(source)[0]
    partial = replace(delivery, frame=delivery.frame.iloc[:2])
    report = repair_files([partial], tmp_path / "out", wishes("geometry"))
    assert report.copies[0].path is None
    assert "4 records where 2 were expected" in report.copies[0].faults[0].text()
    assert not list((tmp_path / "out").iterdir())
