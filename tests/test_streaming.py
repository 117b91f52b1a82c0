"""Sites in batches are judged as they are when read whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyarrow import parquet
from small_layers import EAST, NORTH, ZONE_42, square
from typer.testing import CliRunner, Result

import spatialplan
from spatialplan.cli import app
from spatialplan.findings import Verdict
from spatialplan.reports.screenings import screening_document, write_rows
from spatialplan.screening import judged_layers
from spatialplan.siting import SiteOptions, StreamedScreening, open_stream, screen_sites

DAY = "2026-11-23"
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
[layers.boundary]
title = "城镇开发边界"
role = "urban_development_boundary"
path = "boundary.gpkg"
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
WRITING = {".shp": {"encoding": "GBK"}, ".fgb": {"SPATIAL_INDEX": "NO"}}
FIGURES = ("status", "overlap_ha", "overlap_share", "distance_m", "verdict")


def write(path: Path, shapes: list[Any], **columns: Any) -> Path:
    gpd.GeoDataFrame(columns, geometry=shapes, crs=ZONE_42).to_file(path)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A county of 20 km: two features of red line over each other with a window, a town, a river.

    Parcels of 200 m cover its south-west.
    """
    place = tmp_path_factory.mktemp("county")
    write(place / "county.gpkg", [square(-1000, -1000, 20_000)], name=["小县"])
    ring = square(0, 0, 1000) - square(300, 300, 300)
    write(place / "red_line.gpkg", [ring, square(800, 0, 600)], name=["南山", "东山"])
    write(place / "boundary.gpkg", [square(1200, 0, 700)], name=["城"])
    river = shapely.LineString([(EAST - 500, NORTH + 1100), (EAST + 3000, NORTH + 1150)])
    write(place / "river.gpkg", [river], name=["小河"])
    parcels = [square(200 * i, 200 * j, 200) for i in range(12) for j in range(9)]
    write(place / "parcels.gpkg", parcels, DLBM=["0103", "0301", "1006"] * 36)
    (place / "plan.toml").write_text(PLAN, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def sites() -> gpd.GeoDataFrame:
    """Sixty sites, scattered and turned; among them the empty, the crossed and the far away."""
    rng = np.random.default_rng(3)
    shapes: list[Any] = [
        shapely.affinity.rotate(square(*rng.uniform(-300, 2600, 2), rng.uniform(20, 250)), turn)
        for turn in rng.uniform(0, 90, 54)
    ]
    bow = [(EAST, NORTH), (EAST + 90, NORTH + 90), (EAST + 90, NORTH), (EAST, NORTH + 90)]
    shapes += [square(380, 380, 50), square(999.95, 700, 30), None, shapely.Polygon(bow)]
    shapes += [square(18_990, 0, 50), square(900_000, 0, 50)]
    ids = [f"S{i}" for i in range(60)]
    ids[7], ids[30], ids[41], ids[50] = "S3", "", "S3", "S3 (2)"
    names = [""] * 20 + [f"项目{i}" for i in range(40)]
    kinds = ["", "industry", "没有的类型"] * 20
    return gpd.GeoDataFrame(
        {"id": ids, "项目名称": names, "项目类型": kinds}, geometry=shapes, crs=ZONE_42
    )


def write_sites(sites: gpd.GeoDataFrame, path: Path) -> Path:
    if path.suffix == ".parquet":
        sites.to_parquet(path, row_group_size=9)
    else:
        sites.to_file(path, **WRITING.get(path.suffix, {}))
    return path


def stream(path: Path, plan: Any, rows: Path, **options: Any) -> StreamedScreening:
    """Judge a file in batches and write its rows."""
    opened = open_stream(path, plan, date=DAY, **options)
    with write_rows(rows, judged_layers(plan), opened.reading.crs) as writer:
        tallies = []
        for partial in opened.partials():
            writer.write(partial.rows)
            tallies.append(partial.tally)
    return opened.conclude(tallies)


def rows_of(document: dict[str, Any], layers: tuple[str, ...]) -> list[dict[str, Any]]:
    """The sites of a screening read whole, as rows; one that was not judged has no figures."""
    found = []
    for site in document["sites"]:
        known = {layer["layer"]: layer for layer in site["layers"]}
        missing = {"status": "not_evaluated", "verdict": "not_evaluated"}
        row = {"id": site["site_id"], **{key: site[key] for key in ("name", "area_ha", "verdict")}}
        for key in layers:
            layer = known.get(key, missing)
            row |= {f"{key}_{figure}": layer.get(figure) for figure in FIGURES}
        found.append(row)
    return found


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("sites.gpkg", 1),
        ("sites.gpkg", 7),
        ("sites.gpkg", 1000),
        ("sites.shp", 7),
        ("sites.fgb", 7),
        ("sites.geojson", 7),
        ("sites.parquet", 1),
        ("sites.parquet", 7),
        ("sites.parquet", 1000),
    ],
)
def test_rows_are_those_of_a_screening_of_the_whole_file(
    folder: Path, sites: gpd.GeoDataFrame, tmp_path: Path, name: str, size: int
) -> None:
    plan = spatialplan.read_plan(folder / "plan.toml")
    if name.endswith("geojson"):
        sites = sites.to_crs("EPSG:4490")
    path = write_sites(sites, tmp_path / name)
    whole = path if not name.endswith("parquet") else gpd.read_parquet(path)
    document = screening_document(screen_sites(whole, plan, date=DAY))
    streamed = stream(path, plan, tmp_path / "screening.parquet", batch_sites=size)
    table = parquet.read_table(tmp_path / "screening.parquet").drop_columns(["geometry", "bbox"])
    found = [{k: v for k, v in row.items() if k != "doubts"} for row in table.to_pylist()]
    assert found == rows_of(document, judged_layers(plan))
    assert {verdict.value: n for verdict, n in streamed.tally.verdicts.items()} == {
        verdict: n for verdict, n in document["verdicts"].items() if n
    }
    assert len({row["id"] for row in found}) == 60


def test_text_with_a_broken_letter_is_read_as_without_batches(folder: Path, tmp_path: Path) -> None:
    """One letter cut in half, as fields that are too short leave it: the others stay readable."""
    plan = spatialplan.read_plan(folder / "plan.toml")
    path = write(tmp_path / "sites.shp", [square(0, 0, 100), square(300, 0, 100)])
    sites = gpd.read_file(path)[["geometry"]].assign(DKBH=["1", "2"], DKMC=["图斑一号", "图斑二号"])
    sites.to_file(path, encoding="GB18030")
    table, letter = tmp_path / "sites.dbf", "二".encode("gb18030")
    assert letter in table.read_bytes()
    table.write_bytes(table.read_bytes().replace(letter, letter[:1] + b" "))
    path.with_suffix(".cpg").unlink(missing_ok=True)
    whole = [site.name for site in screen_sites(path, plan, date=DAY).findings]
    stream(path, plan, tmp_path / "screening.parquet", batch_sites=1)
    names = parquet.read_table(tmp_path / "screening.parquet").column("name").to_pylist()
    assert names == whole
    assert names[0] == "图斑一号"
    assert names[1].startswith("图斑")


def test_parcels_read_near_every_batch_say_the_same(
    folder: Path, sites: gpd.GeoDataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = spatialplan.read_plan(folder / "plan.toml")
    path = write_sites(sites, tmp_path / "sites.gpkg")
    held, near = tmp_path / "held.parquet", tmp_path / "near.parquet"
    stream(path, plan, held, batch_sites=7)
    monkeypatch.setattr("spatialplan.siting.streaming.HELD_BYTES", 0)
    assert open_stream(path, plan, date=DAY).judge.near == ("parcels",)
    stream(path, plan, near, batch_sites=7)
    assert parquet.read_table(near).to_pylist() == parquet.read_table(held).to_pylist()


def test_doubts_are_those_of_the_whole_file_but_for_those_between_sites(
    folder: Path, sites: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    plan = spatialplan.read_plan(folder / "plan.toml")
    path = write_sites(sites, tmp_path / "sites.gpkg")
    whole = screen_sites(path, plan, date=DAY)
    streamed = stream(path, plan, tmp_path / "rows.parquet", batch_sites=7)
    wanted = [doubt.fault for finding in whole.findings for doubt in finding.doubts]
    between = {"same_geometry", "overlapping"}
    assert {fault: one.sites for fault, one in streamed.tally.doubts.items()} == {
        fault: wanted.count(fault) for fault in set(wanted) - between
    }
    assert between & set(wanted)
    assert "between_sites" in [point.rule_id for point in streamed.head.not_evaluated]


def test_rows_can_be_read_by_place_and_keep_their_geometry(
    folder: Path, sites: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    plan = spatialplan.read_plan(folder / "plan.toml")
    rows = tmp_path / "screening.parquet"
    stream(write_sites(sites, tmp_path / "sites.gpkg"), plan, rows, batch_sites=7)
    found = gpd.read_parquet(rows)
    assert found.crs.to_epsg() == 4530
    assert found.geometry.isna().sum() == 3
    drawn = found.geometry.notna()
    apart = found.geometry[drawn].hausdorff_distance(sites.set_axis(found.index).geometry[drawn])
    assert apart.max() < 0.001
    near = gpd.read_parquet(rows, bbox=tuple(sites.geometry[0].bounds))
    assert "S0" in list(near["id"])
    assert len(near) < 30


def test_a_broken_row_group_is_reported_and_the_rest_is_judged(
    folder: Path, sites: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    plan = spatialplan.read_plan(folder / "plan.toml")
    path = write_sites(sites, tmp_path / "sites.parquet")
    spoil_geometry(path, group=2)
    streamed = stream(path, plan, tmp_path / "screening.parquet", batch_sites=5)
    (unread,) = streamed.tally.unread
    assert (unread.first_row, unread.count) == (18, 9)
    rows = gpd.read_parquet(tmp_path / "screening.parquet")
    assert len(rows) == 60
    lost = rows.iloc[18:27]
    assert set(lost["verdict"]) == {"not_evaluated"}
    assert set(lost["red_line_status"]) == {"not_evaluated"}
    assert lost["red_line_overlap_ha"].isna().all()
    assert rows.drop(lost.index)["red_line_overlap_ha"].notna().sum() > 40
    said = [point.why.text("en") for point in streamed.head.not_evaluated]
    assert any("sites 19 to 27 could not be read" in text for text in said)


def spoil_geometry(path: Path, *, group: int) -> None:
    """Overwrite the geometry of one row group."""
    about = parquet.ParquetFile(path).metadata.row_group(group)
    chunks = [about.column(i) for i in range(about.num_columns)]
    chunk = next(chunk for chunk in chunks if chunk.path_in_schema == "geometry")
    with path.open("r+b") as file:
        file.seek(min(chunk.data_page_offset, chunk.dictionary_page_offset or 1 << 60))
        file.write(b"\xff" * chunk.total_compressed_size)


def test_a_killed_run_leaves_earlier_results_and_no_half_file(folder: Path, tmp_path: Path) -> None:
    places = [square(10 * i, 10 * i, 20) for i in range(600)]
    path = write(tmp_path / "many.gpkg", places, id=[f"S{i}" for i in range(600)])
    out = tmp_path / "out"
    out.mkdir()
    for name in ("screening.parquet", "screening.json"):
        (out / name).write_text("earlier")
    command = [sys.executable, "-m", "spatialplan", "screen", str(folder / "plan.toml"), str(path)]
    command += ["--stream", "--batch", "1", "--out", str(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        while run.poll() is None and not any(written(out)):
            time.sleep(0.01)
        assert run.poll() is None, "it ended before it could be killed"
        os.kill(run.pid, signal.SIGKILL)
    assert [p.name for p in sorted(out.iterdir()) if not p.name.startswith(".")] == [
        "screening.json",
        "screening.parquet",
    ]
    assert {p.read_text() for p in out.glob("screening.*")} == {"earlier"}
    for half in written(out):
        with pytest.raises(ValueError, match="magic bytes"):
            parquet.ParquetFile(half)


def written(out: Path) -> Iterator[Path]:
    """Files on which something was already written, beside the results."""
    return (p for p in out.glob(".writing-*/*") if p.stat().st_size > 1000)


# ── the command ──


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(app, ["screen", *map(str, arguments), "--lang", "en"])


def test_the_command_leaves_rows_and_totals(
    folder: Path, sites: gpd.GeoDataFrame, tmp_path: Path
) -> None:
    path = write_sites(sites, tmp_path / "sites.gpkg")
    result = run(folder / "plan.toml", path, "--stream", "--batch", 25, "--out", tmp_path / "out")
    assert result.exit_code == 1, result.output
    assert "60 sites" in result.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "screening.json",
        "screening.parquet",
    ]
    document = json.loads((tmp_path / "out" / "screening.json").read_text("utf-8"))
    assert document["sites"] == []
    assert document["streamed"]["sites_file"] == "screening.parquet"
    assert document["totals"]["sites"] == 60
    assert document["verdict"] == "prohibited"
    rows = gpd.read_parquet(tmp_path / "out" / "screening.parquet")
    (line,) = [one for one in document["totals"]["layers"] if one["layer"] == "red_line"]
    touched = rows[rows["red_line_status"] == "overlap"]
    assert line["statuses"]["overlap"]["sites"] == len(touched)
    assert line["statuses"]["overlap"]["overlap_ha"] == pytest.approx(
        touched["red_line_overlap_ha"].sum(), abs=1e-6
    )


def test_sites_that_touch_nothing_are_not_evaluated_because_they_were_not_compared(
    folder: Path, tmp_path: Path
) -> None:
    path = write(tmp_path / "far.gpkg", [square(9000, 9000, 50)], id=["F"])
    result = run(folder / "plan.toml", path, "--stream", "--out", tmp_path / "out")
    document = json.loads((tmp_path / "out" / "screening.json").read_text("utf-8"))
    assert (result.exit_code, document["verdict"]) == (1, Verdict.NEEDS_DETERMINATION.value)


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (["--stream", "--suggest"], "then use --suggest for the few sites"),
        (["--stream", "--formats", "json,xlsx"], "--formats json,parquet"),
        (["--batch", "10"], "--batch goes with --stream only"),
        (["--formats", "parquet"], "parquet"),
    ],
)
def test_what_batches_cannot_do_is_refused_with_the_way_out(
    folder: Path, tmp_path: Path, options: list[str], advice: str
) -> None:
    path = write(tmp_path / "sites.gpkg", [square(0, 0, 50)], id=["A"])
    result = run(folder / "plan.toml", path, *options, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert advice in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["plots.txt", "sites.csv", "sites.xlsx"])
def test_tables_and_boundary_points_are_not_split(folder: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"id,x,y\n")
    result = run(folder / "plan.toml", tmp_path / name, "--stream", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "save it as GeoPackage" in result.output


def test_a_file_without_crs_asks_for_one(folder: Path, tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame({"id": ["A"]}, geometry=[square(0, 0, 50)])
    path = tmp_path / "bare.parquet"
    frame.to_parquet(path)
    result = run(folder / "plan.toml", path, "--stream", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "coordinate" in result.output
    plan = spatialplan.read_plan(folder / "plan.toml")
    given = SiteOptions(crs="EPSG:4530")
    assert stream(path, plan, tmp_path / "rows.parquet", options=given).tally.sites == 1


def test_sites_without_any_attribute_are_numbered_as_they_stand(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "bare.gpkg"
    shapes = [square(60 * i, 0, 50) for i in range(5)]
    gpd.GeoDataFrame(geometry=shapes, crs=ZONE_42).to_file(path)
    plan = spatialplan.read_plan(folder / "plan.toml")
    streamed = stream(path, plan, tmp_path / "rows.parquet", batch_sites=2)
    rows = gpd.read_parquet(tmp_path / "rows.parquet")
    assert list(rows["id"]) == ["#1", "#2", "#3", "#4", "#5"]
    assert [doubt.fault for doubt in streamed.head.sites.doubts] == ["no_id_field"]
