"""Forests, fire protection and the park's restoration among the projects: rows 8 to 10."""

from __future__ import annotations

from wuchang import project_forms as form
from wuchang.project_ground import Demand, Near
from wuchang.project_sites import Project, Site

_WATER = "parcels=110"
_PARK = "protected_areas:黑龙江龙凤国家森林公园"

_WETLAND = "植物植被恢复，退耕还湿、退耕还草、退耕还林2000公顷，鸟类栖息地恢复300公顷。"
_BIRDS = "建管护站5处，500平方米，救护站2处，400平方米，监测塔2处、监测中心一处，1000平方米"
_FIRE_ROADS = (
    "改造防火道路358.21公里；新建瞭望塔台2座，新建瞭望塔房2个，新建瞭望塔路6公里，"
    "维修瞭望塔台5座，维修瞭望塔房11个，维修瞭望塔路9公里"
)
_FOREST = "三北退化林修复15万亩，封山育林10万亩。"

NATURE_PROJECTS = (
    Project(
        "三北防护林体系建设项目",
        (
            Site(
                "退化林修复",
                "退化林修复",
                form.PartOf(100_000_000, "parcels=03", Near("at:127.70:44.90"), 100),
                _FOREST,
                "置于张广才岭山前林区；15万亩合10000公顷",
                placed=False,
                stated_m2=100_000_000,
            ),
            Site(
                "封山育林",
                "封山育林",
                form.PartOf(1e9 / 15, "parcels=03", Near("at:127.82:44.30"), 100),
                _FOREST,
                "置于林业局施业区；10万亩合6666.6667公顷",
                placed=False,
                stated_m2=1e9 / 15,
            ),
        ),
    ),
    Project(
        "五常市2024年防火能力和防火基础设施建设项目",
        (
            Site(
                "新建瞭望塔台及塔房",
                "瞭望塔",
                form.Plots(
                    800,
                    (Near("at:128.10:44.44"), Near("at:127.97:44.17")),
                    Demand(("red_line", "protected_areas"), (_WATER,)),
                ),
                _FIRE_ROADS,
                "一处置于大峡谷国家级自然保护区，一处置于凤凰山国家森林公园",
                placed=False,
            ),
            Site(
                "新建瞭望塔路",
                "防火道路",
                form.Approaches(6000, "P09-1", 220),
                _FIRE_ROADS,
                "自塔台起",
                stated_m=6000,
                width_m=4,
            ),
            Site(
                "维修瞭望塔路",
                "防火道路",
                form.Course(
                    ((Near("at:127.84:44.30"), Near("at:127.98:44.34")),),
                    "townships:山河屯林业局施业区",
                    500,
                    200,
                    9000,
                ),
                _FIRE_ROADS,
                "置于林业局施业区",
                placed=False,
                stated_m=9000,
                width_m=4,
            ),
            Site(
                "改造防火道路",
                "防火道路",
                form.Course(
                    tuple(
                        (Near(f"at:{lon}:44.12"), Near(f"at:{lon + 0.04:.2f}:44.95"))
                        for lon in (127.62, 127.70, 127.78, 127.86, 127.94, 128.02, 128.08)
                    ),
                    "barrier",
                    2600,
                    400,
                    358_210,
                ),
                _FIRE_ROADS,
                "沿张广才岭林区；维修的塔台、塔房与采购的设备未单列",
                placed=False,
                stated_m=358_210,
                width_m=5,
            ),
        ),
    ),
    Project(
        "五常市龙凤国家森林公园生态系统保护、鸟类及野生动物保护项目",
        (
            Site(
                "退耕还湿、还草、还林",
                "生态修复",
                form.PartOf(20_000_000, _PARK, Near("at:127.66:44.78")),
                _WETLAND,
                "位于龙凤国家森林公园内",
                stated_m2=20_000_000,
            ),
            Site(
                "鸟类栖息地恢复",
                "生态修复",
                form.Plots(3_000_000, (Near("at:127.78:44.80"),), Demand((_PARK,)), lobed=True),
                _WETLAND,
                "位于龙凤国家森林公园内",
                stated_m2=3_000_000,
            ),
            Site(
                "管护站5处",
                "管护",
                form.Plots(
                    500,
                    (
                        Near("at:127.600:44.750"),
                        Near("at:127.66:44.79"),
                        Near("at:127.70:44.77"),
                        Near("at:127.74:44.80"),
                        Near("at:127.72:44.81"),
                    ),
                    Demand(("protected_areas",), (_WATER,)),
                ),
                _BIRDS,
                "位于龙凤国家森林公园及龙凤湖周边；文本未注明占地或建筑面积，按占地",
                stated_m2=500,
            ),
            Site(
                "救护站2处",
                "野生动物保护",
                form.Plots(
                    400,
                    (Near("at:127.69:44.80"), Near("at:127.75:44.78")),
                    Demand((_PARK,), (_WATER,)),
                ),
                _BIRDS,
                "位于龙凤国家森林公园内；文本未注明占地或建筑面积，按占地",
                stated_m2=400,
            ),
            Site(
                "监测塔2处",
                "监测",
                form.Plots(
                    200,
                    (Near("at:127.61:44.755"), Near("at:127.73:44.775")),
                    Demand(("protected_areas",), (_WATER,)),
                ),
                _BIRDS,
                "位于龙凤国家森林公园及龙凤湖周边",
            ),
            Site(
                "监测中心",
                "监测",
                form.Plots(1000, (Near("at:127.68:44.78"),), Demand((_PARK,), (_WATER,))),
                _BIRDS,
                "位于龙凤国家森林公园内；文本未注明占地或建筑面积，按占地",
                stated_m2=1000,
            ),
            Site(
                "防护围栏",
                "管护",
                form.Fence(20_000, ("P10-2", "P10-1")),
                "耕地补偿面积1200公顷，设置防护围栏20公里",
                "沿恢复区边界；耕地补偿面积1200公顷不占用土地，未单列",
                stated_m=20_000,
                width_m=1,
            ),
        ),
    ),
)
