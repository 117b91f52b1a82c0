"""Table 2 (重点工程项目) of the plan's text: 21 projects, and the sites that its words describe.

Names and quotations are as printed. Projects are numbered by their row, 1 to 21; the list numbers
of the published file start again in every group. The text gives no coordinates: every place is a
demonstration place that fits its words, and a size that the text does not print is assumed.
"""

from __future__ import annotations

from wuchang import project_forms as form
from wuchang.project_ground import Demand, Near
from wuchang.project_nature import NATURE_PROJECTS
from wuchang.project_sewage import SEWAGE_PROJECTS
from wuchang.project_sites import Project, Site

#: Lines that a site declared free must keep clear of.
_LINES = (
    "red_line",
    "basic_farmland",
    "development_boundary",
    "protected_areas",
    "water_sources",
    "rivers",
    "barrier",
)
_WATER = "parcels=110"
_BUILD_UP = "development_boundary=集中建设区"
_PARK = "protected_areas:黑龙江龙凤国家森林公园"
_LAKE = "water_sources:龙凤山水库饮用水水源保护区"


_RESORT = (
    "建设水上运动场，建设关东文化博物馆一座，建设关东文化标志性建筑10座，新建垃圾处理厂2处，"
    "分别位于龙凤湖上游（冲河镇）和龙凤湖下游（龙凤山镇），新建污水处理厂1处占地面积2万平方米，"
    "日处理污水20000吨。"
)
_RICE_TOWN = "建设内容包括稻米文化馆、文化园、美食街、度假村、自行车环道及田间火车。"
_IN_TOWN = Demand(("development_boundary=集中建设区", "townships:五常镇"))
_RICE_VILLAGE = "village:杜家镇:8"

PROJECTS = (
    Project(
        "生态环境损害责任追究制度体系建设",
        quote="针对性制定五常市相关责任追究办法",
        reason="制度建设类项目，无用地",
    ),
    Project(
        "自然资源资产负债表编制项目",
        quote="编制五常市自然资源资产负债表",
        reason="编制类项目，无用地",
    ),
    *SEWAGE_PROJECTS,
    *NATURE_PROJECTS,
    Project(
        "东小河子、古城河治理项目",
        (
            Site(
                "东小河子",
                "山水林田湖草沙",
                form.Course(
                    ((Near("seat:兴隆乡", -3290, 4100), Near("seat:兴隆乡", 2710, -5400)),),
                    "townships:兴隆乡",
                    450,
                ),
                "实施山水林田湖草沙一体化保护和修复工程（新建）。",
                "位于兴隆乡（责任单位），河道走向虚拟",
                width_m=30,
            ),
            Site(
                "古城河",
                "山水林田湖草沙",
                form.Course(
                    ((Near("seat:兴隆乡", -7000, 5500), Near("seat:兴隆乡", -5500, -900)),),
                    "townships:兴隆乡",
                    500,
                ),
                "实施山水林田湖草沙一体化保护和修复工程（新建）。",
                "位于兴隆乡（责任单位），河道走向虚拟",
                width_m=24,
            ),
        ),
    ),
    Project(
        "国家“城市矿产”示范基地升级改造项目",
        (
            Site(
                "",
                "城市矿产",
                form.Plots(
                    248_000,
                    (Near("seat:牛家满族镇"),),
                    Demand((_BUILD_UP, "townships:牛家满族镇")),
                ),
                "总占地面积24.8万平方米。",
                "置于牛家满族镇集中建设区",
                placed=False,
                stated_m2=248_000,
            ),
        ),
    ),
    Project(
        "五常市畜禽粪污资源化利用整县推进项目",
        quote="建设1个有机肥厂，5个市级处理中心，70个村级收集点，50个养殖场户粪污池。",
        reason="文本只给出数量，未给出位置与范围",
        kind="粪污资源化利用",
    ),
    Project(
        "五常市龙凤山水库繁育中心种业创新发展项目",
        (
            Site(
                "",
                "水产养殖",
                form.Plots(
                    30_000,
                    (Near("at:127.585:44.762"),),
                    Demand((), (_WATER,), ("water_sources=一级保护区", "water_sources=二级保护区")),
                ),
                "规模用地面积45亩。",
                "位于龙凤山水库岸边（水库渔场）；45亩合3公顷",
                stated_m2=30_000,
            ),
        ),
    ),
    Project(
        "五常市龙凤国家森林公园旅游建设项目",
        (
            Site(
                "水上运动场",
                "旅游设施",
                form.Plots(
                    26_000,
                    (Near("at:127.62:44.74"),),
                    Demand((_LAKE,), (), ("parcels=1103", "water_sources=一级保护区")),
                ),
                _RESORT,
                "位于龙凤湖（龙凤山水库）水面及岸边",
            ),
            Site(
                "关东文化博物馆",
                "旅游设施",
                form.Plots(12_000, (Near("at:127.70:44.79"),), Demand((_PARK,), (_WATER,))),
                _RESORT,
                "位于龙凤国家森林公园内",
            ),
            Site(
                "关东文化标志性建筑10座",
                "旅游设施",
                form.Plots(
                    4000,
                    tuple(
                        Near("at:127.70:44.79", 120.0 * (n % 5) - 240, 260.0 + 110.0 * (n // 5))
                        for n in range(10)
                    ),
                    Demand((_PARK,), (_WATER,)),
                ),
                _RESORT,
                "位于龙凤国家森林公园内",
            ),
            Site(
                "上游垃圾处理厂",
                "垃圾处理厂",
                form.Plots(
                    15_000,
                    (Near("seat:冲河镇", -3500, 4500),),
                    Demand(("townships:冲河镇",), (_WATER,), ("red_line",)),
                ),
                _RESORT,
                "位于龙凤湖上游（冲河镇）",
            ),
            Site(
                "下游垃圾处理厂",
                "垃圾处理厂",
                form.Plots(
                    12_000,
                    (Near("seat:龙凤山镇", -800, 1200),),
                    Demand(("townships:龙凤山镇",), (_WATER,), ("basic_farmland",)),
                ),
                _RESORT,
                "位于龙凤湖下游（龙凤山镇）",
            ),
            Site(
                "污水处理厂",
                "污水处理厂",
                form.Plots(
                    20_000,
                    (Near("seat:龙凤山镇", 600, 300),),
                    Demand(("townships:龙凤山镇",), (_WATER, *_LINES)),
                ),
                _RESORT,
                "置于龙凤湖下游（龙凤山镇），避开各控制线",
                placed=False,
                stated_m2=20_000,
            ),
        ),
    ),
    Project(
        "杜家镇半截河子村稻香小镇建设项目",
        (
            Site(
                "稻米文化馆、美食街",
                "旅游设施",
                form.Plots(
                    9000,
                    (Near(_RICE_VILLAGE),),
                    Demand(("townships:杜家镇", "parcels=0702"), _LINES),
                ),
                _RICE_TOWN,
                "位于杜家镇演示村（半截河子村）",
            ),
            Site(
                "文化园、度假村",
                "旅游设施",
                form.Plots(
                    32_000,
                    (Near(_RICE_VILLAGE, 150, 150),),
                    Demand(("townships:杜家镇",), (_WATER,), ("basic_farmland",)),
                ),
                _RICE_TOWN,
                "位于杜家镇演示村旁（半截河子村）",
            ),
            Site(
                "自行车环道",
                "旅游设施",
                form.Loop(Near(_RICE_VILLAGE), 650),
                _RICE_TOWN,
                "环绕杜家镇演示村（半截河子村）",
                width_m=4,
            ),
            Site(
                "田间火车",
                "旅游设施",
                form.Loop(Near(_RICE_VILLAGE, 100, -50), 430, open_share=0.3),
                _RICE_TOWN,
                "穿行杜家镇演示村稻田（半截河子村）",
                width_m=3,
            ),
        ),
    ),
    Project(
        "公众对生态文明建设的满意度和参与度调查项目",
        quote="每年开展公众对生态文明建设的满意度和参与度调查",
        reason="调查类项目，无用地",
    ),
    Project(
        "生态文明宣传教育能力提升项目",
        quote="以生态环境为主题宣传重点",
        reason="宣传类项目，无用地",
    ),
    Project(
        "哈尔滨市五常市福熙荟文创展示中心项目",
        (
            Site(
                "",
                "文化中心",
                form.Plots(80_000, (Near("seat:五常镇", 1800, 700),), _IN_TOWN),
                "规划占地面积8万平方米，建筑面积4万平方米",
                "置于五常镇集中建设区",
                placed=False,
                stated_m2=80_000,
            ),
        ),
    ),
    Project(
        "五常市生态文明建设示范区规划编制项目",
        quote="编制《五常市生态文明建设示范区规划》",
        reason="规划编制类项目，无用地",
    ),
    Project(
        "企事业单位环境信息公开平台建设项目",
        quote="建设五常市企事业单位环境信息公开平台",
        reason="信息平台类项目，文本未涉及用地",
    ),
)
