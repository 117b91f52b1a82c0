"""Matrices and patches of a county that can be drawn by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.transform import from_origin
from small_covers import cover, write_county, write_raster

import spatialplan
from spatialplan.changes import PlaceRank, shows_new_activity
from spatialplan.findings import Status
from spatialplan.monitoring import Monitoring, monitor_plan
from spatialplan.plan import HUMAN_COVER
from spatialplan.plan.rasters import CoverKind

# Official area of a cell of 900 m² at this place: 899.778 m².
CELL_M2 = 899.7776


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_county(tmp_path_factory.mktemp("county"))


def compare(plan_file: Path, before: Any, after: Any, **options: Any) -> Monitoring:
    plan = spatialplan.read_plan(plan_file)
    one = write_raster(plan_file.parent / "before.tif", before)
    other = write_raster(plan_file.parent / "after.tif", after)
    return monitor_plan(plan, one, other, **options)


def told(found: Monitoring) -> list[tuple[str, int, str, str, str]]:
    """Place, cells, class before and after, township of every patch."""
    return [
        (
            str(patch.place),
            round(patch.area_m2 / CELL_M2 * 2),
            patch.was.title,
            patch.after.title,
            patch.township,
        )
        for patch in found.patches
    ]


def test_every_patch_is_clipped_named_and_ranked_by_place_then_by_area(plan_file: Path) -> None:
    after = cover(
        {
            (7, 7, 3, 3): "b",  # red line only
            (1, 1, 2, 2): "b",  # core zone
            (10, 2, 4, 2): "c",  # half in the red line: its border runs through a cell's middle
            (3, 15, 2, 2): "b",  # class 1
            (7, 15, 2, 2): "c",  # class 2
            (15, 15, 4, 4): "b",  # in no line
        }
    )
    found = compare(plan_file, cover({}), after)
    # Areas in half cells.
    assert told(found) == [
        ("core_zone", 8, "林地", "建设用地", "西镇"),
        ("water_source_1", 8, "林地", "建设用地", "西镇"),
        ("red_line", 18, "林地", "建设用地", "西镇"),
        ("red_line", 10, "林地", "耕地", "东镇"),
        ("water_source", 8, "林地", "耕地", "西镇"),
    ]
    assert found.status is Status.NOT_MET
    core = found.patches[0]
    assert [(c.layer, c.zone, c.feature_name) for c in core.contacts] == [
        ("reserve", "核心保护区", "北山"),
        ("red_line", "", "北山红线"),
    ]


def test_a_patch_ends_where_the_watched_ground_ends(plan_file: Path) -> None:
    """A road that leaves the line and comes back is two patches, not one around the bend."""
    after = cover({(11, 1, 4, 1): "b", (14, 1, 1, 6): "b", (11, 6, 4, 1): "b"})
    found = compare(plan_file, cover({}), after, minimum_m2=100)
    assert [round(patch.area_m2 / CELL_M2, 1) for patch in found.patches] == [1.5, 1.5]


def test_small_patches_are_counted_with_their_ground(plan_file: Path) -> None:
    after = cover({(1, 1, 1, 2): "b", (9, 9, 1, 1): "r", (3, 15, 3, 1): "b"})
    found = compare(plan_file, cover({}), after)
    # Three cells are 2,699.3 m² on the ellipsoid, and still the three cells that the plan means.
    assert [round(patch.area_m2 / CELL_M2, 3) for patch in found.patches] == [3.0]
    assert found.filtered.count == 2
    assert found.filtered.area_m2 == pytest.approx(3 * CELL_M2, rel=1e-5)


def test_what_is_given_back_or_grows_by_itself_is_no_new_activity(plan_file: Path) -> None:
    before = cover({(1, 1, 3, 3): "b", (5, 1, 3, 3): "c", (8, 8, 2, 2): "f"})
    after = cover({(1, 1, 3, 3): "c", (5, 1, 3, 3): "f", (8, 8, 2, 2): "w"})
    found = compare(plan_file, before, after)
    assert found.patches == ()
    assert found.status is Status.MET


def test_a_heavier_use_and_what_may_be_season_say_so(plan_file: Path) -> None:
    before = cover({(1, 1, 2, 2): "c", (3, 15, 2, 2): "w"})
    after = cover({(1, 1, 2, 2): "b", (3, 15, 2, 2): "r"})
    built, shore = compare(plan_file, before, after).patches
    assert (built.heavier, built.seasonal) == (True, False)
    assert (shore.heavier, shore.seasonal) == (False, True)


def test_only_kinds_that_people_make_weigh() -> None:
    kinds: tuple[CoverKind, ...] = CoverKind.__args__  # type: ignore[attr-defined]
    for after in kinds:
        assert shows_new_activity("forest", after) == (after in HUMAN_COVER)
        assert not shows_new_activity(after, after)


def test_classes_before_are_told_with_their_shares(plan_file: Path) -> None:
    before = cover({(2, 1, 1, 2): "c"})
    found = compare(plan_file, before, cover({(1, 1, 4, 2): "b"}))
    (patch,) = found.patches
    assert [(one.was.title, round(one.share, 6)) for one in patch.before] == [
        ("林地", 0.75),
        ("耕地", 0.25),
    ]


def test_other_findings_do_not_change_an_id(plan_file: Path) -> None:
    one = compare(plan_file, cover({}), cover({(7, 7, 3, 3): "b"}))
    two = compare(plan_file, cover({}), cover({(7, 7, 3, 3): "b", (0, 0, 6, 6): "c"}))
    assert one.patches[0].patch_id == two.patches[1].patch_id
    assert one.patches[0].patch_id.startswith("990001-E")


covers = st.dictionaries(
    st.tuples(*[st.integers(0, 18)] * 2, *[st.integers(1, 9)] * 2),
    st.sampled_from("fcbrw?."),
    max_size=6,
)


@settings(max_examples=8)
@given(covers, covers, st.sampled_from([16, 64]))
def test_matrices_add_up_and_no_result_depends_on_the_windows(
    plan_file: Path, before: Any, after: Any, most_cells: int
) -> None:
    after = {(0, 0, 1, 1): "b", **after}  # the two editions are not the same file
    whole = compare(plan_file, cover(before), cover(after), minimum_m2=1.0)
    parts = compare(plan_file, cover(before), cover(after), minimum_m2=1.0, most_cells=most_cells)
    for matrix in whole.matrices:
        summed = math.fsum(cell.area_m2 for cell in matrix.cells)
        assert summed + matrix.nodata_m2 + matrix.outside_m2 == pytest.approx(
            matrix.area_m2, rel=1e-6
        )
    assert [(p.patch_id, p.area_m2, p.shape) for p in parts.patches] == [
        (p.patch_id, p.area_m2, p.shape) for p in whole.patches
    ]
    _require_patches_to_fill_the_matrices(whole)


def _require_patches_to_fill_the_matrices(found: Monitoring) -> None:
    """All new activity in a watched line is in a patch, those too small included."""
    assert found.filtered.area_m2 < 1.0 * max(1, found.filtered.count)
    for matrix in found.matrices:
        if matrix.zone.part == "line":
            ground = math.fsum(
                contact.area_m2
                for patch in found.patches
                for contact in patch.contacts
                if contact.layer == matrix.zone.layer
            )
            slack = found.filtered.area_m2 + 1e-6 * matrix.area_m2
            assert abs(matrix.activity_m2 - ground) <= slack


def test_ground_without_an_answer_is_not_evaluated(plan_file: Path) -> None:
    before = cover({(1, 1, 2, 2): "?"})
    found = compare(plan_file, before, cover({(2, 14, 2, 2): "."}))
    assert found.status is Status.NOT_EVALUATED
    told = {(point.rule_id, point.why.key) for point in found.not_evaluated}
    assert told == {
        ("red_line", "monitor.unknown_values"),
        ("reserve", "monitor.unknown_values"),
        ("source", "monitor.without_value"),
    }
    assert found.unknown_m2[0] == {99: pytest.approx(4 * CELL_M2, rel=1e-5)}


def test_a_watched_line_that_was_not_read_is_not_evaluated(tmp_path: Path) -> None:
    plan_file = write_county(tmp_path, without=("reserve",))
    found = compare(plan_file, cover({}), cover({(15, 15, 2, 2): "b"}))
    assert found.status is Status.NOT_EVALUATED
    assert {point.rule_id for point in found.not_evaluated} == {"reserve"}


def test_a_plan_that_names_layers_watches_those(tmp_path: Path) -> None:
    plan_file = write_county(tmp_path, extra='layers = ["source"]')
    found = compare(plan_file, cover({}), cover({(1, 1, 3, 3): "b", (3, 15, 2, 2): "b"}))
    assert [patch.place for patch in found.patches] == [PlaceRank.WATER_SOURCE_1]


def test_a_grid_of_degrees_gives_the_same_ground(plan_file: Path) -> None:
    """A patch on a grid in latitude and longitude has the area of its trapezoid."""
    step = 0.00025
    cells = np.full((60, 60), 2, dtype=np.uint8)
    west, north = 127.264, 44.860
    after = cells.copy()
    after[3:30, 3:30] = 7
    place = {"crs": "EPSG:4490", "transform": from_origin(west, north, step, step)}
    one = write_raster(plan_file.parent / "degrees1.tif", cells, **place)
    other = write_raster(plan_file.parent / "degrees2.tif", after, **place)
    plan = spatialplan.read_plan(plan_file)
    found = monitor_plan(plan, one, other)
    line = next(one for one in found.matrices if one.zone.layer == "red_line")
    ground = math.fsum(
        contact.area_m2
        for patch in found.patches
        for contact in patch.contacts
        if contact.layer == "red_line"
    )
    assert ground > 10_000
    assert ground == pytest.approx(line.activity_m2, rel=1e-6)


def test_a_plan_without_a_line_to_watch_says_so(tmp_path: Path) -> None:
    text = write_county(tmp_path).read_text("utf-8")
    for role in ("ecological_red_line", "protected_area", "water_source"):
        text = text.replace(f'role = "{role}"', 'role = "other"')
    (tmp_path / "plan.toml").write_text(text, "utf-8")
    found = compare(tmp_path / "plan.toml", cover({}), cover({(1, 1, 3, 3): "b"}))
    assert found.status is Status.NOT_EVALUATED
    assert [point.why.key for point in found.not_evaluated] == ["monitor.nothing_watched"]
    county = found.matrices[-1]
    assert county.zone.part == "region"
    assert county.activity_m2 == pytest.approx(9 * CELL_M2, rel=1e-5)
