"""Plots written as boundary-point TXT, and read back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from small_layers import EAST, NORTH, square

from spatialplan.area import ellipsoidal_area
from spatialplan.errors import CrsError, OutputError
from spatialplan.files import write_boundary_points
from spatialplan.files.site_files.boundary_points import read_boundary_points
from spatialplan.files.site_files.texts import FileContent
from spatialplan.sites import Plot, clean_text, number_points


def test_the_points_of_a_square_are_numbered_clockwise_from_the_north_west() -> None:
    shape = shapely.Polygon(square(0, 0, 100).exterior, [square(40, 40, 20).exterior])
    rows = number_points(shape)
    assert [row.label for row in rows] == [
        "J1",
        "J2",
        "J3",
        "J4",
        "J1",
        "J5",
        "J6",
        "J7",
        "J8",
        "J5",
    ]
    assert [row.ring for row in rows] == [1] * 5 + [2] * 5
    assert (rows[0].northing, rows[0].easting) == (NORTH + 100, EAST)
    assert (rows[1].northing, rows[1].easting) == (NORTH + 100, EAST + 100)
    assert [row.edge_m for row in rows] == [100.0] * 4 + [None] + [20.0] * 4 + [None]


def test_what_is_written_reads_like_the_standard(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    plot = Plot("DK1", "水厂,扩建@一期", square(0, 0, 100), use="供水用地")
    write_boundary_points([plot], path, crs=4530, producer="局", day=date(2026, 3, 15))
    lines = path.read_bytes().decode("gbk").split("\r\n")
    assert lines[:5] == [
        "[属性描述]",
        "格式版本号=1.01版本",
        "数据产生单位=局",
        "数据产生日期=2026-03-15",
        "坐标系=2000国家大地坐标系",
    ]
    assert lines[11:] == [
        "[地块坐标]",
        "5,0.9998,DK1,水厂，扩建(at)一期,面,,供水用地,,@",
        "J1,1,4970100.000,42600000.000",
        "J2,1,4970100.000,42600100.000",
        "J3,1,4970000.000,42600100.000",
        "J4,1,4970000.000,42600000.000",
        "J1,1,4970100.000,42600000.000",
        "",
    ]


def test_only_a_zone_can_be_written_and_only_ground(tmp_path: Path) -> None:
    with pytest.raises(CrsError, match="which «EPSG:3857» is not; name one"):
        write_boundary_points([], tmp_path / "a.txt", crs=3857)
    speck = Plot("1", "", square(0, 0, 1e-5))
    with pytest.raises(OutputError, match="at this precision the plot has no area"):
        write_boundary_points([speck], tmp_path / "a.txt", crs=4530)
    assert not list(tmp_path.iterdir())


@st.composite
def outlines(draw: st.DrawFn) -> shapely.Geometry:
    """Squares side by side on a millimetre grid, some with a hole, some with an island in it."""
    parts = []
    for column in range(draw(st.integers(1, 3))):
        size = draw(st.integers(1_000, 90_000)) / 1_000
        part = square(100 * column, draw(st.integers(-500, 500)), size)
        if draw(st.booleans()):
            hole = part.buffer(-size / 4, join_style="mitre")
            part = part.difference(shapely.transform(hole, lambda xy: np.round(xy, 3)))
        parts.append(part)
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


NAMES = st.text(st.characters(codec="gb18030", exclude_characters=",@＠，"), max_size=12)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(outlines(), NAMES), min_size=1, max_size=3), st.sampled_from([4530, 4551])
)
def test_what_is_written_is_read_back_exactly(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[shapely.Geometry, str]],
    code: int,
) -> None:
    path = tmp_path_factory.mktemp("txt") / "out.txt"
    shift = [42e6 if code == 4551 else 0, 0]
    plots = [
        Plot(f"P{i}", name, shapely.transform(shape, lambda xy: xy - shift))
        for i, (shape, name) in enumerate(drawn)
    ]
    write_boundary_points(plots, path, crs=code)
    content = FileContent(path.name, ".txt", path.read_bytes(), "")
    submission = read_boundary_points(content)
    assert submission.attributes.ids.tolist() == [plot.id for plot in plots]
    names = [clean_text(name) for _, name in drawn]
    assert submission.attributes.names.tolist() == names
    for (before, _), after in zip(drawn, submission.shapes, strict=True):
        assert shapely.equals_exact(before, after, normalize=True)
    area_m2 = ellipsoidal_area(submission.shapes, submission.crs)
    assert submission.attributes.stated == pytest.approx(area_m2 / 10_000, abs=5.1e-5)
    again = [
        Plot(plot.id, plot.name, shapely.transform(shape, lambda xy: xy - shift))
        for plot, shape in zip(plots, submission.shapes, strict=True)
    ]
    write_boundary_points(again, path.with_name("again.txt"), crs=code)
    assert path.with_name("again.txt").read_bytes() == path.read_bytes()
