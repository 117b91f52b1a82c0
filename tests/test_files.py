"""Reading deliveries as they come, and writing whole files or none."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from small_layers import square

from spatialplan import read_layer
from spatialplan.errors import OutputError, SourceError
from spatialplan.files import read_delivery, replace_atomically
from spatialplan.files.sources import hash_files
from spatialplan.plan import LayerSpec

FRAME = gpd.GeoDataFrame(
    {"BSM": ["230184001", "230184002"], "MC": ["五常镇龙凤山", "拉林河"]},
    geometry=[square(0, 0, 100), square(100, 0, 100)],
    crs=4530,
)


def write_shapefile(folder: Path, *, encoding: str, cpg: bool = True) -> Path:
    path = folder / "红线.shp"
    pyogrio.write_dataframe(FRAME, path, encoding=encoding)
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
    assert layer.source.encoding == "GB18030 (detected)"


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
        ("a.gpkg", b"", "cannot be read"),
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
