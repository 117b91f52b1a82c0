"""What coordinates suggest, and what a stated CRS has against it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from pyproj import CRS
from small_layers import PLANE, ZONE_42

from spatialplan.crs import from_degrees
from spatialplan.diagnosis import Defect, diagnose_position, looks_shifted, suggest_crs
from spatialplan.diagnosis.gcj02 import shift_to_gcj02

# Twenty-five plots around Wuchang, longitude and latitude.
PLOTS = np.array(
    [
        shapely.box(lon, lat, lon + 0.01, lat + 0.01)
        for lon in np.linspace(126.9, 127.3, 5)
        for lat in np.linspace(44.6, 45.0, 5)
    ],
    dtype=object,
)
ZONE_42_BARE = CRS.from_epsg(4551)
MERCATOR = CRS.from_epsg(3857)


def in_crs(crs: CRS, shapes: Any = PLOTS) -> Any:
    return shapely.transform(shapes, lambda points: from_degrees(points, crs))


def swap(shapes: Any) -> Any:
    return shapely.transform(shapes, lambda points: points[:, ::-1])


def diagnose(shapes: Any, crs: CRS | None) -> list[Defect]:
    ids = np.array([f"P{row}" for row in range(len(shapes))], dtype=object)
    return diagnose_position(shapes, ids, crs, layer="layer")[1]


CASES = {
    "degrees": (PLOTS, CRS.from_epsg(4490), []),
    "zone": (in_crs(ZONE_42), ZONE_42, []),
    "no number": (in_crs(ZONE_42_BARE), ZONE_42_BARE, []),
    "unsaid": (in_crs(ZONE_42), None, ["crs_missing"]),
    "unsaid and swapped": (swap(in_crs(ZONE_42)), None, ["axes_swapped"]),
    "swapped metres": (swap(in_crs(ZONE_42)), ZONE_42, ["axes_swapped"]),
    "swapped degrees": (swap(PLOTS), CRS.from_epsg(4490), ["axes_swapped"]),
    "metres as degrees": (in_crs(ZONE_42), CRS.from_epsg(4490), ["metres_as_degrees"]),
    "degrees as metres": (PLOTS, ZONE_42, ["degrees_as_metres"]),
    "number missing": (in_crs(ZONE_42_BARE), ZONE_42, ["zone_missing"]),
    "number too many": (in_crs(ZONE_42), ZONE_42_BARE, ["zone_wrong"]),
    "another zone": (in_crs(CRS.from_epsg(4531)), ZONE_42, ["zone_wrong"]),
    "mercator": (in_crs(MERCATOR), MERCATOR, ["web_mercator"]),
    "mercator unsaid": (in_crs(MERCATOR), ZONE_42, ["mercator_unsaid"]),
}


@pytest.mark.parametrize("case", CASES)
def test_each_way_to_lie_is_told_apart(case: str) -> None:
    shapes, crs, rules = CASES[case]
    assert [one.rule_id for one in diagnose(shapes, crs)] == rules


def test_the_suggestion_names_the_code() -> None:
    bounds = shapely.bounds(in_crs(ZONE_42))
    assert suggest_crs(bounds).codes == (4530,)
    assert suggest_crs(shapely.bounds(PLOTS)).codes == (4490,)
    assert suggest_crs(shapely.bounds(in_crs(ZONE_42_BARE))).codes == ()
    turned = suggest_crs(shapely.bounds(swap(in_crs(ZONE_42))))
    assert (turned.swapped, turned.codes) == (True, (4530,))
    assert "EPSG:4530" in turned.message.text("zh")


def test_what_may_be_two_things_is_not_guessed() -> None:
    # 13,400,000 is Web Mercator at 120.4° and also the 13th zone of 6 degrees.
    doubtful = suggest_crs(np.array([[13_400_000.0, 4_800_000.0, 13_401_000.0, 4_801_000.0]]))
    assert (doubtful.form, doubtful.codes) == ("mercator_or_zone", (3857, 4491))


def test_a_part_far_away_is_found_and_a_corner_of_the_county_is_not() -> None:
    astray = np.append(PLOTS, shapely.box(129.9, 47.9, 130, 48))
    (found,) = diagnose(astray, CRS.from_epsg(4490))
    assert (found.rule_id, found.feature_ids) == ("far_away", ("P25",))
    near = np.append(PLOTS, shapely.box(127.5, 45.1, 127.6, 45.2))
    assert diagnose(near, CRS.from_epsg(4490)) == []


def test_reaching_over_the_zones_border_is_information() -> None:
    wide = np.append(PLOTS, shapely.box(127.6, 44.8, 127.7, 44.9))
    (found,) = diagnose(in_crs(ZONE_42, wide), ZONE_42)
    assert (found.rule_id, found.count, found.severity.value) == ("zone_border", 1, "info")


def test_a_shift_shows_itself_beside_the_region() -> None:
    region = shapely.segmentize(shapely.box(126.9, 44.6, 127.3, 45.0), 0.01)
    shifted = shapely.transform(region, shift_to_gcj02)
    elsewhere = shapely.segmentize(shapely.box(126.95, 44.65, 127.2, 44.9), 0.01)
    plain, moved, inner = (
        shapely.transform(shape, lambda points: PLANE.project(points, CRS.from_epsg(4490))).boundary
        for shape in (region, shifted, elsewhere)
    )
    assert looks_shifted(plain, plain, PLANE) is False
    assert looks_shifted(moved, plain, PLANE) is True
    assert looks_shifted(inner, plain, PLANE) is None
