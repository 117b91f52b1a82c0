"""Which rasters can be compared, and what is said where they cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rasterio.transform import from_origin
from small_covers import CELL, NORTH, WEST, cover, write_county, write_raster

import spatialplan
from spatialplan.errors import SpatialplanError
from spatialplan.monitoring import Monitoring, monitor_plan

BUILT = {(1, 1, 2, 2): "b"}


@pytest.fixture(scope="module")
def plan_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_county(tmp_path_factory.mktemp("county"))


def compare(plan_file: Path, after: Path, **options: Any) -> Monitoring:
    before = write_raster(plan_file.parent / "before.tif", cover({}))
    return monitor_plan(spatialplan.read_plan(plan_file), before, after, **options)


def refuse(plan_file: Path, after: Path, **options: Any) -> str:
    with pytest.raises(SpatialplanError) as error:
        compare(plan_file, after, **options)
    return error.value.text("en")


def moved(east: float, south: float) -> dict[str, Any]:
    return {"transform": from_origin(WEST + east * CELL, NORTH - south * CELL, CELL, CELL)}


def test_an_aligned_grid_that_reaches_elsewhere_is_compared_where_both_are(
    plan_file: Path,
) -> None:
    after = write_raster(plan_file.parent / "part.tif", cover({(0, 0, 3, 3): "b"}), **moved(2, 1))
    found = compare(plan_file, after)
    assert (found.common.grid.columns, found.common.grid.rows) == (18, 19)
    assert round(found.patches[0].area_m2 / 899.78, 2) == 9.0
    assert found.common.note is not None
    assert "342" in found.common.note.text("en")
    lost = {point.rule_id for point in found.not_evaluated}
    assert lost == {"red_line", "reserve"}
    red = next(one for one in found.matrices if one.zone.layer == "red_line")
    # 12.5 by 10 cells, of which two columns and a row are missing.
    assert red.outside_m2 / 899.78 == pytest.approx(125 - 10.5 * 9, abs=0.01)


def test_a_later_edition_of_another_block_size_is_the_same_edition(plan_file: Path) -> None:
    plain = write_raster(plan_file.parent / "plain.tif", cover(BUILT))
    tiled = write_raster(
        plan_file.parent / "tiled.tif", cover(BUILT), tiled=True, blockxsize=16, blockysize=16
    )
    one, other = compare(plan_file, plain), compare(plan_file, tiled, most_cells=64)
    assert [patch.shape for patch in one.patches] == [patch.shape for patch in other.patches]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (moved(0.5, 0), "shifted against the earlier edition by +0.500"),
        (moved(0, 0.02), "and +0.020 to the south"),
        ({"transform": from_origin(WEST, NORTH, 10, 10)}, "10 × 10 m, there 30 × 30 m"),
        ({"crs": "EPSG:4551", **moved(0, 0)}, "another coordinate system"),
        (moved(400, 0), "no cell in common"),
        ({"crs": None}, "no coordinate reference system is stated"),
    ],
)
def test_grids_that_do_not_fall_together_are_refused_with_advice(
    plan_file: Path, changes: dict[str, Any], told: str
) -> None:
    after = write_raster(plan_file.parent / "other.tif", cover(BUILT), **changes)
    text = refuse(plan_file, after)
    assert told in text
    if "transform" in changes and "no cell" not in told:
        assert "gdalwarp -r near" in text
        assert f"{WEST:.10g}" in text


def test_the_same_data_twice_is_no_comparison(plan_file: Path) -> None:
    after = write_raster(plan_file.parent / "copy.tif", cover({}))
    assert "same data" in refuse(plan_file, after)


def test_a_later_edition_that_is_older_is_refused(tmp_path: Path) -> None:
    rasters = "".join(
        f'[rasters.y{year}]\ntitle = "{year}"\nrole = "land_cover"\npath = "{year}.tif"\n'
        f'legend = "small"\n[rasters.y{year}.edition]\ndata_date = "{year}年"\n'
        for year in (2020, 2025)
    )
    plan = spatialplan.read_plan(write_county(tmp_path, extra=rasters))
    old = write_raster(tmp_path / "2020.tif", cover({}))
    new = write_raster(tmp_path / "2025.tif", cover(BUILT))
    found = monitor_plan(plan, old, new)
    assert found.edition == "2025年"
    with pytest.raises(SpatialplanError, match="swap the two files"):
        monitor_plan(plan, new, old)


def write_csv(path: Path) -> Path:
    path.write_text("value,title,kind\n1,田,cropland\n2,林,forest\n7,房,built_up\n", "gb18030")
    return path


def write_toml(path: Path) -> Path:
    path.write_text('[[classes]]\nvalue = 2\ntitle = "林"\nkind = "forest"\n', "utf-8")
    return path


def test_a_legend_may_come_from_a_file(plan_file: Path) -> None:
    after = write_raster(plan_file.parent / "after.tif", cover({**BUILT, (9, 9, 1, 1): "r"}))
    csv = write_csv(plan_file.parent / "legend.csv")
    found = compare(plan_file, after, classes=str(csv))
    assert found.patches[0].after.title == "房"
    assert list(found.unknown_m2[1]) == [8]


def test_editions_with_legends_of_their_own_are_compared_by_kind(tmp_path: Path) -> None:
    other = """other = [
{ value = 10, title = "forest land", kind = "forest", colour = "#00ff00" },
{ value = 50, title = "buildings", kind = "built_up", colour = "#ff0000" }]
[rasters.old]
title = "old"
role = "land_cover"
path = "before.tif"
legend = "small"
[rasters.new]
title = "new"
role = "land_cover"
path = "after.tif"
legend = "other"
"""
    plan_file = write_county(tmp_path)
    text = plan_file.read_text("utf-8").replace("[monitoring]", f"{other}[monitoring]")
    plan_file.write_text(text, "utf-8")
    later = cover({})
    later[:] = 10
    later[1:3, 1:3] = 50
    found = compare(plan_file, write_raster(tmp_path / "after.tif", later))
    (patch,) = found.patches
    assert (patch.was.title, patch.after.title) == ("林地", "buildings")
    county = found.matrices[-1]
    assert county.changed_m2 == pytest.approx(4 * 899.78, rel=1e-4)
    assert found.not_evaluated == ()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "value,title,kind\nx,田,cropland\n2,,forest\n3,林,wood\n", 3),
        ("b.csv", "value,title,kind\n1,田,cropland\n1,地,bare\n", 1),
        ("c.csv", "", 1),
        ("d.toml", "[[classes]", 1),
        ("e.toml", "classes = 3", 1),
    ],
)
def test_every_fault_of_a_legend_is_told(plan_file: Path, name: str, text: str, told: int) -> None:
    after = write_raster(plan_file.parent / "after.tif", cover(BUILT))
    (plan_file.parent / name).write_text(text, "utf-8")
    text = refuse(plan_file, after, classes=str(plan_file.parent / name))
    assert len(text.splitlines()) == told


def test_a_legend_that_nobody_names_is_asked_for(tmp_path: Path) -> None:
    legend = 'other = [{ value = 1, title = "a", kind = "bare", colour = "#ffffff" }]'
    plan_file = write_county(tmp_path, extra=f"[legends]\n{legend}".replace("[legends]\n", ""))
    text = plan_file.read_text("utf-8").replace("[legends]", f"[legends]\n{legend}")
    plan_file.write_text(text.replace(f"2700.0\n{legend}", "2700.0"), "utf-8")
    after = write_raster(tmp_path / "after.tif", cover(BUILT))
    assert "--classes" in refuse(plan_file, after)
    assert "no legend of the plan" in refuse(plan_file, after, classes="nobody")
    assert compare(plan_file, after, classes="small").patches


def garbage(path: Path) -> None:
    path.write_text("not a raster\n" * 50, "utf-8")


def truncated(path: Path) -> None:
    write_raster(path, cover(BUILT))
    path.write_bytes(path.read_bytes()[:-200])


def floats(path: Path) -> None:
    write_raster(path, cover(BUILT).astype(np.float32))


def absent(path: Path) -> None:
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("spoil", [garbage, truncated, floats, absent])
def test_a_raster_that_is_none_is_refused_with_its_name(
    plan_file: Path, spoil: Callable[[Path], None]
) -> None:
    after = plan_file.parent / "spoilt.tif"
    spoil(after)
    assert "spoilt.tif" in refuse(plan_file, after)
