"""Streamed screenings of files that are not as they should be, and what they name as input."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pyogrio
import pytest
from pyarrow import parquet
from streamed_county import mosaic, told, write_plan
from test_streamed_tables import delete_records, draw_circle, plots

from spatialplan import check_plan
from spatialplan.errors import SourceError
from spatialplan.files import open_site_flow, partition_flow
from spatialplan.findings import Verdict
from spatialplan.plan import Plan
from spatialplan.reports.screenings import screening_document, streamed_document, write_rows
from spatialplan.screening import judged_layers
from spatialplan.siting import StreamedScreening, open_stream, screen_sites

DAY = "2026-11-23"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return write_plan(tmp_path_factory.mktemp("county"), mosaic())


def stream(path: Path, plan: Plan, *, size: int = 3) -> tuple[StreamedScreening, dict[str, Any]]:
    """Screen a file in batches; return the totals, and the rows column by column."""
    opened, rows = open_stream(path, plan, date=DAY, batch_sites=size), path.parent / "rows.parquet"
    with write_rows(rows, judged_layers(plan), opened.reading.crs) as writer:
        tallies = []
        for partial in opened.partials():
            writer.write(partial.rows)
            tallies.append(partial.tally)
    return opened.conclude(tallies), parquet.read_table(rows).to_pydict()


def require_same(path: Path, plan: Plan, *, size: int = 3) -> None:
    """Ids, areas, verdicts and doubts are those of the whole, but for doubts between sites."""
    whole = screen_sites(path, plan, date=DAY)
    streamed, rows = stream(path, plan, size=size)
    assert rows["id"] == whole.sites.ids.tolist()
    assert rows["area_ha"] == [site["area_ha"] for site in screening_document(whole)["sites"]]
    assert rows["verdict"] == [finding.verdict.value for finding in whole.findings]
    assert not streamed.tally.unread
    expected = Counter(doubt.fault for one in whole.findings for doubt in one.doubts)
    expected.pop("overlapping", 0)
    assert {fault: one.sites for fault, one in streamed.tally.doubts.items()} == expected


@pytest.mark.parametrize("size", [1, 3, 100])
def test_deleted_records_are_no_sites(tmp_path: Path, plan: Plan, size: int) -> None:
    """Also where sites have no id but their row's number."""
    for name, sites in (("plots", plots()), ("bare", plots()[["name", "geometry"]])):
        path = tmp_path / f"{name}.shp"
        pyogrio.write_dataframe(sites, path, encoding="GBK")
        delete_records(path, (0, 4, 9))
        require_same(path, plan, size=size)


def test_deleted_records_are_no_features_of_a_layer(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic(), suffix="shp")
    delete_records(tmp_path / "parcels.shp", (0, 120, 121, 399))
    whole = check_plan(plan)
    for size in (7, 120, 1000):
        review = check_plan(plan, stream=["parcels"], batch_size=size)
        assert review.layers["parcels"].source == whole.layers["parcels"].source
        assert review.layers["parcels"].count == 396
        assert not review.layers["parcels"].gaps
        assert told(review.quality) == told(whole.quality)


@pytest.mark.parametrize("size", [1, 3, 100])
def test_curves_are_sites_as_in_the_whole(tmp_path: Path, plan: Plan, size: int) -> None:
    path = tmp_path / "plots.gpkg"
    pyogrio.write_dataframe(plots(), path, geometry_type="Unknown")
    draw_circle(path, 5)
    require_same(path, plan, size=size)
    assert stream(path, plan)[0].tally.doubts["linearised"].ids == ("S4",)


def test_sites_that_gdal_leaves_out_without_a_word_are_missed(tmp_path: Path, plan: Plan) -> None:
    path = tmp_path / "plots.gdb"
    sites = plots(400)
    sites = sites.set_geometry(sites.geometry.segmentize(1))
    pyogrio.write_dataframe(sites, path, driver="OpenFileGDB", layer="plots")
    file = max(path.iterdir(), key=lambda part: part.stat().st_size)
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xff" * 20_000
    file.write_bytes(bytes(content))
    streamed, rows = stream(path, plan, size=50)
    assert streamed.tally.sites == len(rows["id"]) == 400
    (unread,) = streamed.tally.unread
    assert "states 400 features" in unread.why.text("en")
    assert 0 < unread.count < 50
    assert set(rows["verdict"][-unread.count :]) == {Verdict.NOT_EVALUATED.value}


@pytest.mark.parametrize("content", ["zip", "native"])
def test_geoparquet_that_workers_cannot_cut_is_written_anew(tmp_path: Path, content: str) -> None:
    path = tmp_path / "plots.parquet"
    plots(40).to_parquet(path, geometry_encoding="geoarrow" if content == "native" else "WKB")
    if content == "zip":
        with ZipFile(tmp_path / "plots.zip", "w") as archive:
            archive.write(path, "plots.parquet")
        path = tmp_path / "plots.zip"
    flow = open_site_flow(path, size=10)
    parts = partition_flow(flow, tmp_path)
    assert [part.count for part in parts] == [10] * 4
    ids = np.concatenate([part.read_ids() for part in parts])
    assert sorted(ids) == sorted(plots(40)["id"])
    assert all(batch.unread is None for part in parts for batch in part.batches())


@pytest.mark.parametrize("name", ["plots.parquet", "plots.shp"])
def test_a_file_whose_end_is_garbled_is_refused(tmp_path: Path, plan: Plan, name: str) -> None:
    """The part that says what there is: the end of GeoParquet, the coordinate system beside."""
    path = tmp_path / name
    if path.suffix == ".shp":
        pyogrio.write_dataframe(plots(), path)
        path.with_suffix(".prj").write_bytes(b"PROJCS[" + b"\xff" * 90)
    else:
        plots().to_parquet(path)
        content = path.read_bytes()
        path.write_bytes(content[:-900] + b"\xff" * 892 + content[-8:])
    with pytest.raises(SourceError):
        open_stream(path, plan, date=DAY)


# ---- what a screening names as its input


@pytest.fixture
def near(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have parcels read near every batch, as large files are."""
    monkeypatch.setattr("spatialplan.siting.streaming.HELD_BYTES", 0)


@pytest.mark.usefixtures("near")
@pytest.mark.parametrize("suffix", ["gpkg", "parquet"])
def test_layers_read_near_every_batch_are_named_as_input(tmp_path: Path, suffix: str) -> None:
    plan = write_plan(tmp_path, mosaic(), suffix=suffix)
    path = tmp_path / "plots.gpkg"
    pyogrio.write_dataframe(plots(), path)
    whole = screening_document(screen_sites(path, plan, date=DAY))
    streamed = streamed_document(stream(path, plan)[0])
    assert [one["layer"] for one in streamed["inputs"]] == [one["layer"] for one in whole["inputs"]]
    before, after = (
        next(one for one in document["inputs"] if one["layer"] == "parcels")
        for document in (whole, streamed)
    )
    assert after == {**before, "features": 400, "streamed": True}


@pytest.mark.usefixtures("near")
def test_parcels_that_cannot_be_read_are_named_as_not_evaluated(tmp_path: Path) -> None:
    plan = write_plan(tmp_path, mosaic().drop(columns="DLBM"))
    path = tmp_path / "plots.gpkg"
    pyogrio.write_dataframe(plots(), path)
    whole, (streamed, _) = screen_sites(path, plan, date=DAY), stream(path, plan)
    for screening in (whole, streamed.head):
        assert "parcels" not in screening.layers
        (point,) = [one for one in screening.not_evaluated if one.rule_id == "parcels"]
        assert "DLBM" in str(point.why)
