"""dBASE tables copied byte for byte but for what was changed."""

from __future__ import annotations

from pathlib import Path

import fiona
import numpy as np
import pytest

from spatialplan.errors import OutputError
from spatialplan.files.copying.dbase_copy import DbaseTable

KINDS = {"BSM": "str:4", "ZAHL": "int:3", "MJ": "float:9.2", "TAG": "date"}
ROWS = [
    {"BSM": "a", "ZAHL": 1, "MJ": 1.5, "TAG": "2024-05-01"},
    {"BSM": None, "ZAHL": None, "MJ": None, "TAG": None},
    {"BSM": "水", "ZAHL": -9, "MJ": -0.25, "TAG": "1899-12-31"},
]


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    """The bytes of a table that another program wrote."""
    path = tmp_path / "a.shp"
    schema = {"geometry": "None", "properties": KINDS}
    with fiona.open(path, "w", driver="ESRI Shapefile", encoding="GBK", schema=schema) as file:
        file.writerecords({"geometry": None, "properties": row} for row in ROWS)
    return (tmp_path / "a.dbf").read_bytes()


def records(table: DbaseTable, tmp_path: Path) -> list[dict[str, object]]:
    """What another program reads in a table."""
    path = tmp_path / "copy.dbf"
    path.write_bytes(table.build())
    with fiona.open(path, encoding="GBK") as file:
        return [dict(record["properties"]) for record in file]


def test_a_table_put_together_again_is_the_same(content: bytes) -> None:
    assert DbaseTable.parse(content).build() == content


def test_bytes_behind_the_header_and_language_stay(content: bytes) -> None:
    """Visual FoxPro keeps 263 bytes between fields and records."""
    start = int.from_bytes(content[8:10], "little")
    longer = content[:8] + (start + 263).to_bytes(2, "little") + content[10:29] + b"\x4d"
    longer += content[30:start] + bytes(263) + content[start:]
    assert DbaseTable.parse(longer).build() == longer


def test_deleted_records_are_left_out(content: bytes) -> None:
    start, width = (int.from_bytes(content[at : at + 2], "little") for at in (8, 10))
    deleted = content[: start + width] + b"*" + content[start + width + 1 :]
    table = DbaseTable.parse(deleted)
    assert table.rows == 2
    assert DbaseTable.parse(table.build()).rows == 2


def test_values_widen_their_field(content: bytes, tmp_path: Path) -> None:
    table = DbaseTable.parse(content)
    table.set_values(b"BSM", {1: "水田水田水".encode("gbk")})
    table.set_values(b"ZAHL", {1: b"12345"})
    assert table.widened == [b"BSM", b"ZAHL"]
    wanted = [dict(row) for row in ROWS]
    wanted[1] |= {"BSM": "水田水田水", "ZAHL": 12345}
    assert records(table, tmp_path) == wanted


def test_rows_and_fields_can_be_chosen_and_added(content: bytes, tmp_path: Path) -> None:
    table = DbaseTable.parse(content)
    table.add_text_field("旧".encode("gbk"), {2: "土".encode("gbk")})
    table.keep(np.array([0, 2]))
    assert records(table, tmp_path) == [{**ROWS[0], "旧": None}, {**ROWS[2], "旧": "土"}]


@pytest.mark.parametrize(("name", "value"), [(b"BSM", b"x" * 255), (b"ZAHL", b"1" * 19)])
def test_what_no_field_can_hold_is_refused(name: bytes, value: bytes, content: bytes) -> None:
    with pytest.raises(OutputError, match="more than the format allows"):
        DbaseTable.parse(content).set_values(name, {0: value})
