"""Sewers and sewage works among the projects of Table 2: rows 3 to 7."""

from __future__ import annotations

from wuchang import project_forms as form
from wuchang.project_ground import Demand, Near
from wuchang.project_sites import Project, Site

_WATER = "parcels=110"
_BUILD_UP = "development_boundary=集中建设区"
_IN_TOWN = Demand((_BUILD_UP, "townships:五常镇"))
_TOWN, _BUREAU = Near("seat:五常镇"), Near("seat:山河镇", 650, 750)

_SEWAGE_QUOTE = (
    "建设地点位于五常市背荫河镇、八家子乡、兴盛乡、民意乡、向阳镇、安家镇、杜家镇、长山乡、"
    "营城子满族乡、红旗满族乡、兴隆乡、民乐朝鲜族乡、冲河镇、卫国乡、小山子镇、沙河子镇、龙凤山镇，"
    "主要建设污水管线、污水处理站等设施。"
)
#: Villages (by township, counted from its seat) that get a station, in the order of the text.
#: 向阳镇 and 冲河镇: villages in windows of the red line; the others open ground or the plain.
_SEWAGE_VILLAGES = (
    ("背荫河镇", 0),
    ("八家子乡", 0),
    ("兴盛乡", 1),
    ("民意乡", 1),
    ("向阳镇", 6),
    ("安家镇", 1),
    ("杜家镇", 0),
    ("长山乡", 0),
    ("营城子满族乡", 0),
    ("红旗满族乡", 0),
    ("兴隆乡", 1),
    ("民乐朝鲜族乡", 0),
    ("冲河镇", 9),
    ("卫国乡", 0),
    ("小山子镇", 0),
    ("沙河子镇", 0),
    ("龙凤山镇", 5),
)


def _village_sewage() -> tuple[Site, ...]:
    """Place a treatment station in each of the 17 townships, then the sewers of all."""
    nears = [(town, Near(f"village:{town}:{number}")) for town, number in _SEWAGE_VILLAGES]
    stations = [
        Site(
            f"{town}污水处理站",
            "污水处理",
            form.Plots(900, (near,), Demand((f"townships:{town}", "parcels=0702"))),
            _SEWAGE_QUOTE,
            f"位于{town}演示村屯内",
        )
        for town, near in nears
    ]
    ways = tuple((f"P06-{n}", near) for n, (_, near) in enumerate(nears, start=1))
    pipes = Site(
        "污水管线", "污水管网", form.Sewers(ways), _SEWAGE_QUOTE, "沿十七个乡镇演示村屯", width_m=3
    )
    return (*stations, pipes)


_HAMLET_QUOTE = (
    "五常市大柜屯、大桥屯、新建屯、三人班屯、王家街屯、福太屯、四间房屯、亮甸子屯、大杨树屯"
    "新建粪污回收处理站点，并配套收集污水管网及收集池等设施。"
)
_DRY = Demand(clear_of=(_WATER,))
_SECOND = Demand(("water_sources=二级保护区",), (_WATER,))
#: Hamlets around the Mopanshan reservoir. The layers name no village: some lie in villages of
#: 沙河子镇, one in the class 1 zone, some in the class 2 zone.
_HAMLETS = (
    ("大柜屯", Near("village:沙河子镇:3"), _DRY),
    ("大桥屯", Near("village:沙河子镇:8"), _DRY),
    ("新建屯", Near("village:沙河子镇:5"), _DRY),
    ("三人班屯", Near("village:沙河子镇:12"), _DRY),
    ("王家街屯", Near("at:127.690:44.390"), Demand(("water_sources=一级保护区",), (_WATER,))),
    ("福太屯", Near("at:127.655:44.395"), _SECOND),
    ("四间房屯", Near("at:127.700:44.410"), _SECOND),
    ("亮甸子屯", Near("at:127.730:44.390"), _SECOND),
    ("大杨树屯", Near("village:沙河子镇:2"), _DRY),
)


def _hill_source() -> tuple[Site, ...]:
    """Place the manure centre at Lalin, a station for each hamlet, then their sewers."""
    centre = Site(
        "粪污处理中心",
        "粪污处理",
        form.Plots(
            12_000,
            (Near("village:拉林满族镇:3"),),
            Demand(("townships:拉林满族镇",), (_WATER, "parcels=0702"), ("basic_farmland",)),
        ),
        "新建粪污处理中心初步选址在五常市拉林满族镇民丰村。",
        "位于拉林满族镇演示村旁；生活污水治理与生活垃圾清理工程文本未给出范围，未单列",
    )
    stations = [
        Site(
            f"{hamlet}粪污回收处理站点",
            "粪污处理",
            form.Plots(600, (near,), demand),
            _HAMLET_QUOTE,
            "位于磨盘山水库水源地周边",
        )
        for hamlet, near, demand in _HAMLETS
    ]
    ways = tuple((f"P07-{n}", near) for n, (_, near, _) in enumerate(_HAMLETS, start=2))
    pipes = Site(
        "收集污水管网", "污水管网", form.Sewers(ways), _HAMLET_QUOTE, "沿各演示屯", width_m=3
    )
    return (centre, *stations, pipes)


_TOWN_PIPES = (
    "新建雨水管线134.90Km，管径d600-3300mm。雨水口连接管26.42Km，管径d300mm，八字出水口17座，"
    "2处雨水调蓄设施，2处下凹式绿地。污水管线134.72Km，管径d300-1000mm，污水提升泵站一座。"
)
_BUREAU_PIPES = (
    "新建管网7581.08米，新建DN300-DN800污水管线3582.88米，新建DN550-DN850雨水管线3998.2米。"
)


def _town_works(part: str, area_m2: float, kind: str, near: Near) -> Site:
    plots = form.Plots(area_m2, (near,), _IN_TOWN)
    return Site(part, kind, plots, _TOWN_PIPES, "位于五常镇集中建设区")


SEWAGE_PROJECTS = (
    Project(
        "五常市污水处理厂扩建项目",
        (
            Site(
                "",
                "污水处理厂",
                form.Plots(10_000, (Near("seat:五常镇", -1500, 1800),), _IN_TOWN),
                "占地1万平方米，建筑面积3800平方米。",
                "置于五常镇集中建设区西北部",
                placed=False,
                stated_m2=10_000,
            ),
        ),
    ),
    Project(
        "山河屯林业局有限公司驻地方污水管网雨污分流建设项目",
        (
            Site(
                "污水管线",
                "污水管网",
                form.Streets(3582.88, _BUILD_UP, _BUREAU, 800, 260, 24),
                _BUREAU_PIPES,
                "林业局驻地按山河镇，沿其街道",
                stated_m=3582.88,
                width_m=4,
            ),
            Site(
                "雨水管线",
                "雨水管网",
                form.Streets(3998.2, _BUILD_UP, _BUREAU, 800, 260, 24, offset_m=10),
                _BUREAU_PIPES,
                "林业局驻地按山河镇，沿其街道",
                stated_m=3998.2,
                width_m=4,
            ),
        ),
    ),
    Project(
        "五常市五常镇内涝治理雨水管网工程及污水管网工程项目",
        (
            Site(
                "雨水管线",
                "雨水管网",
                form.Streets(134_900, _BUILD_UP, _TOWN, 6000, 325, 17),
                _TOWN_PIPES,
                "沿五常镇街道；八字出水口17座未单列",
                stated_m=134_900,
                width_m=6,
            ),
            Site(
                "雨水口连接管",
                "雨水管网",
                form.SidePipes(26_420, "P05-1", 40),
                _TOWN_PIPES,
                "横跨五常镇街道",
                stated_m=26_420,
                width_m=1.5,
            ),
            Site(
                "污水管线",
                "污水管网",
                form.Streets(134_720, _BUILD_UP, _TOWN, 6000, 325, 17, offset_m=14),
                _TOWN_PIPES,
                "沿五常镇街道",
                stated_m=134_720,
                width_m=4,
            ),
            _town_works("雨水调蓄设施一", 4000, "内涝治理", Near("seat:五常镇", 1200, -900)),
            _town_works("雨水调蓄设施二", 4000, "内涝治理", Near("seat:五常镇", -900, -1300)),
            _town_works("下凹式绿地一", 6000, "内涝治理", Near("seat:五常镇", 600, 1100)),
            _town_works("下凹式绿地二", 6000, "内涝治理", Near("seat:五常镇", -700, 600)),
            _town_works("污水提升泵站", 1000, "污水处理", Near("seat:五常镇", -1300, 1300)),
        ),
    ),
    Project("五常市农村生活污水处理设施项目", _village_sewage()),
    Project("五常市磨盘山水源地生态环境保护修复治理项目", _hill_source()),
)
