"""Headers that claim more, or less, than the file holds: refused by arithmetic, nothing is lost."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from small_layers import square

from spatialplan import read_layer
from spatialplan.errors import SourceError
from spatialplan.files import read_delivery
from spatialplan.files.opening.counts import FGB_COUNT, find_number
from spatialplan.plan import LayerSpec

FRAME = gpd.GeoDataFrame(
    {"BSM": ["1", "2", "3"]}, geometry=[square(10 * row, 0, 9) for row in range(3)], crs=4530
)
NEAR = np.array([127.2, 44.8, 127.3, 44.9])


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A folder with the three plots in every format that announces a count."""
    pyogrio.write_dataframe(FRAME, tmp_path / "a.shp", encoding="UTF-8")
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gpkg")
    pyogrio.write_dataframe(FRAME, tmp_path / "a.fgb")
    pyogrio.write_dataframe(FRAME, tmp_path / "a.gdb", driver="OpenFileGDB", layer="STBHHX")
    return tmp_path


def put(path: Path, form: str, at: int, value: int) -> None:
    content = bytearray(path.read_bytes())
    struct.pack_into(form, content, at, value)
    path.write_bytes(bytes(content))


def put_fgb_count(path: Path, value: int) -> None:
    at = find_number(path.read_bytes()[12:], FGB_COUNT)
    assert at is not None
    put(path, "<Q", 12 + at, value)


TEN_GB = 10_000_000_000
CLAIMS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "shp of 10 GB": (
        "a.shp",
        lambda folder: put(folder / "a.shp", ">I", 24, TEN_GB // 4),
        r"\.shp is cut short by [\d,]+ byte\(s\); copy it again",
    ),
    "dbf of 10 GB": (
        "a.shp",
        lambda folder: put(folder / "a.dbf", "<I", 4, TEN_GB // 10),
        r"\.dbf announces 1,000,000,000 records, but has room for \d; copy it again",
    ),
    "shx of 10 GB": (
        "a.shp",
        lambda folder: put(folder / "a.shx", ">I", 24, TEN_GB // 4),
        r"\.shx announces [\d,]+ records, but has room for 3; copy it again",
    ),
    "shx that hides outlines": (
        "a.shp",
        lambda folder: put(folder / "a.shx", ">I", 24, 54),
        r"1 outlines in the \.shx but 3 rows in the \.dbf; .* copy all parts again",
    ),
    "dbf that hides rows": (
        "a.shp",
        lambda folder: put(folder / "a.dbf", "<I", 4, 2),
        r"3 outlines in the \.shx but 2 rows",
    ),
    "dbf with fields wider than its records": (
        "a.shp",
        lambda folder: put(folder / "a.dbf", "<B", 48, 255),
        "the header contradicts itself or the file's size",
    ),
    "shx that points outside": (
        "a.shp",
        lambda folder: put(folder / "a.shx", ">I", 108, 2_000_000),
        r"1 record\(s\) lie outside the \.shp; copy all parts again",
    ),
    "gdbtable of 2 billion records": (
        "a.gdb",
        lambda folder: put(folder / "a.gdb" / "a00000009.gdbtable", "<I", 4, 2**31 - 1),
        r"a00000009\.gdbtable announces 2,147,483,647 features, but holds 3; copy it again",
    ),
    "gdbtable that hides records": (
        "a.gdb",
        lambda folder: put(folder / "a.gdb" / "a00000009.gdbtable", "<I", 4, 1),
        r"a00000009\.gdbtable announces 1 features, but holds 3",
    ),
    "gdbtablx of 10 GB": (
        "a.gdb",
        lambda folder: put(folder / "a.gdb" / "a00000009.gdbtablx", "<I", 4, TEN_GB // 5000),
        "the header contradicts itself or the file's size",
    ),
    "fgb of 2 billion features": (
        "a.fgb",
        lambda folder: put_fgb_count(folder / "a.fgb", 2**31 - 1),
        "the header contradicts itself or the file's size",
    ),
    "fgb that hides features": (
        "a.fgb",
        lambda folder: put_fgb_count(folder / "a.fgb", 2),
        r"a\.fgb announces 2 features, but holds \d; copy it again",
    ),
    "fgb with a header of 4 GB": (
        "a.fgb",
        lambda folder: put(folder / "a.fgb", "<I", 8, 2**32 - 1),
        "the header contradicts itself or the file's size",
    ),
}


@pytest.mark.parametrize("claim", sorted(CLAIMS))
def test_a_claim_that_does_not_add_up_is_refused(claim: str, made: Path) -> None:
    name, falsify, advice = CLAIMS[claim]
    assert len(read_layer(made / name).frame) == 3
    falsify(made)
    with pytest.raises(SourceError, match=advice):
        read_layer(made / name)
    if name == "a.gdb":
        archive = shutil.make_archive(str(made / "z"), "zip", made, name)
        with pytest.raises(SourceError, match=advice):
            read_layer(archive)


@pytest.mark.parametrize(
    ("found", "changed"), [('"type": "Feature"', '"typo": "Feature"'), ('"geometry"', '"geom"')]
)
def test_what_geojson_readers_skip_unsaid_is_refused(
    found: str, changed: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.geojson"
    pyogrio.write_dataframe(FRAME.to_crs(4490).assign(geometry_note="x"), path)
    text = path.read_text()
    assert len(read_layer(path).frame) == 3
    head, _, rest = text.partition('"features"')
    path.write_text(f'{head}"features"{rest.replace(found, changed, 1)}')
    with pytest.raises(SourceError, match=r"1 member\(s\) of the list of features lack the type"):
        read_layer(path)


def test_a_property_called_geometry_is_only_a_property(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    pyogrio.write_dataframe(FRAME.to_crs(4490), path)
    path.write_text(path.read_text().replace('"BSM"', '"type": "Feature", "geometry"', 1))
    assert len(read_layer(path).frame) == 3


@pytest.mark.parametrize("count", [0, 1, -5, 2_000_000_000])
def test_a_geopackage_with_a_stale_count_is_read_whole(count: int, made: Path) -> None:
    with sqlite3.connect(made / "a.gpkg") as database:
        database.execute("UPDATE gpkg_ogr_contents SET feature_count = ?", (count,))
    assert len(read_layer(made / "a.gpkg").frame) == 3


def test_an_index_that_lacks_features_does_not_hide_them(made: Path) -> None:
    spec = LayerSpec(title="t", role="other", path="a.gpkg")
    with sqlite3.connect(made / "a.gpkg") as database:
        database.execute("DELETE FROM rtree_a_geom WHERE id = 2")
    assert len(read_delivery(spec, directory=made, near=NEAR).frame) == 3


def test_an_index_of_a_shapefile_is_not_asked(made: Path) -> None:
    elsewhere = FRAME.translate(50_000, 0).to_frame("geometry").assign(BSM="9")
    pyogrio.write_dataframe(elsewhere, made / "b.shp", layer_options={"SPATIAL_INDEX": "YES"})
    assert (made / "b.qix").exists()
    (made / "b.qix").rename(made / "a.qix")
    spec = LayerSpec(title="t", role="other", path="a.shp")
    assert len(read_delivery(spec, directory=made, near=NEAR).frame) == 3


@pytest.mark.parametrize("count", [1, 2, 16, 17, 300])
def test_the_size_of_a_flatgeobufs_index_is_known(count: int, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[square(10 * row, 0, 9) for row in range(count)], crs=4530)
    pyogrio.write_dataframe(frame, tmp_path / "a.fgb")
    assert len(read_layer(tmp_path / "a.fgb").frame) == count
    pyogrio.write_dataframe(frame, tmp_path / "b.fgb", layer_options={"SPATIAL_INDEX": "NO"})
    assert len(read_layer(tmp_path / "b.fgb").frame) == count


@pytest.mark.parametrize(
    ("number", "both"), [(1, False), (1, True), (3, False), (4, False), (9, False), (9, True)]
)
def test_a_filegdb_that_lacks_files_is_refused(number: int, both: bool, made: Path) -> None:
    part = f"a{number:08x}.gdbtable"
    pyogrio.write_dataframe(FRAME, made / "a.gdb", driver="OpenFileGDB", layer="B", append=False)
    (made / "a.gdb" / part).unlink()
    if both:
        (made / "a.gdb" / part.replace("table", "tablx")).unlink()
    with pytest.raises(SourceError, match=rf"incomplete, missing: {part}.*; copy the whole folder"):
        read_layer(made / "a.gdb", table="STBHHX")


@pytest.mark.skipif(sys.platform != "linux", reason="counts the memory of a process as Linux does")
def test_ten_million_vertices_in_one_ring_fit_into_memory(tmp_path: Path) -> None:
    """The ring is a circle, so that its area is known; the limit is of address space."""
    program = f"""
import resource, shapely, numpy as np, geopandas as gpd, pyogrio
from spatialplan import read_layer
turn = np.linspace(0, 2 * np.pi, 10_000_001)[:-1]
ring = np.column_stack([42610000 + 9000 * np.cos(turn), 4970000 + 9000 * np.sin(turn)])
frame = gpd.GeoDataFrame(geometry=[shapely.Polygon(ring)], crs=4530)
pyogrio.write_dataframe(frame, {str(tmp_path / "ring.gpkg")!r})
layer = read_layer({str(tmp_path / "ring.gpkg")!r})
assert len(layer.frame) == 1
assert abs(layer.area_m2[0] / (np.pi * 9000**2) - 1) < 1e-3
"""
    import resource

    limit = 8 * 10**9
    outcome = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert outcome.returncode == 0, outcome.stderr
