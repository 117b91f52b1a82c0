"""``spatialplan screen --stream --scheduler`` on a real cluster finds what one machine finds."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from cluster.conftest import Cluster
from pyarrow import parquet
from small_layers import EAST, NORTH, ZONE_42, square
from typer.testing import CliRunner, Result

from spatialplan.cli import app
from spatialplan.runs import agreement

PLAN = """\
schema = 1
[plan]
id = "small"
title = "小县规划"
region = "小县"
year = 2025
standing = "示例规划"
notice = "仅供测试"
crs = "EPSG:4530"
[layers.county]
title = "县界"
role = "region"
path = "county.gpkg"
[layers.red_line]
title = "生态保护红线"
role = "ecological_red_line"
path = "red_line.gpkg"
name_field = "name"
[layers.farmland]
title = "永久基本农田"
role = "basic_farmland"
path = "farmland.gpkg"
[layers.river]
title = "河流"
role = "river"
path = "river.gpkg"
geometry = "line"
name_field = "name"
[layers.parcels]
title = "地类图斑"
role = "land_parcel"
path = "parcels.gpkg"
class_field = "DLBM"
"""
BATCH = 10


def write(path: Path, shapes: list[Any], **columns: Any) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=ZONE_42).to_file(path)
    return path


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county of 20 km: a red line with a window and a second one over it, fields, a river.

    One more field lies in the far corner, so that what is nearest may be far.
    """
    place = tmp_path_factory.mktemp("county")
    write(place / "county.gpkg", [square(-1000, -1000, 20_000)], name=["小县"])
    ring = square(0, 0, 1000) - square(300, 300, 300)
    write(place / "red_line.gpkg", [ring, square(800, 0, 600)], name=["南山", "东山"])
    write(place / "farmland.gpkg", [square(1200, 900, 700), square(18_000, 18_000, 500)])
    river = shapely.LineString([(EAST - 500, NORTH + 1100), (EAST + 3000, NORTH + 1150)])
    write(place / "river.gpkg", [river], name=["小河"])
    parcels = [square(200 * i, 200 * j, 200) for i in range(12) for j in range(9)]
    write(place / "parcels.gpkg", parcels, DLBM=["0103", "0301", "1006"] * 36)
    (place / "plan.toml").write_text(PLAN, encoding="utf-8")
    return place / "plan.toml"


def scattered(count: int) -> gpd.GeoDataFrame:
    """Turned squares in no order; some ids blank or used twice, two sites without sound ground."""
    rng = np.random.default_rng(3)
    shapes: list[Any] = [
        shapely.affinity.rotate(square(*rng.uniform(-300, 2600, 2), rng.uniform(20, 250)), turn)
        for turn in rng.uniform(0, 90, count - 4)
    ]
    bow = [(EAST, NORTH), (EAST + 90, NORTH + 90), (EAST + 90, NORTH), (EAST, NORTH + 90)]
    shapes += [square(380, 380, 50), None, shapely.Polygon(bow), square(18_900, -900, 50)]
    ids = [f"S{number}" for number in range(count)]
    ids[7], ids[30], ids[41], ids[50] = "S3", "", "S3", "S3 (2)"
    kinds = (["", "industry", "没有的类型"] * count)[:count]
    return gpd.GeoDataFrame({"id": ids, "项目类型": kinds}, geometry=shapes, crs=ZONE_42)


def lined_up(count: int) -> gpd.GeoDataFrame:
    """Squares side by side that touch nothing: row groups of them lie close together."""
    shapes = [square(50 * number, 5000, 30) for number in range(count)]
    return gpd.GeoDataFrame(
        {"id": [f"P{number}" for number in range(count)]}, geometry=shapes, crs=ZONE_42
    )


def run(plan: Path, sites: Path, out: Path, *options: str) -> Result:
    command = ["screen", str(plan), str(sites), "--stream", "--out", str(out), "--lang", "en"]
    command += ["--date", "2026-11-23", "--batch", str(BATCH)]
    return CliRunner().invoke(app, [*command, *options], catch_exceptions=False)


def rows_of(out: Path) -> pd.DataFrame:
    """The sites found, by id, geometry as text."""
    table = gpd.read_parquet(out / "screening.parquet")
    plain = pd.DataFrame(table.drop(columns="geometry")).assign(wkb=table.geometry.to_wkb())
    return plain.sort_values("id", ignore_index=True)


def totals_of(out: Path) -> dict[str, Any]:
    """The document, but for what depends on the order of sites: hash of rows, examples."""
    found: dict[str, Any] = json.loads((out / "screening.json").read_text(encoding="utf-8"))
    found["streamed"].pop("sites_sha256")
    for doubt in found["site_doubts"]:
        doubt.pop("example"), doubt.pop("ids")
    return found


def require_same(one: Path, other: Path) -> None:
    pd.testing.assert_frame_equal(rows_of(one), rows_of(other), check_exact=True)
    assert totals_of(one) == totals_of(other)


@pytest.mark.parametrize(("name", "held"), [("sites.parquet", 0), ("sites.gpkg", 10**9)])
def test_a_cluster_finds_what_one_machine_finds(
    cluster: Cluster,
    plan: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    held: int,
) -> None:
    """To the last bit, though parcels come in another order, and workers read few zones or all."""
    monkeypatch.setattr("spatialplan.runs.ground_store.HELD_VERTICES", held)
    sites, here, there = tmp_path / name, tmp_path / "here", tmp_path / "there"
    table = scattered(70)
    if sites.suffix == ".parquet":
        table.to_parquet(sites, row_group_size=5)
    else:
        table.to_file(sites)
    expected = run(plan, sites, here)
    found = run(plan, sites, there, "--scheduler", cluster.address)
    assert expected.exit_code == found.exit_code == 1, found.output
    require_same(here, there)
    assert sorted(file.name for file in there.iterdir()) == ["screening.json", "screening.parquet"]
    parts = sorted(file.name for file in (there / "screening.parquet").iterdir())
    assert parts == [f"part-{number:06}.parquet" for number in range(1, 8)]
    statuses = set(rows_of(there)["red_line_status"])
    assert statuses >= {"overlap", "clear", "enclosed", "not_evaluated"}


def test_workers_read_large_layers_of_parcels_near_their_sites(
    cluster: Cluster, plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites, here, there = tmp_path / "sites.parquet", tmp_path / "here", tmp_path / "there"
    scattered(60).to_parquet(sites)
    monkeypatch.setattr("spatialplan.siting.streaming.HELD_BYTES", 0)
    run(plan, sites, here)
    run(plan, sites, there, "--scheduler", cluster.address)
    require_same(here, there)


def test_the_same_sites_give_the_same_bytes(cluster: Cluster, plan: Path, tmp_path: Path) -> None:
    sites = tmp_path / "sites.parquet"
    scattered(60).to_parquet(sites)
    contents = []
    for _ in range(2):
        run(plan, sites, tmp_path / "out", "--scheduler", cluster.address)
        files = sorted((tmp_path / "out").rglob("*.*"))
        contents.append([file.read_bytes() for file in files if file.is_file()])
    assert contents[0] == contents[1]


def test_a_worker_killed_in_the_middle_costs_no_result(
    cluster: Cluster, client: Any, plan: Path, tmp_path: Path
) -> None:
    sites, here, there = tmp_path / "sites.parquet", tmp_path / "here", tmp_path / "there"
    scattered(250).to_parquet(sites)
    run(plan, sites, here)
    victim = cluster.add_worker()
    client.wait_for_workers(3, timeout=120)
    killer = threading.Thread(target=kill_after_first_part, args=(victim, there))
    killer.start()
    found = run(plan, sites, there, "--scheduler", cluster.address)
    killer.join()
    assert victim.wait(timeout=120) != 0
    assert found.exit_code == 1, found.output
    require_same(here, there)


def kill_after_first_part(victim: Any, out: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        # A folder may be renamed while it is being looked into.
        with suppress(OSError):
            if list(out.glob(".writing-*/*/part-*")):
                break
        time.sleep(0.01)
    victim.kill()


def test_a_partition_that_cannot_be_read_is_named_and_the_rest_is_judged(
    cluster: Cluster, plan: Path, tmp_path: Path
) -> None:
    sites, out = tmp_path / "sites.parquet", tmp_path / "out"
    lined_up(40).to_parquet(sites, row_group_size=BATCH)
    spoil_geometry(sites, group=2)
    found = run(plan, sites, out, "--scheduler", cluster.address)
    assert found.exit_code == 3, found.output
    rows = rows_of(out)
    lost = rows[rows["doubts"] == "batch_unread"]
    assert sorted(lost["id"]) == [f"P{number}" for number in range(20, 30)]
    assert set(lost["verdict"]) == {"not_evaluated"}
    judged = rows[rows["doubts"] != "batch_unread"]
    assert set(judged["red_line_status"]) == {"clear"}
    assert len(judged) == 30
    (unread,) = totals_of(out)["unread"]
    assert (unread["first_row"], unread["sites"]) == (21, 10)
    assert "row group 3, ids P20 … P29" in unread["why"]


def spoil_geometry(path: Path, *, group: int) -> None:
    """Write nonsense over the geometry of a row group."""
    with parquet.ParquetFile(path) as file:
        names, about = file.schema_arrow.names, file.metadata.row_group(group)
        column = about.column(names.index("geometry"))
        start = column.dictionary_page_offset or column.data_page_offset
        size = column.total_compressed_size
    content = bytearray(path.read_bytes())
    content[start : start + size] = b"\xff" * size
    path.write_bytes(content)


def test_other_versions_are_refused_before_anything_is_judged(
    cluster: Cluster, plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = tmp_path / "sites.parquet"
    lined_up(10).to_parquet(sites)
    ours = {**agreement.own_versions(), "PROJ": "9.0.0"}
    monkeypatch.setattr(agreement, "own_versions", lambda: ours)
    found = run(plan, sites, tmp_path / "out", "--scheduler", cluster.address)
    assert found.exit_code == 2
    assert "worker tcp://" in found.output
    assert "PROJ is" in found.output
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (["--scheduler", "somewhere"], "tcp://HOST:PORT"),
        (["--scheduler", "local", "--formats", "json"], "add parquet to --formats"),
    ],
)
def test_what_cannot_be_is_refused_with_the_way_out(
    plan: Path, tmp_path: Path, options: list[str], advice: str
) -> None:
    sites = tmp_path / "sites.parquet"
    lined_up(10).to_parquet(sites)
    found = run(plan, sites, tmp_path / "out", *options)
    assert found.exit_code == 2
    assert advice in found.output


def test_a_cluster_needs_batches_and_the_extra(
    plan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = tmp_path / "sites.parquet"
    lined_up(10).to_parquet(sites)
    command = ["screen", str(plan), str(sites), "--scheduler", "local", "--lang", "en"]
    found = CliRunner().invoke(app, command)
    assert (found.exit_code, "--stream" in found.output) == (2, True)
    monkeypatch.setattr("spatialplan.cli.streaming.find_spec", lambda name: None)
    found = CliRunner().invoke(app, [*command, "--stream"])
    assert found.exit_code == 2
    assert 'pip install "spatialplan[dask]"' in found.output
