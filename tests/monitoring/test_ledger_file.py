"""The ledger on disk: what a person did to it stays, whatever runs say."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import fiona
import geopandas as gpd
import openpyxl
import pyogrio
import pytest
import shapely
from small_covers import CRS, block, cover, write_county, write_raster

import spatialplan
from spatialplan.errors import OutputError, SpatialplanError
from spatialplan.files.packed_shapes import add_shape_functions
from spatialplan.findings import Status
from spatialplan.monitoring import Monitoring, monitor_plan
from spatialplan.reports.monitorings import write_ledger, write_monitoring_workbook

CORE, FIELD, SHORE = (1, 1, 2, 2), (7, 7, 3, 3), (3, 15, 2, 2)
PERSON = ("state", "checked_by", "checked_on", "opinion", "remark")


class Office:
    """A county, its ledger, and runs over editions as they come."""

    def __init__(self, folder: Path) -> None:
        self.plan = spatialplan.read_plan(write_county(folder))
        self.folder, self.ledger = folder, folder / "ledger.gpkg"
        self.before = write_raster(folder / "2020.tif", cover({}))
        self.runs = 0

    def run(self, patches: dict[Any, str], *, before: Path | None = None) -> Monitoring:
        self.runs += 1
        after = write_raster(self.folder / f"edition{self.runs}.tif", cover(patches))
        return self.again(after, before=before)

    def again(self, after: Path, *, before: Path | None = None) -> Monitoring:
        found = monitor_plan(self.plan, before or self.before, after, ledger=self.ledger)
        self.written = write_ledger(found)
        return found

    def rows(self) -> list[dict[str, Any]]:
        with fiona.open(self.ledger, layer="ledger") as rows:
            return [dict(row["properties"]) for row in rows]

    def enter(self, order: str, *values: Any) -> None:
        """Do to the ledger what a person does with another program."""
        with closing(sqlite3.connect(self.ledger)) as database:
            add_shape_functions(database)
            database.execute(order, values)
            database.commit()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_patches_enter_as_new_and_a_person_settles_them(office: Office) -> None:
    found = office.run({CORE: "b", FIELD: "c"})
    assert found.status is Status.NOT_MET
    assert [row["state"] for row in office.rows()] == ["新增", "新增"]
    assert {row["first_seen"] for row in office.rows()} == {"edition1"}
    office.enter("UPDATE ledger SET state = '核实' WHERE fid = 1")
    assert office.again(office.folder / "edition1.tif").status is Status.NOT_MET
    office.enter("UPDATE ledger SET state = '销号' WHERE fid = 1")
    office.enter("UPDATE ledger SET state = '排除' WHERE fid = 2")
    settled = office.again(office.folder / "edition1.tif")
    assert settled.status is Status.MET
    assert len(settled.patches) == 2


def test_a_second_run_on_the_same_data_changes_no_byte(office: Office) -> None:
    office.run({CORE: "b", FIELD: "c"})
    before = office.ledger.read_bytes()
    office.again(office.folder / "edition1.tif")
    assert not office.written
    assert office.ledger.read_bytes() == before
    assert not office.ledger.with_name("ledger.before.gpkg").exists()


def test_what_a_person_entered_or_added_survives_further_runs(office: Office) -> None:
    office.run({CORE: "b", FIELD: "c"})
    office.enter("ALTER TABLE ledger ADD COLUMN 处罚文号 TEXT")
    office.enter("CREATE TABLE notes (text TEXT)")
    office.enter(
        "UPDATE ledger SET state = '核实', checked_by = '张三', checked_on = '2025-06-01',"
        " opinion = '责令恢复', remark = '=1+1', 处罚文号 = '〔2025〕1号' WHERE fid = 1"
    )
    office.enter("INSERT INTO ledger (state, remark) VALUES ('核实', '群众举报')")
    found = office.again(office.folder / "edition1.tif")
    write_monitoring_workbook(found, office.folder / "list.xlsx")
    sheet = openpyxl.load_workbook(office.folder / "list.xlsx")["疑似问题图斑清单"]
    assert [cell.value for cell in sheet[2]][-4:] == ["张三", "2025-06-01", "责令恢复", "=1+1"]
    assert sheet[2][-1].data_type == "s"
    kept = [
        [row[name] for name in (*PERSON, "处罚文号")]
        for row in office.rows()
        if row["state"] == "核实"
    ]
    # The core patch grows, the field is gone, another one appears.
    office.run({(1, 1, 3, 3): "b", SHORE: "b"})
    assert office.written
    rows = office.rows()
    assert len(rows) == 4
    after = [[row[name] for name in (*PERSON, "处罚文号")] for row in rows]
    assert [row for row in after if row[0] == "核实"] == kept
    with closing(sqlite3.connect(office.ledger)) as database:
        assert database.execute("SELECT count(*) FROM notes").fetchone() == (0,)
    assert [(row["seen"], row["last_seen"]) for row in rows] == [
        ("再次发现", "edition2"),
        ("未再发现", "edition1"),
        (None, None),
        ("首次发现", "edition2"),
    ]
    # It grew from 4 to 9 cells, and its outline with it.
    assert rows[0]["area_m2"] == pytest.approx(9 * 899.78, abs=1)
    outlines = gpd.read_file(office.ledger, layer="ledger")
    assert outlines.geometry[0].area == pytest.approx(8100, abs=0.01)


def test_the_ledger_before_stays_beside_the_new_one(office: Office) -> None:
    office.run({CORE: "b"})
    office.enter("UPDATE ledger SET remark = '一' WHERE fid = 1")
    before = office.ledger.read_bytes()
    office.run({CORE: "b", FIELD: "c"})
    assert office.ledger.with_name("ledger.before.gpkg").read_bytes() == before


def test_a_settled_patch_that_grows_is_open_again_but_stays_as_it_was_settled(
    office: Office,
) -> None:
    office.run({CORE: "b"})
    office.enter("UPDATE ledger SET state = '销号' WHERE fid = 1")
    grown = office.run({(1, 1, 2, 5): "b"})
    assert grown.status is Status.NOT_MET
    (row,) = office.rows()
    assert row["state"] == "销号"
    assert row["area_m2"] == pytest.approx(4 * 899.78, abs=1)
    assert row["grown_m2"] == pytest.approx(6 * 899.78, abs=1)
    outlines = gpd.read_file(office.ledger, layer="ledger")
    assert outlines.geometry[0].area == pytest.approx(3600, abs=0.01)


def test_a_settled_patch_that_becomes_of_another_class_is_open_again(office: Office) -> None:
    """Bare for a season and excluded; then someone builds there."""
    office.run({CORE: "r"})
    office.enter("UPDATE ledger SET state = '排除' WHERE fid = 1")
    built = office.run({CORE: "b"})
    assert built.status is Status.NOT_MET
    (row,) = office.rows()
    assert (row["state"], row["class_after"]) == ("排除", "裸地")
    assert row["seen"] == "再次发现，销号后地类改变"
    before = office.ledger.read_bytes()
    office.again(office.folder / "edition2.tif")
    assert office.ledger.read_bytes() == before
    # A person looks at it anew: the row takes on what is there now, and can be settled.
    office.enter("UPDATE ledger SET state = '核实' WHERE fid = 1")
    office.again(office.folder / "edition2.tif")
    assert office.rows()[0]["class_after"] == "建设用地"
    office.enter("UPDATE ledger SET state = '销号' WHERE fid = 1")
    assert office.again(office.folder / "edition2.tif").status is Status.MET


def test_what_was_there_before_both_editions_is_not_called_gone(office: Office) -> None:
    """Built by 2025, so between 2025 and 2026 nothing changes there; it is still built up."""
    office.run({CORE: "b", FIELD: "c"})
    middle = office.folder / "edition1.tif"
    later = office.run({CORE: "b", (12, 1, 3, 3): "f", SHORE: "b"}, before=middle)
    assert [patch.place for patch in later.patches] == ["water_source_1"]
    assert [row["seen"] for row in office.rows()] == [
        "本期无变化，现状仍为利用",
        "未再发现",
        "首次发现",
    ]
    assert len(later.remaining) == 1
    office.enter("UPDATE ledger SET state = '销号'")
    assert office.again(office.folder / "edition2.tif", before=middle).status is Status.MET


def test_rows_that_only_wait_for_a_person_are_not_evaluated(office: Office) -> None:
    office.run({CORE: "b"})
    gone = office.run({(15, 15, 2, 2): "b"})
    assert gone.patches == ()
    assert gone.status is Status.NOT_EVALUATED
    assert [point.why.key for point in gone.not_evaluated] == ["monitor.rows_gone"]


def test_a_state_that_nobody_knows_is_told_and_left(office: Office) -> None:
    office.run({CORE: "b"})
    office.enter("UPDATE ledger SET state = '已办结' WHERE fid = 1")
    found = office.again(office.folder / "edition1.tif")
    assert found.status is Status.NOT_MET
    assert "已办结" in found.not_evaluated[0].why.text("zh")
    assert office.rows()[0]["state"] == "已办结"


def test_a_row_that_a_person_copied_is_a_persons(office: Office) -> None:
    office.run({CORE: "b"})
    columns = ", ".join(name for name in office.rows()[0])
    office.enter(f"INSERT INTO ledger (geom, {columns}) SELECT geom, {columns} FROM ledger")
    found = office.run({(1, 1, 3, 3): "b"})
    assert found.ledger is not None
    assert len(found.ledger.own) == 1
    assert [round(row["area_m2"] / 899.78) for row in office.rows()] == [9, 4]


def test_an_index_and_an_extent_keep_up_with_the_rows(office: Office) -> None:
    office.run({CORE: "b"})
    office.run({CORE: "b", SHORE: "b"})
    west, south, east, north = pyogrio.read_bounds(office.ledger, layer="ledger")[1][:, 1]
    box = shapely.box(west, south, east, north)
    found = gpd.read_file(office.ledger, layer="ledger", bbox=box)
    assert len(found) == 1
    info = pyogrio.read_info(office.ledger, layer="ledger")
    assert info["features"] == 2
    assert shapely.box(*info["total_bounds"]).contains(box.buffer(-0.1))


def qgis_has_it_open(path: Path) -> None:
    path.with_name(path.name + "-wal").write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("台账\n" * 100, "utf-8")


def torn(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def another_package(path: Path) -> None:
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[block(0, 0, 1, 1)], crs=CRS)
    path.unlink()
    pyogrio.write_dataframe(frame, path, layer="other")


def columns_deleted(path: Path) -> None:
    frame = gpd.read_file(path, layer="ledger").drop(columns=["place", "seen"])
    path.unlink()
    pyogrio.write_dataframe(frame, path, layer="ledger")


def old_datum(path: Path) -> None:
    frame = gpd.read_file(path, layer="ledger").set_crs("EPSG:2362", allow_override=True)
    path.unlink()
    pyogrio.write_dataframe(frame, path, layer="ledger")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (qgis_has_it_open, "close it there"),
        (text, "damaged"),
        (torn, "damaged"),
        (another_package, "no table of outlines named ledger"),
        (columns_deleted, "seen, place"),
        (old_datum, "CGCS2000"),
    ],
)
def test_a_ledger_that_cannot_be_relied_on_is_refused_and_left_as_it_is(
    office: Office, spoil: Callable[[Path], None], told: str
) -> None:
    office.run({CORE: "b"})
    spoil(office.ledger)
    content = office.ledger.read_bytes()
    with pytest.raises(SpatialplanError) as error:
        office.run({FIELD: "c"})
    assert told in error.value.text("en")
    assert office.ledger.read_bytes() == content


def test_a_ledger_that_someone_writes_to_meanwhile_is_not_written_over(office: Office) -> None:
    office.run({CORE: "b"})
    after = write_raster(office.folder / "next.tif", cover({CORE: "b", FIELD: "c"}))
    found = monitor_plan(office.plan, office.before, after, ledger=office.ledger)
    office.enter("UPDATE ledger SET remark = '刚刚' WHERE fid = 1")
    content = office.ledger.read_bytes()
    with pytest.raises(OutputError, match="changed the ledger"):
        write_ledger(found)
    shutil.copy(office.ledger, office.folder / "copy.gpkg")
    with closing(sqlite3.connect(office.ledger)) as other:
        other.execute("BEGIN IMMEDIATE")
        again = monitor_plan(office.plan, office.before, after, ledger=office.ledger)
        with pytest.raises(OutputError, match="open in another program"):
            write_ledger(again)
        other.rollback()
    assert office.ledger.read_bytes() == content
    assert [row["remark"] for row in office.rows()] == ["刚刚"]
