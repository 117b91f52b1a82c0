"""Paths that lead elsewhere, and names that are instructions to whatever shows them."""

from __future__ import annotations

import json
import socket
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from small_layers import square

from spatialplan import read_layer
from spatialplan.crs import Plane, parse_crs
from spatialplan.errors import PlanError, SourceError
from spatialplan.files import read_delivery, read_sites
from spatialplan.files.sources import find_source
from spatialplan.plan import LayerSpec, read_plan

FRAME = gpd.GeoDataFrame({"BSM": ["1", "2"]}, geometry=[square(0, 0, 9), square(9, 0, 9)], crs=4530)
PLANE = Plane.around(np.array([126.5, 44.0, 128.3, 45.5]))
ADDRESSES = (
    "/vsicurl/http://127.0.0.1:{port}/a.gpkg",
    "/vsizip//vsicurl/http://127.0.0.1:{port}/a.zip/a.shp",
    "/VSICURL/http://127.0.0.1:{port}/a.gpkg",
    "//vsicurl/http://127.0.0.1:{port}/a.gpkg",
    "/vsis3/bucket/a.gpkg",
    "/vsimem/a.gpkg",
    "http://127.0.0.1:{port}/a.gpkg",
    "https://127.0.0.1:{port}/a.geojson",
    "zip+https://127.0.0.1:{port}/a.zip",
    "s3://bucket/a.gpkg",
    "ftp://127.0.0.1:{port}/a.shp",
    "file:///etc/passwd.gpkg",
    "PG:host=127.0.0.1 port={port}.gpkg",
    "WFS:http://127.0.0.1:{port}/a.gpkg",
    "GPKG:/somewhere/a.gpkg",
)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A port of this machine, and who has asked it for anything."""
    asked: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    asked.append(server.accept())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], asked
        stop.set()
        thread.join()


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_fetched_from_an_address(
    address: str, listener: tuple[int, list[object]], tmp_path: Path
) -> None:
    port, asked = listener
    path = address.format(port=port)
    advice = "nothing is fetched from there: copy the file to this machine"
    spec = LayerSpec(title="t", role="other", path=path)
    with pytest.raises(SourceError, match=advice):
        read_delivery(spec, directory=tmp_path)
    with pytest.raises(SourceError, match=advice):
        read_layer(path)
    with pytest.raises(SourceError, match=advice):
        read_sites(path, plane=PLANE, working_crs=parse_crs("EPSG:4530", where=""))
    assert asked == []


@pytest.mark.parametrize("path", ["/vsicurl/http://a/b.gpkg", "https://a/b.gpkg", "\\\\a\\b.gpkg"])
def test_a_plan_may_not_name_an_address(path: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    head = '[plan]\nid="t"\ntitle="t"\nregion="t"\nyear=2025\nstanding="t"\nnotice="t"\n'
    layer = f'[layers.a]\ntitle="a"\nrole="other"\npath={json.dumps(path)}\n'
    plan.write_text(f"schema = 1\n{head}{layer}", "utf-8")
    with pytest.raises(PlanError, match="path"):
        read_plan(plan)


INSTRUCTIONS = {
    "vrt": '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>{other}</SrcDataSource>'
    "</OGRVRTLayer></OGRVRTDataSource>",
    "gdalg": '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {other} '
    '! write --of stream streamed_dataset"}}',
    "wfs": "<OGRWFSDataSource><URL>http://127.0.0.1:{port}/</URL></OGRWFSDataSource>",
    "csw": "<OGRCSWDataSource><URL>http://127.0.0.1:{port}/</URL></OGRCSWDataSource>",
    "topology": '{{"type": "Topology", "objects": {{}}, "arcs": []}}',
    "esri": '{{"geometryType": "esriGeometryPolygon", "features": [], "fields": []}}',
}


@pytest.mark.parametrize("suffix", ["geojson", "json", "kml", "gpkg", "fgb", "shp", "parquet"])
@pytest.mark.parametrize("kind", sorted(INSTRUCTIONS))
def test_a_file_that_tells_to_open_another_is_not_followed(
    kind: str, suffix: str, listener: tuple[int, list[object]], tmp_path: Path
) -> None:
    port, asked = listener
    pyogrio.write_dataframe(FRAME, tmp_path / "other.gpkg")
    text = INSTRUCTIONS[kind].format(other=tmp_path / "other.gpkg", port=port)
    file = tmp_path / f"a.{suffix}"
    file.write_text(text)
    for part in ("shx", "dbf"):
        file.with_suffix(f".{part}").write_bytes(b"x" * 200)
    advice = r"not that of a|instructions to open|which is not what|cannot be read"
    with pytest.raises(SourceError, match=advice):
        read_layer(file)
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        for part in tmp_path.glob("a.*"):
            archive.write(part, part.name)
    with pytest.raises(SourceError, match=advice):
        read_layer(tmp_path / "z.zip")
    assert asked == []


def test_a_network_link_in_a_kml_is_not_followed(
    listener: tuple[int, list[object]], tmp_path: Path
) -> None:
    port, asked = listener
    pyogrio.write_dataframe(FRAME.to_crs(4326), tmp_path / "a.kml", driver="LIBKML")
    link = f"<NetworkLink><Link><href>http://127.0.0.1:{port}/</href></Link></NetworkLink>"
    style = f"<Placemark><styleUrl>http://127.0.0.1:{port}/s.kml#a</styleUrl>"
    text = (tmp_path / "a.kml").read_text()
    text = text.replace("<Placemark", f"{link}<Placemark", 1).replace("<Placemark>", style)
    (tmp_path / "a.kml").write_text(text)
    assert len(read_layer(tmp_path / "a.kml").frame) == 2
    assert asked == []


@pytest.mark.parametrize("sign", ["!", ";", "\n"])
def test_a_path_that_would_be_cut_does_not_open_another_file(sign: str, tmp_path: Path) -> None:
    pyogrio.write_dataframe(FRAME.iloc[:1], tmp_path / "红线.gpkg")
    made = tmp_path / "made.gpkg"
    pyogrio.write_dataframe(FRAME, made)
    named = made.rename(tmp_path / f"红线.gpkg{sign}2.gpkg")
    with pytest.raises(SourceError, match=r"cut it and open another file; rename"):
        read_layer(named)


@pytest.mark.parametrize(
    "name", ["红线 (1)'\"&.gpkg", "<b>红线</b>.gpkg", "=1+1.gpkg", "%2e%2e.gpkg"]
)
def test_odd_names_of_files_are_only_names(name: str, tmp_path: Path) -> None:
    (tmp_path / "<b>红线<").mkdir()
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg").rename(tmp_path / name)
    assert len(read_layer(tmp_path / name).frame) == 2


@pytest.mark.parametrize("table", ['a" b', "a'b", "a\\b", 'x"."y', "a;drop table a", "龙\n凤"])
def test_odd_names_of_tables_are_only_names(table: str, tmp_path: Path) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gpkg", layer=table)
    sites = read_sites(
        tmp_path / "a.gpkg", plane=PLANE, working_crs=parse_crs("EPSG:4530", where="")
    )
    assert len(sites.judged) == 2
    near = np.array([127.2, 44.8, 127.3, 44.9])
    spec = LayerSpec(title="t", role="other", path="a.gpkg")
    assert len(read_delivery(spec, directory=tmp_path, near=near).frame) == 2


def test_the_address_that_is_opened_is_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gpkg")
    (tmp_path / "a.gpkg").rename(tmp_path / "CSV:a.gpkg")
    monkeypatch.chdir(tmp_path)
    place = find_source("CSV:a.gpkg", directory=Path(), title="t")
    assert place.address == str(tmp_path / "CSV:a.gpkg")
