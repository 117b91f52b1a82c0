"""Parcels in partitions: which files are fit, and what a sorted copy keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from spatialplan.files import hilbert_order
from spatialplan.files.coverings import group_boxes
from spatialplan.files.hilbert_order import SOURCE_ROW, hilbert_codes, write_sorted
from spatialplan.files.parquet import read_parquet
from spatialplan.files.partitions import group_rows, is_partitioned

SIDE = 32


def grid(order: Any = None) -> gpd.GeoDataFrame:
    """A field of 32 by 32 squares of side 1, row by row or in another order."""
    east, north = (axis.ravel() for axis in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    table = gpd.GeoDataFrame(
        {"BSM": [f"{number:04}" for number in range(SIDE**2)], "名称": ["水田"] * SIDE**2},
        geometry=shapely.box(east, north, east + 1, north + 1),
        crs="EPSG:4530",
    )
    return table if order is None else table.iloc[order]


def write(table: gpd.GeoDataFrame, path: Path, rows: int, **options: Any) -> Path:
    table.to_parquet(path, row_group_size=rows, index=False, **options)
    return path


def shuffled() -> gpd.GeoDataFrame:
    return grid(np.random.default_rng(5).permutation(SIDE**2))


def test_a_file_in_no_order_is_sorted_and_nothing_of_it_changes(tmp_path: Path) -> None:
    table = shuffled()
    source = write(table, tmp_path / "parcels.gpq.parquet", 64)
    before = source.read_bytes()
    assert not is_partitioned(source, rows=64)
    copy = tmp_path / "copy.parquet"
    write_sorted(source, copy, rows=64)
    assert is_partitioned(copy, rows=64)
    assert group_rows(copy) == (64,) * 16
    found = gpd.read_parquet(copy)
    assert found.crs == table.crs
    again = found.sort_values(SOURCE_ROW)
    assert list(again["BSM"]) == list(table["BSM"])
    assert (
        shapely.to_wkb(again.geometry.values).tolist()
        == shapely.to_wkb(table.geometry.values).tolist()
    )
    assert source.read_bytes() == before


def test_row_groups_of_a_sorted_field_are_squares(tmp_path: Path) -> None:
    """64 squares of a field in Hilbert order are a block of 8 by 8."""
    source = write(shuffled(), tmp_path / "parcels.parquet", 64)
    write_sorted(source, tmp_path / "sorted.parquet", rows=64)
    with parquet.ParquetFile(tmp_path / "sorted.parquet") as file:
        west, south, east, north = group_boxes(file).T
    assert set(east - west) == {8.0}
    assert set(north - south) == {8.0}


def test_a_sorted_file_is_fit_with_boxes_beside_or_without(tmp_path: Path) -> None:
    codes = hilbert_codes(grid().bounds.to_numpy(), np.array([0, 0, SIDE, SIDE]))
    for covering in (True, False):
        source = write(
            grid(np.argsort(codes)), tmp_path / "sorted.parquet", 64, write_covering_bbox=covering
        )
        assert is_partitioned(source, rows=64)


def test_row_groups_that_are_too_large_or_tiny_are_made_anew(tmp_path: Path) -> None:
    codes = hilbert_codes(grid().bounds.to_numpy(), np.array([0, 0, SIDE, SIDE]))
    table = grid(np.argsort(codes))
    assert not is_partitioned(write(table, tmp_path / "one.parquet", 1024), rows=64)
    assert not is_partitioned(write(table, tmp_path / "tiny.parquet", 4), rows=64)
    assert is_partitioned(write(table, tmp_path / "other.parquet", 128), rows=64)


def test_many_small_buckets_give_the_same_copy_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(shuffled(), tmp_path / "parcels.parquet", 100)
    write_sorted(source, tmp_path / "one.parquet", rows=512)
    monkeypatch.setattr(hilbert_order, "GROUPS_PER_BUCKET", 1)
    monkeypatch.setattr(hilbert_order, "SCATTERED_ROWS", 50)
    write_sorted(source, tmp_path / "many.parquet", rows=48)
    one, many = (gpd.read_parquet(tmp_path / f"{name}.parquet") for name in ("one", "many"))
    assert list(one[SOURCE_ROW]) == list(many[SOURCE_ROW])
    assert group_rows(tmp_path / "many.parquet") == (48,) * 21 + (16,), "only the last is short"


def test_what_is_missing_empty_or_broken_is_copied_too(tmp_path: Path) -> None:
    """A damaged parcel is for the judgement to say, not for the sorting to drop."""
    table = shuffled()
    shapes = list(shapely.to_wkb(table.geometry.values))
    shapes[3], shapes[4], shapes[5] = None, shapely.to_wkb(shapely.Polygon()), b"\x01\x03broken"
    plain = write(table, tmp_path / "sound.parquet", 100)
    whole = parquet.read_table(plain)
    place = whole.column_names.index("geometry")
    broken = whole.set_column(place, whole.schema.field(place), pa.array(shapes, pa.binary()))
    parquet.write_table(broken, tmp_path / "broken.parquet")
    write_sorted(tmp_path / "broken.parquet", tmp_path / "copy.parquet", rows=100)
    copy = parquet.read_table(tmp_path / "copy.parquet").sort_by(SOURCE_ROW)
    assert copy["geometry"].to_pylist() == shapes


def test_a_file_that_describes_its_geometry_apart_is_read_too(tmp_path: Path) -> None:
    """As GDAL writes it: not in the schema that pyarrow keeps, but in the file."""
    table = parquet.read_table(write(shuffled(), tmp_path / "parcels.parquet", 100))
    with parquet.ParquetWriter(tmp_path / "apart.parquet", table.schema.remove_metadata()) as file:
        file.write_table(table.replace_schema_metadata(), row_group_size=64)
        file.add_key_value_metadata({"geo": table.schema.metadata[b"geo"]})
    assert not is_partitioned(tmp_path / "apart.parquet", rows=64)
    write_sorted(tmp_path / "apart.parquet", tmp_path / "copy.parquet", rows=100)
    assert len(gpd.read_parquet(tmp_path / "copy.parquet")) == SIDE**2
    assert len(read_parquet(tmp_path / "apart.parquet", "", None)) == SIDE**2


def test_a_former_covering_column_is_replaced(tmp_path: Path) -> None:
    source = write(shuffled(), tmp_path / "parcels.parquet", 100, write_covering_bbox=True)
    write_sorted(source, tmp_path / "copy.parquet", rows=100)
    names = parquet.read_schema(tmp_path / "copy.parquet").names
    assert names == ["BSM", "名称", "geometry", SOURCE_ROW, "bbox"]
    corner = gpd.read_parquet(tmp_path / "copy.parquet", bbox=(0.5, 0.5, 0.6, 0.6))
    assert list(corner["BSM"]) == ["0000"]


def test_only_the_columns_asked_for_are_copied(tmp_path: Path) -> None:
    source = write(shuffled(), tmp_path / "parcels.parquet", 100)
    write_sorted(source, tmp_path / "copy.parquet", rows=100, columns=["BSM"])
    copy = gpd.read_parquet(tmp_path / "copy.parquet")
    assert list(copy.columns) == ["BSM", "geometry", SOURCE_ROW]
    assert len(copy) == SIDE**2


def test_a_column_of_the_covering_s_name_is_kept(tmp_path: Path) -> None:
    source = write(shuffled().assign(bbox=7), tmp_path / "parcels.parquet", 100)
    write_sorted(source, tmp_path / "copy.parquet", rows=100)
    copy = gpd.read_parquet(tmp_path / "copy.parquet", bbox=(0.5, 0.5, 0.6, 0.6))
    assert list(copy["bbox"]) == [7]


@given(
    st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=1, max_size=60),
    st.integers(1, 20),
)
@settings(max_examples=25)
def test_every_row_arrives_once_whatever_the_places(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[float, float]], rows: int
) -> None:
    folder = tmp_path_factory.mktemp("places")
    points = gpd.GeoDataFrame(geometry=shapely.points(np.array(places)), crs="EPSG:4530")
    source = write(points, folder / "points.parquet", 7)
    write_sorted(source, folder / "copy.parquet", rows=rows)
    copy = parquet.read_table(folder / "copy.parquet")
    assert sorted(copy[SOURCE_ROW].to_pylist()) == list(range(len(places)))
    assert sum(group_rows(folder / "copy.parquet")) == len(places)
