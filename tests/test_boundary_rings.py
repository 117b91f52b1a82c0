"""Rings of boundary-point TXT: parts, holes, islands, and outlines that are none."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from small_layers import PLANE, ZONE_42
from small_sites import corners, faults, hectare, points, read, wording, write_txt

from spatialplan.area import unproject
from spatialplan.sites import Sites


def only(sites: Sites) -> shapely.Geometry:
    """The one site's outline back in the working CRS."""
    assert sites.judged.tolist() == [0], [doubt.message.text() for doubt in sites.doubts]
    return unproject(sites.geometry, PLANE, ZONE_42)[0]


def test_a_second_ring_inside_is_a_hole(tmp_path: Path) -> None:
    outer, inner = corners(0, 0, 100), corners(40, 40, 20)
    plot = ["10,0.96,1,甲,面,,,,@", *points([*outer, outer[0]])]
    plot += points([*inner, inner[0]], ring="2", first=5)
    sites = read(write_txt(tmp_path, [plot]))
    assert sites.doubts == ()
    assert only(sites).area == pytest.approx(9_600, abs=0.01)
    assert len(only(sites).interiors) == 1


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_ring_beside_the_first_is_a_part_and_that_is_said(tmp_path: Path, number: str) -> None:
    first, second = corners(0, 0, 100), corners(200, 0, 50)
    plot = ["10,1.25,1,甲,面,,,,@", *points([*first, first[0]])]
    plot += points([*second, second[0]], ring=number, first=5)
    sites = read(write_txt(tmp_path, [plot]))
    assert only(sites).area == pytest.approx(12_500, abs=0.01)
    assert "rings_as_parts" in faults(sites)
    assert f"圈号 {number} 不在其他圈之内，按独立部分计" in wording(sites, "rings_as_parts")
    assert ("ring_restarted" in faults(sites)) == (number == "1")


def test_numbers_that_start_again_start_a_ring(tmp_path: Path) -> None:
    plot = ["8,1.25,1,甲,面,,,,@", *points(corners(0, 0, 100)), *points(corners(200, 0, 50))]
    sites = read(write_txt(tmp_path, [plot]))
    assert only(sites).area == pytest.approx(12_500, abs=0.01)
    assert faults(sites) == ["ring_closed", "ring_restarted", "rings_as_parts"]
    alike = [line.replace(line.split(",")[0], "J", 1) for line in hectare()[1:]]
    sites = read(write_txt(tmp_path, [[hectare()[0], *alike]]))
    assert sites.doubts == ()


def test_rings_in_any_order_and_an_island_in_a_hole(tmp_path: Path) -> None:
    rings = [corners(45, 45, 10), corners(40, 40, 20), corners(0, 0, 100)]
    plot = ["15,0.97,1,甲,面,,,,@"]
    for number, ring in enumerate(rings, start=1):
        plot += points([*ring, ring[0]], ring=str(number))
    sites = read(write_txt(tmp_path, [plot]))
    assert only(sites).area == pytest.approx(10_000 - 400 + 100, abs=0.01)
    assert "rings_as_parts" in faults(sites)


def test_a_hole_with_ring_number_one_is_said(tmp_path: Path) -> None:
    outer, inner = corners(0, 0, 100), corners(40, 40, 20)
    plot = ["10,0.96,1,甲,面,,,,@", *points([*outer, outer[0]]), *points([*inner, inner[0]])]
    sites = read(write_txt(tmp_path, [plot]))
    assert only(sites).area == pytest.approx(9_600, abs=0.01)
    assert "按内环扣除" in wording(sites, "rings_as_holes")


@pytest.mark.parametrize(
    ("second", "fault"),
    [(corners(50, 50, 100), "self_crossing"), (corners(0, 0, 100), "repeated_ring")],
)
def test_rings_that_cross_or_repeat_are_not_judged(
    tmp_path: Path, second: list[tuple[float, float]], fault: str
) -> None:
    first = corners(0, 0, 100)
    plot = ["10,1,1,甲,面,,,,@", *points([*first, first[0]])]
    plot += points([*second, second[0]], ring="2")
    sites = read(write_txt(tmp_path, [plot, hectare(id="DK2")]))
    assert fault in faults(sites, 0)
    assert sites.judged.tolist() == [1]


def test_a_figure_of_eight_names_its_place(tmp_path: Path) -> None:
    a, b, c, d = corners(0, 0, 100)
    sites = read(write_txt(tmp_path, [["4,1,1,甲,面,,,,@", *points([a, c, b, d])]]))
    assert faults(sites) == ["ring_closed", "self_crossing"]
    said = wording(sites, "self_crossing")
    assert "边界自相交，横坐标（东）42600050.000，纵坐标（北）4970050.000" in said
    assert "nothing is repaired here" in said


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ([], "没有界址点"),
        (corners(0, 0, 100)[:2], "不足三个"),
        ([corners(0, 0, 100)[0]] * 4, "不足三个"),
    ],
)
def test_too_few_points(tmp_path: Path, places: list[tuple[float, float]], said: str) -> None:
    sites = read(write_txt(tmp_path, [[f"{len(places)},1,1,甲,面,,,,@", *points(places)]]))
    assert said in wording(sites, "too_few_points")
    assert not len(sites.judged)


def test_repeated_points_are_left_out_and_said(tmp_path: Path) -> None:
    a, b, c, d = corners(0, 0, 100)
    plot = ["6,1,1,甲,面,,,,@", *points([a, b, b, c, d, a])]
    sites = read(write_txt(tmp_path, [plot]))
    assert faults(sites) == ["points_repeated"]
    assert len(only(sites).exterior.coords) > 4
