"""Outlines of sites: invalid, missing, curved, lines and points with a footprint."""

from __future__ import annotations

import math
import sqlite3
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from small_layers import EAST, NORTH, square
from small_sites import FRAME, HECTARE_M2, faults, file_faults, read, read_shapes, wording, write

from spatialplan.errors import SourceError

BOW_TIE = shapely.Polygon(
    [(EAST, NORTH), (EAST + 100, NORTH + 100), (EAST + 100, NORTH), (EAST, NORTH + 100)]
)


def test_invalid_outlines_name_reason_and_place() -> None:
    nested = shapely.MultiPolygon([square(0, 0, 100), square(20, 20, 10)])
    flat = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST + 5, NORTH), (EAST, NORTH)])
    sites = read_shapes([BOW_TIE, nested, flat, square(0, 0, 100)])
    assert faults(sites, 0) == ["self_crossing"]
    assert faults(sites, 1) == ["invalid_geometry"]
    assert faults(sites, 2) in (["self_crossing"], ["invalid_geometry"])
    assert sites.judged.tolist() == [3]
    said = wording(sites, "self_crossing")
    assert "边界自相交，横坐标（东）42600050.000，纵坐标（北）4970050.000" in said
    assert "at easting 42600050.000, northing 4970050.000" in said
    degrees = gpd.GeoSeries([BOW_TIE], crs=4530).to_crs(4490)
    assert "经度 127.2" in wording(read_shapes(degrees, crs=4490), "self_crossing")


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e300])
def test_coordinates_that_are_not_finite(bad: float) -> None:
    with np.errstate(invalid="ignore"):
        shape = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH), (EAST + 9, bad)])
    sites = read_shapes([shape, square(0, 0, 100)])
    assert faults(sites, 0) == ["not_finite"]
    assert sites.judged.tolist() == [1]


def test_missing_and_empty_geometry_is_listed(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b", "c"]}, geometry=[None, shapely.Polygon(), square(0, 0, 10)], crs=4530
    )
    for source in (frame, write(tmp_path, "sites.gpkg", frame)):
        sites = read(source)
        assert len(sites) == 3
        assert faults(sites) == ["no_geometry", "no_geometry"]
        assert np.isnan(sites.area_m2[:2]).all()
        assert "没有图形，未作判断" in wording(sites, "no_geometry")


def test_heights_are_dropped_and_that_is_said() -> None:
    high = shapely.force_3d(square(0, 0, 100), 170.0)
    sites = read_shapes([high, square(200, 0, 100)], columns={"id": ["a", "b"]})
    assert file_faults(sites) == ["dropped_heights"]
    assert not shapely.has_z(sites.geometry).any()
    assert sites.area_m2 == pytest.approx([HECTARE_M2] * 2, abs=0.02)


def test_curves_are_straightened_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "sites.gpkg"
    pyogrio.write_dataframe(FRAME, path, geometry_type="Unknown")
    _draw_circle(path, radius_m=100)
    sites = read(path)
    assert faults(sites) == ["linearised"]
    assert sites.doubts[0].row == 0
    assert sites.planar_m2[0] == pytest.approx(math.pi * 100**2, rel=1e-3)
    assert "化为短直线段" in wording(sites, "linearised")


def _draw_circle(path: Path, *, radius_m: float) -> None:
    """Put a curve polygon of two arcs in place of the first feature's geometry."""
    places = [(-radius_m, 0), (0, radius_m), (radius_m, 0), (0, -radius_m), (-radius_m, 0)]
    curve = struct.pack("<BIIBII", 1, 10, 1, 1, 8, len(places))
    curve += b"".join(struct.pack("<2d", EAST + e, NORTH + n) for e, n in places)
    with sqlite3.connect(path) as table:
        for (name,) in table.execute("SELECT name FROM sqlite_master WHERE type='trigger'"):
            table.execute(f'DROP TRIGGER "{name}"')
        (blob,) = table.execute("SELECT geom FROM sites WHERE fid = 1").fetchone()
        table.execute("UPDATE sites SET geom = ? WHERE fid = 1", (blob[:40] + curve,))
    table.close()


LINE = shapely.LineString([(EAST, NORTH), (EAST + 500, NORTH), (EAST + 500, NORTH + 500)])


@pytest.mark.parametrize("crs", [4530, 4490, 4531])
def test_lines_and_points_are_given_their_footprint(crs: int) -> None:
    drawn = gpd.GeoSeries([LINE, shapely.Point(EAST, NORTH), square(0, 0, 100)], crs=4530)
    sites = read_shapes(drawn.to_crs(crs), crs=crs, columns={"id": ["线", "点", "面"]})
    assert [faults(sites, row)[0] for row in (0, 1)] == ["no_footprint", "no_footprint"]
    assert "或 --line-width 给出总宽度（米）" in wording(sites, "no_footprint")
    sites = read_shapes(drawn.to_crs(crs), crs=crs, width_m=20, radius_m=50)
    # The outer corner of the strip is rounded, the inner one counted once.
    strip = 2 * 500 * 20 - 10 * 10 + math.pi * 10**2 / 4
    assert sites.planar_m2[:2] == pytest.approx([strip, math.pi * 50**2], rel=2e-4)
    assert sites.doubts_of(0)[0].message.text("zh") == "线状图形按总宽 20 米计"
    assert sites.doubts_of(1)[0].message.text("en").endswith("circle of 50 m radius")


def test_a_width_of_its_own_comes_before_the_usual_one() -> None:
    lines = [shapely.transform(LINE, lambda xy, i=i: np.add(xy, [0, 2_000 * i])) for i in range(4)]
    columns = {"id": list("abcd"), "宽度": ["10", "30 米", "", "宽"]}
    sites = read_shapes(lines, columns=columns, width_m=20)
    corner = [2 * 500 * w - (w / 2) ** 2 * (1 - math.pi / 4) for w in (10, 30, 20, 20)]
    assert sites.planar_m2 == pytest.approx(corner, rel=2e-4)
    assert [faults(sites, row) for row in range(3)] == [["footprint_given"]] * 3
    assert faults(sites, 3) == ["bad_width", "footprint_given"]
    assert "宽度“宽”不是 0.01 至" in wording(sites, "bad_width")
    assert faults(read_shapes(lines, columns=columns), 3) == ["bad_width", "no_footprint"]


@pytest.mark.parametrize("size", [0, -1, math.nan, math.inf, 1e6])
def test_a_footprint_is_a_length(size: float) -> None:
    with pytest.raises(SourceError, match="no width or radius in metres"):
        read_shapes([LINE], width_m=size)


def test_collections_are_judged_together_or_not_at_all() -> None:
    whole = shapely.GeometryCollection([square(0, 0, 100), square(200, 0, 100)])
    mixed = shapely.GeometryCollection([square(0, 0, 100), LINE, shapely.GeometryCollection()])
    sites = read_shapes([whole, mixed], columns={"id": ["a", "b"]})
    assert faults(sites, 0)[0] == "collection"
    assert sites.area_m2[0] == pytest.approx(2 * HECTARE_M2, abs=0.02)
    assert faults(sites, 1) == ["collection", "no_footprint"]
    # 400 m of the first leg stand clear of the square, half of the strip's width overlaps it.
    sites = read_shapes([mixed], width_m=20)
    strip = 2 * 500 * 20 - 10 * 10 + math.pi * 10**2 / 4
    assert sites.planar_m2[0] == pytest.approx(10_000 + strip - 100 * 10, rel=1e-3)
    crossed = shapely.GeometryCollection([BOW_TIE, LINE])
    assert "self_crossing" in faults(read_shapes([crossed], width_m=20))


def test_multipoints_and_empty_collections() -> None:
    places = shapely.MultiPoint([(EAST, NORTH), (EAST + 500, NORTH)])
    sites = read_shapes([places, shapely.GeometryCollection()], radius_m=50)
    assert sites.planar_m2[0] == pytest.approx(2 * math.pi * 50**2, rel=2e-4)
    assert faults(sites, 1) == ["no_geometry"]


def test_a_huge_outline_is_judged() -> None:
    angles = np.linspace(0, 2 * math.pi, 200_000, endpoint=False)
    places = np.column_stack([EAST + 500 * np.cos(angles), NORTH + 500 * np.sin(angles)])
    sites = read_shapes([shapely.Polygon(places)])
    assert sites.planar_m2[0] == pytest.approx(math.pi * 500**2, rel=1e-6)


def test_a_sliver_of_a_site_is_doubted() -> None:
    sites = read_shapes([square(0, 0, 0.5)], columns={"id": ["a"]})
    assert faults(sites) == ["tiny"]
    assert len(sites.judged) == 1


def test_a_site_thinner_than_a_centimetre_is_not_judged() -> None:
    """Lying wholly in a core zone it might share nothing but noise with it."""
    shapes = [square(0, 0, 0.0015), square(0, 10, 300, height_m=0.008)]
    sites = read_shapes([*shapes, square(0, 20, 300, height_m=0.012)])
    assert [faults(sites, row)[-1] for row in range(2)] == ["too_thin", "too_thin"]
    assert "too_thin" not in faults(sites, 2)
    assert "宽度" in wording(sites, "too_thin")
    narrow = shapely.LineString([(EAST, NORTH), (EAST + 900, NORTH)])
    line = read_shapes([narrow], columns={"id": ["a"], "宽度": [0.0008]})
    assert faults(line, 0) == ["bad_width", "no_footprint"]
