"""Classes inside layers, zones and townships; what they indicate, and what they leave open."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from small_layers import EAST, NORTH, ZONE_42, make_layer, square
from small_rasters import LEGEND, cover_spec

from spatialplan.findings import Severity, Status
from spatialplan.landcover import (
    GroundCover,
    IndicatorFinding,
    LandCover,
    covered_layers,
    find_gaps,
    judge_indicator,
    judge_land_cover,
    not_evaluated_indicator,
)
from spatialplan.layers import CellWindow, Grid, Layer, RasterLayer, Source
from spatialplan.plan import CoverIndicator, LegendClass, OtherIndicator

CROPLAND, FOREST, WATER, NODATA = 1, 2, 3, 0
STEP = 10.0
# 40 x 40 cells of 10 m, and ten cells beyond the corner of the plain on every side.
GRID = Grid(ZONE_42, EAST - 100, NORTH + 500, STEP, STEP, 60, 60)
HA = 10_000.0
# A square metre of the zone's plane is so much ground here.
SCALE = 0.99975


@dataclass
class Raster:
    """Cells in memory, read as files are."""

    cells: NDArray[Any]
    reads: int = 0

    @property
    def layer(self) -> RasterLayer:
        source = Source("cover.tif", "GTiff", "1", "", "0" * 64, self.cells.size, "EPSG:4530")
        legend = tuple(LegendClass(**entry) for entry in LEGEND)
        return RasterLayer(cover_spec(), GRID, source, float(NODATA), legend)

    def read(
        self, *, bounds: tuple[float, float, float, float] | None = None, ring: int = 0
    ) -> Iterator[CellWindow]:
        assert bounds is not None
        self.reads += 1
        for row, column in itertools.product(range(0, 60, 20), repeat=2):
            top, left = max(row - ring, 0), max(column - ring, 0)
            values = self.cells[top : row + 20 + ring, left : column + 20 + ring]
            edges = (row - top, column - left, ring if row < 40 else 0, ring if column < 40 else 0)
            yield CellWindow(top, left, values, values != NODATA, edges)


def cells(*patches: tuple[int, float, float, float, float]) -> NDArray[np.uint8]:
    """Cropland everywhere, then patches: class, east, north, width, height in metres."""
    made = np.full((60, 60), CROPLAND, dtype=np.uint8)
    for value, east, north, width, height in patches:
        top, left = int((500 - north - height) / STEP), int((100 + east) / STEP)
        made[top : top + int(height / STEP), left : left + int(width / STEP)] = value
    return made


def county(**spec: Any) -> Layer:
    return make_layer([square(0, 0, 400)], id="county", title="县界", role="region", **spec)


def townships(west_m: float = 150) -> Layer:
    return make_layer(
        [square(0, 0, west_m, height_m=400), square(west_m, 0, 400 - west_m, height_m=400)],
        id="towns",
        title="乡镇",
        role="administrative_area",
        name_field="MC",
        columns={"MC": ["东乡", "西镇"]},
    )


def judge(raster: Raster, layers: Sequence[Layer], *, towns: Layer | None = None) -> LandCover:
    return judge_land_cover(raster.layer, layers, read=raster.read, townships=towns)


def hectares(ground: GroundCover) -> list[float]:
    """Classes, unknown, no value, outside: as if a square metre were one, 0.01 ha exact."""
    parts = [*ground.class_m2, ground.unknown_m2, ground.nodata_m2, ground.outside_m2]
    return [round(part / HA / SCALE, 3) for part in parts]


def test_squares_by_hand() -> None:
    """Of 16 ha of county 2 ha are forest and 1 ha is water."""
    cover = judge(Raster(cells((FOREST, 100, 100, 200, 100), (WATER, 0, 0, 100, 100))), [county()])
    (ground,) = cover.grounds
    assert (ground.layer, ground.zone, ground.township) == ("county", "", None)
    assert hectares(ground) == [13, 2, 1, 0, 0, 0]
    assert ground.share(ground.class_m2[1]) == pytest.approx(2 / 16, rel=1e-5)
    assert ground.area_m2 == pytest.approx(county().area_m2.sum(), rel=1e-12)


def test_townships_and_zones_add_up() -> None:
    line = make_layer(
        [square(50, 50, 100), square(150, 50, 100), square(250, 50, 100)],
        id="line",
        title="自然保护地",
        role="protected_area",
        zone_field="FQ",
        columns={"FQ": ["核心保护区", "一般控制区", ""]},
    )
    raster = Raster(cells((FOREST, 0, 0, 400, 100)))
    cover = judge(raster, [county(), line], towns=townships(west_m=200))
    keys = [(g.layer, g.zone, g.township) for g in cover.grounds]
    assert keys == [
        *[("county", "", None), ("county", "", "东乡"), ("county", "", "西镇")],
        *[("line", "", None), ("line", "", "东乡"), ("line", "", "西镇")],
        *[("line", "核心保护区", None), ("line", "核心保护区", "东乡")],
        *[("line", "一般控制区", None), ("line", "一般控制区", "东乡")],
        *[("line", "一般控制区", "西镇"), ("line", "—", None), ("line", "—", "西镇")],
    ]
    grounds = dict(zip(keys, cover.grounds, strict=True))
    assert hectares(grounds["line", "", None])[:2] == [1.5, 1.5]
    assert hectares(grounds["line", "一般控制区", "东乡"])[:2] == [0.25, 0.25]
    for ground in cover.grounds:
        assert sum(ground.class_m2) + ground.unobserved_m2 == pytest.approx(
            ground.area_m2, rel=1e-6
        )
    for layer in ("county", "line"):
        parts = [grounds[layer, "", town].class_m2 for town in ("东乡", "西镇")]
        np.testing.assert_allclose(np.sum(parts, axis=0), grounds[layer, "", None].class_m2)
    assert raster.reads == 1, "one walk over the raster, however many layers"


def test_ground_that_features_share_counts_once() -> None:
    twice = make_layer([square(0, 0, 200), square(100, 0, 200)], id="line", role="other")
    (ground,) = judge(Raster(cells((FOREST, 100, 0, 100, 200))), [twice]).grounds
    assert hectares(ground)[:2] == [4, 2]


def test_what_no_township_covers() -> None:
    part = make_layer(
        [square(0, 0, 150, height_m=400)],
        role="administrative_area",
        name_field="MC",
        columns={"MC": ["东乡"]},
    )
    cover = judge(Raster(cells()), [county()], towns=part)
    assert [ground.township for ground in cover.grounds] == [None, "东乡", ""]
    assert [hectares(ground)[0] for ground in cover.grounds] == [16, 6, 10]


def test_projection_noise_is_no_ground_outside_townships() -> None:
    """Towns that miss the border by a tenth of a millimetre leave no row of their own."""
    nearly = make_layer(
        [square(0, 0, 399.9999, height_m=400)],
        role="administrative_area",
        name_field="MC",
        columns={"MC": ["东乡"]},
    )
    cover = judge(Raster(cells()), [county()], towns=nearly)
    assert [ground.township for ground in cover.grounds] == [None, "东乡"]


def test_what_is_not_known_is_kept_apart() -> None:
    """1 ha without value, 2 ha of class 77, and a line 300 m beyond the raster."""
    raster = Raster(cells((NODATA, 0, 0, 100, 100), (77, 200, 200, 100, 200)))
    far = make_layer([square(400, 0, 400, height_m=100)], id="far", title="远线", role="other")
    cover = judge(raster, [county(), far])
    grounds = {ground.layer: ground for ground in cover.grounds}
    assert hectares(grounds["county"]) == [13, 0, 0, 2, 1, 0]
    assert hectares(grounds["far"]) == [1, 0, 0, 0, 0, 3]
    (strange,) = cover.unknown
    assert (strange.value, strange.cells) == (77, 200)
    assert strange.area_m2 / HA / SCALE == pytest.approx(2, abs=1e-3)
    titles = {"county": "县界", "far": "远线"}
    texts = [message.text("en") for message in find_gaps(cover, titles)]
    assert len(texts) == 2
    assert "200 cell(s), 2.00 ha" in texts[0]
    assert "77" in texts[0]
    assert "complete [legends]" in texts[0]
    assert "«县界» 3.00 ha (1.00 without value" in texts[1]
    assert "«远线» 3.00 ha (0.00 without value, 3.00 beyond the raster" in texts[1]
    assert all(message.text("zh") for message in find_gaps(cover, titles))


def test_a_raster_that_lies_elsewhere() -> None:
    far = make_layer([square(40_000, 0, 400)], id="far", title="远线", role="other")
    (message,) = find_gaps(judge(Raster(cells()), [far]), {"far": "远线"})
    assert "check its CRS and its extent" in message.text("en")


def test_which_layers_are_looked_into() -> None:
    kinds = ["ecological_red_line", "land_parcel", "administrative_area", "region"]
    layers = [make_layer([square(0, 0, 9)], id=role, role=role) for role in kinds]
    river = shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH)])
    layers += [make_layer([river], id="river", role="river", geometry="line")]
    layers += [make_layer([], id="empty", role="other")]
    found = [layer.spec.id for layer in covered_layers(layers)]
    assert found == ["ecological_red_line", "region"]


def demand(value: str = "10", *, direction: str = "at_least", **changes: Any) -> CoverIndicator:
    entry = {
        "id": "forest",
        "kind": "cover_share",
        "title": "森林覆盖率",
        "raster": "cover",
        "layer": "county",
        "counted": ["forest"],
        "direction": direction,
        "value": value,
        "year": 2025,
        "clause": "表1",
        **changes,
    }
    return CoverIndicator(**entry)


def indicate(spec: CoverIndicator, raster: Raster, layer: Layer | None = None) -> IndicatorFinding:
    ground = county() if layer is None else layer
    return judge_indicator(spec, judge(raster, [ground]), ground, read=raster.read)


def test_an_indicator_by_hand() -> None:
    """Forest of 20 x 10 cells in 40 x 40: 56 cells inside its border, 60 outside, half of 1.16 ha.

    (2 x 20 + 2 x 10 - 4 inside; 2 x 20 + 2 x 10 outside.)
    """
    found = indicate(demand(), Raster(cells((FOREST, 100, 100, 200, 100))))
    assert found.share == pytest.approx(2 / 16, rel=1e-5)
    assert found.border_m2 == pytest.approx(1.16 * HA * SCALE, rel=1e-4)
    assert found.low == pytest.approx((2 - 0.58) / 16, rel=1e-4)
    assert found.high == pytest.approx((2 + 0.58) / 16, rel=1e-4)
    assert found.ground_m2 == pytest.approx(county().area_m2.sum())
    assert found.counted == ("forest",)


@pytest.mark.parametrize(
    ("direction", "value", "indication"),
    [
        ("at_least", "8.8", "met"),
        ("at_least", "9.0", "within_uncertainty"),
        ("at_least", "16.0", "within_uncertainty"),
        ("at_least", "16.2", "not_met"),
        ("at_most", "16.2", "met"),
        ("at_most", "12.5", "within_uncertainty"),
        ("at_most", "8.8", "not_met"),
    ],
)
def test_indications_go_beyond_the_uncertainty(direction: str, value: str, indication: str) -> None:
    """Between 8.87 and 16.13 per cent; whatever is indicated, nothing is evaluated."""
    spec = demand(value, direction=direction)
    found = indicate(spec, Raster(cells((FOREST, 100, 100, 200, 100))))
    assert found.indication == indication
    assert found.status is Status.NOT_EVALUATED
    assert (found.severity is Severity.INFO) == (indication == "met")
    assert "only indicates" in found.message.text("en")
    assert "12.50 % of «县界» (16.00 ha), between 8.87 % and 16.1" in found.message.text("en")
    assert "不代替" in found.message.text("zh")


def test_ground_that_is_not_known_widens_the_bounds() -> None:
    """1 ha of 16 has no value: any share of it may be forest."""
    known = indicate(demand(), Raster(cells((FOREST, 100, 100, 200, 100))))
    raster = Raster(cells((FOREST, 100, 100, 200, 100), (NODATA, 0, 300, 100, 100)))
    found = indicate(demand(), raster)
    assert found.low == pytest.approx(known.low, rel=1e-6)
    assert found.high == pytest.approx(2.58 / 16 + 1 / 16, rel=1e-4)
    assert found.share == pytest.approx(2 / 15, rel=1e-5)


def test_the_true_share_lies_within_the_bounds() -> None:
    """A disc of forest, as cells of ten metres see it: each says what most of it is."""
    middle = shapely.Point(EAST + 200, NORTH + 200)
    for radius in (40.0, 75.5, 123.4):
        made = cells()
        disc = middle.buffer(radius, quad_segs=64)
        for row, column in np.ndindex(made.shape):
            cell = square(column * STEP - 100, 490 - row * STEP, STEP)
            made[row, column] = FOREST if disc.intersection(cell).area > 50 else CROPLAND
        found = indicate(demand(), Raster(made))
        assert found.low is not None
        assert found.high is not None
        assert found.low < disc.area / 160_000 < found.high


def test_no_indication_without_the_whole_ground_in_its_place() -> None:
    raster = Raster(cells((FOREST, 0, 0, 400, 400)))
    torn = shapely.Polygon(
        [(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)]
    )
    ragged = make_layer([square(0, 0, 400), torn], id="county", title="县界", role="region")
    assert ragged.set_aside == 1
    found = indicate(demand(), raster, ragged)
    assert (found.indication, found.share) == (None, pytest.approx(1.0))
    assert "set aside" in found.message.text("en")
    source = county().source
    doubtful = replace(source.placement, accepted=True, error_m=80.0)
    moved = replace(county(), source=replace(source, placement=doubtful))
    found = indicate(demand(), raster, moved)
    assert found.indication is None
    assert "80 m" in found.message.text("en")


def test_an_open_demand_is_measured() -> None:
    found = indicate(demand(""), Raster(cells((FOREST, 0, 0, 400, 100))))
    assert (found.printed, found.limit, found.indication) == (None, None, None)
    assert found.share == pytest.approx(0.25, rel=1e-5)


def test_no_figures_where_there_is_nothing_to_see() -> None:
    raster = Raster(cells((NODATA, -100, -100, 600, 600)))
    found = indicate(demand(), raster)
    assert (found.share, found.indication) == (None, None)
    assert "says nothing of this ground" in found.message.text("en")


def test_indicators_that_no_class_raster_can_judge() -> None:
    spec = OtherIndicator(
        id="grass",
        kind="not_from_land_cover",
        title="草原综合植被盖度",
        why="盖度是草地内植被的覆盖程度",
        direction="at_least",
        value="70",
        year=2025,
        clause="表1",
    )
    found = not_evaluated_indicator(spec)
    assert found.status is Status.NOT_EVALUATED
    assert found.share is None
    assert found.message.text("zh") == "地表覆盖无法判断：盖度是草地内植被的覆盖程度"


def test_no_layer_no_ground() -> None:
    raster = Raster(cells())
    assert judge(raster, []).grounds == ()
    assert raster.reads == 0
    (message,) = find_gaps(judge(raster, []), {})
    assert "no polygon layer" in message.text("en")
