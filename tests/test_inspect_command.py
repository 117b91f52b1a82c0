"""``spatialplan inspect`` as a process: exit codes, files, broken inputs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely
from small_layers import ZONE_42, square

COMMAND = [sys.executable, "-m", "spatialplan", "inspect"]


def run(*words: str | Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, words)], cwd=folder, capture_output=True, text=True, encoding="utf-8"
    )


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clean layer, and a faulty one whose names would steer a terminal, a cell or a page."""
    folder = tmp_path_factory.mktemp("delivery")
    hostile = '=HYPERLINK("x")<script>alert(1)</script>\x1b[31m'
    for name, shapes in (
        ("DLTB", [square(0, 0, 100), square(100, 0, 100)]),
        ("STBHHX", [square(0, 0, 100), square(90, 0, 100)]),
    ):
        columns = {
            "BSM": ["1", hostile if name == "STBHHX" else "2"],
            "DLBM": ["0101", "0301"],
            "TBMJ": [9997.54, 9997.54],
            "MJ": [9997.54, 9997.54],
            "HXMC": ["甲", hostile],
        }
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=ZONE_42)
        if name == "DLTB":
            frame = frame.drop(columns=["MJ", "HXMC"])
        frame.to_file(folder / f"{name}.gpkg", layer=name, engine="pyogrio")
    return folder


def test_a_clean_delivery_leaves_with_0(delivery: Path, tmp_path: Path) -> None:
    outcome = run(delivery / "DLTB.gpkg", "--lang", "en", folder=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert "Land parcels" in outcome.stdout
    assert max(map(len, outcome.stdout.splitlines())) <= 80
    written = sorted(path.name for path in (tmp_path / "results").iterdir())
    assert written == [f"inspection.{kind}" for kind in ("gpkg", "html", "json", "xlsx")]


def test_faults_leave_with_1_and_stand_in_every_result(delivery: Path, tmp_path: Path) -> None:
    outcome = run(delivery, "--out", "out", folder=tmp_path)
    assert outcome.returncode == 1, outcome.stderr
    assert "\x1b" not in outcome.stdout
    document = json.loads((tmp_path / "out/inspection.json").read_text("utf-8"))
    assert document["schema"] == 1
    assert document["status"] == "not_met"
    layers = {layer["key"]: layer for layer in document["layers"]}
    (overlap,) = [one for one in layers["STBHHX"]["faults"] if one["class"] == "overlap"]
    assert overlap["measured"] == pytest.approx(1000, abs=1)
    place = overlap["places"][0]
    assert place["at"] == pytest.approx([42_600_095.0, 4_970_050.0], abs=1)
    book = openpyxl.load_workbook(tmp_path / "out/inspection.xlsx")
    rows = list(book.worksheets[2].iter_rows(min_row=2))
    assert any("重叠" in str(cell.value) for row in rows for cell in row)
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)
    areas = pyogrio.read_dataframe(tmp_path / "out/inspection.gpkg", layer="fault_areas")
    assert areas.area.sum() == pytest.approx(1000, abs=1)
    assert "<script>alert" not in (tmp_path / "out/inspection.html").read_text("utf-8")


def test_the_same_delivery_gives_the_same_bytes(delivery: Path, tmp_path: Path) -> None:
    for out in ("one", "two"):
        run(delivery, "--out", out, "--formats", "json,xlsx,html", folder=tmp_path)
    for kind in ("json", "xlsx", "html"):
        first, second = (tmp_path / out / f"inspection.{kind}" for out in ("one", "two"))
        assert first.read_bytes() == second.read_bytes(), kind


def test_only_the_formats_asked_for_are_written(delivery: Path, tmp_path: Path) -> None:
    run(delivery / "DLTB.gpkg", "--formats", "json", folder=tmp_path)
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["inspection.json"]


BROKEN = {
    "missing.shp": None,
    "zero.gpkg": b"",
    "cut.geojson": b'{"type": "FeatureCollection", "features": [',
    "no.zip": b"PK\x03\x04 and nothing more",
    "old.mdb": b"\x00\x01\x00\x00Standard Jet DB\x00",
    "text.kml": b"<kml>",
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_leaves_with_2_and_no_traceback(name: str, tmp_path: Path) -> None:
    content = BROKEN[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    outcome = run(name, "--lang", "en", folder=tmp_path)
    assert outcome.returncode == 2
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert name in outcome.stdout + outcome.stderr


def test_usage_is_explained(delivery: Path, tmp_path: Path) -> None:
    into = run(delivery, "--out", delivery, "--lang", "en", folder=tmp_path)
    assert (into.returncode, "--out" in into.stderr) == (2, True)
    kind = run(delivery, "--formats", "pdf", "--lang", "en", folder=tmp_path)
    assert (kind.returncode, "pdf" in kind.stderr) == (2, True)
    crs = run(delivery, "--crs", "EPSG:1", "--lang", "en", folder=tmp_path)
    assert crs.returncode == 2
    assert "Traceback" not in crs.stderr


def test_repairs_are_asked_for_by_name_into_a_folder_of_their_own(tmp_path: Path) -> None:
    """The copy is repaired, the delivery stays as it was, and both results tell of it."""
    folder, copies = tmp_path / "in", tmp_path / "copies"
    folder.mkdir()
    corner, foot = square(0, 0, 50).bounds[:2], [24.999, 50, 25.001, 50]
    hair = shapely.Polygon(np.reshape([*foot, 25, 250], (3, 2)) + corner)
    frame = gpd.GeoDataFrame(
        {"BSM": ["1"], "DLBM": ["0101"]}, geometry=[square(0, 0, 50) | hair], crs=ZONE_42
    )
    frame.to_file(folder / "DLTB.shp", encoding="GBK")
    before = (folder / "DLTB.shp").read_bytes()
    asked = ["--repair", str(copies), "--fix", "geometry,encoding", "--target-encoding", "utf-8"]
    outcome = run(folder, "--out", "out", *asked, folder=tmp_path)
    assert outcome.returncode == 1, outcome.stderr
    assert (folder / "DLTB.shp").read_bytes() == before
    mended = gpd.read_file(copies / "DLTB.shp").geometry[0]
    assert mended.area == pytest.approx(2_500, abs=0.01)
    assert mended.bounds[3] - mended.bounds[1] == pytest.approx(50)
    document = json.loads((tmp_path / "out" / "inspection.json").read_text("utf-8"))
    assert document["repairs"]["complete"]
    sheets = openpyxl.load_workbook(tmp_path / "out" / "inspection.xlsx", read_only=True).sheetnames
    assert len(sheets) == 7


@pytest.mark.parametrize(
    ("asked", "advice"),
    [
        (["--fix", "geometry"], "--repair DIR"),
        (["--repair", "DIR", "--fix", "geometri"], "remove-duplicates"),
        (["--repair", "DIR"], "geometry"),
        (["--repair", "DIR", "--fix", "encoding", "--target-encoding", "klingon"], "gb18030"),
        (["--repair", "DIR", "--fix", "geometry", "--most-change", "much"], "1%"),
        (["--repair", "DIR", "--fix", "geometry", "--target-crs", "EPSG:4530"], "add crs to --fix"),
        (["--repair", "DIR", "--fix", "crs", "--target-crs", "EPSG:2366"], "--target-crs: "),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(
    tmp_path: Path, asked: list[str], advice: str
) -> None:
    (tmp_path / "in").mkdir()
    given = ["copies" if word == "DIR" else word for word in asked]
    outcome = run("in", "--out", "out", "--lang", "en", *given, folder=tmp_path)
    assert outcome.returncode == 2
    assert advice in outcome.stderr
    assert not (tmp_path / "copies").exists()


def test_copies_are_never_written_over_the_layers_of_the_plan(
    delivery: Path, tmp_path: Path, layers_folder: Path
) -> None:
    asked = ["--plan", layers_folder / "plan.toml", "--repair", layers_folder, "--fix", "geometry"]
    outcome = run(delivery, "--out", "out", "--lang", "en", *asked, folder=tmp_path)
    assert outcome.returncode == 2
    assert "write over an input" in outcome.stderr
    assert not (tmp_path / "out").exists()
