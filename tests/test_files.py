"""Reading deliveries as they come, and writing whole files or none."""

from __future__ import annotations

import shutil
import struct
import warnings
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from small_layers import square

from spatialplan import read_layer
from spatialplan.errors import CrsError, OutputError, SourceError
from spatialplan.files import read_delivery, read_layers, replace_atomically
from spatialplan.files.dbase import Fit, Table, measure_fit, parse_table
from spatialplan.files.sources import hash_files, plain_reason
from spatialplan.plan import LayerSpec, read_plan

FRAME = gpd.GeoDataFrame(
    {"BSM": ["230184001", "230184002"], "MC": ["五常镇龙凤山", "拉林河"]},
    geometry=[square(0, 0, 100), square(100, 0, 100)],
    crs=4530,
)


PLAN = """
schema = 1
[plan]
id = "t"
title = "测试"
region = "五常市"
year = 2025
standing = "测试"
notice = "测试"
[layers.county]
title = "县界"
role = "region"
path = "county.gpkg"
[layers.red]
title = "红线"
role = "ecological_red_line"
path = "红线.shp"
"""


def cut_text(path: Path, text: bytes) -> None:
    """Cut the last byte of a text in a table, as a field that is too narrow would."""
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    assert content.count(text) == 1
    table.write_bytes(content.replace(text, text[:-1] + b" "))


def write_shapefile(
    folder: Path,
    *,
    encoding: str,
    cpg: bool = True,
    frame: gpd.GeoDataFrame = FRAME,
    name: str = "红线",
) -> Path:
    path = folder / f"{name}.shp"
    pyogrio.write_dataframe(frame, path, encoding=encoding)
    if not cpg:
        path.with_suffix(".cpg").unlink(missing_ok=True)
    return path


@pytest.mark.parametrize(
    ("encoding", "cpg", "found"),
    [
        ("GBK", True, "GB18030 (.cpg)"),
        ("GBK", False, "GB18030 (detected)"),
        ("UTF-8", True, "UTF-8 (.cpg)"),
        ("UTF-8", False, "UTF-8 (detected)"),
    ],
)
def test_chinese_text_is_read_and_how_is_recorded(
    tmp_path: Path, encoding: str, cpg: bool, found: str
) -> None:
    layer = read_layer(write_shapefile(tmp_path, encoding=encoding, cpg=cpg))
    assert layer.text("MC").tolist() == ["五常镇龙凤山", "拉林河"]
    assert layer.source.encoding == found


def test_a_cpg_that_lies_is_not_believed(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="GBK", cpg=False)
    path.with_suffix(".cpg").write_text("UTF-8")
    layer = read_layer(path)
    assert layer.text("MC")[0] == "五常镇龙凤山"
    assert layer.source.encoding == "GB18030 (detected; .cpg says UTF-8)"


@pytest.mark.parametrize("claim", ["ISO-8859-1", "1252", "cp1252", "OEM", "rot13", "UTF-16"])
def test_a_cpg_that_any_bytes_would_fit_proves_nothing(tmp_path: Path, claim: str) -> None:
    path = write_shapefile(tmp_path, encoding="GBK", cpg=False)
    path.with_suffix(".cpg").write_text(claim)
    layer = read_layer(path)
    assert layer.text("MC").tolist() == ["五常镇龙凤山", "拉林河"]
    assert layer.source.encoding == f"GB18030 (detected; .cpg says {claim})"


@pytest.mark.parametrize("names", [["五常镇龙凤山", "拉林河"], ["五常", "龙凤"]])
def test_utf8_that_happens_to_be_gbk_is_not_taken_for_it(tmp_path: Path, names: list[str]) -> None:
    path = write_shapefile(tmp_path, encoding="UTF-8", frame=FRAME.assign(MC=names))
    path.with_suffix(".cpg").write_text("GBK")
    layer = read_layer(path)
    assert layer.text("MC").tolist() == names
    assert layer.source.encoding == "UTF-8 (detected; .cpg says GBK)"


def test_a_single_byte_cpg_beside_plain_ascii_is_right(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="UTF-8", frame=FRAME.drop(columns="MC"))
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    assert read_layer(path).source.encoding == "ISO8859-1 (.cpg)"


@pytest.mark.parametrize(("encoding", "name"), [("UTF-8", "UTF-8"), ("GBK", "GB18030")])
@pytest.mark.parametrize(("cpg", "how"), [(True, ".cpg"), (False, "detected")])
@pytest.mark.parametrize("stated", [False, True])
def test_a_character_cut_at_the_end_of_a_field_spoils_only_itself(
    tmp_path: Path, encoding: str, name: str, cpg: bool, how: str, stated: bool
) -> None:
    path = write_shapefile(tmp_path, encoding=encoding, cpg=cpg)
    cut_text(path, "拉林河".encode(encoding))
    layer = read_layer(path, encoding=encoding if stated else None)
    assert layer.text("MC").tolist() == ["五常镇龙凤山", "拉林\ufffd"]
    assert layer.text("BSM").tolist() == ["230184001", "230184002"]
    assert layer.source.encoding == f"{name} ({'stated' if stated else how}, 1 value cut)"


def test_a_chinese_field_name_cut_at_ten_bytes_does_not_stop_reading(tmp_path: Path) -> None:
    frame = FRAME.rename(columns={"MC": "名称号"})
    path = write_shapefile(tmp_path, encoding="UTF-8", frame=frame)
    table = path.with_suffix(".dbf")
    name = "名称号".encode()
    assert table.read_bytes().count(name) == 1
    table.write_bytes(table.read_bytes().replace(name + b"\0", name + b"\xe7"))
    layer = read_layer(path)
    assert layer.text("名称号\ufffd").tolist() == ["五常镇龙凤山", "拉林河"]


def test_an_encoding_stated_is_not_overruled_but_must_fit(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="GBK")
    with pytest.raises(SourceError, match="not in the encoding stated, «UTF-8»"):
        read_layer(path, encoding="UTF-8")


def test_deleted_records_count(tmp_path: Path) -> None:
    table = write_shapefile(tmp_path, encoding="GBK").with_suffix(".dbf")
    content = table.read_bytes().replace(b" 230184001", b"*230184001")
    assert measure_fit(parse_table(content), "gb18030") == Fit(whole=9, chinese=9)


def test_text_is_measured_field_by_field() -> None:
    column = np.frombuffer("五常".encode("gb18030")[:3] + b"5", np.uint8)
    fields = Table((column[None, :3], column[None, 3:]))
    assert measure_fit(fields, "gb18030") == Fit(cut=1, whole=1, chinese=1)
    assert measure_fit(fields, "utf-8") == Fit(wrong=1)


def test_a_gbk_character_that_happens_to_be_utf8_is_chinese(tmp_path: Path) -> None:
    frame = FRAME.assign(MC=["农0", "农1"])
    path = write_shapefile(tmp_path, encoding="GBK", cpg=False, frame=frame)
    assert "农".encode("gbk").decode("utf-8") == "ũ"
    assert read_layer(path).text("MC").tolist() == ["农0", "农1"]


def test_text_in_a_single_byte_encoding_is_read_where_nothing_else_fits(tmp_path: Path) -> None:
    frame = FRAME.assign(MC=["Harbin é", "é, à"])
    path = write_shapefile(tmp_path, encoding="ISO-8859-1", frame=frame)
    path.with_suffix(".cpg").write_text("ISO-8859-1")
    assert read_layer(path).text("MC").tolist() == ["Harbin é", "é, à"]


def test_outlines_cut_short_are_refused(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="GBK")
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(SourceError, match=r"\.shp is cut short by 8 byte"):
        read_layer(path)


def test_a_table_cut_short_is_refused(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="GBK")
    table = path.with_suffix(".dbf")
    table.write_bytes(table.read_bytes().rstrip(b"\x1a")[:-7])
    with pytest.raises(SourceError, match=r"\.dbf is cut short by 7 byte"):
        read_layer(path)


def test_parts_are_found_by_stem_alone(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="GBK", name="红线[2025]")
    assert read_layer(path).text("MC")[1] == "拉林河"
    twin = write_shapefile(tmp_path, encoding="GBK", name="红线.2024")
    path = write_shapefile(tmp_path, encoding="GBK")
    before = hash_files(path)
    twin.with_suffix(".dbf").write_bytes(b"other")
    assert hash_files(path) == before
    path.with_suffix(".dbf").unlink()
    with pytest.raises(SourceError, match=r"incomplete, missing: \.dbf;"):
        read_layer(path)


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
def test_an_empty_part_is_a_missing_one(tmp_path: Path, part: str) -> None:
    path = write_shapefile(tmp_path, encoding="GBK")
    path.with_suffix(part).write_bytes(b"")
    with pytest.raises(SourceError, match=rf"incomplete, missing: \{part};"):
        read_layer(path)


@pytest.mark.parametrize("folder", ["", "inner/"])
def test_parts_inside_a_zip_are_checked_as_outside(tmp_path: Path, folder: str) -> None:
    path = write_shapefile(tmp_path, encoding="GBK")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in (".shp", ".shx", ".prj"):
            archive.write(path.with_suffix(part), f"{folder}红线{part}")
        archive.write(path.with_suffix(".dbf"), "elsewhere/红线.dbf")
    with pytest.raises(SourceError, match=r"incomplete, missing: \.dbf;"):
        read_layer(tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["a}b{c.zip", "a{b}.zip", "{.zip", "a b.ZIP"])
def test_a_zip_may_have_any_name(tmp_path: Path, name: str) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gdb", layer="STBHHX", driver="OpenFileGDB")
    made = shutil.make_archive(str(tmp_path / "made"), "zip", tmp_path, "a.gdb")
    assert len(read_layer(Path(made).rename(tmp_path / name)).frame) == 2


@pytest.mark.parametrize("zipped", [False, True])
def test_a_filegdb_without_an_index_is_not_guessed_at(tmp_path: Path, zipped: bool) -> None:
    folder = tmp_path / "a.gdb"
    pyogrio.write_dataframe(FRAME, folder, layer="STBHHX", driver="OpenFileGDB")
    (folder / "a00000009.gdbtablx").unlink()
    if zipped:
        folder = Path(shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path, "a.gdb"))
    with pytest.raises(SourceError, match=r"missing: a00000009\.gdbtablx; copy the whole"):
        read_layer(folder)


def test_reasons_hold_no_address(tmp_path: Path) -> None:
    file = tmp_path / "a b.zip"
    for text, plain in [
        (
            f"'/vsizip/{{{file}}}/a.gdb' not recognized as being in a supported file format.; It",
            "'a.gdb' not recognized as being in a supported file format",
        ),
        (
            f"/vsizip/{{{file}}}/a.gdb/a9.gdbtablx could not be found. Trying to guess",
            "a.gdb/a9.gdbtablx could not be found",
        ),
        ("'/some where/a.shp' not recognized", "not recognized"),
        ("failed on /somewhere/else/a.shp: broken", "failed on  broken"),
        ("", "?"),
    ]:
        assert plain_reason(text, file) == plain
    (tmp_path / "b.gpkg").write_bytes(b"SQLite format 3\0" + b"\xff" * 5_000)
    spec = LayerSpec(title="红线", role="other", path="b.gpkg")
    with pytest.raises(SourceError) as caught:
        read_delivery(spec, directory=tmp_path)
    assert str(tmp_path) not in str(caught.value)


def test_a_layer_without_features_has_no_plane(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="GBK", frame=FRAME.iloc[:0])
    with pytest.raises(SourceError, match="the table holds no geometry"):
        read_layer(path)


def test_a_region_that_is_refused_does_not_place_the_plane(tmp_path: Path) -> None:
    write_shapefile(tmp_path, encoding="GBK")
    swapped = FRAME.to_crs(4490)
    swapped.geometry = swapped.geometry.map(lambda shape: shapely.transform(shape, np.fliplr))
    pyogrio.write_dataframe(swapped, tmp_path / "county.gpkg")
    path = tmp_path / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    reading = read_layers(read_plan(path))
    assert list(reading.layers) == ["red"]
    assert [problem.rule_id for problem in reading.problems] == ["county"]
    alone = read_layer(tmp_path / "红线.shp")
    assert reading.layers["red"].plane == alone.plane


def test_zipped_shapefile_and_filegdb(tmp_path: Path) -> None:
    folder = tmp_path / "delivery"
    folder.mkdir()
    write_shapefile(folder, encoding="GBK", cpg=False)
    archive = shutil.make_archive(str(tmp_path / "delivery"), "zip", folder)
    assert read_layer(archive).text("MC").tolist() == ["五常镇龙凤山", "拉林河"]
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gdb", layer="STBHHX", driver="OpenFileGDB")
    pyogrio.write_dataframe(
        FRAME, tmp_path / "a.gdb", layer="CZKFBJ", driver="OpenFileGDB", append=False
    )
    with pytest.raises(SourceError, match="it holds several: STBHHX, CZKFBJ; name one"):
        read_layer(tmp_path / "a.gdb")
    layer = read_layer(tmp_path / "a.gdb", table="STBHHX")
    assert len(layer.frame) == 2
    with pytest.raises(SourceError, match=r"no table «YJJBNT»; there are: STBHHX, CZKFBJ"):
        read_layer(tmp_path / "a.gdb", table="YJJBNT")


def test_what_is_not_there_or_not_readable(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="UTF-8")
    with pytest.raises(SourceError, match=r"did you mean «红线\.shp»"):
        read_layer(tmp_path / "红线2.shp")
    path.with_suffix(".shx").unlink()
    with pytest.raises(SourceError, match=r"incomplete, missing: \.shx"):
        read_layer(path)
    for name, content, advice in [
        ("a.mdb", b"", "export it to FileGDB or GeoPackage"),
        ("a.docx", b"", "are not read; known:"),
        ("a.gpkg", b"", "the file is empty"),
        ("c.zip", b"", "the file is empty"),
        ("a.parquet", b"PAR1", r"not that of a \.parquet file"),
        ("b.gpkg", b"SQLite format 3\0" + b"\xff" * 5_000, "cannot be read"),
        ("a.zip", b"PK\x03\x04", "cannot be read"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "cannot be read"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SourceError, match=advice):
            read_layer(tmp_path / name)
    (tmp_path / "folder.shp").mkdir()
    with pytest.raises(SourceError, match="a folder where a file is due"):
        read_layer(tmp_path / "folder.shp")


def test_only_the_fields_that_the_plan_names_are_kept(tmp_path: Path) -> None:
    write_shapefile(tmp_path, encoding="GBK")
    spec = LayerSpec(title="红线", role="other", path="红线.shp", id_field="BSM")
    delivery = read_delivery(spec, directory=tmp_path)
    assert list(delivery.frame.columns) == ["BSM", "geometry"]


def test_hashes_name_the_content(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="GBK")
    before = hash_files(path)
    (tmp_path / "红线.sbn").write_bytes(b"index")
    assert hash_files(path) == before
    path.with_suffix(".dbf").write_bytes(path.with_suffix(".dbf").read_bytes() + b" ")
    assert hash_files(path) != before


def test_a_failed_write_leaves_the_earlier_file(tmp_path: Path) -> None:
    target = tmp_path / "review.json"
    target.write_text("earlier")

    def write_and_fail() -> None:
        with replace_atomically(target) as temporary:
            temporary.write_text("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left on device; close the file"):
        write_and_fail()
    assert target.read_text() == "earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["review.json"]
    with replace_atomically(target) as temporary:
        temporary.write_text("whole")
    assert target.read_text() == "whole"


def test_warnings_of_the_format_are_carried_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_shapefile(tmp_path, encoding="GBK")
    read = pyogrio.read_dataframe

    def warn_and_read(address: str, **options: object) -> gpd.GeoDataFrame:
        warnings.warn(f"{address} holds a ring that is not closed. More", RuntimeWarning, 2)
        return read(address, **options)

    monkeypatch.setattr(pyogrio, "read_dataframe", warn_and_read)
    layer = read_layer(path)
    assert layer.source.warnings == ("红线.shp holds a ring that is not closed",)
    assert capfd.readouterr() == ("", "")


def test_a_ring_that_does_not_close_is_a_damaged_file(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="UTF-8")
    content = bytearray(path.read_bytes())
    # The last point of the first ring: header 100, record header 8, box and counts 44, one part 4.
    place = 100 + 8 + 44 + 4 + 4 * 16
    easting = struct.unpack_from("<d", content, place)[0]
    struct.pack_into("<d", content, place, easting + 1)
    path.write_bytes(bytes(content))
    with pytest.raises(SourceError, match="cannot be read"):
        read_layer(path)


def test_a_projection_that_proj_does_not_know(tmp_path: Path) -> None:
    path = write_shapefile(tmp_path, encoding="UTF-8")
    stated = path.with_suffix(".prj").read_text()
    path.with_suffix(".prj").write_text(stated.replace('PROJECTION["', 'PROJECTION["No_'))
    with pytest.raises((CrsError, SourceError)):
        read_layer(path)
