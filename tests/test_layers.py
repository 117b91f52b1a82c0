"""The gate: what is refused, what is set aside, and that nothing goes missing silently."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from small_layers import EAST, NORTH, PLANE, ZONE_42, make_delivery, make_layer, square

from spatialplan import ellipsoidal_area
from spatialplan.errors import CrsError, SourceError
from spatialplan.layers import admit, degree_bounds, stated_crs

BOW_TIE = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])


def at_home(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: points + np.array([EAST, NORTH]))


def test_areas_are_official_and_ids_as_delivered() -> None:
    shapes = [square(0, 0, 1_000), square(2_000, 0, 500)]
    layer = make_layer(shapes, columns={"BSM": ["A1", "A2"]}, id_field="BSM")
    assert layer.ids.tolist() == ["A1", "A2"]
    assert layer.area_m2 == pytest.approx(ellipsoidal_area(shapes, 4530), rel=1e-12)
    assert layer.planar_m2.tolist() == [1_000_000, 250_000]
    assert layer.source.crs == "EPSG:4530"


def test_unsound_features_are_set_aside_with_id_reason_and_place() -> None:
    shapes = [
        square(0, 0, 100),
        at_home(BOW_TIE),
        None,
        shapely.Polygon(),
        at_home(shapely.Point(1, 1)),
    ]
    layer = make_layer(shapes, columns={"BSM": list("abcde")}, id_field="BSM")
    assert layer.ids.tolist() == ["a"]
    assert layer.set_aside == 4
    faults = {fault.rule_id: fault for fault in layer.faults}
    assert faults["invalid_geometry"].feature_ids == ("b",)
    assert "Self-intersection" in str(faults["invalid_geometry"].message)
    assert faults["invalid_geometry"].geometry is not None
    assert faults["empty_geometry"].feature_ids == ("c", "d")
    assert faults["wrong_kind"].feature_ids == ("e",)


def test_blank_and_repeated_ids_are_faults_but_stay() -> None:
    shapes = [square(i * 200, 0, 100) for i in range(4)]
    layer = make_layer(shapes, columns={"BSM": ["7", "7", None, " "]}, id_field="BSM")
    assert layer.ids.tolist() == ["7", "7", "#3", "#4"]
    assert {f.rule_id: f.feature_ids for f in layer.faults} == {
        "blank_id": ("#3", "#4"),
        "repeated_id": ("7",),
    }


def test_heights_are_dropped() -> None:
    flat, high = make_layer([square(0, 0, 100)]), shapely.force_3d([square(0, 0, 100)], 5.0)
    layer = make_layer(list(high))
    assert not shapely.has_z(layer.geometry).any()
    assert layer.area_m2 == pytest.approx(flat.area_m2)


@pytest.mark.parametrize(
    ("shape", "advice"),
    [
        (square(0, 0, 100), "The eastings carry zone number 42: EPSG:4530"),
        (shapely.box(127.0, 45.0, 127.1, 45.1), "look like degrees: EPSG:4490"),
        (shapely.box(600_000, 4_970_000, 600_100, 4_970_100), "without a zone number"),
    ],
)
def test_a_missing_crs_is_refused_with_a_hint(shape: shapely.Geometry, advice: str) -> None:
    with pytest.raises(CrsError, match=advice):
        stated_crs(make_delivery([shape], crs=None))


def test_a_crs_given_by_the_plan_fills_a_gap_but_never_overrules() -> None:
    silent, stating = (make_delivery([square(0, 0, 9)], crs=crs) for crs in (None, ZONE_42))
    given = silent.spec.model_copy(update={"crs": "EPSG:4530"})
    assert stated_crs(replace(silent, spec=given)) == ZONE_42
    other = stating.spec.model_copy(update={"crs": "EPSG:4531"})
    with pytest.raises(CrsError, match="the file states EPSG:4530, the plan EPSG:4531"):
        stated_crs(replace(stating, spec=other))


def test_coordinates_that_belie_their_crs_are_refused() -> None:
    with pytest.raises(CrsError, match=r"do not lie in China.*EPSG:4530"):
        make_layer([square(0, 0, 100)], crs=4490)
    swapped = shapely.box(45.0, 127.0, 45.1, 127.1)
    with pytest.raises(CrsError, match="do not lie in China"):
        make_layer([swapped], crs=4490)


@pytest.mark.parametrize(
    "stray",
    [
        shapely.box(0, 0, 9, 9),
        shapely.Polygon([(42_600_000, 4_980_000), (42_601_000, 4_980_000), (0, 0)]),
        shapely.box(600_000, 4_970_000, 600_500, 4_970_500),
    ],
)
def test_a_single_stray_does_not_cost_the_layer(stray: shapely.Polygon) -> None:
    delivery = make_delivery([square(0, 0, 100), square(200, 0, 100), stray])
    layer = admit(delivery, plane=PLANE, working_crs=ZONE_42)
    assert len(layer.frame) == 2
    assert [(fault.rule_id, fault.feature_ids) for fault in layer.faults] == [
        ("off_the_map", ("#3",))
    ]
    west, south, east, north = degree_bounds(delivery, ZONE_42)
    assert 127 < west < east < 127.5
    assert 44.5 < south < north < 45


def test_a_missing_field_lists_those_there_are() -> None:
    delivery = make_delivery([square(0, 0, 9)], columns={"BSM": ["1"], "MJ": [1.0]}, id_field="bsm")
    with pytest.raises(SourceError, match=r"field «bsm» \(id_field\).*fields: BSM, MJ"):
        admit(delivery, plane=PLANE, working_crs=ZONE_42)


def test_layers_of_three_crs_share_their_borders_to_less_than_a_millimetre() -> None:
    """The same square delivered in zone 42, zone 43 and degrees."""
    here = square(0, 0, 60)
    frame = make_delivery([here]).frame
    layers = [make_layer(frame.to_crs(crs).geometry, crs=crs) for crs in (4530, 4531, 4490)]
    first = layers[0].geometry[0]
    for other in layers[1:]:
        assert shapely.hausdorff_distance(first, other.geometry[0]) < 0.001


def test_inputs_are_not_changed() -> None:
    delivery = make_delivery([square(0, 0, 500)])
    before = shapely.to_wkb(delivery.frame.geometry.to_numpy())
    admit(delivery, plane=PLANE, working_crs=ZONE_42)
    assert np.array_equal(before, shapely.to_wkb(delivery.frame.geometry.to_numpy()))


def test_a_zone_label_that_the_eastings_belie_is_refused() -> None:
    with pytest.raises(CrsError, match=r"another zone number than EPSG:4531.*zone number 42"):
        make_layer([square(0, 0, 100)], crs=4531)


def test_nothing_usable_is_a_layer_without_features() -> None:
    assert len(make_layer([]).frame) == 0
    layer = make_layer([None, shapely.Polygon()])
    assert (len(layer.frame), layer.set_aside) == (0, 2)
    delivery = make_delivery([None])
    assert np.isnan(degree_bounds(delivery, ZONE_42)).all()


def test_coordinates_beyond_the_earth_are_set_aside() -> None:
    layer = make_layer([square(0, 0, 100), shapely.box(1e30, 0, 2e30, 9)])
    assert [fault.rule_id for fault in layer.faults] == ["infinite"]


def test_ids_stored_as_floats_keep_their_digits_or_say_so() -> None:
    shapes = [square(0, 0, 10), square(20, 0, 10), square(40, 0, 10)]
    short = make_layer(shapes, columns={"B": [101.0, 102.0, None]}, id_field="B")
    assert short.ids.tolist() == ["101", "102", "#3"]
    columns = {"B": [230184300000000521.0, 230184300000000999.0, None]}
    long = make_layer(shapes, columns=columns, id_field="B")
    assert "rounded_id" in {fault.rule_id for fault in long.faults}
