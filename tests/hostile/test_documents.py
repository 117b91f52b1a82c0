"""What stands in a file: entities, depth, numbers that are none; and files that are none."""

from __future__ import annotations

import os
import shutil
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from small_layers import square

from spatialplan import read_layer
from spatialplan.crs import Plane, parse_crs
from spatialplan.errors import SourceError
from spatialplan.files import read_delivery, read_sites
from spatialplan.plan import LayerSpec

FRAME = gpd.GeoDataFrame({"BSM": ["1", "2"]}, geometry=[square(0, 0, 9), square(9, 0, 9)], crs=4530)
WORKING = parse_crs("EPSG:4530", where="")
PLANE = Plane.around(np.array([126.5, 44.0, 128.3, 45.5]))
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ENTITIES = {
    "laughs": f'<!DOCTYPE kml [<!ENTITY l0 "lol">{LAUGHS}]>',
    "external": '<!DOCTYPE kml [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
    "parameter": '<!DOCTYPE kml [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd">%p;]>',
    "foreign": '<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/kml.dtd">',
}


def write_kml(path: Path, before_root: str, name: str = "&l9;") -> None:
    pyogrio.write_dataframe(FRAME.to_crs(4326), path, driver="LIBKML")
    head, root, rest = path.read_text().partition("<kml")
    rest = rest.replace("<Placemark", f"<Placemark><name>{name}</name></Placemark><Placemark", 1)
    path.write_text(head + before_root + root + rest)


@pytest.mark.parametrize("kind", sorted(ENTITIES))
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-be"])
def test_entities_in_a_kml_are_refused_before_they_are_expanded(
    kind: str, codec: str, tmp_path: Path
) -> None:
    write_kml(tmp_path / "a.kml", ENTITIES[kind])
    text = (tmp_path / "a.kml").read_text()
    (tmp_path / "a.kml").write_bytes(text.encode(codec))
    with pytest.raises(SourceError, match=r"declares entities .DOCTYPE., .* export it again"):
        read_layer(tmp_path / "a.kml")


def test_entities_behind_a_long_comment_are_found(tmp_path: Path) -> None:
    comment = "<!--" + "x" * ((1 << 20) - 150) + "-->"
    write_kml(tmp_path / "a.kml", comment + ENTITIES["laughs"])
    with pytest.raises(SourceError, match=r"declares entities"):
        read_layer(tmp_path / "a.kml")


def test_gml_is_not_read_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.gml").write_text(ENTITIES["external"] + "<gml/>")
    with pytest.raises(SourceError, match=r"files «\.gml» are not read; known: "):
        read_layer(tmp_path / "a.gml")


DEEP = {
    "a.geojson": '{"type": "FeatureCollection", "features": ' + "[" * 200_000,
    "b.geojson": '{"a":' * 100_000,
    "c.geojson": '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {},'
    ' "geometry": ' + '{"type": "GeometryCollection", "geometries": [' * 20_000,
    "a.kml": "<kml>" + "<Folder>" * 100_000,
    "b.kml": "<kml><Placemark>" + "<MultiGeometry>" * 50_000 + "</kml>",
}


@pytest.mark.parametrize("name", sorted(DEEP))
def test_depth_does_not_break_the_reader(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(DEEP[name])
    with pytest.raises(SourceError, match=r"cannot be read|no geometry|copy it again"):
        read_layer(tmp_path / name)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308])
@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.fgb"])
def test_coordinates_that_are_no_numbers_set_their_feature_aside(
    bad: float, name: str, tmp_path: Path
) -> None:
    """No library writes them, so the bytes of one easting are overwritten, wherever they stand."""
    corner = 42_600_012.345
    bent = shapely.Polygon([(42_600_009, 4_970_000), (corner, 4_970_000), (42_600_009, 4_970_009)])
    frame = gpd.GeoDataFrame({"BSM": ["1", "2"]}, geometry=[square(0, 0, 9), bent], crs=4530)
    pyogrio.write_dataframe(frame, tmp_path / name)
    content = (tmp_path / name).read_bytes()
    assert struct.pack("<d", corner) in content
    changed = content.replace(struct.pack("<d", corner), struct.pack("<d", bad))
    (tmp_path / name).write_bytes(changed)
    layer = read_layer(tmp_path / name)
    assert (len(layer.frame), layer.set_aside) == (1, 1)
    assert layer.faults[-1].rule_id in {"infinite", "invalid_geometry"}
    assert layer.area_m2[0] == pytest.approx(81, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "is_folder", "advice"),
    [
        ("a.shp", True, "a folder where a file is due"),
        ("a.gpkg", True, "a folder where a file is due"),
        ("a.zip", True, "not read|a folder where a file is due"),
        ("a.gdb", False, "a file where a FileGDB folder is due; a zipped one ends in .zip"),
    ],
)
def test_folders_and_files_are_not_taken_for_each_other(
    name: str, is_folder: bool, advice: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.mkdir() if is_folder else path.write_bytes(b"x")
    with pytest.raises(SourceError, match=advice):
        read_layer(path)


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "fgb", "kml", "parquet", "zip"])
def test_an_empty_file_says_so(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"a.{suffix}").write_bytes(b"")
    with pytest.raises(SourceError, match=r"the file is empty .0 bytes.; copy it again"):
        read_layer(tmp_path / f"a.{suffix}")


def test_an_empty_filegdb_names_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "a.gdb").mkdir()
    with pytest.raises(SourceError, match=r"missing: a00000001\.gdbtable; copy the whole folder"):
        read_layer(tmp_path / "a.gdb")
    pyogrio.write_dataframe(FRAME, tmp_path / "b.shp")
    for part in tmp_path.glob("b.*"):
        shutil.copy(part, tmp_path / "a.gdb" / part.name)
    with pytest.raises(SourceError, match=r"missing: a00000001\.gdbtable"):
        read_layer(tmp_path / "a.gdb")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg").chmod(0)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        read_layer(tmp_path / "a.gpkg")


def test_refused_permission_is_named_whoever_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gpkg")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        read_layer(tmp_path / "a.gpkg")
    spec = LayerSpec(title="t", role="other", path="a.gpkg")
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        read_delivery(spec, directory=tmp_path)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        read_sites(tmp_path / "a.gpkg", plane=PLANE, working_crs=WORKING)
