"""The plan's own projects (layers/projects) against the words and figures of the plan's Table 2."""

from __future__ import annotations

import csv
import tomllib
from collections import Counter
from datetime import date
from itertools import groupby
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from pyproj import Geod

import spatialplan
from spatialplan.rulebook import read_rulebook

NAMES = (
    "生态环境损害责任追究制度体系建设",
    "自然资源资产负债表编制项目",
    "五常市污水处理厂扩建项目",
    "山河屯林业局有限公司驻地方污水管网雨污分流建设项目",
    "五常市五常镇内涝治理雨水管网工程及污水管网工程项目",
    "五常市农村生活污水处理设施项目",
    "五常市磨盘山水源地生态环境保护修复治理项目",
    "三北防护林体系建设项目",
    "五常市2024年防火能力和防火基础设施建设项目",
    "五常市龙凤国家森林公园生态系统保护、鸟类及野生动物保护项目",
    "东小河子、古城河治理项目",
    "国家“城市矿产”示范基地升级改造项目",
    "五常市畜禽粪污资源化利用整县推进项目",
    "五常市龙凤山水库繁育中心种业创新发展项目",
    "五常市龙凤国家森林公园旅游建设项目",
    "杜家镇半截河子村稻香小镇建设项目",
    "公众对生态文明建设的满意度和参与度调查项目",
    "生态文明宣传教育能力提升项目",
    "哈尔滨市五常市福熙荟文创展示中心项目",
    "五常市生态文明建设示范区规划编制项目",
    "企事业单位环境信息公开平台建设项目",
)
MU = 10_000 / 15
STATED_M2 = {
    "P03": 10_000,
    "P08-1": 150_000 * MU,
    "P08-2": 100_000 * MU,
    "P10-1": 2000 * 10_000,
    "P10-2": 300 * 10_000,
    "P10-3": 500,
    "P10-4": 400,
    "P10-6": 1000,
    "P12": 248_000,
    "P14": 45 * MU,
    "P15-6": 20_000,
    "P19": 80_000,
}
STATED_M = {
    "P04-1": 3582.88,
    "P04-2": 3998.2,
    "P05-1": 134_900,
    "P05-2": 26_420,
    "P05-3": 134_720,
    "P09-2": 6000,
    "P09-3": 9000,
    "P09-4": 358_210,
    "P10-7": 20_000,
}
PARTS = {"P10-3": 5, "P10-4": 2, "P10-5": 2, "P15-3": 10}
SEWAGE_TOWNSHIPS = (
    "背荫河镇",
    "八家子乡",
    "兴盛乡",
    "民意乡",
    "向阳镇",
    "安家镇",
    "杜家镇",
    "长山乡",
    "营城子满族乡",
    "红旗满族乡",
    "兴隆乡",
    "民乐朝鲜族乡",
    "冲河镇",
    "卫国乡",
    "小山子镇",
    "沙河子镇",
    "龙凤山镇",
)
TOWNSHIPS = {
    **{f"P06-{n}": name for n, name in enumerate(SEWAGE_TOWNSHIPS, start=1)},
    **{f"P05-{n}": "五常镇" for n in range(1, 9)},
    "P07-1": "拉林满族镇",
    "P11-1": "兴隆乡",
    "P11-2": "兴隆乡",
    "P15-4": "冲河镇",
    "P15-5": "龙凤山镇",
    **{f"P16-{n}": "杜家镇" for n in range(1, 5)},
}
PARK = "黑龙江龙凤国家森林公园"
WITHOUT_LAND = {"P01", "P02", "P13", "P17", "P18", "P20", "P21"}
AREA = "面积（公顷）"


@pytest.fixture(scope="module")
def folder(layers_folder: Path) -> Path:
    return layers_folder / "projects"


@pytest.fixture(scope="module")
def sites(folder: Path) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(folder / "projects.gpkg").set_index("项目编号", drop=False)


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, dict]:
    entries = tomllib.loads((folder / "expected.toml").read_text("utf-8"))["site"]
    return {entry["id"]: entry for entry in entries}


def _polygons(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return sites[sites.geom_type.isin(["Polygon", "MultiPolygon"])]


def _lines(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return sites[sites.geom_type == "MultiLineString"]


def _touched(entry: dict) -> set[str]:
    return {touch["layer"] for touch in entry["touches"]} | {
        f"{touch['layer']}={touch['zone']}" for touch in entry["touches"]
    }


def _read(layers_folder: Path, path: str, table: str | None = None) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(layers_folder / path, layer=table).to_crs(4530)


def test_all_21_projects_stand_in_the_tables_order_under_their_printed_names(sites):
    numbers = [number.split("-")[0] for number in sites["项目编号"]]
    assert [number for number, _ in groupby(numbers)] == [f"P{n:02d}" for n in range(1, 22)]
    for number, name in zip(numbers, sites["项目名称"], strict=True):
        printed = NAMES[int(number[1:]) - 1]
        assert name == printed or (name.startswith(f"{printed}（") and name.endswith("）"))


def test_numbers_and_names_are_unique_and_several_sites_are_counted_from_1(sites):
    assert sites["项目编号"].is_unique
    assert sites["项目名称"].is_unique
    for project, members in sites.groupby(sites["项目编号"].str[:3]):
        wanted = [project]
        if len(members) > 1:
            wanted = [f"{project}-{n}" for n in range(1, len(members) + 1)]
        assert list(members["项目编号"]) == wanted


def test_exactly_the_projects_without_land_have_no_geometry_and_say_why(sites, expected):
    missing = sites[sites.geometry.isna()]
    assert set(missing.index) == WITHOUT_LAND
    assert missing["备注"].str.contains("无图形：.{4,}").all()
    assert {number for number, entry in expected.items() if "reason" in entry} == WITHOUT_LAND
    assert missing.loc["P13", "备注"].endswith("未给出位置与范围")


def test_everything_is_marked_as_demonstration(sites):
    assert (sites["演示"] == 1).all()
    assert sites["备注"].str.startswith("演示").all()


def test_every_row_quotes_its_row_of_the_table(sites):
    for number, clause in sites["依据"].items():
        assert clause.startswith(f"表2 序号{int(number[1:3])}：“")
        assert clause.endswith("”")


def test_stated_areas_are_met_to_a_square_metre(sites):
    stated = sites[AREA].dropna()
    assert set(stated.index) == set(STATED_M2)
    areas = spatialplan.ellipsoidal_area(sites.geometry[stated.index].to_numpy(), "EPSG:4530")
    for number, area in zip(stated.index, areas, strict=True):
        assert area == pytest.approx(STATED_M2[number], abs=1.0)
        assert stated[number] == pytest.approx(STATED_M2[number] / 10_000, abs=5e-5)


def test_stated_lengths_are_met_to_a_centimetre_and_every_line_has_a_width(sites):
    lines = _lines(sites)
    degrees = lines.geometry.to_crs(4490)
    geod = Geod(a=6_378_137, rf=298.257222101)
    assert set(sites["长度"].dropna().index) == set(STATED_M)
    for number, length_m in STATED_M.items():
        assert sites.loc[number, "长度"] == length_m
        assert geod.geometry_length(degrees[number]) == pytest.approx(length_m, abs=0.01)
    assert set(sites["宽度"].dropna().index) == set(lines.index)
    assert (lines["宽度"] > 0).all()


def test_a_size_that_the_text_does_not_print_is_said_to_be_assumed(sites):
    made_up = _polygons(sites)[AREA].isna()
    remarks = _polygons(sites)["备注"]
    assert remarks[made_up].str.contains("文本未给出面积，系演示假定").all()
    assert not remarks[~made_up].str.contains("假定").any()
    assert _lines(sites)["备注"].str.contains("宽度，系演示假定").all()


def test_shapes_are_valid_plots_on_the_millimetre_in_the_working_system(sites):
    shapes = sites.geometry.dropna()
    points = shapely.get_coordinates(shapes.to_numpy())
    assert sites.crs.to_epsg() == 4530
    assert shapes.is_valid.all()
    assert abs(points * 1000 - (points * 1000).round()).max() < 1e-4
    assert Counter(_polygons(sites).geom_type)["MultiPolygon"] >= len(PARTS)
    for number, parts in PARTS.items():
        assert shapely.get_num_geometries(sites.geometry[number]) == parts


def test_sites_lie_in_the_townships_that_the_text_names(sites, expected, layers_folder):
    units = _read(layers_folder, "basis.gpkg", "XZJXZQ").set_index("XZQMC").geometry
    for number, township in TOWNSHIPS.items():
        assert units[township].covers(sites.geometry[number])
        assert expected[number]["townships"] == [township]
    named = sites.geometry[[f"P06-{n}" for n in range(1, 18)]]
    assert all(
        township in sites.loc[number, "项目名称"]
        for number, township in zip(named.index, SEWAGE_TOWNSHIPS, strict=True)
    )


def test_park_projects_lie_in_the_park_and_the_waste_plants_above_and_below_the_lake(
    sites, layers_folder
):
    areas = _read(layers_folder, "ZRBHD/ZRBHD.shp")
    park = areas[areas["ZRBHDMC"] == PARK].geometry.union_all()
    for number in ("P10-1", "P10-2", "P10-4", "P10-6", "P15-2", "P15-3"):
        assert park.covers(sites.geometry[number])
    sources = _read(layers_folder, "YYSSYD/YYSSYD.shp")
    lake = sources[sources["SYDMC"].str.startswith("龙凤山")].geometry.union_all()
    rivers = _read(layers_folder, "basis.gpkg", "HL").set_index("MC").geometry
    above, middle, below = (
        rivers["牤牛河"].project(shape.centroid)
        for shape in (sites.geometry["P15-4"], lake, sites.geometry["P15-5"])
    )
    assert above < middle < below  # the river is drawn from its springs
    assert lake.intersects(sites.geometry["P14"])
    assert lake.covers(sites.geometry["P15-1"])


def test_fence_follows_the_restored_ground(sites):
    outline = shapely.boundary(
        shapely.union_all([sites.geometry["P10-1"], sites.geometry["P10-2"]])
    )
    assert outline.buffer(0.01).covers(sites.geometry["P10-7"])


def test_the_cases_that_a_screening_has_to_tell_apart_all_occur(expected):
    entries = {number: entry for number, entry in expected.items() if "touches" in entry}
    found = set().union(*map(_touched, entries.values()))
    assert found >= {
        "red_line",
        "basic_farmland",
        "protected_areas=核心保护区",
        "protected_areas=一般控制区",
        "water_sources=一级保护区",
        "water_sources=二级保护区",
        "development_boundary=集中建设区",
        "rivers",
        "barrier",
    }
    clear = {n for n, entry in entries.items() if not entry["touches"] and not entry["windows"]}
    assert "P15-6" in clear
    assert any("red_line" in entry["windows"] for entry in entries.values())
    for number in ("P03", "P12", "P19", "P05-4"):
        assert "development_boundary=集中建设区" in _touched(entries[number])


def test_expected_overlaps_are_no_slivers_and_fit_into_their_sites(sites, expected):
    for number, entry in expected.items():
        for touch in entry.get("touches", []):
            shape = sites.geometry[number]
            if shape.geom_type == "MultiLineString":
                shape = shape.buffer(sites.loc[number, "宽度"] / 2)
            assert 10 < touch["area_m2"] < shape.area * 1.001


def test_expected_red_line_and_farmland_agree_with_a_plain_intersection(
    sites, expected, layers_folder
):
    for layer, path, table in (
        ("red_line", "STBHHX/STBHHX.shp", None),
        ("basic_farmland", "parcels.gdb.zip", "YJJBNTTB"),
    ):
        shapes = _read(layers_folder, path, table).geometry.to_numpy()
        tree = shapely.STRtree(shapes)
        for number, shape in _polygons(sites).geometry.items():
            near = shapes[tree.query(shape, predicate="intersects")]
            area = shapely.intersection(shapely.union_all(near), shape).area if len(near) else 0.0
            listed = [t["area_m2"] for t in expected[number]["touches"] if t["layer"] == layer]
            # The zone's plane is at most 0.1 % larger than the ellipsoid here.
            assert area == pytest.approx(sum(listed), rel=1.5e-3, abs=0.05)


def test_the_rulebook_knows_every_kind_of_project(sites):
    rulebook = read_rulebook(day=date(2026, 11, 23))
    unknown = [kind for kind in sites["项目类型"].unique() if rulebook.find_kind(kind) is None]
    assert unknown == []


def test_boundary_point_file_holds_two_of_the_plots(sites, folder):
    lines = (folder / "plots.txt").read_bytes().decode("gbk").splitlines()
    header = dict(line.split("=", 1) for line in lines if "=" in line)
    assert (header["带号"], header["几度分带"]) == ("42", "3")
    assert "演示" in header["数据产生单位"]
    plots: dict[str, list[list[str]]] = {}
    for line in lines[lines.index("[地块坐标]") + 1 :]:
        if line.endswith("@"):
            count, area, number = line.split(",")[:3]
            plots[number] = []
            assert float(area) == sites.loc[number, AREA]
            announced = int(count)
        else:
            plots[number].append(line.split(","))
            assert len(plots[number]) <= announced
    assert list(plots) == ["P03", "P14"]
    for number, points in plots.items():
        outline = shapely.Polygon([(float(east), float(north)) for *_, north, east in points])
        assert outline.equals(sites.geometry[number])


def test_table_of_boundary_points_holds_one_of_the_plots(sites, folder):
    with (folder / "points.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    outline = shapely.Polygon([(float(row["东坐标"]), float(row["北坐标"])) for row in rows])
    assert {row["项目编号"] for row in rows} == {"P19"}
    assert {row["项目名称"] for row in rows} == {NAMES[18]}
    assert outline.equals(sites.geometry["P19"])


def test_files_are_small(folder):
    assert sum(path.stat().st_size for path in folder.iterdir()) < 300_000
