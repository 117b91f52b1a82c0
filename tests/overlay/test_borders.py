"""Inside a large zone, across its cuts: told by lines of its outline, as the whole tells it."""

from __future__ import annotations

import numpy as np
import shapely

from spatialplan.overlay.borders import LINE_EDGES, index_borders
from spatialplan.overlay.meeting import MEETING, WITHIN
from spatialplan.overlay.zones import CutZones, cut_zones, meet_zones

from .shapes import box, ring_of

# A star of radius 100 with a hole of 30 at most, cut into many pieces.
STAR = ring_of(3_000)
HOLE = shapely.Polygon(STAR.interiors[0])


def relations(features: list[shapely.Geometry], zones: CutZones) -> list[list[int]]:
    """What each feature is to the pieces that it meets."""
    found = meet_zones(np.array(features, dtype=object), zones)
    return [found.relation[found.feature == row].tolist() for row in range(len(features))]


def test_a_feature_inside_a_zone_keeps_one_row() -> None:
    zones = cut_zones([STAR])
    ring = shapely.Point(0, 0).buffer(60) - shapely.Point(0, 0).buffer(40)
    assert relations([ring], zones) == [[WITHIN]]


def test_what_holds_a_hole_or_touches_the_outline_is_not_inside() -> None:
    zones = cut_zones([STAR])
    around = shapely.Point(0, 0).buffer(60)
    corner = STAR.exterior.coords[0]
    spike = shapely.Polygon([(0, 45), (-45, 0), corner, (45, 0)]) - shapely.Point(0, 0).buffer(40)
    both = shapely.MultiPolygon([box(40, -20, 60, 20), box(200, 0, 201, 1)])
    for found in relations([around, spike, both], zones):
        assert len(found) > 1
        assert set(found) <= {MEETING, WITHIN}


def test_it_is_told_as_the_whole_tells_it() -> None:
    rng = np.random.default_rng(3)
    middles, sizes = rng.uniform(-110, 110, (400, 2)), rng.uniform(5, 60, 400)
    features = [
        box(x - size, y - size, x + size, y + size)
        for (x, y), size in zip(middles, sizes, strict=True)
    ]
    inside = shapely.contains_properly(STAR, features)
    assert 5 < inside.sum() < 395
    told = [found == [WITHIN] for found in relations(features, cut_zones([STAR]))]
    np.testing.assert_array_equal(told, inside)


def test_lines_are_the_whole_outline_and_know_their_polygon() -> None:
    polygons = np.array([STAR, box(0, 0, 1, 1), HOLE])
    borders = index_borders(polygons)
    lines = borders.tree.geometries
    assert shapely.get_num_coordinates(lines).max() == LINE_EDGES + 1
    for row, polygon in enumerate(polygons):
        outline = shapely.line_merge(shapely.multilinestrings(lines[borders.owner == row]))
        assert shapely.equals(outline, shapely.boundary(polygon))
        np.testing.assert_allclose(outline.length, shapely.length(polygon), rtol=1e-12)


def test_the_outline_of_another_polygon_does_not_count() -> None:
    borders = index_borders(np.array([box(0, 0, 2, 2), box(5, 5, 6, 6)]))
    shapes = np.array([box(1, 1, 3, 3), box(1, 1, 3, 3), box(5, 5, 6, 6)])
    touched = borders.touch(shapes, np.array([0, 1, 1]))
    assert touched.tolist() == [True, False, True]
