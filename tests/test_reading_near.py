from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from small_layers import square
from small_screenings import HEADER

from spatialplan.area import to_plane
from spatialplan.files import read_layers, read_layers_near
from spatialplan.plan import validate_plan


@pytest.mark.parametrize("crs", ["EPSG:4530", "EPSG:4531", "EPSG:4490"])
@pytest.mark.parametrize("name", ["parcels.gpkg", "parcels.shp", "parcels.geojson", "parcels.fgb"])
def test_only_features_near_a_place_are_read(tmp_path: Path, name: str, crs: str) -> None:
    """Every feature whose ground is there, whatever the format and projection; not all others."""
    shapes = [square(200 * i, 200 * j, 200) for i in range(20) for j in range(20)]
    table = gpd.GeoDataFrame({"DLBM": ["0101"] * 400}, geometry=shapes, crs="EPSG:4530")
    if name.endswith("geojson"):
        table = table.to_crs("EPSG:4490")
    table.to_crs(crs).to_file(tmp_path / name)
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
