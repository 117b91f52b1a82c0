"""Suggestions as boundary-point TXT, read back by the program's own reader."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import CRS

from spatialplan.area import to_plane
from spatialplan.errors import OutputError
from spatialplan.files import read_sites
from spatialplan.findings import Severity
from spatialplan.reports.screenings import write_plots
from spatialplan.sites import Sites
from spatialplan.siting import Screening

from .screenings import make_screening

NAMES = ["001-free.txt", "001-place1.txt", "003-free.txt"]
# What comes back is what was written to the millimetre.
WRITTEN_M = 0.002


@pytest.fixture(scope="module")
def screening() -> Screening:
    return make_screening(suggest=True)


@pytest.fixture(scope="module")
def folder(screening: Screening, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("results") / "plots"
    write_plots(screening, path, language="zh")
    return path


def lines(path: Path) -> list[str]:
    return path.read_bytes().decode("gb18030").splitlines()


def header(path: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in lines(path) if "=" in line)
    return dict(pairs)  # type: ignore[arg-type]


def plot_line(path: Path) -> list[str]:
    (line,) = (line for line in lines(path) if line.endswith("@"))
    return line.split(",")


def read_back(path: Path, screening: Screening) -> Sites:
    return read_sites(path, plane=screening.sites.plane, working_crs=screening.crs)


def is_same_ground(one: Any, other: Any) -> bool:
    """Whether two shapes differ by no more than a strip of `WRITTEN_M` along their border."""
    return bool(one.symmetric_difference(other).area < other.length * WRITTEN_M)


def with_shape(screening: Screening, shape: Any) -> Screening:
    """The screening, with `shape` (zone 42) as the free part of the first site and no place."""
    plane = screening.sites.plane
    placed = to_plane(
        np.array([shape], dtype=object), screening.crs, plane=plane, split_crs=screening.crs
    )[0]
    free = replace(screening.suggestions[0].free, geometry=placed, area_m2=placed.area)
    return replace(
        screening, suggestions={0: replace(screening.suggestions[0], free=free, places=())}
    )


def test_every_suggestion_has_its_files(screening: Screening, tmp_path: Path) -> None:
    paths = write_plots(screening, tmp_path / "plots", language="zh")
    assert [path.name for path in paths] == NAMES
    assert all(path.parent == tmp_path / "plots" for path in paths)
    assert sorted(entry.name for entry in (tmp_path / "plots").iterdir()) == NAMES


def test_without_suggestions_nothing_is_written(tmp_path: Path) -> None:
    assert write_plots(make_screening(), tmp_path / "plots") == ()
    assert list(tmp_path.iterdir()) == []


def test_the_header_is_filled(folder: Path) -> None:
    expected = {
        "坐标系": "2000国家大地坐标系",
        "几度分带": "3",
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": "42",
        "精度": "0.001",
        "数据产生日期": "2026-05-01",
    }
    for name in NAMES:
        found = header(folder / name)
        assert found.items() >= expected.items()
        assert len(found["转换参数"].split(",")) == 7


def test_corners_come_out_and_no_other_point(folder: Path) -> None:
    # The free part of S1: 300 × 100 m, whose edges were split for measuring.
    points = [line.split(",") for line in lines(folder / NAMES[0]) if line.startswith("J")]
    assert [label for label, *_ in points] == ["J1", "J2", "J3", "J4", "J1"]
    corners = [(float(north), float(east)) for *_, north, east in points[:4]]
    expected = [
        *((4_971_300, 42_600_400), (4_971_300, 42_600_700)),
        *((4_971_200, 42_600_700), (4_971_200, 42_600_400)),
    ]
    assert np.array(corners) == pytest.approx(np.array(expected), abs=WRITTEN_M)


def test_the_area_is_the_official_one_in_hectares(folder: Path, screening: Screening) -> None:
    free_m2 = screening.suggestions[0].free.area_m2
    count, area, plot_id, name, kind, *_ = plot_line(folder / NAMES[0])
    assert area == f"{free_m2 / 10_000:.4f}"
    assert (count, plot_id, kind) == ("5", "S1-001-free", "面")
    assert name == "【演示】城郊公路延伸（可用部分）"


def test_a_place_says_its_rank_and_move(folder: Path) -> None:
    assert plot_line(folder / NAMES[1])[3] == "【演示】城郊公路延伸（避让方案 1，挪动 500.0 米）"


@pytest.mark.parametrize("name", NAMES)
def test_what_was_written_is_read_back(folder: Path, screening: Screening, name: str) -> None:
    suggestion = screening.suggestions[int(name[:3]) - 1]
    shape = suggestion.free.geometry if "free" in name else suggestion.places[0].geometry
    sites = read_back(folder / name, screening)
    assert len(sites) == 1
    assert sites.demonstration
    assert is_same_ground(sites.geometry[0], shape)
    assert sites.area_m2[0] == pytest.approx(shape.area, abs=shape.length * WRITTEN_M)
    assert sites.stated_m2[0] == pytest.approx(shape.area, abs=0.6)
    assert [d.fault for d in sites.doubts if d.severity is not Severity.INFO] == []


def test_holes_and_parts_are_read_back(screening: Screening, tmp_path: Path) -> None:
    east, north = 42_600_000, 4_970_000
    holed = shapely.box(east, north, east + 300, north + 300) - shapely.box(
        east + 100, north + 100, east + 200, north + 200
    )
    apart = shapely.box(east + 500, north, east + 600, north + 50)
    several = with_shape(screening, shapely.MultiPolygon([holed, apart]))
    (path,) = write_plots(several, tmp_path)
    (shape,) = read_back(path, screening).geometry
    assert sorted(len(part.interiors) for part in shape.geoms) == [0, 1]
    expected = several.suggestions[0].free.geometry
    assert is_same_ground(shape, expected)


@pytest.mark.parametrize("code", [4551, 4530, 4490])
def test_eastings_carry_the_zone_number_whatever_the_working_crs(
    screening: Screening, tmp_path: Path, code: int
) -> None:
    (path, *_) = write_plots(replace(screening, crs=CRS.from_epsg(code)), tmp_path)
    assert header(path)["带号"] == "42"
    points = [line.split(",") for line in lines(path) if line.startswith("J")]
    assert all(42_600_000 < float(easting) < 42_601_000 for *_, easting in points)


def test_names_come_from_no_file(screening: Screening, tmp_path: Path) -> None:
    hostile = ["../../escape", "CON", "a/b\\c:d", "nul\x00.txt", "001-free"]
    findings = tuple(
        replace(finding, site_id=site_id, name=site_id)
        for finding, site_id in zip(screening.findings, hostile, strict=True)
    )
    target = tmp_path / "plots"
    paths = write_plots(replace(screening, findings=findings), target)
    assert [path.relative_to(target).as_posix() for path in paths] == NAMES
    assert [entry.name for entry in tmp_path.iterdir()] == ["plots"]


def test_text_of_a_site_breaks_no_line(screening: Screening, tmp_path: Path) -> None:
    first = replace(screening.findings[0], site_id="A,@\n1", name="甲,乙@\r\nJ9,1,0,0\u202e𠮷")
    written = replace(screening, findings=(first, *screening.findings[1:]))
    path = write_plots(written, tmp_path, language="zh")[0]
    assert len(plot_line(path)) == 9
    sites = read_back(path, screening)
    assert len(sites) == 1
    assert "𠮷" in sites.names[0]
    expected = screening.suggestions[0].free.geometry
    assert is_same_ground(sites.geometry[0], expected)


def test_nothing_free_gives_no_file(screening: Screening, tmp_path: Path) -> None:
    suggestion = screening.suggestions[0]
    free = replace(suggestion.free, geometry=shapely.MultiPolygon(), area_m2=0.0, share=0.0)
    held = {0: replace(suggestion, free=free)}
    paths = write_plots(replace(screening, suggestions=held), tmp_path)
    assert [path.name for path in paths] == ["001-place1.txt"]


def test_ground_too_thin_to_be_written_gives_no_file(screening: Screening, tmp_path: Path) -> None:
    thread = with_shape(screening, shapely.box(42_600_000, 4_970_000, 42_600_000.0001, 4_970_050))
    assert write_plots(thread, tmp_path / "plots") == ()


def test_an_earlier_file_is_replaced_and_others_stay(screening: Screening, tmp_path: Path) -> None:
    (tmp_path / "001-free.txt").write_text("an earlier run")
    (tmp_path / "007-place3.txt").write_text("a place that no longer applies")
    (tmp_path / "notes.txt").write_text("mine")
    write_plots(screening, tmp_path)
    assert len(read_back(tmp_path / "001-free.txt", screening)) == 1
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [*NAMES, "notes.txt"]


def test_the_same_screening_gives_the_same_bytes(
    folder: Path, screening: Screening, tmp_path: Path
) -> None:
    for path in write_plots(screening, tmp_path, language="zh"):
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_names_are_worded_in_the_language_asked_for(screening: Screening, tmp_path: Path) -> None:
    path = write_plots(screening, tmp_path, language="en")[0]
    assert plot_line(path)[3] == "[演示 demonstration] 城郊公路延伸 (free part)"
    assert header(path)["坐标系"] == "2000国家大地坐标系"


def test_a_folder_that_is_a_file_says_what_to_do(screening: Screening, tmp_path: Path) -> None:
    (tmp_path / "plots").write_text("a file in the way")
    with pytest.raises(OutputError, match="check the folder"):
        write_plots(screening, tmp_path / "plots")
