"""Named places of the example: where they lie and how large they are meant to be.

Longitude and latitude are degrees (CGCS2000), areas hectares. Seats, reservoirs, zones and codes
are demonstration values; only names come from the plan's text.
"""

from __future__ import annotations

from typing import NamedTuple

COUNTY_CODE = "230184"
COUNTY_NAME = "五常市"
DEMONSTRATION = "演示数据：标定所得，不构成验证"
FOREST_BUREAU = "山河屯林业局施业区"
BARRIER = "张广才岭生态屏障"

LALIN = "拉林河"
MANGNIU = "牤牛河"

#: Targets printed in the plan's text; farmland in hectares net of field ridges.
RED_LINE_HA = 230_423.56
PROTECTED_HA = 97_065.60
BOUNDARY_HA = 5_102.16
CROPLAND_HA = 500.51 * 10_000 / 15
BASIC_FARMLAND_HA = 385.68 * 10_000 / 15
EXPANSION_MULTIPLE = 1.21


class Seat(NamedTuple):
    """A township and the place its territory grows around."""

    name: str
    code: str
    lon: float
    lat: float


class Town(NamedTuple):
    """A town with a piece of the development boundary of about `area_ha`."""

    name: str
    lon: float
    lat: float
    area_ha: float
    windows: int


class Reserve(NamedTuple):
    """A protected area: growing point, size, and the share that is core zone."""

    name: str
    level: str
    kind: str
    lon: float
    lat: float
    area_ha: float
    core_share: float


class Reservoir(NamedTuple):
    """A reservoir lying along a river, with the water source named after it."""

    source: str
    lon: float
    lat: float
    along_m: float
    across_m: float
    bearing_deg: float


SEATS = (
    Seat("五常镇", "230184100", 127.160, 44.928),
    Seat("拉林满族镇", "230184101", 126.85, 45.27),
    Seat("山河镇", "230184102", 127.32, 44.72),
    Seat("小山子镇", "230184103", 127.48, 44.62),
    Seat("安家镇", "230184104", 127.02, 45.10),
    Seat("牛家满族镇", "230184105", 126.75, 45.33),
    Seat("杜家镇", "230184106", 127.30, 45.03),
    Seat("背荫河镇", "230184107", 127.05, 45.02),
    Seat("冲河镇", "230184108", 127.85, 44.62),
    Seat("沙河子镇", "230184109", 127.68, 44.48),
    Seat("向阳镇", "230184110", 127.66, 44.68),
    Seat("龙凤山镇", "230184111", 127.52, 44.78),
    Seat("兴盛乡", "230184200", 127.20, 45.10),
    Seat("志广乡", "230184201", 127.40, 44.96),
    Seat("卫国乡", "230184202", 127.05, 44.79),
    Seat("常堡乡", "230184203", 127.30, 44.84),
    Seat("民意乡", "230184204", 127.11, 45.17),
    Seat("民乐朝鲜族乡", "230184205", 127.13, 44.83),
    Seat("红旗满族乡", "230184206", 126.98, 45.25),
    Seat("八家子乡", "230184207", 127.11, 44.66),
    Seat("营城子满族乡", "230184208", 126.88, 45.18),
    Seat("长山乡", "230184209", 127.44, 44.86),
    Seat("兴隆乡", "230184210", 127.12, 45.29),
    Seat("二河乡", "230184211", 127.60, 44.92),
)
FOREST_BUREAU_CODE = "230184500"

TOWNS = (
    Town("五常镇", 127.160, 44.928, 2860.0, 9),
    Town("牛家满族镇", 126.75, 45.33, 560.0, 2),
    Town("拉林满族镇", 126.85, 45.27, 520.0, 2),
    Town("山河镇", 127.32, 44.715, 470.0, 2),
    Town("安家镇", 127.02, 45.10, 230.0, 1),
    Town("小山子镇", 127.48, 44.635, 170.0, 0),
    Town("沙河子镇", 127.68, 44.48, 150.0, 0),
    Town("向阳镇", 127.665, 44.675, 142.16, 0),
)

RESERVES = (
    Reserve("黑龙江凤凰山国家森林公园", "国家级", "森林公园", 127.97, 44.17, 30_000.0, 0.0),
    Reserve("黑龙江大峡谷国家级自然保护区", "国家级", "自然保护区", 128.10, 44.44, 24_900.0, 0.45),
    Reserve("黑龙江八里湾国家森林公园", "国家级", "森林公园", 127.90, 44.77, 18_165.6, 0.0),
    Reserve("黑龙江龙凤国家森林公园", "国家级", "森林公园", 127.72, 44.79, 11_000.0, 0.0),
    Reserve(
        "黑龙江哈尔滨龙凤湖省级自然保护区", "省级", "自然保护区", 127.605, 44.745, 13_000.0, 0.4
    ),
)

RESERVOIRS = (
    Reservoir("磨盘山水库饮用水水源保护区", 127.690, 44.390, 4300.0, 1150.0, 4.0),
    Reservoir("龙凤山水库饮用水水源保护区", 127.600, 44.750, 3300.0, 900.0, 133.0),
)

#: The Mangniu from its springs in the south-east to the Lalin (its last point is put on it).
MANGNIU_COURSE = (
    (127.975, 44.578),
    (127.955, 44.590),
    (127.930, 44.590),
    (127.870, 44.610),
    (127.800, 44.640),
    (127.730, 44.655),
    (127.665, 44.695),
    (127.600, 44.750),
    (127.540, 44.795),
    (127.460, 44.815),
    (127.385, 44.835),
    (127.310, 44.855),
    (127.230, 44.865),
    (127.160, 44.875),
    (127.090, 44.888),
)

#: Side valleys that only shape the terrain.
SIDE_VALLEYS = (
    ((127.640, 44.450), (127.750, 44.460), (127.860, 44.470), (127.950, 44.490)),
    ((127.840, 44.270), (127.900, 44.300), (127.990, 44.320), (128.040, 44.370)),
    ((127.735, 44.655), (127.800, 44.700), (127.830, 44.760), (127.880, 44.830)),
    ((127.300, 44.857), (127.420, 44.920), (127.560, 44.950), (127.720, 44.930)),
    ((127.320, 44.720), (127.210, 44.690), (127.100, 44.630)),
    ((127.510, 44.800), (127.600, 44.850), (127.720, 44.860)),
    ((127.560, 44.520), (127.520, 44.450), (127.590, 44.330)),
    ((127.160, 44.960), (127.300, 45.020), (127.450, 45.080)),
)

ROADS = (
    (
        (126.620, 45.400),
        (126.750, 45.335),
        (126.850, 45.275),
        (127.020, 45.105),
        (127.100, 45.000),
        (127.170, 44.935),
        (127.240, 44.830),
        (127.325, 44.725),
        (127.420, 44.650),
        (127.490, 44.630),
        (127.580, 44.560),
        (127.670, 44.485),
    ),
    (
        (127.170, 44.935),
        (127.300, 44.880),
        (127.430, 44.840),
        (127.530, 44.775),
        (127.650, 44.670),
        (127.760, 44.635),
        (127.850, 44.615),
    ),
    ((127.170, 44.935), (127.300, 45.030), (127.420, 45.070)),
)
