"""Zip files that would lead out of themselves, unpack without end, or hide what they hold."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
from small_layers import square

from spatialplan import read_layer
from spatialplan.crs import Plane, parse_crs
from spatialplan.errors import SourceError
from spatialplan.files import read_sites
from spatialplan.files.opening import archive_limits

FRAME = gpd.GeoDataFrame({"BSM": ["1", "2"]}, geometry=[square(0, 0, 9), square(9, 0, 9)], crs=4530)


def read_as_sites(path: Path) -> int:
    plane = Plane.around(np.array([126.5, 44.0, 128.3, 45.5]))
    return len(read_sites(path, plane=plane, working_crs=parse_crs("EPSG:4530", where="")))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A sound zip file with a shapefile."""
    pyogrio.write_dataframe(FRAME, tmp_path / "红线.shp", encoding="UTF-8")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for part in tmp_path.glob("红线.*"):
            packed.write(part, part.name)
    assert len(read_layer(tmp_path / "a.zip").frame) == 2
    return tmp_path / "a.zip"


def add(archive: Path, name: str, content: bytes = b"x", *, mode: int = 0, method: int = 0) -> None:
    entry = zipfile.ZipInfo("placeholder")
    entry.filename = entry.orig_filename = name
    entry.external_attr = mode << 16
    entry.compress_type = method
    with zipfile.ZipFile(archive, "a") as packed:
        packed.writestr(entry, content)


def require_refused(archive: Path, advice: str) -> None:
    for read in (read_layer, read_as_sites):
        with pytest.raises(SourceError, match=advice):
            read(archive)


@pytest.mark.parametrize(
    "name",
    ["../a.shp", "a/../../b.txt", "/etc/passwd", "C:/a.shp", "C:\\a.shp", "..\\a", "a\0b.shp"],
)
def test_names_that_lead_out_are_refused(name: str, archive: Path) -> None:
    add(archive, name)
    require_refused(archive, "whose name would lead out of it; pack it again with plain names")


def test_a_link_in_place_of_a_file_is_refused(archive: Path) -> None:
    add(archive, "x.shp", b"/etc/passwd", mode=stat.S_IFLNK | 0o777)
    require_refused(archive, r"holds a link, «x\.shp», in place of a file; pack the file itself")


def test_one_name_twice_is_refused(archive: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        add(archive, "红线.shp")
    require_refused(archive, r"holds «红线\.shp» twice; .* pack it again")


def test_a_locked_archive_asks_to_be_unpacked(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    archive.write_bytes(bytes(content))
    require_refused(archive, "locked with a password; unpack it with the password")


def test_a_method_that_gdal_lacks_is_named(archive: Path) -> None:
    add(archive, "b.txt", b"x" * 99, method=zipfile.ZIP_LZMA)
    require_refused(archive, r"«b\.txt» is packed in a way that is not read here; pack it again")


def test_a_bomb_is_told_by_its_ratio_and_not_unpacked(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_limits, "HARMLESS_BYTES", 1_000_000)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb.dbf", bytes(20_000_000))
    require_refused(archive, r"unpack to [\d,]+ times its size .at most 500 times .*archive bomb")


def test_a_size_announced_in_the_directory_is_refused_before_unpacking(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    at = content.index(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", content, at + 24, 4_200_000_000)
        at = content.find(b"PK\x01\x02", at + 4)
    archive.write_bytes(bytes(content))
    require_refused(archive, r"would unpack to 2\d\.\d GB, more than 20 GB; unpack it yourself")


def test_too_many_entries_are_refused(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_limits, "MOST_ENTRIES", 4)
    require_refused(archive, r"holds 5 entries, more than 4; unpack it and name")


def test_archives_in_an_archive_are_not_looked_into(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as packed:
        packed.write(archive, "inner.zip")
    require_refused(
        tmp_path / "outer.zip", r"only archives .inner\.zip., .* unpack it once and name"
    )


def test_a_workbook_is_an_archive_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(["编号", "WKT"])
    workbook.active.append(["1", "POLYGON ((0 0, 1 0, 1 1, 0 0))"])
    held = io.BytesIO()
    workbook.save(held)
    with zipfile.ZipFile(held) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    entity = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
    cases = {
        "entities.xlsx": (sheet, entity + parts[sheet], "declares entities .* export it again"),
        "rows.xlsx": (
            sheet,
            parts[sheet].replace(b'r="2"', b'r="2000000000"', 1),
            "claims 1,048,577 rows or more, .* save it again",
        ),
        "outside.xlsx": ("../a.xml", b"x", "whose name would lead out of it"),
    }
    for name, (changed, content, advice) in cases.items():
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            for part, original in {**parts, changed: content}.items():
                packed.writestr(part, original)
        with pytest.raises(SourceError, match=advice):
            read_as_sites(tmp_path / name)
    monkeypatch.setattr(archive_limits, "LARGEST_UNPACKED", 100)
    with pytest.raises(SourceError, match="unpack it yourself if it is what you expect"):
        read_as_sites(tmp_path / "rows.xlsx")
