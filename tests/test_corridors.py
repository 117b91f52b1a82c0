"""Natural cover along corridors: shares that can be drawn, cuts that a flood fill finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from small_grids import cells_of, grid_of, raster_of, windows_of
from small_layers import EAST, NORTH, make_layer

from spatialplan.corridors import (
    Continuous,
    CorridorResult,
    SectionState,
    cut_corridor,
    judge_corridor,
)
from spatialplan.corridors.continuity import NaturalCells, find_cuts
from spatialplan.plan import CorridorSpec, PatternElement

SPEC = CorridorSpec(raster="r", step_m=100.0, gap_share=0.2, pinch_share=0.5)


def element(width_m: float = 100.0) -> PatternElement:
    return PatternElement(
        kind="corridor", group="g", name="river", layer="layer", feature="river", width_m=width_m
    )


def line(*points: tuple[float, float], names: tuple[str, ...] = ("river",)) -> Any:
    """A river through points, metres from the corner of the plain."""
    shape = shapely.LineString([(EAST + east, NORTH + north) for east, north in points])
    columns = {"MC": list(names)}
    return make_layer([shape], columns=columns, geometry="line", name_field="MC")


def judge(*rows: str, frame: int = 2, east_m: float = 0.0) -> CorridorResult:
    """Judge a river from west to east through the middle of ten rows of cells of 10 m.

    Its band of 100 m covers the rows; cropland frames them.
    """
    drawn = cells_of(*rows)
    cells = np.pad(drawn, frame, constant_values=1)
    grid = grid_of(cells.shape, east_m=east_m - 10.0 * frame)
    middle = cells.shape[0] * 5.0
    river = line((0.0, middle), (drawn.shape[1] * 10.0, middle))
    corridor = cut_corridor(element(), river, step_m=SPEC.step_m)
    assert corridor is not None
    return judge_corridor(corridor, SPEC, raster_of(grid), windows_of(cells))


def test_sections_of_a_straight_line_are_slabs() -> None:
    corridor = cut_corridor(element(), line((0.0, 500.0), (1_000.0, 500.0)), step_m=100.0)
    assert corridor is not None
    assert len(corridor.ground) == 10
    assert corridor.to_m - corridor.from_m == pytest.approx(100.0, abs=0.3)
    assert shapely.area(corridor.ground) == pytest.approx(10_000.0, rel=2e-3)


@pytest.mark.parametrize("width_m", [60.0, 400.0, 1_500.0])
def test_sections_at_bends_never_overlap_and_lose_no_ground(width_m: float) -> None:
    bend = [(0.0, 0.0), (800.0, 0.0), (900.0, 300.0), (500.0, 500.0), (1_500.0, 700.0)]
    corridor = cut_corridor(element(width_m), line(*bend), step_m=100.0)
    assert corridor is not None
    united = shapely.union_all(corridor.ground)
    assert shapely.area(corridor.ground).sum() == pytest.approx(united.area, rel=1e-9)


def test_what_is_left_of_a_line_is_a_section_from_half_a_step_on() -> None:
    counts = []
    for length in (140.0, 160.0):
        corridor = cut_corridor(element(), line((0.0, 0.0), (length, 0.0)), step_m=100.0)
        assert corridor is not None
        counts.append(len(corridor.ground))
    assert counts == [1, 2]


def test_a_name_that_no_line_bears_gives_no_corridor() -> None:
    river = line((0.0, 0.0), (500.0, 0.0), names=("another",))
    assert cut_corridor(element(), river, step_m=100.0) is None


def test_shares_are_those_that_were_drawn() -> None:
    # Sections are ten columns wide: whole, three rows in ten, and one row in ten.
    result = judge(
        *(["##########" + "." * 20] * 4),
        "##########" + "##########" + "##########",
        *(["##########" + "##########" + ".........."] * 2),
        *(["##########" + "." * 20] * 3),
    )
    shares = [section.least_share for section in result.sections]
    assert shares == pytest.approx([1.0, 0.3, 0.1], abs=2e-3)
    states = [section.state for section in result.sections]
    assert states == [SectionState.OPEN, SectionState.PINCH, SectionState.GAP]
    assert [s.area_m2 for s in result.sections] == pytest.approx([10_000.0] * 3, rel=5e-3)


def test_stretches_are_ranked_by_the_cover_that_they_lack() -> None:
    result = judge(*(["." * 10 + "#" * 10 + "." * 20] * 8), *(["#" * 40] * 2))
    lengths = [round(stretch.to_m - stretch.from_m, -1) for stretch in result.stretches]
    assert lengths == [200.0, 100.0]
    lacking = [stretch.missing_m2 for stretch in result.stretches]
    assert lacking == pytest.approx([6_000.0, 3_000.0], rel=0.01)


def test_ground_without_value_leaves_a_section_open_where_it_matters() -> None:
    # Three rows in ten are natural; seven unknown ones may be all natural, one changes nothing.
    result = judge(*(["#" * 20] * 3), "?" * 20, *(["?" * 10 + "." * 10] * 6))
    assert [section.state for section in result.sections] == [
        SectionState.NOT_EVALUATED,
        SectionState.PINCH,
    ]
    assert result.sections[1].least_share == pytest.approx(0.3, abs=0.01)
    assert result.sections[1].most_share == pytest.approx(0.4, abs=0.01)


def test_a_corridor_without_a_single_value_is_not_evaluated() -> None:
    result = judge(*(["?" * 20] * 10))
    assert result.why is not None
    assert result.sections == ()


def test_ground_beyond_the_raster_counts_as_unknown() -> None:
    result = judge(*(["#" * 30] * 10), frame=0, east_m=100.0)
    assert [section.state for section in result.sections] == [
        SectionState.NOT_EVALUATED,
        SectionState.OPEN,
        SectionState.OPEN,
    ]
    assert result.sections[0].unknown_m2 == pytest.approx(10_000.0, rel=0.01)
    assert result.continuity is not None
    assert result.continuity.state is Continuous.NOT_EVALUATED


def test_cells_that_meet_at_corners_are_one_piece() -> None:
    down = ["." * at + "#" + "." * (9 - at) for at in range(10)]
    whole = judge(*(a + b for a, b in zip(down, reversed(down), strict=True)))
    assert whole.continuity is not None
    assert whole.continuity.state is Continuous.WHOLE
    # Here the second half begins at the top again, where the first half is not.
    torn = judge(*(half + half for half in down))
    assert torn.continuity is not None
    assert torn.continuity.state is Continuous.CUT


def test_a_road_across_the_band_is_found_where_it_lies() -> None:
    result = judge(*(["#" * 24 + ".." + "#" * 14] * 10))
    assert result.continuity is not None
    (cut,) = result.continuity.cuts
    assert cut.certain
    start, end = result.span_m(cut)
    assert 200.0 <= start <= end <= 310.0
    assert result.continuity.pieces == 2


def test_cover_that_runs_side_by_side_without_meeting_is_cut() -> None:
    result = judge("#" * 25 + "." * 15, *(["." * 40] * 8), "." * 15 + "#" * 25)
    assert result.continuity is not None
    (cut,) = result.continuity.cuts
    assert cut.beside
    start, end = result.span_m(cut)
    assert (start, end) == pytest.approx((100.0, 300.0), abs=1.0)


@given(
    drawn=st.lists(st.integers(0, 1), min_size=24, max_size=60),
    sections=st.integers(2, 4),
)
def test_whole_means_that_a_flood_fill_reaches_the_other_end(
    drawn: list[int], sections: int
) -> None:
    rows = 4
    columns = len(drawn) // rows
    grid = np.array(drawn[: rows * columns]).reshape(rows, columns)
    row, column = np.nonzero(grid)
    section = column * sections // columns
    found = find_cuts(NaturalCells(row, column, section), np.zeros(sections, dtype=bool))
    starts = {(r, c) for r, c, s in zip(row, column, section, strict=True) if s == 0}
    reached = flood(grid, starts)
    ends = {(r, c) for r, c, s in zip(row, column, section, strict=True) if s == sections - 1}
    assert (found.state is Continuous.WHOLE) == bool(reached & ends)


def flood(grid: Any, starts: set[tuple[Any, Any]]) -> set[tuple[Any, Any]]:
    """Cells reached from some cells over edges and corners."""
    reached, rim = set(starts), set(starts)
    while rim:
        around = {(r + i, c + j) for r, c in rim for i in (-1, 0, 1) for j in (-1, 0, 1)}
        rim = {
            (r, c)
            for r, c in around - reached
            if 0 <= r < grid.shape[0] and 0 <= c < grid.shape[1] and grid[r, c]
        }
        reached |= rim
    return reached
