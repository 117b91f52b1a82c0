"""Finding every table of a delivery, whatever it came in."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from small_layers import square

from spatialplan.errors import SourceError
from spatialplan.files import Discovery, find_tables, read_delivery
from spatialplan.files import folders as folders_module
from spatialplan.files.folders import list_sources
from spatialplan.plan import LayerSpec

FRAME = gpd.GeoDataFrame({"BSM": ["1", "2"]}, geometry=[square(0, 0, 9), square(9, 0, 9)], crs=4530)


def write(path: Path, **options: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyogrio.write_dataframe(FRAME, path, **options)
    return path


def pack(archive: Path, folder: Path, *, codec: str = "utf-8") -> Path:
    """Pack a folder; with another codec, as zip programs of Chinese Windows do: unmarked."""

    class Entry(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
            return self.filename.encode(codec), 0x800 if codec == "utf-8" else 0

    with zipfile.ZipFile(archive, "w") as packed:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                packed.writestr(Entry(file.relative_to(folder).as_posix()), file.read_bytes())
    return archive


def names(found: Discovery) -> list[str]:
    return [table.spec.id for table in found.tables]


def advice(found: Discovery) -> str:
    return "\n".join(fault.text() for fault in (*found.faults, *found.notes))


def require_readable(found: Discovery) -> None:
    for table in found.tables:
        assert len(read_delivery(table.spec, directory=Path()).frame) == 2, table


def test_a_folder_gives_every_table_of_every_format(tmp_path: Path) -> None:
    write(tmp_path / "b" / "CZKFBJ.shp", encoding="GBK")
    write(tmp_path / "all.gdb", layer="DLTB", driver="OpenFileGDB")
    write(tmp_path / "all.gdb", layer="XZQ", driver="OpenFileGDB")
    write(tmp_path / "two.gpkg", layer="HL")
    write(tmp_path / "two.gpkg", layer="SD")
    write(tmp_path / "STBHHX.fgb")
    write(tmp_path / "c" / "d" / "gj.geojson")
    write(tmp_path / "k.kml", driver="KML")
    found = find_tables([tmp_path])
    assert names(found) == ["DLTB", "XZQ", "CZKFBJ", "gj", "k", "STBHHX", "HL", "SD"]
    assert not found.faults
    assert {table.format for table in found.tables} >= {"KML", "FileGDB", "FlatGeobuf", "GeoJSON"}
    require_readable(found)
    assert find_tables([tmp_path]) == found


def test_what_is_met_twice_counts_once(tmp_path: Path) -> None:
    shape = write(tmp_path / "CZKFBJ.shp")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "itself").symlink_to("itself")
    parts = sorted(tmp_path.glob("CZKFBJ.*"))
    assert names(find_tables([*parts, tmp_path, shape])) == ["CZKFBJ"]


def test_equal_names_get_ids_of_their_own(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        write(tmp_path / folder / "STBHHX.shp")
    assert names(find_tables([tmp_path])) == ["STBHHX", "STBHHX-2", "STBHHX-3"]


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_a_zip_of_several_data_sets_gives_each(tmp_path: Path, codec: str) -> None:
    source = tmp_path / "source"
    write(source / "甲" / "红线.shp")
    write(source / "乙" / "红线.shp")
    write(source / "甲" / "库.gdb", layer="DLTB", driver="OpenFileGDB")
    write(source / "__MACOSX" / "._红线.shp")
    archive = pack(tmp_path / "交付.zip", source, codec=codec)
    found = find_tables([archive])
    inside = {table.inside: table.table for table in found.tables}
    sources = [read_delivery(table.spec, directory=Path()).source for table in found.tables]
    assert sorted(source.table for source in sources) == ["DLTB", "红线", "红线"]
    assert inside == {"乙/红线.shp": "红线", "甲/红线.shp": "红线", "甲/库.gdb": "DLTB"}
    assert not found.faults
    require_readable(found)


def test_a_data_set_in_a_zip_is_named_by_going_on_with_the_path(tmp_path: Path) -> None:
    write(tmp_path / "source" / "a" / "CZKFBJ.shp")
    write(tmp_path / "source" / "b" / "CZKFBJ.shp")
    archive = pack(tmp_path / "x.zip", tmp_path / "source")

    def read(path: str) -> int:
        spec = LayerSpec(title="t", role="other", path=path)
        return len(read_delivery(spec, directory=tmp_path).frame)

    assert read("x.zip/b/CZKFBJ.shp") == 2
    with pytest.raises(SourceError, match=r"holds several data sets: a/CZKFBJ.shp, b/CZKFBJ.shp; "):
        read(archive.name)
    with pytest.raises(SourceError, match=r"“x.zip” holds no “c/CZKFBJ.shp”; it holds: a/CZKFBJ"):
        read("x.zip/c/CZKFBJ.shp")


def test_what_cannot_be_read_is_a_fault_and_the_rest_is_found(tmp_path: Path) -> None:
    write(tmp_path / "good.shp")
    (tmp_path / "empty.gpkg").touch()
    (tmp_path / "cut.geojson").write_text('{"type": "FeatureCollection", "features": [')
    (tmp_path / "old.mdb").write_bytes(b"Standard Jet DB")
    (tmp_path / "torn.zip").write_bytes(b"PK\3\4")
    write(tmp_path / "renamed.gdb", layer="DLTB", driver="OpenFileGDB").rename(tmp_path / "库")
    write(tmp_path / "lone.shp")
    (tmp_path / "lone.dbf").unlink()
    found = find_tables([tmp_path, tmp_path / "absent.shp"])
    assert names(found) == ["good"]
    for file, text in {
        "empty.gpkg": "0 bytes",
        "cut.geojson": "cannot be read",
        "old.mdb": "export it to FileGDB or GeoPackage",
        "torn.zip": "cannot be read",
        "库": "rename it",
        "lone.shp": "missing: .dbf",
        "absent.shp": "no such file or folder",
    }.items():
        assert any(fault.where.endswith(file) and text in fault.text() for fault in found.faults), (
            file,
            advice(found),
        )


def test_what_is_no_layer_is_noted(tmp_path: Path) -> None:
    write(tmp_path / "x.gpkg", layer="DLTB")
    pyogrio.write_dataframe(pd.DataFrame({"DLBM": ["0101"]}), tmp_path / "x.gpkg", layer="地类表")
    pyogrio.write_dataframe(pd.DataFrame({"DLBM": ["0101"]}), tmp_path / "codes.dbf")
    for name in ("readme.txt", "a.tif", "b.tif", "notes.json", ".hidden", "Thumbs.db", "x.lock"):
        (tmp_path / name).write_text("{}")
    found = find_tables([tmp_path])
    assert names(found) == ["DLTB"]
    assert not found.faults
    assert "not listed as layers: 地类表" in advice(found)
    assert ".json × 1, .tif × 2, .txt × 1" in advice(found)
    assert "without geometry; if it belongs to a shapefile" in advice(found)
    assert "hidden" not in advice(found)


def test_a_folder_without_data_says_so(tmp_path: Path) -> None:
    assert "holds no vector data" in advice(find_tables([tmp_path]))


def test_a_search_has_an_end(tmp_path: Path) -> None:
    write(tmp_path / "1" / "2" / "3" / "deep.fgb")
    for name in ("a", "b", "c"):
        write(tmp_path / f"{name}.fgb")
    deep = list_sources([tmp_path], deepest=2)
    assert [file.stem for file in deep.files] == ["a", "b", "c"]
    assert "more than 2 deep" in deep.faults[0].text()
    many = list_sources([tmp_path], most=2)
    assert [file.stem for file in many.files] == ["deep", "a"]
    assert ["more than 2 files" in fault.text() for fault in many.faults] == [True]
    assert folders_module.MOST_FILES > 10_000


def test_geoparquet_is_read(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "STBHHX.parquet")
    pd.DataFrame({"DLBM": ["0101"]}).to_parquet(tmp_path / "flat.parquet")
    found = find_tables([tmp_path])
    assert names(found) == ["STBHHX"]
    assert "not listed as layers: flat" in advice(found)
    require_readable(found)
    require_readable(find_tables([pack(tmp_path / "p.zip", tmp_path)]))
    spec = found.tables[0].spec.model_copy(update={"id_field": "BSM"})
    first = FRAME[:1].buffer(-1).to_crs(4490).total_bounds
    near = read_delivery(spec, directory=Path(), near=first).frame
    assert near["BSM"].tolist() == ["1"]
