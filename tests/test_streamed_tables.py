"""Tables read in pieces: rows, numbers and faults are those of the table read whole."""

from __future__ import annotations

import datetime
import math
import sqlite3
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import pytest
import shapely
from pyarrow import parquet
from small_layers import EAST, NORTH, square
from streamed_county import DRIVERS

from spatialplan.errors import SourceError
from spatialplan.files import read_delivery
from spatialplan.files.damage import naming_damage
from spatialplan.files.encodings import find_encoding
from spatialplan.files.sources import find_place
from spatialplan.files.streaming.pieces import Piece
from spatialplan.files.streaming.tables import StreamedTable, open_table
from spatialplan.plan import LayerSpec

SIZES = (1, 3, 100)


def plots(count: int = 10) -> gpd.GeoDataFrame:
    """Squares of 50 m in a row, S0 and so on."""
    ids = [f"S{number}" for number in range(count)]
    shapes = [square(100 * number, 0, 50) for number in range(count)]
    return gpd.GeoDataFrame({"id": ids, "name": ["图斑"] * count}, geometry=shapes, crs=4530)


def opened(path: Path) -> StreamedTable:
    with naming_damage("t", path):
        place = find_place(path.name, directory=path.parent, table=None, title="t")
        return open_table(place, find_encoding(place, stated=None, where="t"), "t")


def pieces(path: Path, size: int, **options: Any) -> list[Piece]:
    table = opened(path)
    return list(table.read(table.columns, size=size, **options))


def together(found: Sequence[Piece]) -> gpd.GeoDataFrame:
    frames = [piece.frame for piece in found if piece.frame is not None]
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True))


def whole(path: Path) -> gpd.GeoDataFrame:
    spec = LayerSpec(id="t", title="t", role="other", path=path.name)
    return read_delivery(spec, directory=path.parent).frame


def require_same(found: Sequence[Piece], expected: gpd.GeoDataFrame) -> None:
    """Every row is there once, numbered from nought without a gap, with the same content."""
    starts = np.cumsum([0, *(piece.count for piece in found)])
    assert [piece.first_row for piece in found] == starts[:-1].tolist()
    frame = together(found)
    assert frame.crs == expected.crs
    assert frame["id"].tolist() == expected["id"].tolist()
    assert frame["name"].tolist() == expected["name"].tolist()
    assert frame.geometry.to_wkb().tolist() == expected.geometry.to_wkb().tolist()


def delete_records(path: Path, rows: Sequence[int]) -> None:
    """Mark records of a shapefile as deleted, as programs do that do not pack it at once."""
    table = path.with_suffix(".dbf")
    content = bytearray(table.read_bytes())
    start, width = struct.unpack_from("<HH", content, 8)
    for row in rows:
        content[start + row * width] = ord("*")
    table.write_bytes(bytes(content))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("deleted", [(2, 3, 7), (0, 9), tuple(range(10))])
def test_deleted_records_are_no_rows_and_no_loss(
    tmp_path: Path, deleted: tuple[int, ...], size: int
) -> None:
    path = tmp_path / "plots.shp"
    pyogrio.write_dataframe(plots(), path, encoding="GBK")
    delete_records(path, deleted)
    left = [f"S{row}" for row in range(10) if row not in deleted]
    assert whole(path)["id"].tolist() == left
    assert opened(path).count == len(left)
    for geometry in (True, False):
        found = pieces(path, size, geometry=geometry)
        assert [piece.why for piece in found] == [None] * len(found)
        assert sum(piece.count for piece in found) == len(left)
    if left:
        require_same(pieces(path, size), whole(path))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("suffix", ["fgb", "gpkg", "shp", "gdb"])
def test_missing_geometry_shifts_no_other(tmp_path: Path, suffix: str, size: int) -> None:
    """Also where heights make geometry long, and in the middle and at the end of a batch."""
    shapes = shapely.force_3d(np.asarray(plots().geometry), 170.0)
    shapes[[2, 4, 9]] = None
    path, options = tmp_path / f"plots.{suffix}", {}
    if suffix == "fgb":
        options = {"SPATIAL_INDEX": "NO"}
    frame = plots().set_geometry(gpd.GeoSeries(shapes, crs=4530))
    pyogrio.write_dataframe(frame, path, driver=DRIVERS[suffix], **options)
    require_same(pieces(path, size), whole(path))
    assert whole(path).geometry.isna().tolist() == (frame.geometry.isna()).tolist()


def draw_circle(path: Path, fid: int) -> None:
    """Put a circle of 100 m radius, drawn as arcs, in place of a feature of a GeoPackage."""
    places = [(-100, 0), (0, 100), (100, 0), (0, -100), (-100, 0)]
    curve = struct.pack("<BIIBII", 1, 10, 1, 1, 8, len(places))
    curve += b"".join(struct.pack("<2d", EAST + e, NORTH + n) for e, n in places)
    change_row(path, fid, f"geom = CAST(SUBSTR(geom, 1, 40) || X'{curve.hex()}' AS BLOB)")


def change_row(path: Path, fid: int, change: str) -> None:
    """Change a row of a GeoPackage behind the back of its triggers."""
    with sqlite3.connect(path) as database:
        triggers = database.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        for (name,) in triggers.fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute(f"UPDATE plots SET {change} WHERE fid = {fid}")
    database.close()


@pytest.mark.parametrize("size", SIZES)
def test_curves_are_straightened_as_in_the_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "plots.gpkg"
    pyogrio.write_dataframe(plots(), path, geometry_type="Unknown")
    draw_circle(path, 5)
    draw_circle(path, 9)
    found = pieces(path, size)
    require_same(found, whole(path))
    assert together(found).area[[4, 8]].tolist() == pytest.approx([math.pi * 1e4] * 2, rel=1e-3)
    curved = [piece.first_row + row for piece in found for row in piece.straightened]
    assert curved == [4, 8]


@pytest.mark.parametrize("size", SIZES)
def test_a_stale_count_hides_nothing(tmp_path: Path, size: int) -> None:
    path = tmp_path / "plots.gpkg"
    pyogrio.write_dataframe(plots(), path)
    for noted in (3, 30):
        with sqlite3.connect(path) as database:
            database.execute("UPDATE gpkg_ogr_contents SET feature_count = ?", (noted,))
        database.close()
        assert opened(path).count == 10
        require_same(pieces(path, size), plots())


KINDS: dict[str, Any] = {
    "polygon": np.copy,
    "multipolygon": lambda shapes: shapely.multipolygons(shapes, indices=np.arange(len(shapes))),
    "point": shapely.centroid,
    "linestring": shapely.boundary,
}


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("size", SIZES)
def test_native_geometry_of_geoparquet_is_read(tmp_path: Path, kind: str, size: int) -> None:
    frame = plots()
    shapes = KINDS[kind](np.asarray(frame.geometry))
    shapes[6] = None
    frame = frame.set_geometry(gpd.GeoSeries(shapes, crs=4530))
    path = tmp_path / "plots.parquet"
    frame.to_parquet(path, geometry_encoding="geoarrow", row_group_size=4)
    assert opened(path).access.encoding == kind
    require_same(pieces(path, size), whole(path))


def test_geometry_kept_in_an_unknown_way_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "plots.parquet"
    plots().to_parquet(path)
    table = parquet.read_table(path)
    said = table.schema.metadata[b"geo"].replace(b'"WKB"', b'"TWKB"')
    parquet.write_table(table.replace_schema_metadata({b"geo": said}), path)
    with pytest.raises(SourceError, match=r"stored as TWKB.* write it as WKB"):
        opened(path)


@pytest.mark.parametrize(
    "said",
    [
        b"[]",
        b"{}",
        b'{"primary_column": "geometry", "columns": []}',
        b'{"primary_column": "geometry", "columns": {"geometry": 3}}',
        b'{"primary_column": "nothing", "columns": {"nothing": {"encoding": "WKB"}}}',
    ],
)
def test_a_garbled_description_is_refused(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "plots.parquet"
    plots().to_parquet(path)
    table = parquet.read_table(path)
    parquet.write_table(table.replace_schema_metadata({b"geo": said}), path)
    for read in (opened, whole):
        with pytest.raises(SourceError):
            read(path)


@pytest.mark.parametrize("size", SIZES)
def test_a_zipped_geoparquet_is_read_like_its_content(tmp_path: Path, size: int) -> None:
    plots().to_parquet(tmp_path / "plots.parquet", row_group_size=4)
    with ZipFile(tmp_path / "plots.zip", "w") as archive:
        archive.write(tmp_path / "plots.parquet", "plots.parquet")
    require_same(pieces(tmp_path / "plots.zip", size), plots())


def test_ids_that_pandas_made_the_index_stay_ids(tmp_path: Path) -> None:
    path = tmp_path / "plots.parquet"
    plots().set_index("id").to_parquet(path)
    require_same(pieces(path, 3), plots())
    assert whole(path)["id"].tolist() == plots()["id"].tolist()


def test_a_damaged_geometry_costs_one_row_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plots.parquet"
    frame = pd.DataFrame(plots().drop(columns="geometry"))
    frame["geometry"] = plots().geometry.to_wkb()
    frame.loc[4, "geometry"] = b"\x01\x03\x00\x00"
    frame.loc[7, "geometry"] = None
    table = pa.Table.from_pandas(frame)
    plots().to_parquet(path)
    parquet.write_table(table.replace_schema_metadata(parquet.read_schema(path).metadata), path)
    found = pieces(path, 3)
    assert [piece.why for piece in found] == [None] * 4
    assert np.flatnonzero(together(found).geometry.isna()).tolist() == [4, 7]
    assert [piece.damaged for piece in found] == [(), (1,), (), ()]
    (warning,) = [text for piece in found for text in piece.warnings]
    assert "1 feature(s), first of number 5, is damaged" in warning.text("en")


@pytest.mark.parametrize("size", SIZES)
def test_text_that_is_none_costs_its_piece_and_the_rest_is_read(tmp_path: Path, size: int) -> None:
    path = tmp_path / "plots.gpkg"
    pyogrio.write_dataframe(plots(), path)
    change_row(path, 5, "name = CAST(X'FFFEFF' AS TEXT)")
    found = pieces(path, size)
    lost = [piece for piece in found if piece.frame is None]
    assert [4 in range(one.first_row, one.first_row + one.count) for one in lost] == [True]
    assert sum(piece.count for piece in found) == 10
    assert max(piece.count for piece in lost) <= size
    assert "UTF8" in str(lost[0].why)


def test_dates_beside_broken_text_stay_dates(tmp_path: Path) -> None:
    path = tmp_path / "plots.shp"
    day = datetime.date(2025, 12, 31)
    columns = pa.table(plots().to_arrow(index=False)).append_column("SLSJ", pa.array([day] * 10))
    pyogrio.write_arrow(
        columns,
        path,
        encoding="GBK",
        geometry_name="geometry",
        geometry_type="Polygon",
        crs="EPSG:4530",
    )
    table = path.with_suffix(".dbf")
    content = table.read_bytes()
    place = content.index("图斑".encode("gbk"))
    table.write_bytes(content[:place] + b"\xff" + content[place + 1 :])
    frame = together(pieces(path, 3))
    assert frame["name"].tolist() == whole(path)["name"].tolist()
    assert frame["SLSJ"].tolist() == [day] * 10


def test_a_row_group_need_not_fit_into_memory(tmp_path: Path) -> None:
    """Of 33 MB in one row group some 10 are in memory at a time."""
    path = tmp_path / "plots.parquet"
    circles = shapely.buffer(shapely.points(np.random.default_rng(1).uniform(0, 1e5, (8000, 2))), 9)
    circles = shapely.segmentize(circles, 0.25)
    gpd.GeoDataFrame(geometry=circles, crs=4530).to_parquet(path, compression=None)
    assert path.stat().st_size > 30e6
    before = pa.total_allocated_bytes()
    held = [pa.total_allocated_bytes() - before for _ in opened(path).read((), size=100)]
    assert len(held) == 80
    assert max(held) < 15e6
