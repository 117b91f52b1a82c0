"""Sites from CSV files and workbooks: WKT, or a row a boundary point."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from small_layers import EAST, NORTH, square
from small_sites import HECTARE_M2, corners, faults, file_faults, read, wording

from spatialplan.errors import CrsError, SourceError
from spatialplan.files.site_files.grids import read_csv
from spatialplan.files.site_files.texts import FileContent

CRS = {"crs": "EPSG:4530"}
Rows = Sequence[Sequence[Any]]


def write_csv(folder: Path, rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    path = folder / "地块.csv"
    lines = [delimiter.join(str(cell) for cell in row) for row in rows]
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def write_workbook(folder: Path, rows: Rows, *, name: str = "地块.xlsx", **sheets: Rows) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    for title, more in sheets.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(list(row))
    book.save(folder / name)
    return folder / name


def square_rows(site: str, east_m: float = 0, *, north_first: bool = True) -> list[list[Any]]:
    """Site, point number and two coordinates of a 100 m square."""
    places = corners(east_m, 0, 100)
    return [
        [site, f"J{i + 1}", *(place if north_first else place[::-1])]
        for i, place in enumerate(places)
    ]


NAMES = ["地块编号", "点号", "纵坐标", "横坐标"]


@pytest.mark.parametrize(
    ("north", "east", "north_first"),
    [
        ("纵坐标", "横坐标", True),
        ("纵坐标(X)", "横坐标（Y）", True),
        ("北坐标", "东坐标", True),
        ("X坐标(m)", "Y坐标(m)", True),
        ("X", "Y", True),
        ("northing", "easting", True),
        ("N", "E", True),
        ("东坐标", "北坐标", False),
        ("Easting (m)", "Northing (m)", False),
        ("x", "y", False),
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_columns_and_values_tell_northing_from_easting(
    tmp_path: Path, north: str, east: str, north_first: bool, form: str
) -> None:
    rows = [["地块编号", "点号", north, east], *square_rows("A", north_first=north_first)]
    path = write_csv(tmp_path, rows) if form == "csv" else write_workbook(tmp_path, rows)
    sites = read(path, **CRS)
    assert sites.area_m2[0] == pytest.approx(HECTARE_M2, abs=0.02)
    assert faults(sites) == ["axes_taken", "ring_closed"]
    taken = (north, east) if north_first else (east, north)
    assert f"“{taken[0]}”列取为纵坐标（北、纬度），“{taken[1]}”列取为横坐标" in wording(
        sites, "axes_taken"
    )
    assert sites.places[0].text("zh") == "第 2–5 行"


def test_names_that_the_values_belie_are_refused(tmp_path: Path) -> None:
    rows = [NAMES, *square_rows("A", north_first=False)]
    sites = read(write_csv(tmp_path, rows), **CRS)
    assert not len(sites.judged)
    assert "请在文件中对调两列坐标" in wording(sites, "swapped_axes")


def test_columns_that_could_be_either_are_not_guessed(tmp_path: Path) -> None:
    rows = [["编号", "点号", "X", "Y"], *([["A", i, 100.0 + i, 200.0 - i * i] for i in range(4)])]
    sites = read(write_csv(tmp_path, rows), **CRS)
    assert faults(sites) == ["axes_unclear"]
    said = wording(sites, "axes_unclear")
    assert "无法确定“X”（100.0）与“Y”（200.0）何者为纵坐标（第 2 行）" in said
    assert "name the columns 纵坐标/横坐标 or northing/easting" in said


@pytest.mark.parametrize(
    ("delimiter", "encoding", "found"),
    [
        (",", "utf-8", "UTF-8 (detected)"),
        (",", "utf-8-sig", "UTF-8 (marked)"),
        (";", "gbk", "GB18030 (detected)"),
        ("\t", "gb18030", "GB18030 (detected)"),
        (",", "utf-16", "UTF-16 (marked)"),
    ],
)
def test_delimiters_and_encodings(
    tmp_path: Path, delimiter: str, encoding: str, found: str
) -> None:
    rows = [[*NAMES, "项目名称"], *([*row, "龙凤湖"] for row in square_rows("甲"))]
    path = write_csv(tmp_path, rows, delimiter=delimiter, encoding=encoding)
    sites = read(path, **CRS)
    assert sites.ids.tolist() == ["甲"]
    assert sites.names.tolist() == ["龙凤湖"]
    assert sites.sources[0].encoding == found
    assert sites.sources[0].driver == "CSV"


def test_a_table_states_no_crs(tmp_path: Path) -> None:
    path = write_csv(tmp_path, [NAMES, *square_rows("A")])
    with pytest.raises(CrsError, match=r"zone number 42: EPSG:4530 .*; state it with --crs"):
        read(path)
    path = write_csv(tmp_path, [["编号", "点号", "经度", "纬度"], ["A", 1, 127.2, 44.8]])
    with pytest.raises(CrsError, match="look like degrees: EPSG:4490"):
        read(path)


def test_rings_parts_and_sites_are_told_apart(tmp_path: Path) -> None:
    names = ["地块编号", "圈号", "点号", "X", "Y"]
    outer = [["A", 1, i, *place] for i, place in enumerate(corners(0, 0, 100))]
    hole = [["A", 2, i, *place] for i, place in enumerate(corners(40, 40, 20))]
    other = [["B", 1, i, *place] for i, place in enumerate(corners(200, 0, 50))]
    beside = [["A", 3, i, *place] for i, place in enumerate(corners(500, 0, 10))]
    sites = read(write_workbook(tmp_path, [names, *outer, *hole, *other, *beside]), **CRS)
    assert sites.ids.tolist() == ["A", "B"]
    assert sites.planar_m2 == pytest.approx([10_000 - 400 + 100, 2_500])
    assert "圈号 3/2 不在其他圈之内" in wording(sites, "rings_as_parts")


def test_merged_cells_repeat_the_site_above(tmp_path: Path) -> None:
    rows = [
        [site if i == 0 else None, *cells]
        for site in ("甲", "乙")
        for i, (_, *cells) in enumerate(square_rows(site, 0 if site == "甲" else 300))
    ]
    title = [["五常市项目界址点成果表"], []]
    names = ["项目名称", "点号", "X坐标", "Y坐标"]
    sites = read(write_workbook(tmp_path, [*title, names, *rows]), **CRS)
    assert sites.names.tolist() == ["甲", "乙"]
    assert sites.area_m2 == pytest.approx([HECTARE_M2] * 2, abs=0.02)
    assert "有 6 行未填地块编号（项目名称）" in wording(sites, "filled_down")
    assert sites.places[1].text("en") == "rows 8–11"


def test_without_numbers_all_points_are_one_site_and_that_is_said(tmp_path: Path) -> None:
    rows = [row[1:] for row in square_rows("A")]
    sites = read(write_csv(tmp_path, [NAMES[1:], *rows]), **CRS)
    assert len(sites) == 1
    assert "4 个点全部按一个地块计" in wording(sites, "one_site")
    bare = [row[2:] for row in square_rows("A")]
    with pytest.raises(SourceError, match="no column tells which points belong together"):
        read(write_csv(tmp_path, [NAMES[2:], *bare]), **CRS)


def test_plots_of_two_projects_with_the_same_number_stay_apart(tmp_path: Path) -> None:
    names = ["项目编号", *NAMES]
    rows = [[f"P{k}", *row] for k in (1, 2) for row in square_rows("1", 300 * k)]
    sites = read(write_csv(tmp_path, [names, *rows]), **CRS)
    assert sites.ids.tolist() == ["1", "1 (2)"]
    assert sites.area_m2 == pytest.approx([HECTARE_M2] * 2, abs=0.03)


def test_a_row_a_point_is_a_point_when_all_sites_are(tmp_path: Path) -> None:
    rows = [["编号", "东经", "北纬"], ["A", "127°15′36″", "44°52′48.0″"], ["B", 127.27, 44.89]]
    sites = read(write_csv(tmp_path, rows), crs="EPSG:4490")
    assert faults(sites, 0) == ["no_footprint"]
    sites = read(write_csv(tmp_path, rows), crs="EPSG:4490", radius_m=100)
    assert sites.planar_m2 == pytest.approx([math.pi * 100**2] * 2, rel=2e-4)
    degrees = sites.plane.unproject(shapely.get_coordinates(shapely.centroid(sites.geometry)))
    assert degrees.tolist()[0] == pytest.approx([127.26, 44.88], abs=1e-7)


@pytest.mark.parametrize("bad", ["", "abc", "nan", "127°75′"])
def test_a_coordinate_that_is_none_keeps_only_its_site(tmp_path: Path, bad: str) -> None:
    rows = [NAMES, *square_rows("A"), *square_rows("B", 300)]
    rows[2][2] = bad
    sites = read(write_csv(tmp_path, rows), **CRS)
    assert sites.judged.tolist() == [1]
    said = wording(sites, "bad_coordinates")
    assert f"第 3 行“{bad}”（纵坐标）" in said
    assert "the outline is incomplete: not judged" in said


def test_blank_rows_between_sites_do_not_count(tmp_path: Path) -> None:
    rows = [NAMES, *square_rows("A"), ["", "", "", ""], *square_rows("B", 300)]
    assert len(read(write_csv(tmp_path, rows), **CRS).judged) == 2


def test_two_points_are_no_outline(tmp_path: Path) -> None:
    rows = [NAMES, *square_rows("A"), *square_rows("B", 300)[:2]]
    sites = read(write_csv(tmp_path, rows), **CRS)
    assert faults(sites, 1)[-1] == "too_few_points"


def test_attributes_beside_the_points(tmp_path: Path) -> None:
    names = [*NAMES, "项目类型", "面积(亩)", "备注"]
    rows = [[*row, "供水", "15", "演示"] for row in square_rows("A")]
    sites = read(write_csv(tmp_path, [names, *rows]), **CRS)
    assert sites.kinds.tolist() == ["供水"]
    assert sites.stated_m2[0] == pytest.approx(10_000)
    assert sites.demonstration


WKT = square(0, 0, 100).wkt


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("column", ["WKT", "wkt_geom", "geometry", "图形"])
def test_wkt(tmp_path: Path, form: str, column: str) -> None:
    cell = f'"{WKT}"' if form == "csv" else WKT
    rows = [
        ["id", column, "项目名称"],
        ["A", cell, "=1+1"],
        ["B", "", "x"],
        ["C", "POLYGON((", "y"],
    ]
    path = write_csv(tmp_path, rows) if form == "csv" else write_workbook(tmp_path, rows)
    sites = read(path, **CRS)
    assert sites.area_m2[0] == pytest.approx(HECTARE_M2, abs=0.02)
    assert faults(sites) == ["no_geometry", "wkt_unread"]
    assert "WKT 无法解读：POLYGON((；未作判断" in wording(sites, "wkt_unread")
    # A formula that was never computed has no value in a workbook.
    assert sites.names[0] == ("=1+1" if form == "csv" else "")


def test_the_srid_of_ewkt_is_the_crs(tmp_path: Path) -> None:
    rows = [["id", "wkt"], *([i, f'"SRID={code};{WKT}"'] for i, code in enumerate((4530, 4531)))]
    sites = read(write_csv(tmp_path, rows))
    assert sites.sources[0].crs == "EPSG:4530"
    assert faults(sites) == ["other_srid"]
    assert "SRID 4531 where others have 4530" in wording(sites, "other_srid")


@pytest.mark.parametrize(
    "text",
    [
        "CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))",
        "GEOMETRYCOLLECTION(" * 100_000,
        "POLYGON((0 0, 1 1, 2 2))",
        "DROP TABLE sites",
    ],
)
def test_wkt_that_is_none_or_an_attack(tmp_path: Path, text: str) -> None:
    sites = read(write_csv(tmp_path, [["id", "wkt"], ["A", f'"{text}"']]), **CRS)
    assert not len(sites.judged)


def test_a_cell_may_be_longer_than_the_csv_module_allows(tmp_path: Path) -> None:
    ring = shapely.Point(EAST, NORTH).buffer(500, quad_segs=5_000)
    assert len(ring.wkt) > 131_072
    sites = read(write_csv(tmp_path, [["id", "wkt"], ["A", f'"{ring.wkt}"']]), **CRS)
    assert sites.planar_m2[0] == pytest.approx(math.pi * 500**2, rel=1e-6)


def test_cells_in_quotes() -> None:
    content = b'a,"b ""c"", d"\r\n"two\nlines",,x\n\n"open'
    grids, _ = read_csv(FileContent("a.csv", ".csv", content, ""), encoding=None, words=())
    assert grids[""] == [["a", 'b "c", d'], ["two\nlines", "", "x"], [""], ["open"]]


def test_the_sheet_with_coordinates_is_taken_and_two_are_not_guessed(tmp_path: Path) -> None:
    rows = [NAMES, *square_rows("A")]
    path = write_workbook(tmp_path, [["说明"], ["见表"]], 坐标=rows)
    assert read(path, **CRS).sources[0].table == "坐标"
    path = write_workbook(tmp_path, rows, 坐标=rows)
    with pytest.raises(SourceError, match="it holds several: Sheet, 坐标; name one"):
        read(path, **CRS)
    assert len(read(path, table="坐标", **CRS).judged) == 1
    with pytest.raises(SourceError, match="no table «x»; there are: Sheet, 坐标"):
        read(path, table="x", **CRS)


def test_numbers_in_a_workbook_keep_their_digits(tmp_path: Path) -> None:
    rows = [["编号", "点号", "X", "Y"]]
    rows += [[230184001, i + 1, n + 0.125, e] for i, (n, e) in enumerate(corners(0, 0, 100))]
    sites = read(write_workbook(tmp_path, rows), **CRS)
    assert sites.ids.tolist() == ["230184001"]
    assert sites.planar_m2[0] == pytest.approx(10_000, abs=1e-6)


def damaged_workbook(folder: Path) -> bytes:
    content = write_workbook(folder, [NAMES, *square_rows("A")], name="b.xlsx").read_bytes()
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[: 200 if "sheet1" in name else None])
    return result.getvalue()


def test_damaged_workbooks_give_a_reason(tmp_path: Path) -> None:
    contents = [b"", b"no zip at all", b"PK\x03\x04" + b"\0" * 99, damaged_workbook(tmp_path)]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as empty:
        empty.writestr("a.txt", "no workbook")
    for content in [*contents, archive.getvalue()]:
        path = tmp_path / "a.xlsx"
        path.write_bytes(content)
        with pytest.raises(SourceError, match=r"the workbook cannot be read: .*as \.xlsx"):
            read(path, **CRS)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "the file is empty"),
        (b"id,x,y\nA,1\0,2\n", "it is not a text file"),
        (b"id,x,y\n", "it holds no site"),
        (b"name,size\nA,3\n", r"no columns of coordinates .*first row: name, size.*name them"),
        (b"\n\n,,\n", "it holds no site"),
        (bytes(range(1, 256)) * 40, "no columns of coordinates"),
    ],
)
def test_tables_without_sites_give_a_reason(tmp_path: Path, content: bytes, advice: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=advice):
        read(path, **CRS)


def test_a_table_in_a_zip(tmp_path: Path) -> None:
    path = write_csv(tmp_path, [NAMES, *square_rows("A")])
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path, "内/地块.csv")
        archive.writestr("说明.docx", b"x")
    sites = read(tmp_path / "a.zip", **CRS)
    assert len(sites.judged) == 1
    assert sites.sources[0].path == "a.zip"


def test_text_outside_the_encoding_is_said(tmp_path: Path) -> None:
    path = write_csv(tmp_path, [[*NAMES, "名称"], *([*row, "ZZ"] for row in square_rows("A"))])
    path.write_bytes(path.read_bytes().replace(b"ZZ", b"\xff\xfe\xff"))
    sites = read(path, **CRS)
    assert faults(sites, 0)[0] == "undecodable"
    assert len(sites.judged) == 1


def test_a_table_of_many_sites_is_read_whole(tmp_path: Path) -> None:
    rows = [row for i in range(300) for row in square_rows(f"s{i}", 110 * i - 16_000)]
    sites = read(write_csv(tmp_path, [NAMES, *rows]), **CRS)
    assert len(sites.judged) == 300
    assert sites.ids.tolist() == [f"s{i}" for i in range(300)]
    assert file_faults(sites) == ["axes_taken", "ring_closed"]
    assert "300 个地块情况相同，例如：1 圈界址点未重复起点" in wording(sites, "ring_closed")
