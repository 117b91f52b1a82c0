"""Outlines straight from GeoParquet, in every way it is written."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pytest
import shapely
from pyarrow import parquet

from spatialplan.errors import InvalidGeometryError, SourceError
from spatialplan.files import iterate_outlines, read_layer, read_outlines
from spatialplan.outlines import draw_outlines

RING = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
SHAPES = [RING, None, shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.box(23, 0, 24, 1)])]
FRAME = gpd.GeoDataFrame({"BSM": ["1", "2", "3"]}, geometry=SHAPES, crs="EPSG:4530")


def require_same(file: Path) -> None:
    drawn = draw_outlines(read_outlines(file))
    assert [shape.normalize().wkt for shape in drawn] == [
        shape.normalize().wkt if shape else "POLYGON EMPTY" for shape in SHAPES
    ]


@pytest.mark.parametrize("options", [{}, {"row_group_size": 1}, {"geometry_encoding": "geoarrow"}])
def test_as_geopandas_writes_it(tmp_path: Path, options: dict[str, object]) -> None:
    frame = FRAME if "geometry_encoding" not in options else FRAME.iloc[[0, 2]].explode()
    frame.to_parquet(tmp_path / "a.parquet", **options)
    if "geometry_encoding" in options:
        areas = shapely.area(draw_outlines(read_outlines(tmp_path / "a.parquet")))
        assert areas.tolist() == [72.0, 1.0, 1.0]
    else:
        require_same(tmp_path / "a.parquet")


def test_described_only_at_the_end_of_the_file(tmp_path: Path) -> None:
    """Whoever writes row groups one by one knows the bounds last; the schema says nothing then."""
    file = tmp_path / "a.parquet"
    FRAME.to_parquet(file)
    table = parquet.read_table(file)
    said = json.loads(table.schema.metadata[b"geo"])
    bare = table.replace_schema_metadata({})
    with parquet.ParquetWriter(file, bare.schema) as writer:
        writer.write_table(bare)
        writer.add_key_value_metadata({"geo": json.dumps(said)})
    require_same(file)
    assert read_layer_count(file) == 2


def read_layer_count(file: Path) -> int:
    moved = gpd.read_parquet(file)
    moved.geometry = moved.geometry.translate(42_600_000, 4_970_000)
    moved.to_parquet(file)
    return len(read_layer(file).frame)


def test_batches_bring_their_attributes(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "a.parquet")
    found = list(iterate_outlines(tmp_path / "a.parquet", columns=["BSM"], batch=2))
    assert [len(outlines) for outlines, _ in found] == [2, 1]
    assert [table.column("BSM").to_pylist() for _, table in found] == [["1", "2"], ["3"]]


def test_what_is_no_polygon_is_named(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(geometry=[RING, shapely.Point(1, 1)], crs="EPSG:4530")
    frame.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InvalidGeometryError, match=r"geometries\[1\].*Point"):
        read_outlines(tmp_path / "a.parquet")


@pytest.mark.parametrize("fault", ["missing", "text", "cut", "no geometry", "no such column"])
def test_files_that_cannot_be_read(tmp_path: Path, fault: str) -> None:
    file, columns = tmp_path / "a.parquet", ()
    FRAME.to_parquet(file)
    if fault == "missing":
        file.unlink()
    elif fault == "text":
        file.write_text("no parquet")
    elif fault == "cut":
        file.write_bytes(file.read_bytes()[:-200])
    elif fault == "no geometry":
        parquet.write_table(pa.table({"BSM": np.arange(3)}), file)
    else:
        columns = ("MJ",)
    with pytest.raises(SourceError, match=r"a\.parquet.*cannot be read|a\.parquet.*not exist"):
        list(iterate_outlines(file, columns=columns))
