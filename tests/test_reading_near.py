from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyarrow import parquet
from small_layers import square
from small_screenings import HEADER

from spatialplan.area import to_plane
from spatialplan.errors import SourceError
from spatialplan.files import read_delivery, read_layers, read_layers_near
from spatialplan.plan import LayerSpec, validate_plan


@pytest.mark.parametrize("crs", ["EPSG:4530", "EPSG:4531", "EPSG:4490"])
@pytest.mark.parametrize(
    "name",
    [
        *("parcels.gpkg", "parcels.shp", "parcels.geojson", "parcels.fgb"),
        *("parcels.parquet", "indexed.shp"),
    ],
)
def test_only_features_near_a_place_are_read(tmp_path: Path, name: str, crs: str) -> None:
    """Every feature whose ground is there, whatever the format and projection; not all others."""
    shapes = [square(200 * i, 200 * j, 200) for i in range(20) for j in range(20)]
    table = gpd.GeoDataFrame({"DLBM": ["0101"] * 400}, geometry=shapes, crs="EPSG:4530")
    if name.endswith("geojson"):
        table = table.to_crs("EPSG:4490")
    if name.endswith("parquet"):
        table.to_crs(crs).to_parquet(tmp_path / name, row_group_size=150)
    else:
        options = {"SPATIAL_INDEX": "YES"} if name == "indexed.shp" else {}
        table.to_crs(crs).to_file(tmp_path / name, **options)
    county = gpd.GeoDataFrame(geometry=[square(-500, -500, 5000)], crs="EPSG:4530")
    county.to_file(tmp_path / "county.gpkg")
    layers = {
        "county": {"title": "县界", "role": "region", "path": "county.gpkg"},
        "parcels": {"title": "图斑", "role": "land_parcel", "path": name},
    }
    plan = validate_plan({"schema": 1, "plan": HEADER, "layers": layers}, directory=tmp_path)
    reading = read_layers(plan, keys=["county"])
    place = reading.crs, square(410, 410, 50)
    bounds = gpd.GeoSeries([place[1]], crs=place[0]).to_crs("EPSG:4490").total_bounds
    found = read_layers_near(plan, reading, bounds, keys=["parcels"]).layers["parcels"]
    assert 1 <= len(found.frame) <= 9
    site = to_plane(np.array([place[1]]), place[0], plane=found.plane, split_crs=place[0])
    assert shapely.union_all(found.geometry).buffer(0.001).covers(site[0])


def test_what_cannot_be_read_may_lie_near(tmp_path: Path) -> None:
    """A damaged geometry refuses the layer: the sites beside it are not clear."""
    parcels = gpd.GeoDataFrame(geometry=[square(200 * i, 0, 200) for i in range(9)], crs=4530)
    parcels.to_parquet(tmp_path / "parcels.parquet")
    table = parquet.read_table(tmp_path / "parcels.parquet")
    texts = table["geometry"].to_pylist()
    texts[3] = texts[3][:20]
    table = table.set_column(0, table.schema.field("geometry"), [texts])
    parquet.write_table(table, tmp_path / "parcels.parquet")
    spec = LayerSpec(id="p", title="p", role="land_parcel", path="parcels.parquet")
    with pytest.raises(SourceError, match="number 4, is damaged"):
        read_delivery(spec, directory=tmp_path, near=np.array([127.0, 44.0, 128.0, 45.5]))
