"""Zones written once and read near a place: the same features, to the last bit."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from spatialplan.files.zone_store import read_zones_near, write_zones

SIDE = 40
EVERYWHERE = np.array([-np.inf, -np.inf, np.inf, np.inf])


def squares() -> gpd.GeoDataFrame:
    """A field of 40 by 40 squares, a tenth apart; drawn at awkward places."""
    east, north = (axis.ravel() for axis in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    shapes = shapely.box(east / 3, north / 3, east / 3 + 0.3, north / 3 + 0.3)
    ids = [f"第{number}号" for number in range(len(shapes))]
    kept = np.where(np.arange(len(shapes)) % 7, 1 - 1 / (1 + east), np.nan)
    return gpd.GeoDataFrame({"id": ids, "zone": "", "kept": kept}, geometry=shapes, crs=4530)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "squares.parquet"
    write_zones(squares(), path)
    return path


def test_what_is_read_is_what_was_written_to_the_last_bit(store: Path) -> None:
    found, given_ = read_zones_near(store, EVERYWHERE), squares()
    assert list(found["id"]) == list(given_["id"])
    assert (
        shapely.to_wkb(found.geometry.values).tolist()
        == shapely.to_wkb(given_.geometry.values).tolist()
    )
    assert np.array_equal(found["kept"], given_["kept"], equal_nan=True)
    assert list(found.index) == list(range(SIDE**2))


@given(st.tuples(*[st.floats(-1, 15)] * 4))
@settings(max_examples=50)
def test_near_a_box_are_those_whose_box_meets_it(
    store: Path, edges: tuple[float, float, float, float]
) -> None:
    one, two, three, four = edges
    box = np.array([min(one, two), min(three, four), max(one, two), max(three, four)])
    table = squares()
    bounds = table.bounds.to_numpy()
    met = ((bounds[:, :2] <= box[2:]) & (bounds[:, 2:] >= box[:2])).all(axis=1)
    found = read_zones_near(store, box)
    assert list(found.index) == np.flatnonzero(met).tolist()
    assert list(found["id"]) == list(table["id"][met])


def test_a_box_that_only_touches_finds_its_neighbour(store: Path) -> None:
    edge = float(squares().total_bounds[2])
    assert len(read_zones_near(store, np.array([edge, 0.0, edge + 1, 0.1]))) == 1


def test_only_row_groups_near_the_box_are_opened(tmp_path: Path) -> None:
    """A row group that lies elsewhere may be damaged: nobody looks into it."""
    from pyarrow import parquet

    path = tmp_path / "squares.parquet"
    write_zones(squares(), path)
    with parquet.ParquetFile(path) as file:
        columns = file.metadata.row_group(file.num_row_groups - 1)
        names = [columns.column(place).path_in_schema for place in range(columns.num_columns)]
        geometry = columns.column(names.index("geometry"))
        start = geometry.dictionary_page_offset or geometry.data_page_offset
    content = bytearray(path.read_bytes())
    content[start : start + geometry.total_compressed_size] = bytes(geometry.total_compressed_size)
    path.write_bytes(content)
    assert list(read_zones_near(path, np.array([0.0, 0.0, 0.1, 0.1]))["id"]) == ["第0号"]
    with pytest.raises(OSError):
        read_zones_near(path, EVERYWHERE)


def test_a_layer_without_features_is_stored(tmp_path: Path) -> None:
    write_zones(squares()[:0], tmp_path / "none.parquet")
    assert len(read_zones_near(tmp_path / "none.parquet", EVERYWHERE)) == 0
