"""Polygons as arrays: nothing is lost on the way there and back, from objects or from bytes."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from spatialplan.errors import InvalidGeometryError
from spatialplan.outlines import (
    Outlines,
    draw_outlines,
    join_outlines,
    measure_outlines,
    measuring,
    read_wkb,
    trace_outlines,
)

SQUARE = shapely.box(0, 0, 4, 4)
RING = shapely.box(0, 0, 9, 9) - shapely.box(3, 3, 6, 6)
TWO = shapely.MultiPolygon([RING, shapely.box(20, 0, 21, 1)])
HIGH = shapely.force_3d(RING, 7.5)
SHAPES = [SQUARE, RING, TWO, HIGH, shapely.force_3d(TWO), None, shapely.Polygon()]

shapes = st.lists(st.sampled_from(SHAPES), max_size=6).map(lambda found: object_array(found))


def object_array(found: list[shapely.Geometry | None]) -> NDArray[np.object_]:
    array = np.empty(len(found), dtype=object)
    array[:] = found
    return array


def pack(texts: list[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    offsets = np.cumsum([0, *(len(text) for text in texts)]).astype(np.int64)
    return np.frombuffer(b"".join(texts), np.uint8), offsets


def require_same(outlines: Outlines, polygons: NDArray[np.object_]) -> None:
    """Compare with shapely's own parts and rings, feature by feature."""
    assert len(outlines) == len(polygons)
    drawn = draw_outlines(outlines)
    for found, wanted in zip(drawn, polygons, strict=True):
        flat = shapely.force_2d(wanted) if wanted is not None else shapely.Polygon()
        assert found.normalize().wkb == flat.normalize().wkb
        assert found.geom_type == flat.geom_type
    assert outlines.vertices.tolist() == shapely.get_num_coordinates(polygons).tolist()


@given(shapes)
def test_there_and_back(polygons: NDArray[np.object_]) -> None:
    require_same(trace_outlines(polygons), polygons)


@given(shapes, st.sampled_from(["iso", "extended"]), st.sampled_from([0, 1]))
def test_from_bytes(polygons: NDArray[np.object_], flavor: str, order: int) -> None:
    """Both dialects of Z, both byte orders."""
    texts = shapely.to_wkb(polygons, flavor=flavor, byte_order=order)
    require_same(read_wkb(*pack([text or b"" for text in texts])), polygons)


@given(shapes)
def test_from_bytes_without_numba(polygons: NDArray[np.object_]) -> None:
    texts = [text or b"" for text in shapely.to_wkb(polygons)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("spatialplan.outlines.wkb.has_compiler", lambda: False)
        require_same(read_wkb(*pack(texts)), polygons)


@given(shapes, st.integers(0, 6), st.integers(0, 6), st.booleans())
def test_measured_as_shapely_does(
    polygons: NDArray[np.object_], start: int, stop: int, compiled: bool
) -> None:
    far = np.array([42_500_000.0, 4_900_000.0])
    polygons = shapely.transform(polygons, lambda points: points + far)[start:stop]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(measuring, "MANY_VERTICES", 0 if compiled else 10**9)
        areas, boxes = measure_outlines(trace_outlines(polygons))
    np.testing.assert_allclose(areas, np.nan_to_num(shapely.area(polygons)), rtol=1e-14)
    np.testing.assert_array_equal(boxes, shapely.bounds(polygons))


@given(shapes, shapes, st.integers(0, 6), st.integers(0, 6))
def test_slices_join_again(
    first: NDArray[np.object_], second: NDArray[np.object_], start: int, stop: int
) -> None:
    both = np.concatenate([first, second])
    outlines = trace_outlines(both)
    require_same(outlines[start:stop], both[start:stop])
    cut = len(first)
    joined = join_outlines([outlines[:cut], outlines[cut:]])
    require_same(joined, both)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RING.wkb[:-3], "damaged"),
        (RING.wkb + b"\0", ""),
        (b"\1\3\0\0\0\xff\xff\xff\xff", "damaged"),
        (shapely.Point(1, 2).wkb, "Point"),
        (shapely.LineString([(0, 0), (1, 1)]).wkb, "LineString"),
        (b"nonsense", "damaged"),
    ],
    ids=["cut", "too long", "four billion rings", "point", "line", "nonsense"],
)
def test_what_is_no_polygon_is_refused_by_its_place(text: bytes, said: str) -> None:
    """Bytes after a polygon are ignored, as shapely does; all else is named."""
    packed = pack([SQUARE.wkb, text])
    if not said:
        require_same(read_wkb(*packed), object_array([SQUARE, RING]))
        return
    with pytest.raises(InvalidGeometryError) as raised:
        read_wkb(*packed)
    (fault,) = raised.value.faults
    assert fault.where == "geometries[1]"
    assert said in str(fault.message)
